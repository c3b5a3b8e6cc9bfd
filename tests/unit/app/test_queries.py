"""What the public can ask: which symbols, which rows, in which order, and what is refused."""

from typing import Any

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TickerType
from papernet.core.commands import ListSymbol, PrintBlockTrade, SeedCandles, SetSymbolStatus
from papernet.core.enums import SymbolStatus
from tests.support.asking import US, Asking
from tests.support.worlds import ALICE, BOB, SECOND, START, make_symbol, units

MINUTE = 60 * SECOND
DAY = 86_400 * SECOND


def three_markets() -> Asking:
    """Return a world of three symbols, listed in no alphabetical order, the second of which does not trade."""
    world = Asking(
        make_symbol(name="LTCBTC", base="LTC", quote="BTC"),
        make_symbol(name="BTCUSDT", permission_sets=(("MARGIN",), ("TRD_GRP_004",))),
        make_symbol(name="ETHBTC", base="ETH", quote="BTC", permission_sets=(("TRD_GRP_005",),)),
        balances=(("BTC", units("100")), ("LTC", units("100")), ("ETH", units("100")), ("USDT", units("100"))),
    )
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.BREAK))
    return world


def traded() -> Asking:
    """Return a market with three trades, the last two of one taker order, ten seconds apart, and a book of 2 x 2."""
    world = Asking()
    world.sell(BOB, "1", "100")
    world.buy(ALICE, "1", "100")
    world.now += 10 * SECOND + 1
    for price in ("101", "102", "103", "104"):
        world.sell(BOB, "1", price)
    world.buy(ALICE, "2", "102")
    world.buy(ALICE, "3", "90")
    world.buy(ALICE, "4", "91")
    return world


def test_ping_and_time() -> None:
    world = Asking()
    assert world.reply("ping") == {}
    world.now = START + 1_234_567
    assert world.reply("time") == {"serverTime": (START + 1_234_567) // 1_000}
    assert world.reply("time", unit=US) == {"serverTime": START + 1_234_567}


# exchange information


def names(world: Asking, **params: Any) -> list[str]:
    return [symbol["symbol"] for symbol in world.reply("exchangeInfo", **params)["symbols"]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        # rest-api.md, Exchange information: SPOT, MARGIN or LEVERAGED when no permission is named
        ({}, ["LTCBTC", "BTCUSDT"]),
        ({"symbol": "ETHBTC"}, ["ETHBTC"]),
        ({"symbols": ("ETHBTC", "LTCBTC")}, ["LTCBTC", "ETHBTC"]),
        ({"permissions": ("SPOT",)}, ["LTCBTC"]),
        ({"permissions": ("TRD_GRP_004", "TRD_GRP_005")}, ["BTCUSDT", "ETHBTC"]),
        ({"permissions": ("LEVERAGED",)}, []),
        ({"symbolStatus": SymbolStatus.TRADING}, ["LTCBTC"]),
        ({"symbolStatus": SymbolStatus.BREAK}, ["BTCUSDT"]),
        ({"symbolStatus": SymbolStatus.HALT}, []),
        ({"symbolStatus": SymbolStatus.TRADING, "permissions": ("TRD_GRP_005",)}, ["ETHBTC"]),
    ],
)
def test_exchange_information_chooses_symbols(params: dict[str, Any], expected: list[str]) -> None:
    assert names(three_markets(), **params) == expected


@pytest.mark.parametrize("params", [{"symbol": "NOPE"}, {"symbols": ("LTCBTC", "NOPE")}])
def test_exchange_information_knows_its_symbols(params: dict[str, Any]) -> None:
    assert three_markets().ask("exchangeInfo", **params) == Fault(RequestFault.UNKNOWN_SYMBOL)


def test_exchange_information_is_remembered_until_something_changes() -> None:
    world = three_markets()
    first = world.ask("exchangeInfo").listing
    assert world.ask("exchangeInfo").listing is first
    assert world.ask("exchangeInfo", showPermissionSets=False).listing is not first
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING))
    assert names(world, symbolStatus=SymbolStatus.TRADING) == ["LTCBTC", "BTCUSDT"]
    world.apply(ListSymbol(make_symbol(name="NEWBTC", base="NEW", quote="BTC").to_spec()))
    assert names(world) == ["LTCBTC", "BTCUSDT", "NEWBTC"]


def test_what_is_remembered_of_exchange_information_is_bounded() -> None:
    world = three_markets()
    for number in range(1_000):
        world.ask("exchangeInfo", permissions=(f"P{number}",))
    assert len(world.context.listings.listings) <= world.context.listings.CAPACITY


