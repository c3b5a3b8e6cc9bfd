"""Smart order routing: filling one order from several books whose quote assets are worth the same.

Order of work.  The best price of all books comes first; among equal prices the order's own book, then the others as the routing
                lists them. One level is matched at a time. What is left is the order's own book's.
Invariant.      The taker pays or receives its own symbol's quote asset, the makers theirs: the venue converts one to one.
Does not.       Rest, expire or refuse orders.
Source.         faqs/sor_faq.md.
"""

from collections.abc import Iterator
from typing import Final

from papernet.core.account import Account
from papernet.core.enums import SelfTradeMode, Side, SymbolStatus
from papernet.core.matching import Offer, is_beyond, offers
from papernet.core.order import Order
from papernet.core.order_book import PriceLevel
from papernet.venues.spot.execution import execute
from papernet.venues.spot.market import Market
from papernet.venues.spot.self_trades import offers_to, own_orders
from papernet.venues.spot.turn import Turn
from papernet.venues.spot.venue import Venue

_BUY: Final = Side.BUY


def route(turn: Turn, home: Market, order: Order, account: Account, limit: int) -> None:
    """Match an order on all books of its routing down to `limit` (0: at any price)."""
    stops_at = own_orders(turn.venue, account, order.terms.self_trade_mode)
    markets = markets_of(turn.venue, home)
    while order.leaves:
        best = _best(markets, order.side)
        if best is None:
            return
        market, price = best
        if is_beyond(order.side, price, limit):
            return
        execute(turn, home, market, order, account, price, stops_at)
        if market is not turn.market:
            turn.touch_market(market)


def markets_of(venue: Venue, home: Market) -> list[Market]:
    """Return the markets that an order of `home` is routed to: its own first."""
    name = home.symbol.name
    for sor in venue.rules.sors:
        if name in sor.symbols:
            others = [venue.markets[other] for other in sor.symbols if other != name and other in venue.markets]
            return [home, *(market for market in others if market.status is SymbolStatus.TRADING)]
    return [home]


def best_price(venue: Venue, home: Market, side: Side) -> int | None:
    """Return the best price that an order of `side` meets, or None."""
    best = _best(markets_of(venue, home), side)
    return best[1] if best is not None else None


def can_route(venue: Venue, home: Market, side: Side, limit: int, quantity: int) -> bool:
    """Tell whether `quantity` could be filled whole down to `limit` (0: at any price)."""
    for level in _levels(venue, home, side):
        if is_beyond(side, level.price, limit):
            return False
        quantity -= level.quantity + level.hidden
        if quantity <= 0:
            return True
    return False


def offers_routed(venue: Venue, home: Market, account: Account, side: Side, mode: SelfTradeMode) -> list[Offer]:
    """Return the offers of all books that an order of an account would meet, best first."""
    met = [
        offer
        for market in markets_of(venue, home)
        for offer in (offers_to(venue, market, account, side, mode) if mode else offers(market.book.opposite(side)))
    ]
    return sorted(met, key=lambda offer: offer[0], reverse=side is not _BUY)


def _best(markets: list[Market], side: Side) -> tuple[Market, int] | None:
    best: tuple[Market, int] | None = None
    for market in markets:
        level = market.book.opposite(side).best()
        if level is not None and (best is None or (level.price < best[1] if side is _BUY else level.price > best[1])):
            best = market, level.price
    return best


def _levels(venue: Venue, home: Market, side: Side) -> Iterator[PriceLevel[Order]]:
    """Yield the levels of all books, best first."""
    levels = [level for market in markets_of(venue, home) for level in market.book.opposite(side).levels.values()]
    yield from sorted(levels, key=lambda level: level.price, reverse=side is not _BUY)
