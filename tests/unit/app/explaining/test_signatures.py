"""Which mistake in signing is found out, each made as clients make it, and that no secret is told."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode

import pytest
from msgspec import json

from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType, Permission
from papernet.protocols.ws_api.door import WsApiDoor
from tests.support.explained import ExplainedDesk
from tests.support.rest_desk import ALICE_KEY, SECRET
from tests.support.ws_desk import ED25519_KEY, WsDesk, ed25519_private_key, pem_of

_ALL = (Permission.USER_DATA, Permission.TRADE, Permission.USER_STREAM)
# As good a path as any: a signed request with text in it.
PATH = "/api/v3/order"


def digest(payload: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def stamped(desk: ExplainedDesk, **params: str) -> dict[str, str]:
    return {"symbol": "BTCUSDT", "origClientOrderId": "a/b", **params, "timestamp": str(desk.now // 1000)}


def hint_of(desk: ExplainedDesk, query: str, body: str = "", method: str = "DELETE", key: str = ALICE_KEY) -> str:
    answer = json.decode(desk.send(method, PATH, query, body, headers={b"x-mbx-apikey": key.encode()}).body)
    assert answer["code"] == -1022, answer
    told = desk.explain()
    assert told.guard == "BAD_SIGNATURE"
    assert SECRET not in str(json.encode(told))
    assert len(told.hints) == 1
    return told.hints[0]


@pytest.mark.parametrize(
    ("mistake", "hint"),
    [
        (lambda raw: raw + "\n", "the end of a line"),
        (lambda raw: "?" + raw, "question mark"),
        (lambda raw: raw + "&", "ampersand"),
        (lambda raw: raw + "&signature=", "empty signature"),
        (lambda _raw: "", "Nothing was signed"),
        (str.lower, "small letters"),
        (lambda raw: "&".join(sorted(raw.split("&"))), "alphabetical"),
        (lambda raw: "&".join(reversed(raw.split("&"))), "opposite order"),
        (lambda raw: "&".join(raw.split("&")[:-1]), "'timestamp' was added after signing"),
        (lambda raw: "&".join([*raw.split("&")[1:], raw.split("&")[0]]), "'symbol' was last"),
        (lambda raw: raw.replace("%2F", "/"), "not percent-encoded"),
        (lambda raw: raw.replace("%2F", "%2f"), "small letters (%2c)"),
        (lambda raw: raw.replace("BTCUSDT", "ETHUSDT"), "not signed in any of the ways"),
    ],
)
def test_other_bytes_are_found_out(mistake: Callable[[str], str], hint: str) -> None:
    desk = ExplainedDesk()
    raw = urlencode(stamped(desk))
    assert hint in hint_of(desk, f"{raw}&signature={digest(mistake(raw))}")
    assert desk.explain().numbers["signed_bytes"] == raw


@pytest.mark.parametrize(
    ("joined", "hint"),
    [
        (lambda query, body: f"{query}&{body}", "ampersand between"),
        (lambda query, body: body + query, "The body was signed before the query"),
        (lambda query, body: f"{body}&{query}", "with an ampersand between them"),
        (lambda query, _body: query, "The query alone"),
        (lambda _query, body: body, "The body alone"),
    ],
)
def test_query_and_body_that_were_mixed_up(joined: Callable[[str, str], str], hint: str) -> None:
    desk = ExplainedDesk()
    query, body = "symbol=BTCUSDT&orderId=5", f"timestamp={desk.now // 1000}"
    assert hint in hint_of(desk, query, f"{body}&signature={digest(joined(query, body))}")
    assert desk.explain().numbers["signed_bytes"] == query + body


@pytest.mark.parametrize(
    ("secret", "hint"),
    [
        (SECRET + "\n", "The secret was used with the end of a line"),
        (SECRET + " ", "a space behind"),
        (" " + SECRET, "a space before"),
        (ALICE_KEY, "The API key was used as the secret"),
        ("", "An empty secret"),
        ("o" * 64, f"is that of another API key: {'o' * 64}"),
    ],
)
def test_other_secrets_are_found_out(secret: str, hint: str) -> None:
    desk = ExplainedDesk()
    desk.sequencer.submit(RegisterKey(1, "o" * 64, KeyType.HMAC, "o" * 64, _ALL, ()), desk.now)
    raw = urlencode(stamped(desk))
    found = hint_of(desk, f"{raw}&signature={digest(raw, secret)}")
    assert hint in found
    assert SECRET not in found


def test_signatures_of_another_form() -> None:
    desk = ExplainedDesk()
    raw = urlencode(stamped(desk))
    right = bytes.fromhex(digest(raw))
    assert "base64" in hint_of(desk, f"{raw}&signature={quote(base64.b64encode(right))}")
    assert "10 characters" in hint_of(desk, f"{raw}&signature=0123456789")


def test_ed25519_signatures_that_lost_their_plus_or_were_made_of_other_bytes() -> None:
    desk = ExplainedDesk()
    key = RegisterKey(1, ED25519_KEY, KeyType.ED25519, pem_of(ed25519_private_key()), _ALL, ())
    desk.sequencer.submit(key, desk.now)
    raw = urlencode(stamped(desk))

    def signed(payload: str) -> str:
        return quote(base64.b64encode(ed25519_private_key().sign(payload.encode())).decode(), safe="")

    assert "end of a line" in hint_of(desk, f"{raw}&signature={signed(raw + chr(10))}", key=ED25519_KEY)
    assert "HMAC" in hint_of(desk, f"{raw}&signature={digest(raw)}", key=ED25519_KEY)
    assert "'+' has become a space" in hint_of(desk, f"{raw}&signature={'A' * 40}%20{'A' * 47}", key=ED25519_KEY)


def test_a_key_that_is_gone_leaves_the_bytes_to_compare() -> None:
    desk = ExplainedDesk()
    raw = urlencode(stamped(desk))
    hint_of(desk, f"{raw}&signature={'0' * 64}")
    desk.exchange.accounts.keys.pop(ALICE_KEY)
    told = desk.explain()
    assert told.numbers["signed_bytes"] == raw
    assert "not signed in any of the ways" in told.hints[0]


def ws_hint(mistake: Callable[[dict[str, str]], str], **params: object) -> str:
    desk = ExplainedDesk()
    ws = WsDesk(desk)
    ws.door = WsApiDoor(desk.service, ws.feed, None, desk.log)
    sent: dict[str, str] = {"timestamp": str(desk.now // 1000), **params, "apiKey": ALICE_KEY}  # type: ignore[dict-item]
    reply = ws.connect().send("order.status", {**sent, "signature": digest(mistake(sent))})
    assert reply["error"]["code"] == -1022
    return desk.explain().hints[0]


def joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def without_key(sent: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in sent.items() if name != "apiKey"]


@pytest.mark.parametrize(
    ("mistake", "hint"),
    [
        (lambda sent: joined(sent.items()), "in the order in which they were sent"),
        (lambda sent: joined(sorted(without_key(sent))), "'apiKey' was added after signing"),
        (lambda sent: joined(without_key(sent)), "apiKey was not signed, and nothing was sorted"),
        (lambda sent: joined((name, quote(value, safe="")) for name, value in sorted(sent.items())), "percent-encoded"),
    ],
)
def test_messages_that_were_signed_another_way(mistake: Callable[[dict[str, str]], str], hint: str) -> None:
    assert hint in ws_hint(mistake, symbol="BTCUSDT", origClientOrderId="a/b")
