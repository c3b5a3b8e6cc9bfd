"""All protocol time follows papernet's clock: each thing that the documents say about time, with the clock held and turned."""

import asyncio
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from tests.support.held_node import START, HeldNode, held_node, messages

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "60000"}
SALE = {**ORDER, "side": "SELL"}


async def trade(net: HeldNode, price: str = "60000") -> None:
    """Let alice trade with herself."""
    for order in (ORDER, SALE):
        assert (await net.sign("POST", "/api/v3/order", **{**order, "price": price})).status == 200


async def test_the_time_is_told_and_stands_still_until_it_is_turned() -> None:
    async with held_node() as net:
        assert (await net.ask("GET", "/api/v3/time")).body == {"serverTime": START // MILLISECOND}
        assert (await net.turn("step", span="1.5s"))["timestamp_ms"] == (START + 1_500_000) // MILLISECOND
        assert (await net.ask("GET", "/api/v3/time")).body == {"serverTime": START // MILLISECOND + 1_500}
        assert (await net.call("GET", "/clock")).body == {
            "time": "2026-01-02T18:00:01.500Z",
            "timestamp_ms": START // MILLISECOND + 1_500,
            "held": True,
            "rate": 0,
        }


async def test_nothing_happens_by_itself_while_the_clock_is_held() -> None:
    async with held_node(market="sim") as net:
        seq = net.node.world.sequencer.last_seq
        for _ in range(5):
            await net.node._passing.tick()
        assert net.node.world.sequencer.last_seq == seq
        await net.turn("step", span="1s")
        assert net.node.world.sequencer.last_seq > seq + 10


async def test_backward_is_refused_and_changes_nothing() -> None:
    async with held_node() as net:
        seq = net.node.world.sequencer.last_seq
        answer = await net.call("POST", "/clock/set", {"time": (START - SECOND) // MILLISECOND})
        assert answer.status == 409
        assert answer.body == {"error": "it is 2026-01-02T18:00:00.000Z already, and time is never turned back"}
        assert (net.node.clock.now(), net.node.world.sequencer.last_seq) == (START, seq)


async def test_recv_window_follows_the_clock() -> None:
    async with held_node() as net:
        asked = START // MILLISECOND
        assert (await net.sign("GET", "/api/v3/account", timestamp=asked)).status == 200
        await net.turn("step", span="5s")
        assert (await net.sign("GET", "/api/v3/account", timestamp=asked, recvWindow=5_000)).status == 200
        await net.turn("step", span="1ms")
        late = await net.sign("GET", "/api/v3/account", timestamp=asked, recvWindow=5_000)
        assert (late.status, late.body["code"]) == (400, -1021)
        early = await net.sign("GET", "/api/v3/account", timestamp=asked + 5_001 + 1_000)
        assert (early.status, early.body["code"]) == (400, -1021)


async def test_weight_windows_and_bans_follow_the_clock() -> None:
    async with held_node() as net:
        await net.ask("GET", "/api/v3/exchangeInfo")
        used = int((await net.ask("GET", "/api/v3/ping")).headers["x-mbx-used-weight-1m"])
        assert used > 20
        await net.turn("step", span="59s")
        assert int((await net.ask("GET", "/api/v3/ping")).headers["x-mbx-used-weight-1m"]) == used + 1
        await net.turn("step", span="1s")
        assert (await net.ask("GET", "/api/v3/ping")).headers["x-mbx-used-weight-1m"] == "1"
        statuses = [(await net.ask("GET", "/api/v3/exchangeInfo")).status for _ in range(400)]
        assert statuses[-1] == 418
        await net.turn("jump", span="119s")
        banned = await net.ask("GET", "/api/v3/ping")
        assert (banned.status, banned.headers["retry-after"]) == (418, "1")
        await net.turn("jump", span="1s")
        assert (await net.ask("GET", "/api/v3/ping")).status == 200


async def test_order_windows_follow_the_clock() -> None:
    async with held_node() as net:
        for _ in range(2):
            await net.sign("POST", "/api/v3/order", **ORDER)
        answer = await net.sign("POST", "/api/v3/order", **ORDER)
        counts = ("x-mbx-order-count-10s", "x-mbx-order-count-1d")
        assert [answer.headers[name] for name in counts] == ["3", "3"]
        await net.turn("step", span="10s")
        answer = await net.sign("POST", "/api/v3/order", **ORDER)
        assert [answer.headers[name] for name in counts] == ["1", "4"]
        await net.turn("jump", span="6h")
        answer = await net.sign("POST", "/api/v3/order", **ORDER)
        assert [answer.headers[name] for name in counts] == ["1", "1"]


async def test_candles_close_tickers_roll_on_and_averages_follow() -> None:
    async with held_node() as net:
        await trade(net)
        async with net.connect("/stream?streams=btcusdt@kline_1m/btcusdt@miniTicker/btcusdt@avgPrice") as stream:
            await net.turn("step", span="2s")
            # a ticker every second, a candle every two, an average when it is another
            rows = await messages(stream, 4)
            assert [row["data"]["E"] - START // MILLISECOND for row in rows] == [1_000, 1_000, 2_000, 2_000]
            told = {row["stream"]: row["data"] for row in rows}
            assert told["btcusdt@kline_1m"]["k"]["x"] is False
            assert told["btcusdt@miniTicker"]["v"] == "0.00100000"
            assert told["btcusdt@avgPrice"]["w"] == "60000.00000000"
        async with net.connect("/ws/btcusdt@kline_1m") as stream:
            await net.turn("jump", span="3m")
            told_candles = await messages(stream, 3)
        assert [row["k"]["x"] for row in told_candles] == [True, True, True]
        # from the candle on that was running when the client came
        assert [row["k"]["t"] for row in told_candles] == [(START + index * MINUTE) // MILLISECOND for index in range(3)]
        assert [row["k"]["n"] for row in told_candles] == [1, 0, 0]
        ticker = (await net.ask("GET", "/api/v3/ticker/24hr", symbol="BTCUSDT")).body
        assert (ticker["count"], ticker["volume"]) == (1, "0.00100000")
        await net.turn("jump", span="1d")
        ticker = (await net.ask("GET", "/api/v3/ticker/24hr", symbol="BTCUSDT")).body
        assert (ticker["count"], ticker["volume"]) == (0, "0.00000000")
        assert ticker["closeTime"] == net.node.clock.now() // MILLISECOND
        candles = (await net.ask("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1h", limit=3)).body
        assert candles[-1][0] == (START + DAY) // MILLISECOND


async def test_a_client_that_answers_keeps_its_connection_through_a_step_of_minutes() -> None:
    async with held_node() as net, net.connect("/ws/btcusdt@trade") as stream:
        await net.turn("step", span="10m")
        assert len(net.node._doors.hub) == 1
        await trade(net)
        assert (await messages(stream, 1))[0]["e"] == "trade"


async def test_a_client_that_does_not_pong_is_cut_after_a_minute() -> None:
    async with held_node() as net:
        reader, writer = await asyncio.open_connection("127.0.0.1", net.node.port)
        writer.write(
            b"GET /ws/x HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvZg==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        await net.turn("step", span="79s")
        assert len(net.node._doors.hub) == 1
        begun = time.monotonic()
        await net.turn("step", span="1s")
        told = await asyncio.wait_for(reader.read(), 10)
        assert told.endswith(b"\x03\xf0Pong timeout")
        # four pings, the first at 20 seconds
        assert told.count(b"\x89") >= 3
        assert time.monotonic() - begun < 10
        writer.close()


@pytest.mark.parametrize("verb", ["jump", "step"])
async def test_a_connection_ends_after_24_hours_of_papernets_time(verb: str) -> None:
    async with held_node(options=False) as net, net.connect("/ws/btcusdt@trade") as stream:
        if verb == "step":
            # All but the last minute in one go: pings would be answered, but a day of them takes long.
            await net.turn("jump", span="23h59m")
            assert len(net.node._doors.hub) == 1
            await net.turn("step", span="1m")
        else:
            await net.turn("jump", span="2d")
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(stream.recv(), 10)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "Connected for 24 hours")


async def test_listen_keys_end_after_an_hour_of_papernets_time_and_at_their_own() -> None:
    async with held_node(listen_keys=True) as net:
        key = (await net.identify("POST", "/api/v3/userDataStream")).body["listenKey"]
        async with net.connect(f"/ws/{key}") as stream:
            await net.turn("jump", span="59m")
            assert (await net.identify("PUT", "/api/v3/userDataStream", listenKey=key)).status == 200
            await net.turn("jump", span="3h")
            told = (await messages(stream, 1))[0]
        assert (told["e"], told["listenKey"]) == ("listenKeyExpired", key)
        assert told["E"] == (START + 59 * MINUTE + HOUR) // MILLISECOND
        assert (await net.identify("PUT", "/api/v3/userDataStream", listenKey=key)).body["code"] == -1125


async def test_contracts_expire_at_each_08_00_on_the_way() -> None:
    async with held_node() as net:
        venue = net.node.world.exchange.options
        first = min(market.contract.expiry for market in venue.markets.values())
        assert first == START + 14 * HOUR
        await net.turn("set", time=(first - 1_000_000) // MILLISECOND)
        assert min(market.contract.expiry for market in venue.markets.values()) == first
        await net.turn("step", span="1s")
        assert min(market.contract.expiry for market in venue.markets.values()) == first + DAY
        await net.turn("jump", span="3d")
        assert min(market.contract.expiry for market in venue.markets.values()) == first + 4 * DAY
        settled = (await net.ask("GET", "/eapi/v1/exerciseHistory", limit=100)).body
        assert {row["expiryDate"] for row in settled} <= {(first + day * DAY) // MILLISECOND for day in range(4)}


async def test_the_reset_schedule_follows_the_clock() -> None:
    async with held_node(reset_every=30 * DAY // SECOND) as net:
        await net.turn("jump", span="29d")
        assert net.node.world.exchange.epoch == 1
        await net.turn("jump", span="61d")
        assert net.node.world.exchange.epoch == 4
        assert net.node.world.settings.started_at == START + 90 * DAY
        await net.turn("step", span="1d")
        assert net.node.world.exchange.epoch == 4


async def test_a_reset_on_the_way_of_a_leap_begins_a_market_that_leaps_on() -> None:
    async with held_node(market="sim", options=False, reset_every=3 * HOUR // SECOND) as net:
        await net.turn("jump", span="4h")
        assert net.node.world.exchange.epoch == 2
        assert net.node.world.settings.started_at == START + 3 * HOUR
        trades = (await net.ask("GET", "/api/v3/trades", symbol="BTCUSDT", limit=1000)).body
        assert len(trades) == 180
        assert (await net.ask("GET", "/api/v3/depth", symbol="BTCUSDT")).body["bids"]
        net.node.world.exchange.check_invariants()


async def test_listen_keys_and_streams_of_options_follow_the_clock() -> None:
    async with held_node() as net:
        assert (await net.identify("POST", "/eapi/v1/listenKey")).status == 200
        async with net.connect("/market/stream?streams=!index@arr") as stream:
            await net.turn("step", span="3s")
            told = [row["data"][0]["E"] for row in await messages(stream, 3)]
        assert told == [(START + second * SECOND) // MILLISECOND for second in (1, 2, 3)]
        await net.turn("jump", span="59m")
        assert (await net.identify("PUT", "/eapi/v1/listenKey")).status == 200
        await net.turn("jump", span="61m")
        assert (await net.identify("PUT", "/eapi/v1/listenKey")).status == 400


async def test_countdowns_of_options_run_out_on_the_clock() -> None:
    async with held_node() as net:
        await net.call("POST", "/accounts/alice/options", {"is_market_maker": True})
        answer = await net.sign("POST", "/eapi/v1/countdownCancelAll", underlying="BTCUSDT", countdownTime=60_000)
        assert answer.status == 200, answer
        counting = net.node.world.exchange.options.counting
        await net.turn("step", span="59s")
        assert counting
        await net.turn("step", span="1s")
        assert not counting


async def test_a_running_clock_passes_at_its_rate_and_moved_it_goes_on() -> None:
    async with held_node(options=False) as net:
        assert (await net.turn("run", rate=1_000))["rate"] == 1_000
        begun = net.node.clock.now()
        while net.node.clock.now() < begun + 10 * SECOND:
            await asyncio.sleep(0.001)
        row = await net.turn("jump", span="1d")
        assert (row["held"], row["rate"]) == (False, 1_000)
        assert row["timestamp_ms"] * MILLISECOND >= START + DAY
        assert (await net.turn("hold"))["held"] is True


@pytest.mark.parametrize("held", [True, False])
async def test_every_turn_survives_a_restart(tmp_path: Path, held: bool) -> None:
    async with held_node(state=tmp_path / "s") as net:
        await net.turn("jump", span="3d")
        if not held:
            await net.turn("run", rate=2)
        shown = net.node.clock.now()
    async with held_node(state=tmp_path / "s") as net:
        assert net.node.clock.is_held is held
        assert net.node.clock.rate == (0 if held else 2_000)
        assert shown <= net.node.clock.now() < shown + (1 if held else HOUR)
        assert (await net.ask("GET", "/api/v3/time")).body["serverTime"] >= shown // MILLISECOND


async def test_turns_wait_for_each_other_and_requests_do_not() -> None:
    async with held_node(market="sim") as net:
        turns = asyncio.gather(net.turn("step", span="2s"), net.turn("step", span="1s"))
        await asyncio.sleep(0)
        seen = []
        while not turns.done():
            seen.append((await net.ask("GET", "/api/v3/time")).body["serverTime"])
            await asyncio.sleep(0)
        first, second = await turns
        assert (first["timestamp_ms"], second["timestamp_ms"]) == ((START + 2 * SECOND) // 1_000, (START + 3 * SECOND) // 1_000)
        assert len(set(seen)) > 2
        assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("verb", "body", "word"),
    [
        ("step", {"span": "soon"}, "span"),
        ("step", {}, "span"),
        ("jump", {"span": "-1d"}, "span"),
        ("jump", {"span": -1}, "span"),
        ("set", {"time": "yesterday"}, "time"),
        ("run", {"rate": 0}, "rate"),
        ("run", {"rate": 2_000_000}, "rate"),
        ("run", {"rate": "fast"}, "rate"),
        ("hold", {}, ""),
    ],
)
async def test_what_is_no_time_is_refused(verb: str, body: dict[str, object], word: str) -> None:
    async with held_node(options=False) as net:
        answer = await net.call("POST", f"/clock/{verb}", body)
        assert answer.status == (400 if word else 200)
        assert word in answer.body.get("error", "")
        assert net.node.clock.now() == START
