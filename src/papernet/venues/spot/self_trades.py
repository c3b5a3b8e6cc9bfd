"""Self-trade prevention: what happens instead of a trade between orders of one account or one trade group.

Order of work.  Matching stops before an own order; the mode in effect says which of the two loses how much; the match that did
                not happen is told, then each order that lost something; matching goes on with what is left.
Invariant.      Money changes hands in mode TRANSFER only. An order that lost all it had left is EXPIRED_IN_MATCH.
Does not.       Concern orders whose mode is NONE: they trade.
Source.         faqs/stp_faq.md.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.enums import OrderStatus, SelfTradeMode, Side
from papernet.core.events import OrderExtras, PreventedMatch
from papernet.core.ledger import release
from papernet.core.matching import Offer, is_beyond
from papernet.core.order import OPEN_STATUSES, Order
from papernet.core.order_book import PriceLevel
from papernet.core.order_list import Happening
from papernet.core.units import AMOUNT_MAX, notional_floor
from papernet.venues.spot.ending import close, happened
from papernet.venues.spot.holds import need_before_entry, no_longer_held, paying_asset
from papernet.venues.spot.market import Market
from papernet.venues.spot.turn import Turn
from papernet.venues.spot.venue import Venue

_BUY: Final = Side.BUY
_Mode = SelfTradeMode


class Losses(NamedTuple):
    """Which parts of taker and maker a mode takes: everything that is left, the quantity of the match, or nothing."""

    takes_all_of_taker: bool
    takes_all_of_maker: bool
    takes_match: bool


# faqs/stp_faq, What happens when STP is triggered
_LOSSES: Final = {
    _Mode.EXPIRE_TAKER: Losses(True, False, False),  # noqa: FBT003  a table
    _Mode.EXPIRE_MAKER: Losses(False, True, False),  # noqa: FBT003
    _Mode.EXPIRE_BOTH: Losses(True, True, False),  # noqa: FBT003
    _Mode.DECREMENT: Losses(False, False, True),  # noqa: FBT003
    _Mode.TRANSFER: Losses(False, False, True),  # noqa: FBT003
}


def own_orders(venue: Venue, account: Account, mode: SelfTradeMode | None) -> Callable[[Order], bool] | None:
    """Return what tells the orders that an account's order must not trade with; None when there are none."""
    if not mode:
        return None
    mine, group, accounts = account.account_id, account.trade_group, venue.accounts

    def is_own(resting: Order) -> bool:
        other = resting.terms.account
        return other == mine or (group >= 0 and accounts[other].trade_group == group)

    return is_own


def offers_to(venue: Venue, market: Market, account: Account, side: Side, mode: SelfTradeMode) -> Iterator[Offer]:
    """Yield the offers that an order of an account would meet on a market: the dry run of matching with prevention.

    What uses quantity up without a trade is paid at price 0.
    """
    is_own = own_orders(venue, account, mode)
    assert is_own is not None
    opposite = market.book.opposite(side)
    for key in reversed(opposite.keys):
        level = opposite.levels[key]
        for resting, quantity in _queue(level):
            if not is_own(resting):
                yield level.price, quantity, level.price
            elif mode in (_Mode.EXPIRE_TAKER, _Mode.EXPIRE_BOTH):
                yield level.price, AMOUNT_MAX, 0
            elif mode is _Mode.EXPIRE_MAKER:
                yield level.price, 0, 0
            else:
                is_transfer = mode is _Mode.TRANSFER is resting.terms.self_trade_mode
                is_paid = is_transfer and resting.terms.account != account.account_id
                yield level.price, quantity, level.price if is_paid else 0


def _queue(level: PriceLevel[Order]) -> Iterator[tuple[Order, int]]:
    """Yield who would be met at a level, and with how much: icebergs come again with each part."""
    queue: deque[tuple[Order, int, int]] = deque()
    resting = level.head
    while resting is not None:
        queue.append((resting, resting.leaves, resting.reserve))
        resting = resting.next
    while queue:
        resting, shown, reserve = queue.popleft()
        yield resting, shown
        if reserve:
            part = min(resting.terms.iceberg_quantity, reserve)
            queue.append((resting, part, reserve - part))


