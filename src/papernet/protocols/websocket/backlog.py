"""What waits for a reader that is slower than what it is sent.

Invariant.      Frames leave in the order in which they came. Of the frames with one key only the latest waits, where it came.
Does not.       Decide how much may wait. `size` counts what may not be left out; the rest is bounded by the number of keys.
Units.          Bytes.
"""

from typing import Final


class Backlog:
    """The frames that wait for one connection."""

    __slots__ = ("_frames", "_next", "size")

    def __init__(self, frames: list[bytes]) -> None:
        """Begin with what has not left yet."""
        self.size: int = sum(map(len, frames))
        self._next: int = len(frames)
        # Frames that may not be left out have numbers for keys.
        self._frames: Final[dict[int | str, bytes]] = dict(enumerate(frames))

    def add(self, frame: bytes) -> None:
        """Let a frame wait."""
        self._frames[self._next] = frame
        self._next += 1
        self.size += len(frame)

    def add_latest(self, key: str, frame: bytes) -> None:
        """Let a frame wait in place of the one with the same key that waits already."""
        self._frames.pop(key, None)
        self._frames[key] = frame

    def frames(self) -> list[bytes]:
        """Return what waits."""
        return list(self._frames.values())
