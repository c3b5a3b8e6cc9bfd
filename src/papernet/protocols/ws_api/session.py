"""One connection to the WebSocket API: requests in, replies and events out.

Order of work.  A message is read; its address knocks; a session whose API key is gone ends; what is asked for becomes a call,
                which is carried out as REST's are, or on the connection; the reply gets its envelope and leaves once what it
                tells is durable.
Invariant.      Each message has one reply, unless a rule of faults takes it. The reply to a command leaves before the events
                of that command, unless it is delayed on purpose. A reply that ends subscriptions leaves behind all events of
                commands before it.
Does not.       Read a clock. Judge what is asked: guards, queries and the exchange do.
Source.         web-socket-api.md.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from msgspec import Struct, structs

from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.hindrances import UNTOLD, Cut, Hindered, Hindrances, Met, Postponed, was_executed
from papernet.app.listen_keys import ListenKeys
from papernet.app.request_log import DoorLog, Record
from papernet.app.service import Admitted, Denied, Outcome, Service
from papernet.protocols.json.outcomes import OK, Rendered, refused, rendered
from papernet.protocols.json.params import read_boolean
from papernet.protocols.json.past_replies import editor_of, renderer_of
from papernet.protocols.json.user_events import server_shutdown
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.actions import Actions, Ended, Settings
from papernet.protocols.ws_api.calls import RETURN_RATE_LIMITS, methods_of, read_call, told_of_key
from papernet.protocols.ws_api.replies import rate_limits, reply, with_wait
from papernet.protocols.ws_api.request import read_message
from papernet.protocols.ws_api.subscriptions import Subscription, Subscriptions

_SOR_ORDER: Final = "sor.order.place"

_REJECTED_KEY: Final = Fault(RequestFault.REJECTED_KEY)
_NULL: Final = b"null"
_NO_LIMITS: Final = b""
# web-socket-api.md, Status codes: what was done at least in part
_SUCCEEDED: Final = (OK, 409)
# the status of a request to which nothing is told
_UNTOLD: Final = 0
_HUNG_UP: Final = (1011, "Internal error")

Send: TypeAlias = Callable[[bytes], None]


class _Asked(Struct, frozen=True, gc=False):
    """A request that was read: its id as it is echoed, and whether its reply shows limits."""

    id: bytes
    text: str
    call: Call
    record: Record
    shown: bool


class _Came(Struct, frozen=True, gc=False):
    """What is told of a request: in JSON, where it was refused as what, and the subscriptions that end with it."""

    told: Rendered
    denied: Denied | None = None
    ended: list[Subscription] = []


class WsApiSession:
    """A `papernet.protocols.websocket.peer.Session`."""

    __slots__ = (
        "_actions",
        "_hindrances",
        "_is_closed",
        "_log",
        "_methods",
        "_outbox",
        "_peer",
        "_render",
        "_service",
        "_settings",
    )

    def __init__(
        self,
        peer: Peer,
        service: Service,
        feed: UserFeed,
        listen_keys: ListenKeys | None,
        settings: Settings,
        now: int,
        log: DoorLog | None = None,
        hindrances: Hindrances | None = None,
    ) -> None:
        """Begin with nobody logged on. Without `listen_keys` those are retired; `hindrances` lets faults happen."""
        self._peer: Final = peer
        self._service: Final = service
        self._outbox: Final = service.sequencer.outbox
        self._settings: Final = settings
        self._hindrances: Final = hindrances
        self._is_closed: bool = False
        self._log: Final = DoorLog(None, "ws-api", service.gateway.limits) if log is None else log
        keys = service.exchange.accounts.keys
        subscriptions = Subscriptions(feed, peer, settings.unit, tells_numbers=settings.era.subscription_ids)
        self._actions: Final = Actions(keys, subscriptions, listen_keys, settings, now)
        self._methods: Final = methods_of(settings.era)
        self._render: Final = renderer_of(settings.era)

    def receive(self, text: str, now: int) -> None:
        """Carry out the request in a text message."""
        service, ip, actions = self._service, self._peer.ip, self._actions
        message = read_message(text)
        record = self._log.open("", message.method, ip, now, now)
        wish = message.params.get(RETURN_RATE_LIMITS)
        shown = self._settings.returns_rate_limits if wish is None else read_boolean(wish) is not False
        knocked = service.gateway.knock(ip, now)
        if knocked is None and actions.has_lost_key():
            self._revoke(record, now, shown=shown)
            return
        call = read_call(message, ip, actions.api_key, now, has_listen_keys=actions.has_listen_keys, methods=self._methods)
        record.call = call
        asked = _Asked(message.id, text, call, record, shown)
        hindrances = self._hindrances
        if knocked is None and hindrances is not None and hindrances.plan.on_requests:
            met = hindrances.meet(call, now)
            if met is not None:
                self._hinder(asked, met, hindrances, now)
                return
        record.outcome = outcome = service.perform(call, now) if knocked is None else Denied(knocked, now)
        self._reply(asked, self._what_came(asked, outcome, now), self._peer.send, now)

    def farewell(self, now: int) -> None:
        """Tell the peer that the server is about to shut down (web-socket-api.md, Server Shutdown)."""
        if not self._settings.era.shutdown_over_ws_api:
            return
        self._peer.send(text_frame(b'{"event":%b}' % server_shutdown(now, self._settings.unit)))

    def closed(self, _now: int) -> None:
        """Let go: the connection is no more."""
        self._is_closed = True
        self._actions.subscriptions.close()

    def _what_came(self, asked: _Asked, outcome: Outcome, now: int) -> _Came:
        """Return what is told of an outcome; what is about the connection is carried out now."""
        if isinstance(outcome, Admitted):
            return self._carry_out(asked, outcome, now)
        call, denied = asked.call, None
        if isinstance(outcome, Denied):
            outcome = denied = told_of_key(outcome, call)
        told = self._render(outcome, call, self._settings.unit, self._service.order_lists)
        if call.operation is not None and call.operation.name == _SOR_ORDER and told.status == OK:
            # web-socket-api.md, Place new order using SOR: an array where REST has an object.
            told = structs.replace(told, body=b"[%b]" % told.body)
        return _Came(told, denied)

    def _reply(self, asked: _Asked, came: _Came, send: Send, now: int) -> None:
        """Let a reply leave by `send`, once it may."""
        told, record = came.told, asked.record
        # Of what is not told there is no frame.
        frame = b"" if told.status == _UNTOLD else self._frame(asked.id, told, came.denied, now, shown=asked.shown)
        self._log.close(record, told.status, now, refusal=told.body, body=b"" if told.status == OK else asked.text.encode())
        if came.ended:
            self._send_ending(frame, came.ended, send, now)
        elif told.durable_seq:
            self._outbox.reply(told.durable_seq, partial(self._send, record, send, frame))
        else:
            send(frame)

    def _send(self, record: Record, send: Send, frame: bytes) -> None:
        """Send a reply that waited for the journal."""
        send(frame)
        self._log.sent(record)

    def _hinder(self, asked: _Asked, met: Met, hindrances: Hindrances, now: int) -> None:
        """Let a request go wrong as the rule that it met says."""
        if isinstance(met, Postponed):
            hindrances.deferred.at(met.until, partial(self._resume, asked))
            return
        came = None if met.outcome is None else self._what_came(asked, met.outcome, now)
        asked.record.outcome = met.outcome
        if came is not None and not hindrances.stands(met, succeeded=came.told.status in _SUCCEEDED):
            self._reply(asked, came, self._peer.send, now)
            return
        self._log.hinder(asked.record, met.rule, was_executed=was_executed(met.outcome))
        send = self._sender(met, hindrances)
        if met.instead is not None:
            durable_seq, ended = (0, []) if came is None else (came.told.durable_seq, came.ended)
            denied = asked.record.outcome = Denied(met.instead, now)
            came = _Came(structs.replace(refused(met.instead), durable_seq=durable_seq), denied, ended)
        if came is not None and met.cut in UNTOLD:
            came = _Came(Rendered(_UNTOLD, b"", came.told.durable_seq), None, came.ended)
        if came is None:
            self._log.close(asked.record, _UNTOLD, now)
            send(b"")
        else:
            self._reply(asked, came, send, now)

    def _resume(self, asked: _Asked, now: int) -> None:
        """Carry out a request that had to wait; on a connection that is over, not what is about that."""
        asked.record.outcome = outcome = self._service.perform(asked.call, now)
        if not (self._is_closed and isinstance(outcome, Admitted)):
            self._reply(asked, self._what_came(asked, outcome, now), self._peer.send, now)

    def _sender(self, met: Hindered, hindrances: Hindrances) -> Send:
        """Return how a reply leaves that met a rule."""
        peer, cut = self._peer, met.cut

        def send(frame: bytes) -> None:
            if cut is Cut.RESET:
                peer.break_off()
            elif cut is Cut.CLOSE:
                peer.close(*_HUNG_UP)
            elif cut is Cut.HALF:
                peer.break_off(mid_frame=True)
                peer.send(frame)
            elif cut is Cut.NONE and met.at:
                hindrances.deferred.at(met.at, lambda _now: peer.send(frame))
            elif cut is Cut.NONE:
                peer.send(frame)

        return send

    def _frame(self, echoed: bytes, told: Rendered, denied: Denied | None, now: int, *, shown: bool) -> bytes:
        """Return the frame of a reply."""
        counts = told.order_counts if denied is None else denied.order_counts
        if told.retry_after:
            told = with_wait(told, None if denied is None else denied.reason, now, self._settings.unit)
        limits = rate_limits(self._service.gateway.limits.used_weight(self._peer.ip, now), counts) if shown else _NO_LIMITS
        return text_frame(reply(echoed, told, limits))

    def _revoke(self, record: Record, now: int, *, shown: bool) -> None:
        """Forget the API key, which is not valid any more, and say so in place of a reply (Session Authentication)."""
        record.call = call = Call(self._peer.ip, now, None, {}, _REJECTED_KEY, self._actions.api_key)
        record.outcome = denied = self._service.perform(call, now)
        assert isinstance(denied, Denied)
        told = rendered(denied, call, self._settings.unit, {})
        frame = self._frame(_NULL, told, denied, now, shown=shown)
        self._log.close(record, told.status, now, refusal=told.body)
        ended = self._actions.forget_key()
        if ended:
            self._send_ending(frame, ended, self._peer.send, now)
        else:
            self._peer.send(frame)

    def _carry_out(self, asked: _Asked, admitted: Admitted, now: int) -> _Came:
        """Carry out an operation on the connection and return what is told of it."""
        answer = self._actions.carry_out(asked.call, admitted.account, now)
        body, ended = (answer.body, answer.subscriptions) if isinstance(answer, Ended) else (answer, [])
        if isinstance(body, Fault):
            asked.record.outcome = Denied(body, now)
            return _Came(refused(body), None, ended)
        edit = editor_of(self._settings.era, admitted.operation.name)
        return _Came(Rendered(OK, body if edit is None else edit(body)), None, ended)

    def _send_ending(self, frame: bytes, ended: list[Subscription], send: Send, now: int) -> None:
        """Send a reply, and end what subscriptions end with it once all that happened before has been told."""

        def deliver(frame: bytes) -> None:
            send(frame)
            self._actions.subscriptions.finish(ended, now)

        self._outbox.publish(self._service.sequencer.last_seq, deliver, frame)
