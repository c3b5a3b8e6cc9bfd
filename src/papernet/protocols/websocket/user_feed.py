"""The feed of users' events: who has subscribed to whose account, and what an entry means to them.

Order of work.  `encode` looks at each event of an entry: does it belong to an account that somebody has subscribed to? Then it
                is written once in each time unit that is wanted, and noted for every subscription of this moment. `deliver`
                hands out what was noted, in the order of the events, to subscriptions that are still open.
Invariant.      A subscription gets exactly the events of its account that were applied while it was open, in the order of the
                journal, none of them before its entry is durable.
Cost.           Nothing but one look when nobody has subscribed; one look an event when others are meant.
Does not.       Know connections, envelopes or frames: whoever subscribes makes them. Tell of a reset, which ends every
                connection.
Source.         user-data-stream.md; general-info.md, resets.
"""

from collections.abc import Callable, Mapping
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

# By the event's type: whose it is, and how it is written.
_WRITERS: Final[Mapping[type, tuple[Callable[[Any], int], Callable[[Any, TimeUnit], bytes]]]] = {
    ExecutionReport: (attrgetter("terms.account"), user_events.execution_report),
    AccountUpdate: (attrgetter("account"), user_events.account_position),
    OrderListChanged: (attrgetter("record.account"), user_events.list_status),
    BalanceChanged: (attrgetter("account"), user_events.balance_update),
    ExternalLock: (attrgetter("account"), user_events.external_lock_update),
}


class UserFeed:
    """Tells subscribers what happens to their accounts: a reader of `papernet.app.outbox`."""

    __slots__ = ("_subscriptions",)

    def __init__(self) -> None:
        """Begin with nobody subscribed."""
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
        letters: Letters = []
        for event in applied.events:
            writer = _WRITERS.get(type(event))
            if writer is None:
                if type(event) is WorldReset:
                    return None
                continue
            account_of, write = writer
            readers = subscriptions.get(account_of(event))
            if readers is None:
                continue
            texts: dict[TimeUnit, bytes] = {}
            for reader in readers:
                text = texts.get(reader.unit)
                if text is None:
                    text = texts[reader.unit] = write(event, reader.unit)
                letters.append((reader, text))
        return letters or None

    def deliver(self, message: Letters) -> None:
        """Hand out what `encode` made of an entry, which is durable now."""
        for subscription, text in message:
            if subscription.is_open:
                subscription.deliver(text)
