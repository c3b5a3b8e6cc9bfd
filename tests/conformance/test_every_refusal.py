"""Refusals over REST that no story meets: one request each, with its code and its words (errors.md).

Together with the stories and the door's own tests these meet every documented code that a REST request can meet: docs/errors.md
lists which test meets which, and `tests/test_docs.py` fails for a code that none does.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import json

from papernet.app.rate_limits import REQUEST_LIMIT
from papernet.core.commands import ConfigureAccount, ConfigureVenue
from papernet.core.dates import DAY
from papernet.protocols.rest.request import Response
from papernet.venues.spot.symbols import LotSize, MarketLotSize
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrderLists, Sor, VenueRules
from tests.support import every_order
from tests.support.rest_desk import BOB_KEY, IP, Desk, told
from tests.support.worlds import ALICE, SECOND, lot_size, make_symbol, price_filter, units

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
