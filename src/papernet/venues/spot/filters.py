"""The filters: which prices, quantities and notionals an order may have, and how many orders an account.

Order of work.  When a symbol is listed, each of its filters becomes a check for each type of order; an order is put to the
                checks of its type in the order of filters.md, then to the counts, and the first that fails is the answer.
Invariant.      A check changes nothing, and what is not known yet fails none: a price of 0 is that of a pegged order that has
                yet to enter the book.
Does not.       Know the book. An order of the simulated crowd is held to its price, lot and notional filters like any other,
                but not to PERCENT_PRICE, MAX_POSITION and the counts: the crowd is the market that those are measured by.
Source.         filters.md, Symbol filters, Asset Filters; errors.md, Filter failures; faqs/pegged_orders.md.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from papernet.core.account import Account
from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side
from papernet.core.order import AT_ANY_PRICE, CONTINGENT, STOP_LOSSES
from papernet.core.units import SCALE
from papernet.venues.spot.symbols import (
    Filter,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    Symbol,
    TrailingDelta,
)

_BUY: Final = Side.BUY
# Symbols whose checks are kept; there are ten in the catalogue that ships.
_COMPILED_MAX: Final = 256
# MAX_ASSET says of no price what it is; this is the average that rest-api.md, Current average price, tells.
_ASSET_MINUTES: Final = 5

_NOT_FOR_THE_CROWD: Final = (PercentPrice, PercentPriceBySide, MaxPosition)
# What a pegged price is checked for (faqs/pegged_orders.md, Which Filters are applicable to pegged orders).
_OF_PRICES: Final = (PriceFilter, PercentPrice, PercentPriceBySide, MinNotional, Notional)
_OF_QUANTITIES: Final = (LotSize, MinNotional, Notional, IcebergParts, MarketLotSize, MaxPosition)


class Prices(Protocol):
    """What the checks ask the market for."""

    def filter_price(self, at: int, minutes: int) -> int:
        """Return the reference price, or the average over `minutes` when there is none; 0 when there was never a trade."""


class ListedPrices(Prices, Protocol):
    """A market that says whose it is."""

    @property
    def symbol(self) -> Symbol:
        """Return the market's symbol."""


# The filters that count every order; the others count those of a kind.
COUNTING_ALL: Final = ("MAX_NUM_ORDERS", "EXCHANGE_MAX_NUM_ORDERS")


class Adds(NamedTuple):
    """What a command would add to what an account has open."""

    orders: int
    algos: int
    icebergs: int
    lists: int


# (the order, the price to check it with, its market's prices, its account, the time) -> whether it passes
Check = Callable[[NewOrder, int, Prices, Account, int], bool]
# (the account, the symbol, what would be added) -> whether it passes
CountCheck = Callable[[Account, str, Adds], bool]
Checks = tuple[tuple[str, Check], ...]
Counts = tuple[tuple[str, CountCheck], ...]


class Tables(NamedTuple):
    """The checks of one kind of account, each a row of (filter name, check) pairs by type of order."""

    # for orders that are neither pegged nor icebergs: nothing is checked that these cannot break
    plain: tuple[Checks, ...]
    full: tuple[Checks, ...]
    # only what depends on the price, and only what does not depend on the quantity
    priced: tuple[Checks, ...]
    unsized: tuple[Checks, ...]
    # all but what a smaller quantity cannot break
    amended: tuple[Checks, ...]


class Filters:
    """A symbol's checks; `counts` are for users only, `max_amends` is how often an order may be amended, 0 for any number."""

    __slots__ = ("counts", "crowd", "max_amends", "users")

    def __init__(self, users: Tables, crowd: Tables, counts: Counts, max_amends: int) -> None:
        """Keep the checks of a symbol; see `compile_filters`."""
        self.users: Final = users
        self.crowd: Final = crowd
        self.counts: Final = counts
        self.max_amends: Final = max_amends

    def of(self, order: NewOrder, account: Account) -> Checks:
        """Return every check of an order but the counts."""
        tables = self.users if account.is_user else self.crowd
        if order.iceberg_quantity or order.peg_price:
            return tables.full[order.order_type]
        return tables.plain[order.order_type]

    def of_price(self, order: NewOrder, account: Account) -> Checks:
        """Return the checks that depend on the price, for an order whose price was chosen only now."""
        return (self.users if account.is_user else self.crowd).priced[order.order_type]

    def of_unsized(self, order: NewOrder, account: Account) -> Checks:
        """Return the checks that do not depend on the quantity, for an order whose quantity is not known yet."""
        return (self.users if account.is_user else self.crowd).unsized[order.order_type]

    def of_amended(self, order: NewOrder, account: Account) -> Checks:
        """Return the checks of an order whose quantity was lowered: a position that was no greater before is let pass."""
        return (self.users if account.is_user else self.crowd).amended[order.order_type]


