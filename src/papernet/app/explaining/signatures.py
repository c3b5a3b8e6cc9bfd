"""What is wrong with a signature, found out by trying what people do by mistake.

Order of work.  The signature is held against other bytes that the same request could have meant: joined, ordered, encoded or
                cut another way; then against other secrets. The first that it fits says what to change.
Invariant.      No secret leaves here. Nothing is said that was not verified.
Does not.       Look at more than the beginning of a long request, which is all that the log keeps.
Cost.           Some thirty verifications, about 100 us with HMAC and 6 ms with Ed25519: it is done when somebody asks.
Source.         rest-api.md, SIGNED Endpoint security; web-socket-api.md, SIGNED request security.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

from msgspec.structs import replace

from papernet.app.authentication import Authenticator
from papernet.app.explaining.sent import is_message, sent_parameters
from papernet.app.request_log import Record
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType

_HEX_LENGTH: Final = 64
_DIGEST_LENGTH: Final = 32
_KEYS_TRIED_MAX: Final = 200

# the bytes that would have been signed, and what signing those means
Guess = tuple[bytes, str]


def difference(record: Record, keys: Mapping[str, RegisterKey]) -> str:
    """Return a sentence about what differs from what was expected; "" when it cannot be told."""
    call = record.call
    assert call is not None
    key = keys.get(call.api_key)
    if key is None:
        return ""
    return (
        _wrong_form(key, call.signature)
        or _wrong_bytes(record, key, call.payload, call.signature)
        or _wrong_secret(key, keys, call.payload, call.signature)
    )


def _wrong_form(key: RegisterKey, signature: str) -> str:
    """Say when a signature cannot be one of the key's type at all."""
    is_hex = len(signature) == _HEX_LENGTH and all(letter in "0123456789abcdefABCDEF" for letter in signature)
    if key.key_type is KeyType.HMAC and not is_hex:
        if _base64_length(signature) == _DIGEST_LENGTH:
            return "The digest was sent as base64: an HMAC signature is sent as hexadecimal digits."
        return f"An HMAC signature is {_HEX_LENGTH} hexadecimal digits; this one has {len(signature)} characters."
    if key.key_type is not KeyType.HMAC:
        if is_hex:
            return f"The key is of type {key.key_type.name}, but the signature looks like that of an HMAC secret."
        if _base64_length(signature) is None:
            spaces = " in which '+' has become a space: percent-encode it" if " " in signature else ""
            return f"The signature is no base64{spaces}."
    return ""


def _wrong_bytes(record: Record, key: RegisterKey, payload: bytes, signature: str) -> str:
    """Say which other bytes were signed."""
    verify = Authenticator().is_valid
    seen = {payload: ""}
    for guess, meaning in (*_everywhere(payload), *(_of_message(record) if is_message(record) else _of_form(record))):
        if guess not in seen and verify(key, guess, signature):
            return meaning
        seen[guess] = meaning
    return ""


def _everywhere(payload: bytes) -> Iterator[Guess]:
    """Guess what happens to any bytes."""
    yield payload + b"\n", "What was signed had the end of a line behind it: sign without it (`echo -n`)."
    yield payload + b"\r\n", "What was signed had the end of a line behind it: sign without it."
    yield b"?" + payload, "What was signed had the question mark of the URL before it."
    yield payload + b"&", "What was signed ended with an ampersand."
    yield payload + b"&signature=", "What was signed ended with an empty signature parameter: leave it out."
    yield b"", "Nothing was signed: the signature is that of no bytes."
    yield payload.lower(), "What was signed was in small letters."
    pairs = payload.split(b"&")
    for place, pair in enumerate(pairs):
        name = pair.partition(b"=")[0].decode("utf-8", "replace")
        without = [*pairs[:place], *pairs[place + 1 :]]
        yield b"&".join(without), f"The parameter {name!r} was added after signing: sign all parameters but the signature."


def _in_another_order(payload: bytes) -> Iterator[Guess]:
    """Guess in which other order the parameters of a form were signed."""
    pairs = payload.split(b"&")
    yield (
        b"&".join(sorted(pairs)),
        "The parameters were signed in alphabetical order, but sent in another one: sign what is sent.",
    )
    yield b"&".join(reversed(pairs)), "The parameters were signed in the opposite order: sign them as they are sent."
    for place, pair in enumerate(pairs):
        name = pair.partition(b"=")[0].decode("utf-8", "replace")
        without = [*pairs[:place], *pairs[place + 1 :]]
        yield b"&".join([*without, pair]), f"The parameter {name!r} was last when it was signed, but sent at another place."
        yield b"&".join([pair, *without]), f"The parameter {name!r} was first when it was signed, but sent at another place."


