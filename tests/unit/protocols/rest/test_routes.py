"""Addresses: every operation has one, and everything else is told apart."""

import pytest

from papernet.app.eras import TODAY
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, OfConnection, Operation
from papernet.protocols.rest.routes import ROUTES, Routes, find_operation


def test_every_operation_but_those_on_connections_has_exactly_one_address() -> None:
    addressed = [operation.name for methods in ROUTES.values() for operation in methods.values()]
    assert sorted(addressed) == sorted(name for name, row in OPERATIONS.items() if not isinstance(row.does, OfConnection))


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_every_address_is_found_and_other_methods_are_told_which_there_are(path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"):
        found = find_operation(method, path)
        if method in ROUTES[path]:
            assert isinstance(found, Operation)
        else:
            assert found == Fault(RequestFault.WRONG_METHOD, (", ".join(ROUTES[path]),))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/api",
        "/api/v3",
        "/api/v3/",
        "/api/v3/ping/",
        "/api/v3//ping",
        "/API/v3/ping",
        "/api/v1/depth",
        "/sapi/v1/system/status",
        "/fapi/v1/exchangeInfo",
        "/api/v3/order/cancelreplace",
        "/api/v3/orderLists",
        "/api/v3/\ud800",
    ],
)
def test_unknown_paths(path: str) -> None:
    assert find_operation("GET", path) == Fault(RequestFault.UNKNOWN_PATH)


def test_listen_keys_are_gone_unless_they_are_wanted() -> None:
    for method, name in (("POST", "start"), ("PUT", "ping"), ("DELETE", "stop")):
        for path in ("/api/v3/userDataStream", "/api/v1/userDataStream"):
            assert find_operation(method, path) == Fault(RequestFault.RETIRED)
        found = find_operation(method, "/api/v3/userDataStream", has_listen_keys=True)
        assert found is OPERATIONS[f"userDataStream.{name}"]
    assert find_operation("POST", "/api/v1/userDataStream", has_listen_keys=True) == Fault(RequestFault.RETIRED)
    wrong = Fault(RequestFault.WRONG_METHOD, ("POST, PUT, DELETE",))
    assert find_operation("GET", "/api/v3/userDataStream", has_listen_keys=True) == wrong
    assert Routes(TODAY, has_listen_keys=True).allowed("/api/v3/userDataStream") == "POST, PUT, DELETE"
