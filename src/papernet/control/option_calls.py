"""The calls that are about options: money to and from an account's options wallet, and what an account may do with them.

Order of work.  Body, account, venue, command; the first that is not right answers.
Does not.       Check who asks: the door has. Does not open the venue, or list contracts.
"""

from collections.abc import Callable
from typing import Final

from msgspec import UNSET

from papernet.control import bodies, option_bodies, setting_bodies
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, outcome, refusal, user
from papernet.core.commands import Command, ConfigureOptionsAccount, TransferToOptions
from papernet.core.events import Applied
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange

_UNKNOWN_ACCOUNT: Final = Reject(Reason.UNKNOWN_ACCOUNT)
_NO_OPTIONS: Final = Reject(Reason.NO_OPTIONS_ACCOUNT)


class OptionCalls:
    """Moves money and changes what accounts may do with options."""

    def __init__(self, exchange: Exchange, submit: Callable[[Command, int], Applied]) -> None:
        """Answer over `exchange`."""
        self._exchange: Final = exchange
        self._submit: Final = submit

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(
                method="POST",
                path="/accounts/{name}/transfers",
                handler=self.transfer,
                summary="Move money between an account's two wallets",
                body=option_bodies.TransferBody,
            ),
            Call(
                method="POST",
                path="/accounts/{name}/options",
                handler=self.configure,
                summary="Change what an account may do with options, and what it pays",
                body=option_bodies.OptionSettingsBody,
            ),
        )

    def transfer(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Move money between an account's two wallets."""
        body = bodies.decode(request.body, option_bodies.TransferBody)
        quantity = option_bodies.transferred(body)
        account, venue = user(self._exchange, name), self._exchange.options
        if account is None:
            return refusal(_UNKNOWN_ACCOUNT)
        if not venue.asset:
            return refusal(_NO_OPTIONS)
        if body.asset != venue.asset:
            return error(400, f"asset: an options wallet holds {venue.asset} alone")
        applied = self._submit(TransferToOptions(account.account_id, body.asset, quantity), now)
        return outcome(applied) or ok(option_bodies.account_row(account, venue), applied)

    def configure(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Change what an account may do with options, and what it pays."""
        body = bodies.decode(request.body, option_bodies.OptionSettingsBody)
        setting_bodies.require_something(body)
        account, venue = user(self._exchange, name), self._exchange.options
        if account is None:
            return refusal(_UNKNOWN_ACCOUNT)
        portfolio = venue.portfolios.get(account.account_id)
        if portfolio is None:
            return refusal(_NO_OPTIONS)
        command = ConfigureOptionsAccount(
            account.account_id,
            portfolio.can_trade if body.can_trade is UNSET else body.can_trade,
            portfolio.may_write if body.may_write is UNSET else body.may_write,
            portfolio.is_market_maker if body.is_market_maker is UNSET else body.is_market_maker,
            setting_bodies.trade_group(body.trade_group, portfolio.trade_group),
            option_bodies.rate(body.maker_rate, "maker_rate", portfolio.maker_rate),
            option_bodies.rate(body.taker_rate, "taker_rate", portfolio.taker_rate),
        )
        applied = self._submit(command, now)
        return outcome(applied) or ok(option_bodies.account_row(account, venue), applied)
