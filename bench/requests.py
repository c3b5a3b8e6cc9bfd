"""Signed orders as bytes, for REST and for the WebSocket API.

Five in six rest away from the touch, one in six is priced through what rests there.
Half of all orders are thus still resting when the stream ends, and a tenth and more crossed.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Final

_PRICE: Final = 60_000
_REST_SHARE: Final = 5
_CROSS_SHARE: Final = 1


def signed(method: str, path: str, key: tuple[str, str], query: str) -> bytes:
    """Return one HTTP/1.1 request of an HMAC key (API key, secret), with the parameters in the query string."""
    full = f"{query}&recvWindow=60000&timestamp={int(time.time() * 1000)}"
    signature = hmac.new(key[1].encode(), full.encode(), hashlib.sha256).hexdigest()
    return (
        f"{method} {path}?{full}&signature={signature} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: {key[0]}\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def signed_call(number: int, method: str, params: dict[str, str | int], key: tuple[str, str]) -> bytes:
    """Return one request of the WebSocket API, number `number`, of an HMAC key (API key, secret)."""
    full = {**params, "apiKey": key[0], "recvWindow": 60000, "timestamp": int(time.time() * 1000)}
    # web-socket-api.md, SIGNED request example: parameters in alphabetical order
    payload = "&".join(f"{name}={full[name]}" for name in sorted(full))
    full["signature"] = hmac.new(key[1].encode(), payload.encode(), hashlib.sha256).hexdigest()
    return json.dumps({"id": number, "method": method, "params": full}, separators=(",", ":")).encode()


def order_stream(count: int, buyer: tuple[str, str], seller: tuple[str, str], run: str) -> list[bytes]:
    """Return `count` signed `POST /api/v3/order`.

    `run` makes the client order ids unique from one stream to the next.
    """
    return [
        signed("POST", "/api/v3/order", buyer if params["side"] == "BUY" else seller, "&".join(map("=".join, params.items())))
        for params in _orders(count, run)
    ]


def order_calls(count: int, buyer: tuple[str, str], seller: tuple[str, str], run: str) -> list[bytes]:
    """Return the same orders as signed `order.place` requests."""
    return [
        signed_call(number, "order.place", {**params}, buyer if params["side"] == "BUY" else seller)
        for number, params in enumerate(_orders(count, run))
    ]


def _orders(count: int, run: str) -> Iterator[dict[str, str]]:
    """Yield the parameters of `count` orders."""
    for number in range(count):
        if number % (_REST_SHARE + _CROSS_SHARE):
            side, price = ("BUY", _PRICE - 1 - number % 500) if number % 2 else ("SELL", _PRICE + 1 + number % 500)
        else:
            side, price = ("SELL", _PRICE - 1_000) if number % 4 else ("BUY", _PRICE + 1_000)
        yield {
            "symbol": "BTCUSDT",
            "side": side,
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.00100",
            "price": f"{price}.00",
            "newClientOrderId": f"b{run}-{number}",
        }


def empty_stream(count: int) -> list[bytes]:
    """Return `count` requests of the same size to the empty handler."""
    key = ("k" * 64, "s" * 64)
    query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.00100&price=60000.00&newClientOrderId=bench-0"
    return [signed("POST", "/api/v3/order", key, query)] * count
