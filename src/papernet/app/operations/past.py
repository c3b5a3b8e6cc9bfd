"""The operations as they were in an era: today's table, row by row without what came later.

Order of work.  Each change names the rows it is about and how such a row was before; all that have not happened are undone,
                one after the other. Today's era has the table itself.
Invariant.      What a query, a check or a builder finds in parameters is always there: a parameter that could not be sent yet
                is hidden, and has its default. Two doors of one era have the same rows.
Does not.       Know paths, methods or words.
Source.         data/eras.toml.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import OPERATIONS
from papernet.app.operations.rows import Kind, Operation, Param, Params, Proof, Security
from papernet.core.enums import SelfTradeMode
from papernet.core.order import TAKE_PROFITS

# How a row was: None where there was none.
_Past = Callable[[Operation], Operation | None]

_BAD_COMBINATION: Final = Fault(RequestFault.BAD_COMBINATION)
_NOT_IN_OCO: Final = Fault(RequestFault.ORDER_TYPE_NOT_IN_OCO)
_PAIR_TYPES: Final = ("aboveType", "belowType", "pendingAboveType", "pendingBelowType")
_MODE: Final = "selfTradePreventionMode"
_ASCII: Final = {Kind.SYMBOL: Kind.ASCII_SYMBOL, Kind.SYMBOLS: Kind.ASCII_SYMBOLS}
_ALL: Final = tuple(OPERATIONS)


@cache
def operations_of(era: Era) -> Mapping[str, Operation]:
    """Return the operations of an era by their names."""
    if era == TODAY:
        return OPERATIONS
    table: dict[str, Operation] = dict(OPERATIONS)
    for change, (names, past) in _BEFORE:
        if not getattr(era, change):
            for name in names:
                _put(table, name, past)
    return table


def _put(table: dict[str, Operation], name: str, past: _Past) -> None:
    """Put the row that was in the place of the one that is."""
    row = table.pop(name, None)
    before = None if row is None else past(row)
    if before is not None:
        table[name] = before


def _absent(_row: Operation) -> None:
    """There was none."""


def _lasting(row: Operation) -> Operation:
    return replace(row, weighs_when_done=True)


def _weighing(weight: int) -> _Past:
    return lambda row: replace(row, weight=weight)


def _each(change: Callable[[Param], Param]) -> _Past:
    """Return what changes every parameter of a row."""
    return lambda row: replace(row, parameters=tuple(map(change, row.parameters)))


def _hiding(*names: str) -> _Past:
    return _each(lambda param: replace(param, hidden=True) if param.name in names else param)


def _without_pegs(param: Param) -> Param:
    return replace(param, hidden=True) if "peg" in param.name.lower() else param


def _without_mode(mode: SelfTradeMode) -> _Past:
    def cut(param: Param) -> Param:
        if param.name != _MODE:
            return param
        return replace(param, values={name: value for name, value in param.values.items() if value is not mode})

    return _each(cut)


def _in_milliseconds(param: Param) -> Param:
    return replace(param, kind=Kind.MILLISECONDS) if param.kind is Kind.TIME else param


def _in_whole_milliseconds(param: Param) -> Param:
    return replace(param, kind=Kind.SPAN) if param.kind is Kind.DURATION else param


def _in_ascii(param: Param) -> Param:
    return replace(param, kind=_ASCII.get(param.kind, param.kind))


def _combining_ids(row: Operation) -> Operation:
    """Refuse an order that is named by neither id in other words."""
    check = row.check
    assert check is not None
    return replace(row, check=lambda params: None if check(params) is None else _BAD_COMBINATION)


def _without_take_profits(row: Operation) -> Operation:
    """Refuse take profit orders in a pair."""
    check = row.check
    assert check is not None

    def both(params: Params) -> Fault | None:
        taken = any(params.get(name) in TAKE_PROFITS for name in _PAIR_TYPES)
        return _NOT_IN_OCO if taken else check(params)

    return replace(row, check=both)


def _by_session(row: Operation) -> Operation:
    """Let whoever has logged on end a subscription, the only one there is."""
    hidden = tuple(replace(param, hidden=True) for param in row.parameters)
    return replace(row, security=Security.USER_STREAM, proof=Proof.SESSION, parameters=hidden)


_STATUS: Final = ("depth", "ticker.24hr", "ticker.tradingDay", "ticker.price", "ticker.book", "ticker")

# By the change's name: the rows that it is about, and how each of them was before.
_BEFORE: Final[tuple[tuple[str, tuple[tuple[str, ...], _Past]], ...]] = (
    ("omit_zero_balances", (("account.status",), _hiding("omitZeroBalances"))),
    ("new_oco", (("orderList.place.oco",), _absent)),
    ("trades_weigh_25", (("trades.recent", "trades.historical"), _weighing(10))),
    ("order_rate_limit_exceeded_mode", (("order.cancelReplace",), _hiding("orderRateLimitExceededMode"))),
    ("one_triggers_the_other", (("orderList.place.oto", "orderList.place.otoco"), _absent)),
    ("exchange_info_parameters", (("exchangeInfo",), _hiding("showPermissionSets", "symbolStatus"))),
    ("user_data_over_ws_api", (("userDataStream.subscribe", "userDataStream.unsubscribe"), _absent)),
    ("take_profit_in_pairs", (("orderList.place.oco", "orderList.place.otoco"), _without_take_profits)),
    ("microseconds", (_ALL, _each(_in_milliseconds))),
    ("aggregates_weigh_4", (("trades.aggregate",), _weighing(2))),
    ("missing_order_id_is_1102", (("order.status", "order.cancel"), _combining_ids)),
    ("trades_of_an_order_weigh_5", (("myTrades",), _weighing(20))),
    ("amend_requests", (("order.amend.keepPriority", "order.amendments"), _absent)),
    ("amend_weighs_4", (("order.amend.keepPriority",), _weighing(1))),
    ("decrement", (_ALL, _without_mode(SelfTradeMode.DECREMENT))),
    ("subscription_ids", (("userDataStream.subscribe.signature", "session.subscriptions"), _absent)),
    ("subscription_ids", (("userDataStream.unsubscribe",), _by_session)),
    ("pegged_orders", (_ALL, _each(_without_pegs))),
    ("exact_receive_windows", (_ALL, _each(_in_whole_milliseconds))),
    ("relevant_filters", (("myFilters",), _absent)),
    ("symbol_status_parameter", (_STATUS, _hiding("symbolStatus"))),
    ("unicode_symbols", (_ALL, _each(_in_ascii))),
    ("one_pays_the_other", (("orderList.place.opo", "orderList.place.opoco"), _absent)),
    ("transfer", (_ALL, _without_mode(SelfTradeMode.TRANSFER))),
    ("execution_rules", (("executionRules", "referencePrice", "referencePrice.calculation"), _absent)),
    ("successes_weigh_nothing", (_ALL, _lasting)),
    ("block_trades", (("blockTrades.historical",), _absent)),
)
