"""The events of a user's stream: the documents' examples whole, and each conditional field with and without its condition."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from papernet.app.operations import TimeUnit
from papernet.core.enums import (
    ExecType,
    ExpiryReason,
    ListKind,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    PegPrice,
    SelfTradeMode,
    Side,
    TimeInForce,
    WorkingFloor,
)
from papernet.core.events import (
    AccountUpdate,
    BalanceChanged,
    ExecutionReport,
    ExternalLock,
    OrderListChanged,
    OrderListRecord,
)
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json import user_events
from tests.support.reports import assert_reply, extras, fill, prevented, report, terms
from tests.support.worlds import ALICE, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND
BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET, STOP = OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_LOSS_LIMIT
AT = 1_719_467_634_105

# user-data-stream.md, Order Update: the fields that every report has, and those that only some have
ALWAYS = list("eEscSofqpPFgCxXrilzLnNTtIwmMOZYQV")
SOMETIMES = ["d", "v", "D", "j", "J", "W", "u", "U", "A", "B", "Cs", "pl", "pL", "pY", "b", "a", "k", "uS", "gP", "gOT"]
SOMETIMES += ["gOV", "gp", "eR"]


def told(of: ExecutionReport, unit: TimeUnit = MS) -> dict[str, Any]:
    """Return a report as it is sent, which has every field that all reports have, in their order."""
    event: dict[str, Any] = json.loads(user_events.execution_report(of, unit))
    assert [field for field in event if field in ALWAYS] == ALWAYS
    return event


def more(of: ExecutionReport) -> list[str]:
    """Return the conditional fields of a report, without the working time that nearly all have."""
    return [field for field in told(of) if field not in (*ALWAYS, "W")]


def plain(**changes: Any) -> ExecutionReport:
    """Return the report of a new limit order."""
    order = terms("BTCUSDT", LIMIT, BUY, "2", "100", client_order_id="mine")
    return report(order, 7, AT, **changes)


# The documents' complete examples. papernet's event time is the entry's, so it is the transaction time here.

FAQ_NEW = {
    "e": "executionReport",
    "E": AT,
    "s": "LTCBNB",
    "c": "8LGC97RRgNPVQk979VIhjt",
    "S": "BUY",
    "o": "MARKET",
    "f": "GTC",
    "q": "6.00000000",
    "p": "0.00000000",
    "P": "0.00000000",
    "F": "0.00000000",
    "g": -1,
    "C": "",
    "x": "NEW",
    "X": "NEW",
    "r": "NONE",
    "i": 32,
    "l": "0.00000000",
    "z": "0.00000000",
    "L": "0.00000000",
    "n": "0",
    "N": None,
    "T": AT,
    "t": -1,
    "I": 62,
    "w": True,
    "m": False,
    "M": False,
    "O": AT,
    "Z": "0.00000000",
    "Y": "0.00000000",
    "Q": "0.00000000",
    "W": AT,
    "V": "NONE",
}
FAQ_TRADE: dict[str, Any] = {
    "x": "TRADE",
    "X": "PARTIALLY_FILLED",
    "l": "2.00000000",
    "L": "1.00000000",
    "n": "0.00100000",
    "N": "BNB",
}
FAQ_TRADE |= {"w": False, "M": True, "Y": "2.00000000"}
FAQ_FIRST = FAQ_NEW | FAQ_TRADE | {"z": "2.00000000", "t": 7, "I": 63, "Z": "2.00000000"}
FAQ_SECOND = FAQ_NEW | FAQ_TRADE | {"z": "4.00000000", "t": 8, "I": 65, "Z": "4.00000000"}
FAQ_END = FAQ_NEW | {"x": "EXPIRED", "X": "EXPIRED", "z": "4.00000000", "I": 67, "w": False, "Z": "4.00000000"}


def faq_market_order() -> list[ExecutionReport]:
    """Return the reports of the order in faqs/market_orders_faq."""
    order = terms("LTCBNB", MARKET, BUY, "6", client_order_id="8LGC97RRgNPVQk979VIhjt")
    new = report(order, 32, AT, exec_id=62)
    first = fill(new, "1", "2", "0.001", "BNB", exec_id=63, trade_id=7)
    second = fill(first, "1", "2", "0.001", "BNB", exec_id=65, trade_id=8)
    end = replace(
        new,
        exec_id=67,
        exec_type=ExecType.EXPIRED,
        status=OrderStatus.EXPIRED,
        cum_quantity=second.cum_quantity,
        cum_quote=second.cum_quote,
    )
    return [new, first, second, end]


@pytest.mark.parametrize("place", range(4))
def test_the_market_order_of_the_faq_is_told_as_in_the_faq(place: int) -> None:
    expected = (FAQ_NEW, FAQ_FIRST, FAQ_SECOND, FAQ_END)[place]
    assert_reply(user_events.execution_report(faq_market_order()[place], MS), expected)


def test_the_balances_of_the_faq_are_told_as_in_the_faq() -> None:
    balances = (("LTC", units("3011.11745670"), 0), ("BNB", units("996.11865670"), 0))
    rows = [{"a": "LTC", "f": "3011.11745670", "l": "0.00000000"}, {"a": "BNB", "f": "996.11865670", "l": "0.00000000"}]
    update = AccountUpdate(ALICE, AT * 1_000, balances)
    assert_reply(user_events.account_position(update, MS), {"e": "outboundAccountPosition", "E": AT, "u": AT, "B": rows})


def test_the_order_of_the_documents_is_told_as_in_the_documents() -> None:
    at = 1_499_405_658_657
    order = terms("ETHBTC", LIMIT, BUY, "1", "0.10264410", client_order_id="mUvoqJxFIILMdfAW5iGSOW")
    match = extras(working_at=at, prevented_match_id=3, prevented_quantity="1")
    expected = FAQ_NEW | {
        "E": at,
        "s": "ETHBTC",
        "c": "mUvoqJxFIILMdfAW5iGSOW",
        "o": "LIMIT",
        "q": "1.00000000",
        "p": "0.10264410",
        "i": 4_293_153,
        "T": at,
        "I": 8_641_984,
        "O": at,
        "W": at,
    }
    found = json.loads(user_events.execution_report(report(order, 4_293_153, at, exec_id=8_641_984, extras=match), MS))
    assert found.pop("A") == "1.00000000"
    assert list(found) == [*list(FAQ_NEW)[:24], "v", *list(FAQ_NEW)[24:]]
    assert found == expected | {"v": 3}


def test_the_balance_update_of_the_documents_is_told_as_in_the_documents() -> None:
    at = 1_573_200_697_068
    expected = {"e": "balanceUpdate", "E": at, "a": "BTC", "d": "100.00000000", "T": at}
    assert_reply(user_events.balance_update(BalanceChanged(ALICE, at * 1_000, "BTC", units("100")), MS), expected)


def test_a_withdrawal_is_a_negative_delta() -> None:
    event = json.loads(user_events.balance_update(BalanceChanged(ALICE, AT * 1_000, "BTC", -units("0.5")), MS))
    assert event["d"] == "-0.50000000"


def test_the_external_lock_of_the_documents_is_told_as_in_the_documents() -> None:
    at = 1_581_557_507_268
    expected = {"e": "externalLockUpdate", "E": at, "a": "NEO", "d": "10.00000000", "T": at}
    assert_reply(user_events.external_lock_update(ExternalLock(ALICE, at * 1_000, "NEO", units("10")), MS), expected)


def test_the_list_of_the_documents_is_told_as_in_the_documents() -> None:
    at = 1_564_035_303_625
    members = ((17, "AJYsMjErWJesZvqlJCTUgL"), (18, "bfYPSQdLoqAJeNrOr9adzq"))
    expected = {
        "e": "listStatus",
        "E": at,
        "s": "ETHBTC",
        "g": 2,
        "c": "OCO",
        "l": "EXEC_STARTED",
        "L": "EXECUTING",
        "r": "NONE",
        "C": "F4QN4G8DlFATFlIUQ0cjdD",
        "T": at,
        "O": [{"s": "ETHBTC", "i": order_id, "c": name} for order_id, name in members],
    }
    assert_reply(user_events.list_status(changed_list(at, members), MS), expected)


def changed_list(at: int, members: tuple[tuple[int, str], ...]) -> OrderListChanged:
    """Return the start of the list in user-data-stream.md."""
    status, name = ListOrderStatus.EXECUTING, "F4QN4G8DlFATFlIUQ0cjdD"
    record = OrderListRecord(2, ALICE, "ETHBTC", ListKind.OCO, status, name, at * 1_000, at * 1_000, members)
    return OrderListChanged(record, ListStatusType.EXEC_STARTED, at * 1_000)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ListKind.OCO, "OCO"),
        (ListKind.OTO, "OTO"),
        (ListKind.OTOCO, "OTO"),
        (ListKind.OPO, "OTO"),
        (ListKind.OPOCO, "OTO"),
    ],
)
def test_a_list_is_of_one_of_two_contingency_types(kind: ListKind, expected: str) -> None:
    change = changed_list(AT, ((1, "a"),))
    change = replace(change, record=replace(change.record, kind=kind))
    assert json.loads(user_events.list_status(change, MS))["c"] == expected


def test_the_end_of_a_list_is_told() -> None:
    change = changed_list(AT, ((1, "a"),))
    done = replace(change.record, status=ListOrderStatus.ALL_DONE)
    event = json.loads(user_events.list_status(replace(change, record=done, status_type=ListStatusType.ALL_DONE), MS))
    assert (event["l"], event["L"]) == ("ALL_DONE", "ALL_DONE")


def test_what_happens_to_the_stream_is_told_as_in_the_documents() -> None:
    terminated, key = 1_728_973_001_334, "OfYGbUzi3PraNagEkdKuFwUHn48brFsItTdsuiIXrucEvD0rhRXZ7I6URWfE8YE8"
    assert_reply(user_events.stream_terminated(terminated * 1_000, MS), {"e": "eventStreamTerminated", "E": terminated})
    shutdown = 1_770_123_456_789
    assert_reply(user_events.server_shutdown(shutdown * 1_000, MS), {"e": "serverShutdown", "E": shutdown})
    expired = {"e": "listenKeyExpired", "E": 1_699_596_037_418, "listenKey": key}
    assert_reply(user_events.listen_key_expired(key, 1_699_596_037_418_000, MS), expired)


# Times in both units


def test_times_are_told_in_the_unit_that_was_asked_for() -> None:
    at, created = AT * 1_000 + 123, AT * 1_000 - 877
    stop = replace(plain(), at=at, created_at=created, extras=extras(working_at=AT - 5, trailing_at=AT - 7))
    found = told(replace(stop, terms=replace(stop.terms, order_type=STOP, trailing_delta=4)), US)
    times = {"E": at, "T": at, "O": created, "W": (AT - 5) * 1_000, "D": (AT - 7) * 1_000}
    assert {field: found[field] for field in times} == times
    thousand = told(replace(stop, terms=replace(stop.terms, order_type=STOP, trailing_delta=4)))
    assert {field: thousand[field] for field in times} == {field: value // 1_000 for field, value in times.items()}


@pytest.mark.parametrize(
    ("made", "fields"),
    [
        (lambda unit: user_events.account_position(AccountUpdate(ALICE, 5_001, ()), unit), "Eu"),
        (lambda unit: user_events.balance_update(BalanceChanged(ALICE, 5_001, "A", 1), unit), "ET"),
        (lambda unit: user_events.external_lock_update(ExternalLock(ALICE, 5_001, "A", 1), unit), "ET"),
        (lambda unit: user_events.list_status(replace(changed_list(5, ((1, "a"),)), at=5_001), unit), "ET"),
        (lambda unit: user_events.stream_terminated(5_001, unit), "E"),
        (lambda unit: user_events.listen_key_expired("key", 5_001, unit), "E"),
        (lambda unit: user_events.server_shutdown(5_001, unit), "E"),
    ],
)
def test_every_event_has_its_times_in_the_unit_that_was_asked_for(made: Any, fields: str) -> None:
    for unit, expected in ((US, 5_001), (MS, 5)):
        event = json.loads(made(unit))
        assert {field: event[field] for field in fields} == dict.fromkeys(fields, expected)


# Conditional fields


def test_a_plain_order_has_no_conditional_field_but_its_working_time() -> None:
    assert told(plain())["W"] == AT
    assert more(plain()) == []


def test_an_order_that_does_not_work_yet_has_no_working_time() -> None:
    assert "W" not in told(plain(extras=extras(order_list_id=2)))
    assert told(plain(extras=extras(order_list_id=2, working_at=AT + 5)))["W"] == AT + 5


def test_the_list_of_an_order_is_told() -> None:
    assert told(plain())["g"] == -1
    assert told(plain(extras=extras(order_list_id=2, working_at=AT)))["g"] == 2


def test_a_trailing_stop_tells_its_delta_and_since_when_it_tracks_the_price() -> None:
    stop = terms("BTCUSDT", STOP, SELL, "1", "90", stop_price="95", client_order_id="mine")
    trailing = replace(stop, trailing_delta=4)
    assert more(report(stop, 1, AT, extras=extras())) == []
    waiting = report(trailing, 1, AT, extras=extras())
    assert more(waiting) == ["d"]
    tracking = told(report(trailing, 1, AT, extras=extras(trailing_at=AT + 3)))
    assert (tracking["d"], tracking["D"]) == (4, AT + 3)
    fields = list(tracking)
    assert fields[fields.index("P") + 1] == "d"
    assert fields[fields.index("Q") + 1] == "D"


def test_stop_price_and_iceberg_quantity_are_told() -> None:
    order = terms("BTCUSDT", STOP, SELL, "4", "90", stop_price="95.5", iceberg_quantity="0.25", client_order_id="mine")
    event = told(report(order, 1, AT, extras=extras()))
    assert (event["P"], event["F"]) == ("95.50000000", "0.25000000")


@pytest.mark.parametrize(
    ("strategy_id", "strategy_type", "expected"),
    [(None, None, {}), (1, None, {"j": 1}), (None, 1_000_000, {"J": 1_000_000}), (1, 1_000_000, {"j": 1, "J": 1_000_000})],
)
def test_strategies_are_told_as_far_as_they_were_given(
    strategy_id: int | None, strategy_type: int | None, expected: dict[str, int]
) -> None:
    order = replace(plain().terms, strategy_id=strategy_id, strategy_type=strategy_type)
    event = told(replace(plain(), terms=order))
    assert {field: event[field] for field in "jJ" if field in event} == expected
    assert list(event)[list(event).index("Q") + 1 : list(event).index("V")] == [*expected, "W"]


def test_the_self_trade_prevention_mode_is_told() -> None:
    order = replace(plain().terms, self_trade_mode=SelfTradeMode.EXPIRE_BOTH)
    assert told(replace(plain(), terms=order))["V"] == "EXPIRE_BOTH"


PREVENTED = ["v", "U", "A", "B", "Cs", "pl", "pL", "pY"]
EXPIRED_IN_MATCH = {"exec_type": ExecType.TRADE_PREVENTION, "status": OrderStatus.EXPIRED_IN_MATCH}


def test_a_prevented_match_is_told_to_the_taker() -> None:
    match = replace(prevented("BTCUSDT", 3, (7, 5), "100", ("2", "1.5")), quantity=units("1.5"))
    lost = extras(working_at=AT, prevented_match_id=3, prevented_quantity="2")
    event = told(plain(extras=lost, prevented=match, **EXPIRED_IN_MATCH))
    assert (event["x"], event["X"]) == ("TRADE_PREVENTION", "EXPIRED_IN_MATCH")
    expected = {
        "v": 3,
        "U": 5,
        "A": "2.00000000",
        "B": "2.00000000",
        "Cs": "BTCUSDT",
        "pl": "1.50000000",
        "pL": "100.00000000",
        "pY": "150.00000000",
    }
    assert [field for field in event if field in PREVENTED] == PREVENTED
    assert {field: event[field] for field in PREVENTED} == expected
    assert "u" not in event
    fields = list(event)
    assert fields[fields.index("t") + 1] == "v"


def test_a_prevented_match_is_told_to_the_maker_of_another_symbol_with_the_same_order_id() -> None:
    match = replace(prevented("BTCUSDT", 3, (7, 7), "0.333", ("0", "1")), maker_symbol="BTCUSDC", quantity=units("0.00000001"))
    lost = extras(working_at=AT, prevented_match_id=3, prevented_quantity="1.25")
    order = replace(plain().terms, symbol="BTCUSDC")
    event = told(replace(plain(extras=lost, prevented=match, **EXPIRED_IN_MATCH), terms=order))
    found = {field: event[field] for field in ("U", "Cs", "A", "B", "pY")}
    assert found == {"U": 7, "Cs": "BTCUSDT", "A": "1.25000000", "B": "1.00000000", "pY": "0.00000000"}


def test_the_trade_group_is_told_of_an_order_that_lost_something_in_one() -> None:
    match = prevented("BTCUSDT", 3, (7, 5), "100", ("2", "1.5"))
    lost = extras(working_at=AT, prevented_match_id=3, prevented_quantity="2", trade_group=1)
    event = told(plain(extras=lost, prevented=match, **EXPIRED_IN_MATCH))
    assert event["u"] == 1
    assert list(event)[list(event).index("V") + 1] == "u"


def test_later_reports_tell_what_an_order_lost_but_of_no_prevented_match() -> None:
    lost = extras(working_at=AT, prevented_match_id=3, prevented_quantity="1", trade_group=1)
    later = fill(plain(extras=lost), "100", "1", "0", "BTC", trade_id=1)
    assert more(later) == ["v", "u", "A"]
    assert told(later)["A"] == "1.00000000"


def test_an_allocation_is_told_of_the_fill_and_the_floor_of_the_order() -> None:
    routed = plain(extras=extras(working_at=AT, floor=WorkingFloor.SOR))
    assert more(routed) == ["k", "uS"]
    event = told(fill(routed, "99", "1", "0", "BTC", allocation_id=1_234))
    assert {field: event[field] for field in ("b", "a", "k", "uS", "t")} == {
        "b": "ONE_PARTY_TRADE_REPORT",
        "a": 1_234,
        "k": "SOR",
        "uS": True,
        "t": -1,
    }
    resting = plain(extras=extras(working_at=AT, floor=WorkingFloor.EXCHANGE))
    assert more(fill(resting, "100", "1", "0", "BTC", trade_id=5)) == ["k", "uS"]
    assert told(resting)["k"] == "EXCHANGE"


def test_a_peg_is_told_as_far_as_it_was_given_and_its_price_once_there_is_one() -> None:
    order = replace(plain().terms, peg_price=PegPrice.PRIMARY)
    waiting = replace(plain(extras=extras()), terms=order)
    assert more(waiting) == ["gP"]
    offset = replace(plain(extras=extras(working_at=AT, pegged_price="1")), terms=replace(order, peg_offset=5))
    event = told(offset)
    assert more(offset) == ["gP", "gOT", "gOV", "gp"]
    expected = {"gP": "PRIMARY_PEG", "gOT": "PRICE_LEVEL", "gOV": 5, "gp": "1.00000000"}
    assert {field: event[field] for field in expected} == expected


@pytest.mark.parametrize("reason", ExpiryReason)
def test_the_reason_of_expiry_is_told_of_what_expired(reason: ExpiryReason) -> None:
    event = told(plain(exec_type=ExecType.EXPIRED, status=OrderStatus.EXPIRED, expiry_reason=reason))
    if reason is ExpiryReason.NONE:
        assert "eR" not in event
    else:
        assert event["eR"].startswith(reason.name)
        assert list(event)[-1] == "eR"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, "NONE"),
        (Reason.INSUFFICIENT_BALANCE, "INSUFFICIENT_BALANCES"),
        (Reason.WOULD_TRIGGER, "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY"),
        (Reason.WOULD_TAKE, "WOULD_MATCH_IMMEDIATELY"),
        (Reason.BAD_PRICE_RELATION, "OCO_BAD_PRICES"),
        (Reason.FILTER_FAILURE, "NONE"),
    ],
)
def test_the_reason_of_refusal_is_told_where_it_has_a_name(reason: Reason | None, expected: str) -> None:
    reject = None if reason is None else Reject(reason)
    rejected = ExpiryReason.NONE if reason is None else ExpiryReason.REJECTED
    event = told(plain(exec_type=ExecType.EXPIRED, status=OrderStatus.EXPIRED, expiry_reason=rejected, reject=reject))
    assert (event["r"], event.get("eR")) == (expected, None if reason is None else "REJECTED")


# Names, fees, the book


def test_a_cancelled_order_has_the_name_of_the_request_and_its_own() -> None:
    canceled = plain(exec_type=ExecType.CANCELED, status=OrderStatus.CANCELED, request_id="cancel")
    assert (told(canceled)["c"], told(canceled)["C"]) == ("cancel", "mine")


def test_an_amended_order_has_its_new_name_and_the_old_one() -> None:
    amended = told(plain(exec_type=ExecType.REPLACED, amended_from="older", quantity="1"))
    assert (amended["x"], amended["X"], amended["c"], amended["C"]) == ("REPLACED", "NEW", "mine", "older")
    assert amended["q"] == "1.00000000"


@pytest.mark.parametrize("exec_type", [ExecType.NEW, ExecType.EXPIRED, ExecType.TRADE])
def test_all_others_have_one_name(exec_type: ExecType) -> None:
    event = told(plain(exec_type=exec_type))
    assert (event["c"], event["C"]) == ("mine", "")


def test_a_fill_tells_its_commission_also_when_it_was_nothing() -> None:
    event = told(fill(plain(), "100", "1", "0", "BTC", trade_id=0, is_maker=True))
    assert (event["n"], event["N"], event["t"], event["m"], event["M"]) == ("0.00000000", "BTC", 0, True, True)
    assert (event["l"], event["L"], event["Y"]) == ("1.00000000", "100.00000000", "100.00000000")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"status": OrderStatus.PARTIALLY_FILLED, "exec_type": ExecType.TRADE}, True),
        ({"status": OrderStatus.FILLED, "exec_type": ExecType.TRADE}, False),
        ({"exec_type": ExecType.REPLACED}, True),
        ({"exec_type": ExecType.TRADE_PREVENTION}, True),
        (EXPIRED_IN_MATCH, False),
        ({"status": OrderStatus.CANCELED, "exec_type": ExecType.CANCELED}, False),
        ({"status": OrderStatus.EXPIRED, "exec_type": ExecType.EXPIRED}, False),
        ({"status": OrderStatus.PENDING_NEW, "extras": extras(order_list_id=1)}, False),
        ({"extras": extras()}, False),
        ({"extras": extras(working_at=AT)}, True),
    ],
)
def test_an_order_is_on_the_book_while_it_is_open_and_works(changes: dict[str, Any], expected: bool) -> None:
    assert told(plain(**changes))["w"] is expected


@pytest.mark.parametrize(
    ("order_type", "time_in_force"),
    [(MARKET, TimeInForce.GTC), (LIMIT, TimeInForce.IOC), (LIMIT, TimeInForce.FOK), (OrderType.STOP_LOSS, TimeInForce.GTC)],
)
def test_an_order_that_never_rests_is_on_the_book_only_when_it_is_new(
    order_type: OrderType, time_in_force: TimeInForce
) -> None:
    order = replace(plain().terms, order_type=order_type, time_in_force=time_in_force)
    new = replace(plain(extras=extras(working_at=AT)), terms=order)
    assert told(new)["w"] is True
    assert told(fill(new, "100", "1", "0", "BTC", trade_id=1))["w"] is False


def test_names_of_symbols_and_assets_may_be_anything() -> None:
    order = replace(plain().terms, symbol='币安"人生')
    event = told(fill(replace(plain(), terms=order), "1", "1", "0", '人"生', trade_id=1))
    assert (event["s"], event["N"]) == ('币安"人生', '人"生')
    assert "币安".encode() in user_events.execution_report(replace(plain(), terms=order), MS)
    position = json.loads(user_events.account_position(AccountUpdate(ALICE, 0, (('"', 1, 2),)), MS))
    assert position["B"] == [{"a": '"', "f": "0.00000001", "l": "0.00000002"}]


def test_every_conditional_field_is_in_some_test_above() -> None:
    order = replace(plain().terms, strategy_id=1, strategy_type=2, trailing_delta=3, peg_price=PegPrice.MARKET, peg_offset=1)
    everything = extras(
        working_at=AT,
        trailing_at=AT,
        pegged_price="1",
        prevented_quantity="1",
        prevented_match_id=1,
        trade_group=1,
        floor=WorkingFloor.SOR,
    )
    match = prevented("BTCUSDT", 1, (7, 5), "100", ("1", "1"))
    one = plain(extras=everything, prevented=match, allocation_id=1, expiry_reason=ExpiryReason.REJECTED)
    found = [field for field in told(replace(one, terms=order)) if field not in ALWAYS]
    assert found == SOMETIMES
