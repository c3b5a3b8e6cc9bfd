"""`papernet symbols`: what a running server trades, and news of it from outside.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, or_none, segment, server_options, whole


@click.group()
def symbols() -> None:
    """List symbols, change what each offers."""


@symbols.command("list")
@server_options
def symbols_list(port: int | None, state: Path | None) -> None:
    """List symbols with their status and prices."""
    for row in ask(port, state, "GET", "/symbols"):
        _tell_symbol(row)


@symbols.command("status")
@click.argument("symbol")
@click.argument("status")
@server_options
def symbols_status(symbol: str, status: str, port: int | None, state: Path | None) -> None:
    """Make SYMBOL TRADING, END_OF_DAY, HALT, BREAK or CANCEL_ONLY."""
    _tell_symbol(ask(port, state, "POST", f"/symbols/{segment(symbol.upper())}/status", {"status": status}))


@symbols.command("reference-price")
@click.argument("symbol")
@click.argument("price")
@click.option("--calculation-id", metavar="NUMBER", help="Number of the method by which the price is made.")
@server_options
def symbols_reference_price(symbol: str, price: str, calculation_id: str | None, port: int | None, state: Path | None) -> None:
    """Set the reference price of SYMBOL; `none` says that there is none now."""
    body: dict[str, object] = {"price": or_none(price)}
    if calculation_id is not None:
        body["calculation_id"] = whole(calculation_id, "--calculation-id")
    _tell_symbol(ask(port, state, "POST", f"/symbols/{segment(symbol.upper())}/reference-price", body))


@symbols.command("block-trade")
@click.argument("symbol")
@click.argument("buyer")
@click.argument("seller")
@click.argument("quantity")
@click.argument("price")
@click.option("--buyer-is-maker", is_flag=True, help="Tell the buyer as the maker; without it, the seller.")
@server_options
def symbols_block_trade(
    symbol: str, buyer: str, seller: str, quantity: str, price: str, buyer_is_maker: bool, port: int | None, state: Path | None
) -> None:
    """Let BUYER and SELLER trade QUANTITY of SYMBOL at PRICE outside the book."""
    body = {"buyer": buyer, "seller": seller, "price": price, "quantity": quantity, "buyer_is_maker": buyer_is_maker}
    row = ask(port, state, "POST", f"/symbols/{segment(symbol.upper())}/block-trades", body)
    click.echo(f"{row['symbol']}  block trade {row['id']}  {row['quantity']} at {row['price']}  {row['quote']}")


def _tell_symbol(row: Any) -> None:
    click.echo(
        f"{row['symbol']:<12} {row['status']:<12} last {row['last_price'] or 'none':>20}"
        f"  reference {row['reference_price'] or 'none':>20}"
    )