class _Kind(NamedTuple):
    """The orders that a check is made for."""

    order_type: OrderType
    is_plain: bool
    base_asset: str

    @property
    def is_at_any_price(self) -> bool:
        """Whether such an order has no price of its own."""
        return self.order_type in AT_ANY_PRICE


@lru_cache(_COMPILED_MAX)
def compile_filters(symbol: Symbol) -> Filters:
    """Return the checks of a symbol; the same ones for an equal symbol, since states are brought back again and again."""
    counts = tuple((name_of(rule), _COUNTS[type(rule)](rule)) for rule in symbol.filters if type(rule) in _COUNTS)
    max_amends = max((rule.max_num_order_amends for rule in symbol.filters if isinstance(rule, MaxNumOrderAmends)), default=0)
    return Filters(_tables(symbol, ()), _tables(symbol, _NOT_FOR_THE_CROWD), counts, max_amends)


def name_of(rule: object) -> str:
    """Return a filter's documented name."""
    return str(type(rule).__struct_config__.tag)  # type: ignore[attr-defined]


def _tables(symbol: Symbol, excused: tuple[type[Filter], ...]) -> Tables:
    rules = [rule for rule in symbol.filters if type(rule) not in excused]
    priced = [rule for rule in rules if type(rule) in _OF_PRICES]
    unsized = [rule for rule in rules if type(rule) not in _OF_QUANTITIES]
    amended = [rule for rule in rules if type(rule) is not MaxPosition]
    base_asset = symbol.base_asset
    return Tables(
        _rows(rules, base_asset, is_plain=True),
        _rows(rules, base_asset, is_plain=False),
        _rows(priced, base_asset, is_plain=False),
        _rows(unsized, base_asset, is_plain=False),
        _rows(amended, base_asset, is_plain=False),
    )


def _rows(rules: list[Filter], base_asset: str, *, is_plain: bool) -> tuple[Checks, ...]:
    """Return the checks of each type of order; types count from 1."""
    kinds = [_Kind(kind, is_plain and kind not in CONTINGENT, base_asset) for kind in OrderType]
    return ((), *(_checks(rules, kind) for kind in kinds))


def _checks(rules: list[Filter], kind: _Kind) -> Checks:
    made = ((name_of(rule), _CHECKS[type(rule)](rule, kind)) for rule in rules if type(rule) in _CHECKS)
    return tuple((name, check) for name, check in made if check is not None)


def _of_price_filter(rule: PriceFilter, kind: _Kind) -> Check | None:
    """PRICE_FILTER: each of the three rules is disabled by 0; they hold for stop prices too."""
    low, high, tick = rule.min_price, rule.max_price, rule.tick_size

    def check(_order: NewOrder, price: int, _prices: Prices, _account: Account, _at: int) -> bool:
        return price >= low and not (high and price > high) and not (tick and price % tick)

    def check_stop(order: NewOrder, _price: int, prices: Prices, account: Account, at: int) -> bool:
        stop = order.stop_price
        return not stop or check(order, stop, prices, account, at)

    if kind.is_plain:
        return check if not kind.is_at_any_price else None
    if kind.is_at_any_price:
        return check_stop
    check_limits = _at_each_price(check)

    def check_all(order: NewOrder, price: int, prices: Prices, account: Account, at: int) -> bool:
        return check_limits(order, price, prices, account, at) and check_stop(order, price, prices, account, at)

    return check_all


def _of_percent_price(rule: PercentPrice, kind: _Kind) -> Check | None:
    """PERCENT_PRICE."""
    band = (rule.multiplier_up, rule.multiplier_down)
    return _percent_check(band, band, rule.avg_price_mins, kind)


def _of_percent_price_by_side(rule: PercentPriceBySide, kind: _Kind) -> Check | None:
    """PERCENT_PRICE_BY_SIDE."""
    bid = (rule.bid_multiplier_up, rule.bid_multiplier_down)
    ask = (rule.ask_multiplier_up, rule.ask_multiplier_down)
    return _percent_check(bid, ask, rule.avg_price_mins, kind)


def _percent_check(bid: tuple[int, int], ask: tuple[int, int], minutes: int, kind: _Kind) -> Check | None:
    """Return the check of a price's distance; before the first trade there is no price to compare with."""
    bid_up, bid_down = bid
    ask_up, ask_down = ask

    def check(order: NewOrder, price: int, prices: Prices, _account: Account, at: int) -> bool:
        center = prices.filter_price(at, minutes)
        if not center:
            return True
        up, down = (bid_up, bid_down) if order.side is _BUY else (ask_up, ask_down)
        return center * down <= price * SCALE <= center * up

    return _for_limits(check, kind) if not kind.is_at_any_price else None


