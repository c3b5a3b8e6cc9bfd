"""The HTTP door: an ASGI application that knows nothing of its server.

Order of work.  Host and Origin are checked before anything is counted; then the body is read; then one of two sans-I/O doors
                answers: the exchange's, or the control plane's under /papernet/. An answer to a command leaves only when the
                journal is durable up to that command.
Invariant.      Every refusal is JSON with a code and a message. Nothing that a client sends raises out of here.
Does not.       Know operations, signatures or limits. Does not time out slow clients: the server under it does.
"""

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from email.utils import formatdate
from typing import Any, Final, Protocol

from papernet import __version__
from papernet.app.deferred import Deferred
from papernet.app.hindrances import Cut
from papernet.app.request_log import RequestLog
from papernet.control.door import ControlRequest, ControlResponse
from papernet.core.dates import SECOND
from papernet.protocols.json.errors import RequestError
from papernet.protocols.rest.request import Hindering, Request, Response
from papernet.servers.hosts import HostPolicy, is_loopback, plain_address

Header = tuple[bytes, bytes]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Headers = list[tuple[bytes, bytes]]

BODY_MAX: Final = 1_048_576
LINE: Final = "papernet.line"
_PIECE: Final = 65_536
JSON_TYPE: Final = (b"content-type", b"application/json;charset=UTF-8")
_OPTIONS_PATH: Final = "/eapi/"
_CONTROL_PATH: Final = "/papernet/"
_TEXT_TYPE: Final = (b"content-type", b"text/plain;charset=UTF-8")
CLOSE: Final = (b"connection", b"close")
_LENGTH: Final = b"content-length"
_FRONT_PAGE: Final = f"""papernet {__version__}: a spot exchange to test against, speaking Binance's published REST protocol.

  /api/v3/ping           the exchange
  /papernet/v1/health    papernet's own control plane
""".encode()

# errors.md: UNAUTHORIZED, INVALID_MESSAGE (did not reach the matching engine), DISCONNECTED (internal error)
CODE_REFUSED: Final = -1002
CODE_INVALID: Final = -1013
CODE_INTERNAL: Final = -1001
INTERNAL: Final = "Internal error; unable to process your request. Please try again."


class Door(Protocol):
    """What answers the exchange's own protocol."""

    def answer(self, request: Request, now: int) -> Response:
        """Answer one request."""
        ...


class ControlAnswers(Protocol):
    """What answers papernet's own control plane."""

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        """Answer one request."""
        ...


class Journal(Protocol):
    """What knows when a command is safe."""

    async def durable(self, seq: int) -> None:
        """Return once the journal is durable up to `seq`."""
        ...


class ClientGoneError(Exception):
    """The client hung up before its request was whole."""


class BodyTooLargeError(Exception):
    """The request's body is over the limit."""


class CutOffError(Exception):
    """An answer is not sent to its end, on purpose."""

    def __init__(self, cut: Cut, status: int = 0, headers: Headers | None = None, body: bytes = b"") -> None:
        """Say how it ends, and what was to be sent."""
        self.cut: Final = cut
        self.status: Final = status
        self.headers: Final = headers or []
        self.body: Final = body


class Line(Protocol):
    """The connection that a request came over; `connection` of `LINE` among the extensions of its scope refers to it."""

    def break_off(self) -> None:
        """Reset it."""
        ...

    def hang_up(self) -> None:
        """Close it in order, behind what was written."""
        ...

    def fall_silent(self) -> None:
        """Keep it open, and say nothing more about this request."""
        ...


