"""The JSON that the calls of the fill director take, and how it becomes what the director is asked for.

Invariant.      Whatever is returned here is well formed: of quantity and share at most one is said, prices are above 0.
Does not.       Know which symbols, orders and accounts exist.
Prices, quantities, shares and rates are text with at most eight decimals; spans are text such as "90s".
"""

from typing import Final

from msgspec import Struct

from papernet.control.bodies import BadBodyError, amount
from papernet.control.director import Charge, Which, Wish
from papernet.control.times import SpanText, read_span
from papernet.core.enums import Side
from papernet.core.units import SCALE, parse_fixed

_SIDES: Final = {"": tuple(Side), "both": tuple(Side), "bids": (Side.BUY,), "asks": (Side.SELL,)}
_LEVELS_MAX: Final = 1_000
_PER_CENT: Final = 100


class FillBody(Struct, forbid_unknown_fields=True):
    """POST /fills/fill: an order, and how much of it; without a quantity or a share, all that is left."""

    symbol: str
    order_id: int | None = None
    client_order_id: str = ""
    account: str = ""
    quantity: str | None = None
    share: str | None = None
    price: str | None = None
    through: bool = False
    commission: str | None = None
    commission_asset: str = ""


class TradeThroughBody(Struct, forbid_unknown_fields=True):
    """POST /fills/trade-through."""

    symbol: str
    price: str


class PrintBody(Struct, forbid_unknown_fields=True):
    """POST /fills/print: `side` is the taker's."""

    symbol: str
    price: str
    quantity: str | None = None
    side: str = ""
    through: bool = False


class QuoteBody(Struct, forbid_unknown_fields=True):
    """POST /fills/quote: rows of (price, quantity)."""

    symbol: str
    bids: list[tuple[str, str]] = []
    asks: list[tuple[str, str]] = []


class EmptyBody(Struct, forbid_unknown_fields=True):
    """POST /fills/empty: `side` is "bids", "asks" or "both"."""

    symbol: str
    side: str = ""
    span: SpanText | None = None
    users: bool = False


class WidenBody(Struct, forbid_unknown_fields=True):
    """POST /fills/widen: a spread, a spread in per cent of the price, or the two prices."""

    symbol: str
    spread: str | None = None
    percent: str | None = None
    bid: str | None = None
    ask: str | None = None
    span: SpanText | None = None


class ReleaseBody(Struct, forbid_unknown_fields=True):
    """POST /fills/release."""

    symbol: str


class PayBody(Struct, forbid_unknown_fields=True):
    """POST /fills/commission: what an account pays the house; with a minus sign, what it is paid."""

    account: str
    asset: str
    amount: str


def positive(text: str, field: str) -> int:
    """Return a price or a quantity."""
    number = amount(text, field)
    if not number:
        raise BadBodyError(f"{field}: has to be above 0")
    return number


def which(body: FillBody) -> Which:
    """Return which order is meant."""
    if (body.order_id is None) == (not body.client_order_id):
        raise BadBodyError("say which order: order_id, or client_order_id")
    return Which(body.symbol, body.order_id, body.client_order_id, body.account)


def wish(body: FillBody) -> Wish:
    """Return how much of an order is to be filled, and how."""
    if body.quantity is not None and body.share is not None:
        raise BadBodyError("quantity, share: say one of them")
    quantity = None if body.quantity is None else positive(body.quantity, "quantity")
    share = None if body.share is None else positive(body.share, "share")
    if share is not None and share > SCALE:
        raise BadBodyError("share: from 0 to 1")
    return Wish(quantity, share, None if body.price is None else positive(body.price, "price"), body.through)


def charge(body: FillBody, discount_asset: str) -> Charge | None:
    """Return what the fill is to cost, None for what the account pays anyhow."""
    if body.commission is None:
        if body.commission_asset:
            raise BadBodyError("commission_asset: say what the commission is, too")
        return None
    rate = parse_fixed(body.commission)
    if rate is None or rate > SCALE:
        raise BadBodyError(f"commission: {body.commission[:40]!r} is no rate from 0 to 1 with at most eight decimals")
    if body.commission_asset not in ("", discount_asset):
        raise BadBodyError(f"commission_asset: commissions are paid in what is received, or in {discount_asset}")
    return Charge(rate, in_discount_asset=bool(body.commission_asset))


def taker(text: str) -> Side | None:
    """Return the side of a taker; None when nobody says."""
    if text and text.upper() not in Side.__members__:
        raise BadBodyError(f"side: {text[:40]!r} is neither BUY nor SELL")
    return Side[text.upper()] if text else None


def book_sides(text: str) -> tuple[Side, ...]:
    """Return the sides of a book."""
    sides = _SIDES.get(text.lower())
    if sides is None:
        raise BadBodyError(f"side: {text[:40]!r} is none of bids, asks, both")
    return sides


def levels(rows: list[tuple[str, str]], field: str) -> list[tuple[int, int]]:
    """Return (price, quantity) of what is to rest on a side."""
    if len(rows) > _LEVELS_MAX:
        raise BadBodyError(f"{field}: at most {_LEVELS_MAX} orders")
    return [(positive(price, f"{field}.price"), positive(quantity, f"{field}.quantity")) for price, quantity in rows]


def until(span: SpanText | None, now: int) -> int | None:
    """Return when a span that begins now is over; None: never."""
    return None if span is None else now + read_span(span)


def spread(body: WidenBody, middle: int) -> tuple[int, int] | None:
    """Return (highest bid, lowest ask) around a middle, not rounded; None when the body says the prices themselves."""
    said = [body.spread is not None, body.percent is not None, body.bid is not None or body.ask is not None]
    if sum(said) != 1 or (body.bid is None) != (body.ask is None):
        raise BadBodyError("say how wide: spread, percent, or bid and ask")
    if body.spread is not None:
        wide = positive(body.spread, "spread")
    elif body.percent is not None:
        wide = positive(body.percent, "percent") * middle // (SCALE * _PER_CENT)
    else:
        return None
    if wide >= 2 * middle:
        raise BadBodyError("the spread would leave no room for bids")
    return middle - wide // 2, middle + wide // 2
