"""The naive exchange's commissions (faqs/commission_faq): three parts, each rounded half up, in what is received or in BNB."""

from fractions import Fraction
from math import floor

from tests.support.naive_state import ONE, NaiveMarket, NaiveOrder, NaiveState

DISCOUNT_ASSET = "BNB"


def half_up(amount: Fraction) -> int:
    """Return the nearest whole number, the greater of two as near."""
    return floor(amount + Fraction(1, 2))


def price_in_bnb(state: NaiveState, asset: str) -> Fraction | None:
    """Return what one of an asset is in BNB by the last prices: directly, or through USDT; None when nobody can tell."""
    direct = last_price(state, asset, DISCOUNT_ASSET)
    if direct is not None:
        return direct
    in_usdt, usdt_in_bnb = last_price(state, asset, "USDT"), last_price(state, "USDT", DISCOUNT_ASSET)
    return None if in_usdt is None or usdt_in_bnb is None else in_usdt * usdt_in_bnb


def last_price(state: NaiveState, one: str, other: str) -> Fraction | None:
    """Return what one of an asset is in another by the last price of a market that has both."""
    if one == other:
        return Fraction(1)
    for market in state.markets.values():
        if market.last and (market.rules.base, market.rules.quote) == (other, one):
            return Fraction(ONE, market.last)
    for market in state.markets.values():
        if market.last and (market.rules.base, market.rules.quote) == (one, other):
            return Fraction(market.last, ONE)
    return None


def commission(state: NaiveState, market: NaiveMarket, order: NaiveOrder, amount: int, *, is_maker: bool) -> tuple[int, str]:
    """Return what is to be paid for having received an amount, and in which asset."""
    account = state.accounts[order.terms.account]
    asset = market.receives(order.terms.side)
    nothing = (0, 0, 0, 0)
    rates = account.rates.get(market.name) or account.rates.get("") or (nothing, nothing, nothing)
    parts = [half_up(Fraction(amount * (rate[0 if is_maker else 1] + rate[2 if order.buys else 3]), ONE)) for rate in rates]
    in_bnb = price_in_bnb(state, asset) if account.pays_in_bnb else None
    if in_bnb is not None:
        shares = (Fraction(state.discount, ONE), Fraction(1), Fraction(1))
        discounted = sum(half_up(part * in_bnb * share) for part, share in zip(parts, shares, strict=True))
        if asset == DISCOUNT_ASSET:
            return paid(min(discounted, amount), DISCOUNT_ASSET)
        if state.free(account.number, DISCOUNT_ASSET) >= discounted:
            return paid(discounted, DISCOUNT_ASSET)
    return paid(min(sum(parts), amount), asset)


def paid(amount: int, asset: str) -> tuple[int, str]:
    """Return a commission; the asset of none does not matter."""
    return (amount, asset) if amount else (0, "")


def set_aside_for_pending(order: NaiveOrder, amount: int) -> None:
    """What an OPO's working order is filled with is kept for the pending orders."""
    if pays_for_pending(order):
        assert order.of_list is not None
        order.of_list.received += amount


def charge(state: NaiveState, order: NaiveOrder, received: str, fee: tuple[int, str]) -> None:
    """Take a commission from an order's account.

    faqs/opo.md: it is taken from what was set aside only in BNB, or when nothing else is there.
    """
    account, (amount, asset) = order.terms.account, fee
    if not amount:
        return
    if pays_for_pending(order) and asset == received and (asset == DISCOUNT_ASSET or state.free(account, asset) < amount):
        assert order.of_list is not None
        order.of_list.received -= amount
    state.move(account, asset, -amount)
    state.fees[asset] = state.fees.get(asset, 0) + amount


def pays_for_pending(order: NaiveOrder) -> bool:
    """Tell whether an order pays for pending ones."""
    return order.of_list is not None and order.of_list.pays and order is order.of_list.working()
