"""Orders under any rules of faults: what is there afterwards is what the rule said, and everything else holds as ever.

Somebody places and cancels orders over REST and the WebSocket API while rules that Hypothesis made up let requests fail. Of
each request it is known which rule was done; whoever asks afterwards finds what that rule says. In the end nothing was lost or
made, and a replay of the entries gives the same state.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from papernet.app.fault_catalogue import EFFECTS, FaultDoor, Place
from papernet.app.fault_rules import FaultRule
from papernet.core.commands import Entry
from papernet.core.dates import SECOND
from papernet.exchange import checkpoint
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views
from tests.support.fault_desk import FaultDesk
from tests.support.rest_desk import ALICE_KEY, BOB_KEY, IP

REQUESTS = sorted(name for name, effect in EFFECTS.items() if Place.REQUEST in effect.places)
# what lets a request pass to the exchange, whatever becomes of its answer
PASSING = {"half-answer", "delay-answer", "stale-reads"}
SYMBOL = "BTCUSDT"


def terms(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a rule says."""
    effect = EFFECTS[draw(st.sampled_from(REQUESTS))]
    found: dict[str, Any] = {"effect": effect.name}
    found["nth"] = draw(st.none() | st.integers(1, 5))
    found["every"] = draw(st.none() | st.integers(1, 4))
    found["times"] = draw(st.none() | st.integers(1, 4))
    found["probability"] = draw(st.sampled_from((1_000_000, 500_000)))
    found["operation"] = draw(st.sampled_from((None, "order.*", "order.cancel")))
    found["account"] = draw(st.sampled_from((None, "alice", "b*")))
    found["door"] = draw(st.sampled_from((None, "rest", "ws-api")))
    if found["door"] == "ws-api" and FaultDoor.WS_API not in effect.doors:
        found["door"] = None
    if effect.executed is not None:
        found["executed"] = draw(st.booleans())
    if effect.needs_span:
        found["span"] = draw(st.sampled_from((SECOND, 6 * SECOND)))
    return found


class Street:
    """The desks, what alice and bob did, and the entries that came of it."""

    def __init__(self, rules: list[dict[str, Any]]) -> None:
        self.desk = FaultDesk()
        rest = self.desk.rest
        rest.limits.enabled = False
        # what went before, for the replay
        self.begun = checkpoint.encode(rest.exchange)
        self.entries: list[Entry] = []
        self.desk.kit.past.keep({})
        submit = rest.sequencer.exchange.apply

        def apply(entry: Entry) -> Any:
            self.entries.append(entry)
            return submit(entry)

        rest.exchange.apply = apply  # type: ignore[method-assign]
        self.numbered = 0
        for each in rules:
            self.desk.add(**each)
        self.clients = {key: self.desk.ws.connect() for key in (ALICE_KEY, BOB_KEY)}

    def done(self) -> FaultRule | None:
        """Return the rule that was done since the last time."""
        found = None
        for rule in self.desk.plan.rules():
            count = self.desk.plan.counts(rule).done
            if count != self.counted.get(rule.id, 0):
                assert found is None, "two rules for one request"
                found = rule
        return found

    def place(self, key: str, side: str, price: int, quantity: int, *, by_api: bool) -> None:
        """Place an order and compare what is there with what the rule says."""
        self.numbered += 1
        name = f"order-{self.numbered}"
        order = {
            "symbol": SYMBOL,
            "side": side,
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": quantity,
            "price": price,
            "newClientOrderId": name,
        }
        self.request("POST", "order.place", order, key, by_api=by_api)
        met, rest = self.done(), self.desk.rest
        account = "alice" if key == ALICE_KEY else "bob"
        placed = any(getattr(entry.command, "client_order_id", None) == name for entry in self.entries)
        known = rest.exchange.accounts.by_name[account].account_id
        found = rest.views.order_by_client_id(known, SYMBOL, name, rest.context.archive) is not None or any(
            each.terms.client_order_id == name for each in rest.exchange.accounts.by_name[account].open_orders.values()
        )
        assert found is placed or not found
        if met is None:
            assert placed
        elif met.effect == "delay-request":
            assert not placed
            self.desk.pass_time(met.span or 0)
        elif met.effect == "clock-drift":
            pass
        elif met.effect in PASSING:
            assert placed
        else:
            assert placed is bool(met.executed), met

    def request(self, method: str, operation: str, params: dict[str, Any], key: str, *, by_api: bool) -> None:
        """Send a request over one of the doors."""
        self.counted = {rule.id: self.desk.plan.counts(rule).done for rule in self.desk.plan.rules()}
        rest = self.desk.rest
        # A ban is no rule's doing any more.
        rest.limits._meters.pop(IP, None)
        if not by_api:
            response = rest.sign(method, "/api/v3/order", params, key=key)
            assert response.hindering is not None or response.status >= 200
            return
        client = self.clients[key]
        texts = {name: str(value) for name, value in params.items()}
        client.tell(json.encode({"id": 1, "method": operation, "params": client.signed(texts, key=key)}).decode())

    def cancel_all(self, key: str) -> None:
        """Cancel one's newest order, if there is one."""
        account = self.desk.rest.exchange.accounts.by_name["alice" if key == ALICE_KEY else "bob"]
        if account.open_orders:
            order = list(account.open_orders.values())[-1]
            before = len(self.entries)
            self.request("DELETE", "order.cancel", {"symbol": SYMBOL, "orderId": order.order_id}, key, by_api=False)
            met = self.done()
            if met is not None and met.effect not in PASSING | {"clock-drift"}:
                assert (len(self.entries) > before) is bool(met.executed), met

    def check(self) -> None:
        """Assert that nothing was lost or made, and that a replay gives the same."""
        exchange = self.desk.rest.exchange
        exchange.check_invariants()
        again, views = checkpoint.decode(self.begun), Views()
        for entry in self.entries:
            views.fold(again.apply(entry))
        assert checkpoint.state_hash(again) == checkpoint.state_hash(exchange)
        assert isinstance(again, Exchange)


@st.composite
def rule_terms(draw: st.DrawFn) -> dict[str, Any]:
    return terms(draw)


STEPS = st.tuples(
    st.sampled_from((ALICE_KEY, BOB_KEY)),
    st.sampled_from(("BUY", "SELL", "CANCEL", "WAIT")),
    st.integers(95, 105),
    st.integers(1, 3),
    st.booleans(),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(rule_terms(), min_size=1, max_size=4), st.lists(STEPS, min_size=5, max_size=25))
def test_what_is_there_afterwards_is_what_the_rule_said(
    rules: list[dict[str, Any]], steps: list[tuple[str, str, int, int, bool]]
) -> None:
    street = Street(rules)
    for key, what, price, quantity, by_api in steps:
        if what == "CANCEL":
            street.cancel_all(key)
        elif what == "WAIT":
            street.desk.pass_time(SECOND)
        else:
            street.place(key, what, price, quantity, by_api=by_api)
    street.check()
