"""A real `papernet up` in a process of its own, for tests from the outside."""

import hashlib
import hmac
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

PATIENCE = 30


class Papernet:
    """A running server. The runtime files of all servers of one `home` lie there, so that tests do not meet."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            command("up", "--port", "0", "--json", *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=home,
            env=environment(home),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate(timeout=PATIENCE)[1])
        self.ready: dict[str, Any] = json.loads(line)
        self.port: int = urlsplit(self.ready["rest"]).port or 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Stop the server and return its exit status and what else it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, Any]:
        """Send one request and return status, headers and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, json.loads(response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Return the JSON of a successful GET."""
        status, _, document = self.request("GET", path)
        assert status == 200, document
        return document

    def account(self, name: str, kind: str = "HMAC") -> dict[str, Any]:
        """Return a development account's key."""
        found: dict[str, Any] = next(row for row in self.ready["accounts"] if (row["name"], row["type"]) == (name, kind))
        return found

    def signed(self, key: dict[str, Any], method: str, path: str, **params: object) -> tuple[int, Any]:
        """Send a request signed by an HMAC key and return status and JSON."""
        query = "&".join(f"{name}={value}" for name, value in (params | {"timestamp": int(time.time() * 1000)}).items())
        signature = hmac.new(key["secret_key"].encode(), query.encode(), hashlib.sha256).hexdigest()
        headers = {"X-MBX-APIKEY": key["api_key"]}
        status, _, document = self.request(method, f"{path}?{query}&signature={signature}", headers=headers)
        return status, document

    def run(self, *arguments: str) -> str:
        """Run another papernet command against this server and return what it printed."""
        status, out, err = run(self.home, *arguments)
        assert status == 0, err
        return out


def run(home: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a papernet command to its end and return its exit status, stdout and stderr."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, cwd=home, env=environment(home), timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout, done.stderr


def command(*arguments: str) -> list[str]:
    """Return the command line of papernet with this interpreter."""
    return [sys.executable, "-m", "papernet", *arguments]


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which only servers of `home` are found, with the certificates of this run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAPERNET_") or name == "PAPERNET_CA_DIR"}
    return kept | {"XDG_RUNTIME_DIR": str(home)}
