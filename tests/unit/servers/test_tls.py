"""The TLS door over real sockets, on the event loop that `papernet up` runs on."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvloop
from msgspec import json

from papernet.core.dates import DAY
from papernet.servers import clock
from papernet.servers.hosts import LOOPBACK_NAMES
from papernet.servers.local_ca import LocalCa, open_ca
from papernet.servers.tls import TlsDoor, TlsError, open_tls
from papernet.servers.transport import HttpServer
from tests.support.handshakes import strict_client
from tests.support.http_fakes import Site

PING = b"GET /api/v3/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
Visit = Callable[["Served"], Awaitable[None]]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> LocalCa:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAPERNET_CA_DIR", str(tmp_path_factory.mktemp("ca")))
        return open_ca(LOOPBACK_NAMES, clock.now())


class Served:
    """A server over fakes that speaks TLS on a free port."""

    def __init__(self, ca: LocalCa, deadline: float) -> None:
        self.site = Site()
        self.door = TlsDoor(socket.create_server(("127.0.0.1", 0)), ca)
        self.door.listener.settimeout(0)
        self.server = HttpServer(self.site.application, self.door.listener, deadline, self.door.context)
        self.address = self.door.listener.getsockname()
        self.complaints: list[object] = []

    async def connect(self, **changes: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection of a client that is as strict as can be."""
        client = strict_client(self.door.ca.certificate)
        for name, value in changes.items():
            setattr(client, name, value)
        client.set_alpn_protocols(["h2", "http/1.1"])
        return await asyncio.open_connection(*self.address, ssl=client, server_hostname="localhost")

    async def gone(self) -> None:
        """Return when the server has no connection any more."""
        while self.server.server_state.connections:
            await asyncio.sleep(0)


def visit(ca: LocalCa, guest: Visit, deadline: float = 10.0) -> float:
    """Start a server, let a guest come, stop it, and return how long stopping took."""

    async def stay() -> float:
        served = Served(ca, deadline)
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: served.complaints.append(context))
        await served.server.start()
        try:
            await guest(served)
        finally:
            begin = loop.time()
            await served.server.stop()
        assert served.complaints == []
        return loop.time() - begin

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(stay(), 30))


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


