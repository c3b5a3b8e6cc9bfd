"""The methods about fills, symbols, scenarios and explanations: each is one call."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from papernet.testing.market_verbs import ExplainVerbs, FillVerbs, MarketVerbs, ScenarioVerbs
from tests.support.asked import Asked

Say = Callable[[FillVerbs], object]


@pytest.mark.parametrize(
    ("say", "verb", "body"),
    [
        (lambda fills: fills.fill(7, symbol="BTCUSDT"), "fill", {"order_id": 7, "symbol": "BTCUSDT"}),
        (
            lambda fills: fills.fill("7", symbol="BTCUSDT", quantity="0.004", price=None),
            "fill",
            {"order_id": 7, "symbol": "BTCUSDT", "quantity": "0.004"},
        ),
        (
            lambda fills: fills.fill(
                symbol="B", client_order_id="mine", account="bob", share=0.5, price=Decimal(5), through=True
            ),
            "fill",
            {"symbol": "B", "client_order_id": "mine", "account": "bob", "share": "0.5", "price": "5", "through": True},
        ),
        (
            lambda fills: fills.fill(7, symbol="B", commission=0.001, commission_asset="BNB"),
            "fill",
            {"order_id": 7, "symbol": "B", "commission": "0.001", "commission_asset": "BNB"},
        ),
        (lambda fills: fills.trade_through("B", 60_000), "trade-through", {"symbol": "B", "price": "60000"}),
        (lambda fills: fills.print("B", "1.5"), "print", {"symbol": "B", "price": "1.5"}),
        (
            lambda fills: fills.print("B", 1, 2, side="SELL", through=True),
            "print",
            {"symbol": "B", "price": "1", "quantity": "2", "side": "SELL", "through": True},
        ),
        (
            lambda fills: fills.quote("B", bids=[(1, 2.5)]),
            "quote",
            {"symbol": "B", "bids": [("1", "2.5")], "asks": []},
        ),
        (lambda fills: fills.empty("B"), "empty", {"symbol": "B"}),
        (
            lambda fills: fills.empty("B", "asks", span=30, users=True),
            "empty",
            {"symbol": "B", "side": "asks", "span": "30000ms", "users": True},
        ),
        (lambda fills: fills.widen("B", 10), "widen", {"symbol": "B", "spread": "10"}),
        (
            lambda fills: fills.widen("B", bid=1, ask=2, span="1m"),
            "widen",
            {"symbol": "B", "bid": "1", "ask": "2", "span": "1m"},
        ),
        (lambda fills: fills.widen("B", percent=0.5), "widen", {"symbol": "B", "percent": "0.5"}),
        (lambda fills: fills.release("B"), "release", {"symbol": "B"}),
        (
            lambda fills: fills.commission("bob", "BNB", "-0.1"),
            "commission",
            {"account": "bob", "asset": "BNB", "amount": "-0.1"},
        ),
    ],
)
def test_each_direction_is_one_call(say: Say, verb: str, body: dict[str, Any]) -> None:
    ask = Asked()
    say(FillVerbs(ask))
    assert ask.calls == [("POST", f"/fills/{verb}", body, {})]


def test_a_symbol_is_halted_and_resumed_by_its_status() -> None:
    ask = Asked()
    FillVerbs(ask).halt("BTCUSDT")
    FillVerbs(ask).resume("BTCUSDT")
    MarketVerbs(ask).set_status("BTCUSDT", "BREAK")
    assert [(path, body) for _, path, body, _ in ask.calls] == [
        ("/symbols/BTCUSDT/status", {"status": status}) for status in ("HALT", "TRADING", "BREAK")
    ]


def test_the_market_is_asked_and_told() -> None:
    ask = Asked()
    market = MarketVerbs(ask)
    market.set_reference_price("B/C", 5)
    market.set_reference_price("BTCUSDT", None)
    market.block_trade("BTCUSDT", "alice", "bob", 60_000, "0.1")
    market.venue()
    market.configure(discount_rate="0.75")
    assert ask.calls == [
        ("POST", "/symbols/B%2FC/reference-price", {"price": "5"}, {}),
        ("POST", "/symbols/BTCUSDT/reference-price", {"price": None}, {}),
        (
            "POST",
            "/symbols/BTCUSDT/block-trades",
            {"buyer": "alice", "seller": "bob", "price": "60000", "quantity": "0.1"},
            {},
        ),
        ("GET", "/venue", None, {}),
        ("POST", "/venue", {"discount_rate": "0.75"}, {}),
    ]


def test_one_symbol_is_found_among_all() -> None:
    ask = Asked([{"symbol": "A"}, {"symbol": "B", "status": "HALT"}])
    assert MarketVerbs(ask).symbol("B")["status"] == "HALT"
    with pytest.raises(LookupError, match="no symbol C"):
        MarketVerbs(ask).symbol("C")
    assert len(MarketVerbs(ask).symbols()) == len(FillVerbs(ask).standing()) == 2


def test_scenarios_are_listed_run_and_stopped() -> None:
    ask = Asked({"scenarios": [{"name": "gap"}], "runs": [{"id": 1}], "id": 1})
    scenarios = ScenarioVerbs(ask)
    assert scenarios.list() == [{"name": "gap"}]
    assert scenarios.runs() == [{"id": 1}]
    scenarios.run("flash-crash", "BTCUSDT", seed=3, depth=0.2)
    run = scenarios.run(script={"name": "mine"})
    scenarios.stop(run)
    scenarios.stop(2)
    assert ask.calls[2:] == [
        (
            "POST",
            "/scenarios/run",
            {"name": "flash-crash", "symbol": "BTCUSDT", "seed": 3, "parameters": {"depth": "0.2"}},
            {},
        ),
        ("POST", "/scenarios/run", {"script": {"name": "mine"}}, {}),
        ("POST", "/scenarios/stop", {"id": 1}, {}),
        ("POST", "/scenarios/stop", {"id": 2}, {}),
    ]


def test_explanations_are_asked_for() -> None:
    ask = Asked()
    ExplainVerbs(ask).request({"id": 12})
    ExplainVerbs(ask).request("13")
    ExplainVerbs(ask).order("BTCUSDT", 7)
    ExplainVerbs(ask).order("BTCUSDT", client_order_id="mine", account="alice")
    assert ask.calls == [
        ("GET", "/explain/requests/12", None, {}),
        ("GET", "/explain/requests/13", None, {}),
        ("GET", "/explain/orders", None, {"symbol": "BTCUSDT", "order_id": 7}),
        (
            "GET",
            "/explain/orders",
            None,
            {"symbol": "BTCUSDT", "order_id": None, "client_order_id": "mine", "account": "alice"},
        ),
    ]
