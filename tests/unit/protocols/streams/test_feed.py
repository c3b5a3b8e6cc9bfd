"""Which messages leave, when, and for whom."""

from papernet.core.commands import ListSymbol, PrintBlockTrade, Reset
from papernet.core.dates import DAY, MILLISECOND, SECOND
from papernet.core.enums import Side
from papernet.core.events import Applied, BlockTrade
from tests.support.air import Air, OnAir
from tests.support.asking import MS, US
from tests.support.option_air import CALL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, PURSE, START, make_symbol, units

TENTH = 100 * MILLISECOND


def test_nothing_is_made_while_nobody_listens() -> None:
    world = OnAir()
    applied = [world.sell(BOB, "1", "100"), world.buy(ALICE, "1", "100")]
    assert [world.feed.encode(one) for one in applied] == [None, None]
    assert world.feed._handlers == {}


def test_nothing_is_made_for_other_symbols_and_kinds() -> None:
    world = OnAir(make_symbol(), make_symbol(name="BTCUSDC", quote="USDC"))
    ear = world.listen("btcusdc@trade", "btcusdc@aggTrade", "btcusdc@bookTicker", "btcusdc@blockTrade", "btcusdc@depth@100ms")
    world.sell(BOB, "1", "100")
    world.buy(ALICE, "1", "100")
    world.apply(PrintBlockTrade("BTCUSDT", ALICE, BOB, units("1"), units("1")))
    world.wait(SECOND)
    assert ear.take() == []


def test_the_last_listener_silences_a_stream() -> None:
    world = OnAir()
    names = ("btcusdt@trade", "btcusdt@aggTrade", "btcusdt@bookTicker", "btcusdt@blockTrade", "btcusdt@depth", "!ticker@arr")
    first, second = world.listen(*names), world.listen(*names)
    world.leave(first, *names)
    world.sell(BOB, "1", "100")
    assert len(second.take()) == 1
    world.leave(second, *names)
    world.buy(ALICE, "1", "100")
    world.wait(SECOND)
    assert not first.payloads
    assert not second.payloads
    assert world.feed._handlers == {}
    assert world.feed._watched == {}
    assert not any(world.feed._timed.values())


def test_the_end_of_one_stream_of_a_symbol_leaves_the_others_alone() -> None:
    world = OnAir()
    touches, trades = world.listen("btcusdt@bookTicker"), world.listen("btcusdt@trade")
    world.leave(trades, "btcusdt@trade")
    world.sell(BOB, "1", "100")
    assert [event["a"] for event in touches.take()] == ["100.00000000"]


def test_trades_are_told_one_by_one_and_what_a_taker_traded_at_a_price_together() -> None:
    world = OnAir()
    for quantity, price in (("1", "100"), ("2", "100"), ("4", "101")):
        world.sell(BOB, quantity, price)
    ear = world.listen("btcusdt@trade", "btcusdt@aggTrade")
    world.buy(ALICE, "6", "101")
    events = ear.take()
    assert [(event["e"], event["q"], event["p"]) for event in events] == [
        ("trade", "1.00000000", "100.00000000"),
        ("trade", "2.00000000", "100.00000000"),
        ("trade", "3.00000000", "101.00000000"),
        ("aggTrade", "3.00000000", "100.00000000"),
        ("aggTrade", "3.00000000", "101.00000000"),
    ]
    assert [(event["f"], event["l"]) for event in events[3:]] == [(0, 1), (2, 2)]
    asked = world.reply("trades.aggregate", symbol="BTCUSDT")
    assert [{key: event[key] for key in asked[0]} for event in events[3:]] == asked
    world.now += SECOND
    world.buy(ALICE, "1", "101")
    assert [event["a"] for event in ear.take() if event["e"] == "aggTrade"] == [2]


def test_a_block_trade_is_told_by_its_own_stream_only() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@blockTrade", "btcusdt@trade", "btcusdt@aggTrade")
    world.apply(PrintBlockTrade("BTCUSDT", ALICE, BOB, units("100"), units("2"), buyer_is_maker=True))
    (event,) = ear.take()
    assert (event["e"], event["t"], event["p"], event["m"]) == ("blockTrade", 0, "100.00000000", True)


