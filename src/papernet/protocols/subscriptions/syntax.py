"""Where a text stops being JSON, and where in it a value ends: what error replies tell by line and column.

Order of work.  Only a text that something is wrong with is read here, once, from its front, by one method for each kind of
                value. The first thing that cannot be is told in the words and at the place that the published replies have,
                which are those of serde_json, the parser that programs in Rust use.
Invariant.      A text that the decoder of requests refuses is refused here too. Refused here alone is what is deeper than
                127 levels of nesting, and an integer that no float holds. So no text exhausts the stack.
Does not.       Make values: a library decodes what is JSON.
Units.          Columns are counted in bytes.
Source.         web-socket-streams.md, Error Messages ("expected value at line %s column %s").
"""

import re
from typing import Final

from msgspec import Struct
from msgspec.json import Decoder

_DEPTH_MAX: Final = 127
_INFINITE: Final = float("inf")

_blanks: Final = re.compile(rb"[ \t\r\n]*")
_digits: Final = re.compile(rb"[0-9]*")
# What in a string neither ends it nor needs a closer look.
_plain: Final = re.compile(rb'[^"\\\x00-\x1f]*')
_hexadecimal: Final = re.compile(rb"[0-9A-Fa-f]{4}").fullmatch
_text: Final = Decoder(str).decode

_WORDS: Final = {b"t": b"true", b"f": b"false", b"n": b"null"}
_ESCAPED: Final = b'"\\/bfnrt'

_END_IN_VALUE: Final = "EOF while parsing a value"
_END_IN_STRING: Final = "EOF while parsing a string"
_END_IN_LIST: Final = "EOF while parsing a list"
_END_IN_OBJECT: Final = "EOF while parsing an object"
_TRAILING_COMMA: Final = "trailing comma"
_BAD_KEY: Final = "key must be a string"
_BAD_NUMBER: Final = "invalid number"
_LONE_SURROGATE: Final = "lone leading surrogate in hex escape"
_UNPAIRED_SURROGATE: Final = "unexpected end of hex escape"


class Layout(Struct, frozen=True):
    """Where a text that is JSON ends, and the value of each member of its outermost object (the last one of a name)."""

    end: int
    members: dict[str, slice]


class _MalformedError(ValueError):
    """The text is no JSON; the message tells what is wrong and where."""


def survey(text: bytes) -> Layout | str:
    """Return where things end in a text, or what keeps it from being JSON and where ("expected value at line 1 column 7")."""
    reader = _Reader(text)
    try:
        reader.read()
    except _MalformedError as error:
        return str(error)
    return Layout(reader.end, reader.members)


def place(text: bytes, index: int) -> str:
    """Return which line the byte before `index` is in, and how many bytes of that line have been read with it."""
    start = text.rfind(b"\n", 0, index) + 1
    line = text.count(b"\n", 0, start) + 1
    return f"at line {line} column {index - start}"