def _of_lot_size(rule: LotSize, kind: _Kind) -> Check:
    """LOT_SIZE: of the quantity, and of the visible quantity of an iceberg."""
    check = _of_quantity(rule)
    if kind.is_plain:
        return check
    fits = _fits(rule)

    def check_both(order: NewOrder, price: int, prices: Prices, account: Account, at: int) -> bool:
        return check(order, price, prices, account, at) and (not order.iceberg_quantity or fits(order.iceberg_quantity))

    return check_both


def _of_market_lot_size(rule: MarketLotSize, kind: _Kind) -> Check | None:
    """MARKET_LOT_SIZE: of market orders, and of stop orders that become such."""
    return _of_quantity(rule) if kind.is_at_any_price else None


def _of_quantity(rule: LotSize | MarketLotSize) -> Check:
    """Return the check of a quantity; a market order by quote quantity has none yet: it is sized to fit."""
    low, high, step = rule.min_quantity, rule.max_quantity, rule.step_size

    def check(order: NewOrder, _price: int, _prices: Prices, _account: Account, _at: int) -> bool:
        if order.quote_quantity:
            return True
        quantity = order.quantity
        return quantity >= low and not (high and quantity > high) and not (step and quantity % step)

    return check


def _fits(rule: LotSize) -> Callable[[int], bool]:
    """Return the rule for a quantity; a step or maximum of 0 is disabled, as exchangeInfo lists it."""
    low, high, step = rule.min_quantity, rule.max_quantity, rule.step_size

    def fits(quantity: int) -> bool:
        return quantity >= low and not (high and quantity > high) and not (step and quantity % step)

    return fits


def _of_min_notional(rule: MinNotional, kind: _Kind) -> Check:
    """MIN_NOTIONAL."""
    if kind.is_at_any_price:
        return _market_notional_check(rule.min_notional if rule.apply_to_market else 0, 0, rule.avg_price_mins)
    return _notional_check(rule.min_notional, 0, kind)


def _of_notional(rule: Notional, kind: _Kind) -> Check:
    """NOTIONAL."""
    low, high = rule.min_notional, rule.max_notional
    if kind.is_at_any_price:
        low, high = low if rule.apply_min_to_market else 0, high if rule.apply_max_to_market else 0
        return _market_notional_check(low, high, rule.avg_price_mins)
    return _notional_check(low, high, kind)


def _notional_check(low: int, high: int, kind: _Kind) -> Check:
    """Return the check of the notional of an order with a price, compared unrounded; 0 is no bound."""
    low, high = low * SCALE, high * SCALE

    def check(order: NewOrder, price: int, _prices: Prices, _account: Account, _at: int) -> bool:
        notional = price * order.quantity
        return notional >= low and not (high and notional > high)

    return _for_limits(check, kind)


def _market_notional_check(low: int, high: int, minutes: int) -> Check:
    """Return the check of an order at any price: it is priced at the average, and before the first trade it passes."""
    low, high = low * SCALE, high * SCALE

    def check(order: NewOrder, _price: int, prices: Prices, _account: Account, at: int) -> bool:
        notional = order.quote_quantity * SCALE
        if not notional:
            price = prices.filter_price(at, minutes)
            if not price:
                return True
            notional = price * order.quantity
        return notional >= low and not (high and notional > high)

    return check


def _for_limits(check: Check, kind: _Kind) -> Check:
    """Return the check of a price for orders that have one, in the form that such an order needs."""
    return check if kind.is_plain else _at_each_price(check)


def _at_each_price(check: Check) -> Check:
    """Let a pegged order pass only with the price that was chosen, if it was yet, and with its own, if it has one."""

    def check_each(order: NewOrder, price: int, prices: Prices, account: Account, at: int) -> bool:
        own = order.price
        if own and own != price and not check(order, own, prices, account, at):
            return False
        return not price or check(order, price, prices, account, at)

    return check_each


