"""Every operation is asked at every door with every documented parameter and value, and tells every documented field.

Each operation has a script: requests to a market in which everything has happened already. A script has to send every parameter
that the operation has, and of those with a closed set of values each value, in requests that are answered; the few values that
the documents list and rule out are in `facts/ruled_out.json`, with their codes. The fields are those of
`facts/reply_fields.json`: what the examples and the table of conditional fields of rest-api.md show, and the examples of
web-socket-api.md of what REST lacks. Where there are two doors the same script goes to either.
"""

from collections.abc import Callable, Iterable

import pytest

from papernet.app.operations import OPERATIONS
from tests.support import every_order
from tests.support.every_order import Params
from tests.support.lived_in import Asker, everything, prevented
from tests.support.rest_desk import ALICE_KEY, BOB_KEY
from tests.support.worlds import SECOND
from tests.support.ws_desk import ED25519_KEY
from tools.pages.coverage import doors, ruled_out, wanted
from tools.witnesses import At

Script = Callable[[Asker], None]
SCRIPTS: dict[str, Script] = {}


def script(*names: str) -> Callable[[Script], Script]:
    """Enter a script for operations."""

    def enter(function: Script) -> Script:
        SCRIPTS.update(dict.fromkeys(names, function))
        return function

    return enter


def asking(*rows: Params) -> Script:
    """Return a script that asks each row."""

    def ask_all(asker: Asker) -> None:
        for params in rows:
            asker.ask(params)

    return ask_all


def placing(requests: Callable[[], Iterable[Params]], *more: Params) -> Script:
    """Return a script that places what `requests` yields; beside it alice is kept from trading with herself."""

    def place_all(asker: Asker) -> None:
        for params in requests():
            asker.ask(params)
        if more:
            asker.desk.limit("SELL", "1", "100.5")
        for params in more:
            asker.ask(params)

    return place_all


ONE = {"symbol": "BTCUSDT"}
EACH_STATUS = (
    ONE | {"symbolStatus": "TRADING"},
    {"symbol": "ETHUSDT", "symbolStatus": "HALT"},
    {"symbol": "ETHBTC", "symbolStatus": "BREAK"},
)
SEVERAL = {"symbols": '["BTCUSDT","ETHUSDT"]'}
ALL_OF_A_STATUS = tuple({"symbolStatus": status} for status in ("TRADING", "HALT", "BREAK"))
DAY = 86_400_000
NOW = 1_700_000_000_000
SPAN = {"startTime": NOW, "endTime": NOW + DAY}
INTERVALS = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
CANDLES = asking(
    *(ONE | {"interval": interval} for interval in INTERVALS),
    ONE | {"interval": "1d", "timeZone": "-12:00", "startTime": NOW - DAY, "endTime": NOW + DAY, "limit": 1000},
)
TYPES = (ONE | {"type": "MINI"}, ONE | {"type": "FULL"})
PREVENTED = ONE | {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "2",
    "price": "100.5",
    "selfTradePreventionMode": "EXPIRE_TAKER",
    "newOrderRespType": "FULL",
}

SCRIPTS |= {
    "ping": asking({}),
    "time": asking({}),
    "exchangeInfo": asking(
        ONE, SEVERAL, *ALL_OF_A_STATUS, {"permissions": '["SPOT"]', "showPermissionSets": "false", "symbolStatus": "TRADING"}
    ),
    "executionRules": asking(ONE, SEVERAL, *ALL_OF_A_STATUS),
    "depth": asking(ONE | {"limit": 5000}, *EACH_STATUS),
    "trades.recent": asking(ONE | {"limit": 10}),
    "trades.historical": asking(ONE | {"limit": 10, "fromId": 0}),
    "blockTrades.historical": asking(ONE | {"limit": 10, "fromId": 0}),
    "trades.aggregate": asking(ONE | {"limit": 10, "fromId": 0}, ONE | SPAN),
    "klines": CANDLES,
    "uiKlines": CANDLES,
    "avgPrice": asking(ONE),
    "ticker.24hr": asking(*TYPES, SEVERAL, *ALL_OF_A_STATUS),
    "ticker.tradingDay": asking(*TYPES, ONE | {"timeZone": "14:00"}, SEVERAL, *EACH_STATUS),
    "ticker.price": asking(ONE, SEVERAL, *ALL_OF_A_STATUS),
    "ticker.book": asking(ONE, SEVERAL, *ALL_OF_A_STATUS),
    "ticker": asking(*TYPES, ONE | {"windowSize": "7d"}, SEVERAL, *EACH_STATUS),
    "referencePrice": asking(ONE),
    "referencePrice.calculation": asking(*EACH_STATUS),
    "order.place": placing(every_order.singles, PREVENTED),
    "order.test": placing(lambda: (row | {"computeCommissionRates": "true"} for row in every_order.singles())),
    "sor.order.place": placing(every_order.routed),
    "sor.order.test": placing(lambda: (row | {"computeCommissionRates": "true"} for row in every_order.routed())),
    "orderList.place": placing(every_order.old_ocos),
    "orderList.place.oco": placing(every_order.ocos),
    "orderList.place.oto": placing(every_order.otos),
    "orderList.place.otoco": placing(every_order.otocos),
    "orderList.place.opo": placing(every_order.opos),
    "orderList.place.opoco": placing(every_order.opocos),
    "account.status": asking({"omitZeroBalances": "true"}),
    "account.rateLimits.orders": asking({}),
    "account.commission": asking(ONE),
    "myFilters": asking(ONE),
    "userDataStream.start": asking({}),
    "userDataStream.subscribe.signature": asking({}),
}