def test_the_touch_is_told_when_a_price_or_quantity_of_it_changed_and_only_then() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@bookTicker")
    world.buy(BOB, "1", "99")
    world.buy(BOB, "1", "98")
    world.sell(BOB, "2", "101")
    world.cancel(BOB, 2)
    world.buy(ALICE, "1", "101")
    world.cancel(BOB, 1)
    rows = [(event["u"], event["b"][:5], event["B"][:3], event["a"][:5], event["A"][:3]) for event in ear.take()]
    assert rows == [
        (1, "99.00", "1.0", "0.000", "0.0"),
        (3, "99.00", "1.0", "101.0", "2.0"),
        (5, "99.00", "1.0", "101.0", "1.0"),
        (6, "0.000", "0.0", "101.0", "1.0"),
    ]


def test_each_listener_is_told_in_its_own_unit() -> None:
    world = OnAir()
    world.now += 123_456
    slow, fast = world.listen("btcusdt@trade"), world.listen("btcusdt@trade", unit=US)
    world.sell(BOB, "1", "100")
    world.buy(ALICE, "1", "100")
    assert [event["T"] for event in slow.take()] == [world.now // 1_000]
    assert [event["T"] for event in fast.take()] == [world.now]
    world.leave(slow, "btcusdt@trade")
    world.buy(BOB, "1", "100")
    world.sell(ALICE, "1", "100")
    assert (len(slow.take()), len(fast.take())) == (0, 1)


def test_one_encoding_serves_everybody() -> None:
    world = OnAir()
    ears = [world.listen("btcusdt@bookTicker") for _ in range(3)]
    world.buy(BOB, "1", "99")
    assert len({tuple(ear.payloads) for ear in ears}) == 1


def test_nothing_is_told_before_it_is_durable() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@bookTicker", "btcusdt@depth@100ms", "btcusdt@depth5@100ms")
    assert world.air is not None
    world.air.holding = True
    world.buy(BOB, "1", "99")
    seq = world.air.last_seq
    world.wait(TENTH)
    world.buy(BOB, "1", "100")
    assert ear.take() == []
    world.air.release(seq)
    assert [event.get("e", event.get("u")) for event in ear.take()] == [1, "depthUpdate", None]
    world.air.release()
    assert [event["u"] for event in ear.take()] == [2]


def test_what_was_made_for_those_who_went_does_not_reach_those_who_came() -> None:
    """Or they would see a gap between it and the next event."""
    world = OnAir()
    name = "btcusdt@depth@100ms"
    gone, other = world.listen(name), world.listen(name, unit=US)
    assert world.air is not None
    world.air.holding = True
    world.buy(BOB, "1", "99")
    world.wait(TENTH)
    world.leave(gone, name)
    world.buy(BOB, "1", "98")
    world.wait(TENTH)
    came = world.listen(name)
    world.buy(BOB, "1", "97")
    world.wait(TENTH)
    world.air.release()
    assert [event["U"] for event in other.take()] == [1, 2, 3]
    assert gone.take() == []
    assert [event["U"] for event in came.take()] == [3]


def test_a_stream_is_pushed_once_when_its_boundary_was_crossed() -> None:
    world = OnAir()
    assert START % SECOND == 0
    ear = world.listen("btcusdt@depth5@100ms", "btcusdt@depth5")
    pushed = []
    for step in (99_999, 1, 1, 99_998, 1, 250_000, 549_999, 1, DAY, 7):
        world.wait(step)
        pushed.append(len(ear.take()))
    # at 0.1, 0.2, 0.45 and 0.999999 seconds the quick one, at 1.0 both
    assert pushed == [0, 1, 0, 0, 1, 1, 1, 2, 2, 0]


def test_a_clock_that_stands_still_or_goes_back_pushes_nothing() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@depth5@100ms")
    for step in (TENTH, 0, -1, 1, -50_000, 50_000):
        world.wait(step)
    assert len(ear.take()) == 1


def test_the_event_time_is_that_of_the_push() -> None:
    world = OnAir()
    ear = world.listen("btcusdt@ticker", unit=US)
    world.wait(SECOND + 12_345)
    (event,) = ear.take()
    assert (event["E"], event["C"], event["O"]) == (world.now, world.now, world.now - DAY)


def test_a_symbol_that_is_listed_later_is_on_the_air_at_once() -> None:
    world = OnAir()
    suffixes = (
        *("trade", "aggTrade", "bookTicker", "depth", "depth5", "kline_1m", "miniTicker", "ticker_1h", "ticker"),
        *("avgPrice", "referencePrice", "blockTrade"),
    )
    ear = world.listen(*(f"ethusdt@{suffix}" for suffix in suffixes))
    world.wait(2 * SECOND)
    assert ear.take() == []
    world.apply(ListSymbol(make_symbol(name="ETHUSDT", base="BTC").to_spec()))
    world.sell(BOB, "1", "100", symbol="ETHUSDT")
    world.buy(ALICE, "1", "100", symbol="ETHUSDT")
    world.apply(PrintBlockTrade("ETHUSDT", ALICE, BOB, units("100"), units("2")))
    world.wait(2 * SECOND)
    # the book ticker twice, when the offer came and when it went
    assert len(ear.take()) == len(suffixes) + 1


def test_a_reset_begins_anew() -> None:
    world = OnAir()
    world.buy(BOB, "1", "98")
    ear = world.listen("btcusdt@bookTicker", "btcusdt@depth")
    world.buy(BOB, "1", "97")
    world.apply(Reset(PURSE, PURSE))
    world.buy(BOB, "1", "98")
    world.wait(SECOND)
    touch, diff = ear.take()
    assert (touch["u"], touch["b"]) == (1, "98.00000000")
    assert (diff["U"], diff["u"], diff["b"]) == (1, 1, [["98.00000000", "1.00000000"]])


def test_only_whole_pictures_are_dispensable_to_a_slow_reader() -> None:
    names = (
        *("btcusdt@depth5", "btcusdt@miniTicker", "btcusdt@ticker", "btcusdt@ticker_1h", "btcusdt@avgPrice"),
        "btcusdt@referencePrice",
    )
    others = ("btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth", "btcusdt@kline_1m", "!ticker@arr", "btcusdt@aggTrade")
    world = OnAir()
    ear = world.listen(*names, *others)
    world.sell(BOB, "1", "100")
    world.buy(ALICE, "1", "100")
    world.wait(2 * SECOND)
    assert sorted(ear.replaceable) == sorted(names)
    # the book ticker is pushed twice
    assert len(ear.take()) == len(names) + len(others) + 1


def test_a_feed_may_begin_in_the_middle() -> None:
    world = OnAir()
    world.buy(BOB, "1", "99")
    world.now += DAY // 2 + 1
    air = Air(world.context, world.now, len(world.entries))
    ear = air.listen("btcusdt@bookTicker", "btcusdt@depth", unit=MS)
    applied = world.buy(BOB, "1", "98")
    air.take(applied)
    air.feed.pulse(world.now + SECOND)
    (diff,) = ear.take()
    assert (diff["U"], diff["u"]) == (2, 2)


def test_nothing_is_told_of_what_the_options_venue_trades() -> None:
    world = OptionsOnAir()
    air = Air(world.context, world.now, len(world.entries))
    contract = CALL.lower()
    forms = ("trade", "aggTrade", "blockTrade", "bookTicker", "depth@100ms", "depth5@100ms", "kline_1m", "ticker", "avgPrice")
    ear = air.listen(*[f"{contract}@{form}" for form in forms], "!ticker@arr", "!miniTicker@arr", "!ticker_1h@arr")
    for applied in (world.trade(ALICE, BOB, "1", "2000"), world.option(BOB, Side.BUY, "1", "1900")):
        air.take(applied)
    air.take(Applied(len(world.entries) + 1, world.now, (BlockTrade(CALL, 1, world.now, 1, 1, 1, False, ALICE, BOB),)))
    air.feed.pulse(world.now + DAY)
    assert ear.take() == []
