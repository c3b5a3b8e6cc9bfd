"""The options door by bytes: headers, limits, listen keys, several at once, what is looked at; never an answer of 500."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from papernet.app.listen_keys import VALID_FOR
from papernet.app.operations.options import Generation
from papernet.protocols.rest.option_routes import OptionRoutes
from tests.support.eapi_answers import LEG, ORDER, text
from tests.support.eapi_desk import ALICE, ALICE_KEY, BOB_KEY, CURRENT, LEGACY, MILLISECOND, READER_KEY, SECOND, EapiDesk, error
from tests.support.option_market import CALL, PUT


@pytest.fixture
def desk() -> EapiDesk:
    return EapiDesk()


def headers(response: Any) -> dict[bytes, bytes]:
    return dict(response.headers)


def test_weight_and_order_counts_are_told_in_headers(desk: EapiDesk) -> None:
    assert headers(desk.send("GET", "trades", f"symbol={CALL}"))[b"x-mbx-used-weight-1m"] == b"5"
    placed = headers(desk.sign("POST", "order", ORDER))
    assert (placed[b"x-mbx-order-count-10s"], placed[b"x-mbx-order-count-1m"]) == (b"1", b"1")
    assert placed[b"x-mbx-used-weight-1m"] == b"5", "an order weighs nothing"
    both = headers(desk.sign("POST", "batchOrders", {"orders": text([ORDER, ORDER])}))
    assert (both[b"x-mbx-order-count-10s"], both[b"x-mbx-used-weight-1m"]) == (b"3", b"10")
    assert b"x-mbx-order-count-10s" not in headers(desk.sign("GET", "openOrders"))
    refused = headers(desk.sign("POST", "order", ORDER | {"price": "1501"}))
    assert refused[b"x-mbx-order-count-10s"] == b"3"


def test_a_command_gives_no_weight_back(desk: EapiDesk) -> None:
    desk.sign("POST", "order", ORDER)
    response = desk.sign("DELETE", "allOpenOrders", {"symbol": CALL})
    assert headers(response)[b"x-mbx-used-weight-1m"] == b"1"


def test_an_answer_to_a_command_waits_for_the_command(desk: EapiDesk) -> None:
    response = desk.sign("POST", "order", ORDER)
    assert response.durable_seq == desk.sequencer.last_seq
    assert desk.send("GET", "depth", f"symbol={CALL}").durable_seq == 0
    assert desk.sign("GET", "openOrders").durable_seq == desk.sequencer.last_seq


def test_parameters_may_be_in_the_body_the_query_or_both(desk: EapiDesk) -> None:
    assert desk.sign("POST", "order", ORDER, in_body=True).status == 200
    assert desk.sign("POST", "order", ORDER).status == 200


def test_several_orders_are_carried_out_each_by_itself(desk: EapiDesk) -> None:
    orders = [
        ORDER,
        ORDER | {"price": 1501},
        ORDER | {"price": "0"},
        ORDER | {"price": 1600.0, "reduceOnly": "false", "isMmp": False},
    ]
    told = desk.signed("POST", "batchOrders", {"orders": text(orders)})
    assert [row.get("code") for row in told] == [None, -4029, -4001, None]
    assert [row.get("price") for row in told] == ["1500.000", None, None, "1600.000"]
    ids = [row["orderId"] for row in told if "orderId" in row]
    gone = desk.signed("DELETE", "batchOrders", {"symbol": CALL, "orderIds": text([ids[0], 7, ids[1]])})
    assert [row.get("orderId") for row in gone] == [ids[0], None, ids[1]]
    assert gone[1] == {"code": -2013, "msg": "Order does not exist."}


def test_a_client_that_does_not_encode_its_lists_is_understood(desk: EapiDesk) -> None:
    import hashlib  # noqa: PLC0415  signed by hand, as one client does
    import hmac  # noqa: PLC0415

    raw = f"orders={text([ORDER])}&timestamp={desk.now // MILLISECOND}"
    raw += "&signature=" + hmac.new(b"s" * 64, raw.encode(), hashlib.sha256).hexdigest()
    response = desk.send("POST", "batchOrders", "", raw, headers={b"x-mbx-apikey": ALICE_KEY.encode()})
    assert json.decode(response.body)[0]["status"] == "NEW"


def test_a_listen_key_is_the_accounts_and_needs_no_parameters(desk: EapiDesk) -> None:
    begun = desk.keyed("POST", "listenKey")
    assert len(begun["listenKey"]) == 64
    assert begun["expiration"] == (desk.now + VALID_FOR) // MILLISECOND
    desk.now += SECOND
    again = desk.keyed("POST", "listenKey", key=ALICE_KEY)
    assert (again["listenKey"], again["expiration"]) == (begun["listenKey"], begun["expiration"] + 1_000)
    assert desk.keyed("POST", "listenKey", key=BOB_KEY)["listenKey"] != begun["listenKey"]
    desk.now += VALID_FOR - 1
    assert desk.keyed("PUT", "listenKey") == {}
    desk.now += VALID_FOR - 1
    assert desk.keys.account_of(begun["listenKey"], desk.now) == ALICE
    assert desk.keyed("DELETE", "listenKey") == {}
    for method in ("PUT", "DELETE"):
        assert desk.keyed(method, "listenKey") == {"code": -1125, "msg": "This listenKey does not exist."}


def test_a_listen_key_that_nobody_kept_is_gone(desk: EapiDesk) -> None:
    desk.keyed("POST", "listenKey")
    desk.now += VALID_FOR
    assert desk.keyed("PUT", "listenKey")["code"] == -1125


def test_a_key_without_the_permission_gets_no_listen_key(desk: EapiDesk) -> None:
    assert desk.keyed("POST", "listenKey", key=READER_KEY)["code"] == -2015
    assert desk.keyed("POST", "listenKey", key="x")["code"] == -2014
    assert desk.keyed("POST", "listenKey", "listenKey=a")["code"] == -1101


def test_the_older_edition_tells_no_end_of_a_listen_key() -> None:
    assert list(EapiDesk(LEGACY).keyed("POST", "listenKey")) == ["listenKey"]


def test_old_trades_need_a_key_and_nothing_else() -> None:
    desk = EapiDesk(LEGACY)
    assert error(desk.send("GET", "historicalTrades", f"symbol={CALL}"))[:2] == (401, -2014)
    assert desk.keyed("GET", "historicalTrades", f"symbol={CALL}", key=READER_KEY) == []
    for unknown in ("BTC-000000-1-C", "BTC-261399-1-C", "FOO-200101-1-C"):
        assert desk.keyed("GET", "historicalTrades", f"symbol={unknown}", key=READER_KEY)["code"] == -1121


def test_market_makers_are_told_what_is_looked_at_before_it_is() -> None:
    looked: list[tuple[tuple[str, ...] | None, int]] = []
    desk = EapiDesk(look=lambda symbols, now: looked.append((symbols, now)))

    def quote(symbols: tuple[str, ...] | None, _now: int) -> None:
        if symbols == (PUT,):
            desk.quote(PUT, (1_000, 1), (2_100, 1))

    desk.get("depth", f"symbol={CALL}")
    desk.get("mark")
    desk.get("ticker", f"symbol={PUT.lower()}")
    desk.sign("POST", "order", ORDER)
    desk.sign("POST", "batchOrders", {"orders": text([ORDER, ORDER | {"price": 0}, ORDER | {"symbol": PUT}])})
    desk.sign("POST", "block/order/create", {"liquidity": "TAKER", "legs": text([ORDER])})
    (key,) = desk.exchange.options.block_orders
    desk.sign("POST", "block/order/execute", {"blockOrderMatchingKey": key}, key=BOB_KEY)
    desk.sign("POST", "block/order/execute", {"blockOrderMatchingKey": "another"}, key=BOB_KEY)
    desk.send("POST", "order", "&".join(f"{name}={value}" for name, value in ORDER.items()))
    for path in ("trades", "klines", "nowhere", "ping"):
        desk.get(path, f"symbol={CALL}")
    desk.get("depth", "symbol=")
    assert [symbols for symbols, at in looked if at == desk.now] == [
        (CALL,),
        None,
        (PUT,),
        (CALL,),
        (CALL, PUT),
        (CALL,),
        (CALL,),
    ], "and not by who may not"
    desk.look = quote
    desk.speak(CURRENT)
    assert desk.get("depth", f"symbol={PUT}")["asks"] == [["2100.000", "1.0000"]]


def test_an_address_over_its_limit_is_told_and_then_banned_on_this_host_alone(desk: EapiDesk) -> None:
    for _ in range(60):
        assert desk.send("GET", "ticker").status == 200
    status, code, message = error(desk.send("GET", "ticker"))
    assert (status, code) == (429, -1008)
    assert "2400 request weight per 1 MINUTE" in message
    assert headers(desk.send("GET", "ping"))[b"retry-after"] == b"60"
    for _ in range(20):
        desk.send("GET", "ping")
    assert error(desk.send("GET", "ping"))[:2] == (418, -1008)
    assert desk.send("GET", "ping", ip="192.0.2.8").status == 200


@pytest.mark.parametrize(("path", "status"), [("nowhere", 404), ("order/", 404), ("depth", 405)])
def test_what_is_not_there_is_told_in_json(desk: EapiDesk, path: str, status: int) -> None:
    response = desk.send("POST", path)
    assert error(response)[:2] == (status, -1020)
    assert headers(response).get(b"allow") == (b"GET" if status == 405 else None)


def test_nothing_about_options_has_a_time_unit(desk: EapiDesk) -> None:
    response = desk.send("GET", "time", headers={b"x-mbx-time-unit": b"MICROSECOND"})
    assert json.decode(response.body) == {"serverTime": desk.now // MILLISECOND}


def test_what_there_is_no_venue_for_is_refused() -> None:
    desk = EapiDesk()
    desk.exchange.options.portfolios.pop(ALICE)
    assert error(desk.sign("POST", "order", ORDER))[1] == -5002


PATHS = sorted(path for path in OptionRoutes(Generation.CURRENT).by_path)
NAMES = ["symbol", "orders", "legs", "limit", "orderId", "underlying", "price", "timestamp", "", "signature", "expiration"]
VALUES = st.one_of(
    st.sampled_from([CALL, text([LEG]), "[]", "[{}]", "null", "{", "1", "-1", "BTCUSDT", "[[1]]", '[{"a":"\\ud800"}]']),
    st.text(),
)
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)
DESKS = {generation: EapiDesk(generation, limits=False) for generation in Generation}


@given(
    st.sampled_from(list(Generation)),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    st.sampled_from(PATHS) | st.text(),
    PAIRS,
    st.binary(max_size=40),
    st.booleans(),
)
def test_whatever_comes_the_answer_is_below_five_hundred(
    generation: Generation, method: str, path: str, pairs: list[tuple[str, str]], body: bytes, is_signed: bool
) -> None:
    desk = DESKS[generation]
    if is_signed:
        response = desk.sign(method, path, {name: value.encode("utf-8", "replace") for name, value in pairs if name})
    else:
        raw = "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace")
        response = desk.send(method, path, raw, body)
    assert 200 <= response.status < 500
    json.decode(response.body)
