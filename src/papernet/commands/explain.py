"""`papernet requests` and `papernet explain`: what came in at a running server, and why it was refused or is not filled.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from papernet.commands.asking import ask, server_options


@click.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
@click.option("--account", help="Those of this account.")
@click.option("--api-key", help="Those with this API key.")
@click.option("--door", type=click.Choice(["rest", "ws-api", "options-rest"]), help="Those at this door.")
@click.option("--operation", help="Those of this operation, such as order.place.")
@click.option("--symbol", help="Those about this symbol.")
@click.option("--status", type=int, help="Those answered with this HTTP status.")
@click.option("--code", type=int, help="Those refused with this error code.")
@click.option("--refused", is_flag=True, help="Refused ones alone.")
@server_options
def requests(port: int | None, state: Path | None, refused: bool, **filters: Any) -> None:
    """List recent calls at all doors, newest first."""
    wanted = {name: value for name, value in filters.items() if value is not None}
    if refused:
        wanted["refused"] = "true"
    for row in ask(port, state, "GET", f"/requests?{urlencode(wanted)}"):
        what = f"{row['method']} {row['target']}".strip()
        refusal = "" if row["code"] is None else f"  {row['code']} {row['message']}"
        click.echo(
            f"{row['id']:>6}  {row['time']}  {row['door']:<12}  {row['status']}  {row['weight']:>4}w  {row['latency_us']:>7}us"
            f"  {row['account'] or '-':<10}  {what}{refusal}"
        )


@click.group()
def explain() -> None:
    """Say why a request was refused, or why an order is not filled."""


@explain.command("request")
@click.argument("number", type=click.IntRange(1))
@server_options
def explain_request(number: int, port: int | None, state: Path | None) -> None:
    """Explain call NUMBER of `papernet requests`."""
    told = ask(port, state, "GET", f"/explain/requests/{number}")
    row = told["request"]
    click.echo(f"{row['method']} {row['target']}".strip() + f"  {row['status']} {row['code'] or ''} {row['message']}".rstrip())
    _tell(told["explanation"])


@explain.command("order")
@click.argument("symbol")
@click.argument("order_id", type=int, required=False)
@click.option("--client-order-id", help="Its client order id, instead of its id.")
@click.option("--account", help="Whose it is; anybody's without it.")
@server_options
def explain_order(
    symbol: str, order_id: int | None, client_order_id: str | None, account: str | None, port: int | None, state: Path | None
) -> None:
    """Explain the order ORDER_ID on SYMBOL."""
    wanted = {"symbol": symbol, "order_id": order_id, "client_order_id": client_order_id, "account": account}
    told = ask(
        port, state, "GET", f"/explain/orders?{urlencode({name: value for name, value in wanted.items() if value is not None})}"
    )
    click.echo(f"{told['symbol']} {told['order_id']} of {told['account']}, {'open' if told['open'] else 'ended'}")
    _tell(told["explanation"])


def _tell(told: Any) -> None:
    """Print an explanation."""
    click.echo(f"{told['guard']}: {told['because']}")
    for name, value in told["numbers"].items():
        if value is not None:
            click.echo(f"  {name:<24} {value}")
    if told["nearest"]:
        click.echo("  nearest that would pass  " + "  ".join(f"{name} {value}" for name, value in told["nearest"].items()))
    for hint in told["hints"]:
        click.echo(f"  {hint}")
    for part in told["parts"]:
        _tell(part)
