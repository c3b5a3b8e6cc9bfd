"""The exchange as it was a while ago, for queries that are answered late on purpose.

Order of work.  For each rule about stale reads a copy of the exchange and its views is made, of the moment in which it is first
                known of. From then on it is given every entry, and takes one in when that has become as old as the rule says.
Invariant.      A copy is what a replay up to its entry gives. Nothing leaves the live views for the archive that a copy has not
                taken in (`archive_limit`), so that the archive, which both read, holds nothing that is news to it. Without
                rules nothing is copied and no entry is kept.
Does not.       Go back behind its making: right after that a copy is as new as the exchange. Fold faster than entries come.
Cost.           Making one costs a checkpoint; from then on everything happens twice.
Units.          Microseconds UTC.
"""

from collections import deque
from typing import Final

from papernet.app.fault_rules import FaultRule
from papernet.app.queries import Context
from papernet.app.sequencer import Sequencer, apply_entry
from papernet.core.commands import Entry
from papernet.exchange import checkpoint
from papernet.exchange.views import Views


class _Copy:
    """One state that lags behind."""

    __slots__ = ("entries", "exchange", "lag", "skipped", "views")

    def __init__(self, live: Context, lag: int, skipped: int) -> None:
        self.lag: Final = lag
        self.skipped: Final = skipped
        self.exchange: Final = checkpoint.decode(checkpoint.encode(live.exchange), is_trusted=True)
        self.views: Final = Views.restore(live.views.snapshot())
        self.entries: Final[deque[Entry]] = deque()

    def advance(self, now: int) -> None:
        entries, through = self.entries, now - self.lag
        while entries and entries[0].at <= through:
            self.views.fold(apply_entry(self.exchange, entries.popleft(), self.skipped))


class PastStates:
    """The copies of one exchange that lag behind it."""

    def __init__(self, live: Context, sequencer: Sequencer) -> None:
        """Begin without any."""
        self._live: Final = live
        self._sequencer: Final = sequencer
        self._copies: Final[dict[int, _Copy]] = {}

    def archive_limit(self, through: int) -> int:
        """Return up to which entry what is final may be archived that otherwise might be up to `through`."""
        return min((copy.views.seq for copy in self._copies.values()), default=through)

    def keep(self, rules: dict[int, int]) -> None:
        """Have a copy for each of these rules, by its id and the lag in microseconds, and no others."""
        copies = self._copies
        for rule_id in [rule_id for rule_id in copies if rule_id not in rules]:
            del copies[rule_id]
        for rule_id, lag in rules.items():
            if rule_id not in copies:
                copies[rule_id] = _Copy(self._live, lag, self._sequencer.skipped)
        self._sequencer.follower = self._follow if copies else None

    def context(self, rule: FaultRule, context: Context, now: int) -> Context:
        """Return what a query of `context` is to ask under a rule."""
        copy = self._copies[rule.id]
        copy.advance(now)
        return Context(copy.exchange, copy.views, context.archive, glance=context.glance)

    def _follow(self, entry: Entry) -> None:
        for copy in self._copies.values():
            copy.entries.append(entry)
            copy.advance(entry.at)
