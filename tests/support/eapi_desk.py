"""A whole options door over a small exchange, in memory, and a client that signs: for tests that send bytes and read bytes.

Alice, Bob, a market maker and the crowd are on the venue of `option_market`: BTC at 50,000 and ETH at 3,000, contracts as they
are listed on 2026-01-15, of which `CALL` and `PUT` are marked. The market maker may be protected; Bob may not write.
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from msgspec import json, to_builtins
from msgspec.structs import replace

from papernet.app.authentication import Authenticator
from papernet.app.explaining.explainer import Explainer
from papernet.app.gateway import Gateway
from papernet.app.income_downloads import IncomeDownloads
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations.options import WEIGHT_LIMIT, Generation
from papernet.app.queries import Context
from papernet.app.queries.option_context import KnownContracts
from papernet.app.rate_limits import RateLimits
from papernet.app.request_log import RequestLog
from papernet.app.sequencer import Sequencer
from papernet.app.service import Service
from papernet.core.commands import (
    AdvanceTime,
    Command,
    ConfigureOptions,
    ConfigureOptionsAccount,
    ListSymbol,
    MarkContracts,
    OpenAccount,
    QuoteOptions,
    RegisterKey,
)
from papernet.core.enums import AccountKind, KeyType, Permission
from papernet.core.events import Applied, Refused
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views
from papernet.protocols.rest.options_door import Look, OfRequests, OptionsDoor
from papernet.protocols.rest.request import Request, Response
from papernet.venues.options.contracts import Underlying
from tests.support.option_market import BTCUSDT, CALL, ETHUSDT, NOW, PUT, make_underlying, units
from tests.support.rest_desk import NothingPast
from tests.support.worlds import make_symbol

ALICE, BOB, MAKER, CROWD = 1, 2, 3, 4
NAMES = {"alice": ALICE, "bob": BOB, "maker": MAKER, "crowd": CROWD}
ALICE_KEY, BOB_KEY, MAKER_KEY, READER_KEY = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
KEYS = {ALICE_KEY: ALICE, BOB_KEY: BOB, MAKER_KEY: MAKER, READER_KEY: ALICE}
SECRET = "s" * 64
IP = "192.0.2.7"
BASE_URL = "http://127.0.0.1:8080"
CURRENT, LEGACY = Generation.CURRENT, Generation.LEGACY
MILLISECOND, SECOND, DAY = 1_000, 1_000_000, 86_400_000_000
_ALL = (Permission.USER_DATA, Permission.TRADE, Permission.USER_STREAM)


class EapiDesk:
    """An exchange with both venues, and a door to its options in one generation, or in both one after the other."""

    def __init__(self, generation: Generation = CURRENT, *, limits: bool = True, look: Look | None = None) -> None:
        self.exchange = Exchange()
        self.views = Views()
        self.limits = RateLimits(enabled=limits, weight_limit=WEIGHT_LIMIT)
        self.sequencer = Sequencer(self.exchange, self.views, None)
        self.context = Context(self.exchange, self.views, NothingPast())
        gateway = Gateway(self.exchange, self.limits, Authenticator(), KnownContracts(self.exchange.options))
        self.service = Service(self.context, gateway, self.sequencer)
        drawn = iter(range(10**6))
        self.keys = ListenKeys(lambda: f"{next(drawn):064}")
        self.kept = OfRequests(self.keys, IncomeDownloads(lambda: f"{next(drawn):018}"), BASE_URL)
        self.look = look
        self.log = RequestLog(self.exchange.accounts.keys, explain=Explainer(self.exchange).explain)
        self.speak(generation)
        self.now = NOW
        self._open()

    def speak(self, generation: Generation) -> None:
        """Answer in the way of a generation from now on."""
        self.generation = generation
        self.door = OptionsDoor(self.service, generation, self.kept, self.look, self.log)

    def _open(self) -> None:
        for name, base in ((BTCUSDT, "BTC"), (ETHUSDT, "ETH")):
            self.submit(ListSymbol(make_symbol(name=name, base=base).to_spec()))
        specs = tuple(to_builtins(listed_widely(make_underlying(name))) for name in (BTCUSDT, ETHUSDT))
        self.submit(ConfigureOptions(specs, units(100_000)))
        for name, number in NAMES.items():
            kind = AccountKind.CROWD if number == CROWD else AccountKind.USER
            self.submit(OpenAccount(name, 1_000 + number, kind, (("USDT", units(1_000)),)))
        for key, account in KEYS.items():
            permissions = (Permission.USER_DATA,) if key == READER_KEY else _ALL
            self.submit(RegisterKey(account, key, KeyType.HMAC, SECRET, permissions, ()))
        self.submit(ConfigureOptionsAccount(BOB, may_write=False))
        self.submit(ConfigureOptionsAccount(MAKER, is_market_maker=True))
        self.submit(AdvanceTime())
        self.mark(CALL, 2_000, 50)
        self.mark(PUT, 2_000, -50)

    def submit(self, command: Command) -> Applied:
        """Give the exchange a command that it takes."""
        applied = self.sequencer.submit(command, self.now)
        assert not any(isinstance(event, Refused) for event in applied.events), applied
        return applied

    def advance(self, span: int) -> None:
        """Let time pass."""
        self.now += span
        self.submit(AdvanceTime())

    def mark(self, symbol: str, price: int | str, delta: int = 50) -> None:
        """Mark a contract, with a delta in hundredths."""
        volatilities = (units("0.5"), units("0.49"), units("0.51"))
        greeks = (units(1) * delta // 100, units("0.00010000"), -units("12.5"), units("30.25"))
        self.submit(MarkContracts(((symbol, units(price), *volatilities, *greeks),)))

    def quote(self, symbol: str, bid: tuple[int, int] | None, ask: tuple[int, int] | None) -> None:
        """Let the crowd bid and ask (price, quantity) for a contract."""
        sides = [() if side is None else ((units(side[0]), units(side[1])),) for side in (bid, ask)]
        self.submit(QuoteOptions(CROWD, ((symbol, sides[0], sides[1]),)))

    def send(
        self,
        method: str,
        path: str,
        query: bytes | str = b"",
        body: bytes | str = b"",
        *,
        headers: dict[bytes, bytes] | None = None,
        ip: str = IP,
    ) -> Response:
        """Send raw bytes."""
        query = query.encode() if isinstance(query, str) else query
        body = body.encode() if isinstance(body, str) else body
        if not path.startswith("/"):
            path = f"/eapi/v1/{path}"
        return self.door.answer(Request(method, path, query, headers or {}, body, ip, self.now), self.now)

    def get(self, path: str, query: str = "", **more: Any) -> Any:
        """Return the decoded answer to a public question."""
        return json.decode(self.send("GET", path, query, **more).body)

    def keyed(self, method: str, path: str, query: str = "", *, key: str = ALICE_KEY) -> Any:
        """Return the decoded answer to a request with an API key and no signature."""
        return json.decode(self.send(method, path, query, headers={b"x-mbx-apikey": key.encode()}).body)

    def sign(
        self, method: str, path: str, params: dict[str, Any] | None = None, *, key: str = ALICE_KEY, in_body: bool = False
    ) -> Response:
        """Send a signed request as clients do."""
        raw = urlencode({"timestamp": self.now // MILLISECOND} | (params or {}))
        raw += "&signature=" + hmac.new(SECRET.encode(), raw.encode(), hashlib.sha256).hexdigest()
        query, body = ("", raw) if in_body else (raw, "")
        return self.send(method, path, query, body, headers={b"x-mbx-apikey": key.encode()})

    def signed(self, method: str, path: str, params: dict[str, Any] | None = None, **more: Any) -> Any:
        """Return the decoded answer to a signed request."""
        return json.decode(self.sign(method, path, params, **more).body)

    def place(self, side: str, quantity: str, price: str, symbol: str = CALL, *, key: str = ALICE_KEY, **more: Any) -> Any:
        """Place an order and return the decoded answer."""
        terms = {"symbol": symbol, "side": side, "type": "LIMIT", "quantity": quantity, "price": price}
        return self.signed("POST", "order", terms | {"newOrderRespType": "RESULT"} | more, key=key)

    def trade(self, quantity: str = "1", price: str = "2000", symbol: str = CALL) -> tuple[Any, Any]:
        """Let Bob buy from the market maker, and return what both were told."""
        sold = self.place("SELL", quantity, price, symbol, key=MAKER_KEY)
        return self.place("BUY", quantity, price, symbol, key=BOB_KEY), sold


def listed_widely(underlying: Underlying) -> Underlying:
    """Return an underlying with a few strikes on both sides of the index."""
    return replace(underlying, listing=replace(underlying.listing, reach=units("0.3")))


def error(response: Response) -> tuple[int, int, str]:
    """Return (status, code, msg) of an error, asserting that it looks like one."""
    payload = json.decode(response.body)
    assert list(payload) == ["code", "msg"], payload
    return response.status, payload["code"], payload["msg"]
