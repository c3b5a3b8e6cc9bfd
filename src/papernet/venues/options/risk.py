"""Whether a portfolio still answers for what it wrote, and what follows when it does not.

Order of work.  Orders to buy that the balance can no longer pay are cancelled, the newest first. Below its initial margins a
                portfolio may only reduce; below its maintenance margins it is liquidated, and then looked at once more.
Invariant.      After a look the balance is not below zero and pays the premiums of all open orders, maintenance margins are
                covered, and the level is what the margins say: NORMAL without any short position.
Does not.       Look at the crowd, which is rich enough by definition.
Cost.           O(positions); two comparisons a position where nothing is written.
Source.         FAQ: short selling of options; User Data Streams: Risk Level Change.
"""

from papernet.core.enums import ExecType, OrderStatus, RiskLevel, Side
from papernet.core.events import RiskLevelChanged
from papernet.core.units import SCALE
from papernet.venues.options.changing import end_order
from papernet.venues.options.liquidation import liquidate
from papernet.venues.options.margin import adjusted_equity, initial_margin, maintenance_margin
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn


def assess(turn: OptionTurn, portfolio: Portfolio) -> None:
    """Look at a portfolio's margins and do what they ask for."""
    if not portfolio.is_user:
        return
    _end_unpayable(turn, portfolio)
    writes = any(position.quantity < 0 for position in portfolio.positions.values())
    is_fine = portfolio.level is RiskLevel.NORMAL and portfolio.balance >= 0
    if (writes or not is_fine) and not _answers(turn, portfolio):
        liquidate(turn, portfolio)
        _answers(turn, portfolio)


def assess_all(turn: OptionTurn) -> None:
    """Look at the margins of every portfolio."""
    # Liquidation may open the house's portfolio.
    for portfolio in list(turn.venue.portfolios.values()):
        assess(turn, portfolio)


def _end_unpayable(turn: OptionTurn, portfolio: Portfolio) -> None:
    """Cancel orders to buy until the balance pays the premiums of those that are left.

    An order is taken when it can be paid; a settlement or a loss may have taken the money since. Filled, it would be a debt.
    """
    missing = sum(position.bid_value for position in portfolio.positions.values()) - max(portfolio.balance, 0) * SCALE
    if missing <= 0:
        return
    for order in [order for order in reversed(portfolio.open_orders.values()) if order.side is Side.BUY]:
        if missing > 0:
            missing -= order.price * order.leaves
            end_order(turn, portfolio, order, OrderStatus.CANCELED, ExecType.CANCELED)


def _answers(turn: OptionTurn, portfolio: Portfolio) -> bool:
    """Bring the level up to date, and tell whether the portfolio still answers for what it wrote."""
    venue = turn.venue
    answering, maintenance = adjusted_equity(venue, portfolio), maintenance_margin(venue, portfolio)
    level = RiskLevel.NORMAL if answering >= initial_margin(venue, portfolio) else RiskLevel.REDUCE_ONLY
    if level is not portfolio.level:
        portfolio.level = level
        turn.events.append(RiskLevelChanged(portfolio.account_id, turn.at, level, answering, maintenance))
    return answering >= maintenance and portfolio.balance >= 0
