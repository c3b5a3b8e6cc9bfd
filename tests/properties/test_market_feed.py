"""A busy day in small on the air: what streams say is what queries say, and what somebody sees who looks after every entry."""

from random import Random
from typing import Any

import msgspec
import pytest

from papernet.app.queries import QUERIES, Context
from papernet.core.commands import Command
from papernet.core.dates import MILLISECOND, SECOND
from papernet.core.events import Applied
from papernet.exchange.views import Views
from papernet.protocols.json import replies
from tests.support.air import Air, Ear
from tests.support.asking import MS, ListPast
from tests.support.busy import SHAPES, step
from tests.support.duel import Duel
from tests.support.worlds import START

TENTH = 100 * MILLISECOND
LEVELS = (5, 10, 20)


class Broadcast(Duel):
    """A duel whose fast exchange is on the air; everything is durable a random number of entries later."""

    def __init__(self, seed: int) -> None:
        self.air: Air | None = None
        self.pulsed_at = START
        self.views = Views()
        super().__init__()
        self.draw = Random(seed)
        self.context = Context(self.exchange, self.views, ListPast())
        self.air = Air(self.context, self.now, len(self.entries))
        self.air.holding = True
        self.ears = {
            f"{symbol.lower()}@{suffix}": Ear()
            for symbol in SHAPES
            for suffix in (
                *("trade", "aggTrade", "bookTicker", "depth", "depth@100ms", "kline_1s", "kline_1m"),
                *(f"depth{levels}@100ms" for levels in LEVELS),
            )
        }
        for name, ear in self.ears.items():
            self.air.listen(name, ear=ear)
        # what streams ought to say, seen by looking
        self.touches: dict[str, list[Any]] = {symbol: [self.touch(symbol)] for symbol in SHAPES}
        self.books: dict[str, list[Any]] = {name: [] for name in self.ears if "@depth" in name}

    def apply(self, command: Command) -> Applied:
        """Give an entry to the exchange, and look at every book."""
        applied = super().apply(command)
        self.views.fold(applied)
        if self.air is not None:
            for symbol, seen in self.touches.items():
                touch = self.touch(symbol)
                if touch[:4] != seen[-1][:4]:
                    seen.append(touch)
            self.air.take(applied)
            if self.draw.randrange(3) == 0:
                self.air.release(applied.seq - self.draw.randrange(3))
        return applied

    def touch(self, symbol: str) -> tuple[str, str, str, str, int]:
        """Return the best bid and ask, read off the whole book, and its update id."""
        book = self.ask("depth", symbol=symbol, limit=5_000)
        bid, ask = ((side or [["0.00000000"] * 2])[0] for side in (book["bids"], book["asks"]))
        return (*bid, *ask, book["lastUpdateId"])

    def ask(self, name: str, **params: Any) -> Any:
        """Return a query's reply."""
        given = {"symbolStatus": None, "fromId": None, "startTime": None, "endTime": None, "timeZone": 0} | params
        answer = QUERIES[name](self.context, given, 0, self.now)
        return msgspec.json.decode(replies.RENDERERS[name](answer, MS))

    def wait(self) -> None:
        """Let a moment pass; when it crosses a boundary, look at what partial books ought to show."""
        before = self.pulsed_at
        self.pulsed_at = self.now = self.now + self.draw.randrange(150 * MILLISECOND)
        assert self.air is not None
        if self.now // TENTH > before // TENTH:
            for name, seen in self.books.items():
                symbol, _, suffix = name.partition("@")
                limit = suffix.removeprefix("depth").removesuffix("@100ms")
                if limit:
                    seen.append(self.ask("depth", symbol=symbol.upper(), limit=int(limit)))
        self.air.feed.pulse(self.now)

    def heard(self, symbol: str, suffix: str) -> list[Any]:
        """Return what a stream said."""
        return self.ears[f"{symbol.lower()}@{suffix}"].take()


@pytest.fixture(scope="module", params=[1, 2])
def day(request: pytest.FixtureRequest) -> Broadcast:
    """Return a broadcast that is over, all of it durable."""
    broadcast = Broadcast(request.param)
    draw = Random(request.param)
    for _ in range(2_000):
        step(broadcast, draw)
        broadcast.wait()
    broadcast.now += 61 * SECOND
    assert broadcast.air is not None
    broadcast.air.feed.pulse(broadcast.now)
    broadcast.air.release()
    return broadcast


