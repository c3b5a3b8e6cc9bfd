"""The closed sets of the vocabulary, each defined once for every protocol.

They are the documents' sets, also where nothing here comes to a member: an order is refused before it is one, so that no report
says REJECTED and no list status RESPONSE or REJECT, and the exchange ends no order of its own accord.

Values are stable numbers, because they are journaled; wire spellings live in `protocols/`.
"""

from enum import IntEnum, unique


@unique
class Side(IntEnum):
    """Which side of the book an order belongs to."""

    BUY = 1
    SELL = 2


@unique
class OrderType(IntEnum):
    """How an order meets the book."""

    LIMIT = 1
    MARKET = 2
    LIMIT_MAKER = 3
    STOP_LOSS = 4
    STOP_LOSS_LIMIT = 5
    TAKE_PROFIT = 6
    TAKE_PROFIT_LIMIT = 7


@unique
class TimeInForce(IntEnum):
    """How long an order works: till cancelled, immediate or cancel, fill or kill."""

    GTC = 1
    IOC = 2
    FOK = 3


@unique
class OrderStatus(IntEnum):
    """Where an order is in its life (enums.md, Order status); what is open, `core.order.OPEN_STATUSES` says."""

    NEW = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 4
    EXPIRED = 5
    # of an order list: not placed until the working order is filled
    PENDING_NEW = 6
    REJECTED = 7
    EXPIRED_IN_MATCH = 8


@unique
class ExecType(IntEnum):
    """What an execution report tells."""

    NEW = 1
    TRADE = 2
    CANCELED = 3
    EXPIRED = 4
    REPLACED = 5
    REJECTED = 6
    TRADE_PREVENTION = 7


@unique
class ExpiryReason(IntEnum):
    """Why the venue ended an order (enums.md, Expiry Reasons)."""

    NONE = 0
    INSUFFICIENT_LIQUIDITY = 1
    UNFILLED_IOC_QUANTITY = 2
    UNFILLED_FOK_ORDER = 3
    EXCHANGE_CANCELED = 4
    OCO_TRIGGER = 5
    OTO_PHASE_ONE_EXPIRED = 6
    EXECUTION_RULE_PRICE_RANGE_EXCEEDED = 7
    REJECTED = 8


@unique
class PegPrice(IntEnum):
    """Which best price an order's price follows when it enters the book: none, its own side's, the other side's."""

    NONE = 0
    PRIMARY = 1
    MARKET = 2


@unique
class WorkingFloor(IntEnum):
    """Where an order's last activity took place (faqs/sor_faq): its own book, or smart order routing."""

    EXCHANGE = 1
    SOR = 2


@unique
class ListKind(IntEnum):
    """What the orders of an order list do to each other (rest-api.md, Order lists)."""

    OCO = 1
    OTO = 2
    OTOCO = 3
    OPO = 4
    OPOCO = 5


@unique
class ListStatusType(IntEnum):
    """What a list status tells (enums.md, Order List Status)."""

    RESPONSE = 1
    EXEC_STARTED = 2
    UPDATED = 3
    ALL_DONE = 4


@unique
class ListOrderStatus(IntEnum):
    """Where an order list is in its life (enums.md, Order List Order Status)."""

    EXECUTING = 1
    ALL_DONE = 2
    REJECT = 3


@unique
class SelfTradeMode(IntEnum):
    """What happens when an account would trade with itself (enums.md, STP Modes)."""

    NONE = 0
    EXPIRE_MAKER = 1
    EXPIRE_TAKER = 2
    EXPIRE_BOTH = 3
    DECREMENT = 4
    TRANSFER = 5


@unique
class CancelRestriction(IntEnum):
    """Which status an order must have for its cancel to succeed."""

    NONE = 0
    ONLY_NEW = 1
    ONLY_PARTIALLY_FILLED = 2


@unique
class SymbolStatus(IntEnum):
    """Whether a symbol trades (enums.md, Symbol status)."""

    TRADING = 1
    END_OF_DAY = 2
    HALT = 3
    BREAK = 4
    CANCEL_ONLY = 5


@unique
class OptionKind(IntEnum):
    """Whether an option is one to buy its underlying, or one to sell it."""

    CALL = 1
    PUT = 2


@unique
class RiskLevel(IntEnum):
    """What a portfolio of options may still do: everything, or nothing that adds risk."""

    NORMAL = 1
    REDUCE_ONLY = 2


@unique
class OptionSource(IntEnum):
    """Where an options order came from: its account, or the venue that closes the account's positions."""

    API = 1
    LIQUIDATION = 2


@unique
class BillKind(IntEnum):
    """Why the balance of a portfolio of options changed."""

    TRANSFER = 1
    # premium that was paid or received
    CONTRACT = 2
    FEE = 3
    EXERCISE_PNL = 4
    EXERCISE_FEE = 5
    LIQUIDATION_FEE = 6
    # what the venue paid because nothing was left
    SHORTFALL = 7


@unique
class BlockOrderStatus(IntEnum):
    """Where an agreement on a block trade is in its life."""

    RECEIVED = 1
    ACCEPTED = 2
    CANCELED = 3
    EXPIRED = 4


@unique
class AccountKind(IntEnum):
    """Who stands behind an account: a user, or papernet's own simulated crowd."""

    USER = 1
    CROWD = 2


@unique
class KeyType(IntEnum):
    """How requests of an API key are signed."""

    HMAC = 1
    RSA = 2
    ED25519 = 3


@unique
class Permission(IntEnum):
    """What an API key may do (rest-api.md, Request Security)."""

    USER_DATA = 1
    TRADE = 2
    USER_STREAM = 3