def _of_form(record: Record) -> Iterator[Guess]:
    """Guess what happens to queries and bodies."""
    query, body = _unsigned(record.query), _unsigned(record.body)
    if query and body:
        yield (
            query + b"&" + body,
            "Query and body were signed with an ampersand between them: they are joined with nothing between.",
        )
        yield body + query, "The body was signed before the query: the query comes first."
        yield body + b"&" + query, "The body was signed before the query, and with an ampersand between them."
        yield query, "The query alone was signed: the body belongs to what is signed."
        yield body, "The body alone was signed: the query belongs to what is signed."
    whole = query + body
    yield from _in_another_order(whole)
    plain = unquote_plus(whole.decode("utf-8", "replace"))
    yield (
        plain.encode(),
        "What was signed was not percent-encoded, but what was sent is: encode, then sign, then send the same bytes.",
    )
    sent = [(name, value) for name, value in sent_parameters(record).items() if name != "signature"]
    for encode, how in (
        (quote_plus, "spaces as '+'"),
        (_quote_all, "spaces as '%20' and '/' encoded"),
        (quote, "'/' left as it is"),
    ):
        encoded = "&".join(f"{encode(name)}={encode(value)}" for name, value in sent)
        yield encoded.encode(), f"What was signed was percent-encoded ({how}), but what was sent was encoded another way."
        yield encoded.replace("%2C", ",").encode(), f"What was signed was percent-encoded ({how}, ',' left as it is)."
    yield _lower_escapes(whole), "What was signed had percent-escapes in small letters (%2c); what was sent has capital ones."
    yield _upper_escapes(whole), "What was signed had percent-escapes in capital letters (%2C); what was sent has small ones."


def _of_message(record: Record) -> Iterator[Guess]:
    """Guess what happens to the parameters of a message (web-socket-api.md: sorted, and as they are, not encoded)."""
    sent = {name: value for name, value in sent_parameters(record).items() if name != "signature"}
    joined = "&".join(f"{name}={value}" for name, value in sent.items())
    yield joined.encode(), "The parameters were signed in the order in which they were sent: sort them by name."
    without_key = {name: value for name, value in sent.items() if name != "apiKey"}
    for some, less in ((sent, ""), (without_key, "without apiKey")):
        ordered = sorted(some.items())
        if less:
            yield (
                "&".join(f"{name}={value}" for name, value in ordered).encode(),
                "apiKey was not signed: it belongs to the parameters.",
            )
            yield (
                "&".join(f"{name}={value}" for name, value in some.items()).encode(),
                "apiKey was not signed, and nothing was sorted.",
            )
        for encode in (quote_plus, _quote_all):
            encoded = "&".join(f"{name}={encode(value)}" for name, value in ordered)
            yield (
                encoded.encode(),
                f"What was signed was percent-encoded{' and ' + less if less else ''}: here values are signed as they are.",
            )


def _wrong_secret(key: RegisterKey, keys: Mapping[str, RegisterKey], payload: bytes, signature: str) -> str:
    """Say which other secret was used."""
    verify = Authenticator().is_valid
    if key.key_type is KeyType.HMAC:
        for secret, meaning in (
            (key.secret + "\n", "The secret was used with the end of a line behind it: strip what was read from a file."),
            (key.secret + "\r\n", "The secret was used with the end of a line behind it: strip what was read from a file."),
            (" " + key.secret, "The secret was used with a space before it."),
            (key.secret + " ", "The secret was used with a space behind it."),
            (key.api_key, "The API key was used as the secret."),
            ("", "An empty secret was used."),
        ):
            if verify(replace(key, secret=secret, api_key=""), payload, signature):
                return meaning
    tried = 0
    for other in keys.values():
        if other.key_type is not key.key_type or other.api_key == key.api_key:
            continue
        tried += 1
        if tried > _KEYS_TRIED_MAX:
            break
        if verify(other, payload, signature):
            return f"The bytes are right, but the secret is that of another API key: {other.api_key}."
    return ""


def _base64_length(text: str) -> int | None:
    """Return how many bytes a base64 text is; None when it is none."""
    try:
        return len(b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def _unsigned(raw: bytes) -> bytes:
    """Return a query or a form without its signature."""
    return b"&".join(pair for pair in raw.split(b"&") if not pair.startswith(b"signature="))


def _quote_all(text: str) -> str:
    return quote(text, safe="")


def _lower_escapes(raw: bytes) -> bytes:
    first, *others = raw.split(b"%")
    return b"%".join([first, *(part[:2].lower() + part[2:] for part in others)])


def _upper_escapes(raw: bytes) -> bytes:
    first, *others = raw.split(b"%")
    return b"%".join([first, *(part[:2].upper() + part[2:] for part in others)])
