"""Every answer that there is about options, by endpoint: one exchange lives through everything, and is asked everything."""

from typing import Any

from msgspec import json

from papernet.app.operations.options import Generation
from tests.support.eapi_desk import BOB_KEY, CURRENT, DAY, MAKER_KEY, MILLISECOND, SECOND, EapiDesk
from tests.support.option_market import CALL, PUT

ORDER = {"symbol": CALL, "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "1500"}
LEG = {"symbol": CALL, "side": "BUY", "type": "LIMIT", "quantity": "1", "price": "1500"}
PROTECTION = {
    "underlying": "BTCUSDT",
    "windowTimeInMilliseconds": "3000",
    "frozenTimeInMilliseconds": "300000",
    "qtyLimit": "2",
    "deltaLimit": "2.3",
}


def text(value: Any) -> str:
    """Return a parameter's value as JSON."""
    return json.encode(value).decode()


def all_answers(generation: Generation) -> dict[str, Any]:
    """Return an answer of every endpoint of a generation, by its method and path."""
    desk, told = EapiDesk(generation), dict[str, Any]()
    _trade(desk, told)
    _make(desk, told)
    _ask_everybody(desk, told)
    _ask_account(desk, told, generation)
    desk.advance(9 * DAY)
    told["GET exerciseHistory"] = desk.get("exerciseHistory", "underlying=BTCUSDT")
    told["GET exerciseRecord"] = desk.signed("GET", "exerciseRecord", key=BOB_KEY)
    return told


def _trade(desk: EapiDesk, told: dict[str, Any]) -> None:
    """Place orders of every kind, and cancel them in every way."""
    told["POST order"] = desk.signed("POST", "order", ORDER | {"newOrderRespType": "RESULT", "clientOrderId": "bot-1"})
    told["POST order ACK"] = desk.signed("POST", "order", ORDER | {"clientOrderId": "bot-2"})
    told["GET order"] = desk.signed("GET", "order", {"symbol": CALL, "clientOrderId": "bot-1"})
    told["DELETE order"] = desk.signed("DELETE", "order", {"symbol": CALL, "clientOrderId": "bot-2"})
    told["POST batchOrders"] = desk.signed("POST", "batchOrders", {"orders": text([ORDER, ORDER])})
    ids = [row["orderId"] for row in told["POST batchOrders"]]
    told["DELETE batchOrders"] = desk.signed("DELETE", "batchOrders", {"symbol": CALL, "orderIds": text(ids)})
    told["DELETE allOpenOrders"] = desk.signed("DELETE", "allOpenOrders", {"symbol": CALL})
    desk.place("BUY", "1", "1500", PUT)
    told["DELETE allOpenOrdersByUnderlying"] = desk.signed("DELETE", "allOpenOrdersByUnderlying", {"underlying": "BTCUSDT"})
    desk.trade("2")
    desk.place("BUY", "0.5", "1900", key=MAKER_KEY)
    desk.place("SELL", "0.5", "1900", key=BOB_KEY)
    desk.place("BUY", "1", "1000", PUT, key=BOB_KEY)
    desk.quote(CALL, (1_900, 3), (2_100, 2))


def _make(desk: EapiDesk, told: dict[str, Any]) -> None:
    """Do what market makers do."""
    maker: dict[str, Any] = {"key": MAKER_KEY}
    told["POST mmpSet"] = desk.signed("POST", "mmpSet", PROTECTION, **maker)
    told["POST mmpReset"] = desk.signed("POST", "mmpReset", {"underlying": "BTCUSDT"}, **maker)
    told["GET mmp"] = desk.signed("GET", "mmp", {"underlying": "BTCUSDT"}, **maker)
    countdown = {"underlying": "ETHUSDT", "countdownTime": "30000"}
    told["POST countdownCancelAll"] = desk.signed("POST", "countdownCancelAll", countdown, **maker)
    told["GET countdownCancelAll"] = desk.signed("GET", "countdownCancelAll", **maker)
    beat = {"underlyings": "BTCUSDT,ETHUSDT"}
    told["POST countdownCancelAllHeartBeat"] = desk.signed("POST", "countdownCancelAllHeartBeat", beat, **maker)
    block = {"liquidity": "TAKER", "legs": text([LEG])}
    told["POST block/order/create"] = desk.signed("POST", "block/order/create", block, **maker)
    key = {"blockOrderMatchingKey": told["POST block/order/create"]["blockTradeSettlementKey"]}
    desk.advance(SECOND)
    told["PUT block/order/create"] = desk.signed("PUT", "block/order/create", key, **maker)
    told["GET block/order/execute"] = desk.signed("GET", "block/order/execute", key, key=BOB_KEY)
    told["POST block/order/execute"] = desk.signed("POST", "block/order/execute", key, key=BOB_KEY)
    other = desk.signed("POST", "block/order/create", block, **maker)["blockTradeSettlementKey"]
    told["GET block/order/orders"] = desk.signed("GET", "block/order/orders", **maker)
    told["DELETE block/order/create"] = desk.signed("DELETE", "block/order/create", {"blockOrderMatchingKey": other}, **maker)
    told["GET block/user-trades"] = desk.signed("GET", "block/user-trades", key=BOB_KEY)


def _ask_everybody(desk: EapiDesk, told: dict[str, Any]) -> None:
    """Ask what everybody may ask."""
    for path, query in (
        ("ping", ""),
        ("time", ""),
        ("exchangeInfo", ""),
        ("depth", f"symbol={CALL}"),
        ("trades", f"symbol={CALL}"),
        ("blockTrades", ""),
        ("klines", f"symbol={CALL}&interval=1d"),
        ("mark", f"symbol={CALL}"),
        ("ticker", f"symbol={CALL}"),
        ("index", "underlying=BTCUSDT"),
        ("openInterest", "underlyingAsset=BTC&expiration=260123"),
    ):
        told[f"GET {path}"] = desk.get(path, query)


def _ask_account(desk: EapiDesk, told: dict[str, Any], generation: Generation) -> None:
    """Ask what Bob may ask about his account."""
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "openOrders", {}),
        ("GET", "historyOrders", {"symbol": CALL}),
        ("GET", "userTrades", {"symbol": CALL}),
        ("GET", "position", {}),
        ("GET", "marginAccount", {}),
        ("GET", "bill", {"currency": "USDT"}),
    ]
    if generation is CURRENT:
        asked += [("GET", "commission", {}), ("POST", "stock/contract", {})]
    else:
        month = {"startTime": (desk.now - 30 * DAY) // MILLISECOND, "endTime": desk.now // MILLISECOND}
        asked += [("GET", "account", {}), ("GET", "income/asyn", month)]
        told["GET historicalTrades"] = desk.keyed("GET", "historicalTrades", f"symbol={CALL}")
    for method, path, params in asked:
        told[f"{method} {path}"] = desk.signed(method, path, params, key=BOB_KEY)
    if generation is not CURRENT:
        number = told["GET income/asyn"]["downloadId"]
        told["GET income/asyn/id"] = desk.signed("GET", "income/asyn/id", {"downloadId": number}, key=BOB_KEY)
    for method in ("POST", "PUT", "DELETE"):
        told[f"{method} listenKey"] = desk.keyed(method, "listenKey")
