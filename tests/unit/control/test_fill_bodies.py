"""The bodies of the fill director's calls."""

import pytest

from papernet.control import fill_bodies
from papernet.control.bodies import BadBodyError
from papernet.control.director import Charge, Which, Wish
from papernet.control.fill_bodies import FillBody, WidenBody
from papernet.core.enums import Side
from tests.support.worlds import units


def test_which_order_is_meant_is_said_once() -> None:
    assert fill_bodies.which(FillBody("X", order_id=0)) == Which("X", 0)
    assert fill_bodies.which(FillBody("X", client_order_id="a", account="bob")) == Which("X", None, "a", "bob")
    for body in (FillBody("X"), FillBody("X", order_id=1, client_order_id="a")):
        with pytest.raises(BadBodyError, match="say which order"):
            fill_bodies.which(body)


def test_how_much_is_a_quantity_or_a_share_or_everything() -> None:
    assert fill_bodies.wish(FillBody("X")) == Wish()
    assert fill_bodies.wish(FillBody("X", quantity="0.5", price="10", through=True)) == Wish(
        units("0.5"), None, units("10"), through=True
    )
    assert fill_bodies.wish(FillBody("X", share="1")) == Wish(None, units("1"))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (FillBody("X", quantity="1", share="1"), "say one of them"),
        (FillBody("X", quantity="0"), "above 0"),
        (FillBody("X", quantity="-1"), "no amount"),
        (FillBody("X", share="1.1"), "from 0 to 1"),
        (FillBody("X", price="x"), "price"),
    ],
)
def test_what_is_no_wish(body: FillBody, why: str) -> None:
    with pytest.raises(BadBodyError, match=why):
        fill_bodies.wish(body)


def test_what_a_fill_costs() -> None:
    assert fill_bodies.charge(FillBody("X"), "BNB") is None
    assert fill_bodies.charge(FillBody("X", commission="0.001"), "BNB") == Charge(100_000, in_discount_asset=False)
    assert fill_bodies.charge(FillBody("X", commission="0", commission_asset="BNB"), "BNB") == Charge(0, in_discount_asset=True)
    for body in (
        FillBody("X", commission_asset="BNB"),
        FillBody("X", commission="1.5"),
        FillBody("X", commission="0.1", commission_asset="ETH"),
    ):
        with pytest.raises(BadBodyError, match="commission"):
            fill_bodies.charge(body, "BNB")


def test_sides_are_those_of_takers_and_of_books() -> None:
    assert [fill_bodies.taker(text) for text in ("", "buy", "SELL")] == [None, Side.BUY, Side.SELL]
    assert fill_bodies.book_sides("") == fill_bodies.book_sides("both") == (Side.BUY, Side.SELL)
    assert fill_bodies.book_sides("Asks") == (Side.SELL,)
    with pytest.raises(BadBodyError, match="neither BUY nor SELL"):
        fill_bodies.taker("bids")
    with pytest.raises(BadBodyError, match="bids, asks, both"):
        fill_bodies.book_sides("BUY")


def test_levels_and_spans() -> None:
    assert fill_bodies.levels([("1", "2")], "bids") == [(units("1"), units("2"))]
    with pytest.raises(BadBodyError, match=r"asks\.quantity"):
        fill_bodies.levels([("1", "0")], "asks")
    with pytest.raises(BadBodyError, match="at most 1000"):
        fill_bodies.levels([("1", "1")] * 1_001, "bids")
    assert fill_bodies.until(None, 5) is None
    assert fill_bodies.until("2s", 5) == 2_000_005


def test_a_spread_is_an_amount_a_percentage_or_two_prices() -> None:
    assert fill_bodies.spread(WidenBody("X", spread="10"), units("100")) == (units("95"), units("105"))
    assert fill_bodies.spread(WidenBody("X", percent="2"), units("100")) == (units("99"), units("101"))
    assert fill_bodies.spread(WidenBody("X", bid="1", ask="2"), 1) is None
    for body in (
        WidenBody("X"),
        WidenBody("X", bid="1"),
        WidenBody("X", spread="1", percent="1"),
        WidenBody("X", percent="200"),
    ):
        with pytest.raises(BadBodyError):
            fill_bodies.spread(body, units("100"))
