"""The events of a user's stream against the documents: field names, their order and types, and when a field is there.

`facts/user_events.json` holds the documents' shapes: what every event of a kind has, and which further fields an execution
report may have. Everything here happens on an exchange; what one event looks like is tested where it is written.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from papernet.app.operations import TimeUnit
from papernet.core.commands import (
    AmendOrder,
    Command,
    ConfigureAccount,
    ConfigureVenue,
    Deposit,
    LockBalance,
    NewOrder,
    NewOrderList,
)
from papernet.core.enums import ListKind, OrderType, PegPrice, SelfTradeMode, Side, TimeInForce
from papernet.core.events import Applied
from papernet.protocols.json import user_events
from papernet.protocols.json.spellings import EXECUTION_TYPES, EXPIRY_REASONS
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.venues.spot.venue_rules import Sor, VenueRules
from tests.support.worlds import ALICE, BOB, START, World, make_symbol, refusal, units

FACTS = json.loads((Path(__file__).parent / "facts" / "user_events.json").read_text())
SHAPES: dict[str, dict[str, Any]] = FACTS["events"]
CONDITIONAL: dict[str, str] = FACTS["conditional"]

S, KIND = "BTCUSDT", OrderType
BUY, SELL = Side.BUY, Side.SELL
PURSE = tuple((asset, units("10000")) for asset in ("BTC", "USDT", "USDC"))
MS = TimeUnit.MILLISECOND
Event = dict[str, Any]

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]{8}")
_KINDS: dict[str, type] = {"int": int, "bool": bool, "null": type(None), "string": str, "decimal-string": str}


class Scene(World):
    """A market in which alice listens to her stream."""

    def __init__(self) -> None:
        super().__init__(make_symbol(), make_symbol(name="BTCUSDC", quote="USDC"), balances=PURSE)
        self.feed = UserFeed()
        self.events: list[Event] = []
        self.apply(ConfigureVenue(VenueRules(sors=(Sor("BTC", (S, "BTCUSDC")),)).to_spec()))
        self.buy(BOB, "50", "99")
        self.sell(BOB, "50", "101")
        self.feed.subscribe(ALICE, MS, lambda text: self.events.append(json.loads(text)))

    def apply(self, command: Command) -> Applied:
        """Apply a command, which must succeed, and tell of it."""
        applied = super().apply(command)
        assert refusal(applied) is None, applied
        if hasattr(self, "feed"):
            self.feed.deliver(self.feed.encode(applied) or [])
        return applied

    def place(self, kind: OrderType, side: Side, quantity: str, price: str = "0", **more: Any) -> None:
        """Place an order of alice's."""
        self.apply(order(kind, side, quantity, price, **more))

    def place_list(self, kind: ListKind, *legs: NewOrder) -> None:
        """Place an order list of alice's."""
        self.apply(NewOrderList(ALICE, S, kind, legs))

    def trade(self, price: str) -> None:
        """Let bob trade with himself at a price between the best ones, or beyond them."""
        side = BUY if units(price) < units("101") else SELL
        self.apply(replace(self.order(BOB, side, "1", price), self_trade_mode=SelfTradeMode.NONE))
        self.apply(replace(self.order(BOB, SELL if side is BUY else BUY, "1", price), self_trade_mode=SelfTradeMode.NONE))

    def told(self) -> list[Event]:
        """Return alice's events since the last call."""
        events, self.events = self.events, []
        return events

    def reports(self) -> list[Event]:
        """Return alice's execution reports since the last call."""
        return [event for event in self.told() if event["e"] == "executionReport"]


def order(kind: OrderType, side: Side, quantity: str, price: str = "0", **more: Any) -> NewOrder:
    """Return an order of alice's, some of its further amounts as text."""
    changes = {name: units(value) if isinstance(value, str) and value[0].isdigit() else value for name, value in more.items()}
    return replace(
        NewOrder(ALICE, S, side, kind, TimeInForce.GTC, units(quantity), units(price)),
        **changes,
    )


