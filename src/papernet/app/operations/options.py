"""The rows of European Options, in both of its editions: what `/eapi/v1` offers today, and what it offered until 2025.

Generations.    A generation has its own rows, of its own parameters and weights; doors have their own ways of writing for each.
                The venue behind them is the same.
Source.         European Options, REST API and change log: "current" is the edition since 2026, "legacy" the one before.
"""

from enum import StrEnum, unique
from typing import Any, Final

from papernet.app import option_checks, option_commands
from papernet.app.faults import OptionFault, RequestFault
from papernet.app.operations.parameters import END, SIGNED, START, members
from papernet.app.operations.rows import (
    Change,
    Kind,
    OfConnection,
    Operation,
    Param,
    Params,
    Proof,
    Query,
    ResponseType,
    Security,
)
from papernet.core.enums import OrderType, SelfTradeMode, Side, TimeInForce


@unique
class Generation(StrEnum):
    """The edition of the documents that a door follows."""

    CURRENT = "current"
    LEGACY = "2024"


# General Info, Limits; Exchange Information
WEIGHT_LIMIT: Final = 2_400

_NONE: Final = Security.NONE
_TRADE: Final = Security.TRADE
_USER_DATA: Final = Security.USER_DATA

_SYMBOL: Final = Param("symbol", Kind.CONTRACT, mandatory=True)
_ANY_SYMBOL: Final = Param("symbol", Kind.CONTRACT)
_UNDERLYING: Final = Param("underlying", Kind.ASSET, mandatory=True)
_ANY_UNDERLYING: Final = Param("underlying", Kind.ASSET)
_ORDER_ID: Final = Param("orderId", Kind.LONG)
_FROM_ID: Final = Param("fromId", Kind.LONG)
_CLIENT_ORDER_ID: Final = Param("clientOrderId", Kind.CLIENT_ORDER_ID)
_BLOCK_KEY: Final = Param("blockOrderMatchingKey", Kind.KEY, mandatory=True)
_SIDE: Final = Param("side", Kind.ENUM, mandatory=True, values=members(Side), fault=RequestFault.BAD_SIDE)
# Enum Definitions, Order Type: there is no other.
_TYPE: Final = Param("type", Kind.ENUM, mandatory=True, values={"LIMIT": OrderType.LIMIT}, fault=RequestFault.BAD_ORDER_TYPE)
_QUANTITY: Final = Param("quantity", Kind.POSITIVE, mandatory=True, fault=OptionFault.NOT_A_QUANTITY)
_PRICE: Final = Param("price", Kind.POSITIVE, fault=OptionFault.NOT_A_PRICE)
# No 1s: Kline/Candlestick Data
_INTERVALS: Final = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
_DEPTHS: Final = (5, 10, 20, 50, 100, 500, 1_000)

# What a time in force means: how long, and whether it must not take. GTX (since 2026) is known to the older edition too: some
# clients say so that an order is only to be posted.
_TIMES_IN_FORCE: Final = {
    "GTC": (TimeInForce.GTC, False),
    "IOC": (TimeInForce.IOC, False),
    "FOK": (TimeInForce.FOK, False),
    "GTX": (TimeInForce.GTC, True),
}
_SELF_TRADE_MODES: Final = {
    mode.name: mode
    for mode in (SelfTradeMode.NONE, SelfTradeMode.EXPIRE_TAKER, SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.EXPIRE_BOTH)
}


def _limit(default: int, maximum: int) -> Param:
    return Param("limit", Kind.LIMIT, default=default, minimum=1, maximum=maximum, fault=OptionFault.BAD_LIMIT)


def _depth_weight(least: int) -> Any:  # noqa: ANN401  # a row's weight, which is of several types
    def weight(params: Params) -> int:
        """Follow the limit (Order Book)."""
        limit = params["limit"]
        if limit <= 50:
            return least
        return 5 if limit == 100 else 10 if limit == 500 else 20

    return weight


def _ticker_weight(params: Params) -> int:
    """24hr Ticker Price Change Statistics: one contract, or all of them."""
    return 40 if params["symbol"] is None else 1


def _open_orders_weight(params: Params) -> int:
    """Query Current Open Option Orders: one contract, or all of them."""
    return 40 if params["symbol"] is None else 1


