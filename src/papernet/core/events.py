"""The outbound vocabulary: every fact that a command can bring about.

Events are immutable and shared by every reader (replies, streams, views), so each says all that any of them needs. Prices,
quantities and amounts are units of 10^-8, times are microseconds UTC. They are never journaled: replaying the commands makes
them again, byte for byte.
"""

from msgspec import Struct

from papernet.core.commands import NewOrder, RegisterKey, SeedCandles
from papernet.core.enums import AccountKind, ExecType, ExpiryReason, OrderStatus, Side, SymbolStatus
from papernet.core.rejects import Reject


class ExecutionReport(Struct, frozen=True, array_like=True, tag="E", gc=False):
    """One order changed state.

    `terms` is the order as it was sent (its `client_order_id` filled in). `quantity` is the order's quantity now, which differs
    from the terms' only for market orders by quote quantity. The last_* fields and commission are 0 unless `exec_type` is
    TRADE. `request_id` is the client order id of the cancel request that ended the order, else "".
    """

    terms: NewOrder
    order_id: int
    exec_id: int
    exec_type: ExecType
    status: OrderStatus
    at: int
    created_at: int
    quantity: int
    cum_quantity: int
    cum_quote: int
    last_quantity: int = 0
    last_price: int = 0
    last_quote: int = 0
    commission: int = 0
    commission_asset: str = ""
    trade_id: int = -1
    is_maker: bool = False
    expiry_reason: ExpiryReason = ExpiryReason.NONE
    request_id: str = ""


class Trade(Struct, frozen=True, array_like=True, tag="T", gc=False):
    """Two orders of a symbol matched, at the maker's price."""

    symbol: str
    trade_id: int
    at: int
    price: int
    quantity: int
    quote: int
    buyer_is_maker: bool
    taker_order_id: int
    maker_order_id: int


class BookDelta(Struct, frozen=True, array_like=True, tag="B", gc=False):
    """Price levels of a symbol's book changed: (side, price, quantity now at that price), one update id each, consecutive."""

    symbol: str
    at: int
    first_update_id: int
    last_update_id: int
    changes: tuple[tuple[Side, int, int], ...]


class AccountUpdate(Struct, frozen=True, array_like=True, tag="A", gc=False):
    """Balances of a user's account after the command: (asset, free, held) of each asset it touched."""

    account: int
    at: int
    balances: tuple[tuple[str, int, int], ...]


class BalanceChanged(Struct, frozen=True, array_like=True, tag="D", gc=False):
    """Money entered (or left) an account other than by trading."""

    account: int
    at: int
    asset: str
    amount: int


class Refused(Struct, frozen=True, array_like=True, tag="X", gc=False):
    """The command changed nothing."""

    reject: Reject


class AccountOpened(Struct, frozen=True, array_like=True, tag="AO", gc=False):
    """An account exists from now on."""

    account: int
    name: str
    uid: int
    kind: AccountKind = AccountKind.USER


class KeyRegistered(Struct, frozen=True, array_like=True, tag="KR", gc=False):
    """An API key is valid from now on."""

    key: RegisterKey
    at: int


class KeyRevoked(Struct, frozen=True, array_like=True, tag="KX", gc=False):
    """An API key is no longer valid."""

    api_key: str


class SymbolListed(Struct, frozen=True, array_like=True, tag="LS", gc=False):
    """A symbol trades from now on."""

    symbol: str


class SymbolStatusChanged(Struct, frozen=True, array_like=True, tag="SS", gc=False):
    """A symbol's trading status changed."""

    symbol: str
    status: SymbolStatus


class CandlesSeeded(Struct, frozen=True, array_like=True, tag="CS", gc=False):
    """A symbol was given a past; its trade ids now start at `first_trade_id` for the first seeded row."""

    seed: SeedCandles
    first_trade_id: int


class SettingChanged(Struct, frozen=True, array_like=True, tag="SC", gc=False):
    """A rate or limit setting was changed."""

    account: int


class WorldReset(Struct, frozen=True, array_like=True, tag="R", gc=False):
    """Everything started over; `epoch` counts the resets."""

    epoch: int
    at: int


Event = (
    ExecutionReport
    | Trade
    | BookDelta
    | AccountUpdate
    | BalanceChanged
    | Refused
    | AccountOpened
    | KeyRegistered
    | KeyRevoked
    | SymbolListed
    | SymbolStatusChanged
    | CandlesSeeded
    | SettingChanged
    | WorldReset
)


class Applied(Struct, frozen=True, array_like=True, gc=False):
    """What one entry brought about, in order. A refused command has exactly one event, `Refused`."""

    seq: int
    at: int
    events: tuple[Event, ...]
