"""Tokens and runtime files: private, found again, and gone with their server."""

import os
import stat
from pathlib import Path

import pytest

from papernet.servers import runtime
from papernet.servers.runtime import RunningServer, control_token, derive_api_key, draw_api_key, publish, running_servers


@pytest.fixture(autouse=True)
def _private_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.delenv(runtime.TOKEN_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()


def server(port: int, state: str = "", pid: int = 0) -> RunningServer:
    return RunningServer(pid or os.getpid(), port, f"http://127.0.0.1:{port}/papernet/v1", f"token{port}", state)


def dead_pid() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def test_a_state_directory_keeps_its_token_to_its_owner(tmp_path: Path) -> None:
    token = control_token(tmp_path)
    assert len(token) >= 32
    assert control_token(tmp_path) == token
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    (tmp_path / "token").write_text("\n")
    assert control_token(tmp_path) not in ("", token)


def test_an_ephemeral_server_draws_one_and_the_environment_overrules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert control_token(None) != control_token(None)
    monkeypatch.setenv(runtime.TOKEN_VARIABLE, "given")
    assert control_token(None) == control_token(tmp_path) == "given"
    assert not (tmp_path / "token").exists()


def test_api_keys_are_64_letters_and_digits() -> None:
    first, second = draw_api_key(), draw_api_key()
    assert first != second
    assert len(first) == 64
    assert first.isascii()
    assert first.isalnum()


def test_a_running_server_is_found_and_a_dead_one_forgotten() -> None:
    path = publish(server(8080))
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    dead = publish(server(9090, pid=dead_pid()))
    assert dead is not None
    assert running_servers() == [server(8080)]
    assert not dead.exists()


def test_a_directory_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "run" / "papernet").mkdir(mode=0o755)
    assert publish(server(8080)) is None
    assert running_servers() == []


def test_a_key_that_follows_from_a_seed_is_of_its_place() -> None:
    places = [(1, 5, 0), (1, 5, 1), (1, 6, 0), (2, 5, 0)]
    keys = [derive_api_key(*place) for place in places]
    assert keys == [derive_api_key(*place) for place in places]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 64 and key.isalnum() and key.isascii() for key in keys)
