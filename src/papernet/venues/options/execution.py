"""Trades of options: premium against position, one side at a time; and what an incoming order takes from a book.

Order of work.  Matching gives the fills between two stops of self-trade prevention; each is told as the trade, then for the
                taker and for the maker premium and fee move, the position changes, the order is brought up to date and told of.
Invariant.      What the buyer pays is what the seller gets, fees go to the ledger. The quantities of all positions in a
                contract add up to 0, and `open_interest` is the sum of those above it.
Does not.       Decide whether an order may enter, rest or expire; nor what becomes of others because it traded: that is told
                to the caller (`Aftermath`), for the book is in motion.
Source.         European Options: New Order, Account Trade List; FAQ: fees, self-trade prevention.
"""

from collections.abc import Callable
from typing import Final

from papernet.core.enums import BillKind, ExecType, OrderStatus, SelfTradeMode, Side, TimeInForce
from papernet.core.events import OptionReport, Trade
from papernet.core.matching import Fill, is_beyond, match
from papernet.core.units import notional_floor
from papernet.venues.options.changing import end_order, forget
from papernet.venues.options.fees import maker_rate, taker_rate, trading_fee
from papernet.venues.options.market import NO_VOLATILITY, OptionMarket, OptionOrder
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.protection import note_fill
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue

_BUY: Final = Side.BUY
_FOK: Final = TimeInForce.FOK
_FILLED: Final = OrderStatus.FILLED
_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
_EXPIRED_IN_MATCH: Final = OrderStatus.EXPIRED_IN_MATCH
_Mode: Final = SelfTradeMode
_ENDS_TAKER: Final = (_Mode.EXPIRE_TAKER, _Mode.EXPIRE_BOTH)
_ENDS_MAKER: Final = (_Mode.EXPIRE_MAKER, _Mode.EXPIRE_BOTH)


class Aftermath:
    """Who traded, and whose protection is to fire, by account id in the order in which it happened."""

    __slots__ = ("to_fire", "traded")

    def __init__(self) -> None:
        """Begin with nobody."""
        self.traded: Final[dict[int, Portfolio]] = {}
        self.to_fire: Final[dict[int, Portfolio]] = {}


def exchange_premium(
    turn: OptionTurn, market: OptionMarket, portfolio: Portfolio, side: Side, price: int, quantity: int, fee: int
) -> int:
    """Let a portfolio buy or sell at a price; return what that earned on the part of a position that it closed, before fees."""
    symbol, asset = market.contract.symbol, market.underlying.settle_asset
    premium = notional_floor(price, quantity)
    paid, change = (premium, quantity) if side is _BUY else (-premium, -quantity)
    position = portfolio.position(symbol)
    before = position.quantity
    realized, opened_cost = 0, paid
    if before and (before < 0) == (change > 0):
        closed = min(abs(before), quantity)
        opened_cost = paid * (quantity - closed) // quantity
        cost_of_closed = position.cost * closed // abs(before)
        realized = opened_cost - paid - cost_of_closed
        position.cost -= cost_of_closed
    position.cost += opened_cost
    position.quantity = before + change
    position.updated_at = turn.at
    market.open_interest += max(position.quantity, 0) - max(before, 0)
    turn.touch(portfolio, BillKind.CONTRACT, symbol)
    turn.pay(portfolio, -paid, BillKind.CONTRACT, asset, symbol)
    turn.pay(portfolio, -fee, BillKind.FEE, asset, symbol)
    turn.venue.ledger.earn(asset, fee)
    portfolio.drop_if_empty(symbol)
    return realized


def execute(turn: OptionTurn, market: OptionMarket, portfolio: Portfolio, order: OptionOrder) -> Aftermath:
    """Match an order that is on no book, and settle its fills; what is left of it has `leaves`, or is EXPIRED_IN_MATCH."""
    aftermath = Aftermath()
    is_own = _own_orders(turn.venue, portfolio, order)
    turn.changed(market)
    while True:
        for fill in match(market.book, order, order.price, is_own):
            _settle(turn, market, portfolio, order, fill, aftermath)
        if is_own is None or not order.leaves or not _prevent(turn, market, order, is_own):
            return aftermath


