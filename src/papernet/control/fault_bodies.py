"""The JSON that rules of faults are given and told in.

Invariant.      A rule that is returned here is whole and makes sense: its effect is in the catalogue, happens at the door that
                is named, and has the spans, counts and choices that mean something to it, and no others.
Does not.       Know which accounts, keys, symbols or streams exist: a rule may be about one that is yet to come.
Units.          Microseconds UTC and millionths inside.
"""

import re
from typing import Any, Final

from msgspec import Struct

from papernet.app.fault_catalogue import EFFECTS, Effect, FaultDoor, Place
from papernet.app.fault_rules import CERTAIN, FaultRule, RuleCounts, completed, fits_name
from papernet.app.operations import OPERATIONS
from papernet.app.operations.options import Generation, option_rows
from papernet.control.bodies import BadBodyError
from papernet.control.times import SpanText, TimeText, read_span, read_time
from papernet.core.dates import MILLISECOND, SECOND, iso

_PATTERN_MAX: Final = 128
_NUMBER_MAX: Final = 1_000_000_000
_COUNT_MAX: Final = 10_000
_PROBABILITY: Final = re.compile(r"0?\.([0-9]{1,6})|1(?:\.0{1,6})?", re.ASCII)
# Only a clock can be wrong either way.
_SIGNED: Final = "clock-drift"

_ASKED: Final = frozenset((Place.REQUEST, Place.CONNECT))
# What happens at other places is about no stream and no symbol.
_NAMED: Final = frozenset((Place.REQUEST, Place.CONNECT, Place.EVENT, Place.CHANGE))
_OF_OPTIONS: Final = [name for generation in Generation for name in option_rows(generation)]
_OPERATIONS: Final = tuple(dict.fromkeys((*OPERATIONS, *_OF_OPTIONS)))


class FaultBody(Struct, forbid_unknown_fields=True):
    """POST /faults: what goes wrong (`effect`), on which occasions, and how.

    `door`, `operation`, `stream`, `account`, `api_key` and `symbol` may hold `*` and `?`. Of the occasions that fit those,
    from `since` on, before `until` or for so long (`lasting`), happen the `nth`, or every so-manieth (`every`), at most so many
    (`times`), each with a `probability` of 0 to 1.
    """

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
    since: TimeText | None = None
    until: TimeText | None = None
    lasting: SpanText | None = None
    probability: str | float | None = None
    span: SpanText | None = None
    count: int | None = None
    executed: bool | None = None


class RemoveFaultBody(Struct, forbid_unknown_fields=True):
    """DELETE /faults: the rule's id, unless the query says it."""

    id: int | None = None


def rule_of(body: FaultBody, now: int) -> FaultRule:
    """Return the rule that a body asks for at `now`, with id 0; raises BadBodyError."""
    effect = EFFECTS.get(body.effect)
    if effect is None:
        raise BadBodyError(f"effect: {body.effect[:40]!r} is not in the catalogue, which is {', '.join(EFFECTS)}")
    _check_patterns(body, effect)
    since, until = _period(body, now)
    return completed(
        FaultRule(
            0,
            effect.name,
            body.door,
            body.operation,
            body.stream,
            body.account,
            body.api_key,
            None if body.symbol is None else body.symbol.upper(),
            _number(body.nth, "nth"),
            _number(body.every, "every"),
            _number(body.times, "times"),
            since,
            until,
            _probability(body.probability),
            _span(body.span, effect),
            _count(body.count, effect),
            _executed(body.executed, effect=effect),
        )
    )


def rule_row(rule: FaultRule, counts: RuleCounts) -> dict[str, Any]:
    """Return a rule as it is told, with how often it was met; what it leaves open is left out."""
    row: dict[str, Any] = {"id": rule.id, "effect": rule.effect}
    for name in ("door", "operation", "stream", "account", "api_key", "symbol", "nth", "every", "times"):
        value = getattr(rule, name)
        if value is not None:
            row[name] = value
    for name, at in (("since", rule.since), ("until", rule.until)):
        if at is not None:
            row[name] = iso(at)
            row[f"{name}_timestamp_ms"] = at // MILLISECOND
    if rule.probability != CERTAIN:
        row["probability"] = f"0.{rule.probability:06d}".rstrip("0")
    if rule.span is not None:
        row["span"] = span_text(rule.span)
    if rule.count is not None:
        row["count"] = rule.count
    if rule.executed is not None:
        row["executed"] = rule.executed
    return {**row, "seen": counts.seen, "done": counts.done}


