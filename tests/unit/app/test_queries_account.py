"""What an account can ask about its orders, its trades and itself."""

from typing import Any

import msgspec
import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.core.commands import (
    AmendOrder,
    ConfigureAccount,
    ConfigureVenue,
    NewOrder,
    NewOrderList,
    SetCommission,
)
from papernet.core.enums import ListKind, OrderStatus, OrderType, SelfTradeMode, Side, TimeInForce
from papernet.core.order import OrderRecord
from papernet.venues.spot.venue_rules import Sor, VenueRules
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


# the rates of faqs/commission_faq.md, in units of 10^-8
FAQ_RATES = SetCommission(
    ALICE,
    40,
    50,
    10,
    10,
    "BTCUSDT",
    special=(4_000_000, 5_000_000, 1_000_000, 1_000_000),
    tax=(112, 114, 118, 116),
)
FAQ_DISCOUNT = {"enabledForAccount": True, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.25000000"}


def discounted() -> Asking:
    """Return a world with the rates of the commission_faq on its symbol, and others on all other symbols."""
    world = Asking()
    world.apply(SetCommission(ALICE, units("0.001"), units("0.002")))
    world.apply(FAQ_RATES)
    world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=True))
    world.apply(ConfigureVenue(VenueRules(discount_rate=units("0.25")).to_spec()))
    return world


def test_commission_rates_of_a_symbol_are_told_in_full() -> None:
    world = discounted()
    assert world.reply("account.commission", symbol="BTCUSDT") == {
        "symbol": "BTCUSDT",
        "standardCommission": {
            "maker": "0.00000040",
            "taker": "0.00000050",
            "buyer": "0.00000010",
            "seller": "0.00000010",
        },
        "specialCommission": {
            "maker": "0.04000000",
            "taker": "0.05000000",
            "buyer": "0.01000000",
            "seller": "0.01000000",
        },
        "taxCommission": {
            "maker": "0.00000112",
            "taker": "0.00000114",
            "buyer": "0.00000118",
            "seller": "0.00000116",
        },
        "discount": FAQ_DISCOUNT,
    }
    # the account shows the standard rates of symbols that have none of their own
    assert world.reply("account.status")["commissionRates"]["taker"] == "0.00200000"


def test_the_discount_is_off_until_account_and_symbol_make_use_of_it() -> None:
    discount = Asking(make_symbol(discount_allowed=False)).reply("account.commission", symbol="BTCUSDT")["discount"]
    assert discount == {
        "enabledForAccount": False,
        "enabledForSymbol": False,
        "discountAsset": "BNB",
        "discount": "0.75000000",
    }


@pytest.mark.parametrize("name", ["order.test", "sor.order.test"])
@pytest.mark.parametrize(("side", "tax"), [(Side.BUY, ("230", "232")), (Side.SELL, ("228", "230"))])
def test_a_tested_order_tells_what_its_fills_would_cost(name: str, side: Side, tax: tuple[str, str]) -> None:
    # commission_faq: the rates of role and side, added up; its example is a sell
    world = discounted()
    assert world.reply(name, symbol="BTCUSDT", side=side) == {}
    maker, taker = tax
    expected = {
        "standardCommissionForOrder": {"maker": "0.00000050", "taker": "0.00000060"},
        "specialCommissionForOrder": {"maker": "0.05000000", "taker": "0.06000000"},
        "taxCommissionForOrder": {"maker": f"0.00000{maker}", "taker": f"0.00000{taker}"},
        "discount": FAQ_DISCOUNT,
    }
    if name == "sor.order.test":
        del expected["specialCommissionForOrder"]
    assert world.reply(name, symbol="BTCUSDT", side=side, computeCommissionRates=True) == expected


def test_rates_of_an_order_of_no_symbol() -> None:
    assert Asking().ask("order.test", symbol="NOPE", side=Side.BUY, computeCommissionRates=True) == UNKNOWN_SYMBOL


def test_what_an_account_may_and_may_not() -> None:
    world = Asking()
    status = world.reply("account.status")
    assert (status["canTrade"], status["preventSor"], status["permissions"]) == (True, False, ["SPOT"])
    assert "tradeGroupId" not in status
    world.apply(ConfigureAccount(ALICE, can_trade=False, prevents_sor=True, trade_group=7, permissions=("SPOT", "TRD_GRP_002")))
    status = world.reply("account.status")
    assert (status["canTrade"], status["preventSor"], status["permissions"]) == (False, True, ["SPOT", "TRD_GRP_002"])
    assert status["tradeGroupId"] == 7


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


# what else became of orders


