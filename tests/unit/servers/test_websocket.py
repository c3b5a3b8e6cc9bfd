"""WebSockets over real sockets: who may open one, what breaks, who stalls, and how it all ends."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop
from msgspec import json

from papernet.app.fault_rules import FaultDoor
from papernet.app.faults import Fault, RequestFault
from papernet.app.rate_limits import CONNECTION_LIMIT, REFUSALS_FORGIVEN, WEIGHT_LIMIT, RateLimits
from papernet.core.dates import DAY, MINUTE, SECOND
from papernet.protocols.websocket.connection import CLOSING_TIME, DAY_OVER, Connection
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Door, Rules
from papernet.servers import clock
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.local_ca import open_ca
from papernet.servers.tls import TlsDoor
from papernet.servers.transport import GuardedProtocol, HttpServer, bind
from papernet.servers.websocket import WebSocketHub, WebSocketTransport
from tests.support.fault_room import FaultRoom
from tests.support.handshakes import strict_client
from tests.support.http_fakes import Site
from tests.support.raw_websocket import PING, PONG, TEXT, Echo, EchoDoor, Frame, client_frame, close, closing, request, text

START = 1_700_000_040 * SECOND
MEGABYTE = 1 << 20
API_RULES = Rules(messages_per_second=0, message_max=65_536, backlog_max=MEGABYTE)
STREAM_RULES = Rules(messages_per_second=5, message_max=4_096, backlog_max=MEGABYTE)


class Client:
    """A connection that knows frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    async def response(self) -> tuple[int, bytes]:
        """Return the status and the body of an HTTP answer."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        self.head = head.lower()
        return int(head.split()[1]), await self.reader.readexactly(int(length or 0))

    async def frame(self) -> Frame:
        """Return the next frame."""
        first, size = await self.reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
        return Frame(first & 0x0F, await self.reader.readexactly(size))

    async def end(self) -> tuple[int, str]:
        """Return how the server closes, which is the last that it says."""
        ending = closing(await self.frame())
        assert await self.reader.read() == b""
        return ending

    async def echo(self, message: str) -> None:
        """Say something and hear it."""
        self.write(text(message))
        assert await self.frame() == Frame(TEXT, message.encode())


class Running:
    """A server with two doors: /ws-api/v3 and /ws; its clock stands until it is moved."""

    def __init__(self, *, limits: bool = True) -> None:
        self.now = START
        self.api = EchoDoor()
        self.streams = EchoDoor()
        self.limits = RateLimits(enabled=limits)
        self.listener = bind("127.0.0.1", 0)
        self.port: int = self.listener.getsockname()[1]
        self.hub = WebSocketHub(
            [
                Door("/ws", STREAM_RULES, self.streams.open),
                Door("/ws-api/v3", API_RULES, self.api.open, weight=2, ends_with_ban=True, name=FaultDoor.WS_API),
            ],
            hosts=HostPolicy(LOOPBACK_NAMES, self.port),
            limits=self.limits,
            clock=lambda: self.now,
        )
        self.site = Site()
        self.server = HttpServer(self.site.application, self.listener, hub=self.hub)
        self.complaints: list[object] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def reach(self) -> Client:
        """Return a connection that has said nothing."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=16 * MEGABYTE)
        self.writers.append(writer)
        return Client(reader, writer)

    async def ask(self, *args: object, **kwargs: object) -> Client:
        """Return a connection that asked for a WebSocket."""
        client = await self.reach()
        client.write(request(*args, **kwargs))  # type: ignore[arg-type]
        return client

    async def join(self, path: str = "/ws-api/v3") -> Client:
        """Return an open WebSocket."""
        client = await self.ask(path)
        assert (await client.response())[0] == 101
        return client

    async def refused(self, *args: object, **kwargs: object) -> tuple[int, int]:
        """Return the status and the code with which a WebSocket is refused; the connection ends with that."""
        client = await self.ask(*args, **kwargs)
        status, body = await client.response()
        assert await client.reader.read() == b""
        return status, json.decode(body)["code"]

    async def gone(self, left: int = 0) -> None:
        """Return when so many connections are left."""
        while len(self.hub) != left:
            await asyncio.sleep(0)

    async def later(self, span: int) -> None:
        """Let time pass in steps of half a second, as the sweeps do, or in one leap when that is shorter."""
        self.now += span
        self.hub.sweep(self.now)
        await asyncio.sleep(0)


