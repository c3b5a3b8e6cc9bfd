"""Replies compared with samples, field by field: every field that a sample has, and no other, whatever their order.

A sample says which fields there are and what is in them; `...` stands for whatever a server numbers or dates itself.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

# rest-api.md, Query order
QUERIED = """
    symbol orderId orderListId clientOrderId price origQty executedQty cummulativeQuoteQty status timeInForce type side
    stopPrice icebergQty time updateTime isWorking workingTime origQuoteOrderQty selfTradePreventionMode
"""
# rest-api.md, New order, Response RESULT; FULL has the fills besides
PLACED = """
    symbol orderId orderListId clientOrderId transactTime price origQty executedQty origQuoteOrderQty cummulativeQuoteQty status
    timeInForce type side workingTime selfTradePreventionMode
"""
# rest-api.md, Cancel order
CANCELED = PLACED.replace("workingTime", "origClientOrderId")

_USUAL = {
    "symbol": "BTCUSDT",
    "orderListId": -1,
    "executedQty": "0",
    "cummulativeQuoteQty": "0",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "stopPrice": "0",
    "icebergQty": "0",
    "isWorking": True,
    "origQuoteOrderQty": "0",
    "selfTradePreventionMode": "NONE",
}


def sample(fields: str, **said: Any) -> dict[str, Any]:
    """Return a sample of a reply with these fields: those said, else the usual ones of a fresh limit order, else any."""
    return {name: _USUAL.get(name, ...) for name in fields.split()} | said


def agree(reply: Any, wanted: Any, where: str = "") -> None:
    """Assert that a decoded reply is what a sample says."""
    if wanted is ...:
        return
    if isinstance(wanted, dict):
        assert isinstance(reply, dict), where
        assert sorted(reply) == sorted(wanted), f"{where}: {sorted(set(reply) ^ set(wanted))}"
        for name, value in wanted.items():
            agree(reply[name], value, f"{where}.{name}")
    elif isinstance(wanted, list):
        assert isinstance(reply, list), where
        assert len(reply) == len(wanted), f"{where}: {reply}"
        for place, value in enumerate(wanted):
            agree(reply[place], value, f"{where}[{place}]")
    else:
        assert type(reply) is type(wanted), f"{where}: {reply!r}"
        assert reply == wanted or _decimals(reply, wanted), f"{where}: {reply!r}, not {wanted!r}"


def _decimals(reply: Any, wanted: Any) -> bool:
    """Whether two texts are the same number, the reply's written with eight decimals."""
    try:
        return Decimal(reply) == Decimal(wanted) and len(reply.partition(".")[2]) == 8
    except (InvalidOperation, TypeError, AttributeError):
        return False
