"""Where the simulated market stays away."""

import pytest
from msgspec.structs import replace

from papernet.control.absences import ABSENCES, Absence, Absences
from papernet.core.commands import CancelOrder, Command, NewOrder, QuoteOptions, Reset
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.events import Applied, Refused
from tests.support.fill_desk import FillDesk

NONE_AT_ALL = Absence("BTCUSDT", 1, 0, 0)
NO_ASKS = Absence("BTCUSDT", 1, None, 0)
WIDE = Absence("BTCUSDT", 1, 90, 110)


@pytest.fixture
def desk() -> FillDesk:
    return FillDesk()


def order(side: Side, price: int, tif: TimeInForce = TimeInForce.GTC, symbol: str = "BTCUSDT") -> NewOrder:
    return NewOrder(3, symbol, side, OrderType.LIMIT, tif, 1, price)


def stay_away(desk: FillDesk, absence: Absence | None, at: int = 5) -> Absences:
    absences = Absences(desk.exchange)
    desk.submit(absences.staged("BTCUSDT", absence, at), at)
    return absences


@pytest.mark.parametrize(
    ("absence", "command", "passes"),
    [
        (NONE_AT_ALL, order(Side.BUY, 1), False),
        (NONE_AT_ALL, order(Side.SELL, 1), False),
        (NONE_AT_ALL, order(Side.BUY, 1, TimeInForce.IOC), False),
        (NONE_AT_ALL, CancelOrder(3, "BTCUSDT", 1), True),
        (NONE_AT_ALL, order(Side.BUY, 1, symbol="ETHUSDT"), True),
        (NO_ASKS, order(Side.BUY, 1), True),
        (NO_ASKS, order(Side.SELL, 1), False),
        (NO_ASKS, order(Side.SELL, 1, TimeInForce.IOC), True),
        (WIDE, order(Side.BUY, 90), True),
        (WIDE, order(Side.BUY, 91), False),
        (WIDE, order(Side.SELL, 110), True),
        (WIDE, order(Side.SELL, 109), False),
        (WIDE, order(Side.SELL, 100, TimeInForce.IOC), True),
    ],
)
def test_what_the_simulated_market_may_still_do(desk: FillDesk, absence: Absence, command: Command, passes: bool) -> None:
    assert (stay_away(desk, absence).admitted(command, 5) is command) is passes


def test_quotes_for_contracts_are_thinned(desk: FillDesk) -> None:
    absences = stay_away(desk, WIDE)
    rows = (("BTCUSDT", ((91, 1), (90, 2)), ((109, 3), (110, 4))), ("OTHER", ((91, 1),), ()))
    admitted = absences.admitted(QuoteOptions(3, rows), 5)
    assert admitted == QuoteOptions(3, (("BTCUSDT", ((90, 2),), ((110, 4),)), rows[1]))


def test_it_ends_with_its_time_and_with_its_epoch(desk: FillDesk) -> None:
    absences = stay_away(desk, replace(NONE_AT_ALL, until=10))
    assert list(absences.now(9)) == ["BTCUSDT"]
    assert absences.now(10) == {}
    stay_away(desk, NONE_AT_ALL)
    desk.submit(Reset(()), 6)
    assert ABSENCES in desk.exchange.staged
    assert absences.now(7) == {}
    assert absences.admitted(order(Side.BUY, 1), 7) is not None


def test_one_takes_the_place_of_another_and_none_leaves_nothing_behind(desk: FillDesk) -> None:
    absences = stay_away(desk, NONE_AT_ALL)
    stay_away(desk, WIDE)
    assert absences.now(5) == {"BTCUSDT": WIDE}
    stay_away(desk, None)
    assert ABSENCES not in desk.exchange.staged


def test_what_is_not_admitted_looks_like_a_closed_market(desk: FillDesk) -> None:
    seen: list[Command] = []

    def submit(command: Command, at: int) -> Applied:
        seen.append(command)
        return Applied(1, at, ())

    shielded = stay_away(desk, NO_ASKS).shield(submit)
    assert shielded(order(Side.BUY, 1), 5) == Applied(1, 5, ())
    assert isinstance(shielded(order(Side.SELL, 1), 5).events[0], Refused)
    assert seen == [order(Side.BUY, 1)]
