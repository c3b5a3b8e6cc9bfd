"""Every reason why a request is refused before the machine is asked to change anything, in the order in which it is found.

Order of work.  A guard, a parser or a query returns a `Fault` as its value; the door that took the request gives it a code, an
                HTTP status and words. What the machine itself refuses is a `papernet.core.rejects.Reject` instead.
Invariant.      A fault names its reason and what it is about, never a wording. Numbers grow in the order of checking.
Does not.       Know any protocol's codes.
Source.         rest-api.md, Limits, Request Security; errors.md.
"""

from enum import IntEnum, unique
from typing import TypeAlias

from msgspec import Struct


@unique
class RequestFault(IntEnum):
    """Why a request cannot be answered; what `Fault.args` holds stands beside each.

    The groups are checked one after the other. The third and the fourth share their place: a request's parameters are read one
    by one in the order of the operation's table, and the first that is wrong decides.
    """

    # the limits of the address
    BANNED = 1  # when the ban ends, milliseconds UTC
    TOO_MUCH_WEIGHT = 2  # the limit and its interval
    TOO_MANY_REQUESTS = 3
    TOO_MANY_CONNECTIONS = 4  # the limit and its interval
    # the message
    MALFORMED_MESSAGE = 5
    BAD_MESSAGE_FIELD = 6  # the field's name and what it has to be
    # what is asked for
    UNKNOWN_PATH = 10  # the path
    WRONG_METHOD = 11  # the methods that the path has
    RETIRED = 12
    # the request as a whole
    NOT_ACCEPTABLE = 20  # no format that the client takes can be written
    BAD_TIME_UNIT = 21
    UNDECODABLE = 22
    DUPLICATE_PARAMETER = 23
    BAD_API_KEY_FORMAT = 24
    NOT_LOGGED_ON = 25  # the operation needs a connection that has logged on
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
    # the orders of a list beside each other
    OPO_WORKING_NOT_BUY = 60
    OPO_PENDING_NOT_SELL = 61
    ORDER_TYPE_NOT_IN_OCO = 62
    BOTH_OCO_ORDERS_LIMIT = 63
    BUY_OCO_LIMIT_NOT_BELOW = 64
    SELL_OCO_LIMIT_NOT_ABOVE = 65
    BUY_OCO_STOP_LOSS_NOT_ABOVE = 66
    SELL_OCO_STOP_LOSS_NOT_BELOW = 67
    BUY_OCO_TAKE_PROFIT_NOT_BELOW = 68
    SELL_OCO_TAKE_PROFIT_NOT_ABOVE = 69
    # parameters beside each other; of a list, those of one order after the other's
    MISSING_EITHER = 80  # the names of two parameters, one of which is needed
    NOT_REQUIRED = 81  # the parameter's name
    UNSUPPORTED_COMBINATION = 82  # terms of an order that do not go together
    ICEBERG_NOT_GTC = 83  # the names of the iceberg's parameter and of the time in force beside it
    BAD_COMBINATION = 84  # parameters that each are fine and together are not
    INCOMPLETE_PAIR = 85  # the names of two parameters that go together
    TOO_LONG_WINDOW = 86  # the greatest number of hours between start and end
    TOO_MANY_PARAMETERS = 87  # how many are expected, how many were sent
    UNREAD_PARAMETERS = 88  # how many were read, how many were sent
    # timing, key, signature
    AHEAD_OF_TIME = 100
    OUTSIDE_RECV_WINDOW = 101
    REJECTED_KEY = 102
    BAD_SIGNATURE = 103
    UNSUPPORTED_KEY_TYPE = 104  # the type of the API key
    # what the request is about
    UNKNOWN_SYMBOL = 110
    SYMBOL_STATUS_MISMATCH = 111
    NO_REFERENCE_PRICE = 112
    NO_SUCH_ORDER = 113
    ORDER_ARCHIVED = 114
    CLIENT_ORDER_ID_MISMATCH = 115  # the order id is another order's than the client order id
    NO_SUCH_ORDER_LIST = 116
    # streams of events
    SUBSCRIPTION_ACTIVE = 120
    SUBSCRIPTION_INACTIVE = 121
    TOO_MANY_SUBSCRIPTIONS = 122  # how many there may be
    TOO_MANY_SUBSCRIPTION_IDS = 123
    NO_SUCH_LISTEN_KEY = 124
    # what goes wrong on purpose alone
    BLOCKED = 140
    RESTRICTED_LOCATION = 141
    BAD_GATEWAY = 142
    OUTCOME_UNKNOWN = 143
    SERVICE_UNAVAILABLE = 144
    FAILED_INSIDE = 145
    UNKNOWN_ERROR = 146
    DISCONNECTED = 147
    UNEXPECTED_RESPONSE = 148
    TIMED_OUT = 149
    SERVER_BUSY = 150
    TOO_MANY_ORDERS = 151  # the limit and its interval


@unique
class OptionFault(IntEnum):
    """Why a request about options cannot be answered, where `RequestFault` has no reason for it."""

    # one parameter
    BAD_LIMIT = 201
    NOT_A_PRICE = 202  # not above 0
    NOT_A_QUANTITY = 203  # not above 0
    BAD_PROTECTION_WINDOW = 204
    BAD_PROTECTION_FREEZE = 205
    BAD_PROTECTION_LIMIT = 206
    BAD_COUNTDOWN = 207
    TOO_MANY_ORDERS_AT_ONCE = 208
    TOO_MANY_LEGS = 209
    # parameters beside each other
    START_AFTER_END = 220
    TOO_LONG_SEARCH = 221
    # what the request is about
    UNKNOWN_UNDERLYING = 230
    UNKNOWN_UNDERLYING_OF_MAKER = 231
    UNKNOWN_ASSET = 232
    NOT_A_MARKET_MAKER = 233
    NO_PROTECTION = 234
    NO_RECORD = 235
    TOO_MANY_DOWNLOADS = 236


AnyFault: TypeAlias = RequestFault | OptionFault


class Fault(Struct, frozen=True, gc=False):
    """A request's refusal: the reason and what it is about; `retry_after` is in seconds, 0 when waiting does not help."""

    fault: AnyFault
    args: tuple[str, ...] = ()
    retry_after: int = 0
