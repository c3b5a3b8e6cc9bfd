"""ccxt places what triggers, replaces and comes in lists, through its unified calls and through those named after addresses."""

from collections.abc import Iterator
from typing import Any

import ccxt
import pytest

from tests.clients.conftest import Server

pytestmark = pytest.mark.clients

SYMBOL, NAME = "BNB/USDT", "BNBUSDT"


@pytest.fixture
def pair(server: Server) -> Iterator[tuple[Any, Any]]:
    """Return the exchanges of alice and bob, between whom BNB has just traded at 500; their orders end with the test."""
    api = server.rest + "/api"
    users = []
    for account in ("alice", "bob"):
        key = server.key(account)
        exchange = ccxt.binance(
            {
                "apiKey": key.api_key,
                "secret": key.secret,
                "options": {"fetchMarkets": {"types": ["spot"]}, "warnOnFetchOpenOrdersWithoutSymbol": False},
                "urls": {"test": {"public": api + "/v3", "private": api + "/v3", "v1": api + "/v1"}},
            }
        )
        exchange.set_sandbox_mode(True)
        users.append(exchange)
    alice, bob = users
    alice.create_order(SYMBOL, "limit", "buy", 0.02, 500)
    assert bob.create_order(SYMBOL, "limit", "sell", 0.02, 500)["status"] == "closed"
    yield alice, bob
    for user in users:
        for symbol in {order["symbol"] for order in user.fetch_open_orders()}:
            user.cancel_all_orders(symbol)


def _status(exchange: Any, order_id: int) -> str:
    return str(exchange.private_get_order({"symbol": NAME, "orderId": order_id})["status"])


@pytest.mark.parametrize(
    ("order_type", "price", "params", "name"),
    [
        ("market", None, {"stopLossPrice": 480}, "STOP_LOSS"),
        ("limit", 479, {"stopLossPrice": 480}, "STOP_LOSS_LIMIT"),
        ("market", None, {"takeProfitPrice": 520}, "TAKE_PROFIT"),
        ("limit", 521, {"takeProfitPrice": 520}, "TAKE_PROFIT_LIMIT"),
        ("limit", 479, {"triggerPrice": 480}, "STOP_LOSS_LIMIT"),
        ("market", None, {"trailingPercent": 5, "stopLossOrTakeProfit": "stopLoss"}, "STOP_LOSS"),
    ],
)
def test_orders_that_trigger(pair: tuple[Any, Any], order_type: str, price: Any, params: dict[str, Any], name: str) -> None:
    """The unified ways to say a trigger."""
    alice, _ = pair
    placed = alice.create_order(SYMBOL, order_type, "sell", 1, price, params)
    shown = alice.fetch_order(placed["id"], SYMBOL)
    assert (shown["info"]["type"], shown["status"], shown["info"]["isWorking"]) == (name, "open", False)
    assert alice.cancel_order(placed["id"], SYMBOL)["status"] == "canceled"


def test_a_stop_that_would_trigger_is_ccxts_own_class(pair: tuple[Any, Any]) -> None:
    alice, _ = pair
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        alice.create_order(SYMBOL, "market", "sell", 1, None, {"stopLossPrice": 510})


def test_icebergs_and_self_trade_prevention(pair: tuple[Any, Any]) -> None:
    alice, bob = pair
    own = alice.create_order(SYMBOL, "limit", "sell", 3, 600, {"icebergQty": 1})
    assert bob.fetch_order_book(SYMBOL)["asks"] == [[600, 1]]
    kept = alice.create_order(SYMBOL, "limit", "buy", 1, 600, {"selfTradePreventionMode": "EXPIRE_TAKER"})
    assert kept["info"]["status"] == "EXPIRED_IN_MATCH"
    rows = alice.private_get_mypreventedmatches({"symbol": NAME, "orderId": kept["id"]})
    assert [str(row["makerOrderId"]) for row in rows] == [own["id"]]


