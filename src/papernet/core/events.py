"""The outbound vocabulary: every fact that a command can bring about.

Events are immutable and shared by every reader (replies, streams, views), so each says all that any of them needs. Prices,
quantities and amounts are units of 10^-8, times are microseconds UTC. They are never journaled: replaying the commands makes
them again, byte for byte.
"""

from msgspec import Struct

from papernet.core.commands import NewOrder, OptionTerms, RegisterKey, SeedCandles
from papernet.core.enums import (
    AccountKind,
    BillKind,
    BlockOrderStatus,
    ExecType,
    ExpiryReason,
    ListKind,
    ListOrderStatus,
    ListStatusType,
    OptionSource,
    OrderStatus,
    RiskLevel,
    SelfTradeMode,
    Side,
    SymbolStatus,
    WorkingFloor,
)
from papernet.core.rejects import Reject


class OrderExtras(Struct, frozen=True, array_like=True, gc=False):
    """What only some orders have: members of lists, contingent, pegged, routed orders and those that met their own kind.

    An order without extras is in no list and has worked since it was created. `working_at` and `trailing_at` are -1 until the
    order works, or tracks the price. `floor` is None unless the order uses smart order routing. `prevented_match_id` is the
    newest one's, -1 when there was none.
    """

    order_list_id: int = -1
    working_at: int = -1
    trailing_at: int = -1
    pegged_price: int = 0
    prevented_quantity: int = 0
    prevented_match_id: int = -1
    trade_group: int = -1
    floor: WorkingFloor | None = None


class PreventedMatch(Struct, frozen=True, array_like=True, tag="PM", gc=False):
    """A match that self-trade prevention kept from happening (faqs/stp_faq).

    `mode` is the one in effect. The prevented quantities are what each order lost; 0 for an order that lost nothing. `quantity`
    is what would have traded at `price`.
    """

    symbol: str
    prevented_match_id: int
    at: int
    taker_account: int
    maker_account: int
    taker_order_id: int
    maker_order_id: int
    maker_symbol: str
    trade_group: int
    mode: SelfTradeMode
    price: int
    quantity: int
    taker_prevented_quantity: int
    maker_prevented_quantity: int


class ExecutionReport(Struct, frozen=True, array_like=True, tag="E", gc=False):
    """One order changed state.

    `terms` is the order as it was sent, what the sender left out filled in, or as it was amended since. `quantity` is the
    order's quantity now, which differs from the terms' only for orders whose quantity follows from something else: market
    orders by quote quantity, the pending orders of an OPO. The last_* fields and commission are 0 unless `exec_type` is TRADE.
    `request_id` is the client order id of the cancel request that ended the order, else "". `allocation_id` is -1 unless smart
    order routing filled it, and then `trade_id` is. `prevented` goes with TRADE_PREVENTION, `amended_from`, the client order id
    before, with REPLACED, and `reject` with what ended for ExpiryReason.REJECTED.
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
    extras: OrderExtras | None = None
    allocation_id: int = -1
    prevented: PreventedMatch | None = None
    amended_from: str = ""
    reject: Reject | None = None


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


class ExternalLock(Struct, frozen=True, array_like=True, tag="EL", gc=False):
    """Part of a balance was locked from outside; a negative amount was unlocked."""

    account: int
    at: int
    asset: str
    amount: int


class OrderListRecord(Struct, frozen=True, array_like=True, gc=False):
    """An order list as queries and reports show it; `orders` are (order id, client order id now), first placed first."""

    order_list_id: int
    account: int
    symbol: str
    kind: ListKind
    status: ListOrderStatus
    list_client_order_id: str
    created_at: int
    updated_at: int
    orders: tuple[tuple[int, str], ...]


class OrderListChanged(Struct, frozen=True, array_like=True, tag="OL", gc=False):
    """An order list was placed, one of its client order ids changed, or it is done."""

    record: OrderListRecord
    status_type: ListStatusType
    at: int


class OrderAmended(Struct, frozen=True, array_like=True, tag="AM", gc=False):
    """An order's quantity was lowered; its report with REPLACED has the same `exec_id`."""

    symbol: str
    account: int
    order_id: int
    exec_id: int
    at: int
    orig_client_order_id: str
    client_order_id: str
    orig_quantity: int
    quantity: int