class HttpApplication:
    """The ASGI callable."""

    def __init__(
        self,
        *,
        door: Door,
        control: ControlAnswers,
        journal: Journal,
        hosts: HostPolicy,
        clock: Callable[[], int],
        options: Door | None = None,
        log: RequestLog | None = None,
        deferred: Deferred | None = None,
        remote_control: bool = False,
    ) -> None:
        """Put the doors behind the host check; without `options` there is nothing under their path.

        With `remote_control` the control plane answers other machines, too.
        """
        self._is_controlled_from_afar: Final = remote_control
        self._door: Door = door
        self._options: Door | None = options
        self._control: ControlAnswers = control
        self._durable: Final = journal.durable
        self._refusal: Final = hosts.refusal
        self._now: Final = clock
        # The second that was told last, and how.
        self._second: int = -1
        self._date: Header = (b"date", b"")
        # Shut while the doors are being replaced.
        self._gate: asyncio.Event | None = None
        self._log: Final = log
        # what answers wait by that are late on purpose, and those that do
        self._deferred: Final = deferred
        self._late: Final[set[asyncio.Future[None]]] = set()

    @property
    def control(self) -> ControlAnswers:
        """Return the control plane's door."""
        return self._control

    def doors(self) -> dict[str, Door]:
        """Return the doors of the exchange's own protocol by their names."""
        return {"rest": self._door} | ({} if self._options is None else {"options": self._options})

    def stand_before(self, doors: dict[str, Door], control: ControlAnswers) -> None:
        """Lead to these doors, which stand before those of the same names."""
        self._door, self._options, self._control = doors["rest"], doors.get("options"), control

    def hold_back(self) -> None:
        """Let requests wait; those that were being answered are."""
        self._gate = asyncio.Event()

    def lead_to(self, other: "HttpApplication") -> None:
        """Answer from now on with all that another application answers with."""
        self.abandon()
        gate = self._gate
        vars(self).update(vars(other))
        self._gate = gate

    def abandon(self) -> None:
        """Let go of who waits for an answer that is late on purpose: its time will not come."""
        for waiting in self._late:
            if not waiting.done():
                waiting.set_exception(CutOffError(Cut.CLOSE))

    def go_on(self) -> None:
        """Answer what was held back."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.set()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            status, headers, body = await self._answer(scope, receive)
        except ClientGoneError:
            return
        except CutOffError as end:
            await _cut_off(end, scope, send)
            return
        except BodyTooLargeError:
            status, headers, body = refusal(413, CODE_INVALID, f"A request body is at most {BODY_MAX} bytes.", close=True)
        except Exception:  # noqa: BLE001  a bug: it is told on stderr, and the client gets the published code for it
            traceback.print_exc(file=sys.stderr)
            status, headers, body = refusal(500, CODE_INTERNAL, INTERNAL)
        await send({"type": "http.response.start", "status": status, "headers": [self._dated(), *headers]})
        if len(body) > _PIECE:
            body = await _send_beginning(body, send)
        await send({"type": "http.response.body", "body": body})

    def _dated(self) -> Header:
        """Return the header that tells papernet's time, which need not be that of the server under this."""
        second = self._now() // SECOND
        if second != self._second:
            self._second, self._date = second, (b"date", formatdate(second, usegmt=True).encode("ascii"))
        return self._date

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        received_at = self._now()
        header_list: list[tuple[bytes, bytes]] = scope["headers"]
        headers = dict(header_list)
        refused = self._refusal(header_list, headers)
        if refused is not None:
            # before it is counted, or a web page could get a developer banned
            return refusal(403, CODE_REFUSED, refused)
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            body = await _rest_of_body(headers, receive, body)
        elif len(body) > BODY_MAX:
            raise BodyTooLargeError
        while self._gate is not None:
            await self._gate.wait()
            received_at = self._now()
        path: str = scope["path"]
        client = scope["client"]
        ip = plain_address(client[0]) if client else ""
        if path.startswith(_CONTROL_PATH):
            local = self._is_controlled_from_afar or is_loopback(ip)
            answer = self._control.answer(
                ControlRequest(scope["method"], path, scope["query_string"], headers, body, local), self._now()
            )
            if answer.later is not None:
                answer = await answer.later
            await self._durable(answer.durable_seq)
            return answer.status, [*answer.headers, _length(answer.body)], answer.body
        if path == "/" and scope["method"] in ("GET", "HEAD"):
            return 200, [_TEXT_TYPE, _length(_FRONT_PAGE)], _FRONT_PAGE
        request = Request(scope["method"], path, scope["query_string"], headers, body, ip, received_at)
        door = self._options if self._options is not None and path.startswith(_OPTIONS_PATH) else self._door
        response = door.answer(request, self._now())
        record = None if self._log is None else self._log.latest
        hindering = response.hindering
        if hindering is not None:
            response = await self._let_be_late(response, hindering)
        if response.durable_seq:
            await self._durable(response.durable_seq)
            if self._log is not None and record is not None:
                self._log.sent(record)
        headers_out = [*response.headers, _length(response.body)]
        if hindering is not None and hindering.cut:
            raise CutOffError(hindering.cut, response.status, headers_out, response.body)
        return response.status, headers_out, response.body

    async def _let_be_late(self, response: Response, hindering: Hindering) -> Response:
        """Return a response once it may leave; one that has not been made is made then."""
        if hindering.at > self._now() and self._deferred is not None:
            waiting = asyncio.get_running_loop().create_future()
            self._deferred.at(hindering.at, lambda _now: None if waiting.done() else waiting.set_result(None))
            self._late.add(waiting)
            try:
                await waiting
            finally:
                self._late.discard(waiting)
        return response if hindering.resume is None else hindering.resume(self._now())


async def _cut_off(end: CutOffError, scope: Mapping[str, Any], send: Send) -> None:
    """End an answer as it is to end; where there is no connection, nothing is sent."""
    found: Callable[[], Line | None] | None = scope.get("extensions", {}).get(LINE, {}).get("connection")
    line = None if found is None else found()
    if line is None:
        return
    if end.cut is Cut.HALF:
        await send({"type": "http.response.start", "status": end.status, "headers": end.headers})
        await send({"type": "http.response.body", "body": end.body[: len(end.body) // 2], "more_body": True})
    if end.cut is Cut.RESET:
        line.break_off()
    elif end.cut is Cut.SILENCE:
        line.fall_silent()
    else:
        line.hang_up()


def refusal(status: int, code: int, message: str, *, close: bool = False) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return (status, headers, body) of an answer that no door was asked for."""
    body = RequestError(code, status, message).body()
    headers = [JSON_TYPE, _length(body)]
    if close:
        headers.append(CLOSE)
    return status, headers, body


def _length(body: bytes) -> tuple[bytes, bytes]:
    return _LENGTH, b"%d" % len(body)


async def _send_beginning(body: bytes, send: Send) -> bytes:
    """Send a long body but for its end, waiting where the client does not keep up, and return the end.

    TLS encrypts whatever it is given at once, and nobody can see how much of that still waits to be read.
    """
    last = (len(body) - 1) // _PIECE * _PIECE
    for begin in range(0, last, _PIECE):
        await send({"type": "http.response.body", "body": body[begin : begin + _PIECE], "more_body": True})
    return body[last:]


async def _rest_of_body(headers: Mapping[bytes, bytes], receive: Receive, begun: bytes) -> bytes:
    """Return a body of which only the beginning has arrived."""
    announced = headers.get(_LENGTH, b"")
    if announced.isdigit() and int(announced[:20]) > BODY_MAX:
        raise BodyTooLargeError
    chunks, size, more = [begun], len(begun), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > BODY_MAX:
            raise BodyTooLargeError
        more = message.get("more_body", False)
    return b"".join(chunks)
