"""What an account can ask about its orders, its trades and itself."""

from typing import Any

import msgspec
import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.core.commands import NewOrder, SetCommission
from papernet.core.enums import OrderStatus, OrderType, Side, TimeInForce
from papernet.core.order import OrderRecord
from tests.support.asking import Asking
from tests.support.worlds import ALICE, BOB, SECOND, START, make_symbol, units

NO_SUCH_ORDER = Fault(RequestFault.NO_SUCH_ORDER)
UNKNOWN_SYMBOL = Fault(RequestFault.UNKNOWN_SYMBOL)


def busy() -> Asking:
    """Return a world in which alice's order 1 was filled, 2 was cancelled, 3 is partly filled, 4 is new, one second apart."""
    world = Asking()
    world.buy(ALICE, "1", "100", cid="filled")
    world.now += SECOND
    world.buy(ALICE, "2", "99", cid="again")
    world.now += SECOND
    world.buy(ALICE, "3", "98", cid="partly")
    world.now += SECOND
    world.buy(ALICE, "1", "90", cid="new")
    world.cancel(ALICE, 2)
    world.now += SECOND
    world.sell(BOB, "2.5", "98", cid="bobs")
    return world


def orders(world: Asking, name: str, **params: Any) -> list[int]:
    return [row["orderId"] for row in world.reply(name, **params)]


# one order


@pytest.mark.parametrize(
    ("order_id", "cid", "status", "executed"),
    [
        (1, "filled", "FILLED", "1.00000000"),
        (2, "again", "CANCELED", "0.00000000"),
        (3, "partly", "PARTIALLY_FILLED", "1.50000000"),
        (4, "new", "NEW", "0.00000000"),
    ],
)
def test_an_order_is_found_by_either_id(order_id: int, cid: str, status: str, executed: str) -> None:
    world = busy()
    reply = world.reply("order.status", symbol="BTCUSDT", orderId=order_id)
    assert (reply["orderId"], reply["clientOrderId"]) == (order_id, cid)
    assert (reply["status"], reply["executedQty"]) == (status, executed)
    assert reply["time"] == (START + (order_id - 1) * SECOND) // 1_000
    assert world.reply("order.status", symbol="BTCUSDT", origClientOrderId=cid) == reply
    assert world.reply("order.status", symbol="BTCUSDT", orderId=order_id, origClientOrderId=cid) == reply


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"orderId": 99}, NO_SUCH_ORDER),
        # bob's
        ({"orderId": 5}, NO_SUCH_ORDER),
        ({"origClientOrderId": "bobs"}, NO_SUCH_ORDER),
        ({"origClientOrderId": "FILLED"}, NO_SUCH_ORDER),
        # the order id is looked up first
        ({"orderId": 99, "origClientOrderId": "filled"}, NO_SUCH_ORDER),
        ({"orderId": 1, "origClientOrderId": "again"}, Fault(RequestFault.CLIENT_ORDER_ID_MISMATCH)),
        ({"orderId": 4, "origClientOrderId": "partly"}, Fault(RequestFault.CLIENT_ORDER_ID_MISMATCH)),
        ({"symbol": "NOPE", "orderId": 1}, UNKNOWN_SYMBOL),
    ],
)
def test_orders_that_are_not_found(params: dict[str, Any], refusal: Fault) -> None:
    assert busy().ask("order.status", **({"symbol": "BTCUSDT"} | params)) == refusal


def test_of_orders_with_the_same_client_order_id_the_open_one_and_then_the_newest_is_found() -> None:
    world = busy()
    by_client_id: dict[str, Any] = {"symbol": "BTCUSDT", "origClientOrderId": "again"}
    world.buy(ALICE, "1", "80", cid="again")
    assert world.reply("order.status", **by_client_id)["orderId"] == 6
    world.cancel(ALICE, 6)
    assert world.reply("order.status", **by_client_id)["orderId"] == 6
    assert world.reply("order.status", symbol="BTCUSDT", orderId=2)["clientOrderId"] == "again"


def archived(order_id: int) -> OrderRecord:
    terms = NewOrder(
        ALICE, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, units("1"), units("50"), client_order_id=f"old{order_id}"
    )
    return OrderRecord(terms, order_id, OrderStatus.CANCELED, units("1"), 0, 0, START, START)


