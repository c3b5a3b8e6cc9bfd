"""Fills and scenarios in a whole network, with and without a market: what users are told, and what the crowd does about it."""

import asyncio
from typing import Any

from msgspec import json

from tests.support.held_node import HeldNode, held_node

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "60000"}


async def direct(net: HeldNode, verb: str, **body: object) -> Any:
    """Return the answer of a call of the director."""
    answer = await net.call("POST", f"/fills/{verb}", {"symbol": "BTCUSDT", **body})
    assert answer.status == 200, answer
    return answer.body


async def levels(net: HeldNode, symbol: str = "BTCUSDT") -> tuple[list[list[str]], list[list[str]]]:
    """Return the best bids and asks."""
    book = (await net.ask("GET", "/api/v3/depth", symbol=symbol, limit=5)).body
    return book["bids"], book["asks"]


async def test_queries_and_streams_agree_about_a_fill() -> None:
    async with held_node() as net, net.connect("/ws/btcusdt@trade") as stream:
        order = (await net.sign("POST", "/api/v3/order", **ORDER)).body["orderId"]
        filled = await direct(net, "fill", order_id=order, quantity="0.004", commission="0.001")
        trade = json.decode(await asyncio.wait_for(stream.recv(), 10))
        assert (trade["p"], trade["q"], trade["m"]) == ("60000.00000000", "0.00400000", True)
        shown = (await net.sign("GET", "/api/v3/order", symbol="BTCUSDT", orderId=order)).body
        assert (shown["status"], shown["executedQty"]) == ("PARTIALLY_FILLED", "0.00400000")
        (mine,) = (await net.sign("GET", "/api/v3/myTrades", symbol="BTCUSDT")).body
        assert (mine["id"], mine["commission"], mine["commissionAsset"]) == (trade["t"], "0.00000400", "BTC")
        assert filled["trades"][0]["trade_id"] == trade["t"]
        assert (await net.ask("GET", "/api/v3/ticker/price", symbol="BTCUSDT")).body["price"] == "60000.00000000"


async def test_an_order_deep_in_a_living_book_is_filled_through_the_crowd() -> None:
    async with held_node(market="sim") as net:
        await net.turn("step", span="5s")
        price = f"{float((await levels(net))[0][0][0]) * 0.99:.2f}"
        order = (await net.sign("POST", "/api/v3/order", **{**ORDER, "price": price})).body["orderId"]
        refused = await net.call("POST", "/fills/fill", {"symbol": "BTCUSDT", "order_id": order})
        assert (refused.status, refused.body["ahead"][0]["account"]) == (409, "crowd")
        filled = await direct(net, "fill", order_id=order, through=True)
        assert (filled["status"], float(filled["last_price"])) == ("FILLED", float(price))
        await net.turn("step", span="5s")
        assert float((await levels(net))[0][0][0]) > float(price), "the crowd puts the price right"
        net.node.world.exchange.check_invariants()


async def test_an_emptied_book_stays_empty_until_it_is_released() -> None:
    async with held_node(market="sim") as net:
        await net.turn("step", span="2s")
        await direct(net, "empty", span="5s")
        await net.turn("step", span="4.9s")
        assert await levels(net) == ([], [])
        await net.turn("step", span="3s")
        assert all(await levels(net)), "the time was over"
        await direct(net, "empty", side="asks")
        await net.turn("step", span="10s")
        bids, asks = await levels(net)
        assert (bool(bids), asks) == (True, [])
        await direct(net, "release")
        await net.turn("step", span="3s")
        assert all(await levels(net))


async def test_a_wide_book_stays_wide_and_a_leap_does_not_mind() -> None:
    async with held_node(market="sim") as net:
        await net.turn("step", span="2s")
        await direct(net, "widen", percent="1")
        for verb, span in (("step", "5s"), ("jump", "1h"), ("step", "1s")):
            await net.turn(verb, span=span)
        (row,) = (await net.call("GET", "/fills")).body
        bids, asks = await levels(net)
        assert not bids or float(bids[0][0]) <= float(row["away"]["highest_bid"])
        assert not asks or float(asks[0][0]) >= float(row["away"]["lowest_ask"])


