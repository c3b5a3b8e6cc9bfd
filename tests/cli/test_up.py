"""`papernet up` from the outside: what it says, when it refuses, how it stops and goes on."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from papernet.cli import _options, cli
from tests.support.process import PATIENCE, Papernet, command, environment, run

NONE = ("--market", "none")
ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "60000"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_of_json_and_a_clean_stop(tmp_path: Path, number: int) -> None:
    with Papernet(tmp_path, "--ephemeral", *NONE) as server:
        assert list(server.ready) == [
            "ready",
            "version",
            "rest",
            "ws_api",
            "streams",
            "options",
            "tls",
            "control",
            "seed",
            "api_date",
            "accounts",
        ]
        assert server.ready["control"] == server.ready["rest"] + "/papernet/v1"
        assert server.get("/api/v3/ping") == {}
        assert server.get("/papernet/v1/health")["status"] == "ok"
        assert server.stop(number) == (0, "", "")
    assert list(tmp_path.rglob("*.json")) == []


def test_the_screen_ends_with_ready(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("up", "--port", "0", "--ephemeral", *NONE),
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "Ready.\n":
            break
    process.terminate()
    rest, _ = process.communicate(timeout=PATIENCE)
    assert rest == ""
    assert process.returncode == 0
    assert lines[0].startswith("papernet ")
    assert "\x1b" not in "".join(lines)
    assert "__main__" not in "".join(lines)


def test_closed_streams_keep_nothing_from_running(tmp_path: Path) -> None:
    shut = "import os, sys; os.close(1); os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", shut, *command("up", "--port", "0", "--ephemeral", *NONE)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    while not list(tmp_path.glob("papernet/*.json")):
        assert process.poll() is None
    process.terminate()
    assert process.communicate(timeout=PATIENCE)[1] == b""
    assert process.returncode == 0


def test_quiet_says_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("up", "--port", "0", "--ephemeral", "--quiet", *NONE),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    # it is up once its runtime file is there
    while not list(tmp_path.glob("papernet/*.json")):
        assert process.poll() is None
    process.terminate()
    assert process.communicate(timeout=PATIENCE)[0] == b""
    assert process.returncode == 0


def test_starting_loads_nothing_heavy() -> None:
    program = "import papernet.servers.node, sys; print([name for name in ('cryptography', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--port", "65536"], "--port"),
        (["--port", "x"], "--port"),
        (["--durability", "hope"], "--durability"),
        (["--activity", "-1"], "--activity"),
        (["--activity", "nan"], "--activity"),
        (["--seed", "-1"], "--seed"),
        (["--nonsense"], "--nonsense"),
        (["extra"], "extra"),
        (["--reset-every", "1s"], "too short"),
        (["--api-date", "2025-02-30"], "no day"),
        (["--api-date", "2023-12-31"], "since 2024-01-01"),
        (["--reset-every", "soon"], "span of time"),
        (["--state", "x", "--ephemeral"], "--ephemeral"),
        (["--state", "x", "--durability", "memory"], "--durability memory"),
        (["--state", "a-file"], "a-file"),
        (["--symbols", "missing.toml"], "missing.toml"),
        (["--symbols", "bad.toml"], "bad.toml: symbol 1: name is missing"),
        (["--host", "0.0.0.0", "--ephemeral"], "--public-dev-keys"),
        (["--host", "nowhere.invalid", "--ephemeral"], "nowhere.invalid"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path: Path, options: list[str], text: str) -> None:
    (tmp_path / "a-file").write_text("")
    (tmp_path / "bad.toml").write_text("[[symbols]]\n")
    status, out, err = run(tmp_path, "up", "--json", *(() if "--port" in options else ("--port", "0")), *options)
    assert (status, out) == (2, "")
    assert err.startswith("papernet: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert text in err


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, out, err = run(tmp_path, "up", "--ephemeral", "--port", port)
    assert (status, out) == (2, "")
    assert err == f"papernet: port {port} on 127.0.0.1: address already in use\n"


def test_a_state_directory_has_one_server(tmp_path: Path) -> None:
    with Papernet(tmp_path, *NONE):
        status, out, err = run(tmp_path, "up", "--port", "0", *NONE)
    assert (status, out) == (2, "")
    assert "in use by another papernet" in err
    assert err.count("\n") == 1


def test_a_damaged_journal_is_told_and_not_started(tmp_path: Path) -> None:
    with Papernet(tmp_path, *NONE) as server:
        server.process.kill()
        server.process.wait()
    (journal,) = (tmp_path / ".papernet").glob("journal-*.log")
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 0xFF
    journal.write_bytes(data)
    status, out, err = run(tmp_path, "up", "--port", "0", *NONE)
    assert (status, out) == (2, "")
    assert journal.name in err
    assert "offset" in err
    assert err.count("\n") == 1


def test_a_torn_journal_is_cut_and_told_apart_from_the_line_of_json(tmp_path: Path) -> None:
    with Papernet(tmp_path, *NONE) as server:
        assert server.signed(server.account("alice"), "POST", "/api/v3/order", **ORDER)[0] == 200
        server.stop(signal.SIGKILL)
    (journal,) = (tmp_path / ".papernet").glob("journal-*.log")
    journal.write_bytes(journal.read_bytes() + b"torn")
    with Papernet(tmp_path, *NONE) as again:
        assert len(again.signed(again.account("alice"), "GET", "/api/v3/openOrders")[1]) == 1
        status, out, err = again.stop()
    assert (status, out) == (0, "")
    assert err.startswith("papernet: ")
    assert journal.name in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "durability"), [(signal.SIGTERM, "fsync"), (signal.SIGKILL, "fsync"), (signal.SIGKILL, "os")]
)
def test_a_second_start_goes_on_where_the_first_stopped(tmp_path: Path, number: int, durability: str) -> None:
    options = ("--state", "state", "--durability", durability, *NONE)
    with Papernet(tmp_path, *options, "--seed", "7") as first:
        alice = first.account("alice")
        status, placed = first.signed(alice, "POST", "/api/v3/order", **ORDER)
        assert status == 200
        first.run("accounts", "create", "dave")
        first.run("keys", "revoke", first.account("carol")["api_key"])
        first.stop(number)
    token = (tmp_path / "state" / "token").read_text()
    with Papernet(tmp_path, *options) as second:
        assert second.ready["seed"] == 7
        status, (still,) = second.signed(alice, "GET", "/api/v3/openOrders")
        assert (status, still["orderId"], still["clientOrderId"]) == (200, placed["orderId"], placed["clientOrderId"])
        assert second.signed(alice, "POST", "/api/v3/order", **ORDER)[1]["orderId"] == placed["orderId"] + 1
        assert "dave" in second.run("accounts", "list")
        # what a user took away is not put back
        assert second.signed(second.account("carol"), "GET", "/api/v3/account")[1]["code"] == -2015
        assert second.stop() == (0, "", "")
    assert (tmp_path / "state" / "token").read_text() == token
    status, _, err = run(tmp_path, "up", "--port", "0", *options, "--seed", "8")
    assert (status, err.count("\n")) == (2, 1)
    assert "seed 7" in err


def test_closed_orders_and_trades_are_there_after_a_restart(tmp_path: Path) -> None:
    with Papernet(tmp_path, *NONE) as first:
        alice, bob = first.account("alice"), first.account("bob")
        assert first.signed(alice, "POST", "/api/v3/order", **ORDER)[0] == 200
        assert first.signed(bob, "POST", "/api/v3/order", **ORDER | {"side": "SELL"})[1]["status"] == "FILLED"
        orders, trades = (first.signed(alice, "GET", f"/api/v3/{what}", symbol="BTCUSDT") for what in ("allOrders", "myTrades"))
        public = first.get("/api/v3/trades?symbol=BTCUSDT")
    assert len(orders[1]) == len(trades[1]) == len(public) == 1
    with Papernet(tmp_path, *NONE) as second:
        assert second.signed(alice, "GET", "/api/v3/allOrders", symbol="BTCUSDT") == orders
        assert second.signed(alice, "GET", "/api/v3/myTrades", symbol="BTCUSDT") == trades
        assert second.get("/api/v3/trades?symbol=BTCUSDT") == public


def test_the_simulated_market_lives_is_dismissed_and_comes_back(tmp_path: Path) -> None:
    book = "/api/v3/ticker/bookTicker?symbol=BTCUSDT"
    with Papernet(tmp_path, "--seed", "5") as server:
        assert server.get("/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=24")[0][5] != "0.00000000"
        first = server.get(book)
        assert 0 < float(first["bidPrice"]) < float(first["askPrice"])
        update = server.get("/api/v3/depth?symbol=BTCUSDT")["lastUpdateId"]
        while server.get("/api/v3/depth?symbol=BTCUSDT")["lastUpdateId"] == update:
            pass
    with Papernet(tmp_path, *NONE) as server:
        assert server.get("/api/v3/depth?symbol=BTCUSDT")["bids"] == []
        assert float(server.get("/api/v3/ticker/price?symbol=BTCUSDT")["price"]) > 0
    with Papernet(tmp_path) as server:
        again = server.get(book)
        assert 0 < float(again["bidPrice"]) < float(again["askPrice"])
        server.stop()
    with Papernet(tmp_path) as server:
        again = server.get(book)
        assert 0 < float(again["bidPrice"]) < float(again["askPrice"])


def test_symbols_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[[symbols]]\nname = "AAABBB"\nbase_asset = "AAA"\nquote_asset = "BBB"\n'
        'price_filter = { min_price = "0.1", max_price = "100", tick_size = "0.1" }\n'
        'lot_size = { min_quantity = "1", max_quantity = "100", step_size = "1" }\n'
    )
    with Papernet(tmp_path, "--ephemeral", "--symbols", "mine.toml") as server:
        (symbol,) = server.get("/api/v3/exchangeInfo")["symbols"]
        assert symbol["symbol"] == "AAABBB"
        assert [rule["filterType"] for rule in symbol["filters"]] == ["PRICE_FILTER", "LOT_SIZE"]
        order = {"symbol": "AAABBB", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": 5, "price": "1.5"}
        assert server.signed(server.account("alice"), "POST", "/api/v3/order", **order)[0] == 200


def test_others_may_come_in_when_told_so(tmp_path: Path) -> None:
    with Papernet(
        tmp_path, "--host", "0.0.0.0", "--public-dev-keys", "--allow-host", "papernet.test", "--ephemeral", *NONE
    ) as server:
        assert server.ready["rest"].startswith("http://127.0.0.1:")
        for host, status in (("192.0.2.7:1234", 200), ("papernet.test", 200), ("evil.com", 403)):
            assert server.request("GET", "/api/v3/ping", headers={"Host": host})[0] == status


def test_a_web_page_cannot_spend_the_request_weight(tmp_path: Path) -> None:
    with Papernet(tmp_path, "--ephemeral", *NONE) as server:
        for headers in ({"Host": "evil.com"}, {"Origin": "http://evil.com"}, {"Sec-Fetch-Site": "cross-site"}):
            for path in ("/api/v3/exchangeInfo", "/papernet/v1/health", "/"):
                status, answer, document = server.request("GET", path, headers=headers)
                assert (status, document["code"]) == (403, -1002)
                assert "x-mbx-used-weight" not in answer
        _, answer, _ = server.request("GET", "/api/v3/ping")
        assert answer["x-mbx-used-weight-1m"] == "1"


def test_limits_can_be_switched_off(tmp_path: Path) -> None:
    for limits, statuses in (("on", [200] * 50 + [429]), ("off", [200] * 51)):
        with Papernet(tmp_path, "--ephemeral", "--limits", limits, *NONE) as server:
            alice = server.account("alice")
            order = ORDER | {"symbol": "LTCUSDT", "price": "60", "quantity": "0.1"}
            given = [server.signed(alice, "POST", "/api/v3/order", **order)[0] for _ in range(51)]
        # a window of ten seconds may end on the way
        assert given == statuses or (limits == "on" and given == [200] * 51)


def test_version_and_help(tmp_path: Path) -> None:
    status, out, _ = run(tmp_path, "--version")
    assert status == 0
    assert out.startswith("papernet 0.")
    status, out, _ = run(tmp_path, "up", "--help")
    assert status == 0
    assert "--ephemeral" in out


@pytest.mark.parametrize(("arguments", "wanted"), [([], True), (["--options"], True), (["--no-options"], False)])
def test_options_are_there_unless_they_are_not_wanted(arguments: list[str], wanted: bool) -> None:
    with cli.commands["up"].make_context("up", list(arguments)) as context:
        assert _options(context.params).options is wanted
