"""What a market knows of its trades."""

from papernet.core.enums import SymbolStatus
from papernet.exchange.checkpoint import state_hash
from papernet.venues.spot.market import AVERAGE_PRICE_MINUTES, Market
from papernet.venues.spot.reference_price import ExternalPrice
from papernet.venues.spot.symbols import (
    ArithmeticMeanSpec,
    ExternalSpec,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
)
from tests.support.orders import opened, place
from tests.support.worlds import ALICE, BOB, SECOND, START, World, make_symbol, units

ONE = units("1")


def test_a_new_market_is_empty_and_counts_from_the_start() -> None:
    market = Market(make_symbol(status=SymbolStatus.BREAK))
    assert market.status is SymbolStatus.BREAK
    assert (market.last_price, market.last_quantity, market.last_at) == (0, 0, 0)
    assert (market.next_order_id, market.next_trade_id, market.next_exec_id) == (1, 0, 1)
    assert market.average_price(START) == 0
    assert market.average_price(START, 0) == 0


def test_windows_are_kept_for_the_query_and_for_each_filter_that_has_minutes() -> None:
    market = Market(
        make_symbol(
            PercentPrice(ONE, ONE, 7),
            PercentPriceBySide(ONE, ONE, ONE, ONE, 3),
            MinNotional(ONE, apply_to_market=True, avg_price_mins=7),
            Notional(ONE, apply_min_to_market=True, max_notional=0, apply_max_to_market=True, avg_price_mins=0),
        )
    )
    assert [average.minutes for average in market.averages] == [AVERAGE_PRICE_MINUTES, 7, 3]
    market.traded(START, units("10"), ONE, units("10"))
    later = START + 4 * 60 * SECOND
    market.traded(later, units("20"), ONE, units("20"))
    assert market.average_price(later) == units("15")
    assert market.average_price(later, 7) == units("15")
    assert market.average_price(later, 3) == units("20")
    assert market.average_price(later, 0) == units("20")


def test_without_recent_trades_the_average_is_the_last_price() -> None:
    market = Market(make_symbol())
    market.traded(START, units("10"), ONE, units("10"))
    market.traded(START, units("20"), ONE, units("20"))
    assert market.average_price(START) == units("15")
    assert market.average_price(START + 3600 * SECOND) == units("20")
    assert (market.last_price, market.last_quantity, market.last_at) == (units("20"), ONE, START)


def test_trades_of_the_exchange_reach_the_market() -> None:
    world = World()
    world.sell(BOB, "1", "10")
    world.sell(BOB, "2", "11")
    world.buy(ALICE, "3", "11")
    market = world.exchange.markets["BTCUSDT"]
    assert (market.last_price, market.last_quantity, market.last_at) == (units("11"), units("2"), START)
    # (10 + 2 x 11) : 3
    assert market.average_price(START) == 32 * units("1") // 3
    assert not market.orders


def test_the_average_price_query_leaves_the_state_alone() -> None:
    """Queries are not journaled: were the state hash to depend on them, a replay would differ from the run it replays."""
    world = World()
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    before = state_hash(world.exchange)
    assert world.exchange.markets["BTCUSDT"].average_price(world.now + 3600 * SECOND) == units("10")
    assert state_hash(world.exchange) == before


def test_ids_count_for_themselves() -> None:
    market = Market(make_symbol())
    assert (market.next_prevented_match_id, market.next_allocation_id, market.next_block_trade_id) == (0, 0, 0)


def test_one_permission_of_each_set_is_needed() -> None:
    market = Market(make_symbol(permission_sets=(("SPOT", "MARGIN"), ("A",))))
    admitted = [("SPOT", "A"), ("X", "A", "MARGIN")]
    for permissions in (*admitted, ("SPOT",), ("A",), (), ("SPOT", "MARGIN")):
        assert market.admits(permissions) is (permissions in admitted)
    assert Market(make_symbol(permission_sets=())).admits(())


def test_filters_compare_with_the_reference_price_or_else_with_the_average() -> None:
    """filters.md, PERCENT_PRICE."""
    market = Market(make_symbol(reference=ExternalSpec()))
    market.traded(START, units("10"), ONE, units("10"))
    assert market.filter_price(START, 5) == units("10")
    assert isinstance(market.reference, ExternalPrice)
    market.reference.set(units("7"), 0, START)
    assert market.filter_price(START, 5) == market.filter_price(START, 0) == units("7")
    market.reference.set(None, 0, START)
    assert market.filter_price(START, 5) == units("10")


def test_trades_reach_the_reference_price_and_who_waits() -> None:
    world = World(make_symbol(reference=ArithmeticMeanSpec(5, SECOND)))
    place(world, "alice buy 1 @ 10 STOP 12 as A")
    for row in ("bob sell 1 @ 11", "crowd buy 1 @ 11", "bob sell 1 @ 13", "crowd buy 1 @ 13"):
        place(world, row)
    market = world.exchange.markets["BTCUSDT"]
    assert market.reference is not None
    assert market.reference.value(world.now) == units("12")
    assert (market.triggers.waiting, opened(world)) == ({}, ["A"])
