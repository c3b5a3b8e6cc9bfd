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
    ListKind,
    OrderType,
    PegPrice,
    Permission,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)


class NewOrder(Struct, frozen=True, array_like=True, tag="O", gc=False):
    """Place an order. Absent numbers are 0; an empty `client_order_id` is derived from the entry's sequence number.

    `self_trade_mode` None is the symbol's default. `trailing_delta` is in basis points. `peg_offset` counts price levels from
    the best one, None when it was not asked for.
    """

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
    self_trade_mode: SelfTradeMode | None = SelfTradeMode.NONE
    stop_price: int = 0
    trailing_delta: int = 0
    iceberg_quantity: int = 0
    peg_price: PegPrice = PegPrice.NONE
    peg_offset: int | None = None
    uses_sor: bool = False


class NewOrderList(Struct, frozen=True, array_like=True, tag="OL", gc=False):
    """Place an order list.

    `legs` are of the command's account and symbol. An OCO has its pair: the stop leg, then the other one; the other kinds have
    the working order first, then the pending order or the pending pair. The pending orders of OPO and OPOCO come with
    quantity 0: the working order pays for them.
    """

    account: int
    symbol: str
    kind: ListKind
    legs: tuple[NewOrder, ...]
    list_client_order_id: str = ""


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


class CancelOrderList(Struct, frozen=True, array_like=True, tag="CL", gc=False):
    """Cancel an order list by `order_list_id` (-1: absent), by `list_client_order_id` ("": absent), or both."""

    account: int
    symbol: str
    order_list_id: int
    list_client_order_id: str = ""
    client_order_id: str = ""


class ReplaceOrder(Struct, frozen=True, array_like=True, tag="RO", gc=False):
    """Cancel an order and place another one on its symbol (rest-api.md, Cancel an Existing Order and Send a New Order).

    With `stops_on_failure` nothing is placed when the cancel fails. With `cancels_when_exceeded` the cancel is tried even when
    the account may not place one more order now.
    """

    cancel: CancelOrder
    order: NewOrder
    stops_on_failure: bool
    cancels_when_exceeded: bool = False


class AmendOrder(Struct, frozen=True, array_like=True, tag="AM", gc=False):
    """Lower an order's quantity to `quantity`, keeping its place in the queue; the ids name it as in `CancelOrder`.

    `client_order_id` is the order's new one, derived when empty.
    """

    account: int
    symbol: str
    order_id: int
    quantity: int
    orig_client_order_id: str = ""
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


class LockBalance(Struct, frozen=True, array_like=True, tag="LB"):
    """Lock `amount` of what an account has free from outside, as margin would; negative: unlock what was locked so."""

    account: int
    asset: str
    amount: int


class SetCommission(Struct, frozen=True, array_like=True, tag="SC"):
    """Set an account's commission rates, units of 10^-8 of the amount received (100_000 is 0.1 %).

    They are for one `symbol`, or for every symbol that has none of its own when it is empty. `special` and `tax` are
    (maker, taker, buyer, seller) like the standard rates before them.
    """

    account: int
    maker: int
    taker: int
    buyer: int = 0
    seller: int = 0
    symbol: str = ""
    special: tuple[int, int, int, int] = (0, 0, 0, 0)
    tax: tuple[int, int, int, int] = (0, 0, 0, 0)


class ConfigureAccount(Struct, frozen=True, array_like=True, tag="CO"):
    """Set everything that an account may and may not, all at once.

    `trade_group` is -1 for none; `asset_limits` are (asset, amount) of the MAX_ASSET filters.
    """

    account: int
    can_trade: bool = True
    pays_with_discount_asset: bool = False
    prevents_sor: bool = False
    trade_group: int = -1
    permissions: tuple[str, ...] = ("SPOT",)
    asset_limits: tuple[tuple[str, int], ...] = ()


class ConfigureVenue(Struct, frozen=True, array_like=True, tag="CV"):
    """Set what holds for all symbols; `rules` is a `papernet.venues.spot.venue_rules.VenueRules` as plain builtins."""

    rules: dict[str, object]


class SetReferencePrice(Struct, frozen=True, array_like=True, tag="RP"):
    """Set a symbol's reference price from outside; None says that there is none now.

    `calculation_id` is the published number of the method; -1 keeps the one that the symbol has (0 at first).
    """

    symbol: str
    price: int | None
    calculation_id: int = -1


class PrintBlockTrade(Struct, frozen=True, array_like=True, tag="BT"):
    """Let two accounts trade at a price they agreed on, outside the book."""

    symbol: str
    buyer: int
    seller: int
    price: int
    quantity: int
    buyer_is_maker: bool = False


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
    | NewOrderList
    | CancelOrderList
    | ReplaceOrder
    | AmendOrder
    | ListSymbol
    | SetSymbolStatus
    | OpenAccount
    | Deposit
    | LockBalance
    | SetCommission
    | ConfigureAccount
    | ConfigureVenue
    | SetReferencePrice
    | PrintBlockTrade
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
