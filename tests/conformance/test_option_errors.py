"""Every code of European Options that a request can meet is met here, at the door, with the documents' words.

`facts/options-errors.json` has the list of the current edition; `legacy` says whether the older one has a code too, `never` why
no request meets it here.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from papernet.app.faults import Fault, OptionFault, RequestFault
from papernet.app.operations.options import Generation
from papernet.core.commands import ConfigureOptions, ConfigureOptionsAccount
from papernet.core.rejects import Reason, Reject
from papernet.protocols.json import errors, option_errors
from papernet.protocols.rest.request import Response
from tests.support.eapi_answers import LEG, ORDER, PROTECTION, text
from tests.support.eapi_desk import (
    ALICE,
    ALICE_KEY,
    BOB_KEY,
    CURRENT,
    DAY,
    LEGACY,
    MAKER_KEY,
    MILLISECOND,
    READER_KEY,
    EapiDesk,
    error,
)
from tests.support.option_market import CALL, make_underlying, units

FACTS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "facts" / "options-errors.json").read_text(encoding="utf-8"))
MESSAGES = {fact["code"]: fact["messages"] for fact in FACTS}
BTC = {"underlying": "BTCUSDT"}


# What rules make of requests: two of the three meanings of 503 (General Info), and what restricted locations are told.
BY_RULE = (
    (-1000, "Unknown error, please check your request or try again later."),
    (-1001, "Service Unavailable."),
    (0, "Service unavailable from a restricted location."),
)
# Met in test_every_fault.py alone.
MET_BY_RULE = (-1000, -1001, -1016)


def is_documented(code: int, message: str) -> bool:
    if (code, message) in BY_RULE:
        return True
    patterns = [re.escape(known).replace("%s %s", ".*").replace("%s", ".*") for known in MESSAGES[code]]
    # How many orders there may be at once differs between the editions.
    patterns += [pattern.replace("10", "(5|10)") for pattern in patterns if code == -6011]
    return any(re.fullmatch(pattern, message) for pattern in patterns)


def place(**terms: str) -> Callable[[EapiDesk], Response]:
    return lambda desk: desk.sign("POST", "order", ORDER | terms)


def ask(method: str, path: str, key: str = "", **params: str) -> Callable[[EapiDesk], Response]:
    return lambda desk: desk.sign(method, path, params, key=key or ALICE_KEY)


def public(path: str, query: str = "") -> Callable[[EapiDesk], Response]:
    return lambda desk: desk.send("GET", path, query)


def after(*steps: Callable[[EapiDesk], Response]) -> Callable[[EapiDesk], Response]:
    """Return a request that follows others."""

    def run(desk: EapiDesk) -> Response:
        for step in steps[:-1]:
            assert step(desk).status == 200
        return steps[-1](desk)

    return run


def unsigned(desk: EapiDesk, extra: str, key: bytes = b"a" * 64) -> Response:
    return desk.send("GET", "position", extra, headers={b"x-mbx-apikey": key})


def stale(desk: EapiDesk) -> Response:
    return unsigned(desk, f"timestamp={desk.now // MILLISECOND - 10_000}&signature=00")


def early(desk: EapiDesk) -> Response:
    return unsigned(desk, f"timestamp={desk.now // MILLISECOND + 10_000}&signature=00")


def missigned(desk: EapiDesk) -> Response:
    return unsigned(desk, f"timestamp={desk.now // MILLISECOND}&signature=00")


def with_bad_key(desk: EapiDesk) -> Response:
    return unsigned(desk, "timestamp=1&signature=00", b"short")


def with_unknown_key(desk: EapiDesk) -> Response:
    return unsigned(desk, f"timestamp={desk.now // MILLISECOND}&signature=00", b"z" * 64)


def overweight(desk: EapiDesk) -> Response:
    for _ in range(120):
        desk.send("GET", "ticker")
    return desk.send("GET", "ticker")


def banned(desk: EapiDesk) -> Response:
    for _ in range(700):
        desk.send("GET", "ticker")
    return desk.send("GET", "ping")


def too_many_orders(desk: EapiDesk) -> Response:
    for _ in range(300):
        placed = desk.signed("POST", "order", ORDER)
        desk.sign("DELETE", "order", {"symbol": CALL, "orderId": placed["orderId"]})
    return desk.sign("POST", "order", ORDER)


def disabled(desk: EapiDesk) -> Response:
    desk.submit(ConfigureOptionsAccount(ALICE, can_trade=False))
    return desk.sign("POST", "order", ORDER)


def expired(desk: EapiDesk) -> Response:
    desk.now += 9 * DAY
    # Time has not advanced: the contract is there, and yet over.
    return desk.sign("POST", "order", ORDER)


def many_orders(desk: EapiDesk) -> Response:
    desk.place("SELL", "1", "7000", CALL, key=MAKER_KEY)
    for _ in range(10):
        assert desk.sign("POST", "order", ORDER | {"price": "1000", "quantity": "0.01"}).status == 200
    return desk.sign("POST", "order", ORDER | {"price": "1000", "quantity": "0.01"})


def many_orders_on_underlying(desk: EapiDesk) -> Response:
    symbols = [symbol for symbol in desk.exchange.options.markets if symbol.startswith("BTC")]
    for number in range(200):
        terms = {"symbol": symbols[number // 10], "price": "5", "quantity": "0.01"}
        assert desk.sign("POST", "order", ORDER | terms).status == 200
    return desk.sign("POST", "order", ORDER | {"symbol": symbols[20], "price": "5", "quantity": "0.01"})


def frozen(desk: EapiDesk) -> Response:
    assert desk.sign("POST", "mmpSet", PROTECTION | {"qtyLimit": "1"}, key=MAKER_KEY).status == 200
    desk.place("SELL", "1", "2000", key=MAKER_KEY, isMmp="true")
    desk.place("BUY", "1", "2000", key=BOB_KEY)
    return desk.sign("POST", "order", ORDER | {"isMmp": "true"}, key=MAKER_KEY)


def liquidating(desk: EapiDesk) -> Response:
    """Write so much that a rise of the mark leaves less than the initial margin, and more than that of maintenance."""
    desk.place("SELL", "10", "2000")
    desk.place("BUY", "10", "2000", key=MAKER_KEY)
    desk.mark(CALL, 4_500, 60)
    return desk.sign("POST", "order", ORDER | {"side": "SELL", "price": "4500"})


def resting(price: str, key: str = MAKER_KEY, side: str = "SELL", **terms: str) -> Callable[[EapiDesk], Response]:
    return lambda desk: desk.sign("POST", "order", ORDER | {"side": side, "price": price} | terms, key=key)


def accept_own(desk: EapiDesk) -> Response:
    block = desk.signed("POST", "block/order/create", {"liquidity": "MAKER", "legs": text([LEG])})
    return desk.sign("POST", "block/order/execute", {"blockOrderMatchingKey": block["blockTradeSettlementKey"]})


def sixth_download(desk: EapiDesk) -> Response:
    month = {"startTime": "1768000000000", "endTime": "1768400000000"}
    for _ in range(5):
        assert desk.sign("GET", "income/asyn", month).status == 200
    return desk.sign("GET", "income/asyn", month)


def long(desk: EapiDesk) -> Response:
    """Let Alice own a contract."""
    desk.place("SELL", "1", "2000", key=MAKER_KEY)
    return desk.sign("POST", "order", ORDER | {"price": "2000"})


def short_limit(desk: EapiDesk) -> Response:
    underlying = make_underlying()
    limits = replace(underlying.limits, short=units(1))
    desk.submit(ConfigureOptions((to_builtins(replace(underlying, limits=limits)),)))
    return desk.sign("POST", "order", ORDER | {"side": "SELL", "price": "2000", "quantity": "1.01"})


def not_written(desk: EapiDesk) -> Response:
    desk.submit(ConfigureOptions((to_builtins(make_underlying(may_be_written=False)),)))
    return desk.sign("POST", "order", ORDER | {"side": "SELL", "price": "2000"})


KEY = "3668822b-0000-4000-8000-000000000001"
# code -> requests that meet it, in the current edition
MET: dict[int, list[Callable[[EapiDesk], Response]]] = {
    -1008: [overweight, banned],
    -1014: [place(timeInForce="FOK", postOnly="true")],
    -1015: [too_many_orders],
    -1020: [public("nowhere"), lambda desk: desk.send("PUT", "order")],
    -1021: [stale, early],
    -1022: [missigned],
    -1100: [public("depth", "symbol=%FF"), public("depth", "symbol=BTCUSDT"), place(quantity="many")],
    -1101: [public("ping", "a=1"), public("depth", "symbol=A&symbol=B")],
    -1102: [public("depth"), ask("GET", "order", symbol=CALL), public("index")],
    -1104: [public("depth", f"symbol={CALL}&deep=1")],
    -1105: [public("depth", f"symbol={CALL}&limit=")],
    -1106: [ask("DELETE", "batchOrders", symbol=CALL, orderIds="[1]", clientOrderIds='["a"]')],
    -1111: [place(price="0.000000001")],
    -1115: [place(timeInForce="GTD")],
    -1116: [place(type="MARKET")],
    -1117: [place(side="HOLD")],
    -1120: [public("klines", f"symbol={CALL}&interval=1s")],
    -1121: [public("depth", "symbol=BTC-300101-50000-C"), place(symbol="BTC-300101-50000-C")],
    -1125: [lambda desk: desk.send("PUT", "listenKey", headers={b"x-mbx-apikey": b"a" * 64})],
    -1128: [public("index", "underlying=SOLUSDT"), ask("DELETE", "allOpenOrdersByUnderlying", underlying="SOLUSDT")],
    -1129: [ask("GET", "bill", currency="BTC")],
    -1130: [ask("POST", "batchOrders", orders="[1]"), place(reduceOnly="perhaps")],
    -1131: [ask("GET", "position", recvWindow="60001")],
    -2010: [resting("5", BOB_KEY, "BUY", quantity="2000.01")],
    -2013: [ask("DELETE", "order", symbol=CALL, orderId="7"), ask("GET", "order", symbol=CALL, clientOrderId="nobody")],
    -2014: [with_bad_key],
    -2015: [with_unknown_key, lambda desk: desk.sign("POST", "order", ORDER, key=READER_KEY)],
    -2018: [place(quantity="100", price="2000")],
    -2027: [place(side="SELL", quantity="100", price="2000")],
    -4001: [place(price="0"), place(price="-1")],
    -4002: [place(price="9000")],
    -4003: [place(quantity="0"), place(quantity="-0.01")],
    -4004: [place(quantity="0.001")],
    -4005: [place(quantity="2501")],
    -4013: [place(price="1")],
    -4029: [place(price="1501")],
    -4030: [place(quantity="0.015")],
    -5010: [resting("2000", BOB_KEY)],
    -6001: [ask("POST", "mmpSet", MAKER_KEY, **PROTECTION | {"windowTimeInMilliseconds": "5001"})],
    -6002: [ask("POST", "mmpSet", MAKER_KEY, **PROTECTION | {"frozenTimeInMilliseconds": "-1"})],
    -6004: [ask("POST", "mmpReset", MAKER_KEY, underlying="SOLUSDT"), ask("GET", "mmp", MAKER_KEY, underlying="SOLUSDT")],
    -6005: [ask("POST", "mmpSet", **PROTECTION), ask("GET", "mmp", **BTC), place(isMmp="true")],
    -6006: [ask("POST", "mmpReset", MAKER_KEY, **BTC), ask("GET", "mmp", MAKER_KEY, **BTC)],
    -6008: [public("depth", f"symbol={CALL}&limit=11"), public("trades", f"symbol={CALL}&limit=501")],
    -6009: [ask("POST", "countdownCancelAll", **BTC, countdownTime="4999")],
    -6011: [ask("POST", "batchOrders", orders=text([ORDER] * 11))],
    -6012: [ask("POST", "block/order/create", liquidity="MAKER", legs=text([LEG, LEG]))],
    -6023: [accept_own],
    -6031: [public("klines", f"symbol={CALL}&interval=1m&startTime=2000000000000&endTime=1000000000000")],
    -6037: [ask("GET", "block/order/execute", blockOrderMatchingKey=KEY)],
    -6040: [ask("POST", "mmpSet", MAKER_KEY, **PROTECTION | {"qtyLimit": "0"})],
    -6044: [after(place(clientOrderId="twice"), place(clientOrderId="twice"))],
    -6045: [after(long, resting("2000", ALICE_KEY), resting("2000", ALICE_KEY, reduceOnly="true"))],
    -6046: [place(timeInForce="FOK")],
    -6047: [after(resting("1500"), place(timeInForce="GTX")), after(resting("1500"), place(postOnly="true"))],
    -6048: [ask("POST", "block/order/execute", blockOrderMatchingKey=KEY)],
    -6049: [expired],
    -6050: [many_orders],
    -6051: [many_orders_on_underlying],
    -6052: [place(side="SELL", quantity="2000.01", price="2000")],
    -6053: [short_limit],
    -6055: [liquidating],
    -6056: [place(side="SELL", price="2000", reduceOnly="true")],
    -6057: [not_written],
    -6058: [frozen],
    -6062: [disabled],
    -6073: [ask("GET", "userTrades", symbol=CALL, startTime="1700000000000", endTime="1768000000000")],
}


STATUSES = {-1008: (418, 429), -1015: (429,), -1020: (404, 405), -2014: (401,), -2015: (401,)}


@pytest.mark.parametrize(
    ("code", "request_of"),
    [pytest.param(code, request, id=f"{code}-{number}") for code, many in MET.items() for number, request in enumerate(many)],
)
def test_the_code_is_met(code: int, request_of: Callable[[EapiDesk], Response]) -> None:
    status, told, message = error(request_of(EapiDesk()))
    assert (told, is_documented(told, message)) == (code, True), message
    assert status in STATUSES.get(code, (400,))


# In the edition before 2026, whose list has fewer codes: what came later is told by an older one, or was never asked.
MET_BEFORE: dict[int, list[Callable[[EapiDesk], Response]]] = {
    -1002: [*MET[-6005], *MET[-6006], *MET[-6062]],
    -1008: [sixth_download],
    -1020: [ask("GET", "commission"), ask("POST", "stock/contract")],
    -1127: [ask("GET", "income/asyn", startTime="1700000000000", endTime="1768000000000")],
    -1128: MET[-6004],
    -1130: [*MET[-6001], *MET[-6008], *MET[-6009], *MET[-6011], *MET[-6037], *MET[-6048]],
    -2010: [*MET[-5010], *MET[-6044], *MET[-6046], *MET[-6047], *MET[-6050], *MET[-6058]],
    -4055: MET[-6040],
}
MET_BEFORE[-1130].append(ask("POST", "batchOrders", orders=text([ORDER] * 6)))


@pytest.mark.parametrize(
    ("code", "request_of"),
    [
        pytest.param(code, request, id=f"{code}-{number}")
        for code, many in MET_BEFORE.items()
        for number, request in enumerate(many)
    ],
)
def test_the_older_edition_has_an_older_code(code: int, request_of: Callable[[EapiDesk], Response]) -> None:
    _, told, message = error(request_of(EapiDesk(LEGACY)))
    assert (told, is_documented(told, message)) == (code, True), message


def test_every_code_is_met_or_it_is_said_why_not() -> None:
    met = MET.keys() | MET_BEFORE.keys() | dict.fromkeys(MET_BY_RULE).keys()
    assert sorted(met) == sorted(fact["code"] for fact in FACTS if "never" not in fact)


TELLABLE = [
    *(Fault(fault, ("10", "1 MINUTE")) for fault in (*RequestFault, *OptionFault) if fault in option_errors.FAULTS),
    *(Reject(reason, ("300", "10 SECOND")) for reason in option_errors.REASONS),
]


@pytest.mark.parametrize("generation", list(Generation))
@pytest.mark.parametrize("refusal", TELLABLE, ids=str)
def test_every_refusal_speaks_as_documented(refusal: Fault | Reject, generation: Generation) -> None:
    if isinstance(refusal, Fault):
        told = option_errors.error_of_fault(refusal, generation)
    else:
        told = option_errors.error_of_reject(refusal, generation)
    assert is_documented(told.code, told.text), told
    known = [fact["legacy"] for fact in FACTS if fact["code"] == told.code]
    assert all(known) or generation is CURRENT, told
    assert known or (told.code, told.text) in BY_RULE


def test_every_reason_is_told_by_the_venue_that_gives_it() -> None:
    both = [reason for reason in option_errors.REASONS if reason in errors.REASONS]
    # What only papernet's own control plane can ask for.
    assert both == [Reason.INSUFFICIENT_BALANCE, Reason.UNKNOWN_ASSET, Reason.BAD_AMOUNT]
    assert sorted({*option_errors.REASONS, *errors.REASONS}) == sorted(Reason)
    assert all(fault in option_errors.FAULTS for fault in OptionFault)
