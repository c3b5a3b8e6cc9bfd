"""The catalogue of faults: what can be made to go wrong, where, what a client sees of it, and where the documents have it.

Order of work.  Plain data. Those of requests come first, in the order of their statuses and codes, then what happens to
                connections and answers, then what happens to streams.
Invariant.      Every effect that a door carries out has a row here, and every row is carried out by some door; docs/faults.md
                tells the same rows.
Does not.       Carry anything out.
Source.         rest-api.md, HTTP Return Codes, Timing security; errors.md, 10xx; European Options, General Info, HTTP Return
                Codes; web-socket-streams.md; user-data-stream.md. Where "experience" is named, the documents are silent.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum, unique
from typing import Final

from msgspec import Struct

from papernet.core.dates import MINUTE, SECOND


class FaultDoor(StrEnum):
    """The doors of the network, as rules name them."""

    REST = "rest"
    WS_API = "ws-api"
    STREAMS = "streams"
    USER_DATA = "user-data"
    OPTIONS_REST = "options-rest"
    OPTIONS_STREAMS = "options-streams"
    OPTIONS_USER_DATA = "options-user-data"


@unique
class Place(IntEnum):
    """Where on a door's way an effect happens."""

    CONNECT = 1  # a WebSocket is being opened
    REQUEST = 2  # a request was read, over HTTP or a WebSocket
    EVENT = 3  # a message of a stream or a user's event is about to leave
    CHANGE = 4  # such a message is one that tells what changed on a book
    PING = 5  # a ping is about to leave
    PONG = 6  # a ping came in, and its pong is about to leave
    TICK = 7  # an open connection is looked at, about twice a second
    KEY = 8  # so is a listen key


class Effect(Struct, frozen=True):
    """One kind of fault.

    `span`, `count` and `executed` are what a rule without its own has; None: a rule may not have any. A rule that
    `needs_span` has to say one.
    """

    name: str
    places: tuple[Place, ...]
    doors: tuple[FaultDoor, ...]
    sees: str
    source: str
    span: int | None = None
    count: int | None = None
    executed: bool | None = None
    needs_span: bool = False


_REQUEST: Final = (Place.REQUEST,)
_REFUSED: Final = (Place.REQUEST, Place.CONNECT)
_CONNECT: Final = (Place.CONNECT,)
_EVENT: Final = (Place.EVENT,)

_SPOT: Final = (FaultDoor.REST, FaultDoor.WS_API)
_ASKED: Final = (FaultDoor.REST, FaultDoor.WS_API, FaultDoor.OPTIONS_REST)
_MARKET: Final = (FaultDoor.STREAMS, FaultDoor.OPTIONS_STREAMS)
_USERS: Final = (FaultDoor.USER_DATA, FaultDoor.OPTIONS_USER_DATA)
_TOLD: Final = (*_MARKET, *_USERS)
_SOCKETS: Final = (FaultDoor.WS_API, *_TOLD)
_LINES: Final = (FaultDoor.WS_API, *_MARKET)
# a WebSocket for a user's events is opened like one for market data
_ALL: Final = (*_ASKED, *_MARKET)

_CODES: Final = "rest-api.md, HTTP Return Codes"
_OPTIONS: Final = "European Options, General Info, HTTP Return Codes"
_EXPERIENCE: Final = "experience"

