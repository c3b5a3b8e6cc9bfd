"""A client that believes nothing but the events of its user stream: it keeps orders, trades and balances by them.

Every event is checked against what came before: a step that the documents do not know, a sum that does not add up or an
execution id that does not grow fails at once.
"""

import json
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

# enums.md, Order status: where an order may go from where it is; None is before its first report.
STEPS: dict[str | None, tuple[str, ...]] = {
    None: ("NEW", "PENDING_NEW"),
    "PENDING_NEW": ("PENDING_NEW", "NEW", "CANCELED", "EXPIRED"),
    "NEW": ("NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"),
    "PARTIALLY_FILLED": ("PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"),
    "FILLED": (),
    "CANCELED": (),
    "EXPIRED": (),
    "EXPIRED_IN_MATCH": (),
}
OPEN = ("PENDING_NEW", "NEW", "PARTIALLY_FILLED")
# enums.md, Execution Types: with which status each may come.
STATUSES = {
    "NEW": ("NEW", "PENDING_NEW"),
    "TRADE": ("PARTIALLY_FILLED", "FILLED"),
    "CANCELED": ("CANCELED",),
    "EXPIRED": ("EXPIRED",),
    "REPLACED": OPEN,
    "TRADE_PREVENTION": ("NEW", "PARTIALLY_FILLED", "EXPIRED_IN_MATCH"),
}
LIST_STEPS: dict[str | None, tuple[str, ...]] = {
    None: ("EXEC_STARTED",),
    "EXEC_STARTED": ("UPDATED", "ALL_DONE"),
    "UPDATED": ("UPDATED", "ALL_DONE"),
    "ALL_DONE": (),
}
_LAST = ("l", "L", "Y")


class StreamClient:
    """What one account knows by its events; `balances` are those of GET /account at the time of subscribing."""

    def __init__(self, balances: dict[str, tuple[str, str]]) -> None:
        """Start with these balances and no orders."""
        self.balances = {asset: (Decimal(free), Decimal(locked)) for asset, (free, locked) in balances.items()}
        self.orders: dict[tuple[str, int], Json] = {}
        # the client order id that each order goes by
        self.names: dict[tuple[str, int], str] = {}
        self.lists: dict[int, Json] = {}
        self.executions: dict[str, list[int]] = {}
        self.news: list[Json] = []
        self._locked: dict[str, Decimal] = {}

    def receive(self, text: bytes) -> None:
        """Take in an event."""
        event: Json = json.loads(text)
        self.news.append(event)
        match event["e"]:
            case "executionReport":
                self._report(event)
            case "listStatus":
                before = self.lists.get(event["g"])
                assert event["l"] in LIST_STEPS[before["l"] if before else None]
                assert event["L"] == ("ALL_DONE" if event["l"] == "ALL_DONE" else "EXECUTING")
                assert before is None or [row["i"] for row in before["O"]] == [row["i"] for row in event["O"]]
                self.lists[event["g"]] = event
            case "outboundAccountPosition":
                self._position(event)
            case "balanceUpdate":
                free, locked = self.balances.get(event["a"], (Decimal(0), Decimal(0)))
                self.balances[event["a"]] = (free + Decimal(event["d"]), locked)
            case "externalLockUpdate":
                self._locked[event["a"]] = Decimal(event["d"])
            case _:
                raise AssertionError(event)

    def take_news(self) -> list[Json]:
        """Return the events since the last call."""
        news, self.news = self.news, []
        return news

    def open_orders(self) -> dict[tuple[str, int], Json]:
        """Return the last reports of the orders that are open."""
        return {key: event for key, event in self.orders.items() if event["X"] in OPEN}

    def _position(self, event: Json) -> None:
        for row in event["B"]:
            free, locked = Decimal(row["f"]), Decimal(row["l"])
            delta = self._locked.pop(row["a"], None)
            if delta is not None:
                before = self.balances[row["a"]]
                assert (free, locked) == (before[0] - delta, before[1] + delta)
            self.balances[row["a"]] = (free, locked)

    def _report(self, event: Json) -> None:
        key = event["s"], event["i"]
        before = self.orders.get(key)
        assert event["X"] in STEPS[before["X"] if before else None], (before, event)
        assert event["X"] in STATUSES[event["x"]]
        told = self.executions.setdefault(event["s"], [])
        assert not told or event["I"] > told[-1]
        told.append(event["I"])
        self._sums(before, event)
        self._name(key, event)
        assert event["w"] <= (event["X"] in OPEN and "W" in event)
        assert ("eR" in event) == (event["X"] == "EXPIRED")
        assert event["r"] == "NONE" or event["eR"] == "REJECTED"
        assert ("B" in event) == (event["x"] == "TRADE_PREVENTION")
        assert ("a" in event) <= (event["x"] == "TRADE")
        self.orders[key] = event

    def _sums(self, before: Json | None, event: Json) -> None:
        """What was filled and what was prevented only grows, each time by what the report says."""
        filled, quote, prevented, quantity = (Decimal(event.get(field, 0)) for field in ("z", "Z", "A", "q"))
        last, price, last_quote = (Decimal(event[field]) for field in _LAST)
        if before is None:
            assert (filled, quote, prevented) == (0, 0, 0)
            assert event["O"] == event["T"]
        else:
            assert filled == Decimal(before["z"]) + last
            assert quote == Decimal(before["Z"]) + last_quote
            assert prevented == Decimal(before.get("A", 0)) + Decimal(event.get("B", 0))
            assert event["O"] == before["O"]
            assert event["T"] >= before["T"]
            if event["x"] == "REPLACED":
                assert quantity < Decimal(before["q"])
            else:
                assert Decimal(before["q"]) in (quantity, 0)
        assert 0 <= last * price - last_quote < Decimal("0.00000001")
        is_trade = event["x"] == "TRADE"
        assert (last > 0, price > 0, event["N"] is not None, event["M"]) == (is_trade,) * 4
        assert (event["t"] >= 0) == (is_trade and "a" not in event)
        assert (event["X"] in ("FILLED", "EXPIRED_IN_MATCH")) == (filled + prevented == quantity > 0)

    def _name(self, key: tuple[str, int], event: Json) -> None:
        """An order keeps its client order id, but for requests that give it, or themselves, another one."""
        if event["x"] in ("CANCELED", "REPLACED") and event["C"]:
            assert event["C"] == self.names[key]
        else:
            assert event["c"] == self.names.get(key, event["c"])
            assert event["C"] == ""
        self.names[key] = event["c"]
