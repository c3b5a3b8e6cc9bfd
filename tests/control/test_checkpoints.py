"""States that are kept, brought back and forked, as clients and people who test meet them."""

import asyncio
import gc
import json
import time
import weakref
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from papernet.core.commands import NewOrder, OpenAccount
from papernet.core.dates import DAY, MILLISECOND
from papernet.core.enums import AccountKind, OrderType, Side, TimeInForce
from papernet.core.units import SCALE
from papernet.servers.transport import bind
from tests.support.visitor import BOB, Visitor, network

NOON = 1_768_478_400_000_000


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


async def story(visitor: Visitor) -> list[tuple[bytes, bytes]]:
    """Trade a little, and return every byte that was answered."""
    told = [
        await visitor.order("50000.00"),
        await visitor.order("50000.00", "SELL", BOB),
        await visitor.order("49000.00"),
        await visitor.signed("GET", "/api/v3/openOrders"),
        await visitor.signed("GET", "/api/v3/account", BOB),
        await visitor.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT"),
        await visitor.ask("GET", "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2"),
        await visitor.signed("GET", "/api/v3/allOrders", symbol="BTCUSDT"),
    ]
    assert [answer.status for answer in told] == [200] * len(told)
    return [(answer.head, answer.body) for answer in told]


async def test_the_same_requests_from_the_same_state_give_the_same_bytes() -> None:
    async with network(held_at=NOON, seed=1) as visitor:
        assert (await visitor.control("POST", "/checkpoints", {"name": "empty"})).status == 200
        first = await story(visitor)
        for _ in range(2):
            assert (await visitor.control("POST", "/checkpoints/restore", {"name": "empty"})).status == 200
            assert await story(visitor) == first