def test_amendments_are_of_one_order() -> None:
    world = busy()
    for quantity in ("2.5", "2", "1.9"):
        world.apply(AmendOrder(ALICE, "BTCUSDT", 3, units(quantity)))
    rows = world.reply("order.amendments", symbol="BTCUSDT", orderId=3)
    assert [(row["origQty"], row["newQty"]) for row in rows] == [
        ("3.00000000", "2.50000000"),
        ("2.50000000", "2.00000000"),
        ("2.00000000", "1.90000000"),
    ]
    assert [row["newClientOrderId"] for row in rows[:2]] == [row["origClientOrderId"] for row in rows[1:]]
    second = rows[1]["executionId"]
    params: dict[str, Any] = {"symbol": "BTCUSDT", "orderId": 3}
    assert world.reply("order.amendments", fromExecutionId=second, **params) == rows[1:]
    assert world.reply("order.amendments", limit=1, **params) == rows[:1]
    assert world.reply("order.amendments", BOB, **params) == []
    assert world.reply("order.amendments", symbol="BTCUSDT", orderId=4) == []


def test_prevented_matches_are_found_by_id_and_from_both_orders() -> None:
    world = busy()
    taking = world.order(ALICE, Side.SELL, "1", "98")
    for _ in range(2):
        world.apply(msgspec.structs.replace(taking, self_trade_mode=SelfTradeMode.EXPIRE_TAKER))

    def found(**params: Any) -> list[int]:
        return [row["preventedMatchId"] for row in world.reply("myPreventedMatches", symbol="BTCUSDT", **params)]

    assert found(orderId=3) == [0, 1]
    assert found(orderId=7) == [1]
    assert found(preventedMatchId=1) == [1]
    assert found(orderId=3, fromPreventedMatchId=1) == [1]
    assert found(orderId=3, limit=1) == [0]
    assert found(orderId=4) == []
    assert world.reply("myPreventedMatches", BOB, symbol="BTCUSDT", preventedMatchId=0) == []


def routed() -> Asking:
    """Return a world in which alice's order 1 was filled by three allocations, a second before her order 2 by one."""
    balances = (("BTC", units("100")), ("USDT", units("10000")), ("USDC", units("10000")))
    world = Asking(make_symbol(), make_symbol(name="BTCUSDC", quote="USDC"), balances=balances)
    world.apply(ConfigureVenue(VenueRules(sors=(Sor("BTC", ("BTCUSDT", "BTCUSDC")),)).to_spec()))
    for price in ("10", "11", "12", "13"):
        world.sell(BOB, "1", price, symbol="BTCUSDC")
    for quantity in ("3", "1"):
        world.apply(msgspec.structs.replace(world.order(ALICE, Side.BUY, quantity, "20"), uses_sor=True))
        world.now += SECOND
    return world


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"limit": 2}, [0, 1]),
        ({"orderId": 2}, [3]),
        ({"orderId": 1, "fromAllocationId": 1}, [1, 2]),
        ({"fromAllocationId": 2}, [2, 3]),
        ({"startTime": START + 1}, [3]),
        ({"endTime": START}, [0, 1, 2]),
        # rest-api.md, Query Allocations: of an end alone the newest
        ({"endTime": START + SECOND, "limit": 1}, [3]),
        ({"startTime": START, "endTime": START, "limit": 1}, [0]),
    ],
)
def test_allocations(params: dict[str, Any], expected: list[int]) -> None:
    rows = routed().reply("myAllocations", symbol="BTCUSDT", **params)
    assert [row["allocationId"] for row in rows] == expected


def test_allocations_are_no_trades_and_only_their_owners() -> None:
    world = routed()
    assert world.reply("myTrades", symbol="BTCUSDT") == []
    assert world.reply("myAllocations", BOB, symbol="BTCUSDT") == []
    assert [row["orderId"] for row in world.reply("myTrades", BOB, symbol="BTCUSDC")] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["order.amendments", "myPreventedMatches", "myAllocations"])
def test_symbols_of_what_became_of_orders_are_known(name: str) -> None:
    assert Asking().ask(name, symbol="NOPE", orderId=1) == UNKNOWN_SYMBOL


def test_orders_and_trades_of_lists_tell_their_list() -> None:
    world = Asking()
    working, pending = world.order(ALICE, Side.BUY, "1", "100"), world.order(ALICE, Side.SELL, "1", "110")
    world.apply(NewOrderList(ALICE, "BTCUSDT", ListKind.OTO, (working, pending)))
    rows = world.reply("openOrders.status", symbol="BTCUSDT")
    assert [(row["orderListId"], row["status"], row["isWorking"]) for row in rows] == [
        (0, "NEW", True),
        (0, "PENDING_NEW", False),
    ]
    world.now += SECOND
    world.sell(BOB, "1", "100")
    (row,) = world.reply("openOrders.status", symbol="BTCUSDT")
    assert (row["status"], row["isWorking"], row["workingTime"]) == ("NEW", True, world.now // 1_000)
    assert row["time"] == START // 1_000
    assert [row["orderListId"] for row in world.reply("allOrders", symbol="BTCUSDT")] == [0, 0]
    assert [row["orderListId"] for row in world.reply("myTrades", symbol="BTCUSDT")] == [0]


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
