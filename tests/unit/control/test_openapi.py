"""The OpenAPI document against the rules of OpenAPI 3.1 and against the table of calls."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, ok
from papernet.control.openapi import openapi_document
from tests.support.control_desk import ControlDesk
from tests.support.whole_node import control_calls


@pytest.fixture(scope="module")
def calls() -> tuple[Call, ...]:
    return control_calls()


@pytest.fixture(scope="module")
def document(calls: tuple[Call, ...]) -> dict[str, Any]:
    return openapi_document(calls, prefix="/papernet/v1", version="1.2.3")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_row_is_in_it_and_nothing_else(calls: tuple[Call, ...], document: dict[str, Any]) -> None:
    told = [(method.upper(), path) for path, method, _ in operations(document)]
    assert sorted(told) == sorted((call.method, call.path) for call in calls)


def test_what_the_specification_demands_is_there(document: dict[str, Any]) -> None:
    # OpenAPI 3.1.0, OpenAPI Object, Info Object
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"]
    assert document["info"]["version"] == "1.2.3"
    assert document["servers"] == [{"url": "/papernet/v1"}]
    seen = []
    for path, method, operation in operations(document):
        assert path.startswith("/")
        assert method in ("get", "post", "put", "delete", "patch")
        seen.append(operation["operationId"])
        # Parameter Object: each part of the path that a name is put for is a required parameter, and none twice
        named = [(parameter["name"], parameter["in"]) for parameter in operation["parameters"]]
        assert [name for name, place in named if place == "path"] == re.findall(r"\{(\w+)\}", path)
        assert len(named) == len(dict.fromkeys(named))
        assert all(each["required"] for each in operation["parameters"] if each["in"] == "path")
        assert all(each["schema"] for each in operation["parameters"])
        # Responses Object: at least one, each with a description or a reference
        assert operation["responses"]["200"]["description"]
        assert all("description" in told or "$ref" in told for told in operation["responses"].values())
        if "requestBody" in operation:
            assert list(operation["requestBody"]["content"]) == ["application/json"]
    assert len(seen) == len(dict.fromkeys(seen))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = list(references(document))
    assert len(found) > 20
    for reference in found:
        assert reference.startswith("#/")
        place: Any = document
        for part in reference[2:].split("/"):
            place = place[part]
        assert place


def test_bodies_are_described_field_by_field(calls: tuple[Call, ...], document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for call in calls:
        operation = document["paths"][call.path][call.method.lower()]
        assert ("requestBody" in operation) == (call.body is not None)
        if call.body is not None:
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            assert list(schemas[name]["properties"]) == list(call.body.__struct_encode_fields__)
            assert schemas[name].get("additionalProperties", True) is not call.body.__struct_config__.forbid_unknown_fields


def test_summaries_are_sentences_without_their_stop(calls: tuple[Call, ...]) -> None:
    assert [call.path for call in calls if not call.summary[:1].isupper() or call.summary.endswith(".")] == []
    assert [call.path for call in calls for meaning in call.query.values() if not meaning] == []


def test_only_health_needs_no_token(document: dict[str, Any]) -> None:
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert [path for path, _, operation in operations(document) if operation.get("security") == []] == ["/health"]


def test_the_door_serves_it_to_whoever_has_the_token() -> None:
    desk = ControlDesk()
    assert "/accounts/{name}/balances" in desk.ok("GET", "/openapi.json")["paths"]
    assert desk.ask("GET", "/openapi.json", headers={}).status == 401


class Paint(Struct, forbid_unknown_fields=True):
    colour: str
    coats: int = 1


def paint(_request: ControlRequest, _name: str, _now: int) -> ControlResponse:
    return ok({})


def test_a_row_becomes_an_operation() -> None:
    row = Call(
        method="POST",
        path="/walls/{wall}/paint",
        handler=paint,
        summary="Paint a wall",
        body=Paint,
        query={"dry": "wait"},
        answer=list[Paint],
    )
    document = openapi_document([row], prefix="/x", version="1")
    operation = document["paths"]["/walls/{wall}/paint"]["post"]
    reference = {"$ref": "#/components/schemas/Paint"}
    assert (operation["operationId"], operation["tags"]) == ("postWallsWallPaint", ["walls"])
    assert [(each["name"], each["in"], each["required"]) for each in operation["parameters"]] == [
        ("wall", "path", True),
        ("dry", "query", False),
    ]
    assert operation["requestBody"] == {"required": True, "content": {"application/json": {"schema": reference}}}
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert (answer["type"], answer["items"]) == ("array", reference)
    assert document["components"]["schemas"]["Paint"]["required"] == ["colour"]