def _order(*, is_current: bool) -> tuple[Param, ...]:
    """Return what an order is made of (New Order)."""
    prevention = Param("selfTradePreventionMode", Kind.ENUM, default=SelfTradeMode.EXPIRE_MAKER, values=_SELF_TRADE_MODES)
    return (
        _SYMBOL,
        _SIDE,
        _TYPE,
        _QUANTITY,
        _PRICE,
        Param(
            "timeInForce",
            Kind.ENUM,
            default=_TIMES_IN_FORCE["GTC"],
            values=_TIMES_IN_FORCE,
            fault=RequestFault.BAD_TIME_IN_FORCE,
        ),
        Param("reduceOnly", Kind.BOOLEAN, default=False),
        Param("postOnly", Kind.BOOLEAN, default=False),
        Param(
            "newOrderRespType",
            Kind.ENUM,
            default=ResponseType.ACK,
            values={kind.name: kind for kind in (ResponseType.ACK, ResponseType.RESULT)},
        ),
        _CLIENT_ORDER_ID,
        Param("isMmp", Kind.BOOLEAN, default=False),
        *((prevention,) if is_current else ()),
    )


def _general() -> tuple[Operation, ...]:
    return (
        Operation("options.ping", "Test Connectivity", _NONE, 1, Query()),
        Operation("options.time", "Check Server Time", _NONE, 1, Query()),
        Operation("options.exchangeInfo", "Exchange Information", _NONE, 1, Query()),
    )


def _books_and_trades(*, is_current: bool) -> tuple[Operation, ...]:
    depth = Param("limit", Kind.ENUM, default=100, values={str(limit): limit for limit in _DEPTHS}, fault=OptionFault.BAD_LIMIT)
    old_trades = Operation(
        "options.historicalTrades",
        "Old Trades Lookup",
        Security.ANY,
        20,
        Query(),
        (_SYMBOL, _FROM_ID, _limit(100, 500)),
        proof=Proof.KEY,
    )
    return (
        Operation(
            "options.depth",
            "Order Book",
            _NONE,
            _depth_weight(1 if is_current else 2),
            Query(),
            (_SYMBOL, depth),
            least_weight=1 if is_current else 2,
        ),
        Operation("options.trades", "Recent Trades List", _NONE, 5, Query(), (_SYMBOL, _limit(100, 500))),
        *(() if is_current else (old_trades,)),
        Operation("options.blockTrades", "Recent Block Trades List", _NONE, 5, Query(), (_ANY_SYMBOL, _limit(100, 500))),
    )


def _prices(*, is_current: bool) -> tuple[Operation, ...]:
    interval = Param(
        "interval", Kind.ENUM, mandatory=True, values={name: name for name in _INTERVALS}, fault=RequestFault.BAD_INTERVAL
    )
    return (
        Operation(
            "options.klines",
            "Kline/Candlestick Data",
            _NONE,
            1,
            Query(),
            (_SYMBOL, interval, START, END, _limit(500, 1500)),
            check=option_checks.times_in_order,
        ),
        Operation("options.mark", "Option Mark Price", _NONE, 5, Query(), (_ANY_SYMBOL,)),
        Operation(
            "options.ticker",
            "24hr Ticker Price Change Statistics",
            _NONE,
            _ticker_weight if is_current else 5,
            Query(),
            (_ANY_SYMBOL,),
            least_weight=1,
        ),
        Operation("options.index", "Symbol Price Ticker", _NONE, 1, Query(), (_UNDERLYING,)),
        Operation(
            "options.exerciseHistory",
            "Historical Exercise Records",
            _NONE,
            3,
            Query(),
            (_ANY_UNDERLYING, START, END, _limit(100, 100)),
            check=option_checks.times_in_order,
        ),
        Operation(
            "options.openInterest",
            "Open Interest",
            _NONE,
            0,
            Query(),
            (Param("underlyingAsset", Kind.ASSET, mandatory=True), Param("expiration", Kind.EXPIRY, mandatory=True)),
        ),
    )


def _placing(*, is_current: bool) -> tuple[Operation, ...]:
    order = _order(is_current=is_current)
    orders = Param(
        "orders",
        Kind.ELEMENTS,
        mandatory=True,
        maximum=10 if is_current else 5,
        fault=OptionFault.TOO_MANY_ORDERS_AT_ONCE,
        element=Operation("options.order", "", _NONE, 0, Query(), order, check=option_checks.new_order),
    )
    return (
        Operation(
            "options.order.place",
            "New Order",
            _TRADE,
            0,
            Change(option_commands.place),
            (*order, *SIGNED),
            order_cost=1,
            check=option_checks.new_order,
        ),
        Operation(
            "options.batchOrders.place",
            "Place Multiple Orders",
            _TRADE,
            5,
            Change(option_commands.place_several),
            (orders, *SIGNED),
            order_cost=1,
        ),
    )