def _settle(
    turn: OptionTurn,
    market: OptionMarket,
    portfolio: Portfolio,
    order: OptionOrder,
    fill: Fill[OptionOrder],
    aftermath: Aftermath,
) -> None:
    """Settle one fill and tell of it."""
    resting, price, quantity = fill
    venue, at, side = turn.venue, turn.at, order.side
    maker = venue.portfolios[resting.terms.account]
    quote = notional_floor(price, quantity)
    trade_id = market.next_trade_id
    market.next_trade_id += 1
    market.last_price, market.last_quantity, market.last_at = price, quantity, at
    turn.events.append(
        Trade(market.contract.symbol, trade_id, at, price, quantity, quote, side is not _BUY, order.order_id, resting.order_id)
    )
    fee = _fee(venue, market, portfolio, order, (price, quantity), is_maker=False)
    earned = exchange_premium(turn, market, portfolio, side, price, quantity, fee)
    _report(turn, market, order, (price, quantity, quote, fee, earned, trade_id), is_maker=False)
    fee = _fee(venue, market, maker, resting, (price, quantity), is_maker=True)
    earned = exchange_premium(turn, market, maker, resting.side, price, quantity, fee)
    maker.lower_open(resting, quantity)
    _report(turn, market, resting, (price, quantity, quote, fee, earned, trade_id), is_maker=True)
    if not resting.leaves:
        forget(market, maker, resting)
    for one, its in ((portfolio, order), (maker, resting)):
        aftermath.traded[one.account_id] = one
        if its.terms.is_protected and note_fill(turn, one, market, quantity, its.side):
            aftermath.to_fire[one.account_id] = one


def _fee(
    venue: OptionsVenue,
    market: OptionMarket,
    portfolio: Portfolio,
    order: OptionOrder,
    fill: tuple[int, int],
    *,
    is_maker: bool,
) -> int:
    """Return the fee on a fill of (price, quantity).

    The index, and the fee with it, may have risen since a resting order bound all that its account has: the venue lets go of
    what would then be a debt, for which positions would have to be closed.
    """
    price, quantity = fill
    rate = (maker_rate if is_maker else taker_rate)(portfolio, market.underlying)
    fee = trading_fee(market.underlying, rate, venue.reference_price(market), price, quantity)
    if not portfolio.is_user or order.side is not _BUY:
        return fee
    return min(fee, max(portfolio.balance - notional_floor(price, quantity), 0))


def _report(
    turn: OptionTurn,
    market: OptionMarket,
    order: OptionOrder,
    numbers: tuple[int, int, int, int, int, int],
    *,
    is_maker: bool,
) -> None:
    """Bring an order up to date with a fill of (price, quantity, quote, fee, earned, trade id), and tell of it."""
    price, quantity, quote, fee, earned, trade_id = numbers
    order.cum_quantity += quantity
    order.cum_quote += quote
    order.fee += fee
    order.status = _FILLED if order.cum_quantity == order.terms.quantity else _PARTIALLY_FILLED
    order.updated_at = turn.at
    venue = turn.venue
    fill_id = venue.next_fill_id
    venue.next_fill_id += 1
    volatility = market.mark.volatility if market.mark is not None else NO_VOLATILITY
    turn.events.append(
        OptionReport(
            order.record(),
            ExecType.TRADE,
            turn.at,
            quantity,
            price,
            quote,
            fee,
            earned,
            trade_id,
            fill_id,
            is_maker,
            volatility,
        )
    )


def _own_orders(venue: OptionsVenue, portfolio: Portfolio, order: OptionOrder) -> Callable[[OptionOrder], bool] | None:
    """Return what tells the orders that an order must not trade with; None when it may trade with all."""
    mode = order.terms.self_trade_mode
    # FAQ, self-trade prevention: it is for orders that are good till cancelled, or immediate or cancel.
    if mode is _Mode.NONE or order.terms.time_in_force is _FOK:
        return None
    assert mode in _ENDS_TAKER or mode in _ENDS_MAKER, mode
    mine, group, portfolios = portfolio.account_id, portfolio.trade_group, venue.portfolios

    def is_own(resting: OptionOrder) -> bool:
        other = resting.terms.account
        return other == mine or (group >= 0 and portfolios[other].trade_group == group)

    return is_own


def _prevent(turn: OptionTurn, market: OptionMarket, order: OptionOrder, is_own: Callable[[OptionOrder], bool]) -> bool:
    """End what the mode says instead of a trade with the own order that stands first; return whether matching goes on."""
    level = market.book.opposite(order.side).best()
    if level is None or is_beyond(order.side, level.price, order.price):
        return False
    resting = level.head
    assert resting is not None
    assert is_own(resting)
    mode = order.terms.self_trade_mode
    if mode in _ENDS_MAKER:
        owner = turn.venue.portfolios[resting.terms.account]
        end_order(turn, owner, resting, _EXPIRED_IN_MATCH, ExecType.EXPIRED)
    if mode in _ENDS_TAKER:
        order.status = _EXPIRED_IN_MATCH
        return False
    return True
