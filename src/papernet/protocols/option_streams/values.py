"""What is told on the options venue's streams, before it is written: values of both generations.

Units.          Prices, quantities, volatilities and greeks of 10^-8; times in microseconds UTC.
"""

from msgspec import Struct

from papernet.app.queries.option_values import Terms
from papernet.app.queries.values import Touch
from papernet.core.events import BlockTrade, Trade
from papernet.venues.options.market import Mark


class Print(Struct, frozen=True, gc=False):
    """A trade of a contract. The order ids of one outside the book (`is_block`) are 0."""

    terms: Terms
    trade_id: int
    at: int
    price: int
    quantity: int
    buyer_is_maker: bool
    buyer_order_id: int = 0
    seller_order_id: int = 0
    is_block: bool = False


class BookTop(Struct, frozen=True, gc=False):
    """The best levels of a book; `previous` is its update id when they were told last, `at` when the book changed last."""

    terms: Terms
    previous: int
    update_id: int
    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]
    at: int


class Marked(Struct, frozen=True, gc=False):
    """What a contract is worth. `settlement` is the expected settlement price, 0 but in the half hour before it is made."""

    terms: Terms
    mark: Mark
    index: int
    settlement: int
    touch: Touch
    low: int
    high: int


def print_of(trade: Trade, terms: Terms) -> Print:
    """Return a trade on the book."""
    maker, taker = trade.maker_order_id, trade.taker_order_id
    buyer, seller = (maker, taker) if trade.buyer_is_maker else (taker, maker)
    return Print(terms, trade.trade_id, trade.at, trade.price, trade.quantity, trade.buyer_is_maker, buyer, seller)


def print_of_block(trade: BlockTrade, terms: Terms) -> Print:
    """Return a trade outside the book."""
    return Print(terms, trade.block_trade_id, trade.at, trade.price, trade.quantity, trade.buyer_is_maker, is_block=True)
