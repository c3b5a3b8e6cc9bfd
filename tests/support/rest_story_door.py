"""The door of stories to REST: requests become signed bytes, answers are read off the JSON."""

from decimal import Decimal
from typing import Any

from msgspec import json

from papernet.core.commands import Command, ConfigureVenue, OpenAccount, RegisterKey
from papernet.core.enums import AccountKind, KeyType
from papernet.core.events import Applied, Refused
from papernet.venues.spot.symbols import Symbol
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, SECRET, Desk
from tests.support.scripts import Wish
from tests.support.stories import (
    ACCOUNTS,
    AmendWish,
    Answer,
    CancelWish,
    ListWish,
    ReplaceWish,
    Request,
    number,
    progress,
    purse_of,
)

CAROL_KEY = "e" * 64
KEYS = {"alice": ALICE_KEY, "bob": BOB_KEY, "carol": CAROL_KEY}

_LISTS = {
    "oco": ("above", "below"),
    "oto": ("working", "pending"),
    "opo": ("working", "pending"),
    "otoco": ("working", "pendingAbove", "pendingBelow"),
    "opoco": ("working", "pendingAbove", "pendingBelow"),
}


def leg_params(prefix: str, leg: Wish) -> dict[str, str]:
    """Return a leg's parameters under its prefix; what the list has once for all of them is left out."""
    params = leg.params()
    params.pop("selfTradePreventionMode", None)
    if prefix not in ("working", "pending"):
        params = {name: value for name, value in params.items() if name not in ("side", "quantity")}
    names = {name: "clientOrderId" if name == "newClientOrderId" else name for name in params}
    return {prefix + names[name][0].upper() + names[name][1:]: value for name, value in params.items()}


def list_params(wish: ListWish) -> dict[str, str]:
    """Return an order list's parameters, without the symbol."""
    params = {"listClientOrderId": wish.cid, "selfTradePreventionMode": wish.legs[0].mode}
    for prefix, leg in zip(_LISTS[wish.kind], wish.legs, strict=True):
        params |= leg_params(prefix, leg)
    pair = wish.pair()
    if wish.kind == "oco":
        params |= {"side": pair[0].side, "quantity": pair[0].quantity}
    elif pair:
        params |= {"pendingSide": pair[0].side, "pendingQuantity": pair[0].quantity}
    return {name: value for name, value in params.items() if value}


