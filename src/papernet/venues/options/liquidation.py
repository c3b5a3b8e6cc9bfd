"""Liquidation: what a portfolio can no longer answer for is closed, until it can.

Order of work.  All open orders are cancelled. Then one position after the other is closed as a whole: the short one with the
                greatest maintenance margin, while the initial margins are not covered; after that the most valuable long one,
                while the balance is below zero. A position is closed in the book as far as the price band and the portfolio's
                equity reach; the house takes what is left at the mark. At last the venue puts in what is missing.
Invariant.      Every step ends a position and none begins one, so there are at most as many steps as positions. Afterwards the
                portfolio has no short position or covers its initial margins, and its balance is not below zero; what that cost
                the venue is in `venue.shortfall`: nothing, unless the equity was below the fees before.
Does not.       Decide when: `risk` does.
Source.         FAQ: short selling of options, options fees (liquidation fee); the order of closing is papernet's own.
"""

from papernet.core.commands import OptionTerms
from papernet.core.enums import BillKind, ExecType, OptionSource, SelfTradeMode, Side, TimeInForce
from papernet.core.events import Liquidated, OptionReport
from papernet.core.units import SCALE
from papernet.venues.options.changing import cancel_all
from papernet.venues.options.execution import exchange_premium
from papernet.venues.options.fees import liquidation_fee, most_of_closing
from papernet.venues.options.margin import adjusted_equity, equity, initial_margin, maintenance_of_short
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.placing import place
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.price_band import band
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue


def liquidate(turn: OptionTurn, portfolio: Portfolio) -> None:
    """Close what has to be closed of a portfolio."""
    cancel_all(turn, portfolio)
    while (market := _next_to_close(turn.venue, portfolio)) is not None:
        _close(turn, portfolio, market)
    if portfolio.balance < 0:
        _cover(turn, portfolio)


def _next_to_close(venue: OptionsVenue, portfolio: Portfolio) -> OptionMarket | None:
    """Return the contract whose position is to be closed next, or None when nothing has to be."""
    markets, positions = venue.markets, portfolio.positions
    # what speaks for closing a position: (how much, contract)
    reasons: list[tuple[int, str]] = []
    if adjusted_equity(venue, portfolio) < initial_margin(venue, portfolio):
        reasons = [
            (maintenance_of_short(venue, markets[symbol], -position.quantity), symbol)
            for symbol, position in positions.items()
            if position.quantity < 0
        ]
    if not reasons and portfolio.balance < 0:
        values = [(venue.mark_price(markets[symbol]) * position.quantity, symbol) for symbol, position in positions.items()]
        reasons = [reason for reason in values if reason[0] > 0]
    return markets[max(reasons)[1]] if reasons else None


def _close(turn: OptionTurn, portfolio: Portfolio, market: OptionMarket) -> None:
    """Close a position."""
    symbol, index = market.contract.symbol, turn.venue.reference_price(market)
    asset = market.underlying.settle_asset
    sign = 1 if portfolio.positions[symbol].quantity > 0 else -1
    for price, quantity in [*_to_the_book(turn, portfolio, market), *_to_the_house(turn, portfolio, market)]:
        fee = liquidation_fee(market.underlying, index, price, quantity)
        turn.pay(portfolio, -fee, BillKind.LIQUIDATION_FEE, asset, symbol)
        turn.venue.ledger.earn(asset, fee)
        turn.events.append(Liquidated(portfolio.account_id, turn.at, symbol, sign * quantity, price, fee))


def _to_the_book(turn: OptionTurn, portfolio: Portfolio, market: OptionMarket) -> list[tuple[int, int]]:
    """Close what the book takes of a position; return the fills as (price, quantity)."""
    quantity = portfolio.positions[market.contract.symbol].quantity
    worst = _worst_price(turn.venue, portfolio, market)
    if not worst:
        return []
    terms = OptionTerms(
        portfolio.account_id,
        market.contract.symbol,
        Side.SELL if quantity > 0 else Side.BUY,
        abs(quantity),
        worst,
        TimeInForce.IOC,
        # Nothing may keep the venue from what rests there.
        self_trade_mode=SelfTradeMode.NONE,
    )
    begin = len(turn.events)
    refusal = place(turn, portfolio, terms, OptionSource.LIQUIDATION)
    assert refusal is None, refusal
    return [
        (event.last_price, event.last_quantity)
        for event in turn.events[begin:]
        if isinstance(event, OptionReport)
        and event.exec_type is ExecType.TRADE
        and event.record.source is OptionSource.LIQUIDATION
    ]


def _worst_price(venue: OptionsVenue, portfolio: Portfolio, market: OptionMarket) -> int:
    """Return at which price a position may be closed in the book at worst; 0: at none.

    Whoever quotes far from the mark gets no more than the portfolio has: else the venue would pay them.
    """
    position, (low, high), mark = portfolio.positions[market.contract.symbol], band(venue, market), venue.mark_price(market)
    fees = sum(
        most_of_closing(portfolio, other.underlying, venue.reference_price(other), held.quantity)
        for other, held in ((venue.markets[symbol], held) for symbol, held in portfolio.positions.items())
    )
    spare = max(equity(venue, portfolio) - fees, 0) * SCALE // abs(position.quantity)
    tick = market.underlying.tick_size
    if position.quantity > 0:
        return min(max(low, -((spare - mark) // tick) * tick), high)
    worst = min(high, (mark + spare) // tick * tick)
    return worst if worst >= low else 0


def _to_the_house(turn: OptionTurn, portfolio: Portfolio, market: OptionMarket) -> list[tuple[int, int]]:
    """Let the house take what is left of a position; return that as (price, quantity)."""
    position = portfolio.positions.get(market.contract.symbol)
    if position is None:
        return []
    price, quantity = turn.venue.mark_price(market), abs(position.quantity)
    side, other = (Side.SELL, Side.BUY) if position.quantity > 0 else (Side.BUY, Side.SELL)
    exchange_premium(turn, market, portfolio, side, price, quantity, 0)
    exchange_premium(turn, market, turn.venue.portfolio(turn.venue.house, turn.at), other, price, quantity, 0)
    return [(price, quantity)]


def _cover(turn: OptionTurn, portfolio: Portfolio) -> None:
    """Put in what is missing."""
    venue, missing = turn.venue, -portfolio.balance
    turn.pay(portfolio, missing, BillKind.SHORTFALL, venue.asset)
    venue.ledger.earn(venue.asset, -missing)
    venue.shortfall += missing
