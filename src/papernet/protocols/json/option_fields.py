"""What both editions of European Options write alike, but for the style of their numbers: rows that hardly ever changed.

Numbers.        The current edition writes prices and quantities with as many decimals as the scales of the underlying say, the
                older one with eight. Sums, rates, volatilities and greeks have eight in both.
Order of work.  A row is made of JSON's plain values; the encoder writes all of an answer at once.
Source.         European Options, examples of responses.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from msgspec import Raw
from msgspec.json import Encoder

from papernet.app.operations.options import WEIGHT_LIMIT
from papernet.app.queries.option_values import (
    BlockOrderRow,
    BlockTradeRow,
    IndexPrice,
    MarginAccount,
    OpenInterest,
    OptionBlockTrade,
    OptionListing,
    OptionMark,
    OptionsInformation,
    OptionTicker,
    ProtectionRow,
    Terms,
)
from papernet.app.rate_limits import WEIGHT_MINUTES
from papernet.core.dates import MILLISECOND
from papernet.core.enums import BillKind, BlockOrderStatus, OptionKind, OptionSource, RiskLevel, SelfTradeMode, Side
from papernet.core.events import ContractSettled
from papernet.core.units import DIGITS
from papernet.exchange.option_counts import OPTION_ORDER_LIMIT_1M, OPTION_ORDER_LIMIT_10S
from papernet.protocols.json.numbers import amount, average_price, rounded_quotient
from papernet.protocols.json.spellings import spelt
from papernet.venues.options.contracts import Contract, Underlying

Row: TypeAlias = dict[str, Any]

encode: Final = Encoder().encode

KINDS: Final = spelt(OptionKind)
SOURCES: Final = spelt(OptionSource)
BILL_KINDS: Final = spelt(BillKind)
MODES: Final = spelt(SelfTradeMode)
_SIDES: Final = spelt(Side)
_BLOCK_STATUSES: Final = spelt(BlockOrderStatus)
RISK_LEVELS: Final = spelt(RiskLevel)

EMPTY: Final[Row] = {}
AGREED: Final[Row] = {"code": 200, "msg": "success"}

_BUY: Final = Side.BUY
# Places of the milliseconds in a trade's id, beside those of its number.
_NUMBER_BITS: Final = 20


@lru_cache(65_536)
def scaled(value: int, scale: int) -> str:
    """Return units of 10^-8 as text with `scale` decimals, rounded."""
    value = rounded_quotient(value, 10 ** (DIGITS - scale))
    sign, text = "-" if value < 0 else "", str(abs(value)).rjust(scale + 1, "0")
    return f"{sign}{text[:-scale]}.{text[-scale:]}" if scale else sign + text


def shortest(value: int) -> str:
    """Return units of 10^-8 as text without needless decimals."""
    return amount(value).rstrip("0").rstrip(".")


def _with_eight(value: int, _scale: int) -> str:
    return amount(value)


class Style(NamedTuple):
    """How an edition writes numbers: those that an underlying has scales for, by (value, scale), and rules of trading."""

    scaled: Callable[[int, int], str]
    rule: Callable[[int], str]


CURRENT: Final = Style(scaled, shortest)
LEGACY: Final = Style(_with_eight, amount)


def millis(at: int) -> int:
    """Return a time as it is told."""
    return at // MILLISECOND


def side_number(*, taker_bought: bool) -> int:
    """Return a trade's side as a number: who took bought, or sold (Recent Trades List)."""
    return 1 if taker_bought else -1


def unique_id(at: int, trade_id: int) -> int:
    """Return a number that no other trade of a contract has, growing with time; the documents' have as many digits."""
    return millis(at) << _NUMBER_BITS | trade_id % (1 << _NUMBER_BITS)


def scales(terms: Terms) -> Row:
    """Return the decimals of a contract, and its kind."""
    return {"priceScale": terms.price_scale, "quantityScale": terms.quantity_scale, "optionSide": KINDS[terms.kind]}


def of_terms(terms: Terms) -> Row:
    """Return what is told of the contract behind a trade or a position."""
    return {**scales(terms), "quoteAsset": terms.quote_asset}


# ---- what everybody may ask


def server_time(value: int) -> Row:
    """Return the time (Check Server Time)."""
    return {"serverTime": millis(value)}


