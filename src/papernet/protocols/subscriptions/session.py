"""One connection to streams: its subscriptions, its properties, and the answers to its control messages.

Order of work.  A request is answered first, and what it subscribes to is pushed after that.
Invariant.      A connection has each name once, in the order in which they came, and no more than its dialect allows; a request
                that would exceed that changes nothing. Once closed it is subscribed to nothing.
Listen keys.    Where the exchange has them, a listen key is the name of a stream, which pushes its account's events. One that
                runs out says so and pushes no more; it stays on the list, as any name does that stands for nothing.
Does not.       Count messages: the connection does. Know what is pushed, or the paths that lead here.
Source.         web-socket-streams.md, WebSocket Limits, Server Shutdown, Live Subscribing/Unsubscribing to streams; European
                Options, Connect, Live Subscribing/Unsubscribing to streams.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Protocol

from msgspec import Struct

from papernet.app.operations import TimeUnit
from papernet.protocols.subscriptions.channels import Envelope
from papernet.protocols.subscriptions.requests import (
    TOO_MANY_SUBSCRIPTIONS,
    Method,
    Request,
    error,
    error_of_nobody,
    read_request,
    result,
)
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.user_feed import Listener

POLICY_VIOLATION: Final = 1_008

# Server Shutdown: what the event is called on connections with the combined property.
_SHUTDOWN: Final = Envelope("!serverShutdown")


class Dialect(Struct, frozen=True, gc=False):
    """What differs between venues on connections that are alike.

    `is_id` says what the id of a request may be. `listen_key_expired` writes that a listen key ran out, `farewell` that the
    server is about to shut down; where there is no such event they are None.
    """

    streams_max: int
    is_id: Callable[[object], bool]
    listen_key_expired: Callable[[str, int, TimeUnit], bytes] | None
    farewell: Callable[[int, TimeUnit], bytes] | None


class Subscribing(Protocol):
    """Who sends what is published under a name."""

    def subscribe(self, name: str, unit: TimeUnit, peer: Peer, *, combined: bool) -> None:
        """Send `peer` what is published under `name` from now on; whoever is subscribed already changes the form."""
        ...

    def unsubscribe(self, name: str, unit: TimeUnit, peer: Peer) -> None:
        """Send `peer` nothing more of `name`."""
        ...


class UserStreams(Protocol):
    """The accounts' events for whoever has a listen key."""

    def account_of(self, listen_key: str, now: int) -> int | None:
        """Return whose events a listen key stands for, None when it is none, was closed or has run out."""
        ...

    def has_run_out(self, listen_key: str, now: int) -> bool:
        """Whether a listen key ended because nobody kept it alive, and not because it was closed."""
        ...

    def subscribe(self, account: int, unit: TimeUnit, deliver: Callable[[bytes], None], listener: Listener) -> Any:  # noqa: ANN401
        """Give `deliver` every event of an account from now on; return what ends that."""
        ...

    def unsubscribe(self, subscription: Any) -> None:  # noqa: ANN401  what `subscribe` returned
        """End a subscription."""
        ...


