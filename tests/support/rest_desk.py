"""A whole REST door over a small exchange, in memory, and a client that signs: for tests that send bytes and read bytes."""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from msgspec import json

from papernet.app.authentication import Authenticator
from papernet.app.explaining.explainer import Explainer
from papernet.app.gateway import Gateway
from papernet.app.queries import Context
from papernet.app.rate_limits import RateLimits
from papernet.app.request_log import RequestLog
from papernet.app.sequencer import Sequencer
from papernet.app.service import Service
from papernet.core.commands import ListSymbol, OpenAccount, RegisterKey
from papernet.core.enums import AccountKind, KeyType, Permission
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.rest.request import Request, Response
from papernet.venues.spot.symbols import Symbol
from tests.support.worlds import PURSE, START, coarse_symbol, make_symbol

ALICE_KEY, BOB_KEY, READER_KEY, DISTANT_KEY = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
SECRET = "s" * 64
IP = "192.0.2.7"
_ALL = (Permission.USER_DATA, Permission.TRADE, Permission.USER_STREAM)


class NothingPast:
    """An archive that is empty because nothing was ever taken from the views."""

    def _nothing(self, *_asked: Any, **_bounds: Any) -> Any:
        return None

    def _none(self, *_asked: Any, **_bounds: Any) -> list[Any]:
        return []

    order = order_by_client_id = record_named = trade_id_at = trade_id_of_aggregate = bar_before = _nothing
    orders = fills = trades = bars = records = _none


class Desk:
    """Alice (account 1) and Bob (2) with a key each; Alice also has a read-only key and one for another address."""

    def __init__(
        self,
        *symbols: Symbol,
        limits: bool = True,
        sapi_stubs: bool = False,
        purse: tuple[tuple[str, int], ...] = PURSE,
    ) -> None:
        self.exchange = Exchange()
        self.views = Views()
        self.limits = RateLimits(enabled=limits)
        self.sequencer = Sequencer(self.exchange, self.views, None)
        self.context = Context(self.exchange, self.views, NothingPast())
        gateway = Gateway(self.exchange, self.limits, Authenticator())
        self.service = Service(self.context, gateway, self.sequencer)
        # Whatever is refused is explained: no test meets a refusal that cannot be.
        self.log = RequestLog(self.exchange.accounts.keys, explain=Explainer(self.exchange).explain)
        self.door = RestDoor(self.service, sapi_stubs=sapi_stubs, log=self.log)
        self.now = START
        other = make_symbol(name="ETHBTC", base="ETH", quote="BTC")
        for symbol in symbols or (coarse_symbol(), other):
            self.sequencer.submit(ListSymbol(symbol.to_spec()), self.now)
        for name in ("alice", "bob"):
            self.sequencer.submit(OpenAccount(name, 1000 + len(name), AccountKind.USER, purse), self.now)
        for account, key, permissions, addresses in (
            (1, ALICE_KEY, _ALL, ()),
            (2, BOB_KEY, _ALL, ()),
            (1, READER_KEY, (Permission.USER_DATA,), ()),
            (1, DISTANT_KEY, _ALL, ("198.51.100.1",)),
        ):
            self.sequencer.submit(RegisterKey(account, key, KeyType.HMAC, SECRET, permissions, addresses), self.now)

    def send(
        self,
        method: str,
        path: str,
        query: bytes | str = b"",
        body: bytes | str = b"",
        *,
        headers: dict[bytes, bytes] | None = None,
        ip: str = IP,
        took: int = 0,
    ) -> Response:
        """Send raw bytes; the body is complete `took` microseconds after the head came."""
        query = query.encode() if isinstance(query, str) else query
        body = body.encode() if isinstance(body, str) else body
        request = Request(method, path, query, headers or {}, body, ip, self.now)
        return self.door.answer(request, self.now + took)

    def get(self, path: str, query: str = "", **more: Any) -> Any:
        """Return the decoded answer to a public question."""
        return json.decode(self.send("GET", path, query, **more).body)

    def sign(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        key: str = ALICE_KEY,
        in_body: bool = False,
        timestamp: int | None = None,
        headers: dict[bytes, bytes] | None = None,
        took: int = 0,
    ) -> Response:
        """Send a signed request as most clients do."""
        stamp = self.now // 1000 if timestamp is None else timestamp
        raw = urlencode({"timestamp": stamp} | (params or {}))
        raw += "&signature=" + hmac.new(SECRET.encode(), raw.encode(), hashlib.sha256).hexdigest()
        query, body = ("", raw) if in_body else (raw, "")
        return self.send(method, path, query, body, headers={b"x-mbx-apikey": key.encode()} | (headers or {}), took=took)

    def signed(self, method: str, path: str, params: dict[str, Any] | None = None, **more: Any) -> Any:
        """Return the decoded answer to a signed request."""
        return json.decode(self.sign(method, path, params, **more).body)

    def limit(self, side: str, quantity: str, price: str, *, key: str = ALICE_KEY, **more: Any) -> Any:
        """Place a limit order and return the decoded answer."""
        terms = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity, "price": price}
        return self.signed("POST", "/api/v3/order", terms | more, key=key)

    def state(self) -> Any:
        """Return all that anybody could see of the exchange."""
        exchange = self.exchange
        accounts = [
            (
                {asset: (balance.free, balance.held) for asset, balance in account.balances.items()},
                [order.record() for order in account.open_orders.values()],
                account.updated_at,
                exchange.order_counts(account.account_id, self.now),
            )
            for account in exchange.accounts.by_id.values()
        ]
        markets = [
            (market.status, market.last_price, market.next_order_id, market.next_trade_id, market.book.update_id)
            for market in exchange.markets.values()
        ]
        return accounts, markets, list(exchange.accounts.keys)


def header(response: Response, name: bytes) -> bytes | None:
    """Return the value of a response's header."""
    return dict(response.headers).get(name)


def told(response: Response) -> tuple[int, int, str]:
    """Return (status, code, msg) of an error, asserting that it looks like one."""
    assert header(response, b"content-type") == b"application/json;charset=UTF-8"
    payload = json.decode(response.body)
    assert list(payload) == ["code", "msg"]
    return response.status, payload["code"], payload["msg"]
