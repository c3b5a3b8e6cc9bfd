"""From the text of parameters to typed values, for every door whose parameters are names and text.

Order of work.  Parameters are read in the order of the operation's row, each by the reader of its kind; then the operation's
                own check sees them together; then whatever nobody read is refused.
Invariant.      A value that is returned obeys its kind: what comes after need not look at text again.
Does not.       Know where the text came from, nor what is done with the values. Signatures are the gateway's.
Units.          As `papernet.app.operations` says under Values.
Source.         rest-api.md, parameter tables; errors.md, -1100 to -1151; European Options, parameter tables. Digits are ASCII
                digits, nothing else.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import DecodeError, Raw
from msgspec.json import Decoder

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import Kind, Operation, Param, TimeUnit
from papernet.core.dates import DAY, HOUR, MINUTE, civil_from_days, days_from_civil
from papernet.core.units import AMOUNT_MAX, DIGITS

Reader = Callable[[str], Any]

SIGNATURE: Final = "signature"

_INT_MAX: Final = (1 << 31) - 1
_LONG_MAX: Final = (1 << 63) - 1
# rest-api.md, General API Information: milliseconds or microseconds. 10^14 is the year 5138 in the one, 1973 in the other.
_MICROSECONDS_FROM: Final = 10**14
# Later times mean this one, so that reckoning with them stays within 64 bits: clients send 2^63 - 1 for "no end".
_TIME_MAX: Final = 10**17
_ZONE_MIN: Final = -12 * HOUR
_ZONE_MAX: Final = 14 * HOUR
_WINDOW_UNITS: Final = {"m": MINUTE, "h": HOUR, "d": DAY}
_BOOLEANS: Final = {"true": True, "false": False}
_TEXTS: Final = Decoder(list[str])
_LONGS: Final = Decoder(list[int])
_OBJECTS: Final = Decoder(list[dict[str, Raw]])
_TEXT: Final = Decoder(str)

# rest-api.md and web-socket-api.md, General API Information: how a client says in which unit it wants times.
TIME_UNITS: Final[Mapping[str, TimeUnit]] = {
    "MILLISECOND": TimeUnit.MILLISECOND,
    "millisecond": TimeUnit.MILLISECOND,
    "MICROSECOND": TimeUnit.MICROSECOND,
    "microsecond": TimeUnit.MICROSECOND,
}

# Legal ranges as the refusal tells them; a symbol's is any letter, digit, "-", "_" or "." that is not lower-case a to z.
_INTEGER_RANGE: Final = "^[0-9]{1,20}$"
_DECIMAL_RANGE: Final = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
_SYMBOL_RANGE: Final = "^[\\w\\-._&&[^a-z]]{1,50}$"
_SYMBOLS_RANGE: Final = '^\\["[\\w\\-._&&[^a-z]]{1,50}"(,"[\\w\\-._&&[^a-z]]{1,50}"){0,}\\]$'
# As it was before 2025-12-02 (data/eras.toml, unicode_symbols).
_ASCII_SYMBOL_RANGE: Final = "^[A-Z0-9-_.]{1,20}$"
_ASCII_SYMBOLS_RANGE: Final = '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$'
_CLIENT_ORDER_ID_RANGE: Final = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$"
_PERMISSION_RANGE: Final = "^[A-Z0-9_]{1,30}$"
_LISTEN_KEY_RANGE: Final = "^[a-zA-Z0-9]{1,64}$"
_ZONE_RANGE: Final = "^[+-]?[0-9]{1,2}(:[0-5][0-9])?$"
_CONTRACT_RANGE: Final = "^[A-Z0-9]{1,20}-[0-9]{6}-[0-9]{1,20}(\\.[0-9]{1,20})?-[CP]$"
_ASSET_RANGE: Final = "^[A-Z0-9]{1,20}$"
_EXPIRY_RANGE: Final = "^[0-9]{6}$"
_KEY_RANGE: Final = "^[0-9a-zA-Z-]{1,64}$"
_WINDOW_RANGE: Final = "^([1-9]|[1-5][0-9])m|([1-9]|1[0-9]|2[0-3])h|[1-7]d$"

_SYMBOL: Final = re.compile(r"(?:(?![a-z])[\w\-.]){1,50}").fullmatch
_SYMBOLS: Final = re.compile(r'\["(?:(?![a-z])[\w\-.]){1,50}"(?:,"(?:(?![a-z])[\w\-.]){1,50}")*\]').fullmatch
_ASCII_SYMBOL: Final = re.compile(r"[A-Z0-9_.-]{1,20}", re.ASCII).fullmatch
_ASCII_SYMBOLS: Final = re.compile(r'\["[A-Z0-9_.-]{1,20}"(?:,"[A-Z0-9_.-]{1,20}")*\]', re.ASCII).fullmatch
_CLIENT_ORDER_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII).fullmatch
_PERMISSION: Final = re.compile(r"[A-Z0-9_]{1,30}", re.ASCII).fullmatch
_LISTEN_KEY: Final = re.compile(r"[a-zA-Z0-9]{1,64}", re.ASCII).fullmatch
_CONTRACT: Final = re.compile(r"[A-Z0-9]{1,20}-[0-9]{6}-[0-9]{1,20}(?:\.[0-9]{1,20})?-[CP]", re.ASCII).fullmatch
_ASSET: Final = re.compile(r"[A-Z0-9]{1,20}", re.ASCII).fullmatch
_EXPIRY: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII).fullmatch
_KEY: Final = re.compile(r"[0-9a-zA-Z-]{1,64}", re.ASCII).fullmatch
_ZONE: Final = re.compile(r"([+-]?)([0-9]{1,2})(?::([0-5][0-9]))?", re.ASCII).fullmatch
_WINDOW: Final = re.compile(r"(?:([1-9]|[1-5][0-9])(?=m)|([1-9]|1[0-9]|2[0-3])(?=h)|([1-7])(?=d))([mhd])", re.ASCII).fullmatch


def read_params(operation: Operation, sent: Mapping[str, str]) -> dict[str, Any] | Fault:
    """Return the typed values of all parameters of `operation`, or what is wrong with what was sent.

    `sent` may hold the signature of a signed operation; it counts as read.
    """
    form = _FORMS.get(operation)
    if form is None:
        form = _FORMS[operation] = _Form(operation.parameters)
    if not form.mandatory.issubset(sent):
        return form.first_fault(sent)
    # Few of the parameters that there are get sent: the order of the row is gone through only when one of them is wrong.
    values = form.defaults.copy()
    read = 1 if operation.signed and SIGNATURE in sent else 0
    readers = form.readers
    for name, text in sent.items():
        reader = readers.get(name)
        if reader is None:
            continue
        value = reader(text) if text else None
        if value is None or value.__class__ is Fault:
            return form.first_fault(sent)
        values[name] = value
        read += 1
    if operation.check is not None:
        fault = operation.check(values)
        if fault is not None:
            return fault
    if read != len(sent):
        return _unread(operation, read, len(sent))
    return values


def read_boolean(text: str) -> bool | None:
    """Return the truth value that a text says, or None when it says none."""
    # Python clients send "True" and "False".
    return _BOOLEANS.get(text.lower())


def _unread(operation: Operation, read: int, sent: int) -> Fault:
    """errors.md, -1101 where nothing is expected, else -1104."""
    if all(param.hidden for param in operation.parameters):
        return Fault(RequestFault.TOO_MANY_PARAMETERS, ("0", str(sent)))
    return Fault(RequestFault.UNREAD_PARAMETERS, (str(read), str(sent)))


class _Spellings(dict[str, Any]):
    """What an ENUM's texts mean; any other text means its refusal."""

    __slots__ = ("refusal",)

    def __init__(self, param: Param) -> None:
        super().__init__(param.values)
        self.refusal = Fault(param.fault, (param.name,))

    def __missing__(self, _text: str) -> Fault:
        return self.refusal


