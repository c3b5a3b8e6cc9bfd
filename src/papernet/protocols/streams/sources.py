"""What the feed asks of whatever makes the messages of a timed stream.

Does not.       Know who listens: a message is made for each time unit that somebody wants, when it is wanted.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from papernet.app.operations import TimeUnit

# Makes one message's bytes for a time unit.
Render = Callable[[TimeUnit], bytes]


class Source(Protocol):
    """Makes the messages of one timed stream; it begins when somebody subscribes and ends when nobody is left."""

    def due(self, now: int) -> Sequence[Render]:
        """Return what is to be pushed at `now`, a moment after a boundary of the stream's speed; maybe nothing."""
        ...
