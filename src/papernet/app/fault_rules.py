"""Faults on purpose: rules that say on which occasion something goes wrong, and what.

Order of work.  A door that is about to do something asks `FaultPlan.meet` with the occasion. Every rule whose patterns and span
                of time fit counts it; the first rule (by id) whose turn it is, and whose draw says so, is returned, and the
                door does what its effect says.
Invariant.      What is met follows from the seed, the rules and the occasions alone. A rule without probability draws nothing.
                Rules are kept where the state is: each is staged under "faults/" and its id. Without a rule for a place of the
                protocol, asking there costs one test of an attribute: `on_requests`, `on_connects`, `on_streams`.
Does not.       Know how an effect looks on the wire, or read a clock: doors and callers do.
Units.          Microseconds UTC; probabilities in millionths.
"""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct, json, structs

from papernet.app.fault_catalogue import EFFECTS, FaultDoor, Place
from papernet.core.commands import Command, Stage

__all__ = ["CERTAIN", "Draw", "FaultDoor", "FaultPlan", "FaultRule", "Occasion", "Place", "RuleCounts", "completed"]

CERTAIN: Final = 1_000_000
# under this prefix rules are staged, and under the second name the greatest id given out, when its rule is gone
_STAGED: Final = "faults/"
_LAST: Final = "faults/last"
_COUNTS: Final = "faults/counts"

# what happens on connections that are open
_OPEN: Final = (Place.EVENT, Place.CHANGE, Place.PING, Place.PONG, Place.TICK, Place.KEY)
# papernet looks by itself: a rule that numbers its occasions does not mean looks, but what happens
_LOOKS: Final = (Place.TICK, Place.KEY)

# (rule's id, number of the occurrence) to a number from 0 to 999,999
Draw = Callable[[int, int], int]


class Occasion(Struct, frozen=True, gc=False):
    """Something that a rule may be about. `name` is that of the operation, the stream or the user's event; "": unknown."""

    place: Place
    door: FaultDoor
    name: str = ""
    account: str = ""
    api_key: str = ""
    symbol: str = ""
    ip: str = ""


class FaultRule(Struct, frozen=True):
    """When something goes wrong, and what; patterns may hold "*" and "?", None fits all.

    Of the occasions that fit, those happen whose number is `nth`, or a multiple of `every`; with both, `nth` and then every
    so-manieth. `times` is how often at most; `probability` is of the rest. `span` is how long (a delay, a ban, an age, a drift:
    negative where the server is behind), `count` how many (events dropped), `executed` whether the request is carried out.
    None leaves each to its effect.
    """

    id: int
    effect: str
    door: str | None = None
    operation: str | None = None
    stream: str | None = None
    account: str | None = None
    api_key: str | None = None
    symbol: str | None = None
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    since: int | None = None
    until: int | None = None
    probability: int = CERTAIN
    span: int | None = None
    count: int | None = None
    executed: bool | None = None


class RuleCounts(Struct):
    """How often a rule's occasion came, and how often it was done."""

    seen: int = 0
    done: int = 0


