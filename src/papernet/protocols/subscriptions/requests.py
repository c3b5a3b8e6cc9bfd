"""Control messages on connections to streams: what a message asks for, and how it is answered.

Order of work.  A message is JSON, has a method, then an id, then the parameters of its method; the first thing that is wrong is
                what the reply tells.
Invariant.      Whatever arrives gives a request or exactly one error reply. Replies carry the id of their request: null where
                it had none that can be told, and no id at all where the message was not even JSON.
Does not.       Judge names of streams: one that stands for nothing is subscribed to in vain.
Source.         web-socket-streams.md, Live Subscribing/Unsubscribing to streams, Error Messages; European Options, the same.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum, unique
from typing import Any, Final

from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder

from papernet.protocols.subscriptions.syntax import Layout, place, survey

# The only property there is.
COMBINED: Final = "combined"

# Of a longer text it is not told where it is wrong: finding out takes microseconds a byte, and everybody would wait.
_SURVEYED_MAX: Final = 4_096

_UNKNOWN_PROPERTY: Final = (0, "Unknown property")
_NOT_BOOLEAN: Final = (1, "Invalid value type: expected Boolean")
_INVALID_REQUEST: Final = 2
_INVALID_JSON: Final = 3
# Not among the documented errors, but what the exchange answers.
TOO_MANY_SUBSCRIPTIONS: Final = (4, "Too many subscriptions")

_BAD_PROPERTY_NAME: Final = (_INVALID_REQUEST, "Invalid request: property name must be a string")
_BAD_ID: Final = (_INVALID_REQUEST, "Invalid request: request ID must be an unsigned integer")
_TOO_MANY_PARAMETERS: Final = (_INVALID_REQUEST, "Invalid request: too many parameters")

_ID_MIN: Final = -(1 << 63)
_ID_MAX: Final = (1 << 63) - 1
_UNSIGNED_MAX: Final = (1 << 64) - 1
# Clients send UUIDs, so "alphanumeric" knows the hyphen, as it does in the WebSocket API.
_id_text: Final = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII).fullmatch

_decode: Final = Decoder().decode
_encode: Final = Encoder().encode

RequestId = int | str | None
StreamError = tuple[int, str]


@unique
class Method(StrEnum):
    """What can be asked for, in the order in which a refusal lists them."""

    SUBSCRIBE = "SUBSCRIBE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    LIST_SUBSCRIPTIONS = "LIST_SUBSCRIPTIONS"
    SET_PROPERTY = "SET_PROPERTY"
    GET_PROPERTY = "GET_PROPERTY"


_METHODS: Final[Mapping[object, Method]] = {method.value: method for method in Method}
_ONE_OF: Final = ", ".join(f"`{method}`" for method in Method)


class Request(Struct, frozen=True):
    """A request. `names` are the streams it is about; `combined` is what the property is set to."""

    method: Method
    id: RequestId
    names: tuple[str, ...] = ()
    combined: bool = False


def result(value: object, request_id: RequestId) -> bytes:
    """Return the reply to a request that succeeded."""
    return b'{"result":%b,"id":%b}' % (_encode(value), _encode(request_id))


def error(what: StreamError, request_id: RequestId) -> bytes:
    """Return the reply to a request that failed."""
    return b'{"error":%b,"id":%b}' % (_body(what), _encode(request_id))


def error_of_nobody(what: StreamError) -> bytes:
    """Return the error that answers no request."""
    return b'{"error":%b}' % _body(what)


def _body(what: StreamError) -> bytes:
    return _encode({"code": what[0], "msg": what[1]})


def is_any_id(value: object) -> bool:
    """Whether a value is the id of a request where it may be a number, a name or null."""
    if value is None:
        return True
    if isinstance(value, str):
        return _id_text(value) is not None
    return type(value) is int and _ID_MIN <= value <= _ID_MAX


def is_unsigned(value: object) -> bool:
    """Whether a value is the id of a request where only unsigned integers are."""
    return type(value) is int and 0 <= value <= _UNSIGNED_MAX


def read_request(text: str, is_id: Callable[[object], bool] = is_any_id) -> Request | bytes:
    """Return what a message asks for, or the reply that tells what is wrong with it; `is_id` says what an id may be."""
    raw = text.encode()
    try:
        message = _decode(raw)
    except (DecodeError, RecursionError):
        found = _survey(raw)
        assert not isinstance(found, Layout), raw
        return _not_json(found or "expected value")
    fields = message if isinstance(message, dict) else {}
    request_id = fields.get("id")
    has_id = "id" in fields and is_id(request_id)
    name = fields.get("method")
    method = _METHODS.get(name) if isinstance(name, str) else None
    if method is None:
        return _about_method(raw, fields, request_id if has_id else None)
    if not has_id:
        return error(_BAD_ID, None)
    params = fields.get("params")
    if params is None:
        params = []
    elif not isinstance(params, list):
        return _about_params(raw, params, request_id)
    request = _READERS[method](method, request_id, params)
    return request if isinstance(request, Request) else error(request, request_id)


def _about_method(raw: bytes, fields: dict[str, Any], request_id: RequestId) -> bytes:
    """Return the reply to a message without a method, or with one that there is not."""
    found = _survey(raw)
    if isinstance(found, str):
        # The decoder follows deeper nesting.
        return _not_json(found)
    if "method" not in fields:
        what = "missing field `method`" + _place(raw, None if found is None else found.end)
    else:
        value = None if found is None else found.members["method"]
        name = fields["method"]
        told = name if isinstance(name, str) or value is None else raw[value].decode()
        what = f"unknown variant `{told}`, expected one of {_ONE_OF}" + _place(raw, None if value is None else value.stop)
    return error((_INVALID_REQUEST, f"Invalid request: {what}"), request_id)


def _about_params(raw: bytes, params: object, request_id: RequestId) -> bytes:
    """Return the reply to a message whose parameters are no list."""
    found = _survey(raw)
    if isinstance(found, str):
        return _not_json(found)
    end = None if found is None else found.members["params"].stop
    what = _mistaken(params, "a sequence") + _place(raw, end)
    return error((_INVALID_REQUEST, f"Invalid request: {what}"), request_id)


def _survey(raw: bytes) -> Layout | str | None:
    """Return what `survey` finds, or None for a text that would take too long to look through."""
    return survey(raw) if len(raw) <= _SURVEYED_MAX else None


def _place(raw: bytes, end: int | None) -> str:
    """Return the place in a text, with the space before it, where it is known."""
    return "" if end is None else f" {place(raw, end)}"


def _not_json(found: str) -> bytes:
    return error_of_nobody((_INVALID_JSON, f"Invalid JSON: {found}"))


def _mistaken(value: object, expected: str) -> str:
    """Return what a value is instead of what was expected, in the words that the documented replies are made of."""
    if value is None:
        what = "null"
    elif isinstance(value, bool):
        what = f"boolean `{str(value).lower()}`"
    elif isinstance(value, str):
        what = f"string {_encode(value).decode()}"
    elif isinstance(value, int):
        what = f"integer `{value}`"
    elif isinstance(value, float):
        what = f"floating point `{value}`"
    else:
        what = "sequence" if isinstance(value, list) else "map"
    return f"invalid type: {what}, expected {expected}"


def _names(method: Method, request_id: RequestId, params: list[Any]) -> Request | StreamError:
    for param in params:
        if not isinstance(param, str):
            return _INVALID_REQUEST, f"Invalid request: {_mistaken(param, 'a string')}"
    return Request(method, request_id, tuple(params))


def _nothing(method: Method, request_id: RequestId, params: list[Any]) -> Request | StreamError:
    return _TOO_MANY_PARAMETERS if params else Request(method, request_id)


def _property(method: Method, request_id: RequestId, params: list[Any]) -> Request | StreamError:
    """Read the name of a property and, where it is to be set, its value."""
    is_set = method is Method.SET_PROPERTY
    if len(params) > (2 if is_set else 1):
        return _TOO_MANY_PARAMETERS
    if not params or not isinstance(params[0], str):
        return _BAD_PROPERTY_NAME
    if params[0] != COMBINED:
        return _UNKNOWN_PROPERTY
    if not is_set:
        return Request(method, request_id)
    value = params[1] if len(params) == 2 else None
    return Request(method, request_id, combined=value) if isinstance(value, bool) else _NOT_BOOLEAN


_READERS: Final[Mapping[Method, Callable[[Method, RequestId, list[Any]], Request | StreamError]]] = {
    Method.SUBSCRIBE: _names,
    Method.UNSUBSCRIBE: _names,
    Method.LIST_SUBSCRIPTIONS: _nothing,
    Method.SET_PROPERTY: _property,
    Method.GET_PROPERTY: _property,
}
