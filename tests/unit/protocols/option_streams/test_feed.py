"""Which messages leave, when, and for whom."""

from collections.abc import Iterable

from papernet.core.commands import AcceptBlockOrder, ConfigureOptions, CreateBlockOrder, Reset
from papernet.core.dates import DAY, HOUR, SECOND
from papernet.core.enums import Side
from papernet.core.events import Applied, BlockTrade, ContractsListed
from papernet.protocols.option_streams.feed import is_snapshot
from papernet.protocols.option_streams.names import NAMES
from tests.support.option_air import BUY, CALL, CURRENT, ETH_CALL, LEGACY, PUT, SELL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, units

LOWER = CALL.lower()


def test_nothing_is_made_while_nobody_listens() -> None:
    world = OptionsOnAir()
    assert world.feed.encode(world.trade(ALICE, BOB, "1", "2000")) is None
    names = (f"{LOWER}@optionTrade", f"{LOWER}@bookTicker", f"{LOWER}@depth", "!optionSymbol", f"{LOWER}@depth5", "!index@arr")
    ear = world.listen(*names)
    world.leave(ear, *names)
    assert world.feed._handlers == {}
    assert not any((world.feed._prints, world.feed._touch_streams, world.feed._touches, world.feed._books))
    assert not world.feed._listings
    world.trade(ALICE, BOB, "1", "2000")
    world.wait(DAY)
    assert not ear.payloads


def test_a_trade_is_told_of_its_contract_and_its_underlying() -> None:
    world = OptionsOnAir()
    ears = [world.listen(f"{name}@optionTrade") for name in (LOWER, CALL, "btcusdt", "ethusdt", PUT.lower())]
    world.trade(ALICE, BOB, "1", "2000")
    assert [[event["s"] for event in ear.take()] for ear in ears] == [[CALL], [CALL], [CALL], [], []]
    older = OptionsOnAir(LEGACY)
    ears = [older.listen(f"{name}@trade") for name in (CALL, "BTC", "ETH")]
    older.trade(ALICE, BOB, "1", "2000")
    assert [[event["s"] for event in ear.take()] for ear in ears] == [[CALL], [CALL], []]


def test_the_end_of_one_name_leaves_the_other_of_the_same_content_alone() -> None:
    world = OptionsOnAir()
    for form in ("optionTrade", "bookTicker", "depth@100ms"):
        stays, goes = world.listen(f"{LOWER}@{form}"), world.listen(f"{CALL}@{form}")
        world.leave(goes, f"{CALL}@{form}")
        world.trade(ALICE, BOB, "1", "2000")
        world.wait(SECOND)
        assert stays.take()
        assert not goes.payloads


def test_a_block_trade_is_told_among_the_trades() -> None:
    world = OptionsOnAir()
    world.mark(CALL, "2000")
    ear = world.listen("btcusdt@optionTrade")
    created = world.apply(CreateBlockOrder(ALICE, CALL, Side.SELL, units("2000"), units("5"), is_maker=False))
    world.apply(AcceptBlockOrder(BOB, created.events[0].record.key))  # type: ignore[union-attr]
    (event,) = ear.take()
    assert (event["X"], event["S"], event["q"]) == ("BLOCK", "SELL", "5.0000")


def test_trades_of_the_spot_venue_are_not_told() -> None:
    world = OptionsOnAir()
    ear = world.listen("btcusdt@optionTrade", "btcusdt@optionMarkPrice", f"{LOWER}@bookTicker", "!index@arr")
    world.sell(BOB, "1", "50000")
    applied = world.buy(ALICE, "1", "50000")
    block = Applied(applied.seq, world.now, (BlockTrade("BTCUSDT", 1, world.now, 1, 1, 1, False, ALICE, BOB),))
    assert world.feed.encode(block) is None
    assert ear.take() == []


def test_the_touch_is_told_when_it_changed_and_only_then() -> None:
    world = OptionsOnAir()
    ear = world.listen(f"{LOWER}@bookTicker")
    world.option(BOB, SELL, "1", "2100")
    world.option(BOB, SELL, "1", "2200")
    world.option(BOB, BUY, "0.5", "1900")
    world.option(ALICE, BUY, "0.4", "2100")
    world.option(BOB, SELL, "1", "100", contract=ETH_CALL)
    rows = [(event["u"], event["b"], event["B"], event["a"], event["A"]) for event in ear.take()]
    assert rows == [
        (1, "0.000", "0.0000", "2100.000", "1.0000"),
        (3, "1900.000", "0.5000", "2100.000", "1.0000"),
        (4, "1900.000", "0.5000", "2100.000", "0.6000"),
    ]


