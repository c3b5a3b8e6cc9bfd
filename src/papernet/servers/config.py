"""The symbol catalogue: a readable file becomes the commands that open an exchange.

Order of work.  TOML is read whole, then each symbol is built filter by filter; the first mistake is told in one line that
                names the file, the symbol and the field.
Invariant.      A symbol that comes out of here is consistent: ranges are not empty, steps divide what they must, the opening
                price passes the symbol's own price filter.
Does not.       Know which symbols an exchange already lists.
Numbers in the file are text or integers, so that no float ever stands for a price.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import msgspec

from papernet.core.units import AMOUNT_MAX, SCALE, parse_fixed
from papernet.venues.spot.symbols import (
    FILTER_ORDER,
    Filter,
    LotSize,
    MarketLotSize,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    Symbol,
)

_NAME: Final = re.compile(r"[A-Z0-9_.-]{1,20}", re.ASCII)  # what a symbol parameter may hold (errors.md, -1100)
_ASSET: Final = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)
_FILTERS: Final = {str(kind.__struct_config__.tag).lower(): kind for kind in FILTER_ORDER}
_TEXTS: Final = ("name", "base_asset", "quote_asset")
_INTEGERS: Final = ("avg_price_mins", "max_num_orders")
_OTHER: Final = "other"
_OTHER_DEFAULT: Final = 10_000 * SCALE


class CatalogueError(ValueError):
    """A catalogue file that cannot be used; the message is one line."""


class Catalogue(msgspec.Struct, frozen=True):
    """What an exchange opens with: its symbols, and what each account starts with, (asset, amount) by asset."""

    symbols: tuple[Symbol, ...]
    balances: tuple[tuple[str, int], ...]


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
    _only(document, ("balances", "every_symbol", "symbols"))
    common = _table(document.get("every_symbol", {}), "every_symbol")
    _only(common, tuple(_FILTERS), "every_symbol: ")
    rows = document.get("symbols", [])
    if not isinstance(rows, list) or not rows:
        raise CatalogueError("no [[symbols]]")
    symbols: dict[str, Symbol] = {}
    for number, row in enumerate(rows, start=1):
        symbol = _symbol(_table(row, f"symbol {number}"), common, number)
        if symbol.name in symbols:
            raise CatalogueError(f"{symbol.name}: listed twice")
        symbols[symbol.name] = symbol
    return Catalogue(tuple(symbols.values()), _balances(_table(document.get("balances", {}), "balances"), symbols))


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
    _only(row, (*_TEXTS, "initial_price", *_FILTERS), f"{name}: ")
    filters = tuple(
        _filter(kind, _table(row.get(tag, common.get(tag)), f"{name}: {tag}"), f"{name}: {tag}")
        for tag, kind in _FILTERS.items()
        if tag in row or tag in common
    )
    initial_price = _number(row["initial_price"], f"{name}: initial_price") if "initial_price" in row else 0
    _check(name, filters, initial_price)
    return Symbol(name, texts["base_asset"], texts["quote_asset"], filters, initial_price=initial_price)


def _filter(kind: type[Filter], row: Mapping[str, Any], where: str) -> Filter:
    fields = kind.__struct_fields__
    _only(row, fields, f"{where}: ")
    values: dict[str, Any] = {}
    for field in fields:
        if field not in row:
            raise CatalogueError(f"{where}: {field} is missing")
        value = row[field]
        if kind.__annotations__[field] is bool:
            if not isinstance(value, bool):
                raise CatalogueError(f"{where}: {field}: {value!r} is not true or false")
            values[field] = value
        elif field in _INTEGERS:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= SCALE:
                raise CatalogueError(f"{where}: {field}: {value!r} is not a whole number")
            values[field] = value
        else:
            values[field] = _number(value, f"{where}: {field}")
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
            case MinNotional():
                pass
            case _:
                if rule.max_num_orders <= 0:
                    raise CatalogueError(f"{name}: max_num_orders must be above 0")


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


def _text(row: Mapping[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise CatalogueError(f"{where}: {field} is missing or not text")
    return value


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CatalogueError(f"{where} is not a table")
    return value


def _only(row: Mapping[str, Any], known: tuple[str, ...], where: str = "") -> None:
    for field in row:
        if field not in known:
            raise CatalogueError(f"{where}unknown field {field!r}")
