"""`papernet accounts`: accounts of a running server, what they have, what they pay and may do.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, fail, or_none, pairs, segment, server_options, whole


@click.group()
def accounts() -> None:
    """List, open and fund accounts, set what they pay and may do."""


@accounts.command("list")
@server_options
def accounts_list(port: int | None, state: Path | None) -> None:
    """List accounts with what they hold."""
    for row in ask(port, state, "GET", "/accounts"):
        click.echo(f"{row['name']}  uid {row['uid']}")
        for asset, balance in row["balances"].items():
            click.echo(f"  {asset:<8} free {balance['free']:>20}  locked {balance['locked']:>20}")
        if row["options"] is not None:
            click.echo(f"  {'options':<8} {row['options']['asset']:<4} {row['options']['balance']:>20}")


@accounts.command("create")
@click.argument("name")
@server_options
def accounts_create(name: str, port: int | None, state: Path | None) -> None:
    """Open an account; it receives a balance in every asset."""
    row = ask(port, state, "POST", "/accounts", {"name": name})
    click.echo(f"{row['name']}  uid {row['uid']}")


@accounts.command("deposit", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("asset")
@click.argument("amount")
@server_options
def accounts_deposit(name: str, asset: str, amount: str, port: int | None, state: Path | None) -> None:
    """Add AMOUNT of ASSET to an account; a minus sign takes it away."""
    row = ask(port, state, "POST", f"/accounts/{segment(name)}/balances", {"asset": asset.upper(), "amount": amount})
    _tell_balance(row, asset.upper())


@accounts.command("lock", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("asset")
@click.argument("amount")
@server_options
def accounts_lock(name: str, asset: str, amount: str, port: int | None, state: Path | None) -> None:
    """Lock AMOUNT of ASSET from outside, as margin would; a minus sign unlocks it."""
    row = ask(port, state, "POST", f"/accounts/{segment(name)}/locks", {"asset": asset.upper(), "amount": amount})
    _tell_balance(row, asset.upper())


@accounts.command("show")
@click.argument("name")
@server_options
def accounts_show(name: str, port: int | None, state: Path | None) -> None:
    """Show what an account pays, what it may and may not, and what is locked of it from outside."""
    for row in ask(port, state, "GET", "/accounts"):
        if row["name"] == name:
            _tell_account(row)
            return
    fail("there is no such account")


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
    callback=pairs,
    metavar="ASSET=AMOUNT",
    help="Most of an asset in one order (MAX_ASSET); none takes it away; repeatable.",
)
@server_options
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
        group = or_none(trade_group)
        body["trade_group"] = None if group is None else whole(group, "--trade-group")
    _tell_account(ask(port, state, "POST", f"/accounts/{segment(name)}/settings", body))


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
@server_options
def accounts_commission(name: str, symbol: str, part: str, port: int | None, state: Path | None, **given: str | None) -> None:
    """Set an account's commission rates; what no option names stays as it is."""
    rates = {field: rate for field, rate in given.items() if rate is not None}
    body: dict[str, object] = {"symbol": symbol.upper()}
    body |= rates if part == "standard" or not rates else {part: rates}
    _tell_account(ask(port, state, "POST", f"/accounts/{segment(name)}/commission", body))


@accounts.command("transfer")
@click.argument("name")
@click.argument("asset")
@click.argument("amount")
@click.argument("direction", type=click.Choice(["to-options", "from-options"]))
@server_options
def accounts_transfer(name: str, asset: str, amount: str, direction: str, port: int | None, state: Path | None) -> None:
    """Move AMOUNT of ASSET between an account's spot wallet and its options wallet."""
    body = {"asset": asset.upper(), "amount": amount, "direction": direction.replace("-", "_")}
    row = ask(port, state, "POST", f"/accounts/{segment(name)}/transfers", body)
    _tell_balance(row, asset.upper())
    _tell_options_balance(row["options"])


@accounts.command("options")
@click.argument("name")
@click.option("--can-trade", type=click.BOOL, help="Whether it may place options orders.")
@click.option("--may-write", type=click.BOOL, help="Whether it may sell contracts that it does not have.")
@click.option("--market-maker", "is_market_maker", type=click.BOOL, help="Whether it is a market maker.")
@click.option("--trade-group", metavar="NUMBER", help="Group in which self-trades are prevented; none takes it away.")
@click.option("--maker-rate", metavar="RATE", help="Fee of a maker, 0.0003 is 0.03 % of the index; none is the underlying's.")
@click.option("--taker-rate", metavar="RATE", help="Fee of a taker; none is the underlying's.")
@server_options
def accounts_options(
    name: str, trade_group: str | None, port: int | None, state: Path | None, **given: bool | str | None
) -> None:
    """Change what an account may do with options, and what it pays; what no option names stays as it is."""
    body: dict[str, object] = {
        field: or_none(value) if isinstance(value, str) else value for field, value in given.items() if value is not None
    }
    if trade_group is not None:
        group = or_none(trade_group)
        body["trade_group"] = None if group is None else whole(group, "--trade-group")
    row = ask(port, state, "POST", f"/accounts/{segment(name)}/options", body)
    click.echo(f"{row['name']}  uid {row['uid']}")
    _tell_options(row["options"])


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
    if row["options"] is not None:
        _tell_options(row["options"])
    own = row["commission"].pop("symbols")
    for symbol, rates in {"": row["commission"], **own}.items():
        for part in ("standard", "special", "tax"):
            told = "  ".join(f"{field} {rates.get(part, rates)[field]}" for field in ("maker", "taker", "buyer", "seller"))
            click.echo(f"  {f'commission {part} {symbol}':<30} {told}")


def _tell_options_balance(row: Any) -> None:
    click.echo(f"options {row['asset']} {row['balance']} available {row['available']}")


def _tell_options(row: Any) -> None:
    for field in ("balance", "equity", "available"):
        click.echo(f"  {'options ' + field:<30} {row[field]}")
    for field in ("can_trade", "may_write", "is_market_maker"):
        click.echo(f"  {'options ' + field:<30} {'yes' if row[field] else 'no'}")
    for field in ("trade_group", "maker_rate", "taker_rate"):
        click.echo(f"  {'options ' + field:<30} {'none' if row[field] is None else row[field]}")
    for symbol, quantity in row["positions"].items():
        click.echo(f"  {'position ' + symbol:<30} {quantity}")
