"""How calls are made: within the process, over HTTP, and how a request of the exchange is signed."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import pytest

from papernet.servers.control_client import ControlError
from papernet.testing.accounts import Key
from papernet.testing.asking import AskOver, AskWithin, request
from papernet.testing.background import background
from papernet.testing.server import PapernetServer

Message = MutableMapping[str, Any]


class Application:
    """Answers like an ASGI application, and notes what it was asked."""

    def __init__(self, status: int, *pieces: bytes) -> None:
        self.status, self.pieces = status, pieces
        self.scope: Mapping[str, Any] = {}
        self.body = b""

    async def __call__(
        self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        self.scope, self.body = scope, (await receive())["body"]
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        for piece in self.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def asking(application: Application) -> AskWithin:
    return AskWithin(background(), lambda: application, "http://127.0.0.1:8080", "secret")


def test_a_call_within_the_process_is_the_request_that_it_would_be_over_http() -> None:
    application = Application(200, b'{"a":', b"1}")
    assert asking(application)("POST", "/clock/step", {"span": "5s"}, limit=3, name=None, flag=True) == {"a": 1}
    scope = application.scope
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/papernet/v1/clock/step", b"limit=3&flag=true")
    assert dict(scope["headers"]) == {b"host": b"127.0.0.1:8080", b"authorization": b"Bearer secret"}
    assert scope["client"][0] == "127.0.0.1"
    assert application.body == b'{"span":"5s"}'


def test_a_refusal_is_an_error_with_its_status_and_words() -> None:
    with pytest.raises(ControlError, match="not like this") as refused:
        asking(Application(409, b'{"error":"not like this"}'))("GET", "/clock")
    assert refused.value.status == 409
    with pytest.raises(ControlError, match="Internal error"):
        asking(Application(500, b'{"code":-1001,"msg":"Internal error"}'))("GET", "/clock")


def test_a_name_in_a_path_is_the_same_within_the_process_and_over_http() -> None:
    with PapernetServer(options=False) as papernet:
        for ask in (papernet.control, AskOver(papernet.rest_url, papernet.token)):
            with pytest.raises(ControlError, match="no such symbol"):
                ask("POST", "/symbols/B%2FC/status", {"status": "HALT"})


def test_requests_are_signed_as_the_documents_say() -> None:
    with PapernetServer(options=False) as papernet:
        url, alice, now = papernet.rest_url, papernet.account("alice").key(), papernet.clock.now_ms()
        account = "/api/v3/account"
        assert request(url, "GET", account, {"timestamp": now}, alice, is_signed=True).status == 200
        at_odds = request(url, "GET", account, {"timestamp": 1}, alice, is_signed=True)
        assert (at_odds.status, at_odds.body["code"]) == (400, -1021)
        stranger = request(url, "GET", account, {"timestamp": now}, Key("HMAC", alice.api_key, "x"), is_signed=True)
        assert stranger.body["code"] == -1022
        unsigned = request(url, "GET", account, {"timestamp": now}, alice, is_signed=False)
        assert unsigned.body["code"] == -1102
        assert request(url, "GET", "/", {}, None, is_signed=False).body.startswith("papernet")
        depth = request(url, "GET", "/api/v3/depth", {"symbol": "BTCUSDT", "limit": None}, None, is_signed=False)
        assert depth.headers["x-mbx-used-weight-1m"]


def test_the_signature_is_over_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    class Connection:
        def __init__(self, *_: object, **__: object) -> None: ...

        def request(self, _method: str, url: str, *, headers: Mapping[str, str]) -> None:
            sent.extend([url, headers["X-MBX-APIKEY"]])
            raise ConnectionResetError

        def close(self) -> None: ...

    monkeypatch.setattr("http.client.HTTPConnection", Connection)
    params = {"newClientOrderId": "a b", "flag": True, "timestamp": 5}
    with pytest.raises(ConnectionResetError):
        request("http://127.0.0.1:1", "POST", "/api/v3/order", params, Key("HMAC", "k", "s"), is_signed=True)
    query = "newClientOrderId=a+b&flag=true&timestamp=5"
    signature = hmac.new(b"s", query.encode(), hashlib.sha256).hexdigest()
    assert sent == [f"/api/v3/order?{query}&signature={signature}", "k"]
