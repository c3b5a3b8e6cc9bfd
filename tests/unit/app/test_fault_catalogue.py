"""The catalogue is whole, and every effect in it is carried out."""

from pathlib import Path

import pytest

from papernet.app.fault_catalogue import EFFECTS, Effect, FaultDoor, Place
from papernet.app.hindrances import Hindrances
from papernet.control.fault_bodies import span_text
from papernet.protocols.websocket import upsets
from papernet.protocols.websocket.tampering import Tampering
from tests.support.fault_desk import FaultDesk
from tests.support.fault_room import FaultRoom

REQUESTS = [effect for effect in EFFECTS.values() if Place.REQUEST in effect.places]
STREAMS = [effect for effect in EFFECTS.values() if Place.REQUEST not in effect.places]
ASKED = {FaultDoor.REST, FaultDoor.WS_API, FaultDoor.OPTIONS_REST}


def test_there_are_more_than_twenty_effects_each_told_and_sourced() -> None:
    assert len(EFFECTS) > 20
    for effect in EFFECTS.values():
        assert effect.sees.endswith("."), effect
        assert effect.source, effect
        assert effect.doors, effect
        assert effect.places, effect


def test_effects_on_requests_are_those_that_doors_carry_out() -> None:
    desk = FaultDesk()
    hindrances = desk.rest.door._hindrances
    assert isinstance(hindrances, Hindrances)
    assert set(hindrances._effects) == {effect.name for effect in REQUESTS}


def test_effects_on_streams_are_those_that_connections_carry_out() -> None:
    done = {*Tampering(FaultDoor.STREAMS, FaultRoom().desk)._effects, *upsets.UPSETS, "no-pong", "no-ping"}
    assert {effect.name for effect in STREAMS} == done


@pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS)
def test_an_effect_names_doors_that_have_its_places(effect: object) -> None:
    found = EFFECTS[getattr(effect, "name", "")]
    if Place.REQUEST in found.places:
        assert ASKED.intersection(found.doors)
    if found.places == (Place.REQUEST,):
        assert ASKED.issuperset(found.doors)
    assert not found.needs_span or found.span is not None


def test_the_page_tells_every_effect_as_the_catalogue_does() -> None:
    page = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
    table = page.partition("\n## The catalogue\n")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [row_of(effect) for effect in EFFECTS.values()]


def row_of(effect: Effect) -> str:
    """Return an effect's row of the page."""
    own = []
    if effect.span is not None:
        own.append("`span`" if effect.needs_span else f"`span` {span_text(effect.span)}")
    if effect.count is not None:
        own.append(f"`count` {effect.count}")
    if effect.executed is not None:
        own.append(f"`executed` {str(effect.executed).lower()}")
    return f"| `{effect.name}` | {', '.join(effect.doors)} | {effect.sees} | {', '.join(own) or '-'} | {effect.source} |"