def _is_number(text: str) -> bool:
    """Whether `text` is one to twenty ASCII digits."""
    return text.isdigit() and text.isascii() and len(text) <= 20


def _illegal(name: str, legal_range: str) -> Fault:
    return Fault(RequestFault.ILLEGAL_CHARACTERS, (name, legal_range))


def _matching(param: Param, match: Callable[[str], re.Match[str] | None], legal_range: str) -> Reader:
    illegal = _illegal(param.name, legal_range)

    def read(text: str) -> str | Fault:
        return text if match(text) is not None else illegal

    return read


def _symbol(param: Param) -> Reader:
    return _matching(param, _SYMBOL, _SYMBOL_RANGE)


def _ascii_symbol(param: Param) -> Reader:
    return _matching(param, _ASCII_SYMBOL, _ASCII_SYMBOL_RANGE)


def _client_order_id(param: Param) -> Reader:
    return _matching(param, _CLIENT_ORDER_ID, _CLIENT_ORDER_ID_RANGE)


def _symbols(param: Param) -> Reader:
    return _several_symbols(param, _SYMBOLS, _SYMBOLS_RANGE)


def _ascii_symbols(param: Param) -> Reader:
    return _several_symbols(param, _ASCII_SYMBOLS, _ASCII_SYMBOLS_RANGE)


