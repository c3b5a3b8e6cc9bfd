"""Slow, half-open, oversized and malformed: what real sockets do to the server."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from msgspec import json

from papernet.servers.transport import REQUEST_MAX, BindError, GuardedProtocol, HttpServer, bind
from tests.support.http_fakes import Site

DEADLINE = 10.0
HEAD = b"GET /api/v3/ping HTTP/1.1\r\nHost: localhost\r\n"


@dataclass
class Running:
    """A server on a free port."""

    server: HttpServer
    site: Site
    port: int
    writers: list[asyncio.StreamWriter]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection that the server knows of."""
        known = list(self.server.server_state.connections)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        while all(connection in known for connection in self.server.server_state.connections):
            await asyncio.sleep(0)
        return reader, writer

    async def received(self, size: int) -> None:
        """Return when the server has so many bytes of an unfinished request."""
        while self.only().received < size:
            await asyncio.sleep(0)

    def only(self) -> GuardedProtocol:
        """Return the only connection."""
        (connection,) = self.server.server_state.connections
        assert isinstance(connection, GuardedProtocol)
        return connection

    def sweep(self, later: float) -> None:
        """Sweep as if so many seconds had passed."""
        self.server.sweep(asyncio.get_running_loop().time() + later)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    listener = bind("127.0.0.1", 0)
    site = Site()
    server = HttpServer(site.application, listener, DEADLINE)
    await server.start()
    running = Running(server, site, listener.getsockname()[1], [])
    yield running
    for writer in running.writers:
        writer.transport.abort()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await server.stop()
    listener.close()


async def response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def expect_refusal(reader: asyncio.StreamReader, status: int) -> None:
    """Assert a JSON refusal, and that the connection is closed behind it."""
    given, body = await response(reader)
    assert given == status
    assert json.decode(body)["code"] == -1013
    assert await reader.read() == b""


async def test_a_connection_that_says_nothing_is_closed(running: Running) -> None:
    reader, _ = await running.connect()
    running.sweep(DEADLINE - 1)
    assert not running.only().transport.is_closing()
    running.sweep(DEADLINE)
    assert await reader.read() == b""


@pytest.mark.parametrize(
    "start",
    [
        b"G",
        b"\r\n",
        HEAD,
        HEAD + b"X: " + b"y" * 5_000,
        b"POST /api/v3/order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345",
        b"POST /api/v3/order HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
    ],
)
async def test_a_request_that_does_not_arrive_is_refused(running: Running, start: bytes) -> None:
    reader, writer = await running.connect()
    writer.write(start)
    await running.received(len(start))
    running.sweep(DEADLINE - 1)
    assert not running.only().transport.is_closing()
    running.sweep(DEADLINE)
    await expect_refusal(reader, 408)
    assert running.site.door.requests == []
    while running.server.server_state.tasks:
        await asyncio.sleep(0)


async def test_a_trickle_does_not_move_the_deadline(running: Running) -> None:
    reader, writer = await running.connect()
    since = running.only().receiving_since
    for size, byte in enumerate(HEAD, start=1):
        writer.write(bytes([byte]))
        await running.received(size)
    begun = running.only().receiving_since
    assert since is not None
    assert begun is not None
    running.server.sweep(begun + DEADLINE)
    await expect_refusal(reader, 408)


async def test_an_idle_connection_is_kept_and_its_next_request_has_a_deadline_of_its_own(running: Running) -> None:
    reader, writer = await running.connect()
    for _ in range(2):
        writer.write(HEAD + b"\r\n")
        assert (await response(reader))[0] == 200
        running.sweep(100 * DEADLINE)
    writer.write(b"GET")
    await running.received(3)
    running.sweep(DEADLINE)
    await expect_refusal(reader, 408)


async def test_requests_in_one_packet_are_answered_in_order(running: Running) -> None:
    reader, writer = await running.connect()
    body = b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n"
    writer.write(body + b"1" + body + b"2" + body)
    assert await response(reader) == (200, b"1")
    assert await response(reader) == (200, b"2")
    assert running.only().receiving_since is not None
    writer.write(b"3")
    assert await response(reader) == (200, b"3")


async def test_a_request_without_end_is_cut_off(running: Running) -> None:
    reader, writer = await running.connect()
    writer.write(HEAD + b"X: " + b"y" * (REQUEST_MAX + 1))
    await expect_refusal(reader, 413)


async def test_a_client_that_does_not_read_is_dropped(running: Running) -> None:
    running.site.door.size = 32 * 1024 * 1024
    _, writer = await running.connect()
    writer.write(HEAD + b"\r\n")
    connection = running.only()
    while connection.transport.get_write_buffer_size() == 0:
        await asyncio.sleep(0)
    running.sweep(0)
    running.sweep(DEADLINE - 1)
    assert connection in running.server.server_state.connections
    running.sweep(DEADLINE + 1)
    while running.server.server_state.connections:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"8=FIX.4.4\x019=5\x0135=0\x01\r\n",
        b"FOO / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        HEAD + b"bad header\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused(running: Running, garbage: bytes) -> None:
    reader, writer = await running.connect()
    writer.write(garbage)
    await expect_refusal(reader, 400)
    assert running.site.door.requests == []


async def test_an_upgrade_is_answered_as_plain_http(running: Running) -> None:
    reader, writer = await running.connect()
    writer.write(HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n")
    assert (await response(reader))[0] == 200


async def test_raw_brackets_and_quotes_reach_the_door(running: Running) -> None:
    reader, writer = await running.connect()
    writer.write(b'GET /api/v3/ticker?symbols=["A","B"]&x={|}^`~ HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert (await response(reader))[0] == 200
    assert running.site.door.requests[0].query == b'symbols=["A","B"]&x={|}^`~'


async def one_request(running: Running) -> None:
    """Ask once and hang up."""
    reader, writer = await running.connect()
    writer.write(HEAD + b"\r\n")
    assert (await response(reader))[0] == 200
    writer.transport.abort()


async def test_connections_leave_nothing_behind_without_the_collector(running: Running) -> None:
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            await one_request(running)
        running.writers.clear()
        while running.server.server_state.connections:
            await asyncio.sleep(0)
        left = [thing for thing in gc.get_objects() if isinstance(thing, GuardedProtocol)]
        assert len(left) <= 1
    finally:
        gc.enable()


def test_a_taken_port_is_one_line() -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with pytest.raises(BindError, match=f"^port {port} on 127.0.0.1: address already in use$"):
        bind("127.0.0.1", port)
    listener.close()
    bind("127.0.0.1", port).close()


def test_addresses_that_cannot_be_listened_on() -> None:
    for host in ("256.0.0.1", "nowhere.invalid", "203.0.113.9", "a" * 300, "\x00"):
        with pytest.raises(BindError) as caught:
            bind(host, 0)
        assert "\n" not in str(caught.value)


def test_a_name_with_both_kinds_of_address_is_bound_to_the_older_kind() -> None:
    listener = bind("localhost", 0)
    assert listener.family is socket.AF_INET
    listener.close()
