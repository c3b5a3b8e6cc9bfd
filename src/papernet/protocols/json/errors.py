"""Codes, HTTP statuses and words of every refusal, shared by all doors that speak JSON.

Invariant.      Every `RequestFault` and every `Reason` has a row; a text has as many %s as it tells of its refusal's args.
Does not.       Repeat what a client sent: texts hold parameter names, legal ranges and limits only.
Source.         errors.md; rest-api.md, HTTP Return Codes. Clients match texts verbatim, so none may be reworded.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.json import Encoder

from papernet.app.faults import Fault, RequestFault
from papernet.core.rejects import Reason, Reject

_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429

_NEW_ORDER_REJECTED: Final = -2010
_CANCEL_REJECTED: Final = -2011
_INVALID_MESSAGE: Final = -1013

_encode: Final = Encoder().encode


class RequestError(Struct, frozen=True):
    """A refusal as clients see it."""

    code: int
    status: int
    text: str

    def body(self) -> bytes:
        """Return the JSON payload (rest-api.md, Error Codes)."""
        return _encode({"code": self.code, "msg": self.text})


_FAULTS: Final[Mapping[RequestFault, tuple[int, int, str]]] = {
    RequestFault.BANNED: (
        -1003,
        418,
        "Way too much request weight used; IP banned until %s. Please use WebSocket Streams for live updates to avoid bans.",
    ),
    RequestFault.TOO_MUCH_WEIGHT: (
        -1003,
        _TOO_MANY,
        (
            "Too much request weight used; current limit is %s request weight per %s. "
            "Please use WebSocket Streams for live updates to avoid polling the API."
        ),
    ),
    RequestFault.TOO_MANY_REQUESTS: (-1003, _TOO_MANY, "Too many requests queued."),
    RequestFault.UNKNOWN_PATH: (-1020, 404, "This operation is not supported."),
    RequestFault.WRONG_METHOD: (-1020, 405, "This operation is not supported."),
    RequestFault.RETIRED: (-1016, 410, "This service is no longer available."),
    RequestFault.BAD_TIME_UNIT: (
        -1194,
        _BAD_REQUEST,
        "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.",
    ),
    RequestFault.UNDECODABLE: (-1100, _BAD_REQUEST, "Illegal characters found in a parameter."),
    RequestFault.DUPLICATE_PARAMETER: (-1101, _BAD_REQUEST, "Duplicate values for a parameter detected."),
    RequestFault.BAD_API_KEY_FORMAT: (-2014, _UNAUTHORIZED, "API-key format invalid."),
    RequestFault.MISSING_PARAMETER: (
        -1102,
        _BAD_REQUEST,
        "Mandatory parameter '%s' was not sent, was empty/null, or malformed.",
    ),
    RequestFault.EMPTY_PARAMETER: (-1105, _BAD_REQUEST, "Parameter '%s' was empty."),
    RequestFault.ILLEGAL_CHARACTERS: (
        -1100,
        _BAD_REQUEST,
        "Illegal characters found in parameter '%s'; legal range is '%s'.",
    ),
    RequestFault.TOO_PRECISE: (-1111, _BAD_REQUEST, "Parameter '%s' has too much precision."),
    RequestFault.OVERFLOW: (-1108, _BAD_REQUEST, "Parameter '%s' overflowed."),
    RequestFault.TOO_GREAT: (-1102, _BAD_REQUEST, "'%s' contains unexpected value. Cannot be greater than %s."),
    RequestFault.INVALID_PARAMETER: (-1130, _BAD_REQUEST, "Data sent for parameter '%s' is not valid."),
    RequestFault.INVALID_JSON: (-1135, _BAD_REQUEST, "JSON sent for parameter '%s' is not valid"),
    RequestFault.BAD_TIME_IN_FORCE: (-1115, _BAD_REQUEST, "Invalid timeInForce."),
    RequestFault.BAD_ORDER_TYPE: (-1116, _BAD_REQUEST, "Invalid orderType."),
    RequestFault.BAD_SIDE: (-1117, _BAD_REQUEST, "Invalid side."),
    RequestFault.BAD_INTERVAL: (-1120, _BAD_REQUEST, "Invalid interval."),
    RequestFault.BAD_SYMBOL_STATUS: (-1122, _BAD_REQUEST, "Invalid symbolStatus."),
    RequestFault.BAD_TICKER_TYPE: (-1139, _BAD_REQUEST, "Invalid ticker type."),
    # rest-api.md, Regarding cancelRestrictions: without a full stop.
    RequestFault.BAD_CANCEL_RESTRICTION: (-1145, _BAD_REQUEST, "Invalid cancelRestrictions"),
    RequestFault.BAD_STRATEGY_TYPE: (-1134, _BAD_REQUEST, "strategyType was less than 1000000."),
    RequestFault.BAD_PEG_PRICE_TYPE: (-1210, _BAD_REQUEST, "Invalid pegPriceType."),
    RequestFault.BAD_PEG_OFFSET_TYPE: (-1211, _BAD_REQUEST, "Invalid pegOffsetType."),
    RequestFault.TOO_MANY_VALUES: (-1101, _BAD_REQUEST, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.DUPLICATE_SYMBOLS: (-1151, _BAD_REQUEST, "Symbol is present multiple times in the list."),
    RequestFault.MISSING_EITHER: (
        -1102,
        _BAD_REQUEST,
        "Param '%s' or '%s' must be sent, but both were empty/null!",
    ),
    RequestFault.NOT_REQUIRED: (-1106, _BAD_REQUEST, "Parameter '%s' sent when not required."),
    RequestFault.BAD_COMBINATION: (-1128, _BAD_REQUEST, "Combination of optional parameters invalid."),
    RequestFault.INCOMPLETE_PAIR: (
        -1128,
        _BAD_REQUEST,
        "Combination of optional fields invalid. Recommendation: '%s' and '%s' must both be sent.",
    ),
    RequestFault.TOO_LONG_WINDOW: (-1127, _BAD_REQUEST, "More than %s hours between startTime and endTime."),
    RequestFault.TOO_MANY_PARAMETERS: (-1101, _BAD_REQUEST, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.UNREAD_PARAMETERS: (
        -1104,
        _BAD_REQUEST,
        "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'.",
    ),
    RequestFault.OUTSIDE_RECV_WINDOW: (-1021, _BAD_REQUEST, "Timestamp for this request is outside of the recvWindow."),
    RequestFault.AHEAD_OF_TIME: (
        -1021,
        _BAD_REQUEST,
        "Timestamp for this request was 1000ms ahead of the server's time.",
    ),
    RequestFault.REJECTED_KEY: (-2015, _UNAUTHORIZED, "Invalid API-key, IP, or permissions for action."),
    RequestFault.BAD_SIGNATURE: (-1022, _BAD_REQUEST, "Signature for this request is not valid."),
    RequestFault.UNKNOWN_SYMBOL: (-1121, _BAD_REQUEST, "Invalid symbol."),
    RequestFault.SYMBOL_STATUS_MISMATCH: (
        -1220,
        _BAD_REQUEST,
        "The symbol's status does not match the requested symbolStatus.",
    ),
    RequestFault.NO_SUCH_ORDER: (-2013, _BAD_REQUEST, "Order does not exist."),
    RequestFault.CLIENT_ORDER_ID_MISMATCH: (-2039, _BAD_REQUEST, "Client order ID is not correct for this order ID."),
}

# errors.md, Messages for -1010, -2010, -2011: which of these codes a message comes with is told by what clients report.
_REASONS: Final[Mapping[Reason, tuple[int, int, str]]] = {
    Reason.UNKNOWN_SYMBOL: (-1121, _BAD_REQUEST, "Invalid symbol."),
    Reason.MARKET_CLOSED: (_INVALID_MESSAGE, _BAD_REQUEST, "Market is closed."),
    Reason.ACCOUNT_MAY_NOT_TRADE: (
        _NEW_ORDER_REJECTED,
        _BAD_REQUEST,
        "This account may not place or cancel orders.",
    ),
    Reason.MARKET_ORDERS_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Market orders are not supported for this symbol.",
    ),
    Reason.STOP_LOSS_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Stop loss orders are not supported for this symbol.",
    ),
    Reason.STOP_LOSS_LIMIT_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Stop loss limit orders are not supported for this symbol.",
    ),
    Reason.TAKE_PROFIT_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Take profit orders are not supported for this symbol.",
    ),
    Reason.TAKE_PROFIT_LIMIT_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Take profit limit orders are not supported for this symbol.",
    ),
    Reason.ORDER_TYPE_NOT_SUPPORTED: (-1014, _BAD_REQUEST, "Unsupported order combination."),
    # The documents' own spelling.
    Reason.QUOTE_QUANTITY_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Quote order qty market orders are not support for this symbol.",
    ),
    Reason.ICEBERG_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Iceberg orders are not supported for this symbol.",
    ),
    Reason.TRAILING_STOP_NOT_SUPPORTED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "Trailing stop orders are not supported for this symbol.",
    ),
    Reason.PEG_NOT_SUPPORTED: (_INVALID_MESSAGE, _BAD_REQUEST, "Pegged orders are not supported for this symbol."),
    Reason.SELF_TRADE_MODE_NOT_ALLOWED: (
        _INVALID_MESSAGE,
        _BAD_REQUEST,
        "This symbol does not allow the specified self-trade prevention mode.",
    ),
    Reason.TOO_MANY_ORDERS: (-1015, _TOO_MANY, "Too many new orders; current limit is %s orders per %s."),
    Reason.DUPLICATE_CLIENT_ORDER_ID: (_NEW_ORDER_REJECTED, _BAD_REQUEST, "Duplicate order sent."),
    Reason.ZERO_NOTIONAL: (_INVALID_MESSAGE, _BAD_REQUEST, "Price * QTY is zero or less."),
    Reason.FILTER_FAILURE: (_INVALID_MESSAGE, _BAD_REQUEST, "Filter failure: %s"),
    Reason.NO_LIQUIDITY_FOR_QUOTE: (
        _NEW_ORDER_REJECTED,
        _BAD_REQUEST,
        "Order book liquidity is less than symbol minimum quantity.",
    ),
    Reason.LIQUIDITY_BELOW_LOT_SIZE: (
        _NEW_ORDER_REJECTED,
        _BAD_REQUEST,
        "Order book liquidity is less than LOT_SIZE filter minimum quantity.",
    ),
    Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE: (
        _NEW_ORDER_REJECTED,
        _BAD_REQUEST,
        "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity.",
    ),
    Reason.WOULD_TAKE: (_NEW_ORDER_REJECTED, _BAD_REQUEST, "Order would immediately match and take."),
    Reason.INSUFFICIENT_BALANCE: (
        _NEW_ORDER_REJECTED,
        _BAD_REQUEST,
        "Account has insufficient balance for requested action.",
    ),
    Reason.UNKNOWN_ORDER: (_CANCEL_REJECTED, _BAD_REQUEST, "Unknown order sent."),
    Reason.CANCEL_RESTRICTED: (
        _CANCEL_REJECTED,
        _BAD_REQUEST,
        "Order was not canceled due to cancel restrictions.",
    ),
    # Only papernet's own control plane meets these; the codes are the nearest that the documents have.
    Reason.UNKNOWN_ACCOUNT: (-1130, 404, "Unknown account."),
    Reason.DUPLICATE_ACCOUNT: (-1130, 409, "The account's name or uid is already in use: %s"),
    Reason.UNKNOWN_KEY: (-1130, 404, "Unknown API key."),
    Reason.DUPLICATE_KEY: (-1130, 409, "The API key is already in use."),
    Reason.UNKNOWN_ASSET: (-1130, _BAD_REQUEST, "Unknown asset: %s"),
    Reason.DUPLICATE_SYMBOL: (-1130, 409, "The symbol is already listed: %s"),
    Reason.BAD_SYMBOL_SPEC: (-1130, _BAD_REQUEST, "The symbol's specification is not valid: %s"),
    Reason.BAD_AMOUNT: (-1130, _BAD_REQUEST, "The amount is out of range."),
    Reason.MARKET_HAS_TRADED: (-1130, _BAD_REQUEST, "The symbol has traded already."),
}

# What a client gets when papernet itself failed (rest-api.md, HTTP Return Codes, 5XX): the outcome is not known.
INTERNAL_ERROR: Final = RequestError(-1000, 500, "An unknown error occurred while processing the request.")
UNAVAILABLE: Final = RequestError(-1001, 503, "Internal error; unable to process your request. Please try again.")


def error_of_fault(fault: Fault) -> RequestError:
    """Return a request's refusal as clients see it."""
    return _error(_FAULTS[fault.fault], fault.args)


def error_of_reject(reject: Reject, *, cancelling: bool = False) -> RequestError:
    """Return the machine's refusal as clients see it; a refused cancel has a code of its own."""
    code, status, text = _REASONS[reject.reason]
    if cancelling and code == _NEW_ORDER_REJECTED:
        code = _CANCEL_REJECTED
    return _error((code, status, text), reject.args)


def _error(row: tuple[int, int, str], args: tuple[str, ...]) -> RequestError:
    code, status, text = row
    told = text.count("%s")
    return RequestError(code, status, text % args[:told] if told else text)