def test_an_edited_order_is_another(pair: tuple[Any, Any]) -> None:
    """`edit_order` is a cancel-replace on the spot exchange."""
    alice, _ = pair
    first = alice.create_order(SYMBOL, "limit", "buy", 1, 450)
    second = alice.edit_order(first["id"], SYMBOL, "limit", "buy", 1, 451)
    assert (second["id"] != first["id"], second["price"], second["status"]) == (True, 451, "open")
    assert alice.fetch_order(first["id"], SYMBOL)["status"] == "canceled"
    with pytest.raises(ccxt.ExchangeError, match="Order cancel-replace failed"):
        alice.edit_order(first["id"], SYMBOL, "limit", "buy", 1, 452)
    stop = alice.create_order(SYMBOL, "limit", "sell", 1, 479, {"stopLossPrice": 480})
    moved = alice.edit_order(stop["id"], SYMBOL, "limit", "sell", 1, 469, {"stopPrice": 470})
    assert alice.fetch_order(moved["id"], SYMBOL)["triggerPrice"] == 470


def test_pairs_under_both_addresses(pair: tuple[Any, Any]) -> None:
    """The client names the list and each of its orders itself."""
    alice, bob = pair
    old = alice.private_post_order_oco(
        {
            "symbol": NAME,
            "side": "SELL",
            "quantity": "0.1",
            "price": "550",
            "stopPrice": "450",
            "stopLimitPrice": "449",
            "stopLimitTimeInForce": "GTC",
        }
    )
    assert [report["type"] for report in old["orderReports"]] == ["STOP_LOSS_LIMIT", "LIMIT_MAKER"]
    new = alice.private_post_orderlist_oco(
        {
            "symbol": NAME,
            "side": "SELL",
            "quantity": "1",
            "aboveType": "TAKE_PROFIT",
            "aboveStopPrice": "540",
            "belowType": "STOP_LOSS",
            "belowStopPrice": "460",
        }
    )
    numbers = [row["orderListId"] for row in (old, new)]
    assert [row["orderListId"] for row in alice.private_get_openorderlist()] == numbers
    alice.private_delete_orderlist({"symbol": NAME, "orderListId": new["orderListId"]})
    bob.create_order(SYMBOL, "limit", "buy", 0.1, 550)
    assert [_status(alice, row["orderId"]) for row in old["orders"]] == ["EXPIRED", "FILLED"]
    assert [alice.private_get_orderlist({"orderListId": number})["listOrderStatus"] for number in numbers] == ["ALL_DONE"] * 2
    assert {row["orderListId"] for row in alice.private_get_allorderlist()} >= set(numbers)


@pytest.mark.parametrize("kind", ["oto", "otoco", "opo", "opoco"])
def test_pending_orders(pair: tuple[Any, Any], kind: str) -> None:
    alice, bob = pair
    params = {
        "symbol": NAME,
        "workingType": "LIMIT",
        "workingSide": "BUY",
        "workingPrice": "490",
        "workingQuantity": "0.1",
        "workingTimeInForce": "GTC",
        "pendingSide": "SELL",
    }
    params |= {"pendingQuantity": "0.1"} if kind.startswith("oto") else {}
    if kind.endswith("oco"):
        params |= {"pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": "550"}
        params |= {"pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": "450"}
    else:
        params |= {"pendingType": "LIMIT_MAKER", "pendingPrice": "550"}
    placed = getattr(alice, f"private_post_orderlist_{kind}")(params)
    working, *pending = [row["orderId"] for row in placed["orders"]]
    assert {_status(alice, order_id) for order_id in pending} == {"PENDING_NEW"}
    bob.create_order(SYMBOL, "limit", "sell", 0.1, 490)
    assert _status(alice, working) == "FILLED"
    assert {_status(alice, order_id) for order_id in pending} == {"NEW"}


def test_routing(pair: tuple[Any, Any]) -> None:
    alice, bob = pair
    bob.create_order("BTC/USDC", "limit", "sell", 0.001, 40_000)
    routed = alice.create_order("BTC/USDT", "limit", "buy", 0.001, 40_010, {"sor": True})
    assert (routed["status"], routed["info"]["usedSor"]) == ("closed", True)
    assert [fill["matchType"] for fill in routed["info"]["fills"]] == ["ONE_PARTY_TRADE_REPORT"]
    assert len(alice.private_get_myallocations({"symbol": "BTCUSDT", "orderId": routed["id"]})) == 1


def test_rates_and_counts(pair: tuple[Any, Any]) -> None:
    alice, _ = pair
    assert alice.private_get_account_commission({"symbol": NAME})["standardCommission"]["maker"] == "0.00000000"
    assert [row["interval"] for row in alice.private_get_ratelimit_order()] == ["SECOND", "DAY"]
