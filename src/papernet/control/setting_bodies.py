"""The JSON that the calls about settings take and give, and how it becomes fields of commands.

Order of work.  A body names what it changes. What it leaves out is taken over from how things stand, so that the command says
                everything and its outcome depends on nothing else.
Invariant.      Whatever is returned here is well formed; only the exchange's own rules can still refuse the command.
Does not.       Know which accounts and symbols exist.
Rates are fractions of the amount received ("0.001" is 0.1 %), amounts and prices text with at most eight decimals.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from msgspec import UNSET, Struct, UnsetType

from papernet.control.bodies import RATE_FIELDS, BadBodyError, amount
from papernet.core.account import Rates
from papernet.core.enums import SymbolStatus
from papernet.core.events import BlockTrade
from papernet.core.units import SCALE, format_fixed, parse_fixed
from papernet.venues.spot.market import Market
from papernet.venues.spot.venue_rules import EXCHANGE_FILTER_ORDER, ExchangeFilter, Sor, VenueRules

_EXCHANGE_FILTERS: Final = {str(kind.__struct_config__.tag): kind for kind in EXCHANGE_FILTER_ORDER}
_PERMISSION: Final = re.compile(r"[A-Z0-9_]{1,30}", re.ASCII)
_PERMISSIONS_MAX: Final = 30
_SOR_LEAST: Final = 2
_COUNT_MAX: Final = (1 << 31) - 1

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class RatesBody(Struct, forbid_unknown_fields=True):
    """One part of an account's commission rates."""

    maker: str | UnsetType = UNSET
    taker: str | UnsetType = UNSET
    buyer: str | UnsetType = UNSET
    seller: str | UnsetType = UNSET


class CommissionBody(RatesBody, forbid_unknown_fields=True):
    """POST /accounts/{name}/commission: the standard part, and the others; for one symbol when it names one."""

    special: RatesBody | UnsetType = UNSET
    tax: RatesBody | UnsetType = UNSET
    symbol: str = ""


class AccountSettingsBody(Struct, forbid_unknown_fields=True):
    """POST /accounts/{name}/settings; None takes a trade group, or the limit of an asset, away."""

    can_trade: bool | UnsetType = UNSET
    pays_with_discount_asset: bool | UnsetType = UNSET
    prevents_sor: bool | UnsetType = UNSET
    trade_group: int | UnsetType | None = UNSET
    permissions: list[str] | UnsetType = UNSET
    asset_limits: dict[str, str | None] | UnsetType = UNSET


class StatusBody(Struct, forbid_unknown_fields=True):
    """POST /symbols/{name}/status."""

    status: str


class ReferencePriceBody(Struct, forbid_unknown_fields=True):
    """POST /symbols/{name}/reference-price; None says that there is none now."""

    price: str | None
    calculation_id: int | UnsetType = UNSET


class BlockTradeBody(Struct, forbid_unknown_fields=True):
    """POST /symbols/{name}/block-trades."""

    buyer: str
    seller: str
    price: str
    quantity: str
    buyer_is_maker: bool = False


class VenueBody(Struct, forbid_unknown_fields=True):
    """POST /venue; filters by their name, interchangeable symbols by their base asset; None takes one away."""

    exchange_filters: dict[str, int | None] | UnsetType = UNSET
    sors: dict[str, list[str] | None] | UnsetType = UNSET
    discount_asset: str | UnsetType = UNSET
    discount_rate: str | UnsetType = UNSET


def require_something(body: Struct) -> None:
    """Refuse a body that names nothing to change."""
    fields = [field for field in body.__struct_fields__ if field != "symbol"]
    if all(getattr(body, field) is UNSET for field in fields):
        raise BadBodyError(f"nothing to change: name any of {', '.join(fields)}")


def rate(text: str, field: str) -> int:
    """Return a rate in units of 10^-8."""
    number = parse_fixed(text)
    if number is None or number > SCALE:
        raise BadBodyError(f"{field}: {text[:40]!r} is no rate from 0 to 1 with at most eight decimals")
    return number


def rates(body: CommissionBody, standing: Rates) -> Rates:
    """Return the rates that stand, changed by a body."""
    return Rates(
        _part(body, standing.standard, ""),
        _part(body.special, standing.special, "special."),
        _part(body.tax, standing.tax, "tax."),
    )


def _part(body: RatesBody | UnsetType, standing: tuple[int, int, int, int], prefix: str) -> tuple[int, int, int, int]:
    if body is UNSET:
        return standing
    given = (getattr(body, field) for field in RATE_FIELDS)
    maker, taker, buyer, seller = (
        old if text is UNSET else rate(text, prefix + field)
        for field, text, old in zip(RATE_FIELDS, given, standing, strict=True)
    )
    return maker, taker, buyer, seller


def trade_group(group: int | UnsetType | None, standing: int) -> int:
    """Return an account's trade group as a body leaves it: -1 for none."""
    if group is UNSET:
        return standing
    if group is None:
        return -1
    if not 0 <= group <= _COUNT_MAX:
        raise BadBodyError(f"trade_group: from 0 to {_COUNT_MAX}, or null for none")
    return group


