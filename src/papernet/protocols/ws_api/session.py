"""One connection to the WebSocket API: requests in, replies and events out.

Order of work.  A message is read; its address knocks; a session whose API key is gone ends; what is asked for becomes a call,
                which is carried out as REST's are, or on the connection; the reply gets its envelope and leaves once what it
                tells is durable.
Invariant.      Each message has one reply. The reply to a command leaves before the events of that command. A reply that ends
                subscriptions leaves behind all events of commands before it.
Does not.       Read a clock. Judge what is asked: guards, queries and the exchange do.
Source.         web-socket-api.md.
"""

from functools import partial
from typing import Final

from msgspec import structs

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import OPERATIONS
from papernet.app.service import Admitted, Denied, Service
from papernet.protocols.json.outcomes import OK, Rendered, refused, rendered
from papernet.protocols.json.params import read_boolean
from papernet.protocols.json.user_events import server_shutdown
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.actions import Actions, Ended, Settings
from papernet.protocols.ws_api.calls import RETURN_RATE_LIMITS, read_call, told_of_key
from papernet.protocols.ws_api.replies import rate_limits, reply, with_wait
from papernet.protocols.ws_api.request import read_message
from papernet.protocols.ws_api.subscriptions import Subscription, Subscriptions

_SOR_ORDER: Final = OPERATIONS["sor.order.place"]

_REJECTED_KEY: Final = Fault(RequestFault.REJECTED_KEY)
_NULL: Final = b"null"
_NO_LIMITS: Final = b""


class WsApiSession:
    """A `papernet.protocols.websocket.peer.Session`."""

    __slots__ = ("_actions", "_outbox", "_peer", "_service", "_settings")

    def __init__(
        self, peer: Peer, service: Service, feed: UserFeed, listen_keys: ListenKeys | None, settings: Settings, now: int
    ) -> None:
        """Begin with nobody logged on. Without `listen_keys` those are retired."""
        self._peer: Final = peer
        self._service: Final = service
        self._outbox: Final = service.sequencer.outbox
        self._settings: Final = settings
        keys = service.exchange.accounts.keys
        self._actions: Final = Actions(keys, Subscriptions(feed, peer, settings.unit), listen_keys, settings, now)

    def receive(self, text: str, now: int) -> None:
        """Carry out the request in a text message."""
        service, ip, actions = self._service, self._peer.ip, self._actions
        message = read_message(text)
        wish = message.params.get(RETURN_RATE_LIMITS)
        shown = self._settings.returns_rate_limits if wish is None else read_boolean(wish) is not False
        knocked = service.gateway.knock(ip, now)
        if knocked is None and actions.has_lost_key():
            self._revoke(now, shown=shown)
            return
        call = read_call(message, ip, actions.api_key, now, has_listen_keys=actions.has_listen_keys)
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
        self._actions.subscriptions.close()

    def _frame(self, echoed: bytes, told: Rendered, denied: Denied | None, now: int, *, shown: bool) -> bytes:
        """Return the frame of a reply."""
        counts = told.order_counts if denied is None else denied.order_counts
        if told.retry_after:
            told = with_wait(told, None if denied is None else denied.reason, now, self._settings.unit)
        limits = rate_limits(self._service.gateway.limits.used_weight(self._peer.ip, now), counts) if shown else _NO_LIMITS
        return text_frame(reply(echoed, told, limits))

    def _revoke(self, now: int, *, shown: bool) -> None:
        """Forget the API key, which is not valid any more, and say so in place of a reply (Session Authentication)."""
        call = Call(self._peer.ip, now, None, {}, _REJECTED_KEY)
        denied = self._service.perform(call, now)
        assert isinstance(denied, Denied)
        frame = self._frame(_NULL, rendered(denied, call, self._settings.unit, {}), denied, now, shown=shown)
        self._send_ending(frame, self._actions.forget_key(), now)

    def _carry_out(self, echoed: bytes, call: Call, admitted: Admitted, now: int, *, shown: bool) -> None:
        """Carry out an operation on the connection and send the reply."""
        answer = self._actions.carry_out(call, admitted.account, now)
        body, ended = (answer.body, answer.subscriptions) if isinstance(answer, Ended) else (answer, [])
        told = refused(body) if isinstance(body, Fault) else Rendered(OK, body)
        self._send_ending(self._frame(echoed, told, None, now, shown=shown), ended, now)

    def _send_ending(self, frame: bytes, ended: list[Subscription], now: int) -> None:
        """Send a reply, and end what subscriptions end with it once all that happened before has been told."""
        if not ended:
            self._peer.send(frame)
            return

        def deliver(frame: bytes) -> None:
            self._peer.send(frame)
            self._actions.subscriptions.finish(ended, now)

        self._outbox.publish(self._service.sequencer.last_seq, deliver, frame)
