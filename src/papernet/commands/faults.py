"""`papernet faults`: what goes wrong on purpose on a running server.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, server_options

# The fields of a rule that are told behind its id and its effect.
_COUNTS = ("seen", "done")
_TOLD_FIRST = ("id", "effect", *_COUNTS)


@click.group()
def faults() -> None:
    """Let things go wrong on purpose, by rules."""


@faults.command("list")
@server_options
def faults_list(port: int | None, state: Path | None) -> None:
    """List the rules, how often their occasion came and how often they were done."""
    for row in ask(port, state, "GET", "/faults")["faults"]:
        _tell(row)


@faults.command("catalogue")
@server_options
def faults_catalogue(port: int | None, state: Path | None) -> None:
    """List what can be made to go wrong, and what a client sees of it."""
    for row in ask(port, state, "GET", "/faults/catalogue")["effects"]:
        click.echo(f"{row['effect']:<20} {row['sees']}")


@faults.command("add")
@click.argument("effect")
@click.option("--door", help="At which door: rest, ws-api, streams, user-data, options-rest, ...; in all patterns * and ? fit.")
@click.option("--operation", help="To which requests, by their operation: order.place, order.*, options.order.place.")
@click.option("--stream", help="To which streams or users' events: btcusdt@depth, executionReport, *@trade.")
@click.option("--account", help="To whose requests or events.")
@click.option("--key", "api_key", help="By which API key.")
@click.option("--symbol", help="About which symbol or contract.")
@click.option("--nth", type=int, help="Only the so-manieth occasion; with --every, the first.")
@click.option("--every", type=int, help="Every so-manieth occasion.")
@click.option("--times", type=int, help="At most so many times.")
@click.option("--since", help="From a time on: 2026-01-02T03:04:05Z.")
@click.option("--until", help="Before a time.")
@click.option("--for", "lasting", help="For so long: 90s, 5m.")
@click.option("--probability", help="How likely, of the occasions that are left: 0.25. Drawn from the server's seed.")
@click.option("--span", help="How long the effect is: a delay, a ban, an age; of a clock's drift maybe negative.")
@click.option("--count", type=int, help="How many the effect means: events lost, overtaken.")
@click.option("--executed/--not-executed", default=None, help="Whether a request is carried out although its answer is lost.")
@server_options
def faults_add(port: int | None, state: Path | None, **fields: Any) -> None:
    """Add a rule: what goes wrong, on which occasions."""
    body = {name: value for name, value in fields.items() if value is not None}
    _tell(ask(port, state, "POST", "/faults", body))


@faults.command("remove")
@click.argument("number", type=int, metavar="ID")
@server_options
def faults_remove(number: int, port: int | None, state: Path | None) -> None:
    """Remove a rule by its id."""
    _tell(ask(port, state, "DELETE", "/faults", {"id": number}))


@faults.command("clear")
@server_options
def faults_clear(port: int | None, state: Path | None) -> None:
    """Remove all rules."""
    click.echo(f"removed {ask(port, state, 'POST', '/faults/clear')['removed']}")


def _tell(row: dict[str, Any]) -> None:
    more = " ".join(f"{name}={value}" for name, value in row.items() if name not in _TOLD_FIRST)
    counts = " ".join(f"{name} {row[name]}" for name in _COUNTS)
    click.echo(f"{row['id']:<4} {row['effect']:<20} {counts}  {more}".rstrip())
