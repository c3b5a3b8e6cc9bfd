"""Networks in this process: they start, answer, share nothing, and end."""

import asyncio
import http.client
import subprocess
import sys
import threading
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from papernet.testing import ControlError, Network, PapernetServer
from papernet.testing.background import background

ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}


def open_orders(papernet: Network) -> list[object]:
    return list(papernet.request("GET", "/api/v3/openOrders", "alice").body)


def test_two_networks_at_the_same_time_share_nothing() -> None:
    with PapernetServer() as one, PapernetServer() as other:
        assert one.rest_url != other.rest_url
        assert one.token != other.token
        assert one.request("POST", "/api/v3/order", "alice", **ORDER).body["status"] == "NEW"
        assert len(open_orders(one)) == 1
        assert open_orders(other) == []
        one.reset()
        assert [network.request("GET", "/papernet/v1/health").body["epoch"] for network in (one, other)] == [2, 1]


def test_a_network_that_was_stopped_answers_no_more() -> None:
    server = PapernetServer()
    papernet = server.start()
    with pytest.raises(RuntimeError, match="started already"):
        server.start()
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        papernet.request("GET", "/api/v3/ping")
    with pytest.raises(ControlError, match="has been stopped"):
        papernet.reset()
    with server as again:
        assert again.request("GET", "/api/v3/ping").status == 200


def test_a_network_that_broke_says_so_at_its_end() -> None:
    server = PapernetServer(options=False)
    server.start()
    assert server._running is not None
    node, _ = server._running
    background().run(asyncio.to_thread(node.world.sequencer.halt, "command 9 failed"))
    background().run(node._look_at_journal())
    with pytest.raises(RuntimeError, match="ended by itself: command 9 failed"):
        server.stop()


def test_many_are_started_quickly_once_there_was_one() -> None:
    with PapernetServer():
        spans = []
        for _ in range(9):
            began = perf_counter()
            server = PapernetServer()
            server.start()
            spans.append(perf_counter() - began)
            server.stop(wait=False)
    background().settle()
    # One of the quicker ones: other tests may be using both cores.
    assert sorted(spans)[2] < 0.050


async def test_it_is_an_asynchronous_context_too() -> None:
    async with PapernetServer(options=False) as papernet:
        assert (await asyncio.to_thread(papernet.request, "GET", "/api/v3/ping")).status == 200


def test_what_a_seed_draws_is_the_same_each_time() -> None:
    books = []
    for _ in range(2):
        with PapernetServer(market="sim", seed=11, options=False, held=True) as papernet:
            books.append(papernet.request("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1h", limit=3).body[0][1:6])
    assert books[0] == books[1]
    assert books[0]


def test_a_held_network_stands_still_at_the_time_that_was_asked_for() -> None:
    for _ in range(2):
        with PapernetServer(held_at="2031-01-01T00:00:00Z", options=False) as papernet:
            assert papernet.clock.now().isoformat() == "2031-01-01T00:00:00+00:00"
            assert papernet.request("GET", "/api/v3/time").body == {"serverTime": 1_924_992_000_000}
            assert papernet.request("POST", "/api/v3/order", "alice", **ORDER).body["transactTime"] == 1_924_992_000_000
    with PapernetServer(held=True, options=False) as papernet:
        before = papernet.clock.show()
        assert papernet.clock.show() == before
        papernet.clock.step("1s")
        assert papernet.clock.now_ms() == before["timestamp_ms"] + 1_000


def test_a_setting_that_there_is_not_is_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no setting 'colour'"):
        PapernetServer(colour="red")  # type: ignore[call-arg]
    server = PapernetServer(symbols=tmp_path / "none.toml")
    with pytest.raises(ValueError, match=r"none\.toml"):
        server.start()


def test_calls_within_the_process_need_no_socket_and_mean_the_same() -> None:
    with PapernetServer() as papernet:
        over = Network(papernet.rest_url, papernet.token)
        assert over.market.symbols() == papernet.market.symbols()
        with pytest.raises(ControlError, match="there is no such symbol") as refused:
            papernet.market.set_status("NONE", "HALT")
        assert refused.value.status == 404
        with pytest.raises(ControlError, match="there is no such symbol") as refused:
            over.market.set_status("NONE", "HALT")
        assert refused.value.status == 404
        with pytest.raises(ControlError, match="send the token") as refused:
            Network(papernet.rest_url, "wrong").reset()
        assert refused.value.status == 401


def test_a_thread_that_waits_in_a_client_does_not_hold_up_the_network() -> None:
    with PapernetServer(options=False) as papernet:
        connections = [http.client.HTTPConnection(urlsplit(papernet.rest_url).netloc, timeout=10) for _ in range(4)]
        statuses: list[int] = []

        def ask(connection: http.client.HTTPConnection) -> None:
            connection.request("GET", "/api/v3/ping")
            statuses.append(connection.getresponse().status)
            connection.close()

        threads = [threading.Thread(target=ask, args=(connection,)) for connection in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 4


def test_a_script_that_forgets_to_stop_ends_in_silence() -> None:
    code = "from papernet.testing import PapernetServer\nprint(PapernetServer().start().request('GET', '/api/v3/ping').status)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")
