"""The feed of users' events: who has subscribed to whose account, and what an entry means to them.

Order of work.  `encode` looks at each event of an entry: does it belong to an account that somebody has subscribed to? Then it
                is written once in each time unit that is wanted, in one message or several, as the feed's writers say, and
                noted for every subscription of this moment. `deliver`
                hands out what was noted, in the order of the events, to subscriptions that are still open.
Faults.         While there are rules about streams, what was noted goes through `tampering`: of one event what goes to one key,
                in one time unit, is one message.
Invariant.      A subscription gets exactly the events of its account that were applied while it was open, in the order of the
                journal, none of them before its entry is durable.
Cost.           Nothing but one look when nobody has subscribed; one look an event when others are meant.
Does not.       Know connections, envelopes or frames: whoever subscribes makes them. Tell of a reset, which ends every
                connection.
Source.         user-data-stream.md; general-info.md, resets.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct, json, structs

from papernet.app.eras import Era
from papernet.app.operations import TimeUnit
from papernet.core.enums import ExpiryReason
from papernet.core.events import (
    AccountUpdate,
    Applied,
    BalanceChanged,
    ExecutionReport,
    ExternalLock,
    OrderListChanged,
    WorldReset,
)
from papernet.protocols.json import user_events
from papernet.protocols.websocket.peer import Peer
from papernet.protocols.websocket.tampering import Passing, Tampering

Deliver = Callable[[bytes], None]


class Listener(Struct, frozen=True):
    """Who listens: the connection, and the API key or the listen key for which it may."""

    peer: Peer
    api_key: str = ""
    listen_key: str = ""

    @property
    def key(self) -> str:
        """Return the key that rules of faults know it by."""
        return self.api_key or self.listen_key


class UserSubscription:
    """One subscription to an account's events, told in one time unit."""

    __slots__ = ("account", "deliver", "is_open", "listener", "unit")

    def __init__(self, account: int, unit: TimeUnit, deliver: Deliver, listener: Listener | None = None) -> None:
        """Open a subscription; without a listener it has no connection."""
        self.account: Final = account
        self.unit: Final = unit
        self.deliver: Final = deliver
        self.listener: Final = listener
        self.is_open: bool = True


# What `encode` makes: who gets what.
Letters = list[tuple[UserSubscription, bytes]]

Write = Callable[[Any, TimeUnit], bytes]
# By the event's type: whose it is, and how each of the messages is written that tell it.
Writers = Mapping[type, tuple[Callable[[Any], int], tuple[Write, ...]]]

SPOT_WRITERS: Final[Writers] = {
    ExecutionReport: (attrgetter("terms.account"), (user_events.execution_report,)),
    AccountUpdate: (attrgetter("account"), (user_events.account_position,)),
    OrderListChanged: (attrgetter("record.account"), (user_events.list_status,)),
    BalanceChanged: (attrgetter("account"), (user_events.balance_update,)),
    ExternalLock: (attrgetter("account"), (user_events.external_lock_update,)),
}


def spot_writers(era: Era) -> Writers:
    """Return how the spot venue's events were told in an era."""
    if era.expiry_reason and era.external_lock_update:
        return SPOT_WRITERS
    writers = dict(SPOT_WRITERS)
    if not era.expiry_reason:
        writers[ExecutionReport] = (attrgetter("terms.account"), (_report_without_reason,))
    if not era.external_lock_update:
        del writers[ExternalLock]
    return writers


def _report_without_reason(report: ExecutionReport, unit: TimeUnit) -> bytes:
    """user-data-stream.md as it was before 2026-03-26."""
    if report.expiry_reason is not ExpiryReason.NONE:
        report = structs.replace(report, expiry_reason=ExpiryReason.NONE)
    return user_events.execution_report(report, unit)


