"""Addresses: every operation has one, and everything else is told apart."""

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS, Operation
from papernet.protocols.rest.routes import ROUTES, find_operation


def test_every_operation_has_exactly_one_address() -> None:
    addressed = [operation.name for methods in ROUTES.values() for operation in methods.values()]
    assert sorted(addressed) == sorted(OPERATIONS)


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


def test_listen_keys_are_gone() -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert find_operation(method, "/api/v3/userDataStream") == Fault(RequestFault.RETIRED)
