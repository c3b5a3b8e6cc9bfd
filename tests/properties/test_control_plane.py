"""Whatever the control plane is asked to do, in whatever order: money is conserved, and a restart finds the same state."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec import DecodeError

from papernet.exchange.checkpoint import state_hash
from papernet.servers.files import Durability
from papernet.servers.world import open_world
from tests.support.held_node import HeldNode, held_node

SYMBOL = "BTCUSDT"
EFFECTS = (
    "http-403",
    "http-429",
    "http-503-unknown",
    "http-503-failed",
    "code-1007",
    "code-1015",
    "reset",
    "half-answer",
    "no-answer",
)
SCENARIOS = ("flash-crash", "halt", "gap", "one-sided-book", "reset-in-mid-trade")

Step = Callable[[HeldNode, Random], Any]


def price(draw: Random) -> str:
    return f"{draw.randint(59_000, 61_000)}.00"


async def order(net: HeldNode, draw: Random) -> None:
    side, kind = draw.choice(("BUY", "SELL")), draw.choice(("LIMIT", "LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT"))
    terms: dict[str, Any] = {
        "symbol": SYMBOL,
        "side": side,
        "type": kind,
        "quantity": f"0.{draw.randint(1, 99):03}",
        "price": price(draw),
    }
    if kind != "LIMIT_MAKER":
        terms["timeInForce"] = "GTC"
    if kind == "STOP_LOSS_LIMIT":
        terms["stopPrice"] = price(draw)
    # A rule may have said that nobody hears of it, or that it is told by a page.
    with suppress(IndexError, DecodeError):
        await net.sign("POST", "/api/v3/order", **terms)


async def fill(net: HeldNode, draw: Random) -> None:
    open_orders = (await net.sign("GET", "/api/v3/openOrders", symbol=SYMBOL)).body
    if isinstance(open_orders, list) and open_orders:
        chosen = draw.choice(open_orders)["orderId"]
        await net.call(
            "POST", "/fills/fill", {"symbol": SYMBOL, "order_id": chosen, "share": "0.5", "through": draw.random() < 0.5}
        )


async def move_market(net: HeldNode, draw: Random) -> None:
    verb = draw.choice(("print", "trade-through", "empty", "release", "quote"))
    body: dict[str, Any] = {"symbol": SYMBOL}
    if verb in ("print", "trade-through"):
        body["price"] = price(draw)
    elif verb == "quote":
        body |= {"bids": [("59900.00", "1")], "asks": [("60100.00", "1")]}
    await net.call("POST", f"/fills/{verb}", body)


async def turn(net: HeldNode, draw: Random) -> None:
    verb, span = draw.choice((("step", "3s"), ("step", "2m"), ("jump", "1h"), ("jump", "2d")))
    await net.turn(verb, span=span)


async def fault(net: HeldNode, draw: Random) -> None:
    if draw.random() < 0.3:
        await net.call("POST", "/faults/clear")
    else:
        answer = await net.call("POST", "/faults", {"effect": draw.choice(EFFECTS), "operation": "order.place", "every": 2})
        assert answer.status == 200, answer


async def state(net: HeldNode, draw: Random) -> None:
    name = draw.choice("ab")
    await net.call("POST", draw.choice(("/checkpoints", "/checkpoints/restore")), {"name": name})


async def money(net: HeldNode, draw: Random) -> None:
    await net.call("POST", "/accounts/alice/balances", {"asset": "USDT", "amount": str(draw.randint(-500, 500))})
    way = draw.choice(("to_options", "from_options"))
    await net.call(
        "POST", "/accounts/alice/transfers", {"asset": "USDT", "amount": str(draw.randint(1, 900)), "direction": way}
    )


async def play(net: HeldNode, draw: Random) -> None:
    answer = await net.call("POST", "/scenarios/run", {"name": draw.choice(SCENARIOS), "symbol": SYMBOL})
    assert answer.status in (200, 409), answer


async def switch(net: HeldNode, draw: Random) -> None:
    await net.call("POST", f"/symbols/{SYMBOL}/status", {"status": draw.choice(("TRADING", "TRADING", "HALT", "CANCEL_ONLY"))})


async def reset(net: HeldNode, draw: Random) -> None:
    if draw.random() < 0.2:
        await net.call("POST", "/reset")


STEPS: tuple[Step, ...] = (order, order, order, order, fill, fill, move_market, turn, fault, state, money, play, switch, reset)


async def walk(path: Path, seed: int, steps: int) -> None:
    """Ask for so many things, look after each, and then look at what a restart finds."""
    draw = Random(seed)
    async with held_node(state=path, durability="os") as net:
        for _ in range(steps):
            await draw.choice(STEPS)(net, draw)
            net.node.world.exchange.check_invariants()
            assert net.node.failure is None
        left = state_hash(net.node.world.exchange)
    again = open_world(path, None, Durability.OS, lambda _error: None)
    try:
        again.exchange.check_invariants()
        assert state_hash(again.exchange) == left
    finally:
        await again.close()


@pytest.mark.parametrize("seed", range(4))
async def test_money_is_conserved_and_a_restart_finds_the_same(tmp_path: Path, seed: int) -> None:
    await walk(tmp_path / "state", seed, 60)


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(100, 140))
async def test_long_walks_do_as_well(tmp_path: Path, seed: int) -> None:
    await walk(tmp_path / "state", seed, 300)
