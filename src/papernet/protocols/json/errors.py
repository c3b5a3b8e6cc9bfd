"""Codes, HTTP statuses and words of every refusal, shared by all doors that speak JSON.

Invariant.      Every `RequestFault` and every `Reason` has a row; a text has as many %s as it tells of its refusal's args.
Does not.       Repeat what a client sent: texts hold parameter names, legal ranges and limits only.
Source.         errors.md; rest-api.md, HTTP Return Codes. Clients match texts verbatim, so none may be reworded. Of the codes
                that share the engine's messages, -1013 is for what did not reach the engine: what the request and the symbol's
                settings already tell; what takes the book, balances or open orders to know is -2010.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.json import Encoder

from papernet.app.faults import Fault, RequestFault
from papernet.core.rejects import Reason, Reject

_TOO_MANY: Final = 429

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


_Row = tuple[int, int, str]


def _bad(code: int, text: str) -> _Row:
    """Return a row of the usual status."""
    return (code, 400, text)


_FAULTS: Final[Mapping[RequestFault, _Row]] = {
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
    RequestFault.MALFORMED_MESSAGE: _bad(-1135, "Invalid JSON Request."),
    RequestFault.BAD_MESSAGE_FIELD: _bad(-1135, "Invalid '%s' in JSON request; expected %s."),
    RequestFault.UNKNOWN_PATH: (-1020, 404, "This operation is not supported."),
    RequestFault.WRONG_METHOD: (-1020, 405, "This operation is not supported."),
    RequestFault.RETIRED: (-1016, 410, "This service is no longer available."),
    # faqs/sbe_faq, REST API
    RequestFault.NOT_ACCEPTABLE: (-1155, 406, "SBE is not enabled."),
    RequestFault.BAD_TIME_UNIT: _bad(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."),
    RequestFault.UNDECODABLE: _bad(-1100, "Illegal characters found in a parameter."),
    RequestFault.DUPLICATE_PARAMETER: _bad(-1101, "Duplicate values for a parameter detected."),
    # Not in the documents; what the live exchange answers.
    RequestFault.NOT_LOGGED_ON: _bad(-1193, "WebSocket session not authenticated. Recommendation: use `session.logon`."),
    RequestFault.BAD_API_KEY_FORMAT: (-2014, 401, "API-key format invalid."),
    RequestFault.MISSING_PARAMETER: _bad(-1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed."),
    RequestFault.EMPTY_PARAMETER: _bad(-1105, "Parameter '%s' was empty."),
    RequestFault.ILLEGAL_CHARACTERS: _bad(-1100, "Illegal characters found in parameter '%s'; legal range is '%s'."),
    RequestFault.TOO_PRECISE: _bad(-1111, "Parameter '%s' has too much precision."),
    RequestFault.OVERFLOW: _bad(-1108, "Parameter '%s' overflowed."),
    RequestFault.TOO_GREAT: _bad(-1102, "'%s' contains unexpected value. Cannot be greater than %s."),
    RequestFault.INVALID_PARAMETER: _bad(-1130, "Data sent for parameter '%s' is not valid."),
    RequestFault.INVALID_JSON: _bad(-1135, "JSON sent for parameter '%s' is not valid"),
    RequestFault.BAD_TIME_IN_FORCE: _bad(-1115, "Invalid timeInForce."),
    RequestFault.BAD_ORDER_TYPE: _bad(-1116, "Invalid orderType."),
    RequestFault.BAD_SIDE: _bad(-1117, "Invalid side."),
    RequestFault.BAD_INTERVAL: _bad(-1120, "Invalid interval."),
    RequestFault.BAD_SYMBOL_STATUS: _bad(-1122, "Invalid symbolStatus."),
    RequestFault.BAD_TICKER_TYPE: _bad(-1139, "Invalid ticker type."),
    # rest-api.md, Regarding cancelRestrictions: without a full stop.
    RequestFault.BAD_CANCEL_RESTRICTION: _bad(-1145, "Invalid cancelRestrictions"),
    RequestFault.BAD_STRATEGY_TYPE: _bad(-1134, "strategyType was less than 1000000."),
    RequestFault.BAD_PEG_PRICE_TYPE: _bad(-1210, "Invalid pegPriceType."),
    RequestFault.BAD_PEG_OFFSET_TYPE: _bad(-1211, "Invalid pegOffsetType."),
    RequestFault.TOO_MANY_VALUES: _bad(-1101, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.DUPLICATE_SYMBOLS: _bad(-1151, "Symbol is present multiple times in the list."),
    RequestFault.OPO_WORKING_NOT_BUY: _bad(-1222, "Working order in an OPO list must be a bid."),
    RequestFault.OPO_PENDING_NOT_SELL: _bad(-1223, "Pending orders in an OPO list must be asks."),
    RequestFault.ORDER_TYPE_NOT_IN_OCO: _bad(-1158, "Order type not supported in OCO."),
    RequestFault.BOTH_OCO_ORDERS_LIMIT: _bad(-1168, "At least one OCO order must be contingent."),
    RequestFault.BUY_OCO_LIMIT_NOT_BELOW: _bad(-1165, "A limit order in a buy OCO must be below."),
    RequestFault.SELL_OCO_LIMIT_NOT_ABOVE: _bad(-1166, "A limit order in a sell OCO must be above."),
    RequestFault.BUY_OCO_STOP_LOSS_NOT_ABOVE: _bad(-1196, "A stop loss order in a buy OCO must be above."),
    RequestFault.SELL_OCO_STOP_LOSS_NOT_BELOW: _bad(-1197, "A stop loss order in a sell OCO must be below."),
    RequestFault.BUY_OCO_TAKE_PROFIT_NOT_BELOW: _bad(-1198, "A take profit order in a buy OCO must be below."),
    RequestFault.SELL_OCO_TAKE_PROFIT_NOT_ABOVE: _bad(-1199, "A take profit order in a sell OCO must be above."),
    RequestFault.MISSING_EITHER: _bad(-1102, "Param '%s' or '%s' must be sent, but both were empty/null!"),
    RequestFault.NOT_REQUIRED: _bad(-1106, "Parameter '%s' sent when not required."),
    RequestFault.UNSUPPORTED_COMBINATION: _bad(-1014, "Unsupported order combination."),
    RequestFault.ICEBERG_NOT_GTC: _bad(-1160, "Parameter '%s' is not supported if %s is not GTC."),
    RequestFault.BAD_COMBINATION: _bad(-1128, "Combination of optional parameters invalid."),
    RequestFault.INCOMPLETE_PAIR: _bad(
        -1128, "Combination of optional fields invalid. Recommendation: '%s' and '%s' must both be sent."
    ),
    RequestFault.TOO_LONG_WINDOW: _bad(-1127, "More than %s hours between startTime and endTime."),
    RequestFault.TOO_MANY_PARAMETERS: _bad(-1101, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.UNREAD_PARAMETERS: _bad(-1104, "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'."),
    RequestFault.AHEAD_OF_TIME: _bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
    RequestFault.OUTSIDE_RECV_WINDOW: _bad(-1021, "Timestamp for this request is outside of the recvWindow."),
    RequestFault.REJECTED_KEY: (-2015, 401, "Invalid API-key, IP, or permissions for action."),
    RequestFault.BAD_SIGNATURE: _bad(-1022, "Signature for this request is not valid."),
    # Not in the documents; what the live exchange answers.
    RequestFault.UNSUPPORTED_KEY_TYPE: _bad(-2028, "%s API key is not supported."),
    RequestFault.UNKNOWN_SYMBOL: _bad(-1121, "Invalid symbol."),
    RequestFault.SYMBOL_STATUS_MISMATCH: _bad(-1220, "The symbol's status does not match the requested symbolStatus."),
    RequestFault.NO_REFERENCE_PRICE: _bad(-2043, "This symbol doesn't have a reference price."),
    RequestFault.NO_SUCH_ORDER: _bad(-2013, "Order does not exist."),
    RequestFault.ORDER_ARCHIVED: _bad(
        -2026, "Order was canceled or expired with no executed qty over 90 days ago and has been archived."
    ),
    RequestFault.CLIENT_ORDER_ID_MISMATCH: _bad(-2039, "Client order ID is not correct for this order ID."),
    # Not in the documents; what the live exchange answers.
    RequestFault.NO_SUCH_ORDER_LIST: _bad(-2018, "Order list does not exist."),
    RequestFault.SUBSCRIPTION_ACTIVE: _bad(-2035, "User Data Stream subscription already active."),
    RequestFault.SUBSCRIPTION_INACTIVE: _bad(-2036, "User Data Stream subscription not active."),
    RequestFault.TOO_MANY_SUBSCRIPTIONS: _bad(
        -1191, "Too many subscriptions. Connection may create up to '%s' subscriptions at a time."
    ),
    RequestFault.TOO_MANY_SUBSCRIPTION_IDS: _bad(-2042, "Maximum subscription ID reached for this connection."),
    RequestFault.NO_SUCH_LISTEN_KEY: _bad(-1125, "This listenKey does not exist."),
}


def _unsupported(what: str) -> _Row:
    """Return the row of something that a symbol does not offer."""
    return _bad(_INVALID_MESSAGE, f"{what} not supported for this symbol.")


# errors.md, Messages for -1010, -2010, -2011, -2038: the code is that of a new order; `error_of_reject` changes it.
_REASONS: Final[Mapping[Reason, _Row]] = {
    Reason.UNKNOWN_SYMBOL: _bad(-1121, "Invalid symbol."),
    Reason.ACCOUNT_MAY_NOT_TRADE: _bad(_NEW_ORDER_REJECTED, "This account may not place or cancel orders."),
    Reason.SYMBOL_NOT_PERMITTED: _bad(_NEW_ORDER_REJECTED, "This symbol is not permitted for this account."),
    Reason.ACTION_DISABLED: _bad(_NEW_ORDER_REJECTED, "This action is disabled on this account."),
    Reason.TOO_MANY_ORDERS: (-1015, _TOO_MANY, "Too many new orders; current limit is %s orders per %s."),
    Reason.DUPLICATE_CLIENT_ORDER_ID: _bad(_NEW_ORDER_REJECTED, "Duplicate order sent."),
    Reason.DUPLICATE_LIST_CLIENT_ORDER_ID: _bad(_NEW_ORDER_REJECTED, "Duplicate order sent."),
    Reason.MARKET_CLOSED: _bad(_INVALID_MESSAGE, "Market is closed."),
    Reason.CANCEL_REPLACE_NOT_SUPPORTED: _unsupported("Order cancel-replace is"),
    Reason.AMEND_NOT_SUPPORTED: _bad(_AMEND_REJECTED, "Order amend is not supported for this symbol."),
    # The documents have this one without a full stop.
    Reason.OCO_NOT_SUPPORTED: _bad(_INVALID_MESSAGE, "OCO orders are not supported for this symbol"),
    Reason.OTO_NOT_SUPPORTED: _unsupported("OTO orders are"),
    Reason.OPO_NOT_SUPPORTED: _unsupported("OPO orders are"),
    Reason.SOR_NOT_SUPPORTED: _unsupported("SOR orders are"),
    Reason.MARKET_ORDERS_NOT_SUPPORTED: _unsupported("Market orders are"),
    Reason.STOP_LOSS_NOT_SUPPORTED: _unsupported("Stop loss orders are"),
    Reason.STOP_LOSS_LIMIT_NOT_SUPPORTED: _unsupported("Stop loss limit orders are"),
    Reason.TAKE_PROFIT_NOT_SUPPORTED: _unsupported("Take profit orders are"),
    Reason.TAKE_PROFIT_LIMIT_NOT_SUPPORTED: _unsupported("Take profit limit orders are"),
    Reason.ORDER_TYPE_NOT_SUPPORTED: _bad(-1014, "Unsupported order combination."),
    Reason.ICEBERG_NOT_SUPPORTED: _unsupported("Iceberg orders are"),
    Reason.TRAILING_STOP_NOT_SUPPORTED: _unsupported("Trailing stop orders are"),
    Reason.PEG_NOT_SUPPORTED: _unsupported("Pegged orders are"),
    # The documents' own spelling.
    Reason.QUOTE_QUANTITY_NOT_SUPPORTED: _bad(
        _INVALID_MESSAGE, "Quote order qty market orders are not support for this symbol."
    ),
    # faqs/stp_faq
    Reason.SELF_TRADE_MODE_NOT_ALLOWED: _bad(
        _INVALID_MESSAGE, "This symbol does not allow the specified self-trade prevention mode."
    ),
    Reason.UNKNOWN_ORDER: _bad(_CANCEL_REJECTED, "Unknown order sent."),
    # Not in the documents; what the live exchange answers.
    Reason.UNKNOWN_ORDER_LIST: _bad(_CANCEL_REJECTED, "Unknown order list sent."),
    Reason.CANCEL_RESTRICTED: _bad(_CANCEL_REJECTED, "Order was not canceled due to cancel restrictions."),
    Reason.AMEND_PENDING_OPO: _bad(_AMEND_REJECTED, "Order amend (pending OPO order) is not supported."),
    Reason.AMEND_CHANGES_NOTHING: _bad(_AMEND_REJECTED, "The requested action would change no state; rejecting"),
    Reason.AMEND_INCREASES: _bad(_AMEND_REJECTED, "Order amend (quantity increase) is not supported."),
    # filters.md, MAX_NUM_ORDER_AMENDS
    Reason.TOO_MANY_AMENDS: _bad(_AMEND_REJECTED, "Filter failure: MAX_NUM_ORDER_AMENDS"),
    Reason.ORDER_TYPE_NOT_PEGGABLE: _bad(_INVALID_MESSAGE, "This order type may not use pegged price."),
    Reason.PEG_NOT_FOR_ORDER_TYPE: _bad(_INVALID_MESSAGE, "This price peg cannot be used with this order type."),
    Reason.UNSUPPORTED_COMBINATION: _bad(-1014, "Unsupported order combination."),
    Reason.ICEBERG_EXCEEDS_QUANTITY: _bad(_INVALID_MESSAGE, "IcebergQty exceeds QTY."),
    Reason.ZERO_NOTIONAL: _bad(_INVALID_MESSAGE, "Price * QTY is zero or less."),
    Reason.NO_PRICE_LEVEL_FOR_PEG: _bad(_NEW_ORDER_REJECTED, "Order book liquidity is too low for this pegged order."),
    Reason.FILTER_FAILURE: _bad(_INVALID_MESSAGE, "Filter failure: %s"),
    Reason.BAD_PRICE_RELATION: _bad(_NEW_ORDER_REJECTED, "The relationship of the prices for the orders is not correct."),
    Reason.WOULD_TRIGGER: _bad(_NEW_ORDER_REJECTED, "Order would trigger immediately."),
    Reason.NO_LIQUIDITY_FOR_QUOTE: _bad(_NEW_ORDER_REJECTED, "Order book liquidity is less than symbol minimum quantity."),
    Reason.LIQUIDITY_BELOW_LOT_SIZE: _bad(
        _NEW_ORDER_REJECTED, "Order book liquidity is less than LOT_SIZE filter minimum quantity."
    ),
    Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE: _bad(
        _NEW_ORDER_REJECTED, "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity."
    ),
    Reason.WOULD_TAKE: _bad(_NEW_ORDER_REJECTED, "Order would immediately match and take."),
    Reason.INSUFFICIENT_BALANCE: _bad(_NEW_ORDER_REJECTED, "Account has insufficient balance for requested action."),
    # Only papernet's own control plane meets these; the codes are the nearest that the documents have.
    Reason.UNKNOWN_ACCOUNT: (-1130, 404, "Unknown account."),
    Reason.DUPLICATE_ACCOUNT: (-1130, 409, "The account's name or uid is already in use: %s"),
    Reason.UNKNOWN_KEY: (-1130, 404, "Unknown API key."),
    Reason.DUPLICATE_KEY: (-1130, 409, "The API key is already in use."),
    Reason.UNKNOWN_ASSET: _bad(-1130, "Unknown asset: %s"),
    Reason.DUPLICATE_SYMBOL: (-1130, 409, "The symbol is already listed: %s"),
    Reason.BAD_SYMBOL_SPEC: _bad(-1130, "The symbol's specification is not valid: %s"),
    Reason.BAD_VENUE_RULES: _bad(-1130, "The venue's rules are not valid: %s"),
    Reason.BAD_AMOUNT: _bad(-1130, "The amount is out of range."),
    Reason.MARKET_HAS_TRADED: _bad(-1130, "The symbol has traded already."),
}

# What a client gets when papernet itself failed (rest-api.md, HTTP Return Codes, 5XX): the outcome is not known.
INTERNAL_ERROR: Final = RequestError(-1000, 500, "An unknown error occurred while processing the request.")
UNAVAILABLE: Final = RequestError(-1001, 503, "Internal error; unable to process your request. Please try again.")

# errors.md, Errors regarding placing orders via cancelReplace; rest-api.md, HTTP Return Codes
CANCEL_REPLACE_PARTLY_FAILED: Final = RequestError(-2021, 409, "Order cancel-replace partially failed.")
CANCEL_REPLACE_FAILED: Final = RequestError(-2022, 400, "Order cancel-replace failed.")


def error_of_fault(fault: Fault) -> RequestError:
    """Return a request's refusal as clients see it."""
    return _error(_FAULTS[fault.fault], fault.args)


def error_of_reject(reject: Reject, *, cancelling: bool = False, amending: bool = False) -> RequestError:
    """Return the machine's refusal as clients see it; a refused cancel or amendment has a code of its own."""
    code, status, text = _REASONS[reject.reason]
    if cancelling and code == _NEW_ORDER_REJECTED:
        code = _CANCEL_REJECTED
    elif amending and code in _ENGINE_CODES:
        code = _AMEND_REJECTED
    return _error((code, status, text), reject.args)


def _error(row: _Row, args: tuple[str, ...]) -> RequestError:
    code, status, text = row
    told = text.count("%s")
    return RequestError(code, status, text % args[:told] if told else text)
