"""A market as the house stands in it."""

import pytest
from msgspec.structs import replace

from papernet.control.floors import OptionFloor, SpotFloor, floor_of
from papernet.control.house import CannotError, House
from papernet.core.commands import ListSymbol, NewOrder, SetReferencePrice, SetSymbolStatus
from papernet.core.enums import SelfTradeMode, Side, SymbolStatus
from papernet.core.events import PreventedMatch
from papernet.venues.spot.symbols import LotSize, Notional, PriceFilter
from tests.support.fill_desk import FillDesk
from tests.support.worlds import plain, units

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def desk() -> FillDesk:
    return FillDesk()


def spot(desk: FillDesk, symbol: str = "BTCUSDT") -> SpotFloor:
    return SpotFloor(House(desk.exchange, desk.submit), desk.exchange.markets[symbol])


def listed(desk: FillDesk, **changes: object) -> SpotFloor:
    """Return the floor of a symbol like BTCUSDT with changes."""
    symbol = replace(desk.exchange.markets["BTCUSDT"].symbol, name="XYZUSDT", reference=None, price_range=None, **changes)
    desk.submit(ListSymbol(symbol.to_spec()), desk.at)
    return spot(desk, "XYZUSDT")


def test_a_symbol_or_a_contract_or_neither(desk: FillDesk) -> None:
    contract = desk.open_options()
    house = House(desk.exchange, desk.submit)
    assert isinstance(floor_of(house, "BTCUSDT"), SpotFloor)
    assert isinstance(floor_of(house, contract), OptionFloor)
    with pytest.raises(CannotError, match="no symbol or contract") as refusal:
        floor_of(house, "NOPE")
    assert refusal.value.status == 404


def test_orders_are_as_large_as_the_filters_want_them(desk: FillDesk) -> None:
    floor = spot(desk)
    # NOTIONAL 5 to 9,000,000; LOT_SIZE 0.00001 to 9,000
    assert [plain(floor.least(units(price))) for price in ("60000", "1000000", "0.01")] == ["0.00009", "0.00001", "500"]
    assert [plain(floor.most(units(price))) for price in ("60000", "1", "1000000")] == ["150", "9000", "9"]
    bare = listed(desk, filters=(PriceFilter(0, 0, 0), LotSize(0, 0, 0)))
    assert (bare.tick, bare.step, bare.flaw_of_price(1)) == (1, 1, None)
    assert bare.least(units("1")) == 1
    assert bare.most(units("1")) > units("1000000000")


def test_prices_are_what_the_filter_lets_pass(desk: FillDesk) -> None:
    floor = spot(desk)
    assert floor.flaw_of_price(units("60000.01")) is None
    assert "between two ticks, 60000.00000000 and 60000.01000000" in str(floor.flaw_of_price(units("60000.005")))
    assert "PRICE_FILTER" in str(floor.flaw_of_price(units("1000000.01")))
    assert (floor.nearest(1), floor.nearest(units("1.019")), floor.nearest(units("1.011"), up=True)) == (
        units("0.01"),
        units("1.01"),
        units("1.02"),
    )


def test_a_closed_market_says_so(desk: FillDesk) -> None:
    assert spot(desk).closed(desk.at) is None
    desk.submit(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT), desk.at)
    assert spot(desk).closed(desk.at) == "BTCUSDT is in HALT: nothing trades there"


def test_the_price_range_rule_holds_for_the_house_too(desk: FillDesk) -> None:
    desk.submit(SetReferencePrice("BTCUSDT", units("60000")), desk.at)
    floor = spot(desk)
    assert floor.forbidden(BUY, units("120000"), desk.at) is None
    assert "lets trade from 30000.00000000 to 120000.00000000" in str(floor.forbidden(BUY, units("120000.01"), desk.at))
    assert floor.forbidden(SELL, units("29999.99"), desk.at) is not None


def test_too_little_to_buy_is_bought_by_offering_more(desk: FillDesk) -> None:
    order = desk.place("alice sell 1 @ 60000")
    spot(desk).take_exactly(BUY, units("60000"), 1_000, desk.at, alone=False)
    assert desk.fills(order) == [("60000", "0.00001")]


def test_too_little_to_sell_is_sold_behind_an_order_of_the_houses_own(desk: FillDesk) -> None:
    order = desk.place("alice buy 1 @ 60000")
    floor = spot(desk)
    floor.take_exactly(SELL, units("60000"), 1_000, desk.at, alone=False)
    assert desk.fills(order) == [("60000", "0.00001")]
    assert desk.book() == ([("60000", "0.99999")], [])
    (prevented,) = [event for event in desk.events if isinstance(event, PreventedMatch)]
    assert prevented.mode is SelfTradeMode.DECREMENT


