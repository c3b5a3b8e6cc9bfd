"""Which contracts are quoted when."""

from collections.abc import Callable

import pytest

from papernet.core.commands import Command, MarkContracts, QuoteOptions
from papernet.core.dates import SECOND
from papernet.core.events import Applied
from papernet.simulator.option_makers import ATTENTION, OptionMakers
from papernet.simulator.option_model import OptionModel
from papernet.venues.options.market import Mark
from papernet.venues.options.quoting import quote
from tests.support.option_market import ALICE, BTCUSDT, BUY, CALL, CROWD, EXPIRY, HIGH_CALL, NOW, PUT, SELL, OptionDesk


class Told:
    """Does on a desk what the machine does with marks and quotes, and remembers it."""

    def __init__(self, desk: OptionDesk) -> None:
        self.desk = desk
        self.commands: list[Command] = []

    def submit(self, command: Command, at: int) -> Applied:
        self.commands.append(command)
        if isinstance(command, MarkContracts):
            for row in command.rows:
                self.desk.market(row[0]).mark = Mark(at, *row[1:])
        else:
            assert isinstance(command, QuoteOptions)
            turn = self.desk.turn()
            quote(turn, self.desk.venue.portfolio(command.account, at), command)
            self.desk.done(turn)
        return Applied(len(self.commands), at, ())

    def take(self, kind: type[Command]) -> list[str]:
        """Return which contracts the commands of a kind were about, and forget all of them."""
        assert kind in (MarkContracts, QuoteOptions)
        taken = [str(row[0]) for command in self.commands if isinstance(command, kind) for row in command.rows]
        self.commands.clear()
        return taken


@pytest.fixture
def desk() -> OptionDesk:
    made = OptionDesk()
    for market in made.venue.markets.values():
        market.mark = None
    return made


@pytest.fixture
def told(desk: OptionDesk) -> Told:
    return Told(desk)


@pytest.fixture
def makers(desk: OptionDesk, told: Told) -> OptionMakers:
    return OptionMakers(desk.venue, OptionModel(desk.venue, 1), told.submit, CROWD)


def at_once(desk: OptionDesk, makers: OptionMakers) -> Callable[[str], None]:
    def look(symbol: str) -> None:
        makers.attend([symbol], NOW)
        assert desk.market(symbol).mark is not None

    return look


def test_nothing_is_quoted_until_somebody_looks(desk: OptionDesk, told: Told, makers: OptionMakers) -> None:
    makers.pulse(NOW)
    assert told.commands == []
    makers.attend([CALL], NOW)
    assert [type(command) for command in told.commands] == [MarkContracts, QuoteOptions]
    book = desk.market(CALL).book
    assert book.best_bid() is not None
    assert book.best_ask() is not None
    assert desk.market(CALL).mark is not None
    assert desk.market(PUT).mark is None


def test_who_looks_again_within_the_second_finds_it_as_it_is(told: Told, makers: OptionMakers) -> None:
    makers.attend([CALL], NOW)
    told.commands.clear()
    makers.attend([CALL, CALL], NOW + SECOND - 1)
    assert told.commands == []
    makers.attend([CALL], NOW + SECOND)
    assert told.take(MarkContracts) in ([], [CALL])


def test_a_contract_that_is_none_or_has_expired_is_not_attended_to(told: Told, makers: OptionMakers) -> None:
    makers.attend(["BTC-260123-1-C"], NOW)
    makers.attend([CALL], EXPIRY)
    makers.pulse(EXPIRY)
    assert told.commands == []


def test_what_trades_is_quoted_anew_and_what_stands_still_is_not(desk: OptionDesk, told: Told, makers: OptionMakers) -> None:
    makers.attend([CALL, PUT], NOW)
    told.commands.clear()
    ask = desk.market(CALL).book.asks.best()
    assert ask is not None
    before = ask.quantity
    assert desk.place(ALICE, BUY, "0.05", ask.price // 10**8) is None
    makers.pulse(NOW)
    assert told.take(QuoteOptions) == [CALL]
    again = desk.market(CALL).book.asks.best()
    assert again is not None
    assert (again.price, again.quantity) == (ask.price, before)


def test_quotes_follow_the_index(desk: OptionDesk, told: Told, makers: OptionMakers) -> None:
    makers.attend([CALL], NOW)
    before = desk.market(CALL).book.best_bid()
    desk.venue.indexes[BTCUSDT].take(55_000 * 10**8)
    told.commands.clear()
    makers.pulse(NOW + SECOND)
    after = desk.market(CALL).book.best_bid()
    assert before is not None
    assert after is not None
    assert after > before
    assert told.take(MarkContracts) == [CALL]


def test_a_contract_is_let_go_of_when_nobody_looks_any_more(desk: OptionDesk, told: Told, makers: OptionMakers) -> None:
    makers.attend([CALL], NOW)
    makers.pulse(NOW + ATTENTION - 1)
    assert desk.market(CALL).orders
    makers.pulse(NOW + ATTENTION)
    assert not desk.market(CALL).orders
    told.commands.clear()
    makers.pulse(NOW + ATTENTION + SECOND)
    assert told.commands == []
    makers.attend([CALL], NOW + ATTENTION + SECOND)
    assert desk.market(CALL).orders


def test_what_a_user_has_something_of_stays_marked_and_quoted(desk: OptionDesk, told: Told, makers: OptionMakers) -> None:
    makers.attend([HIGH_CALL], NOW)
    assert desk.place(ALICE, SELL, "0.05", 400, symbol=HIGH_CALL) is None
    for after in (1, 2, 3):
        makers.pulse(NOW + after * ATTENTION)
        assert any(order.terms.account == CROWD for order in desk.market(HIGH_CALL).orders.values())


def test_without_a_crowd_contracts_are_marked_and_not_quoted(desk: OptionDesk, told: Told) -> None:
    makers = OptionMakers(desk.venue, OptionModel(desk.venue, 1), told.submit, None)
    makers.attend([CALL], NOW)
    makers.pulse(NOW + SECOND)
    makers.pulse(NOW + 2 * ATTENTION)
    assert not desk.market(CALL).orders
    assert desk.market(CALL).mark is not None
    assert not any(isinstance(command, QuoteOptions) for command in told.commands)


def test_the_same_looks_give_the_same_commands(desk: OptionDesk) -> None:
    def commands() -> list[Command]:
        other = OptionDesk()
        told = Told(other)
        makers = OptionMakers(other.venue, OptionModel(other.venue, 3), told.submit, CROWD)
        at_once(other, makers)(CALL)
        makers.attend([PUT], NOW + SECOND)
        makers.pulse(NOW + 2 * SECOND)
        return told.commands

    assert commands() == commands()
