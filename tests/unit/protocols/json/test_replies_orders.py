"""Every reply about orders, byte by byte, from events and records made by hand or by the machine."""

from typing import Any

import msgspec
import pytest

from papernet.app.operations import TimeUnit
from papernet.core.commands import NewOrder, SetCommission
from papernet.core.enums import ExecType, ExpiryReason, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.events import Applied, ExecutionReport
from papernet.core.order import OrderRecord
from papernet.exchange.views import Fill
from papernet.protocols.json.replies import RENDERERS, cancel, cancel_all, order_ack, order_full, order_result
from tests.support.worlds import ALICE, BOB, START, World, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
AT = 1_507_725_176_595_123
TERMS = NewOrder(
    ALICE,
    "BTCUSDT",
    Side.SELL,
    OrderType.LIMIT,
    TimeInForce.GTC,
    units("10"),
    units("4000.5"),
    client_order_id="6gCrw2kRUAF9CvJDGP16IP",
)
MARKET = msgspec.structs.replace(
    TERMS,
    order_type=OrderType.MARKET,
    quantity=0,
    price=0,
    quote_quantity=units("40000"),
    strategy_id=0,
    strategy_type=1_000_000,
)
IDS = '{"symbol":"BTCUSDT","orderId":28,"orderListId":-1,"clientOrderId":"6gCrw2kRUAF9CvJDGP16IP",'
PLACED = IDS + '"transactTime":1507725176595'
RESTING = (
    PLACED + ',"price":"4000.50000000","origQty":"10.00000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000",'
    '"cummulativeQuoteQty":"0.00000000","status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"SELL",'
    '"workingTime":1507725176595,"selfTradePreventionMode":"NONE"'
)


def report(terms: NewOrder = TERMS, **changes: Any) -> ExecutionReport:
    """Return the report of a new order, changed."""
    new = ExecutionReport(terms, 28, 1, ExecType.NEW, OrderStatus.NEW, AT, AT, terms.quantity, 0, 0)
    return msgspec.structs.replace(new, **changes)


# A market order by quote quantity that found 3 of the 10 it had sized itself to, in two fills, and then expired.
FIRST_FILL = report(
    MARKET,
    exec_type=ExecType.TRADE,
    status=OrderStatus.PARTIALLY_FILLED,
    quantity=units("10"),
    cum_quantity=units("1"),
    cum_quote=units("4000"),
    last_quantity=units("1"),
    last_price=units("4000"),
    last_quote=units("4000"),
    commission=units("4"),
    commission_asset="USDT",
    trade_id=56,
)
SECOND_FILL = msgspec.structs.replace(
    FIRST_FILL,
    cum_quantity=units("3"),
    cum_quote=units("11998"),
    last_quantity=units("2"),
    last_price=units("3999"),
    last_quote=units("7998"),
    commission=units("7.998"),
    trade_id=57,
)
TRADED = Applied(
    9,
    AT,
    (
        report(MARKET, quantity=units("10")),
        FIRST_FILL,
        # the makers' side of the fills, one of them the same account's
        report(order_id=20, exec_type=ExecType.TRADE, is_maker=True),
        SECOND_FILL,
        report(order_id=21, exec_type=ExecType.TRADE),
        msgspec.structs.replace(
            SECOND_FILL,
            exec_type=ExecType.EXPIRED,
            status=OrderStatus.EXPIRED,
            trade_id=-1,
            expiry_reason=ExpiryReason.INSUFFICIENT_LIQUIDITY,
        ),
    ),
)
EXPIRED = (
    PLACED + ',"price":"0.00000000","origQty":"10.00000000","executedQty":"3.00000000","origQuoteOrderQty":"40000.00000000",'
    '"cummulativeQuoteQty":"11998.00000000","status":"EXPIRED","timeInForce":"GTC","type":"MARKET","side":"SELL",'
    '"strategyId":0,"strategyType":1000000,"workingTime":1507725176595,"selfTradePreventionMode":"NONE",'
    '"expiryReason":"INSUFFICIENT_LIQUIDITY"'
)
FILLS = (
    ',"fills":[{"price":"4000.00000000","qty":"1.00000000","commission":"4.00000000","commissionAsset":"USDT","tradeId":56},'
    '{"price":"3999.00000000","qty":"2.00000000","commission":"7.99800000","commissionAsset":"USDT","tradeId":57}]'
)


