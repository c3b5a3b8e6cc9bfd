"""The HTTP door: an ASGI application that knows nothing of its server.

Order of work.  Host and Origin are checked before anything is counted; then the body is read; then one of two sans-I/O doors
                answers: the exchange's, or the control plane's under /papernet/. An answer to a command leaves only when the
                journal is durable up to that command.
Invariant.      Every refusal is JSON with a code and a message. Nothing that a client sends raises out of here.
Does not.       Know operations, signatures or limits. Does not time out slow clients: the server under it does.
"""

import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol

from papernet import __version__
from papernet.control.door import ControlDoor, ControlRequest
from papernet.protocols.json.errors import RequestError
from papernet.protocols.rest.request import Request, Response
from papernet.servers.hosts import HostPolicy, is_loopback, plain_address

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_MAX: Final = 1_048_576
_PIECE: Final = 65_536
JSON_TYPE: Final = (b"content-type", b"application/json;charset=UTF-8")
_OPTIONS_PATH: Final = "/eapi/"
_CONTROL_PATH: Final = "/papernet/"
_TEXT_TYPE: Final = (b"content-type", b"text/plain;charset=UTF-8")
_CLOSE: Final = (b"connection", b"close")
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


class Journal(Protocol):
    """What knows when a command is safe."""

    async def durable(self, seq: int) -> None:
        """Return once the journal is durable up to `seq`."""
        ...


class ClientGoneError(Exception):
    """The client hung up before its request was whole."""


class BodyTooLargeError(Exception):
    """The request's body is over the limit."""


class HttpApplication:
    """The ASGI callable."""

    def __init__(
        self,
        *,
        door: Door,
        control: ControlDoor,
        journal: Journal,
        hosts: HostPolicy,
        clock: Callable[[], int],
        options: Door | None = None,
    ) -> None:
        """Put the doors behind the host check; without `options` there is nothing under their path."""
        self._door: Final = door
        self._options: Final = options
        self._control: Final = control
        self._durable: Final = journal.durable
        self._refusal: Final = hosts.refusal
        self._now: Final = clock

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            status, headers, body = await self._answer(scope, receive)
        except ClientGoneError:
            return
        except BodyTooLargeError:
            status, headers, body = refusal(413, CODE_INVALID, f"A request body is at most {BODY_MAX} bytes.", close=True)
        except Exception:  # noqa: BLE001  a bug: it is told on stderr, and the client gets the published code for it
            traceback.print_exc(file=sys.stderr)
            status, headers, body = refusal(500, CODE_INTERNAL, INTERNAL)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if len(body) > _PIECE:
            body = await _send_beginning(body, send)
        await send({"type": "http.response.body", "body": body})

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
        path: str = scope["path"]
        client = scope["client"]
        ip = plain_address(client[0]) if client else ""
        if path.startswith(_CONTROL_PATH):
            answer = self._control.answer(
                ControlRequest(scope["method"], path, scope["query_string"], headers, body, is_loopback(ip)), self._now()
            )
            await self._durable(answer.durable_seq)
            return answer.status, [*answer.headers, _length(answer.body)], answer.body
        if path == "/" and scope["method"] in ("GET", "HEAD"):
            return 200, [_TEXT_TYPE, _length(_FRONT_PAGE)], _FRONT_PAGE
        request = Request(scope["method"], path, scope["query_string"], headers, body, ip, received_at)
        door = self._options if self._options is not None and path.startswith(_OPTIONS_PATH) else self._door
        response = door.answer(request, self._now())
        if response.durable_seq:
            await self._durable(response.durable_seq)
        return response.status, [*response.headers, _length(response.body)], response.body


def refusal(status: int, code: int, message: str, *, close: bool = False) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return (status, headers, body) of an answer that no door was asked for."""
    body = RequestError(code, status, message).body()
    headers = [JSON_TYPE, _length(body)]
    if close:
        headers.append(_CLOSE)
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
