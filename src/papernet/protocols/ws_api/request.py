"""From a text message to a request: an id to echo, a method, and named texts as every JSON door reads them.

Order of work.  The message is decoded once. Its id is looked at first, so that whatever else is wrong can be answered with it;
                then the method; then the parameters, each of which becomes the text that was sent: a string as it is, a number
                digit for digit, a list as compact JSON, null as nothing.
Invariant.      Whatever arrives gives one message; what is wrong with it is its fault. What is signed is
                made of the texts alone.
Does not.       Know methods or kinds of parameters.
Source.         web-socket-api.md, Request format, SIGNED request security. Which ids are refused and how, the documents do not
                say: it is what the exchange answers.
"""

import json
import re
from typing import Any, Final

from msgspec import UNSET, DecodeError, Raw, Struct
from msgspec.json import Decoder, Encoder

from papernet.app.faults import Fault, RequestFault

_SIGNATURE: Final = "signature"
_NULL: Final = b"null"
_ID_MIN: Final = -(1 << 63)
_ID_MAX: Final = (1 << 63) - 1

_MALFORMED: Final = Fault(RequestFault.MALFORMED_MESSAGE)
_BAD_ID: Final = Fault(RequestFault.BAD_MESSAGE_FIELD, ("id", "an integer, a string matching '^[a-zA-Z0-9-_]{1,36}$', or null"))
_BAD_METHOD: Final = Fault(RequestFault.BAD_MESSAGE_FIELD, ("method", "a string"))
_BAD_PARAMS: Final = Fault(RequestFault.BAD_MESSAGE_FIELD, ("params", "an object"))
_DUPLICATE: Final = Fault(RequestFault.DUPLICATE_PARAMETER)

_id_text: Final = re.compile(r"[a-zA-Z0-9_-]{1,36}", re.ASCII).fullmatch


class _Fields(Struct, gc=False):
    id: Any = UNSET
    method: Any = UNSET
    params: Any = UNSET


def _as_written(number: str) -> Raw:
    """Keep a number with a fraction or an exponent as it is, wherever it stands."""
    return Raw(number.encode())


_decode: Final = Decoder(_Fields, float_hook=_as_written).decode
_encode: Final = Encoder().encode


class Message(Struct, gc=False):
    """What a message says. `id` is JSON; with a `fault` only what stands before it can be relied on."""

    id: bytes = _NULL
    method: str = ""
    params: dict[str, str] = {}
    fault: Fault | None = None


def read_message(text: str) -> Message:
    """Return what a text message says."""
    try:
        return _read(text)
    except (DecodeError, RecursionError):
        return Message(fault=_MALFORMED)


def _read(text: str) -> Message:
    fields = _decode(text)
    echoed = _echo(fields.id)
    if echoed is None:
        return Message(fault=_BAD_ID)
    method, sent = fields.method, fields.params
    if method.__class__ is not str:
        return Message(echoed, fault=_BAD_METHOD)
    if sent is UNSET or sent is None:
        return Message(echoed, method)
    if sent.__class__ is not dict:
        return Message(echoed, method, fault=_BAD_PARAMS)
    # The decoder keeps the last of two members with one name. Where there is one colon for each member there are no two.
    if text.count(":") != len(sent) + 3 and _has_duplicates(text):
        return Message(echoed, method, fault=_DUPLICATE)
    for name, value in sent.items():
        if value.__class__ is not str:
            sent[name] = _text_of(value)
    return Message(echoed, method, sent)


def signed_payload(params: dict[str, str]) -> bytes:
    """Return what the signature of these parameters is for (web-socket-api.md, SIGNED request example)."""
    return "&".join([f"{name}={params[name]}" for name in sorted(params) if name != _SIGNATURE]).encode()


def _echo(value: object) -> bytes | None:
    """Return an id as it is echoed, or None when it is none."""
    if value.__class__ is str:
        assert isinstance(value, str)
        return b'"%b"' % value.encode() if _id_text(value) is not None else None
    if value.__class__ is int:
        assert isinstance(value, int)
        return b"%d" % value if _ID_MIN <= value <= _ID_MAX else None
    return _NULL if value is None else None


def _text_of(value: object) -> str:
    """Return the text of a parameter that was not sent as a string."""
    if value is None:
        # errors.md, -1102 and -1105: null is as good as empty.
        return ""
    # Numbers as they were written, true and false as JSON has them, lists as REST has them.
    return _encode(value).decode()


def _has_duplicates(text: str) -> bool:
    """Whether some object in a message has two members with one name."""
    found = False

    def look(members: list[tuple[str, object]]) -> None:
        nonlocal found
        found = found or len(dict(members)) != len(members)

    # Numbers are left as they are: only names count.
    json.loads(text, object_pairs_hook=look, parse_int=str, parse_float=str)
    return found
