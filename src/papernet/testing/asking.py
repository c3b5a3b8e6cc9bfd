"""How a network's object asks: one call of the control plane, in this process or over HTTP, and one request of the exchange.

Order of work.  Within the process a call goes through the very application that the sockets lead to, so it means the same;
                elsewhere it is an HTTP request.
Invariant.      A refusal is a ControlError with the server's status and words.
Does not.       Know what is asked.
"""

import hashlib
import hmac
import http.client
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode, urlsplit

from msgspec import Struct, json

from papernet.control.door import PREFIX
from papernet.servers.control_client import ControlError, call
from papernet.testing.accounts import Key
from papernet.testing.background import Background

_PATIENCE_SECONDS: Final = 60.0
# A turn of the clock may live through days.
_TURN_SECONDS: Final = 3_600.0
_LOOPBACK: Final = ("127.0.0.1", 0)

Message = MutableMapping[str, Any]
Application = Callable[
    [Mapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class Ask(Protocol):
    """Makes one call of the control plane and returns the answer's JSON; raises ControlError."""

    def __call__(self, method: str, path: str, body: object = None, /, **query: object) -> Any:
        """Ask."""
        ...


class AskWithin:
    """Asks a server of this process, without a socket."""

    def __init__(self, background: Background, application: Callable[[], Application], url: str, token: str) -> None:
        """Ask the application that answers at `url`."""
        self._background: Final = background
        self._application: Final = application
        self._headers: Final = [
            (b"host", urlsplit(url).netloc.encode("ascii")),
            (b"authorization", f"Bearer {token}".encode("ascii")),
        ]

    def __call__(self, method: str, path: str, body: object = None, /, **query: object) -> Any:
        """Make one call."""
        payload = b"" if body is None else json.encode(body)
        status, told = self._background.run(self._answer(method, path, payload, _query(query)))
        answer = json.decode(told)
        if status != http.client.OK:
            raise ControlError(str(answer.get("error") or answer.get("msg") or status), status)
        return answer

    async def _answer(self, method: str, path: str, body: bytes, query: str) -> tuple[int, bytes]:
        scope = {
            "type": "http",
            "method": method,
            "path": PREFIX + path,
            "query_string": query.encode("ascii"),
            "headers": self._headers,
            "client": _LOOPBACK,
        }
        status, pieces = 0, []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                pieces.append(message["body"])

        await self._application()(scope, receive, send)
        return status, b"".join(pieces)


class AskOver:
    """Asks a server wherever it is on this machine, over HTTP."""

    def __init__(self, url: str, token: str) -> None:
        """Ask the server at `url`."""
        self._server: Final = (url + PREFIX, token)

    def __call__(self, method: str, path: str, body: object = None, /, **query: object) -> Any:
        """Make one call."""
        told = _query(query)
        return call(self._server, method, f"{quote(path)}?{told}" if told else quote(path), body, _TURN_SECONDS)


class Answer(Struct, frozen=True):
    """What the exchange said to a request: status, headers by lower-case name, and the JSON, or the text of what is none."""

    status: int
    headers: Mapping[str, str]
    body: Any


def request(url: str, method: str, path: str, params: Mapping[str, object], key: Key | None, *, is_signed: bool) -> Answer:
    """Send the exchange one request, with a key if there is one, and signed by it if asked for."""
    query = _query(params)
    headers = {} if key is None else {"X-MBX-APIKEY": key.api_key}
    if key is not None and is_signed:
        signature = hmac.new(key.secret.encode("ascii"), query.encode("ascii"), hashlib.sha256).hexdigest()
        query += f"&signature={signature}"
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE_SECONDS)
    try:
        connection.request(method, f"{path}?{query}" if query else path, headers=headers)
        response = connection.getresponse()
        told = response.read()
    finally:
        connection.close()
    lowered = {name.lower(): value for name, value in response.getheaders()}
    is_json = "json" in lowered.get("content-type", "")
    return Answer(response.status, lowered, json.decode(told) if is_json else told.decode("utf-8", "replace"))


def _query(fields: Mapping[str, object]) -> str:
    return urlencode({name: _plain(value) for name, value in fields.items() if value is not None})


def _plain(value: object) -> object:
    """Return a value as a query spells it."""
    return str(value).lower() if isinstance(value, bool) else value