def test_an_order_that_rests() -> None:
    applied = Applied(9, AT, (report(),))
    assert order_ack(applied, MS).decode() == PLACED + "}"
    assert order_result(applied, MS).decode() == RESTING + "}"
    assert order_full(applied, MS).decode() == RESTING + ',"fills":[]}'


def test_an_order_that_traded_tells_its_own_last_report_and_its_own_fills() -> None:
    assert order_ack(TRADED, MS).decode() == PLACED + "}"
    assert order_result(TRADED, MS).decode() == EXPIRED + "}"
    assert order_full(TRADED, MS).decode() == EXPIRED + FILLS + "}"


def test_replies_of_the_machine_itself() -> None:
    world = World()
    world.apply(SetCommission(BOB, units("0.001"), units("0.002")))
    world.buy(ALICE, "1", "100")
    world.buy(ALICE, "1", "99")
    applied = world.sell(BOB, "1.5", "99", cid="mine")
    expected = (
        '{"symbol":"BTCUSDT","orderId":3,"orderListId":-1,"clientOrderId":"mine","transactTime":@START@,"price":"99.00000000",'
        '"origQty":"1.50000000","executedQty":"1.50000000","origQuoteOrderQty":"0.00000000",'
        '"cummulativeQuoteQty":"149.50000000","status":"FILLED","timeInForce":"GTC","type":"LIMIT","side":"SELL",'
        '"workingTime":@START@,"selfTradePreventionMode":"NONE","fills":['
        '{"price":"100.00000000","qty":"1.00000000","commission":"0.20000000","commissionAsset":"USDT","tradeId":0},'
        '{"price":"99.00000000","qty":"0.50000000","commission":"0.09900000","commissionAsset":"USDT","tradeId":1}]}'
    )
    assert order_full(applied, US).decode() == expected.replace("@START@", str(START))


@pytest.mark.parametrize(
    ("reason", "spelling"),
    [
        (ExpiryReason.INSUFFICIENT_LIQUIDITY, "INSUFFICIENT_LIQUIDITY"),
        (ExpiryReason.UNFILLED_IOC_QUANTITY, "UNFILLED_IOC_QUANTITY_EXPIRED"),
        (ExpiryReason.UNFILLED_FOK_ORDER, "UNFILLED_FOK_ORDER_EXPIRED"),
        (ExpiryReason.EXCHANGE_CANCELED, "EXCHANGE_CANCELED"),
    ],
)
def test_expiry_reasons_are_spelt_as_published(reason: ExpiryReason, spelling: str) -> None:
    applied = Applied(9, AT, (report(status=OrderStatus.EXPIRED, exec_type=ExecType.EXPIRED, expiry_reason=reason),))
    assert f'"expiryReason":"{spelling}"' in order_result(applied, MS).decode()


def test_names_that_are_not_ascii_are_utf_8() -> None:
    applied = Applied(9, AT, (report(msgspec.structs.replace(TERMS, symbol="１２３")),))
    assert order_ack(applied, MS).startswith('{"symbol":"１２３",'.encode())


CANCELED = (
    '{"symbol":"BTCUSDT","origClientOrderId":"6gCrw2kRUAF9CvJDGP16IP","orderId":%d,"orderListId":-1,'
    '"clientOrderId":"cancelMyOrder1","transactTime":1507725176595,"price":"4000.50000000","origQty":"10.00000000",'
    '"executedQty":"2.00000000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"8001.00000000","status":"CANCELED",'
    '"timeInForce":"GTC","type":"LIMIT","side":"SELL","selfTradePreventionMode":"NONE"}'
)


