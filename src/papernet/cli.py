"""The `papernet` command: starts an exchange, or asks a running one.

Order of work.  Options are checked and turned into plain values here; everything heavy is imported by the command that needs
                it, because `papernet up` has a second to answer its first request.
Invariant.      A mistake of the user's is one line on stderr and exit code 2; with --json stdout carries one line of JSON only.
Does not.       Know how an exchange is put together: `servers.node` does.
"""

import gc
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from papernet import __version__
from papernet.commands.accounts import accounts
from papernet.commands.asking import INTEGER, USAGE_ERROR, ask, fail, server_options
from papernet.commands.checkpoint import checkpoint
from papernet.commands.clock import clock
from papernet.commands.explain import explain, requests
from papernet.commands.faults import faults
from papernet.commands.fills import fills
from papernet.commands.keys import keys
from papernet.commands.replay import replay
from papernet.commands.scenario import scenario
from papernet.commands.symbols import symbols
from papernet.commands.venue import venue

if TYPE_CHECKING:
    from papernet.servers.node import Options

_DURATION: Final = re.compile(r"([1-9][0-9]{0,5})([smhdw])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SHORTEST_RESET_SECONDS: Final = 10
_ACTIVITY_MAX: Final = 10.0
_SEED_MAX: Final = (1 << 63) - 1
_DEFAULT_STATE: Final = ".papernet"
_PORT_MAX: Final = 65_535


def _span(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return a span such as `30d` or `12h` in seconds."""
    if value is None:
        return None
    match = _DURATION.fullmatch(value)
    if match is None:
        message = f"{value!r} is no span of time, such as 30d, 12h or 90m"
        raise click.BadParameter(message, ctx, param)
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds < _SHORTEST_RESET_SECONDS:
        message = f"{value} is too short, take at least {_SHORTEST_RESET_SECONDS}s"
        raise click.BadParameter(message, ctx, param)
    return seconds


def _time(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return a time such as `2026-01-02T03:04:05Z` in microseconds."""
    if value is None:
        return None
    from papernet.control.bodies import BadBodyError
    from papernet.control.times import read_time

    try:
        return read_time(value)
    except BadBodyError as error:
        message = str(error).removeprefix("time: ")
        raise click.BadParameter(message, ctx, param) from error


def _number(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse "nan", which is within every range of a float."""
    if math.isnan(value):
        message = "nan is no number"
        raise click.BadParameter(message, ctx, param)
    return value


def _api_date(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Return a day of which papernet knows what was served, "" when none was asked for."""
    if value is None:
        return ""
    from papernet.servers.era_table import date_flaw

    flaw = date_flaw(value)
    if flaw:
        raise click.BadParameter(flaw, ctx, param)
    return value


def _tls_port(ctx: click.Context, param: click.Parameter, value: str) -> int | None:
    """Return a port, or None for `off`."""
    if value == "off":
        return None
    if not INTEGER.fullmatch(value) or not 0 <= int(value) <= _PORT_MAX:
        message = f"{value!r} is neither a port nor `off`"
        raise click.BadParameter(message, ctx, param)
    return int(value)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="papernet %(version)s")
def cli() -> None:
    """Run an exchange test network of your own."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, _PORT_MAX), help="Port; 0 takes a free one.")
@click.option(
    "--tls-port",
    default="8443",
    show_default=True,
    callback=_tls_port,
    metavar="PORT",
    help="Port of the same over TLS; 0 takes a free one, off is none.",
)
@click.option("--tls-name", multiple=True, help="A further name or address that the certificate is for; repeatable.")
@click.option("--state", type=click.Path(path_type=Path), help=f"State directory.  [default: {_DEFAULT_STATE}]")
@click.option("--ephemeral", is_flag=True, help="Keep everything in memory; nothing is left when it stops.")
@click.option("--seed", type=click.IntRange(0, _SEED_MAX), help="Seed of the simulated market.  [default: 1]")
@click.option("--market", type=click.Choice(["sim", "none"]), default="sim", show_default=True, help="Who else trades.")
@click.option(
    "--activity",
    default=0.1,
    show_default=True,
    type=click.FloatRange(0.01, _ACTIVITY_MAX),
    callback=_number,
    help="How busy; 1 is real BTCUSDT.",
)
@click.option("--limits", type=click.Choice(["on", "off"]), default="on", show_default=True, help="Rate limits and bans.")
@click.option(
    "--options-api",
    type=click.Choice(["current", "2024"]),
    help="Edition of the options API: today's, or that of 2024.  [default: that of --api-date]",
)
@click.option(
    "--api-date",
    callback=_api_date,
    metavar="YYYY-MM-DD",
    help="Speak the wire as it was on that day, from 2024-01-01 on.  [default: today's]",
)
@click.option("--options/--no-options", default=True, show_default=True, help="European options beside the spot markets.")
@click.option(
    "--durability",
    type=click.Choice(["fsync", "os", "memory"]),
    default="fsync",
    show_default=True,
    help="What an answered order survives: power loss, a crash of papernet, nothing.",
)
@click.option("--symbols", type=click.Path(path_type=Path, dir_okay=False), help="Symbol catalogue of your own (TOML).")
@click.option("--reset-every", callback=_span, metavar="SPAN", help="Start over this often, such as 30d.")
@click.option("--held-at", callback=_time, metavar="TIME", help="Hold the clock of a new exchange at 2026-01-02T03:04:05Z.")
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Record what happens, for `papernet replay`.")
@click.option("--allow-host", multiple=True, help="A further name that requests may be addressed to; repeatable.")
@click.option("--public-dev-keys", is_flag=True, help="Keep the well-known accounts though others can reach this machine.")
@click.option("--remote-control", is_flag=True, help="Let other machines use the control plane, with its token.")
@click.option("--sapi-stubs", is_flag=True, help="Answer the few /sapi calls that clients make when they load markets.")
@click.option("--listen-keys", is_flag=True, help="Serve listen keys as well, which the exchange has retired.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready, and nothing else.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
def up(as_json: bool, quiet: bool, **settings: Any) -> None:
    """Start an exchange and serve it until interrupted."""
    # Imports make many objects and no garbage: looking for it would be a tenth of the start.
    gc.disable()
    options = _options(settings)
    from papernet.servers.up import StartError, run

    def announce(text: str) -> None:
        if not quiet or as_json:
            click.echo(text)

    try:
        status = run(options, announce, as_json=as_json, colour=sys.stdout is not None and sys.stdout.isatty())
    except StartError as error:
        fail(str(error))
    sys.exit(status)


def _options(settings: dict[str, Any]) -> "Options":
    from papernet.servers.node import Options

    if settings["ephemeral"] and settings["state"] is not None:
        fail("--ephemeral keeps no state, so --state makes no sense with it")
    if settings["durability"] == "memory" and settings["state"] is not None:
        fail("--durability memory keeps no state, so --state makes no sense with it")
    tls_port, tls_names = settings["tls_port"], settings["tls_name"]
    if tls_names and tls_port is None:
        fail("--tls-port off shows no certificate, so --tls-name makes no sense with it")
    chosen = click.get_current_context().get_parameter_source("tls_port") is not ParameterSource.DEFAULT
    return Options(
        host=settings["host"],
        port=settings["port"],
        tls_port=tls_port if chosen or settings["port"] else 0,
        tls_names=tls_names,
        tls_required=chosen or bool(tls_names),
        state=None
        if settings["ephemeral"] or settings["durability"] == "memory"
        else settings["state"] or Path(_DEFAULT_STATE),
        seed=settings["seed"],
        market=settings["market"],
        activity=settings["activity"],
        limits=settings["limits"] == "on",
        options=settings["options"],
        options_api=settings["options_api"],
        durability=settings["durability"],
        symbols=settings["symbols"],
        reset_every=settings["reset_every"],
        held_at=settings["held_at"],
        record=settings["record"],
        allow_hosts=settings["allow_host"],
        public_dev_keys=settings["public_dev_keys"],
        remote_control=settings["remote_control"],
        sapi_stubs=settings["sapi_stubs"],
        listen_keys=settings["listen_keys"],
        api_date=settings["api_date"],
    )


@cli.command()
@click.option("--tls-name", multiple=True, help="A further name or address, as `papernet up` was told; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
def ca(tls_name: tuple[str, ...], as_json: bool) -> None:
    """Say where the certificate of the local CA is, and how programs come to trust it; make the CA when there is none."""
    from papernet.servers import clock
    from papernet.servers.local_ca import LocalCaError, certificate_names, open_ca
    from papernet.servers.screen import ca_json, ca_text

    try:
        found = open_ca(certificate_names(tls_name), clock.now())
    except LocalCaError as error:
        fail(str(error))
    if found.remark:
        click.echo(f"papernet: {found.remark}", err=True)
    show = ca_json if as_json else ca_text
    click.echo(show(str(found.certificate), found.names))


@cli.command()
@server_options
def reset(port: int | None, state: Path | None) -> None:
    """Start over: orders, trades and balances go, API keys stay."""
    row = ask(port, state, "POST", "/reset", {})
    click.echo(f"epoch {row['epoch']}")


for _group in (keys, accounts, symbols, venue, clock, checkpoint, explain, faults, fills, requests, scenario):
    cli.add_command(_group)
cli.add_command(replay)


def main() -> None:
    """Run the command."""
    try:
        cli(prog_name="papernet", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(USAGE_ERROR)
    except click.ClickException as error:
        fail(" ".join(error.format_message().split()))
    except click.Abort:
        sys.exit(130)
