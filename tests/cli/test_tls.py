"""TLS from the outside: `papernet up` with a certificate, clients that trust its CA, and `papernet ca`."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.sync.client import connect

from papernet.cli import _options, cli
from tests.support.handshakes import strict_client
from tests.support.process import PATIENCE, Papernet, command, environment, run

ROOT = Path(__file__).parents[2]
OPTIONS = ("--ephemeral", "--market", "none")
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "60000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papernet]:
    with Papernet(tmp_path_factory.mktemp("home"), *OPTIONS) as running:
        yield running


def address(server: Papernet) -> tuple[str, int]:
    split = urlsplit(server.ready["tls"]["rest"])
    assert split.hostname is not None
    assert split.port is not None
    return split.hostname, split.port


def ask(server: Papernet, name: str, headers: str = "") -> bytes:
    """Send a request over TLS as the strictest client does, and return the first line of the answer."""
    host, port = address(server)
    client = strict_client(server.ready["tls"]["ca"])
    with socket.create_connection((host, port), PATIENCE) as plain, client.wrap_socket(plain, server_hostname=name) as secure:
        secure.sendall(f"GET /api/v3/ping HTTP/1.1\r\nHost: {name}:{port}\r\n{headers}Connection: close\r\n\r\n".encode())
        return secure.recv(65_536).partition(b"\r\n")[0]


def test_the_line_of_json_tells_where_and_whom_to_trust(server: Papernet) -> None:
    tls = server.ready["tls"]
    assert list(tls) == ["rest", "ws_api", "streams", "ca"]
    secure = tls["rest"].removeprefix("https://")
    assert tls["ws_api"] == f"wss://{secure}/ws-api/v3"
    assert tls["streams"] == f"wss://{secure}"
    assert Path(tls["ca"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert urlsplit(tls["rest"]).port != server.port


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_strictest_verification_passes_on_every_name(server: Papernet, name: str) -> None:
    assert ask(server, name) == b"HTTP/1.1 200 OK"


def test_a_client_that_does_not_trust_the_ca_is_safe_from_it(server: Papernet) -> None:
    with socket.create_connection(address(server)) as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context(cafile=None).wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("trust", [lambda ca: {"verify": strict_client(ca)}, lambda _: {}])
def test_httpx_needs_the_ca_or_one_variable(
    server: Papernet, trust: Callable[[str], dict[str, ssl.SSLContext]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = server.ready["tls"]
    monkeypatch.setenv("SSL_CERT_FILE", tls["ca"])
    with httpx.Client(base_url=tls["rest"], **trust(tls["ca"])) as client:  # type: ignore[arg-type]
        assert client.get("/api/v3/ping").json() == {}
        assert client.get("/papernet/v1/health").json()["status"] == "ok"


def test_both_ports_are_one_exchange(server: Papernet) -> None:
    tls = server.ready["tls"]
    assert server.signed(server.account("alice"), "POST", "/api/v3/order", **ORDER)[0] == 200
    with httpx.Client(base_url=tls["rest"], verify=strict_client(tls["ca"])) as client:
        book = client.get("/api/v3/depth", params={"symbol": "BTCUSDT"})
    assert book.json()["bids"][0][0] == "60000.00000000"
    # the two ports count one address's requests together
    weight = int(book.headers["x-mbx-used-weight-1m"])
    _, headers, _ = server.request("GET", "/api/v3/ping")
    assert int(headers["x-mbx-used-weight-1m"]) == weight + 1


def test_websockets_are_behind_tls_too(server: Papernet) -> None:
    tls = server.ready["tls"]
    trusting = strict_client(tls["ca"])
    with connect(tls["ws_api"], ssl=trusting) as api, connect(tls["streams"] + "/ws/btcusdt@trade", ssl=trusting) as streams:
        api.send('{"id":1,"method":"ping"}')
        answer = json.loads(api.recv(PATIENCE))
        assert (answer["id"], answer["status"], answer["result"]) == (1, 200, {})
        streams.send('{"id":2,"method":"LIST_SUBSCRIPTIONS"}')
        assert json.loads(streams.recv(PATIENCE)) == {"result": ["btcusdt@trade"], "id": 2}


def test_pages_of_its_own_are_answered_and_others_are_not(server: Papernet) -> None:
    _, port = address(server)
    assert ask(server, "localhost", f"Origin: https://localhost:{port}\r\n") == b"HTTP/1.1 200 OK"
    assert ask(server, "localhost", "Origin: https://evil.com\r\n") == b"HTTP/1.1 403 Forbidden"
    assert ask(server, "localhost", f"Origin: http://localhost:{port}\r\n") == b"HTTP/1.1 403 Forbidden"


def test_names_of_ones_own_are_certified_and_answered(tmp_path: Path) -> None:
    names = ("--tls-name", "papernet.test", "--tls-name", "stream.papernet.test")
    with Papernet(tmp_path, *OPTIONS, *names) as server:
        for name in ("papernet.test", "stream.papernet.test", "localhost"):
            assert ask(server, name) == b"HTTP/1.1 200 OK"
        assert server.request("GET", "/api/v3/ping", headers={"Host": "papernet.test"})[0] == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(server, "other.papernet.test")
        ca = server.ready["tls"]["ca"]
        status, out, err = server.stop()
    assert (status, out) == (0, "")
    assert err == f"papernet: a CA of its own was made for papernet.test, stream.papernet.test: programs have to trust {ca}\n"
    with Papernet(tmp_path, *OPTIONS, *names) as server:
        assert server.ready["tls"]["ca"] == ca
        assert server.stop() == (0, "", "")
    assert json.loads(run(tmp_path, "ca", "--json", *names)[1])["ca"] == ca


def test_tls_can_be_switched_off(tmp_path: Path) -> None:
    with Papernet(tmp_path, *OPTIONS, "--tls-port", "off") as server:
        assert server.ready["tls"] is None
        assert server.get("/api/v3/ping") == {}


def up(tmp_path: Path, place: Path, *options: str) -> tuple[int, str, str]:
    """Start a server whose certificates would be at `place`, stop it once it is up, and return what it said."""
    process = subprocess.Popen(
        command("up", "--port", "0", "--json", *OPTIONS, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path) | {"PAPERNET_CA_DIR": str(place)},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if line:
        process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, line, err


def test_a_place_that_cannot_be_written_ends_a_start_only_when_tls_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, line, err = up(tmp_path, tmp_path / "file")
    assert (status, json.loads(line)["tls"]) == (0, None)
    assert err == f"papernet: nothing is served over TLS: {tmp_path}/file/localhost: not a directory\n"
    for options in (["--tls-port", "0"], ["--tls-name", "a.test"]):
        status, line, err = up(tmp_path, tmp_path / "file", *options)
        assert (status, line, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"papernet: {tmp_path}/file/")


def test_servers_that_start_together_on_a_new_machine_share_one_ca(tmp_path: Path) -> None:
    env = environment(tmp_path) | {"PAPERNET_CA_DIR": str(tmp_path / "ca")}
    several = [subprocess.Popen(command("ca", "--json"), stdout=subprocess.PIPE, env=env) for _ in range(3)]
    lines = [process.communicate(timeout=PATIENCE)[0] for process in several]
    assert len(set(lines)) == 1
    status, line, err = up(tmp_path, tmp_path / "ca")
    assert (status, err) == (0, "")
    assert json.loads(line)["tls"]["ca"] == json.loads(lines[0])["ca"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--tls-port", "x"], "--tls-port"),
        (["--tls-port", "-1"], "--tls-port"),
        (["--tls-port", "65536"], "--tls-port"),
        (["--tls-port", "off", "--tls-name", "a.test"], "--tls-name makes no sense"),
        (["--tls-name", "*.test"], "wildcard"),
        (["--tls-name", ""], "--tls-name"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, options: list[str], text: str) -> None:
    status, out, err = run(tmp_path, "up", "--port", "0", *OPTIONS, *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("papernet: ")
    assert text in err


def test_a_taken_tls_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(tmp_path, "up", "--port", "0", "--tls-port", port, *OPTIONS)
    assert done == (2, "", f"papernet: port {port} on 127.0.0.1: address already in use\n")


@pytest.mark.parametrize(
    ("arguments", "port", "required"),
    [
        ([], 8443, False),
        (["--port", "9000"], 8443, False),
        (["--port", "0"], 0, False),
        (["--port", "0", "--tls-port", "8443"], 8443, True),
        (["--tls-port", "0"], 0, True),
        (["--tls-port", "off"], None, True),
        (["--tls-name", "a.test"], 8443, True),
        (["--port", "0", "--tls-name", "a.test"], 0, True),
    ],
)
def test_the_port_that_is_taken_and_whether_it_has_to_be(arguments: list[str], port: int | None, required: bool) -> None:
    with cli.commands["up"].make_context("up", list(arguments)) as context:
        options = _options(context.params)
    assert (options.tls_port, options.tls_required) == (port, required)


def test_the_ca_command_makes_a_ca_and_says_how_it_is_trusted(tmp_path: Path) -> None:
    env = environment(tmp_path) | {"PAPERNET_CA_DIR": str(tmp_path / "ca")}
    done = subprocess.run(command("ca", "--json"), capture_output=True, text=True, env=env, check=True)
    document = json.loads(done.stdout)
    assert document["ca"] == str(tmp_path / "ca" / "localhost" / "ca.pem")
    assert document["names"] == ["localhost", "127.0.0.1", "::1"]
    assert set(document["environment"].values()) == {document["ca"]}
    script = f'eval "$({" ".join(command("ca"))})"; printf %s "$SSL_CERT_FILE"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=env, check=True).stdout == document["ca"]
    page = (ROOT / "docs" / "tls.md").read_text()
    assert [variable for variable in document["environment"] if f"`{variable}`" not in page] == []
    (tmp_path / "file").write_text("")
    failed = subprocess.run(
        command("ca"), capture_output=True, text=True, env=env | {"PAPERNET_CA_DIR": str(tmp_path / "file")}, check=False
    )
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == f"papernet: {tmp_path}/file/localhost: not a directory\n"


def test_a_start_with_a_ca_loads_nothing_that_makes_one(tmp_path: Path) -> None:
    run(tmp_path, "ca")
    program = (
        "import sys; from papernet.servers import clock, node; from papernet.servers.tls import open_tls;"
        "open_tls('127.0.0.1', 0, (), clock.now()); print('cryptography' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, env=dict(os.environ), check=True
    )
    assert done.stdout == "False\n"


def test_the_commands_of_the_page_are_understood() -> None:
    page = (ROOT / "docs" / "tls.md").read_text(encoding="utf-8").replace("\\\n", " ")
    shown = re.findall(r"papernet (up|ca)( [^\n`)]*)?", "".join(re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)))
    assert len(shown) > 4
    for name, arguments in shown:
        with cli.commands[name].make_context(name, arguments.split("#")[0].split()) as context:
            if name == "up":
                assert _options(context.params).tls_names