class FaultPlan:
    """The rules of one network, and how often each was met."""

    def __init__(self, submit: Callable[[Command, int], object], draw: Draw) -> None:
        """Begin without rules; `submit` stages them, `draw` draws for those with a probability."""
        # Whether there is any rule about requests, about connections being opened, about what happens on open ones.
        self.on_requests: bool = False
        self.on_connects: bool = False
        self.on_streams: bool = False
        # Told whenever there are other rules than before.
        self.watchers: Final[list[Callable[[], None]]] = []
        self._submit: Final = submit
        self._draw: Final = draw
        self._rules: Final[dict[int, FaultRule]] = {}
        self._counts: Final[dict[int, RuleCounts]] = {}
        self._last: int = 0
        self._by_place: Final[dict[Place, list[FaultRule]]] = {}

    def rules(self) -> Iterable[FaultRule]:
        """Return the rules, in the order of their ids."""
        return self._rules.values()

    def counts(self, rule: FaultRule) -> RuleCounts:
        """Return how often a rule was met."""
        return self._counts[rule.id]

    def meet(self, occasion: Occasion, now: int) -> FaultRule | None:
        """Return the rule that is to be done on an occasion, or None; counts it."""
        met = None
        for rule in self._by_place.get(occasion.place, ()):
            if not _fits(rule, occasion, now):
                continue
            counts = self._counts[rule.id]
            counts.seen += 1
            if met is None and self._is_turn(rule, counts):
                counts.done += 1
                met = rule
        return met

    def take_back(self, rule: FaultRule) -> None:
        """Note that a rule that was met could not be done after all: what it is about did not happen."""
        counts = self._counts.get(rule.id)
        if counts is not None and counts.done:
            counts.done -= 1

    def add(self, rule: FaultRule, now: int) -> FaultRule:
        """Add a rule under the next id and return it as it is."""
        rule = structs.replace(completed(rule), id=self._last + 1)
        self._submit(Stage(f"{_STAGED}{rule.id}", json.encode(rule)), now)
        self._keep(rule)
        self._arrange()
        return rule

    def remove(self, rule_id: int, now: int) -> FaultRule | None:
        """Remove a rule and return it; None when there is none with that id."""
        rule = self._rules.get(rule_id)
        if rule is None:
            return None
        if rule_id == self._last:
            # An id is not given out a second time.
            self._submit(Stage(_LAST, b"%d" % rule_id), now)
        self._submit(Stage(f"{_STAGED}{rule_id}", None), now)
        del self._rules[rule_id], self._counts[rule_id]
        self._arrange()
        return rule

    def clear(self, now: int) -> int:
        """Remove all rules and return how many there were."""
        ids = list(self._rules)
        for rule_id in ids:
            self.remove(rule_id, now)
        return len(ids)

    def load(self, staged: Mapping[str, bytes]) -> None:
        """Take over the rules of a state, in place of those there are."""
        self._rules.clear()
        self._counts.clear()
        self._last = int(staged.get(_LAST, b"0"))
        kept = json.decode(staged.get(_COUNTS, b"{}"), type=dict[int, RuleCounts])
        found = [
            json.decode(value, type=FaultRule)
            for name, value in staged.items()
            if name.startswith(_STAGED) and name not in (_LAST, _COUNTS)
        ]
        for rule in sorted(found, key=lambda rule: rule.id):
            self._keep(rule)
            if rule.id in kept:
                self._counts[rule.id] = kept[rule.id]
        self._arrange()

    def keep_counts(self, now: int) -> None:
        """Stage how often each rule was met, so that a state which is kept now goes on from there."""
        if self._rules:
            self._submit(Stage(_COUNTS, json.encode(self._counts)), now)

    def _keep(self, rule: FaultRule) -> None:
        self._rules[rule.id] = rule
        self._counts[rule.id] = RuleCounts()
        self._last = max(self._last, rule.id)

    def _arrange(self) -> None:
        self._by_place.clear()
        for rule in self._rules.values():
            for place in EFFECTS[rule.effect].places:
                self._by_place.setdefault(place, []).append(rule)
        self.on_requests = Place.REQUEST in self._by_place
        self.on_connects = Place.CONNECT in self._by_place
        self.on_streams = any(place in self._by_place for place in _OPEN)
        for watcher in self.watchers:
            watcher()

    def _is_turn(self, rule: FaultRule, counts: RuleCounts) -> bool:
        """Whether a rule's count, limit and draw let it happen now."""
        if rule.times is not None and counts.done >= rule.times:
            return False
        if not _is_numbered(rule, counts.seen):
            return False
        return rule.probability >= CERTAIN or self._draw(rule.id, counts.seen) < rule.probability


def _is_numbered(rule: FaultRule, seen: int) -> bool:
    """Whether the occasion with this number is one that the rule names."""
    if rule.every is not None:
        first = rule.every if rule.nth is None else rule.nth
        return seen >= first and not (seen - first) % rule.every
    return rule.nth is None or seen == rule.nth


def _fits(rule: FaultRule, occasion: Occasion, now: int) -> bool:
    if (rule.since is not None and now < rule.since) or (rule.until is not None and now >= rule.until):
        return False
    if occasion.door not in EFFECTS[rule.effect].doors:
        return False
    if occasion.place in _LOOKS and (rule.nth is not None or rule.every is not None):
        return False
    # What is asked for is an operation, what is told is a stream; neither fits a rule about the other.
    asked = occasion.place in (Place.REQUEST, Place.CONNECT)
    operation, stream = (occasion.name, "") if asked else ("", occasion.name)
    return (
        _matches(rule.door, occasion.door)
        and _matches(rule.operation, operation)
        and _matches(rule.stream, stream)
        and _matches(rule.account, occasion.account)
        and _matches(rule.api_key, occasion.api_key)
        and _matches(rule.symbol, occasion.symbol)
    )


def fits_name(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern, in which "*" and "?" stand for what they always do."""
    return fnmatchcase(name, pattern)


def _matches(pattern: str | None, text: str) -> bool:
    """Whether a text fits a pattern; an empty text, of what is unknown, fits None alone."""
    return pattern is None or (bool(text) and fits_name(pattern, text))


def completed(rule: FaultRule) -> FaultRule:
    """Return a rule with what its effect has where it says nothing."""
    effect = EFFECTS[rule.effect]
    return structs.replace(
        rule,
        span=effect.span if rule.span is None else rule.span,
        count=effect.count if rule.count is None else rule.count,
        executed=effect.executed if rule.executed is None else rule.executed,
    )
