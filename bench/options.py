"""Bench (j): options. `python -m bench.options` prints the rows as one JSON line.

Sections.       Signed orders for one contract over HTTP beside signed spot orders of the same server in the same minute; how
                long marking all contracts takes (i).
Figures.        Operations per CPU-second of the server; of several rounds the median counts.
"""

import argparse
import json
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.catalogue import write_catalogue
from bench.load import Load, run_load
from bench.pricing import measure
from bench.processes import Key, RunningExchange, exchange
from bench.requests import order_stream, signed

Rows = list[tuple[str, str]]

_WARM_UP: Final = 500
_TICK: Final = 5
_PLACES: Final = 20
_CONTRACTS: Final = 2_000


def order_rows(directory: Path, count: int, rounds: int) -> Rows:
    """Measure signed orders on both venues."""
    catalogue = write_catalogue(directory)
    spot: list[Load] = []
    options: list[Load] = []
    for number in range(rounds):
        with exchange(catalogue, directory / f"options-{number}", "--options") as running:
            contract, mark = _contract(running)
            _load_both(running, _WARM_UP, f"w{number}", contract, mark)
            on_spot, on_options = _load_both(running, count, f"o{number}", contract, mark)
            spot.append(on_spot)
            options.append(on_options)
    ours, theirs = _median(options), _median(spot)
    return [
        ("signed POST /eapi/v1/order, durability fsync", ours.text()),
        ("  share of the spot order in the same run", f"{ours.per_cpu_second / theirs.per_cpu_second:.0%}"),
    ]


def _load_both(running: RunningExchange, count: int, run: str, contract: str, mark: int) -> tuple[Load, Load]:
    """Send orders to the spot venue, then to the options venue."""
    buyer, seller = running.keys["alice"], running.keys["bob"]
    on_spot = run_load(running.port, running.pid, order_stream(count, buyer, seller, run))
    return on_spot, run_load(running.port, running.pid, list(_orders(count, contract, mark, buyer, seller)))


def _contract(running: RunningExchange) -> tuple[str, int]:
    """Return the contract of the latest expiry next to the money, and what it is worth in whole ticks."""
    url = f"http://127.0.0.1:{running.port}/eapi/v1/"

    def ask(path: str) -> Any:  # noqa: ANN401  whatever JSON there is
        with urllib.request.urlopen(url + path) as answer:  # noqa: S310
            return json.loads(answer.read())

    price = float(ask("index?underlying=BTCUSDT")["indexPrice"])
    rows = ask("exchangeInfo")["optionSymbols"]
    last = max(row["expiryDate"] for row in rows)
    rows = [row for row in rows if row["expiryDate"] == last]
    symbol = str(min(rows, key=lambda row: abs(float(row["strikePrice"]) - price))["symbol"])
    return symbol, int(float(ask(f"mark?symbol={symbol}")[0]["markPrice"])) // _TICK * _TICK


def _orders(count: int, contract: str, mark: int, buyer: Key, seller: Key) -> Iterator[bytes]:
    """Yield orders of which five in six rest around the mark, and one in six takes what rests."""
    for number in range(count):
        away = (1 + number % _PLACES) * _TICK
        if number % 6:
            side, price = ("BUY", mark - away) if number % 2 else ("SELL", mark + away)
        else:
            side, price = ("SELL", mark - 10 * _TICK) if number % 4 else ("BUY", mark + 10 * _TICK)
        query = f"symbol={contract}&side={side}&type=LIMIT&timeInForce=GTC&quantity=0.01&price={price}"
        yield signed("POST", "/eapi/v1/order", buyer if side == "BUY" else seller, query)


def _median(loads: list[Load]) -> Load:
    return sorted(loads, key=lambda load: load.per_cpu_second)[len(loads) // 2]


def main() -> None:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.options", description="Measure papernet's options.")
    parser.add_argument("--requests", type=int, default=10_000, help="requests a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        rows = order_rows(Path(directory), options.requests, options.rounds)
    milliseconds = measure(_CONTRACTS)
    rows.append((f"marks of {_CONTRACTS:,} contracts, four greeks, quotes", f"{milliseconds:.1f} ms of CPU"))
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
