"""What a row of the table of operations says: kinds of parameters, securities, weights, and what an operation does.

Values.         `papernet.protocols.json.params` turns text into the values that checks, weights, builders and queries get: a
                mapping from a parameter's documented name. SYMBOL, CLIENT_ORDER_ID, LISTEN_KEY -> str; SYMBOLS, PERMISSIONS ->
                tuple of str; INT, LONG -> int; DECIMAL -> units of 10^-8; TIME -> microseconds UTC (on the wire milliseconds or
                microseconds); DURATION -> microseconds (on the wire milliseconds with up to three decimals); TIME_ZONE ->
                microseconds east of UTC; WINDOW_SIZE -> microseconds; BOOLEAN -> bool; ENUM -> the member of `values`;
                CONTRACT, ASSET, KEY -> str; ASSETS, TEXTS -> tuple of str; LONGS -> tuple of int; EXPIRY -> microseconds UTC;
                LIMIT -> int; POSITIVE -> units of 10^-8; SPAN -> microseconds (on the wire whole milliseconds); ELEMENTS ->
                tuple with the values of each element's own parameters, or what is wrong with them; MILLISECONDS, ASCII_SYMBOL
                and ASCII_SYMBOLS as TIME, SYMBOL and SYMBOLS. Absent: the default, or None.
Invariant.      A row holds no path, no renderer and no wording.
Does not.       Import the queries: an operation's query is `papernet.app.queries.QUERIES[name]`.
Source.         rest-api.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum, unique
from typing import Any

from papernet.app.faults import AnyFault, Fault, RequestFault
from papernet.app.order_terms import OrderCommand
from papernet.core.commands import Command, NewOrder
from papernet.core.enums import Permission
from papernet.core.rejects import Reject

Params = Mapping[str, Any]


@unique
class TimeUnit(Enum):
    """In which unit times are told (rest-api.md, General API Information: X-MBX-TIME-UNIT)."""

    MILLISECOND = 1_000
    MICROSECOND = 1


@unique
class Kind(IntEnum):
    """How a parameter's text is read."""

    SYMBOL = 1
    SYMBOLS = 2
    PERMISSIONS = 3
    CLIENT_ORDER_ID = 4
    INT = 5
    LONG = 6
    DECIMAL = 7
    TIME = 8
    DURATION = 9
    BOOLEAN = 10
    ENUM = 11
    TIME_ZONE = 12
    WINDOW_SIZE = 13
    LISTEN_KEY = 14
    # options: names of contracts and assets, whatever the case of their letters
    CONTRACT = 15
    ASSET = 16
    ASSETS = 17  # separated by commas
    EXPIRY = 18  # a date, YYMMDD
    LIMIT = 19
    POSITIVE = 20
    KEY = 21
    SPAN = 22
    # JSON lists
    LONGS = 23
    TEXTS = 24
    ELEMENTS = 25
    # as they were read in earlier eras
    MILLISECONDS = 26  # a time
    ASCII_SYMBOL = 27
    ASCII_SYMBOLS = 28


@unique
class Security(Enum):
    """Which permission an operation asks for; NONE is public, ANY is any valid key (rest-api.md, Request Security)."""

    NONE = None
    ANY = "ANY"
    USER_DATA = Permission.USER_DATA
    TRADE = Permission.TRADE
    USER_STREAM = Permission.USER_STREAM


@unique
class ResponseType(StrEnum):
    """How much a new order's reply tells (enums.md, Order Response Type)."""

    ACK = "ACK"
    RESULT = "RESULT"
    FULL = "FULL"


@unique
class TickerType(StrEnum):
    """How much a ticker tells."""

    FULL = "FULL"
    MINI = "MINI"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of an operation.

    `minimum` and `maximum` bound an INT, a LIMIT, a list's length or a DURATION in milliseconds; a greater INT is `lowered` to
    the maximum where the documents or the test network do so. `fault` is the refusal of an ENUM that is not one of `values`, of
    an INT below the minimum, of a LIMIT out of bounds, of a POSITIVE that is none, of a negative SPAN, of a list that is too
    long. Each of ELEMENTS has the parameters of `element`. One that is `hidden` cannot be sent: it always has its default.
    """

    name: str
    kind: Kind
    mandatory: bool = False
    default: Any = None
    minimum: int = 0
    maximum: int | None = None
    lowered: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: AnyFault = RequestFault.INVALID_PARAMETER
    element: "Operation | None" = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The operation asks: `papernet.app.queries` answers."""


@dataclass(frozen=True, slots=True)
class Submit:
    """The operation changes the exchange: `build` makes the command of an account from parameters."""

    build: Callable[[Params, int], OrderCommand | Reject]


@dataclass(frozen=True, slots=True)
class DryRun:
    """The operation checks an order without placing it."""

    build: Callable[[Params, int], NewOrder | Reject]


@dataclass(frozen=True, slots=True)
class Change:
    """The operation changes the exchange as `Submit` does, and a function of `papernet.app.queries` says what to tell of it.

    A builder that returns several commands has each of them carried out, or refused, by itself.
    """

    build: Callable[[Params, int], Command | Fault | tuple[Command | Fault, ...]]


@dataclass(frozen=True, slots=True)
class OfConnection:
    """The operation is about the connection that it came over, or about a stream of events: the door carries it out."""


@unique
class Proof(Enum):
    """How a request shows on whose behalf it comes (web-socket-api.md, Request security, Session Authentication)."""

    NONE = 0
    # the API key alone: listen keys
    KEY = 1
    # a log-on of the connection, nothing else
    SESSION = 2
    # a signature, or a log-on in its place
    SIGNATURE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One row of the table; no two are equal, not even two of the same name for different editions of the documents.

    `proof` follows from the security unless the row says otherwise. `weight` may follow from the parameters; then
    `least_weight` is what a request weighs whose parameters cannot be read, and `unknown_symbol_weight` what one weighs that
    asks about no symbol of the exchange, where that differs. A command that succeeds weighs nothing, unless it
    `weighs_when_done`.
    """

    name: str
    section: str
    security: Security
    weight: int | Callable[[Params], int]
    does: Query | Submit | DryRun | Change | OfConnection
    parameters: tuple[Param, ...] = ()
    order_cost: int = 0
    check: Callable[[Params], Fault | None] | None = None
    least_weight: int = 0
    unknown_symbol_weight: int | None = None
    proof: Proof | None = None
    weighs_when_done: bool = False

    def __post_init__(self) -> None:
        """Take a weight that does not depend on parameters for the least one, and the usual proof where none is named."""
        if isinstance(self.weight, int):
            object.__setattr__(self, "least_weight", self.weight)
        if self.proof is None:
            object.__setattr__(self, "proof", Proof.NONE if self.security is Security.NONE else Proof.SIGNATURE)

    @property
    def signed(self) -> bool:
        """Whether a request needs an API key, a timestamp and a signature."""
        return self.proof is Proof.SIGNATURE

    @property
    def free_when_done(self) -> bool:
        """Whether a request that succeeds weighs nothing (CHANGELOG.md, 2026-03-27): every command does, no question."""
        return isinstance(self.does, Submit) and not self.weighs_when_done

    def weight_of(self, params: Params) -> int:
        """Return the request weight of the operation with these parameters."""
        weight = self.weight
        return weight if isinstance(weight, int) else weight(params)
