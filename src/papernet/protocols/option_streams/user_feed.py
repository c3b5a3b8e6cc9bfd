"""The feed of users' events of the options venue: whatever happens to an account, and how it stands every ten seconds.

Order of work.  What happens is told as on the spot venue (`papernet.protocols.websocket.user_feed`), in the words of a
                generation. `pulse` tells at whole multiples of ten seconds of papernet's clock how accounts stand that have a
                position and that somebody listens to.
Does not.       Tell of what happens at the spot venue, or of a reset, which ends every connection.
Source.         European Options: User Data Streams, both generations ("Periodic update every 10s when having position").
"""

from operator import attrgetter
from typing import Final, NamedTuple

from papernet.app.operations.options import Generation
from papernet.app.outbox import Outbox
from papernet.core.dates import SECOND
from papernet.core.events import OptionReport, PortfolioUpdate, RiskLevelChanged
from papernet.exchange.machine import Exchange
from papernet.protocols.option_streams.current_user import CurrentUserEvents
from papernet.protocols.option_streams.legacy_user import LegacyUserEvents
from papernet.protocols.subscriptions.feed import EntryCounter
from papernet.protocols.websocket.user_feed import Letters, UserFeed, Write, Writers

PERIOD: Final = 10 * SECOND

_account_of_report: Final = attrgetter("record.terms.account")
_account: Final = attrgetter("account")


class Moment(NamedTuple):
    """An account, and when it is looked at."""

    account: int
    at: int


def _writers(exchange: Exchange, generation: Generation) -> tuple[Writers, tuple[Write, ...]]:
    """Return how a generation tells what happens, and how accounts stand."""
    if generation is Generation.CURRENT:
        today = CurrentUserEvents(exchange.options)
        return {
            OptionReport: (_account_of_report, (today.order_update,)),
            PortfolioUpdate: (_account, (today.balance_and_positions, today.account, today.greeks_of_change)),
            RiskLevelChanged: (_account, (today.risk_level,)),
        }, (today.account, today.greeks)
    older = LegacyUserEvents(exchange.options, exchange.accounts.by_id)
    return {
        OptionReport: (_account_of_report, (older.order_update,)),
        PortfolioUpdate: (_account, (older.account_of_change,)),
        RiskLevelChanged: (_account, (older.risk_level,)),
    }, (older.account,)


class OptionUserFeed(UserFeed):
    """Tells subscribers what happens to their options, and how they stand."""

    __slots__ = ("_counter", "_exchange", "_now", "_outbox", "_periodic")

    def __init__(self, exchange: Exchange, outbox: Outbox, counter: EntryCounter, now: int, generation: Generation) -> None:
        """Begin at `now`, with nobody subscribed."""
        writers, periodic = _writers(exchange, generation)
        super().__init__(writers)
        self._exchange: Final = exchange
        self._outbox: Final = outbox
        self._counter: Final = counter
        self._now: int = now
        self._periodic: Final = periodic

    def next_push(self, at: int) -> int | None:
        """Return when it is told next after `at` how accounts stand; None: nobody listens."""
        return (at // PERIOD + 1) * PERIOD if self.accounts() else None

    def pulse(self, now: int) -> None:
        """Tell how accounts stand, when a boundary was crossed since the last pulse."""
        before, self._now = self._now, max(self._now, now)
        if now // PERIOD <= before // PERIOD:
            return
        letters: Letters = []
        for account in self.accounts():
            portfolio = self._exchange.options.portfolios.get(account)
            if portfolio is not None and any(position.quantity for position in portfolio.positions.values()):
                letters += self.tell(account, Moment(account, now), self._periodic)
        if letters:
            self._outbox.publish(self._counter.last_seq, self.deliver, letters)
