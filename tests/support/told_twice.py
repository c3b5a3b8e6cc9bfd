"""What the reply to an order and the events of a user's stream both tell: the pairs of names, and the comparison.

The documents give the same facts two names: `executedQty` in replies is `z` in events. `PAIRS` says which is which, and
everything here reads JSON only, as a client would.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from papernet.app.operations import ResponseType
from papernet.core.commands import AmendOrder, CancelOpenOrders, NewOrder, NewOrderList, ReplaceOrder

Json = dict[str, Any]

# rest-api.md and user-data-stream.md: field of a reply -> field of executionReport
PAIRS = {
    "symbol": "s",
    "orderId": "i",
    "orderListId": "g",
    "clientOrderId": "c",
    "origClientOrderId": "C",
    "transactTime": "T",
    "price": "p",
    "origQty": "q",
    "executedQty": "z",
    "origQuoteOrderQty": "Q",
    "cummulativeQuoteQty": "Z",
    "status": "X",
    "timeInForce": "f",
    "type": "o",
    "side": "S",
    "workingTime": "W",
    "selfTradePreventionMode": "V",
    "stopPrice": "P",
    "icebergQty": "F",
    "trailingDelta": "d",
    "trailingTime": "D",
    "strategyId": "j",
    "strategyType": "J",
    "pegPriceType": "gP",
    "pegOffsetType": "gOT",
    "pegOffsetValue": "gOV",
    "peggedPrice": "gp",
    "workingFloor": "k",
    "usedSor": "uS",
    "preventedMatchId": "v",
    "preventedQuantity": "A",
    "tradeGroupId": "u",
    "expiryReason": "eR",
    # of an amended order
    "qty": "q",
    "preventedQty": "A",
    "quoteOrderQty": "Q",
    "cumulativeQuoteQty": "Z",
    # of a queried order
    "time": "O",
    "updateTime": "T",
}
# What a reply says where an event says nothing.
UNSAID = {"workingTime": -1, "trailingTime": -1, "preventedQty": "0.00000000"}
FILLS = {"price": "L", "qty": "l", "commission": "n", "commissionAsset": "N", "tradeId": "t", "matchType": "b", "allocId": "a"}
MATCHES = {
    "preventedMatchId": "v",
    "makerSymbol": "Cs",
    "makerOrderId": "U",
    "price": "pL",
    "takerPreventedQuantity": "B",
}
LISTS = {
    "orderListId": "g",
    "contingencyType": "c",
    "listStatusType": "l",
    "listOrderStatus": "L",
    "listClientOrderId": "C",
    "transactionTime": "T",
    "symbol": "s",
}
# Whatever of these an event says, the reply to a new order says too.
CONDITIONAL: tuple[str, ...] = (
    "trailingDelta",
    "strategyId",
    "strategyType",
    "pegPriceType",
    "pegOffsetType",
    "pegOffsetValue",
    "peggedPrice",
)
CONDITIONAL += ("workingFloor", "usedSor", "preventedQuantity", "tradeGroupId", "expiryReason")
_NESTED = ("fills", "preventedMatches", "isWorking")


def agree(reply: Json, event: Json, *, in_full: bool = False) -> None:
    """Assert that a reply about an order and an event say the same; a full reply leaves nothing out."""
    for name, value in reply.items():
        if name not in _NESTED:
            assert event.get(PAIRS[name], UNSAID.get(name)) == value, (name, reply, event)
    if in_full:
        assert [name for name in CONDITIONAL if PAIRS[name] in event and name not in reply] == [], (reply, event)
        assert "origQty" in reply or event["q"] == "0.00000000"


def agree_on_command(command: object, response_type: ResponseType, reply: Any, events: list[Json]) -> None:
    """Assert that the reply to a command says the same as the events that its sender is sent."""
    match command:
        case NewOrder():
            _agree_on_order(reply, response_type, events)
        case NewOrderList():
            _agree_on_list(reply, response_type, events)
        case CancelOpenOrders():
            for row in reply:
                _agree_on_cancel(row, events)
        case AmendOrder():
            _agree_on_amendment(reply, events)
        case ReplaceOrder():
            told = reply.get("data", reply)
            if told["cancelResult"] == "SUCCESS":
                _agree_on_cancel(told["cancelResponse"], events)
            if told["newOrderResult"] == "SUCCESS":
                _agree_on_order(told["newOrderResponse"], response_type, events)
        case _:
            _agree_on_cancel(reply, events)


def reports_of(events: Iterable[Json], symbol: str, order_id: int) -> list[Json]:
    """Return the execution reports of one order."""
    return [event for event in events if event["e"] == "executionReport" and (event["s"], event["i"]) == (symbol, order_id)]


def _agree_on_order(reply: Json, response_type: ResponseType, events: list[Json]) -> None:
    reports = reports_of(events, reply["symbol"], reply["orderId"])
    if response_type is ResponseType.ACK:
        agree(reply, reports[0])
        return
    agree(reply, reports[-1], in_full=True)
    if response_type is not ResponseType.FULL:
        return
    _pair(reply["fills"], [event for event in reports if event["x"] == "TRADE"], FILLS)
    lost = [row for row in reply.get("preventedMatches", []) if "takerPreventedQuantity" in row]
    # An order that a triggered one met later in the same command lost something as the maker too: the reply tells the taker's.
    met = [row["preventedMatchId"] for row in lost]
    _pair(lost, [event for event in reports if event["x"] == "TRADE_PREVENTION" and event["v"] in met], MATCHES)


def _pair(rows: list[Json], events: list[Json], names: Mapping[str, str]) -> None:
    assert len(rows) == len(events), (rows, events)
    for row, event in zip(rows, events, strict=True):
        assert {names[name]: value for name, value in row.items() if name in names} == {
            field: event[field] for field in names.values() if field in event
        }


def _agree_on_list(reply: Json, response_type: ResponseType, events: list[Json]) -> None:
    _agree_on_status(reply, _list_events(events, reply["orderListId"])[0])
    for row in reply["orderReports"]:
        reports = reports_of(events, row["symbol"], row["orderId"])
        # A pending order is told as it was placed.
        own = reports[:1] if reports[0]["X"] == "PENDING_NEW" else reports
        _agree_on_order(row, response_type, own)


def _agree_on_cancel(reply: Json, events: list[Json]) -> None:
    """Compare the cancel of an order, or of a list, which its members' rows are in."""
    rows = [reply]
    if "orderReports" in reply:
        rows = reply["orderReports"]
        _agree_on_status(reply, _list_events(events, reply["orderListId"])[-1])
    for row in rows:
        canceled = [event for event in reports_of(events, row["symbol"], row["orderId"]) if event["x"] == "CANCELED"]
        assert len(canceled) == 1
        agree(row, canceled[0])


def _agree_on_amendment(reply: Json, events: list[Json]) -> None:
    order = reply["amendedOrder"]
    event = reports_of(events, order["symbol"], order["orderId"])[0]
    assert (event["x"], event["I"], event["T"]) == ("REPLACED", reply["executionId"], reply["transactTime"])
    agree(order, event)
    lists = _list_events(events, order["orderListId"])
    assert len(lists) == ("listStatus" in reply and order["clientOrderId"] != order["origClientOrderId"])
    for status in lists:
        assert status["l"] == "UPDATED"
        _agree_on_status(reply["listStatus"], status)


def _list_events(events: list[Json], order_list_id: int) -> list[Json]:
    return [event for event in events if event["e"] == "listStatus" and event["g"] == order_list_id]


def _agree_on_status(reply: Json, event: Json) -> None:
    told = {LISTS[name]: value for name, value in reply.items() if name in LISTS}
    assert told == {field: event[field] for field in told}
    members = [{"s": row["symbol"], "i": row["orderId"], "c": row["clientOrderId"]} for row in reply["orders"]]
    assert event["O"] == members