@asynccontextmanager
async def running(*, limits: bool = True) -> AsyncIterator[Running]:
    site = Running(limits=limits)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: site.complaints.append(context))
    await site.server.start()
    try:
        yield site
        for session in (*site.api.sessions, *site.streams.sessions):
            assert len(session.ends) <= 1
    finally:
        for writer in site.writers:
            writer.transport.abort()
        await site.server.stop()
        site.listener.close()
    assert len(site.hub) == 0
    for session in (*site.api.sessions, *site.streams.sessions):
        assert len(session.ends) == 1
    assert site.complaints == []


Story = Callable[[Running], Awaitable[None]]
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


ASYNCIO: LoopFactory = asyncio.new_event_loop
UVLOOP: LoopFactory = uvloop.new_event_loop


def told(*factories: LoopFactory, limits: bool = True) -> Callable[[Story], Callable[[LoopFactory], None]]:
    """Return what makes a test of a story, told on each of these event loops."""

    def as_test(story: Story) -> Callable[[LoopFactory], None]:
        async def tell() -> None:
            async with running(limits=limits) as site:
                await asyncio.wait_for(story(site), 60)

        @pytest.mark.parametrize("factory", factories, ids=lambda factory: factory.__module__.partition(".")[0])
        def test(factory: LoopFactory) -> None:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(tell())

        test.__doc__ = story.__doc__
        return test

    return as_test


@told(ASYNCIO, UVLOOP)
async def test_a_client_is_heard_answered_and_let_go(site: Running) -> None:
    client = await site.join("/ws-api/v3?returnRateLimits=false")
    await client.echo("hello")
    (session,) = site.api.sessions
    assert (session.handshake.path, session.handshake.query) == ("/ws-api/v3", b"returnRateLimits=false")
    assert (session.peer.ip, session.opened_at, session.heard) == ("127.0.0.1", START, ["hello"])
    client.write(close(1000))
    assert await client.end() == (1000, "")
    client.writer.close()
    await site.gone()
    assert session.ends == [START]


@told(UVLOOP)
async def test_a_path_leads_to_its_door_and_everything_below_too(site: Running) -> None:
    for path in ("/ws", "/ws/", "/ws/btcusdt@trade", "/ws/0", "/ws/a/b", "/ws%2Fc"):
        await site.join(path)
    assert len(site.streams.sessions) == 6
    await site.join("/ws-api/v3/")
    assert len(site.api.sessions) == 1
    for path in ("/", "/wss", "/ws-api", "/ws-api/v30", "/api/v3/ping", "/papernet/v1/health", "*"):
        assert await site.refused(path) == (404, -1020)
    assert site.site.door.requests == []


@told(UVLOOP)
async def test_the_host_check_comes_before_everything(site: Running) -> None:
    own = f"http://localhost:{site.port}"
    assert (await (await site.ask("/ws-api/v3", ("Origin", own))).response())[0] == 101
    for change in (
        ("Origin", "http://evil.example"),
        ("Host", "evil.example"),
        ("Host", None),
        ("Sec-Fetch-Site", "cross-site"),
    ):
        assert await site.refused("/ws-api/v3", change) == (403, -1002)
        assert await site.refused("/nowhere", change) == (403, -1002)
    assert site.limits.used_weight("127.0.0.1", site.now) == 2


@told(UVLOOP)
async def test_a_request_that_is_no_handshake_is_told_so(site: Running) -> None:
    for changes, status in ((("Sec-WebSocket-Key", None), 400), (("Sec-WebSocket-Version", "8"), 400)):
        client = await site.ask("/ws", changes)
        assert (await client.response())[0] == status
        assert await client.reader.read() == b""
    assert (await (await site.ask("/ws", method="POST")).response())[0] == 405
    assert (await (await site.ask("/ws", version="1.0")).response())[0] in (200, 505)
    assert site.limits.used_weight("127.0.0.1", site.now) == 0
    assert site.streams.sessions == []


@told(UVLOOP)
async def test_connecting_to_the_api_costs_weight_and_to_streams_none(site: Running) -> None:
    await site.join("/ws-api/v3")
    await site.join("/ws")
    assert site.limits.used_weight("127.0.0.1", site.now) == 2
    site.limits.charge("127.0.0.1", WEIGHT_LIMIT - 2, site.now)
    assert await site.refused("/ws-api/v3") == (429, -1003)
    await site.join("/ws")


