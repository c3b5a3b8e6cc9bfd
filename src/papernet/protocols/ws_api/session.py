"""One connection to the WebSocket API: requests in, replies and events out.

Order of work.  A message is read, its address looked at; a session whose API key is gone ends; what is asked for becomes a call,
                which is carried out as REST's are; the reply gets its envelope and leaves as soon as what it tells is durable.
                Operations that are about the connection are carried out here.
Invariant.      Each message has one reply. The reply to a command leaves before the events of that command. A reply that ends
                subscriptions leaves behind all events of commands before it.
Does not.       Read a clock. Know the bytes of frames or of handshakes.
Source.         web-socket-api.md.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from msgspec import Struct
from msgspec.json import Encoder

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import OPERATIONS, Operation, Params, Proof, TimeUnit
from papernet.app.service import Admitted, Denied, Service
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType
from papernet.protocols.json.fragments import EMPTY_OBJECT, divisor
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS, answer_listen_key_call
from papernet.protocols.json.outcomes import OK, Rendered, refused, rendered
from papernet.protocols.json.params import read_params
from papernet.protocols.json.user_events import server_shutdown
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.replies import rate_limits, reply, with_wait
from papernet.protocols.ws_api.request import Message, read_message, signed_payload
from papernet.protocols.ws_api.subscriptions import Subscription, Subscriptions

# web-socket-api.md, Request format: a method's name may be prefixed with the version.
METHODS: Final[Mapping[str, Operation]] = OPERATIONS | {f"v3/{name}": row for name, row in OPERATIONS.items()}

_API_KEY: Final = "apiKey"
_SIGNATURE: Final = "signature"
RETURN_RATE_LIMITS: Final = "returnRateLimits"
# Python clients send "True" and "False".
BOOLEANS: Final = {"true": True, "false": False, "True": True, "False": False}

# web-socket-api.md, Log in with API key, Subscribe through signature subscription: a session's key does not stand in.
_OWN_KEY: Final = ("session.logon", "userDataStream.subscribe.signature")
# web-socket-api.md, Place new order using SOR: an array where REST has an object.
_SOR_ORDER: Final = "sor.order.place"

_UNKNOWN_METHOD: Final = Fault(RequestFault.UNKNOWN_PATH)
_RETIRED: Final = Fault(RequestFault.RETIRED)
_BAD_RETURN_RATE_LIMITS: Final = Fault(RequestFault.INVALID_PARAMETER, (RETURN_RATE_LIMITS,))
_MISSING_API_KEY: Final = Fault(RequestFault.MISSING_PARAMETER, (_API_KEY,))
_REJECTED_KEY: Final = Fault(RequestFault.REJECTED_KEY)
_UNREAD: Final = (RequestFault.TOO_MANY_PARAMETERS, RequestFault.UNREAD_PARAMETERS)
_KEY_TYPES: Final = {KeyType.HMAC: "HMAC-SHA-256", KeyType.RSA: "RSA"}

_NO_PARAMS: Final[Params] = {}
_NO_LIMITS: Final = b""
_NULL: Final = b"null"

_encode: Final = Encoder().encode


class Settings(Struct, frozen=True, gc=False):
    """What the address of a connection says (web-socket-api.md, General API Information, How to show/hide rate limits)."""

    unit: TimeUnit = TimeUnit.MILLISECOND
    returns_rate_limits: bool = True


class _Answer(Struct, gc=False):
    """What a request about the connection came to; `ended` are the subscriptions that end with it."""

    body: bytes
    ended: list[Subscription] = []  # noqa: RUF012  msgspec copies it


class WsApiSession:
    """A `papernet.protocols.websocket.peer.Session`."""

    __slots__ = (
        "_authorized_at",
        "_connected_at",
        "_gateway",
        "_key",
        "_listen_keys",
        "_outbox",
        "_peer",
        "_service",
        "_settings",
        "_subscriptions",
    )

    def __init__(
        self, peer: Peer, service: Service, feed: UserFeed, listen_keys: ListenKeys | None, settings: Settings, now: int
    ) -> None:
        """Begin with nobody logged on. Without `listen_keys` there are none."""
        self._peer: Final = peer
        self._service: Final = service
        self._gateway: Final = service.gateway
        self._outbox: Final = service.sequencer.outbox
        self._listen_keys: Final = listen_keys
        self._settings: Final = settings
        self._subscriptions: Final = Subscriptions(feed, peer, settings.unit)
        self._connected_at: Final = now
        # Who has logged on, and since when.
        self._key: RegisterKey | None = None
        self._authorized_at: int = 0

    def receive(self, text: str, now: int) -> None:
        """Carry out the request in a text message."""
        message = read_message(text)
        knocked = self._gateway.knock(self._peer.ip, now)
        if knocked is not None:
            self._send(message.id, refused(knocked), knocked, now, shows_limits=self._settings.returns_rate_limits)
            return
        if self._key is not None and self._service.exchange.accounts.keys.get(self._key.api_key) is not self._key:
            self._revoke(now)
            return
        shows_limits = self._settings.returns_rate_limits
        call = self._call(message, now)
        wish = message.params.get(RETURN_RATE_LIMITS)
        if wish is not None:
            shows_limits = BOOLEANS.get(wish, shows_limits)
        outcome = self._service.perform(call, now)
        if isinstance(outcome, Admitted):
            self._carry_out(message, call, outcome.account, now, shows_limits=shows_limits)
            return
        reason = None
        if isinstance(outcome, Denied):
            outcome = _in_other_words(outcome, call)
            reason = outcome.reason
        told = rendered(outcome, call, self._settings.unit, self._service.order_lists)
        self._send(message.id, told, reason, now, shows_limits=shows_limits)
