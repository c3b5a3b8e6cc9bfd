"""Codes, HTTP statuses and words of every refusal of the options venue, in both editions.

Order of work.  The tables are of the current edition. The older one's list of codes ends with -4055: what came later is told
                there by the code that says the most of it.
Invariant.      Every fault that a request about options can have, and every `Reason` that the options venue gives, has a row;
                codes, words and their spelling are the documents'. What the spot venue's `errors` says in the same words for
                the same reason is not said again.
Does not.       Repeat what a client sent.
Source.         European Options, Error Codes; General Info, HTTP Return Codes. No page says which status a code has: 400, but
                401 for keys, 429 for limits, 418 for the banned.
"""

from collections.abc import Mapping
from typing import Final

from papernet.app.faults import AnyFault, Fault, OptionFault, RequestFault
from papernet.app.operations.options import Generation
from papernet.core.commands import Command, ResetProtection, SetProtection
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json.errors import RequestError, Row, bad, worded

_TOO_MANY: Final = 429
_INVALID: Final = "Invalid data sent for a parameter."
_ILLEGAL: Final = "Illegal characters found in a parameter."
_INVALID_UNDERLYING: Final = "Invalid underlying"
_UNAUTHORIZED: Final = "You are not authorized to execute this request."
_UNKNOWN: Final = "An unknown error occurred while processing the request."
_FAILED: Final = "Internal error; unable to process your request. Please try again."
_REJECTED: Final = "NEW_ORDER_REJECTED"
_IN_LIQUIDATION: Final = "User is in liquidation process"

