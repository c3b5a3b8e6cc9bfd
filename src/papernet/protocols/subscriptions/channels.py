"""Who listens to what: one channel for each stream and time unit, and everybody who subscribed to it.

Order of work.  Sessions subscribe and unsubscribe; the listener hears of the first subscriber of a stream and of the last; what
                it publishes is framed once as it is and once inside the envelope of combined streams, and the same bytes go to
                everybody.
Faults.         While there are rules about streams, what is published goes through `tampering`, once a channel.
Invariant.      A peer is in a channel once, in one of the two forms. Subscriptions may come and go while something is sent.
                A channel without subscribers does not exist, nor does one of a name that stands for nothing.
Does not.       Know what is pushed, or when, or what names stand for: `parse` does.
Source.         web-socket-streams.md, General WSS information (combined stream events).
"""

from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from papernet.app.operations import TimeUnit
from papernet.protocols.json.fragments import quoted
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.tampering import Passing, Tampering


class NamedStream(Protocol):
    """What a name stands for."""

    @property
    def name(self) -> str:
        """Return the name."""
        ...

    @property
    def about(self) -> str:
        """Return the symbol, or whatever else it is about; "" for everything."""
        ...

    @property
    def is_change(self) -> bool:
        """Whether each push goes on where the last one ended, so that none may be missing."""
        ...

    @property
    def speed(self) -> int:
        """Return how many microseconds lie between two pushes; 0: what happens is pushed at once."""
        ...


StreamT = TypeVar("StreamT", bound=NamedStream)
ToldT_contra = TypeVar("ToldT_contra", bound=NamedStream, contravariant=True)


class StreamListener(Protocol[ToldT_contra]):
    """Who makes the messages of the streams that somebody listens to."""

    def started(self, stream: ToldT_contra, unit: TimeUnit) -> None:
        """Begin to publish: a stream has its first subscriber."""
        ...

    def stopped(self, stream: ToldT_contra, unit: TimeUnit) -> None:
        """Publish no more: the last subscriber of a stream has gone."""
        ...


class Envelope:
    """What a payload is wrapped in on connections with the combined property."""

    __slots__ = ("_opening",)

    def __init__(self, name: str) -> None:
        """Wrap what is pushed under `name`."""
        self._opening: Final = f'{{"stream":{quoted(name)},"data":'.encode()

    def around(self, payload: bytes) -> bytes:
        """Return the payload with its envelope."""
        return b"%b%b}" % (self._opening, payload)


class _Channel(Generic[StreamT]):
    """The subscribers of one stream in one time unit, in the order in which they came."""

    __slots__ = ("combined", "envelope", "raw", "stream")

    def __init__(self, stream: StreamT) -> None:
        self.stream: Final = stream
        self.envelope: Final = Envelope(stream.name)
        self.raw: Final[dict[Peer, None]] = {}
        self.combined: Final[dict[Peer, None]] = {}


class Channels(Generic[StreamT]):
    """The channels of one exchange. `listener` hears which of them begin and end."""

    __slots__ = ("_channels", "_parse", "listener", "tampering")

    def __init__(self, parse: Callable[[str], StreamT | None]) -> None:
        """Begin with nobody subscribed to anything; `parse` says what a name stands for, None when for nothing."""
        self.listener: StreamListener[StreamT] | None = None
        # While there are rules about streams, what goes wrong on the way out.
        self.tampering: Tampering | None = None
        self._parse: Final = parse
        self._channels: Final[dict[tuple[str, TimeUnit], _Channel[StreamT]]] = {}

    def subscribe(self, name: str, unit: TimeUnit, peer: Peer, *, combined: bool) -> None:
        """Send `peer` what is published under `name` from now on; whoever is subscribed already changes the form."""
        channel = self._channels.get((name, unit))
        if channel is None:
            stream = self._parse(name)
            if stream is None:
                return
            channel = self._channels[name, unit] = _Channel(stream)
            if self.listener is not None:
                self.listener.started(stream, unit)
        joined, left = (channel.combined, channel.raw) if combined else (channel.raw, channel.combined)
        left.pop(peer, None)
        joined[peer] = None

    def unsubscribe(self, name: str, unit: TimeUnit, peer: Peer) -> None:
        """Send `peer` nothing more of `name`."""
        channel = self._channels.get((name, unit))
        if channel is None:
            return
        channel.raw.pop(peer, None)
        channel.combined.pop(peer, None)
        if not channel.raw and not channel.combined:
            del self._channels[name, unit]
            if self.listener is not None:
                self.listener.stopped(channel.stream, unit)

    def publish(self, stream: StreamT, unit: TimeUnit, payload: bytes, *, latest: bool = False) -> None:
        """Send a payload to everybody who listens; `latest` says that the next one makes it worthless."""
        name = stream.name
        channel = self._channels.get((name, unit))
        if channel is None:
            return
        if self.tampering is not None:
            self._tamper(self.tampering, channel, unit, payload, latest=latest)
            return
        # Copies, because sending may end a connection, which then unsubscribes.
        if channel.raw:
            _send(tuple(channel.raw), name, text_frame(payload), latest=latest)
        if channel.combined:
            _send(tuple(channel.combined), name, text_frame(channel.envelope.around(payload)), latest=latest)

    def _tamper(
        self, tampering: Tampering, channel: _Channel[StreamT], unit: TimeUnit, payload: bytes, *, latest: bool
    ) -> None:
        """Send a payload through `tampering`; when that is late, it goes to those of today that are there still."""
        stream = channel.stream
        peers = (*channel.raw, *channel.combined)

        def send() -> None:
            raw = tuple(peer for peer in peers if peer in channel.raw)
            combined = tuple(peer for peer in peers if peer in channel.combined)
            _send(raw, stream.name, text_frame(payload), latest=latest)
            _send(combined, stream.name, text_frame(channel.envelope.around(payload)), latest=latest)

        about = tampering.occasion(stream.name, symbol=stream.about)
        tampering.pass_on((stream.name, unit), Passing(about, send, peers, is_change=stream.is_change))


def _send(peers: tuple[Peer, ...], name: str, frame: bytes, *, latest: bool) -> None:
    if latest:
        for peer in peers:
            peer.send_latest(name, frame)
    else:
        for peer in peers:
            peer.send(frame)
