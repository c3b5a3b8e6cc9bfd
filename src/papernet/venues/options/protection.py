"""A market maker's protection: who trades more within a window than it wanted to is taken off the books for a while.

Order of work.  Execution tells of each fill of a protected order (`note_fill`); once the order that came is done, placing lets
                the protections that were reached `fire`. A freeze ends by time, by a reset, or not by itself at all.
Invariant.      A protection remembers fills of its window only. Settings may be changed at any time: what was seen within the
                window, and a freeze, stay.
Does not.       Touch orders that are not protected.
Source.         European Options: Set Market Maker Protection Config, Reset Market Maker Protection; FAQ: market maker
                protection (executed quantity or net delta at or beyond a limit).
"""

from papernet.core.commands import ResetProtection, SetProtection
from papernet.core.enums import Side
from papernet.core.events import ProtectionTriggered
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE
from papernet.venues.options.changing import cancel_all
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.portfolio import Portfolio, Protection
from papernet.venues.options.turn import OptionTurn

# What `frozen_until` says when nothing but a reset ends a freeze.
_UNTIL_RESET = -1


def note_fill(turn: OptionTurn, portfolio: Portfolio, market: OptionMarket, quantity: int, side: Side) -> bool:
    """Count a fill of a protected order; return whether a limit of the underlying's protection is reached now."""
    protection = portfolio.protections.get(market.contract.underlying)
    if protection is None:
        return False
    delta = market.mark.delta * quantity * market.underlying.unit // SCALE if market.mark is not None else 0
    fills, begin = protection.fills, turn.at - protection.window
    fills.append((turn.at, quantity, delta if side is Side.BUY else -delta))
    while fills[0][0] <= begin:
        del fills[0]
    return (
        sum(fill[1] for fill in fills) >= protection.quantity_limit
        or abs(sum(fill[2] for fill in fills)) >= protection.delta_limit
    )


def fire(turn: OptionTurn, portfolio: Portfolio, underlying: str) -> None:
    """Cancel the protected orders of an underlying, and freeze them out."""
    protection = portfolio.protections[underlying]
    protection.fills.clear()
    protection.triggered_at = turn.at
    protection.frozen_until = turn.at + protection.frozen_for if protection.frozen_for else _UNTIL_RESET
    turn.events.append(ProtectionTriggered(portfolio.account_id, underlying, turn.at))
    cancel_all(turn, portfolio, underlying=underlying, only_protected=True)


def is_frozen(portfolio: Portfolio, underlying: str, at: int) -> bool:
    """Tell whether protected orders of an underlying are kept out at a time."""
    protection = portfolio.protections.get(underlying)
    return protection is not None and (protection.frozen_until == _UNTIL_RESET or at < protection.frozen_until)


def set_protection(turn: OptionTurn, portfolio: Portfolio, command: SetProtection) -> Reject | None:
    """Protect a market maker, or change how; return why not, or None."""
    refusal = _refusal(turn, portfolio, command.underlying)
    if refusal is not None:
        return refusal
    if command.frozen_for < 0 or min(command.window, command.quantity_limit, command.delta_limit) <= 0:
        return Reject(Reason.BAD_AMOUNT)
    protection = Protection(command.window, command.frozen_for, command.quantity_limit, command.delta_limit)
    before = portfolio.protections.get(command.underlying)
    if before is not None:
        protection.fills.extend(before.fills)
        protection.frozen_until, protection.triggered_at = before.frozen_until, before.triggered_at
    portfolio.protections[command.underlying] = protection
    return None


def reset_protection(turn: OptionTurn, portfolio: Portfolio, command: ResetProtection) -> Reject | None:
    """Let a market maker's protected orders in again; return why not, or None."""
    refusal = _refusal(turn, portfolio, command.underlying)
    if refusal is not None:
        return refusal
    protection = portfolio.protections.get(command.underlying)
    if protection is None:
        return Reject(Reason.NO_PROTECTION)
    protection.fills.clear()
    protection.frozen_until = 0
    return None


def _refusal(turn: OptionTurn, portfolio: Portfolio, underlying: str) -> Reject | None:
    if not portfolio.is_market_maker:
        return Reject(Reason.NOT_A_MARKET_MAKER)
    if underlying not in turn.venue.underlyings:
        return Reject(Reason.UNKNOWN_UNDERLYING)
    return None
