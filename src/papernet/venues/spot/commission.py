"""What a fill costs each side, and in which asset.

Order of work.  The received amount times each part of the rates, each rounded to the nearest unit; for an account that pays
                with the discount asset each part is converted into that, and the standard part discounted.
Invariant.      A commission is never more than what is received, or than what is free of the discount asset.
Does not.       Move money.
Source.         faqs/commission_faq.md.
"""

from typing import Final

from papernet.core.account import NO_RATES, Account
from papernet.core.units import SCALE, commission
from papernet.venues.spot.market import Market
from papernet.venues.spot.venue import Venue

# What two assets are compared through when they have no market with each other.
_BRIDGE: Final = "USDT"


def commission_on(account: Account, symbol: str, amount: int, *, is_maker: bool, is_buyer: bool) -> int:
    """Return the commission on a received amount, in the received asset."""
    rates = account.rates_of(symbol)
    if rates is NO_RATES:
        return 0
    standard, special, tax = rates.of(is_maker=is_maker, is_buyer=is_buyer)
    fee = commission(amount, standard)
    if special or tax:
        fee += commission(amount, special) + commission(amount, tax)
    return min(fee, amount)


def discounted(venue: Venue, market: Market, account: Account, asset: str, amount: int, *, is_maker: bool) -> int | None:
    """Return the commission on a received `amount` of `asset` in the discount asset; None when it is not paid with that.

    That is so unless the account and the symbol have the discount, the asset has a price, and enough of it is free.
    """
    rules = venue.rules
    if not (account.pays_with_discount_asset and market.symbol.discount_allowed):
        return None
    is_buyer = asset == market.symbol.base_asset
    rates = account.rates_of(market.symbol.name).of(is_maker=is_maker, is_buyer=is_buyer)
    price = _price(venue, asset)
    if price is None or not any(rates):
        return None
    numerator, denominator = price
    standard, special, tax = (commission(amount, rate) for rate in rates)
    fee = (
        _nearest(standard * numerator * rules.discount_rate, denominator * SCALE)
        + _nearest(special * numerator, denominator)
        + _nearest(tax * numerator, denominator)
    )
    if asset == rules.discount_asset:
        return min(fee, amount)
    return fee if fee <= account.balance(rules.discount_asset).free else None


def _price(venue: Venue, asset: str) -> tuple[int, int] | None:
    """Return how much of the discount asset one unit of an asset is, as a fraction of integers."""
    discount_asset = venue.rules.discount_asset
    if asset == discount_asset:
        return 1, 1
    price = venue.last_price(discount_asset, asset)
    if price:
        return SCALE, price
    price = venue.last_price(asset, discount_asset)
    if price:
        return price, SCALE
    ours, its = venue.last_price(asset, _BRIDGE), venue.last_price(discount_asset, _BRIDGE)
    return (ours, its) if ours and its else None


def _nearest(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
