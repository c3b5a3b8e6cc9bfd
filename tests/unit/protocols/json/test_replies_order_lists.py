"""Replies about order lists: the documents' examples, field by field, and what each kind tells of orders that went on."""

import json
from typing import Any

import msgspec
import pytest

from papernet.app.operations import ResponseType, TimeUnit
from papernet.core.enums import (
    ExecType,
    ListKind,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    SelfTradeMode,
    Side,
    TimeInForce,
)
from papernet.core.events import Event, ExecutionReport, OrderListChanged, OrderListRecord
from papernet.protocols.json import replies_order_lists
from papernet.protocols.json.replies import RENDERERS, cancel, cancel_all, cancel_list
from tests.support.reports import applied, assert_reply, extras, fill, prevented, report, terms, without

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
BUY, SELL = Side.BUY, Side.SELL
PENDING = OrderStatus.PENDING_NEW
ACK, RESULT, FULL = ResponseType


def changed(
    number: int,
    kind: ListKind,
    client_id: str,
    at: int,
    symbol: str,
    orders: tuple[tuple[int, str], ...],
    status_type: ListStatusType = ListStatusType.EXEC_STARTED,
) -> OrderListChanged:
    status = ListOrderStatus.EXECUTING if status_type is not ListStatusType.ALL_DONE else ListOrderStatus.ALL_DONE
    listed = OrderListRecord(number, 1, symbol, kind, status, client_id, at * 1_000, at * 1_000, orders)
    return OrderListChanged(listed, status_type, at * 1_000)


def heading(
    number: int, kind: str, client_id: str, at: int, symbol: str, orders: tuple[tuple[int, str], ...]
) -> dict[str, Any]:
    """Return what the documents show of a list that has started, before its reports."""
    return {
        "orderListId": number,
        "contingencyType": kind,
        "listStatusType": "EXEC_STARTED",
        "listOrderStatus": "EXECUTING",
        "listClientOrderId": client_id,
        "transactionTime": at,
        "symbol": symbol,
        "orders": [
            {"symbol": symbol, "orderId": order_id, "clientOrderId": client_order_id} for order_id, client_order_id in orders
        ],
    }


def shown(symbol: str, ids: tuple[int, int, str], at: int, price: str, quantity: str | None, **rest: Any) -> dict[str, Any]:
    """Return the RESULT of an order that has not traded; `ids` are its own, its list's and its client's."""
    order_id, number, client_order_id = ids
    example: dict[str, Any] = {
        "symbol": symbol,
        "orderId": order_id,
        "orderListId": number,
        "clientOrderId": client_order_id,
        "transactTime": at,
        "price": price,
        "origQty": quantity,
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        **rest,
        "selfTradePreventionMode": "NONE",
    }
    return without(example, *(["origQty"] if quantity is None else []))


# rest-api.md, New Order list: the five kinds

OCO_IDS = ((10, "44nZvqpemY7sVYgPYbvPih"), (11, "NuMp0nVYnciDiFmVqfpBqK"))
OTO_IDS = ((4, "Bq17mn9fP6vyCn75Jw1xya"), (5, "arLFo0zGJVDE69cvGBaU0d"))
OTOCO_IDS = ((6, "fM9Y4m23IFJVCQmIrlUmMK"), (7, "6pcQbFIzTXGZQ1e2MkGDq4"), (8, "r4JMv9cwAYYUwwBZfbussx"))
OPO_IDS = ((2, "JX6xfdjo0wysiGumfHNmPu"), (3, "2ZJCY0IjOhuYIMLGN8kU8S"))
OPOCO_IDS = ((9, "OLSBhMWaIlLSzZ9Zm7fnKB"), (10, "mfif39yPTHsB3C0FIXznR2"), (11, "yINkaXSJeoi3bU5vWMY8Z8"))


def leg(ids: tuple[int, str], number: int, at: int, order: Any, *, works: bool, pending: bool = False) -> ExecutionReport:
    """Return the first report of a list's order."""
    order_id, client_order_id = ids
    more = extras(order_list_id=number, working_at=at if works else -1)
    order = msgspec.structs.replace(order, client_order_id=client_order_id)
    return report(order, order_id, at, extras=more, status=PENDING if pending else OrderStatus.NEW)


