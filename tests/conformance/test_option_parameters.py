"""Every endpoint of options is asked with every documented parameter and value, in both editions of the documents.

Each endpoint has a script: requests to an exchange where somebody has traded. A script has to send every parameter that the
endpoint has in the edition, those of the elements of its lists too, and each value of those with a closed set of values, in
requests that are answered.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from msgspec import json

from papernet.app.operations.options import Generation
from tests.support.eapi_answers import LEG, ORDER, PROTECTION, text
from tests.support.eapi_desk import ALICE_KEY, BOB_KEY, CURRENT, MAKER_KEY, MILLISECOND, EapiDesk
from tests.support.option_market import BTCUSDT, CALL
from tools.pages.option_coverage import wanted
from tools.pages.option_endpoints import ENDPOINTS, Endpoint
from tools.witnesses import At, sights

Params = dict[str, Any]
DAY = 86_400_000
OF_CALL = {"symbol": CALL}
OF_BTC = {"underlying": BTCUSDT}
INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
DEPTHS = (5, 10, 20, 50, 100, 500, 1_000)
CASES = [
    pytest.param(endpoint, edition, id=f"{endpoint.heading} {edition}")
    for endpoint in ENDPOINTS
    for edition in endpoint.by_edition
]


class Asker:
    """Asks for an endpoint in an edition, at an exchange where the market maker and Bob have traded, and notes what it sent."""

    def __init__(self, endpoint: Endpoint, edition: Generation) -> None:
        self.desk = EapiDesk(edition)
        self.desk.sign("POST", "mmpSet", PROTECTION | {"qtyLimit": "1000", "deltaLimit": "1000"}, key=MAKER_KEY)
        self.desk.quote(CALL, (1_900, 3), (2_100, 3))
        self.desk.trade("1")
        self.span = {
            "startTime": self.desk.now // MILLISECOND - DAY,
            "endTime": self.desk.now // MILLISECOND + DAY,
        }
        self.is_current = edition is CURRENT
        self._endpoint, self._edition = endpoint, edition
        self._operation = endpoint.by_edition[edition]
        self.sent: dict[str, None] = {}

    def ask(self, params: Params | None = None, *, key: str = ALICE_KEY) -> Any:
        """Ask with parameters, once for all that are signed with a receive window; return the answer."""
        method, path = self._endpoint.method, self._endpoint.path.removeprefix("/eapi/v1/")
        params = {name: str(value) for name, value in (params or {}).items()}
        if self._operation.signed:
            params |= {"recvWindow": "60000"}
            response = self.desk.sign(method, path, params, key=key)
            params |= {"timestamp": str(self.desk.now // MILLISECOND)}
        else:
            query = "&".join(f"{name}={value}" for name, value in params.items())
            response = self.desk.send(method, path, query, headers={b"x-mbx-apikey": key.encode()})
        assert response.status == 200, response.body
        reply = json.decode(response.body)
        seen = sights(At.REST, self._operation, params, response.status, reply, self._edition)
        self.sent.update((sight, None) for sight in seen if sight.startswith("sent "))
        return reply


Script = Callable[[Asker], None]


def asking(*rows: Params, key: str = ALICE_KEY, spanning: bool = False) -> Script:
    """Return a script that asks each row, with the times around now where those are parameters."""

    def ask_all(asker: Asker) -> None:
        for params in rows:
            asker.ask(params | (asker.span if spanning else {}), key=key)

    return ask_all


def orders(asker: Asker) -> Iterable[Params]:
    """Yield orders that have every parameter and value between them, and are accepted one after the other."""
    yield ORDER | {"clientOrderId": "first", "newOrderRespType": "ACK", "timeInForce": "GTC", "isMmp": "true"}
    yield ORDER | {"newOrderRespType": "RESULT", "timeInForce": "IOC", "quantity": "0.01"}
    yield ORDER | {"price": "2100", "timeInForce": "FOK", "quantity": "0.01"}
    yield ORDER | {"timeInForce": "GTX", "quantity": "0.01"}
    yield ORDER | {"postOnly": "true", "quantity": "0.01"}
    for mode in ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH") if asker.is_current else ():
        yield ORDER | {"selfTradePreventionMode": mode, "quantity": "0.01"}


# Bob, who bought, sells what he has.
CLOSING = ORDER | {"side": "SELL", "price": "2500", "quantity": "0.5", "reduceOnly": "true"}


def place(asker: Asker) -> None:
    for order in orders(asker):
        asker.ask(order, key=MAKER_KEY)
    asker.ask(CLOSING, key=BOB_KEY)


def place_several(asker: Asker) -> None:
    for order in orders(asker):
        (told,) = asker.ask({"orders": text([order])}, key=MAKER_KEY)
        assert "orderId" in told
    (told,) = asker.ask({"orders": text([CLOSING])}, key=BOB_KEY)
    assert "orderId" in told


def by_either_id(asker: Asker) -> None:
    order = asker.desk.signed("POST", "order", ORDER | {"clientOrderId": "mine"})
    asker.ask(OF_CALL | {"orderId": order["orderId"], "clientOrderId": "mine"})


def cancel_several(asker: Asker) -> None:
    for number in range(2):
        order = asker.desk.signed("POST", "order", ORDER | {"clientOrderId": f"mine-{number}"})
        named = {"orderIds": text([order["orderId"]])} if number else {"clientOrderIds": text([f"mine-{number}"])}
        asker.ask(OF_CALL | named)


def open_orders(asker: Asker) -> None:
    order = asker.desk.signed("POST", "order", ORDER)
    asker.ask(OF_CALL | asker.span | {"orderId": order["orderId"]} | ({} if asker.is_current else {"limit": 10}))


def download(asker: Asker) -> None:
    number = asker.desk.signed("GET", "income/asyn", asker.span)["downloadId"]
    asker.ask({"downloadId": number})


def listen_key(asker: Asker) -> None:
    asker.desk.keyed("POST", "listenKey")
    asker.ask()


def create_block(asker: Asker) -> None:
    for liquidity, side in (("MAKER", "BUY"), ("TAKER", "SELL")):
        asker.ask({"liquidity": liquidity, "legs": text([LEG | {"side": side}])})


def of_block(key: str = ALICE_KEY, *, accepted: bool = False, spanning: bool = False) -> Script:
    """Return a script that asks about a block order of Alice's."""

    def ask_about(asker: Asker) -> None:
        block = asker.desk.signed("POST", "block/order/create", {"liquidity": "MAKER", "legs": text([LEG])})
        named = {"blockOrderMatchingKey": block["blockTradeSettlementKey"]}
        if accepted:
            asker.desk.signed("POST", "block/order/execute", named, key=MAKER_KEY)
        asker.ask(named | (asker.span | OF_BTC if spanning else {}), key=key)

    return ask_about


