"""`papernet clock`: what time it is in a running server, and how it passes.

Does not.       Read times and spans: the server does. Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any, Final

import click

from papernet.commands.asking import ask, server_options

# A step through a busy market takes about as long as a minute of it takes a second.
_PATIENCE_SECONDS: Final = 3_600.0


@click.group()
def clock() -> None:
    """Hold papernet's time, let it run, step and leap."""


@clock.command("show")
@server_options
def clock_show(port: int | None, state: Path | None) -> None:
    """Show the time, and how it passes."""
    _tell(ask(port, state, "GET", "/clock"))


@clock.command("hold")
@server_options
def clock_hold(port: int | None, state: Path | None) -> None:
    """Let time stand still."""
    _turn(port, state, "hold", {})


@clock.command("run")
@click.argument("rate", default="1")
@server_options
def clock_run(rate: str, port: int | None, state: Path | None) -> None:
    """Let time pass RATE times as fast as real time, from where it stands."""
    _turn(port, state, "run", {"rate": rate})


@clock.command("step")
@click.argument("span")
@server_options
def clock_step(span: str, port: int | None, state: Path | None) -> None:
    """Live through a SPAN such as 5s, 250ms or 1h30m, with everything that happens in it."""
    _turn(port, state, "step", {"span": span})


@clock.command("set")
@click.argument("time")
@server_options
def clock_set(time: str, port: int | None, state: Path | None) -> None:
    """Leap to a TIME such as 2026-01-02T03:04:05Z, or a number of milliseconds."""
    _turn(port, state, "set", {"time": int(time) if time.isdecimal() and len(time) > len("YYYY") else time})


@clock.command("jump")
@click.argument("span")
@server_options
def clock_jump(span: str, port: int | None, state: Path | None) -> None:
    """Leap over a SPAN such as 1d."""
    _turn(port, state, "jump", {"span": span})


def _turn(port: int | None, state: Path | None, verb: str, body: dict[str, object]) -> None:
    _tell(ask(port, state, "POST", f"/clock/{verb}", body, _PATIENCE_SECONDS))


def _tell(row: Any) -> None:
    passes = "held" if row["held"] else f"x{row['rate']}"
    click.echo(f"{row['time']} {passes}")
