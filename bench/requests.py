"""Signed orders as bytes: five in six rest away from the touch, one in six is priced through what rests there.

Half of all orders are thus still resting when the stream ends, and a tenth and more crossed.
"""

import hashlib
import hmac
import time
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


def order_stream(count: int, buyer: tuple[str, str], seller: tuple[str, str], run: str) -> list[bytes]:
    """Return `count` signed `POST /api/v3/order`.

    `run` makes the client order ids unique from one stream to the next.
    """
    requests: list[bytes] = []
    for number in range(count):
        if number % (_REST_SHARE + _CROSS_SHARE):
            side, price = ("BUY", _PRICE - 1 - number % 500) if number % 2 else ("SELL", _PRICE + 1 + number % 500)
        else:
            side, price = ("SELL", _PRICE - 1_000) if number % 4 else ("BUY", _PRICE + 1_000)
        key = buyer if side == "BUY" else seller
        query = (
            f"symbol=BTCUSDT&side={side}&type=LIMIT&timeInForce=GTC&quantity=0.00100&price={price}.00"
            f"&newClientOrderId=b{run}-{number}"
        )
        requests.append(signed("POST", "/api/v3/order", key, query))
    return requests


def empty_stream(count: int) -> list[bytes]:
    """Return `count` requests of the same size to the empty handler."""
    key = ("k" * 64, "s" * 64)
    query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.00100&price=60000.00&newClientOrderId=bench-0"
    return [signed("POST", "/api/v3/order", key, query)] * count