def _several_symbols(param: Param, match: Callable[[str], re.Match[str] | None], legal_range: str) -> Reader:
    def read(text: str) -> tuple[str, ...] | Fault:
        if text == "[]":
            return Fault(RequestFault.EMPTY_PARAMETER, (param.name,))
        if match(text) is None:
            return _illegal(param.name, legal_range)
        symbols = tuple(text[2:-2].split('","'))
        if param.maximum is not None and len(symbols) > param.maximum:
            return Fault(RequestFault.TOO_MANY_VALUES, (str(param.maximum), str(len(symbols))))
        if len(dict.fromkeys(symbols)) != len(symbols):
            return Fault(RequestFault.DUPLICATE_SYMBOLS)
        return symbols

    return read


def _listen_key(param: Param) -> Reader:
    return _matching(param, _LISTEN_KEY, _LISTEN_KEY_RANGE)


def _permissions(param: Param) -> Reader:
    """rest-api.md, Exchange information: one permission as it is, or several as a JSON list."""

    def read(text: str) -> tuple[str, ...] | Fault:
        names = [text]
        if text.startswith("["):
            try:
                names = _TEXTS.decode(text)
            except (DecodeError, UnicodeError):
                return Fault(RequestFault.INVALID_JSON, (param.name,))
            if not names:
                return Fault(RequestFault.EMPTY_PARAMETER, (param.name,))
        if any(_PERMISSION(name) is None for name in names):
            return _illegal(param.name, _PERMISSION_RANGE)
        return tuple(dict.fromkeys(names))

    return read


def _integer(param: Param, greatest: int) -> Reader:
    illegal = _illegal(param.name, _INTEGER_RANGE)

    def read(text: str) -> int | Fault:
        if not _is_number(text):
            return illegal
        value = int(text)
        if value > greatest:
            return Fault(RequestFault.OVERFLOW, (param.name,))
        if value < param.minimum:
            return Fault(param.fault, (param.name,))
        if param.maximum is not None and value > param.maximum:
            return param.maximum if param.lowered else Fault(RequestFault.TOO_GREAT, (param.name, str(param.maximum)))
        return value

    return read


def _int(param: Param) -> Reader:
    return _integer(param, _INT_MAX)


def _long(param: Param) -> Reader:
    return _integer(param, _LONG_MAX)


def _fixed(param: Param, digits: int) -> Reader:
    """Return the reader of a decimal with at most `digits` decimals as an integer of its last one."""
    illegal = _illegal(param.name, _DECIMAL_RANGE)

    def read(text: str) -> int | Fault:
        whole, point, fraction = text.partition(".")
        if not _is_number(whole) or (point and not _is_number(fraction)):
            return illegal
        if len(fraction) > digits:
            if fraction[digits:].strip("0"):
                return Fault(RequestFault.TOO_PRECISE, (param.name,))
            fraction = fraction[:digits]
        value = int(whole + fraction.ljust(digits, "0"))
        return value if value <= AMOUNT_MAX else Fault(RequestFault.OVERFLOW, (param.name,))

    return read


def _decimal(param: Param) -> Reader:
    return _fixed(param, DIGITS)


def _duration(param: Param) -> Reader:
    """rest-api.md, Timing security: milliseconds with up to three decimals."""
    read_fixed = _fixed(param, 3)
    maximum = _INT_MAX if param.maximum is None else param.maximum

    def read(text: str) -> int | Fault:
        value: int | Fault = read_fixed(text)
        if isinstance(value, int) and value > maximum * 1_000:
            return Fault(RequestFault.TOO_GREAT, (param.name, str(maximum)))
        return value

    return read


def _time(param: Param) -> Reader:
    read_long = _long(param)

    def read(text: str) -> int | Fault:
        if len(text) == 13 and text.isdigit() and text.isascii():
            # A time of today in milliseconds, as nearly every request has one.
            return int(text) * 1_000
        value: int | Fault = read_long(text)
        if isinstance(value, Fault):
            return value
        return min(value, _TIME_MAX) if value >= _MICROSECONDS_FROM else value * 1_000

    return read


def _milliseconds(param: Param) -> Reader:
    read_long = _long(param)

    def read(text: str) -> int | Fault:
        value: int | Fault = read_long(text)
        return value if isinstance(value, Fault) else min(value * 1_000, _TIME_MAX)

    return read


