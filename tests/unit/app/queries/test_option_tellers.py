"""What became of commands is told from their events."""

import pytest

from tests.support.eapi_answers import ORDER
from tests.support.eapi_desk import BOB_KEY, LEGACY, MAKER_KEY, EapiDesk
from tests.support.option_market import CALL, PUT


@pytest.fixture
def desk() -> EapiDesk:
    return EapiDesk()


def test_a_short_answer_tells_the_order_as_it_was_accepted_and_a_longer_one_what_it_traded(desk: EapiDesk) -> None:
    for _ in range(2):
        desk.place("SELL", "1", "1500", key=MAKER_KEY)
    short = desk.signed("POST", "order", ORDER, key=BOB_KEY)
    assert (short["status"], short["executedQty"], short["avgPrice"]) == ("NEW", "0.0000", "0.000")
    longer = desk.signed("POST", "order", ORDER | {"newOrderRespType": "RESULT"}, key=BOB_KEY)
    assert (longer["status"], longer["executedQty"], longer["avgPrice"]) == ("FILLED", "1.0000", "1500.000")


def test_what_an_order_met_is_not_taken_for_the_order(desk: EapiDesk) -> None:
    first = desk.place("SELL", "1", "1400", key=MAKER_KEY)
    second = desk.place("SELL", "1", "1500", key=MAKER_KEY)
    taker = desk.place("BUY", "2", "1500", key=BOB_KEY)
    assert taker["orderId"] not in (first["orderId"], second["orderId"])
    assert (taker["status"], taker["avgPrice"]) == ("FILLED", "1450.000")


def test_what_is_left_of_an_order_that_does_not_wait_expires(desk: EapiDesk) -> None:
    desk.place("SELL", "1", "1500", key=MAKER_KEY)
    told = desk.place("BUY", "3", "1500", key=BOB_KEY, timeInForce="IOC")
    assert (told["status"], told["executedQty"]) == ("EXPIRED", "1.0000")
    desk.speak(LEGACY)
    told = desk.place("BUY", "3", "1500", key=BOB_KEY, timeInForce="IOC")
    assert (told["status"], told["executedQty"]) == ("CANCELLED", "0.00000000")


def test_a_cancel_tells_the_order_as_it_found_it(desk: EapiDesk) -> None:
    order = desk.place("SELL", "3", "1500", key=MAKER_KEY)
    desk.place("BUY", "1", "1500", key=BOB_KEY)
    told = desk.signed("DELETE", "order", {"symbol": CALL, "orderId": order["orderId"]}, key=MAKER_KEY)
    assert (told["status"], told["executedQty"]) == ("PARTIALLY_FILLED", "1.0000")
    found = desk.signed("GET", "order", {"symbol": CALL, "orderId": order["orderId"]}, key=MAKER_KEY)
    assert found["status"] == "CANCELED"


def test_how_many_orders_a_cancel_ended_is_told_where_there_is_a_field_for_it(desk: EapiDesk) -> None:
    desk.speak(LEGACY)
    for symbol in (CALL, PUT, PUT):
        desk.place("BUY", "1", "1000", symbol)
    assert desk.signed("DELETE", "allOpenOrders", {"symbol": CALL}) == {"code": 0, "msg": "success"}
    told = desk.signed("DELETE", "allOpenOrdersByUnderlying", {"underlying": "BTCUSDT"})
    assert told == {"code": 0, "msg": "success", "data": 2}
    assert desk.signed("GET", "openOrders") == []
