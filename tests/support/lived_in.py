"""A market in which everything has happened already, and one who asks about it at a door and notes what was seen."""

import json
from typing import Any
from urllib.parse import urlencode

from papernet.app.operations import Operation, Proof
from papernet.core.commands import (
    ConfigureAccount,
    ConfigureVenue,
    PrintBlockTrade,
    SetReferencePrice,
    SetSymbolStatus,
)
from papernet.core.enums import SymbolStatus
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.rest.routes import LISTEN_KEY_ROUTES, ROUTES
from papernet.venues.spot.symbols import (
    ArithmeticMeanSpec,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    PriceRange,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Sor,
    VenueRules,
)
from tests.support import every_order
from tests.support.every_order import Params
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, Desk
from tests.support.worlds import ALICE, BOB, SECOND, make_symbol, units
from tests.support.ws_desk import WsDesk
from tools.witnesses import At, sights

ADDRESSES = {operation.name: (method, path) for path, methods in ROUTES.items() for method, operation in methods.items()}
LISTEN_KEY_ADDRESSES = {
    operation.name: (method, path) for path, methods in LISTEN_KEY_ROUTES.items() for method, operation in methods.items()
}
PURSE = tuple((asset, units("1000000")) for asset in ("BTC", "USDT", "USDC", "ETH"))
MANY = 100_000
LAX = (
    PriceFilter(units("0.01"), units("100000"), units("0.01")),
    PercentPrice(units("5"), units("0.2"), 5),
    PercentPriceBySide(units("5"), units("0.2"), units("5"), units("0.2"), 5),
    LotSize(units("0.1"), units("9000"), units("0.1")),
    MinNotional(1, apply_to_market=True, avg_price_mins=5),
    Notional(1, apply_min_to_market=True, max_notional=units("9000000"), apply_max_to_market=False, avg_price_mins=5),
    IcebergParts(100),
    MarketLotSize(0, units("100"), 0),
    MaxNumOrders(MANY),
    MaxNumAlgoOrders(MANY),
    MaxNumIcebergOrders(MANY),
    MaxPosition(units("90000000")),
    TrailingDelta(10, 2000, 10, 2000),
    MaxNumOrderAmends(MANY),
    MaxNumOrderLists(MANY),
)
RULES = VenueRules(
    (
        ExchangeMaxNumOrders(MANY),
        ExchangeMaxNumAlgoOrders(MANY),
        ExchangeMaxNumIcebergOrders(MANY),
        ExchangeMaxNumOrderLists(MANY),
    ),
    (Sor("BTC", ("BTCUSDT", "BTCUSDC")),),
)


class Asker:
    """Asks one operation at one door of a desk, and notes what was sent and told. Listen keys are served.

    `client` is its connection to the WebSocket API; what is done there beside `ask` is not noted.
    """

    def __init__(self, operation: Operation, at: At = At.REST) -> None:
        """Open a market in which a little has happened."""
        self.operation = operation
        self.at = at
        self.desk = lived_in()
        sockets = WsDesk(self.desk, listen_keys=True)
        self.desk.door = RestDoor(self.desk.service, sockets.listen_keys)
        self.client = sockets.connect()
        self.seen: dict[str, None] = {}

    def ask(self, params: Params, key: str = ALICE_KEY, *, statuses: tuple[int, ...] = (200,)) -> Any:
        """Return the decoded answer, which is of one of the statuses."""
        self.desk.now += 10 * SECOND
        sent = params | ({"recvWindow": 5000} if self.operation.signed else {})
        send = self._send_to_rest if self.at is At.REST else self._send_to_socket
        status, reply = send(sent, key)
        assert status in statuses, (params, reply)
        noted = sent | ({"timestamp": 1} if self.operation.signed else {})
        texts = {name: str(value) for name, value in noted.items()}
        self.seen.update(dict.fromkeys(sights(self.at, self.operation, texts, status, reply)))
        return reply

    def _send_to_rest(self, sent: Params, key: str) -> tuple[int, Any]:
        """Return the status and the decoded body of a response."""
        method, path = (ADDRESSES | LISTEN_KEY_ADDRESSES)[self.operation.name]
        if self.operation.signed:
            response = self.desk.sign(method, path, sent, key=key)
        else:
            headers = {b"x-mbx-apikey": key.encode()} if self.operation.proof is Proof.KEY else None
            response = self.desk.send(method, path, urlencode(sent), headers=headers)
        return response.status, json.loads(response.body)

    def _send_to_socket(self, sent: Params, key: str) -> tuple[int, Any]:
        """Return the status of a reply, and its result or error."""
        if self.operation.signed:
            sent = self.client.signed(sent, key=key)
        elif self.operation.proof is Proof.KEY:
            sent |= {"apiKey": key}
        reply = self.client.send(self.operation.name, sent)
        return reply["status"], reply["result"] if "result" in reply else reply["error"]


