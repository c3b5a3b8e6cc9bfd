"""Addresses of options; that each edition has those of the documents, a conformance test holds."""

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import Operation
from papernet.app.operations.options import Generation, option_rows
from papernet.protocols.rest.option_routes import OptionRoutes


@pytest.mark.parametrize("generation", list(Generation))
def test_every_operation_has_one_address(generation: Generation) -> None:
    routes = OptionRoutes(generation)
    named = [operation.name for methods in routes.by_path.values() for operation in methods.values()]
    assert sorted(named) == sorted(option_rows(generation))


def test_a_method_and_a_path_lead_to_an_operation() -> None:
    routes = OptionRoutes(Generation.CURRENT)
    found = routes.find("DELETE", "/eapi/v1/order")
    assert isinstance(found, Operation)
    assert found.name == "options.order.cancel"
    assert routes.find("PUT", "/eapi/v1/order") == Fault(RequestFault.WRONG_METHOD, ("POST, GET, DELETE",))
    assert routes.allowed("/eapi/v1/order") == "POST, GET, DELETE"


@pytest.mark.parametrize("path", ["/eapi/v1/order/", "/eapi/v1/", "/api/v3/order", "/eapi/v1/income/asyn", "/eapi/v1/account"])
def test_what_is_nowhere_is_unknown(path: str) -> None:
    assert OptionRoutes(Generation.CURRENT).find("GET", path) == Fault(RequestFault.UNKNOWN_PATH)