async def test_a_reset_gives_all_books_back() -> None:
    async with held_node(market="sim") as net:
        await direct(net, "empty")
        assert (await net.call("POST", "/reset")).status == 200
        await net.turn("step", span="2s")
        assert all(await levels(net))
        assert (await net.call("GET", "/fills")).body == []


async def test_contracts_are_quoted_by_their_makers_unless_they_are_told_to_stay_away() -> None:
    async with held_node(market="sim") as net:
        await net.turn("step", span="2s")
        name = next(iter(net.node.world.exchange.options.markets))
        book = net.node.world.exchange.options.markets[name].book
        await net.ask("GET", "/eapi/v1/depth", symbol=name)
        assert book.asks.keys
        await direct(net, "empty", symbol=name, side="asks")
        for _ in range(3):
            await net.ask("GET", "/eapi/v1/depth", symbol=name)
            await net.turn("step", span="1s")
        assert not book.asks.keys


async def test_a_scenario_runs_on_the_clock_of_the_network() -> None:
    async with held_node(market="sim") as net:
        await net.turn("step", span="2s")
        before = float((await levels(net))[0][0][0])
        run = (await net.call("POST", "/scenarios/run", {"name": "flash-crash", "parameters": {"depth": "0.2"}})).body
        assert (run["status"], run["done"]) == ("running", 2)
        await net.turn("step", span="2.5s")
        assert float((await net.ask("GET", "/api/v3/ticker/price", symbol="BTCUSDT")).body["price"]) < before * 0.85
        await net.turn("step", span="30s")
        assert float((await net.ask("GET", "/api/v3/ticker/price", symbol="BTCUSDT")).body["price"]) > before * 0.97
        (run,) = (await net.call("GET", "/scenarios")).body["runs"]
        assert (run["status"], run["failed"]) == ("ended", 0)


async def test_a_jump_does_every_step_on_the_way() -> None:
    async with held_node() as net:
        await direct(net, "print", price="60000")
        await net.call("POST", "/scenarios/run", {"name": "halt", "parameters": {"span": "1h"}})
        await net.turn("jump", span="1d")
        (run,) = (await net.call("GET", "/scenarios")).body["runs"]
        begun, done = run["begun"]["timestamp_ms"], [outcome["timestamp_ms"] for outcome in run["outcomes"]]
        assert done == [begun, begun + 3_600_000]


async def test_maintenance_says_goodbye_turns_away_and_is_over() -> None:
    async with held_node() as net, net.connect("/ws/btcusdt@trade") as stream:
        await net.call("POST", "/scenarios/run", {"name": "maintenance", "parameters": {"notice": "5s", "span": "10s"}})
        await net.turn("step", span="1s")
        assert json.decode(await asyncio.wait_for(stream.recv(), 10))["e"] == "serverShutdown"
        await net.turn("step", span="6s")
        assert (await net.ask("GET", "/api/v3/ping")).status == 503
        await asyncio.wait_for(stream.wait_closed(), 10)
        await net.turn("step", span="10s")
        assert (await net.ask("GET", "/api/v3/ping")).status == 200


async def test_a_run_survives_a_checkpoint_that_is_restored() -> None:
    async with held_node() as net:
        await direct(net, "print", price="60000")
        await net.call("POST", "/scenarios/run", {"name": "halt", "parameters": {"span": "10s"}})
        await net.call("POST", "/checkpoints", {"name": "halted"})
        for _ in range(2):
            await net.turn("step", span="11s")
            assert [row["status"] for row in (await net.call("GET", "/scenarios")).body["runs"]] == ["ended"]
            assert (await net.call("POST", "/checkpoints/restore", {"name": "halted"})).status == 200
            assert [row["status"] for row in (await net.call("GET", "/scenarios")).body["runs"]] == ["running"]
