"""The HTTP server under the application: uvicorn's, with deadlines that it does not have.

Order of work.  The socket is bound before anything else starts, so that a taken port is told at once; connections wait in its
                backlog until the application serves. One sweep a second closes what overstayed.
Invariant.      A request is whole within `deadline` seconds of its first byte, head and body together; a connection that
                says nothing is closed after the same time, one that reads nothing too, and one whose TLS handshake does
                not end. A connection holds at most `REQUEST_MAX` bytes of an unfinished request.
                A connection that became a WebSocket is none of this server's any more.
Does not.       Handle signals: whoever starts the server stops it.
"""

import asyncio
import logging
import socket
import ssl
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from papernet.servers.breaking import reset
from papernet.servers.http import BODY_MAX, CODE_INVALID, LINE, HttpApplication, refusal
from papernet.servers.websocket import WebSocketHub

RECEIVE_DEADLINE: Final = 10.0
# Bots keep a connection open between polls; closing it under them costs them an error.
_IDLE_SECONDS: Final = 75
_STOP_SECONDS: Final = 3
# Clients that keep a TLS connection for later do not answer its farewell.
_FAREWELL_SECONDS: Final = 0.5
_BACKLOG: Final = 2048
_TICK_SECONDS: Final = 0.1
_TICKS_PER_SWEEP: Final = 10
# How often a server that stops looks whether the last answers have left.
_LOOK_SECONDS: Final = 0.005
REQUEST_MAX: Final = BODY_MAX + 262_144


class BindError(Exception):
    """The address cannot be listened on; the message is one line."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BindError(f"--host {host}: no such address") from error
    # A name that has both is bound to its IPv4 address, which every client tries.
    family, kind, protocol, _, address = min(found, key=lambda row: row[0] is not socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise BindError(f"port {port} on {host}: {reason}") from error
    listener.settimeout(0)
    return listener


class GuardedProtocol(HttpToolsProtocol):
    """One connection: uvicorn's HTTP protocol, with a clock on what is not finished."""

    receiving_since: float | None = None
    received: int = 0
    chunk: bytes = b""
    unsent: int = 0
    unsent_since: float = 0.0
    is_silent: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a connection has to say something."""
        self.receiving_since = self.loop.time()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; start the clock unless it runs, and bound what is kept of an unfinished request."""
        if self.receiving_since is None:
            self.receiving_since = self.loop.time()
        self.chunk = data
        super().data_received(data)
        self.chunk = b""
        if self.receiving_since is None:
            self.received = 0
        else:
            self.received += len(data)
            if self.received > REQUEST_MAX and not self.transport.is_closing():
                self._refuse(413, "The request is too large.")

    def on_message_begin(self) -> None:
        """Start the clock of a request that came behind another one."""
        self.receiving_since = self.loop.time()
        self.received = 0
        super().on_message_begin()
        # Weakly, or the two would hold each other.
        self.scope["extensions"] = {LINE: {"connection": weakref.ref(self)}}

    def on_message_complete(self) -> None:
        """Stop the clock."""
        self.receiving_since = None
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, with what came behind the request."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            # Its answer would overtake those before it.
            self.shutdown()
            return
        # uvicorn calls this where it handles the parser's exception, which alone knows how far the parser has read.
        end = sys.exc_info()[1]
        assert isinstance(end, httptools.HttpParserUpgrade)
        line = b"%b %b HTTP/%b\r\n" % (self.scope["method"].encode(), self.url, self.scope["http_version"].encode())
        head = line + b"".join(b"%b: %b\r\n" % header for header in self.headers) + b"\r\n"
        hub = cast("WebSocketHub", self.ws_protocol_class)
        if hub.upgrade(self.transport, head, self.headers, self.chunk[end.args[0] :]):
            self.connections.discard(self)
            # The parser and this hold each other, and so do the request and this.
            self.parser = None  # type: ignore[assignment]
            self.scope["extensions"] = {}

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, as JSON like every refusal."""
        self._refuse(400, msg)

    def break_off(self) -> None:
        """Reset the connection, without an answer to the request that is under way."""
        self._forsake()
        reset(self.transport)

    def hang_up(self) -> None:
        """Close the connection in order, without a whole answer to the request that is under way."""
        self._forsake()
        self.transport.close()

    def fall_silent(self) -> None:
        """Keep the connection open, and never answer the request that is under way."""
        self._forsake()
        self.is_silent = True

    def _forsake(self) -> None:
        """Expect no answer to the request that is under way."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None:
            cycle.disconnected = True

    def sweep(self, now: float, deadline: float) -> None:
        """Close the connection when it overstayed."""
        if self.receiving_since is not None and now - self.receiving_since >= deadline and not self.transport.is_closing():
            if self.received:
                self._refuse(408, f"A request has to arrive within {deadline:g} seconds.")
            else:
                self.transport.close()
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self.unsent:
            self.unsent, self.unsent_since = unsent, now
        elif now - self.unsent_since >= deadline:
            self.transport.abort()

    def shutdown(self) -> None:
        """Close the connection, at once or behind the answer that is under way."""
        super().shutdown()
        if self.is_silent:
            self.transport.close()
        if self.scheme == "https" and self.transport.is_closing():
            self.loop.call_later(_FAREWELL_SECONDS, self.transport.abort)

    def _refuse(self, status: int, message: str) -> None:
        # An answer that is under way must not get another one in its middle.
        cycle: RequestResponseCycle | None = self.cycle
        earlier = cycle is not None and cycle.response_started and not cycle.response_complete
        if not earlier and not self.pipeline:
            _, headers, body = refusal(status, CODE_INVALID, message, close=True)
            head = b"".join(b"%b: %b\r\n" % header for header in headers)
            self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()


