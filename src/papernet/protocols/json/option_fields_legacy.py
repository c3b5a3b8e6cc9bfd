"""How the edition of European Options before 2026 writes its answers, by operation.

Spellings.      Orders that are open are ACCEPTED, those that ended unfilled CANCELLED, whatever ended them. What is sold is a
                negative quantity, in trades and in the history of orders. Candles are objects.
Source.         European Options until 2025, examples of responses.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from papernet.app.operations import ResponseType
from papernet.app.queries.option_values import (
    Bills,
    ExerciseRow,
    FillRow,
    MarginAccount,
    OptionCandles,
    OptionDepth,
    OptionOrderRow,
    OptionTrades,
    PlacedOrder,
    PositionRow,
    Terms,
)
from papernet.core.enums import OrderStatus, Side
from papernet.core.events import OptionRecord
from papernet.core.units import SCALE
from papernet.exchange.views import PublicTrade
from papernet.protocols.json import option_fields as shared
from papernet.protocols.json.numbers import amount, average_price
from papernet.protocols.json.option_fields import BILL_KINDS, KINDS, LEGACY, RISK_LEVELS, SOURCES, Row, millis, of_terms
from papernet.protocols.json.spellings import SIDES, TIMES_IN_FORCE, spelt
from papernet.venues.options.contracts import Underlying

_BUY: Final = Side.BUY
# Enum Definitions, Order Status
STATUSES: Final = spelt(
    OrderStatus,
    {
        OrderStatus.NEW: "ACCEPTED",
        OrderStatus.CANCELED: "CANCELLED",
        OrderStatus.EXPIRED: "CANCELLED",
        OrderStatus.EXPIRED_IN_MATCH: "CANCELLED",
    },
)


def _rates(underlying: Underlying) -> Row:
    return {"makerFeeRate": amount(underlying.fees.maker), "takerFeeRate": amount(underlying.fees.taker)}


def _nothing(_underlying: Underlying) -> Row:
    """Return nothing: this edition tells no more."""
    return {}


_exchange_information: Final = shared.ListingWriter(LEGACY, _rates, _nothing, _nothing).write


def _depth(value: OptionDepth) -> Row:
    terms = value.terms
    return {
        "T": millis(value.at),
        "u": value.update_id,
        "bids": shared.levels(value.bids, terms, LEGACY),
        "asks": shared.levels(value.asks, terms, LEGACY),
    }


def _trades(value: OptionTrades) -> list[Row]:
    return [{"id": str(row.trade_id), "symbol": value.terms.symbol, **_of_trade(row)} for row in value.rows]


def _old_trades(value: OptionTrades) -> list[Row]:
    return [
        {"id": str(shared.unique_id(row.at, row.trade_id)), "tradeId": str(row.trade_id), **_of_trade(row)}
        for row in value.rows
    ]


def _of_trade(row: PublicTrade) -> Row:
    sign = shared.side_number(taker_bought=not row.buyer_is_maker)
    return {
        "price": amount(row.price),
        "qty": amount(sign * row.quantity),
        "quoteQty": amount(sign * row.quote),
        "side": sign,
        "time": millis(row.at),
    }


def _candles(value: OptionCandles) -> list[Row]:
    return [
        {
            "open": amount(row.open),
            "high": amount(row.high),
            "low": amount(row.low),
            "close": amount(row.close),
            "volume": amount(row.quantity),
            "amount": amount(row.quote),
            "interval": value.interval,
            "tradeCount": row.trade_count,
            "takerVolume": amount(row.taker_buy_quantity),
            "takerAmount": amount(row.taker_buy_quote),
            "openTime": millis(row.open_at),
            # Where the next one opens.
            "closeTime": millis(row.close_at + 1),
        }
        for row in value.rows
    ]


# Which fields of an order an answer has, in which order.
_BEGIN: Final = ("orderId", "symbol", "price", "quantity")
_ACK: Final = (*_BEGIN, "side", "type", "createDate", "reduceOnly", "postOnly", "mmp")
_ACK_AMONG_SEVERAL: Final = (*_BEGIN, "side", "type", "reduceOnly", "postOnly", "clientOrderId", "mmp")
_STATED: Final = (
    *_BEGIN,
    *("executedQty", "fee", "side", "type", "timeInForce", "reduceOnly", "postOnly", "createTime", "updateTime", "status"),
    "avgPrice",
)
_OF_CONTRACT: Final = ("clientOrderId", "priceScale", "quantityScale", "optionSide", "quoteAsset", "mmp")
_RESULT: Final = (*_STATED, *_OF_CONTRACT)
_STATUS: Final = (*_STATED, "source", *_OF_CONTRACT)
_ENDED: Final = (*_STATED, "reason", "source", *_OF_CONTRACT)
# The time of creation has another name here.
_CANCELED: Final = tuple("createDate" if name == "createTime" else name for name in _STATUS)
_CANCELED_AMONG_SEVERAL: Final = (
    *_BEGIN,
    *("executedQty", "fee", "side", "type", "timeInForce", "createTime", "status", "avgPrice", "reduceOnly", "clientOrderId"),
    "updateTime",
)


def _order(names: tuple[str, ...], record: OptionRecord, terms: Terms) -> Row:
    """Return the fields of an order."""
    sent, created_at = record.terms, millis(record.created_at)
    told = {
        "orderId": record.order_id,
        "symbol": sent.symbol,
        "price": amount(sent.price),
        "quantity": amount(sent.quantity),
        "executedQty": amount(record.cum_quantity),
        "fee": amount(record.fee),
        "side": SIDES[sent.side],
        "type": "LIMIT",
        # Enum Definitions, Time in force: GTX came later; what was sent as one is told by postOnly.
        "timeInForce": TIMES_IN_FORCE[sent.time_in_force],
        "reduceOnly": sent.reduce_only,
        "postOnly": sent.post_only or sent.is_gtx,
        "createTime": created_at,
        "createDate": created_at,
        "updateTime": millis(record.updated_at),
        "status": STATUSES[record.status],
        "avgPrice": amount(average_price(record.cum_quote, record.cum_quantity)),
        "reason": "0",
        "source": SOURCES[record.source],
        "clientOrderId": sent.client_order_id,
        "priceScale": terms.price_scale,
        "quantityScale": terms.quantity_scale,
        "optionSide": KINDS[terms.kind],
        "quoteAsset": terms.quote_asset,
        "mmp": sent.is_protected,
    }
    return {name: told[name] for name in names}


def _placed(value: PlacedOrder) -> Row:
    if value.response_type is ResponseType.ACK:
        return _order(_ACK, value.first, value.terms)
    return _order(_RESULT, value.last, value.terms)


def _placed_among_several(value: PlacedOrder) -> Row:
    return _order(_ACK_AMONG_SEVERAL, value.first, value.terms)


def _order_status(value: OptionOrderRow) -> Row:
    return _order(_STATUS, value.record, value.terms)


def _open_orders(rows: list[OptionOrderRow]) -> list[Row]:
    return [_order(_RESULT, row.record, row.terms) for row in rows]


def _history(rows: list[OptionOrderRow]) -> list[Row]:
    answer = []
    for row in rows:
        record = row.record
        told = _order(_ENDED, record, row.terms)
        if record.terms.side is not _BUY:
            told |= {"quantity": amount(-record.terms.quantity), "executedQty": amount(-record.cum_quantity)}
        answer.append(told)
    return answer


def _canceled(value: OptionOrderRow) -> Row:
    return _order(_CANCELED, value.as_it_was, value.terms)


def _canceled_among_several(value: OptionOrderRow) -> Row:
    # The fee is a number, here alone.
    return _order(_CANCELED_AMONG_SEVERAL, value.as_it_was, value.terms) | {"fee": 0}


def _all_canceled(_count: int) -> Row:
    return {"code": 0, "msg": "success"}


def _all_canceled_by_underlying(count: int) -> Row:
    return {"code": 0, "msg": "success", "data": count}


def _fills(rows: list[FillRow]) -> list[Row]:
    return [
        {
            "id": row.fill.fill_id,
            "tradeId": row.fill.trade_id,
            "orderId": row.fill.order_id,
            "symbol": row.fill.symbol,
            "price": amount(row.fill.price),
            "quantity": amount(row.fill.quantity),
            "fee": amount(row.fill.fee),
            "realizedProfit": amount(row.fill.realized),
            "side": SIDES[row.fill.side],
            "type": "LIMIT",
            "volatility": amount(row.fill.volatility),
            "liquidity": "MAKER" if row.fill.is_maker else "TAKER",
            "time": millis(row.fill.at),
            **of_terms(row.terms),
        }
        for row in rows
    ]


def _positions(rows: list[PositionRow]) -> list[Row]:
    answer = []
    for row in rows:
        terms, quantity = row.terms, row.quantity
        reducible = max(quantity - row.asks, 0) if quantity > 0 else min(quantity + row.bids, 0)
        answer.append(
            {
                "entryPrice": amount(average_price(abs(row.cost), abs(quantity))),
                "symbol": terms.symbol,
                "side": "LONG" if quantity > 0 else "SHORT",
                "quantity": amount(quantity),
                "reducibleQty": amount(reducible),
                "markValue": amount(row.value),
                # Rate of return: a fraction of what was paid or received.
                "ror": amount(row.unrealized * SCALE // abs(row.cost) if row.cost else 0),
                "unrealizedPNL": amount(row.unrealized),
                "markPrice": amount(row.mark_price),
                "strikePrice": amount(terms.strike),
                "positionCost": amount(abs(row.cost)),
                "expiryDate": millis(terms.expiry),
                **of_terms(terms),
            }
        )
    return answer


def _exercises(rows: list[ExerciseRow]) -> list[Row]:
    return [
        {
            "id": str(row.event.exercise_id),
            "currency": row.asset,
            "symbol": row.event.symbol,
            "exercisePrice": amount(row.event.settlement_price),
            "markPrice": amount(row.event.mark_price),
            "quantity": amount(abs(row.event.quantity)),
            "amount": amount(row.event.amount),
            "fee": amount(row.event.fee),
            "createDate": millis(row.event.at),
            **shared.scales(row.terms),
            "positionSide": "LONG" if row.event.quantity > 0 else "SHORT",
            "quoteAsset": row.terms.quote_asset,
        }
        for row in rows
    ]


def _account(value: MarginAccount) -> Row:
    return {
        "asset": [
            {
                "asset": value.asset,
                "marginBalance": amount(value.balance),
                "equity": amount(value.equity),
                "available": amount(value.available),
                "locked": amount(value.locked),
                "unrealizedPNL": amount(value.unrealized),
            }
        ],
        "greek": shared.greeks(value),
        "time": millis(value.at),
        "riskLevel": RISK_LEVELS[value.level],
    }


def _margin_account(value: MarginAccount) -> Row:
    return {
        "asset": [
            {
                "asset": value.asset,
                "marginBalance": amount(value.balance),
                "equity": amount(value.equity),
                "available": amount(value.available),
                "initialMargin": amount(value.initial_margin),
                "maintMargin": amount(value.maintenance_margin),
                "unrealizedPNL": amount(value.unrealized),
                "lpProfit": amount(value.profit_of_longs),
            }
        ],
        "greek": shared.greeks(value),
        "time": millis(value.at),
    }


def _bills(value: Bills) -> list[Row]:
    return [
        {
            "id": bill.bill_id,
            "asset": bill.asset,
            "amount": amount(bill.amount),
            "type": BILL_KINDS[bill.kind],
            "createDate": millis(bill.at),
        }
        for bill in value.rows
    ]


RENDERERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "options.ping": shared.nothing,
    "options.time": shared.server_time,
    "options.exchangeInfo": _exchange_information,
    "options.depth": _depth,
    "options.trades": _trades,
    "options.historicalTrades": _old_trades,
    "options.blockTrades": lambda rows: shared.block_trades(rows, LEGACY),
    "options.klines": _candles,
    "options.mark": lambda rows: shared.marks(rows, LEGACY),
    "options.ticker": lambda rows: shared.tickers(rows, LEGACY),
    "options.index": shared.index,
    "options.exerciseHistory": lambda rows: shared.settlements(rows, LEGACY),
    "options.openInterest": shared.open_interest,
    "options.order.place": _placed,
    "options.batchOrders.place": _placed_among_several,
    "options.order.status": _order_status,
    "options.order.cancel": _canceled,
    "options.batchOrders.cancel": _canceled_among_several,
    "options.allOpenOrders.cancel": _all_canceled,
    "options.allOpenOrdersByUnderlying.cancel": _all_canceled_by_underlying,
    "options.openOrders": _open_orders,
    "options.historyOrders": _history,
    "options.userTrades": _fills,
    "options.position": _positions,
    "options.exerciseRecord": _exercises,
    "options.account": _account,
    "options.marginAccount": _margin_account,
    "options.bill": _bills,
    "options.mmp": shared.protection,
    "options.mmpSet": shared.protection,
    "options.mmpReset": shared.protection,
    "options.countdownCancelAll.set": shared.countdowns,
    "options.countdownCancelAll.status": shared.countdowns,
    "options.countdownCancelAllHeartBeat": shared.heartbeat,
    "options.block.order.create": shared.new_block_order,
    "options.block.order.extend": shared.block_order,
    "options.block.order.cancel": shared.nothing,
    "options.block.order.orders": shared.block_orders,
    "options.block.order.accept": shared.block_order,
    "options.block.order.details": shared.block_order,
    "options.block.user-trades": shared.block_fills,
}
