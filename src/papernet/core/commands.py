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


class OptionTerms(Struct, frozen=True, array_like=True, gc=False):
    """What an options order asks for; every one has a limit. An empty `client_order_id` stays so.

    `post_only` may be asked for as a flag, or as the time in force `is_gtx`. Source: European Options, New Order.
    """

    account: int
    symbol: str
    side: Side
    quantity: int
    price: int
    time_in_force: TimeInForce = TimeInForce.GTC
    client_order_id: str = ""
    reduce_only: bool = False
    post_only: bool = False
    is_gtx: bool = False
    is_protected: bool = False
    self_trade_mode: SelfTradeMode = SelfTradeMode.EXPIRE_MAKER


class PlaceOption(Struct, frozen=True, array_like=True, tag="PO", gc=False):
    """Place an options order."""

    terms: OptionTerms


class CancelOption(Struct, frozen=True, array_like=True, tag="XO", gc=False):
    """Cancel one options order by `order_id` (-1: absent) or by `client_order_id` ("": absent)."""

    account: int
    symbol: str
    order_id: int
    client_order_id: str = ""


class CancelOptions(Struct, frozen=True, array_like=True, tag="XA", gc=False):
    """Cancel every open options order of an account on a contract, or on all contracts of an underlying; one is empty."""

    account: int
    symbol: str = ""
    underlying: str = ""


class QuoteOptions(Struct, frozen=True, array_like=True, tag="QO", gc=False):
    """Replace what a market maker of the crowd bids and asks for contracts.

    Each row is (symbol, bids, asks), and each bid and ask (price, quantity), best first.
    """

    account: int
    rows: tuple[tuple[str, tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]], ...]


class MarkContracts(Struct, frozen=True, array_like=True, tag="MC", gc=False):
    """Enter what a model outside made of contracts.

    Each row is (symbol, mark price, mark volatility, bid volatility, ask volatility, delta, gamma, theta, vega): the price a
    contract, volatilities as fractions a year (-10^8: none), units of 10^-8.
    """

    rows: tuple[tuple[str, int, int, int, int, int, int, int, int], ...]


class TransferToOptions(Struct, frozen=True, array_like=True, tag="TO", gc=False):
    """Move `amount` of an asset from an account's spot wallet to its options wallet; negative: back."""

    account: int
    asset: str
    amount: int


class ConfigureOptions(Struct, frozen=True, array_like=True, tag="OV"):
    """Open the options venue, or change what it lists; each row is an `Underlying` of the options venue as plain builtins.

    Underlyings that are not named stay as they are. `opening_balance` is what a user's options wallet begins with: when the
    venue opens, when an account is opened later, and after a reset.
    """

    underlyings: tuple[dict[str, object], ...]
    opening_balance: int = 0


class ConfigureOptionsAccount(Struct, frozen=True, array_like=True, tag="OC"):
    """Set what an account may do with options, all at once. Rates of 10^-8 of the index; None is the underlying's rate."""

    account: int
    can_trade: bool = True
    may_write: bool = True
    is_market_maker: bool = False
    trade_group: int = -1
    maker_rate: int | None = None
    taker_rate: int | None = None


class SetProtection(Struct, frozen=True, array_like=True, tag="MP", gc=False):
    """Set a market maker's protection on an underlying: `window` and `frozen_for` in microseconds, limits of 10^-8."""

    account: int
    underlying: str
    window: int
    frozen_for: int
    quantity_limit: int
    delta_limit: int


class ResetProtection(Struct, frozen=True, array_like=True, tag="MR", gc=False):
    """Let a market maker whose protection was triggered quote again."""

    account: int
    underlying: str


class SetCountdown(Struct, frozen=True, array_like=True, tag="CD", gc=False):
    """Cancel all of an account's orders on an underlying unless it is heard of within `span` microseconds; 0 ends that."""

    account: int
    underlying: str
    span: int


class RefreshCountdowns(Struct, frozen=True, array_like=True, tag="CH", gc=False):
    """Start the countdowns of some underlyings anew."""

    account: int
    underlyings: tuple[str, ...]


class CreateBlockOrder(Struct, frozen=True, array_like=True, tag="BO", gc=False):
    """Offer to settle a block trade that was agreed upon outside the book."""

    account: int
    symbol: str
    side: Side
    price: int
    quantity: int
    is_maker: bool


class ChangeBlockOrder(Struct, frozen=True, array_like=True, tag="BC", gc=False):
    """Let a block order that one's account created live on (`extends`), or take it back."""

    account: int
    key: str
    extends: bool


class AcceptBlockOrder(Struct, frozen=True, array_like=True, tag="BA", gc=False):
    """Accept a block order of another account: it trades."""

    account: int
    key: str


class AdvanceTime(Struct, frozen=True, array_like=True, tag="T", gc=False):
    """Let the entry's time be now, and happen what is due by then."""


class Stage(Struct, frozen=True, array_like=True, tag="SG", gc=False):
    """Keep what the control plane has to remember under a name, with the state it belongs to; None forgets it.

    The exchange does not look inside: what is staged changes how papernet behaves around it, such as its clock or its faults.
    """

    name: str
    value: bytes | None


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
    | PlaceOption
    | CancelOption
    | CancelOptions
    | QuoteOptions
    | MarkContracts
    | TransferToOptions
    | ConfigureOptions
    | ConfigureOptionsAccount
    | SetProtection
    | ResetProtection
    | SetCountdown
    | RefreshCountdowns
    | CreateBlockOrder
    | ChangeBlockOrder
    | AcceptBlockOrder
    | AdvanceTime
    | Stage
)


class Restore(Struct, frozen=True, array_like=True, tag="RS", gc=False):
    """No command but a note in the journal: the state is left for one that was kept under a name; what follows is about that.

    It stood behind entry `seq`, the `number`-th of its own past, made `at`: numbers and times go on from those.
    """

    name: str
    seq: int
    number: int
    at: int


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """One journaled step: the `seq`-th command, applied at `at` microseconds UTC (never before its predecessor)."""

    seq: int
    at: int
    command: Command | Restore