def prevent(
    turn: Turn, home: Market, market: Market, order: Order, account: Account, limit: int, is_own: Callable[[Order], bool]
) -> bool:
    """Prevent the match with the own order that stands first, if one does; return whether there is something left to match.

    `home` is the market of the incoming order, `market` the one it is matched on.
    """
    opposite = market.book.opposite(order.side)
    level = opposite.best()
    if level is None or is_beyond(order.side, level.price, limit):
        return False
    resting = level.head
    assert resting is not None
    if not is_own(resting):
        return False
    mode = _mode_in_effect(order, resting)
    losses = _LOSSES[mode]
    quantity = min(order.leaves, resting.leaves)
    matched = quantity if losses.takes_match else 0
    prevented = PreventedMatch(
        home.symbol.name,
        home.next_prevented_match_id,
        turn.at,
        account.account_id,
        resting.terms.account,
        order.order_id,
        resting.order_id,
        market.symbol.name,
        account.trade_group,
        mode,
        level.price,
        quantity,
        order.leaves if losses.takes_all_of_taker else matched,
        resting.leaves + resting.reserve if losses.takes_all_of_maker else matched,
    )
    home.next_prevented_match_id += 1
    _carry_out(turn, home, market, order, resting, level, prevented)
    return order.leaves > 0


def _carry_out(
    turn: Turn,
    home: Market,
    market: Market,
    order: Order,
    resting: Order,
    level: PriceLevel[Order],
    prevented: PreventedMatch,
) -> None:
    """Take from both orders what they lose, and tell of it."""
    accounts = turn.venue.accounts
    account, maker = accounts[prevented.taker_account], accounts[prevented.maker_account]
    taker_lost, maker_lost = prevented.taker_prevented_quantity, prevented.maker_prevented_quantity
    if maker_lost == resting.leaves + resting.reserve:
        market.book.remove(resting)
        resting.leaves = resting.reserve = 0
    elif maker_lost:
        before = level.quantity
        market.book.fill(resting, maker_lost)
        market.book.touched(market.book.opposite(order.side), level, before)
    order.leaves -= taker_lost
    _lose(turn, order, account, taker_lost, prevented.prevented_match_id)
    _lose(turn, resting, maker, maker_lost, prevented.prevented_match_id)
    _move_money(turn, home, market, order, resting, prevented)
    turn.events.append(prevented)
    if taker_lost:
        turn.report_prevented(home, order, prevented)
    if maker_lost:
        turn.report_prevented(market, resting, prevented)
        turn.touch(market, maker)
    if resting.status is OrderStatus.EXPIRED_IN_MATCH:
        close(market, maker, resting)
        if resting.order_list is not None:
            happened(turn, market, resting, Happening.EXPIRED)


def _mode_in_effect(order: Order, resting: Order) -> SelfTradeMode:
    """faqs/stp_faq: the taker's mode decides, but a transfer takes two."""
    mode = order.terms.self_trade_mode
    assert mode
    if mode is _Mode.TRANSFER and resting.terms.self_trade_mode is not _Mode.TRANSFER:
        return _Mode.DECREMENT
    return mode


def _lose(turn: Turn, order: Order, account: Account, quantity: int, match_id: int) -> None:
    if not quantity:
        return
    order.prevented += quantity
    extras = order.extras
    if extras is None:
        extras = OrderExtras(working_at=order.created_at)
    order.extras = replace(
        extras, prevented_quantity=order.prevented, prevented_match_id=match_id, trade_group=account.trade_group
    )
    order.updated_at = turn.at
    if not order.leaves and not order.reserve:
        order.status = OrderStatus.EXPIRED_IN_MATCH


def _move_money(turn: Turn, home: Market, market: Market, order: Order, resting: Order, prevented: PreventedMatch) -> None:
    """Release what the lost quantity held; in mode TRANSFER it goes to the other account, at the maker's price and for free."""
    account, maker = turn.venue.accounts[order.terms.account], turn.venue.accounts[resting.terms.account]
    transfers = prevented.mode is _Mode.TRANSFER and account is not maker
    quote = notional_floor(prevented.price, prevented.quantity)
    for mine, payer, receiver, lost, place, other_place in (
        (order, account, maker, prevented.taker_prevented_quantity, home, market),
        (resting, maker, account, prevented.maker_prevented_quantity, market, home),
    ):
        if not lost:
            continue
        asset = paying_asset(place, mine)
        amount = quote if mine.side is _BUY else prevented.quantity
        no_longer = no_longer_held(mine, amount if transfers else 0, _need_of_twin(place, mine))
        balance = payer.balance(asset)
        if not transfers:
            release(balance, no_longer)
            continue
        ledger = turn.venue.ledger
        given = other_place.symbol.quote_asset if mine.side is _BUY else asset
        ledger.settle(balance, receiver.balance(given), held=no_longer, amount=amount, commission=0, asset=given)
        if given != asset:
            # Smart order routing left the order's own book: the venue converts, as for a trade.
            ledger.convert(amount, asset, given)


def _need_of_twin(market: Market, order: Order) -> int:
    """Return what the other order of a pair needs, for which an open one may hold too."""
    order_list = order.order_list
    pair = order_list.pair() if order_list is not None else []
    if order not in pair or order.status not in OPEN_STATUSES:
        return 0
    twins = [other for other in pair if other is not order and other.status in OPEN_STATUSES]
    return need_before_entry(market, twins[0]) if twins else 0
