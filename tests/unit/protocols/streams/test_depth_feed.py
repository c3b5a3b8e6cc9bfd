"""What books say on streams."""

from typing import Any

from papernet.core.dates import MILLISECOND, SECOND
from tests.support.air import Ear, OnAir
from tests.support.worlds import ALICE, BOB

TENTH = 100 * MILLISECOND


def told(ear: Ear) -> list[tuple[Any, ...]]:
    """Return the ids, bids and asks of events, amounts without their zeros."""
    return [(event["U"], event["u"], short(event["b"]), short(event["a"])) for event in ear.take()]


def short(rows: list[list[str]]) -> list[tuple[str, str]]:
    return [(price.rstrip("0").rstrip("."), quantity.rstrip("0").rstrip(".")) for price, quantity in rows]


def test_an_event_tells_what_became_of_every_level_that_was_touched() -> None:
    world = OnAir()
    world.buy(BOB, "1", "96")
    ear = world.listen("btcusdt@depth@100ms")
    world.buy(BOB, "1", "97")
    world.buy(BOB, "2", "98")
    world.buy(BOB, "5", "97")
    world.sell(BOB, "3", "99")
    world.sell(BOB, "3", "102")
    world.buy(ALICE, "1", "99")
    world.cancel(BOB, 3)
    world.wait(TENTH)
    # best first; what is no more is told as zero
    assert told(ear) == [(2, 8, [("98", "0"), ("97", "6")], [("99", "2"), ("102", "3")])]


def test_ids_follow_each_other_at_both_speeds() -> None:
    world = OnAir()
    quick, slow = world.listen("btcusdt@depth@100ms"), world.listen("btcusdt@depth")
    for step in range(10):
        for _ in range(step % 3):
            world.buy(BOB, "1", "96")
        world.wait(TENTH)
    assert [row[:2] for row in told(quick)] == [(1, 1), (2, 3), (4, 4), (5, 6), (7, 7), (8, 9)]
    assert [row[:2] for row in told(slow)] == [(1, 9)]
    world.buy(BOB, "1", "96")
    world.wait(SECOND)
    assert [row[:2] for row in told(slow)] == [row[:2] for row in told(quick)] == [(10, 10)]


def test_one_content_may_have_two_names() -> None:
    world = OnAir()
    ears = [world.listen(f"btcusdt@depth{suffix}") for suffix in ("", "@1000ms")]
    world.buy(BOB, "1", "96")
    world.wait(SECOND)
    world.leave(ears[0], "btcusdt@depth")
    world.buy(BOB, "1", "96")
    world.wait(SECOND)
    assert [len(ear.take()) for ear in ears] == [1, 2]


def test_nothing_is_told_when_nothing_changed() -> None:
    world = OnAir()
    world.buy(BOB, "1", "96")
    ear = world.listen("btcusdt@depth@100ms", "btcusdt@depth")
    world.wait(SECOND)
    assert ear.take() == []


def test_a_partial_book_is_the_top_of_the_book_at_every_boundary() -> None:
    world = OnAir()
    for price in range(70, 100):
        world.buy(BOB, "1", str(price))
    ears = {levels: world.listen(f"btcusdt@depth{levels}@100ms") for levels in (5, 10, 20)}
    for _ in range(3):
        world.wait(TENTH)
    for levels, ear in ears.items():
        assert ear.take() == [world.reply("depth", symbol="BTCUSDT", limit=levels)] * 3
    world.sell(ALICE, "1.5", "98")
    world.wait(SECOND)
    for levels, ear in ears.items():
        (book,) = ear.take()
        assert book == world.reply("depth", symbol="BTCUSDT", limit=levels)
        assert (len(book["bids"]), book["bids"][0]) == (levels, ["98.00000000", "0.50000000"])
