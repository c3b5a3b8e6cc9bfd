"""Codes, HTTP statuses and words of every refusal of the spot venue, shared by all doors that speak JSON.

Invariant.      Every `RequestFault` has a row, and every `Reason` but those of the options venue, whose words are those of
                `option_errors`; a text has as many %s as it tells of its refusal's args.
Does not.       Repeat what a client sent: texts hold parameter names, legal ranges and limits only.
Source.         errors.md; rest-api.md, HTTP Return Codes. Clients match texts verbatim, so none may be reworded. Of the codes
                that share the engine's messages, -1013 is for what did not reach the engine: what the request and the symbol's
                settings already tell; what takes the book, balances or open orders to know is -2010.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.json import Encoder

from papernet.app.faults import AnyFault, Fault, RequestFault
from papernet.core.rejects import Reason, Reject

_TOO_MANY: Final = 429
_UNKNOWN: Final = "An unknown error occurred while processing the request."
_FAILED: Final = "Internal error; unable to process your request. Please try again."

_INVALID_MESSAGE: Final = -1013
_NEW_ORDER_REJECTED: Final = -2010
_CANCEL_REJECTED: Final = -2011
_AMEND_REJECTED: Final = -2038
# errors.md: the codes with which an engine's message can come.
_ENGINE_CODES: Final = (_INVALID_MESSAGE, _NEW_ORDER_REJECTED, _CANCEL_REJECTED)

_encode: Final = Encoder().encode


class RequestError(Struct, frozen=True):
    """A refusal as clients see it."""

    code: int
    status: int
    text: str

    def body(self) -> bytes:
        """Return the JSON payload (rest-api.md, Error Codes)."""
        return _encode({"code": self.code, "msg": self.text})


# code, HTTP status, text
Row = tuple[int, int, str]


def bad(code: int, text: str) -> Row:
    """Return a row of the usual status."""
    return (code, 400, text)


_FAULTS: Final[Mapping[AnyFault, Row]] = {
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
    RequestFault.TOO_MANY_CONNECTIONS: (
        -1034,
        _TOO_MANY,
        "Too many connection attempts from IP; current limit is %s per '%s'.",
    ),
    # The documents have these without "%s"; the exchange says which field, and what it expected.
    RequestFault.MALFORMED_MESSAGE: bad(-1135, "Invalid JSON Request."),
    RequestFault.BAD_MESSAGE_FIELD: bad(-1135, "Invalid '%s' in JSON request; expected %s."),
    RequestFault.UNKNOWN_PATH: (-1020, 404, "This operation is not supported."),
    RequestFault.WRONG_METHOD: (-1020, 405, "This operation is not supported."),
    RequestFault.RETIRED: (-1016, 410, "This service is no longer available."),
    # faqs/sbe_faq, REST API
    RequestFault.NOT_ACCEPTABLE: (-1155, 406, "SBE is not enabled."),
    RequestFault.BAD_TIME_UNIT: bad(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."),
    RequestFault.UNDECODABLE: bad(-1100, "Illegal characters found in a parameter."),
    RequestFault.DUPLICATE_PARAMETER: bad(-1101, "Duplicate values for a parameter detected."),
    # Not in the documents; what the live exchange answers.
    RequestFault.NOT_LOGGED_ON: bad(-1193, "WebSocket session not authenticated. Recommendation: use `session.logon`."),
    RequestFault.BAD_API_KEY_FORMAT: (-2014, 401, "API-key format invalid."),
    RequestFault.MISSING_PARAMETER: bad(-1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed."),
    RequestFault.EMPTY_PARAMETER: bad(-1105, "Parameter '%s' was empty."),
    RequestFault.ILLEGAL_CHARACTERS: bad(-1100, "Illegal characters found in parameter '%s'; legal range is '%s'."),
    RequestFault.TOO_PRECISE: bad(-1111, "Parameter '%s' has too much precision."),
    RequestFault.OVERFLOW: bad(-1108, "Parameter '%s' overflowed."),
    RequestFault.TOO_GREAT: bad(-1102, "'%s' contains unexpected value. Cannot be greater than %s."),
    RequestFault.INVALID_PARAMETER: bad(-1130, "Data sent for parameter '%s' is not valid."),
    RequestFault.INVALID_JSON: bad(-1135, "JSON sent for parameter '%s' is not valid"),
    RequestFault.BAD_TIME_IN_FORCE: bad(-1115, "Invalid timeInForce."),
    RequestFault.BAD_ORDER_TYPE: bad(-1116, "Invalid orderType."),
    RequestFault.BAD_SIDE: bad(-1117, "Invalid side."),
    RequestFault.BAD_INTERVAL: bad(-1120, "Invalid interval."),
    RequestFault.BAD_SYMBOL_STATUS: bad(-1122, "Invalid symbolStatus."),
    RequestFault.BAD_TICKER_TYPE: bad(-1139, "Invalid ticker type."),
    # rest-api.md, Regarding cancelRestrictions: without a full stop.
    RequestFault.BAD_CANCEL_RESTRICTION: bad(-1145, "Invalid cancelRestrictions"),
    RequestFault.BAD_STRATEGY_TYPE: bad(-1134, "strategyType was less than 1000000."),
    RequestFault.BAD_PEG_PRICE_TYPE: bad(-1210, "Invalid pegPriceType."),
    RequestFault.BAD_PEG_OFFSET_TYPE: bad(-1211, "Invalid pegOffsetType."),
    RequestFault.TOO_MANY_VALUES: bad(-1101, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.DUPLICATE_SYMBOLS: bad(-1151, "Symbol is present multiple times in the list."),
    RequestFault.OPO_WORKING_NOT_BUY: bad(-1222, "Working order in an OPO list must be a bid."),
    RequestFault.OPO_PENDING_NOT_SELL: bad(-1223, "Pending orders in an OPO list must be asks."),
    RequestFault.ORDER_TYPE_NOT_IN_OCO: bad(-1158, "Order type not supported in OCO."),
    RequestFault.BOTH_OCO_ORDERS_LIMIT: bad(-1168, "At least one OCO order must be contingent."),
    RequestFault.BUY_OCO_LIMIT_NOT_BELOW: bad(-1165, "A limit order in a buy OCO must be below."),
    RequestFault.SELL_OCO_LIMIT_NOT_ABOVE: bad(-1166, "A limit order in a sell OCO must be above."),
    RequestFault.BUY_OCO_STOP_LOSS_NOT_ABOVE: bad(-1196, "A stop loss order in a buy OCO must be above."),
    RequestFault.SELL_OCO_STOP_LOSS_NOT_BELOW: bad(-1197, "A stop loss order in a sell OCO must be below."),
    RequestFault.BUY_OCO_TAKE_PROFIT_NOT_BELOW: bad(-1198, "A take profit order in a buy OCO must be below."),
    RequestFault.SELL_OCO_TAKE_PROFIT_NOT_ABOVE: bad(-1199, "A take profit order in a sell OCO must be above."),
    RequestFault.MISSING_EITHER: bad(-1102, "Param '%s' or '%s' must be sent, but both were empty/null!"),
    RequestFault.NOT_REQUIRED: bad(-1106, "Parameter '%s' sent when not required."),
    RequestFault.UNSUPPORTED_COMBINATION: bad(-1014, "Unsupported order combination."),
    RequestFault.ICEBERG_NOT_GTC: bad(-1160, "Parameter '%s' is not supported if %s is not GTC."),
    RequestFault.BAD_COMBINATION: bad(-1128, "Combination of optional parameters invalid."),
    RequestFault.INCOMPLETE_PAIR: bad(
        -1128, "Combination of optional fields invalid. Recommendation: '%s' and '%s' must both be sent."
    ),
    RequestFault.TOO_LONG_WINDOW: bad(-1127, "More than %s hours between startTime and endTime."),
    RequestFault.TOO_MANY_PARAMETERS: bad(-1101, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.UNREAD_PARAMETERS: bad(-1104, "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'."),
    RequestFault.AHEAD_OF_TIME: bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
    RequestFault.OUTSIDE_RECV_WINDOW: bad(-1021, "Timestamp for this request is outside of the recvWindow."),
    RequestFault.REJECTED_KEY: (-2015, 401, "Invalid API-key, IP, or permissions for action."),
    RequestFault.BAD_SIGNATURE: bad(-1022, "Signature for this request is not valid."),
    # Not in the documents; what the live exchange answers.
    RequestFault.UNSUPPORTED_KEY_TYPE: bad(-2028, "%s API key is not supported."),
    RequestFault.UNKNOWN_SYMBOL: bad(-1121, "Invalid symbol."),
    RequestFault.SYMBOL_STATUS_MISMATCH: bad(-1220, "The symbol's status does not match the requested symbolStatus."),
    RequestFault.NO_REFERENCE_PRICE: bad(-2043, "This symbol doesn't have a reference price."),
    RequestFault.NO_SUCH_ORDER: bad(-2013, "Order does not exist."),
    RequestFault.ORDER_ARCHIVED: bad(
        -2026, "Order was canceled or expired with no executed qty over 90 days ago and has been archived."
    ),
    RequestFault.CLIENT_ORDER_ID_MISMATCH: bad(-2039, "Client order ID is not correct for this order ID."),
    # Not in the documents; what the live exchange answers.
    RequestFault.NO_SUCH_ORDER_LIST: bad(-2018, "Order list does not exist."),
    RequestFault.SUBSCRIPTION_ACTIVE: bad(-2035, "User Data Stream subscription already active."),
    RequestFault.SUBSCRIPTION_INACTIVE: bad(-2036, "User Data Stream subscription not active."),
    RequestFault.TOO_MANY_SUBSCRIPTIONS: bad(
        -1191, "Too many subscriptions. Connection may create up to '%s' subscriptions at a time."
    ),
    RequestFault.TOO_MANY_SUBSCRIPTION_IDS: bad(-2042, "Maximum subscription ID reached for this connection."),
    RequestFault.BLOCKED: (-1002, 403, "You are not authorized to execute this request."),
    # Not in the documents; what the live exchange answers.
    RequestFault.RESTRICTED_LOCATION: (0, 451, "Service unavailable from a restricted location."),
    RequestFault.BAD_GATEWAY: (-1000, 502, _UNKNOWN),
    # European Options, General Info, HTTP Return Codes: the three meanings of 503, told apart by their words.
    RequestFault.OUTCOME_UNKNOWN: (-1000, 503, "Unknown error, please check your request or try again later."),
    RequestFault.SERVICE_UNAVAILABLE: (-1001, 503, "Service Unavailable."),
    RequestFault.FAILED_INSIDE: (-1001, 503, _FAILED),
    RequestFault.UNKNOWN_ERROR: (-1000, 500, _UNKNOWN),
    RequestFault.DISCONNECTED: (-1001, 500, _FAILED),
    RequestFault.UNEXPECTED_RESPONSE: (
        -1006,
        500,
        "An unexpected response was received from the message bus. Execution status unknown.",
    ),
    RequestFault.TIMED_OUT: (
        -1007,
        504,
        "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    ),
    RequestFault.SERVER_BUSY: (
        -1008,
        503,
        "Server is currently overloaded with other requests. Please try again in a few minutes.",
    ),
    RequestFault.TOO_MANY_ORDERS: (-1015, _TOO_MANY, "Too many new orders; current limit is %s orders per %s."),
    RequestFault.NO_SUCH_LISTEN_KEY: bad(-1125, "This listenKey does not exist."),
}


def _unsupported(what: str) -> Row:
    """Return the row of something that a symbol does not offer."""
    return bad(_INVALID_MESSAGE, f"{what} not supported for this symbol.")


# errors.md, Messages for -1010, -2010, -2011, -2038: the code is that of a new order; `error_of_reject` changes it.
_REASONS: Final[Mapping[Reason, Row]] = {
    Reason.UNKNOWN_SYMBOL: bad(-1121, "Invalid symbol."),
    Reason.ACCOUNT_MAY_NOT_TRADE: bad(_NEW_ORDER_REJECTED, "This account may not place or cancel orders."),
    Reason.SYMBOL_NOT_PERMITTED: bad(_NEW_ORDER_REJECTED, "This symbol is not permitted for this account."),
    Reason.ACTION_DISABLED: bad(_NEW_ORDER_REJECTED, "This action is disabled on this account."),
    Reason.TOO_MANY_ORDERS: (-1015, _TOO_MANY, "Too many new orders; current limit is %s orders per %s."),
    Reason.DUPLICATE_CLIENT_ORDER_ID: bad(_NEW_ORDER_REJECTED, "Duplicate order sent."),
    Reason.DUPLICATE_LIST_CLIENT_ORDER_ID: bad(_NEW_ORDER_REJECTED, "Duplicate order sent."),
    Reason.MARKET_CLOSED: bad(_INVALID_MESSAGE, "Market is closed."),
    Reason.CANCEL_REPLACE_NOT_SUPPORTED: _unsupported("Order cancel-replace is"),
    Reason.AMEND_NOT_SUPPORTED: bad(_AMEND_REJECTED, "Order amend is not supported for this symbol."),
    # The documents have this one without a full stop.
    Reason.OCO_NOT_SUPPORTED: bad(_INVALID_MESSAGE, "OCO orders are not supported for this symbol"),
    Reason.OTO_NOT_SUPPORTED: _unsupported("OTO orders are"),
    Reason.OPO_NOT_SUPPORTED: _unsupported("OPO orders are"),
    Reason.SOR_NOT_SUPPORTED: _unsupported("SOR orders are"),
    Reason.MARKET_ORDERS_NOT_SUPPORTED: _unsupported("Market orders are"),
    Reason.STOP_LOSS_NOT_SUPPORTED: _unsupported("Stop loss orders are"),
    Reason.STOP_LOSS_LIMIT_NOT_SUPPORTED: _unsupported("Stop loss limit orders are"),
    Reason.TAKE_PROFIT_NOT_SUPPORTED: _unsupported("Take profit orders are"),
    Reason.TAKE_PROFIT_LIMIT_NOT_SUPPORTED: _unsupported("Take profit limit orders are"),
    Reason.ORDER_TYPE_NOT_SUPPORTED: bad(-1014, "Unsupported order combination."),
    Reason.ICEBERG_NOT_SUPPORTED: _unsupported("Iceberg orders are"),
    Reason.TRAILING_STOP_NOT_SUPPORTED: _unsupported("Trailing stop orders are"),
    Reason.PEG_NOT_SUPPORTED: _unsupported("Pegged orders are"),
    # The documents' own spelling.
    Reason.QUOTE_QUANTITY_NOT_SUPPORTED: bad(
        _INVALID_MESSAGE, "Quote order qty market orders are not support for this symbol."
    ),
    # faqs/stp_faq
    Reason.SELF_TRADE_MODE_NOT_ALLOWED: bad(
        _INVALID_MESSAGE, "This symbol does not allow the specified self-trade prevention mode."
    ),
    Reason.UNKNOWN_ORDER: bad(_CANCEL_REJECTED, "Unknown order sent."),
    # Not in the documents; what the live exchange answers.
    Reason.UNKNOWN_ORDER_LIST: bad(_CANCEL_REJECTED, "Unknown order list sent."),
    Reason.CANCEL_RESTRICTED: bad(_CANCEL_REJECTED, "Order was not canceled due to cancel restrictions."),
    Reason.AMEND_PENDING_OPO: bad(_AMEND_REJECTED, "Order amend (pending OPO order) is not supported."),
    Reason.AMEND_CHANGES_NOTHING: bad(_AMEND_REJECTED, "The requested action would change no state; rejecting"),
    Reason.AMEND_INCREASES: bad(_AMEND_REJECTED, "Order amend (quantity increase) is not supported."),
    # filters.md, MAX_NUM_ORDER_AMENDS
    Reason.TOO_MANY_AMENDS: bad(_AMEND_REJECTED, "Filter failure: MAX_NUM_ORDER_AMENDS"),
    Reason.ORDER_TYPE_NOT_PEGGABLE: bad(_INVALID_MESSAGE, "This order type may not use pegged price."),
    Reason.PEG_NOT_FOR_ORDER_TYPE: bad(_INVALID_MESSAGE, "This price peg cannot be used with this order type."),
    Reason.UNSUPPORTED_COMBINATION: bad(-1014, "Unsupported order combination."),
    Reason.ICEBERG_EXCEEDS_QUANTITY: bad(_INVALID_MESSAGE, "IcebergQty exceeds QTY."),
    Reason.ZERO_NOTIONAL: bad(_INVALID_MESSAGE, "Price * QTY is zero or less."),
    Reason.NO_PRICE_LEVEL_FOR_PEG: bad(_NEW_ORDER_REJECTED, "Order book liquidity is too low for this pegged order."),
    Reason.FILTER_FAILURE: bad(_INVALID_MESSAGE, "Filter failure: %s"),
    Reason.BAD_PRICE_RELATION: bad(_NEW_ORDER_REJECTED, "The relationship of the prices for the orders is not correct."),
    Reason.WOULD_TRIGGER: bad(_NEW_ORDER_REJECTED, "Order would trigger immediately."),
    Reason.NO_LIQUIDITY_FOR_QUOTE: bad(_NEW_ORDER_REJECTED, "Order book liquidity is less than symbol minimum quantity."),
    Reason.LIQUIDITY_BELOW_LOT_SIZE: bad(
        _NEW_ORDER_REJECTED, "Order book liquidity is less than LOT_SIZE filter minimum quantity."
    ),
    Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE: bad(
        _NEW_ORDER_REJECTED, "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity."
    ),
    Reason.WOULD_TAKE: bad(_NEW_ORDER_REJECTED, "Order would immediately match and take."),
    Reason.INSUFFICIENT_BALANCE: bad(_NEW_ORDER_REJECTED, "Account has insufficient balance for requested action."),
    # Only papernet's own control plane meets these; the codes are the nearest that the documents have.
    Reason.UNKNOWN_ACCOUNT: (-1130, 404, "Unknown account."),
    Reason.DUPLICATE_ACCOUNT: (-1130, 409, "The account's name or uid is already in use: %s"),
    Reason.UNKNOWN_KEY: (-1130, 404, "Unknown API key."),
    Reason.DUPLICATE_KEY: (-1130, 409, "The API key is already in use."),
    Reason.UNKNOWN_ASSET: bad(-1130, "Unknown asset: %s"),
    Reason.DUPLICATE_SYMBOL: (-1130, 409, "The symbol is already listed: %s"),
    Reason.BAD_SYMBOL_SPEC: bad(-1130, "The symbol's specification is not valid: %s"),
    Reason.BAD_VENUE_RULES: bad(-1130, "The venue's rules are not valid: %s"),
    Reason.BAD_AMOUNT: bad(-1130, "The amount is out of range."),
    Reason.MARKET_HAS_TRADED: bad(-1130, "The symbol has traded already."),
}

# The reasons that are told in these words.
REASONS: Final = tuple(sorted(_REASONS))

# What a client gets when papernet itself failed (rest-api.md, HTTP Return Codes, 5XX): the outcome is not known.
INTERNAL_ERROR: Final = RequestError(-1000, 500, _UNKNOWN)
UNAVAILABLE: Final = RequestError(-1001, 503, _FAILED)

# errors.md, Errors regarding placing orders via cancelReplace; rest-api.md, HTTP Return Codes
CANCEL_REPLACE_PARTLY_FAILED: Final = RequestError(-2021, 409, "Order cancel-replace partially failed.")
CANCEL_REPLACE_FAILED: Final = RequestError(-2022, 400, "Order cancel-replace failed.")


def error_of_fault(fault: Fault) -> RequestError:
    """Return a request's refusal as clients see it."""
    return worded(_FAULTS[fault.fault], fault.args)


def error_of_reject(reject: Reject, *, cancelling: bool = False, amending: bool = False) -> RequestError:
    """Return the machine's refusal as clients see it; a refused cancel or amendment has a code of its own."""
    code, status, text = _REASONS[reject.reason]
    if cancelling and code == _NEW_ORDER_REJECTED:
        code = _CANCEL_REJECTED
    elif amending and code in _ENGINE_CODES:
        code = _AMEND_REJECTED
    return worded((code, status, text), reject.args)


def worded(row: Row, args: tuple[str, ...]) -> RequestError:
    """Return the error of a row, told of `args`."""
    code, status, text = row
    told = text.count("%s")
    return RequestError(code, status, text % args[:told] if told else text)