def canceled(order_id: int, terms: NewOrder = TERMS) -> ExecutionReport:
    return report(
        terms,
        order_id=order_id,
        exec_type=ExecType.CANCELED,
        status=OrderStatus.CANCELED,
        cum_quantity=units("2"),
        cum_quote=units("8001"),
        request_id="cancelMyOrder1",
    )


def test_a_cancel() -> None:
    assert cancel(Applied(9, AT, (canceled(4),)), MS).decode() == CANCELED % 4


def test_a_cancel_of_an_order_of_a_strategy() -> None:
    terms = msgspec.structs.replace(TERMS, strategy_id=37463720)
    text = cancel(Applied(9, AT, (canceled(4, terms),)), MS).decode()
    assert ',"side":"SELL","strategyId":37463720,"selfTradePreventionMode":"NONE"}' in text
    assert "strategyType" not in text


def test_a_cancel_of_all() -> None:
    applied = Applied(9, AT, (canceled(11), canceled(13)))
    assert cancel_all(applied, MS).decode() == f"[{CANCELED % 11},{CANCELED % 13}]"


RECORD = OrderRecord(TERMS, 28, OrderStatus.PARTIALLY_FILLED, units("10"), units("1"), units("4001"), AT, AT + 2_000)
QUERIED = (
    IDS + '"price":"4000.50000000","origQty":"10.00000000","executedQty":"1.00000000","cummulativeQuoteQty":"4001.00000000",'
    '"status":"PARTIALLY_FILLED","timeInForce":"GTC","type":"LIMIT","side":"SELL","stopPrice":"0.00000000",'
    '"icebergQty":"0.00000000","time":1507725176595,"updateTime":1507725176597,"isWorking":true,'
)


def test_a_query_of_one_order() -> None:
    assert RENDERERS["order.status"](RECORD, MS).decode() == (
        QUERIED + '"workingTime":1507725176595,"origQuoteOrderQty":"0.00000000","selfTradePreventionMode":"NONE"}'
    )


@pytest.mark.parametrize("name", ["openOrders.status", "allOrders"])
def test_a_query_of_several_orders_has_another_order_of_fields(name: str) -> None:
    row = QUERIED + '"origQuoteOrderQty":"0.00000000","workingTime":1507725176595,"selfTradePreventionMode":"NONE"}'
    assert RENDERERS[name]([RECORD, RECORD], MS).decode() == f"[{row},{row}]"
    assert RENDERERS[name]([], MS) == b"[]"


def test_a_query_of_an_order_that_expired() -> None:
    record = OrderRecord(MARKET, 28, OrderStatus.EXPIRED, units("10"), 0, 0, AT, AT, ExpiryReason.INSUFFICIENT_LIQUIDITY)
    assert (
        RENDERERS["order.status"](record, US)
        .decode()
        .endswith(
            f'"isWorking":true,"workingTime":{AT},"origQuoteOrderQty":"40000.00000000","strategyId":0,"strategyType":1000000,'
            '"selfTradePreventionMode":"NONE","expiryReason":"INSUFFICIENT_LIQUIDITY"}'
        )
    )


def test_trades_of_an_account() -> None:
    fill = Fill(
        "BNBBTC",
        28457,
        100234,
        ALICE,
        units("4.000001"),
        units("12"),
        units("48.000012"),
        units("10.1"),
        "BNB",
        AT,
        True,
        False,
        9,
    )
    text = (
        '[{"symbol":"BNBBTC","id":28457,"orderId":100234,"orderListId":-1,"price":"4.00000100","qty":"12.00000000",'
        '"quoteQty":"48.00001200","commission":"10.10000000","commissionAsset":"BNB","time":1507725176595,"isBuyer":true,'
        '"isMaker":false,"isBestMatch":true}]'
    )
    assert RENDERERS["myTrades"]([fill], MS).decode() == text
    member = msgspec.structs.replace(fill, order_list_id=3)
    assert RENDERERS["myTrades"]([member], MS).decode() == text.replace('"orderListId":-1', '"orderListId":3')
