"""The other end of a connection, as sessions and channels see it.

Invariant.      What is sent arrives in the order of sending, except that of the frames with one key that wait behind a slow
                reader only the latest is kept.
Does not.       Say anything about frames' contents.
"""

from typing import Protocol


class Peer(Protocol):
    """Who is talked to over one connection."""

    ip: str

    def send(self, frame: bytes) -> None:
        """Send a framed message (`papernet.protocols.websocket.frames.text_frame`), of which nothing may be left out."""
        ...

    def send_latest(self, key: str, frame: bytes) -> None:
        """Send a framed message that the next one with the same key makes worthless: a slow reader gets the latest only."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the connection once everything sent before has left."""
        ...


class Session(Protocol):
    """What a door makes of one connection."""

    def receive(self, text: str, now: int) -> None:
        """Take in a text message that arrived at `now`."""
        ...

    def closed(self, now: int) -> None:
        """Let go: the connection is no more."""
        ...
