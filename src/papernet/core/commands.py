"""The inbound vocabulary: everything that can change the exchange's state, and nothing else.

A command is complete: whatever is not deterministic (time, keys, draws of the simulator) was settled before it was made and is
a field of it. Prices, quantities and amounts are units of 10^-8, times are microseconds UTC. Commands are journaled as arrays,
so fields are only ever appended, with a default.
"""

from msgspec import Struct

from papernet.core.enums import (
    AccountKind,
    CancelRestriction,
    KeyType,
    OrderType,
    Permission,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)


class NewOrder(Struct, frozen=True, array_like=True, tag="O", gc=False):
    """Place an order. Absent numbers are 0; an empty `client_order_id` is derived from the entry's sequence number."""

    account: int
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity: int
    price: int = 0
    quote_quantity: int = 0
    client_order_id: str = ""
    strategy_id: int | None = None
    strategy_type: int | None = None
    self_trade_mode: SelfTradeMode = SelfTradeMode.NONE


class CancelOrder(Struct, frozen=True, array_like=True, tag="C", gc=False):
    """Cancel one order by `order_id` (-1: absent), by `orig_client_order_id` ("": absent), or by both, which must agree."""

    account: int
    symbol: str
    order_id: int
    orig_client_order_id: str = ""
    client_order_id: str = ""
    restriction: CancelRestriction = CancelRestriction.NONE


class CancelOpenOrders(Struct, frozen=True, array_like=True, tag="CA", gc=False):
    """Cancel every open order of an account on a symbol."""

    account: int
    symbol: str
    client_order_id: str = ""


class ListSymbol(Struct, frozen=True, array_like=True, tag="LS"):
    """Add a symbol to the venue; `spec` is a `papernet.venues.spot.symbols.Symbol` as plain builtins."""

    spec: dict[str, object]


class SetSymbolStatus(Struct, frozen=True, array_like=True, tag="SS"):
    """Change a symbol's trading status."""

    symbol: str
    status: SymbolStatus


class OpenAccount(Struct, frozen=True, array_like=True, tag="OA"):
    """Open an account with `balances` ((asset, amount), ...). `uid` is what the account query shows and must be unused."""

    name: str
    uid: int
    kind: AccountKind
    balances: tuple[tuple[str, int], ...] = ()


class Deposit(Struct, frozen=True, array_like=True, tag="D"):
    """Add `amount` (may be negative: a withdrawal from the free balance) of an asset to an account."""

    account: int
    asset: str
    amount: int


class SetCommission(Struct, frozen=True, array_like=True, tag="SC"):
    """Set an account's commission rates, units of 10^-8 of the amount received (100_000 is 0.1 %)."""

    account: int
    maker: int
    taker: int
    buyer: int = 0
    seller: int = 0


class RegisterKey(Struct, frozen=True, array_like=True, tag="RK"):
    """Give an account an API key. `secret` is the HMAC secret, or the public key as PEM for RSA and Ed25519."""

    account: int
    api_key: str
    key_type: KeyType
    secret: str
    permissions: tuple[Permission, ...]
    ip_list: tuple[str, ...] = ()
    label: str = ""


class RevokeKey(Struct, frozen=True, array_like=True, tag="XK"):
    """Take an API key away."""

    api_key: str


class SetLimits(Struct, frozen=True, array_like=True, tag="SL"):
    """Switch the unfilled-order-count limits on or off for the whole venue."""

    enabled: bool


class SeedCandles(Struct, frozen=True, array_like=True, tag="SD"):
    """Give a symbol a past: closed one-minute candles, oldest first, and the last price they end at.

    Each row is (open_at, open, high, low, close, quantity, quote, trade count, taker-buy quantity, taker-buy quote).
    Trade ids are counted up from where the symbol's stand.
    """

    symbol: str
    rows: tuple[tuple[int, int, int, int, int, int, int, int, int, int], ...]


class Reset(Struct, frozen=True, array_like=True, tag="R"):
    """Start over: orders, trades and balances go, accounts get `balances` anew, API keys stay, the epoch grows by one."""

    balances: tuple[tuple[str, int], ...]
    crowd_balances: tuple[tuple[str, int], ...] = ()


Command = (
    NewOrder
    | CancelOrder
    | CancelOpenOrders
    | ListSymbol
    | SetSymbolStatus
    | OpenAccount
    | Deposit
    | SetCommission
    | RegisterKey
    | RevokeKey
    | SetLimits
    | SeedCandles
    | Reset
)


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """One journaled step: the `seq`-th command, applied at `at` microseconds UTC (never before its predecessor)."""

    seq: int
    at: int
    command: Command
