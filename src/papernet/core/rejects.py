"""Every business reason to refuse a command, in order of precedence.

A refusal is a value that says what and about what; its code, HTTP status and wording belong to the protocol that tells it.
The order of the members is the order in which a command's guards are checked; a test walks it.
"""

from enum import IntEnum, unique

from msgspec import Struct


@unique
class Reason(IntEnum):
    """Why a command changed nothing."""

    # the symbol and the account
    UNKNOWN_SYMBOL = 1
    ACCOUNT_MAY_NOT_TRADE = 2
    # the account's limits and names; args of the first = (limit, interval)
    TOO_MANY_ORDERS = 3
    DUPLICATE_CLIENT_ORDER_ID = 4
    # what the symbol offers
    MARKET_CLOSED = 10
    MARKET_ORDERS_NOT_SUPPORTED = 11
    STOP_LOSS_NOT_SUPPORTED = 12
    STOP_LOSS_LIMIT_NOT_SUPPORTED = 13
    TAKE_PROFIT_NOT_SUPPORTED = 14
    TAKE_PROFIT_LIMIT_NOT_SUPPORTED = 15
    ORDER_TYPE_NOT_SUPPORTED = 16
    ICEBERG_NOT_SUPPORTED = 17
    TRAILING_STOP_NOT_SUPPORTED = 18
    PEG_NOT_SUPPORTED = 19
    QUOTE_QUANTITY_NOT_SUPPORTED = 20
    SELF_TRADE_MODE_NOT_ALLOWED = 21
    # the order itself
    ZERO_NOTIONAL = 41
    # rules; args = (filter name,)
    FILTER_FAILURE = 50
    # the book
    NO_LIQUIDITY_FOR_QUOTE = 60
    LIQUIDITY_BELOW_LOT_SIZE = 61
    LIQUIDITY_BELOW_MARKET_LOT_SIZE = 62
    WOULD_TAKE = 63
    # funds
    INSUFFICIENT_BALANCE = 70
    # cancels
    UNKNOWN_ORDER = 80
    CANCEL_RESTRICTED = 81
    # control plane
    UNKNOWN_ACCOUNT = 90
    DUPLICATE_ACCOUNT = 91
    UNKNOWN_KEY = 92
    DUPLICATE_KEY = 93
    UNKNOWN_ASSET = 94
    DUPLICATE_SYMBOL = 95
    BAD_SYMBOL_SPEC = 96
    BAD_AMOUNT = 97
    MARKET_HAS_TRADED = 98


class Reject(Struct, frozen=True, array_like=True, gc=False):
    """A refusal: the reason and what it is about (a filter's name, a limit and its interval, ...)."""

    reason: Reason
    args: tuple[str, ...] = ()
