"""Eras: each change of the table is served from its day on, and not on the day before; and what is said of the day."""

import datetime as dt

import pytest

from papernet.app.eras import Change
from papernet.servers.era_table import packaged_changes
from papernet.servers.transport import bind
from tests.support.era_cases import CASES
from tests.support.held_node import HeldNode, held_node

CHANGES = packaged_changes().changes
# What today answers otherwise than on the day of the change, because a later change was about the same.
OVERTAKEN = {
    "iceberg_parts_25": "iceberg_parts_100",
    "iceberg_parts_50": "iceberg_parts_100",
    "transfer": "transfer_on_all_symbols",
    "listen_key_expired": "listen_keys_retired",
    "external_lock_update": "listen_keys_retired",
}


def test_each_change_is_asked_about() -> None:
    assert sorted(CASES) == sorted(change.id for change in CHANGES)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.id))
async def test_a_change_is_served_from_its_day_on_and_today(change: Change) -> None:
    ask, before, after = CASES[change.id]
    assert before != after
    eve = (dt.date.fromisoformat(change.date) - dt.timedelta(days=1)).isoformat()
    sides = [(eve, before), (change.date, after)]
    if change.id not in OVERTAKEN:
        sides.append(("", after))
    for date, told in sides:
        async with held_node(api_date=date, options=change.id == "rebuilt_options") as net:
            assert await ask(net) == told, date


@pytest.mark.parametrize(("asked", "served"), [("2025-06-30", "2025-06-30"), ("", packaged_changes().as_of)])
async def test_the_day_is_told_by_the_ready_line_and_by_health(asked: str, served: str) -> None:
    async with held_node(api_date=asked) as net:
        assert (await net.call("GET", "/health")).body["api_date"] == served
        assert net.node.ready().api_date == served


async def test_the_edition_of_options_can_be_another_than_that_of_the_day() -> None:
    async with held_node(api_date="2025-06-30", options_api="current") as net:
        assert net.node.ready().options_api == "current"
        assert (await net.ask("GET", "/eapi/v1/commission")).status == 401


async def test_listen_keys_are_there_in_any_era_when_they_are_asked_for() -> None:
    async with held_node(api_date="2026-03-01", listen_keys=True) as net:
        for version in ("v1", "v3"):
            assert (await net.identify("POST", f"/api/{version}/userDataStream")).status == 200
        assert (await net.identify("GET", "/api/v3/userDataStream")).headers["allow"] == "POST, PUT, DELETE"


async def test_what_an_era_has_no_part_in_keeps_its_bytes() -> None:
    bodies: list[object] = []
    for date in ("2024-01-01", ""):
        async with held_node(api_date=date) as net:
            asked = [("GET", "/api/v3/time"), ("GET", "/api/v3/ticker/24hr"), ("GET", "/api/v3/nothing")]
            bodies.append([(await net.ask(*question)).body for question in asked])
    assert bodies[0] == bodies[1]


async def test_a_fork_speaks_as_its_origin_does() -> None:
    async with held_node(api_date="2025-06-30") as net:
        with bind("127.0.0.1", 0) as listener:
            fork = await net.node.fork(listener)
            try:
                for answer in (await net.call("GET", "/health"), await HeldNode(fork).call("GET", "/health")):
                    assert answer.body["api_date"] == "2025-06-30"
                assert (await HeldNode(fork).ask("GET", "/api/v3/executionRules")).status == 404
            finally:
                await fork.stop()
