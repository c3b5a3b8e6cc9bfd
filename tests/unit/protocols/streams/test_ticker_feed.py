"""What tickers say on streams: of a symbol always, of all symbols when something changed."""

from typing import Any

import pytest

from papernet.core.commands import ListSymbol
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from tests.support.air import OnAir
from tests.support.worlds import ALICE, BOB, START, make_symbol, units

ARRAYS = ("!miniTicker@arr", "!ticker@arr", "!ticker_1h@arr", "!ticker_4h@arr", "!ticker_1d@arr")
PURSE = tuple((asset, units("100000")) for asset in ("BTC", "ETH", "LTC", "USDT"))
# what the ticker streams call what the queries call otherwise
_LONG = (
    *("symbol", "priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice", "lastPrice", "lastQty", "bidPrice"),
    *("bidQty", "askPrice", "askQty", "openPrice", "highPrice", "lowPrice", "volume", "quoteVolume", "openTime", "closeTime"),
    *("firstId", "lastId", "count"),
)
NAMES = dict(zip("spPwxcQbBaAohlvqOCFLn", _LONG, strict=True))


def three_markets() -> OnAir:
    symbols = [("ETHBTC", "ETH", "BTC"), ("BTCUSDT", "BTC", "USDT"), ("LTCBTC", "LTC", "BTC")]
    return OnAir(*(make_symbol(name=name, base=base, quote=quote) for name, base, quote in symbols), balances=PURSE)


def trade(world: OnAir, symbol: str, price: str) -> None:
    world.sell(BOB, "1", price, symbol=symbol)
    world.buy(ALICE, "1", price, symbol=symbol)


def as_asked(event: dict[str, Any]) -> dict[str, Any]:
    """Return a ticker with the names of the query's reply."""
    return {NAMES[name]: value for name, value in event.items() if name not in ("e", "E")}


@pytest.mark.parametrize(
    ("suffix", "query", "params"),
    [
        ("ticker", "ticker.24hr", {}),
        ("ticker_1h", "ticker", {"windowSize": HOUR}),
        ("ticker_4h", "ticker", {"windowSize": 4 * HOUR}),
        ("ticker_1d", "ticker", {"windowSize": DAY}),
    ],
)
def test_a_ticker_is_that_of_the_query_at_the_same_moment(suffix: str, query: str, params: dict[str, Any]) -> None:
    world = three_markets()
    ear = world.listen(f"btcusdt@{suffix}")
    for step in range(5):
        trade(world, "BTCUSDT", str(100 + step))
        world.buy(BOB, "1", str(90 + step))
        world.wait(50 * MINUTE + 1_234_567)
        (event,) = ear.take()
        assert as_asked(event) == world.reply(query, symbol="BTCUSDT", **params)
        assert event["E"] == event["C"] == world.now // MILLISECOND


def test_a_mini_ticker_is_the_short_form_of_the_ticker() -> None:
    world = three_markets()
    trade(world, "BTCUSDT", "100")
    trade(world, "BTCUSDT", "103")
    ear = world.listen("btcusdt@ticker", "btcusdt@miniTicker")
    world.wait(SECOND)
    full, short = ear.take()
    assert {name: full[name] for name in short if name != "e"} == {name: short[name] for name in short if name != "e"}


def test_a_window_begins_on_a_minute() -> None:
    world = three_markets()
    ear = world.listen("btcusdt@ticker_1h")
    world.wait(59 * SECOND)
    (event,) = ear.take()
    assert event["O"] * MILLISECOND % MINUTE == 0
    assert 0 <= world.now - HOUR - event["O"] * MILLISECOND < MINUTE


def test_a_symbols_ticker_is_told_though_nothing_changed() -> None:
    world = three_markets()
    ear = world.listen("btcusdt@ticker", "btcusdt@miniTicker", "btcusdt@ticker_1h")
    for _ in range(3):
        world.wait(SECOND)
    assert len(ear.take()) == 9


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_holds_what_changed_and_nothing_is_told_when_nothing_did(name: str) -> None:
    world = three_markets()
    trade(world, "LTCBTC", "1")
    ear = world.listen(name)
    world.wait(SECOND)
    assert ear.take() == []
    trade(world, "LTCBTC", "2")
    world.wait(SECOND)
    trade(world, "BTCUSDT", "100")
    trade(world, "ETHBTC", "3")
    world.wait(SECOND)
    world.wait(SECOND)
    assert [[row["s"] for row in event] for event in ear.take()] == [["LTCBTC"], ["ETHBTC", "BTCUSDT"]]


@pytest.mark.parametrize("name", ARRAYS)
def test_a_trade_at_the_price_of_the_one_before_is_a_change(name: str) -> None:
    world = three_markets()
    trade(world, "LTCBTC", "1")
    ear = world.listen(name)
    trade(world, "LTCBTC", "1")
    world.wait(SECOND)
    assert [[(row["s"], row["v"]) for row in event] for event in ear.take()] == [[("LTCBTC", "2.00000000")]]


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_tells_what_left_the_window(name: str) -> None:
    world = three_markets()
    trade(world, "LTCBTC", "1")
    trade(world, "LTCBTC", "2")
    ear = world.listen(name)
    world.wait(DAY - MINUTE)
    ear.take()
    world.wait(3 * MINUTE)
    told = ear.take()
    # the shorter windows were empty before
    assert [[(row["s"], row["v"]) for row in event] for event in told] == (
        [] if name in ARRAYS[2:4] else [[("LTCBTC", "0.00000000")]]
    )


def test_the_book_is_shown_by_the_full_ticker_alone() -> None:
    world = three_markets()
    ears = {name: world.listen(name) for name in ARRAYS}
    world.buy(BOB, "1", "99", symbol="BTCUSDT")
    world.wait(SECOND)
    assert {name: len(ear.take()) for name, ear in ears.items()} == dict.fromkeys(ARRAYS, 0) | {"!ticker@arr": 1}


def test_rows_of_an_array_are_those_of_the_symbols_streams() -> None:
    world = three_markets()
    forms = {"!miniTicker@arr": "miniTicker", "!ticker@arr": "ticker", "!ticker_4h@arr": "ticker_4h"}
    arrays = [world.listen(name) for name in forms]
    singles = [world.listen(f"ltcbtc@{form}") for form in forms.values()]
    trade(world, "LTCBTC", "2")
    world.wait(SECOND)
    assert [ear.take() for ear in arrays] == [[ear.take()] for ear in singles]


def test_a_symbol_that_is_listed_later_joins_the_arrays() -> None:
    world = three_markets()
    ear = world.listen("!miniTicker@arr")
    world.apply(ListSymbol(make_symbol(name="LTCUSDT", base="LTC").to_spec()))
    world.wait(SECOND)
    trade(world, "LTCUSDT", "5")
    world.wait(SECOND)
    assert [[row["s"] for row in event] for event in ear.take()] == [["LTCUSDT"], ["LTCUSDT"]]


def test_the_statistics_of_a_moment_are_asked_for_once() -> None:
    world = three_markets()
    world.listen("btcusdt@ticker", "btcusdt@miniTicker", "!miniTicker@arr", "!ticker@arr")
    board = world.feed._board
    world.wait(SECOND)
    # of three symbols, of one window
    assert len(board._found) == 3
    assert board.ticker("BTCUSDT", 0, world.now) is board.ticker("BTCUSDT", 0, world.now)
    assert board.ticker("BTCUSDT", 0, world.now) is not board.ticker("BTCUSDT", 0, world.now + 1)
    assert world.now == START + SECOND
