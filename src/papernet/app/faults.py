"""Every reason why a request is refused before the machine is asked to change anything, in the order in which it is found.

Order of work.  A guard, a parser or a query returns a `Fault` as its value; the door that took the request gives it a code, an
                HTTP status and words. What the machine itself refuses is a `papernet.core.rejects.Reject` instead.
Invariant.      A fault names its reason and what it is about, never a wording. Numbers grow in the order of checking.
Does not.       Know any protocol's codes.
Source.         rest-api.md, Limits, Request Security; errors.md.
"""

from enum import IntEnum, unique

from msgspec import Struct


@unique
class RequestFault(IntEnum):
    """Why a request cannot be answered; what `Fault.args` holds stands beside each."""

    # the limits of the address
    BANNED = 1  # when the ban ends, milliseconds UTC
    TOO_MUCH_WEIGHT = 2  # the limit and its interval
    TOO_MANY_REQUESTS = 3
    # what is asked for
    UNKNOWN_PATH = 10  # the path
    WRONG_METHOD = 11  # the methods that the path has
    RETIRED = 12
    # the request as a whole
    BAD_TIME_UNIT = 20
    UNDECODABLE = 21
    DUPLICATE_PARAMETER = 22
    BAD_API_KEY_FORMAT = 23
    # one parameter
    MISSING_PARAMETER = 30  # the parameter's name
    EMPTY_PARAMETER = 31  # the parameter's name
    ILLEGAL_CHARACTERS = 32  # the parameter's name and the legal range
    TOO_PRECISE = 33  # the parameter's name
    OVERFLOW = 34  # the parameter's name
    TOO_GREAT = 35  # the parameter's name and its greatest value
    INVALID_PARAMETER = 36  # the parameter's name
    INVALID_JSON = 37  # the parameter's name
    BAD_TIME_IN_FORCE = 38
    BAD_ORDER_TYPE = 39
    BAD_SIDE = 40
    BAD_INTERVAL = 41  # a candle interval that is none
    BAD_SYMBOL_STATUS = 42
    BAD_TICKER_TYPE = 43
    BAD_CANCEL_RESTRICTION = 44
    BAD_STRATEGY_TYPE = 45
    BAD_PEG_PRICE_TYPE = 46
    BAD_PEG_OFFSET_TYPE = 47
    TOO_MANY_VALUES = 48  # how many values of a list are read at most, how many were sent
    DUPLICATE_SYMBOLS = 49
    # all of them together
    MISSING_EITHER = 60  # the names of two parameters, one of which is needed
    NOT_REQUIRED = 61  # the parameter's name
    BAD_COMBINATION = 62  # parameters that each are fine and together are not
    INCOMPLETE_PAIR = 63  # the names of two parameters that go together
    TOO_LONG_WINDOW = 64  # the greatest number of hours between start and end
    TOO_MANY_PARAMETERS = 65  # how many are expected, how many were sent
    UNREAD_PARAMETERS = 66  # how many were read, how many were sent
    # timing, key, signature
    OUTSIDE_RECV_WINDOW = 70
    AHEAD_OF_TIME = 71
    REJECTED_KEY = 72
    BAD_SIGNATURE = 73
    # what the request is about
    UNKNOWN_SYMBOL = 80
    SYMBOL_STATUS_MISMATCH = 81
    NO_SUCH_ORDER = 82
    CLIENT_ORDER_ID_MISMATCH = 83  # the order id is another order's than the client order id


class Fault(Struct, frozen=True, gc=False):
    """A request's refusal: the reason and what it is about; `retry_after` is in seconds, 0 when waiting does not help."""

    fault: RequestFault
    args: tuple[str, ...] = ()
    retry_after: int = 0