def test_requests_are_answered_as_on_the_plain_port(ca: LocalCa) -> None:
    async def guest(served: Served) -> None:
        reader, writer = await served.connect()
        tls = writer.get_extra_info("ssl_object")
        assert (tls.version(), tls.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
        for _ in range(2):
            writer.write(PING)
            assert (await answer(reader))[0] == 200
        served.site.door.size = 3_000_000
        writer.write(PING)
        assert len((await answer(reader))[1]) == 3_000_000
        assert [request.path for request in served.site.door.requests] == ["/api/v3/ping"] * 3
        writer.close()

    visit(ca, guest)


def test_nothing_older_than_tls_1_2(ca: LocalCa) -> None:
    async def guest(served: Served) -> None:
        _, writer = await served.connect(maximum_version=ssl.TLSVersion.TLSv1_2)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
        writer.close()
        with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises((ssl.SSLError, ConnectionError)):
            await served.connect(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)

    visit(ca, guest)


@pytest.mark.parametrize("beginning", [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_a_handshake_that_does_not_end_is_cut_off(ca: LocalCa, beginning: bytes) -> None:
    async def guest(served: Served) -> None:
        reader, writer = await asyncio.open_connection(*served.address)
        writer.write(beginning)
        assert await reader.read() == b""
        writer.close()

    visit(ca, guest, deadline=0.05)


@pytest.mark.parametrize("noise", [PING, b"\x00" * 100, b"\x16\x03\x01\x00\x05hello", b"8=FIX.4.4\x019=5\x0135=0\x01\r\n"])
def test_what_is_no_tls_is_hung_up_on_without_a_word_on_the_screen(
    ca: LocalCa, noise: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    async def guest(served: Served) -> None:
        reader, writer = await asyncio.open_connection(*served.address)
        writer.write(noise)
        received = await reader.read()
        assert received == b"" or received[0] == 0x15  # a TLS alert
        writer.close()
        assert served.site.door.requests == []

    visit(ca, guest)
    assert capfd.readouterr() == ("", "")


def test_a_client_that_says_nothing_or_half_a_request_is_closed(ca: LocalCa) -> None:
    async def guest(served: Served) -> None:
        silent, _ = await served.connect()
        halting, writer = await served.connect()
        writer.write(PING[:-2])
        while not any(connection.received for connection in served.server.server_state.connections):  # type: ignore[union-attr]
            await asyncio.sleep(0)
        served.server.sweep(asyncio.get_running_loop().time() + 10)
        assert await silent.read() == b""
        status, body = await answer(halting)
        assert (status, json.decode(body)["code"]) == (408, -1013)
        assert await halting.read() == b""
        await served.gone()

    visit(ca, guest)


def test_a_client_that_does_not_read_is_dropped(ca: LocalCa) -> None:
    async def guest(served: Served) -> None:
        served.site.door.size = 32 * 1024 * 1024
        _, writer = await served.connect()
        writer.write(PING)
        while not served.site.door.requests:
            await asyncio.sleep(0)
        (connection,) = served.server.server_state.connections
        while connection.transport.get_write_buffer_size() == 0:
            await asyncio.sleep(0)
        now = asyncio.get_running_loop().time()
        for later in (0, 9):
            served.server.sweep(now + later)
        assert connection in served.server.server_state.connections
        served.server.sweep(now + 10)
        await served.gone()
        writer.transport.abort()

    visit(ca, guest)


def test_a_stop_does_not_wait_for_clients_that_keep_their_connection(ca: LocalCa) -> None:
    kept: list[socket.socket] = []

    async def guest(served: Served) -> None:
        client = strict_client(served.door.ca.certificate)

        def ask() -> socket.socket:
            # A blocking client: between two requests nobody reads its socket, so a farewell is not answered.
            connection = client.wrap_socket(socket.create_connection(served.address), server_hostname="localhost")
            connection.sendall(PING)
            assert b" 200 " in connection.recv(100)
            return connection

        kept.append(await asyncio.to_thread(ask))

    assert visit(ca, guest) < 2
    kept[0].close()


def test_a_renewed_certificate_is_shown_to_whoever_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERNET_CA_DIR", str(tmp_path))
    now = clock.now()
    own = open_ca(LOOPBACK_NAMES, now - 380 * DAY)

    async def guest(served: Served) -> None:
        async def number() -> object:
            _, writer = await served.connect()
            shown = writer.get_extra_info("peercert")["serialNumber"]
            writer.close()
            return shown

        first = await number()
        assert served.door.renew(now - 379 * DAY) == ""
        assert await number() == first
        assert served.door.renew(now) == ""
        assert await number() != first
        assert served.door.ca.until > own.until
        # what goes wrong is said, and the old certificate serves on
        own.directory.chmod(0o755)
        assert "could not be renewed" in served.door.renew(now + 380 * DAY)
        assert await number() != first

    visit(own, guest)


def test_a_door_is_opened_with_names_and_says_what_people_should_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERNET_CA_DIR", str(tmp_path))
    for host, names, told in (
        ("127.0.0.1", (), ()),
        ("0.0.0.0", (), ()),
        ("127.0.0.1", ("a.test",), ("a CA of its own was made for a.test",)),
        ("127.0.0.1", ("a.test",), ()),
        ("127.0.0.9", (), ("the certificate does not name 127.0.0.9, so clients refuse it there; add --tls-name 127.0.0.9",)),
        ("127.0.0.9", ("127.0.0.9",), ("a CA of its own was made for 127.0.0.9",)),
    ):
        door = open_tls(host, 0, names, clock.now())
        remarks = door.remarks
        door.listener.close()
        assert all(remark.startswith(text) for remark, text in zip(remarks, told, strict=True))


def test_why_there_is_no_door_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for place, number, names, told in (
            ("ca", port, (), f"port {port} on 127.0.0.1: address already in use"),
            ("file", 0, (), "file/localhost: not a directory"),
            ("ca", 0, ("a b",), "--tls-name 'a b'"),
        ):
            monkeypatch.setenv("PAPERNET_CA_DIR", str(tmp_path / place))
            with pytest.raises(TlsError) as caught:
                open_tls("127.0.0.1", number, names, clock.now())
            assert told in str(caught.value)
            assert "\n" not in str(caught.value)
    # no certificate is made for a port that cannot be had
    assert not (tmp_path / "ca").exists()
