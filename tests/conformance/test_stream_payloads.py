"""Every market stream against the documents: field names, their order and types, and how often it is pushed.

`facts/stream_payloads.json` holds the documents' payloads. There, examples of amounts are shortened ("100"); papernet writes
them as replies do, with eight decimals, and percentages with three.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from papernet.app.operations import TimeUnit
from papernet.core.commands import PrintBlockTrade, SetReferencePrice
from papernet.core.enums import Side
from papernet.protocols.streams.names import parse_stream
from tests.support.air import OnAir
from tests.support.asking import MS, US
from tests.support.worlds import ALICE, BOB, SECOND, START, coarse_symbol, units

FACTS = json.loads((Path(__file__).parent / "facts" / "stream_payloads.json").read_text())
STREAMS: dict[str, Any] = FACTS["streams"]
TYPES: dict[str, str] = FACTS["event_types"]
MILLISECOND = 1_000
# what tells a time, by its name and where it stands
TIMES = ("E", "T", "O", "C", "t")

_PATTERNS = {"decimal-string": r"-?[0-9]+\.[0-9]{8}", "percent-string": r"-?[0-9]+\.[0-9]{3}", "string": ".*"}


def differences(shape: Any, value: Any, where: str = "") -> Iterator[str]:
    """Yield where a payload is not of a shape; a list of one shape stands for rows, a list of several for columns."""
    if isinstance(shape, dict):
        if not isinstance(value, dict) or list(value) != list(shape):
            yield f"{where}: {value} has not the fields {list(shape)}"
            return
        for field, inner in shape.items():
            yield from differences(inner, value[field], f"{where}.{field}")
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value or (len(shape) > 1 and len(value) != len(shape)):
            yield f"{where}: {value} is no array of {shape}"
            return
        for index, inner in enumerate(value):
            yield from differences(shape[index % len(shape)], inner, f"{where}[{index}]")
    elif shape in _PATTERNS:
        if not isinstance(value, str) or not re.fullmatch(_PATTERNS[shape], value):
            yield f"{where}: {value!r} is no {shape}"
    elif type(value).__name__ != shape:
        yield f"{where}: {value!r} is no {shape}"


def bustle(world: OnAir) -> None:
    """Let something happen that every stream tells of."""
    world.sell(BOB, "3", "101")
    world.buy(BOB, "3", "99")
    world.buy(ALICE, "1", "101")
    world.apply(SetReferencePrice(world.symbol, units("100.5")))
    world.apply(PrintBlockTrade(world.symbol, ALICE, BOB, units("100"), units("0.1")))


def heard(name: str, unit: TimeUnit = MS) -> list[Any]:
    """Return what a stream says of a bustling second."""
    world = OnAir(coarse_symbol())
    ear = world.listen(name, unit=unit)
    bustle(world)
    world.wait(2 * SECOND)
    return ear.take()


@pytest.mark.parametrize("name", STREAMS)
def test_every_payload_has_the_documented_fields(name: str) -> None:
    (payload,) = heard(name)[:1]
    assert not list(differences(STREAMS[name]["payload"], payload, name))


@pytest.mark.parametrize("suffix", TYPES)
def test_every_event_says_what_it_is(suffix: str) -> None:
    name = next(name for name in STREAMS if name in (f"btcusdt@{suffix}", f"!{suffix}"))
    payload = heard(name)[0]
    assert (payload[0] if isinstance(payload, list) else payload)["e"] == TYPES[suffix]


@pytest.mark.parametrize("name", STREAMS)
def test_times_are_told_in_the_unit_asked_for(name: str) -> None:
    for slow, fast in zip(heard(name, MS), heard(name, US), strict=True):
        assert json.loads(json.dumps(fast), object_hook=in_milliseconds) == slow


def in_milliseconds(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields with what must be a time in microseconds divided."""
    return {
        field: value // 1_000 if field in TIMES and isinstance(value, int) and value > START // 2 else value
        for field, value in fields.items()
    }


@pytest.mark.parametrize("name", STREAMS)
def test_every_stream_keeps_its_speed(name: str) -> None:
    """In ten seconds in which something happens all the time: so many messages, each right after its boundary."""
    speed = STREAMS[name]["speed"] * MILLISECOND
    stream = parse_stream(name)
    assert stream is not None
    assert stream.speed == speed
    world = OnAir(coarse_symbol(), balances=(("BTC", units("100000")), ("USDT", units("10000000"))))
    ear = world.listen(name)
    count = 0
    for step in range(200):
        side, other = (Side.BUY, Side.SELL) if step % 2 else (Side.SELL, Side.BUY)
        # the price moves with every trade, and with it every average
        price = f"{100 + step / 100:.2f}"
        world.apply(world.order(BOB, other, "0.2", price))
        world.apply(world.order(ALICE, side, "0.1", price))
        world.cancel_all(BOB)
        world.apply(PrintBlockTrade(world.symbol, ALICE, BOB, units("100"), units("0.1")))
        world.wait(50 * MILLISECOND)
        count += len(ear.take())
        if speed:
            assert count == (world.now - START) // speed
    assert count == 10 * SECOND // speed if speed else count >= 200
