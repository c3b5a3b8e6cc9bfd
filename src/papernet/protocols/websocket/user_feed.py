"""The feed of users' events: who has subscribed to whose account, and what an entry means to them.

Order of work.  `encode` looks at each event of an entry: does it belong to an account that somebody has subscribed to? Then it
                is written once in each time unit that is wanted, in one message or several, as the feed's writers say, and
                noted for every subscription of this moment. `deliver`
                hands out what was noted, in the order of the events, to subscriptions that are still open.
Invariant.      A subscription gets exactly the events of its account that were applied while it was open, in the order of the
                journal, none of them before its entry is durable.
Cost.           Nothing but one look when nobody has subscribed; one look an event when others are meant.
Does not.       Know connections, envelopes or frames: whoever subscribes makes them. Tell of a reset, which ends every
                connection.
Source.         user-data-stream.md; general-info.md, resets.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

from papernet.app.operations import TimeUnit
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

Deliver = Callable[[bytes], None]


class UserSubscription:
    """One subscription to an account's events, told in one time unit."""

    __slots__ = ("account", "deliver", "is_open", "unit")

    def __init__(self, account: int, unit: TimeUnit, deliver: Deliver) -> None:
        """Open a subscription."""
        self.account: Final = account
        self.unit: Final = unit
        self.deliver: Final = deliver
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


class UserFeed:
    """Tells subscribers what happens to their accounts: a reader of `papernet.app.outbox`."""

    __slots__ = ("_subscriptions", "_writers")

    def __init__(self, writers: Writers = SPOT_WRITERS) -> None:
        """Begin with nobody subscribed."""
        self._writers: Final = writers
        # by account; an account without subscriptions is not in it
        self._subscriptions: Final[dict[int, list[UserSubscription]]] = {}

    def subscribe(self, account: int, unit: TimeUnit, deliver: Deliver) -> UserSubscription:
        """Give `deliver` every event of an account that is applied from now on, as JSON."""
        subscription = UserSubscription(account, unit, deliver)
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

    def tell(self, account: int, what: object, writes: Iterable[Write]) -> Letters:
        """Return what no event tells, written for everybody who has subscribed to an account."""
        letters: Letters = []
        readers = self._subscriptions.get(account, [])
        for write in writes:
            _write(write, what, readers, letters)
        return letters

    def deliver(self, message: Letters) -> None:
        """Hand out what `encode` made of an entry, which is durable now."""
        for subscription, text in message:
            if subscription.is_open:
                subscription.deliver(text)


def _write(write: Write, what: object, readers: list[UserSubscription], letters: Letters) -> None:
    """Write a message once in each time unit that readers want, and address it to all of them; an empty one is none."""
    texts: dict[TimeUnit, bytes] = {}
    for reader in readers:
        text = texts.get(reader.unit)
        if text is None:
            text = texts[reader.unit] = write(what, reader.unit)
        if text:
            letters.append((reader, text))
