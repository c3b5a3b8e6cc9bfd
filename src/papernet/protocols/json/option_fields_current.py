"""How the current edition of European Options writes its answers, by operation.

Types.          `fee` of a new order is the number 0, whatever its fills cost: the field is an integer, and fills tell theirs.
                The code of a cancel of all orders on a contract is a text, that of a cancel by underlying a number.
Source.         European Options since 2026, examples of responses; change log.
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
    OptionRates,
    OptionTrades,
    PlacedOrder,
    PositionRow,
    Terms,
)
from papernet.core.enums import BillKind, RiskLevel, Side
from papernet.core.events import OptionRecord
from papernet.protocols.json import option_fields as shared
from papernet.protocols.json.numbers import amount, average_price
from papernet.protocols.json.option_fields import BILL_KINDS, CURRENT, KINDS, MODES, SOURCES, Row, millis, of_terms, scaled
from papernet.protocols.json.spellings import ORDER_STATUSES, SIDES, TIMES_IN_FORCE
from papernet.venues.options.contracts import Underlying

_BUY: Final = Side.BUY
# Bills that are about a contract tell which.
_WITHOUT_SYMBOL: Final = (BillKind.TRANSFER, BillKind.SHORTFALL)


def _no_rates(_underlying: Underlying) -> Row:
    """Return nothing: an account's rates are told by Option User Commission."""
    return {}


# The documents have `nakedSell` on contracts, the exchange on underlyings.
_exchange_information: Final = shared.ListingWriter(
    CURRENT,
    _no_rates,
    lambda underlying: {
        "contractType": "CRYPTO_OPTIONS",
        "underlyingType": "CRYPTO",
        "nakedSell": underlying.may_be_written,
        "status": "TRADING",
    },
    lambda underlying: {"nakedSell": underlying.may_be_written},
).write


def _depth(value: OptionDepth) -> Row:
    terms = value.terms
    return {
        "bids": shared.levels(value.bids, terms, CURRENT),
        "asks": shared.levels(value.asks, terms, CURRENT),
        "T": millis(value.at),
        "lastUpdateId": value.update_id,
    }


def _trades(value: OptionTrades) -> list[Row]:
    terms = value.terms
    return [
        {
            "id": shared.unique_id(row.at, row.trade_id),
            "tradeId": row.trade_id,
            "symbol": terms.symbol,
            "price": scaled(row.price, terms.price_scale),
            "qty": scaled(row.quantity, terms.quantity_scale),
            "quoteQty": amount(row.quote),
            "side": shared.side_number(taker_bought=not row.buyer_is_maker),
            "time": millis(row.at),
        }
        for row in value.rows
    ]


def _candles(value: OptionCandles) -> list[tuple[Any, ...]]:
    price, quantity = value.terms.price_scale, value.terms.quantity_scale
    return [
        (
            millis(row.open_at),
            scaled(row.open, price),
            scaled(row.high, price),
            scaled(row.low, price),
            scaled(row.close, price),
            scaled(row.quantity, quantity),
            millis(row.close_at),
            amount(row.quote),
            row.trade_count,
            scaled(row.taker_buy_quantity, quantity),
            amount(row.taker_buy_quote),
            "0",
        )
        for row in value.rows
    ]