@pytest.mark.parametrize("symbol", SHAPES)
def test_trades_are_those_of_the_queries(day: Broadcast, symbol: str) -> None:
    told = [[event["t"], event["p"], event["q"], event["T"], event["m"]] for event in day.heard(symbol, "trade")]
    asked = day.ask("trades.historical", symbol=symbol, limit=5_000)
    assert told == [[row["id"], row["price"], row["qty"], row["time"], row["isBuyerMaker"]] for row in asked]
    together = day.heard(symbol, "aggTrade")
    asked = day.ask("trades.aggregate", symbol=symbol, limit=5_000)
    assert [{name: event[name] for name in "apqflTmM"} for event in together] == asked
    assert len(told) > len(together) > 10
    assert [trade_id for event in together for trade_id in range(event["f"], event["l"] + 1)] == [row[0] for row in told]


@pytest.mark.parametrize("symbol", SHAPES)
def test_best_bids_and_asks_are_those_of_somebody_who_looks_after_every_entry(day: Broadcast, symbol: str) -> None:
    told = [(event["b"], event["B"], event["a"], event["A"], event["u"]) for event in day.heard(symbol, "bookTicker")]
    assert told == day.touches[symbol][1:]
    assert len(told) > 20


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("symbol", SHAPES)
def test_partial_books_are_the_tops_of_the_book_at_each_boundary(day: Broadcast, symbol: str, levels: int) -> None:
    name = f"depth{levels}@100ms"
    told = day.heard(symbol, name)
    # the last one is of the day's end, which nobody looked at
    assert told[:-1] == day.books[f"{symbol.lower()}@{name}"]
    assert len(told) > 500


@pytest.mark.parametrize("suffix", ["depth", "depth@100ms"])
@pytest.mark.parametrize("symbol", SHAPES)
def test_changes_lead_from_an_empty_book_to_the_one_there_is(day: Broadcast, symbol: str, suffix: str) -> None:
    sides: dict[str, dict[str, str]] = {"b": {}, "a": {}}
    last = 0
    for event in day.heard(symbol, suffix):
        assert event["U"] == last + 1
        last = event["u"]
        for side, levels in sides.items():
            prices = [price for price, _ in event[side]]
            assert prices == sorted(prices, key=float, reverse=side == "b")
            assert len(prices) == len(dict.fromkeys(prices))
            levels.update(event[side])
    book = day.ask("depth", symbol=symbol, limit=5_000)
    assert last == book["lastUpdateId"]
    for side, name in (("b", "bids"), ("a", "asks")):
        assert {price: quantity for price, quantity in sides[side].items() if float(quantity)} == dict(book[name])


@pytest.mark.parametrize("interval", ["1s", "1m"])
@pytest.mark.parametrize("symbol", SHAPES)
def test_closed_candles_are_those_of_the_query_and_sum_up_to_all_trades(day: Broadcast, symbol: str, interval: str) -> None:
    closed = [event["k"] for event in day.heard(symbol, f"kline_{interval}") if event["k"]["x"]]
    limit = (day.now - START) // SECOND + 1
    asked = [row for row in day.ask("klines", symbol=symbol, interval=interval, limit=limit) if row[6] < day.now // 1_000]
    assert [[candle[name] for name in "tohlcvTqnVQB"] for candle in closed] == asked
    trades = day.ask("trades.historical", symbol=symbol, limit=5_000)
    assert sum(candle["n"] for candle in closed) == len(trades)
    for field, name in (("v", "qty"), ("q", "quoteQty")):
        assert sum(in_units(candle[field]) for candle in closed) == sum(in_units(row[name]) for row in trades)
    taken = sum(in_units(row["qty"]) for row in trades if not row["isBuyerMaker"])
    assert sum(in_units(candle["V"]) for candle in closed) == taken
    ids = [trade_id for candle in closed if candle["n"] for trade_id in range(candle["f"], candle["L"] + 1)]
    assert ids == [row["id"] for row in trades]


def in_units(text: str) -> int:
    return int(text.replace(".", ""))