@told(UVLOOP)
async def test_one_connection_too_many_is_refused_and_who_goes_on_is_banned(site: Running) -> None:
    for _ in range(CONNECTION_LIMIT):
        assert site.limits.connect("127.0.0.1", 0, site.now) is None
    for _ in range(REFUSALS_FORGIVEN):
        client = await site.ask("/ws")
        status, body = await client.response()
        assert (status, json.decode(body)["code"]) == (429, -1034)
        assert b"retry-after: 60\r\n" in client.head
    assert await site.refused("/ws") == (418, -1003)
    site.now += 5 * MINUTE
    await site.join("/ws")


@told(UVLOOP, limits=False)
async def test_without_limits_nobody_is_refused(site: Running) -> None:
    for _ in range(2 * CONNECTION_LIMIT):
        site.limits.connect("127.0.0.1", 2, site.now)
        site.limits.offend("127.0.0.1", site.now)
    await site.join("/ws")


@told(UVLOOP)
async def test_a_door_may_refuse(site: Running) -> None:
    site.streams.fault = Fault(RequestFault.BAD_TIME_UNIT)
    assert await site.refused("/ws?timeUnit=x") == (400, -1194)
    assert len(site.hub) == 0


@told(UVLOOP)
async def test_with_a_ban_the_api_is_closed_and_streams_stay(site: Running) -> None:
    api, streams = await site.join("/ws-api/v3"), await site.join("/ws")

    class Greedy(Echo):
        def receive(self, text: str, now: int) -> None:
            for _ in range(REFUSALS_FORGIVEN + 1):
                site.limits.charge("127.0.0.1", WEIGHT_LIMIT, now)
            super().receive(text, now)

    site.api.kind = Greedy
    greedy = await site.join("/ws-api/v3")
    greedy.write(text("more"))
    assert await greedy.frame() == Frame(TEXT, b"more")
    assert await greedy.end() == (1008, "IP banned")
    assert await api.end() == (1008, "IP banned")
    await streams.echo("still here")


@told(UVLOOP)
async def test_who_sends_too_much_is_disconnected_and_in_the_end_banned(site: Running) -> None:
    for _ in range(REFUSALS_FORGIVEN + 1):
        client = await site.join("/ws")
        client.write(text("x") * 6)
        for _ in range(5):
            assert await client.frame() == Frame(TEXT, b"x")
        assert await client.end() == (1008, "Too many requests")
    assert await site.refused("/ws") == (418, -1003)


@told(ASYNCIO, UVLOOP)
async def test_bytes_behind_the_handshake_are_not_lost(site: Running) -> None:
    client = await site.reach()
    client.write(request("/ws") + text("one") + client_frame(PING, b"two") + text("three")[:4])
    assert (await client.response())[0] == 101
    assert sorted([await client.frame(), await client.frame()]) == [Frame(TEXT, b"one"), Frame(PONG, b"two")]
    client.write(text("three")[4:])
    assert await client.frame() == Frame(TEXT, b"three")


@told(UVLOOP)
async def test_a_connection_may_ask_plain_questions_first(site: Running) -> None:
    client = await site.reach()
    client.write(b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await client.response())[0] == 200
    client.write(request("/ws"))
    assert (await client.response())[0] == 101
    await client.echo("x")
    assert not site.server.server_state.connections


