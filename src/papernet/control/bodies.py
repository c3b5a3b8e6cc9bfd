"""The JSON that the calls about accounts and keys take and give, and how it becomes fields of commands.

Invariant.      Whatever is returned here is well formed: names, amounts, permissions and addresses have been checked, and only
                the exchange's own rules can still refuse the command.
Does not.       Know which accounts and keys exist.
Amounts are text with at most eight decimals.
"""

import ipaddress
import re
from typing import Any, Final, TypeVar

from msgspec import Struct, ValidationError, json

from papernet.app.authentication import load_public_key
from papernet.core.account import Account, Rates
from papernet.core.enums import KeyType, Permission
from papernet.core.units import AMOUNT_MAX, format_fixed, parse_fixed

_ACCOUNT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
# the columns of each part of an account's commission rates
RATE_FIELDS: Final = ("maker", "taker", "buyer", "seller")
_LABEL_MAX: Final = 64
_IP_LIST_MAX: Final = 30

_Body = TypeVar("_Body", bound=Struct)


class BadBodyError(ValueError):
    """A request body that cannot be used; the message says why."""


class OpenAccountBody(Struct, forbid_unknown_fields=True):
    """POST /accounts."""

    name: str
    balances: dict[str, str] | None = None


class DepositBody(Struct, forbid_unknown_fields=True):
    """POST /accounts/{name}/balances: adds `amount`; a minus sign takes it away."""

    asset: str
    amount: str


class LockBody(Struct, forbid_unknown_fields=True):
    """POST /accounts/{name}/locks: locks `amount` of what is free; a minus sign unlocks it."""

    asset: str
    amount: str


class CreateKeyBody(Struct, forbid_unknown_fields=True):
    """POST /keys."""

    account: str
    type: str = ""
    public_key: str = ""
    permissions: list[str] | None = None
    ip_list: list[str] | None = None
    label: str = ""


class RevokeKeyBody(Struct, forbid_unknown_fields=True):
    """DELETE /keys."""

    api_key: str


def decode(body: bytes, kind: type[_Body]) -> _Body:
    """Return a JSON body as `kind`; nothing counts as an empty object."""
    try:
        return json.decode(body or b"{}", type=kind)
    except ValidationError as error:
        raise BadBodyError(str(error)) from error
    except ValueError as error:
        raise BadBodyError("the body is not JSON") from error
    except RecursionError as error:
        raise BadBodyError("the body is nested too deeply") from error


def account_name(text: str) -> str:
    """Return an account's name when it is fit to be one."""
    if not _ACCOUNT_NAME.fullmatch(text):
        raise BadBodyError("name: 1 to 32 of a-z, 0-9, '-', '_', and not '-' or '_' first")
    return text


def amount(text: str, field: str, *, signed: bool = False) -> int:
    """Return an amount in units of 10^-8."""
    negative = signed and text.startswith("-")
    number = parse_fixed(text[1:] if negative else text)
    if number is None or number > AMOUNT_MAX:
        raise BadBodyError(f"{field}: {text[:40]!r} is no amount with at most eight decimals")
    return -number if negative else number


def key_type(text: str) -> KeyType | None:
    """Return the type of a key that is to be made; None when nobody says."""
    if not text:
        return None
    try:
        return KeyType[text.upper()]
    except KeyError as error:
        raise BadBodyError(f"type: {text[:40]!r} is none of {', '.join(KeyType.__members__)}") from error


def permissions(names: list[str] | None) -> tuple[Permission, ...]:
    """Return a key's permissions: all of them when nobody says."""
    if names is None:
        return tuple(Permission)
    unknown = [name for name in names if name not in Permission.__members__]
    if unknown:
        raise BadBodyError(f"permissions: {unknown[0][:40]!r} is none of {', '.join(Permission.__members__)}")
    return tuple(permission for permission in Permission if permission.name in names)


def ip_list(addresses: list[str] | None) -> tuple[str, ...]:
    """Return the addresses that a key may be used from, spelled in their shortest form; none means all."""
    found: list[str] = []
    for text in addresses or ():
        try:
            found.append(str(ipaddress.ip_address(text)))
        except ValueError as error:
            raise BadBodyError(f"ip_list: {text[:60]!r} is no IP address") from error
    if len(found) > _IP_LIST_MAX:
        raise BadBodyError(f"ip_list: at most {_IP_LIST_MAX} addresses")
    return tuple(found)


def label(text: str) -> str:
    """Return a key's label."""
    if len(text) > _LABEL_MAX or not text.isprintable():
        raise BadBodyError(f"label: at most {_LABEL_MAX} printable characters")
    return text


def public_key(expected: KeyType | None, text: str) -> tuple[KeyType, str]:
    """Return (type, PEM) of an RSA or Ed25519 key that is to be registered; `expected` is what it was said to be."""
    if not text:
        raise BadBodyError("public_key: RSA and Ed25519 keys are registered by their public key in PEM form")
    found = load_public_key(text)
    if isinstance(found, str):
        raise BadBodyError(f"public_key: {found}")
    if expected is not None and found is not expected:
        raise BadBodyError(f"public_key: the key is {found.name}, but its type was given as {expected.name}")
    return found, text.strip() + "\n"


def account_json(account: Account) -> dict[str, Any]:
    """Return an account as the control plane shows it."""
    return {
        "name": account.name,
        "uid": account.uid,
        "commission": commission_json(account),
        "can_trade": account.can_trade,
        "pays_with_discount_asset": account.pays_with_discount_asset,
        "prevents_sor": account.prevents_sor,
        "trade_group": account.trade_group if account.trade_group >= 0 else None,
        "permissions": list(account.permissions),
        "asset_limits": {asset: format_fixed(limit) for asset, limit in sorted(account.asset_limits.items())},
        "balances": {
            asset: {"free": format_fixed(balance.free), "locked": format_fixed(balance.held)}
            for asset, balance in sorted(account.balances.items())
        },
        "external_locks": {asset: format_fixed(locked) for asset, locked in sorted(account.external_locks.items())},
    }


def commission_json(account: Account) -> dict[str, Any]:
    """Return an account's commission rates, and under `symbols` those of the symbols that have their own."""
    own = {symbol: _rates_json(rates) for symbol, rates in sorted(account.symbol_rates.items())}
    return {**_rates_json(account.rates), "symbols": own}


def _rates_json(rates: Rates) -> dict[str, Any]:
    parts = {
        part: dict(zip(RATE_FIELDS, map(format_fixed, getattr(rates, part)), strict=True))
        for part in ("standard", "special", "tax")
    }
    return {**parts.pop("standard"), **parts}
