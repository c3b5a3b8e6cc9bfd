"""A few answers for what some clients ask of Binance's `/sapi` when they start; off unless asked for.

Papernet has no `/sapi`: these answer in the shapes that clients parse, unsigned, so that loading markets or asking for the
system's state does not end in an error.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.json import Encoder

from papernet.core.account import Account
from papernet.core.units import format_fixed
from papernet.exchange.machine import Exchange
from papernet.protocols.rest.request import Form, Request, read_form

STUB_WEIGHT: Final = 1

_encode: Final = Encoder().encode
_ZERO: Final = format_fixed(0)
_SMALLEST: Final = format_fixed(1)


def answer_stub(exchange: Exchange, request: Request) -> bytes | None:
    """Return the answer to one of the known questions, or None when this is none of them."""
    stub = _STUBS.get(request.path)
    if stub is None or request.method != "GET":
        return None
    form = read_form(request.query, b"")
    return _encode(stub(exchange, _account(exchange, request), form.sent if isinstance(form, Form) else {}))


def _account(exchange: Exchange, request: Request) -> Account | None:
    key = exchange.accounts.keys.get(request.headers.get(b"x-mbx-apikey", b"").decode("latin-1"))
    return exchange.accounts.by_id.get(key.account) if key is not None else None


def _coins(exchange: Exchange, _account: Account | None, _sent: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_coin(asset) for asset in exchange.assets]


def _coin(asset: str) -> dict[str, Any]:
    network = {
        "network": asset,
        "coin": asset,
        "name": asset,
        "isDefault": True,
        "depositEnable": False,
        "withdrawEnable": False,
        "depositDesc": "",
        "withdrawDesc": "",
        "specialTips": "",
        "resetAddressStatus": False,
        "addressRegex": "",
        "memoRegex": "",
        "withdrawFee": _ZERO,
        "withdrawMin": _ZERO,
        "withdrawMax": _ZERO,
        "withdrawIntegerMultiple": _SMALLEST,
        "minConfirm": 1,
        "unLockConfirm": 0,
        "sameAddress": False,
    }
    return {
        "coin": asset,
        "name": asset,
        "depositAllEnable": False,
        "withdrawAllEnable": False,
        "free": _ZERO,
        "locked": _ZERO,
        "freeze": _ZERO,
        "withdrawing": _ZERO,
        "ipoing": _ZERO,
        "ipoable": _ZERO,
        "storage": _ZERO,
        "isLegalMoney": False,
        "trading": True,
        "networkList": [network],
    }


def _nothing(_exchange: Exchange, _account: Account | None, _sent: Mapping[str, str]) -> list[Any]:
    return []


def _trade_fees(exchange: Exchange, account: Account | None, sent: Mapping[str, str]) -> list[dict[str, str]]:
    asked = sent.get("symbol")
    return [_trade_fee(symbol, account) for symbol in exchange.markets if asked is None or asked == symbol]


def _trade_fee(symbol: str, account: Account | None) -> dict[str, str]:
    maker, taker = (0, 0) if account is None else account.rates_of(symbol).standard[:2]
    return {"symbol": symbol, "makerCommission": format_fixed(maker), "takerCommission": format_fixed(taker)}


def _system_status(_exchange: Exchange, _account: Account | None, _sent: Mapping[str, str]) -> dict[str, Any]:
    return {"status": 0, "msg": "normal"}


_STUBS: Final[Mapping[str, Callable[[Exchange, Account | None, Mapping[str, str]], Any]]] = {
    "/sapi/v1/capital/config/getall": _coins,
    "/sapi/v1/margin/allPairs": _nothing,
    "/sapi/v1/margin/isolated/allPairs": _nothing,
    "/sapi/v1/asset/tradeFee": _trade_fees,
    "/sapi/v1/system/status": _system_status,
}
