"""`papernet fills`: fills, prints, books and commissions on demand.

Does not.       Find the server, or word what it refuses: `asking` does.
"""

from pathlib import Path
from typing import Any

import click

from papernet.commands.asking import ask, fail, segment, server_options, whole


@click.group()
def fills() -> None:
    """Fill orders, print prices, empty and widen books."""


@fills.command("list")
@server_options
def fills_list(port: int | None, state: Path | None) -> None:
    """List where the house quotes and where the simulated market stays away."""
    for row in ask(port, state, "GET", "/fills"):
        click.echo(f"{row['symbol']:<12} {_away(row['away'])}")
        _tell_quotes(row)


@fills.command("fill")
@click.argument("symbol")
@click.argument("order")
@click.argument("quantity", required=False)
@click.option("--share", help="A share of what is left of it instead: 0.5 is half.")
@click.option("--price", help="The price, for an order that waits for one; others trade at their own.")
@click.option("--through", is_flag=True, help="Trade with those who are ahead, or through the price that it waits for.")
@click.option("--account", help="Whose order it is, when ORDER is a client order id.")
@click.option("--commission", help="What the fill costs its account: 0.001 is 0.1 %.")
@click.option("--commission-asset", help="The venue's discount asset, to pay the commission in it.")
@server_options
def fills_fill(
    symbol: str,
    order: str,
    quantity: str | None,
    share: str | None,
    price: str | None,
    through: bool,
    account: str | None,
    commission: str | None,
    commission_asset: str | None,
    port: int | None,
    state: Path | None,
) -> None:
    """Fill ORDER of SYMBOL by QUANTITY, or by all that is left of it; ORDER is its id or its client order id."""
    body: dict[str, object] = {"symbol": symbol.upper(), "through": through}
    if order.isdecimal() and account is None:
        body["order_id"] = whole(order, "ORDER")
    else:
        body["client_order_id"] = order
    given = {
        "quantity": quantity,
        "share": share,
        "price": price,
        "account": account,
        "commission": commission,
        "commission_asset": commission_asset,
    }
    row = ask(port, state, "POST", "/fills/fill", body | {name: text for name, text in given.items() if text is not None})
    click.echo(f"{row['symbol']}  order {row['order_id']} of {row['account']}  {row['status']}  filled {row['filled']}")
    _tell_trades(row["trades"] + row["others"])
    _tell_problem(row)


@fills.command("trade-through")
@click.argument("symbol")
@click.argument("price")
@server_options
def fills_trade_through(symbol: str, price: str, port: int | None, state: Path | None) -> None:
    """Trade with everybody on SYMBOL up to PRICE, which becomes the last one."""
    _tell_prices(ask(port, state, "POST", "/fills/trade-through", {"symbol": symbol.upper(), "price": price}))


@fills.command("print")
@click.argument("symbol")
@click.argument("price")
@click.argument("quantity", required=False)
@click.option("--side", type=click.Choice(["BUY", "SELL"], case_sensitive=False), help="The taker's side.")
@click.option("--through", is_flag=True, help="Trade with those who are in the way.")
@server_options
def fills_print(
    symbol: str, price: str, quantity: str | None, side: str | None, through: bool, port: int | None, state: Path | None
) -> None:
    """Let a trade of QUANTITY, or of the least one, happen on SYMBOL at PRICE."""
    body: dict[str, object] = {"symbol": symbol.upper(), "price": price, "through": through}
    if quantity is not None:
        body["quantity"] = quantity
    if side is not None:
        body["side"] = side
    _tell_prices(ask(port, state, "POST", "/fills/print", body))


@fills.command("quote")
@click.argument("symbol")
@click.option("--bid", multiple=True, metavar="PRICE:QUANTITY", help="A bid of the house; repeatable.")
@click.option("--ask", "offer", multiple=True, metavar="PRICE:QUANTITY", help="An ask of the house; repeatable.")
@server_options
def fills_quote(symbol: str, bid: tuple[str, ...], offer: tuple[str, ...], port: int | None, state: Path | None) -> None:
    """Let orders of the house rest on the book of SYMBOL, in the place of those that do."""
    body = {"symbol": symbol.upper(), "bids": _levels(bid), "asks": _levels(offer)}
    _tell_quotes(ask(port, state, "POST", "/fills/quote", body))


@fills.command("empty")
@click.argument("symbol")
@click.option("--side", type=click.Choice(["bids", "asks", "both"]), default="both", show_default=True, help="Which side.")
@click.option("--for", "span", metavar="SPAN", help="How long the simulated market stays away, such as 30s.")
@click.option("--users", is_flag=True, help="Cancel users' orders as well.")
@server_options
def fills_empty(symbol: str, side: str, span: str | None, users: bool, port: int | None, state: Path | None) -> None:
    """Take the orders of SYMBOL off its book, and keep the simulated market away until it is released."""
    body: dict[str, object] = {"symbol": symbol.upper(), "side": side, "users": users}
    _tell_book(ask(port, state, "POST", "/fills/empty", body if span is None else body | {"span": span}))