def nothing(_value: object) -> Row:
    """Return the answer that says no more than that there is one."""
    return EMPTY


def levels(rows: list[tuple[int, int]], terms: Terms, style: Style) -> list[tuple[str, str]]:
    """Return one side of a book (Order Book)."""
    price_scale, quantity_scale, write = terms.price_scale, terms.quantity_scale, style.scaled
    return [(write(price, price_scale), write(quantity, quantity_scale)) for price, quantity in rows]


def block_trades(rows: list[OptionBlockTrade], style: Style) -> list[Row]:
    """Return trades outside the book; what was sold is negative (Recent Block Trades List)."""
    answer = []
    for row in rows:
        sign, terms = side_number(taker_bought=row.taker_bought), row.terms
        answer.append(
            {
                "id": unique_id(row.at, row.trade_id),
                "tradeId": row.trade_id,
                "symbol": terms.symbol,
                "price": style.scaled(row.price, terms.price_scale),
                "qty": style.scaled(sign * row.quantity, terms.quantity_scale),
                "quoteQty": amount(sign * row.quote),
                "side": sign,
                "time": millis(row.at),
            }
        )
    return answer


def marks(rows: list[OptionMark], style: Style) -> list[Row]:
    """Return marks and greeks (Option Mark Price)."""
    return [
        {
            "symbol": row.symbol,
            "markPrice": amount(row.mark.price),
            "bidIV": amount(row.mark.bid_volatility),
            "askIV": amount(row.mark.ask_volatility),
            "markIV": amount(row.mark.volatility),
            "delta": amount(row.mark.delta),
            "theta": amount(row.mark.theta),
            "gamma": amount(row.mark.gamma),
            "vega": amount(row.mark.vega),
            "highPriceLimit": style.scaled(row.high, row.price_scale),
            "lowPriceLimit": style.scaled(row.low, row.price_scale),
            # Marks are made without interest.
            "riskFreeInterest": "0.0",
        }
        for row in rows
    ]


def tickers(rows: list[OptionTicker], style: Style) -> list[Row]:
    """Return statistics of the last 24 hours (24hr Ticker Price Change Statistics)."""
    return [_ticker(row, style) for row in rows]


def _ticker(row: OptionTicker, style: Style) -> Row:
    terms, stats, touch = row.terms, row.stats, row.touch
    change, scale = stats.last - stats.open, terms.price_scale
    return {
        "symbol": terms.symbol,
        "priceChange": style.scaled(change, scale),
        # A fraction, with four decimals.
        "priceChangePercent": scaled(average_price(change, stats.open), 4),
        "lastPrice": style.scaled(stats.last, scale),
        "lastQty": style.scaled(stats.last_quantity, terms.quantity_scale),
        "open": style.scaled(stats.open, scale),
        "high": style.scaled(stats.high, scale),
        "low": style.scaled(stats.low, scale),
        "volume": style.scaled(stats.quantity, terms.quantity_scale),
        "amount": amount(stats.quote),
        "bidPrice": style.scaled(touch.bid_price, scale),
        "askPrice": style.scaled(touch.ask_price, scale),
        "openTime": millis(row.first_at),
        "closeTime": millis(row.last_at),
        "firstTradeId": max(stats.first_id, 0),
        "tradeCount": stats.count,
        "strikePrice": style.rule(terms.strike),
        "exercisePrice": amount(row.exercise_price),
    }


def index(value: IndexPrice) -> Row:
    """Return the price of an underlying (Symbol Price Ticker)."""
    return {"time": millis(value.at), "indexPrice": amount(value.price)}


def settlements(rows: list[ContractSettled], style: Style) -> list[Row]:
    """Return contracts that expired (Historical Exercise Records)."""
    return [
        {
            "symbol": row.symbol,
            "strikePrice": style.rule(row.strike),
            "realStrikePrice": amount(row.settlement_price),
            "expiryDate": millis(row.expiry),
            "strikeResult": "REALISTIC_VALUE_STRICKEN" if row.is_exercised else "EXTRINSIC_VALUE_EXPIRED",
        }
        for row in rows
    ]


def open_interest(rows: list[OpenInterest]) -> list[Row]:
    """Return how much of contracts is held (Open Interest)."""
    return [
        {
            "symbol": row.symbol,
            "sumOpenInterest": shortest(row.quantity),
            "sumOpenInterestUsd": amount(row.value),
            # Text, in every edition.
            "timestamp": str(millis(row.at)),
        }
        for row in rows
    ]