def _boolean(param: Param) -> Reader:
    invalid = Fault(RequestFault.INVALID_PARAMETER, (param.name,))

    def read(text: str) -> bool | Fault:
        value = read_boolean(text)
        return invalid if value is None else value

    return read


def _enum(param: Param) -> Reader:
    return _Spellings(param).__getitem__


def _time_zone(param: Param) -> Reader:
    """rest-api.md, Kline/Candlestick data: hours, or hours and minutes, from -12:00 to +14:00."""

    def read(text: str) -> int | Fault:
        match = _ZONE(text)
        if match is None:
            return _illegal(param.name, _ZONE_RANGE)
        sign, hours, minutes = match.groups("")
        zone = int(hours) * HOUR + int(minutes or "0") * MINUTE
        if sign == "-":
            zone = -zone
        return zone if _ZONE_MIN <= zone <= _ZONE_MAX else Fault(RequestFault.INVALID_PARAMETER, (param.name,))

    return read


def _window_size(param: Param) -> Reader:
    """rest-api.md, Rolling window: 1m to 59m, 1h to 23h, 1d to 7d."""

    def read(text: str) -> int | Fault:
        match = _WINDOW(text)
        if match is None:
            return _illegal(param.name, _WINDOW_RANGE)
        return int(text[:-1]) * _WINDOW_UNITS[text[-1]]

    return read


def _named(param: Param, match: Callable[[str], re.Match[str] | None], legal_range: str) -> Reader:
    """Return the reader of a name that is told in capitals, however it was sent."""
    # European Options: the streams' names are lower-case, and so is a symbol in the example of a local order book.
    read_name = _matching(param, match, legal_range)
    return lambda text: read_name(text.upper() if text.isascii() else text)


def _contract(param: Param) -> Reader:
    return _named(param, _CONTRACT, _CONTRACT_RANGE)


def _asset(param: Param) -> Reader:
    return _named(param, _ASSET, _ASSET_RANGE)


def _key(param: Param) -> Reader:
    return _matching(param, _KEY, _KEY_RANGE)


def _assets(param: Param) -> Reader:
    """European Options, Auto-Cancel All Open Orders Heartbeat: names with commas between them."""
    read_name = _asset(param)

    def read(text: str) -> tuple[str, ...] | Fault:
        names = [read_name(name) for name in text.split(",")]
        fault = next((name for name in names if isinstance(name, Fault)), None)
        return fault or tuple(dict.fromkeys(names))

    return read


def _expiry(param: Param) -> Reader:
    """European Options, Open Interest: YYMMDD; contracts expire at 08:00 UTC."""
    illegal = _illegal(param.name, _EXPIRY_RANGE)

    def read(text: str) -> int | Fault:
        match = _EXPIRY(text)
        if match is None:
            return illegal
        year, month, day = map(int, match.groups())
        days = days_from_civil(2000 + year, month, day)
        known = civil_from_days(days) == (2000 + year, month, day)
        return days * DAY + 8 * HOUR if known else Fault(param.fault, (param.name,))

    return read


def _limit(param: Param) -> Reader:
    refusal = Fault(param.fault, (param.name,))
    least, greatest = param.minimum, param.maximum or _INT_MAX

    def read(text: str) -> int | Fault:
        return value if _is_number(text) and least <= (value := int(text)) <= greatest else refusal

    return read


def _positive(param: Param) -> Reader:
    read_decimal, refusal = _decimal(param), Fault(param.fault, (param.name,))

    def read(text: str) -> int | Fault:
        # What is negative is a number too, and its refusal another than that of letters.
        value: int | Fault = read_decimal(text.removeprefix("-"))
        return refusal if value == 0 or (text[0] == "-" and not isinstance(value, Fault)) else value

    return read


def _span(param: Param) -> Reader:
    read_int, refusal = _int(param), Fault(param.fault, (param.name,))

    def read(text: str) -> int | Fault:
        value: int | Fault = read_int(text.removeprefix("-"))
        if isinstance(value, Fault):
            return value
        return refusal if text[0] == "-" else value * 1_000

    return read


def _listed(param: Param, decode: Callable[[str], list[Any]]) -> Reader:
    """Return the reader of a JSON list with at most as many elements as are allowed."""
    no_list = Fault(RequestFault.INVALID_JSON, (param.name,))
    empty = Fault(RequestFault.EMPTY_PARAMETER, (param.name,))
    too_long = Fault(param.fault, (str(param.maximum),))

    def read(text: str) -> list[Any] | Fault:
        try:
            elements = decode(text)
        except (DecodeError, UnicodeError, RecursionError):
            # The last is nesting without end, where the decoder takes a value as it stands.
            return no_list
        if not elements:
            return empty
        return elements if param.maximum is None or len(elements) <= param.maximum else too_long

    return read


