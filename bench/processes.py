"""Servers to be measured, each in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
_STOP_SECONDS: Final = 60

# An API key and its secret.
Key = tuple[str, str]


@dataclass(frozen=True)
class RunningExchange:
    """An exchange that answers: its process, its port, and the HMAC keys of its accounts by name."""

    pid: int
    port: int
    keys: dict[str, Key]


@contextmanager
def server(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a Python module as a server, and yield it with its first line of output."""
    with subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def exchange(catalogue: Path, state: Path | None = None, *more: str) -> Iterator[RunningExchange]:
    """Start an exchange without crowd, options, limits or TLS, in memory when there is no state directory."""
    place = ("--ephemeral",) if state is None else ("--state", str(state))
    options = (
        *place,
        "--port",
        "0",
        "--tls-port",
        "off",
        "--symbols",
        str(catalogue),
        "--market",
        "none",
        "--limits",
        "off",
        "--no-options",
        "--json",
        *more,
    )
    with server("papernet", "up", *options) as (process, line):
        ready: dict[str, Any] = json.loads(line)
        keys = {key["name"]: (key["api_key"], key["secret_key"]) for key in ready["accounts"] if key["type"] == "HMAC"}
        port = urlsplit(ready["rest"]).port
        assert port is not None
        yield RunningExchange(process.pid, port, keys)
