"""`papernet scenario`: stories of the market, from a file.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, fail, server_options


@click.group()
def scenario() -> None:
    """Run scenarios: timed steps of the control plane."""


@scenario.command("list")
@server_options
def scenario_list(port: int | None, state: Path | None) -> None:
    """List the scenarios that ship with papernet, and the runs of some."""
    found = ask(port, state, "GET", "/scenarios")
    for row in found["scenarios"]:
        click.echo(f"{row['name']:<20} {row['about']}")
        click.echo(f"{'':<20} {' '.join(f'{name}={value}' for name, value in row['parameters'].items())}")
    for row in found["runs"]:
        _tell_run(row)


@scenario.command("run")
@click.argument("name")
@click.argument("parameters", nargs=-1, metavar="[PARAMETER=VALUE]...")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of what is drawn.")
@server_options
def scenario_run(name: str, parameters: tuple[str, ...], seed: int, port: int | None, state: Path | None) -> None:
    """Run NAME, one of those that ship with papernet, or a file of one's own (something.toml)."""
    given = {}
    for text in parameters:
        parameter, equals, value = text.partition("=")
        if not equals:
            fail(f"{text!r} is not PARAMETER=VALUE")
        given[parameter] = value
    body: dict[str, object] = {"parameters": given, "seed": seed}
    body |= {"script": _script(Path(name))} if name.endswith(".toml") else {"name": name}
    _tell_run(ask(port, state, "POST", "/scenarios/run", body))


@scenario.command("stop")
@click.argument("run", type=int)
@server_options
def scenario_stop(run: int, port: int | None, state: Path | None) -> None:
    """Stop the run with that number."""
    _tell_run(ask(port, state, "POST", "/scenarios/stop", {"id": run}))


def _script(path: Path) -> dict[str, Any]:
    from papernet.servers.scenario_files import ScenarioFileError, load_scenario

    try:
        return load_scenario(path)
    except ScenarioFileError as error:
        fail(str(error))


def _tell_run(row: Any) -> None:
    ends = "" if row["status"] != "running" else f", until {row['ends']['time']}"
    failed = f", {row['failed']} failed" if row["failed"] else ""
    click.echo(f"run {row['id']} of {row['name']}: {row['status']}, {row['done']} of {row['steps']} steps{failed}{ends}")
    for outcome in row["outcomes"]:
        if "error" in outcome:
            click.echo(f"  step {outcome['step']} {outcome['call']}: {outcome['error']}", err=True)