@script("order.cancel")
def cancel_orders(asker: Asker) -> None:
    for number, way in enumerate(({"cancelRestrictions": "ONLY_NEW"}, {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"})):
        order_id = asker.desk.limit("BUY", "2", "100.5", newClientOrderId=f"cancelled-{number}")["orderId"]
        if number:
            asker.desk.limit("SELL", "1", "100.5", key=BOB_KEY)
        asker.ask(
            ONE
            | way
            | {"orderId": order_id, "origClientOrderId": f"cancelled-{number}", "newClientOrderId": f"cancel-{number}"}
        )


@script("openOrders.cancelAll")
def cancel_everything(asker: Asker) -> None:
    for path, requests in (("order", every_order.singles()), ("orderList/oco", every_order.ocos())):
        for params in requests:
            asker.desk.now += 10 * SECOND
            assert asker.desk.sign("POST", f"/api/v3/{path}", params).status == 200
    asker.ask(ONE)


@script("order.cancelReplace")
def replace_orders(asker: Asker) -> None:
    desk = asker.desk
    for number, params in enumerate(every_order.replacements()):
        desk.now += 10 * SECOND
        order_id = desk.limit("BUY", "1", "95", newClientOrderId=f"old-{number}")["orderId"]
        asker.ask(ONE | params | {"cancelOrderId": order_id, "cancelOrigClientOrderId": f"old-{number}"})
    terms = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "95"}
    part = desk.limit("BUY", "2", "100.5")["orderId"]
    desk.limit("SELL", "1", "100.5", key=BOB_KEY)
    once = ONE | terms | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelRestrictions": "ONLY_PARTIALLY_FILLED"}
    asker.ask(once | {"cancelOrderId": part})
    asker.ask(once | {"cancelOrderId": part}, statuses=(400,))
    asker.ask(once | {"cancelOrderId": part, "cancelReplaceMode": "ALLOW_FAILURE"}, statuses=(409,))
    rests = desk.limit("BUY", "1", "95")["orderId"]
    fails = {"type": "LIMIT_MAKER", "price": "101", "cancelOrderId": rests, "cancelReplaceMode": "ALLOW_FAILURE"}
    failing = {name: value for name, value in (ONE | terms | fails).items() if name != "timeInForce"}
    asker.ask(failing, statuses=(409,))
    asker.ask(failing, statuses=(400,))


@script("order.amend.keepPriority")
def amend_orders(asker: Asker) -> None:
    order_id = asker.desk.limit("BUY", "3", "95", newClientOrderId="three")["orderId"]
    asker.ask(ONE | {"orderId": order_id, "origClientOrderId": "three", "newClientOrderId": "two", "newQty": "2"})
    pair = next(iter(every_order.ocos())) | {"quantity": "2", "newOrderRespType": "RESULT"}
    placed = asker.desk.signed("POST", "/api/v3/orderList/oco", pair)
    asker.ask(ONE | {"orderId": placed["orders"][0]["orderId"], "newQty": "1"})


@script("order.amendments")
def ask_for_amendments(asker: Asker) -> None:
    order_id = asker.desk.limit("BUY", "3", "95", newClientOrderId="three")["orderId"]
    asker.desk.signed("PUT", "/api/v3/order/amend/keepPriority", ONE | {"orderId": order_id, "newQty": "2"})
    asker.ask(ONE | {"orderId": order_id, "fromExecutionId": 0, "limit": 10})


@script("orderList.cancel")
def cancel_lists(asker: Asker) -> None:
    placed = asker.desk.signed("POST", "/api/v3/orderList/oco", next(iter(every_order.ocos())))
    ids = {"orderListId": placed["orderListId"], "listClientOrderId": placed["listClientOrderId"]}
    asker.ask(ONE | ids | {"newClientOrderId": "cancel"})


@script("order.status")
def ask_for_orders(asker: Asker) -> None:
    everything(asker.desk)
    for row in asker.desk.signed("GET", "/api/v3/allOrders", ONE | {"limit": 1000}):
        asker.ask(ONE | {"orderId": row["orderId"], "origClientOrderId": row["clientOrderId"]})


@script("openOrders.status")
def ask_for_open_orders(asker: Asker) -> None:
    everything(asker.desk)
    asker.ask(ONE)


@script("allOrders")
def ask_for_all_orders(asker: Asker) -> None:
    everything(asker.desk)
    asker.ask(ONE | {"orderId": 1, "limit": 1000})
    asker.ask(ONE | SPAN)


@script("orderList.status", "allOrderLists", "openOrderLists.status")
def ask_for_lists(asker: Asker) -> None:
    for params in every_order.ocos():
        asker.desk.now += 10 * SECOND
        asker.desk.signed("POST", "/api/v3/orderList/oco", params)
    placed = asker.desk.signed("GET", "/api/v3/openOrderList")[0]
    if asker.operation.name == "orderList.status":
        asker.ask({"orderListId": placed["orderListId"], "origClientOrderId": placed["listClientOrderId"]})
    elif asker.operation.name == "allOrderLists":
        asker.ask({"fromId": 0, "limit": 10})
        asker.ask(SPAN)
    else:
        asker.ask({})


@script("myTrades")
def ask_for_trades(asker: Asker) -> None:
    asker.ask(ONE | {"orderId": 1, "fromId": 0, "limit": 10})
    asker.ask(ONE | SPAN)


@script("myPreventedMatches")
def ask_for_prevented_matches(asker: Asker) -> None:
    order = prevented(asker.desk)
    asker.ask(ONE | {"preventedMatchId": order["preventedMatchId"]})
    asker.ask(ONE | {"orderId": order["orderId"], "fromPreventedMatchId": 0, "limit": 10})


@script("myAllocations")
def ask_for_allocations(asker: Asker) -> None:
    routed = next(row for row in every_order.routed() if row["type"] == "MARKET") | {"newOrderRespType": "RESULT"}
    order = asker.desk.signed("POST", "/api/v3/sor/order", routed)
    asker.ask(ONE | {"orderId": order["orderId"], "fromAllocationId": 0, "limit": 10})
    asker.ask(ONE | SPAN)


@script("session.logon")
def log_on(asker: Asker) -> None:
    asker.ask({}, ED25519_KEY)


@script("session.status", "session.logout", "session.subscriptions", "userDataStream.subscribe")
def ask_when_logged_on(asker: Asker) -> None:
    asker.client.log_on()
    if asker.operation.name == "session.subscriptions":
        asker.client.send("userDataStream.subscribe")
    asker.ask({})


@script("userDataStream.unsubscribe")
def end_a_subscription(asker: Asker) -> None:
    asker.ask(asker.client.sign("userDataStream.subscribe.signature")["result"])


@script("userDataStream.ping", "userDataStream.stop")
def ask_with_a_listen_key(asker: Asker) -> None:
    asker.ask(asker.client.send("userDataStream.start", {"apiKey": ALICE_KEY})["result"])


AT_DOORS = [pytest.param(name, at, id=f"{name}-{at}") for name, operation in OPERATIONS.items() for at in doors(operation)]


@pytest.mark.parametrize(("name", "at"), AT_DOORS)
def test_every_parameter_is_taken_and_every_field_is_told(name: str, at: At) -> None:
    asker = Asker(OPERATIONS[name], at)
    SCRIPTS[name](asker)
    assert [sight for part in wanted(asker.operation) for sight in part if sight not in asker.seen] == []


LISTS = {
    "orderList.place.oco": every_order.ocos,
    "orderList.place.otoco": every_order.otocos,
    "orderList.place.opo": every_order.opos,
    "orderList.place.opoco": every_order.opocos,
}


@pytest.mark.parametrize(
    ("place", "code"), ruled_out().items(), ids=lambda value: "-".join(value) if isinstance(value, tuple) else ""
)
def test_values_that_cannot_be_are_refused_with_their_codes(place: tuple[str, str, str], code: int) -> None:
    name, param, value = place
    asker = Asker(OPERATIONS[name])
    assert value in next(each for each in asker.operation.parameters if each.name == param).values
    # The types of a pair that would be pending bids are those of bids.
    rows = every_order.opocos("BUY") if place == ("orderList.place.opoco", "pendingSide", "BUY") else LISTS[name]()
    asked = next(iter(rows)) | {param: value}
    assert asker.ask(asked, statuses=(400,))["code"] == code