# Which fields of an order an answer has, in which order.
_AMOUNTS: Final = ("orderId", "symbol", "price", "quantity", "executedQty")
_OF_CONTRACT: Final = ("priceScale", "quantityScale", "optionSide", "quoteAsset", "mmp")
_LISTED: Final = (
    *_AMOUNTS,
    *("side", "type", "timeInForce", "reduceOnly", "createTime", "updateTime", "status", "avgPrice", "clientOrderId"),
    *_OF_CONTRACT,
)
_OPEN: Final = (*_LISTED, "selfTradePreventionMode")
_PLACED: Final = (
    *_AMOUNTS,
    *("fee", "side", "type", "timeInForce", "reduceOnly", "postOnly", "createTime", "updateTime", "status", "avgPrice"),
    *("source", "clientOrderId"),
    *_OF_CONTRACT,
    "selfTradePreventionMode",
)
_STATUS: Final = tuple(name for name in _PLACED if name not in ("fee", "source"))
# The time of creation has another name here, and here alone.
_CANCELED: Final = tuple("createDate" if name == "createTime" else name for name in _PLACED if name not in ("fee", "postOnly"))
_CANCELED_AMONG_SEVERAL: Final = (
    *_AMOUNTS,
    *("fee", "side", "type", "timeInForce", "createTime", "status", "avgPrice", "reduceOnly", "clientOrderId", "updateTime"),
    *_OF_CONTRACT,
    *("source", "selfTradePreventionMode"),
)


def _order(names: tuple[str, ...], record: OptionRecord, terms: Terms) -> Row:
    """Return the fields of an order."""
    sent = record.terms
    price_scale, quantity_scale, created_at = terms.price_scale, terms.quantity_scale, millis(record.created_at)
    told = {
        "orderId": record.order_id,
        "symbol": sent.symbol,
        "price": scaled(sent.price, price_scale),
        "quantity": scaled(sent.quantity, quantity_scale),
        "executedQty": scaled(record.cum_quantity, quantity_scale),
        "fee": amount(record.fee),
        "side": SIDES[sent.side],
        "type": "LIMIT",
        "timeInForce": "GTX" if sent.is_gtx else TIMES_IN_FORCE[sent.time_in_force],
        "reduceOnly": sent.reduce_only,
        "postOnly": sent.post_only or sent.is_gtx,
        "createTime": created_at,
        "createDate": created_at,
        "updateTime": millis(record.updated_at),
        "status": ORDER_STATUSES[record.status],
        "avgPrice": scaled(average_price(record.cum_quote, record.cum_quantity), price_scale),
        "source": SOURCES[record.source],
        "clientOrderId": sent.client_order_id,
        "priceScale": price_scale,
        "quantityScale": quantity_scale,
        "optionSide": KINDS[terms.kind],
        "quoteAsset": terms.quote_asset,
        "mmp": sent.is_protected,
        "selfTradePreventionMode": MODES[sent.self_trade_mode],
    }
    return {name: told[name] for name in names}


def _placed(value: PlacedOrder) -> Row:
    # New Order: both types of response have one form; the longer one waits for what the order traded at once.
    record = value.first if value.response_type is ResponseType.ACK else value.last
    return _order(_PLACED, record, value.terms) | {"fee": 0}


def _order_status(value: OptionOrderRow) -> Row:
    return _order(_STATUS, value.record, value.terms)


def _open_orders(rows: list[OptionOrderRow]) -> list[Row]:
    return [_order(_OPEN, row.record, row.terms) for row in rows]


def _history(rows: list[OptionOrderRow]) -> list[Row]:
    return [_order(_LISTED, row.record, row.terms) for row in rows]


def _canceled(value: OptionOrderRow) -> Row:
    return _order(_CANCELED, value.as_it_was, value.terms)


def _canceled_among_several(value: OptionOrderRow) -> Row:
    return _order(_CANCELED_AMONG_SEVERAL, value.as_it_was, value.terms)


def _all_canceled(_count: int) -> Row:
    return {"code": "0", "msg": "success"}


def _all_canceled_by_underlying(_count: int) -> Row:
    return {"code": 0, "msg": "success"}


def _fills(rows: list[FillRow]) -> list[Row]:
    answer = []
    for row in rows:
        fill, terms = row.fill, row.terms
        answer.append(
            {
                "id": fill.fill_id,
                "tradeId": fill.trade_id,
                "orderId": fill.order_id,
                "symbol": fill.symbol,
                "price": scaled(fill.price, terms.price_scale),
                "quantity": scaled(fill.quantity, terms.quantity_scale),
                # Account Trade List: negative is what was deducted.
                "fee": amount(-fill.fee),
                "realizedProfit": amount(fill.realized),
                "side": SIDES[fill.side],
                "type": "LIMIT",
                "liquidity": "MAKER" if fill.is_maker else "TAKER",
                "time": millis(fill.at),
                **of_terms(terms),
            }
        )
    return answer


