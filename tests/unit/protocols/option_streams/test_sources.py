"""What timed streams show at their boundaries."""

from typing import Any

import pytest

from papernet.app.operations.options import Generation
from papernet.core.commands import Reset
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from tests.support.air import Ear
from tests.support.option_air import BUY, CALL, CURRENT, EXPIRY, LEGACY, SELL, OptionsOnAir
from tests.support.worlds import ALICE, BOB

TENTH = 100 * MILLISECOND
LOWER = CALL.lower()


def amounts(rows: list[list[str]]) -> list[tuple[float, float]]:
    return [(float(price), float(quantity)) for price, quantity in rows]


def on_air(generation: Generation = CURRENT) -> OptionsOnAir:
    world = OptionsOnAir(generation)
    world.mark(CALL, "2000")
    return world


class LocalBook:
    """A client's book, kept as the documents say it is to be kept, and no more cleverly.

    How to manage a local order book correctly: events are buffered from before the snapshot; those with u < lastUpdateId are
    dropped; the first one that counts has U <= lastUpdateId <= u; every other one has pu = the u before it; a quantity of 0
    removes a price.
    """

    def __init__(self, ear: Ear, snapshot: dict[str, Any]) -> None:
        self.ear = ear
        self.last_id = snapshot["lastUpdateId"]
        self.sides = {"b": dict(snapshot["bids"]), "a": dict(snapshot["asks"])}
        self.previous: int | None = None

    def catch_up(self) -> None:
        for event in self.ear.take():
            if self.previous is None:
                if event["u"] < self.last_id:
                    continue
                assert event["U"] <= self.last_id <= event["u"], event
            else:
                assert event["pu"] == self.previous, event
            self.previous = event["u"]
            for side, levels in self.sides.items():
                for price, quantity in event[side]:
                    key = int(price.replace(".", "")) * 10**5
                    levels.pop(key, None)
                    if float(quantity):
                        levels[key] = int(quantity.replace(".", "")) * 10**4

    def check(self, world: OptionsOnAir) -> None:
        book = world.book_of()
        assert (self.sides["b"], self.sides["a"]) == (book["bids"], book["asks"])


@pytest.mark.parametrize("speed", ["100ms", "500ms"])
@pytest.mark.parametrize("quiet_before", [0, 1, 2, 3])
@pytest.mark.parametrize("quiet_after", [0, 1, 2])
def test_a_local_book_can_be_kept_whenever_the_snapshot_is_taken(speed: str, quiet_before: int, quiet_after: int) -> None:
    world = on_air()
    world.option(BOB, SELL, "1", "2500")
    ear = world.listen(f"{LOWER}@depth@{speed}")

    def go_on(steps: int) -> None:
        for step in range(steps):
            world.option(BOB, SELL, "1", f"{2100 + 5 * step}")
            world.trade(ALICE, BOB, "0.5", "2000")
            if step % 2:
                world.wait(TENTH)

    go_on(quiet_before)
    if quiet_before == 2:
        world.wait(SECOND)
    book = LocalBook(ear, world.book_of())
    if quiet_after:
        world.wait(quiet_after * SECOND)
        book.catch_up()
    for _ in range(3):
        go_on(1)
        world.wait(SECOND)
        book.catch_up()
        book.check(world)


def test_nothing_is_told_of_a_book_in_which_nothing_changed() -> None:
    world = on_air()
    ear = world.listen(f"{LOWER}@depth@100ms")
    world.wait(SECOND)
    assert ear.take() == []


def test_the_best_levels_are_told_at_every_boundary_with_the_ids_of_before() -> None:
    world = on_air()
    ear = world.listen(f"{LOWER}@depth5@100ms")
    for step in range(7):
        world.option(BOB, SELL, "1", f"{2100 + 5 * step}")
    at = world.now // MILLISECOND
    world.wait(TENTH)
    world.wait(TENTH)
    world.option(ALICE, BUY, "0.4", "2100")
    world.wait(TENTH)
    events = ear.take()
    assert [(event["U"], event["u"], event["pu"]) for event in events] == [(7, 7, 7), (7, 7, 7), (7, 8, 7)]
    assert [event["T"] - at for event in events] == [0, 0, 200]
    assert amounts(events[0]["a"]) == [(2100 + 5 * step, 1) for step in range(5)]
    assert amounts(events[2]["a"])[0] == (2100, 0.6)


def test_a_book_that_is_gone_is_not_told_of_and_neither_is_an_unknown_one() -> None:
    world = on_air()
    ear = world.listen(f"{LOWER}@depth5@100ms", f"{LOWER}@depth@100ms", "btc-231117-1-c@depth5@100ms", "sol-231117-1-c@depth5")
    world.option(BOB, SELL, "1", "2100")
    world.wait(TENTH)
    assert len(ear.take()) == 2
    world.option(BOB, SELL, "1", "2200")
    world.apply(Reset(()))
    world.now += TENTH
    world.pulse()
    assert ear.take() == []