def _cancelling(*, is_current: bool) -> tuple[Operation, ...]:
    ids = Param("orderIds", Kind.LONGS, maximum=10, fault=OptionFault.TOO_MANY_ORDERS_AT_ONCE)
    names = Param("clientOrderIds", Kind.TEXTS, maximum=10, fault=OptionFault.TOO_MANY_ORDERS_AT_ONCE)
    named = (_SYMBOL, _ORDER_ID, _CLIENT_ORDER_ID, *SIGNED)
    return (
        Operation(
            "options.order.status",
            "Query Single Order",
            _TRADE,
            1,
            Query(),
            named,
            check=option_checks.some_order_id,
        ),
        Operation(
            "options.order.cancel",
            "Cancel Option Order",
            _TRADE,
            1,
            Change(option_commands.cancel),
            named,
            check=option_checks.some_order_id,
        ),
        Operation(
            "options.batchOrders.cancel",
            "Cancel Multiple Option Orders",
            _TRADE,
            5 if is_current else 1,
            Change(option_commands.cancel_several),
            (_SYMBOL, ids, names, *SIGNED),
            check=option_checks.some_order_ids,
        ),
        Operation(
            "options.allOpenOrders.cancel",
            "Cancel All Option Orders On Specific Symbol",
            _TRADE,
            1,
            Change(option_commands.cancel_on_contract),
            (_SYMBOL, *SIGNED),
        ),
        Operation(
            "options.allOpenOrdersByUnderlying.cancel",
            "Cancel All Option Orders By Underlying",
            _TRADE,
            5 if is_current else 1,
            Change(option_commands.cancel_on_underlying),
            (_UNDERLYING, *SIGNED),
        ),
    )


def _orders_and_trades(*, is_current: bool) -> tuple[Operation, ...]:
    of_a_symbol = (_SYMBOL if is_current else _ANY_SYMBOL, _FROM_ID, START, END, _limit(100, 1000), *SIGNED)
    return (
        Operation(
            "options.openOrders",
            "Query Current Open Option Orders",
            _USER_DATA,
            _open_orders_weight,
            Query(),
            (_ANY_SYMBOL, _ORDER_ID, START, END, *(() if is_current else (_limit(100, 1000),)), *SIGNED),
            check=option_checks.times_in_order,
            least_weight=1,
        ),
        Operation(
            "options.historyOrders",
            "Query Option Order History",
            _TRADE,
            3,
            Query(),
            (_SYMBOL, _ORDER_ID, START, END, _limit(100, 1000), *SIGNED),
            check=option_checks.at_most_three_months,
        ),
        Operation(
            "options.userTrades",
            "Account Trade List",
            _USER_DATA,
            5,
            Query(),
            of_a_symbol,
            check=option_checks.at_most_three_months,
        ),
        Operation("options.position", "Option Position Information", _USER_DATA, 5, Query(), (_ANY_SYMBOL, *SIGNED)),
        Operation(
            "options.exerciseRecord",
            "User Exercise Record",
            _USER_DATA,
            5,
            Query(),
            (_ANY_SYMBOL, START, END, _limit(1000, 1000), *SIGNED),
            check=option_checks.times_in_order,
        ),
    )


def _account(*, is_current: bool) -> tuple[Operation, ...]:
    commission = Operation("options.commission", "Option User Commission", _USER_DATA, 5, Query(), SIGNED)
    agreement = Operation("options.stock.contract", "Sign TradFi Options Agreement", _USER_DATA, 50, Query(), SIGNED)
    account = Operation("options.account", "Option Account Information", _TRADE, 3, Query(), SIGNED)
    of_connection = OfConnection()
    download_id = Operation(
        "options.income.asyn",
        "Get Download Id For Option Transaction History",
        _USER_DATA,
        5,
        of_connection,
        (
            Param("startTime", Kind.TIME, mandatory=True),
            Param("endTime", Kind.TIME, mandatory=True),
            *SIGNED,
        ),
        check=option_checks.at_most_a_year,
    )
    download_link = Operation(
        "options.income.asyn.id",
        "Get Option Transaction History Download Link by Id",
        _USER_DATA,
        5,
        of_connection,
        (Param("downloadId", Kind.KEY, mandatory=True), *SIGNED),
    )
    bill = (
        Param("currency", Kind.ASSET, mandatory=True),
        Param("recordId", Kind.LONG),
        START,
        END,
        _limit(100, 1000),
        *SIGNED,
    )
    listen_keys = (("start", "Start"), ("ping", "Keepalive"), ("stop", "Close"))
    return (
        *((commission, agreement) if is_current else (account, download_id, download_link)),
        Operation("options.marginAccount", "Option Margin Account Information", _USER_DATA, 3, Query(), SIGNED),
        Operation(
            "options.bill", "Account Funding Flow", _USER_DATA, 1, Query(), bill, check=option_checks.at_most_three_months
        ),
        *(
            Operation(
                f"options.listenKey.{verb}",
                f"{title} User Data Stream",
                Security.USER_STREAM,
                1,
                of_connection,
                proof=Proof.KEY,
            )
            for verb, title in listen_keys
        ),
    )


