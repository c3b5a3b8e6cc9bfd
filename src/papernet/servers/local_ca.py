"""The local CA: the files that let programs on this machine speak TLS to papernet, made when they are first needed.

Order of work.  Each set of names has a directory with a CA that can vouch for those names alone, and a server certificate that
                it signed. A note beside them says what they are for, until when, and how they looked. While it fits, nothing
                is made. When it does not, one process at a time makes what is missing: the server's certificate when it is
                about to end, the CA too when that is about to end or cannot be used.
Invariant.      Keys are readable by their owner only from the moment they exist. A directory appears whole, and a file is
                replaced whole, so whoever reads finds a pair that fits. A CA is never changed into one for other names: what
                programs were told to trust stays at its path and stays what it was, as long as it holds.
Does not.       Install anything anywhere. Does not load the `cryptography` library unless something has to be made.
Units.          Times are microseconds UTC.
"""

import fcntl
import ipaddress
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import DecodeError, Struct, json

from papernet.core.dates import DAY, SECOND
from papernet.servers.hosts import LOOPBACK_NAMES
from papernet.servers.runtime import write_private

if TYPE_CHECKING:
    from papernet.servers.certificates import Pair

DIRECTORY_VARIABLE: Final = "PAPERNET_CA_DIR"

_CA_TERM: Final = 3_650 * DAY
# The longest that platforms accept of a server is 398 days; a clock that is a little behind must find it valid too.
_SERVER_TERM: Final = 397 * DAY
_BACKDATED: Final = 1 * DAY
_RENEWED_BEFORE: Final = 30 * DAY
_CA_FILE: Final = "ca.pem"
_KEY_FILE: Final = "ca.key"
_SERVER_FILE: Final = "server.pem"
_NOTE_FILE: Final = "about.json"
_LOCK_FILE: Final = ".lock"
_SCRATCH: Final = ".new-"
_OWNER_ONLY: Final = 0o700
_PUBLIC: Final = 0o644
_NAME_MAX: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SHOWN_MAX: Final = 60


class LocalCaError(Exception):
    """There is no certificate to be had; the message is one line."""


class LocalCa(Struct, frozen=True):
    """A directory of certificates for `names`; `remark` is what a person has to be told of how it came about."""

    directory: Path
    names: tuple[str, ...]
    until: int
    remark: str = ""

    @property
    def certificate(self) -> Path:
        """Return the CA's certificate, which programs are told to trust."""
        return self.directory / _CA_FILE

    @property
    def server(self) -> Path:
        """Return the server's certificate and private key, in one file."""
        return self.directory / _SERVER_FILE


class _Note(Struct, frozen=True):
    """What the files in a directory are for, from when until when they are used, and the digest of those that are served."""

    names: tuple[str, ...]
    since: int
    renew_at: int
    until: int
    digest: str


def certificate_names(further: Iterable[str]) -> tuple[str, ...]:
    """Return all names of a certificate that has `further` ones beside this machine's own."""
    added = {_normal(name) for name in further}
    return *LOOPBACK_NAMES, *sorted(added.difference(LOOPBACK_NAMES))


def open_ca(names: tuple[str, ...], now: int) -> LocalCa:
    """Return the certificates for `names`, of which `certificate_names` made a list; make what is not there or does not fit."""
    base = ca_directory()
    place = base / _directory_name(names)
    try:
        return _kept(place, names, now) or _make(base, place, names, now)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LocalCaError(f"{error.filename or place}: {reason}") from error


def ca_directory() -> Path:
    """Return where this user's certificates are."""
    given = os.environ.get(DIRECTORY_VARIABLE, "")
    if given:
        return Path(given).absolute()
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if data.is_absolute():
        return data / "papernet" / "ca"
    try:
        return Path.home() / ".local" / "share" / "papernet" / "ca"
    except RuntimeError as error:
        raise LocalCaError(f"this user has no home directory; say with {DIRECTORY_VARIABLE} where certificates are") from error


def _normal(name: str) -> str:
    """Return the one spelling of a host's name or address."""
    text = name.lower().removesuffix(".")
    labels = text.split(".")
    try:
        if "%" not in text:
            return str(ipaddress.ip_address(text))
    except ValueError:
        # A name that ends in a number is an address that went wrong.
        if len(text) <= _NAME_MAX and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit():
            return text
    raise LocalCaError(f"--tls-name {name[:_SHOWN_MAX]!a} is no host name or address; a wildcard is none either")