_REQUESTS: Final = (
    Effect(
        "http-403",
        _REFUSED,
        _ALL,
        "HTTP 403 with a page of a web application firewall instead of JSON; over the WebSocket API status 403.",
        _CODES,
    ),
    Effect(
        "http-418",
        _REFUSED,
        _ALL,
        "HTTP 418, code -1003 (options: -1008) and Retry-After: the address is banned for `span`, at every door of the venue.",
        f"{_CODES}, LIMITS, IP Limits",
        span=2 * MINUTE,
    ),
    Effect(
        "http-429",
        _REFUSED,
        _ALL,
        "HTTP 429, code -1003 (options: -1008) and Retry-After; it counts, so that who does not back off is banned.",
        f"{_CODES}, LIMITS, IP Limits",
    ),
    Effect(
        "http-451",
        _REFUSED,
        _ALL,
        "HTTP 451 with code 0: the service is not available from where the client is.",
        _EXPERIENCE,
    ),
    Effect(
        "http-502",
        _REFUSED,
        _ALL,
        "HTTP 502 with a page of a proxy instead of JSON; `executed` says whether the request was carried out all the same.",
        _CODES,
        executed=False,
    ),
    Effect(
        "http-503-unknown",
        _REQUEST,
        _ASKED,
        'HTTP 503, "Unknown error, please check your request or try again later.": `executed` or not, the client is not told.',
        _OPTIONS,
        executed=True,
    ),
    Effect(
        "http-503-unavailable",
        _REFUSED,
        _ALL,
        'HTTP 503, "Service Unavailable.": nothing was done; later it may be.',
        _OPTIONS,
    ),
    Effect(
        "http-503-failed",
        _REQUEST,
        _ASKED,
        'HTTP 503, "Internal error; unable to process your request. Please try again.": nothing was done; try again at once.',
        _OPTIONS,
    ),
    Effect(
        "code-1000", _REQUEST, _ASKED, "HTTP 500, code -1000 UNKNOWN; `executed` or not.", "errors.md, -1000", executed=False
    ),
    Effect("code-1001", _REQUEST, _ASKED, "HTTP 500, code -1001 DISCONNECTED; nothing was done.", "errors.md, -1001"),
    Effect(
        "code-1003",
        _REQUEST,
        _ASKED,
        'HTTP 429, code -1003 (options: -1008) TOO_MANY_REQUESTS, "Too many requests queued."; nothing was done.',
        "errors.md, -1003",
    ),
    Effect(
        "code-1006",
        _REQUEST,
        _SPOT,
        "HTTP 500, code -1006 UNEXPECTED_RESP, execution status unknown; `executed` or not.",
        "errors.md, -1006",
        executed=True,
    ),
    Effect(
        "code-1007",
        _REQUEST,
        _SPOT,
        "HTTP 504, code -1007 TIMEOUT, send status and execution status unknown; `executed` or not, after `span`.",
        "errors.md, -1007",
        span=0,
        executed=True,
    ),
    Effect("code-1008", _REQUEST, _SPOT, "HTTP 503, code -1008 SERVER_BUSY; nothing was done.", "errors.md, -1008"),
    Effect(
        "code-1015",
        _REQUEST,
        _ASKED,
        "HTTP 429, code -1015 TOO_MANY_ORDERS and Retry-After; nothing was done.",
        "errors.md, -1015; rest-api.md, Unfilled Order Count",
    ),
    Effect("code-1016", _REQUEST, _ASKED, "HTTP 410, code -1016 SERVICE_SHUTTING_DOWN; nothing was done.", "errors.md, -1016"),
    Effect(
        "clock-drift",
        _REQUEST,
        _ASKED,
        "The server's clock is ahead by `span` (behind, if it is negative): code -1021 for who goes by his own; "
        "`time` tells the wrong time.",
        "rest-api.md, Timing security; errors.md, -1021",
        span=0,
        needs_span=True,
    ),
    Effect(
        "delay-request",
        _REQUEST,
        _ASKED,
        "The request is carried out `span` after it came: late, and with code -1021 if recvWindow is over by then.",
        "rest-api.md, Timing security",
        span=0,
        needs_span=True,
    ),
    Effect(
        "delay-answer",
        _REQUEST,
        _ASKED,
        "The request is carried out at once, and its answer leaves `span` later; events may overtake it.",
        _EXPERIENCE,
        span=0,
        needs_span=True,
    ),
    Effect(
        "no-answer",
        _REQUEST,
        _ASKED,
        "Nothing: the connection stays open and the answer never comes; `executed` or not.",
        _EXPERIENCE,
        executed=True,
    ),
    Effect(
        "reset",
        _REFUSED,
        _ALL,
        "The connection is reset (RST) instead of an answer; `executed` or not.",
        _EXPERIENCE,
        executed=True,
    ),
    Effect(
        "hang-up",
        _REQUEST,
        _ASKED,
        "The connection is closed in order (FIN; a WebSocket with code 1011), without an answer; `executed` or not.",
        _EXPERIENCE,
        executed=True,
    ),
    Effect(
        "half-answer",
        _REQUEST,
        _ASKED,
        "Half of the answer's body, or of its frame, and then the end of the connection; the request was carried out.",
        _EXPERIENCE,
    ),
    Effect(
        "stale-reads",
        _REQUEST,
        _ASKED,
        "A query answers what was true `span` ago: an order just placed does not exist (-2013), one just filled is open.",
        "rest-api.md, General API Information, data sources",
        span=SECOND,
    ),
)

