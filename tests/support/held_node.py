"""A whole network in the test's own process whose clock is held, and who asks it: without a socket, or by WebSocket."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from msgspec import json
from websockets.asyncio.client import ClientConnection, connect

from papernet.control.door import PREFIX
from papernet.core.dates import DAY, MILLISECOND, days_from_civil
from papernet.servers.config import packaged_catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.node import Node, Options
from papernet.servers.transport import bind

# A Friday, ten hours behind a settlement.
START = days_from_civil(2026, 1, 2) * DAY + 18 * 3_600_000_000

ALICE = next(key for key in development_keys() if key.account.name == "alice" and key.key_type.name == "HMAC")


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


class HeldNode:
    """A node and whoever asks it."""

    def __init__(self, node: Node) -> None:
        self.node = node

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        """Make a call of the control plane."""
        headers = [(b"authorization", f"Bearer {self.node.token}".encode())]
        return await self._send(method, PREFIX + path, b"", b"" if body is None else json.encode(body), headers)

    async def turn(self, verb: str, **body: object) -> dict[str, Any]:
        """Turn the clock, and return how it stands."""
        answer = await self.call("POST", f"/clock/{verb}", body)
        assert answer.status == 200, answer
        row: dict[str, Any] = answer.body
        return row

    async def ask(self, method: str, path: str, **params: object) -> Answer:
        """Send a request that nobody signs."""
        return await self._send(method, path, urlencode(params).encode(), b"", [])

    async def sign(self, method: str, path: str, **params: object) -> Answer:
        """Send a request of alice's, as of the clock's time unless `timestamp` says another."""
        params.setdefault("timestamp", self.node.clock.now() // MILLISECOND)
        query = urlencode(params)
        signature = hmac.new(ALICE.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        asked = f"{query}&signature={signature}".encode()
        return await self._send(method, path, asked, b"", [(b"x-mbx-apikey", ALICE.api_key.encode())])

    async def identify(self, method: str, path: str, **params: object) -> Answer:
        """Send a request with alice's API key that need not be signed."""
        return await self._send(method, path, urlencode(params).encode(), b"", [(b"x-mbx-apikey", ALICE.api_key.encode())])

    def connect(self, path: str, **options: Any) -> connect:
        """Return what opens a WebSocket."""
        return connect(f"ws://127.0.0.1:{self.node.port}{path}", **options)

    async def _send(self, method: str, path: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]]) -> Answer:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(b"host", f"127.0.0.1:{self.node.port}".encode()), *headers],
            "client": ("127.0.0.1", 1),
        }
        told: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: MutableMapping[str, Any]) -> None:
            told.append(message)

        await self.node.application(scope, receive, send)
        lowered = {name.decode().lower(): value.decode() for name, value in told[0]["headers"]}
        return Answer(told[0]["status"], lowered, json.decode(b"".join(part["body"] for part in told[1:])))


@asynccontextmanager
async def held_node(**options: Any) -> AsyncIterator[HeldNode]:
    """Start a network in memory whose clock is held at `START`, and stop it in the end."""
    listener = bind("127.0.0.1", 0)
    chosen = Options(**{"port": 0, "tls_port": None, "market": "none", "held_at": START} | options)
    node = Node(chosen, packaged_catalogue(), listener, asyncio.Event())
    try:
        await node.start()
        yield HeldNode(node)
        assert node.failure is None
    finally:
        await node.stop()
        listener.close()


async def messages(stream: ClientConnection, count: int) -> list[Any]:
    """Return the next messages."""
    return [json.decode(await asyncio.wait_for(stream.recv(), 10)) for _ in range(count)]
