"""What happens on the market of a network: the groups `fills`, `symbols`, `venue` and `scenarios` as methods.

Does not.       Mean anything by itself: each method is one call, and docs/fills.md, docs/control.md and docs/scenarios.md say
                what it does.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, TypedDict, Unpack
from urllib.parse import quote

from papernet.testing import spelling
from papernet.testing.asking import Ask
from papernet.testing.spelling import Amount, Span
from papernet.testing.time_verbs import Rows

# prices and quantities
Levels: TypeAlias = Iterable[tuple[Amount, Amount]]


class FillTerms(TypedDict, total=False):
    """How an order is filled, beside how much of it; see docs/fills.md."""

    price: Amount | None
    through: bool
    client_order_id: str
    account: str
    commission: Amount
    commission_asset: str


class FillVerbs:
    """`papernet.fills`: somebody trades so that a given thing happens."""

    def __init__(self, ask: Ask) -> None:
        """Ask through `ask`."""
        self._ask: Final = ask

    def fill(
        self,
        order_id: int | str | None = None,
        *,
        symbol: str,
        quantity: Amount | None = None,
        share: Amount | None = None,
        **terms: Unpack[FillTerms],
    ) -> dict[str, Any]:
        """Fill an order by a quantity or a share of it; without either, all that is left.

        At its own price unless `price` says another; `through` trades away what rests ahead of it. An order is named by its id,
        or by `client_order_id`.
        """
        body = spelling.fields(**terms) | spelling.fields(
            order_id=None if order_id is None else int(order_id),
            symbol=symbol,
            quantity=spelling.maybe(quantity),
            share=spelling.maybe(share),
            price=spelling.maybe(terms.get("price")),
            commission=spelling.maybe(terms.get("commission")),
        )
        return dict(self._ask("POST", "/fills/fill", body))

    def trade_through(self, symbol: str, price: Amount) -> dict[str, Any]:
        """Trade with everybody up to a price."""
        return dict(self._ask("POST", "/fills/trade-through", {"symbol": symbol, "price": spelling.amount(price)}))

    def print(
        self,
        symbol: str,
        price: Amount,
        quantity: Amount | None = None,
        *,
        side: str | None = None,
        through: bool | None = None,
    ) -> dict[str, Any]:
        """Let a trade happen at a price, so that it is the last one; `side` is the taker's."""
        body = spelling.fields(
            symbol=symbol,
            price=spelling.amount(price),
            quantity=spelling.maybe(quantity),
            side=side,
            through=through,
        )
        return dict(self._ask("POST", "/fills/print", body))

    def quote(self, symbol: str, bids: Levels = (), asks: Levels = ()) -> dict[str, Any]:
        """Let orders of the house rest on a book, as (price, quantity), in the place of those that do."""
        body = {"symbol": symbol, "bids": _rows(bids), "asks": _rows(asks)}
        return dict(self._ask("POST", "/fills/quote", body))

    def empty(
        self, symbol: str, side: str | None = None, *, span: Span | None = None, users: bool | None = None
    ) -> dict[str, Any]:
        """Take the orders of everybody but users off a book, or off its "bids" or "asks"; with `users` theirs, too."""
        body = spelling.fields(symbol=symbol, side=side, span=spelling.maybe_span(span), users=users)
        return dict(self._ask("POST", "/fills/empty", body))

    def widen(
        self,
        symbol: str,
        spread: Amount | None = None,
        *,
        percent: Amount | None = None,
        bid: Amount | None = None,
        ask: Amount | None = None,
        span: Span | None = None,
    ) -> dict[str, Any]:
        """Take everybody but users off the middle of a book: by a spread, in per cent of the price, or by two prices."""
        body = spelling.fields(
            symbol=symbol,
            spread=spelling.maybe(spread),
            percent=spelling.maybe(percent),
            bid=spelling.maybe(bid),
            ask=spelling.maybe(ask),
            span=spelling.maybe_span(span),
        )
        return dict(self._ask("POST", "/fills/widen", body))

    def release(self, symbol: str) -> dict[str, Any]:
        """Take the house's quotes off a book, and let the simulated market come back to it."""
        return dict(self._ask("POST", "/fills/release", {"symbol": symbol}))

    def standing(self) -> list[dict[str, Any]]:
        """Return where the house quotes, and where the simulated market stays away."""
        return list(self._ask("GET", "/fills"))

    def halt(self, symbol: str) -> dict[str, Any]:
        """Halt a symbol."""
        return dict(self._ask("POST", _path(symbol, "status"), {"status": "HALT"}))

    def resume(self, symbol: str) -> dict[str, Any]:
        """Let a symbol trade again."""
        return dict(self._ask("POST", _path(symbol, "status"), {"status": "TRADING"}))

    def commission(self, account: str, asset: str, amount: Amount) -> dict[str, Any]:
        """Let an account pay a commission outside of a trade; with a minus sign, let it be paid one."""
        return dict(
            self._ask("POST", "/fills/commission", {"account": account, "asset": asset, "amount": spelling.amount(amount)})
        )


