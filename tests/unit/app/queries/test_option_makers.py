"""What market makers are told: protection, countdowns, block orders and block trades."""

from typing import Any

import pytest

from tests.support.eapi_answers import LEG, PROTECTION, text
from tests.support.eapi_desk import ALICE_KEY, BOB_KEY, MAKER_KEY, MILLISECOND, SECOND, EapiDesk
from tests.support.option_market import CALL

BLOCK = {"liquidity": "TAKER", "legs": text([LEG])}


@pytest.fixture
def desk() -> EapiDesk:
    return EapiDesk()


def of_maker(desk: EapiDesk, method: str, path: str, params: dict[str, Any] | None = None) -> Any:
    return desk.signed(method, path, params, key=MAKER_KEY)


def test_a_protection_is_told_as_it_was_set_and_when_it_was_triggered(desk: EapiDesk) -> None:
    told = of_maker(desk, "POST", "mmpSet", PROTECTION)
    assert told == {
        "underlyingId": 1,
        "underlying": "BTCUSDT",
        "windowTimeInMilliseconds": 3000,
        "frozenTimeInMilliseconds": 300000,
        "qtyLimit": "2",
        "deltaLimit": "2.3",
        "lastTriggerTime": 0,
    }
    desk.place("SELL", "2", "2000", key=MAKER_KEY, isMmp="true")
    desk.place("BUY", "2", "2000", key=BOB_KEY)
    assert of_maker(desk, "GET", "mmp", {"underlying": "BTCUSDT"}) == told | {"lastTriggerTime": desk.now // MILLISECOND}
    assert of_maker(desk, "POST", "mmpReset", {"underlying": "btcusdt"})["underlying"] == "BTCUSDT"
    assert of_maker(desk, "GET", "mmp", {"underlying": "ETHUSDT"})["code"] == -6006


def test_countdowns_are_told_alone_together_or_not_at_all(desk: EapiDesk) -> None:
    assert of_maker(desk, "GET", "countdownCancelAll") == {}
    for underlying, span in (("BTCUSDT", 30_000), ("ETHUSDT", 60_000)):
        asked = {"underlying": underlying, "countdownTime": span}
        assert of_maker(desk, "POST", "countdownCancelAll", asked) == asked
    told = {"underlying": "ETHUSDT", "countdownTime": 60_000}
    assert len(of_maker(desk, "GET", "countdownCancelAll")) == 2
    assert of_maker(desk, "GET", "countdownCancelAll", {"underlying": "ETHUSDT"}) == told
    assert of_maker(desk, "GET", "countdownCancelAll", {"underlying": "SOLUSDT"})["code"] == -1128
    assert of_maker(desk, "POST", "countdownCancelAll", {"underlying": "BTCUSDT", "countdownTime": 0})["countdownTime"] == 0
    assert of_maker(desk, "GET", "countdownCancelAll") == told


def test_a_heartbeat_tells_which_countdowns_it_kept(desk: EapiDesk) -> None:
    of_maker(desk, "POST", "countdownCancelAll", {"underlying": "ETHUSDT", "countdownTime": 30_000})
    assert of_maker(desk, "POST", "countdownCancelAllHeartBeat", {"underlyings": "BTCUSDT,ETHUSDT"}) == {
        "underlyings": ["ETHUSDT"]
    }
    of_maker(desk, "POST", "order", LEG | {"price": "1000"})
    desk.advance(30 * SECOND)
    assert of_maker(desk, "POST", "countdownCancelAllHeartBeat", {"underlyings": "ETHUSDT"}) == {"underlyings": []}


def test_block_orders_are_told_to_both_sides_by_their_creation(desk: EapiDesk) -> None:
    first = of_maker(desk, "POST", "block/order/create", BLOCK)
    desk.advance(SECOND)
    second = of_maker(desk, "POST", "block/order/create", BLOCK)
    desk.signed("POST", "block/order/execute", {"blockOrderMatchingKey": first["blockTradeSettlementKey"]})

    def told(key: str = MAKER_KEY, **asked: Any) -> list[tuple[str, str, str]]:
        rows = desk.signed("GET", "block/order/orders", asked, key=key)
        return [(row["blockTradeSettlementKey"], row["status"], row["legs"][0]["side"]) for row in rows]

    accepted = (first["blockTradeSettlementKey"], "ACCEPTED", "BUY")
    received = (second["blockTradeSettlementKey"], "RECEIVED", "BUY")
    assert told() == [accepted, received]
    assert told(ALICE_KEY) == [(accepted[0], "ACCEPTED", "SELL")]
    assert told(BOB_KEY) == []
    assert told(blockOrderMatchingKey=received[0]) == [received]
    assert told(startTime=desk.now // MILLISECOND) == [received]
    assert told(endTime=desk.now // MILLISECOND - 1) == [accepted]
    assert told(underlying="BTCUSDT") == [accepted, received]
    assert told(underlying="ETHUSDT") == []
    assert desk.signed("GET", "block/order/orders", {"underlying": "SOLUSDT"})["code"] == -1128


def test_who_knows_the_key_of_an_open_block_order_may_see_it(desk: EapiDesk) -> None:
    key = {"blockOrderMatchingKey": of_maker(desk, "POST", "block/order/create", BLOCK)["blockTradeSettlementKey"]}
    assert desk.signed("GET", "block/order/execute", key, key=BOB_KEY)["legs"][0]["side"] == "SELL"
    assert of_maker(desk, "DELETE", "block/order/create", key) == {}
    assert of_maker(desk, "GET", "block/order/execute", key)["status"] == "CANCELED"
    assert desk.signed("GET", "block/order/execute", key, key=BOB_KEY)["code"] == -6037


def test_a_block_order_lives_half_an_hour_from_its_creation_or_extension(desk: EapiDesk) -> None:
    block = of_maker(desk, "POST", "block/order/create", BLOCK)
    assert block["expireTime"] == desk.now // MILLISECOND + 1_800_000
    desk.advance(60 * SECOND)
    extended = of_maker(desk, "PUT", "block/order/create", {"blockOrderMatchingKey": block["blockTradeSettlementKey"]})
    assert extended["expireTime"] == block["expireTime"] + 60_000


def test_block_trades_are_told_of_ones_own_side(desk: EapiDesk) -> None:
    block = of_maker(desk, "POST", "block/order/create", BLOCK)
    desk.signed("POST", "block/order/execute", {"blockOrderMatchingKey": block["blockTradeSettlementKey"]})
    (trade,) = of_maker(desk, "GET", "block/user-trades")
    (leg,) = trade["legs"]
    assert (trade["blockTradeSettlementKey"], trade["crossType"]) == (block["blockTradeSettlementKey"], "USER_BLOCK")
    assert (leg["symbol"], leg["orderSide"], leg["tradePrice"], leg["tradeQty"], leg["fee"]) == (CALL, "BUY", 1500, 1, 15)
    (other,) = desk.signed("GET", "block/user-trades", {"underlying": "BTCUSDT"})
    assert (other["legs"][0]["orderSide"], other["legs"][0]["liquidity"]) == ("SELL", "MAKER")
    assert desk.signed("GET", "block/user-trades", {"underlying": "ETHUSDT"}) == []
    assert desk.signed("GET", "block/user-trades", {"underlying": "SOLUSDT"})["code"] == -1128
