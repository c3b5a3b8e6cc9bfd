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
from click.core import ParameterSource

from papernet import __version__

if TYPE_CHECKING:
    from papernet.servers.node import Options

_USAGE_ERROR: Final = 2
_DURATION: Final = re.compile(r"([1-9][0-9]{0,5})([smhdw])", re.ASCII)
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
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


def _number(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse "nan", which is within every range of a float."""
    if math.isnan(value):
        message = "nan is no number"
        raise click.BadParameter(message, ctx, param)
    return value


def _tls_port(ctx: click.Context, param: click.Parameter, value: str) -> int | None:
    """Return a port, or None for `off`."""
    if value == "off":
        return None
    if not _INTEGER.fullmatch(value) or not 0 <= int(value) <= _PORT_MAX:
        message = f"{value!r} is neither a port nor `off`"
        raise click.BadParameter(message, ctx, param)
    return int(value)


def _pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str | None]:
    """Return `NAME=VALUE` options as a mapping; the value `none` is none."""
    found: dict[str, str | None] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            message = f"{text!r} is not NAME=VALUE"
            raise click.BadParameter(message, ctx, param)
        found[name.upper()] = _or_none(value)
    return found


def _or_none(text: str) -> str | None:
    return None if text.lower() == "none" else text


def _whole(text: str, option: str) -> int:
    if not _INTEGER.fullmatch(text):
        _fail(f"{option}: {text!r} is no whole number")
    return int(text)


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
@click.option("--listen-keys", is_flag=True, help="Serve listen keys as well, which the exchange has retired.")
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
    tls_port, tls_names = settings["tls_port"], settings["tls_name"]
    if tls_names and tls_port is None:
        _fail("--tls-port off shows no certificate, so --tls-name makes no sense with it")
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
        durability=settings["durability"],
        symbols=settings["symbols"],
        reset_every=settings["reset_every"],
        allow_hosts=settings["allow_host"],
        public_dev_keys=settings["public_dev_keys"],
        sapi_stubs=settings["sapi_stubs"],
        listen_keys=settings["listen_keys"],
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
        _fail(str(error))
    if found.remark:
        click.echo(f"papernet: {found.remark}", err=True)
    show = ca_json if as_json else ca_text
    click.echo(show(str(found.certificate), found.names))


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
    """List, open and fund accounts, set what they pay and may do."""


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
    _tell_balance(row, asset.upper())


@accounts.command("lock", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("asset")
@click.argument("amount")
@_server_options
def accounts_lock(name: str, asset: str, amount: str, port: int | None, state: Path | None) -> None:
    """Lock AMOUNT of ASSET from outside, as margin would; a minus sign unlocks it."""
    row = _ask(port, state, "POST", f"/accounts/{_segment(name)}/locks", {"asset": asset.upper(), "amount": amount})
    _tell_balance(row, asset.upper())


@accounts.command("show")
@click.argument("name")
@_server_options
def accounts_show(name: str, port: int | None, state: Path | None) -> None:
    """Show what an account pays, what it may and may not, and what is locked of it from outside."""
    for row in _ask(port, state, "GET", "/accounts"):
        if row["name"] == name:
            _tell_account(row)
            return
    _fail("there is no such account")


@accounts.command("set")
@click.argument("name")
@click.option("--can-trade", type=click.BOOL, help="Whether it may place and cancel orders.")
@click.option("--pays-with-discount-asset", type=click.BOOL, help="Whether commissions are paid in the discount asset, BNB.")
@click.option("--prevents-sor", type=click.BOOL, help="Whether smart order routing is refused.")
@click.option("--trade-group", metavar="NUMBER", help="Group in which self-trades are prevented; none takes it away.")
@click.option("--permission", multiple=True, help="What it may trade, such as SPOT; repeatable, replaces all.")
@click.option(
    "--asset-limit",
    multiple=True,
    callback=_pairs,
    metavar="ASSET=AMOUNT",
    help="Most of an asset in one order (MAX_ASSET); none takes it away; repeatable.",
)
@_server_options
def accounts_set(
    name: str,
    can_trade: bool | None,
    pays_with_discount_asset: bool | None,
    prevents_sor: bool | None,
    trade_group: str | None,
    permission: tuple[str, ...],
    asset_limit: dict[str, str | None],
    port: int | None,
    state: Path | None,
) -> None:
    """Change what an account may and may not; what no option names stays as it is."""
    body: dict[str, object] = {
        "can_trade": can_trade,
        "pays_with_discount_asset": pays_with_discount_asset,
        "prevents_sor": prevents_sor,
        "permissions": list(permission) or None,
        "asset_limits": asset_limit or None,
    }
    body = {field: value for field, value in body.items() if value is not None}
    if trade_group is not None:
        group = _or_none(trade_group)
        body["trade_group"] = None if group is None else _whole(group, "--trade-group")
    _tell_account(_ask(port, state, "POST", f"/accounts/{_segment(name)}/settings", body))


@accounts.command("commission")
@click.argument("name")
@click.option("--symbol", default="", help="The symbol that the rates are for.  [default: those without rates of their own]")
@click.option(
    "--part",
    type=click.Choice(["standard", "special", "tax"], case_sensitive=False),
    default="standard",
    show_default=True,
    help="Which part of the commission.",
)
@click.option("--maker", help="Rate of a maker: 0.001 is 0.1 %.")
@click.option("--taker", help="Rate of a taker.")
@click.option("--buyer", help="Rate of a buyer, on top.")
@click.option("--seller", help="Rate of a seller, on top.")
@_server_options
def accounts_commission(name: str, symbol: str, part: str, port: int | None, state: Path | None, **given: str | None) -> None:
    """Set an account's commission rates; what no option names stays as it is."""
    rates = {field: rate for field, rate in given.items() if rate is not None}
    body: dict[str, object] = {"symbol": symbol.upper()}
    body |= rates if part == "standard" or not rates else {part: rates}
    _tell_account(_ask(port, state, "POST", f"/accounts/{_segment(name)}/commission", body))


def _tell_balance(row: Any, asset: str) -> None:
    balance = row["balances"][asset]
    click.echo(f"{asset} free {balance['free']} locked {balance['locked']}")


def _tell_account(row: Any) -> None:
    group = row["trade_group"]
    click.echo(f"{row['name']}  uid {row['uid']}")
    for field in ("can_trade", "pays_with_discount_asset", "prevents_sor"):
        click.echo(f"  {field:<30} {'yes' if row[field] else 'no'}")
    click.echo(f"  {'trade_group':<30} {'none' if group is None else group}")
    click.echo(f"  {'permissions':<30} {' '.join(row['permissions'])}")
    for asset, limit in row["asset_limits"].items():
        click.echo(f"  {'limit ' + asset:<30} {limit}")
    for asset, locked in row["external_locks"].items():
        click.echo(f"  {'external lock ' + asset:<30} {locked}")
    own = row["commission"].pop("symbols")
    for symbol, rates in {"": row["commission"], **own}.items():
        for part in ("standard", "special", "tax"):
            told = "  ".join(f"{field} {rates.get(part, rates)[field]}" for field in ("maker", "taker", "buyer", "seller"))
            click.echo(f"  {f'commission {part} {symbol}':<30} {told}")


@cli.group()
def symbols() -> None:
    """List symbols, change what each offers."""


@symbols.command("list")
@_server_options
def symbols_list(port: int | None, state: Path | None) -> None:
    """List symbols with their status and prices."""
    for row in _ask(port, state, "GET", "/symbols"):
        _tell_symbol(row)


@symbols.command("status")
@click.argument("symbol")
@click.argument("status")
@_server_options
def symbols_status(symbol: str, status: str, port: int | None, state: Path | None) -> None:
    """Make SYMBOL TRADING, END_OF_DAY, HALT, BREAK or CANCEL_ONLY."""
    _tell_symbol(_ask(port, state, "POST", f"/symbols/{_segment(symbol.upper())}/status", {"status": status}))


@symbols.command("reference-price")
@click.argument("symbol")
@click.argument("price")
@click.option("--calculation-id", metavar="NUMBER", help="Number of the method by which the price is made.")
@_server_options
def symbols_reference_price(symbol: str, price: str, calculation_id: str | None, port: int | None, state: Path | None) -> None:
    """Set the reference price of SYMBOL; `none` says that there is none now."""
    body: dict[str, object] = {"price": _or_none(price)}
    if calculation_id is not None:
        body["calculation_id"] = _whole(calculation_id, "--calculation-id")
    _tell_symbol(_ask(port, state, "POST", f"/symbols/{_segment(symbol.upper())}/reference-price", body))


@symbols.command("block-trade")
@click.argument("symbol")
@click.argument("buyer")
@click.argument("seller")
@click.argument("quantity")
@click.argument("price")
@click.option("--buyer-is-maker", is_flag=True, help="Tell the buyer as the maker; without it, the seller.")
@_server_options
def symbols_block_trade(
    symbol: str, buyer: str, seller: str, quantity: str, price: str, buyer_is_maker: bool, port: int | None, state: Path | None
) -> None:
    """Let BUYER and SELLER trade QUANTITY of SYMBOL at PRICE outside the book."""
    body = {"buyer": buyer, "seller": seller, "price": price, "quantity": quantity, "buyer_is_maker": buyer_is_maker}
    row = _ask(port, state, "POST", f"/symbols/{_segment(symbol.upper())}/block-trades", body)
    click.echo(f"{row['symbol']}  block trade {row['id']}  {row['quantity']} at {row['price']}  {row['quote']}")


def _tell_symbol(row: Any) -> None:
    click.echo(
        f"{row['symbol']:<12} {row['status']:<12} last {row['last_price'] or 'none':>20}"
        f"  reference {row['reference_price'] or 'none':>20}"
    )


@cli.group()
def venue() -> None:
    """Show and change what holds for all symbols."""


@venue.command("show")
@_server_options
def venue_show(port: int | None, state: Path | None) -> None:
    """Show exchange filters, smart order routing and the commission discount."""
    _tell_venue(_ask(port, state, "GET", "/venue"))


@venue.command("set")
@click.option(
    "--exchange-filter",
    multiple=True,
    callback=_pairs,
    metavar="NAME=NUMBER",
    help="Such as EXCHANGE_MAX_NUM_ORDERS=1000; none takes it away; repeatable.",
)
@click.option(
    "--sor",
    multiple=True,
    callback=_pairs,
    metavar="ASSET=SYMBOL,...",
    help="Symbols between which orders are routed, such as BTC=BTCUSDT,BTCUSDC; none takes it away; repeatable.",
)
@click.option("--discount-asset", help="The asset that commissions can be paid in at a discount.")
@click.option("--discount-rate", help="What is left of a commission that is: 0.75 is a quarter off.")
@_server_options
def venue_set(
    exchange_filter: dict[str, str | None],
    sor: dict[str, str | None],
    discount_asset: str | None,
    discount_rate: str | None,
    port: int | None,
    state: Path | None,
) -> None:
    """Change what holds for all symbols; what no option names stays as it is."""
    body: dict[str, object] = {}
    if exchange_filter:
        body["exchange_filters"] = {
            name: None if text is None else _whole(text, f"--exchange-filter {name}") for name, text in exchange_filter.items()
        }
    if sor:
        body["sors"] = {asset: None if text is None else text.upper().split(",") for asset, text in sor.items()}
    if discount_asset is not None:
        body["discount_asset"] = discount_asset.upper()
    if discount_rate is not None:
        body["discount_rate"] = discount_rate
    _tell_venue(_ask(port, state, "POST", "/venue", body))


def _tell_venue(row: Any) -> None:
    click.echo(f"discount_asset  {row['discount_asset']}")
    click.echo(f"discount_rate   {row['discount_rate']}")
    for name, limit in row["exchange_filters"].items():
        click.echo(f"exchange_filter {name} {limit}")
    for asset, names in row["sors"].items():
        click.echo(f"sor             {asset} {' '.join(names)}")


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
