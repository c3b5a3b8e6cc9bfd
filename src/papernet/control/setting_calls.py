"""The calls that are about settings: what accounts pay and may do, what symbols and the venue offer, news from outside.

Order of work.  Body, account or symbol, command; the first that is not right answers. A partial body is completed from how
                things stand, then the whole is submitted.
Does not.       Check who asks: the door has. Does not keep anything: how things stand is the exchange's to know.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from papernet.control import bodies, setting_bodies
from papernet.control.bodies import BadBodyError
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, ok, outcome, refusal, user
from papernet.control.option_bodies import account_row
from papernet.core.commands import (
    Command,
    ConfigureAccount,
    ConfigureVenue,
    PrintBlockTrade,
    SetCommission,
    SetReferencePrice,
    SetSymbolStatus,
)
from papernet.core.events import Applied, BlockTrade
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange
from papernet.venues.spot.venue_rules import VenueRules

_UNKNOWN_ACCOUNT: Final = Reject(Reason.UNKNOWN_ACCOUNT)
_UNKNOWN_SYMBOL: Final = Reject(Reason.UNKNOWN_SYMBOL)
_UNKNOWN_ASSET: Final = Reject(Reason.UNKNOWN_ASSET)


class SettingCalls:
    """Shows and changes settings."""

    def __init__(self, exchange: Exchange, submit: Callable[[Command, int], Applied]) -> None:
        """Answer over `exchange`."""
        self._exchange: Final = exchange
        self._submit: Final = submit

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(
                method="POST",
                path="/accounts/{name}/commission",
                handler=self.set_commission,
                summary="Set the commission rates of an account, on all symbols or on one",
                body=setting_bodies.CommissionBody,
            ),
            Call(
                method="POST",
                path="/accounts/{name}/settings",
                handler=self.configure_account,
                summary="Change what an account may and may not",
                body=setting_bodies.AccountSettingsBody,
            ),
            Call(
                method="GET",
                path="/symbols",
                handler=self.list_symbols,
                summary="Tell all symbols",
                answer=list[dict[str, Any]],
            ),
            Call(
                method="POST",
                path="/symbols/{name}/status",
                handler=self.set_status,
                summary="Change a symbol's trading status",
                body=setting_bodies.StatusBody,
            ),
            Call(
                method="POST",
                path="/symbols/{name}/reference-price",
                handler=self.set_reference_price,
                summary="Say what a symbol's reference price is, or that there is none now",
                body=setting_bodies.ReferencePriceBody,
            ),
            Call(
                method="POST",
                path="/symbols/{name}/block-trades",
                handler=self.print_block_trade,
                summary="Let two accounts trade outside the book",
                body=setting_bodies.BlockTradeBody,
            ),
            Call(method="GET", path="/venue", handler=self.show_venue, summary="Tell what holds for all symbols"),
            Call(
                method="POST",
                path="/venue",
                handler=self.configure_venue,
                summary="Change what holds for all symbols",
                body=setting_bodies.VenueBody,
            ),
        )

    def set_commission(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Set the commission rates of an account, on all symbols or on one."""
        body = bodies.decode(request.body, setting_bodies.CommissionBody)
        setting_bodies.require_something(body)
        account = user(self._exchange, name)
        if account is None:
            return refusal(_UNKNOWN_ACCOUNT)
        if body.symbol and body.symbol not in self._exchange.markets:
            return refusal(_UNKNOWN_SYMBOL)
        rates = setting_bodies.rates(body, account.rates_of(body.symbol))
        command = SetCommission(account.account_id, *rates.standard, body.symbol, rates.special, rates.tax)
        applied = self._submit(command, now)
        return outcome(applied) or ok(account_row(account, self._exchange.options), applied)

    def configure_account(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Change what an account may and may not."""
        body = bodies.decode(request.body, setting_bodies.AccountSettingsBody)
        setting_bodies.require_something(body)
        account = user(self._exchange, name)
        if account is None:
            return refusal(_UNKNOWN_ACCOUNT)
        limits = setting_bodies.asset_limits(body, account.asset_limits)
        if any(asset not in self._exchange.assets for asset, _ in limits):
            return refusal(_UNKNOWN_ASSET)
        command = ConfigureAccount(
            account.account_id,
            account.can_trade if body.can_trade is UNSET else body.can_trade,
            account.pays_with_discount_asset if body.pays_with_discount_asset is UNSET else body.pays_with_discount_asset,
            account.prevents_sor if body.prevents_sor is UNSET else body.prevents_sor,
            setting_bodies.trade_group(body.trade_group, account.trade_group),
            setting_bodies.permissions(body, account.permissions),
            limits,
        )
        applied = self._submit(command, now)
        return outcome(applied) or ok(account_row(account, self._exchange.options), applied)

    def list_symbols(self, _request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Tell all symbols."""
        return ok([setting_bodies.symbol_json(market, now) for market in self._exchange.markets.values()])

    def set_status(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Change a symbol's trading status."""
        body = bodies.decode(request.body, setting_bodies.StatusBody)
        return self._change_symbol(SetSymbolStatus(name, setting_bodies.status(body.status)), now)

    def set_reference_price(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Say what a symbol's reference price is, or that there is none now."""
        body = bodies.decode(request.body, setting_bodies.ReferencePriceBody)
        price = None if body.price is None else setting_bodies.price(body.price, "price")
        return self._change_symbol(SetReferencePrice(name, price, setting_bodies.calculation_id(body)), now)

    def print_block_trade(self, request: ControlRequest, name: str, now: int) -> ControlResponse:
        """Let two accounts trade outside the book."""
        body = bodies.decode(request.body, setting_bodies.BlockTradeBody)
        if name not in self._exchange.markets:
            return refusal(_UNKNOWN_SYMBOL)
        buyer, seller = user(self._exchange, body.buyer), user(self._exchange, body.seller)
        if buyer is None or seller is None:
            return refusal(_UNKNOWN_ACCOUNT)
        if buyer is seller:
            raise BadBodyError("seller: nobody trades with themselves")
        price, quantity = setting_bodies.price(body.price, "price"), setting_bodies.price(body.quantity, "quantity")
        command = PrintBlockTrade(name, buyer.account_id, seller.account_id, price, quantity, body.buyer_is_maker)
        applied = self._submit(command, now)
        refused = outcome(applied)
        if refused is not None:
            return refused
        trade = next(event for event in applied.events if isinstance(event, BlockTrade))
        return ok(setting_bodies.block_trade_json(trade, buyer.name, seller.name), applied)

    def show_venue(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """Tell what holds for all symbols."""
        return ok(setting_bodies.venue_json(self._exchange.venue.rules))

    def configure_venue(self, request: ControlRequest, _name: str, now: int) -> ControlResponse:
        """Change what holds for all symbols."""
        body = bodies.decode(request.body, setting_bodies.VenueBody)
        setting_bodies.require_something(body)
        if body.discount_asset is not UNSET and body.discount_asset not in self._exchange.assets:
            return refusal(_UNKNOWN_ASSET)
        rules = setting_bodies.venue_rules(body, self._exchange.venue.rules)
        unknown = self._unknown_symbol(rules)
        if unknown is not None:
            return refusal(unknown)
        applied = self._submit(ConfigureVenue(rules.to_spec()), now)
        return outcome(applied) or ok(setting_bodies.venue_json(self._exchange.venue.rules), applied)

    def _change_symbol(self, command: SetSymbolStatus | SetReferencePrice, now: int) -> ControlResponse:
        if command.symbol not in self._exchange.markets:
            return refusal(_UNKNOWN_SYMBOL)
        applied = self._submit(command, now)
        return outcome(applied) or ok(setting_bodies.symbol_json(self._exchange.markets[command.symbol], applied.at), applied)

    def _unknown_symbol(self, rules: VenueRules) -> Reject | None:
        """Return why the venue's rules cannot be about the symbols that they name, or None."""
        for sor in rules.sors:
            for name in sor.symbols:
                market = self._exchange.markets.get(name)
                if market is None:
                    return _UNKNOWN_SYMBOL
                if market.symbol.base_asset != sor.base_asset:
                    raise BadBodyError(f"sors.{sor.base_asset[:20]}: {name} trades another base asset")
        return None