@told(UVLOOP)
async def test_an_upgrade_right_behind_a_question_does_not_overtake_its_answer(site: Running) -> None:
    client = await site.reach()
    client.write(b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n\r\n" + request("/ws"))
    assert (await client.response())[0] == 200
    assert await client.reader.read() == b""
    assert site.streams.sessions == []


@told(UVLOOP)
async def test_an_open_websocket_is_not_swept_away_with_plain_connections(site: Running) -> None:
    client = await site.join()
    site.server.sweep(asyncio.get_running_loop().time() + 1_000)
    await client.echo("still here")


@told(UVLOOP)
async def test_time_passes_by_sweeps(site: Running) -> None:
    client = await site.join()
    await site.later(20 * SECOND - 1)
    await client.echo("no ping before this")
    await site.later(1)
    ping = await client.frame()
    assert ping.opcode == PING
    client.write(client_frame(PONG, ping.payload))
    await client.echo("the pong was read")
    await site.later(60 * SECOND)
    assert (await client.frame()).opcode == PING
    await site.later(60 * SECOND)
    assert await client.end() == (1008, "Pong timeout")
    assert site.api.sessions[0].ends == [site.now]


@told(UVLOOP)
async def test_a_day_is_over_at_once_when_the_clock_says_so(site: Running) -> None:
    clients = [await site.join() for _ in range(3)]
    await site.later(DAY)
    for client in clients:
        assert await client.end() == (DAY_OVER.code, DAY_OVER.reason)
    await site.join()


@told(ASYNCIO, UVLOOP)
async def test_who_does_not_close_its_side_is_dropped(site: Running) -> None:
    client = await site.join()
    site.api.sessions[0].peer.close(1000, "enough")
    assert await client.end() == (1000, "enough")
    # The server's side is closed, the client's is not, and what it still sends is not heard.
    client.write(text("late"))
    await site.later(MINUTE)
    await site.later(CLOSING_TIME - 1)
    assert len(site.hub) == 1
    await site.later(1)
    await site.gone()
    assert site.api.sessions[0].heard == []


@told(ASYNCIO, UVLOOP)
async def test_aborts_and_ends_within_a_frame_leave_nothing(site: Running) -> None:
    for part in (b"", text("abc")[:1], text("abc")[:-1], client_frame(TEXT, b"a", fin=False)):
        for goodbye in ("abort", "eof"):
            client = await site.join()
            client.write(part)
            await client.writer.drain()
            if goodbye == "abort":
                client.writer.transport.abort()
            else:
                client.writer.write_eof()
                assert await client.reader.read() == b""
            await site.gone()
    assert [session.heard for session in site.api.sessions] == [[]] * 8
    assert [len(session.ends) for session in site.api.sessions] == [1] * 8


@told(ASYNCIO, UVLOOP)
async def test_a_client_may_close_and_hang_up_in_one_breath(site: Running) -> None:
    client = await site.join()
    client.write(text("last") + close(1000))
    client.writer.write_eof()
    assert await client.frame() == Frame(TEXT, b"last")
    assert await client.end() == (1000, "")


class Broken(Echo):
    """Breaks on what it is told to."""

    def receive(self, text: str, now: int) -> None:
        super().receive(text, now)
        if text == "break":
            raise ZeroDivisionError(text)

    def farewell(self, now: int) -> None:
        raise ZeroDivisionError

    def closed(self, now: int) -> None:
        super().closed(now)
        raise ZeroDivisionError


def test_a_session_that_breaks_costs_its_own_connection_alone(capsys: pytest.CaptureFixture[str]) -> None:
    async def story(site: Running) -> None:
        healthy = await site.join()
        site.api.kind = Broken
        broken = await site.join()
        broken.write(text("break") + text("never heard"))
        assert await broken.frame() == Frame(TEXT, b"break")
        assert await broken.end() == (1011, "Internal error")
        await healthy.echo("alive")
        lasting = await site.join()
        await site.hub.shutdown(0.0)
        assert closing(await lasting.frame())[0] == 1001
        assert await healthy.frame() == Frame(TEXT, b"farewell")

    told(UVLOOP)(story)(UVLOOP)
    assert capsys.readouterr().err.count("Traceback") == 4


def test_a_door_that_breaks_is_an_internal_error(capsys: pytest.CaptureFixture[str]) -> None:
    class Unborn(Echo):
        def __init__(self, *args: object) -> None:
            raise ZeroDivisionError(args)

    async def story(site: Running) -> None:
        site.api.kind = Unborn
        assert await site.refused("/ws-api/v3") == (500, -1001)
        assert len(site.hub) == 0

    told(UVLOOP)(story)(UVLOOP)
    assert "ZeroDivisionError" in capsys.readouterr().err


@told(UVLOOP)
async def test_a_session_may_speak_and_close_before_it_hears_anything(site: Running) -> None:
    class Curt(Echo):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            self.peer.send(text_frame(b"no"))
            self.peer.close(1008, "not you")

    site.api.kind = Curt
    client = await site.join()
    assert await client.frame() == Frame(TEXT, b"no")
    assert await client.end() == (1008, "not you")


@told(UVLOOP)
async def test_all_that_is_sent_in_one_turn_is_written_in_one_piece(site: Running) -> None:
    client = await site.join()
    (transport,) = site.hub._open.values()
    written: list[bytes] = []

    class Watched:
        def write(self, data: bytes) -> None:
            written.append(data)

        def is_closing(self) -> bool:
            return False

    object.__setattr__(transport, "_transport", Watched())
    peer = site.api.sessions[0].peer
    for number in range(100):
        peer.send(text_frame(b"%d" % number))
    assert written == []
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert written == [b"".join(text_frame(b"%d" % number) for number in range(100))]
    object.__setattr__(transport, "_transport", client.writer.transport)


async def fill(site: Running, session: Echo, frame: bytes) -> None:
    """Send until the connection is paused."""
    peer = session.peer
    assert isinstance(peer, Connection)
    while not peer.paused:
        peer.send(frame)
        await asyncio.sleep(0)


@told(ASYNCIO, UVLOOP, limits=False)
async def test_a_stalled_reader_is_dropped_with_a_reason_and_delays_nobody(site: Running) -> None:
    stalled, reader = await site.join(), await site.join()
    stalled.writer.transport.pause_reading()  # type: ignore[attr-defined]
    frame = text_frame(b"x" * 60_000)
    slow, quick = site.api.sessions
    await fill(site, slow, frame)
    for number in range(MEGABYTE // len(frame) + 1):
        slow.peer.send(frame)
        slow.peer.send_latest("ticker", frame)
        quick.peer.send(text_frame(b"%d" % number))
        assert (await reader.frame()).payload == b"%d" % number
    assert len(slow.ends) == 1
    await reader.echo("at once")
    # What the client had room for arrives whole, and the reason behind it.
    stalled.writer.transport.resume_reading()  # type: ignore[attr-defined]
    while (last := await stalled.frame()).opcode == TEXT:
        assert len(last.payload) == 60_000
    assert closing(last) == (1008, "Slow reader")
    assert await stalled.reader.read() == b""


@told(ASYNCIO, UVLOOP, limits=False)
async def test_a_reader_that_never_reads_again_is_dropped_too(site: Running) -> None:
    client = await site.join()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await fill(site, site.api.sessions[0], text_frame(b"x" * 60_000))
    for _ in range(5):
        await site.later(20 * SECOND)
    assert len(site.api.sessions[0].ends) == 1
    await site.later(CLOSING_TIME)
    await site.later(CLOSING_TIME)
    await site.gone()


@told(ASYNCIO, UVLOOP, limits=False)
async def test_a_slow_reader_gets_everything_and_of_snapshots_the_latest(site: Running) -> None:
    client = await site.join()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    session = site.api.sessions[0]
    await fill(site, session, text_frame(b"x" * 60_000))
    for number in range(10_000):
        session.peer.send_latest("depth", text_frame(b"depth %d" % number))
    session.peer.send(text_frame(b"done"))
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    while (frame := await client.frame()).payload.startswith(b"x"):
        assert len(frame.payload) == 60_000
    assert frame.payload == b"depth 9999"
    assert (await client.frame()).payload == b"done"
    await client.echo("caught up")


@told(ASYNCIO, UVLOOP, limits=False)
async def test_requests_wait_until_the_answers_before_them_are_read(site: Running) -> None:
    class Verbose(Echo):
        def receive(self, text: str, now: int) -> None:
            self.heard.append(text)
            self.peer.send(text_frame(text.encode() + b"x" * 500_000))

    site.api.kind = Verbose
    client = await site.join()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    client.write(b"".join(text(f"{number:04}") for number in range(200)))
    session = site.api.sessions[0]
    peer = session.peer
    assert isinstance(peer, Connection)
    while not peer.paused:
        await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(session.heard) < 50
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    for number in range(200):
        assert (await client.frame()).payload[:4] == b"%04d" % number
    assert len(session.heard) == 200


@told(ASYNCIO, UVLOOP, limits=False)
async def test_who_upgrades_before_it_has_read_its_answers_is_a_reader_that_stalls(site: Running) -> None:
    site.site.door.size = 60_000
    client = await site.reach()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    asked = 0
    while True:
        client.write(b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n\r\n")
        asked += 1
        while len(site.site.door.requests) < asked:
            await asyncio.sleep(0)
        (connection,) = site.server.server_state.connections
        assert isinstance(connection, GuardedProtocol)
        while not connection.cycle.response_complete:
            await asyncio.sleep(0)
        if connection.flow.write_paused:
            break
    client.write(request("/ws"))
    while not site.streams.sessions:
        await asyncio.sleep(0)
    session = site.streams.sessions[0]
    for number in range(10_000):
        session.peer.send_latest("depth", text_frame(b"depth %d" % number))
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    for _ in range(asked):
        assert (await client.response())[0] == 200
    assert (await client.response())[0] == 101
    assert (await client.frame()).payload == b"depth 9999"
    await client.echo("caught up")


@told(UVLOOP)
async def test_who_is_dismissed_is_told_and_may_come_again(site: Running) -> None:
    client = await site.join()
    site.hub.dismiss(site.now)
    assert await client.frame() == Frame(TEXT, b"farewell")
    assert await client.end() == (1001, "Server shutdown")
    await (await site.join()).echo("again")


@told(UVLOOP)
async def test_a_shutdown_says_farewell_to_everybody(site: Running) -> None:
    clients = [await site.join(path) for path in ("/ws-api/v3", "/ws", "/ws")]
    stopping = asyncio.ensure_future(site.hub.shutdown())
    for client in clients:
        assert await client.frame() == Frame(TEXT, b"farewell")
        assert await client.end() == (1001, "Server shutdown")
        client.writer.close()
    await stopping
    assert await site.refused("/ws") == (503, -1002)


@told(UVLOOP)
async def test_a_shutdown_does_not_wait_for_those_who_stay(site: Running) -> None:
    client = await site.join()
    await site.hub.shutdown(0.0)
    assert len(site.hub) == 0
    await site.hub.shutdown()
    assert len(site.api.sessions[0].ends) == 1
    client.writer.close()


@told(ASYNCIO, UVLOOP)
async def test_the_server_stops_with_its_websockets(site: Running) -> None:
    client = await site.join()
    stopping = asyncio.ensure_future(site.server.stop())
    assert await client.frame() == Frame(TEXT, b"farewell")
    assert await client.end() == (1001, "Server shutdown")
    client.writer.close()
    await stopping


def alive() -> list[object]:
    """Return all connections that there are in this process."""
    kinds = (Connection, WebSocketTransport, GuardedProtocol)
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds)]


@told(ASYNCIO, UVLOOP)
async def test_a_flood_is_taken_in_bit_by_bit_and_in_order(site: Running) -> None:
    client = await site.join()
    (transport,) = site.hub._open.values()
    messages = [f"{number:04}" for number in range(8_000)]
    flood = b"".join(map(text, messages))
    heard = site.api.sessions[0].heard
    transport.data_received(flood[:-7])
    turns = 1
    while len(heard) < len(messages) - 1:
        assert len(heard) <= turns * 16_384 // len(text("0000")) + 1
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3
    transport.data_received(flood[-7:])
    assert heard == messages
    for message in messages:
        assert await client.frame() == Frame(TEXT, message.encode())


@told(ASYNCIO, UVLOOP)
async def test_connections_leave_nothing_behind_without_the_collector(site: Running) -> None:
    gc.collect()
    before = alive()
    gc.disable()
    try:
        for goodbye in (close(), client_frame(TEXT, mask=None), text("a")[:1]):
            client = await site.join()
            client.write(goodbye)
            client.writer.write_eof()
            await client.reader.read()
            client.writer.transport.abort()
            await site.gone()
        for session in site.api.sessions:
            session.peer = None  # type: ignore[assignment]
        await asyncio.sleep(0)
        assert [thing for thing in alive() if thing not in before] == []
    finally:
        gc.enable()


def test_the_same_holds_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERNET_CA_DIR", str(tmp_path))
    authority = open_ca(LOOPBACK_NAMES, clock.now())

    async def story(site: Running) -> None:
        door = TlsDoor(bind("127.0.0.1", 0), authority)
        server = HttpServer(site.site.application, door.listener, 10.0, door.context, site.hub)
        await server.start()
        trust = strict_client(door.ca.certificate)
        port = door.listener.getsockname()[1]
        clients = []
        for _ in range(2):
            client = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost"))
            client.write(request("/ws") + text("early"))
            assert (await client.response())[0] == 101
            assert await client.frame() == Frame(TEXT, b"early")
            await client.echo("x" * 4_000)
            clients.append(client)
        client, other = clients
        client.write(text("last") + close(1000, b"bye"))
        assert await client.frame() == Frame(TEXT, b"last")
        assert await client.end() == (1000, "bye")
        client.writer.close()
        stopping = asyncio.ensure_future(server.stop())
        assert await other.frame() == Frame(TEXT, b"farewell")
        assert await other.end() == (1001, "Server shutdown")
        other.writer.close()
        await stopping
        door.listener.close()

    told(UVLOOP)(story)(UVLOOP)


def suffering(site: Running) -> FaultRoom:
    """Return the rules by which connections that are opened from now on suffer."""
    room = FaultRoom(lambda: site.now)
    site.hub.suffer(room.faults)
    return room


@told(ASYNCIO, UVLOOP)
async def test_a_stalled_connection_stays_open_and_says_nothing_until_the_client_gives_up(site: Running) -> None:
    room = suffering(site)
    client, other = await site.join(), await site.join("/ws")
    room.add("stall", door="ws-api", times=1)
    await site.later(0)
    client.write(client_frame(PING, b"?") + text("order"))
    await site.later(2 * MINUTE)
    assert (await other.frame()).opcode == PING
    for _ in range(20):
        await asyncio.sleep(0)
    # Nothing is read of it but that it is there; its message was not heard.
    assert (client.reader._buffer, client.reader.at_eof()) == (bytearray(), False)  # type: ignore[attr-defined]
    assert (len(site.hub), site.api.sessions[0].heard) == (2, [])
    client.writer.close()
    await site.gone(1)
    assert site.api.sessions[0].ends == [site.now]


@told(ASYNCIO, UVLOOP)
async def test_nobody_waits_for_a_stalled_connection_when_the_server_stops(site: Running) -> None:
    suffering(site).add("stall")
    client = await site.join()
    await site.later(0)
    await site.hub.shutdown(patience=1_000)
    assert await client.reader.read() == b""


@told(ASYNCIO, UVLOOP)
async def test_a_connection_that_breaks_off_is_reset_without_a_close_frame(site: Running) -> None:
    room = suffering(site)
    client = await site.join()
    await client.echo("before")
    room.add("break-off", door="ws-api")
    await site.later(0)
    with pytest.raises(ConnectionResetError):
        await client.reader.read()
    await site.gone()


@told(ASYNCIO, UVLOOP)
async def test_half_a_frame_arrives_before_the_reset(site: Running) -> None:
    suffering(site)
    client = await site.join()
    (session,) = site.api.sessions
    session.peer.send(text_frame(b"whole"))
    session.peer.break_off(mid_frame=True)
    client.write(text("12345678"))
    assert await client.frame() == Frame(TEXT, b"whole")
    assert await client.reader.readexactly(5) == text_frame(b"12345678")[:5]
    with pytest.raises(ConnectionResetError):
        await client.reader.read()
    await site.gone()


@told(UVLOOP)
async def test_a_shutdown_is_announced_to_the_connections_that_a_rule_is_about(site: Running) -> None:
    room = suffering(site)
    client, other = await site.join("/ws"), await site.join()
    room.add("server-shutdown", door="streams", span=5 * SECOND)
    await site.later(0)
    assert await client.frame() == Frame(TEXT, b"farewell")
    await client.echo("still there")
    await other.echo("so am I")
    site.now += 5 * SECOND
    room.wait(0)
    assert await client.end() == (1001, "Server shutdown")
    await other.echo("and I stay")


@told(UVLOOP)
async def test_a_disconnect_looks_as_after_a_day_and_one_may_come_again(site: Running) -> None:
    room = suffering(site)
    client = await site.join("/ws")
    room.add("disconnect", door="streams", times=1)
    await site.later(0)
    assert await client.end() == (DAY_OVER.code, DAY_OVER.reason)
    await (await site.join("/ws")).echo("again")


@told(UVLOOP)
async def test_pings_of_either_side_are_left_out(site: Running) -> None:
    room = suffering(site)
    client = await site.join("/ws")
    room.add("no-pong", door="streams", nth=1)
    room.add("no-ping", nth=1)
    for payload in (b"1", b"2"):
        client.write(client_frame(PING, payload))
    assert await client.frame() == Frame(PONG, b"2")
    await site.later(20 * SECOND)
    await site.later(20 * SECOND)
    assert await client.frame() == Frame(PING, b"%d" % (site.now // 1_000))


@told(UVLOOP)
async def test_what_happened_to_a_connection_is_not_counted_a_second_time(site: Running) -> None:
    room = suffering(site)
    await site.join()
    await site.join("/ws")
    rule = room.add("stall")
    await site.later(0)
    await site.later(0)
    assert room.done(rule) == 2
