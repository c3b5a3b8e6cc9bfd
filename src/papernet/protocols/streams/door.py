"""The stream door: what the address of a connection says, and the session that is made of it.

Order of work.  `/ws` is for raw events, `/stream` for combined ones. The names of streams stand in the path of the one and in
                the query of the other, in either also percent-encoded; the session begins with them.
Invariant.      Any name is taken, as the exchange takes it: clients connect to `/ws/0` and subscribe later.
Does not.       Take part in the handshake, or know what is pushed.
Source.         web-socket-streams.md, General WSS information; CHANGELOG.md, 2025-11-28 (URL-encoded addresses).
"""

from typing import Final

from msgspec import Struct, structs

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.protocols.json.params import TIME_UNITS
from papernet.protocols.json.user_events import listen_key_expired, server_shutdown
from papernet.protocols.streams.names import Stream
from papernet.protocols.subscriptions.addresses import pairs
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.subscriptions.requests import is_any_id
from papernet.protocols.subscriptions.session import Dialect, StreamSession, UserStreams
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Rules, rules_of

RAW_PATH: Final = "/ws"
COMBINED_PATH: Final = "/stream"

# web-socket-streams.md, WebSocket Limits: 5 messages a second. A request that names 1024 streams fits into the longest message.
RULES: Final = Rules(messages_per_second=5, message_max=1 << 16, backlog_max=1 << 22)

# web-socket-streams.md, WebSocket Limits: 1024 streams a connection.
DIALECT: Final = Dialect(1_024, is_any_id, listen_key_expired, server_shutdown)

# Where limits are switched off.
UNLIMITED: Final = structs.replace(RULES, messages_per_second=0)

_BAD_TIME_UNIT: Final = Fault(RequestFault.BAD_TIME_UNIT)


class Address(Struct, frozen=True):
    """What an address asks for."""

    names: tuple[str, ...]
    combined: bool
    unit: TimeUnit


def dialect_of(era: Era) -> Dialect:
    """Return how the spot venue's streams spoke in an era."""
    return structs.replace(
        DIALECT,
        listen_key_expired=DIALECT.listen_key_expired if era.listen_key_expired else None,
        farewell=DIALECT.farewell if era.shutdown_on_streams else None,
    )


def read_address(path: str, query: bytes, era: Era = TODAY) -> Address | Fault:
    """Return what a path, which is unquoted, and a raw query ask for."""
    asked = pairs(query)
    units = (TIME_UNITS.get(value) for name, value in asked if name == "timeUnit" and era.microseconds)
    unit = next(units, TimeUnit.MILLISECOND)
    if path in (COMBINED_PATH, COMBINED_PATH + "/"):
        names = [name for key, value in asked if key == "streams" for name in value.split("/")]
    elif path == RAW_PATH or path.startswith(RAW_PATH + "/"):
        names = path.removeprefix(RAW_PATH).split("/")
    else:
        return Fault(RequestFault.UNKNOWN_PATH, (path,))
    if unit is None:
        return _BAD_TIME_UNIT
    return Address(tuple(filter(None, names)), not path.startswith(RAW_PATH), unit)


class StreamDoor:
    """Makes the sessions of one exchange's streams."""

    def __init__(
        self,
        channels: Channels[Stream],
        user_streams: UserStreams | None = None,
        rules: Rules = RULES,
        era: Era = TODAY,
    ) -> None:
        """Subscribe to `channels`, and to users' events where there are listen keys; all as it was in `era`."""
        self._era: Final = era
        self._dialect: Final = dialect_of(era)
        self._rules: Final = rules_of(era, rules)
        self._channels: Final = channels
        self._user_streams: Final = user_streams
        # An ordered set of those that may have listen keys: empty where there are none.
        self._sessions: Final[dict[StreamSession, None]] = {}

    def doors(self) -> tuple[Door, ...]:
        """Return the paths that lead here."""
        return Door(RAW_PATH, self._rules, self.open), Door(COMBINED_PATH, self._rules, self.open)

    def open(self, peer: Peer, handshake: Handshake, now: int) -> StreamSession | Fault:
        """Return the session of a connection, subscribed to what its address names, or why it is refused."""
        address = read_address(handshake.path, handshake.query, self._era)
        if isinstance(address, Fault):
            return address
        session = StreamSession(
            peer, self._channels, self._user_streams, address.unit, self._dialect, combined=address.combined
        )
        if self._user_streams is not None:
            self._sessions[session] = None
        session.open(address.names, now)
        return session

    def sweep(self, now: int) -> None:
        """Look for listen keys that have ended; once a second or so is enough."""
        for session in tuple(self._sessions):
            if session.is_closed:
                del self._sessions[session]
            else:
                session.sweep(now)
