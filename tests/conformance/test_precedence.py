"""Which refusal wins: one request with everything wrong, repaired fault by fault, is refused for each in the published order.

What the machine refuses comes last, in the order of `core.rejects.Reason`, which its own tests walk.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from papernet.app.rate_limits import WEIGHT_LIMIT
from papernet.core.commands import SetSymbolStatus
from papernet.core.enums import SymbolStatus
from papernet.protocols.rest.request import Response
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, IP, SECRET, Desk, told
from tests.support.worlds import coarse_symbol, make_symbol

HEAVY_IP = "192.0.2.99"
ORDER = "/api/v3/order"


@dataclass
class Draft:
    """A request that would be done; faults spoil it."""

    now: int
    texts: dict[str, str] = field(default_factory=dict)
    headers: dict[bytes, bytes] = field(default_factory=dict)
    ip: str = IP
    key: str = BOB_KEY
    tail: str = ""
    signature: str | None = None
    took: int = 0

    def __post_init__(self) -> None:
        self.texts = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "1",
            "price": "100",
            "timestamp": str(self.now // 1000),
        }


Spoil = Callable[[Draft], object]


def text(**texts: str) -> Spoil:
    return lambda draft: draft.texts.update(texts)


def without(name: str) -> Spoil:
    return lambda draft: draft.texts.pop(name, None)


def header(name: bytes, value: bytes) -> Spoil:
    return lambda draft: draft.headers.update({name: value})


def having(name: str, value: object) -> Spoil:
    return lambda draft: setattr(draft, name, value)


def timed(by: int) -> Spoil:
    return lambda draft: draft.texts.update(timestamp=str(draft.now // 1000 + by))


# (what spoils the request, HTTP status, code, how the message begins)
FAULTS: list[tuple[Spoil, int, int, str]] = [
    # the limits of the address
    (having("ip", HEAVY_IP), 429, -1003, "Too much request weight used"),
    # the request as a whole
    (header(b"accept", b"application/sbe"), 406, -1155, "SBE is not enabled."),
    (header(b"x-mbx-time-unit", b"SECOND"), 400, -1194, "Invalid value for time unit"),
    (having("tail", "&side=BUY"), 400, -1101, "Duplicate values for a parameter detected."),
    (having("key", "short"), 401, -2014, "API-key format invalid."),
    # one parameter, in the order of the operation's table
    (without("symbol"), 400, -1102, "Mandatory parameter 'symbol'"),
    (text(side="LONG"), 400, -1117, "Invalid side."),
    (text(type="STOP"), 400, -1116, "Invalid orderType."),
    (text(timeInForce="GTX"), 400, -1115, "Invalid timeInForce."),
    (text(quantity="1e5"), 400, -1100, "Illegal characters found in parameter 'quantity'"),
    (text(quoteOrderQty="1.123456789"), 400, -1111, "Parameter 'quoteOrderQty' has too much precision."),
    (text(price="92233720368.54775808"), 400, -1108, "Parameter 'price' overflowed."),
    (text(newClientOrderId=""), 400, -1105, "Parameter 'newClientOrderId' was empty."),
    (text(strategyType="1"), 400, -1134, "strategyType was less than 1000000."),
    (text(pegPriceType="X"), 400, -1210, "Invalid pegPriceType."),
    (text(pegOffsetValue="101"), 400, -1102, "'pegOffsetValue' contains unexpected value."),
    (text(pegOffsetType="X"), 400, -1211, "Invalid pegOffsetType."),
    (text(newOrderRespType="X"), 400, -1130, "Data sent for parameter 'newOrderRespType' is not valid."),
    # parameters beside each other
    (without("price"), 400, -1102, "Mandatory parameter 'price'"),
    (text(quoteOrderQty="1"), 400, -1106, "Parameter 'quoteOrderQty' sent when not required."),
    (text(icebergQty="1", timeInForce="IOC"), 400, -1014, "Unsupported order combination."),
    (text(pegOffsetValue="1"), 400, -1128, "Combination of optional fields invalid."),
    (text(unknown="1"), 400, -1104, "Not all sent parameters were read"),
    # timing, key, signature
    (having("signature", ""), 400, -1102, "Mandatory parameter 'signature'"),
    (timed(1000), 400, -1021, "Timestamp for this request was 1000ms ahead"),
    (timed(-5001), 400, -1021, "Timestamp for this request is outside of the recvWindow."),
    (having("key", "z" * 64), 401, -2015, "Invalid API-key, IP, or permissions for action."),
    (having("signature", "00"), 400, -1022, "Signature for this request is not valid."),
    # what the request is about
    (text(symbol="NONE"), 400, -1121, "Invalid symbol."),
    (having("took", 5_000_001), 400, -1021, "Timestamp for this request is outside of the recvWindow."),
    # the machine
    (having("key", ALICE_KEY), 429, -1015, "Too many new orders; current limit is 50 orders per 10 SECOND."),
    (text(newClientOrderId="mine"), 400, -2010, "Duplicate order sent."),
    (text(symbol="SHUT"), 400, -1013, "Market is closed."),
    (text(price="100.001"), 400, -1013, "Filter failure: PRICE_FILTER"),
    (text(quantity="9000", price="1000000"), 400, -2010, "Account has insufficient balance for requested action."),
]


def send(desk: Desk, draft: Draft) -> Response:
    raw = urlencode(draft.texts) + draft.tail
    signature = draft.signature
    if signature is None:
        signature = hmac.new(SECRET.encode(), raw.encode(), hashlib.sha256).hexdigest()
    if signature:
        raw += f"&signature={signature}"
    headers = {b"x-mbx-apikey": draft.key.encode()} | draft.headers
    return desk.send("POST", ORDER, raw, headers=headers, ip=draft.ip, took=draft.took)


def crowded_desk() -> Desk:
    """Return a desk where Alice placed all that she may, Bob has an order called mine on each market, and one is closed."""
    desk = Desk(coarse_symbol(), make_symbol(name="SHUT", base="BTC", quote="USDT"))
    for number in range(50):
        desk.limit("BUY", "0.1", str(10 + number))
    for symbol in ("BTCUSDT", "SHUT"):
        desk.limit("BUY", "1", "1", key=BOB_KEY, symbol=symbol, newClientOrderId="mine")
    desk.sequencer.submit(SetSymbolStatus("SHUT", SymbolStatus.HALT), desk.now)
    return desk


def test_the_first_fault_in_the_published_order_is_told() -> None:
    desk = crowded_desk()
    desk.limits.charge(HEAVY_IP, WEIGHT_LIMIT, desk.now)
    before = desk.state()
    for first, (_, status, code, words) in enumerate(FAULTS):
        draft = Draft(desk.now)
        for spoil, *_ in reversed(FAULTS[first:]):
            spoil(draft)
        outcome = told(send(desk, draft))
        assert (*outcome[:2], outcome[2][: len(words)]) == (status, code, words)
        assert desk.state() == before
    assert send(desk, Draft(desk.now)).status == 200
