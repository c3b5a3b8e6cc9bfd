"""The symbol catalogue: a readable file becomes the commands that open an exchange.

Order of work.  TOML is read whole, then each symbol is built filter by filter; the first mistake is told in one line that
                names the file, the symbol and the field.
Invariant.      A symbol that comes out of here is consistent: ranges are not empty, steps divide what they must, the opening
                price passes the symbol's own price filter; routing goes over symbols of the file, and options are on them.
Does not.       Know which symbols an exchange already lists.
Numbers in the file are text or integers, so that no float ever stands for a price.
"""

import re
import tomllib
from collections.abc import Mapping
from enum import IntEnum
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from papernet.core.dates import MILLISECOND
from papernet.core.enums import OrderType, SelfTradeMode, SymbolStatus
from papernet.core.units import AMOUNT_MAX, SCALE, parse_fixed
from papernet.venues.options.contracts import Fees, Limits, Listing, Margins, Underlying
from papernet.venues.options.opening import flaw
from papernet.venues.spot.symbols import (
    FILTER_ORDER,
    ArithmeticMeanSpec,
    ExternalSpec,
    Filter,
    LotSize,
    MarketLotSize,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    PriceRange,
    Symbol,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import EXCHANGE_FILTER_ORDER, Sor, VenueRules

_NAME: Final = re.compile(r"[A-Z0-9_.-]{1,20}", re.ASCII)  # what a symbol parameter may hold (errors.md, -1100)
_ASSET: Final = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_FILTERS: Final = {str(kind.__struct_config__.tag).lower(): kind for kind in FILTER_ORDER}
_TEXTS: Final = ("name", "base_asset", "quote_asset")
_EXCHANGE_FILTERS: Final = {str(kind.__struct_config__.tag).lower(): kind for kind in EXCHANGE_FILTER_ORDER}
_FLAGS: Final = tuple(field for field in Symbol.__struct_fields__ if Symbol.__annotations__[field] is bool)
# How many there may be of something: with none at all a filter would let nothing through.
_COUNTS: Final = (
    "limit",
    "max_num_orders",
    "max_num_algo_orders",
    "max_num_iceberg_orders",
    "max_num_order_amends",
    "max_num_order_lists",
)
_INTEGERS: Final = ("avg_price_mins", *TrailingDelta.__struct_fields__, *_COUNTS)
_SETTINGS: Final = (
    "status",
    "order_types",
    "permission_sets",
    "self_trade_modes",
    "default_self_trade_mode",
    *_FLAGS,
    "reference_price",
    "price_range",
)
_Rule = TypeVar("_Rule", bound=msgspec.Struct)
_Member = TypeVar("_Member", bound=IntEnum)
_OTHER: Final = "other"
_OTHER_DEFAULT: Final = 10_000 * SCALE
# The row of the balances that is no asset's: what an options wallet begins with.
_OPTIONS: Final = "options"
_OPTION_TABLES: Final[Mapping[str, type[Margins | Fees | Limits]]] = {"margins": Margins, "fees": Fees, "limits": Limits}
_OPTION_NUMBERS: Final = ("tick_size", "step_size")
_OPTION_WHOLES: Final = ("unit", "price_scale", "quantity_scale")
# Whole numbers within tables, where others are decimal ones.
_OPTION_COUNTS: Final = ("orders_a_contract", "orders", "max_strikes")
_OPTION_FIELDS: Final = (*_OPTION_TABLES, *_OPTION_NUMBERS, *_OPTION_WHOLES, "listing", "band", "may_be_written")


class CatalogueError(ValueError):
    """A catalogue file that cannot be used; the message is one line."""


class Catalogue(msgspec.Struct, frozen=True):
    """What an exchange opens with: symbols, what each account starts with, (asset, amount) by asset, and the venue's rules.

    `options` are the underlyings of the options venue, `options_balance` is what an options wallet starts with.
    """

    symbols: tuple[Symbol, ...]
    balances: tuple[tuple[str, int], ...]
    rules: VenueRules = VenueRules()
    options: tuple[Underlying, ...] = ()
    options_balance: int = 0


def packaged_catalogue() -> Catalogue:
    """Return the catalogue that ships with papernet."""
    text = resources.files("papernet.data").joinpath("symbols.toml").read_text(encoding="utf-8")
    return parse_catalogue(text, "symbols.toml")


def load_catalogue(path: Path) -> Catalogue:
    """Return the catalogue of a user's file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}: not UTF-8 text") from error
    return parse_catalogue(text, str(path))


def parse_catalogue(text: str, source: str) -> Catalogue:
    """Return the catalogue of a file's text; `source` is its name in messages."""
    try:
        return _catalogue(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{source}: {' '.join(str(error).split())}") from error
    except CatalogueError as error:
        raise CatalogueError(f"{source}: {error}") from error


def _catalogue(document: Mapping[str, Any]) -> Catalogue:
    _only(document, ("balances", "every_symbol", "symbols", "exchange", "sors", "every_option", "options"))
    common = _table(document.get("every_symbol", {}), "every_symbol")
    _only(common, (*_FILTERS, *_SETTINGS), "every_symbol: ")
    symbols: dict[str, Symbol] = {}
    for number, row in enumerate(_tables(document.get("symbols", []), "symbols"), start=1):
        symbol = _symbol(row, common, number)
        if symbol.name in symbols:
            raise CatalogueError(f"{symbol.name}: listed twice")
        symbols[symbol.name] = symbol
    if not symbols:
        raise CatalogueError("no [[symbols]]")
    given = dict(_table(document.get("balances", {}), "balances"))
    options_balance = _number(given.pop(_OPTIONS, "10000"), f"balances: {_OPTIONS}")
    balances = _balances(given, symbols)
    sors = tuple(_sor(row, symbols) for row in _tables(document.get("sors", []), "sors"))
    rules = _rules(_table(document.get("exchange", {}), "exchange"), sors)
    every_option = _table(document.get("every_option", {}), "every_option")
    _only(every_option, _OPTION_FIELDS, "every_option: ")
    options: dict[str, Underlying] = {}
    for row in _tables(document.get("options", []), "options"):
        underlying = _underlying(row, every_option, symbols)
        if underlying.base_asset in options:
            raise CatalogueError(f"options: there are two on {underlying.base_asset}")
        options[underlying.base_asset] = underlying
    if len(dict.fromkeys(underlying.settle_asset for underlying in options.values())) > 1:
        raise CatalogueError("options: their symbols have different quote assets")
    return Catalogue(tuple(symbols.values()), balances, rules, tuple(options.values()), options_balance)


def _symbol(row: Mapping[str, Any], common: Mapping[str, Any], number: int) -> Symbol:
    texts = {field: _text(row, field, f"symbol {number}") for field in _TEXTS}
    name = texts["name"]
    if not _NAME.fullmatch(name):
        raise CatalogueError(f"symbol {number}: name: {name!r} is not 1 to 20 of A-Z, 0-9, '-', '_', '.'")
    for field in ("base_asset", "quote_asset"):
        if not _ASSET.fullmatch(texts[field]):
            raise CatalogueError(f"{name}: {field}: {texts[field]!r} is not 1 to 10 of A-Z, 0-9")
    if texts["base_asset"] == texts["quote_asset"]:
        raise CatalogueError(f"{name}: base_asset and quote_asset are the same")
    _only(row, (*_TEXTS, "initial_price", *_FILTERS, *_SETTINGS), f"{name}: ")
    said = {**common, **row}
    filters = tuple(
        _filter(kind, _table(said[tag], f"{name}: {tag}"), f"{name}: {tag}") for tag, kind in _FILTERS.items() if tag in said
    )
    initial_price = _number(row["initial_price"], f"{name}: initial_price") if "initial_price" in row else 0
    _check(name, filters, initial_price)
    values = {**texts, "filters": filters, "initial_price": initial_price, **_settings(said, name)}
    try:
        return Symbol.from_spec(Symbol(**values).to_spec())
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{name}: {error}") from error


def _settings(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what a symbol offers, as far as the file says so."""
    values: dict[str, Any] = {}
    for field in _SETTINGS:
        if field not in said:
            continue
        value, where = said[field], f"{name}: {field}"
        match field:
            case "status":
                values[field] = _member(SymbolStatus, value, where)
            case "default_self_trade_mode":
                values[field] = _member(SelfTradeMode, value, where)
            case "order_types":
                values[field] = tuple(_member(OrderType, word, where) for word in _words(value, where))
            case "self_trade_modes":
                values[field] = tuple(_member(SelfTradeMode, word, where) for word in _words(value, where))
            case "permission_sets":
                values[field] = tuple(_words(group, where) for group in _list(value, where))
            case "reference_price":
                values["reference"] = _reference(_table(value, where), where)
            case "price_range":
                values[field] = _price_range(_table(value, where), where)
            case _:
                values[field] = _flag(value, where)
    return values


def _reference(row: Mapping[str, Any], where: str) -> ArithmeticMeanSpec | ExternalSpec:
    if "external_calculation_id" in row:
        _only(row, ("external_calculation_id",), f"{where}: ")
        return ExternalSpec(_whole(row["external_calculation_id"], f"{where}: external_calculation_id"))
    _only(row, ("bucket_count", "bucket_width_ms"), f"{where}: ")
    count, width = (_whole(row.get(field), f"{where}: {field}") for field in ("bucket_count", "bucket_width_ms"))
    return ArithmeticMeanSpec(count, width * MILLISECOND)


def _price_range(row: Mapping[str, Any], where: str) -> PriceRange:
    _only(row, PriceRange.__struct_fields__, f"{where}: ")
    return PriceRange(**{field: _number(value, f"{where}: {field}") for field, value in row.items()})


def _filter(kind: type[_Rule], row: Mapping[str, Any], where: str) -> _Rule:
    fields = kind.__struct_fields__
    _only(row, fields, f"{where}: ")
    values: dict[str, Any] = {}
    for field in fields:
        if field not in row:
            raise CatalogueError(f"{where}: {field} is missing")
        value = row[field]
        if kind.__annotations__[field] is bool:
            values[field] = _flag(value, f"{where}: {field}")
        elif field in _INTEGERS:
            values[field] = _whole(value, f"{where}: {field}")
        else:
            values[field] = _number(value, f"{where}: {field}")
        if field in _COUNTS and not values[field]:
            raise CatalogueError(f"{where} must be above 0")
    return kind(**values)


def _rules(row: Mapping[str, Any], sors: tuple[Sor, ...]) -> VenueRules:
    """Return what holds for all symbols."""
    _only(row, (*_EXCHANGE_FILTERS, "discount_asset", "discount_rate"), "exchange: ")
    filters = tuple(
        _filter(kind, _table(row[tag], f"exchange: {tag}"), f"exchange: {tag}")
        for tag, kind in _EXCHANGE_FILTERS.items()
        if tag in row
    )
    rules = VenueRules(filters, sors)
    asset = _text(row, "discount_asset", "exchange") if "discount_asset" in row else rules.discount_asset
    if not _ASSET.fullmatch(asset):
        raise CatalogueError(f"exchange: discount_asset: {asset!r} is not 1 to 10 of A-Z, 0-9")
    rate = _number(row["discount_rate"], "exchange: discount_rate") if "discount_rate" in row else rules.discount_rate
    try:
        return VenueRules.from_spec(VenueRules(filters, sors, asset, rate).to_spec())
    except msgspec.ValidationError as error:
        raise CatalogueError(f"exchange: {error}") from error


def _sor(row: Mapping[str, Any], symbols: Mapping[str, Symbol]) -> Sor:
    _only(row, ("base_asset", "symbols"), "sors: ")
    sor = Sor(_text(row, "base_asset", "sors"), _words(row.get("symbols"), "sors: symbols"))
    for name in sor.symbols:
        symbol = symbols.get(name)
        if symbol is None or symbol.base_asset != sor.base_asset:
            raise CatalogueError(f"sors: {name} is no symbol of {sor.base_asset}")
    return sor


def _underlying(row: Mapping[str, Any], common: Mapping[str, Any], symbols: Mapping[str, Symbol]) -> Underlying:
    """Return the terms of the options on a symbol."""
    name = _text(row, "symbol", "options")
    symbol, where = symbols.get(name), f"options: {name}"
    if symbol is None or not symbol.initial_price:
        raise CatalogueError(f"{where}: is no symbol with an initial_price")
    _only(row, ("symbol", *_OPTION_FIELDS), f"{where}: ")
    said = {**common, **row}
    missing = [field for field in _OPTION_FIELDS if field not in said and field != "may_be_written"]
    if missing:
        raise CatalogueError(f"{where}: {missing[0]} is missing")
    values: dict[str, Any] = {field: _number(said[field], f"{where}: {field}") for field in _OPTION_NUMBERS}
    values |= {field: _whole(said[field], f"{where}: {field}") for field in _OPTION_WHOLES}
    for field, kind in _OPTION_TABLES.items():
        values[field] = _terms(kind, _table(said[field], f"{where}: {field}"), f"{where}: {field}")
    band = _words(said["band"], f"{where}: band")
    if len(band) != len(("of the index", "of the margin")):
        raise CatalogueError(f"{where}: band is not two numbers")
    underlying = Underlying(
        name=name,
        base_asset=symbol.base_asset,
        settle_asset=symbol.quote_asset,
        initial_index=symbol.initial_price,
        listing=_listing(_table(said["listing"], f"{where}: listing"), f"{where}: listing"),
        band=(_number(band[0], f"{where}: band"), _number(band[1], f"{where}: band")),
        may_be_written=_flag(said.get("may_be_written", True), f"{where}: may_be_written"),
        **values,
    )
    problem = flaw(underlying)
    if problem is not None:
        raise CatalogueError(f"{where}: {problem}")
    return underlying


def _listing(row: Mapping[str, Any], where: str) -> Listing:
    steps = []
    for step in _list(row.get("steps"), f"{where}: steps"):
        if not isinstance(step, list) or len(step) != len(("days", "step")):
            raise CatalogueError(f"{where}: steps are not pairs of days and a step")
        steps.append((_whole(step[0], f"{where}: steps"), _number(step[1], f"{where}: steps")))
    others = {field: value for field, value in row.items() if field != "steps"}
    return _terms(Listing, others, where, {"steps": tuple(steps)})


def _terms(kind: type[_Rule], row: Mapping[str, Any], where: str, known: Mapping[str, Any] | None = None) -> _Rule:
    """Return a table of decimal and whole numbers, beside what is known of it."""
    values = dict(known or {})
    fields = tuple(field for field in kind.__struct_fields__ if field not in values)
    _only(row, fields, f"{where}: ")
    for field in fields:
        if field not in row:
            raise CatalogueError(f"{where}: {field} is missing")
        read = _whole if field in _OPTION_COUNTS else _number
        values[field] = read(row[field], f"{where}: {field}")
    return kind(**values)


def _check(name: str, filters: tuple[Filter, ...], initial_price: int) -> None:
    kinds = [type(rule) for rule in filters]
    for needed in ("price_filter", "lot_size"):
        if _FILTERS[needed] not in kinds:
            raise CatalogueError(f"{name}: {needed} is missing")
    for rule in filters:
        match rule:
            case PriceFilter(min_price, max_price, tick_size):
                _range(f"{name}: price_filter", min_price, max_price)
                if tick_size and initial_price % tick_size:
                    raise CatalogueError(f"{name}: initial_price is no multiple of tick_size")
                if initial_price and not min_price <= initial_price <= (max_price or initial_price):
                    raise CatalogueError(f"{name}: initial_price is outside price_filter")
            case LotSize(min_quantity, max_quantity, step_size):
                _range(f"{name}: lot_size", min_quantity, max_quantity)
                if min_quantity <= 0 or max_quantity <= 0 or step_size <= 0:
                    raise CatalogueError(f"{name}: lot_size: every number must be above 0")
            case MarketLotSize(min_quantity, max_quantity, _):
                _range(f"{name}: market_lot_size", min_quantity, max_quantity)
            case Notional(min_notional=least, max_notional=most):
                _range(f"{name}: notional", least, most)
            case PercentPrice(multiplier_up=up, multiplier_down=down):
                _range(f"{name}: percent_price", down, up)
            case PercentPriceBySide():
                _range(f"{name}: percent_price_by_side: bid", rule.bid_multiplier_down, rule.bid_multiplier_up)
                _range(f"{name}: percent_price_by_side: ask", rule.ask_multiplier_down, rule.ask_multiplier_up)
            case TrailingDelta():
                _range(f"{name}: trailing_delta: above", rule.min_above, rule.max_above)
                _range(f"{name}: trailing_delta: below", rule.min_below, rule.max_below)


def _range(where: str, least: int, most: int) -> None:
    # 0 switches a rule off, so it bounds nothing
    if most and least > most:
        raise CatalogueError(f"{where}: the least is above the most")


def _balances(row: Mapping[str, Any], symbols: Mapping[str, Symbol]) -> tuple[tuple[str, int], ...]:
    amounts = {asset: _number(value, f"balances: {asset}") for asset, value in row.items()}
    other = amounts.pop(_OTHER, _OTHER_DEFAULT)
    traded = dict.fromkeys(asset for symbol in symbols.values() for asset in (symbol.base_asset, symbol.quote_asset))
    for asset in amounts:
        if asset not in traded:
            raise CatalogueError(f"balances: {asset}: no symbol trades it")
    return tuple((asset, amounts.get(asset, other)) for asset in sorted(traded) if amounts.get(asset, other) > 0)


def _number(value: object, where: str) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    number = parse_fixed(text) if isinstance(text, str) else None
    if number is None or number > AMOUNT_MAX:
        raise CatalogueError(f'{where}: {value!r} is no decimal number in quotes, such as "0.01"')
    return number


def _whole(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= SCALE:
        raise CatalogueError(f"{where}: {value!r} is not a whole number")
    return value


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise CatalogueError(f"{where}: {value!r} is not true or false")
    return value


def _member(kind: type[_Member], value: object, where: str) -> _Member:
    if not isinstance(value, str) or value not in kind.__members__:
        raise CatalogueError(f"{where}: {value!r} is none of {', '.join(kind.__members__)}")
    return kind[value]


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise CatalogueError(f"{where} is not a list of something")
    return value


def _words(value: object, where: str) -> tuple[str, ...]:
    for word in _list(value, where):
        if not isinstance(word, str):
            raise CatalogueError(f"{where}: {word!r} is not text")
    return tuple(_list(value, where))


def _text(row: Mapping[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise CatalogueError(f"{where}: {field} is missing or not text")
    return value


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{where} is not a table")
    return value


def _tables(value: object, where: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise CatalogueError(f"{where} is not a list of tables")
    return [_table(row, f"{where} {number}") for number, row in enumerate(value, start=1)]


def _only(row: Mapping[str, Any], known: tuple[str, ...], where: str = "") -> None:
    for field in row:
        if field not in known:
            raise CatalogueError(f"{where}unknown field {field!r}")
