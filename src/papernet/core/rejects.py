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
    SYMBOL_NOT_PERMITTED = 3
    ACTION_DISABLED = 4
    # the account's limits and names; args of the first = (limit, interval)
    TOO_MANY_ORDERS = 11
    DUPLICATE_CLIENT_ORDER_ID = 12
    DUPLICATE_LIST_CLIENT_ORDER_ID = 13
    # what the symbol offers
    MARKET_CLOSED = 21
    CANCEL_REPLACE_NOT_SUPPORTED = 22
    AMEND_NOT_SUPPORTED = 23
    OCO_NOT_SUPPORTED = 24
    OTO_NOT_SUPPORTED = 25
    OPO_NOT_SUPPORTED = 26
    MARKET_ORDERS_NOT_SUPPORTED = 27
    STOP_LOSS_NOT_SUPPORTED = 28
    STOP_LOSS_LIMIT_NOT_SUPPORTED = 29
    TAKE_PROFIT_NOT_SUPPORTED = 30
    TAKE_PROFIT_LIMIT_NOT_SUPPORTED = 31
    ORDER_TYPE_NOT_SUPPORTED = 32
    ICEBERG_NOT_SUPPORTED = 33
    TRAILING_STOP_NOT_SUPPORTED = 34
    PEG_NOT_SUPPORTED = 35
    SOR_NOT_SUPPORTED = 36
    QUOTE_QUANTITY_NOT_SUPPORTED = 37
    SELF_TRADE_MODE_NOT_ALLOWED = 38
    # the order that is to be cancelled or amended
    UNKNOWN_ORDER = 41
    UNKNOWN_ORDER_LIST = 42
    CANCEL_RESTRICTED = 43
    AMEND_PENDING_OPO = 44
    AMEND_CHANGES_NOTHING = 45
    AMEND_INCREASES = 46
    TOO_MANY_AMENDS = 47
    # the order itself
    ORDER_TYPE_NOT_PEGGABLE = 51
    PEG_NOT_FOR_ORDER_TYPE = 52
    UNSUPPORTED_COMBINATION = 53
    ICEBERG_EXCEEDS_QUANTITY = 54
    ZERO_NOTIONAL = 55
    # the book, as far as the order's price follows from it
    NO_PRICE_LEVEL_FOR_PEG = 61
    # rules; args = (filter name,)
    FILTER_FAILURE = 71
    # the book
    BAD_PRICE_RELATION = 81
    WOULD_TRIGGER = 82
    NO_LIQUIDITY_FOR_QUOTE = 83
    LIQUIDITY_BELOW_LOT_SIZE = 84
    LIQUIDITY_BELOW_MARKET_LOT_SIZE = 85
    WOULD_TAKE = 86
    # funds
    INSUFFICIENT_BALANCE = 91
    # control plane
    UNKNOWN_ACCOUNT = 101
    DUPLICATE_ACCOUNT = 102
    UNKNOWN_KEY = 103
    DUPLICATE_KEY = 104
    UNKNOWN_ASSET = 105
    DUPLICATE_SYMBOL = 106
    BAD_SYMBOL_SPEC = 107
    BAD_VENUE_RULES = 108
    BAD_AMOUNT = 109
    MARKET_HAS_TRADED = 110
    # options: what it is about
    UNKNOWN_CONTRACT = 201
    UNKNOWN_UNDERLYING = 202
    NO_OPTIONS_ACCOUNT = 203
    # options: the account, as it is
    OPTIONS_TRADING_DISABLED = 211
    NOT_A_MARKET_MAKER = 212
    # options: the order that is to be cancelled, the block order, the protection
    UNKNOWN_OPTION_ORDER = 221
    UNKNOWN_BLOCK_ORDER = 222
    OWN_BLOCK_ORDER = 223
    NO_PROTECTION = 224
    # options: the account's limits and names; args of the first = (limit, interval)
    TOO_MANY_OPTION_ORDERS = 231
    DUPLICATE_OPTION_CLIENT_ORDER_ID = 232
    CONTRACT_NOT_TRADING = 233
    PROTECTION_FROZEN = 234
    # options: the order itself
    OPTION_PRICE_TOO_HIGH = 241
    OPTION_PRICE_TOO_LOW = 242
    OPTION_TICK_SIZE = 243
    OPTION_QUANTITY_TOO_SMALL = 244
    OPTION_QUANTITY_TOO_LARGE = 245
    OPTION_STEP_SIZE = 246
    # options: how much is open, how much is held
    TOO_MANY_ORDERS_ON_CONTRACT = 251
    TOO_MANY_ORDERS_ON_UNDERLYING = 252
    LONG_POSITION_TOO_LARGE = 253
    SHORT_POSITION_TOO_LARGE_ON_CONTRACT = 254
    SHORT_POSITION_TOO_LARGE_ON_UNDERLYING = 255
    NO_POSITION_TO_SELL = 256
    REDUCE_ONLY_CONFLICTS = 257
    REDUCE_ONLY_WOULD_FLIP = 258
    PORTFOLIO_MAY_ONLY_REDUCE = 259
    CONTRACT_NOT_WRITTEN = 260
    # options: the book
    OPTION_WOULD_TAKE = 261
    OPTION_CANNOT_FILL = 262
    # options: what it costs
    OPTION_BALANCE_INSUFFICIENT = 271
    OPTION_MARGIN_INSUFFICIENT = 272


class Reject(Struct, frozen=True, array_like=True, gc=False):
    """A refusal: the reason and what it is about (a filter's name, a limit and its interval, ...)."""

    reason: Reason
    args: tuple[str, ...] = ()