class Allocation(Struct, frozen=True, array_like=True, tag="AL", gc=False):
    """Smart order routing filled an order of `symbol` (faqs/sor_faq, What are allocations)."""

    symbol: str
    allocation_id: int
    account: int
    order_id: int
    at: int
    price: int
    quantity: int
    quote: int
    commission: int
    commission_asset: str
    is_buyer: bool


class BlockTrade(Struct, frozen=True, array_like=True, tag="BT", gc=False):
    """Two accounts traded outside the book; ids count for themselves, one counter a symbol."""

    symbol: str
    block_trade_id: int
    at: int
    price: int
    quantity: int
    quote: int
    buyer_is_maker: bool
    buyer: int
    seller: int


class ReferencePriceChanged(Struct, frozen=True, array_like=True, tag="RP", gc=False):
    """A symbol's reference price was set from outside; None: there is none now."""

    symbol: str
    at: int
    price: int | None


class CancelFailed(Struct, frozen=True, array_like=True, tag="CF", gc=False):
    """The cancel of a `ReplaceOrder` was refused."""

    reject: Reject


class PlacementFailed(Struct, frozen=True, array_like=True, tag="PF", gc=False):
    """The new order of a `ReplaceOrder` was refused; None: it was not attempted, because its cancel had failed."""

    reject: Reject | None


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
    """What an account pays, may do or may have was changed; account 0 is the venue and its limits."""

    account: int


class WorldReset(Struct, frozen=True, array_like=True, tag="R", gc=False):
    """Everything started over; `epoch` counts the resets."""

    epoch: int
    at: int


class OptionRecord(Struct, frozen=True, array_like=True, gc=False):
    """An options order as queries show it, open or ended. `fee` is what its fills cost so far, `cum_quote` their premium."""

    terms: OptionTerms
    order_id: int
    status: OrderStatus
    cum_quantity: int
    cum_quote: int
    fee: int
    source: OptionSource
    created_at: int
    updated_at: int


class OptionReport(Struct, frozen=True, array_like=True, tag="OR", gc=False):
    """One options order changed state.

    The last_* fields, `fee` and `realized` are 0 and `trade_id` is -1 unless `exec_type` is TRADE; `realized` is what the fill
    earned on the part of a position that it closed, `volatility` the contract's mark volatility then.
    """

    record: OptionRecord
    exec_type: ExecType
    at: int
    last_quantity: int = 0
    last_price: int = 0
    last_quote: int = 0
    fee: int = 0
    realized: int = 0
    trade_id: int = -1
    fill_id: int = -1
    is_maker: bool = False
    volatility: int = 0


class PositionRow(Struct, frozen=True, array_like=True, gc=False):
    """A position: `quantity` is negative when short, `cost` what was paid for it (received: negative), of 10^-8."""

    symbol: str
    quantity: int
    cost: int


class PortfolioUpdate(Struct, frozen=True, array_like=True, tag="PU", gc=False):
    """A user's portfolio of options after the command: its balance, and the positions that changed.

    `kind` is why: TRANSFER, CONTRACT (an order traded) or EXERCISE_PNL. `change` is that of the balance without what trading
    earned and cost.
    """

    account: int
    at: int
    kind: BillKind
    balance: int
    change: int
    positions: tuple[PositionRow, ...] = ()


class Bill(Struct, frozen=True, array_like=True, tag="BI", gc=False):
    """The balance of a portfolio of options changed by `amount`; ids count over the whole venue."""

    account: int
    bill_id: int
    at: int
    asset: str
    amount: int
    kind: BillKind
    symbol: str = ""


class ContractsListed(Struct, frozen=True, array_like=True, tag="CT", gc=False):
    """Contracts trade from now on."""

    symbols: tuple[str, ...]
    at: int


