"""Who may talk to this server from where: the Host and Origin checks, before anything is counted.

A web page that a developer happens to have open can make the browser send requests to 127.0.0.1. It can neither be told apart
by its address nor kept from spending the developer's request weight until the ban, so it is told apart by what browsers add
and bots do not: the Host of a rebound name, an Origin, a Sec-Fetch-Site.

Order of work.  The usual request (one known Host, none of the browser's headers) passes after two look-ups; all others are
                taken apart.
Invariant.      Nothing that a header can hold raises; what cannot be read is refused.
Does not.       Look at the path: every path is checked alike.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_OWN_SITE: Final = (b"same-origin", b"none")
_SHOWN_MAX: Final = 60
_PORT_DIGITS_MAX: Final = 5


class HostPolicy:
    """The names that this server answers to."""

    def __init__(self, names: Iterable[str], port: int, *, tls_port: int | None = None, any_address: bool = False) -> None:
        """Answer to `names` at any port (tunnels change it); to every IP address too when `any_address` says so.

        An address as Host cannot come from a rebound name, so a server bound to all interfaces may take any. Pages of its own
        come from http at `port` and from https at `tls_port`.
        """
        self._names: Final = frozenset(name.lower().rstrip(".") for name in names)
        self._any_address: Final = any_address
        self._origins: Final = {b"http": (80, port), b"https": (443, tls_port)}
        suffixes = ("", f":{port}") if tls_port is None else ("", f":{port}", f":{tls_port}")
        self._usual: Final = frozenset(
            f"{_bracketed(name)}{suffix}".encode("ascii", "replace") for name in self._names for suffix in suffixes
        )

    def refusal(self, headers: list[tuple[bytes, bytes]], by_name: Mapping[bytes, bytes]) -> str | None:
        """Return why a request is refused, or None. `by_name` holds the same headers, the last of a name."""
        if by_name.get(b"host") not in self._usual or len(by_name) != len(headers):
            hosts = [value for name, value in headers if name == b"host"]
            if len(hosts) != 1:
                return "A request has exactly one Host header."
            if not self._answers_to(hosts[0]):
                return f"This server does not answer to the host {_shown(hosts[0])}; start it with --allow-host to change that."
        origin = by_name.get(b"origin")
        if origin is not None and not self._own_origin(origin):
            return f"Requests from web pages are refused, this one came from {_shown(origin)}."
        site = by_name.get(b"sec-fetch-site")
        if site is not None and site not in _OWN_SITE:
            return "Requests from web pages of other sites are refused."
        return None

    def _answers_to(self, host: bytes) -> bool:
        split = _split(host)
        if split is None:
            return False
        name = split[0]
        return name in self._names or (self._any_address and _is_address(name))

    def _own_origin(self, origin: bytes) -> bool:
        scheme, separator, host = origin.partition(b"://")
        split = _split(host)
        known = self._origins.get(scheme.lower())
        if not separator or known is None or split is None:
            return False
        name, port = split
        usual_port, own_port = known
        return (name in self._names or (self._any_address and _is_address(name))) and (port or usual_port) == own_port


def is_loopback(address: str) -> bool:
    """Return whether a peer's address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def plain_address(address: str) -> str:
    """Return an address without IPv6's wrapping of IPv4 ("::ffff:127.0.0.1"), so that a peer has one spelling."""
    return address[7:] if address.startswith("::ffff:") and "." in address else address


def _split(host: bytes) -> tuple[str, int] | None:
    """Return (name, port or 0) of a Host header's value, or None when it is none."""
    try:
        text = host.decode("ascii").lower()
    except UnicodeDecodeError:
        return None
    if text.startswith("["):
        name, bracket, rest = text[1:].partition("]")
        if not bracket or not _is_address(name) or ":" not in name:
            return None
        name = str(ipaddress.ip_address(name))
    else:
        name, colon, rest = text.partition(":")
        rest = colon + rest
        name = name.removesuffix(".")
    if not rest:
        return name, 0
    digits = rest[1:]
    if rest[0] != ":" or not digits.isdecimal() or len(digits) > _PORT_DIGITS_MAX:
        return None
    return name, int(digits)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _shown(value: bytes) -> str:
    return ascii(value[:_SHOWN_MAX].decode("latin-1"))