def oco() -> tuple[list[Event], dict[str, Any]]:
    at, stop = 1_710_485_608_839, OrderType.STOP_LOSS_LIMIT
    events: list[Event] = [
        changed(1, ListKind.OCO, "lH1YDkuQKWiXVXHPSKYEIp", at, "LTCBTC", OCO_IDS),
        leg(OCO_IDS[0], 1, at, terms("LTCBTC", stop, SELL, "5", "1", stop_price="1", iceberg_quantity="1"), works=False),
        leg(OCO_IDS[1], 1, at, terms("LTCBTC", OrderType.LIMIT_MAKER, SELL, "5", "3"), works=True),
    ]
    status = {"status": "NEW", "timeInForce": "GTC"}
    waits = {"stopPrice": "1.00000000", "workingTime": -1, "icebergQty": "1.00000000"}
    reports = [
        shown("LTCBTC", (10, 1, OCO_IDS[0][1]), at, "1.00000000", "5.00000000", **status, type=stop.name, side="SELL", **waits),
        shown(
            "LTCBTC",
            (11, 1, OCO_IDS[1][1]),
            at,
            "3.00000000",
            "5.00000000",
            **status,
            type="LIMIT_MAKER",
            side="SELL",
            workingTime=at,
        ),
    ]
    return events, heading(1, "OCO", "lH1YDkuQKWiXVXHPSKYEIp", at, "LTCBTC", OCO_IDS) | {"orderReports": reports}


def oto() -> tuple[list[Event], dict[str, Any]]:
    at = 1_712_289_389_158
    events: list[Event] = [
        changed(0, ListKind.OTO, "yl2ERtcar1o25zcWtqVBTC", at, "LTCBTC", OTO_IDS),
        leg(OTO_IDS[0], 0, at, terms("LTCBTC", OrderType.LIMIT, SELL, "1", "1"), works=True),
        leg(OTO_IDS[1], 0, at, terms("LTCBTC", OrderType.MARKET, BUY, "5"), works=False, pending=True),
    ]
    new, pending = {"status": "NEW", "timeInForce": "GTC"}, {"status": "PENDING_NEW", "timeInForce": "GTC"}
    reports = [
        shown(
            "LTCBTC",
            (4, 0, OTO_IDS[0][1]),
            at,
            "1.00000000",
            "1.00000000",
            **new,
            type="LIMIT",
            side="SELL",
            workingTime=at,
        ),
        shown(
            "LTCBTC",
            (5, 0, OTO_IDS[1][1]),
            at,
            "0.00000000",
            "5.00000000",
            **pending,
            type="MARKET",
            side="BUY",
            workingTime=-1,
        ),
    ]
    return events, heading(0, "OTO", "yl2ERtcar1o25zcWtqVBTC", at, "LTCBTC", OTO_IDS) | {"orderReports": reports}


def otoco() -> tuple[list[Event], dict[str, Any]]:
    at, stop = 1_712_291_372_842, OrderType.STOP_LOSS_LIMIT
    pending_stop = terms("LTCBTC", stop, BUY, "5", "1", stop_price="6", time_in_force=TimeInForce.IOC)
    events: list[Event] = [
        changed(1, ListKind.OTOCO, "RumwQpBaDctlUu5jyG5rs0", at, "LTCBTC", OTOCO_IDS),
        leg(OTOCO_IDS[0], 1, at, terms("LTCBTC", OrderType.LIMIT, SELL, "1", "1"), works=True),
        leg(OTOCO_IDS[1], 1, at, pending_stop, works=False, pending=True),
        leg(OTOCO_IDS[2], 1, at, terms("LTCBTC", OrderType.LIMIT_MAKER, BUY, "5", "3"), works=False, pending=True),
    ]
    rows: tuple[Any, ...] = (
        ("1.00000000", "1.00000000", "NEW", "GTC", "LIMIT", "SELL", {"workingTime": at}),
        ("1.00000000", "5.00000000", "PENDING_NEW", "IOC", stop.name, "BUY", {"stopPrice": "6.00000000", "workingTime": -1}),
        ("3.00000000", "5.00000000", "PENDING_NEW", "GTC", "LIMIT_MAKER", "BUY", {"workingTime": -1}),
    )
    reports = [
        shown("LTCBTC", (ids[0], 1, ids[1]), at, price, quantity, status=status, timeInForce=tif, type=kind, side=side, **rest)
        for ids, (price, quantity, status, tif, kind, side, rest) in zip(OTOCO_IDS, rows, strict=True)
    ]
    return events, heading(1, "OTO", "RumwQpBaDctlUu5jyG5rs0", at, "LTCBTC", OTOCO_IDS) | {"orderReports": reports}