def test_orders_that_have_left_memory_are_found() -> None:
    world = Asking()
    world.archive.closed += [archived(71), archived(72)]
    assert world.reply("order.status", symbol="BTCUSDT", orderId=71)["clientOrderId"] == "old71"
    assert world.reply("order.status", symbol="BTCUSDT", origClientOrderId="old72")["orderId"] == 72
    assert orders(world, "allOrders", symbol="BTCUSDT") == [71, 72]


# several orders


def test_open_orders_in_order_of_placement() -> None:
    first, second = make_symbol(), make_symbol(name="ETHUSDT", base="ETH")
    world = Asking(first, second, balances=(("USDT", units("1000")),))
    world.buy(ALICE, "1", "10", symbol="ETHUSDT", cid="a")
    world.buy(ALICE, "1", "12", symbol="BTCUSDT", cid="b")
    world.buy(ALICE, "1", "11", symbol="ETHUSDT", cid="c")
    world.buy(BOB, "1", "11", symbol="ETHUSDT", cid="d")
    assert [row["clientOrderId"] for row in world.reply("openOrders.status")] == ["a", "b", "c"]
    assert [row["clientOrderId"] for row in world.reply("openOrders.status", symbol="ETHUSDT")] == ["a", "c"]
    assert world.reply("openOrders.status", BOB, symbol="BTCUSDT") == []
    assert world.ask("openOrders.status", symbol="NOPE") == UNKNOWN_SYMBOL


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"limit": 2}, [3, 4]),
        ({"orderId": 2}, [2, 3, 4]),
        ({"orderId": 2, "limit": 2}, [2, 3]),
        ({"orderId": 9}, []),
        ({"startTime": START + SECOND}, [2, 3, 4]),
        ({"startTime": START, "limit": 1}, [1]),
        ({"endTime": START + SECOND}, [1, 2]),
        ({"endTime": START + SECOND, "limit": 1}, [2]),
        ({"startTime": START + SECOND, "endTime": START + 2 * SECOND}, [2, 3]),
        ({"startTime": START + SECOND, "orderId": 3}, [3, 4]),
    ],
)
def test_all_orders(params: dict[str, Any], expected: list[int]) -> None:
    assert orders(busy(), "allOrders", symbol="BTCUSDT", **params) == expected


def test_all_orders_of_a_symbol_that_is_none() -> None:
    assert busy().ask("allOrders", symbol="NOPE") == UNKNOWN_SYMBOL


def test_an_expired_order_says_why() -> None:
    world = Asking()
    world.buy(ALICE, "1", "100", tif=TimeInForce.FOK)
    row = world.reply("allOrders", symbol="BTCUSDT")[0]
    assert (row["status"], row["expiryReason"]) == ("EXPIRED", "UNFILLED_FOK_ORDER_EXPIRED")
    assert "expiryReason" not in busy().reply("allOrders", symbol="BTCUSDT")[0]


# trades


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [0, 1]),
        ({"limit": 1}, [1]),
        ({"orderId": 3}, [1]),
        ({"orderId": 4}, []),
        ({"fromId": 1}, [1]),
        ({"orderId": 1, "fromId": 0}, [0]),
        ({"startTime": START}, [0, 1]),
        ({"startTime": START, "limit": 1}, [0]),
        ({"startTime": START + 5 * SECOND}, []),
        ({"endTime": START + 4 * SECOND}, [0, 1]),
        ({"endTime": START + 4 * SECOND - 1}, []),
        ({"startTime": START, "endTime": START + 4 * SECOND}, [0, 1]),
    ],
)
def test_my_trades(params: dict[str, Any], expected: list[int]) -> None:
    rows = busy().reply("myTrades", symbol="BTCUSDT", **params)
    assert [row["id"] for row in rows] == expected


def test_my_trades_tell_the_accounts_side() -> None:
    world = Asking()
    world.apply(SetCommission(ALICE, units("0.001"), units("0.002")))
    world.buy(ALICE, "2", "100")
    world.sell(BOB, "2", "100")
    mine, bobs = world.reply("myTrades", symbol="BTCUSDT"), world.reply("myTrades", BOB, symbol="BTCUSDT")
    assert mine == [
        {
            "symbol": "BTCUSDT",
            "id": 0,
            "orderId": 1,
            "orderListId": -1,
            "price": "100.00000000",
            "qty": "2.00000000",
            "quoteQty": "200.00000000",
            "commission": "0.00200000",
            "commissionAsset": "BTC",
            "time": START // 1_000,
            "isBuyer": True,
            "isMaker": True,
            "isBestMatch": True,
        }
    ]
    changed = {"orderId": 2, "commission": "0.00000000", "commissionAsset": "USDT", "isBuyer": False, "isMaker": False}
    assert bobs == [mine[0] | changed]
    assert world.ask("myTrades", symbol="NOPE") == UNKNOWN_SYMBOL


