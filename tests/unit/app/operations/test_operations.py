"""The table is whole: every row can be read, weighed, done and told."""

import pytest

from papernet.app.operations import OPERATIONS, DryRun, Kind, OfConnection, Operation, Proof, Query, Security, Submit
from papernet.app.queries import QUERIES
from papernet.protocols.json.replies import RENDERERS

ROWS = list(OPERATIONS.values())


def test_names_are_the_keys() -> None:
    assert [operation.name for operation in ROWS] == list(OPERATIONS)


@pytest.mark.parametrize("operation", ROWS, ids=lambda operation: operation.name)
def test_every_question_has_a_query_and_a_renderer(operation: Operation) -> None:
    asks = isinstance(operation.does, Query | DryRun)
    assert (operation.name in QUERIES) is asks
    assert (operation.name in RENDERERS) is asks


@pytest.mark.parametrize("operation", ROWS, ids=lambda operation: operation.name)
def test_parameters_are_well_formed(operation: Operation) -> None:
    names = [param.name for param in operation.parameters]
    assert len(dict.fromkeys(names)) == len(names)
    for param in operation.parameters:
        assert bool(param.values) is (param.kind is Kind.ENUM)
        assert not (param.mandatory and param.default is not None)
        assert not param.lowered or param.maximum is not None


@pytest.mark.parametrize("operation", ROWS, ids=lambda operation: operation.name)
def test_signed_operations_have_a_timestamp_and_all_others_none(operation: Operation) -> None:
    names = [param.name for param in operation.parameters]
    assert (operation.proof is Proof.NONE) is (operation.security is Security.NONE)
    if not isinstance(operation.does, OfConnection):
        assert operation.signed is (operation.security is not Security.NONE)
    assert (names[-2:] == ["recvWindow", "timestamp"]) is operation.signed


def test_only_questions_and_what_is_on_connections_are_public_and_only_new_orders_count() -> None:
    for operation in ROWS:
        if operation.security is Security.NONE:
            assert isinstance(operation.does, Query | OfConnection)
        if isinstance(operation.does, Submit | DryRun):
            assert operation.security is Security.TRADE
    assert {operation.name: operation.order_cost for operation in ROWS if operation.order_cost} == {
        "order.place": 1,
        "order.cancelReplace": 1,
        "sor.order.place": 1,
        "orderList.place": 2,
        "orderList.place.oco": 2,
        "orderList.place.oto": 2,
        "orderList.place.opo": 2,
        "orderList.place.otoco": 3,
        "orderList.place.opoco": 3,
    }


@pytest.mark.parametrize("operation", ROWS, ids=lambda operation: operation.name)
def test_a_row_does_not_say_a_weight_twice(operation: Operation) -> None:
    if isinstance(operation.weight, int):
        assert operation.least_weight == operation.weight
    else:
        assert operation.least_weight > 0