class HttpServer(uvicorn.Server):
    """uvicorn's server, embedded: no signals, no log, a sweep."""

    def __init__(
        self,
        application: HttpApplication,
        listener: socket.socket,
        deadline: float = RECEIVE_DEADLINE,
        context: ssl.SSLContext | None = None,
        hub: WebSocketHub | None = None,
    ) -> None:
        """Serve `application` on a listening socket, over TLS when there is a context, and WebSockets when there is a hub."""
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        super().__init__(
            uvicorn.Config(
                cast("Any", application),
                http=GuardedProtocol,
                # GuardedProtocol asks it for its connections; without one, upgrades are not looked at.
                ws=cast("Any", "none" if hub is None else hub),
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                # The application tells the time, which is papernet's.
                date_header=False,
                timeout_keep_alive=_IDLE_SECONDS,
                timeout_graceful_shutdown=_STOP_SECONDS,
            )
        )
        self._listener: Final = listener
        self._deadline: Final = deadline
        self._context: Final = context
        self._hub: Final = hub
        self._ending: Final = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve in the background; return once requests are answered."""
        self._task = asyncio.create_task(self.serve(sockets=[self._listener]))
        while not self.started:
            await asyncio.sleep(0)
            if self._task.done():
                self._task.result()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; uvicorn would give a TLS handshake a whole minute, and a farewell half of one."""
        patience = None if self._context is None else self._deadline
        connection = cast("type[GuardedProtocol]", self.config.http_protocol_class)
        self.servers = [
            await asyncio.get_running_loop().create_server(
                partial(connection, self.config, self.server_state, {}),
                sock=listener,
                backlog=_BACKLOG,
                ssl=self._context,
                ssl_handshake_timeout=patience,
                ssl_shutdown_timeout=patience,
            )
            for listener in sockets or ()
        ]
        self.started = True

    async def stop(self) -> None:
        """Finish what is being answered and stop; who has a WebSocket is told before."""
        if self._hub is not None:
            await self._hub.shutdown()
        self.should_exit = True
        self._ending.set()
        if self._task is not None:
            await self._task

    async def main_loop(self) -> None:
        """Tick until the end, and end at once then: a network of a test lives for less than a tick."""
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen no longer and finish what is being answered; uvicorn's takes a fifth of a second where nothing is."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        state, now = self.server_state, asyncio.get_running_loop().time
        for connection in list(state.connections):
            connection.shutdown()
        # What closes now is gone in the next turn of the loop.
        await asyncio.sleep(0)
        end = now() + _STOP_SECONDS
        while (state.connections or state.tasks) and now() < end:  # noqa: ASYNC110  uvicorn's sets tell nobody
            await asyncio.sleep(_LOOK_SECONDS)
        for task in state.tasks:
            task.cancel()

    async def on_tick(self, counter: int) -> bool:
        """Sweep once a second."""
        if counter % _TICKS_PER_SWEEP == 0:
            self.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def sweep(self, now: float) -> None:
        """Close the connections that have overstayed at `now`, on the clock of the event loop."""
        for connection in list(self.server_state.connections):
            cast("GuardedProtocol", connection).sweep(now, self._deadline)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process that embeds the server."""
        yield