class RestStoryDoor:
    """REST: requests become signed bytes, answers are read off the JSON."""

    def __init__(self, symbols: tuple[Symbol, ...], purse: str, rules: dict[str, object] | None) -> None:
        self.desk = Desk(*symbols, limits=False, purse=purse_of(purse))
        self._symbol = symbols[0].name
        self.control(OpenAccount("crowd", 2_003, AccountKind.CROWD, purse_of(purse)))
        self.control(OpenAccount("carol", 2_004, AccountKind.USER, purse_of(purse)))
        permissions = self.desk.exchange.accounts.keys[ALICE_KEY].permissions
        self.control(RegisterKey(ACCOUNTS["carol"], CAROL_KEY, KeyType.HMAC, SECRET, permissions, ()))
        if rules is not None:
            self.control(ConfigureVenue(rules))

    @property
    def now(self) -> int:
        return self.desk.now

    @now.setter
    def now(self, value: int) -> None:
        self.desk.now = value

    def control(self, command: Command) -> Applied:
        applied = self.desk.sequencer.submit(command, self.desk.now)
        assert not isinstance(applied.events[0], Refused), (command, applied)
        return applied

    def send(self, who: str, method: str, path: str, params: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the decoded answer of a signed request."""
        response = self.desk.sign(method, f"/api/v3/{path}", params, key=KEYS[who])
        return response.status, json.decode(response.body)

    def ask(self, who: str, request: Request) -> Answer:
        method, path, params = self._request(request)
        symbol = (request.symbol if isinstance(request, Wish) else "") or self._symbol
        status, reply = self.send(who, method, path, {"symbol": symbol} | params)
        if isinstance(request, ReplaceWish):
            return _read_replace(status, reply, request)
        if status != 200:
            return Answer(reply["msg"], status, reply["code"], refused=True)
        return Answer(_read(request, reply), status)

    def order(self, who: str, cid: str, symbol: str) -> dict[str, object]:
        status, reply = self.send(who, "GET", "order", {"symbol": symbol, "origClientOrderId": cid})
        assert status == 200, (cid, reply)
        shown: dict[str, object] = reply
        return shown

    def order_list(self, who: str, cid: str) -> str:
        status, reply = self.send(who, "GET", "orderList", {"origClientOrderId": cid})
        assert status == 200, (cid, reply)
        return str(reply["listOrderStatus"])

    def open_orders(self, who: str, symbol: str) -> list[str]:
        return [order["clientOrderId"] for order in self.send(who, "GET", "openOrders", {"symbol": symbol})[1]]

    def balance(self, who: str, asset: str) -> tuple[Decimal, Decimal]:
        balances = {row["asset"]: row for row in self.send(who, "GET", "account", {})[1]["balances"]}
        row = balances.get(asset, {"free": "0", "locked": "0"})
        return Decimal(row["free"]), Decimal(row["locked"])

    def count(self, who: str) -> int:
        rows = self.send(who, "GET", "rateLimit/order", {})[1]
        return int(next(row["count"] for row in rows if row["interval"] == "SECOND"))

    def picture(self, symbol: str) -> tuple[list[str], bool]:
        depth = self.desk.get("/api/v3/depth", f"symbol={symbol}&limit=100")
        rows = [f"||{number(price)}|{number(quantity)}|" for price, quantity in reversed(depth["asks"])]
        rows += [f"|{number(quantity)}|{number(price)}||" for price, quantity in depth["bids"]]
        return rows, False

    def last(self, symbol: str) -> Decimal:
        return Decimal(self.desk.get("/api/v3/ticker/price", f"symbol={symbol}")["price"])

    def close(self) -> None:
        self.desk.exchange.check_invariants()

    def _request(self, request: Request) -> tuple[str, str, dict[str, Any]]:
        match request:
            case Wish():
                full = {} if request.sor else {"newOrderRespType": "FULL"}
                return "POST", "sor/order" if request.sor else "order", request.params() | full
            case ListWish():
                return "POST", f"orderList/{request.kind}", list_params(request) | {"newOrderRespType": "FULL"}
            case CancelWish(what="all"):
                return "DELETE", "openOrders", {}
            case CancelWish(what="list"):
                numbered = {"orderListId": request.number} if request.number >= 0 else {}
                return "DELETE", "orderList", numbered | ({"listClientOrderId": request.cid} if request.cid else {})
            case CancelWish():
                return "DELETE", "order", _cancel_params(request, "orderId", "origClientOrderId")
            case ReplaceWish():
                params = _cancel_params(request.cancel, "cancelOrderId", "cancelOrigClientOrderId") | request.order.params()
                params |= {"cancelReplaceMode": request.mode, "newOrderRespType": "FULL"}
                exceeded = {"orderRateLimitExceededMode": request.exceeded} if request.exceeded else {}
                return "POST", "order/cancelReplace", params | exceeded
            case AmendWish():
                renamed = {"newClientOrderId": request.new_cid} if request.new_cid else {}
                params = {"origClientOrderId": request.cid, "newQty": request.quantity} | renamed
                return "PUT", "order/amend/keepPriority", params


def _read(request: Request, reply: Any) -> str:
    match request:
        case ListWish():
            placed = {report["clientOrderId"]: report for report in reply["orderReports"]}
            return ", ".join(f"{leg.cid} {_read_order(placed[leg.cid])}" for leg in request.legs)
        case CancelWish(what="order"):
            return _read_cancel(reply, request)
        case CancelWish():
            parts = reply if isinstance(reply, list) else [reply]
            ended = [report for part in parts for report in part.get("orderReports", [part])]
            return " ".join(["CANCELED", *(report["origClientOrderId"] for report in ended)])
        case AmendWish():
            amended = reply["amendedOrder"]
            progress = f"{number(amended['executedQty'])}/{number(amended['qty'])}"
            return f"{amended['clientOrderId']} {amended['status']} {progress}"
        case _:
            return _read_order(reply)


def _cancel_params(wish: CancelWish, by_id: str, by_name: str) -> dict[str, Any]:
    params: dict[str, Any] = {by_id: wish.number} if wish.number >= 0 else {}
    params |= {by_name: wish.cid} if wish.cid else {}
    return params | ({"cancelRestrictions": wish.restriction} if wish.restriction else {})


def _read_order(reply: dict[str, Any]) -> str:
    fills = [f"{number(fill['qty'])}@{number(fill['price'])}" for fill in reply.get("fills", [])]
    lost = reply.get("preventedQuantity")
    return progress(reply["status"], reply.get("expiryReason", ""), fills, number(lost) if lost else "")


def _read_cancel(reply: dict[str, Any], wish: CancelWish) -> str:
    for report in reply.get("orderReports", [reply]):
        if wish.cid in ("", report["origClientOrderId"]) and wish.number in (-1, report["orderId"]):
            return f"{report['status']} {report['origClientOrderId']}"
    return f"no report of {wish}"


def _read_replace(status: int, reply: dict[str, Any], wish: ReplaceWish) -> Answer:
    code = reply.get("code", 0)
    data = reply.get("data", reply)
    if "cancelResult" not in data:
        return Answer(reply["msg"], status, code, refused=True)
    told = []
    for result, response in (("cancelResult", "cancelResponse"), ("newOrderResult", "newOrderResponse")):
        body = data[response]
        if data[result] == "NOT_ATTEMPTED":
            assert body is None
            told.append("NOT_ATTEMPTED")
        elif data[result] == "FAILURE":
            told.append(body["msg"])
        else:
            told.append(_read_order(body) if response == "newOrderResponse" else _read_cancel(body, wish.cancel))
    return Answer("; ".join(told), status, code, refused="code" in reply)
