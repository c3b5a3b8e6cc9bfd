"""The OpenAPI document of the control plane, made from the rows of its table and the Structs that bodies are decoded as.

Order of work.  One operation a row; the schemas of bodies and answers come from their types, each once, under components.
Invariant.      What is not in the table is not in the document, and nothing is said here that a row or a type says.
Does not.       Describe the exchange's own protocol, whose documents are published.
Source.         OpenAPI Specification 3.1.0; its schemas are JSON Schema 2020-12, which msgspec writes.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from msgspec import json

from papernet.control.calls import Call

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_REFERENCES: Final = "#/components/schemas/{name}"
_TOKEN: Final = "token"  # noqa: S105  the name of a way to authenticate, not a token

_ERROR: Final = {
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
# docs/control.md: what each status of a refusal means
_REFUSALS: Final = {
    "400": "The body, the query or what they ask for cannot be used; `error` says why.",
    "401": "The token is absent or wrong.",
    "403": "The request comes from another machine.",
    "404": "What the request is about does not exist.",
    "409": "The state does not allow it.",
}


def openapi_document(rows: Iterable[Call], *, prefix: str, version: str) -> dict[str, Any]:
    """Return the document of all calls of `rows`, which stand under `prefix`."""
    calls = tuple(rows)
    types = [*(call.body for call in calls if call.body is not None), *(call.answer for call in calls)]
    schemas, components = json.schema_components(types, ref_template=_REFERENCES)
    by_type = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, by_type)
    refusals = {status: {"description": text, "content": _json(_reference("Error"))} for status, text in _REFUSALS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "papernet control plane", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": prefix}],
        "security": [{_TOKEN: []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR, **components},
            "responses": {f"Refused{status}": told for status, told in refusals.items()},
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(call: Call, by_type: dict[str, dict[str, Any]]) -> dict[str, Any]:
    statuses = [status for status in _REFUSALS if call.needs_token or status != "401"]
    told: dict[str, Any] = {
        "operationId": _operation_id(call),
        "tags": [call.path.split("/")[1]],
        "summary": call.summary,
        "parameters": [
            *(_parameter(name, "path", f"The {name} that it is about.") for name in _PLACE.findall(call.path)),
            *(_parameter(name, "query", meaning) for name, meaning in call.query.items()),
        ],
        "responses": {
            "200": {"description": "Done.", "content": _json(by_type[repr(call.answer)])},
            **{status: {"$ref": f"#/components/responses/Refused{status}"} for status in statuses},
        },
    }
    if call.body is not None:
        # A DELETE may say in its query what it would say in its body.
        told["requestBody"] = {"required": call.method == "POST", "content": _json(by_type[repr(call.body)])}
    if not call.needs_token:
        told["security"] = []
    return told


def _operation_id(call: Call) -> str:
    """Return a name that is no other call's, such as "postAccountsNameBalances"."""
    words = re.findall(r"[a-z0-9]+", call.path)
    return call.method.lower() + "".join(word.capitalize() for word in words)


def _parameter(name: str, place: str, meaning: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "description": meaning, "schema": {"type": "string"}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCES.format(name=name)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
