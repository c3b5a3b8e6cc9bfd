"""Users' events for whoever has a listen key.

Does not.       Make keys, or say how long they live.
Source.         user-data-stream.md, older editions: General WSS information.
"""

from collections.abc import Callable
from typing import Final

from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.protocols.websocket.user_feed import Listener, UserFeed, UserSubscription


class KeyedUserStreams:
    """A `papernet.protocols.subscriptions.session.UserStreams`."""

    def __init__(self, listen_keys: ListenKeys, feed: UserFeed) -> None:
        """Take keys from `listen_keys`, events from `feed`."""
        self._feed: Final = feed
        self.account_of: Final = listen_keys.account_of
        self.has_run_out: Final = listen_keys.has_run_out

    def subscribe(
        self, account: int, unit: TimeUnit, deliver: Callable[[bytes], None], listener: Listener | None = None
    ) -> UserSubscription:
        """Give `deliver` every event of an account from now on; return what ends that."""
        return self._feed.subscribe(account, unit, deliver, listener)

    def unsubscribe(self, subscription: UserSubscription) -> None:
        """End a subscription."""
        self._feed.unsubscribe(subscription)