class ContractSettled(Struct, frozen=True, array_like=True, tag="CX", gc=False):
    """A contract expired at a settlement price of its underlying; it is exercised when that left it a value."""

    symbol: str
    underlying: str
    strike: int
    expiry: int
    settlement_price: int
    is_exercised: bool


class PositionExercised(Struct, frozen=True, array_like=True, tag="PX", gc=False):
    """A position ended with its contract. `amount` is what the account got (paid: negative), before the fee."""

    account: int
    exercise_id: int
    symbol: str
    at: int
    settlement_price: int
    mark_price: int
    quantity: int
    amount: int
    fee: int


class RiskLevelChanged(Struct, frozen=True, array_like=True, tag="RL", gc=False):
    """What a portfolio may do changed; with the margin balance and the maintenance margin that decided it."""

    account: int
    at: int
    level: RiskLevel
    margin_balance: int
    maintenance_margin: int


class Liquidated(Struct, frozen=True, array_like=True, tag="LQ", gc=False):
    """The venue took a position over at a price, because the portfolio could no longer answer for it."""

    account: int
    at: int
    symbol: str
    quantity: int
    price: int
    fee: int


class ProtectionTriggered(Struct, frozen=True, array_like=True, tag="MT", gc=False):
    """A market maker traded more within its window than it wanted to: its protected orders were cancelled."""

    account: int
    underlying: str
    at: int


class BlockOrderRecord(Struct, frozen=True, array_like=True, gc=False):
    """An agreement on a block trade as queries show it; `counterparty` is 0 until somebody accepted."""

    key: str
    account: int
    symbol: str
    side: Side
    price: int
    quantity: int
    is_maker: bool
    status: BlockOrderStatus
    created_at: int
    updated_at: int
    expires_at: int
    counterparty: int = 0


class BlockOrderChanged(Struct, frozen=True, array_like=True, tag="BG", gc=False):
    """A block order was created, extended, taken back, accepted, or nobody accepted it in time."""

    record: BlockOrderRecord
    at: int


class BlockFill(Struct, frozen=True, array_like=True, tag="BF", gc=False):
    """One account's side of a block trade of options."""

    account: int
    key: str
    symbol: str
    at: int
    created_at: int
    order_id: int
    fill_id: int
    trade_id: int
    side: Side
    price: int
    quantity: int
    quote: int
    fee: int
    is_maker: bool


class IndexesSampled(Struct, frozen=True, array_like=True, tag="IX", gc=False):
    """A second has passed on the options venue: (underlying, price) of every index."""

    at: int
    prices: tuple[tuple[str, int], ...]


class ContractsMarked(Struct, frozen=True, array_like=True, tag="CM", gc=False):
    """Contracts have other marks now."""

    at: int
    symbols: tuple[str, ...]


class Staged(Struct, frozen=True, array_like=True, tag="SG", gc=False):
    """What the control plane keeps under a name is something else now."""

    name: str


Event = (
    ExecutionReport
    | Trade
    | BookDelta
    | AccountUpdate
    | BalanceChanged
    | ExternalLock
    | PreventedMatch
    | OrderListChanged
    | OrderAmended
    | Allocation
    | BlockTrade
    | ReferencePriceChanged
    | CancelFailed
    | PlacementFailed
    | Refused
    | AccountOpened
    | KeyRegistered
    | KeyRevoked
    | SymbolListed
    | SymbolStatusChanged
    | CandlesSeeded
    | SettingChanged
    | WorldReset
    | OptionReport
    | PortfolioUpdate
    | Bill
    | ContractsListed
    | ContractSettled
    | PositionExercised
    | RiskLevelChanged
    | Liquidated
    | ProtectionTriggered
    | BlockOrderChanged
    | BlockFill
    | IndexesSampled
    | ContractsMarked
    | Staged
)


class Applied(Struct, frozen=True, array_like=True, gc=False):
    """What one entry brought about, in order. A refused command has exactly one event, `Refused`."""

    seq: int
    at: int
    events: tuple[Event, ...]