# ---- what trades


def rate_limits() -> list[Row]:
    """Return the limits of requests and orders (Exchange Information)."""
    return [
        {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
        for kind, interval, number, limit in (
            ("REQUEST_WEIGHT", "MINUTE", WEIGHT_MINUTES, WEIGHT_LIMIT),
            ("ORDERS", "MINUTE", 1, OPTION_ORDER_LIMIT_1M),
            ("ORDERS", "SECOND", 10, OPTION_ORDER_LIMIT_10S),
        )
    ]


# A contract's row around its lowest and its highest price, which move.
_Cut = tuple[str, str, str]
_LOW: Final = "@low"
_HIGH: Final = "@high"


class ListingWriter:
    """How an edition writes what trades; what stays the same from reply to reply is written once."""

    def __init__(
        self,
        style: Style,
        rates: Callable[[Underlying], Row],
        more: Callable[[Underlying], Row],
        of_underlying: Callable[[Underlying], Row],
    ) -> None:
        """Write rows of contracts with the rates of their underlying and with `more`; rows of underlyings have more, too."""
        self._style: Final = style
        self._rates: Final = rates
        self._more: Final = more
        self._of_underlying: Final = of_underlying
        self._written: Final[WeakKeyDictionary[OptionListing, tuple[str, list[tuple[_Cut, int]]]]] = WeakKeyDictionary()

    def write(self, value: OptionsInformation) -> Raw:
        """Return the answer (Exchange Information)."""
        listing, write = value.listing, self._style.scaled
        head, cuts = self._written.get(listing) or self._keep(listing)
        rows = [
            f"{before}{write(low, scale)}{between}{write(high, scale)}{behind}"
            for ((before, between, behind), scale), (low, high) in zip(cuts, value.bands, strict=True)
        ]
        begin = f'{{"timezone":"UTC","serverTime":{millis(value.now)},{head}'
        return Raw(f'{begin},"optionSymbols":[{",".join(rows)}],"rateLimits":{encode(rate_limits()).decode()}}}'.encode())

    def _keep(self, listing: OptionListing) -> tuple[str, list[tuple[_Cut, int]]]:
        underlyings = {underlying.name: underlying for underlying in listing.underlyings}
        contracts = [
            {
                "baseAsset": each.base_asset,
                "quoteAsset": each.settle_asset,
                "underlying": each.name,
                "settleAsset": each.settle_asset,
                **self._of_underlying(each),
            }
            for each in listing.underlyings
        ]
        text = encode({"optionContracts": contracts, "optionAssets": [{"name": listing.asset}]}).decode()
        cuts = []
        for contract in listing.contracts:
            underlying = underlyings[contract.underlying]
            row = encode(self._row(contract, underlying)).decode()
            before, _, rest = row.partition(_LOW)
            between, _, behind = rest.partition(_HIGH)
            cuts.append(((before, between, behind), underlying.price_scale))
        kept = self._written[listing] = (text[1:-1], cuts)
        return kept

    def _row(self, contract: Contract, underlying: Underlying) -> Row:
        rule, margins = self._style.rule, underlying.margins
        least, most = rule(underlying.step_size), rule(underlying.limits.quantity_an_order)
        return {
            "expiryDate": millis(contract.expiry),
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": _LOW, "maxPrice": _HIGH, "tickSize": rule(underlying.tick_size)},
                {"filterType": "LOT_SIZE", "minQty": least, "maxQty": most, "stepSize": rule(underlying.step_size)},
            ],
            "symbol": contract.symbol,
            "side": KINDS[contract.kind],
            "strikePrice": rule(contract.strike),
            "underlying": contract.underlying,
            "unit": underlying.unit,
            **self._rates(underlying),
            "liquidationFeeRate": rule(underlying.fees.liquidation),
            "minQty": least,
            "maxQty": most,
            "initialMargin": rule(margins.initial),
            "maintenanceMargin": rule(margins.maintenance),
            "minInitialMargin": rule(margins.min_initial),
            "minMaintenanceMargin": rule(margins.min_maintenance),
            "priceScale": underlying.price_scale,
            "quantityScale": underlying.quantity_scale,
            "quoteAsset": underlying.settle_asset,
            **self._more(underlying),
        }


