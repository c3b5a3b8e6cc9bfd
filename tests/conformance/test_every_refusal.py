"""Refusals that no story meets: one request each over REST or the WebSocket API, with its code and its words (errors.md).

Together with the stories and the doors' own tests these meet every documented code that a request can meet: docs/errors.md
lists which test meets which, and `tests/test_docs.py` fails for a code that none does.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import json

from papernet.app.faults import Fault
from papernet.app.rate_limits import CONNECTION_LIMIT, REQUEST_LIMIT
from papernet.core.commands import ConfigureAccount, ConfigureVenue, OpenAccount
from papernet.core.dates import DAY
from papernet.core.enums import AccountKind, KeyType
from papernet.protocols.json.errors import error_of_fault
from papernet.protocols.rest.request import Response
from papernet.protocols.ws_api import subscriptions
from papernet.protocols.ws_api.subscriptions import ACTIVE_MAX
from papernet.venues.spot.symbols import LotSize, MarketLotSize
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrderLists, Sor, VenueRules
from tests.support import every_order
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, IP, Desk, told
from tests.support.worlds import ALICE, SECOND, lot_size, make_symbol, price_filter, units
from tests.support.ws_desk import Json, WsDesk

ONE = {"symbol": "BTCUSDT"}
MARKET = ONE | {"type": "MARKET", "side": "BUY"}
_DAY_MS = 86_400_000


def public(path: str, query: str) -> Callable[[], Response]:
    """Return what sends a public question."""
    return lambda: Desk().send("GET", f"/api/v3/{path}", query)


def signed(method: str, path: str, params: dict[str, Any]) -> Callable[[], Response]:
    """Return what sends a signed request."""
    return lambda: Desk().sign(method, f"/api/v3/{path}", params)


def halted() -> Response:
    """Ask an exchange that can no longer keep what it does."""
    desk = Desk()
    desk.sequencer.halt("the disk is full")
    return desk.sign("POST", "/api/v3/order", MARKET | {"quantity": "1"})


def after_a_flood() -> Response:
    desk = Desk()
    for _ in range(REQUEST_LIMIT):
        desk.limits.knock(IP, desk.now)
    return desk.send("GET", "/api/v3/ping")


def another_orders_name() -> Response:
    desk = Desk()
    order_id = desk.limit("BUY", "1", "10", newClientOrderId="mine")["orderId"]
    return desk.sign("GET", "/api/v3/order", ONE | {"orderId": order_id, "origClientOrderId": "yours"})


def long_after() -> Response:
    """Ask for an order that ended without a fill more than 90 days ago."""
    desk = Desk()
    order_id = desk.limit("BUY", "1", "10")["orderId"]
    desk.signed("DELETE", "/api/v3/order", ONE | {"orderId": order_id})
    desk.now += 90 * DAY + SECOND
    return desk.sign("GET", "/api/v3/order", ONE | {"orderId": order_id})


def routing_that_an_account_prevents() -> Response:
    coarse = price_filter("0.01", "1000000", "0.01")
    desk = Desk(make_symbol(coarse), make_symbol(coarse, name="BTCUSDC", quote="USDC"))
    desk.sequencer.submit(ConfigureVenue(VenueRules((), (Sor("BTC", ("BTCUSDT", "BTCUSDC")),)).to_spec()), desk.now)
    desk.sequencer.submit(ConfigureAccount(ALICE, prevents_sor=True), desk.now)
    return desk.sign("POST", "/api/v3/sor/order", MARKET | {"quantity": "1"})


def market_order(rule: LotSize | MarketLotSize, **amount: str) -> Callable[[], Response]:
    """Return what sends a market order to a book with one offer of 10 at 10."""

    def send() -> Response:
        desk = Desk(make_symbol(price_filter("0.01", "1000000", "0.01"), rule))
        desk.limit("SELL", "10", "10", key=BOB_KEY)
        return desk.sign("POST", "/api/v3/order", MARKET | amount)

    return send


def one_list_too_many() -> Response:
    desk = Desk()
    desk.sequencer.submit(ConfigureVenue(VenueRules((ExchangeMaxNumOrderLists(1),)).to_spec()), desk.now)
    first, second, *_ = every_order.ocos()
    desk.sign("POST", "/api/v3/orderList/oco", first)
    return desk.sign("POST", "/api/v3/orderList/oco", second)


STEP = lot_size("1", "9000", "1")
MARKET_STEP = MarketLotSize(units("2"), units("5"), units("1"))

CASES: dict[str, tuple[Callable[[], Response], int, int, str]] = {
    "halted": (halted, 503, -1001, "Internal error; unable to process your request. Please try again."),
    "flood": (after_a_flood, 429, -1003, "Too many requests queued."),
    "a symbol of no routing": (
        signed("POST", "sor/order", MARKET | {"quantity": "1"}),
        400,
        -1013,
        "SOR orders are not supported for this symbol.",
    ),
    "no text": (public("depth", "symbol=%FF"), 400, -1100, "Illegal characters found in a parameter."),
    "101 symbols": (
        public("ticker", f"symbols={json.encode([f'S{number}' for number in range(101)]).decode()}"),
        400,
        -1101,
        "Too many parameters; expected '100' and received '101'.",
    ),
    "interval": (public("klines", "symbol=BTCUSDT&interval=7m"), 400, -1120, "Invalid interval."),
    "symbol status": (public("depth", "symbol=BTCUSDT&symbolStatus=OPEN"), 400, -1122, "Invalid symbolStatus."),
    "two days": (
        signed("GET", "allOrders", ONE | {"startTime": 0, "endTime": 2 * _DAY_MS}),
        400,
        -1127,
        "More than 24 hours between startTime and endTime.",
    ),
    "symbol and symbols": (
        public("ticker/price", 'symbol=BTCUSDT&symbols=["BTCUSDT"]'),
        400,
        -1128,
        "Combination of optional parameters invalid.",
    ),
    "no JSON": (public("exchangeInfo", "permissions=[SPOT"), 400, -1135, "JSON sent for parameter 'permissions' is not valid"),
    "ticker type": (public("ticker/24hr", "symbol=BTCUSDT&type=MIDI"), 400, -1139, "Invalid ticker type."),
    "a symbol twice": (
        public("ticker/price", 'symbols=["BTCUSDT","BTCUSDT"]'),
        400,
        -1151,
        "Symbol is present multiple times in the list.",
    ),
    "another status": (
        public("depth", "symbol=BTCUSDT&symbolStatus=HALT"),
        400,
        -1220,
        "The symbol's status does not match the requested symbolStatus.",
    ),
    "long ago": (
        long_after,
        400,
        -2026,
        "Order was canceled or expired with no executed qty over 90 days ago and has been archived.",
    ),
    "another name": (another_orders_name, 400, -2039, "Client order ID is not correct for this order ID."),
    "no list": (signed("GET", "orderList", {"orderListId": 7}), 400, -2018, "Order list does not exist."),
    "no routing": (routing_that_an_account_prevents, 400, -2010, "This action is disabled on this account."),
    "lists": (one_list_too_many, 400, -1013, "Filter failure: EXCHANGE_MAX_NUM_ORDER_LISTS"),
    "market lot size": (market_order(MARKET_STEP, quantity="1"), 400, -1013, "Filter failure: MARKET_LOT_SIZE"),
    "amount below a lot": (
        market_order(STEP, quoteOrderQty="5"),
        400,
        -2010,
        "Order book liquidity is less than LOT_SIZE filter minimum quantity.",
    ),
    "amount below a market lot": (
        market_order(MARKET_STEP, quoteOrderQty="15"),
        400,
        -2010,
        "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_has_its_status_code_and_words(case: str) -> None:
    send, status, code, words = CASES[case]
    assert told(send()) == (status, code, words)


def message(text: str) -> Callable[[], Json]:
    """Return what sends a raw message."""
    return lambda: WsDesk().connect().ask(text)


def keyed(method: str) -> Callable[[], Json]:
    """Return what asks about a listen key that nobody was given."""
    params = {"apiKey": ALICE_KEY, "listenKey": "nobodys"}
    return lambda: WsDesk(listen_keys=True).connect().send(method, params)


def with_another_type_of_key() -> Json:
    return WsDesk().connect().log_on(ALICE_KEY)


def twice_the_same_account() -> Json:
    client = WsDesk().connect()
    client.sign("userDataStream.subscribe.signature")
    return client.sign("userDataStream.subscribe.signature")


def one_account_too_many() -> Json:
    desk = WsDesk(Desk(limits=False))
    client = desk.connect()

    def subscribe(number: int) -> Json:
        desk.desk.sequencer.submit(OpenAccount(f"user{number}", 5_000 + number, AccountKind.USER, ()), desk.now)
        key = f"{number:064}"
        desk.register(3 + number, key, KeyType.HMAC)
        return client.sign("userDataStream.subscribe.signature", key=key)

    for number in range(ACTIVE_MAX):
        assert subscribe(number)["result"] == {"subscriptionId": number}
    return subscribe(ACTIVE_MAX)


WS_CASES: dict[str, tuple[Callable[[], Json], int, int, str]] = {
    "no message": (message("hello"), 400, -1135, "Invalid JSON Request."),
    "no method": (message('{"id":1}'), 400, -1135, "Invalid 'method' in JSON request; expected a string."),
    "nobody's session": (
        lambda: WsDesk().connect().send("userDataStream.subscribe"),
        400,
        -1193,
        "WebSocket session not authenticated. Recommendation: use `session.logon`.",
    ),
    "a key that may not log on": (with_another_type_of_key, 400, -2028, "HMAC-SHA-256 API key is not supported."),
    "subscribed": (twice_the_same_account, 400, -2035, "User Data Stream subscription already active."),
    "not subscribed": (
        lambda: WsDesk().connect().send("userDataStream.unsubscribe", {"subscriptionId": 0}),
        400,
        -2036,
        "User Data Stream subscription not active.",
    ),
    "accounts": (
        one_account_too_many,
        400,
        -1191,
        "Too many subscriptions. Connection may create up to '1000' subscriptions at a time.",
    ),
    "retired": (lambda: WsDesk().connect().send("userDataStream.start"), 410, -1016, "This service is no longer available."),
    "nobody's listen key": (keyed("userDataStream.ping"), 400, -1125, "This listenKey does not exist."),
    "a listen key that is none": (keyed("userDataStream.stop"), 400, -1125, "This listenKey does not exist."),
}


@pytest.mark.parametrize("case", WS_CASES)
def test_a_refusal_over_the_websocket_api_has_its_status_code_and_words(case: str) -> None:
    ask, status, code, words = WS_CASES[case]
    reply = ask()
    assert (reply["status"], reply["error"]) == (status, {"code": code, "msg": words})


def test_the_numbers_of_subscriptions_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert subscriptions.IN_A_LIFETIME_MAX == 65_535
    monkeypatch.setattr(subscriptions, "IN_A_LIFETIME_MAX", 3)
    client = WsDesk().connect()
    for number in range(3):
        assert client.sign("userDataStream.subscribe.signature")["result"] == {"subscriptionId": number}
        client.send("userDataStream.unsubscribe")
    reply = client.sign("userDataStream.subscribe.signature")
    assert (reply["status"], reply["error"]) == (
        400,
        {"code": -2042, "msg": "Maximum subscription ID reached for this connection."},
    )


def test_one_connection_too_many_is_refused() -> None:
    desk = Desk()
    for _ in range(CONNECTION_LIMIT):
        assert desk.limits.connect(IP, 0, desk.now) is None
    fault = desk.limits.connect(IP, 0, desk.now)
    assert isinstance(fault, Fault)
    error = error_of_fault(fault)
    assert (error.status, error.code) == (429, -1034)
    assert error.text == "Too many connection attempts from IP; current limit is 300 per '5 MINUTE'."
