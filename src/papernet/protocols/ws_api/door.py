"""The door of the WebSocket API: which connections it takes, and what their addresses say.

Invariant.      An address that asks for what is not served, or for something in no known way, is refused at the handshake.
Does not.       Read requests: sessions do.
Source.         web-socket-api.md, General API Information, How to show/hide rate limit information, IP limits; faqs/sbe_faq,
                WebSocket API. What a malformed address is answered the documents say for SBE only: HTTP 400.
"""

from typing import Final
from urllib.parse import parse_qsl

from papernet.app.faults import Fault, RequestFault
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.app.service import Service
from papernet.protocols.json.params import TIME_UNITS, read_boolean
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Rules
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.actions import Settings
from papernet.protocols.ws_api.calls import RETURN_RATE_LIMITS
from papernet.protocols.ws_api.session import WsApiSession

PATH: Final = "/ws-api/v3"
# web-socket-api.md, IP limits: "connecting costs 2 weight".
CONNECTION_WEIGHT: Final = 2
# Requests are limited by weight, not by number. The longest replies (depth of 5,000 levels, a thousand of anything) have
# some hundred kilobytes: a reader who leaves this much lying has stopped reading.
RULES: Final = Rules(messages_per_second=0, message_max=65_536, backlog_max=8 * 1_048_576)

_TIME_UNIT: Final = "timeUnit"
_RESPONSE_FORMAT: Final = "responseFormat"
_JSON: Final = "json"

_BAD_TIME_UNIT: Final = Fault(RequestFault.BAD_TIME_UNIT)
_NOT_ACCEPTABLE: Final = Fault(RequestFault.NOT_ACCEPTABLE)
_BAD_RETURN_RATE_LIMITS: Final = Fault(RequestFault.INVALID_PARAMETER, (RETURN_RATE_LIMITS,))


def is_api_path(path: str) -> bool:
    """Whether a path is the WebSocket API's."""
    return path in (PATH, PATH + "/")


def read_settings(query: bytes) -> Settings | Fault:
    """Return what the raw query of a connection's address says; of a name that comes twice the first counts."""
    said: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        said.setdefault(name, value)
    unit = TIME_UNITS.get(said.get(_TIME_UNIT, TimeUnit.MILLISECOND.name))
    if unit is None:
        return _BAD_TIME_UNIT
    returns_rate_limits = read_boolean(said.get(RETURN_RATE_LIMITS, "true"))
    if returns_rate_limits is None:
        return _BAD_RETURN_RATE_LIMITS
    if said.get(_RESPONSE_FORMAT, _JSON) != _JSON:
        # faqs/sbe_faq: not enabled in this exchange
        return _NOT_ACCEPTABLE
    return Settings(unit, returns_rate_limits)


class WsApiDoor:
    """Makes the sessions of one exchange's WebSocket API."""

    def __init__(self, service: Service, feed: UserFeed, listen_keys: ListenKeys | None = None) -> None:
        """Answer what `service` does, tell what `feed` tells; without `listen_keys` those are retired."""
        self._service: Final = service
        self._feed: Final = feed
        self._listen_keys: Final = listen_keys

    def doors(self) -> tuple[Door, ...]:
        """Return the path that leads here."""
        return (Door(PATH, RULES, self.open, CONNECTION_WEIGHT, ends_with_ban=True),)

    def open(self, peer: Peer, handshake: Handshake, now: int) -> WsApiSession | Fault:
        """Return the session of a connection, or why it is refused."""
        if not is_api_path(handshake.path):
            return Fault(RequestFault.UNKNOWN_PATH, (handshake.path,))
        settings = read_settings(handshake.query)
        if isinstance(settings, Fault):
            return settings
        return WsApiSession(peer, self._service, self._feed, self._listen_keys, settings, now)
