"""Operations on a connection: who may ask for them and with what (web-socket-api.md; older editions for listen keys)."""

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, OfConnection, Proof, Security
from papernet.app.operations.session import ROWS
from papernet.protocols.json.params import read_params

SIGNED = {"timestamp": "1700000000000"}

EXPECTED = {
    "session.logon": (Security.ANY, Proof.SIGNATURE, ["recvWindow", "timestamp"]),
    "session.status": (Security.NONE, Proof.NONE, []),
    "session.logout": (Security.NONE, Proof.NONE, []),
    "session.subscriptions": (Security.NONE, Proof.NONE, []),
    "userDataStream.subscribe": (Security.USER_STREAM, Proof.SESSION, []),
    "userDataStream.subscribe.signature": (Security.USER_STREAM, Proof.SIGNATURE, ["recvWindow", "timestamp"]),
    "userDataStream.unsubscribe": (Security.NONE, Proof.NONE, ["subscriptionId"]),
    "userDataStream.start": (Security.USER_STREAM, Proof.KEY, []),
    "userDataStream.ping": (Security.USER_STREAM, Proof.KEY, ["listenKey"]),
    "userDataStream.stop": (Security.USER_STREAM, Proof.KEY, ["listenKey"]),
}


def test_there_are_these_operations_on_connections_and_no_others() -> None:
    assert [row.name for row in OPERATIONS.values() if isinstance(row.does, OfConnection)] == list(EXPECTED)
    assert [row.name for row in ROWS] == list(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_security_proof_and_parameters(name: str) -> None:
    row = OPERATIONS[name]
    assert (row.security, row.proof, [param.name for param in row.parameters]) == EXPECTED[name]
    assert row.weight == row.least_weight == 2
    assert not row.free_when_done


def test_a_subscription_is_named_by_its_number_or_not_at_all() -> None:
    row = OPERATIONS["userDataStream.unsubscribe"]
    assert read_params(row, {}) == {"subscriptionId": None}
    assert read_params(row, {"subscriptionId": "7"}) == {"subscriptionId": 7}
    assert isinstance(read_params(row, {"subscriptionId": "x"}), Fault)


@pytest.mark.parametrize("name", ["userDataStream.ping", "userDataStream.stop"])
def test_a_listen_key_is_letters_and_digits(name: str) -> None:
    row = OPERATIONS[name]
    assert read_params(row, {"listenKey": "aB3"}) == {"listenKey": "aB3"}
    assert read_params(row, {}) == Fault(RequestFault.MISSING_PARAMETER, ("listenKey",))
    for text in ("a-b", "é", "x" * 65):
        fault = read_params(row, {"listenKey": text})
        assert isinstance(fault, Fault)
        assert fault.fault is RequestFault.ILLEGAL_CHARACTERS
