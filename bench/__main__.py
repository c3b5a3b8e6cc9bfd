"""`python -m bench`: measure everything and print a table; `--write` puts it into docs/performance.md.

Sections.       (a) the machine on workload W1 beside published engines; (b) signed orders over HTTP beside the same server's
                empty handler; (c) the same after a million stored orders; (d) memory an order, start-up; (e) what
                stop orders and lists cost; (f) to (h) WebSockets: orders, fan-out, idle connections; (i), (j) options.
Figures.        Operations per CPU-second of the process measured, because the load generator shares the machine; servers take
                turns, and of several rounds the median counts.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

from bench.catalogue import write_catalogue
from bench.load import Load, cpu_seconds, run_load
from bench.processes import ROOT, exchange, server
from bench.requests import empty_stream, order_stream

_PEERS: Final = {"lightmatchingengine": "lightmatchingengine==2019.1.4", "matching-engine": "matching-engine==0.1.1"}


def _run(*arguments: str, python: str = sys.executable) -> dict[str, Any]:
    output = subprocess.run([python, "-m", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return json.loads(output)  # type: ignore[no-any-return]


def _peer(name: str, interpreter: str) -> dict[str, Any] | None:
    """Run a published engine in an environment of its own; None when it cannot be installed here."""
    environment = ROOT / f".venv-bench-{name}"
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([interpreter, "-m", "venv", str(environment)], check=True)
    install = subprocess.run([str(python), "-m", "pip", "install", "--quiet", _PEERS[name]], check=False, capture_output=True)
    if install.returncode:
        return None
    try:
        return _run("bench.peers", name, python=str(python))
    except subprocess.CalledProcessError:
        return None


def _newest_python() -> str:
    """Return the newest interpreter here that starts: a peer asks for 3.12."""
    for name in ("python3.13", "python3.12"):
        if shutil.which(name) and subprocess.run([name, "-c", ""], check=False, capture_output=True).returncode == 0:
            return name
    return sys.executable


def _load_orders(state: Path, catalogue: Path, count: int, run: str) -> Load:
    with exchange(catalogue, state) as running:
        buyer, seller = running.keys["alice"], running.keys["bob"]
        run_load(running.port, running.pid, order_stream(500, buyer, seller, run + "w"))
        return run_load(running.port, running.pid, order_stream(count, buyer, seller, run))


def _load_empty(count: int) -> Load:
    with server("bench.empty") as (process, line):
        run_load(int(line), process.pid, empty_stream(500))
        return run_load(int(line), process.pid, empty_stream(count))


def _start_up() -> float:
    """Return the seconds from the command to the first answered request, on an empty state with the simulated market."""
    with tempfile.TemporaryDirectory() as directory:
        begin = time.perf_counter()
        with server("papernet", "up", "--port", "0", "--state", directory + "/state", "--json") as (_, line):
            with urllib.request.urlopen(json.loads(line)["rest"] + "/api/v3/depth?symbol=BTCUSDT") as answer:  # noqa: S310
                answer.read()
            return time.perf_counter() - begin


def _share_of_a_core(*options: str) -> float:
    """Return the share of a core that an exchange uses when nobody talks to it, over twenty seconds."""
    with server("papernet", "up", "--port", "0", "--ephemeral", "--json", *options) as (process, _):
        time.sleep(3)
        cpu, begin = cpu_seconds(process.pid), time.perf_counter()
        time.sleep(20)
        return (cpu_seconds(process.pid) - cpu) / (time.perf_counter() - begin)


def _median(loads: list[Load]) -> Load:
    return sorted(loads, key=lambda load: load.per_cpu_second)[len(loads) // 2]


def _machine_rows(interpreter: str) -> list[tuple[str, str]]:
    figures = [_run("bench.engine") for _ in range(3)]
    ours = statistics.median(figure["per_cpu_second"] for figure in figures)
    long = _run("bench.engine", "1000000")
    rows = [
        ("machine, W1, 200,000 operations", f"{ours:,.0f} a CPU-second"),
        ("machine, W1, 1,000,000 operations", f"{long['per_cpu_second']:,.0f} a CPU-second"),
        ("longest pause in 1,000,000 operations", f"{long['longest_pause_ms']:.1f} ms"),
    ]
    for name in _PEERS:
        peer = _peer(name, interpreter)
        text = "not installable here" if peer is None else f"{peer['per_cpu_second']:,.0f} a CPU-second (book only)"
        rows.append((f"{name} from PyPI, W1", text))
    return rows


def _http_rows(count: int, stored: int, rounds: int) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as directory:
        catalogue = write_catalogue(Path(directory))
        full = Path(directory) / "full"
        subprocess.run([sys.executable, "-m", "bench.prefill", str(full), str(stored)], cwd=ROOT, check=True)
        empties, orders, after = [], [], []
        for number in range(rounds):
            empties.append(_load_empty(count))
            orders.append(_load_orders(Path(directory) / f"state-{number}", catalogue, count, f"b{number}"))
            after.append(_load_orders(full, catalogue, count, f"c{number}"))
    empty, fresh, late = _median(empties), _median(orders), _median(after)
    return [
        ("empty handler, 16 connections", empty.text()),
        ("signed POST /api/v3/order, durability fsync", fresh.text()),
        ("  share of the empty handler", f"{fresh.per_cpu_second / empty.per_cpu_second:.0%}"),
        (f"the same after {stored:,} stored orders", late.text()),
        ("  share of the fresh server", f"{late.per_cpu_second / fresh.per_cpu_second:.0%}"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure papernet.")
    parser.add_argument("--requests", type=int, default=20_000, help="requests a round")
    parser.add_argument("--stored", type=int, default=1_000_000, help="orders stored before (c)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hold", type=int, default=60, help="seconds for which idle connections are held in (h)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--peer-python", default=_newest_python(), help="interpreter for the peers; one of them asks for 3.12")
    options = parser.parse_args()
    rows = _machine_rows(options.peer_python)
    rows += _http_rows(options.requests, options.stored, options.rounds)
    features = _run("bench.features")
    rows += [
        ("a trade with 100,000 stop orders waiting", f"{features['trade_with_many_stops']:.2f} times that with 100"),
        ("placing an OTOCO", f"{features['otoco_beside_limit']:.2f} times a LIMIT"),
    ]
    memory = _run("bench.memory")
    rows.append(("memory a resting order", f"{memory['bytes_per_resting_order']:,.0f} bytes"))
    starts = [_start_up() for _ in range(5)]
    rows.append(("command to first answer, simulated market", f"{statistics.median(starts):.2f} s"))
    system = f"{platform.machine()}, {platform.system()} {platform.release()}"
    crowd = _share_of_a_core() - _share_of_a_core("--market", "none")
    rows.append(("simulated market of ten symbols", f"{crowd:.1%} of a core"))
    rows += _run("bench.options", "--requests", str(options.requests), "--rounds", str(options.rounds))["rows"]
    rows += _run("bench.websocket", "--rounds", str(options.rounds), "--hold", str(options.hold))["rows"]
    machine = f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}"
    table = "\n".join(
        [f"| {'measure':45} | figure |", f"| {'-' * 45} | --- |", *(f"| {name:45} | {text} |" for name, text in rows)]
    )
    print(f"{machine}\n\n{table}")
    if options.write:
        page = ROOT / "docs" / "performance.md"
        head, mark, _ = page.read_text().partition("<!-- table -->\n")
        page.write_text(f"{head}{mark}\nMeasured on: {machine}.\n\n{table}\n")


if __name__ == "__main__":
    main()
