"""What is said when an exchange is ready."""

import json
import subprocess

from papernet import __version__
from papernet.servers.dev_accounts import development_keys
from papernet.servers.screen import Ready, ca_json, ca_text, ready_json, ready_text

READY = Ready(
    rest="http://127.0.0.1:8080",
    control="http://127.0.0.1:8080/papernet/v1",
    seed=7,
    market="sim",
    state="in memory",
    symbols=("BTCUSDT", "ETHUSDT"),
    balances=(("BTC", 100_000_000), ("USDT", 1_000_000_000_050)),
    keys=development_keys(),
    tls="https://127.0.0.1:8443",
    ca="/srv/alice/.local/share/papernet/ca/localhost/ca.pem",
    options_api="current",
    api_date="2026-07-17",
    command=".venv/bin/papernet",
)
KEYS = ["ready", "version", "rest", "ws_api", "streams", "options", "tls", "control", "seed", "api_date", "accounts"]


def changed(**values: object) -> Ready:
    return Ready(**{name: getattr(READY, name) for name in READY.__struct_fields__} | values)


def test_the_line_for_programs_has_these_keys_and_no_others() -> None:
    line = ready_json(READY)
    assert b"\n" not in line
    document = json.loads(line)
    assert list(document) == KEYS
    assert document["ready"] is True
    assert document["version"] == __version__
    assert document["seed"] == 7
    for entry in document["accounts"]:
        secret = "secret_key" if entry["type"] == "HMAC" else "private_key_pem"
        assert sorted(entry) == sorted(["name", "uid", "api_key", secret, "type"])
    assert [(entry["name"], entry["type"]) for entry in document["accounts"]] == [
        ("alice", "HMAC"),
        ("alice", "ED25519"),
        ("bob", "HMAC"),
        ("bob", "RSA"),
        ("carol", "HMAC"),
    ]


def test_every_door_has_its_url() -> None:
    document = json.loads(ready_json(READY))
    assert (document["ws_api"], document["streams"]) == ("ws://127.0.0.1:8080/ws-api/v3", "ws://127.0.0.1:8080")
    assert document["tls"] == {
        "rest": "https://127.0.0.1:8443",
        "ws_api": "wss://127.0.0.1:8443/ws-api/v3",
        "streams": "wss://127.0.0.1:8443",
        "ca": READY.ca,
    }
    lines = ready_text(READY, colour=False).splitlines()
    assert "  WS API    ws://127.0.0.1:8080/ws-api/v3" in lines
    assert "  Streams   ws://127.0.0.1:8080  (/ws, /stream)" in lines
    assert "  TLS       https://127.0.0.1:8443  (https and wss)" in lines
    assert f"  CA        {READY.ca}" in lines


def test_options_have_their_urls_when_they_are_offered() -> None:
    assert json.loads(ready_json(READY))["options"] == {
        "rest": "http://127.0.0.1:8080/eapi/v1",
        "streams": "ws://127.0.0.1:8080",
        "api": "current",
    }
    assert "  Options   http://127.0.0.1:8080/eapi/v1, ws://127.0.0.1:8080  (/public, /market, /private)" in ready_text(
        READY, colour=False
    )
    older = changed(options_api="2024")
    assert json.loads(ready_json(older))["options"]["streams"] == "ws://127.0.0.1:8080/eoptions"
    assert "ws://127.0.0.1:8080/eoptions  (/ws, /stream)" in ready_text(older, colour=False)
    without = changed(options_api="")
    assert json.loads(ready_json(without))["options"] is None
    assert "  Options   off" in ready_text(without, colour=False).splitlines()


def test_without_tls() -> None:
    plain = changed(tls="", ca="")
    assert json.loads(ready_json(plain))["tls"] is None
    text = ready_text(plain, colour=False)
    assert "  TLS       off" in text.splitlines()
    assert "  CA " not in text


def test_what_is_said_of_the_ca_can_be_read_by_programs_and_run_by_shells() -> None:
    path, names = "/srv/o'hara/ca.pem", ("localhost", "127.0.0.1")
    document = json.loads(ca_json(path, names))
    assert (document["ca"], document["names"]) == (path, list(names))
    assert set(document["environment"].values()) == {path}
    text = ca_text(path, names)
    assert text.splitlines()[0] == f"# {path}"
    for variable in document["environment"]:
        script = f'set -e; {text}\nprintf %s "${variable}"'
        assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == path
    assert max(len(line) for line in text.splitlines()) <= 110


def test_the_screen_for_people() -> None:
    text = ready_text(READY, colour=False)
    lines = text.splitlines()
    assert lines[0].startswith(f"papernet {__version__}")
    assert lines[-1] == "Ready."
    assert "\x1b" not in text
    assert READY.rest in text
    assert "each opened with 1 BTC, 10000.0000005 USDT" in text
    for key in READY.keys:
        assert key.api_key in text
    assert any("public" in line and "Never use them" in line for line in lines)
    tries = lines[lines.index("Try") + 1 : -2]
    assert len(tries) == 3
    assert tries[2].startswith("  .venv/bin/papernet keys")
    assert max(len(line) for line in lines) <= 110


def test_colour_changes_nothing_but_colour() -> None:
    coloured = ready_text(READY, colour=True)
    for code in ("\x1b[1m", "\x1b[33m", "\x1b[0m"):
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == ready_text(READY, colour=False)


def test_warnings_are_shown() -> None:
    text = ready_text(changed(warnings=("careful",)), colour=False)
    assert "Note: careful" in text.splitlines()
