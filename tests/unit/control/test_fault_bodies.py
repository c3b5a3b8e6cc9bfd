"""Rules as they are asked for and told."""

import re
from typing import Any

import pytest
from msgspec import json

from papernet.app.fault_catalogue import EFFECTS
from papernet.app.fault_rules import FaultRule, RuleCounts
from papernet.control.bodies import BadBodyError, decode
from papernet.control.fault_bodies import FaultBody, effect_row, rule_of, rule_row, span_text
from papernet.core.dates import HOUR, MILLISECOND, MINUTE, SECOND

NOW = 1_767_323_045_678_000


def asked(effect: str, **more: Any) -> FaultRule:
    return rule_of(decode(json.encode({"effect": effect, **more}), FaultBody), NOW)


def told(rule: FaultRule) -> dict[str, Any]:
    return rule_row(rule, RuleCounts(5, 2))


def test_a_rule_says_what_it_was_asked_and_what_its_effect_has() -> None:
    rule = asked(
        "code-1007",
        door="rest",
        operation="order.*",
        account="alice",
        api_key="abc*",
        symbol="btc*",
        nth=2,
        every=3,
        times=4,
        probability="0.25",
        span="1m",
    )
    assert told(rule) == {
        "id": 0,
        "effect": "code-1007",
        "door": "rest",
        "operation": "order.*",
        "account": "alice",
        "api_key": "abc*",
        "symbol": "BTC*",
        "nth": 2,
        "every": 3,
        "times": 4,
        "probability": "0.25",
        "span": "60s",
        "executed": True,
        "seen": 5,
        "done": 2,
    }


def test_what_a_rule_leaves_open_is_left_out() -> None:
    assert told(asked("code-1001")) == {"id": 0, "effect": "code-1001", "seen": 5, "done": 2}
    assert told(asked("drop", stream="*@trade")) == {
        "id": 0,
        "effect": "drop",
        "stream": "*@trade",
        "count": 1,
        "seen": 5,
        "done": 2,
    }


def test_a_span_of_time_is_told_both_ways() -> None:
    rule = asked("code-1001", since="2026-01-02T03:04:05Z", lasting="90s")
    assert (rule.since, rule.until) == (1_767_323_045_000_000, 1_767_323_135_000_000)
    row = told(rule)
    assert (row["since"], row["since_timestamp_ms"]) == ("2026-01-02T03:04:05.000Z", 1_767_323_045_000)
    assert row["until"] == "2026-01-02T03:05:35.000Z"
    assert asked("code-1001", lasting=2).until == NOW + 2 * SECOND
    assert asked("code-1001", until=NOW // MILLISECOND + 1).until == NOW + MILLISECOND


@pytest.mark.parametrize(
    ("said", "millionths"),
    [("0.25", 250_000), (0.5, 500_000), (".000001", 1), (1, 1_000_000), ("1", 1_000_000), ("1.0", 10**6)],
)
def test_a_probability_is_read_to_the_millionth(said: str | float, millionths: int) -> None:
    assert asked("code-1001", probability=said).probability == millionths


@pytest.mark.parametrize(
    ("said", "drift"), [("5s", 5 * SECOND), ("-5s", -5 * SECOND), (-1.5, -1_500 * MILLISECOND), (2, 2 * SECOND)]
)
def test_a_clock_drifts_either_way(said: str | float, drift: int) -> None:
    assert asked("clock-drift", span=said).span == drift
    assert told(asked("clock-drift", span=said))["span"] == span_text(drift)


def test_effects_bring_their_spans_counts_and_choices() -> None:
    assert asked("http-418").span == 2 * MINUTE
    assert asked("duplicate", count=3).count == 3
    assert asked("reset", executed=False).executed is False
    assert asked("http-403", operation="/ws*").operation == "/ws*"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"effect": "http-404"}, "effect: 'http-404' is not in the catalogue"),
        ({"effect": "code-1001", "door": "fix"}, "door: 'fix' is no door"),
        ({"effect": "code-1001", "door": "streams"}, "door: 'streams' has no code-1001"),
        ({"effect": "code-1001", "operation": "order.plaec"}, "operation: 'order.plaec' is the name of none"),
        ({"effect": "code-1001", "stream": "btcusdt@trade"}, "say `operation`"),
        ({"effect": "drop", "operation": "order.place"}, "say `stream`"),
        ({"effect": "no-pong", "stream": "btcusdt@trade"}, "stream, symbol: no-pong happens to connections"),
        ({"effect": "no-ping", "symbol": "BTCUSDT"}, "stream, symbol: no-ping happens to connections"),
        ({"effect": "code-1001", "account": ""}, "account: a pattern has"),
        ({"effect": "code-1001", "symbol": "x" * 129}, "symbol: a pattern has"),
        ({"effect": "code-1001", "nth": 0}, "nth: it is a whole number from 1"),
        ({"effect": "code-1001", "every": -1}, "every: it is a whole number from 1"),
        ({"effect": "code-1001", "times": 0}, "times: it is a whole number from 1"),
        ({"effect": "code-1001", "probability": 0}, "probability: 0.0 is not above 0"),
        ({"effect": "code-1001", "probability": "1.5"}, "probability: '1.5' is not above 0 and at most 1"),
        ({"effect": "code-1001", "probability": "often"}, "probability"),
        ({"effect": "code-1001", "span": "1s"}, "span: it means nothing to code-1001"),
        ({"effect": "delay-answer"}, "span: delay-answer needs one"),
        ({"effect": "delay-answer", "span": "-1s"}, "span"),
        ({"effect": "code-1001", "count": 2}, "count: it means nothing"),
        ({"effect": "drop", "count": 0}, "count: it is a whole number"),
        ({"effect": "code-1001", "executed": True}, "executed: code-1001 leaves no choice"),
        ({"effect": "code-1001", "until": 5, "lasting": 5}, "lasting: say either"),
        ({"effect": "code-1001", "since": 5, "until": 5}, "until: it is not later"),
        ({"effect": "code-1001", "since": "soon"}, "since"),
        ({"effect": "code-1001", "chance": 1}, "unknown field"),
        ({}, "effect"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(body: dict[str, Any], says: str) -> None:
    with pytest.raises(BadBodyError, match=re.escape(says)):
        rule_of(decode(json.encode(body), FaultBody), NOW)


def test_the_catalogue_is_told_with_what_a_rule_may_say() -> None:
    rows = {name: effect_row(effect) for name, effect in EFFECTS.items()}
    assert rows["code-1007"]["doors"] == ["rest", "ws-api"]
    assert (rows["code-1007"]["executed"], rows["code-1007"]["span"]) == (True, "0s")
    assert rows["delay-answer"]["span"] == "required"
    assert rows["drop"]["count"] == 1
    assert "span" not in rows["code-1001"]


@pytest.mark.parametrize(
    ("span", "text"), [(0, "0s"), (HOUR, "3600s"), (1_500 * MILLISECOND, "1500ms"), (7, "7us"), (-SECOND, "-1s")]
)
def test_a_span_is_told_in_its_greatest_unit(span: int, text: str) -> None:
    assert span_text(span) == text
