"""Numbers, bodies and times beyond all measure are refused, and nothing breaks."""

import asyncio
from typing import Any

import pytest

from papernet.core.dates import DAY, days_from_civil
from papernet.servers.transport import bind
from tests.support.held_node import held_node


def script(price: object) -> dict[str, Any]:
    body = {"symbol": "BTCUSDT", "price": price}
    return {"script": {"name": "x", "steps": [{"call": "POST /fills/print", "at": "1s", "body": body}]}}


@pytest.mark.parametrize("formula", ["=1e999", "=1e308*1e308*1e308", "=-1e300", "=1e12"])
async def test_a_formula_that_comes_to_no_amount_is_a_step_that_failed(formula: str) -> None:
    async with held_node(options=False) as net:
        assert (await net.call("POST", "/scenarios/run", script(formula))).status == 200
        await net.turn("step", span="2s")
        (run,) = (await net.call("GET", "/scenarios")).body["runs"]
        assert run["failed"] == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock/step", {"span": 1e308}),
        ("/clock/jump", {"span": 1e308}),
        ("/fills/empty", {"symbol": "BTCUSDT", "span": 1e308}),
        ("/scenarios/run", script([[[[[]]]]] * 2) | {"seed": "x"}),
    ],
)
async def test_what_is_beyond_all_measure_is_a_bad_body(path: str, body: object) -> None:
    async with held_node(options=False) as net:
        assert (await net.call("POST", path, body)).status == 400


async def test_time_ends_before_the_calendar_of_clients_does() -> None:
    last = (days_from_civil(2_200, 1, 1) - 1) * DAY
    async with held_node(options=False, held_at=last) as net:
        answer = await net.call("POST", "/clock/jump", {"span": "2d"})
        assert (answer.status, answer.body["error"]) == (409, "there is no time behind 2199-12-31T23:59:59.999999Z")
        assert net.node.clock.now() == last


async def test_keys_are_drawn_alike_after_each_restore() -> None:
    async with held_node(options=False, seed=5) as net:
        await net.call("POST", "/checkpoints", {"name": "start"})
        drawn = []
        for _ in range(3):
            await net.call("POST", "/checkpoints/restore", {"name": "start"})
            drawn.append((await net.call("POST", "/keys", {"account": "alice"})).body["api_key"])
        assert drawn == [drawn[0]] * 3


async def test_what_is_being_forked_ends_with_its_network() -> None:
    async with held_node(options=False) as net:
        forks = [asyncio.ensure_future(net.call("POST", "/checkpoints/fork", {})) for _ in range(3)]
        await asyncio.sleep(0)
        await net.node._states.stop()
        answers = [(await fork) for fork in forks]
    ports = [answer.body["port"] for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} <= {200, 503}
    for port in ports:
        bind("127.0.0.1", port).close()
