"""What single prices say on streams."""

from papernet.core.commands import SetReferencePrice
from papernet.core.dates import DAY, MILLISECOND, MINUTE, SECOND
from papernet.venues.spot.symbols import ArithmeticMeanSpec
from tests.support.air import OnAir
from tests.support.worlds import ALICE, BOB, START, make_symbol, units


def trade(world: OnAir, price: str) -> None:
    world.sell(BOB, "1", price)
    world.buy(ALICE, "1", price)


def test_an_average_price_is_told_when_it_changed() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@avgPrice")
    world.wait(SECOND)
    assert ear.take() == []
    trade(world, "100")
    traded_at = world.now
    world.wait(SECOND)
    (event,) = ear.take()
    assert (event["w"], event["T"], event["i"]) == ("100.00000000", traded_at // MILLISECOND, "5m")
    trade(world, "100")
    world.wait(SECOND)
    assert ear.take() == []
    trade(world, "103")
    world.wait(SECOND)
    assert [event["w"] for event in ear.take()] == ["101.00000000"]
    assert world.reply("avgPrice", symbol="BTCUSDT")["price"] == "101.00000000"


def test_an_average_price_changes_when_trades_leave_its_window() -> None:
    world = OnAir()
    trade(world, "100")
    world.now += 4 * MINUTE
    trade(world, "102")
    ear = world.listen("btcusdt@avgPrice")
    for _ in range(4):
        world.wait(MINUTE // 2)
    assert [event["w"] for event in ear.take()] == ["101.00000000", "102.00000000"]
    world.wait(DAY)
    # with nothing in the window it is the last price
    assert ear.take() == []


def test_a_reference_price_is_told_every_second() -> None:
    world = OnAir()
    world.apply(SetReferencePrice("BTCUSDT", units("100.5")))
    set_at = world.now
    ear = world.listen("btcusdt@referencePrice")
    for _ in range(3):
        world.wait(SECOND)
    told = {"e": "referencePrice", "s": "BTCUSDT", "r": "100.50000000", "t": set_at // MILLISECOND}
    assert ear.take() == [told] * 3
    world.apply(SetReferencePrice("BTCUSDT", None))
    withdrawn_at = world.now
    world.wait(SECOND)
    assert ear.take() == [told | {"r": None, "t": withdrawn_at // MILLISECOND}]


def test_a_mean_is_of_the_moment_it_is_told() -> None:
    world = OnAir(make_symbol(reference=ArithmeticMeanSpec(2, SECOND)))
    ear = world.listen("btcusdt@referencePrice")
    trade(world, "100")
    for _ in range(4):
        world.wait(SECOND)
    events = ear.take()
    assert [event["t"] for event in events] == [(START + step * SECOND) // MILLISECOND for step in (1, 2, 3, 4)]
    assert [event["r"] for event in events] == ["100.00000000", "100.00000000", None, None]


def test_a_symbol_that_never_had_a_reference_price_has_none_now() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@referencePrice")
    world.wait(SECOND)
    assert ear.take() == [{"e": "referencePrice", "s": "BTCUSDT", "r": None, "t": world.now // MILLISECOND}]