_STREAMS: Final = (
    Effect(
        "drop",
        _EVENT,
        _TOLD,
        "`count` messages of a stream, or events of a user, never come.",
        "web-socket-streams.md, How to manage a local order book correctly",
        count=1,
    ),
    Effect("duplicate", _EVENT, _TOLD, "A message comes `count` times more.", _EXPERIENCE, count=1),
    Effect(
        "delay-event",
        _EVENT,
        _TOLD,
        "A message comes `span` late, in its order among those of its stream.",
        _EXPERIENCE,
        span=0,
        needs_span=True,
    ),
    Effect("reorder", _EVENT, _TOLD, "A message comes after the `count` that follow it.", _EXPERIENCE, count=1),
    Effect(
        "depth-gap",
        (Place.CHANGE,),
        _MARKET,
        "`count` depth updates are lost: U (options: pu) of the next does not go on from where the last ended.",
        "web-socket-streams.md, How to manage a local order book correctly",
        count=1,
    ),
    Effect(
        "stall",
        (Place.EVENT, Place.TICK),
        _SOCKETS,
        "The connection stays open and says nothing more, not even pings and pongs; what comes in is not heard.",
        _EXPERIENCE,
    ),
    Effect(
        "no-pong",
        (Place.PONG,),
        _LINES,
        "A ping of the client is not answered; everything else goes on.",
        "RFC 6455, 5.5.3",
    ),
    Effect(
        "no-ping",
        (Place.PING,),
        _LINES,
        "A ping of the server does not come; everything else goes on.",
        "web-socket-streams.md, General WSS information",
    ),
    Effect(
        "half-frame",
        _EVENT,
        _TOLD,
        "Half of the message's frame, and then the connection is reset (RST), without a close frame.",
        _EXPERIENCE,
    ),
    Effect(
        "break-off",
        (Place.EVENT, Place.TICK),
        _SOCKETS,
        "The connection is reset (RST) instead of a message, without a close frame: clients report code 1006.",
        _EXPERIENCE,
    ),
    Effect(
        "listen-key-expiry",
        (Place.EVENT, Place.KEY),
        _USERS,
        "The listen key ends before its time: listenKeyExpired where it is told, and no events from then on.",
        "user-data-stream.md, Listen Key Expired",
    ),
    Effect(
        "disconnect",
        (Place.EVENT, Place.TICK),
        _SOCKETS,
        "The server closes the connection instead of a message, with code 1001 and no warning, as it does after 24 hours.",
        "web-socket-streams.md, General WSS information",
    ),
    Effect(
        "server-shutdown",
        (Place.EVENT, Place.TICK),
        (FaultDoor.WS_API, FaultDoor.STREAMS, FaultDoor.USER_DATA),
        "serverShutdown is told, everything goes on, and the connection is closed after `span` with code 1001.",
        "web-socket-streams.md, Server Shutdown",
        span=10 * SECOND,
    ),
)

EFFECTS: Final[Mapping[str, Effect]] = {effect.name: effect for effect in (*_REQUESTS, *_STREAMS)}