# the account


def test_the_account() -> None:
    world = Asking(
        make_symbol(name="LTCBTC", base="LTC", quote="BTC"),
        make_symbol(),
        balances=(("USDT", units("500")), ("BTC", units("2"))),
    )
    world.now += SECOND
    world.buy(ALICE, "1", "100", symbol="BTCUSDT")
    reply = world.reply("account.status")
    assert reply["balances"] == [
        {"asset": "LTC", "free": "0.00000000", "locked": "0.00000000"},
        {"asset": "BTC", "free": "2.00000000", "locked": "0.00000000"},
        {"asset": "USDT", "free": "400.00000000", "locked": "100.00000000"},
    ]
    assert (reply["uid"], reply["updateTime"]) == (1_001, (START + SECOND) // 1_000)
    held = world.reply("account.status", omitZeroBalances=True)["balances"]
    assert [row["asset"] for row in held] == ["BTC", "USDT"]
    world.buy(ALICE, "4", "100", symbol="BTCUSDT")
    held = world.reply("account.status", omitZeroBalances=True)["balances"]
    assert [row["locked"] for row in held] == ["0.00000000", "500.00000000"]


def test_balances_of_assets_that_are_not_listed_come_last() -> None:
    world = Asking(balances=(("DOGE", units("1")), ("USDT", units("1"))))
    assert [row["asset"] for row in world.reply("account.status")["balances"]] == ["BTC", "USDT", "DOGE"]


def test_commission_rates() -> None:
    world = Asking()
    world.apply(SetCommission(ALICE, units("0.001"), units("0.002"), units("0.0003"), units("0.0004")))
    rates = {"maker": "0.00100000", "taker": "0.00200000", "buyer": "0.00030000", "seller": "0.00040000"}
    assert world.reply("account.commission", symbol="BTCUSDT")["standardCommission"] == rates
    status = world.reply("account.status")
    assert status["commissionRates"] == rates
    points = [status[f"{role}Commission"] for role in ("maker", "taker", "buyer", "seller")]
    assert points == [10, 20, 3, 4]
    assert world.ask("account.commission", symbol="NOPE") == UNKNOWN_SYMBOL


@pytest.mark.parametrize(
    ("side", "maker", "taker"), [(Side.BUY, "0.00130000", "0.00230000"), (Side.SELL, "0.00140000", "0.00240000")]
)
def test_a_tested_order_tells_what_its_fills_would_cost(side: Side, maker: str, taker: str) -> None:
    world = Asking()
    world.apply(SetCommission(ALICE, units("0.001"), units("0.002"), units("0.0003"), units("0.0004")))
    assert world.reply("order.test", side=side) == {}
    rates = world.reply("order.test", side=side, computeCommissionRates=True)
    assert rates["standardCommissionForOrder"] == {"maker": maker, "taker": taker}


def test_order_counts_are_of_the_current_windows() -> None:
    world = busy()
    assert [row["count"] for row in world.reply("account.rateLimits.orders", BOB)] == [0, 0]
    # of alice's four orders two were filled as maker: that is worth five and five in ten seconds, and two in a day
    assert [row["count"] for row in world.reply("account.rateLimits.orders")] == [0, 2]
    world.buy(ALICE, "1", "89")
    assert [row["count"] for row in world.reply("account.rateLimits.orders")] == [1, 3]
    world.now += 10 * SECOND
    assert [row["count"] for row in world.reply("account.rateLimits.orders")] == [0, 3]
    world.now += 86_400 * SECOND
    assert [row["count"] for row in world.reply("account.rateLimits.orders")] == [0, 0]


def test_asking_changes_nothing() -> None:
    world = busy()
    before = world.views.snapshot()
    for name in ("openOrders.status", "account.status"):
        world.reply(name)
    for name in ("allOrders", "myTrades", "trades.recent", "ticker.24hr", "avgPrice"):
        world.reply(name, symbol="BTCUSDT")
    assert world.views.snapshot() == before
    world.exchange.check_invariants()
    assert msgspec.msgpack.decode(before)