def opo() -> tuple[list[Event], dict[str, Any]]:
    at = 1_762_998_011_671
    events: list[Event] = [
        changed(0, ListKind.OPO, "H94qCqO27P74OEiO4X8HOG", at, "BTCUSDT", OPO_IDS),
        leg(OPO_IDS[0], 0, at, terms("BTCUSDT", OrderType.LIMIT, BUY, "0.0006", "102264"), works=True),
        leg(OPO_IDS[1], 0, at, terms("BTCUSDT", OrderType.MARKET, SELL), works=False, pending=True),
    ]
    rows: tuple[Any, ...] = (
        ("102264.00000000", "0.00060000", "NEW", "LIMIT", "BUY", {"workingTime": at}),
        ("0.00000000", None, "PENDING_NEW", "MARKET", "SELL", {"workingTime": -1}),
    )
    reports = [
        shown(
            "BTCUSDT", (ids[0], 0, ids[1]), at, price, quantity, status=status, timeInForce="GTC", type=kind, side=side, **rest
        )
        for ids, (price, quantity, status, kind, side, rest) in zip(OPO_IDS, rows, strict=True)
    ]
    return events, heading(0, "OTO", "H94qCqO27P74OEiO4X8HOG", at, "BTCUSDT", OPO_IDS) | {"orderReports": reports}


def opoco() -> tuple[list[Event], dict[str, Any]]:
    at, stop = 1_763_000_506_354, OrderType.STOP_LOSS_LIMIT
    events: list[Event] = [
        changed(2, ListKind.OPOCO, "bcedxMpQG6nFrZUPQyshoL", at, "BTCUSDT", OPOCO_IDS),
        leg(OPOCO_IDS[0], 2, at, terms("BTCUSDT", OrderType.LIMIT, BUY, "0.0017", "102496"), works=True),
        leg(OPOCO_IDS[1], 2, at, terms("BTCUSDT", stop, SELL, "0", "101613", stop_price="10100"), works=False, pending=True),
        leg(OPOCO_IDS[2], 2, at, terms("BTCUSDT", OrderType.LIMIT_MAKER, SELL, "0", "104261"), works=False, pending=True),
    ]
    rows: tuple[Any, ...] = (
        ("102496.00000000", "0.00170000", "NEW", "LIMIT", "BUY", {"workingTime": at}),
        ("101613.00000000", None, "PENDING_NEW", stop.name, "SELL", {"stopPrice": "10100.00000000", "workingTime": -1}),
        ("104261.00000000", None, "PENDING_NEW", "LIMIT_MAKER", "SELL", {"workingTime": -1}),
    )
    reports = [
        shown(
            "BTCUSDT", (ids[0], 2, ids[1]), at, price, quantity, status=status, timeInForce="GTC", type=kind, side=side, **rest
        )
        for ids, (price, quantity, status, kind, side, rest) in zip(OPOCO_IDS, rows, strict=True)
    ]
    return events, heading(2, "OTO", "bcedxMpQG6nFrZUPQyshoL", at, "BTCUSDT", OPOCO_IDS) | {"orderReports": reports}


@pytest.mark.parametrize("example", [oco, oto, otoco, opo, opoco])
def test_new_lists(example: Any) -> None:
    events, expected = example()
    assert_reply(replies_order_lists.placed(applied(*events), RESULT, MS), expected)


def test_how_much_a_new_list_tells() -> None:
    events, expected = oto()
    acks = [list(row) for row in json.loads(replies_order_lists.placed(applied(*events), ACK, MS))["orderReports"]]
    assert acks == [["symbol", "orderId", "orderListId", "clientOrderId", "transactTime"]] * 2
    fulls = json.loads(replies_order_lists.placed(applied(*events), FULL, MS))["orderReports"]
    assert [row.pop("fills") for row in fulls] == [[], []]
    assert fulls == expected["orderReports"]


def test_a_list_whose_working_order_was_filled_at_once() -> None:
    # rest-api.md, OTO: the reply tells the pending order as it was accepted
    events, expected = oto()
    first, pending = events[1], events[2]
    assert isinstance(first, ExecutionReport)
    assert isinstance(pending, ExecutionReport)
    filled = fill(first, "1.5", "1", "0.001", "BTC", trade_id=7)
    placed = msgspec.structs.replace(pending, status=OrderStatus.NEW)
    own_kind = prevented("LTCBTC", 3, (pending.order_id, 1), "2", ("1", "0"), mode=SelfTradeMode.EXPIRE_TAKER)
    events += [filled, placed, fill(placed, "2", "4", "0.005", "LTC", trade_id=8), own_kind]
    events.append(
        changed(0, ListKind.OTO, "yl2ERtcar1o25zcWtqVBTC", 1_712_289_389_158, "LTCBTC", OTO_IDS, ListStatusType.ALL_DONE)
    )
    found = json.loads(replies_order_lists.placed(applied(*events), FULL, MS))
    assert (found["listStatusType"], found["listOrderStatus"]) == ("EXEC_STARTED", "EXECUTING")
    working, waiting = found["orderReports"]
    assert (working["status"], working["executedQty"]) == ("FILLED", "1.00000000")
    assert [row["tradeId"] for row in working["fills"]] == [7]
    assert waiting == expected["orderReports"][1] | {"fills": []}