def effect_row(effect: Effect) -> dict[str, Any]:
    """Return an effect as the catalogue tells it."""
    row: dict[str, Any] = {
        "effect": effect.name,
        "doors": [door.value for door in effect.doors],
        "at": [place.name.lower() for place in effect.places],
        "sees": effect.sees,
        "source": effect.source,
    }
    if effect.span is not None:
        row["span"] = "required" if effect.needs_span else span_text(effect.span)
    if effect.count is not None:
        row["count"] = effect.count
    if effect.executed is not None:
        row["executed"] = effect.executed
    return row


def span_text(span: int) -> str:
    """Return a span as text, in the greatest unit that tells it whole."""
    if not span % SECOND:
        return f"{span // SECOND}s"
    return f"{span // MILLISECOND}ms" if not span % MILLISECOND else f"{span}us"


def _check_patterns(body: FaultBody, effect: Effect) -> None:
    for name in ("door", "operation", "stream", "account", "api_key", "symbol"):
        pattern: str | None = getattr(body, name)
        if pattern is not None and not 0 < len(pattern) <= _PATTERN_MAX:
            raise BadBodyError(f"{name}: a pattern has 1 to {_PATTERN_MAX} characters")
    if body.door is not None and not any(fits_name(body.door, door) for door in effect.doors):
        known = ", ".join(effect.doors)
        what = "is no door" if not any(fits_name(body.door, door) for door in FaultDoor) else f"has no {effect.name}"
        raise BadBodyError(f"door: {body.door!r} {what}; {effect.name} happens at {known}")
    is_asked = bool(_ASKED.intersection(effect.places))
    if body.operation is not None and not is_asked:
        raise BadBodyError(f"operation: {effect.name} happens to streams; say `stream`")
    if not _NAMED.intersection(effect.places) and (body.stream is not None or body.symbol is not None):
        raise BadBodyError(f"stream, symbol: {effect.name} happens to connections, whatever they are about")
    if body.stream is not None and is_asked:
        raise BadBodyError(f"stream: {effect.name} happens to requests; say `operation`")
    if (
        body.operation is not None
        # a WebSocket's path
        and not body.operation.startswith("/")
        and not any(fits_name(body.operation, name) for name in _OPERATIONS)
    ):
        raise BadBodyError(f"operation: {body.operation!r} is the name of none, such as order.place or options.order.place")


def _period(body: FaultBody, now: int) -> tuple[int | None, int | None]:
    since = None if body.since is None else read_time(body.since, "since")
    until = None if body.until is None else read_time(body.until, "until")
    if body.lasting is not None:
        if until is not None:
            raise BadBodyError("lasting: say either this or `until`")
        until = (now if since is None else since) + read_span(body.lasting, "lasting")
    if since is not None and until is not None and since >= until:
        raise BadBodyError("until: it is not later than `since`")
    return since, until


def _number(value: int | None, name: str) -> int | None:
    if value is not None and not 1 <= value <= _NUMBER_MAX:
        raise BadBodyError(f"{name}: it is a whole number from 1")
    return value


def _probability(value: str | float | None) -> int:
    if value is None:
        return CERTAIN
    match = _PROBABILITY.fullmatch(value if isinstance(value, str) else f"{value:.6f}")
    millionths = 0 if match is None else int((match[1] or "").ljust(6, "0")) if match[1] else CERTAIN
    if not millionths:
        raise BadBodyError(f"probability: {value!r} is not above 0 and at most 1, with six decimals")
    return millionths


def _span(value: SpanText | None, effect: Effect) -> int | None:
    if effect.span is None:
        if value is not None:
            raise BadBodyError(f"span: it means nothing to {effect.name}")
        return None
    if value is None:
        if effect.needs_span:
            raise BadBodyError(f"span: {effect.name} needs one")
        return None
    if effect.name == _SIGNED and isinstance(value, str) and value.startswith("-"):
        return -read_span(value[1:])
    if effect.name == _SIGNED and not isinstance(value, str) and value < 0:
        return -read_span(-value)
    return read_span(value)


def _count(value: int | None, effect: Effect) -> int | None:
    if value is not None and effect.count is None:
        raise BadBodyError(f"count: it means nothing to {effect.name}")
    if value is not None and not 1 <= value <= _COUNT_MAX:
        raise BadBodyError(f"count: it is a whole number from 1 to {_COUNT_MAX}")
    return value


def _executed(value: bool | None, *, effect: Effect) -> bool | None:  # noqa: FBT001  a field of a body, true, false or not said
    if value is not None and effect.executed is None:
        raise BadBodyError(f"executed: {effect.name} leaves no choice")
    return value
