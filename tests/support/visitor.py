"""A client that is only a socket: it asks a network in the test's own event loop and gives back every byte of the answer."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from papernet.core.dates import MILLISECOND
from papernet.servers.config import packaged_catalogue
from papernet.servers.dev_accounts import DevelopmentKey, development_keys
from papernet.servers.node import Node, Options
from papernet.servers.transport import bind

ALICE, _, BOB = development_keys()[:3]
PATIENCE = 20


class Answer(NamedTuple):
    """An answer, as it came."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """Asks one network."""

    def __init__(self, node: Node) -> None:
        self.node = node

    async def ask(self, method: str, path: str, body: bytes = b"", *headers: str) -> Answer:
        """Send a request on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        lines = (f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", f"Content-Length: {len(body)}", *headers)
        writer.write("\r\n".join((*lines, "", "")).encode() + body)
        async with asyncio.timeout(PATIENCE):
            head, _, rest = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return Answer(head, rest)

    async def control(self, method: str, path: str, body: object = None) -> Answer:
        """Ask the control plane."""
        payload = b"" if body is None else json.dumps(body).encode()
        return await self.ask(method, f"/papernet/v1{path}", payload, f"Authorization: Bearer {self.node.token}")

    async def signed(self, method: str, path: str, key: DevelopmentKey = ALICE, **fields: object) -> Answer:
        """Ask in the name of an account."""
        query = urlencode({**fields, "timestamp": self.node.clock.now() // MILLISECOND})
        signature = hmac.new(key.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return await self.ask(method, f"{path}?{query}&signature={signature}", b"", f"X-MBX-APIKEY: {key.api_key}")

    async def order(self, price: str, side: str = "BUY", key: DevelopmentKey = ALICE, **fields: object) -> Answer:
        """Place an order for a thousandth of a bitcoin."""
        terms = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": price}
        return await self.signed("POST", "/api/v3/order", key, **terms | fields)


@asynccontextmanager
async def network(**options: Any) -> AsyncIterator[Visitor]:
    """Return a visitor of a network of its own, without a market unless it is asked for."""
    listener = bind("127.0.0.1", 0)
    node = Node(Options(**{"market": "none", "tls_port": None} | options), packaged_catalogue(), listener, asyncio.Event())
    await node.start()
    try:
        yield Visitor(node)
    finally:
        await node.stop()
        listener.close()