def _directory_name(names: tuple[str, ...]) -> str:
    further = names[len(LOOPBACK_NAMES) :]
    if not further:
        return LOOPBACK_NAMES[0]
    return f"{further[0].replace(':', '-')[:_SHOWN_MAX]}-{sha256(' '.join(further).encode()).hexdigest()[:12]}"


def _kept(place: Path, names: tuple[str, ...], now: int) -> LocalCa | None:
    """Return what is there when it fits."""
    try:
        about = place.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
            raise LocalCaError(f"{place} is not a directory that this user alone can look into")
        note = json.decode((place / _NOTE_FILE).read_bytes(), type=_Note)
        served = _digest((place / _CA_FILE).read_bytes(), (place / _SERVER_FILE).read_bytes())
    except (FileNotFoundError, DecodeError):
        return None
    fits = note.names == names and note.since <= now < note.renew_at and note.digest == served
    return LocalCa(place, names, note.until) if fits else None


def _make(base: Path, place: Path, names: tuple[str, ...], now: int) -> LocalCa:
    base.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    with _alone(base):
        # Another process may have been quicker, or may have died half way.
        kept = _kept(place, names, now)
        if kept is not None:
            return kept
        for abandoned in base.glob(f"{_SCRATCH}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        authority, fault = _usable_authority(place, names, now)
        if authority is not None:
            return LocalCa(place, names, _make_server(place, authority, names, now))
        return _make_directory(base, place, names, now, fault)


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    """Keep other processes from making something at the same time."""
    descriptor = os.open(base / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _usable_authority(place: Path, names: tuple[str, ...], now: int) -> "tuple[Pair | None, str]":
    """Return the CA of a directory when it can sign, or why there is none; no reason when there was no directory."""
    from papernet.servers.certificates import Pair, authority_term

    if not place.exists():
        return None, ""
    try:
        authority = Pair((place / _CA_FILE).read_bytes(), (place / _KEY_FILE).read_bytes())
        term = authority_term(authority, names)
    except FileNotFoundError as error:
        return None, f"{Path(error.filename).name} was not there"
    except ValueError as error:
        return None, str(error)
    if not term.since <= now < term.until - 2 * _RENEWED_BEFORE:
        return None, f"it holds from {_date(term.since)} until {_date(term.until)}"
    return authority, ""


def _make_directory(base: Path, place: Path, names: tuple[str, ...], now: int, fault: str) -> LocalCa:
    """Make a new CA and everything that goes with it, and put it where the one with a fault was."""
    from papernet.servers.certificates import Term, make_authority

    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=base))
    try:
        authority = make_authority(names, Term(now - _BACKDATED, now + _CA_TERM))
        write_private(scratch / _KEY_FILE, authority.key)
        write_private(scratch / _CA_FILE, authority.certificate)
        (scratch / _CA_FILE).chmod(_PUBLIC)
        until = _make_server(scratch, authority, names, now)
        if fault:
            old = place.with_name(f"{place.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            place.rename(old)
            remark = (
                f"the CA in {place} was replaced ({fault}; it is kept in {old.name}): programs that copied it need the new one"
            )
        elif names == LOOPBACK_NAMES:
            remark = ""
        else:
            further = ", ".join(names[len(LOOPBACK_NAMES) :])
            remark = f"a CA of its own was made for {further}: programs have to trust {place / _CA_FILE}"
        scratch.rename(place)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return LocalCa(place, names, until, remark)


def _make_server(place: Path, authority: "Pair", names: tuple[str, ...], now: int) -> int:
    """Make a server's certificate and the note, and return until when it holds."""
    from papernet.servers.certificates import Term, authority_term, make_server

    since = now - _BACKDATED
    until = min(since + _SERVER_TERM, authority_term(authority, names).until)
    server = make_server(authority, names, Term(since, until))
    data = server.key + server.certificate
    write_private(place / _SERVER_FILE, data)
    note = _Note(names, since, until - _RENEWED_BEFORE, until, _digest(authority.certificate, data))
    write_private(place / _NOTE_FILE, json.encode(note) + b"\n")
    return until


def _digest(ca: bytes, server: bytes) -> str:
    return sha256(ca + b"\0" + server).hexdigest()


def _date(time: int) -> str:
    return f"{datetime.fromtimestamp(time // SECOND, UTC):%Y-%m-%d}"