def _makers() -> tuple[Operation, ...]:
    protection = (
        _UNDERLYING,
        Param("windowTimeInMilliseconds", Kind.SPAN, mandatory=True, fault=OptionFault.BAD_PROTECTION_WINDOW),
        Param("frozenTimeInMilliseconds", Kind.SPAN, mandatory=True, fault=OptionFault.BAD_PROTECTION_FREEZE),
        Param("qtyLimit", Kind.POSITIVE, mandatory=True, fault=OptionFault.BAD_PROTECTION_LIMIT),
        Param("deltaLimit", Kind.POSITIVE, mandatory=True, fault=OptionFault.BAD_PROTECTION_LIMIT),
        *SIGNED,
    )
    countdown = (
        _UNDERLYING,
        Param("countdownTime", Kind.SPAN, mandatory=True, fault=OptionFault.BAD_COUNTDOWN),
        *SIGNED,
    )
    heartbeat = (Param("underlyings", Kind.ASSETS, mandatory=True), *SIGNED)
    return (
        Operation("options.mmp", "Get Market Maker Protection Config", _TRADE, 1, Query(), (_UNDERLYING, *SIGNED)),
        Operation(
            "options.mmpSet",
            "Set Market Maker Protection Config",
            _TRADE,
            1,
            Change(option_commands.set_protection),
            protection,
            check=option_checks.protection,
        ),
        Operation(
            "options.mmpReset",
            "Reset Market Maker Protection Config",
            _TRADE,
            1,
            Change(option_commands.reset_protection),
            (_UNDERLYING, *SIGNED),
        ),
        Operation(
            "options.countdownCancelAll.set",
            "Set Auto-Cancel All Open Orders Config",
            _TRADE,
            1,
            Change(option_commands.set_countdown),
            countdown,
            check=option_checks.countdown,
        ),
        Operation(
            "options.countdownCancelAll.status",
            "Get Auto-Cancel All Open Orders Config",
            _TRADE,
            1,
            Query(),
            (_ANY_UNDERLYING, *SIGNED),
        ),
        Operation(
            "options.countdownCancelAllHeartBeat",
            "Auto-Cancel All Open Orders Heartbeat",
            _TRADE,
            10,
            Change(option_commands.refresh_countdowns),
            heartbeat,
        ),
    )


def _block_trades() -> tuple[Operation, ...]:
    leg = Operation("options.leg", "", _NONE, 0, Query(), (_SYMBOL, _PRICE, _QUANTITY, _SIDE, _TYPE), check=option_checks.leg)
    legs = Param("legs", Kind.ELEMENTS, mandatory=True, maximum=1, fault=OptionFault.TOO_MANY_LEGS, element=leg)
    # Whether its creator makes the trade.
    liquidity = Param("liquidity", Kind.ENUM, mandatory=True, values={"MAKER": True, "TAKER": False})
    any_key = Param("blockOrderMatchingKey", Kind.KEY)
    of_key = (_BLOCK_KEY, *SIGNED)
    return (
        Operation(
            "options.block.order.create",
            "New Block Trade Order",
            _TRADE,
            5,
            Change(option_commands.create_block_order),
            (liquidity, legs, *SIGNED),
        ),
        Operation(
            "options.block.order.extend",
            "Extend Block Trade Order",
            _TRADE,
            5,
            Change(option_commands.extend_block_order),
            of_key,
        ),
        Operation(
            "options.block.order.cancel",
            "Cancel Block Trade Order",
            _TRADE,
            5,
            Change(option_commands.cancel_block_order),
            of_key,
        ),
        Operation(
            "options.block.order.orders",
            "Query Block Trade Order",
            _TRADE,
            5,
            Query(),
            (any_key, START, END, _ANY_UNDERLYING, *SIGNED),
            check=option_checks.times_in_order,
        ),
        Operation(
            "options.block.order.accept",
            "Accept Block Trade Order",
            _TRADE,
            5,
            Change(option_commands.accept_block_order),
            of_key,
        ),
        Operation("options.block.order.details", "Query Block Trade Details", _USER_DATA, 5, Query(), of_key),
        Operation(
            "options.block.user-trades",
            "Account Block Trade List",
            _USER_DATA,
            5,
            Query(),
            (END, START, _ANY_UNDERLYING, *SIGNED),
            check=option_checks.times_in_order,
        ),
    )


def option_rows(generation: Generation) -> dict[str, Operation]:
    """Return the operations of a generation by their names."""
    is_current = generation is Generation.CURRENT
    rows = (
        *_general(),
        *_books_and_trades(is_current=is_current),
        *_prices(is_current=is_current),
        *_placing(is_current=is_current),
        *_cancelling(is_current=is_current),
        *_orders_and_trades(is_current=is_current),
        *_account(is_current=is_current),
        *_makers(),
        *_block_trades(),
    )
    return {row.name: row for row in rows}
