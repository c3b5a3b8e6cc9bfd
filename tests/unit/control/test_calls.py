"""The table of the control plane's calls: which path leads to which row."""

import pytest

from papernet.control.calls import Call, CallTable
from papernet.control.messages import ControlRequest, ControlResponse, ok


def handle(_request: ControlRequest, name: str, _now: int) -> ControlResponse:
    return ok(name)


def row(method: str, path: str) -> Call:
    return Call(method=method, path=path, handler=handle, summary="Do something")


ROWS = (row("GET", "/things"), row("POST", "/things"), row("POST", "/things/{name}/colour"), row("GET", "/things/by.id/{id}"))


def test_a_plain_path_leads_to_its_methods_in_the_order_of_the_rows() -> None:
    methods, name = CallTable(ROWS).at("/things")
    assert (list(methods), name) == (["GET", "POST"], "")
    assert methods["POST"] is ROWS[1]


@pytest.mark.parametrize(
    ("path", "expected", "name"),
    [
        ("/things/red/colour", ROWS[2], "red"),
        ("/things/a b/colour", ROWS[2], "a b"),
        ("/things/by.id/17", ROWS[3], "17"),
    ],
)
def test_a_name_stands_in_its_place(path: str, expected: Call, name: str) -> None:
    methods, found = CallTable(ROWS).at(path)
    assert (list(methods.values()), found) == ([expected], name)


@pytest.mark.parametrize(
    "path", ["", "/", "/thing", "/things//colour", "/things/a/b/colour", "/things/byxid/17", "/things/by.id/" + "x" * 65]
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert CallTable(ROWS).at(path) == ({}, "")


def test_a_row_stands_there_once() -> None:
    with pytest.raises(AssertionError, match="twice"):
        CallTable((*ROWS, ROWS[2]))
