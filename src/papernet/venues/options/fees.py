"""What the venue charges: on trades, on exercise, on liquidation.

Order of work.  A rate of the underlying's price, but never more than a share of what the contract itself is worth.
Invariant.      What is charged is rounded down, once a charge, and what an order may cost is rounded up: so an order that could
                be afforded when it was placed can pay any sequence of fills, as long as the index stands still.
Does not.       Take the money.
Units.          Rates, prices, quantities and amounts of 10^-8. The price of a contract has the unit in it, an index has not.
Source.         FAQ: Binance Options trading fees.
"""

from typing import Final

from papernet.core.units import SCALE
from papernet.venues.options.contracts import Underlying
from papernet.venues.options.portfolio import Portfolio

# rate x price x quantity
_CUBE: Final = SCALE * SCALE


def trading_fee(underlying: Underlying, rate: int, index: int, price: int, quantity: int) -> int:
    """Return the fee on a trade at `price`, while the underlying is at `index`; negative rates are rebates."""
    return _of_contract(underlying, rate, index, price) * quantity // _CUBE


def most_of_trading_fee(underlying: Underlying, rate: int, index: int, price: int, quantity: int) -> int:
    """Return what the fees on all trades of an order can be at most, together."""
    return -(-_of_contract(underlying, rate, index, price) * quantity // _CUBE)


def exercise_fee(underlying: Underlying, settlement_price: int, payoff: int, quantity: int) -> int:
    """Return the fee on contracts that are exercised, each of which pays `payoff`."""
    return _of_contract(underlying, underlying.fees.exercise, settlement_price, payoff) * abs(quantity) // _CUBE


def liquidation_fee(underlying: Underlying, index: int, price: int, quantity: int) -> int:
    """Return the fee on contracts that the venue closes at `price`."""
    fees = underlying.fees
    of_index = fees.liquidation * index * underlying.unit
    return min(of_index, fees.max_of_liquidation * price) * abs(quantity) // _CUBE


def most_of_closing(portfolio: Portfolio, underlying: Underlying, index: int, quantity: int) -> int:
    """Return what the venue's closing of contracts costs at most, at whatever price."""
    rate = underlying.fees.liquidation + max(taker_rate(portfolio, underlying), 0)
    return -(-rate * index * underlying.unit * abs(quantity) // _CUBE)


def taker_rate(portfolio: Portfolio, underlying: Underlying) -> int:
    """Return the rate that an account pays when its order takes."""
    return underlying.fees.taker if portfolio.taker_rate is None else portfolio.taker_rate


def maker_rate(portfolio: Portfolio, underlying: Underlying) -> int:
    """Return the rate that an account pays when its order is taken."""
    return underlying.fees.maker if portfolio.maker_rate is None else portfolio.maker_rate


def _of_contract(underlying: Underlying, rate: int, price_of_underlying: int, value: int) -> int:
    """Return what is charged on one contract that is worth `value`, of 10^-16."""
    return min(rate * price_of_underlying * underlying.unit, underlying.fees.max_of_premium * value)
