"""How the vocabulary's closed sets are written on the wire, by value; index 0 is nobody's.

Tuples, because indexing one with an IntEnum is several times quicker than a dictionary or `.name`.
Source: enums.md.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from papernet.core.enums import (
    ExecType,
    ExpiryReason,
    ListKind,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    OrderType,
    PegPrice,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
    WorkingFloor,
)


def spelt(kind: type[IntEnum], changed: Mapping[IntEnum, str] | None = None) -> tuple[str, ...]:
    """Return the members' names, but for those that `changed` spells, at the index of their value."""
    texts = [""] * (max(kind) + 1)
    for member in kind:
        texts[member] = (changed or {}).get(member, member.name)
    return tuple(texts)


SIDES: Final = spelt(Side)
ORDER_TYPES: Final = spelt(OrderType)
TIMES_IN_FORCE: Final = spelt(TimeInForce)
ORDER_STATUSES: Final = spelt(OrderStatus)
EXECUTION_TYPES: Final = spelt(ExecType)
SELF_TRADE_MODES: Final = spelt(SelfTradeMode)
SYMBOL_STATUSES: Final = spelt(SymbolStatus)
EXPIRY_REASONS: Final = spelt(
    ExpiryReason,
    {
        ExpiryReason.UNFILLED_IOC_QUANTITY: "UNFILLED_IOC_QUANTITY_EXPIRED",
        ExpiryReason.UNFILLED_FOK_ORDER: "UNFILLED_FOK_ORDER_EXPIRED",
    },
)
PEG_PRICE_TYPES: Final = spelt(PegPrice, {PegPrice.PRIMARY: "PRIMARY_PEG", PegPrice.MARKET: "MARKET_PEG"})
WORKING_FLOORS: Final = spelt(WorkingFloor)
# enums.md, ContingencyType: what is behind a working order is an OTO to the outside.
CONTINGENCY_TYPES: Final = spelt(ListKind, {ListKind.OTOCO: "OTO", ListKind.OPO: "OTO", ListKind.OPOCO: "OTO"})
LIST_STATUS_TYPES: Final = spelt(ListStatusType)
LIST_ORDER_STATUSES: Final = spelt(ListOrderStatus)
# faqs/sor_faq, matchType: the venue alone reports the trade of an order that it routed
ALLOCATED: Final = "ONE_PARTY_TRADE_REPORT"
