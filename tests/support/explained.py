"""A desk whose REST door keeps a log and explains: for tests of what is said of a call."""

from collections.abc import Iterator
from typing import Any

from papernet.app.explaining.explainer import Explainer
from papernet.app.explaining.explanation import Explanation
from papernet.app.request_log import Record, RequestLog
from papernet.core.account import Account
from papernet.protocols.rest.door import RestDoor
from papernet.venues.spot.symbols import Symbol
from tests.support.rest_desk import Desk
from tests.support.worlds import PURSE

ORDER = "/api/v3/order"


class Watch:
    """A clock of real time that goes on by so many nanoseconds whenever it is read."""

    def __init__(self, step: int = 7_000) -> None:
        self.step = step
        self.at = 0

    def __call__(self) -> int:
        self.at += self.step
        return self.at


class ExplainedDesk(Desk):
    """The same desk with a log; `log` holds the calls, `explain()` says what there is to say of the last one."""

    def __init__(self, *symbols: Symbol, limits: bool = True, purse: tuple[tuple[str, int], ...] = PURSE) -> None:
        super().__init__(*symbols, limits=limits, purse=purse)
        self.explainer = Explainer(self.exchange)
        self.log = RequestLog(self.exchange.accounts.keys, Watch(), self.explainer.explain)
        self.door = RestDoor(self.service, log=self.log)

    @property
    def last(self) -> Record:
        """Return the record of the last call."""
        record = self.log.latest
        assert record is not None
        return record

    @property
    def alice(self) -> Account:
        """Return Alice's account."""
        return self.exchange.accounts.by_id[1]

    def explain(self) -> Explanation:
        """Return the explanation of the last call."""
        told = self.explainer.completed(self.last)
        assert told is not None
        return told

    def refused(self, **terms: Any) -> Explanation:
        """Return why an order of Alice's is refused."""
        defaults = {"symbol": next(iter(self.exchange.markets)), "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        answer = self.signed("POST", ORDER, {name: value for name, value in (defaults | terms).items() if value is not None})
        assert "code" in answer, answer
        return self.explain()

    def accepted(self, **terms: Any) -> int:
        """Return the id of an order that is taken; whose it is, `key` says."""
        defaults = {"symbol": next(iter(self.exchange.markets)), "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        more = {"key": terms.pop("key")} if "key" in terms else {}
        wanted = {name: value for name, value in (defaults | terms).items() if value is not None}
        answer = self.signed("POST", ORDER, wanted, **more)
        assert "orderId" in answer, answer
        order_id: int = answer["orderId"]
        return order_id

    def would_take(self, nearest: dict[str, str], **terms: Any) -> bool:
        """Whether an order with the nearest numbers is taken."""
        names = {"price": "price", "quantity": "quantity", "stop_price": "stopPrice", "iceberg_quantity": "icebergQty"}
        names |= {"trailing_delta": "trailingDelta", "quote_quantity": "quoteOrderQty"}
        numbers = {names[name]: value for name, value in nearest.items()}
        defaults = {"symbol": next(iter(self.exchange.markets)), "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        wanted = {name: value for name, value in (defaults | terms | numbers).items() if value is not None}
        return "orderId" in self.signed("POST", ORDER, wanted)


def parts_of(told: Explanation) -> Iterator[Explanation]:
    """Yield an explanation, or each of its parts."""
    yield from told.parts or (told,)