@fills.command("widen")
@click.argument("symbol")
@click.option("--spread", help="How far bids and asks are apart.")
@click.option("--percent", help="The same in per cent of the price.")
@click.option("--bid", help="The highest bid, with --ask.")
@click.option("--ask", "offer", help="The lowest ask, with --bid.")
@click.option("--for", "span", metavar="SPAN", help="How long the simulated market stays away, such as 30s.")
@server_options
def fills_widen(
    symbol: str,
    spread: str | None,
    percent: str | None,
    bid: str | None,
    offer: str | None,
    span: str | None,
    port: int | None,
    state: Path | None,
) -> None:
    """Widen the spread of SYMBOL, and keep the simulated market out of it until it is released."""
    given = {"spread": spread, "percent": percent, "bid": bid, "ask": offer, "span": span}
    body = {"symbol": symbol.upper(), **{name: text for name, text in given.items() if text is not None}}
    _tell_book(ask(port, state, "POST", "/fills/widen", body))


@fills.command("release")
@click.argument("symbol")
@server_options
def fills_release(symbol: str, port: int | None, state: Path | None) -> None:
    """Let the simulated market come back to SYMBOL, and take the house's quotes off it."""
    ask(port, state, "POST", "/fills/release", {"symbol": symbol.upper()})


@fills.command("halt")
@click.argument("symbol")
@server_options
def fills_halt(symbol: str, port: int | None, state: Path | None) -> None:
    """Halt SYMBOL."""
    _set_status(symbol, "HALT", port, state)


@fills.command("resume")
@click.argument("symbol")
@server_options
def fills_resume(symbol: str, port: int | None, state: Path | None) -> None:
    """Let SYMBOL trade again."""
    _set_status(symbol, "TRADING", port, state)


@fills.command("commission", context_settings={"ignore_unknown_options": True})
@click.argument("account")
@click.argument("asset")
@click.argument("amount")
@server_options
def fills_commission(account: str, asset: str, amount: str, port: int | None, state: Path | None) -> None:
    """Let ACCOUNT pay the house AMOUNT of ASSET outside of a trade; with a minus sign the house pays."""
    row = ask(port, state, "POST", "/fills/commission", {"account": account, "asset": asset.upper(), "amount": amount})
    click.echo(f"{row['account']} paid {row['amount']} {row['asset']}")


def _set_status(symbol: str, status: str, port: int | None, state: Path | None) -> None:
    row = ask(port, state, "POST", f"/symbols/{segment(symbol.upper())}/status", {"status": status})
    click.echo(f"{row['symbol']}  {row['status']}")


def _levels(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return PRICE:QUANTITY texts as pairs."""
    levels = []
    for text in texts:
        price, colon, quantity = text.partition(":")
        if not colon:
            fail(f"{text!r} is not PRICE:QUANTITY")
        levels.append((price, quantity))
    return levels


def _tell_prices(row: Any) -> None:
    _tell_trades(row["others"])
    click.echo(f"{row['symbol']}  last price {row['last_price']}")
    _tell_problem(row)


def _tell_trades(rows: Any) -> None:
    for row in rows:
        cost = f"  commission {row['commission']} {row['commission_asset']}"
        click.echo(f"  trade {row['trade_id']}  {row['quantity']} at {row['price']}  {row['account']} {row['order_id']}{cost}")


def _tell_problem(row: Any) -> None:
    if "problem" in row:
        click.echo(f"not all of it: {row['problem']}", err=True)


def _tell_book(row: Any) -> None:
    click.echo(f"{row['symbol']}  {row['withdrawn']} orders withdrawn, {len(row['left'])} left")
    _tell_quotes(row)


def _away(away: Any) -> str:
    """Return where the simulated market stays away."""
    if away is None:
        return "simulated market as ever"
    bid, ask = away["highest_bid"], away["lowest_ask"]
    bids = "bids anywhere" if bid is None else f"bids at {bid} at most" if float(bid) else "no bids"
    asks = "asks anywhere" if ask is None else f"asks at {ask} at least" if float(ask) else "no asks"
    return f"simulated market: {bids}, {asks}"


def _tell_quotes(row: Any) -> None:
    for name, levels in (("bid", row["bids"]), ("ask", row["asks"])):
        for price, quantity in levels:
            click.echo(f"  {name} {quantity} at {price}")
