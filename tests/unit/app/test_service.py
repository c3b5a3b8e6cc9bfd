"""What a service makes of calls: one kind of outcome each, and from which entry on it may be told."""

import hashlib
import hmac
from typing import Any

import pytest
from msgspec import json

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.gateway import Call
from papernet.app.operations import OPERATIONS
from papernet.app.operations.options import Generation, option_rows
from papernet.app.queries.option_values import PlacedOrder
from papernet.app.service import Admitted, Answered, Denied, Done, Service, Several, Unavailable
from papernet.core.commands import NewOrder, PlaceOption
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.params import read_params
from tests.support.eapi_desk import EapiDesk
from tests.support.option_market import CALL
from tests.support.rest_desk import ALICE_KEY, IP, SECRET, Desk
from tests.support.worlds import START

LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "100"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def call(name: str, **sent: Any) -> Call:
    operation = OPERATIONS[name]
    texts = {key: str(value) for key, value in sent.items()}
    if operation.signed:
        texts["timestamp"] = str(START // 1000)
    params = read_params(operation, texts)
    assert not isinstance(params, Fault), params
    signature = hmac.new(SECRET.encode(), b"payload", hashlib.sha256).hexdigest()
    return Call(IP, START, operation, params, None, ALICE_KEY, b"payload", signature)


def used(service: Service) -> int:
    return service.gateway.limits.used_weight(IP, START)


def test_a_question_of_the_public_may_be_answered_at_once(desk: Desk) -> None:
    outcome = desk.service.perform(call("time"), START)
    assert outcome == Answered(OPERATIONS["time"], START, 0)


def test_what_an_account_is_shown_of_itself_waits_for_the_newest_entry(desk: Desk) -> None:
    outcome = desk.service.perform(call("account.status"), START)
    assert isinstance(outcome, Answered)
    assert outcome.durable_seq == desk.sequencer.last_seq > 0


def test_a_command_that_succeeds_tells_the_order_counts_and_weighs_nothing(desk: Desk) -> None:
    outcome = desk.service.perform(call("order.place", **LIMIT), START)
    assert isinstance(outcome, Done)
    assert isinstance(outcome.command, NewOrder)
    assert outcome.applied.seq == desk.sequencer.last_seq
    assert outcome.order_counts == (1, 1)
    assert used(desk.service) == 0


def test_an_operation_that_costs_no_orders_tells_no_counts(desk: Desk) -> None:
    desk.service.perform(call("order.place", **LIMIT), START)
    outcome = desk.service.perform(call("openOrders.cancelAll", symbol="BTCUSDT"), START)
    assert isinstance(outcome, Done)
    assert outcome.order_counts is None


def test_a_refusal_of_the_machine_keeps_its_weight_and_waits_for_its_entry(desk: Desk) -> None:
    outcome = desk.service.perform(call("order.place", **LIMIT | {"quantity": "1000000"}), START)
    assert isinstance(outcome, Denied)
    assert isinstance(outcome.reason, Reject)
    assert outcome.durable_seq == desk.sequencer.last_seq
    assert used(desk.service) == 1


def test_a_replacement_that_fails_in_part_keeps_its_weight(desk: Desk) -> None:
    terms = LIMIT | {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": 999}
    outcome = desk.service.perform(call("order.cancelReplace", **terms), START)
    assert isinstance(outcome, Done)
    assert used(desk.service) == 1


def test_a_dry_run_changes_nothing_and_is_refused_like_the_order(desk: Desk) -> None:
    before = desk.sequencer.last_seq
    assert isinstance(desk.service.perform(call("order.test", **LIMIT), START), Answered)
    outcome = desk.service.perform(call("order.test", **LIMIT | {"price": "0.001"}), START)
    assert isinstance(outcome, Denied)
    assert isinstance(outcome.reason, Reject)
    assert outcome.reason.reason is Reason.FILTER_FAILURE
    assert desk.sequencer.last_seq == before


def test_guards_and_queries_refuse_with_faults(desk: Desk) -> None:
    forged = call("account.status")
    forged.signature = "00"
    assert desk.service.perform(forged, START) == Denied(Fault(RequestFault.BAD_SIGNATURE), START)
    missing = desk.service.perform(call("order.status", symbol="BTCUSDT", orderId=77), START)
    assert missing == Denied(Fault(RequestFault.NO_SUCH_ORDER), START)


def test_what_is_about_the_connection_is_left_to_the_door(desk: Desk) -> None:
    assert desk.service.perform(call("session.logon"), START) == Admitted(OPERATIONS["session.logon"], 1)
    assert desk.service.perform(call("session.status"), START) == Admitted(OPERATIONS["session.status"], 0)


def test_a_halted_exchange_says_so_to_commands_and_still_answers(desk: Desk) -> None:
    desk.sequencer.halt("the disk is full")
    assert desk.service.perform(call("order.place", **LIMIT), START) == Unavailable()
    assert isinstance(desk.service.perform(call("account.status"), START), Answered)


ORDER = {"symbol": CALL, "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "1500"}


def change(desk: EapiDesk, name: str, **sent: str) -> Call:
    """Return an admitted call of an operation on options."""
    operation = option_rows(Generation.CURRENT)[name]
    params = read_params(operation, sent | {"timestamp": str(desk.now // 1_000)})
    assert not isinstance(params, Fault), params
    signature = hmac.new(SECRET.encode(), b"payload", hashlib.sha256).hexdigest()
    return Call(IP, desk.now, operation, params, None, ALICE_KEY, b"payload", signature)


def test_what_a_change_came_to_is_told_as_a_value() -> None:
    desk = EapiDesk()
    outcome = desk.service.perform(change(desk, "options.order.place", **ORDER), desk.now)
    assert isinstance(outcome, Answered)
    assert isinstance(outcome.value, PlacedOrder)
    assert (outcome.durable_seq, outcome.order_counts) == (desk.sequencer.last_seq, (1, 1))
    assert outcome.operation.name == "options.order.place"


def test_a_change_that_the_venue_refuses_is_denied() -> None:
    desk = EapiDesk()
    outcome = desk.service.perform(change(desk, "options.order.place", **ORDER | {"price": "1501"}), desk.now)
    assert isinstance(outcome, Denied)
    assert outcome.reason == Reject(Reason.OPTION_TICK_SIZE)
    assert isinstance(outcome.command, PlaceOption)
    assert (outcome.durable_seq, outcome.order_counts) == (desk.sequencer.last_seq, (0, 0))


def test_a_change_that_brings_nothing_about_is_told_too() -> None:
    desk = EapiDesk()
    outcome = desk.service.perform(change(desk, "options.allOpenOrders.cancel", symbol=CALL), desk.now)
    assert isinstance(outcome, Answered)
    assert (outcome.value, outcome.order_counts) == (0, None)


def test_of_several_changes_each_comes_to_something_by_itself() -> None:
    desk = EapiDesk()
    orders = json.encode([ORDER, ORDER | {"price": "1501"}, ORDER | {"price": "0"}]).decode()
    outcome = desk.service.perform(change(desk, "options.batchOrders.place", orders=orders), desk.now)
    assert isinstance(outcome, Answered)
    assert isinstance(outcome.value, Several)
    placed, refused, wrong = outcome.value.outcomes
    assert isinstance(placed, Answered)
    assert isinstance(refused, Denied)
    assert isinstance(wrong, Denied)
    assert refused.reason == Reject(Reason.OPTION_TICK_SIZE)
    assert wrong.reason == Fault(OptionFault.NOT_A_PRICE, ("price",))
    assert (outcome.durable_seq, outcome.order_counts) == (desk.sequencer.last_seq, (1, 1))


@pytest.mark.parametrize(
    ("name", "sent"),
    [("options.order.place", ORDER), ("options.batchOrders.place", {"orders": f"[{json.encode(ORDER).decode()}]"})],
)
def test_a_halted_exchange_changes_nothing_about_options_either(name: str, sent: dict[str, str]) -> None:
    desk = EapiDesk()
    desk.sequencer.halt("the disk is full")
    assert desk.service.perform(change(desk, name, **sent), desk.now) == Unavailable()


def test_a_block_order_whose_leg_is_wrong_is_denied_before_the_exchange_is_asked() -> None:
    desk = EapiDesk()
    legs = json.encode([ORDER | {"price": "0"}]).decode()
    before = desk.sequencer.last_seq
    outcome = desk.service.perform(change(desk, "options.block.order.create", liquidity="MAKER", legs=legs), desk.now)
    assert isinstance(outcome, Denied)
    assert (outcome.reason, desk.sequencer.last_seq) == (Fault(OptionFault.NOT_A_PRICE, ("price",)), before)