_FAULTS: Final[Mapping[AnyFault, Row]] = {
    RequestFault.BANNED: (
        -1008,
        418,
        "Way too much request weight used; IP banned until %s. Please use the websocket for live updates to avoid bans.",
    ),
    RequestFault.TOO_MUCH_WEIGHT: (
        -1008,
        _TOO_MANY,
        (
            "Too much request weight used; current limit is %s request weight per %s. "
            "Please use the websocket for live updates to avoid polling the API."
        ),
    ),
    RequestFault.TOO_MANY_REQUESTS: (-1008, _TOO_MANY, "Too many requests queued."),
    RequestFault.UNKNOWN_PATH: (-1020, 404, "This operation is not supported."),
    RequestFault.WRONG_METHOD: (-1020, 405, "This operation is not supported."),
    RequestFault.UNDECODABLE: bad(-1100, _ILLEGAL),
    RequestFault.DUPLICATE_PARAMETER: bad(-1101, "Duplicate values for a parameter detected."),
    RequestFault.BAD_API_KEY_FORMAT: (-2014, 401, "API-key format invalid."),
    RequestFault.MISSING_PARAMETER: bad(-1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed."),
    RequestFault.EMPTY_PARAMETER: bad(-1105, "Parameter '%s' was empty."),
    RequestFault.ILLEGAL_CHARACTERS: bad(-1100, "Illegal characters found in parameter '%s'; legal range is '%s'."),
    RequestFault.TOO_PRECISE: bad(-1111, "Precision is over the maximum defined for this asset."),
    # The documents' own spelling.
    RequestFault.OVERFLOW: bad(-1130, "Data sent for paramter '%s' is not valid."),
    RequestFault.INVALID_PARAMETER: bad(-1130, "Data sent for paramter '%s' is not valid."),
    RequestFault.INVALID_JSON: bad(-1130, "Data sent for paramter '%s' is not valid."),
    # Nothing else has a greatest value.
    RequestFault.TOO_GREAT: bad(-1131, "recvWindow must be less than 60000"),
    RequestFault.BAD_TIME_IN_FORCE: bad(-1115, "Invalid timeInForce."),
    RequestFault.BAD_ORDER_TYPE: bad(-1116, "Invalid orderType."),
    RequestFault.BAD_SIDE: bad(-1117, "Invalid side."),
    RequestFault.BAD_INTERVAL: bad(-1120, "Invalid interval."),
    RequestFault.MISSING_EITHER: bad(-1102, "Param '%s' or '%s' must be sent, but both were empty/null!"),
    RequestFault.NOT_REQUIRED: bad(-1106, "Parameter '%s' sent when not required."),
    RequestFault.UNSUPPORTED_COMBINATION: bad(-1014, "Unsupported order combination."),
    RequestFault.TOO_LONG_WINDOW: bad(-1127, "More than %s hours between startTime and endTime."),
    RequestFault.TOO_MANY_PARAMETERS: bad(-1101, "Too many parameters; expected '%s' and received '%s'."),
    RequestFault.UNREAD_PARAMETERS: bad(-1104, "Not all sent parameters were read; read '%s' parameter(s) but was sent '%s'."),
    RequestFault.AHEAD_OF_TIME: bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
    RequestFault.OUTSIDE_RECV_WINDOW: bad(-1021, "Timestamp for this request is outside of the recvWindow."),
    RequestFault.REJECTED_KEY: (-2015, 401, "Invalid API-key, IP, or permissions for action."),
    RequestFault.BAD_SIGNATURE: bad(-1022, "Signature for this request is not valid."),
    RequestFault.UNKNOWN_SYMBOL: bad(-1121, "Invalid symbol."),
    RequestFault.NO_SUCH_ORDER: bad(-2013, "Order does not exist."),
    RequestFault.NO_SUCH_LISTEN_KEY: bad(-1125, "This listenKey does not exist."),
    RequestFault.RETIRED: (-1016, 410, "This service is no longer available."),
    RequestFault.RESTRICTED_LOCATION: (0, 451, "Service unavailable from a restricted location."),
    # General Info, HTTP Return Codes: three meanings, told apart by their words.
    RequestFault.OUTCOME_UNKNOWN: (-1000, 503, "Unknown error, please check your request or try again later."),
    RequestFault.SERVICE_UNAVAILABLE: (-1001, 503, "Service Unavailable."),
    RequestFault.FAILED_INSIDE: (-1001, 503, _FAILED),
    RequestFault.UNKNOWN_ERROR: (-1000, 500, _UNKNOWN),
    RequestFault.DISCONNECTED: (-1001, 500, _FAILED),
    RequestFault.TOO_MANY_ORDERS: (-1015, _TOO_MANY, "Too many new orders; current limit is %s orders per %s."),
    OptionFault.BAD_LIMIT: bad(-6008, "parameter 'limit' is invalid."),
    OptionFault.NOT_A_PRICE: bad(-4001, "Price less than 0."),
    OptionFault.NOT_A_QUANTITY: bad(-4003, "Quantity less than zero."),
    OptionFault.BAD_PROTECTION_WINDOW: bad(-6001, "Invalid mmp window time limit"),
    OptionFault.BAD_PROTECTION_FREEZE: bad(-6002, "Invalid mmp frozen time limit"),
    OptionFault.BAD_PROTECTION_LIMIT: bad(-6040, "Invalid qtyLimit or deltaLimit."),
    OptionFault.BAD_COUNTDOWN: bad(-6009, "countdownTime must be no less than 5000 or equal to 0"),
    OptionFault.TOO_MANY_ORDERS_AT_ONCE: bad(-6011, "Maximum %s orders in one batchOrder request."),
    OptionFault.TOO_MANY_LEGS: bad(-6012, "Exceed maximum number of legs in one block order request."),
    OptionFault.START_AFTER_END: bad(-6031, "Start time is greater than end time."),
    # The documents have the code and its name, without words.
    OptionFault.TOO_LONG_SEARCH: bad(-6073, "Search window is restricted to the last 3 months."),
    OptionFault.UNKNOWN_UNDERLYING: bad(-1128, _INVALID_UNDERLYING),
    OptionFault.UNKNOWN_UNDERLYING_OF_MAKER: bad(-6004, "Underlying not found"),
    # The full-width stop is the documents'.
    OptionFault.UNKNOWN_ASSET: bad(-1129, "Invalid asset。"),
    OptionFault.NOT_A_MARKET_MAKER: bad(-6005, "It is not market maker"),
    OptionFault.NO_PROTECTION: bad(-6006, "Mmp rules are not existing"),
    OptionFault.NO_RECORD: bad(-6037, "No records found."),
    OptionFault.TOO_MANY_DOWNLOADS: (-1008, _TOO_MANY, "Too many requests queued."),
}

_REASONS: Final[Mapping[Reason, Row]] = {
    Reason.UNKNOWN_CONTRACT: bad(-1121, "Invalid symbol."),
    Reason.UNKNOWN_UNDERLYING: bad(-1128, _INVALID_UNDERLYING),
    Reason.NO_OPTIONS_ACCOUNT: bad(-5002, "Option user not access"),
    Reason.OPTIONS_TRADING_DISABLED: bad(-6062, "Operation is not supported for current user status"),
    Reason.NOT_A_MARKET_MAKER: bad(-6005, "It is not market maker"),
    # Query Single Order, of what is not found.
    Reason.UNKNOWN_OPTION_ORDER: bad(-2013, "Order does not exist."),
    Reason.UNKNOWN_BLOCK_ORDER: bad(-6048, "Block order parameter is invalid"),
    Reason.OWN_BLOCK_ORDER: bad(-6023, "Self trade prevention"),
    Reason.NO_PROTECTION: bad(-6006, "Mmp rules are not existing"),
    Reason.TOO_MANY_OPTION_ORDERS: (-1015, _TOO_MANY, "Too many new orders; current limit is %s orders per %s."),
    Reason.DUPLICATE_OPTION_CLIENT_ORDER_ID: bad(-6044, "clientOrderId is duplicated"),
    Reason.CONTRACT_NOT_TRADING: bad(-6049, "this symbol is not in trading status"),
    Reason.PROTECTION_FROZEN: bad(-6058, "MMP triggered. Please reset MMP config"),
    Reason.OPTION_PRICE_TOO_HIGH: bad(-4002, "Price greater than max price."),
    Reason.OPTION_PRICE_TOO_LOW: bad(-4013, "Price less than min price."),
    Reason.OPTION_TICK_SIZE: bad(-4029, "Tick size precision is invalid."),
    Reason.OPTION_QUANTITY_TOO_SMALL: bad(-4004, "Quantity less than min quantity."),
    Reason.OPTION_QUANTITY_TOO_LARGE: bad(-4005, "Quantity greater than max quantity."),
    Reason.OPTION_STEP_SIZE: bad(-4030, "Step size precision is invalid."),
    Reason.TOO_MANY_ORDERS_ON_CONTRACT: bad(
        -6050, "Maximum open orders reached for this symbol. Please cancel existing orders and try again."
    ),
    Reason.TOO_MANY_ORDERS_ON_UNDERLYING: bad(
        -6051, "Maximum open orders reached for this underlying. Please cancel existing orders and try again."
    ),
    # There are codes for short positions only.
    Reason.LONG_POSITION_TOO_LARGE: bad(-2010, _REJECTED),
    Reason.SHORT_POSITION_TOO_LARGE_ON_CONTRACT: bad(-6052, "Maximum short position size reached for this symbol"),
    Reason.SHORT_POSITION_TOO_LARGE_ON_UNDERLYING: bad(-6053, "Maximum short position size reached for this underlying"),
    Reason.NO_POSITION_TO_SELL: bad(-5010, "User doesn't have enough position to sell"),
    Reason.REDUCE_ONLY_CONFLICTS: bad(
        -6045,
        (
            "Reduce-only order rejected. The new reduce-only order conflicts with existing open orders. "
            "Please cancel the conflicting orders and resubmit."
        ),
    ),
    Reason.REDUCE_ONLY_WOULD_FLIP: bad(
        -6056,
        (
            "Reduce-only order failed. Your new reduce-only order, when combined with existing same-side open orders, would "
            "flip your position and cause insufficient margin. Please cancel those open orders and try again."
        ),
    ),
    Reason.PORTFOLIO_MAY_ONLY_REDUCE: bad(-6055, _IN_LIQUIDATION),
    Reason.CONTRACT_NOT_WRITTEN: bad(-6057, "The current symbol is not eligible for option writing."),
    Reason.OPTION_WOULD_TAKE: bad(
        -6047, "Due to the order could not be executed as maker, the Post Only order will be rejected."
    ),
    Reason.OPTION_CANNOT_FILL: bad(-6046, "Due to the order could not be filled immediately, the FOK order has been rejected."),
    Reason.OPTION_BALANCE_INSUFFICIENT: bad(-2018, "Balance is insufficient."),
    Reason.OPTION_MARGIN_INSUFFICIENT: bad(-2027, "Option margin is insufficient."),
    # Transfers between the wallets, which only papernet's own control plane makes; and what no number of a request says.
    Reason.UNKNOWN_ASSET: bad(-1129, "Invalid asset。"),
    Reason.INSUFFICIENT_BALANCE: bad(-2018, "Balance is insufficient."),
    Reason.BAD_AMOUNT: bad(-4055, "Amount must be positive."),
}

# The faults and the reasons that are told in these words.
FAULTS: Final = tuple(_FAULTS)
REASONS: Final = tuple(sorted(_REASONS))

# Set and Reset Market Maker Protection Config: an underlying that there is not has another code there.
_OF_MAKERS: Final = (SetProtection, ResetProtection)

# What the list of the older edition has for the codes that came after it.
_LAST_OF_LEGACY: Final = -4055
_LEGACY: Final[Mapping[int, Row]] = {
    **dict.fromkeys((-6001, -6002, -6008, -6009, -6011, -6012, -6031, -6037, -6048, -6073), bad(-1130, _INVALID)),
    -6004: bad(-1128, _INVALID_UNDERLYING),
    -6040: bad(-4055, "Amount must be positive."),
    **dict.fromkeys((-5002, -6005, -6006, -6062), bad(-1002, _UNAUTHORIZED)),
}
_LEGACY_REJECTED: Final = bad(-2010, _REJECTED)


def error_of_fault(fault: Fault, generation: Generation) -> RequestError:
    """Return a request's refusal as clients see it."""
    return worded(_of_edition(_FAULTS[fault.fault], generation), fault.args)


def error_of_reject(reject: Reject, generation: Generation, command: Command | None = None) -> RequestError:
    """Return the machine's refusal of a command as clients see it."""
    row = _REASONS[reject.reason]
    if reject.reason is Reason.UNKNOWN_UNDERLYING and isinstance(command, _OF_MAKERS):
        row = _FAULTS[OptionFault.UNKNOWN_UNDERLYING_OF_MAKER]
    return worded(_of_edition(row, generation), reject.args)


def _of_edition(row: Row, generation: Generation) -> Row:
    if generation is Generation.CURRENT or row[0] >= _LAST_OF_LEGACY:
        return row
    return _LEGACY.get(row[0], _LEGACY_REJECTED)
