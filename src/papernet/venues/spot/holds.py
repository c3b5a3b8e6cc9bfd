"""What open orders hold of the assets that they pay with.

Invariant.      An order on the book holds what the rest of it needs: a buy its notional rounded up, a sell its quantity. One
                that waits holds what it is expected to need. The two orders of a pair hold together what the dearer of them
                needs, on the one that may rest on the book.
Does not.       Know when orders come, change or go.
Source.         faqs/opo.md; what the documents leave open stands in docs/fidelity.md.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.enums import Side
from papernet.core.order import CONTINGENT, Order
from papernet.core.units import notional_ceil
from papernet.venues.spot.market import Market

_BUY: Final = Side.BUY


def paying_asset(market: Market, order: Order) -> str:
    """Return the asset that an order pays with."""
    return market.symbol.quote_asset if order.side is _BUY else market.symbol.base_asset


def release_all(market: Market, account: Account, order: Order) -> None:
    """Give back everything that an order holds."""
    held = order.held
    if held:
        symbol = market.symbol
        balance = account.balances[symbol.quote_asset if order.side is _BUY else symbol.base_asset]
        assert 0 < held <= balance.held
        balance.held -= held
        balance.free += held
        order.held = 0


def no_longer_held(order: Order, moved: int, at_least: int = 0) -> int:
    """Let an order that lost quantity by a fill or a prevented match hold only the rest; return what it holds no longer.

    `moved` is what was paid. What exceeds it goes back to the account: a better price, or the part of a hold that the order
    shared with the other one of a pair; `at_least` is what that one needs, if it lives on.
    """
    remaining = order.quantity - order.cum_quantity - order.prevented
    if order.side is not _BUY:
        needed = remaining
    elif order.price:
        needed = notional_ceil(order.price, remaining)
    else:
        # An order at any price holds what the book asks for; what it does not spend is released at its end.
        needed = order.held - moved
    if at_least > needed:
        needed = min(at_least, order.held - moved)
    no_longer = order.held - needed
    order.held = needed
    return no_longer


def take_hold(market: Market, account: Account, order: Order, need: int) -> bool:
    """Let an order hold what it needs; return False, with nothing held, when that much is not free."""
    symbol = market.symbol
    balance = account.balances.get(symbol.quote_asset if order.side is _BUY else symbol.base_asset)
    if balance is None:
        if need:
            return False
        # What it does not pay with it may yet receive its change in.
        balance = account.balance(paying_asset(market, order))
    if balance.free < need:
        return False
    balance.free -= need
    balance.held += need
    order.held = need
    return True


def need_before_entry(market: Market, order: Order) -> int:
    """Return what an order holds while it waits for its trigger or its working order: of the asset that it pays with.

    A buy whose price is not known yet holds what it would pay at its stop price, or else at the last price.
    """
    quantity = order.leaves + order.reserve
    if order.side is not _BUY:
        return quantity
    terms = order.terms
    price = order.price or terms.price or terms.stop_price or market.last_price
    return notional_ceil(price, quantity)


def pair_carrier(orders: list[Order]) -> Order:
    """Return the one of a pair, or the single order, that holds what any of them needs: the one that may rest on the book."""
    return next((order for order in orders if order.terms.order_type not in CONTINGENT), orders[0])
