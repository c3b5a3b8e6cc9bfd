"""Trades: settling the fills of one incoming order, one by one, and telling both sides.

Order of work.  Matching gives the fills between two stops of self-trade prevention; each fill moves money, brings both orders
                and the market up to date, and is told as the trade, the taker's report and the maker's report; then members of
                order lists draw their conclusions.
Invariant.      After each fill both orders hold what the rest of them needs. Base and quote change hands in the same step.
Does not.       Decide whether an order may enter, rest or expire.
Source.         rest-api.md, New order; faqs/commission_faq.md; faqs/opo.md.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from papernet.core.account import NO_RATES, Account
from papernet.core.enums import OrderStatus, Side, WorkingFloor
from papernet.core.events import Allocation, Trade
from papernet.core.ledger import hold
from papernet.core.matching import Fill, match
from papernet.core.order import Order
from papernet.core.order_list import PAYING, Happening
from papernet.core.units import notional_floor
from papernet.venues.spot import self_trades
from papernet.venues.spot.commission import commission_on, discounted
from papernet.venues.spot.ending import close, happened
from papernet.venues.spot.holds import no_longer_held
from papernet.venues.spot.market import Market
from papernet.venues.spot.turn import Turn

_BUY: Final = Side.BUY
_FILLED: Final = OrderStatus.FILLED
_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED


def execute(
    turn: Turn,
    home: Market,
    market: Market,
    order: Order,
    account: Account,
    limit: int,
    stops_at: Callable[[Order], bool] | None,
) -> None:
    """Match an order of `home` on `market` down to `limit` (0: at any price) and settle its fills.

    Resting orders for which `stops_at` holds are its own: they do not trade with it.
    """
    while True:
        for resting, price, quantity in match(market.book, order, limit, stops_at):
            _fill(turn, home, market, order, account, (resting, price, quantity))
        if stops_at is None or not order.leaves:
            return
        if not self_trades.prevent(turn, home, market, order, account, limit, stops_at):
            return


def _fill(turn: Turn, home: Market, market: Market, order: Order, account: Account, matched: Fill[Order]) -> None:
    """Settle one fill and tell of it."""
    resting, price, quantity = matched
    maker = turn.venue.accounts[resting.terms.account]
    quote = notional_floor(price, quantity)
    order.cum_quantity += quantity
    order.cum_quote += quote
    resting.cum_quantity += quantity
    resting.cum_quote += quote
    fees = _settle(turn, home, market, order, account, resting, maker, (quantity, quote))
    order.status = _FILLED if order.cum_quantity + order.prevented == order.quantity else _PARTIALLY_FILLED
    resting.status = _FILLED if resting.cum_quantity + resting.prevented == resting.quantity else _PARTIALLY_FILLED
    order.updated_at = resting.updated_at = turn.at
    if resting.extras is not None and resting.extras.floor is WorkingFloor.SOR:
        resting.extras = replace(resting.extras, floor=WorkingFloor.EXCHANGE)
    trade_id = market.next_trade_id
    market.next_trade_id += 1
    at = turn.at
    fired = market.traded(at, price, quantity, quote)
    if fired:
        turn.defer(*fired)
    fill = (price, quantity, quote)
    side = order.side
    if not order.terms.uses_sor:
        turn.events.append(
            Trade(market.symbol.name, trade_id, at, price, quantity, quote, side is not _BUY, order.order_id, resting.order_id)
        )
        turn.report_fill(market, order, fill, fees[0], trade_id, False)  # noqa: FBT003  positional for speed
    else:
        _allocate(turn, home, market, order, resting, fill, fees[0], trade_id)
    turn.report_fill(market, resting, fill, fees[1], trade_id, True)  # noqa: FBT003  positional for speed
    if market is turn.market:
        turn.touched[maker.account_id] = maker
    else:
        turn.touch(market, maker)
    if order.cum_quantity == quantity:
        turn.note_first_fill(account.account_id, False)  # noqa: FBT003  as above
    if resting.cum_quantity == quantity:
        turn.note_first_fill(maker.account_id, True)  # noqa: FBT003  as above
    if resting.status is _FILLED:
        close(market, maker, resting)
    if order.order_list is not None:
        _after_fill(turn, market, order, account, quantity, fees[0])
    if resting.order_list is not None:
        _after_fill(turn, market, resting, maker, quantity, fees[1])


def _settle(
    turn: Turn,
    home: Market,
    market: Market,
    order: Order,
    taker: Account,
    resting: Order,
    maker: Account,
    amounts: tuple[int, int],
) -> tuple[tuple[int, str, int], tuple[int, str, int]]:
    """Move base to the buyer and quote to the seller; return the taker's and the maker's `_fee`.

    The taker's quote asset is that of its own symbol, which smart order routing may have left.
    """
    quantity, quote = amounts
    base_asset, quote_asset = market.symbol.base_asset, market.symbol.quote_asset
    taker_quote_asset = home.symbol.quote_asset
    ledger = turn.venue.ledger
    taker_spent = no_longer_held(order, quote)
    maker_spent = no_longer_held(resting, quote)
    taker_pays = taker.rates is not NO_RATES or taker.symbol_rates
    maker_pays = maker.rates is not NO_RATES or maker.symbol_rates
    if order.side is _BUY:
        taker_fee = _fee(turn, home, taker, base_asset, quantity, is_maker=False) if taker_pays else (0, base_asset, 0)
        maker_fee = _fee(turn, market, maker, quote_asset, quote, is_maker=True) if maker_pays else (0, quote_asset, 0)
        payer, receiver = taker.balances[taker_quote_asset], maker.balance(quote_asset)
        ledger.settle(payer, receiver, taker_spent, quote, maker_fee[2], quote_asset)
        payer, receiver = maker.balances[base_asset], taker.balance(base_asset)
        ledger.settle(payer, receiver, maker_spent, quantity, taker_fee[2], base_asset)
        if taker_quote_asset != quote_asset:
            ledger.convert(quote, taker_quote_asset, quote_asset)
    else:
        taker_fee = (
            _fee(turn, home, taker, taker_quote_asset, quote, is_maker=False) if taker_pays else (0, taker_quote_asset, 0)
        )
        maker_fee = _fee(turn, market, maker, base_asset, quantity, is_maker=True) if maker_pays else (0, base_asset, 0)
        payer, receiver = maker.balances[quote_asset], taker.balance(taker_quote_asset)
        ledger.settle(payer, receiver, maker_spent, quote, taker_fee[2], taker_quote_asset)
        payer, receiver = taker.balances[base_asset], maker.balance(base_asset)
        ledger.settle(payer, receiver, taker_spent, quantity, maker_fee[2], base_asset)
        if taker_quote_asset != quote_asset:
            ledger.convert(quote, quote_asset, taker_quote_asset)
    return taker_fee, maker_fee


def _fee(turn: Turn, market: Market, account: Account, asset: str, amount: int, *, is_maker: bool) -> tuple[int, str, int]:
    """Return an account's commission on a received amount: (commission, its asset, what is taken out of the amount)."""
    if account.pays_with_discount_asset:
        rules = turn.venue.rules
        fee = discounted(turn.venue, market, account, asset, amount, is_maker=is_maker)
        if fee is not None:
            if asset == rules.discount_asset:
                return fee, asset, fee
            turn.venue.ledger.collect(account.balance(rules.discount_asset), fee, rules.discount_asset)
            turn.touch_asset(account.account_id, rules.discount_asset)
            return fee, rules.discount_asset, 0
    is_buyer = asset == market.symbol.base_asset
    fee = commission_on(account, market.symbol.name, amount, is_maker=is_maker, is_buyer=is_buyer)
    return fee, asset, fee


