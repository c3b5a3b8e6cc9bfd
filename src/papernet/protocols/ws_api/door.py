"""The door of the WebSocket API: which connections it takes, and what their addresses say.

Invariant.      An address that asks for what is not served, or for something in no known way, is refused at the handshake.
Does not.       Read requests: sessions do.
Source.         web-socket-api.md, General API Information, How to show/hide rate limit information, IP limits; faqs/sbe_faq,
                WebSocket API. What a malformed address is answered the documents say for SBE only: HTTP 400.
"""

from typing import Final
from urllib.parse import parse_qsl

from papernet.app.eras import TODAY, Era
from papernet.app.fault_rules import FaultDoor
from papernet.app.faults import Fault, RequestFault
from papernet.app.hindrances import Hindrances
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.app.request_log import DoorLog, RequestLog
from papernet.app.service import Service
from papernet.protocols.json.params import TIME_UNITS, read_boolean
from papernet.protocols.websocket.peer import Door, Handshake, Peer, Rules, rules_of
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


def read_settings(query: bytes, era: Era = TODAY) -> Settings | Fault:
    """Return what the raw query of a connection's address says; of a name that comes twice the first counts."""
    said: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        said.setdefault(name, value)
    if not era.microseconds:
        said.pop(_TIME_UNIT, None)
    unit = TIME_UNITS.get(said.get(_TIME_UNIT, TimeUnit.MILLISECOND.name))
    if unit is None:
        return _BAD_TIME_UNIT
    returns_rate_limits = read_boolean(said.get(RETURN_RATE_LIMITS, "true"))
    if returns_rate_limits is None:
        return _BAD_RETURN_RATE_LIMITS
    if said.get(_RESPONSE_FORMAT, _JSON) != _JSON:
        # faqs/sbe_faq: not enabled in this exchange
        return _NOT_ACCEPTABLE
    return Settings(unit, returns_rate_limits, era)


class WsApiDoor:
    """Makes the sessions of one exchange's WebSocket API."""

    def __init__(
        self,
        service: Service,
        feed: UserFeed,
        listen_keys: ListenKeys | None = None,
        log: RequestLog | None = None,
        hindrances: Hindrances | None = None,
        era: Era = TODAY,
    ) -> None:
        """Answer what `service` does, and keep a `log` of it; tell what `feed` tells; without `listen_keys` those are retired.

        `hindrances` lets faults happen; all is as it was in `era`.
        """
        self._era: Final = era
        self._rules: Final = rules_of(era, RULES)
        self._service: Final = service
        self._feed: Final = feed
        self._listen_keys: Final = listen_keys
        self._hindrances: Final = hindrances
        self._log: Final = DoorLog(log, "ws-api", service.gateway.limits)

    def doors(self) -> tuple[Door, ...]:
        """Return the path that leads here."""
        return (Door(PATH, self._rules, self.open, CONNECTION_WEIGHT, ends_with_ban=True, name=FaultDoor.WS_API),)

    def open(self, peer: Peer, handshake: Handshake, now: int) -> WsApiSession | Fault:
        """Return the session of a connection, or why it is refused."""
        if not is_api_path(handshake.path):
            return Fault(RequestFault.UNKNOWN_PATH, (handshake.path,))
        settings = read_settings(handshake.query, self._era)
        if isinstance(settings, Fault):
            return settings
        return WsApiSession(peer, self._service, self._feed, self._listen_keys, settings, now, self._log, self._hindrances)