# the book


def test_depth_is_best_first_and_bounded() -> None:
    world = traded()
    assert world.reply("depth", symbol="BTCUSDT") == {
        "lastUpdateId": world.exchange.markets["BTCUSDT"].book.update_id,
        "bids": [["91.00000000", "4.00000000"], ["90.00000000", "3.00000000"]],
        "asks": [["103.00000000", "1.00000000"], ["104.00000000", "1.00000000"]],
    }
    assert world.reply("depth", symbol="BTCUSDT", limit=1)["asks"] == [["103.00000000", "1.00000000"]]


def test_depth_of_a_status() -> None:
    world = three_markets()
    assert world.reply("depth", symbol="BTCUSDT", symbolStatus=SymbolStatus.BREAK)["bids"] == []
    refused = world.ask("depth", symbol="BTCUSDT", symbolStatus=SymbolStatus.TRADING)
    assert refused == Fault(RequestFault.SYMBOL_STATUS_MISMATCH)


@pytest.mark.parametrize(
    "name", ["depth", "trades.recent", "trades.historical", "trades.aggregate", "klines", "uiKlines", "avgPrice"]
)
def test_unknown_symbols_are_refused(name: str) -> None:
    assert Asking().ask(name, symbol="NOPE") == Fault(RequestFault.UNKNOWN_SYMBOL)


# trades


def ids(rows: list[dict[str, Any]], field: str = "id") -> list[int]:
    return [row[field] for row in rows]


def test_recent_trades() -> None:
    world = traded()
    rows = world.reply("trades.recent", symbol="BTCUSDT")
    assert ids(rows) == [0, 1, 2]
    assert rows[1] == {
        "id": 1,
        "price": "101.00000000",
        "qty": "1.00000000",
        "quoteQty": "101.00000000",
        "time": (START + 10 * SECOND) // 1_000,
        "isBuyerMaker": False,
        "isBestMatch": True,
    }
    assert ids(world.reply("trades.recent", symbol="BTCUSDT", limit=2)) == [1, 2]


def test_historical_trades() -> None:
    world = traded()
    assert ids(world.reply("trades.historical", symbol="BTCUSDT", limit=2)) == [1, 2]
    assert ids(world.reply("trades.historical", symbol="BTCUSDT", fromId=0, limit=2)) == [0, 1]
    assert ids(world.reply("trades.historical", symbol="BTCUSDT", fromId=7)) == []


def test_block_trades() -> None:
    world = traded()
    for price in ("99", "98", "97"):
        world.apply(PrintBlockTrade("BTCUSDT", ALICE, BOB, units(price), units("2"), buyer_is_maker=price == "98"))
    rows = world.reply("blockTrades.historical", symbol="BTCUSDT", fromId=0)
    assert ids(rows) == [0, 1, 2]
    assert rows[1] == {
        "id": 1,
        "price": "98.00000000",
        "qty": "2.00000000",
        "quoteQty": "196.00000000",
        "time": world.now // 1_000,
        "isBuyerMaker": True,
    }
    assert ids(world.reply("blockTrades.historical", symbol="BTCUSDT", fromId=1, limit=1)) == [1]
    assert world.reply("blockTrades.historical", symbol="BTCUSDT", fromId=3) == []
    # they are no trades of the book
    assert ids(world.reply("trades.recent", symbol="BTCUSDT")) == [0, 1, 2]
    assert world.ask("blockTrades.historical", symbol="NOPE", fromId=0) == Fault(RequestFault.UNKNOWN_SYMBOL)


LATER = START + 10 * SECOND + 1


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [0, 1, 2]),
        ({"limit": 1}, [2]),
        ({"fromId": 1}, [1, 2]),
        ({"startTime": START}, [0, 1, 2]),
        ({"startTime": START, "limit": 1}, [0]),
        ({"startTime": LATER}, [1, 2]),
        ({"startTime": LATER + 1}, []),
        ({"endTime": START}, [0]),
        # in milliseconds, the end is the whole millisecond in which the later trades happened
        ({"endTime": LATER // 1_000 * 1_000}, [0, 1, 2]),
        ({"endTime": LATER - 2}, [0]),
        ({"endTime": LATER, "limit": 1}, [2]),
        ({"startTime": START + 1, "endTime": LATER}, [1, 2]),
        ({"startTime": LATER, "endTime": START}, []),
    ],
)
def test_aggregate_trades(params: dict[str, Any], expected: list[int]) -> None:
    assert ids(traded().reply("trades.aggregate", symbol="BTCUSDT", **params), "a") == expected