def is_of(shape: Any, value: Any) -> bool:
    """Whether a value is of a shape of the facts."""
    if isinstance(shape, list):
        return isinstance(value, list) and bool(value) and all(is_of(shape[0], row) for row in value)
    if isinstance(shape, dict):
        return list(value) == list(shape) and all(is_of(inner, value[field]) for field, inner in shape.items())
    if type(value) is not _KINDS[shape]:
        return False
    return shape != "decimal-string" or _DECIMAL.fullmatch(str(value)) is not None


def misfits(event: Event) -> list[str]:
    """Return the fields of an event that are not as documented; of the conditional ones any may be missing."""
    shape = SHAPES[event["e"]]
    if event["e"] != "executionReport":
        return [] if is_of(shape, event) else list(event)
    if event["x"] == "TRADE":
        # "0" and null are what the documents' example, a new order, has.
        shape = shape | {"n": "decimal-string", "N": "string"}
    usual = {field: value for field, value in event.items() if field not in CONDITIONAL}
    if list(usual) != list(shape):
        return [f"{list(usual)}, not {list(shape)}"]
    wrong = [field for field, value in event.items() if not is_of((shape | CONDITIONAL)[field], value)]
    fields = list(event)
    # The documents' example has two of the conditional fields, and where they stand.
    for before, field in FACTS["neighbours"]:
        if {field, before} <= set(fields) and fields.index(field) - fields.index(before) != 1:
            wrong.append(field)
    return wrong


def plain_life(scene: Scene) -> None:
    """New, filled in part, amended, filled more, cancelled; one that is filled at once; one that expires."""
    scene.place(KIND.LIMIT, BUY, "5", "100", client_order_id="plain")
    scene.sell(BOB, "1", "100")
    scene.apply(AmendOrder(ALICE, S, -1, units("4"), "plain", "amended"))
    scene.sell(BOB, "1", "100")
    scene.cancel(ALICE, orig="amended")
    scene.place(KIND.MARKET, BUY, "1")


def trailing(scene: Scene) -> None:
    scene.place(KIND.STOP_LOSS_LIMIT, SELL, "1", "90", trailing_delta=100, stop_price="95")
    scene.trade("100")
    scene.place(KIND.STOP_LOSS_LIMIT, SELL, "1", "90", trailing_delta=100)
    scene.cancel_all(ALICE)


def strategic(scene: Scene) -> None:
    scene.place(KIND.LIMIT, BUY, "1", "98", strategy_id=1, strategy_type=1_000_000)


def self_trading(scene: Scene) -> None:
    scene.place(KIND.LIMIT, BUY, "2", "100")
    scene.place(KIND.LIMIT, SELL, "1", "100", self_trade_mode=SelfTradeMode.DECREMENT)
    scene.place(KIND.LIMIT, SELL, "3", "100", self_trade_mode=SelfTradeMode.EXPIRE_BOTH)


def group_trading(scene: Scene) -> None:
    for account in (ALICE, BOB):
        scene.apply(ConfigureAccount(account, trade_group=7))
    scene.place(KIND.LIMIT, BUY, "2", "101", self_trade_mode=SelfTradeMode.EXPIRE_TAKER)


def routed(scene: Scene) -> None:
    scene.sell(BOB, "1", "100", symbol="BTCUSDC")
    scene.place(KIND.LIMIT, BUY, "2", "100", uses_sor=True)


def pegged(scene: Scene) -> None:
    scene.place(KIND.LIMIT, BUY, "1", peg_price=PegPrice.PRIMARY, peg_offset=0)
    scene.trade("100")
    scene.place(KIND.STOP_LOSS_LIMIT, SELL, "1", stop_price="95", peg_price=PegPrice.MARKET)


def expiring(scene: Scene) -> None:
    scene.place(KIND.LIMIT, BUY, "1", "98", time_in_force=TimeInForce.IOC)


