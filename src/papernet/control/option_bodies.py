"""The JSON that the calls about options take and give, and how it becomes fields of commands.

Order of work.  As for the other settings: a body names what it changes, and what it leaves out stays.
Invariant.      Whatever is returned here is well formed; only the exchange's own rules can still refuse the command.
Does not.       Know which accounts exist, or what they have.
Rates are fractions of the index ("0.0003" is 0.03 %), below zero when the venue pays; amounts text with at most eight decimals.
"""

from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from papernet.control.bodies import BadBodyError, account_json, amount
from papernet.control.setting_bodies import price
from papernet.core.account import Account
from papernet.core.units import SCALE, format_fixed
from papernet.venues.options.margin import available, equity
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.venue import OptionsVenue

# which way a transfer goes: the sign of what the options wallet gets
_DIRECTIONS: Final = {"to_options": 1, "from_options": -1}


class TransferBody(Struct, forbid_unknown_fields=True):
    """POST /accounts/{name}/transfers: between the spot wallet and the options wallet."""

    asset: str
    amount: str
    direction: str


class OptionSettingsBody(Struct, forbid_unknown_fields=True):
    """POST /accounts/{name}/options; None takes a trade group, or a rate of one's own, away."""

    can_trade: bool | UnsetType = UNSET
    may_write: bool | UnsetType = UNSET
    is_market_maker: bool | UnsetType = UNSET
    trade_group: int | UnsetType | None = UNSET
    maker_rate: str | UnsetType | None = UNSET
    taker_rate: str | UnsetType | None = UNSET


def transferred(body: TransferBody) -> int:
    """Return what a transfer puts into the options wallet; below zero when it takes it out."""
    sign = _DIRECTIONS.get(body.direction)
    if sign is None:
        raise BadBodyError(f"direction: {body.direction[:40]!r} is none of {', '.join(_DIRECTIONS)}")
    return sign * price(body.amount, "amount")


def rate(text: str | UnsetType | None, field: str, standing: int | None) -> int | None:
    """Return an account's rate as a body leaves it; None is that of the underlying."""
    if text is UNSET:
        return standing
    if text is None:
        return None
    number = amount(text, field, signed=True)
    if abs(number) > SCALE:
        raise BadBodyError(f"{field}: {text[:40]!r} is no rate from -1 to 1")
    return number


def account_row(account: Account, venue: OptionsVenue) -> dict[str, Any]:
    """Return an account as the control plane shows it, with what it has and may do on the options venue."""
    portfolio = venue.portfolios.get(account.account_id)
    return {**account_json(account), "options": None if portfolio is None else options_json(venue, portfolio)}


def options_json(venue: OptionsVenue, portfolio: Portfolio) -> dict[str, Any]:
    """Return an account's options wallet and what it may do with options."""
    rates = {"maker_rate": portfolio.maker_rate, "taker_rate": portfolio.taker_rate}
    return {
        "asset": venue.asset,
        "balance": format_fixed(portfolio.balance),
        "equity": format_fixed(equity(venue, portfolio)),
        "available": format_fixed(available(venue, portfolio)),
        "can_trade": portfolio.can_trade,
        "may_write": portfolio.may_write,
        "is_market_maker": portfolio.is_market_maker,
        "trade_group": portfolio.trade_group if portfolio.trade_group >= 0 else None,
        **{field: None if own is None else format_fixed(own) for field, own in rates.items()},
        "positions": {
            symbol: format_fixed(position.quantity) for symbol, position in portfolio.positions.items() if position.quantity
        },
    }
