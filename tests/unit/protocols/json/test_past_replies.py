"""Replies of earlier eras: what is taken out, what is put elsewhere, and what stays as it is."""

from msgspec import json
from msgspec.structs import replace

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.operations import OPERATIONS, TimeUnit
from papernet.app.service import Answered, Denied
from papernet.protocols.json.outcomes import rendered
from papernet.protocols.json.past_replies import editor_of, renderer_of

BEFORE_ALL = Era(**dict.fromkeys(Era.__struct_fields__, False))


def call(name: str) -> Call:
    return Call("192.0.2.1", 0, OPERATIONS[name], {})


def test_today_writes_with_todays_writer() -> None:
    assert renderer_of(TODAY) is rendered
    assert all(editor_of(TODAY, name) is None for name in OPERATIONS)


def test_what_an_era_did_not_change_is_not_even_read() -> None:
    outcome = Answered(OPERATIONS["time"], 1_700_000_000_000_000, 0)
    told = renderer_of(BEFORE_ALL)(outcome, call("time"), TimeUnit.MILLISECOND, {})
    assert told == rendered(outcome, call("time"), TimeUnit.MILLISECOND, {})


def test_a_field_goes_wherever_it_stands_and_the_rest_keeps_its_bytes() -> None:
    edit = editor_of(replace(TODAY, expiry_reason=False), "order.cancelReplace")
    assert edit is not None
    before = '{"a":"é","newOrderResponse":{"x":[{"expiryReason":"A","y":null}]},"n":-1,"z":true}'
    after = '{"a":"é","newOrderResponse":{"x":[{"y":null}]},"n":-1,"z":true}'
    assert edit(before.encode()) == after.encode()
    assert editor_of(replace(TODAY, expiry_reason=False), "order.status") is None


def test_fields_of_several_changes_go_together() -> None:
    edit = editor_of(BEFORE_ALL, "order.place")
    assert edit is not None
    assert edit(b'{"origQuoteOrderQty":"0","expiryReason":"A","status":"NEW"}') == b'{"status":"NEW"}'


def test_permissions_were_one_list_in_the_place_of_the_empty_one() -> None:
    edit = editor_of(replace(TODAY, permission_sets=False), "exchangeInfo")
    assert edit is not None
    row = {"permissions": [], "permissionSets": [["SPOT", "MARGIN"], ["SPOT", "TRD_GRP_004"]], "x": 1}
    told = json.decode(edit(json.encode({"symbols": [row], "rateLimits": []})))
    assert told["symbols"] == [{"permissions": ["SPOT", "MARGIN", "TRD_GRP_004"], "x": 1}]


def test_a_refusal_is_left_alone_but_for_its_former_words() -> None:
    render = renderer_of(BEFORE_ALL)
    for fault, said in (
        (RequestFault.CLIENT_ORDER_ID_MISMATCH, -2013),
        (RequestFault.NO_SUCH_ORDER, -2013),
        (RequestFault.OUTSIDE_RECV_WINDOW, -1021),
    ):
        told = render(Denied(Fault(fault), 0), call("order.status"), TimeUnit.MILLISECOND, {})
        assert (json.decode(told.body)["code"], told.status) == (said, 400)
    refused = Denied(Fault(RequestFault.UNKNOWN_SYMBOL), 0)
    told = render(refused, call("exchangeInfo"), TimeUnit.MILLISECOND, {})
    assert told.body == rendered(refused, call("exchangeInfo"), TimeUnit.MILLISECOND, {}).body