STORIES: dict[str, tuple[Callable[[Scene], None], list[str]]] = {
    "an order of no special kind": (plain_life, ["W"]),
    "trailing stops": (trailing, ["d", "D"]),
    "an order of a strategy": (strategic, ["j", "J", "W"]),
    "orders that met their own kind": (self_trading, ["v", "W", "U", "A", "B", "Cs", "pl", "pL", "pY"]),
    "an order that met one of its trade group": (group_trading, ["v", "W", "u", "U", "A", "B", "Cs", "pl", "pL", "pY"]),
    "a routed order": (routed, ["W", "b", "a", "k", "uS"]),
    "pegged orders": (pegged, ["W", "gP", "gOT", "gOV", "gp"]),
    "an order that expires": (expiring, ["W", "eR"]),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_conditional_field_is_there_when_its_condition_holds_and_not_otherwise(name: str) -> None:
    scene = Scene()
    story, fields = STORIES[name]
    story(scene)
    reports = scene.reports()
    assert [misfits(event) for event in reports] == [[]] * len(reports)
    assert sorted({field for event in reports for field in event if field in CONDITIONAL}) == sorted(fields)


def test_every_conditional_field_is_in_a_story() -> None:
    assert sorted({field for _, fields in STORIES.values() for field in fields}) == sorted(CONDITIONAL)


def test_every_event_has_the_documented_fields() -> None:
    scene = Scene()
    scene.apply(Deposit(ALICE, "BTC", units("1")))
    scene.apply(LockBalance(ALICE, "BTC", units("1")))
    stop = order(KIND.STOP_LOSS_LIMIT, SELL, "1", "90", stop_price="95")
    scene.place_list(ListKind.OCO, stop, order(KIND.LIMIT_MAKER, SELL, "1", "120"))
    scene.place(KIND.MARKET, BUY, "1")
    scene.cancel_all(ALICE)
    events = scene.told()
    events += [json.loads(make(START, MS)) for make in (user_events.stream_terminated, user_events.server_shutdown)]
    assert [misfits(event) for event in events] == [[]] * len(events)
    assert sorted({event["e"] for event in events}) == sorted(SHAPES)


@pytest.mark.parametrize(
    "change",
    [
        {"z": 1},
        {"n": 0},
        {"N": "BTC"},
        {"i": "1"},
        {"w": 1},
        {"p": "1.0"},
        {"r": None},
        {"d": "4"},
        {"unknown": 1},
    ],
)
def test_a_misfit_is_found(change: Event) -> None:
    scene = Scene()
    scene.place(KIND.LIMIT, BUY, "5", "98")
    event = scene.reports()[0]
    assert misfits(event) == []
    assert misfits(event | change)
    assert misfits(dict(reversed(event.items())))
    assert misfits({field: value for field, value in event.items() if field != "V"})


# Why an order ended


def test_the_sets_of_reasons_and_types_are_the_documented_ones() -> None:
    assert [name for name in EXPIRY_REASONS if name and name != "NONE"] == sorted(
        FACTS["expiryReasons"], key=EXPIRY_REASONS.index
    )
    assert sorted(name for name in EXECUTION_TYPES if name) == sorted(FACTS["executionTypes"])


def too_dear(scene: Scene) -> None:
    """A stop order holds what it needs at its stop price; the book asks for more than is left."""
    scene.trade("100")
    scene.place(KIND.STOP_LOSS, BUY, "50", stop_price="100.5")
    scene.place(KIND.LIMIT, BUY, str(4_975), "1")
    scene.trade("100.5")


def would_trigger(scene: Scene) -> None:
    working = order(KIND.LIMIT, BUY, "1", "101")
    scene.place_list(ListKind.OTO, working, order(KIND.STOP_LOSS_LIMIT, SELL, "1", "90", stop_price="110"))


def would_take(scene: Scene) -> None:
    scene.place_list(ListKind.OTO, order(KIND.LIMIT, BUY, "1", "101"), order(KIND.LIMIT_MAKER, SELL, "1", "98"))


def bad_prices(scene: Scene) -> None:
    pair = order(KIND.STOP_LOSS_LIMIT, SELL, "1", "90", stop_price="95"), order(KIND.LIMIT_MAKER, SELL, "1", "100.5")
    scene.place_list(ListKind.OTOCO, order(KIND.LIMIT, BUY, "1", "101"), *pair)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (too_dear, "INSUFFICIENT_BALANCES"),
        (would_trigger, "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY"),
        (would_take, "WOULD_MATCH_IMMEDIATELY"),
        (bad_prices, "OCO_BAD_PRICES"),
    ],
)
def test_an_order_that_is_refused_when_its_time_has_come_says_why(story: Callable[[Scene], None], expected: str) -> None:
    assert expected in FACTS["rejectReasons"]
    scene = Scene()
    story(scene)
    reports = scene.reports()
    refused = [event for event in reports if event.get("eR") == "REJECTED"]
    assert [(event["x"], event["X"], event["r"]) for event in refused] == [("EXPIRED", "EXPIRED", expected)]
    assert [event["r"] for event in reports if event not in refused] == ["NONE"] * (len(reports) - 1)


