"""From the head of an HTTP request to a WebSocket, or to the answer that says why not.

Invariant.      No extension and no subprotocol is agreed to: frames are sent once for all their readers, never compressed.
Does not.       Know paths, hosts or limits.
Source.         RFC 6455, 4.2, as the `websockets` library reads it; so are the answers to what is no handshake.
"""

from urllib.parse import unquote

from msgspec import Struct
from websockets.http11 import Request
from websockets.server import ServerProtocol

from papernet.protocols.websocket.peer import Handshake


class Accepted(Struct, frozen=True, gc=False):
    """A client that may have its WebSocket; `response` says so to it."""

    handshake: Handshake
    response: bytes


class Declined(Struct, frozen=True, gc=False):
    """What asked for no WebSocket that there is; the connection ends with `response`."""

    response: bytes


def read_handshake(head: bytes) -> Accepted | Declined:
    """Return what becomes of a request, of which the head is all there is."""
    protocol = ServerProtocol()
    protocol.receive_data(head)
    for request in protocol.events_received():
        assert isinstance(request, Request)
        response = protocol.accept(request)
        protocol.send_response(response)
        if response.status_code == 101:
            return Accepted(_handshake(request), b"".join(protocol.data_to_send()))
    return Declined(b"".join(protocol.data_to_send()) or b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def _handshake(request: Request) -> Handshake:
    path, _, query = request.path.partition("?")
    headers = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in request.headers.raw_items()}
    return Handshake(unquote(path), query.encode("ascii"), headers)