class UserFeed:
    """Tells subscribers what happens to their accounts: a reader of `papernet.app.outbox`."""

    __slots__ = ("_subscriptions", "_writers", "tampering")

    def __init__(self, writers: Writers = SPOT_WRITERS) -> None:
        """Begin with nobody subscribed."""
        # While there are rules about streams, what goes wrong on the way out.
        self.tampering: Tampering | None = None
        self._writers: Final = writers
        # by account; an account without subscriptions is not in it
        self._subscriptions: Final[dict[int, list[UserSubscription]]] = {}

    def subscribe(self, account: int, unit: TimeUnit, deliver: Deliver, listener: Listener | None = None) -> UserSubscription:
        """Give `deliver` every event of an account that is applied from now on, as JSON."""
        subscription = UserSubscription(account, unit, deliver, listener)
        self._subscriptions.setdefault(account, []).append(subscription)
        return subscription

    def unsubscribe(self, subscription: UserSubscription) -> None:
        """Give it nothing any more, also of what waits to be durable; a subscription that has ended stays so."""
        if not subscription.is_open:
            return
        subscription.is_open = False
        others = self._subscriptions[subscription.account]
        others.remove(subscription)
        if not others:
            del self._subscriptions[subscription.account]

    def encode(self, applied: Applied) -> Letters | None:
        """Return what the entry means for the subscriptions of this moment, or None when it means nothing to them."""
        subscriptions = self._subscriptions
        if not subscriptions:
            return None
        writers = self._writers
        letters: Letters = []
        for event in applied.events:
            writer = writers.get(type(event))
            if writer is None:
                if type(event) is WorldReset:
                    return None
                continue
            account_of, writes = writer
            readers = subscriptions.get(account_of(event))
            if readers is not None:
                for write in writes:
                    _write(write, event, readers, letters)
        return letters or None

    def accounts(self) -> tuple[int, ...]:
        """Return the accounts that somebody has subscribed to."""
        return tuple(self._subscriptions)

    def listeners(self) -> list[tuple[Peer, int, str]]:
        """Return each connection that listens, with the account and the key for which it does."""
        return [
            (each.listener.peer, account, each.listener.key)
            for account, subscriptions in self._subscriptions.items()
            for each in subscriptions
            if each.listener is not None
        ]

    def tell(self, account: int, what: object, writes: Iterable[Write]) -> Letters:
        """Return what no event tells, written for everybody who has subscribed to an account."""
        letters: Letters = []
        readers = self._subscriptions.get(account, [])
        for write in writes:
            _write(write, what, readers, letters)
        return letters

    def deliver(self, message: Letters) -> None:
        """Hand out what `encode` made of an entry, which is durable now."""
        if self.tampering is not None:
            _tamper(self.tampering, message)
            return
        for subscription, text in message:
            if subscription.is_open:
                subscription.deliver(text)


_ABOUT_ORDERS: Final = ("executionReport", "listStatus", "ORDER_TRADE_UPDATE")


class _Told(Struct):
    """What an event says of itself: its type, and the symbol that it is about (of options in an order, or a list of them)."""

    e: str = ""
    s: Any = ""
    o: Any = None


def _tamper(tampering: Tampering, letters: Letters) -> None:
    """Hand letters out through `tampering`, those together that tell one key of one event."""
    together: dict[tuple[int, str, int], Letters] = {}
    for letter in letters:
        subscription, text = letter
        key = "" if subscription.listener is None else subscription.listener.key
        together.setdefault((subscription.account, key, id(text)), []).append(letter)
    for (account, key, _), group in together.items():
        (first, text), listeners = group[0], [each.listener for each, _ in group if each.listener is not None]
        told = json.decode(text, type=_Told)
        tampering.pass_on(
            (account, key, first.unit),
            Passing(
                tampering.occasion(told.e, account=account, api_key=key, symbol=_symbol_of(told)),
                partial(_hand_out, group),
                [listener.peer for listener in listeners],
                listen_key=listeners[0].listen_key if listeners else "",
            ),
        )


def _hand_out(letters: Letters) -> None:
    for subscription, text in letters:
        if subscription.is_open:
            subscription.deliver(text)


def _symbol_of(told: _Told) -> str:
    """Return the symbol of an event about an order; elsewhere "s" is something else."""
    if told.e not in _ABOUT_ORDERS:
        return ""
    order = told.o[0] if isinstance(told.o, list) and told.o else told.o
    return str(order.get("s", "")) if isinstance(order, dict) else told.s


def _write(write: Write, what: object, readers: list[UserSubscription], letters: Letters) -> None:
    """Write a message once in each time unit that readers want, and address it to all of them; an empty one is none."""
    texts: dict[TimeUnit, bytes] = {}
    for reader in readers:
        text = texts.get(reader.unit)
        if text is None:
            text = texts[reader.unit] = write(what, reader.unit)
        if text:
            letters.append((reader, text))
