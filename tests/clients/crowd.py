"""Whom the clients under test trade with and watch: accounts that order by plain signed requests, through no client at all.

And how the tests wait: for a message, never for a while.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from tests.clients.conftest import Credentials, Server

PATIENCE = 20  # seconds for any one thing to come about, on a machine that is busy
_PACE = 0.05  # seconds between two trades of a crowd that trades on and on

_T = TypeVar("_T")


class Trader:
    """An account at the REST door."""

    def __init__(self, http: httpx.Client, key: Credentials) -> None:
        self._http = http
        self._key = key

    def ask(self, method: str, path: str, **params: Any) -> Any:
        """Send a signed request and return what a success says."""
        query = urlencode(params | {"timestamp": int(time.time() * 1000)})
        signature = hmac.new(self._key.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        answer = self._http.request(
            method, f"/api/v3/{path}?{query}&signature={signature}", headers={"X-MBX-APIKEY": self._key.api_key}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def limit(self, side: str, symbol: str, quantity: str, price: str) -> Any:
        """Place a limit order."""
        terms = {"symbol": symbol, "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity, "price": price}
        return self.ask("POST", "order", **terms)

    def cancel_all(self, symbol: str) -> None:
        """Cancel what is open."""
        if self.ask("GET", "openOrders", symbol=symbol):
            self.ask("DELETE", "openOrders", symbol=symbol)

    def leave(self) -> None:
        """Cancel what is open anywhere."""
        for symbol in {order["symbol"] for order in self.ask("GET", "openOrders")}:
            self.ask("DELETE", "openOrders", symbol=symbol)

    def balances(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return what is free and what is locked."""
        return holdings(self.ask("GET", "account")["balances"])


class Crowd:
    """Alice and bob, and what everyone may ask."""

    def __init__(self, server: Server, http: httpx.Client) -> None:
        self._http = http
        self.alice = Trader(http, server.key("alice"))
        self.bob = Trader(http, server.key("bob"))

    def get(self, path: str, **params: Any) -> Any:
        """Ask for market data."""
        answer = self._http.get(f"/api/v3/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def trade(self, symbol: str, quantity: str, price: str) -> None:
        """Let bob sell to alice."""
        self.alice.limit("BUY", symbol, quantity, price)
        assert self.bob.limit("SELL", symbol, quantity, price)["status"] == "FILLED"

    def bustle(self, symbol: str) -> None:
        """Place, trade and cancel around a price of 58, and leave orders on both sides."""
        for step in range(40):
            self.alice.limit("BUY", symbol, "1.25", str(59 - step % 7))
            self.bob.limit("SELL", symbol, "0.75", str(58 + step % 5))
            if step % 10 == 9 and step < 35:
                self.bob.cancel_all(symbol)

    @asynccontextmanager
    async def trading(self, symbol: str, quantity: str, price: str) -> AsyncIterator[None]:
        """Trade, again and again, for as long as the block takes."""
        enough = asyncio.Event()

        async def trade() -> None:
            while not enough.is_set():
                await asyncio.to_thread(self.trade, symbol, quantity, price)
                await asyncio.wait([asyncio.ensure_future(enough.wait())], timeout=_PACE)

        task = asyncio.create_task(trade())
        try:
            yield
        finally:
            enough.set()
            await task


@contextmanager
def crowd_of(server: Server) -> Iterator[Crowd]:
    """Connect the crowd; it leaves nothing in the books."""
    with httpx.Client(base_url=server.rest, trust_env=False, timeout=PATIENCE) as http:
        crowd = Crowd(server, http)
        yield crowd
        crowd.alice.leave()
        crowd.bob.leave()


def holdings(rows: list[dict[str, str]]) -> dict[str, tuple[Decimal, Decimal]]:
    """Return balances by their assets, as GET /account and outboundAccountPosition write them."""
    return {
        row.get("asset") or row["a"]: (Decimal(row.get("free") or row["f"]), Decimal(row.get("locked") or row["l"]))
        for row in rows
    }


async def soon(waited: Awaitable[_T]) -> _T:
    """Return what comes, unless it takes too long."""
    return await asyncio.wait_for(waited, PATIENCE)


async def until(receive: Callable[[], Awaitable[_T]], found: Callable[[_T], bool]) -> _T:
    """Receive messages until one is the one that is waited for."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await receive()
            if found(message):
                return message