def lived_in() -> Desk:
    """Return a desk at which everything has been done that there can be questions about."""
    desk = Desk(
        make_symbol(
            *LAX,
            reference=ArithmeticMeanSpec(10, 60 * SECOND),
            price_range=PriceRange(units("5"), units("0.2"), units("5"), units("0.2")),
        ),
        make_symbol(*LAX[:1], name="BTCUSDC", quote="USDC"),
        make_symbol(*LAX[:1], name="ETHUSDT", base="ETH"),
        make_symbol(*LAX[:1], name="ETHBTC", base="ETH", quote="BTC"),
        limits=False,
        purse=PURSE,
    )
    for command in (
        ConfigureVenue(RULES.to_spec()),
        ConfigureAccount(ALICE, trade_group=1, asset_limits=(("USDT", units("900000")),)),
        SetReferencePrice("ETHUSDT", units("10"), 42),
        SetReferencePrice("ETHBTC", None, 42),
        SetSymbolStatus("ETHUSDT", SymbolStatus.HALT),
        SetSymbolStatus("ETHBTC", SymbolStatus.BREAK),
        PrintBlockTrade("BTCUSDT", ALICE, BOB, units("100"), units("1")),
    ):
        desk.sequencer.submit(command, desk.now)
    limit = desk.limit
    limit("BUY", "1", "100", newClientOrderId="maker")
    limit("SELL", "1", "100", key=BOB_KEY)
    for symbol in ("BTCUSDT", "BTCUSDC"):
        for offset in (1, 2, 3):
            desk.now += SECOND
            limit("BUY", "1000", str(100 - offset), key=BOB_KEY, symbol=symbol)
            limit("SELL", "1000", str(100 + offset), key=BOB_KEY, symbol=symbol)
    desk.now += SECOND
    assert limit("BUY", "2", "95", newClientOrderId="mine")["orderId"]
    return desk


def everything(desk: Desk) -> None:
    """Do at a desk whatever leaves something to ask about."""
    for path, requests in (
        ("order", every_order.singles()),
        ("orderList/oco", every_order.ocos()),
        ("orderList/oto", every_order.otos()),
        ("sor/order", every_order.routed()),
    ):
        for params in requests:
            desk.now += 10 * SECOND
            ids = {
                name: f"{path.replace('/', '-')}-{text}"[-36:] for name, text in params.items() if name.endswith("lientOrderId")
            }
            assert desk.sign("POST", f"/api/v3/{path}", params | ids).status == 200
    prevented(desk)
    desk.signed("PUT", "/api/v3/order/amend/keepPriority", {"symbol": "BTCUSDT", "origClientOrderId": "mine", "newQty": "1"})


def prevented(desk: Desk) -> Any:
    """Keep alice from trading with herself, and return the order that would have."""
    desk.limit("SELL", "1", "100.5", selfTradePreventionMode="NONE")
    placed = desk.limit("BUY", "2", "100.5", selfTradePreventionMode="EXPIRE_BOTH")
    return desk.signed("GET", "/api/v3/order", {"symbol": "BTCUSDT", "orderId": placed["orderId"]})
