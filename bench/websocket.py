"""Benches (f) to (h): WebSockets. `python -m bench.websocket` prints the rows as one JSON line.

Sections.       (f) signed orders over the WebSocket API beside a method of the same server that answers alike; (g) bookTicker
                to many connections beside a bare broadcast of the same bytes; (h) connections that say nothing.
Figures.        As in (b): operations or frames per CPU-second of the server; servers take turns, and of several rounds the
                median counts. Times from match to receipt are of the clock that both processes share.
"""

import argparse
import gc
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench.bare import PUBLISH_PATH
from bench.catalogue import write_catalogue
from bench.echo import ECHO_PATH
from bench.fanout import FanOut, run_fan_out
from bench.idle import Held, hold
from bench.load import Load
from bench.processes import Key, RunningExchange, exchange, server
from bench.requests import order_calls, signed_call
from bench.round_trips import run_calls
from bench.sockets import raise_file_limit

Rows = list[tuple[str, str]]

_API_PATH: Final = "/ws-api/v3"
# The answers tell the time of the match in microseconds.
_EXACT_PATH: Final = "/ws-api/v3?timeUnit=MICROSECOND"
_STREAM_PATH: Final = "/ws/btcusdt@bookTicker"
_WARM_UP: Final = 500
_AT_ONCE: Final = 8
_NOBODY: Final = ("k" * 64, "s" * 64)

_READERS: Final = 1_000
_SECONDS: Final = 4
_CALM_RATE: Final = 100
_RATES: Final = (1_000, 500, 200, 100)
_LATE_MS: Final = 100.0

_WEIGHED: Final = 5_000
_HELD: Final = 10_000
# So many that no address connects more often than the documents allow in the time that all need.
_SOURCES: Final = tuple(f"127.0.0.{number}" for number in range(2, 42))


def order_rows(directory: Path, count: int, rounds: int) -> Rows:
    """Measure (f)."""
    catalogue = write_catalogue(directory)
    echoes, orders, at_once, unwritten = [], [], [], []
    for number in range(rounds):
        echoes.append(_load_echo(count))
        with exchange(catalogue, directory / f"orders-{number}") as running:
            orders.append(_load_orders(running, count, 1))
            at_once.append(_load_orders(running, count, _AT_ONCE))
        with exchange(catalogue) as running:
            unwritten.append(_load_orders(running, count, 1))
    echo, order = _median(echoes), _median(orders)
    return [
        ("WebSocket, fixed reply, 16 connections", echo.text()),
        ("signed order.place, durability fsync", order.text()),
        ("  share of the fixed reply", f"{order.per_cpu_second / echo.per_cpu_second:.0%}"),
        (f"  with {_AT_ONCE} under way on each connection", _median(at_once).text()),
        ("  without a journal (--ephemeral)", _median(unwritten).text()),
    ]


def fan_out_rows(directory: Path, rounds: int) -> Rows:
    """Measure (g)."""
    catalogue = write_catalogue(directory)
    states = (directory / f"fan-out-{number}" for number in range(100))
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(_fan_out(catalogue, next(states), _CALM_RATE))
        bare.append(_bare_fan_out(ours[-1].payloads, _CALM_RATE))
    mine, theirs = _median_fan_out(ours), _median_fan_out(bare)
    rows = [
        (f"bookTicker to {_READERS:,} connections, {_CALM_RATE}/s", _fan_out_text(mine)),
        ("bare `websockets` broadcast of the same", _fan_out_text(theirs)),
        ("  share of the bare broadcast", f"{mine.per_cpu_second / theirs.per_cpu_second:.0%}"),
    ]
    for rate in _RATES:
        fast = sorted((_fan_out(catalogue, next(states), rate) for _ in range(rounds)), key=lambda run: run.p99_ms)
        middle = fast[len(fast) // 2]
        rows.append((f"bookTicker to {_READERS:,} connections, {rate:,}/s", _fan_out_text(middle)))
        if middle.p99_ms < _LATE_MS:
            break
    return rows


def idle_rows(directory: Path, seconds: float) -> Rows:
    """Measure (h)."""
    count = min(_HELD, raise_file_limit())
    weighed = min(_WEIGHED, count)
    with exchange(write_catalogue(directory)) as running:

        def event() -> None:
            run_calls(running.port, _API_PATH, running.pid, list(_bids(1, running.keys["alice"])), connections=1)

        held = hold(running.port, running.pid, _STREAM_PATH, (weighed, count - weighed), _SOURCES, seconds, event)
    return [
        ("memory an idle connection with one stream", f"{held.bytes_each:,.0f} bytes"),
        (f"connections held for {seconds:.0f} s", _held_text(held)),
    ]


def _load_echo(count: int) -> Load:
    with server("bench.empty") as (process, line):
        calls = order_calls(count, _NOBODY, _NOBODY, "e")
        run_calls(int(line), ECHO_PATH, process.pid, calls[:_WARM_UP])
        return run_calls(int(line), ECHO_PATH, process.pid, calls)


def _load_orders(running: RunningExchange, count: int, under_way: int) -> Load:
    buyer, seller = running.keys["alice"], running.keys["bob"]
    run_calls(running.port, _API_PATH, running.pid, order_calls(_WARM_UP, buyer, seller, f"w{under_way}"))
    orders = order_calls(count, buyer, seller, f"o{under_way}")
    return run_calls(running.port, _API_PATH, running.pid, orders, under_way=under_way)


def _fan_out(catalogue: Path, state: Path, rate: int) -> FanOut:
    with exchange(catalogue, state) as running:
        bids = list(_bids(rate * _SECONDS, running.keys["alice"]))
        return run_fan_out(running.port, running.pid, (_STREAM_PATH, _EXACT_PATH), bids, rate, _READERS)


def _bare_fan_out(payloads: Sequence[bytes], rate: int) -> FanOut:
    with server("bench.bare") as (process, line):
        return run_fan_out(int(line), process.pid, ("/", PUBLISH_PATH), payloads, rate, _READERS)


def _bids(count: int, key: Key) -> Iterator[bytes]:
    """Yield orders of which each raises the best bid by one tick."""
    for number in range(count):
        params: dict[str, str | int] = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.00100",
            "price": f"{(5_000_000 + number) / 100:.2f}",
        }
        yield signed_call(number, "order.place", params, key)


def _median(loads: list[Load]) -> Load:
    return sorted(loads, key=lambda load: load.per_cpu_second)[len(loads) // 2]


def _median_fan_out(runs: list[FanOut]) -> FanOut:
    return sorted(runs, key=lambda run: run.per_cpu_second)[len(runs) // 2]


def _fan_out_text(run: FanOut) -> str:
    return (
        f"{run.per_cpu_second:,.0f} frames a server-CPU-second; {run.per_second:,.0f}/s, match to receipt "
        f"p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms"
    )


def _held_text(held: Held) -> str:
    fewer = "" if held.opened == _HELD else f" (the limit on open files allows no {_HELD:,})"
    return f"{held.kept:,} of {held.opened:,} kept{fewer}, {held.pings:,} pings answered, {held.share_of_a_core:.1%} of a core"


def main() -> None:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.websocket", description="Measure papernet's WebSockets.")
    parser.add_argument("--requests", type=int, default=10_000, help="requests a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hold", type=float, default=60, help="seconds for which idle connections are held")
    options = parser.parse_args()
    gc.disable()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        rows = order_rows(place, options.requests, options.rounds)
        rows += fan_out_rows(place, options.rounds)
        rows += idle_rows(place, options.hold)
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
