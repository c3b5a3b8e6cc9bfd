"""What clients of options meet: a papernet with market makers, a past, and the contracts that are worth trading there.

Two days before the server starts, alice, who is a market maker, sells bob a call that has expired since.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from papernet.core.commands import AdvanceTime, Command, ConfigureOptionsAccount, OptionTerms, PlaceOption
from papernet.core.dates import DAY, MILLISECOND
from papernet.core.enums import OptionKind, Side
from papernet.core.events import Refused
from papernet.core.units import SCALE
from papernet.servers import clock
from papernet.servers.config import packaged_catalogue
from papernet.servers.opening import open_exchange
from tests.clients.conftest import Credentials, Server, running
from tests.clients.crowd import PATIENCE
from tests.support.kept_worlds import reopened

UNDERLYING = "BTCUSDT"
_COUNT = 6
_TICK = 5
_HURRY = 1.2  # how much worse a price may be, well within the band of allowed prices
_PACE = 0.1  # seconds between two trades of one who trades on and on


class Trader:
    """An account that orders by plain signed requests."""

    def __init__(self, http: httpx.Client, key: Credentials) -> None:
        self._http = http
        self._key = key

    def ask(self, method: str, path: str, **params: Any) -> Any:
        """Send a signed request and return what a success says."""
        query = urlencode(params | {"timestamp": int(time.time() * 1000)})
        signature = hmac.new(self._key.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        headers = {"X-MBX-APIKEY": self._key.api_key}
        answer = self._http.request(method, f"/eapi/v1/{path}?{query}&signature={signature}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def limit(self, side: str, symbol: str, quantity: str, price: float, **more: Any) -> Any:
        """Place a limit order and return what became of it."""
        terms = {"symbol": symbol, "side": side, "type": "LIMIT", "quantity": quantity, "price": price}
        return self.ask("POST", "order", newOrderRespType="RESULT", **terms, **more)


@dataclass(frozen=True)
class Floor:
    """A server, who trades there, and which contracts there are to trade: not about to expire, nearest to the money first.

    Each test of a module takes another one and finds it untouched; `expired` is one that was exercised.
    """

    server: Server
    http: httpx.Client
    expired: str
    calls: tuple[str, ...] = ()
    puts: tuple[str, ...] = ()

    def get(self, path: str, **params: Any) -> Any:
        """Ask for market data."""
        answer = self.http.get(f"/eapi/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def trader(self, account: str) -> Trader:
        """Return an account to order with."""
        return Trader(self.http, self.server.key(account))

    def taking(self, symbol: str, side: str = "BUY") -> int:
        """Return a price at which an order is filled even if the market moves meanwhile."""
        book = self.get("depth", symbol=symbol)
        if side == "BUY":
            return int(_TICK * (float(book["asks"][0][0]) * _HURRY // _TICK))
        return int(_TICK * (float(book["bids"][0][0]) / _HURRY // _TICK))

    @asynccontextmanager
    async def trading(self, symbol: str) -> AsyncIterator[None]:
        """Let alice buy and sell, again and again, for as long as the block takes."""
        alice, enough = self.trader("alice"), asyncio.Event()

        def trade() -> None:
            for side in ("BUY", "SELL"):
                assert alice.limit(side, symbol, "0.01", self.taking(symbol, side))["status"] == "FILLED"

        async def go_on() -> None:
            while not enough.is_set():
                await asyncio.to_thread(trade)
                await asyncio.wait([asyncio.ensure_future(enough.wait())], timeout=_PACE)

        task = asyncio.create_task(go_on())
        try:
            yield
        finally:
            enough.set()
            await task


@contextmanager
def open_floor(directory: Path, *options: str) -> Iterator[Floor]:
    """Start papernet on a past that is written into a directory."""
    expired = asyncio.run(_live(directory))
    with (
        running("--port", "0", "--state", str(directory), "--market", "sim", *options) as server,
        httpx.Client(base_url=server.rest, trust_env=False, timeout=PATIENCE) as http,
    ):
        floor = Floor(server, http, expired)
        yield replace(floor, calls=_nearest(floor, "CALL"), puts=_nearest(floor, "PUT"))


def _nearest(floor: Floor, side: str) -> tuple[str, ...]:
    index = float(floor.get("index", underlying=UNDERLYING)["indexPrice"])
    info = floor.get("exchangeInfo")
    rows = [
        (row["expiryDate"], abs(float(row["strikePrice"]) - index), str(row["symbol"]))
        for row in info["optionSymbols"]
        if (row["underlying"], row["side"]) == (UNDERLYING, side)
        and row["expiryDate"] > info["serverTime"] + DAY // MILLISECOND
    ]
    return tuple(symbol for _, _, symbol in sorted(rows)[:_COUNT])


async def _live(directory: Path) -> str:
    """Let alice sell bob a call that expires before now; return its name."""
    now = clock.now() - 2 * DAY
    world = reopened(directory)
    open_exchange(world, packaged_catalogue(), now, limits=False, options=True)
    world.settings.epoch = world.exchange.epoch
    world.save_settings()

    def submit(command: Command) -> None:
        applied = world.sequencer.submit(command, now)
        assert not isinstance(applied.events[0], Refused), applied

    submit(AdvanceTime())
    accounts = [world.exchange.accounts.by_name[name].account_id for name in ("alice", "bob")]
    submit(ConfigureOptionsAccount(accounts[0], is_market_maker=True))
    venue = world.exchange.options
    index = venue.underlyings[UNDERLYING].initial_index
    calls = [
        market.contract
        for market in venue.markets.values()
        if (market.contract.underlying, market.contract.kind) == (UNDERLYING, OptionKind.CALL)
    ]
    # In the money by so much that it is exercised whatever the market does in the meantime.
    call = min(calls, key=lambda contract: (contract.expiry, contract.strike))
    for account, side in zip(accounts, (Side.SELL, Side.BUY), strict=True):
        submit(PlaceOption(OptionTerms(account, call.symbol, side, SCALE // 10, index - call.strike)))
    await world.close()
    return call.symbol
