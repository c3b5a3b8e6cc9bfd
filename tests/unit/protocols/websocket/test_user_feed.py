"""Who is told what and when: accounts, units, subscriptions that begin and end, and the outbox between entry and delivery."""

import json
from typing import Any

import pytest

from papernet.app.fault_rules import FaultDoor
from papernet.app.operations import TimeUnit
from papernet.app.outbox import Outbox
from papernet.core.commands import Deposit, LockBalance, NewOrderList, Reset
from papernet.core.dates import SECOND
from papernet.core.enums import ListKind, OrderType, Side, TimeInForce
from papernet.core.events import Applied, ExecutionReport
from papernet.protocols.json import user_events
from papernet.protocols.websocket.user_feed import SPOT_WRITERS, Listener, UserFeed, UserSubscription, Writers
from tests.support.air import Ear
from tests.support.fault_room import FaultRoom
from tests.support.worlds import ALICE, BOB, CROWD, World, units

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


class Stage:
    """A world whose entries go through an outbox to a feed, and what each subscriber has received."""

    def __init__(self, writers: Writers = SPOT_WRITERS) -> None:
        self.world = World()
        self.feed = UserFeed(writers)
        self.outbox = Outbox(len(self.world.entries))
        self.outbox.add(self.feed)
        self.heard: dict[str, list[bytes]] = {}

    def listen(self, name: str, account: int = ALICE, unit: TimeUnit = MS) -> UserSubscription:
        """Subscribe under a name."""
        return self.feed.subscribe(account, unit, self.heard.setdefault(name, []).append)

    def take(self, applied: Applied) -> Applied:
        """Show an entry to the outbox."""
        self.outbox.take(applied)
        return applied

    def release(self) -> None:
        """Make everything durable."""
        self.outbox.release(len(self.world.entries))

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what a subscriber has received, decoded."""
        return [json.loads(text) for text in self.heard[name]]

    def kinds(self, name: str) -> list[str]:
        """Return of what kinds the events are that a subscriber has received, those of orders by their execution type."""
        return [event.get("x", event["e"]) for event in self.events(name)]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_nobody_is_told_anything_when_nobody_has_subscribed(stage: Stage) -> None:
    assert stage.feed.encode(stage.world.buy(ALICE, "1", "100")) is None


def test_what_happens_to_others_is_not_told(stage: Stage) -> None:
    stage.listen("alice")
    assert stage.feed.encode(stage.world.buy(BOB, "1", "100")) is None
    assert stage.feed.encode(stage.world.buy(CROWD, "1", "100")) is None


def test_what_was_refused_is_not_told(stage: Stage) -> None:
    stage.listen("alice")
    assert stage.feed.encode(stage.world.buy(ALICE, "1000000", "100")) is None


def test_an_order_and_its_balances_are_told_to_its_account_in_the_order_of_events(stage: Stage) -> None:
    stage.listen("alice")
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.release()
    assert stage.kinds("alice") == ["NEW", "outboundAccountPosition"]


def test_both_sides_of_a_trade_are_told_their_own(stage: Stage) -> None:
    stage.world.sell(BOB, "1", "100")
    stage.listen("alice")
    stage.listen("bob", BOB)
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.release()
    assert stage.kinds("alice") == ["NEW", "TRADE", "outboundAccountPosition"]
    assert stage.kinds("bob") == ["TRADE", "outboundAccountPosition"]
    taken, made = stage.events("alice")[1], stage.events("bob")[0]
    assert [taken[field] for field in "tlL"] == [made[field] for field in "tlL"]
    assert (taken["m"], made["m"]) == (False, True)


def test_lists_deposits_and_locks_are_told(stage: Stage) -> None:
    stage.listen("alice")
    above = stage.world.order(ALICE, Side.SELL, "1", "120", maker=True)
    stop = stage.world.order(ALICE, Side.SELL, "1", "90")
    legs = (changed(stop, order_type=OrderType.STOP_LOSS_LIMIT, stop_price=units("95")), above)
    stage.take(stage.world.apply(NewOrderList(ALICE, "BTCUSDT", ListKind.OCO, legs)))
    stage.take(stage.world.apply(Deposit(ALICE, "BTC", units("1"))))
    stage.take(stage.world.apply(LockBalance(ALICE, "BTC", units("1"))))
    stage.release()
    balances = "outboundAccountPosition"
    of_list, of_deposit, of_lock = ["listStatus", "NEW", "NEW"], ["balanceUpdate"], ["externalLockUpdate"]
    assert stage.kinds("alice") == [*of_list, balances, *of_deposit, balances, *of_lock, balances]


def changed(order: Any, **changes: Any) -> Any:
    """Return an order with other values."""
    return type(order)(**{name: getattr(order, name) for name in order.__struct_fields__} | changes)


def test_every_unit_is_written_once_and_given_to_all_who_want_it() -> None:
    written: list[TimeUnit] = []
    write = user_events.execution_report

    def count(report: ExecutionReport, unit: TimeUnit) -> bytes:
        written.append(unit)
        return write(report, unit)

    stage = Stage({ExecutionReport: (lambda report: report.terms.account, (count,))})
    for name, unit in (("one", MS), ("two", US), ("three", MS), ("four", US)):
        stage.listen(name, unit=unit)
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.release()
    assert written == [MS, US]
    assert stage.heard["one"][0] is stage.heard["three"][0]
    assert stage.heard["two"][0] is stage.heard["four"][0]
    assert stage.events("two")[0]["T"] == 1_000 * stage.events("one")[0]["T"]


def test_nothing_is_delivered_before_it_is_durable(stage: Stage) -> None:
    stage.listen("alice")
    first = stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.take(stage.world.buy(ALICE, "1", "101"))
    assert stage.heard["alice"] == []
    stage.outbox.release(first.seq)
    assert [event["p"] for event in stage.events("alice") if "p" in event] == ["100.00000000"]
    stage.release()
    assert [event["p"] for event in stage.events("alice") if "p" in event] == ["100.00000000", "101.00000000"]


def test_who_subscribes_later_is_not_told_what_was_applied_before(stage: Stage) -> None:
    stage.listen("early")
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.listen("late")
    stage.release()
    assert stage.kinds("early") == ["NEW", "outboundAccountPosition"]
    assert stage.heard["late"] == []


def test_who_has_unsubscribed_is_not_told_what_was_applied_before(stage: Stage) -> None:
    stays, goes = stage.listen("stays"), stage.listen("goes")
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.feed.unsubscribe(goes)
    stage.release()
    assert stage.heard["goes"] == []
    assert stage.kinds("stays") == ["NEW", "outboundAccountPosition"]
    assert stays.is_open


def test_a_subscription_may_end_while_it_is_being_told(stage: Stage) -> None:
    heard: list[bytes] = []

    def once(text: bytes) -> None:
        heard.append(text)
        stage.feed.unsubscribe(subscription)

    subscription = stage.feed.subscribe(ALICE, MS, once)
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.release()
    assert len(heard) == 1


def test_unsubscribing_twice_does_no_harm(stage: Stage) -> None:
    goes = stage.listen("goes")
    stage.listen("stays")
    stage.feed.unsubscribe(goes)
    stage.feed.unsubscribe(goes)
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.release()
    assert len(stage.heard["stays"]) == 2


def test_the_last_to_leave_leaves_nothing_behind(stage: Stage) -> None:
    for subscription in [stage.listen("one"), stage.listen("two", BOB)]:
        stage.feed.unsubscribe(subscription)
    assert stage.feed.encode(stage.world.buy(ALICE, "1", "100")) is None


def test_one_connection_may_subscribe_twice_and_is_told_twice(stage: Stage) -> None:
    stage.listen("twice")
    stage.listen("twice")
    stage.take(stage.world.buy(ALICE, "1", "100", tif=TimeInForce.GTC))
    stage.release()
    assert stage.kinds("twice") == ["NEW", "NEW", "outboundAccountPosition", "outboundAccountPosition"]


def test_a_reset_is_not_told(stage: Stage) -> None:
    stage.listen("alice")
    stage.take(stage.world.apply(Reset((("BTC", units("5")),))))
    stage.release()
    assert stage.heard["alice"] == []


def test_an_event_may_be_told_in_several_messages_and_in_none() -> None:
    def of(report: ExecutionReport) -> int:
        return report.terms.account

    writes = tuple(lambda _report, _unit, text=text: text for text in (b"one", b"", b"two"))
    stage = Stage({ExecutionReport: (of, writes)})
    stage.listen("alice")
    stage.take(stage.world.buy(ALICE, "1", "100"))
    stage.release()
    assert stage.heard["alice"] == [b"one", b"two"]


def test_what_no_event_tells_is_written_for_those_who_subscribed_to_an_account(stage: Stage) -> None:
    assert stage.feed.accounts() == ()
    stage.listen("alice", unit=US)
    stage.listen("bob", BOB)
    assert stage.feed.accounts() == (ALICE, BOB)
    letters = stage.feed.tell(ALICE, "what", (lambda what, unit: f"{what} {unit.name}".encode(),))
    stage.feed.deliver(letters)
    assert stage.heard == {"alice": [b"what MICROSECOND"], "bob": []}
    assert stage.feed.tell(CROWD, "what", (lambda _what, _unit: b"said",)) == []


class Tampered(Stage):
    """A stage whose feed is tapped, and connections that listen by their keys."""

    def __init__(self) -> None:
        super().__init__()
        self.room = FaultRoom()
        self.room.tap(FaultDoor.USER_DATA, self.feed)
        self.ears: dict[str, Ear] = {}

    def join(self, name: str, account: int, listener: Listener, unit: TimeUnit = MS) -> None:
        """Subscribe under a name, for a listener."""
        self.feed.subscribe(account, unit, self.heard.setdefault(name, []).append, listener)

    def buy(self, quantity: str = "1") -> None:
        """Place an order of Alice, which two events tell."""
        self.take(self.world.buy(ALICE, quantity, "100"))
        self.release()

    def told(self) -> dict[str, list[str]]:
        """Return what each has heard since the last time, in short."""
        kinds = {name: self.kinds(name) for name in self.heard}
        for texts in self.heard.values():
            texts.clear()
        return kinds


@pytest.fixture
def tampered() -> Tampered:
    return Tampered()


def test_an_event_goes_wrong_by_its_type_its_account_and_its_symbol(tampered: Tampered) -> None:
    tampered.listen("alice")
    for fields in ({"account": "bob"}, {"stream": "listStatus"}, {"symbol": "OTHER"}, {"door": "streams"}):
        rule = tampered.room.add("drop", **fields)
        tampered.buy()
        assert tampered.told() == {"alice": ["NEW", "outboundAccountPosition"]}
        tampered.room.plan.remove(rule.id, tampered.room.time)
    for fields in ({"account": "alice", "stream": "executionReport"}, {"symbol": "BTCUSDT"}):
        rule = tampered.room.add("drop", **fields)
        tampered.buy()
        assert tampered.told() == {"alice": ["outboundAccountPosition"]}
        tampered.room.plan.remove(rule.id, tampered.room.time)


def test_one_event_is_met_once_however_many_connections_listen_by_one_key(tampered: Tampered) -> None:
    one, two, other = Ear(), Ear(), Ear()
    tampered.join("one", ALICE, Listener(one, "A"))
    tampered.join("two", ALICE, Listener(two, "A"))
    tampered.join("other", ALICE, Listener(other, "B"))
    tampered.room.add("drop", api_key="A", every=2)
    tampered.buy()
    assert tampered.told() == {"one": ["NEW"], "two": ["NEW"], "other": ["NEW", "outboundAccountPosition"]}
    assert list(tampered.feed.listeners()) == [(one, ALICE, "A"), (two, ALICE, "A"), (other, ALICE, "B")]


def test_time_units_are_messages_of_their_own(tampered: Tampered) -> None:
    ear = Ear()
    for name, unit in (("one", MS), ("micro", US), ("two", MS)):
        tampered.join(name, ALICE, Listener(ear, "A"), unit)
    tampered.room.add("drop", stream="executionReport", nth=1)
    tampered.buy()
    position = "outboundAccountPosition"
    assert tampered.told() == {"one": [position], "micro": ["NEW", position], "two": [position]}


def test_an_event_that_is_late_does_not_reach_who_has_left(tampered: Tampered) -> None:
    gone = tampered.listen("gone")
    tampered.listen("stays")
    tampered.room.add("delay-event", span=SECOND)
    tampered.buy()
    tampered.feed.unsubscribe(gone)
    tampered.room.wait(SECOND)
    assert tampered.told() == {"gone": [], "stays": ["NEW", "outboundAccountPosition"]}


@pytest.mark.parametrize(
    ("event", "symbol"),
    [
        ({"e": "executionReport", "s": "BTCUSDT", "o": "LIMIT"}, "BTCUSDT"),
        ({"e": "listStatus", "s": "BTCUSDT", "O": []}, "BTCUSDT"),
        ({"e": "ORDER_TRADE_UPDATE", "o": {"s": "BTC-C", "S": "BUY"}}, "BTC-C"),
        ({"e": "ORDER_TRADE_UPDATE", "o": [{"s": "BTC-C", "S": "FILLED"}]}, "BTC-C"),
        ({"e": "RISK_LEVEL_CHANGE", "s": "NORMAL"}, ""),
        ({"e": "balanceUpdate", "a": "BTC"}, ""),
    ],
)
def test_the_symbol_of_an_event_is_that_of_its_order(tampered: Tampered, event: dict[str, Any], symbol: str) -> None:
    tampered.listen("alice")
    rule = tampered.room.add("drop", symbol=symbol or "*")
    tampered.feed.deliver(tampered.feed.tell(ALICE, event, (lambda told, _unit: json.dumps(told).encode(),)))
    assert (tampered.heard["alice"] == []) is bool(symbol)
    assert tampered.room.done(rule) == bool(symbol)


def test_a_connection_breaks_off_with_its_users_event(tampered: Tampered) -> None:
    ear, other = Ear(), Ear()
    tampered.join("alice", ALICE, Listener(ear, listen_key="L"))
    tampered.join("bob", BOB, Listener(other, listen_key="M"))
    tampered.room.add("break-off", api_key="L", nth=2)
    tampered.buy()
    assert (ear.upsets, other.upsets) == (["break-off"], [])
    assert tampered.told() == {"alice": ["NEW"], "bob": []}