def test_new_contracts_are_told_one_by_one() -> None:
    world = OptionsOnAir()
    ear = world.listen("!optionSymbol")
    world.now = world.now // DAY * DAY + DAY + 8 * HOUR
    world.wait(0)
    listed = [symbol for event in world.applied[-1].events if isinstance(event, ContractsListed) for symbol in event.symbols]
    assert listed
    assert [event["s"] for event in ear.take()] == listed
    gone = Applied(world.last_seq, world.now, (ContractsListed(("BTC-200101-1-C",), world.now),))
    assert world.feed.encode(gone) is None


def test_what_expired_in_the_same_entry_is_told_but_for_its_book() -> None:
    """A contract that is gone has trades, but no book."""
    world = OptionsOnAir()
    ear = world.listen(f"{LOWER}@optionTrade", f"{LOWER}@bookTicker", f"{LOWER}@depth@100ms")
    applied = world.trade(ALICE, BOB, "1", "2000")
    ear.take()
    market = world.venue.markets.pop(CALL)
    messages = world.feed.encode(applied)
    world.venue.markets[CALL] = market
    assert messages is not None
    assert len(messages) == 1


def test_a_reset_begins_the_books_anew() -> None:
    world = OptionsOnAir()
    ear = world.listen(f"{LOWER}@bookTicker", f"{LOWER}@depth@100ms", f"{LOWER}@depth5@100ms")
    world.option(BOB, SELL, "1", "2100")
    world.apply(Reset(()))
    world.wait(SECOND)
    world.listen(f"{LOWER}@bookTicker")
    told = [event["e"] for event in ear.take()]
    assert told[:1] == ["bookTicker"]
    assert world.feed._touches[CALL].ask_price == 0


def test_of_what_shows_everything_only_the_newest_waits() -> None:
    world = OptionsOnAir()
    ear = world.listen(f"{LOWER}@depth5@100ms", f"{LOWER}@depth@100ms", f"{LOWER}@bookTicker", "btcusdt@optionMarkPrice")
    world.trade(ALICE, BOB, "1", "2000")
    world.wait(SECOND)
    assert sorted(ear.replaceable) == [f"{LOWER}@depth5@100ms", "btcusdt@optionMarkPrice"]
    for name, expected in (
        ("btcusdt@optionTicker@231117", False),
        (f"{LOWER}@optionTicker", True),
        (f"{LOWER}@kline_1m", False),
    ):
        stream = NAMES[CURRENT].parse(name)
        assert stream is not None
        assert is_snapshot(stream) is expected


class Attendant:
    """Notes who is looked at."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], int]] = []

    def __call__(self, symbols: Iterable[str], now: int) -> None:
        self.calls.append((list(symbols), now))


def test_contracts_are_attended_to_soon_after_somebody_came_and_once_a_second() -> None:
    attendant = Attendant()
    world = OptionsOnAir(attend=attendant)
    start = world.now
    world.wait(SECOND)
    assert attendant.calls == []
    ear = world.listen(f"{LOWER}@depth@100ms", f"{CALL}@bookTicker", "btcusdt@optionTrade", "!index@arr")
    for _ in range(3):
        world.wait(SECOND // 2)
    assert attendant.calls == [([CALL], start + SECOND * 3 // 2), ([CALL], start + 2 * SECOND)]
    world.listen("btcusdt@optionTicker@231117", "btcusdt@optionMarkPrice", ear=ear)
    world.wait(1)
    assert attendant.calls[-1][0] == [CALL], "what shows many contracts at once is no look at each of them"
    world.listen(f"{PUT.lower()}@optionTicker", ear=ear)
    world.wait(1)
    assert attendant.calls[-1][0] == [CALL, PUT]


def test_a_venue_that_is_not_open_has_nothing_to_tell() -> None:
    world = OptionsOnAir()
    world.apply(Reset(()))
    ear = world.listen("!index@arr", "btcusdt@optionMarkPrice")
    world.apply(ConfigureOptions(()))
    world.now += SECOND
    world.pulse()
    assert all(isinstance(payload, list) for payload in ear.take())