def _allocate(
    turn: Turn,
    home: Market,
    market: Market,
    order: Order,
    resting: Order,
    fill: tuple[int, int, int],
    fee: tuple[int, str, int],
    trade_id: int,
) -> None:
    """Tell of a fill by smart order routing: the maker traded with the venue, the taker got an allocation (faqs/sor_faq)."""
    price, quantity, quote = fill
    taker_order_id = order.order_id
    if market is not home:
        # The venue's own order on the other book takes an id of that book's.
        taker_order_id = market.next_order_id
        market.next_order_id += 1
    is_buy = order.side is _BUY
    turn.events.append(
        Trade(market.symbol.name, trade_id, turn.at, price, quantity, quote, not is_buy, taker_order_id, resting.order_id)
    )
    allocation_id = home.next_allocation_id
    home.next_allocation_id += 1
    turn.events.append(
        Allocation(
            home.symbol.name,
            allocation_id,
            order.terms.account,
            order.order_id,
            turn.at,
            price,
            quantity,
            quote,
            fee[0],
            fee[1],
            is_buy,
        )
    )
    turn.report_fill(home, order, fill, fee, -1, False, allocation_id)  # noqa: FBT003  positional for speed


def _after_fill(turn: Turn, market: Market, order: Order, account: Account, quantity: int, fee: tuple[int, str, int]) -> None:
    """Let the list of a filled order draw its conclusions."""
    order_list = order.order_list
    assert order_list is not None
    if order_list.kind in PAYING and order is order_list.orders[0]:
        _keep_for_pending(turn, market, order, account, quantity, fee)
    happened(turn, market, order, Happening.FILLED if order.status is _FILLED else Happening.PARTIALLY_FILLED)


def _keep_for_pending(
    turn: Turn, market: Market, order: Order, account: Account, quantity: int, fee: tuple[int, str, int]
) -> None:
    """Hold what the working order of an OPO received for its pending orders.

    faqs/opo: the commission comes out of what is free instead, if that suffices and the received asset is not the discount
    asset.
    """
    order_list = order.order_list
    assert order_list is not None
    asset = market.symbol.base_asset
    commission = fee[0] if fee[1] == asset else 0
    balance = account.balance(asset)
    received = quantity - commission
    if asset != turn.venue.rules.discount_asset and balance.free >= quantity:
        received = quantity
    pending = order_list.pending()[0]
    hold(balance, received)
    pending.held += received
