"""python-binance places what triggers, waits, replaces and routes: stop orders, order lists, cancel-replace, amendments."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from binance.base_client import BaseClient
from binance.client import Client
from binance.exceptions import BinanceAPIException

from tests.clients.conftest import Server

pytestmark = pytest.mark.clients

SYMBOL = "ETHUSDT"


@pytest.fixture
def connect(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Client]]:
    """Return a maker of clients, by the name of the account."""
    monkeypatch.setattr(BaseClient, "API_TESTNET_URL", server.rest + "/api")
    clients: list[Client] = []

    def make(account: str) -> Client:
        key = server.key(account)
        clients.append(Client(key.api_key, key.secret, testnet=True))
        return clients[-1]

    yield make
    for client in clients:
        client.close_connection()


@pytest.fixture
def alice(connect: Callable[[str], Client]) -> Iterator[Client]:
    """Return alice's client; whatever is still open at the end is cancelled, so that the next test finds empty books."""
    client = connect("alice")
    yield client
    for symbol in {order["symbol"] for order in client.get_open_orders()}:
        client._delete("openOrders", True, data={"symbol": symbol})


@pytest.fixture
def bob(connect: Callable[[str], Client]) -> Iterator[Client]:
    client = connect("bob")
    yield client
    for symbol in {order["symbol"] for order in client.get_open_orders()}:
        client._delete("openOrders", True, data={"symbol": symbol})


def trade_at(alice: Client, bob: Client, price: str, symbol: str = SYMBOL) -> None:
    """Let the two trade once, so that the symbol's last price is known."""
    alice.order_limit_buy(symbol=symbol, quantity="0.0100", price=price)
    assert bob.order_limit_sell(symbol=symbol, quantity="0.0100", price=price)["status"] == "FILLED"


def statuses(client: Client, *order_ids: int, symbol: str = SYMBOL) -> list[str]:
    """Return how orders stand."""
    return [client.get_order(symbol=symbol, orderId=order_id)["status"] for order_id in order_ids]


def test_stop_orders_wait_and_trigger(alice: Client, bob: Client) -> None:
    trade_at(alice, bob, "2000.00")
    stop = alice.create_order(
        symbol=SYMBOL,
        side="SELL",
        type="STOP_LOSS_LIMIT",
        timeInForce="GTC",
        quantity="0.1000",
        price="1890.00",
        stopPrice="1900.00",
        newOrderRespType="FULL",
    )
    assert (stop["status"], stop["stopPrice"], stop["workingTime"], stop["fills"]) == ("NEW", "1900.00000000", -1, [])
    trailing = alice.create_order(symbol=SYMBOL, side="SELL", type="TAKE_PROFIT", quantity="0.1000", trailingDelta=100)
    assert set(trailing) == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    assert alice.get_order(symbol=SYMBOL, orderId=trailing["orderId"])["trailingDelta"] == 100
    with pytest.raises(BinanceAPIException) as too_late:
        alice.create_order(symbol=SYMBOL, side="SELL", type="STOP_LOSS", quantity="0.1000", stopPrice="2000.00")
    assert (too_late.value.code, too_late.value.message) == (-2010, "Order would trigger immediately.")
    alice.cancel_order(symbol=SYMBOL, orderId=trailing["orderId"])
    bob.order_limit_buy(symbol=SYMBOL, quantity="0.0200", price="1895.00")
    alice.order_market_sell(symbol=SYMBOL, quantity="0.0100")
    waiting = alice.get_order(symbol=SYMBOL, orderId=stop["orderId"])
    assert (waiting["status"], waiting["isWorking"], waiting["executedQty"]) == ("PARTIALLY_FILLED", True, "0.01000000")


