"""From parameters that were read and checked to commands about options: one builder per operation that changes something.

Several.        A builder of several commands passes on what is wrong with an element, in the element's place.
Source.         European Options: Trade, Market Maker Endpoints, Market Maker Block Trade.
"""

from collections.abc import Mapping
from typing import Any, Final

from papernet.app.faults import Fault
from papernet.core.commands import (
    AcceptBlockOrder,
    CancelOption,
    CancelOptions,
    ChangeBlockOrder,
    Command,
    CreateBlockOrder,
    OptionTerms,
    PlaceOption,
    RefreshCountdowns,
    ResetProtection,
    SetCountdown,
    SetProtection,
)
from papernet.core.enums import SelfTradeMode

Params = Mapping[str, Any]

_ABSENT_ID: Final = -1


def place(params: Params, account: int) -> PlaceOption:
    """Return the order that the parameters describe."""
    time_in_force, is_gtx = params["timeInForce"]
    return PlaceOption(
        OptionTerms(
            account,
            params["symbol"],
            params["side"],
            params["quantity"],
            params["price"],
            time_in_force,
            params["clientOrderId"] or "",
            params["reduceOnly"],
            params["postOnly"],
            is_gtx,
            params["isMmp"],
            # The older edition has no self-trade prevention.
            params.get("selfTradePreventionMode", SelfTradeMode.NONE),
        )
    )


def place_several(params: Params, account: int) -> tuple[Command | Fault, ...]:
    """Return the orders that the elements describe."""
    return tuple(order if isinstance(order, Fault) else place(order, account) for order in params["orders"])


def cancel(params: Params, account: int) -> CancelOption:
    """Return the cancel of one order."""
    order_id = params["orderId"]
    return CancelOption(account, params["symbol"], _ABSENT_ID if order_id is None else order_id, params["clientOrderId"] or "")


def cancel_several(params: Params, account: int) -> tuple[Command | Fault, ...]:
    """Return the cancels of several orders on a contract."""
    symbol = params["symbol"]
    if params["orderIds"] is not None:
        return tuple(CancelOption(account, symbol, order_id) for order_id in params["orderIds"])
    return tuple(CancelOption(account, symbol, _ABSENT_ID, name) for name in params["clientOrderIds"])


def cancel_on_contract(params: Params, account: int) -> CancelOptions:
    """Return the cancel of all orders on a contract."""
    return CancelOptions(account, params["symbol"])


def cancel_on_underlying(params: Params, account: int) -> CancelOptions:
    """Return the cancel of all orders on the contracts of an underlying."""
    return CancelOptions(account, "", params["underlying"])


def set_protection(params: Params, account: int) -> SetProtection:
    """Return the settings of a market maker's protection."""
    return SetProtection(
        account,
        params["underlying"],
        params["windowTimeInMilliseconds"],
        params["frozenTimeInMilliseconds"],
        params["qtyLimit"],
        params["deltaLimit"],
    )


def reset_protection(params: Params, account: int) -> ResetProtection:
    """Return the end of a market maker's freeze."""
    return ResetProtection(account, params["underlying"])


def set_countdown(params: Params, account: int) -> SetCountdown:
    """Return the countdown, or with a time of 0 its end."""
    return SetCountdown(account, params["underlying"], params["countdownTime"])


def refresh_countdowns(params: Params, account: int) -> RefreshCountdowns:
    """Return the sign of life for some underlyings."""
    return RefreshCountdowns(account, params["underlyings"])


def create_block_order(params: Params, account: int) -> CreateBlockOrder | Fault:
    """Return the block order of its only leg."""
    (leg,) = params["legs"]
    if isinstance(leg, Fault):
        return leg
    return CreateBlockOrder(account, leg["symbol"], leg["side"], leg["price"], leg["quantity"], params["liquidity"])


def extend_block_order(params: Params, account: int) -> ChangeBlockOrder:
    """Return the extension of a block order."""
    return ChangeBlockOrder(account, params["blockOrderMatchingKey"], extends=True)


def cancel_block_order(params: Params, account: int) -> ChangeBlockOrder:
    """Return the cancel of a block order."""
    return ChangeBlockOrder(account, params["blockOrderMatchingKey"], extends=False)


def accept_block_order(params: Params, account: int) -> AcceptBlockOrder:
    """Return the acceptance of somebody's block order."""
    return AcceptBlockOrder(account, params["blockOrderMatchingKey"])
