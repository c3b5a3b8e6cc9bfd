"""Expiry: the contracts of a day are settled in cash at the mean of their underlying's index, and are gone.

Order of work.  Open orders end first, then every position is paid what its contract is worth: holders get it, and pay the
                exercise fee out of it; writers pay it. Then the contracts are told of and taken off.
Invariant.      No money is made: holders get amounts rounded down, writers pay them rounded up, and the venue earns the dust
                between them, and the fees. No position and no order is left on a contract that is gone.
Does not.       Look at what is left of a portfolio: `risk` does once everything that expires at the time is settled.
Source.         FAQ: exercise of options, settlement price, exercise fee; European Options: Option Position and Exercise Record.
"""

from papernet.core.enums import BillKind, ExecType, OrderStatus
from papernet.core.events import ContractSettled, PositionExercised
from papernet.core.units import SCALE
from papernet.venues.options.changing import end_order
from papernet.venues.options.fees import exercise_fee
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn


def settle(turn: OptionTurn, underlying: str, expiry: int) -> None:
    """Settle the contracts on an underlying that expire now; its index has been held until then."""
    venue = turn.venue
    price = venue.indexes[underlying].settle()
    markets = {symbol: venue.markets[symbol] for symbol in venue.by_expiry.get(underlying, {}).get(expiry, ())}
    if not markets:
        return
    for market in markets.values():
        for order in list(market.orders.values()):
            end_order(turn, venue.portfolios[order.terms.account], order, OrderStatus.EXPIRED, ExecType.EXPIRED)
    for portfolio in venue.portfolios.values():
        for symbol in [symbol for symbol in portfolio.positions if symbol in markets]:
            _exercise(turn, portfolio, markets[symbol], price)
    for market in venue.drop(underlying, expiry):
        contract = market.contract
        is_exercised = contract.payoff(price, market.underlying.unit) > 0
        turn.events.append(ContractSettled(contract.symbol, underlying, contract.strike, expiry, price, is_exercised))
    venue.listing_version += 1


def _exercise(turn: OptionTurn, portfolio: Portfolio, market: OptionMarket, price: int) -> None:
    """Pay for a position, and end it."""
    venue, contract, underlying = turn.venue, market.contract, market.underlying
    quantity = portfolio.positions.pop(contract.symbol).quantity
    payoff = contract.payoff(price, underlying.unit)
    # Rounded towards less for holders (down) and for writers, whose quantity is negative (up).
    amount = payoff * quantity // SCALE
    # FAQ, Options fees: the exercise fee is for exercising; a writer does not.
    fee = exercise_fee(underlying, price, payoff, quantity) if quantity > 0 else 0
    asset = underlying.settle_asset
    turn.touch(portfolio, BillKind.EXERCISE_PNL, contract.symbol)
    turn.pay(portfolio, amount, BillKind.EXERCISE_PNL, asset, contract.symbol)
    turn.pay(portfolio, -fee, BillKind.EXERCISE_FEE, asset, contract.symbol)
    venue.ledger.earn(asset, fee - amount)
    if portfolio.is_user:
        mark = market.mark_price(price)
        number, at = venue.next_exercise_id, turn.at
        turn.events.append(
            PositionExercised(portfolio.account_id, number, contract.symbol, at, price, mark, quantity, amount, fee)
        )
        venue.next_exercise_id += 1
