"""From the raw bytes of a request to named texts, and what of them was signed.

Order of work.  The signature's pair is cut out of the raw query and of the raw body; what remains of both, joined with nothing
                between them, is the signed payload. Then both are read as form data, whatever the content type says.
Invariant.      Signed bytes are never decoded, sorted or encoded again before they are verified: clients differ in all of that.
Does not.       Know operations or kinds of parameters.
Source.         rest-api.md, General Information on Endpoints, SIGNED Endpoint Examples.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from papernet.app.faults import Fault, RequestFault
from papernet.app.hindrances import Cut

_SIGNATURE: Final = b"signature"
_PREFIX: Final = b"signature="

_UNDECODABLE: Final = Fault(RequestFault.UNDECODABLE)
_DUPLICATE: Final = Fault(RequestFault.DUPLICATE_PARAMETER)


class Request(Struct, frozen=True):
    """One HTTP request. Header names are lower-case; `received_at` is when its head arrived, microseconds UTC."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes
    ip: str
    received_at: int


class Hindering(Struct, frozen=True):
    """What goes wrong with a response on purpose.

    It leaves not before `at`, and ends as `cut` says. With `resume`, there is none yet: that makes it, once it is `at`.
    """

    at: int = 0
    cut: Cut = Cut.NONE
    resume: "Callable[[int], Response] | None" = None


class Response(Struct, frozen=True):
    """One HTTP response; it may leave once the journal is durable up to `durable_seq`, and then as `hindering` lets it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    durable_seq: int = 0
    hindering: Hindering | None = None


class Form(Struct, frozen=True):
    """What a request says: its parameters (the signature among them), and what the signature was made of."""

    sent: dict[str, str]
    payload: bytes
    signature: str


def read_form(query: bytes, body: bytes) -> Form | Fault:
    """Return what query and body say together; a parameter in both is the query's."""
    signature = b""
    signed_query, found = _cut_signature(query)
    if found is not None:
        signature = found
    sent = _pairs(signed_query)
    if isinstance(sent, Fault):
        return sent
    signed_body = b""
    if body:
        signed_body, in_body = _cut_signature(body)
        if in_body is not None and found is None:
            signature = found = in_body
        more = _pairs(signed_body)
        if isinstance(more, Fault):
            return more
        sent = more | sent
    if found is None:
        return Form(sent, signed_query + signed_body, "")
    if "signature" in sent:
        return _DUPLICATE
    # Only percent-encoding is undone: the "+" of a base64 signature sent as it is must stay.
    text = (unquote_to_bytes(signature) if b"%" in signature else signature).decode("ascii", "replace")
    sent["signature"] = text
    return Form(sent, signed_query + signed_body, text)


def decoded(payload: bytes) -> bytes:
    """Return a signed payload as it was before it was percent-encoded, b"" when that is no other."""
    return unquote_to_bytes(payload.replace(b"+", b" ")) if b"%" in payload or b"+" in payload else b""


def _cut_signature(raw: bytes) -> tuple[bytes, bytes | None]:
    """Return `raw` without its (last) signature pair and that pair's value, or None."""
    start = raw.rfind(_PREFIX)
    if start < 0:
        return raw, None
    if start and raw[start - 1] != 0x26:  # "&"
        return _cut_signature_slowly(raw)
    end = raw.find(b"&", start)
    if end < 0:
        return raw[: max(start - 1, 0)], raw[start + len(_PREFIX) :]
    return raw[:start] + raw[end + 1 :], raw[start + len(_PREFIX) : end]


def _cut_signature_slowly(raw: bytes) -> tuple[bytes, bytes | None]:
    """Do the same where "signature=" also ends another parameter's name."""
    pairs = raw.split(b"&")
    for index in range(len(pairs) - 1, -1, -1):
        name, _, value = pairs[index].partition(b"=")
        if name == _SIGNATURE:
            del pairs[index]
            return b"&".join(pairs), value
    return raw, None


def _pairs(raw: bytes) -> dict[str, str] | Fault:
    sent: dict[str, str] = {}
    if not raw:
        return sent
    encoded = b"%" in raw or b"+" in raw
    try:
        # Raw non-ASCII bytes are taken as UTF-8 too.
        pairs = raw.decode("utf-8").split("&")
        if not encoded:
            plain = _plain_pairs(pairs)
            if plain is not None:
                return plain
        for pair in pairs:
            if not pair:
                continue
            name, _, value = pair.partition("=")
            if encoded:
                name, value = _unquote(name), _unquote(value)
            if name in sent:
                return _DUPLICATE
            sent[name] = value
    except UnicodeDecodeError:
        return _UNDECODABLE
    return sent


def _plain_pairs(pairs: list[str]) -> dict[str, str] | None:
    """Return pairs without anything to look at twice, as most requests have them; None when there is such a thing."""
    try:
        sent = dict([pair.split("=", 1) for pair in pairs])
    except ValueError:
        return None
    return sent if len(sent) == len(pairs) else None


def _unquote(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_to_bytes(text).decode("utf-8") if "%" in text else text
