"""What all commands share that ask a running server: how to find it, how to ask, and how values are written on a command line.

Invariant.      What a user got wrong, and what a server refuses, is one line on stderr and exit code 2.
Does not.       Start anything, or know what is asked.
"""

import re
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import click

USAGE_ERROR: Final = 2
# A whole number of at most 18 digits.
INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def server_options(function: Any) -> Any:
    """Add the options that say which server is meant."""
    function = click.option("--port", type=click.IntRange(1, 65_535), help="Port of the server, when several run.")(function)
    return click.option("--state", type=click.Path(path_type=Path), help="State directory of the server.")(function)


def ask(
    port: int | None, state: Path | None, method: str, path: str, body: object = None, patience: float | None = None
) -> Any:
    """Return what the server answers to a request of its control plane; `patience` are the seconds it may take."""
    from papernet.servers.control_client import ControlError, call, find_server

    try:
        return call(find_server(port, state), method, path, body, patience)
    except ControlError as error:
        fail(str(error))


def pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str | None]:
    """Return `NAME=VALUE` options as a mapping; the value `none` is none."""
    found: dict[str, str | None] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            message = f"{text!r} is not NAME=VALUE"
            raise click.BadParameter(message, ctx, param)
        found[name.upper()] = or_none(value)
    return found


def or_none(text: str) -> str | None:
    """Return a value; `none` is none."""
    return None if text.lower() == "none" else text


def whole(text: str, option: str) -> int:
    """Return the whole number that an option was given."""
    if not INTEGER.fullmatch(text):
        fail(f"{option}: {text!r} is no whole number")
    return int(text)


def segment(text: str) -> str:
    """Return a name as a part of a path."""
    from urllib.parse import quote

    return quote(text, safe="")


def fail(message: str) -> NoReturn:
    """End with one line that says why."""
    click.echo(f"papernet: {message}", err=True)
    sys.exit(USAGE_ERROR)
