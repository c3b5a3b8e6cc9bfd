"""Which parameters of a request about options go together: one check per operation that has a rule, as in `parameter_checks`.

Source.         European Options: the notes of each operation; its error codes -1014, -1102, -6001, -6002, -6009, -6031, -6073.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.core.dates import DAY, MILLISECOND
from papernet.core.enums import TimeInForce

Params = Mapping[str, Any]

# Account Trade List: the last three months can be asked about.
LONGEST_SEARCH: Final = 92 * DAY
LONGEST_DOWNLOAD: Final = 366 * DAY
_WINDOW_MAX: Final = 5_000 * MILLISECOND
_COUNTDOWN_MIN: Final = 5_000 * MILLISECOND

_NO_PRICE: Final = Fault(RequestFault.MISSING_PARAMETER, ("price",))
_POST_AND_GO: Final = Fault(RequestFault.UNSUPPORTED_COMBINATION)
_NO_ORDER_ID: Final = Fault(RequestFault.MISSING_EITHER, ("orderId", "clientOrderId"))
_NO_ORDER_IDS: Final = Fault(RequestFault.MISSING_EITHER, ("orderIds", "clientOrderIds"))
_BOTH_IDS: Final = Fault(RequestFault.NOT_REQUIRED, ("clientOrderIds",))
_START_AFTER_END: Final = Fault(OptionFault.START_AFTER_END)
_TOO_LONG_SEARCH: Final = Fault(OptionFault.TOO_LONG_SEARCH)
_TOO_LONG_DOWNLOAD: Final = Fault(RequestFault.TOO_LONG_WINDOW, (str(LONGEST_DOWNLOAD // DAY * 24),))
_BAD_WINDOW: Final = Fault(OptionFault.BAD_PROTECTION_WINDOW)
_BAD_COUNTDOWN: Final = Fault(OptionFault.BAD_COUNTDOWN)


def new_order(params: Params) -> Fault | None:
    """Every order has a limit, and so a price; what is only to be posted must be able to wait (New Order)."""
    if params["price"] is None:
        return _NO_PRICE
    return _POST_AND_GO if params["postOnly"] and params["timeInForce"][0] is not TimeInForce.GTC else None


def leg(params: Params) -> Fault | None:
    """Every leg has a price (New Block Trade Order)."""
    return _NO_PRICE if params["price"] is None else None


def some_order_id(params: Params) -> Fault | None:
    """Either orderId or clientOrderId must be sent (Cancel Option Order, Query Single Order)."""
    return _NO_ORDER_ID if params["orderId"] is None and params["clientOrderId"] is None else None


def some_order_ids(params: Params) -> Fault | None:
    """One of orderIds and clientOrderIds must be sent, and not both (Cancel Multiple Option Orders)."""
    by_id, by_name = params["orderIds"], params["clientOrderIds"]
    if by_id is None and by_name is None:
        return _NO_ORDER_IDS
    return _BOTH_IDS if by_id is not None and by_name is not None else None


def times_in_order(params: Params) -> Fault | None:
    """Refuse a start that is later than the end."""
    start, end = params["startTime"], params["endTime"]
    return _START_AFTER_END if start is not None and end is not None and start > end else None


def at_most_three_months(params: Params) -> Fault | None:
    """Refuse more than three months between startTime and endTime (Account Trade List)."""
    start, end = params["startTime"], params["endTime"]
    if start is not None and end is not None and end - start > LONGEST_SEARCH:
        return _TOO_LONG_SEARCH
    return times_in_order(params)


def at_most_a_year(params: Params) -> Fault | None:
    """Refuse more than a year between startTime and endTime (Get Download Id For Option Transaction History)."""
    if params["endTime"] - params["startTime"] > LONGEST_DOWNLOAD:
        return _TOO_LONG_DOWNLOAD
    return times_in_order(params)


def protection(params: Params) -> Fault | None:
    """Hold the window to (0, 5000] milliseconds (Set Market Maker Protection Config)."""
    return None if 0 < params["windowTimeInMilliseconds"] <= _WINDOW_MAX else _BAD_WINDOW


def countdown(params: Params) -> Fault | None:
    """Refuse a countdown of less than five seconds, but for none at all (Set Auto-Cancel All Open Orders Config)."""
    return None if not params["countdownTime"] or params["countdownTime"] >= _COUNTDOWN_MIN else _BAD_COUNTDOWN