class MarketVerbs:
    """`papernet.market`: symbols, the venue, and what two users agreed on."""

    def __init__(self, ask: Ask) -> None:
        """Ask through `ask`."""
        self._ask: Final = ask

    def symbols(self) -> list[dict[str, Any]]:
        """Return all symbols with status, last price and reference price."""
        return list(self._ask("GET", "/symbols"))

    def symbol(self, name: str) -> dict[str, Any]:
        """Return one symbol."""
        for row in self.symbols():
            if row["symbol"] == name:
                return row
        raise LookupError(f"there is no symbol {name}")

    def set_status(self, symbol: str, status: str) -> dict[str, Any]:
        """Set the status of a symbol: TRADING, HALT, BREAK, END_OF_DAY, CANCEL_ONLY."""
        return dict(self._ask("POST", _path(symbol, "status"), {"status": status}))

    def set_reference_price(self, symbol: str, price: Amount | None) -> dict[str, Any]:
        """Set the reference price of a symbol; None says that there is none now."""
        return dict(self._ask("POST", _path(symbol, "reference-price"), {"price": spelling.maybe(price)}))

    def block_trade(self, symbol: str, buyer: str, seller: str, price: Amount, quantity: Amount) -> dict[str, Any]:
        """Let two accounts trade outside the book."""
        body = {"buyer": buyer, "seller": seller, "price": spelling.amount(price), "quantity": spelling.amount(quantity)}
        return dict(self._ask("POST", _path(symbol, "block-trades"), body))

    def venue(self) -> dict[str, Any]:
        """Return what holds for all symbols."""
        return dict(self._ask("GET", "/venue"))

    def configure(self, **settings: object) -> dict[str, Any]:
        """Set what holds for all symbols, by the fields of docs/control.md."""
        return dict(self._ask("POST", "/venue", settings))


class ScenarioVerbs:
    """`papernet.scenarios`: stories of the market, by name."""

    def __init__(self, ask: Ask) -> None:
        """Ask through `ask`."""
        self._ask: Final = ask

    def list(self) -> Rows:
        """Return the scenarios that there are, with their parameters."""
        return list(self._ask("GET", "/scenarios")["scenarios"])

    def runs(self) -> Rows:
        """Return the runs of scenarios so far, and how far each has got."""
        return list(self._ask("GET", "/scenarios")["runs"])

    def run(
        self,
        name: str | None = None,
        symbol: str | None = None,
        *,
        seed: int | None = None,
        script: Mapping[str, Any] | None = None,
        **parameters: Amount,
    ) -> dict[str, Any]:
        """Run a scenario by its name, or a script of one's own; its steps happen at their times on the network's clock."""
        body = spelling.fields(name=name, symbol=symbol, seed=seed, script=script)
        if parameters:
            body["parameters"] = {which: spelling.amount(value) for which, value in parameters.items()}
        return dict(self._ask("POST", "/scenarios/run", body))

    def stop(self, run: int | Mapping[str, Any]) -> dict[str, Any]:
        """Stop a run, given as `run` returned it or by its id."""
        return dict(self._ask("POST", "/scenarios/stop", {"id": run["id"] if isinstance(run, Mapping) else run}))


class ExplainVerbs:
    """`papernet.explain`: why a request was refused, or why an order does not fill."""

    def __init__(self, ask: Ask) -> None:
        """Ask through `ask`."""
        self._ask: Final = ask

    def request(self, request: int | str | Mapping[str, Any]) -> dict[str, Any]:
        """Explain a request, given as `Network.requests` returned it or by its id."""
        number = request["id"] if isinstance(request, Mapping) else request
        return dict(self._ask("GET", f"/explain/requests/{quote(str(number), safe='')}"))

    def order(self, symbol: str, order_id: int | str | None = None, **which: object) -> dict[str, Any]:
        """Explain an order: by its id, or by `client_order_id` and `account`."""
        return dict(self._ask("GET", "/explain/orders", symbol=symbol, order_id=order_id, **which))


def _path(symbol: str, verb: str) -> str:
    return f"/symbols/{quote(symbol, safe='')}/{verb}"


def _rows(rows: Levels) -> list[tuple[str, str]]:
    return [(spelling.amount(price), spelling.amount(quantity)) for price, quantity in rows]