# ---- an account


def greeks(value: MarginAccount) -> list[Row]:
    """Return the greeks of what is held, by underlying (Option Margin Account Information)."""
    return [
        {
            "underlying": name,
            "delta": amount(delta),
            "gamma": amount(gamma),
            "theta": amount(theta),
            "vega": amount(vega),
        }
        for name, delta, gamma, theta, vega in value.greeks
    ]


def listen_key(text: str, ends_at: int | None) -> Row:
    """Return a listen key, with its end where an edition tells it (Start User Data Stream)."""
    return {"listenKey": text} if ends_at is None else {"listenKey": text, "expiration": millis(ends_at)}


# ---- market makers


def protection(value: ProtectionRow) -> Row:
    """Return a protection (Set Market Maker Protection Config)."""
    return {
        "underlyingId": value.number,
        "underlying": value.underlying,
        "windowTimeInMilliseconds": millis(value.window),
        "frozenTimeInMilliseconds": millis(value.frozen_for),
        "qtyLimit": shortest(value.quantity_limit),
        "deltaLimit": shortest(value.delta_limit),
        "lastTriggerTime": millis(value.triggered_at),
    }


def countdowns(rows: list[tuple[str, int]]) -> Row | list[Row]:
    """Return a countdown by itself, several as an array (Get Auto-Cancel All Open Orders Config)."""
    told = [{"underlying": underlying, "countdownTime": millis(span)} for underlying, span in rows]
    return told if len(told) > 1 else told[0] if told else EMPTY


def heartbeat(names: list[str]) -> Row:
    """Return the underlyings that were heard of (Auto-Cancel All Open Orders Heartbeat)."""
    return {"underlyings": names}


def new_block_order(value: BlockOrderRow) -> Row:
    """Return a block order that was just created (New Block Trade Order)."""
    record, terms = value.record, value.terms
    buys = (record.side is _BUY) is not value.from_other_side
    return {
        "blockTradeSettlementKey": record.key,
        "expireTime": millis(record.expires_at),
        "liquidity": "MAKER" if record.is_maker is not value.from_other_side else "TAKER",
        "status": _BLOCK_STATUSES[record.status],
        "legs": [
            {
                "symbol": record.symbol,
                "side": "BUY" if buys else "SELL",
                "quantity": scaled(record.quantity, terms.quantity_scale),
                "price": scaled(record.price, terms.price_scale),
            }
        ],
    }


def block_order(value: BlockOrderRow) -> Row:
    """Return a block order (Extend, Accept, Query Block Trade Order)."""
    return {**new_block_order(value), "createTime": millis(value.record.created_at)}


def block_orders(rows: list[BlockOrderRow]) -> list[Row]:
    """Return block orders (Query Block Trade Order)."""
    return [block_order(row) for row in rows]


def block_fills(rows: list[BlockTradeRow]) -> list[Row]:
    """Return an account's block trades, whose decimals are numbers (Account Block Trade List)."""
    return [
        {
            "parentOrderId": str(row.fill.order_id),
            "crossType": "USER_BLOCK",
            "legs": [_leg(row)],
            "blockTradeSettlementKey": row.fill.key,
        }
        for row in rows
    ]


def _leg(row: BlockTradeRow) -> Row:
    fill = row.fill
    price, quantity, fee, at = _number(fill.price), _number(fill.quantity), _number(fill.fee), millis(fill.at)
    return {
        "createTime": millis(fill.created_at),
        "updateTime": at,
        "symbol": fill.symbol,
        "orderId": str(fill.order_id),
        "orderPrice": price,
        "orderQuantity": quantity,
        "orderStatus": "FILLED",
        "executedQty": quantity,
        "executedAmount": _number(fill.quote),
        "fee": fee,
        "orderType": "PREV_QUOTED",
        "orderSide": _SIDES[fill.side],
        "id": str(fill.fill_id),
        "tradeId": fill.trade_id,
        "tradePrice": price,
        "tradeQty": quantity,
        "tradeTime": at,
        "liquidity": "MAKER" if fill.is_maker else "TAKER",
        "commission": fee,
    }


def _number(value: int) -> Raw:
    """Return units of 10^-8 as a JSON number, of which no float is made."""
    return Raw(shortest(value).encode())