def _positions(rows: list[PositionRow]) -> list[Row]:
    answer = []
    for row in rows:
        terms = row.terms
        answer.append(
            {
                "entryPrice": scaled(average_price(abs(row.cost), abs(row.quantity)), terms.price_scale),
                "symbol": terms.symbol,
                "side": "LONG" if row.quantity > 0 else "SHORT",
                "quantity": scaled(row.quantity, terms.quantity_scale),
                "markValue": amount(row.value),
                "unrealizedPNL": amount(row.unrealized),
                "markPrice": amount(row.mark_price),
                "strikePrice": CURRENT.rule(terms.strike),
                "expiryDate": millis(terms.expiry),
                **of_terms(terms),
                "time": millis(row.at),
                "bidQuantity": scaled(row.bids, terms.quantity_scale),
                "askQuantity": scaled(row.asks, terms.quantity_scale),
            }
        )
    return answer


def _exercises(rows: list[ExerciseRow]) -> list[Row]:
    answer = []
    for row in rows:
        event, terms = row.event, row.terms
        answer.append(
            {
                "id": str(event.exercise_id),
                "currency": row.asset,
                "symbol": event.symbol,
                "exercisePrice": amount(event.settlement_price),
                "quantity": scaled(abs(event.quantity), terms.quantity_scale),
                "amount": amount(event.amount),
                "fee": amount(event.fee),
                "createDate": millis(event.at),
                **shared.scales(terms),
                "positionSide": "LONG" if event.quantity > 0 else "SHORT",
                "quoteAsset": terms.quote_asset,
            }
        )
    return answer


def _commission(value: OptionRates) -> Row:
    rows = [
        {"underlying": name, "makerFee": scaled(maker, 6), "takerFee": scaled(taker, 6)} for name, maker, taker in value.rows
    ]
    return {"commissions": rows}


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
                "adjustedEquity": amount(value.adjusted_equity),
            }
        ],
        "greek": shared.greeks(value),
        "time": millis(value.at),
        "canTrade": value.can_trade,
        "canDeposit": True,
        "canWithdraw": True,
        "reduceOnly": value.level is RiskLevel.REDUCE_ONLY,
        "tradeGroupId": value.trade_group,
    }


def _bills(value: Bills) -> list[Row]:
    return [
        {
            "id": bill.bill_id,
            "asset": bill.asset,
            "amount": amount(bill.amount),
            "type": BILL_KINDS[bill.kind],
            "createDate": millis(bill.at),
            **({"symbol": bill.symbol} if bill.symbol and bill.kind not in _WITHOUT_SYMBOL else {}),
        }
        for bill in value.rows
    ]


def _agreement(_value: None) -> Row:
    return shared.AGREED


RENDERERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "options.ping": shared.nothing,
    "options.time": shared.server_time,
    "options.exchangeInfo": _exchange_information,
    "options.depth": _depth,
    "options.trades": _trades,
    "options.blockTrades": lambda rows: shared.block_trades(rows, CURRENT),
    "options.klines": _candles,
    "options.mark": lambda rows: shared.marks(rows, CURRENT),
    "options.ticker": lambda rows: shared.tickers(rows, CURRENT),
    "options.index": shared.index,
    "options.exerciseHistory": lambda rows: shared.settlements(rows, CURRENT),
    "options.openInterest": shared.open_interest,
    "options.order.place": _placed,
    "options.batchOrders.place": _placed,
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
    "options.commission": _commission,
    "options.marginAccount": _margin_account,
    "options.bill": _bills,
    "options.stock.contract": _agreement,
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
