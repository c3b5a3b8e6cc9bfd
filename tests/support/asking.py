"""A small exchange with its views behind it, to be asked as a door asks it."""

import json
from typing import Any

from papernet.app.operations import OPERATIONS, TimeUnit
from papernet.app.queries import QUERIES, Context
from papernet.core.commands import Command
from papernet.core.events import Applied
from papernet.core.order import OrderRecord
from papernet.exchange.views import Fill, Views
from papernet.exchange.views.records import Bar, Kept, PublicTrade, R, Record, Wanted
from papernet.protocols.json import replies
from papernet.venues.spot.symbols import Symbol
from tests.support.worlds import ALICE, PURSE, World

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


class ListPast:
    """An archive that holds the closed orders and the records it is given and nothing else."""

    def __init__(self) -> None:
        self.closed: list[OrderRecord] = []
        self.kept: list[Kept[Record]] = []

    def order(self, account: int, symbol: str, order_id: int) -> OrderRecord | None:
        return next((row for row in self._of(account, symbol) if row.order_id == order_id), None)

    def order_by_client_id(self, account: int, symbol: str, client_order_id: str) -> OrderRecord | None:
        rows = [row for row in self._of(account, symbol) if row.terms.client_order_id == client_order_id]
        return rows[-1] if rows else None

    def orders(self, account: int, symbol: str, *, limit: int, newest: bool, **bounds: int | None) -> list[OrderRecord]:
        rows = self._of(account, symbol)
        return rows[-limit:] if newest else rows[:limit]

    def fills(self, account: int, symbol: str, *, limit: int, newest: bool, **bounds: int | None) -> list[Fill]:
        return []

    def trades(self, symbol: str, *, low: int, high: int, limit: int, newest: bool) -> list[PublicTrade]:
        return []

    def trade_id_at(self, symbol: str, at: int) -> int | None:
        return None

    def trade_id_of_aggregate(self, symbol: str, aggregate_id: int) -> int | None:
        return None

    def bars(self, symbol: str, resolution: int, start: int, end: int) -> list[Bar]:
        return []

    def bar_before(self, symbol: str, resolution: int, before: int) -> Bar | None:
        return None

    def records(self, wanted: Wanted[R]) -> list[Kept[R]]:
        found: list[Any] = [row for row in self.kept if isinstance(row.record, wanted.kind) and wanted.holds(row)]
        return found[-wanted.limit :] if wanted.newest else found[: wanted.limit]

    def record_named(self, kind: type[R], account: int, symbol: str, name: str) -> R | None:
        found = [
            row.record for row in self.kept if isinstance(row.record, kind) and row.name == name and row.account == account
        ]
        return found[-1] if found else None

    def _of(self, account: int, symbol: str) -> list[OrderRecord]:
        return [row for row in self.closed if row.terms.account == account and row.terms.symbol == symbol]


class Asking(World):
    """A world whose entries are folded into views."""

    def __init__(self, *symbols: Symbol, balances: tuple[tuple[str, int], ...] = PURSE) -> None:
        self.views = Views()
        self.archive = ListPast()
        super().__init__(*symbols, balances=balances)
        self.context = Context(self.exchange, self.views, self.archive)

    def apply(self, command: Command) -> Applied:
        """Give the next entry to the exchange and what came of it to the views."""
        applied = super().apply(command)
        self.views.fold(applied)
        return applied

    def ask(self, name: str, account: int = ALICE, **params: Any) -> Any:
        """Return a query's answer; parameters that are not given have their defaults."""
        given = {param.name: param.default for param in OPERATIONS[name].parameters} | params
        return QUERIES[name](self.context, given, account, self.now)

    def text(self, name: str, account: int = ALICE, unit: TimeUnit = MS, **params: Any) -> str:
        """Return a query's reply."""
        return replies.RENDERERS[name](self.ask(name, account, **params), unit).decode()

    def reply(self, name: str, account: int = ALICE, unit: TimeUnit = MS, **params: Any) -> Any:
        """Return a query's reply, decoded."""
        return json.loads(self.text(name, account, unit, **params))
