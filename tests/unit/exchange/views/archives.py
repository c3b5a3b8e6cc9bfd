"""An archive in lists, to judge the others by."""

from typing import Any

from papernet.core.order import OrderRecord
from papernet.exchange.views.records import Bar, Batch, Fill, Kept, PublicTrade, R, Wanted


class ListArchive:
    """What an archive does, the slow and obvious way."""

    def __init__(self) -> None:
        self.all_orders: dict[tuple[int, str, int], OrderRecord] = {}
        self.all_fills: dict[tuple[int, str, int, int], Fill] = {}
        self.all_trades: dict[tuple[str, int], PublicTrade] = {}
        self.all_bars: dict[tuple[str, int, int], Bar] = {}
        self.all_records: dict[tuple[type, int, str, int, int, str], Kept[Any]] = {}

    def write(self, batch: Batch) -> None:
        if batch.clear_before:
            for rows in (self.all_orders, self.all_fills, self.all_trades, self.all_bars, self.all_records):
                rows.clear()
        for row in batch.orders:
            self.all_orders[row.record.terms.account, row.record.terms.symbol, row.record.order_id] = row.record
        for fill in batch.fills:
            self.all_fills[fill.account, fill.symbol, fill.trade_id, fill.order_id] = fill
        for symbol, trades in batch.trades:
            self.all_trades.update({(symbol, trade.trade_id): trade for trade in trades})
        for symbol, resolution, bars in batch.bars:
            self.all_bars.update({(symbol, resolution, bar.open_at): bar for bar in bars})
        for kept in batch.records:
            place = (kept.account, kept.symbol, kept.number, kept.order_id, kept.name)
            self.all_records[type(kept.record), *place] = kept

    def order(self, account: int, symbol: str, order_id: int) -> OrderRecord | None:
        return self.all_orders.get((account, symbol, order_id))

    def order_by_client_id(self, account: int, symbol: str, client_order_id: str) -> OrderRecord | None:
        # Rows came, and stand, in the order in which orders ended.
        found = [
            record
            for (owner, name, _), record in self.all_orders.items()
            if (owner, name) == (account, symbol) and record.terms.client_order_id == client_order_id
        ]
        return found[-1] if found else None

    def orders(
        self,
        account: int,
        symbol: str,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        newest: bool,
    ) -> list[OrderRecord]:
        found = sorted(
            (record for (owner, name, _), record in self.all_orders.items() if (owner, name) == (account, symbol)),
            key=lambda record: record.order_id,
        )
        return cut([row for row in found if within(row.order_id, row.created_at, from_id, start, end)], limit, newest=newest)

    def fills(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None = None,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        newest: bool,
    ) -> list[Fill]:
        found = [
            fill
            for (owner, name, _, order), fill in sorted(self.all_fills.items())
            if (owner, name) == (account, symbol) and order_id in (None, order)
        ]
        return cut([row for row in found if within(row.trade_id, row.at, from_id, start, end)], limit, newest=newest)

    def trades(self, symbol: str, *, low: int, high: int, limit: int, newest: bool) -> list[PublicTrade]:
        found = [trade for (name, number), trade in sorted(self.all_trades.items()) if name == symbol and low <= number < high]
        return cut(found, limit, newest=newest)

    def trade_id_at(self, symbol: str, at: int) -> int | None:
        return next(
            (number for (name, number), row in sorted(self.all_trades.items()) if name == symbol and row.at >= at), None
        )

    def trade_id_of_aggregate(self, symbol: str, aggregate_id: int) -> int | None:
        rows = sorted(self.all_trades.items())
        return next((number for (name, number), row in rows if name == symbol and row.aggregate_id >= aggregate_id), None)

    def bars(self, symbol: str, resolution: int, start: int, end: int) -> list[Bar]:
        rows = sorted(self.all_bars.items())
        return [bar for (name, length, at), bar in rows if (name, length) == (symbol, resolution) and start <= at < end]

    def bar_before(self, symbol: str, resolution: int, before: int) -> Bar | None:
        rows = self.bars(symbol, resolution, 0, before)
        return rows[-1] if rows else None

    def records(self, wanted: Wanted[R]) -> list[Kept[R]]:
        found = [
            kept
            for (kind, account, symbol, number, order_id, _), kept in sorted(
                self.all_records.items(), key=lambda row: row[0][1:]
            )
            if (kind, account, symbol) == (wanted.kind, wanted.account, wanted.symbol)
            and wanted.order_id in (None, order_id)
            and wanted.low <= number
            and (wanted.high is None or number < wanted.high)
            and within(number, kept.at, None, wanted.start, wanted.end)
        ]
        return cut(found, wanted.limit, newest=wanted.newest)

    def record_named(self, kind: type[R], account: int, symbol: str, name: str) -> R | None:
        # Rows came, and stand, in the order of their entries.
        found = [
            kept.record
            for (what, owner, market, _, _, known_as), kept in self.all_records.items()
            if (what, owner, market, known_as) == (kind, account, symbol, name)
        ]
        return found[-1] if found else None


def cut(rows: list[Any], limit: int, *, newest: bool) -> list[Any]:
    return rows[-limit:] if newest else rows[:limit]


def within(number: int, at: int, from_id: int | None, start: int | None, end: int | None) -> bool:
    return (from_id is None or number >= from_id) and (start is None or at >= start) and (end is None or at <= end)