@pytest.mark.parametrize("respond", ["ACK", "RESULT", "FULL"])
def test_a_pair_is_placed_asked_for_and_cancelled(alice: Client, bob: Client, respond: str) -> None:
    trade_at(alice, bob, "2000.00")
    placed = alice.create_oco_order(
        symbol=SYMBOL,
        side="SELL",
        quantity="0.1000",
        aboveType="LIMIT_MAKER",
        abovePrice="2100.00",
        belowType="STOP_LOSS_LIMIT",
        belowPrice="1890.00",
        belowStopPrice="1900.00",
        belowTimeInForce="GTC",
        newOrderRespType=respond,
    )
    assert (placed["contingencyType"], placed["listOrderStatus"]) == ("OCO", "EXECUTING")
    assert [("status" in row, "fills" in row) for row in placed["orderReports"]] == [(respond != "ACK", respond == "FULL")] * 2
    number = placed["orderListId"]
    assert [row["orderListId"] for row in alice.get_open_oco_orders()] == [number]
    assert alice.v3_get_order_list(orderListId=number)["listStatusType"] == "EXEC_STARTED"
    ended = alice.v3_delete_order_list(symbol=SYMBOL, orderListId=number)
    assert [row["status"] for row in ended["orderReports"]] == ["CANCELED"] * 2
    newest = max(alice.v3_get_all_order_list(), key=lambda row: row["orderListId"])
    assert (newest["orderListId"], newest["listOrderStatus"]) == (number, "ALL_DONE")
    with pytest.raises(BinanceAPIException) as gone:
        alice.v3_delete_order_list(symbol=SYMBOL, orderListId=number)
    assert gone.value.code == -2011


@pytest.mark.parametrize("with_limit", [True, False])
def test_a_pair_as_older_versions_of_the_client_send_it(alice: Client, bob: Client, with_limit: bool) -> None:
    """Up to 1.0.19 `create_oco_order` posted these parameters to `order/oco`."""
    trade_at(alice, bob, "2000.00")
    stop_limit = {"stopLimitPrice": "1890.00", "stopLimitTimeInForce": "GTC"} if with_limit else {}
    placed = alice._post(
        "order/oco",
        True,
        data={
            "symbol": SYMBOL,
            "side": "SELL",
            "quantity": "0.1000",
            "price": "2100.00",
            "stopPrice": "1900.00",
            **stop_limit,
        },
    )
    stop, limit = placed["orderReports"]
    assert (stop["type"], stop["stopPrice"]) == ("STOP_LOSS_LIMIT" if with_limit else "STOP_LOSS", "1900.00000000")
    assert (limit["type"], limit["price"], limit["status"]) == ("LIMIT_MAKER", "2100.00000000", "NEW")
    bob.order_limit_buy(symbol=SYMBOL, quantity="0.1000", price="2100.00")
    assert statuses(alice, stop["orderId"], limit["orderId"]) == ["EXPIRED", "FILLED"]


def test_working_orders_trigger_pending_ones(alice: Client, bob: Client) -> None:
    trade_at(alice, bob, "2000.00")
    working: dict[str, Any] = {
        "symbol": SYMBOL,
        "workingType": "LIMIT",
        "workingSide": "BUY",
        "workingPrice": "1950.00",
        "workingQuantity": "0.1000",
        "workingTimeInForce": "GTC",
        "pendingSide": "SELL",
        "pendingQuantity": "0.1000",
    }
    pair = alice.v3_post_order_list_otoco(
        **working,
        pendingAboveType="TAKE_PROFIT",
        pendingAboveStopPrice="2100.00",
        pendingBelowType="STOP_LOSS",
        pendingBelowTrailingDelta=500,
        newOrderRespType="RESULT",
    )
    assert [row["status"] for row in pair["orderReports"]] == ["NEW", "PENDING_NEW", "PENDING_NEW"]
    single = alice.v3_post_order_list_oto(**working, pendingType="MARKET", newOrderRespType="RESULT")
    assert single["contingencyType"] == "OTO"
    bob.order_limit_sell(symbol=SYMBOL, quantity="0.2000", price="1950.00")
    assert statuses(alice, *(row["orderId"] for row in pair["orders"])) == ["FILLED", "NEW", "NEW"]
    # Nobody bids: the market order that was pending ends unfilled.
    assert statuses(alice, *(row["orderId"] for row in single["orders"])) == ["FILLED", "EXPIRED"]


