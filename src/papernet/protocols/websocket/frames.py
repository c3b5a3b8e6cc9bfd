"""Frames as this server sends them (whole, not masked, not compressed), and the one form in which most messages come in.

Invariant.      What is made here is what the `websockets` library reads back: the same opcode, the same payload.
Does not.       Read frames in pieces or judge them: the library does.
Cost.           A text frame is made once for all its subscribers: one look at its length, one concatenation.
Source.         RFC 6455, 5.2 and 5.5.
"""

from struct import Struct
from typing import Final

from websockets.frames import Frame, apply_mask  # type: ignore[attr-defined]  # its quickest, written in C where that is there

CONTROL_MAX: Final = 125

_WHOLE_TEXT: Final = 0x81
_WHOLE_CLOSE: Final = 0x88
_WHOLE_PING: Final = 0x89
_IN_TWO_BYTES: Final = 126
_IN_EIGHT_BYTES: Final = 127
_MASKED: Final = 128

_SHORT_HEADS: Final = tuple(bytes((_WHOLE_TEXT, size)) for size in range(_IN_TWO_BYTES))
_long_head: Final = Struct("!BBH").pack
_longest_head: Final = Struct("!BBQ").pack
_close_code: Final = Struct("!H").pack


def text_frame(payload: bytes) -> bytes:
    """Return the frame of a text message, which is UTF-8."""
    size = len(payload)
    if size < 126:
        return _SHORT_HEADS[size] + payload
    if size < 65_536:
        return _long_head(_WHOLE_TEXT, _IN_TWO_BYTES, size) + payload
    return _longest_head(_WHOLE_TEXT, _IN_EIGHT_BYTES, size) + payload


def close_frame(code: int, reason: str) -> bytes:
    """Return the frame that closes a connection; a reason that is too long for it is cut between two characters."""
    text = reason.encode()[: CONTROL_MAX - 2].decode(errors="ignore")
    return _control_frame(_WHOLE_CLOSE, _close_code(code) + text.encode())


def ping_frame(payload: bytes) -> bytes:
    """Return a ping."""
    return _control_frame(_WHOLE_PING, payload)


def _control_frame(first: int, payload: bytes) -> bytes:
    assert len(payload) <= CONTROL_MAX
    return bytes((first, len(payload))) + payload


def whole_text(data: bytes, most: int) -> bytes | None:
    """Return the payload when `data` is one masked text frame, whole and of at most so many bytes; None for all else."""
    if len(data) < 6 or data[0] != _WHOLE_TEXT or data[1] < _MASKED:
        return None
    size, begin = data[1] - _MASKED, 6
    if size == _IN_TWO_BYTES:
        size, begin = data[2] << 8 | data[3], 8
    elif size == _IN_EIGHT_BYTES:
        return None
    if len(data) != begin + size or size > most:
        return None
    return apply_mask(data[begin:], data[begin - 4 : begin])


def size_of(frame: Frame) -> int:
    """Return how many bytes a client's frame had, at least."""
    size = len(frame.data)
    return size + (6 if size < _IN_TWO_BYTES else 8 if size < 65_536 else 14)
