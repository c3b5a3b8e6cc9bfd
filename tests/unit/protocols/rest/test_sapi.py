"""The few answers to what clients ask of `/sapi`: only when asked for, in the shapes that clients parse."""

import pytest
from msgspec import json

from papernet.app.rate_limits import WEIGHT_LIMIT
from tests.support.rest_desk import ALICE_KEY, IP, Desk, header

STUBS = {
    "/sapi/v1/capital/config/getall": list,
    "/sapi/v1/margin/allPairs": list,
    "/sapi/v1/margin/isolated/allPairs": list,
    "/sapi/v1/asset/tradeFee": list,
    "/sapi/v1/system/status": dict,
}


@pytest.mark.parametrize("path", list(STUBS))
def test_stubs_answer_only_when_asked_for(path: str) -> None:
    assert Desk().send("GET", path).status == 404
    desk = Desk(sapi_stubs=True)
    response = desk.send("GET", path, "timestamp=1&signature=2")
    assert response.status == 200
    assert isinstance(json.decode(response.body), STUBS[path])
    assert header(response, b"x-mbx-used-weight-1m") == b"1"
    assert desk.send("POST", path).status == 404
    desk.limits.charge(IP, WEIGHT_LIMIT, desk.now)
    assert desk.send("GET", path).status == 429


def test_stubs_tell_assets_and_fees() -> None:
    desk = Desk(sapi_stubs=True)
    coins = desk.get("/sapi/v1/capital/config/getall")
    assert [coin["coin"] for coin in coins] == ["BTC", "USDT", "ETH"]
    fees = desk.get("/sapi/v1/asset/tradeFee", "symbol=BTCUSDT", headers={b"x-mbx-apikey": ALICE_KEY.encode()})
    assert fees == [{"symbol": "BTCUSDT", "makerCommission": "0.00000000", "takerCommission": "0.00000000"}]
