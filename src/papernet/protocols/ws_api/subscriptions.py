"""The user data streams that one connection listens to: their numbers, their limits, their events.

Order of work.  A subscription gets the next number. Its events leave with that number around them. One that ends is off the
                list at once, but goes on until everything that happened before has been told; then the peer is told of its end.
Invariant.      One subscription an account. A number is never given again.
Does not.       Ask who may listen.
Source.         web-socket-api.md, User Data Stream requests, Event format; user-data-stream.md, Event Stream Terminated.
"""

from typing import Final

from msgspec import Struct

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.protocols.json.user_events import stream_terminated
from papernet.protocols.websocket.frames import text_frame
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.user_feed import Listener, UserFeed, UserSubscription

ACTIVE_MAX: Final = 1_000
IN_A_LIFETIME_MAX: Final = 65_535

_ALREADY_ACTIVE: Final = Fault(RequestFault.SUBSCRIPTION_ACTIVE)
_NOT_ACTIVE: Final = Fault(RequestFault.SUBSCRIPTION_INACTIVE)
_TOO_MANY: Final = Fault(RequestFault.TOO_MANY_SUBSCRIPTIONS, (str(ACTIVE_MAX),))
_NO_MORE_NUMBERS: Final = Fault(RequestFault.TOO_MANY_SUBSCRIPTION_IDS)


class Subscription(Struct, eq=False):
    """One of them; `of_session` when the session's log-on was its ground."""

    number: int
    account: int
    of_session: bool
    source: UserSubscription


class Subscriptions:
    """All of one connection."""

    __slots__ = ("_active", "_feed", "_head", "_next_number", "_peer", "_unit")

    def __init__(self, feed: UserFeed, peer: Peer, unit: TimeUnit, *, tells_numbers: bool = True) -> None:
        """Begin with none; events come from `feed` and go to `peer` with times in `unit`."""
        self._head: Final = _head if tells_numbers else _head_without_number
        self._feed: Final = feed
        self._peer: Final = peer
        self._unit: Final = unit
        self._active: Final[dict[int, Subscription]] = {}
        self._next_number: int = 0

    def __len__(self) -> int:
        """Return how many are active."""
        return len(self._active)

    def numbers(self) -> list[int]:
        """Return the numbers of the active ones."""
        return list(self._active)

    def start(self, account: int, *, of_session: bool, api_key: str = "") -> int | Fault:
        """Listen to an account from now on; return the subscription's number, or why there is none."""
        if any(subscription.account == account for subscription in self._active.values()):
            return _ALREADY_ACTIVE
        if len(self._active) >= ACTIVE_MAX:
            return _TOO_MANY
        number = self._next_number
        if number >= IN_A_LIFETIME_MAX:
            return _NO_MORE_NUMBERS
        self._next_number = number + 1
        head, send = self._head(number), self._peer.send

        def deliver(event: bytes) -> None:
            send(text_frame(head + event + b"}"))

        source = self._feed.subscribe(account, self._unit, deliver, Listener(self._peer, api_key))
        self._active[number] = Subscription(number, account, of_session, source)
        return number

    def end(self, number: int | None) -> list[Subscription] | Fault:
        """Take one, or all, off the list; return them for `finish`, or a refusal when there is none."""
        numbers = self.numbers() if number is None else [number]
        ended = [self._active.pop(each) for each in numbers if each in self._active]
        return ended or _NOT_ACTIVE

    def end_of_session(self) -> list[Subscription]:
        """Take those off the list whose ground was the session's log-on; return them for `finish`."""
        ended = [subscription for subscription in self._active.values() if subscription.of_session]
        for subscription in ended:
            del self._active[subscription.number]
        return ended

    def finish(self, ended: list[Subscription], at: int) -> None:
        """Stop listening and say so."""
        for subscription in ended:
            self._feed.unsubscribe(subscription.source)
            self._peer.send(text_frame(self._head(subscription.number) + stream_terminated(at, self._unit) + b"}"))

    def close(self) -> None:
        """Stop listening to all of them: nobody is there any more."""
        for subscription in self._active.values():
            self._feed.unsubscribe(subscription.source)
        self._active.clear()


def _head(number: int) -> bytes:
    return b'{"subscriptionId":%d,"event":' % number


def _head_without_number(_number: int) -> bytes:
    """web-socket-api.md as it was before 2025-08-12."""
    return b'{"event":'
