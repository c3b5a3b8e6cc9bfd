"""Parameters from text: what each kind reads, what it refuses and with which words, and in which order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.faults import AnyFault, Fault, OptionFault, RequestFault
from papernet.app.operations import OPERATIONS, Kind, Operation, Param, Query, ResponseType, Security, TickerType
from papernet.core.enums import CancelRestriction, OrderType, PegPrice, SelfTradeMode, Side, SymbolStatus, TimeInForce
from papernet.core.units import AMOUNT_MAX
from papernet.protocols.json.errors import error_of_fault
from papernet.protocols.json.params import read_params

MINUTE = 60_000_000
LIMIT_ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "100.5",
    "timestamp": "1700000000000",
    "signature": "00",
}
DECIMALS = "legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'."
INTEGERS = "legal range is '^[0-9]{1,20}$'."
SYMBOLS = "legal range is '^[\\w\\-._&&[^a-z]]{1,50}$'."
CLIENT_IDS = "legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'."


def read(name: str, sent: dict[str, str]) -> dict[str, Any]:
    values = read_params(OPERATIONS[name], sent)
    assert not isinstance(values, Fault), values
    return values


def refused(name: str, sent: dict[str, str]) -> tuple[int, str]:
    fault = read_params(OPERATIONS[name], sent)
    assert isinstance(fault, Fault), fault
    error = error_of_fault(fault)
    assert error.status == 400
    return error.code, error.text


def order(**changes: str | None) -> dict[str, str]:
    return {name: text for name, text in (LIMIT_ORDER | changes).items() if text is not None}


def test_a_limit_order_is_read_into_typed_values() -> None:
    sent = order(newClientOrderId="x-HNA2TXFJ:a/b_c.d", strategyId="7", strategyType="1000000", recvWindow="6000.346")
    values = read("order.place", sent)
    assert values == {
        "symbol": "BTCUSDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "timeInForce": TimeInForce.GTC,
        "quantity": 100_000_000,
        "quoteOrderQty": None,
        "price": 10_050_000_000,
        "newClientOrderId": "x-HNA2TXFJ:a/b_c.d",
        "strategyId": 7,
        "strategyType": 1_000_000,
        "stopPrice": None,
        "trailingDelta": None,
        "icebergQty": None,
        "newOrderRespType": None,
        "selfTradePreventionMode": None,
        "pegPriceType": None,
        "pegOffsetValue": None,
        "pegOffsetType": None,
        "recvWindow": 6_000_346,
        "timestamp": 1_700_000_000_000_000,
    }


@pytest.mark.parametrize(
    ("operation", "name", "text", "value"),
    [
        ("depth", "limit", "5001", 5000),
        ("depth", "limit", "1", 1),
        ("trades.recent", "limit", "1001", 1000),
        ("trades.recent", "limit", "0007", 7),
        ("trades.historical", "fromId", "9223372036854775807", 2**63 - 1),
        ("trades.aggregate", "startTime", "1499040000000", 1_499_040_000_000_000),
        ("trades.aggregate", "startTime", "1499040000000123", 1_499_040_000_000_123),
        ("trades.aggregate", "startTime", "0", 0),
        ("trades.aggregate", "endTime", "99999999999999", 10**17 - 1000),
        ("trades.aggregate", "endTime", "9223372036854775807", 10**17),
        ("klines", "interval", "1M", "1M"),
        ("klines", "timeZone", "0", 0),
        ("klines", "timeZone", "8", 480 * MINUTE),
        ("klines", "timeZone", "+8", 480 * MINUTE),
        ("klines", "timeZone", "-1:00", -60 * MINUTE),
        ("klines", "timeZone", "05:45", 345 * MINUTE),
        ("klines", "timeZone", "-12:00", -720 * MINUTE),
        ("klines", "timeZone", "14:00", 840 * MINUTE),
        ("depth", "symbolStatus", "HALT", SymbolStatus.HALT),
        ("ticker.24hr", "type", "MINI", TickerType.MINI),
        ("ticker", "windowSize", "59m", 59 * MINUTE),
        ("ticker", "windowSize", "23h", 23 * 60 * MINUTE),
        ("ticker", "windowSize", "7d", 7 * 24 * 60 * MINUTE),
        ("ticker.price", "symbols", '["BTCUSDT","ETH-USD_X.1"]', ("BTCUSDT", "ETH-USD_X.1")),
        ("exchangeInfo", "permissions", "SPOT", ("SPOT",)),
        ("exchangeInfo", "permissions", '["MARGIN", "LEVERAGED"]', ("MARGIN", "LEVERAGED")),
        ("exchangeInfo", "showPermissionSets", "False", False),
        ("account.status", "omitZeroBalances", "true", True),
        ("order.place", "selfTradePreventionMode", "EXPIRE_MAKER", SelfTradeMode.EXPIRE_MAKER),
        ("order.place", "newOrderRespType", "RESULT", ResponseType.RESULT),
        ("order.place", "quantity", "0.00000001", 1),
        ("order.place", "quantity", "1.000000000000", 100_000_000),
        ("order.place", "quantity", "92233720368.54775807", AMOUNT_MAX),
        ("order.place", "recvWindow", "60000", 60_000_000),
        ("order.place", "recvWindow", "0.001", 1),
        ("order.place", "selfTradePreventionMode", "NONE", SelfTradeMode.NONE),
        ("order.place", "selfTradePreventionMode", "TRANSFER", SelfTradeMode.TRANSFER),
        ("order.place", "pegPriceType", "PRIMARY_PEG", PegPrice.PRIMARY),
        ("order.cancel", "cancelRestrictions", "ONLY_NEW", CancelRestriction.ONLY_NEW),
        ("blockTrades.historical", "limit", "1001", 1000),
        ("order.cancelReplace", "cancelReplaceMode", "ALLOW_FAILURE", False),
        ("order.cancelReplace", "cancelReplaceMode", "STOP_ON_FAILURE", True),
        ("order.cancelReplace", "orderRateLimitExceededMode", "CANCEL_ONLY", True),
        ("order.cancelReplace", "orderRateLimitExceededMode", "DO_NOTHING", False),
        ("order.amend.keepPriority", "newQty", "0.5", 50_000_000),
        ("myAllocations", "fromAllocationId", "0", 0),
        ("referencePrice.calculation", "symbolStatus", "BREAK", SymbolStatus.BREAK),
        ("executionRules", "symbols", '["BTCUSDT"]', ("BTCUSDT",)),
    ],
)
def test_each_kind_reads_what_it_should(operation: str, name: str, text: str, value: object) -> None:
    assert read(operation, least(OPERATIONS[operation]) | {name: text})[name] == value


def least(operation: Operation) -> dict[str, str]:
    """Return the least that an operation accepts."""
    sent = {param.name: LIMIT_ORDER.get(param.name, "1m") for param in operation.parameters if param.mandatory}
    if operation.name in ("order.place", "order.test", "order.cancelReplace"):
        sent = order()
    if operation.name == "order.cancelReplace":
        sent |= {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": "1"}
    if operation.name in ("order.status", "order.cancel", "order.amend.keepPriority"):
        sent["orderId"] = "1"
    if operation.name == "order.amend.keepPriority":
        sent["newQty"] = "1"
    if operation.name == "blockTrades.historical":
        sent["fromId"] = "0"
    if operation.name in ("ticker", "ticker.tradingDay"):
        sent["symbol"] = "BTCUSDT"
    return sent


@pytest.mark.parametrize(
    ("operation", "name", "text", "code", "message"),
    [
        ("order.place", "price", "1e5", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "1_000", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "NaN", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "1e400", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "-1", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "+1", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", " 1", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "1\n", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "１２", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "1.", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", ".5", -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "1" * 21, -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "0" * 65_536, -1100, f"Illegal characters found in parameter 'price'; {DECIMALS}"),
        ("order.place", "price", "1.123456789", -1111, "Parameter 'price' has too much precision."),
        ("order.place", "price", "92233720368.54775808", -1108, "Parameter 'price' overflowed."),
        ("order.place", "price", "", -1105, "Parameter 'price' was empty."),
        ("order.place", "strategyId", "x", -1100, f"Illegal characters found in parameter 'strategyId'; {INTEGERS}"),
        ("order.place", "strategyId", "1.0", -1100, f"Illegal characters found in parameter 'strategyId'; {INTEGERS}"),
        ("order.place", "strategyId", "9223372036854775808", -1108, "Parameter 'strategyId' overflowed."),
        ("order.place", "strategyType", "2147483648", -1108, "Parameter 'strategyType' overflowed."),
        ("order.place", "strategyType", "999999", -1134, "strategyType was less than 1000000."),
        ("order.place", "timeInForce", "GTX", -1115, "Invalid timeInForce."),
        ("order.place", "timeInForce", "gtc", -1115, "Invalid timeInForce."),
        ("order.place", "type", "STOP", -1116, "Invalid orderType."),
        ("order.place", "side", "LONG", -1117, "Invalid side."),
        ("order.place", "newOrderRespType", "SOME", -1130, "Data sent for parameter 'newOrderRespType' is not valid."),
        (
            "order.place",
            "selfTradePreventionMode",
            "NO",
            -1130,
            "Data sent for parameter 'selfTradePreventionMode' is not valid.",
        ),
        ("order.place", "pegPriceType", "X", -1210, "Invalid pegPriceType."),
        ("order.place", "pegOffsetType", "X", -1211, "Invalid pegOffsetType."),
        (
            "order.place",
            "pegOffsetValue",
            "101",
            -1102,
            "'pegOffsetValue' contains unexpected value. Cannot be greater than 100.",
        ),
        (
            "order.place",
            "newClientOrderId",
            "a b",
            -1100,
            f"Illegal characters found in parameter 'newClientOrderId'; {CLIENT_IDS}",
        ),
        (
            "order.place",
            "newClientOrderId",
            "a" * 37,
            -1100,
            f"Illegal characters found in parameter 'newClientOrderId'; {CLIENT_IDS}",
        ),
        ("order.place", "newClientOrderId", "", -1105, "Parameter 'newClientOrderId' was empty."),
        ("order.place", "symbol", "btcusdt", -1100, f"Illegal characters found in parameter 'symbol'; {SYMBOLS}"),
        ("order.place", "symbol", "BTC/USDT", -1100, f"Illegal characters found in parameter 'symbol'; {SYMBOLS}"),
        (
            "order.place",
            "symbol",
            "",
            -1102,
            "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
        ),
        (
            "order.place",
            "recvWindow",
            "60000.001",
            -1102,
            "'recvWindow' contains unexpected value. Cannot be greater than 60000.",
        ),
        ("order.place", "recvWindow", "1.0001", -1111, "Parameter 'recvWindow' has too much precision."),
        ("order.place", "recvWindow", "-1", -1100, f"Illegal characters found in parameter 'recvWindow'; {DECIMALS}"),
        ("order.place", "timestamp", "now", -1100, f"Illegal characters found in parameter 'timestamp'; {INTEGERS}"),
        ("order.place", "unknown", "1", -1104, "Not all sent parameters were read; read '8' parameter(s) but was sent '9'."),
        ("order.cancel", "cancelRestrictions", "ONLY_FILLED", -1145, "Invalid cancelRestrictions"),
        ("order.test", "computeCommissionRates", "1", -1130, "Data sent for parameter 'computeCommissionRates' is not valid."),
        (
            "order.cancelReplace",
            "cancelReplaceMode",
            "STOP",
            -1130,
            "Data sent for parameter 'cancelReplaceMode' is not valid.",
        ),
        (
            "order.cancelReplace",
            "cancelReplaceMode",
            "",
            -1102,
            "Mandatory parameter 'cancelReplaceMode' was not sent, was empty/null, or malformed.",
        ),
        (
            "myAllocations",
            "fromAllocationId",
            "2147483648",
            -1108,
            "Parameter 'fromAllocationId' overflowed.",
        ),
        ("referencePrice.calculation", "symbolStatus", "CANCEL_ONLY", -1122, "Invalid symbolStatus."),
        ("depth", "limit", "0", -1130, "Data sent for parameter 'limit' is not valid."),
        ("depth", "limit", "-5", -1100, f"Illegal characters found in parameter 'limit'; {INTEGERS}"),
        ("depth", "limit", "99999999999", -1108, "Parameter 'limit' overflowed."),
        ("depth", "symbolStatus", "OPEN", -1122, "Invalid symbolStatus."),
        ("depth", "symbolStatus", "END_OF_DAY", -1122, "Invalid symbolStatus."),
        ("depth", "signature", "00", -1104, "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."),
        ("ping", "x", "1", -1101, "Too many parameters; expected '0' and received '1'."),
        ("klines", "interval", "2m", -1120, "Invalid interval."),
        ("klines", "interval", "1MO", -1120, "Invalid interval."),
        ("klines", "timeZone", "14:01", -1130, "Data sent for parameter 'timeZone' is not valid."),
        ("klines", "timeZone", "-12:01", -1130, "Data sent for parameter 'timeZone' is not valid."),
        ("ticker.24hr", "type", "TINY", -1139, "Invalid ticker type."),
        ("ticker.24hr", "symbols", '["BTCUSDT","BTCUSDT"]', -1151, "Symbol is present multiple times in the list."),
        ("ticker.24hr", "symbols", "[]", -1105, "Parameter 'symbols' was empty."),
        ("exchangeInfo", "permissions", '["SPOT"', -1135, "JSON sent for parameter 'permissions' is not valid"),
        ("exchangeInfo", "permissions", "[1]", -1135, "JSON sent for parameter 'permissions' is not valid"),
        ("exchangeInfo", "permissions", '["\\ud800"]', -1135, "JSON sent for parameter 'permissions' is not valid"),
    ],
)
def test_each_kind_refuses_with_the_documented_words(operation: str, name: str, text: str, code: int, message: str) -> None:
    assert refused(operation, least(OPERATIONS[operation]) | {name: text}) == (code, message)


@pytest.mark.parametrize("text", ["BTCUSDT", '["BTCUSDT", "ETHUSDT"]', '["btcusdt"]', '["A"', "[1]", "null", '{"a":1}', '[""]'])
def test_symbols_are_a_json_list_without_spaces(text: str) -> None:
    code, message = refused("ticker.price", {"symbols": text})
    assert code == -1100
    assert message.startswith("Illegal characters found in parameter 'symbols'; legal range is '^\\[")


@pytest.mark.parametrize("size", ["0m", "60m", "24h", "8d", "1w", "1d2h", "m", "01h"])
def test_other_window_sizes_are_refused(size: str) -> None:
    assert refused("ticker", {"symbol": "BTCUSDT", "windowSize": size})[0] == -1100


def test_at_most_a_hundred_symbols_for_the_heavy_tickers() -> None:
    names = [f'"S{number}"' for number in range(101)]
    for operation in ("ticker", "ticker.tradingDay"):
        assert len(read(operation, {"symbols": f"[{','.join(names[:100])}]"})["symbols"]) == 100
        told = refused(operation, {"symbols": f"[{','.join(names)}]"})
        assert told == (-1101, "Too many parameters; expected '100' and received '101'.")
    assert len(read("ticker.24hr", {"symbols": f"[{','.join(names)}]"})["symbols"]) == 101


@pytest.mark.parametrize("name", ["symbol", "side", "type", "timestamp", "timeInForce", "quantity", "price"])
def test_what_is_missing_is_named(name: str) -> None:
    told = refused("order.place", order(**{name: None}))
    assert told == (-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def market(**more: str) -> dict[str, str]:
    return order(type="MARKET", timeInForce=None, quantity=None, price=None) | more


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        (market(), -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"),
        (market(quantity="1", quoteOrderQty="1"), -1106, "Parameter 'quoteOrderQty' sent when not required."),
        (market(quantity="1", price="1"), -1106, "Parameter 'price' sent when not required."),
        (market(quantity="1", timeInForce="GTC"), -1106, "Parameter 'timeInForce' sent when not required."),
        (market(quantity="1", stopPrice="1"), -1106, "Parameter 'stopPrice' sent when not required."),
        (market(quantity="1", icebergQty="1"), -1106, "Parameter 'icebergQty' sent when not required."),
        (order(quoteOrderQty="1"), -1106, "Parameter 'quoteOrderQty' sent when not required."),
        (order(stopPrice="1"), -1106, "Parameter 'stopPrice' sent when not required."),
        (order(trailingDelta="1"), -1106, "Parameter 'trailingDelta' sent when not required."),
        (order(type="LIMIT_MAKER"), -1106, "Parameter 'timeInForce' sent when not required."),
        (
            order(type="STOP_LOSS_LIMIT"),
            -1102,
            "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
        ),
        (order(type="STOP_LOSS", stopPrice="1"), -1106, "Parameter 'timeInForce' sent when not required."),
        (
            order(type="TAKE_PROFIT", timeInForce=None, price=None, quantity=None, stopPrice="1"),
            -1102,
            "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
        ),
        (order(icebergQty="1", timeInForce="IOC"), -1014, "Unsupported order combination."),
        (
            order(pegPriceType="MARKET_PEG", pegOffsetValue="1"),
            -1128,
            "Combination of optional fields invalid. Recommendation: 'pegOffsetType' and 'pegOffsetValue' must both be sent.",
        ),
        (
            order(pegOffsetValue="1", pegOffsetType="PRICE_LEVEL"),
            -1102,
            "Mandatory parameter 'pegPriceType' was not sent, was empty/null, or malformed.",
        ),
    ],
)
def test_what_an_order_type_needs_and_forbids(sent: dict[str, str], code: int, message: str) -> None:
    assert refused("order.place", sent) == (code, message)
    assert refused("order.test", sent) == (code, message)


@pytest.mark.parametrize(
    "sent",
    [
        market(quantity="1"),
        market(quoteOrderQty="1"),
        market(quantity="1", pegPriceType="MARKET_PEG"),
        order(type="LIMIT_MAKER", timeInForce=None),
        order(icebergQty="1"),
        order(price=None, pegPriceType="PRIMARY_PEG"),
        order(pegPriceType="PRIMARY_PEG", pegOffsetValue="1", pegOffsetType="PRICE_LEVEL"),
        order(type="STOP_LOSS", timeInForce=None, price=None, stopPrice="1"),
        order(type="TAKE_PROFIT", timeInForce=None, price=None, trailingDelta="10", stopPrice="1"),
        order(type="STOP_LOSS_LIMIT", trailingDelta="10"),
        order(type="TAKE_PROFIT_LIMIT", stopPrice="1"),
    ],
)
def test_what_every_order_type_accepts(sent: dict[str, str]) -> None:
    assert read("order.place", sent)["symbol"] == "BTCUSDT"


SIGNED = {"symbol": "BTCUSDT", "timestamp": "1700000000000", "signature": "00"}


@pytest.mark.parametrize(
    ("operation", "sent", "code", "message"),
    [
        (
            "order.status",
            SIGNED,
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        ),
        (
            "order.cancel",
            SIGNED,
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        ),
        (
            "allOrders",
            SIGNED | {"startTime": "1", "endTime": "86400002"},
            -1127,
            "More than 24 hours between startTime and endTime.",
        ),
        (
            "myTrades",
            SIGNED | {"startTime": "1", "endTime": "86400002"},
            -1127,
            "More than 24 hours between startTime and endTime.",
        ),
        ("myTrades", SIGNED | {"startTime": "1", "fromId": "1"}, -1128, "Combination of optional parameters invalid."),
        ("myTrades", SIGNED | {"endTime": "1", "orderId": "1"}, -1128, "Combination of optional parameters invalid."),
        ("ticker", {}, -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"),
        ("ticker.tradingDay", {}, -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"),
        ("ticker.24hr", {"symbol": "A", "symbols": '["B"]'}, -1128, "Combination of optional parameters invalid."),
        ("exchangeInfo", {"symbol": "A", "symbols": '["B"]'}, -1128, "Combination of optional parameters invalid."),
        ("exchangeInfo", {"symbol": "A", "permissions": "SPOT"}, -1128, "Combination of optional parameters invalid."),
        ("exchangeInfo", {"symbols": '["B"]', "symbolStatus": "HALT"}, -1128, "Combination of optional parameters invalid."),
    ],
)
def test_combinations(operation: str, sent: dict[str, str], code: int, message: str) -> None:
    assert refused(operation, sent) == (code, message)


def test_a_whole_day_between_start_and_end_is_allowed() -> None:
    assert read("allOrders", SIGNED | {"startTime": "1", "endTime": "86400001"})["endTime"] == 86_400_001_000
    assert read("myTrades", SIGNED | {"orderId": "1", "fromId": "1"})["fromId"] == 1


def test_the_first_fault_in_the_order_of_the_table_is_told() -> None:
    sent = order(side="X", price="x", unknown="1")
    assert refused("order.place", sent)[0] == -1117
    assert refused("order.place", sent | {"symbol": "x"})[0] == -1100
    assert refused("order.place", order(price=None, unknown="1"))[0] == -1102


@given(st.sampled_from(sorted(OPERATIONS)), st.data())
def test_any_text_is_read_or_refused(name: str, data: st.DataObject) -> None:
    operation = OPERATIONS[name]
    names = [param.name for param in operation.parameters] + ["signature", "x"]
    likely = st.sampled_from(
        ["", "1", "0", "BTCUSDT", "BUY", "LIMIT", "MARKET", "GTC", "1m", "true", '["A"]', "99999999999999999999"]
    )
    sent = data.draw(st.dictionaries(st.sampled_from(names), likely | st.text(max_size=40)))
    values = read_params(operation, sent)
    if isinstance(values, Fault):
        assert error_of_fault(values).status == 400
        assert values.fault >= RequestFault.MISSING_PARAMETER
    else:
        assert list(values) == [param.name for param in operation.parameters]
        assert operation.weight_of(values) >= 1


OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "110",
    "belowType": "STOP_LOSS_LIMIT",
    "belowPrice": "89",
    "belowStopPrice": "90",
    "belowTimeInForce": "GTC",
    "timestamp": "1700000000000",
    "signature": "00",
}
OPO = {
    "symbol": "BTCUSDT",
    "workingSide": "BUY",
    "workingType": "LIMIT_MAKER",
    "workingPrice": "100",
    "workingQuantity": "1",
    "pendingSide": "SELL",
    "pendingType": "MARKET",
    "timestamp": "1700000000000",
    "signature": "00",
}
BELOW_LIMIT = {"belowType": "LIMIT_MAKER", "belowStopPrice": None, "belowTimeInForce": None}


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"aboveType": "LIMIT"}, -1158, "Order type not supported in OCO."),
        ({"aboveType": "STOP"}, -1116, "Invalid orderType."),
        (BELOW_LIMIT, -1168, "At least one OCO order must be contingent."),
        ({"side": "BUY"}, -1165, "A limit order in a buy OCO must be below."),
        (BELOW_LIMIT | {"aboveType": "STOP_LOSS"}, -1166, "A limit order in a sell OCO must be above."),
        ({"side": "BUY", "aboveType": "STOP_LOSS"}, -1196, "A stop loss order in a buy OCO must be above."),
        ({"aboveType": "STOP_LOSS"}, -1197, "A stop loss order in a sell OCO must be below."),
        (
            BELOW_LIMIT | {"side": "BUY", "aboveType": "TAKE_PROFIT"},
            -1198,
            "A take profit order in a buy OCO must be below.",
        ),
        ({"belowType": "TAKE_PROFIT"}, -1199, "A take profit order in a sell OCO must be above."),
        (
            {"belowTimeInForce": "IOC", "belowIcebergQty": "0.1"},
            -1160,
            "Parameter 'belowIcebergQty' is not supported if belowTimeInForce is not GTC.",
        ),
        ({"aboveTimeInForce": "GTC"}, -1106, "Parameter 'aboveTimeInForce' sent when not required."),
        ({"aboveStrategyType": "999999"}, -1134, "strategyType was less than 1000000."),
        ({"belowPegOffsetValue": "101"}, -1102, "'belowPegOffsetValue' contains unexpected value. Cannot be greater than 100."),
        ({"stopPrice": "90"}, -1104, "Not all sent parameters were read; read '11' parameter(s) but was sent '12'."),
    ],
)
def test_what_is_wrong_with_a_pair(changes: dict[str, str | None], code: int, message: str) -> None:
    assert read("orderList.place.oco", OCO)["belowType"] is OrderType.STOP_LOSS_LIMIT
    sent = {name: text for name, text in (OCO | changes).items() if text is not None}
    assert refused("orderList.place.oco", sent) == (code, message)


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"workingSide": "SELL"}, -1222, "Working order in an OPO list must be a bid."),
        ({"pendingSide": "BUY"}, -1223, "Pending orders in an OPO list must be asks."),
        ({"workingType": "MARKET"}, -1116, "Invalid orderType."),
        ({"pendingQuantity": "1"}, -1104, "Not all sent parameters were read; read '9' parameter(s) but was sent '10'."),
    ],
)
def test_what_is_wrong_with_an_opo(changes: dict[str, str], code: int, message: str) -> None:
    assert read("orderList.place.opo", OPO)["pendingType"] is OrderType.MARKET
    assert refused("orderList.place.opo", OPO | changes) == (code, message)


@pytest.mark.parametrize(
    ("operation", "sent", "code", "message"),
    [
        (
            "order.cancelReplace",
            {"cancelOrderId": None},
            -1102,
            "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent",
        ),
        ("orderList.cancel", {}, -1102, "Param 'orderListId' or 'listClientOrderId' must be sent"),
        ("orderList.status", {}, -1102, "Param 'orderListId' or 'origClientOrderId' must be sent"),
        ("executionRules", {"symbol": "A", "symbolStatus": "HALT"}, -1128, "Combination of optional parameters invalid."),
        ("allOrderLists", {"fromId": "1", "endTime": "1"}, -1128, "Combination of optional parameters invalid."),
        ("myAllocations", {"orderId": "1", "endTime": "1"}, -1128, "Combination of optional parameters invalid."),
        (
            "myAllocations",
            {"startTime": "0", "endTime": "86400001"},
            -1127,
            "More than 24 hours between startTime and endTime.",
        ),
        ("myPreventedMatches", {"orderId": "1", "preventedMatchId": "1"}, -1128, "Combination of optional parameters invalid."),
        ("blockTrades.historical", {"fromId": None}, -1102, "Mandatory parameter 'fromId' was not sent"),
        ("order.amendments", {}, -1102, "Mandatory parameter 'orderId' was not sent"),
        ("sor.order.place", {"side": "BUY", "type": "LIMIT_MAKER"}, -1116, "Invalid orderType."),
    ],
)
def test_combinations_of_the_other_operations(operation: str, sent: dict[str, str | None], code: int, message: str) -> None:
    given_texts = least(OPERATIONS[operation]) | {"signature": "00"} | sent
    if operation == "order.amendments":
        del given_texts["orderId"]
    if not OPERATIONS[operation].signed:
        del given_texts["signature"]
    outcome = refused(operation, {name: text for name, text in given_texts.items() if text is not None})
    assert (outcome[0], outcome[1][: len(message)]) == (code, message)


ELEMENT = Operation(
    "element", "", Security.NONE, 0, Query(), (Param("a", Kind.POSITIVE, mandatory=True), Param("b", Kind.BOOLEAN))
)
REFUSAL = OptionFault.NOT_A_PRICE


def one(kind: Kind, text: str, **more: Any) -> Any:
    """Read a text as the only parameter of an operation."""
    row = Operation("row", "", Security.NONE, 0, Query(), (Param("p", kind, **more),))
    values = read_params(row, {"p": text})
    return values if isinstance(values, Fault) else values["p"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.CONTRACT, "BTC-260123-50000-C", "BTC-260123-50000-C"),
        (Kind.CONTRACT, "xrp-230331-0.365-p", "XRP-230331-0.365-P"),
        (Kind.ASSET, "btcusdt", "BTCUSDT"),
        (Kind.ASSETS, "btcusdt,ETHUSDT,BTCUSDT", ("BTCUSDT", "ETHUSDT")),
        (Kind.EXPIRY, "260123", 1_769_155_200_000_000),
        (Kind.LIMIT, "7", 7),
        (Kind.POSITIVE, "0.5", 50_000_000),
        (Kind.SPAN, "0", 0),
        (Kind.SPAN, "3000", 3_000_000),
        (Kind.KEY, "3668822b-0000-4000-8000-000000000001", "3668822b-0000-4000-8000-000000000001"),
        (Kind.LONGS, "[1, 4611686018427387904]", (1, 4_611_686_018_427_387_904)),
        (Kind.TEXTS, '["a","b/c"]', ("a", "b/c")),
    ],
)
def test_what_requests_about_options_are_made_of(kind: Kind, text: str, value: Any) -> None:
    assert one(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        (Kind.CONTRACT, "BTCUSDT", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.CONTRACT, "BTC-260123-50000-X", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.CONTRACT, "ßTC-260123-50000-C", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.ASSET, "BTC-USDT", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.ASSETS, "BTCUSDT,,ETHUSDT", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.EXPIRY, "26012", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.EXPIRY, "260230", RequestFault.INVALID_PARAMETER),
        (Kind.KEY, "a b", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.SPAN, "1.5", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.POSITIVE, "-", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.POSITIVE, "--1", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.POSITIVE, "0.000000001", RequestFault.TOO_PRECISE),
        (Kind.LONGS, "[1,true]", RequestFault.INVALID_JSON),
        (Kind.LONGS, "[]", RequestFault.EMPTY_PARAMETER),
        (Kind.LONGS, "[-1]", RequestFault.ILLEGAL_CHARACTERS),
        (Kind.LONGS, "1,2", RequestFault.INVALID_JSON),
        (Kind.TEXTS, "[1]", RequestFault.INVALID_JSON),
        (Kind.TEXTS, '["a b"]', RequestFault.ILLEGAL_CHARACTERS),
        (Kind.TEXTS, '[""]', RequestFault.ILLEGAL_CHARACTERS),
    ],
)
def test_what_no_request_about_options_is_made_of(kind: Kind, text: str, fault: AnyFault) -> None:
    refused = one(kind, text)
    assert isinstance(refused, Fault)
    assert refused.fault is fault


@pytest.mark.parametrize(
    ("kind", "text"), [(Kind.POSITIVE, "0"), (Kind.POSITIVE, "-1"), (Kind.POSITIVE, "-0.0"), (Kind.SPAN, "-5")]
)
def test_a_number_that_is_too_small_has_its_own_refusal(kind: Kind, text: str) -> None:
    assert one(kind, text, fault=REFUSAL) == Fault(REFUSAL, ("p",))


@pytest.mark.parametrize(
    ("text", "is_fine"), [("0", False), ("1", True), ("5", True), ("6", False), ("-1", False), ("x", False)]
)
def test_a_limit_has_one_refusal_for_whatever_is_wrong(text: str, is_fine: bool) -> None:
    value = one(Kind.LIMIT, text, minimum=1, maximum=5, fault=OptionFault.BAD_LIMIT)
    assert value == (int(text) if is_fine else Fault(OptionFault.BAD_LIMIT, ("p",)))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('[{"a":1}]', ({"a": 100_000_000, "b": None},)),
        ('[{"a":"1.5","b":"true"},{"a":2.25,"b":false}]', ({"a": 150_000_000, "b": True}, {"a": 225_000_000, "b": False})),
        ('[{"a":1,"b":null}]', ({"a": 100_000_000, "b": None},)),
        ('[ { "a" : 1 } ]', ({"a": 100_000_000, "b": None},)),
        ('[{"a":0},{"a":1}]', (Fault(RequestFault.INVALID_PARAMETER, ("a",)), {"a": 100_000_000, "b": None})),
        ('[{"a":null}]', (Fault(RequestFault.MISSING_PARAMETER, ("a",)),)),
        ('[{"a":1,"c":2}]', (Fault(RequestFault.UNREAD_PARAMETERS, ("1", "2")),)),
    ],
)
def test_each_element_of_a_list_is_read_by_itself(text: str, values: Any) -> None:
    assert one(Kind.ELEMENTS, text, element=ELEMENT) == values


_DEEP = '[{"a":' + "[" * 100_000 + "]" * 100_000 + "}]"


@pytest.mark.parametrize("text", ["{}", "[1]", "[", '[{"a":', '[{"a":"\\ud800"}]', "nonsense", _DEEP], ids=range(7))
def test_what_is_no_list_of_objects_is_refused_whole(text: str) -> None:
    assert one(Kind.ELEMENTS, text, element=ELEMENT) == Fault(RequestFault.INVALID_JSON, ("p",))


def test_a_list_that_is_too_long_is_refused_whole() -> None:
    refused = one(Kind.ELEMENTS, '[{"a":1},{"a":1}]', element=ELEMENT, maximum=1, fault=OptionFault.TOO_MANY_LEGS)
    assert refused == Fault(OptionFault.TOO_MANY_LEGS, ("1",))
