"""The TLS door: everything that the plain port serves, on a port of its own, with a certificate of the local CA.

Order of work.  The port is taken first, so that no certificate is made for nothing; then the CA is asked for a certificate, and
                asked again once a day, so that a server that runs for years does not outlive it.
Invariant.      Nothing older than TLS 1.2. A certificate that is renewed is shown to every connection made from then on.
Does not.       Serve: it hands over a socket and a context. Does not ask clients for certificates.
"""

import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Final

from papernet.servers.local_ca import LocalCa, LocalCaError, certificate_names, open_ca
from papernet.servers.transport import BindError, bind


class TlsError(Exception):
    """TLS cannot be served; the message is one line."""


class TlsDoor:
    """A port to listen on, and what it shows of itself."""

    def __init__(self, listener: socket.socket, ca: LocalCa) -> None:
        """Take over a listening socket."""
        self.listener: Final = listener
        self.context: Final = server_context(ca.server)
        self.ca = ca

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what a person has to be told."""
        address = ipaddress.ip_address(self.listener.getsockname()[0].partition("%")[0])
        unnamed = not address.is_unspecified and str(address) not in self.ca.names
        hint = f"the certificate does not name {address}, so clients refuse it there; add --tls-name {address}"
        return tuple(filter(None, (self.ca.remark, hint if unnamed else "")))

    def renew(self, now: int) -> str:
        """Show another certificate when it is time, and return what a person has to be told of that."""
        try:
            ca = open_ca(self.ca.names, now)
            if ca.until != self.ca.until:
                self.context.load_cert_chain(ca.server)
        except (LocalCaError, OSError) as error:
            return f"the certificate could not be renewed: {error}"
        self.ca = ca
        return ca.remark


def open_tls(host: str, port: int, names: tuple[str, ...], now: int) -> TlsDoor:
    """Listen for TLS, with a certificate that has `names` beside this machine's own."""
    try:
        every = certificate_names(names)
        listener = bind(host, port)
    except (LocalCaError, BindError) as error:
        raise TlsError(str(error)) from error
    try:
        return TlsDoor(listener, open_ca(every, now))
    except (LocalCaError, OSError) as error:
        listener.close()
        raise TlsError(str(error)) from error


def server_context(server: Path) -> ssl.SSLContext:
    """Return a context that shows the certificate in a file that holds its key too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(server)
    return context