def test_one_pays_the_other(alice: Client, bob: Client) -> None:
    trade_at(alice, bob, "2000.00")
    paid = alice._post(
        "orderList/opo",
        True,
        data={
            "symbol": SYMBOL,
            "workingType": "LIMIT",
            "workingSide": "BUY",
            "workingPrice": "1950.00",
            "workingQuantity": "0.1000",
            "workingTimeInForce": "GTC",
            "pendingType": "LIMIT_MAKER",
            "pendingSide": "SELL",
            "pendingPrice": "2100.00",
            "newOrderRespType": "RESULT",
        },
    )
    working, pending = paid["orderReports"]
    assert (working["status"], pending["status"]) == ("NEW", "PENDING_NEW")
    assert "origQty" not in pending
    bob.order_limit_sell(symbol=SYMBOL, quantity="0.1000", price="1950.00")
    placed = alice.get_order(symbol=SYMBOL, orderId=pending["orderId"])
    assert (placed["status"], placed["origQty"]) == ("NEW", "0.10000000")


def test_one_order_in_the_place_of_another(alice: Client) -> None:
    first = alice.order_limit_buy(symbol=SYMBOL, quantity="0.1000", price="1900.00")
    wish: dict[str, Any] = {
        "symbol": SYMBOL,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1000",
        "price": "1901.00",
        "cancelReplaceMode": "STOP_ON_FAILURE",
        "cancelOrderId": first["orderId"],
    }
    done = alice.cancel_replace_order(**wish)
    assert (done["cancelResult"], done["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert (done["cancelResponse"]["status"], done["newOrderResponse"]["status"]) == ("CANCELED", "NEW")
    with pytest.raises(BinanceAPIException) as stopped:
        alice.cancel_replace_order(**wish)
    assert (stopped.value.status_code, stopped.value.code) == (400, -2022)
    with pytest.raises(BinanceAPIException) as partly:
        alice.cancel_replace_order(**wish | {"cancelReplaceMode": "ALLOW_FAILURE"})
    assert (partly.value.status_code, partly.value.code) == (409, -2021)


def test_a_smaller_quantity_keeps_the_order(alice: Client) -> None:
    order = alice.order_limit_buy(symbol=SYMBOL, quantity="0.2000", price="1900.00")
    terms = {"symbol": SYMBOL, "orderId": order["orderId"]}
    amended = alice._put("order/amend/keepPriority", True, data=terms | {"newQty": "0.1000"})["amendedOrder"]
    assert (amended["qty"], amended["origClientOrderId"]) == ("0.10000000", order["clientOrderId"])
    rows = alice._get("order/amendments", True, data=dict(terms))  # the client adds to what it is given
    assert [(row["origQty"], row["newQty"]) for row in rows] == [("0.20000000", "0.10000000")]
    with pytest.raises(BinanceAPIException) as greater:
        alice._put("order/amend/keepPriority", True, data=terms | {"newQty": "0.3000"})
    assert greater.value.code == -2038


def test_an_order_is_routed_to_the_better_book(alice: Client, bob: Client) -> None:
    bob.order_limit_sell(symbol="BTCUSDC", quantity="0.00100", price="60000.00")
    bob.order_limit_sell(symbol="BTCUSDT", quantity="0.00100", price="60010.00")
    order = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.00100",
        "price": "60010.00",
    }
    assert alice.v3_post_sor_order_test(**order) == {}
    assert set(alice.v3_post_sor_order_test(**order, computeCommissionRates="true")) >= {
        "standardCommissionForOrder",
        "discount",
    }
    routed = alice.v3_post_sor_order(**order)
    assert (routed["status"], routed["workingFloor"], routed["usedSor"]) == ("FILLED", "SOR", True)
    assert [(fill["matchType"], fill["price"]) for fill in routed["fills"]] == [("ONE_PARTY_TRADE_REPORT", "60000.00000000")]
    rows = alice.get_allocations(symbol="BTCUSDT", orderId=routed["orderId"])
    assert [(row["allocationType"], row["qty"]) for row in rows] == [("SOR", "0.00100000")]


def test_an_order_is_kept_from_its_own_kind(alice: Client) -> None:
    own = alice.order_limit_sell(symbol=SYMBOL, quantity="0.1000", price="2500.00")
    taker = alice.order_limit_buy(symbol=SYMBOL, quantity="0.1000", price="2500.00", selfTradePreventionMode="EXPIRE_MAKER")
    assert statuses(alice, own["orderId"], taker["orderId"]) == ["EXPIRED_IN_MATCH", "NEW"]
    rows = alice.get_prevented_matches(symbol=SYMBOL, orderId=taker["orderId"])
    assert [(row["makerOrderId"], row["makerPreventedQuantity"]) for row in rows] == [(own["orderId"], "0.10000000")]