# rest-api.md, Cancel Order list; web-socket-api.md, order.cancel

CANCELED_IDS = ((2, "pO9ufTiFGg3nw2fOdgeOXa"), (3, "TXOvglzXuaubXAaENpaRCB"))
ENDED = changed(0, ListKind.OCO, "C3wyj4WVEktd7u9aVBRXcN", 1_574_040_868_128, "LTCBTC", CANCELED_IDS, ListStatusType.ALL_DONE)


def ends(report_of: ExecutionReport, request_id: str) -> ExecutionReport:
    return msgspec.structs.replace(report_of, exec_type=ExecType.CANCELED, status=OrderStatus.CANCELED, request_id=request_id)


def pair_of_cancels() -> list[ExecutionReport]:
    at = 1_688_005_070_874
    stop = terms("LTCBTC", OrderType.STOP_LOSS_LIMIT, SELL, "10", "1", stop_price="1")
    maker = terms("LTCBTC", OrderType.LIMIT_MAKER, SELL, "10", "3")
    return [
        ends(leg(CANCELED_IDS[0], 0, at, stop, works=False), "unfWT8ig8i0uj6lPuYLez6"),
        ends(leg(CANCELED_IDS[1], 0, at, maker, works=True), "unfWT8ig8i0uj6lPuYLez6"),
    ]


def canceled_row(
    symbol: str, ids: tuple[int, int, str], by: str, at: int, price: str, quantity: str, **rest: Any
) -> dict[str, Any]:
    order_id, number, client_order_id = ids
    return {
        "symbol": symbol,
        "origClientOrderId": client_order_id,
        "orderId": order_id,
        "orderListId": number,
        "clientOrderId": by,
        "transactTime": at,
        "price": price,
        "origQty": quantity,
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "CANCELED",
        "timeInForce": "GTC",
        **rest,
        "selfTradePreventionMode": "NONE",
    }


BY = "unfWT8ig8i0uj6lPuYLez6"
STOP = {"type": "STOP_LOSS_LIMIT", "side": "SELL", "stopPrice": "1.00000000"}
MAKER = {"type": "LIMIT_MAKER", "side": "SELL"}
CANCELED = {
    **heading(0, "OCO", "C3wyj4WVEktd7u9aVBRXcN", 1_574_040_868_128, "LTCBTC", CANCELED_IDS),
    "listStatusType": "ALL_DONE",
    "listOrderStatus": "ALL_DONE",
    "orderReports": [
        canceled_row("LTCBTC", (2, 0, CANCELED_IDS[0][1]), BY, 1688005070874, "1.00000000", "10.00000000", **STOP),
        canceled_row("LTCBTC", (3, 0, CANCELED_IDS[1][1]), BY, 1688005070874, "3.00000000", "10.00000000", **MAKER),
    ],
}


def test_a_cancel_of_a_list() -> None:
    assert_reply(cancel_list(applied(*pair_of_cancels(), ENDED), MS), CANCELED)


def test_a_cancel_of_a_member_is_told_like_one_of_its_list() -> None:
    asked_for, other = reversed(pair_of_cancels())
    assert_reply(cancel(applied(asked_for, other, ENDED), MS), CANCELED)


def test_a_cancel_tells_only_the_members_that_it_ended() -> None:
    # an OTO in its second phase
    found = json.loads(cancel(applied(pair_of_cancels()[1], ENDED), MS))
    assert [row["orderId"] for row in found["orders"]] == [2, 3]
    assert [row["orderId"] for row in found["orderReports"]] == [3]