def _longs(param: Param) -> Reader:
    read_list, illegal = _listed(param, _LONGS.decode), _illegal(param.name, _INTEGER_RANGE)

    def read(text: str) -> tuple[int, ...] | Fault:
        values = read_list(text)
        if isinstance(values, Fault):
            return values
        return tuple(values) if all(0 <= value <= _LONG_MAX for value in values) else illegal

    return read


def _texts(param: Param) -> Reader:
    read_list, illegal = _listed(param, _TEXTS.decode), _illegal(param.name, _CLIENT_ORDER_ID_RANGE)

    def read(text: str) -> tuple[str, ...] | Fault:
        values = read_list(text)
        if isinstance(values, Fault):
            return values
        return tuple(values) if all(_CLIENT_ORDER_ID(value) for value in values) else illegal

    return read


def _elements(param: Param) -> Reader:
    """European Options, Place Multiple Orders: objects whose values may be text or not; each is read for itself."""
    read_list, element = _listed(param, _objects), param.element
    assert element is not None

    def read(text: str) -> tuple[dict[str, Any] | Fault, ...] | Fault:
        values = read_list(text)
        if isinstance(values, Fault):
            return values
        return tuple(read_params(element, sent) for sent in values)

    return read


def _objects(text: str) -> list[dict[str, str]]:
    return [_as_sent(element) for element in _OBJECTS.decode(text)]


def _as_sent(element: Mapping[str, Raw]) -> dict[str, str]:
    """Return an object's values as a form would have them; what is null was not sent."""
    values = ((name, bytes(raw).strip()) for name, raw in element.items())
    # Numbers stay as they were written: no float is made of them.
    return {name: _TEXT.decode(raw) if raw[:1] == b'"' else raw.decode() for name, raw in values if raw != b"null"}


_READERS: Final[Mapping[Kind, Callable[[Param], Reader]]] = {
    Kind.SYMBOL: _symbol,
    Kind.SYMBOLS: _symbols,
    Kind.PERMISSIONS: _permissions,
    Kind.CLIENT_ORDER_ID: _client_order_id,
    Kind.INT: _int,
    Kind.LONG: _long,
    Kind.DECIMAL: _decimal,
    Kind.TIME: _time,
    Kind.DURATION: _duration,
    Kind.BOOLEAN: _boolean,
    Kind.ENUM: _enum,
    Kind.TIME_ZONE: _time_zone,
    Kind.WINDOW_SIZE: _window_size,
    Kind.LISTEN_KEY: _listen_key,
    Kind.CONTRACT: _contract,
    Kind.ASSET: _asset,
    Kind.ASSETS: _assets,
    Kind.EXPIRY: _expiry,
    Kind.LIMIT: _limit,
    Kind.POSITIVE: _positive,
    Kind.KEY: _key,
    Kind.SPAN: _span,
    Kind.LONGS: _longs,
    Kind.TEXTS: _texts,
    Kind.ELEMENTS: _elements,
    Kind.MILLISECONDS: _milliseconds,
    Kind.ASCII_SYMBOL: _ascii_symbol,
    Kind.ASCII_SYMBOLS: _ascii_symbols,
}


class _Form:
    """How the parameters of one operation are read."""

    __slots__ = ("_parameters", "defaults", "mandatory", "readers")

    def __init__(self, parameters: tuple[Param, ...]) -> None:
        self.defaults: Final = {param.name: param.default for param in parameters}
        parameters = tuple(param for param in parameters if not param.hidden)
        self._parameters: Final = parameters
        self.mandatory: Final = frozenset(param.name for param in parameters if param.mandatory)
        self.readers: Final = {param.name: _READERS[param.kind](param) for param in parameters}

    def first_fault(self, sent: Mapping[str, str]) -> Fault:
        """Return what is wrong with the first parameter, in the order of the row, with which something is."""
        for param in self._parameters:
            name, text = param.name, sent.get(param.name)
            if text is None and not param.mandatory:
                continue
            if not text:
                return Fault(RequestFault.MISSING_PARAMETER if param.mandatory else RequestFault.EMPTY_PARAMETER, (name,))
            value = self.readers[name](text)
            if isinstance(value, Fault):
                return value
        raise AssertionError(sent)


# Of operations that were asked for.
_FORMS: Final[dict[Operation, _Form]] = {}