@pytest.mark.parametrize("params", [{"fromId": 0, "startTime": START}, {"fromId": 0, "endTime": START}])
def test_aggregate_trades_by_id_or_by_time(params: dict[str, Any]) -> None:
    assert traded().ask("trades.aggregate", symbol="BTCUSDT", **params) == Fault(RequestFault.BAD_COMBINATION)


# candles


@pytest.mark.parametrize("name", ["klines", "uiKlines"])
def test_candles(name: str) -> None:
    world = traded()
    world.now = START + MINUTE
    # START is 20 seconds after a minute
    first = (START - 20 * SECOND) // 1_000
    assert world.reply(name, symbol="BTCUSDT", interval="1m") == [
        [
            first,
            "100.00000000",
            "102.00000000",
            "100.00000000",
            "102.00000000",
            "3.00000000",
            first + 59_999,
            "303.00000000",
            3,
            "3.00000000",
            "303.00000000",
            "0",
        ],
        [
            first + 60_000,
            *["102.00000000"] * 4,
            "0.00000000",
            first + 119_999,
            "0.00000000",
            0,
            "0.00000000",
            "0.00000000",
            "0",
        ],
    ]
    assert [row[0] for row in world.reply(name, symbol="BTCUSDT", interval="1s", startTime=START, limit=2)] == [
        START // 1_000,
        START // 1_000 + 1_000,
    ]
    zone = world.reply(name, symbol="BTCUSDT", interval="1d", timeZone=3_600 * SECOND)
    assert [row[0] for row in zone] == [(START // DAY * DAY - 3_600 * SECOND) // 1_000]


def test_intervals_are_those_of_the_table() -> None:
    assert traded().ask("klines", symbol="BTCUSDT", interval="7m") == Fault(RequestFault.BAD_INTERVAL)


# prices and tickers


def test_the_average_price() -> None:
    world = traded()
    # 303 for 3, in the last five minutes; the last trade's time
    assert world.reply("avgPrice", symbol="BTCUSDT") == {"mins": 5, "price": "101.00000000", "closeTime": LATER // 1_000}
    world.now += 6 * MINUTE
    assert world.reply("avgPrice", symbol="BTCUSDT")["price"] == "102.00000000"
    assert Asking().reply("avgPrice", symbol="BTCUSDT") == {"mins": 5, "price": "0.00000000", "closeTime": 0}


def test_the_day_ticker() -> None:
    world = traded()
    world.now += 1_000
    assert world.reply("ticker.24hr", symbol="BTCUSDT") == {
        "symbol": "BTCUSDT",
        "priceChange": "2.00000000",
        "priceChangePercent": "2.000",
        "weightedAvgPrice": "101.00000000",
        "prevClosePrice": "100.00000000",
        "lastPrice": "102.00000000",
        "lastQty": "1.00000000",
        "bidPrice": "91.00000000",
        "bidQty": "4.00000000",
        "askPrice": "103.00000000",
        "askQty": "1.00000000",
        "openPrice": "100.00000000",
        "highPrice": "102.00000000",
        "lowPrice": "100.00000000",
        "volume": "3.00000000",
        "quoteVolume": "303.00000000",
        "openTime": (world.now - DAY) // 1_000,
        "closeTime": world.now // 1_000,
        "firstId": 0,
        "lastId": 2,
        "count": 3,
    }


def test_a_ticker_of_a_market_without_trades() -> None:
    reply = Asking().reply("ticker.24hr", symbol="BTCUSDT")
    assert (reply["lastPrice"], reply["priceChangePercent"], reply["bidPrice"]) == ("0.00000000", "0.000", "0.00000000")
    assert (reply["firstId"], reply["lastId"], reply["count"]) == (-1, -1, 0)


def test_the_window_ticker_begins_on_a_minute() -> None:
    world = traded()
    world.now = START + 5 * MINUTE + 7
    reply = world.reply("ticker", symbol="BTCUSDT", windowSize=4 * MINUTE)
    assert (reply["openTime"], reply["closeTime"]) == ((START + MINUTE - 20 * SECOND) // 1_000, world.now // 1_000)
    assert (reply["count"], reply["lastPrice"]) == (0, "102.00000000")
    reply = world.reply("ticker", symbol="BTCUSDT", windowSize=5 * MINUTE)
    assert (reply["openTime"], reply["count"]) == ((START - 20 * SECOND) // 1_000, 3)


def test_the_trading_day_ticker_is_of_a_day_of_the_zone() -> None:
    world = traded()
    midnight = START // DAY * DAY
    reply = world.reply("ticker.tradingDay", symbol="BTCUSDT")
    assert (reply["openTime"], reply["closeTime"]) == (midnight // 1_000, (midnight + DAY) // 1_000 - 1)
    # START is 22:13 in UTC
    east = world.reply("ticker.tradingDay", symbol="BTCUSDT", timeZone=2 * 3_600 * SECOND)
    assert east["openTime"] == (midnight + 22 * 3_600 * SECOND) // 1_000
    assert east["count"] == 3


def test_tickers_of_a_seeded_past() -> None:
    world = Asking()
    open_at = START // MINUTE * MINUTE - MINUTE
    prices = units("10"), units("12"), units("9"), units("11")
    row = (open_at, *prices, units("5"), units("55"), 7, units("2"), units("22"))
    world.apply(SeedCandles("BTCUSDT", (row,)))
    assert world.reply("ticker.price", symbol="BTCUSDT") == {"symbol": "BTCUSDT", "price": "11.00000000"}
    reply = world.reply("ticker.24hr", symbol="BTCUSDT", type=TickerType.MINI)
    assert (reply["highPrice"], reply["volume"], reply["firstId"], reply["lastId"]) == ("12.00000000", "5.00000000", 0, 6)


TICKERS = ["ticker.24hr", "ticker.tradingDay", "ticker", "ticker.price", "ticker.book"]


@pytest.mark.parametrize("name", TICKERS)
def test_tickers_are_one_row_or_an_array_in_listing_order(name: str) -> None:
    world = three_markets()
    assert world.reply(name, symbol="ETHBTC")["symbol"] == "ETHBTC"
    assert [row["symbol"] for row in world.reply(name, symbols=("ETHBTC", "LTCBTC"))] == ["LTCBTC", "ETHBTC"]
    assert [row["symbol"] for row in world.reply(name, symbols=("ETHBTC",))] == ["ETHBTC"]
    assert [row["symbol"] for row in world.reply(name)] == ["LTCBTC", "BTCUSDT", "ETHBTC"]


@pytest.mark.parametrize("name", TICKERS)
def test_tickers_of_a_status(name: str) -> None:
    world = three_markets()
    breaking: dict[str, Any] = {"symbolStatus": SymbolStatus.BREAK}
    # rest-api.md: a single symbol that differs is refused, of several those that differ are left out
    assert world.ask(name, symbol="ETHBTC", **breaking) == Fault(RequestFault.SYMBOL_STATUS_MISMATCH)
    assert world.reply(name, symbol="BTCUSDT", **breaking)["symbol"] == "BTCUSDT"
    assert [row["symbol"] for row in world.reply(name, **breaking)] == ["BTCUSDT"]
    assert world.reply(name, symbols=("ETHBTC", "LTCBTC"), **breaking) == []


@pytest.mark.parametrize("name", TICKERS)
@pytest.mark.parametrize("params", [{"symbol": "NOPE"}, {"symbols": ("LTCBTC", "NOPE")}])
def test_tickers_of_unknown_symbols_are_refused(name: str, params: dict[str, Any]) -> None:
    assert three_markets().ask(name, **params) == Fault(RequestFault.UNKNOWN_SYMBOL)


@pytest.mark.parametrize("name", ["ticker.24hr", "ticker.tradingDay", "ticker"])
def test_mini_tickers_tell_less(name: str) -> None:
    mini = traded().reply(name, symbol="BTCUSDT", type=TickerType.MINI)
    full = traded().reply(name, symbol="BTCUSDT")
    left_out = {"priceChange", "priceChangePercent", "weightedAvgPrice", "prevClosePrice", "lastQty"}
    left_out |= {"bidPrice", "bidQty", "askPrice", "askQty"}
    assert mini == {field: value for field, value in full.items() if field not in left_out}


def test_last_prices_and_touches() -> None:
    world = traded()
    assert world.reply("ticker.price", symbol="BTCUSDT") == {"symbol": "BTCUSDT", "price": "102.00000000"}
    assert world.reply("ticker.book") == [
        {
            "symbol": "BTCUSDT",
            "bidPrice": "91.00000000",
            "bidQty": "4.00000000",
            "askPrice": "103.00000000",
            "askQty": "1.00000000",
        }
    ]
    empty = Asking().reply("ticker.book", symbol="BTCUSDT")
    assert (empty["bidPrice"], empty["askQty"]) == ("0.00000000", "0.00000000")
