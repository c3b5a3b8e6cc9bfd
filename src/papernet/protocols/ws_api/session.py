"""One connection to the WebSocket API: requests in, replies and events out.

Order of work.  A message is read; its address knocks; a session whose API key is gone ends; what is asked for becomes a call,
                which is carried out as REST's are; the reply gets its envelope and leaves once what it tells is durable.
                Operations that are about the connection are carried out here.
Invariant.      Each message has one reply. The reply to a command leaves before the events of that command. A reply that ends
                subscriptions leaves behind all events of commands before it.
Does not.       Read a clock. Judge what is asked: guards, queries and the exchange do.
Source.         web-socket-api.md.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from msgspec import Struct, structs
from msgspec.json import Encoder

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import OPERATIONS, TimeUnit
from papernet.app.service import Admitted, Denied, Service
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType
from papernet.protocols.json.fragments import EMPTY_OBJECT, divisor
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS, answer_listen_key_call
from papernet.protocols.json.outcomes import OK, Rendered, refused, rendered
from papernet.protocols.json.params import read_boolean
from papernet.protocols.json.user_events import server_shutdown
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.calls import RETURN_RATE_LIMITS, read_call, told_of_key
from papernet.protocols.ws_api.replies import rate_limits, reply, with_wait
from papernet.protocols.ws_api.request import read_message
from papernet.protocols.ws_api.subscriptions import Subscription, Subscriptions

_SOR_ORDER: Final = OPERATIONS["sor.order.place"]

_REJECTED_KEY: Final = Fault(RequestFault.REJECTED_KEY)
# web-socket-api.md, Session Authentication: only Ed25519.
_KEY_TYPES: Final = {KeyType.HMAC: "HMAC-SHA-256", KeyType.RSA: "RSA"}

_NULL: Final = b"null"
_NO_LIMITS: Final = b""

_encode: Final = Encoder().encode


class Settings(Struct, frozen=True, gc=False):
    """What the address of a connection says (web-socket-api.md, General API Information, How to show/hide rate limits)."""

    unit: TimeUnit = TimeUnit.MILLISECOND
    returns_rate_limits: bool = True


class _Ended(Struct):
    """The payload of a reply with which subscriptions end."""

    body: bytes
    subscriptions: list[Subscription]


class WsApiSession:
    """A `papernet.protocols.websocket.peer.Session`."""

    __slots__ = (
        "_authorized_at",
        "_connected_at",
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
        """Begin with nobody logged on. Without `listen_keys` those are retired."""
        self._peer: Final = peer
        self._service: Final = service
        self._outbox: Final = service.sequencer.outbox
        self._listen_keys: Final = listen_keys
        self._settings: Final = settings
        self._subscriptions: Final = Subscriptions(feed, peer, settings.unit)
        self._connected_at: Final = now
        # Who has logged on, and when.
        self._key: RegisterKey | None = None
        self._authorized_at: int = 0

    def receive(self, text: str, now: int) -> None:
        """Carry out the request in a text message."""
        service, ip, key = self._service, self._peer.ip, self._key
        message = read_message(text)
        wish = message.params.get(RETURN_RATE_LIMITS)
        shown = self._settings.returns_rate_limits if wish is None else read_boolean(wish) is not False
        knocked = service.gateway.knock(ip, now)
        if knocked is None and key is not None and service.exchange.accounts.keys.get(key.api_key) is not key:
            self._revoke(now, shown=shown)
            return
        session_key = "" if key is None else key.api_key
        call = read_call(message, ip, session_key, now, has_listen_keys=self._listen_keys is not None)
        outcome = service.perform(call, now) if knocked is None else Denied(knocked, now)
        if isinstance(outcome, Admitted):
            self._carry_out(message.id, call, outcome, now, shown=shown)
            return
        denied = None
        if isinstance(outcome, Denied):
            outcome = denied = told_of_key(outcome, call)
        told = rendered(outcome, call, self._settings.unit, service.order_lists)
        if call.operation is _SOR_ORDER and told.status == OK:
            # web-socket-api.md, Place new order using SOR: an array where REST has an object.
            told = structs.replace(told, body=b"[%b]" % told.body)
        frame = self._frame(message.id, told, denied, now, shown=shown)
        if told.durable_seq:
            self._outbox.reply(told.durable_seq, partial(self._peer.send, frame))
        else:
            self._peer.send(frame)

    def farewell(self, now: int) -> None:
        """Tell the peer that the server is about to shut down (web-socket-api.md, Server Shutdown)."""
        self._peer.send(text_frame(b'{"event":%b}' % server_shutdown(now, self._settings.unit)))

    def closed(self, _now: int) -> None:
        """Let go: the connection is no more."""
        self._subscriptions.close()

    def _frame(self, echoed: bytes, told: Rendered, denied: Denied | None, now: int, *, shown: bool) -> bytes:
        """Return the frame of a reply."""
        counts = told.order_counts if denied is None else denied.order_counts
        if told.retry_after:
            told = with_wait(told, None if denied is None else denied.reason, now, self._settings.unit)
        limits = rate_limits(self._service.gateway.limits.used_weight(self._peer.ip, now), counts) if shown else _NO_LIMITS
        return text_frame(reply(echoed, told, limits))

    def _revoke(self, now: int, *, shown: bool) -> None:
        """Forget the API key, which is not valid any more, and say so in place of a reply (Session Authentication)."""
        self._key = None
        call = Call(self._peer.ip, now, None, {}, _REJECTED_KEY)
        denied = self._service.perform(call, now)
        assert isinstance(denied, Denied)
        frame = self._frame(_NULL, rendered(denied, call, self._settings.unit, {}), denied, now, shown=shown)
        self._send_ending(frame, self._subscriptions.end_of_session(), now)

    def _carry_out(self, echoed: bytes, call: Call, admitted: Admitted, now: int, *, shown: bool) -> None:
        """Carry out an operation on the connection and send the reply."""
        answer = _ACTIONS[admitted.operation.name](self, call, admitted.account, now)
        body, ended = (answer.body, answer.subscriptions) if isinstance(answer, _Ended) else (answer, [])
        told = refused(body) if isinstance(body, Fault) else Rendered(OK, body)
        self._send_ending(self._frame(echoed, told, None, now, shown=shown), ended, now)

    def _send_ending(self, frame: bytes, ended: list[Subscription], now: int) -> None:
        """Send a reply, and end what subscriptions end with it once all that happened before has been told."""
        if not ended:
            self._peer.send(frame)
            return

        def deliver(frame: bytes) -> None:
            self._peer.send(frame)
            self._subscriptions.finish(ended, now)

        self._outbox.publish(self._service.sequencer.last_seq, deliver, frame)

    def _log_on(self, call: Call, _account: int, now: int) -> bytes | Fault:
        key = self._service.exchange.accounts.keys[call.api_key]
        if key.key_type is not KeyType.ED25519:
            return Fault(RequestFault.UNSUPPORTED_KEY_TYPE, (_KEY_TYPES[key.key_type],))
        self._key, self._authorized_at = key, now
        return self._status_body(now)

    def _log_out(self, _call: Call, _account: int, now: int) -> _Ended:
        self._key = None
        # Unsubscribe from User Data Stream: those subscribed to by signature stay.
        ended = self._subscriptions.end_of_session()
        return _Ended(self._status_body(now), ended)

    def _status(self, _call: Call, _account: int, now: int) -> bytes:
        return self._status_body(now)

    def _status_body(self, now: int) -> bytes:
        step, key = divisor(self._settings.unit), self._key
        status = {
            "apiKey": None if key is None else key.api_key,
            "authorizedSince": None if key is None else self._authorized_at // step,
            "connectedSince": self._connected_at // step,
            "returnRateLimits": self._settings.returns_rate_limits,
            "serverTime": now // step,
            "userDataStream": len(self._subscriptions) > 0,
        }
        return _encode(status)

    def _list_subscriptions(self, _call: Call, _account: int, _now: int) -> bytes:
        return _encode([{"subscriptionId": number} for number in self._subscriptions.numbers()])

    def _subscribe(self, _call: Call, account: int, _now: int) -> bytes | Fault:
        return _numbered(self._subscriptions.start(account, of_session=True))

    def _subscribe_by_signature(self, _call: Call, account: int, _now: int) -> bytes | Fault:
        return _numbered(self._subscriptions.start(account, of_session=False))

    def _unsubscribe(self, call: Call, _account: int, _now: int) -> _Ended | Fault:
        ended = self._subscriptions.end(call.params["subscriptionId"])
        return ended if isinstance(ended, Fault) else _Ended(EMPTY_OBJECT, ended)

    def _call_listen_keys(self, call: Call, account: int, now: int) -> bytes | Fault:
        assert self._listen_keys is not None
        assert call.operation is not None
        return answer_listen_key_call(self._listen_keys, call.operation.name, account, call.params, now)


def _numbered(number: int | Fault) -> bytes | Fault:
    return number if isinstance(number, Fault) else b'{"subscriptionId":%d}' % number


_Action = Callable[[WsApiSession, Call, int, int], bytes | Fault | _Ended]

_ACTIONS: Final[Mapping[str, _Action]] = {
    "session.logon": WsApiSession._log_on,
    "session.status": WsApiSession._status,
    "session.logout": WsApiSession._log_out,
    "session.subscriptions": WsApiSession._list_subscriptions,
    "userDataStream.subscribe": WsApiSession._subscribe,
    "userDataStream.subscribe.signature": WsApiSession._subscribe_by_signature,
    "userDataStream.unsubscribe": WsApiSession._unsubscribe,
} | dict.fromkeys(LISTEN_KEY_CALLS, WsApiSession._call_listen_keys)