def test_a_cancel_of_all_tells_orders_and_lists_in_order_of_placement() -> None:
    # rest-api.md, Cancel All Open Orders on a Symbol
    by = "pXLV6Hz6mprAcVYpVMTGgx"
    singles = [
        (11, "E6APeyTJvkMvLMYMqu1KQ4", 1684804350068, "0.089853", "0.08985300"),
        (13, "A3EF2HCwxgZPFMrfwbgrhv", 1684804350069, "0.09043", "0.09043000"),
    ]
    events: list[Event] = [
        ends(report(terms("BTCUSDT", OrderType.LIMIT, BUY, "0.178622", price, client_order_id=cid), order_id, at), by)
        for order_id, cid, at, price, _ in singles
    ]
    ids, at = ((20, "CwOOIPHSmYywx6jZX77TdL"), (21, "461cPg51vQjV3zIMOXNz39")), 1_688_005_070_874
    stop = terms(
        "BTCUSDT",
        OrderType.STOP_LOSS_LIMIT,
        BUY,
        "0.690354",
        "0.668611",
        stop_price="0.378131",
        iceberg_quantity="0.017083",
    )
    maker = terms("BTCUSDT", OrderType.LIMIT_MAKER, BUY, "0.690354", "0.008791", iceberg_quantity="0.639962")
    events += [ends(leg(ids[0], 1929, at, stop, works=False), by), ends(leg(ids[1], 1929, at, maker, works=True), by)]
    name, ended_at = "2inzWQdDvZLHbbAmAozX2N", 1_585_230_948_299
    events.append(changed(1929, ListKind.OCO, name, ended_at, "BTCUSDT", ids, ListStatusType.ALL_DONE))
    # ... and a list behind it, whose members are its own
    later = ((22, "a"), (23, "b"))
    events.append(ends(leg(later[1], 1930, at, maker, works=True), by))
    events.append(changed(1930, ListKind.OTO, "later", ended_at, "BTCUSDT", later, ListStatusType.ALL_DONE))
    limit = {"type": "LIMIT", "side": "BUY"}
    rows = [
        canceled_row("BTCUSDT", (order_id, -1, cid), by, placed_at, price, "0.17862200", **limit)
        for order_id, cid, placed_at, _, price in singles
    ]
    stopped = {"type": "STOP_LOSS_LIMIT", "side": "BUY", "stopPrice": "0.37813100", "icebergQty": "0.01708300"}
    made = {"type": "LIMIT_MAKER", "side": "BUY", "icebergQty": "0.63996200"}
    done = {"listStatusType": "ALL_DONE", "listOrderStatus": "ALL_DONE"}
    first = heading(1929, "OCO", name, ended_at, "BTCUSDT", ids) | done
    first["orderReports"] = [
        canceled_row("BTCUSDT", (20, 1929, ids[0][1]), by, at, "0.66861100", "0.69035400", **stopped),
        canceled_row("BTCUSDT", (21, 1929, ids[1][1]), by, at, "0.00879100", "0.69035400", **made),
    ]
    second = heading(1930, "OTO", "later", ended_at, "BTCUSDT", later) | done
    second["orderReports"] = [canceled_row("BTCUSDT", (23, 1930, "b"), by, at, "0.00879100", "0.69035400", **made)]
    assert_reply(cancel_all(applied(*events), MS), [*rows, first, second])


# rest-api.md, Query Order list and its relatives

QUERIED = OrderListRecord(
    27,
    1,
    "LTCBTC",
    ListKind.OCO,
    ListOrderStatus.EXECUTING,
    "h2USkA5YQpaXHPIrkd96xE",
    1_565_245_600_000_000,
    1_565_245_656_253_999,
    ((4, "qD1gy3kc3Gx0rihm9Y3xwS"), (5, "ARzZ9I00CPM8i3NhmU9Ega")),
)
SHOWN = heading(27, "OCO", "h2USkA5YQpaXHPIrkd96xE", 1_565_245_656_253, "LTCBTC", QUERIED.orders)


def test_a_query_of_one_list() -> None:
    assert_reply(RENDERERS["orderList.status"](QUERIED, MS), SHOWN)
    assert json.loads(RENDERERS["orderList.status"](QUERIED, US))["transactionTime"] == QUERIED.updated_at


@pytest.mark.parametrize("name", ["allOrderLists", "openOrderLists.status"])
def test_a_query_of_several_lists(name: str) -> None:
    done = msgspec.structs.replace(QUERIED, status=ListOrderStatus.ALL_DONE, kind=ListKind.OTOCO)
    ended = SHOWN | {"contingencyType": "OTO", "listStatusType": "ALL_DONE", "listOrderStatus": "ALL_DONE"}
    assert_reply(RENDERERS[name]([QUERIED, done], MS), [SHOWN, ended])
    assert RENDERERS[name]([], MS) == b"[]"


@pytest.mark.parametrize(
    ("kind", "spelling"),
    [
        (ListKind.OCO, "OCO"),
        (ListKind.OTO, "OTO"),
        (ListKind.OTOCO, "OTO"),
        (ListKind.OPO, "OTO"),
        (ListKind.OPOCO, "OTO"),
    ],
)
def test_contingency_types_are_two(kind: ListKind, spelling: str) -> None:
    text = RENDERERS["orderList.status"](msgspec.structs.replace(QUERIED, kind=kind), MS)
    assert json.loads(text)["contingencyType"] == spelling