class StreamSession:
    """What one connection has subscribed to; a `papernet.protocols.websocket.peer.Session`."""

    __slots__ = ("_channels", "_combined", "_dialect", "_keys", "_names", "_peer", "_unit", "_user_streams", "is_closed")

    def __init__(
        self,
        peer: Peer,
        channels: Subscribing,
        user_streams: UserStreams | None,
        unit: TimeUnit,
        dialect: Dialect,
        *,
        combined: bool,
    ) -> None:
        """Begin with no subscription."""
        self.is_closed: bool = False
        self._peer: Final = peer
        self._channels: Final = channels
        self._user_streams: Final = user_streams
        self._dialect: Final = dialect
        self._unit: Final = unit
        self._combined: bool = combined
        # An ordered set.
        self._names: Final[dict[str, None]] = {}
        # Of these names the listen keys, each with its subscription.
        self._keys: Final[dict[str, Any]] = {}

    def open(self, names: Sequence[str], now: int) -> None:
        """Subscribe to the streams that the address names; more than a connection may have end it."""
        fresh = self._fresh(names)
        if fresh is None:
            self._send(error_of_nobody(TOO_MANY_SUBSCRIPTIONS))
            self._peer.close(POLICY_VIOLATION, "Invalid request")
        else:
            self._subscribe(fresh, now)

    def receive(self, text: str, now: int) -> None:
        """Answer a control message and do what it asks for."""
        request = read_request(text, self._dialect.is_id)
        if isinstance(request, bytes):
            self._send(request)
        elif request.method is Method.SUBSCRIBE:
            self._answer_subscribe(request, now)
        elif request.method is Method.UNSUBSCRIBE:
            self._send(result(None, request.id))
            self._unsubscribe(request.names)
        elif request.method is Method.LIST_SUBSCRIPTIONS:
            self._send(result(list(self._names), request.id))
        elif request.method is Method.SET_PROPERTY:
            self._send(result(None, request.id))
            self._set_combined(request.combined)
        else:
            self._send(result(self._combined, request.id))

    def farewell(self, now: int) -> None:
        """Tell that the server is about to shut down."""
        write = self._dialect.farewell
        if write is not None:
            self._push(_SHUTDOWN, write(now, self._unit))

    def closed(self, _now: int) -> None:
        """Let go of all subscriptions."""
        self.is_closed = True
        self._unsubscribe(tuple(self._names))

    def sweep(self, now: int) -> None:
        """End the subscriptions of listen keys that are none any more."""
        streams, write = self._user_streams, self._dialect.listen_key_expired
        for key in tuple(self._keys):
            assert streams is not None
            if streams.account_of(key, now) is None:
                streams.unsubscribe(self._keys.pop(key))
                # user-data-stream.md, Listen Key Expired: not told of a key that was closed.
                if write is not None and streams.has_run_out(key, now):
                    self._push(Envelope(key), write(key, now, self._unit))

    def _answer_subscribe(self, request: Request, now: int) -> None:
        fresh = self._fresh(request.names)
        if fresh is None:
            self._send(error(TOO_MANY_SUBSCRIPTIONS, request.id))
        else:
            self._send(result(None, request.id))
            self._subscribe(fresh, now)

    def _fresh(self, names: Sequence[str]) -> list[str] | None:
        """Return those names, each once, that are not subscribed to, or None when they would be too many."""
        fresh = [name for name in dict.fromkeys(names) if name not in self._names]
        return fresh if len(self._names) + len(fresh) <= self._dialect.streams_max else None

    def _subscribe(self, names: list[str], now: int) -> None:
        streams = self._user_streams
        for name in names:
            self._names[name] = None
            account = None if streams is None or "@" in name else streams.account_of(name, now)
            if streams is None or account is None:
                self._channels.subscribe(name, self._unit, self._peer, combined=self._combined)
            else:
                push = partial(self._push, Envelope(name))
                self._keys[name] = streams.subscribe(account, self._unit, push, Listener(self._peer, listen_key=name))

    def _unsubscribe(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self._names:
                del self._names[name]
                if name in self._keys:
                    assert self._user_streams is not None
                    self._user_streams.unsubscribe(self._keys.pop(name))
                else:
                    self._channels.unsubscribe(name, self._unit, self._peer)

    def _set_combined(self, combined: bool) -> None:  # noqa: FBT001  the value of a property
        if combined is self._combined:
            return
        self._combined = combined
        for name in self._names:
            if name not in self._keys:
                self._channels.subscribe(name, self._unit, self._peer, combined=combined)

    def _push(self, envelope: Envelope, payload: bytes) -> None:
        """Send an event, in its envelope where the connection has the combined property."""
        self._send(envelope.around(payload) if self._combined else payload)

    def _send(self, message: bytes) -> None:
        self._peer.send(text_frame(message))