class _Reader:
    """Reads one text."""

    __slots__ = ("_at", "_text", "end", "members")

    def __init__(self, text: bytes) -> None:
        self._text: Final = text
        self._at = 0
        self.end = 0
        self.members: Final[dict[str, slice]] = {}

    def read(self) -> None:
        """Read all of the text."""
        self._value(0)
        self.end = self._at
        if self._next():
            raise self._at_next("trailing characters")

    def _at_last(self, what: str) -> _MalformedError:
        """Complain about the byte that was read last."""
        return _MalformedError(f"{what} {place(self._text, self._at)}")

    def _at_next(self, what: str) -> _MalformedError:
        """Complain about the byte that would be read next."""
        return _MalformedError(f"{what} {place(self._text, min(self._at + 1, len(self._text)))}")

    def _peek(self) -> bytes:
        """Return the next byte, b"" at the end."""
        return self._text[self._at : self._at + 1]

    def _next(self) -> bytes:
        """Return the next byte that is no white space, b"" at the end."""
        self._skip(_blanks)
        return self._peek()

    def _take(self) -> bytes:
        """Read a byte, b"" at the end."""
        byte = self._peek()
        self._at += len(byte)
        return byte

    def _skip(self, pattern: re.Pattern[bytes]) -> int:
        """Read what matches; return how many bytes that was."""
        found = pattern.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return found.end() - found.start()

    def _value(self, depth: int) -> None:
        first = self._next()
        if not first:
            raise self._at_next(_END_IN_VALUE)
        if first in b"[{":
            if depth == _DEPTH_MAX:
                raise self._at_next("recursion limit exceeded")
            self._at += 1
            if first == b"[":
                self._list(depth + 1)
            else:
                self._object(depth + 1)
        elif first == b'"':
            self._at += 1
            self._string()
        elif first in b"-0123456789":
            self._number()
        elif first in _WORDS:
            self._word(_WORDS[first])
        else:
            raise self._at_next("expected value")

    def _list(self, depth: int) -> None:
        byte = self._next()
        if byte == b"]":
            self._at += 1
            return
        if not byte:
            raise self._at_next(_END_IN_LIST)
        while True:
            self._value(depth)
            byte = self._next()
            if byte not in (b",", b"]"):
                raise self._at_next("expected `,` or `]`" if byte else _END_IN_LIST)
            self._at += 1
            if byte == b"]":
                return
            if self._next() == b"]":
                raise self._at_next(_TRAILING_COMMA)

    def _object(self, depth: int) -> None:
        byte = self._next()
        if byte == b"}":
            self._at += 1
            return
        if byte != b'"':
            raise self._at_next(_BAD_KEY if byte else _END_IN_OBJECT)
        while True:
            self._member(depth)
            byte = self._next()
            if byte not in (b",", b"}"):
                raise self._at_next("expected `,` or `}`" if byte else _END_IN_OBJECT)
            self._at += 1
            if byte == b"}":
                return
            byte = self._next()
            if byte != b'"':
                raise self._at_next(_TRAILING_COMMA if byte == b"}" else _BAD_KEY if byte else _END_IN_VALUE)

    def _member(self, depth: int) -> None:
        start = self._at
        self._at += 1
        self._string()
        name = self._text[start : self._at]
        byte = self._next()
        if byte != b":":
            raise self._at_next("expected `:`" if byte else _END_IN_OBJECT)
        self._at += 1
        self._skip(_blanks)
        start = self._at
        self._value(depth)
        if depth == 1:
            self.members[_text(name)] = slice(start, self._at)

    def _string(self) -> None:
        """Read the rest of a string, its closing quotation mark included."""
        while True:
            self._skip(_plain)
            byte = self._take()
            if byte == b'"':
                return
            if not byte:
                raise self._at_last(_END_IN_STRING)
            if byte != b"\\":
                raise self._at_last("control character (\\u0000-\\u001F) found while parsing a string")
            self._escape()

    def _escape(self) -> None:
        byte = self._take()
        if not byte:
            raise self._at_last(_END_IN_STRING)
        if byte != b"u":
            if byte not in _ESCAPED:
                raise self._at_last("invalid escape")
            return
        unit = self._code_unit()
        if 0xDC00 <= unit <= 0xDFFF:
            raise self._at_last(_LONE_SURROGATE)
        if 0xD800 <= unit <= 0xDBFF:
            for expected in (b"\\", b"u"):
                byte = self._take()
                if byte != expected:
                    raise self._at_last(_UNPAIRED_SURROGATE if byte else _END_IN_STRING)
            if not 0xDC00 <= self._code_unit() <= 0xDFFF:
                raise self._at_last(_LONE_SURROGATE)

    def _code_unit(self) -> int:
        """Read four hexadecimal digits."""
        digits = self._text[self._at : self._at + 4]
        self._at += len(digits)
        if len(digits) < 4:
            raise self._at_last(_END_IN_STRING)
        if _hexadecimal(digits) is None:
            raise self._at_last("invalid escape")
        return int(digits, 16)

    def _word(self, word: bytes) -> None:
        for expected in word:
            byte = self._take()
            if byte != bytes((expected,)):
                raise self._at_last("expected ident" if byte else _END_IN_VALUE)

    def _number(self) -> None:
        start = self._at
        if self._peek() == b"-":
            self._at += 1
        first = self._take()
        if not first or first not in b"0123456789":
            raise self._at_last(_BAD_NUMBER if first else _END_IN_VALUE)
        if first != b"0":
            self._skip(_digits)
        elif self._peek().isdigit():
            raise self._at_next(_BAD_NUMBER)
        if self._peek() == b".":
            self._at += 1
            if not self._skip(_digits):
                raise self._at_next(_BAD_NUMBER if self._peek() else _END_IN_VALUE)
        if self._peek() in (b"e", b"E"):
            self._exponent()
        if float(self._text[start : self._at]) in (_INFINITE, -_INFINITE):
            raise self._at_last("number out of range")

    def _exponent(self) -> None:
        self._at += 1
        if self._peek() in (b"+", b"-"):
            self._at += 1
        first = self._take()
        if not first.isdigit():
            raise self._at_last(_BAD_NUMBER if first else _END_IN_VALUE)
        self._skip(_digits)
