"""Real clients against a real server: each module starts `papernet up` once, on loopback, with empty books."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

_START_TIMEOUT = 30


@dataclass(frozen=True)
class Credentials:
    """One API key of a development account."""

    account: str
    kind: str
    api_key: str
    secret: str


@dataclass(frozen=True)
class Server:
    """A running papernet: its REST base URL and the keys it announced."""

    rest: str
    keys: tuple[Credentials, ...]

    def key(self, account: str, kind: str = "HMAC") -> Credentials:
        """Return the key of an account by its type."""
        return next(key for key in self.keys if (key.account, key.kind) == (account, kind))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start papernet with empty books and stop it with the module."""
    command = [
        sys.executable,
        "-m",
        "papernet",
        "up",
        "--port",
        "0",
        "--ephemeral",
        "--market",
        "none",
        "--limits",
        "off",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            keys = tuple(
                Credentials(entry["name"], entry["type"], entry["api_key"], entry.get("secret_key") or entry["private_key_pem"])
                for entry in ready["accounts"]
            )
            yield Server(ready["rest"].removesuffix("/"), keys)
        finally:
            process.terminate()
            assert process.wait(_START_TIMEOUT) == 0
