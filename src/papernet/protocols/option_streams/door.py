"""The doors of the options venue's streams: what the address of a connection says, and the session that is made of it.

Order of work.  In the current generation "/public", "/market" and "/private" lead to streams of their own; in the older one
                "/eoptions" leads to all. Behind each stand "/ws" for raw events and "/stream" for combined ones: the names of
                streams stand in the path of the one and in the query of the other.
Invariant.      Any name is taken and listed: clients connect to "/public/ws/0" and subscribe later. Under a base to which it
                does not belong a name stands for nothing; listen keys belong to "/private".
Does not.       Take part in the handshake, or know what is pushed.
Source.         European Options: Websocket Market Streams, Connect; User Data Streams, Connect. The keys in the query of
                "/private" are how the exchange's other derivatives have them.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from msgspec import structs

from papernet.app.fault_rules import FaultDoor
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.app.operations.options import Generation
from papernet.core.dates import MINUTE
from papernet.protocols.option_streams.current_user import listen_key_expired
from papernet.protocols.option_streams.names import NAMES, Base, OptionStream
from papernet.protocols.subscriptions.addresses import pairs
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.subscriptions.requests import is_unsigned
from papernet.protocols.subscriptions.session import Dialect, StreamSession, UserStreams
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Rules

# Connect: 10 messages a second, a ping every five minutes, fifteen to answer it. 200 names fit into the longest message.
RULES: Final = Rules(
    messages_per_second=10,
    message_max=1 << 16,
    backlog_max=1 << 24,
    ping_interval=5 * MINUTE,
    pong_deadline=15 * MINUTE,
)

# Where limits are switched off.
UNLIMITED: Final = structs.replace(RULES, messages_per_second=0)

# Connect: 200 streams a connection. The older documents have no event for a listen key that ran out, neither one for the end.
_DIALECTS: Final[Mapping[Generation, Dialect]] = {
    Generation.CURRENT: Dialect(200, is_unsigned, listen_key_expired, None),
    Generation.LEGACY: Dialect(200, is_unsigned, None, None),
}

_BASES: Final[Mapping[Generation, Mapping[str, Base]]] = {
    Generation.CURRENT: {"/public": Base.PUBLIC, "/market": Base.MARKET, "/private": Base.PRIVATE},
    Generation.LEGACY: {"/eoptions": Base.ANY},
}

RAW_PATH: Final = "/ws"
COMBINED_PATH: Final = "/stream"


class BaseChannels:
    """The channels of a base: names of other bases stand for nothing."""

    __slots__ = ("_base", "_channels", "_generation")

    def __init__(self, channels: Channels[OptionStream], generation: Generation, base: Base) -> None:
        """Look at the channels of a generation from a base."""
        self._channels: Final = channels
        self._generation: Final = generation
        self._base: Final = base

    def subscribe(self, name: str, unit: TimeUnit, peer: Peer, *, combined: bool) -> None:
        """Send `peer` what is published under `name` from now on, if it is a name of this base."""
        stream = NAMES[self._generation].parse(name)
        if stream is not None and stream.form.base is self._base:
            self._channels.subscribe(name, unit, peer, combined=combined)

    def unsubscribe(self, name: str, unit: TimeUnit, peer: Peer) -> None:
        """Send `peer` nothing more of `name`."""
        self._channels.unsubscribe(name, unit, peer)


def read_names(base: str, path: str, query: bytes) -> tuple[list[str], bool] | Fault:
    """Return which names an unquoted path and a raw query have behind a base, and whether events are combined."""
    rest, asked = path.removeprefix(base), pairs(query)
    # Private: the keys of listeners, instead of streams
    keys = [name for key, value in asked if key == "listenKey" for name in value.split("/")]
    if rest in (COMBINED_PATH, COMBINED_PATH + "/"):
        names = [name for key, value in asked if key == "streams" for name in value.split("/")]
    elif rest == RAW_PATH or rest.startswith(RAW_PATH + "/"):
        names = rest.removeprefix(RAW_PATH).split("/")
    else:
        return Fault(RequestFault.UNKNOWN_PATH, (path,))
    return [name for name in names + keys if name], not rest.startswith(RAW_PATH)


class OptionStreamDoor:
    """Makes the sessions of the options venue's streams, in one generation."""

    def __init__(
        self,
        channels: Channels[OptionStream],
        user_streams: UserStreams | None,
        generation: Generation,
        rules: Rules = RULES,
    ) -> None:
        """Subscribe to `channels`, and to users' events where there are listen keys."""
        self._rules: Final = rules
        self._dialect: Final = _DIALECTS[generation]
        self._user_streams: Final = user_streams
        self._bases: Final = {
            path: (BaseChannels(channels, generation, base), base) for path, base in _BASES[generation].items()
        }
        # An ordered set of those that may have listen keys.
        self._sessions: Final[dict[StreamSession, None]] = {}

    def doors(self) -> tuple[Door, ...]:
        """Return the paths that lead here."""
        return tuple(
            Door(base + path, self._rules, partial(self.open, base), name=FaultDoor.OPTIONS_STREAMS)
            for base in self._bases
            for path in (RAW_PATH, COMBINED_PATH)
        )

    def open(self, base: str, peer: Peer, handshake: Handshake, now: int) -> StreamSession | Fault:
        """Return the session of a connection to a base, subscribed to what its address names, or why it is refused."""
        found = read_names(base, handshake.path, handshake.query)
        if isinstance(found, Fault):
            return found
        names, combined = found
        channels, kind = self._bases[base]
        users = self._user_streams if kind in (Base.PRIVATE, Base.ANY) else None
        session = StreamSession(peer, channels, users, TimeUnit.MILLISECOND, self._dialect, combined=combined)
        if users is not None:
            self._sessions[session] = None
        session.open(names, now)
        return session

    def sweep(self, now: int) -> None:
        """Look for listen keys that have ended; once a second or so is enough."""
        for session in tuple(self._sessions):
            if session.is_closed:
                del self._sessions[session]
            else:
                session.sweep(now)
