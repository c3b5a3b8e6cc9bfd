"""A TLS handshake in memory, judged by OpenSSL as strictly as Python 3.13 judges by default."""

import ssl
from pathlib import Path


def strict_client(ca: Path | str) -> ssl.SSLContext:
    """Return the context of a client that trusts one CA alone."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Shake hands and return the client's side; an SSLError says why it would not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    # The client is done first, with the server's certificate judged; what is left is the server's to read.
    while True:
        try:
            ours.do_handshake()
        except ssl.SSLWantReadError:
            try:
                theirs.do_handshake()
            except ssl.SSLWantReadError:
                continue
        else:
            return ours
