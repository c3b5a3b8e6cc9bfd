"""Quotes of the crowd: which orders stay where they are, which go, which come, and what they meet."""

import pytest

from papernet.core.commands import QuoteOptions
from papernet.core.events import BookDelta, OptionReport, Trade
from papernet.venues.options.quoting import quote
from tests.support.option_market import (
    ALICE,
    BUY,
    CALL,
    CROWD,
    EXPIRY,
    HOUSE,
    PUT,
    SELL,
    OptionDesk,
    hold,
    units,
)

Rows = tuple[tuple[int | str, int | str], ...]


@pytest.fixture
def desk() -> OptionDesk:
    return OptionDesk()


def quoted(desk: OptionDesk, bids: Rows, asks: Rows, symbol: str = CALL, account: int = CROWD) -> None:
    """Quote one contract."""
    both = tuple(tuple((units(price), units(quantity)) for price, quantity in rows) for rows in (bids, asks))
    turn = desk.turn()
    quote(turn, desk.portfolio(account), QuoteOptions(account, ((symbol, both[0], both[1]),)))
    desk.done(turn)
    desk.check()


def book(desk: OptionDesk, symbol: str = CALL) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    both = desk.market(symbol).book
    return both.bids.depth(10), both.asks.depth(10)


def test_quotes_rest_on_the_book_and_only_the_book_tells(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 2), (1_890, 3)), ((2_100, 1),))
    assert book(desk) == ([(units(1_900), units(2)), (units(1_890), units(3))], [(units(2_100), units(1))])
    assert [type(event) for event in desk.events] == [BookDelta]


def test_an_unchanged_quote_keeps_its_place(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 2),), ((2_100, 1),))
    desk.place(ALICE, BUY, 1, 1_900)
    quoted(desk, ((1_900, 2), (1_895, 1)), ((2_105, 1),))
    assert book(desk) == ([(units(1_900), units(3)), (units(1_895), units(1))], [(units(2_105), units(1))])
    first = desk.market().book.bids.levels[units(1_900)].head
    assert first is not None
    assert first.terms.account == CROWD


def test_a_quote_of_another_size_goes_to_the_end_of_the_queue(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 2),), ())
    desk.place(ALICE, BUY, 1, 1_900)
    quoted(desk, ((1_900, 3),), ())
    first = desk.market().book.bids.levels[units(1_900)].head
    assert first is not None
    assert first.terms.account == ALICE
    assert book(desk) == ([(units(1_900), units(4))], [])


def test_the_same_quote_again_changes_nothing(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 2),), ((2_100, 1),))
    orders = dict(desk.market().orders)
    quoted(desk, ((1_900, 2),), ((2_100, 1),))
    assert desk.market().orders == orders
    assert desk.events == []


def test_an_empty_quote_takes_everything_away(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 2),), ((2_100, 1),))
    quoted(desk, (), ())
    assert book(desk) == ([], [])
    assert not desk.portfolio(CROWD).open_orders
    assert not desk.portfolio(CROWD).positions


def test_other_makers_and_other_contracts_are_left_alone(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 2),), (), account=HOUSE)
    quoted(desk, ((1_900, 2),), (), symbol=PUT)
    quoted(desk, ((1_895, 1),), ())
    assert book(desk)[0] == [(units(1_900), units(2)), (units(1_895), units(1))]
    assert book(desk, PUT)[0] == [(units(1_900), units(2))]


def test_a_quote_takes_the_users_orders_that_it_crosses_and_rests_with_what_is_left(desk: OptionDesk) -> None:
    desk.place(ALICE, BUY, 1, 2_000)
    quoted(desk, ((1_900, 2),), ((1_990, 3),))
    assert desk.told() == ["crowd TRADE PARTIALLY_FILLED", "alice TRADE FILLED"]
    assert [event.price for event in desk.events if isinstance(event, Trade)] == [units(2_000)]
    assert book(desk) == ([(units(1_900), units(2))], [(units(1_990), units(2))])
    assert desk.quantity(ALICE) == units(1)


def test_a_quote_that_is_filled_whole_does_not_rest(desk: OptionDesk) -> None:
    desk.place(ALICE, SELL, 1, 2_000)
    quoted(desk, ((2_000, 1),), ())
    assert book(desk) == ([], [])


def test_what_a_quote_closes_ends_orders_that_were_to_close_it(desk: OptionDesk) -> None:
    hold(desk.venue, ALICE, CALL, 1, 1_000)
    desk.place(ALICE, SELL, 1, 2_500, reduce_only=True)
    desk.place(ALICE, SELL, 1, 2_000)
    quoted(desk, ((2_000, 1),), ())
    assert desk.told()[-1] == "alice EXPIRED EXPIRED"


def test_a_quote_that_crosses_itself_loses_its_bid(desk: OptionDesk) -> None:
    quoted(desk, ((2_000, 1),), ((1_990, 1),))
    assert book(desk) == ([], [(units(1_990), units(1))])
    assert not [event for event in desk.events if isinstance(event, Trade)]


def test_a_fill_is_told_though_its_quote_was_not(desk: OptionDesk) -> None:
    quoted(desk, (), ((2_000, 1),))
    desk.place(ALICE, BUY, "0.5", 2_000)
    assert desk.told() == ["alice NEW NEW", "alice TRADE FILLED", "crowd TRADE PARTIALLY_FILLED"]
    quoted(desk, (), ((2_000, 1),))
    assert book(desk) == ([], [(units(2_000), units(1))])


@pytest.mark.parametrize("row", [(2_001, 1), (2_000, "0.005"), (0, 1), (2_000, 0), (-5, 1), (2_000, -1)])
def test_what_no_order_may_be_is_left_out(desk: OptionDesk, row: tuple[int, int | str]) -> None:
    quoted(desk, (row, (1_500, 1)), (row, (2_500, 1)))
    assert book(desk) == ([(units(1_500), units(1))], [(units(2_500), units(1))])


def test_contracts_that_do_not_trade_are_passed_over(desk: OptionDesk) -> None:
    quoted(desk, ((1_900, 1),), (), symbol="BTC-260123-51000-C")
    desk.at = EXPIRY
    quoted(desk, ((1_900, 1),), ())
    assert book(desk) == ([], [])


def test_bands_and_funds_are_no_concern_of_quotes(desk: OptionDesk) -> None:
    desk.portfolio(CROWD).balance -= units(100_000_000)
    desk.venue.ledger.issued["USDT"] -= units(100_000_000)
    quoted(desk, ((5, 1),), ((100_000, 1),))
    assert book(desk) == ([(units(5), units(1))], [(units(100_000), units(1))])
    assert not [event for event in desk.events if isinstance(event, OptionReport)]