# The order of events


def test_a_list_is_told_before_its_orders_and_its_end_behind_theirs() -> None:
    scene = Scene()
    stop = order(KIND.STOP_LOSS_LIMIT, SELL, "1", "90", stop_price="95", client_order_id="stop")
    scene.place_list(ListKind.OCO, stop, order(KIND.LIMIT_MAKER, SELL, "1", "120", client_order_id="limit"))
    started, first, second, position = scene.told()
    assert (started["e"], started["l"], started["L"]) == ("listStatus", "EXEC_STARTED", "EXECUTING")
    assert [(event["c"], event["x"], event["w"], "W" in event) for event in (first, second)] == [
        ("stop", "NEW", False, False),
        ("limit", "NEW", True, True),
    ]
    assert {event["g"] for event in (started, first, second)} == {0}
    assert position["e"] == "outboundAccountPosition"
    scene.cancel(ALICE, orig="limit")
    canceled, other, done, position = scene.told()
    assert [(event["C"], event["x"]) for event in (canceled, other)] == [("limit", "CANCELED"), ("stop", "CANCELED")]
    assert canceled["c"] == other["c"] != "limit"
    assert (done["e"], done["l"], done["L"]) == ("listStatus", "ALL_DONE", "ALL_DONE")
    assert position["e"] == "outboundAccountPosition"


def test_a_stop_order_is_new_once_more_when_it_begins_to_work() -> None:
    scene = Scene()
    scene.trade("100")
    scene.place(KIND.STOP_LOSS_LIMIT, SELL, "1", "102", stop_price="99.5")
    scene.trade("99.4")
    waiting, working = scene.reports()
    assert [(event["x"], event["X"], event["w"]) for event in (waiting, working)] == [
        ("NEW", "NEW", False),
        ("NEW", "NEW", True),
    ]
    assert "W" not in waiting
    assert working["W"] == working["T"]
    assert waiting["i"] == working["i"]


def test_a_renamed_member_of_a_list_is_told_with_the_list() -> None:
    scene = Scene()
    working = order(KIND.LIMIT, BUY, "2", "98", client_order_id="working")
    scene.place_list(ListKind.OTO, working, order(KIND.LIMIT, SELL, "2", "120", client_order_id="pending"))
    scene.told()
    scene.apply(AmendOrder(ALICE, S, -1, units("1"), "working", "renamed"))
    replaced, updated, _ = scene.told()
    assert (replaced["x"], replaced["X"], replaced["C"], replaced["c"]) == ("REPLACED", "NEW", "working", "renamed")
    assert (updated["l"], [row["c"] for row in updated["O"]]) == ("UPDATED", ["renamed", "pending"])
    scene.apply(AmendOrder(ALICE, S, -1, units("0.5"), "renamed", "renamed"))
    assert [event["e"] for event in scene.told()] == ["executionReport", "outboundAccountPosition"]
