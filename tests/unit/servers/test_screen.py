"""What is said when an exchange is ready."""

import json

from papernet import __version__
from papernet.servers.dev_accounts import development_keys
from papernet.servers.screen import Ready, ready_json, ready_text

READY = Ready(
    rest="http://127.0.0.1:8080",
    control="http://127.0.0.1:8080/papernet/v1",
    seed=7,
    market="sim",
    state="in memory",
    symbols=("BTCUSDT", "ETHUSDT"),
    balances=(("BTC", 100_000_000), ("USDT", 1_000_000_000_050)),
    keys=development_keys(),
    command=".venv/bin/papernet",
)


def test_the_line_for_programs_has_these_keys_and_no_others() -> None:
    line = ready_json(READY)
    assert b"\n" not in line
    document = json.loads(line)
    assert list(document) == ["ready", "version", "rest", "control", "seed", "accounts"]
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
    text = ready_text(
        Ready(**{name: getattr(READY, name) for name in READY.__struct_fields__} | {"warnings": ("careful",)}), colour=False
    )
    assert "Note: careful" in text.splitlines()
