"""Countdowns: all of an account's orders on an underlying are cancelled unless the account is heard of in time.

Order of work.  A countdown is set, started anew by a heartbeat, ended with a span of 0; `fire_due` ends those that have run
                out, the one first that ran out first, and with them the orders. Then the account may place orders again.
Invariant.      `venue.counting` holds exactly the portfolios that have a countdown.
Does not.       Know how short a span may be: that is the protocol's.
Units.          Microseconds UTC.
Source.         European Options: Auto-Cancel All Open Orders and its heartbeat.
"""

from collections.abc import Iterator

from papernet.core.commands import RefreshCountdowns, SetCountdown
from papernet.core.rejects import Reason, Reject
from papernet.venues.options.changing import cancel_all
from papernet.venues.options.portfolio import Countdown, Portfolio
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue


def set_countdown(turn: OptionTurn, portfolio: Portfolio, command: SetCountdown) -> Reject | None:
    """Begin a countdown on an underlying, or end it; return why not, or None."""
    if command.underlying not in turn.venue.underlyings:
        return Reject(Reason.UNKNOWN_UNDERLYING)
    if command.span < 0:
        return Reject(Reason.BAD_AMOUNT)
    if command.span:
        portfolio.countdowns[command.underlying] = Countdown(command.span, turn.at + command.span)
        turn.venue.counting[portfolio.account_id] = portfolio
    else:
        _end(turn, portfolio, command.underlying)
    return None


def refresh_countdowns(turn: OptionTurn, portfolio: Portfolio, command: RefreshCountdowns) -> Reject | None:
    """Start those of the named countdowns anew that there are; return why not, or None."""
    if any(name not in turn.venue.underlyings for name in command.underlyings):
        return Reject(Reason.UNKNOWN_UNDERLYING)
    for name in command.underlyings:
        countdown = portfolio.countdowns.get(name)
        if countdown is not None:
            countdown.due_at = turn.at + countdown.span
    return None


def has_run_out(venue: OptionsVenue, at: int) -> bool:
    """Tell whether a countdown has run out by a time."""
    return any(_due(venue, at))


def fire_due(turn: OptionTurn) -> None:
    """Cancel the orders whose countdowns have run out."""
    for _, account_id, underlying in sorted(_due(turn.venue, turn.at)):
        portfolio = turn.venue.portfolios[account_id]
        _end(turn, portfolio, underlying)
        cancel_all(turn, portfolio, underlying=underlying)


def _due(venue: OptionsVenue, at: int) -> Iterator[tuple[int, int, str]]:
    """Yield the countdowns that have run out: since when, whose, on what."""
    for account_id, portfolio in venue.counting.items():
        for underlying, countdown in portfolio.countdowns.items():
            if countdown.due_at <= at:
                yield countdown.due_at, account_id, underlying


def _end(turn: OptionTurn, portfolio: Portfolio, underlying: str) -> None:
    portfolio.countdowns.pop(underlying, None)
    if not portfolio.countdowns:
        turn.venue.counting.pop(portfolio.account_id, None)
