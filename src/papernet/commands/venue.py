"""`papernet venue`: what holds for all symbols of a running server.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, pairs, server_options, whole


@click.group()
def venue() -> None:
    """Show and change what holds for all symbols."""


@venue.command("show")
@server_options
def venue_show(port: int | None, state: Path | None) -> None:
    """Show exchange filters, smart order routing and the commission discount."""
    _tell_venue(ask(port, state, "GET", "/venue"))


@venue.command("set")
@click.option(
    "--exchange-filter",
    multiple=True,
    callback=pairs,
    metavar="NAME=NUMBER",
    help="Such as EXCHANGE_MAX_NUM_ORDERS=1000; none takes it away; repeatable.",
)
@click.option(
    "--sor",
    multiple=True,
    callback=pairs,
    metavar="ASSET=SYMBOL,...",
    help="Symbols between which orders are routed, such as BTC=BTCUSDT,BTCUSDC; none takes it away; repeatable.",
)
@click.option("--discount-asset", help="The asset that commissions can be paid in at a discount.")
@click.option("--discount-rate", help="What is left of a commission that is: 0.75 is a quarter off.")
@server_options
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
            name: None if text is None else whole(text, f"--exchange-filter {name}") for name, text in exchange_filter.items()
        }
    if sor:
        body["sors"] = {asset: None if text is None else text.upper().split(",") for asset, text in sor.items()}
    if discount_asset is not None:
        body["discount_asset"] = discount_asset.upper()
    if discount_rate is not None:
        body["discount_rate"] = discount_rate
    _tell_venue(ask(port, state, "POST", "/venue", body))


def _tell_venue(row: Any) -> None:
    click.echo(f"discount_asset  {row['discount_asset']}")
    click.echo(f"discount_rate   {row['discount_rate']}")
    for name, limit in row["exchange_filters"].items():
        click.echo(f"exchange_filter {name} {limit}")
    for asset, names in row["sors"].items():
        click.echo(f"sor             {asset} {' '.join(names)}")
