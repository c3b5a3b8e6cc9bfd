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
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from papernet import __version__

if TYPE_CHECKING:
    from papernet.servers.node import Options

_USAGE_ERROR: Final = 2
_DURATION: Final = re.compile(r"([1-9][0-9]{0,5})([smhdw])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SHORTEST_RESET_SECONDS: Final = 10
_ACTIVITY_MAX: Final = 10.0
_SEED_MAX: Final = (1 << 63) - 1
_DEFAULT_STATE: Final = ".papernet"


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


def _number(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse "nan", which is within every range of a float."""
    if math.isnan(value):
        message = "nan is no number"
        raise click.BadParameter(message, ctx, param)
    return value


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="papernet %(version)s")
def cli() -> None:
    """Run an exchange test network of your own."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65_535), help="Port; 0 takes a free one.")
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
    "--durability",
    type=click.Choice(["fsync", "os", "memory"]),
    default="fsync",
    show_default=True,
    help="What an answered order survives: power loss, a crash of papernet, nothing.",
)
@click.option("--symbols", type=click.Path(path_type=Path, dir_okay=False), help="Symbol catalogue of your own (TOML).")
@click.option("--reset-every", callback=_span, metavar="SPAN", help="Start over this often, such as 30d.")
@click.option("--allow-host", multiple=True, help="A further name that requests may be addressed to; repeatable.")
@click.option("--public-dev-keys", is_flag=True, help="Keep the well-known accounts though others can reach this machine.")
@click.option("--sapi-stubs", is_flag=True, help="Answer the few /sapi calls that clients make when they load markets.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready, and nothing else.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
def up(as_json: bool, quiet: bool, **settings: Any) -> None:
    """Start an exchange and serve it until interrupted."""
    # Imports make many objects and no garbage: looking for it would be a tenth of the start.
    gc.disable()
    options = _options(settings)
    from papernet.servers.node import StartError, run

    def announce(text: str) -> None:
        if not quiet or as_json:
            click.echo(text)

    try:
        status = run(options, announce, as_json=as_json, colour=sys.stdout is not None and sys.stdout.isatty())
    except StartError as error:
        _fail(str(error))
    sys.exit(status)


def _options(settings: dict[str, Any]) -> "Options":
    from papernet.servers.node import Options

    if settings["ephemeral"] and settings["state"] is not None:
        _fail("--ephemeral keeps no state, so --state makes no sense with it")
    if settings["durability"] == "memory" and settings["state"] is not None:
        _fail("--durability memory keeps no state, so --state makes no sense with it")
    return Options(
        host=settings["host"],
        port=settings["port"],
        state=None
        if settings["ephemeral"] or settings["durability"] == "memory"
        else settings["state"] or Path(_DEFAULT_STATE),
        seed=settings["seed"],
        market=settings["market"],
        activity=settings["activity"],
        limits=settings["limits"] == "on",
        durability=settings["durability"],
        symbols=settings["symbols"],
        reset_every=settings["reset_every"],
        allow_hosts=settings["allow_host"],
        public_dev_keys=settings["public_dev_keys"],
        sapi_stubs=settings["sapi_stubs"],
    )


def _server_options(function: Any) -> Any:
    function = click.option("--port", type=click.IntRange(1, 65_535), help="Port of the server, when several run.")(function)
    return click.option("--state", type=click.Path(path_type=Path), help="State directory of the server.")(function)


def _ask(port: int | None, state: Path | None, method: str, path: str, body: object = None) -> Any:
    from papernet.servers.control_client import ControlError, call, find_server

    try:
        return call(find_server(port, state), method, path, body)
    except ControlError as error:
        _fail(str(error))


@cli.group()
def keys() -> None:
    """List, make and take away API keys."""


@keys.command("list")
@click.argument("account", required=False)
@_server_options
def keys_list(account: str | None, port: int | None, state: Path | None) -> None:
    """List API keys, of one account or of all."""
    for row in _ask(port, state, "GET", "/keys"):
        if account in (None, row["account"]):
            click.echo(
                f"{row['account']:<12} {row['type']:<8} {row['api_key']}  {','.join(row['permissions'])}  {row['label']}"
            )


@keys.command("create")
@click.argument("account")
@click.option("--public-key", type=click.File(), help="PEM file of an RSA or Ed25519 public key; without it, HMAC.")
@click.option("--type", "key_type", type=click.Choice(["HMAC", "RSA", "ED25519"], case_sensitive=False), help="Type of key.")
@click.option("--permission", multiple=True, help="USER_DATA, TRADE or USER_STREAM; repeatable; all when none is given.")
@click.option("--ip", multiple=True, help="Address that the key may be used from; repeatable.")
@click.option("--label", default="", help="A note of your own.")
@_server_options
def keys_create(
    account: str,
    public_key: Any,
    key_type: str | None,
    permission: tuple[str, ...],
    ip: tuple[str, ...],
    label: str,
    port: int | None,
    state: Path | None,
) -> None:
    """Make an API key for ACCOUNT; an HMAC secret is shown once."""
    body = {
        "account": account,
        "type": key_type or "",
        "public_key": public_key.read() if public_key is not None else "",
        "permissions": list(permission) or None,
        "ip_list": list(ip) or None,
        "label": label,
    }
    row = _ask(port, state, "POST", "/keys", body)
    click.echo(f"api key  {row['api_key']}")
    if "secret_key" in row:
        click.echo(f"secret   {row['secret_key']}")


@keys.command("revoke")
@click.argument("api_key")
@_server_options
def keys_revoke(api_key: str, port: int | None, state: Path | None) -> None:
    """Take an API key away."""
    _ask(port, state, "DELETE", "/keys", {"api_key": api_key})
    click.echo(f"revoked {api_key}")


@keys.command("show")
@click.argument("account")
@click.option("--type", "key_type", type=click.Choice(["HMAC", "RSA", "ED25519"], case_sensitive=False), help="Type of key.")
def keys_show(account: str, key_type: str | None) -> None:
    """Print the private half of a well-known test account's key, for a file or a client."""
    from papernet.servers.dev_accounts import development_keys

    for key in development_keys():
        if key.account.name == account and key_type in (None, key.key_type.name):
            click.echo(key.private.rstrip("\n"))
            return
    _fail(f"{account} has no well-known key{f' of type {key_type}' if key_type else ''}")


@cli.group()
def accounts() -> None:
    """List, open and fund accounts."""


@accounts.command("list")
@_server_options
def accounts_list(port: int | None, state: Path | None) -> None:
    """List accounts with what they hold."""
    for row in _ask(port, state, "GET", "/accounts"):
        click.echo(f"{row['name']}  uid {row['uid']}")
        for asset, balance in row["balances"].items():
            click.echo(f"  {asset:<8} free {balance['free']:>20}  locked {balance['locked']:>20}")


@accounts.command("create")
@click.argument("name")
@_server_options
def accounts_create(name: str, port: int | None, state: Path | None) -> None:
    """Open an account; it receives a balance in every asset."""
    row = _ask(port, state, "POST", "/accounts", {"name": name})
    click.echo(f"{row['name']}  uid {row['uid']}")


@accounts.command("deposit", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("asset")
@click.argument("amount")
@_server_options
def accounts_deposit(name: str, asset: str, amount: str, port: int | None, state: Path | None) -> None:
    """Add AMOUNT of ASSET to an account; a minus sign takes it away."""
    row = _ask(port, state, "POST", f"/accounts/{_segment(name)}/balances", {"asset": asset.upper(), "amount": amount})
    balance = row["balances"][asset.upper()]
    click.echo(f"{asset.upper()} free {balance['free']} locked {balance['locked']}")


@cli.command()
@_server_options
def reset(port: int | None, state: Path | None) -> None:
    """Start over: orders, trades and balances go, API keys stay."""
    row = _ask(port, state, "POST", "/reset", {})
    click.echo(f"epoch {row['epoch']}")


def _segment(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _fail(message: str) -> NoReturn:
    click.echo(f"papernet: {message}", err=True)
    sys.exit(_USAGE_ERROR)


def main() -> None:
    """Run the command."""
    try:
        cli(prog_name="papernet", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(_USAGE_ERROR)
    except click.ClickException as error:
        _fail(" ".join(error.format_message().split()))
    except click.Abort:
        sys.exit(130)
