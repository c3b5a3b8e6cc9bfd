"""Real clients against a real server: each module starts `papernet up` once, on loopback, with empty books."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    """A running papernet: its base URLs, the keys it announced, and where it is over TLS, if it is."""

    rest: str
    ws_api: str
    streams: str
    keys: tuple[Credentials, ...]
    tls: dict[str, str] | None = None

    def key(self, account: str, kind: str = "HMAC") -> Credentials:
        """Return the key of an account by its type."""
        return next(key for key in self.keys if (key.account, key.kind) == (account, kind))


@contextmanager
def running(*options: str) -> Iterator[Server]:
    """Start papernet with these options and nobody else trading; stop it in the end."""
    command = [sys.executable, "-m", "papernet", "up", "--market", "none", "--limits", "off", "--tls-port", "off", "--json"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            keys = tuple(
                Credentials(entry["name"], entry["type"], entry["api_key"], entry.get("secret_key") or entry["private_key_pem"])
                for entry in ready["accounts"]
            )
            yield Server(ready["rest"].removesuffix("/"), ready["ws_api"], ready["streams"], keys, ready["tls"])
        finally:
            process.terminate()
            assert process.wait(_START_TIMEOUT) == 0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start papernet with empty books and stop it with the module."""
    with running("--port", "0", "--ephemeral") as started:
        yield started
