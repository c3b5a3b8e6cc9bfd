"""Which server the command line means, and what it makes of answers."""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from papernet.servers import runtime
from papernet.servers.control_client import ControlError, call, find_server
from papernet.servers.runtime import RunningServer, publish


@pytest.fixture(autouse=True)
def _private_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv(runtime.TOKEN_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)


def server(port: int, state: str = "") -> RunningServer:
    return RunningServer(os.getpid(), port, f"http://127.0.0.1:{port}/papernet/v1", f"token{port}", state)


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers 200 with what it was sent, 418 on /error and no JSON on /text."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = f"{self.path} {self.headers['Authorization']} ".encode() + body
        answer = b'{"error":"short and stout"}' if self.path.endswith("/error") else b'"' + told.replace(b'"', b"'") + b'"'
        self.send_response(418 if self.path.endswith("/error") else 200)
        self.end_headers()
        self.wfile.write(b"text" if self.path.endswith("/text") else answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[tuple[str, str]]:
    with http.server.HTTPServer(("127.0.0.1", 0), Echo) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/papernet/v1", "secret"
        listening.shutdown()
        thread.join()


def test_a_request_carries_the_token_and_goes_past_proxies(echo: tuple[str, str]) -> None:
    assert call(echo, "POST", "/keys", {"account": "dave"}) == "/papernet/v1/keys Bearer secret {'account':'dave'}"


def test_a_refusal_is_one_line(echo: tuple[str, str]) -> None:
    with pytest.raises(ControlError, match=r"^short and stout$"):
        call(echo, "POST", "/error", {})
    with pytest.raises(ControlError, match="malformed"):
        call(echo, "POST", "/text", {})


def test_nobody_there_is_one_line() -> None:
    with pytest.raises(ControlError, match="refused"):
        call(("http://127.0.0.1:1/papernet/v1", "x"), "GET", "/keys")


def test_the_server_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ControlError, match="no papernet is running; start one"):
        find_server(None, None)
    publish(server(8080))
    assert find_server(None, None) == ("http://127.0.0.1:8080/papernet/v1", "token8080")
    publish(server(9090))
    with pytest.raises(ControlError, match="--port: 8080, 9090"):
        find_server(None, None)
    assert find_server(9090, None)[1] == "token9090"
    publish(server(9091, str(tmp_path / ".papernet")))
    assert find_server(None, None)[1] == "token9091"
    assert find_server(None, Path(".papernet"))[1] == "token9091"
    with pytest.raises(ControlError, match="on port 1"):
        find_server(1, None)
    monkeypatch.setenv("PAPERNET_CONTROL", "http://127.0.0.1:1/papernet/v1")
    monkeypatch.setenv("PAPERNET_TOKEN", "given")
    assert find_server(None, None) == ("http://127.0.0.1:1/papernet/v1", "given")
