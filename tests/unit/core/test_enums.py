"""Journaled numbers must never change: a journal of last year is replayed with this year's enums."""

from enum import IntEnum

import pytest

from papernet.core import enums

NUMBERS: dict[type[IntEnum], dict[str, int]] = {
    enums.Side: {"BUY": 1, "SELL": 2},
    enums.OrderType: {
        "LIMIT": 1,
        "MARKET": 2,
        "LIMIT_MAKER": 3,
        "STOP_LOSS": 4,
        "STOP_LOSS_LIMIT": 5,
        "TAKE_PROFIT": 6,
        "TAKE_PROFIT_LIMIT": 7,
    },
    enums.TimeInForce: {"GTC": 1, "IOC": 2, "FOK": 3},
    enums.OrderStatus: {
        "NEW": 1,
        "PARTIALLY_FILLED": 2,
        "FILLED": 3,
        "CANCELED": 4,
        "EXPIRED": 5,
        "PENDING_NEW": 6,
        "REJECTED": 7,
        "EXPIRED_IN_MATCH": 8,
    },
    enums.ExecType: {
        "NEW": 1,
        "TRADE": 2,
        "CANCELED": 3,
        "EXPIRED": 4,
        "REPLACED": 5,
        "REJECTED": 6,
        "TRADE_PREVENTION": 7,
    },
    enums.ExpiryReason: {
        "NONE": 0,
        "INSUFFICIENT_LIQUIDITY": 1,
        "UNFILLED_IOC_QUANTITY": 2,
        "UNFILLED_FOK_ORDER": 3,
        "EXCHANGE_CANCELED": 4,
        "OCO_TRIGGER": 5,
        "OTO_PHASE_ONE_EXPIRED": 6,
        "EXECUTION_RULE_PRICE_RANGE_EXCEEDED": 7,
        "REJECTED": 8,
    },
    enums.PegPrice: {"NONE": 0, "PRIMARY": 1, "MARKET": 2},
    enums.WorkingFloor: {"EXCHANGE": 1, "SOR": 2},
    enums.ListKind: {"OCO": 1, "OTO": 2, "OTOCO": 3, "OPO": 4, "OPOCO": 5},
    enums.ListStatusType: {"RESPONSE": 1, "EXEC_STARTED": 2, "UPDATED": 3, "ALL_DONE": 4},
    enums.ListOrderStatus: {"EXECUTING": 1, "ALL_DONE": 2, "REJECT": 3},
    enums.SelfTradeMode: {
        "NONE": 0,
        "EXPIRE_MAKER": 1,
        "EXPIRE_TAKER": 2,
        "EXPIRE_BOTH": 3,
        "DECREMENT": 4,
        "TRANSFER": 5,
    },
    enums.CancelRestriction: {"NONE": 0, "ONLY_NEW": 1, "ONLY_PARTIALLY_FILLED": 2},
    enums.SymbolStatus: {"TRADING": 1, "END_OF_DAY": 2, "HALT": 3, "BREAK": 4, "CANCEL_ONLY": 5},
    enums.OptionKind: {"CALL": 1, "PUT": 2},
    enums.RiskLevel: {"NORMAL": 1, "REDUCE_ONLY": 2},
    enums.OptionSource: {"API": 1, "LIQUIDATION": 2},
    enums.BillKind: {
        "TRANSFER": 1,
        "CONTRACT": 2,
        "FEE": 3,
        "EXERCISE_PNL": 4,
        "EXERCISE_FEE": 5,
        "LIQUIDATION_FEE": 6,
        "SHORTFALL": 7,
    },
    enums.BlockOrderStatus: {"RECEIVED": 1, "ACCEPTED": 2, "CANCELED": 3, "EXPIRED": 4},
    enums.AccountKind: {"USER": 1, "CROWD": 2},
    enums.KeyType: {"HMAC": 1, "RSA": 2, "ED25519": 3},
    enums.Permission: {"USER_DATA": 1, "TRADE": 2, "USER_STREAM": 3},
}


@pytest.mark.parametrize("enum", NUMBERS, ids=lambda enum: enum.__name__)
def test_no_number_ever_changes_its_meaning(enum: type[IntEnum]) -> None:
    numbers = {member.name: member.value for member in enum}
    # Members may be added, with numbers of their own; names and numbers that stand here may not move.
    assert numbers.items() >= NUMBERS[enum].items()
    assert len({member.value for member in enum}) == len(numbers) == len(enum.__members__)


def test_every_enum_is_in_the_table() -> None:
    defined = {
        thing
        for thing in vars(enums).values()
        if isinstance(thing, type) and issubclass(thing, IntEnum) and thing is not IntEnum
    }
    assert defined == set(NUMBERS)