async def test_a_state_comes_back_with_its_orders_balances_and_time() -> None:
    async with network(held_at=NOON) as visitor:
        order = (await visitor.order("50000.00")).json
        before = (await visitor.signed("GET", "/api/v3/account")).json
        kept = (await visitor.control("POST", "/checkpoints", {"name": "resting"})).json
        assert (kept["name"], kept["timestamp_ms"]) == ("resting", NOON // MILLISECOND)
        assert kept["bytes"] > 1_000
        await visitor.order("50000.00", "SELL", BOB)
        await visitor.control("POST", "/reset", {})
        await visitor.control("POST", "/clock/jump", {"span": "1d"})
        assert visitor.node.clock.now() == NOON + DAY
        assert (await visitor.control("POST", "/checkpoints/restore", {"name": "resting"})).json == kept
        assert visitor.node.clock.now() == NOON
        assert (await visitor.signed("GET", "/api/v3/account")).json == before
        found = (await visitor.signed("GET", "/api/v3/openOrders")).json
        assert [row["orderId"] for row in found] == [order["orderId"]]


async def test_a_running_clock_goes_on_from_now() -> None:
    async with network() as visitor:
        await visitor.control("POST", "/checkpoints", {"name": "x"})
        await visitor.control("POST", "/clock/jump", {"span": "1d"})
        later = visitor.node.clock.now()
        await visitor.control("POST", "/checkpoints/restore", {"name": "x"})
        # The jump is undone; between what was kept and now no more time has passed than outside.
        assert 0 < later - visitor.node.clock.now() <= DAY
        assert abs(visitor.node.clock.now() - time.time_ns() // 1_000) < 5_000_000
        assert (await visitor.order("50000.00")).status == 200


async def test_websockets_end_and_may_be_opened_again() -> None:
    async with network(held_at=NOON) as visitor:
        url = f"ws://127.0.0.1:{visitor.node.port}/ws/btcusdt@trade"
        await visitor.control("POST", "/checkpoints", {"name": "x"})
        async with connect(url) as stream:
            assert (await visitor.control("POST", "/checkpoints/restore", {"name": "x"})).status == 200
            assert json.loads(await asyncio.wait_for(stream.recv(), 5))["e"] == "serverShutdown"
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(stream.recv(), 5)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
        async with connect(url) as stream:
            await story(visitor)
            trade = json.loads(await asyncio.wait_for(stream.recv(), 5))
            assert (trade["e"], trade["p"], trade["T"]) == ("trade", "50000.00000000", NOON // MILLISECOND)


async def test_who_asks_meanwhile_waits_and_is_answered_from_the_state_that_came_back(tmp_path: Path) -> None:
    async with network(held_at=NOON, state=tmp_path / "state") as visitor:
        await visitor.order("50000.00")
        await visitor.control("POST", "/checkpoints", {"name": "x"})
        await visitor.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
        coming = asyncio.ensure_future(visitor.control("POST", "/checkpoints/restore", {"name": "x"}))
        while visitor.node.application._gate is None:
            assert not coming.done()
            await asyncio.sleep(0)
        asking = [asyncio.ensure_future(visitor.signed("GET", "/api/v3/openOrders")) for _ in range(5)]
        assert (await coming).status == 200
        assert [len((await answer).json) for answer in asking] == [1] * 5


async def test_a_fork_goes_its_own_way() -> None:
    async with network(held_at=NOON, seed=1) as visitor:
        await visitor.order("48000.00")
        await visitor.control("POST", "/checkpoints", {"name": "one-order"})
        await visitor.order("47000.00")
        for name, orders in (("one-order", 1), (None, 2)):
            answer = await visitor.control("POST", "/checkpoints/fork", {"name": name})
            assert answer.status == 200, answer.body
            fork = answer.json
            assert fork["port"] != visitor.node.port
            assert fork["ws_url"] == fork["rest_url"].replace("http", "ws")
            node = visitor.node._states._forks[-1][0]
            other = Visitor(node)  # type: ignore[arg-type]
            assert len((await other.signed("GET", "/api/v3/openOrders")).json) == orders
            await other.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
            assert len((await visitor.signed("GET", "/api/v3/openOrders")).json) == 2


async def test_a_fork_and_a_restore_go_on_with_the_same_bytes() -> None:
    async with network(held_at=NOON, seed=1) as visitor:
        await story(visitor)
        state = await visitor.node.capture("x")
        visitor.node.world.states.save(state, visitor.node.world.sequencer.last_seq)
        forks = [await visitor.node.fork(bind("127.0.0.1", 0), state) for _ in range(2)]
        told = [await story(Visitor(fork)) for fork in forks]
        await visitor.control("POST", "/checkpoints/restore", {"name": "x"})
        assert told[0] == told[1] == await story(visitor)
        for fork in forks:
            await fork.stop()


async def test_named_states_survive_a_stop_and_so_does_a_restore(tmp_path: Path) -> None:
    async with network(held_at=NOON, state=tmp_path / "state") as visitor:
        await visitor.order("48000.00")
        kept = (await visitor.control("POST", "/checkpoints", {"name": "one"})).json
        await story(visitor)
    async with network(state=tmp_path / "state") as visitor:
        assert (await visitor.control("GET", "/checkpoints")).json == [kept]
        await visitor.control("POST", "/checkpoints/restore", {"name": "one"})
        assert (await visitor.control("DELETE", "/checkpoints?name=one")).json == {"name": "one", "removed": True}
    async with network(state=tmp_path / "state") as visitor:
        assert (await visitor.control("GET", "/checkpoints")).json == []
        assert visitor.node.clock.now() == NOON
        assert [row["price"] for row in (await visitor.signed("GET", "/api/v3/openOrders")).json] == ["48000.00000000"]


async def test_a_crowd_picks_up_where_its_orders_are() -> None:
    async with network(market="sim", held_at=NOON, seed=3) as visitor:
        await visitor.control("POST", "/checkpoints", {"name": "x"})
        told = []
        for _ in range(2):
            await visitor.control("POST", "/checkpoints/restore", {"name": "x"})
            await visitor.control("POST", "/clock/step", {"span": "3s"})
            told.append((await visitor.ask("GET", "/api/v3/depth?symbol=BTCUSDT&limit=50")).body)
        assert told[0] == told[1]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "problem"),
    [
        ("POST", "/checkpoints", {}, 400, "missing required field `name`"),
        ("POST", "/checkpoints", {"name": "../x"}, 400, "begins with A-Z, a-z or 0-9"),
        ("POST", "/checkpoints", {"name": "_recorded"}, 400, "begins with A-Z, a-z or 0-9"),
        ("POST", "/checkpoints", {"name": "x" * 65}, 400, "1 to 64"),
        ("POST", "/checkpoints/restore", {"name": "nothing"}, 404, "there is no state 'nothing'"),
        ("POST", "/checkpoints/fork", {"name": "nothing"}, 404, "there is no state 'nothing'"),
        ("DELETE", "/checkpoints", {"name": "nothing"}, 404, "there is no state 'nothing'"),
        ("POST", "/checkpoints/restore", {"name": "x", "y": 1}, 400, "unknown field `y`"),
    ],
)
async def test_what_cannot_be_done_is_told(method: str, path: str, body: object, status: int, problem: str) -> None:
    async with network() as visitor:
        answer = await visitor.control(method, path, body)
        assert answer.status == status
        assert problem in answer.json["error"]


async def test_rules_of_faults_come_back_with_their_counts() -> None:
    async with network(held_at=NOON) as visitor:
        await visitor.control("POST", "/faults", {"effect": "code-1000", "operation": "time", "nth": 2})
        assert (await visitor.ask("GET", "/api/v3/time")).status == 200
        await visitor.control("POST", "/checkpoints", {"name": "one-seen"})
        for _ in range(2):
            assert (await visitor.ask("GET", "/api/v3/time")).json.get("code") == -1000
            assert (await visitor.ask("GET", "/api/v3/time")).status == 200
            await visitor.control("POST", "/faults/clear")
            await visitor.control("POST", "/checkpoints/restore", {"name": "one-seen"})
        assert [(rule["seen"], rule["done"]) for rule in (await visitor.control("GET", "/faults")).json["faults"]] == [(1, 0)]


async def test_a_step_that_is_under_way_ends_before_a_state_comes_back() -> None:
    async with network(held_at=NOON) as visitor:
        await visitor.control("POST", "/checkpoints", {"name": "x"})
        step, restore = (
            asyncio.ensure_future(visitor.control("POST", path, body))
            for path, body in (("/clock/step", {"span": "1h"}), ("/checkpoints/restore", {"name": "x"}))
        )
        assert ((await step).status, (await restore).status) == (200, 200)
        assert visitor.node.clock.now() == NOON
        assert (await visitor.control("POST", "/clock/step", {"span": "2s"})).status == 200
        assert visitor.node.clock.now() == NOON + 2_000_000


async def test_nothing_holds_on_to_what_was_left() -> None:
    async with network(held_at=NOON, market="sim") as visitor:
        await visitor.control("POST", "/checkpoints", {"name": "x"})
        left = []
        async with connect(f"ws://127.0.0.1:{visitor.node.port}/ws/btcusdt@trade"):
            for _ in range(2):
                left += [weakref.ref(thing) for thing in (visitor.node.world.exchange, visitor.node._doors)]
                await visitor.control("POST", "/checkpoints/restore", {"name": "x"})
                await visitor.control("POST", "/clock/step", {"span": "1s"})
        assert visitor.node.worlds_left == 2
        # Another thread may be about to give back a batch of rows that it has written.
        for _ in range(100):
            gc.collect()
            if not any(thing() for thing in left):
                break
            await asyncio.sleep(0.01)
        assert [thing() for thing in left] == [None] * 4


async def test_ten_thousand_open_orders_come_back_quickly() -> None:
    async with network(limits=False) as visitor:
        submit, now = visitor.node.world.sequencer.submit, visitor.node.clock.now()
        for number in range(50):
            submit(OpenAccount(f"user{number}", 5_000 + number, AccountKind.USER, (("USDT", 10**16),)), now)
            account = visitor.node.world.exchange.accounts.by_name[f"user{number}"].account_id
            for step in range(200):
                price = (50_000 + number * 200 + step) * SCALE // 2
                terms = NewOrder(account, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, SCALE // 1_000, price)
                submit(terms, now)
        assert len(visitor.node.world.exchange.markets["BTCUSDT"].orders) == 10_000
        await visitor.control("POST", "/checkpoints", {"name": "many"})
        took = []
        for _ in range(3):
            begun = time.process_time()
            await visitor.control("POST", "/checkpoints/restore", {"name": "many"})
            took.append(time.process_time() - begun)
        assert len(visitor.node.world.exchange.markets["BTCUSDT"].orders) == 10_000
        # A fifth of a second on the slowest of machines; half of a tenth on a quick one.
        assert min(took) < 0.2
