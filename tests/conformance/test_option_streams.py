"""Every stream and every user's event of the options venue against the documents, in both generations.

`facts/options-streams.json` holds paths, speeds, and the fields of payloads with their types. How many decimals numbers have is
papernet's own (docs/fidelity.md), but that they are text is not.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from papernet.app.operations.options import Generation
from papernet.core.commands import TransferToOptions
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from papernet.protocols.option_streams.door import RULES
from papernet.protocols.option_streams.names import NAMES
from tests.support.option_air import BUY, CALL, CURRENT, LEGACY, SELL, OptionsOnAir
from tests.support.worlds import ALICE, BOB, START, units

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts" / "options-streams.json").read_text())
OF = {CURRENT: FACTS["current"], LEGACY: FACTS["legacy"]}
GENERATIONS = list(OF)
STREAMS = [(generation, name) for generation, facts in OF.items() for name in facts["streams"]]
EVENTS = [(generation, name) for generation, facts in OF.items() for name in facts["user"]]

_TYPES: dict[str, type | tuple[type, ...]] = {"int": int, "bool": bool, "string": str, "number": (int, float)}


def differences(shape: Any, value: Any, where: str = "") -> Iterator[str]:
    """Yield where a payload is not of a shape; in lists the shape of one row stands for all, and there is one at least."""
    if isinstance(shape, dict):
        if not isinstance(value, dict) or list(value) != list(shape):
            yield f"{where}: {value} has not the fields {list(shape)}"
            return
        for field, inner in shape.items():
            yield from differences(inner, value[field], f"{where}.{field}")
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            yield f"{where}: {value} is no array of {shape}"
            return
        for index, row in enumerate(value):
            yield from differences(shape[index % len(shape)], row, f"{where}[{index}]")
    elif shape == "number-string":
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
            yield f"{where}: {value!r} is no number as text"
    elif shape in _TYPES:
        if not isinstance(value, _TYPES[shape]) or (shape != "bool" and isinstance(value, bool)):
            yield f"{where}: {value!r} is no {shape}"
    elif value != shape:
        yield f"{where}: {value!r} is not {shape!r}"


def bustle(world: OptionsOnAir, *, price: str = "2000") -> None:
    """Let something happen that every stream of a contract tells of."""
    world.option(BOB, SELL, "0.5", "2100")
    world.trade(ALICE, BOB, "1", price)
    world.trade(BOB, ALICE, "0.5", price)


def heard(generation: Generation, name: str) -> list[Any]:
    """Return what a stream says of a bustling minute, and of the next morning, when contracts are listed."""
    world = OptionsOnAir(generation)
    world.mark(CALL, "2000")
    ear = world.listen(name)
    bustle(world)
    world.option(BOB, SELL, "1", "2200")
    world.option(ALICE, BUY, "1", "1900")
    world.wait(MINUTE)
    world.now = START // DAY * DAY + DAY + 8 * HOUR
    world.wait(0)
    return ear.take()


@pytest.mark.parametrize(("generation", "name"), STREAMS)
def test_every_payload_has_the_documented_fields(generation: Generation, name: str) -> None:
    payloads = heard(generation, name)
    shape = OF[generation]["streams"][name]["payload"]
    assert payloads
    # The first tells of what happened; of contracts without a quote the same fields are told.
    assert not [text for payload in payloads[:1] for text in differences(shape, payload, name)]


@pytest.mark.parametrize(("generation", "name"), STREAMS)
def test_every_stream_keeps_its_speed(generation: Generation, name: str) -> None:
    speed = OF[generation]["streams"][name]["speed"] * MILLISECOND
    stream = NAMES[generation].parse(name)
    assert stream is not None
    assert stream.speed == speed
    if not speed:
        return
    world = OptionsOnAir(generation)
    world.mark(CALL, "2000")
    ear = world.listen(name)
    times: list[int] = []
    for step in range(10):
        world.trade(*((ALICE, BOB) if step % 2 else (BOB, ALICE)), "0.5", f"{2000 + 5 * step}")
        world.option(BOB, SELL, "0.01", f"{2200 + 5 * step}")
        world.wait(speed // 2)
        told = {(payload[0] if isinstance(payload, list) else payload)["E"] for payload in ear.take()}
        times += sorted(told)
    assert times == [(START + count * speed) // MILLISECOND for count in range(1, 6)]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_candles_come_in_the_documented_intervals(generation: Generation) -> None:
    forms = [suffix for suffix in NAMES[generation].of_contracts if suffix.startswith("kline_")]
    assert forms == [f"kline_{interval}" for interval in OF[generation]["intervals"]]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_connections_have_the_documented_limits(generation: Generation) -> None:
    limits = OF[generation]["limits"]
    assert RULES.messages_per_second == limits["messages_per_second"]
    assert (RULES.ping_interval, RULES.pong_deadline) == (limits["ping_minutes"] * MINUTE, limits["pong_minutes"] * MINUTE)
    world = OptionsOnAir(generation)
    base = next(iter(OF[generation]["bases"]))
    names = [f"n{number}" for number in range(limits["streams"])]
    outside, session = world.session(f"{base}/stream?streams={'/'.join(names)}")
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":1}', world.now)
    assert json.loads(outside.take()[0])["result"] == names
    session.receive('{"method":"SUBSCRIBE","params":["one@more"],"id":2}', world.now)
    assert "error" in json.loads(outside.take()[0])


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("form", ["/ws/", "/stream?streams="])
def test_every_stream_is_found_under_its_base_and_no_other(generation: Generation, form: str) -> None:
    bases = OF[generation]["bases"]
    for home, names in bases.items():
        for name in names:
            for base in bases:
                world = OptionsOnAir(generation)
                outside, _ = world.session(f"{base}{form}{name}")
                world.mark(CALL, "2000")
                bustle(world)
                world.wait(DAY)
                told = outside.take()
                assert bool(told) is (base == home), (base, name)
                if told and form != "/ws/":
                    assert json.loads(told[0])["stream"] == name


class Follower:
    """An account whose events are listened to while everything happens to it."""

    def __init__(self, generation: Generation) -> None:
        self.world = OptionsOnAir(generation)
        base = "/private" if generation is CURRENT else "/eoptions"
        self.key = self.world.keys.start(ALICE, self.world.now)
        self.outside, _ = self.world.session(f"{base}/ws/{self.key}")

    def events(self) -> list[Any]:
        """Return what was heard since the last time."""
        return [json.loads(payload) for payload in self.outside.take()]

    def live(self) -> list[Any]:
        """Return everything that is told of a life full of risks."""
        world = self.world
        world.mark(CALL, "2000")
        world.apply(TransferToOptions(ALICE, "USDT", -units("1000")))
        world.trade(BOB, ALICE, "60", "2000")
        world.mark(CALL, "13000")
        world.mark(CALL, "2000")
        world.wait(10 * SECOND)
        told = self.events()
        world.now += HOUR
        world.door.sweep(world.now)
        return told + self.events()


@pytest.mark.parametrize(("generation", "name"), EVENTS)
def test_every_users_event_has_the_documented_fields(generation: Generation, name: str) -> None:
    events = [event for event in Follower(generation).live() if event["e"] == name]
    shape = OF[generation]["user"][name]
    assert events
    # A fullest one has rows everywhere.
    fullest = max(events, key=lambda event: len(json.dumps(event)))
    assert not list(differences(shape, fullest, name))


@pytest.mark.parametrize("generation", GENERATIONS)
def test_no_other_event_is_told(generation: Generation) -> None:
    assert {event["e"] for event in Follower(generation).live()} == set(OF[generation]["user"])
