"""The ASGI application: what reaches the doors, what does not, and what comes back."""

from typing import Any

import pytest
from msgspec import json

from papernet.servers.http import BODY_MAX
from tests.support.http_fakes import TOKEN, Site, call


@pytest.fixture
def site() -> Site:
    return Site()


def scope(method: str = "GET", path: str = "/api/v3/ping", *headers: tuple[bytes, bytes], **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8080"), *headers],
        "client": ("127.0.0.1", 5),
    } | more


async def ask(site: Site, request: dict[str, Any], *chunks: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    parts = chunks or (b"",)
    messages = [{"type": "http.request", "body": part, "more_body": index + 1 < len(parts)} for index, part in enumerate(parts)]
    start, *pieces = await call(site, request, messages)
    headers, body = dict(start["headers"]), b"".join(piece["body"] for piece in pieces)
    assert headers[b"content-length"] == b"%d" % len(body)
    assert [piece.get("more_body", False) for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    return start["status"], headers, body


async def test_a_request_reaches_the_door_as_it_was_sent(site: Site) -> None:
    request = scope("POST", "/api/v3/order", (b"x-mbx-apikey", b"k"), query_string=b"a=%31&b", client=("::ffff:10.0.0.9", 1))
    status, headers, body = await ask(site, request, b"c=1", b"&d=2")
    assert (status, headers[b"x-path"], body) == (200, b"/api/v3/order", b"c=1&d=2")
    (asked,) = site.door.requests
    assert (asked.method, asked.query, asked.headers[b"x-mbx-apikey"], asked.ip) == ("POST", b"a=%31&b", b"k", "10.0.0.9")
    assert asked.received_at < site.time


async def test_an_answer_about_a_command_waits_for_the_journal(site: Site) -> None:
    await ask(site, scope())
    assert site.journal.waited == []
    site.door.durable_seq = 9
    await ask(site, scope())
    assert site.journal.waited == [9]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"evil.com")],
        [],
        [(b"host", b"localhost"), (b"host", b"localhost")],
        [(b"host", b"localhost:8080"), (b"origin", b"http://evil.com")],
        [(b"host", b"localhost:8080"), (b"sec-fetch-site", b"cross-site")],
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/v3/ping", "/papernet/v1/health", "/nowhere"])
async def test_a_web_page_is_refused_before_anything_counts_it(
    site: Site, path: str, headers: list[tuple[bytes, bytes]]
) -> None:
    status, answer, body = await ask(site, scope("GET", path, headers=headers))
    assert status == 403
    assert answer[b"content-type"].startswith(b"application/json")
    assert json.decode(body)["code"] == -1002
    assert site.door.requests == []


async def test_the_front_page(site: Site) -> None:
    status, headers, body = await ask(site, scope("GET", "/"))
    assert status == 200
    assert headers[b"content-type"].startswith(b"text/plain")
    assert b"papernet" in body
    assert site.door.requests == []


async def test_the_control_plane_is_for_this_machine(site: Site) -> None:
    bearer = (b"authorization", f"Bearer {TOKEN}".encode())
    assert (await ask(site, scope("GET", "/papernet/v1/health")))[0] == 200
    assert (await ask(site, scope("POST", "/papernet/v1/reset", bearer), b"{}"))[0] == 200
    assert site.journal.waited[-1] == 7
    for client in (("10.0.0.9", 1), ("::ffff:10.0.0.9", 1), None):
        assert (await ask(site, scope("POST", "/papernet/v1/reset", bearer, client=client)))[0] == 403
    assert len(site.commands) == 1
    assert site.door.requests == []


async def test_asked_for_it_is_for_others_too_but_not_without_the_token_and_not_for_web_pages() -> None:
    site, away = Site(remote_control=True), ("10.0.0.9", 1)
    bearer = (b"authorization", f"Bearer {TOKEN}".encode())
    assert (await ask(site, scope("POST", "/papernet/v1/reset", bearer, client=away), b"{}"))[0] == 200
    assert (await ask(site, scope("POST", "/papernet/v1/reset", client=away), b"{}"))[0] == 401
    page = scope("POST", "/papernet/v1/reset", bearer, (b"origin", b"http://evil.com"), client=away)
    assert (await ask(site, page))[0] == 403
    assert len(site.commands) == 1


@pytest.mark.parametrize(
    ("headers", "chunks"),
    [
        ([(b"content-length", b"%d" % (BODY_MAX + 1))], [b"", b"x"]),
        ([(b"content-length", b"9" * 5_000)], [b"x", b""]),
        ([], [b"x" * (BODY_MAX + 1)]),
        ([(b"transfer-encoding", b"chunked")], [b"x" * BODY_MAX, b"x"]),
    ],
)
async def test_a_body_has_a_greatest_size(site: Site, headers: list[tuple[bytes, bytes]], chunks: list[bytes]) -> None:
    status, answer, body = await ask(site, scope("POST", "/api/v3/order", *headers), *chunks)
    assert status == 413
    assert answer[b"connection"] == b"close"
    assert json.decode(body)["code"] == -1013
    assert site.door.requests == []


async def test_a_body_of_that_size_is_taken(site: Site) -> None:
    assert (await ask(site, scope("POST", "/api/v3/order"), b"x" * (BODY_MAX - 1), b"x"))[0] == 200


@pytest.mark.parametrize(
    ("size", "lengths"), [(0, [0]), (65_536, [65_536]), (65_537, [65_536, 1]), (131_072, [65_536, 65_536])]
)
async def test_a_long_answer_is_handed_over_in_pieces(site: Site, size: int, lengths: list[int]) -> None:
    site.door.size = size
    assert len((await ask(site, scope()))[2]) == size
    pieces = (await call(site, scope(), [{"type": "http.request"}]))[1:]
    assert [len(piece["body"]) for piece in pieces] == lengths


async def test_a_client_that_hangs_up_is_not_answered(site: Site) -> None:
    gone = {"type": "http.disconnect"}
    assert await call(site, scope("POST"), [gone]) == []
    assert await call(site, scope("POST"), [{"type": "http.request", "body": b"a", "more_body": True}, gone]) == []
    assert site.door.requests == []


async def test_a_bug_is_told_on_stderr_and_by_its_published_code(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.door.fails = RuntimeError("boom")
    status, _, body = await ask(site, scope())
    assert (status, json.decode(body)["code"]) == (500, -1001)
    assert "boom" not in body.decode()
    assert "RuntimeError: boom" in capsys.readouterr().err


async def test_other_protocols_are_not_spoken(site: Site) -> None:
    assert await call(site, {"type": "websocket"}, []) == []
