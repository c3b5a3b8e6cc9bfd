"""The methods about the clock and about faults: each is one call."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from papernet.testing.time_verbs import ClockVerbs, FaultVerbs
from tests.support.asked import Asked


def test_the_time_is_read_in_milliseconds_and_as_a_datetime() -> None:
    ask = Asked({"time": "2026-01-02T03:04:05.678Z", "timestamp_ms": 1_767_323_045_678})
    clock = ClockVerbs(ask)
    assert clock.now_ms() == 1_767_323_045_678
    assert clock.now() == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert clock.show() == ask.answer
    assert ask.calls == [("GET", "/clock", None, {})] * 3


def test_each_turn_of_the_clock_is_one_call() -> None:
    ask = Asked()
    clock = ClockVerbs(ask)
    clock.hold()
    clock.run()
    clock.run(rate=Decimal("0.5"))
    clock.step("5s")
    clock.step(minutes=1)
    clock.jump(days=1)
    clock.jump(timedelta(hours=1))
    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    assert ask.calls == [
        ("POST", "/clock/hold", None, {}),
        ("POST", "/clock/run", {"rate": 1}, {}),
        ("POST", "/clock/run", {"rate": 0.5}, {}),
        ("POST", "/clock/step", {"span": "5s"}, {}),
        ("POST", "/clock/step", {"span": "60000ms"}, {}),
        ("POST", "/clock/jump", {"span": "86400000ms"}, {}),
        ("POST", "/clock/jump", {"span": "3600000ms"}, {}),
        ("POST", "/clock/set", {"time": 1_893_456_000_000}, {}),
    ]


def test_a_rule_is_sent_with_the_fields_that_it_has() -> None:
    ask = Asked({"id": 4})
    faults = FaultVerbs(ask)
    rule = faults.add("code-1007", operation="order.place", nth=2, span=timedelta(seconds=1), executed=False, probability="0.5")
    assert rule == {"id": 4}
    sent = {"effect": "code-1007", "operation": "order.place", "nth": 2, "span": "1000ms", "executed": False}
    assert ask.calls == [("POST", "/faults", sent | {"probability": "0.5"}, {})]


def test_rules_are_listed_and_removed_by_id_or_as_they_were_returned() -> None:
    ask = Asked({"faults": [1], "effects": [2]})
    faults = FaultVerbs(ask)
    assert (faults.list(), faults.catalogue()) == ([1], [2])
    faults.remove({"id": 4})
    faults.remove(5)
    faults.clear()
    assert ask.calls == [
        ("GET", "/faults", None, {}),
        ("GET", "/faults/catalogue", None, {}),
        ("DELETE", "/faults", None, {"id": 4}),
        ("DELETE", "/faults", None, {"id": 5}),
        ("POST", "/faults/clear", None, {}),
    ]
