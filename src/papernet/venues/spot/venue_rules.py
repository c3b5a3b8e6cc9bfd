"""What holds for all symbols of the venue: the exchange filters, smart order routing, and what commissions may be paid in.

The rules are data: they enter the exchange as the `ConfigureVenue` command. Amounts and rates are units of 10^-8.
Source: filters.md, Exchange Filters; faqs/sor_faq.md; faqs/commission_faq.md; rest-api.md, Exchange information.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct, ValidationError, convert, to_builtins
from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.units import SCALE
from papernet.venues.spot.filters import Adds, CountCheck, Counts, count_algos, count_icebergs, name_of
from papernet.venues.spot.symbols import require_numbers


class ExchangeMaxNumOrders(Struct, frozen=True, tag="EXCHANGE_MAX_NUM_ORDERS"):
    """EXCHANGE_MAX_NUM_ORDERS: how many orders an account may have open."""

    max_num_orders: int


class ExchangeMaxNumAlgoOrders(Struct, frozen=True, tag="EXCHANGE_MAX_NUM_ALGO_ORDERS"):
    """EXCHANGE_MAX_NUM_ALGO_ORDERS: how many of them may be stop loss and take profit orders."""

    max_num_algo_orders: int


class ExchangeMaxNumIcebergOrders(Struct, frozen=True, tag="EXCHANGE_MAX_NUM_ICEBERG_ORDERS"):
    """EXCHANGE_MAX_NUM_ICEBERG_ORDERS: how many of them may be icebergs."""

    max_num_iceberg_orders: int


class ExchangeMaxNumOrderLists(Struct, frozen=True, tag="EXCHANGE_MAX_NUM_ORDER_LISTS"):
    """EXCHANGE_MAX_NUM_ORDER_LISTS: how many order lists an account may have open."""

    max_num_order_lists: int


ExchangeFilter = ExchangeMaxNumOrders | ExchangeMaxNumAlgoOrders | ExchangeMaxNumIcebergOrders | ExchangeMaxNumOrderLists
# As documented, which is the order of checking.
EXCHANGE_FILTER_ORDER: Final[tuple[type[ExchangeFilter], ...]] = (
    ExchangeMaxNumOrders,
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
)


class Sor(Struct, frozen=True):
    """Symbols of one base asset whose quote assets are interchangeable, one for one."""

    base_asset: str
    symbols: tuple[str, ...]


class VenueRules(Struct, frozen=True):
    """The rules of the venue; `exchange_filters` are kept in the documented order.

    `discount_rate` is what is left of a commission that is paid in `discount_asset` (75_000_000: three quarters).
    """

    exchange_filters: tuple[ExchangeFilter, ...] = ()
    sors: tuple[Sor, ...] = ()
    discount_asset: str = "BNB"
    discount_rate: int = 75_000_000

    def to_spec(self) -> dict[str, object]:
        """Return the rules as plain builtins, for `ConfigureVenue`."""
        spec: dict[str, object] = to_builtins(self)
        return spec

    @staticmethod
    def from_spec(spec: dict[str, object]) -> "VenueRules":
        """Return the rules of a `ConfigureVenue` command; raises msgspec.ValidationError when the spec is none.

        Whether the symbols are listed is for the venue to say.
        """
        rules = convert(spec, VenueRules)
        require_numbers(rules.exchange_filters)
        if not 0 <= rules.discount_rate <= SCALE:
            raise ValidationError("discount_rate: must be from 0 to 1")
        routed = [symbol for sor in rules.sors for symbol in sor.symbols]
        if any(routed.count(symbol) > 1 for symbol in routed):
            raise ValidationError("sors: a symbol may be routed once only")
        if any(len(sor.symbols) < 2 for sor in rules.sors):
            raise ValidationError("sors: routing takes two symbols at least")
        ordered = sorted(rules.exchange_filters, key=lambda rule: EXCHANGE_FILTER_ORDER.index(type(rule)))
        return replace(rules, exchange_filters=tuple(ordered))


def exchange_counts(rules: VenueRules) -> Counts:
    """Return the checks of the exchange filters in their documented order; they count over all symbols."""
    return tuple((name_of(rule), _COUNTS[type(rule)](rule)) for rule in rules.exchange_filters)


def _of_max_num_orders(rule: ExchangeMaxNumOrders) -> CountCheck:
    limit = rule.max_num_orders

    def check(account: Account, _symbol: str, adds: Adds) -> bool:
        return len(account.open_orders) + adds.orders <= limit

    return check


def _of_max_num_algo_orders(rule: ExchangeMaxNumAlgoOrders) -> CountCheck:
    limit = rule.max_num_algo_orders

    def check(account: Account, _symbol: str, adds: Adds) -> bool:
        return not adds.algos or count_algos(account) + adds.algos <= limit

    return check


def _of_max_num_iceberg_orders(rule: ExchangeMaxNumIcebergOrders) -> CountCheck:
    limit = rule.max_num_iceberg_orders

    def check(account: Account, _symbol: str, adds: Adds) -> bool:
        return not adds.icebergs or count_icebergs(account) + adds.icebergs <= limit

    return check


def _of_max_num_order_lists(rule: ExchangeMaxNumOrderLists) -> CountCheck:
    limit = rule.max_num_order_lists

    def check(account: Account, _symbol: str, adds: Adds) -> bool:
        return not adds.lists or len(account.open_lists) + adds.lists <= limit

    return check


_COUNTS: Final[Mapping[type[ExchangeFilter], Callable[[Any], CountCheck]]] = {
    ExchangeMaxNumOrders: _of_max_num_orders,
    ExchangeMaxNumAlgoOrders: _of_max_num_algo_orders,
    ExchangeMaxNumIcebergOrders: _of_max_num_iceberg_orders,
    ExchangeMaxNumOrderLists: _of_max_num_order_lists,
}
