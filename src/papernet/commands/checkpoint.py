"""`papernet checkpoint`: keep the state of a running server under a name, return to it, fork it.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, server_options


@click.group()
def checkpoint() -> None:
    """Keep states, return to them, fork networks."""


@checkpoint.command("save")
@click.argument("name")
@server_options
def checkpoint_save(name: str, port: int | None, state: Path | None) -> None:
    """Keep the state of now as NAME, in the place of what had that name."""
    _tell(ask(port, state, "POST", "/checkpoints", {"name": name}))


@checkpoint.command("restore")
@click.argument("name")
@server_options
def checkpoint_restore(name: str, port: int | None, state: Path | None) -> None:
    """Return to the state NAME; every WebSocket ends."""
    _tell(ask(port, state, "POST", "/checkpoints/restore", {"name": name}))


@checkpoint.command("list")
@server_options
def checkpoint_list(port: int | None, state: Path | None) -> None:
    """List the states that are kept."""
    for row in ask(port, state, "GET", "/checkpoints"):
        _tell(row)


@checkpoint.command("remove")
@click.argument("name")
@server_options
def checkpoint_remove(name: str, port: int | None, state: Path | None) -> None:
    """Let go of the state NAME."""
    row = ask(port, state, "DELETE", "/checkpoints", {"name": name})
    click.echo(f"{row['name']}  removed")


@checkpoint.command("fork")
@click.argument("name", required=False)
@server_options
def checkpoint_fork(name: str | None, port: int | None, state: Path | None) -> None:
    """Begin a second network with the state NAME, or with that of now; it lasts as long as the server."""
    row = ask(port, state, "POST", "/checkpoints/fork", {"name": name})
    click.echo(f"REST       {row['rest_url']}")
    click.echo(f"WebSocket  {row['ws_url']}")
    click.echo(f"control    {row['control_url']}")


def _tell(row: Any) -> None:
    click.echo(f"{row['name']:<24} {row['time']}  {row['bytes']} bytes")
