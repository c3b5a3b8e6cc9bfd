"""How the command line finds a running server and proves that it may: the control token and the runtime file.

Order of work.  A state directory keeps its token in the file `token`; an ephemeral server draws one. While a server runs, a
                file named after its port, in a directory that only this user can read, says where it is and what its token is.
Invariant.      Token and runtime files are readable by their owner only, from the moment they exist.
Does not.       Talk to the server.
"""

import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct, json

TOKEN_VARIABLE: Final = "PAPERNET_TOKEN"  # noqa: S105  a variable's name
_TOKEN_BYTES: Final = 32
_TOKEN_MAX: Final = 512
_OWNER_ONLY: Final = 0o600
_OWNER_ONLY_DIRECTORY: Final = 0o700
_KEY_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY_LENGTH: Final = 64


class RunningServer(Struct, frozen=True):
    """What a runtime file says: a server of process `pid`, its control plane, and its state directory ("" when ephemeral)."""

    pid: int
    port: int
    control: str
    token: str
    state: str


def draw_api_key() -> str:
    """Return 64 letters and digits that nobody can guess."""
    return "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_KEY_LENGTH))


def derive_api_key(seed: int, *place: int) -> str:
    """Return the 64 letters and digits that a network of a seed draws at a place."""
    number = int.from_bytes(hashlib.sha512(repr(("papernet", seed, *place)).encode()).digest())
    letters = []
    for _ in range(_KEY_LENGTH):
        number, letter = divmod(number, len(_KEY_ALPHABET))
        letters.append(_KEY_ALPHABET[letter])
    return "".join(letters)


def control_token(state: Path | None) -> str:
    """Return the token of a state directory, made at its first start; a fresh one when there is no directory."""
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    if given:
        return given
    if state is None:
        return secrets.token_urlsafe(_TOKEN_BYTES)
    path = state / "token"
    try:
        token = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        token = ""
    if not token or len(token) > _TOKEN_MAX:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        write_private(path, f"{token}\n".encode())
    return token


def publish(server: RunningServer) -> Path | None:
    """Write the runtime file and return where; None when there is no place for it."""
    directory = _runtime_directory(make=True)
    if directory is None:
        return None
    path = directory / f"{server.port}.json"
    try:
        write_private(path, json.encode(server))
    except OSError:
        return None
    return path


def running_servers() -> list[RunningServer]:
    """Return the servers of this user that run now, by port; files that dead ones left behind are removed."""
    directory = _runtime_directory(make=False)
    found: list[RunningServer] = []
    if directory is None:
        return found
    for path in sorted(directory.glob("*.json"), key=lambda file: (len(file.name), file.name)):
        try:
            server = json.decode(path.read_bytes(), type=RunningServer)
        except (OSError, DecodeError):
            continue
        if _alive(server.pid):
            found.append(server)
        else:
            path.unlink(missing_ok=True)
    return found


def _runtime_directory(*, make: bool) -> Path | None:
    base = os.environ.get("XDG_RUNTIME_DIR")
    path = Path(base) / "papernet" if base else Path(tempfile.gettempdir()) / f"papernet-{os.getuid()}"
    try:
        if make:
            path.mkdir(mode=_OWNER_ONLY_DIRECTORY, exist_ok=True)
        about = path.lstat()
    except OSError:
        return None
    # Another user could have made a directory of that name first, to read the tokens or to offer false servers.
    private = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
    return path if private else None


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    scratch.replace(path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