def _of_iceberg_parts(rule: IcebergParts, kind: _Kind) -> Check | None:
    """ICEBERG_PARTS: quantity / iceberg quantity, rounded up."""
    limit = rule.limit

    def check(order: NewOrder, _price: int, _prices: Prices, _account: Account, _at: int) -> bool:
        visible = order.iceberg_quantity
        return not visible or -(-order.quantity // visible) <= limit

    return check if not kind.is_plain else None


def _of_max_position(rule: MaxPosition, kind: _Kind) -> Check:
    """MAX_POSITION: what the account has of the base asset, is about to buy, and would buy; each open order once."""
    limit, asset = rule.max_position, kind.base_asset

    def check(order: NewOrder, _price: int, _prices: Prices, account: Account, _at: int) -> bool:
        if order.side is not _BUY:
            return True
        balance = account.balances.get(asset)
        position = balance.free + balance.held if balance is not None else 0
        for (symbol, _), other in account.open_orders.items():
            terms = other.terms
            if symbol == order.symbol and other.side is _BUY and terms.client_order_id != order.client_order_id:
                position += other.leaves + other.reserve
        return position + order.quantity <= limit

    return check


def _of_trailing_delta(rule: TrailingDelta, kind: _Kind) -> Check | None:
    """TRAILING_DELTA: stop losses that buy and profits that are taken by selling trigger above the market."""
    above, below = (rule.min_above, rule.max_above), (rule.min_below, rule.max_below)
    bid, ask = (above, below) if kind.order_type in STOP_LOSSES else (below, above)

    def check(order: NewOrder, _price: int, _prices: Prices, _account: Account, _at: int) -> bool:
        delta = order.trailing_delta
        low, high = bid if order.side is _BUY else ask
        return not delta or low <= delta <= high

    return check if kind.order_type in CONTINGENT else None


_CHECKS: Final[Mapping[type[Filter], Callable[[Any, _Kind], Check | None]]] = {
    PriceFilter: _of_price_filter,
    PercentPrice: _of_percent_price,
    PercentPriceBySide: _of_percent_price_by_side,
    LotSize: _of_lot_size,
    MinNotional: _of_min_notional,
    Notional: _of_notional,
    IcebergParts: _of_iceberg_parts,
    MarketLotSize: _of_market_lot_size,
    MaxPosition: _of_max_position,
    TrailingDelta: _of_trailing_delta,
}


def _of_max_num_orders(rule: MaxNumOrders) -> CountCheck:
    """MAX_NUM_ORDERS: of all types."""
    limit = rule.max_num_orders

    def check(account: Account, symbol: str, adds: Adds) -> bool:
        return account.open_counts.get(symbol, 0) + adds.orders <= limit

    return check


def _of_max_num_algo_orders(rule: MaxNumAlgoOrders) -> CountCheck:
    """MAX_NUM_ALGO_ORDERS."""
    limit = rule.max_num_algo_orders

    def check(account: Account, symbol: str, adds: Adds) -> bool:
        return not adds.algos or count_algos(account, symbol) + adds.algos <= limit

    return check


def _of_max_num_iceberg_orders(rule: MaxNumIcebergOrders) -> CountCheck:
    """MAX_NUM_ICEBERG_ORDERS."""
    limit = rule.max_num_iceberg_orders

    def check(account: Account, symbol: str, adds: Adds) -> bool:
        return not adds.icebergs or count_icebergs(account, symbol) + adds.icebergs <= limit

    return check


def _of_max_num_order_lists(rule: MaxNumOrderLists) -> CountCheck:
    """MAX_NUM_ORDER_LISTS: of all kinds, each as one."""
    limit = rule.max_num_order_lists

    def check(account: Account, symbol: str, adds: Adds) -> bool:
        if not adds.lists:
            return True
        return sum(1 for opened in account.open_lists.values() if opened.symbol == symbol) + adds.lists <= limit

    return check


_COUNTS: Final[Mapping[type[Filter], Callable[[Any], CountCheck]]] = {
    MaxNumOrders: _of_max_num_orders,
    MaxNumAlgoOrders: _of_max_num_algo_orders,
    MaxNumIcebergOrders: _of_max_num_iceberg_orders,
    MaxNumOrderLists: _of_max_num_order_lists,
}


def count_algos(account: Account, symbol: str = "") -> int:
    """Return how many stop loss and take profit orders an account has open on a symbol, on all when it is empty."""
    orders = account.open_orders.items()
    return sum(1 for (name, _), order in orders if order.terms.order_type in CONTINGENT and symbol in ("", name))


def count_icebergs(account: Account, symbol: str = "") -> int:
    """Return how many icebergs an account has open on a symbol, on all when it is empty."""
    orders = account.open_orders.items()
    return sum(1 for (name, _), order in orders if order.terms.iceberg_quantity and symbol in ("", name))


def asset_limit_broken(market: ListedPrices, account: Account, terms: NewOrder, price: int, at: int) -> bool:
    """Whether an order is for more of an asset than the account may transact at once (filters.md, MAX_ASSET).

    An order at any price is measured at the average price; what that leaves unknown is let pass.
    """
    limits = account.asset_limits
    symbol = market.symbol
    base, quote = limits.get(symbol.base_asset), limits.get(symbol.quote_asset)
    if base is None and quote is None:
        return False
    if terms.order_type in AT_ANY_PRICE or not price:
        price = market.filter_price(at, _ASSET_MINUTES)
    quantity, notional = terms.quantity, price * terms.quantity
    if terms.quote_quantity:
        notional = terms.quote_quantity * SCALE
        quantity = notional // price if price else 0
    return (base is not None and quantity > base) or (quote is not None and notional > quote * SCALE)