def test_the_ticker_of_a_contract_is_told_always_and_of_an_expiry_when_it_changed() -> None:
    world = on_air()
    one, expiry = world.listen(f"{LOWER}@optionTicker"), world.listen("btcusdt@optionTicker@231117")
    world.wait(SECOND)
    listed = [market.contract.symbol for market in world.venue.markets.values()]
    of_expiry = [symbol for symbol in listed if symbol.startswith("BTC-231117")]
    assert [event["s"] for event in one.take()] == [CALL]
    # whoever comes first is told of all
    assert [event["s"] for event in expiry.take()] == of_expiry
    world.wait(SECOND)
    assert [event["n"] for event in one.take()] == [0]
    assert expiry.take() == []
    world.trade(ALICE, BOB, "1", "2000")
    world.wait(SECOND)
    (event,) = expiry.take()
    assert (event["s"], event["n"], event["c"]) == (CALL, 1, "2000.000")
    # and once in ten seconds whoever came later
    world.wait(10 * SECOND)
    assert [event["s"] for event in expiry.take()] == of_expiry


def test_tickers_of_the_older_generation_come_in_arrays_and_change_with_marks() -> None:
    world = on_air(LEGACY)
    ear = world.listen("BTC@ticker@231117")
    world.wait(SECOND)
    ear.take()
    world.wait(SECOND)
    assert ear.take() == []
    world.mark(CALL, "2005")
    world.wait(SECOND)
    ((row,),) = ear.take()
    assert (row["s"], row["mp"]) == (CALL, "2005.00000000")


def test_marks_are_of_all_contracts_of_an_underlying_as_they_are() -> None:
    world = on_air()
    ear = world.listen("btcusdt@optionMarkPrice")
    world.option(BOB, SELL, "1.5", "2100")
    world.wait(SECOND)
    (rows,) = ear.take()
    assert len(rows) == sum(market.contract.underlying == "BTCUSDT" for market in world.venue.markets.values())
    (row,) = [row for row in rows if row["s"] == CALL]
    assert (row["mp"], row["vo"], row["b"], row["d"], row["g"]) == (
        "2000.000",
        "0.349",
        "0.34500957",
        "0.50000000",
        "0.00018682",
    )
    assert (row["bo"], row["bq"], row["ao"], row["aq"]) == ("0.000", "0.0000", "2100.000", "1.5000")
    assert float(row["ll"]) < 2000 < float(row["hl"])
    assert world.listen("solusdt@optionMarkPrice").take() == []


def test_contracts_that_expired_are_shown_no_more() -> None:
    world = on_air()
    marks, tickers = world.listen("btcusdt@optionMarkPrice"), world.listen(f"{LOWER}@optionTicker", f"{LOWER}@kline_1m")
    world.trade(ALICE, BOB, "1", "2000")
    world.now = EXPIRY
    world.wait(0)
    (rows,) = marks.take()
    assert CALL not in [row["s"] for row in rows]
    assert tickers.take() == []


def test_open_interest_is_told_once_a_minute() -> None:
    world = on_air()
    ear = world.listen("btcusdt@openInterest@231117")
    world.trade(ALICE, BOB, "1.5", "2000")
    world.wait(MINUTE)
    (rows,) = ear.take()
    assert [(row["o"], row["h"]) for row in rows if row["s"] == CALL] == [("1.5", "75000.00000000")]
    assert world.listen("btcusdt@openInterest@231118").take() == []


def test_an_index_is_told_by_itself_before_and_all_together_today() -> None:
    today, older = on_air(), on_air(LEGACY)
    ear, of_eth = today.listen("!index@arr"), older.listen("ETHUSDT@index")
    for world in (today, older):
        world.wait(SECOND)
    assert [[(row["s"], row["p"]) for row in rows] for rows in ear.take()] == [
        [("BTCUSDT", "50000.00000000"), ("ETHUSDT", "3000.00000000")]
    ]
    assert [(row["s"], row["p"]) for row in of_eth.take()] == [("ETHUSDT", "3000.00000000")]


def test_candles_close_once() -> None:
    world = on_air()
    ear = world.listen(f"{LOWER}@kline_1m")
    world.now += DAY - HOUR
    world.wait(SECOND)
    assert ear.take() == []
    world.trade(ALICE, BOB, "1", "2000")
    world.wait(SECOND)
    world.wait(MINUTE)
    assert [(event["k"]["x"], event["k"]["n"], event["k"]["c"]) for event in ear.take()] == [
        (False, 1, "2000.000"),
        (True, 1, "2000.000"),
    ]
