"""A contract's market and its orders."""

from papernet.core.commands import OptionTerms
from papernet.core.enums import OptionSource, OrderStatus, Side, TimeInForce
from papernet.core.units import SCALE
from papernet.venues.options.market import NO_VOLATILITY, Mark, OptionOrder
from tests.support.option_market import CALL, PUT, make_venue, units


def test_an_order_tells_what_it_is() -> None:
    terms = OptionTerms(1, CALL, Side.SELL, units(3), units(10), TimeInForce.IOC, "mine", reduce_only=True)
    order = OptionOrder(terms, 7, 99, OptionSource.LIQUIDATION)
    assert (order.side, order.price, order.leaves, order.reserve, order.level) == (Side.SELL, units(10), units(3), 0, None)
    order.cum_quantity, order.cum_quote, order.fee = 1, 2, 3
    order.status, order.updated_at = OrderStatus.PARTIALLY_FILLED, 100
    record = order.record()
    assert record.terms is terms
    assert (record.order_id, record.created_at, record.updated_at) == (7, 99, 100)
    assert (record.cum_quantity, record.cum_quote, record.fee) == (1, 2, 3)
    assert (record.status, record.source) == (OrderStatus.PARTIALLY_FILLED, OptionSource.LIQUIDATION)
    assert OptionOrder(terms, 8, 99).source is OptionSource.API


def test_a_contract_that_nobody_marked_is_worth_what_it_would_pay() -> None:
    venue = make_venue()
    call, put = venue.markets[CALL], venue.markets[PUT]
    assert call.mark_price(units(1)) == units(2_000)
    call.mark = put.mark = None
    assert (call.mark_price(units(50_500)), put.mark_price(units(50_500))) == (units(500), 0)
    assert (call.mark_price(units(49_500)), put.mark_price(units(49_500))) == (0, units(500))


def test_a_mark_without_more_has_no_volatility() -> None:
    mark = Mark(1, 2)
    assert mark.volatility == mark.bid_volatility == mark.ask_volatility == NO_VOLATILITY == -SCALE