def permissions(body: AccountSettingsBody, standing: tuple[str, ...]) -> tuple[str, ...]:
    """Return an account's permissions as a body leaves them."""
    names = body.permissions
    if names is UNSET:
        return standing
    if len(names) > _PERMISSIONS_MAX:
        raise BadBodyError(f"permissions: at most {_PERMISSIONS_MAX}")
    for name in names:
        if not _PERMISSION.fullmatch(name):
            raise BadBodyError(f"permissions: {name[:40]!r} is not 1 to 30 of A-Z, 0-9 and '_'")
    return tuple(dict.fromkeys(names))


def asset_limits(body: AccountSettingsBody, standing: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return an account's limits by asset as a body leaves them."""
    if body.asset_limits is UNSET:
        return tuple(standing.items())
    given = {
        asset: None if text is None else amount(text, f"asset_limits.{asset[:20]}") for asset, text in body.asset_limits.items()
    }
    return tuple(sorted(_merged(standing, given).items()))


def status(text: str) -> SymbolStatus:
    """Return a symbol's status."""
    try:
        return SymbolStatus[text.upper()]
    except KeyError as problem:
        raise BadBodyError(f"status: {text[:40]!r} is none of {', '.join(SymbolStatus.__members__)}") from problem


def price(text: str, field: str) -> int:
    """Return a price, or a quantity that is traded: an amount above 0."""
    number = amount(text, field)
    if not number:
        raise BadBodyError(f"{field}: 0 is too little")
    return number


def calculation_id(body: ReferencePriceBody) -> int:
    """Return the number of the method by which a reference price is made; -1 keeps the one that the symbol has."""
    number = body.calculation_id
    if number is UNSET:
        return -1
    if not 0 <= number <= _COUNT_MAX:
        raise BadBodyError(f"calculation_id: from 0 to {_COUNT_MAX}")
    return number


def venue_rules(body: VenueBody, standing: VenueRules) -> VenueRules:
    """Return the venue's rules, changed by a body."""
    filters: dict[str, ExchangeFilter] = {str(rule.__struct_config__.tag): rule for rule in standing.exchange_filters}
    if body.exchange_filters is not UNSET:
        filters = _merged(filters, {name: _exchange_filter(name, limit) for name, limit in body.exchange_filters.items()})
    sors = {sor.base_asset: sor for sor in standing.sors}
    if body.sors is not UNSET:
        sors = _merged(sors, {asset: _sor(asset, symbols) for asset, symbols in body.sors.items()})
    return VenueRules(
        exchange_filters=tuple(filters[name] for name in _EXCHANGE_FILTERS if name in filters),
        sors=tuple(sors.values()),
        discount_asset=standing.discount_asset if body.discount_asset is UNSET else body.discount_asset,
        discount_rate=standing.discount_rate if body.discount_rate is UNSET else rate(body.discount_rate, "discount_rate"),
    )


def _exchange_filter(name: str, limit: int | None) -> ExchangeFilter | None:
    kind = _EXCHANGE_FILTERS.get(name)
    if kind is None:
        raise BadBodyError(f"exchange_filters: {name[:40]!r} is none of {', '.join(_EXCHANGE_FILTERS)}")
    if limit is None:
        return None
    if not 0 <= limit <= _COUNT_MAX:
        raise BadBodyError(f"exchange_filters.{name}: from 0 to {_COUNT_MAX}, or null for none")
    return kind(limit)


def _sor(asset: str, symbols: list[str] | None) -> Sor | None:
    if symbols is None:
        return None
    if len(symbols) < _SOR_LEAST or len(dict.fromkeys(symbols)) < len(symbols):
        raise BadBodyError(f"sors.{asset[:20]}: two symbols at least, each once, or null for none")
    return Sor(asset, tuple(symbols))


def _merged(standing: Mapping[_Key, _Value], given: Mapping[_Key, _Value | None]) -> dict[_Key, _Value]:
    """Return what stands with what is given put over it; None takes away."""
    return {key: value for key, value in {**standing, **given}.items() if value is not None}


def symbol_json(market: Market, at: int) -> dict[str, Any]:
    """Return a symbol as the control plane shows it."""
    reference = market.reference.value(at) if market.reference is not None else None
    return {
        "symbol": market.symbol.name,
        "base_asset": market.symbol.base_asset,
        "quote_asset": market.symbol.quote_asset,
        "status": market.status.name,
        "last_price": format_fixed(market.last_price) if market.last_price else None,
        "reference_price": format_fixed(reference) if reference is not None else None,
    }


def venue_json(rules: VenueRules) -> dict[str, Any]:
    """Return the venue's rules as the control plane shows them."""
    return {
        "exchange_filters": {
            str(rule.__struct_config__.tag): getattr(rule, rule.__struct_fields__[0]) for rule in rules.exchange_filters
        },
        "sors": {sor.base_asset: list(sor.symbols) for sor in rules.sors},
        "discount_asset": rules.discount_asset,
        "discount_rate": format_fixed(rules.discount_rate),
    }


def block_trade_json(trade: BlockTrade, buyer: str, seller: str) -> dict[str, Any]:
    """Return a block trade as the control plane shows it."""
    return {
        "symbol": trade.symbol,
        "id": trade.block_trade_id,
        "price": format_fixed(trade.price),
        "quantity": format_fixed(trade.quantity),
        "quote": format_fixed(trade.quote),
        "buyer": buyer,
        "seller": seller,
        "buyer_is_maker": trade.buyer_is_maker,
    }