def test_too_little_that_is_all_there_is_is_taken_by_a_larger_order(desk: FillDesk) -> None:
    order = desk.place("alice buy 0.0001 @ 60000")
    floor = spot(desk)
    floor.take_exactly(SELL, units("60000"), 9_000, desk.at, alone=False)
    floor.take_exactly(SELL, units("60000"), 1_000, desk.at, alone=True)
    assert desk.fills(order) == [("60000", "0.00009"), ("60000", "0.00001")]


def test_without_room_in_front_too_little_is_said_to_be_too_little(desk: FillDesk) -> None:
    desk.place("alice buy 1 @ 60000")
    desk.place("bob sell 1 @ 60000.01")
    with pytest.raises(CannotError, match="too little for an order at 60000"):
        spot(desk).take_exactly(SELL, units("60000"), 1_000, desk.at, alone=False)
    lots = LotSize(units("1"), 0, units("1"))
    floor = listed(desk, filters=(PriceFilter(0, 0, units("1")), lots, Notional(0, False, 0, False, 0)))
    desk.place("alice sell 5 @ 1", "XYZUSDT")
    floor.take_exactly(BUY, units("1"), units("1"), desk.at, alone=False)
    assert [plain(quantity) for _, quantity in floor.book.asks.depth(1)] == ["4"]


def test_the_house_trades_with_itself_only_where_that_is_offered(desk: FillDesk) -> None:
    floor = spot(desk)
    floor.trade_alone(BUY, units("60000"), units("1"), desk.at)
    assert (floor.last_price, floor.fills) == (units("60000"), [])
    modes = (SelfTradeMode.EXPIRE_MAKER,)
    strict = listed(desk, self_trade_modes=modes, default_self_trade_mode=modes[0])
    with pytest.raises(CannotError, match="does not offer self-trade prevention NONE"):
        strict.trade_alone(BUY, units("60000"), units("1"), desk.at)
    assert strict.meeting_itself() is None


def test_its_own_orders_are_withdrawn_by_price(desk: FillDesk) -> None:
    floor = spot(desk)
    for price in ("59000", "59500"):
        floor.rest(BUY, units(price), units("1"), desk.at)
    desk.place("alice buy 1 @ 59600")
    floor.withdraw_own(SELL, 0, desk.at)
    floor.withdraw_own(BUY, units("59500"), desk.at)
    assert desk.book()[0] == [("59600", "1"), ("59000", "1")]
    floor.withdraw_own(BUY, 0, desk.at)
    assert desk.book()[0] == [("59600", "1")]


def test_an_order_of_the_houses_is_paid_for_with_new_money_and_no_more(desk: FillDesk) -> None:
    floor = spot(desk)
    floor.rest(BUY, units("100"), units("2"), desk.at)
    house = desk.exchange.accounts.by_name["director"]
    assert (house.balances["USDT"].free, house.balances["USDT"].held) == (0, units("200"))
    assert all(command.account == house.account_id for command in desk.commands if isinstance(command, NewOrder))


def test_contracts_are_quoted_beside_what_the_house_has_there(desk: FillDesk) -> None:
    name = desk.open_options()
    floor = OptionFloor(House(desk.exchange, desk.submit), desk.exchange.options.markets[name])
    floor.rest(BUY, units("10"), units("1"), desk.at)
    floor.rest(SELL, units("50"), units("1"), desk.at)
    order = desk.place_option("alice", SELL, "1", "20", name)
    floor.take(BUY, units("20"), units("0.4"), desk.at)
    assert floor.got(order) == units("0.4")
    floor.take(BUY, units("20"), units("5"), desk.at)
    assert floor.got(order) == units("1")
    assert [plain(price) for price, _ in floor.book.bids.depth(9)] == ["10"]
    assert [plain(price) for price, _ in floor.book.asks.depth(9)] == ["50"]
    assert (floor.closed(desk.at), floor.forbidden(BUY, 1, desk.at), floor.least(1)) == (None, None, floor.step)
    assert "tick" in str(floor.flaw_of_price(units("20.01")))
    assert floor.closed(floor.market.contract.expiry) == f"{name} has expired"
    with pytest.raises(CannotError, match="within the band"):
        floor.trade_alone(BUY, units("1000000"), units("1"), desk.at)