SCRIPTS: dict[str, Script] = {
    "GET ping": asking({}),
    "GET time": asking({}),
    "GET exchangeInfo": asking({}),
    "GET depth": asking(*(OF_CALL | {"limit": limit} for limit in DEPTHS)),
    "GET trades": asking(OF_CALL | {"limit": 10}),
    "GET historicalTrades": asking(OF_CALL | {"limit": 10, "fromId": 1}),
    "GET blockTrades": asking(OF_CALL | {"limit": 10}),
    "GET klines": asking(*(OF_CALL | {"interval": each, "limit": 10} for each in INTERVALS), spanning=True),
    "GET mark": asking(OF_CALL),
    "GET ticker": asking(OF_CALL),
    "GET index": asking(OF_BTC),
    "GET exerciseHistory": asking(OF_BTC | {"limit": 10}, spanning=True),
    "GET openInterest": asking({"underlyingAsset": "BTC", "expiration": CALL.split("-")[1]}),
    "POST order": place,
    "GET order": by_either_id,
    "DELETE order": by_either_id,
    "POST batchOrders": place_several,
    "DELETE batchOrders": cancel_several,
    "DELETE allOpenOrders": asking(OF_CALL),
    "DELETE allOpenOrdersByUnderlying": asking(OF_BTC),
    "GET openOrders": open_orders,
    "GET historyOrders": asking(OF_CALL | {"orderId": 1, "limit": 10}, key=BOB_KEY, spanning=True),
    "GET userTrades": asking(OF_CALL | {"fromId": 1, "limit": 10}, key=BOB_KEY, spanning=True),
    "GET position": asking(OF_CALL, key=BOB_KEY),
    "GET exerciseRecord": asking(OF_CALL | {"limit": 10}, spanning=True),
    "GET commission": asking({}),
    "GET account": asking({}),
    "GET marginAccount": asking({}),
    "GET bill": asking({"currency": "USDT", "recordId": 1, "limit": 10}, spanning=True),
    "GET income/asyn": asking({}, spanning=True),
    "GET income/asyn/id": download,
    "POST stock/contract": asking({}),
    "POST listenKey": listen_key,
    "PUT listenKey": listen_key,
    "DELETE listenKey": listen_key,
    "GET mmp": asking(OF_BTC, key=MAKER_KEY),
    "POST mmpSet": asking(PROTECTION, key=MAKER_KEY),
    "POST mmpReset": asking(OF_BTC, key=MAKER_KEY),
    "POST countdownCancelAll": asking(OF_BTC | {"countdownTime": 30_000}),
    "GET countdownCancelAll": asking(OF_BTC),
    "POST countdownCancelAllHeartBeat": asking({"underlyings": "BTCUSDT,ETHUSDT"}),
    "POST block/order/create": create_block,
    "PUT block/order/create": of_block(),
    "DELETE block/order/create": of_block(),
    "GET block/order/orders": of_block(spanning=True),
    "POST block/order/execute": of_block(MAKER_KEY),
    "GET block/order/execute": of_block(BOB_KEY),
    "GET block/user-trades": asking(OF_BTC, spanning=True),
}


@pytest.mark.parametrize(("endpoint", "edition"), CASES)
def test_every_parameter_and_value_is_answered(endpoint: Endpoint, edition: Generation) -> None:
    asker = Asker(endpoint, edition)
    SCRIPTS[endpoint.heading.replace("/eapi/v1/", "")](asker)
    sendings, _ = wanted(endpoint, edition)
    assert [sight for sight in sendings if sight not in asker.sent] == []


def test_every_endpoint_has_a_script() -> None:
    assert sorted(SCRIPTS) == sorted(endpoint.heading.replace("/eapi/v1/", "") for endpoint in ENDPOINTS)
