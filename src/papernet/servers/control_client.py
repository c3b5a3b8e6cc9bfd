"""How the command line asks a running server: find it, send one request, read the answer.

Does not.       Use proxies from the environment: the control plane is on this machine.
"""

import http.client
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import DecodeError, json

from papernet.servers.runtime import TOKEN_VARIABLE, RunningServer, running_servers

URL_VARIABLE: Final = "PAPERNET_CONTROL"
_TIMEOUT_SECONDS: Final = 30.0


class ControlError(Exception):
    """The server could not be found or refused; the message is one line, `status` the server's, 0 when none was asked."""

    def __init__(self, message: str, status: int = 0) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.status: Final = status


def find_server(port: int | None, state: Path | None) -> tuple[str, str]:
    """Return (control URL, token) of the server that is meant: the only one, or the one of the port or state directory."""
    url, token = os.environ.get(URL_VARIABLE), os.environ.get(TOKEN_VARIABLE)
    if url and token and port is None and state is None:
        return url, token
    candidates = running_servers()
    if port is not None:
        candidates = [server for server in candidates if server.port == port]
    if state is not None:
        candidates = [server for server in candidates if server.state == str(state.resolve())]
    if len(candidates) > 1:
        # The server of this directory is the one that is meant, unless somebody says otherwise.
        here = str(Path(".papernet").resolve())
        candidates = [server for server in candidates if server.state == here] or candidates
    if not candidates:
        wanted = f" on port {port}" if port is not None else f" for {state}" if state is not None else ""
        raise ControlError(f"no papernet is running{wanted}; start one with: papernet up")
    if len(candidates) > 1:
        raise ControlError(f"several are running, say which with --port: {', '.join(str(each.port) for each in candidates)}")
    return _address(candidates[0], token)


def call(server: tuple[str, str], method: str, path: str, body: object = None, patience: float | None = None) -> Any:  # noqa: ANN401  decoded JSON
    """Send one request and return the answer's JSON; `patience` are the seconds it may take, usually half a minute."""
    url, token = server
    parts = urlsplit(url)
    headers = {"Authorization": f"Bearer {token}"}
    payload = None
    if body is not None:
        payload = json.encode(body)
        headers["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=patience or _TIMEOUT_SECONDS)
    try:
        connection.request(method, parts.path + path, payload, headers)
        response = connection.getresponse()
        answer = json.decode(response.read())
    except (OSError, http.client.HTTPException, DecodeError) as error:
        raise ControlError(f"{url}: {error}") from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ControlError(str(answer.get("error") or answer.get("msg") or response.status), response.status)
    return answer


def _address(server: RunningServer, token: str | None) -> tuple[str, str]:
    return server.control, token or server.token
