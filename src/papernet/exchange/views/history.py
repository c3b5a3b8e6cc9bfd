"""Users' closed orders and fills, from the moment they happen until the archive has them.

Order of work.  Execution reports of users become rows; rows wait until a batch has taken them and the archive has confirmed it;
                queries merge what waits with what is archived and, for lists of orders, with what is open.
Invariant.      A closed order is here or in the archive, for a moment in both, never in neither. Rows never change.
Cost.           A row is appended and no more: what waits is a tenth of a second's worth and is searched from its new end.
Does not.       Keep anything of the simulated crowd, whose history nobody can ask for, or know open orders: those are the
                exchange's state, given by the caller.
Source.         rest-api.md: Query order, All orders, Account trade list, General API Information.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable
from operator import attrgetter
from typing import Final

from papernet.core.enums import ExecType, OrderStatus, Side
from papernet.core.events import ExecutionReport
from papernet.core.order import OPEN_STATUSES, OrderRecord
from papernet.exchange.views.records import ClosedOrder, Fill, Past
from papernet.exchange.views.tail import batch_end

_SEQ: Final = attrgetter("seq")
_ORDER_ID: Final = attrgetter("order_id")
_FILL_KEY: Final = attrgetter("trade_id", "order_id")
_NEW: Final = ExecType.NEW
_TRADE: Final = ExecType.TRADE
_BUY: Final = Side.BUY
# By status: looked up twice a fill, and a search through `OPEN_STATUSES` compares up to three times.
_IS_OPEN: Final = tuple(status in OPEN_STATUSES for status in range(max(OrderStatus) + 1))


class History:
    """The rows that wait. `orders` and `fills` stand in the order of their entries."""

    __slots__ = ("_nobody", "_taken_fills", "_taken_orders", "fills", "orders")

    def __init__(self, nobody: Container[int] = ()) -> None:
        """Make a history without rows; `nobody` are, at any time, the accounts whose history nobody can ask for."""
        self._nobody: Final = nobody
        self.orders: Final[list[ClosedOrder]] = []
        self.fills: Final[list[Fill]] = []
        self._taken_orders: int = 0
        self._taken_fills: int = 0

    def add(self, report: ExecutionReport, seq: int) -> None:
        """Take in a report."""
        exec_type = report.exec_type
        if exec_type is _NEW:
            return
        terms = report.terms
        if terms.account in self._nobody:
            return
        extras, status = report.extras, report.status
        # What smart order routing fills is an allocation, and no trade of the account's.
        if exec_type is _TRADE and report.allocation_id < 0:
            self.fills.append(
                Fill(
                    terms.symbol,
                    report.trade_id,
                    report.order_id,
                    terms.account,
                    report.last_price,
                    report.last_quantity,
                    report.last_quote,
                    report.commission,
                    report.commission_asset,
                    report.at,
                    terms.side is _BUY,
                    report.is_maker,
                    seq,
                    extras.order_list_id if extras is not None else -1,
                )
            )
        if not _IS_OPEN[status]:
            record = OrderRecord(
                terms,
                report.order_id,
                status,
                report.quantity,
                report.cum_quantity,
                report.cum_quote,
                report.created_at,
                report.at,
                report.expiry_reason,
                extras,
            )
            self.orders.append(ClosedOrder(record, seq))

    def order(self, account: int, symbol: str, order_id: int, past: Past | None) -> OrderRecord | None:
        """Return a closed order by its id."""
        for row in reversed(self.orders):
            record = row.record
            if record.order_id == order_id and record.terms.account == account and record.terms.symbol == symbol:
                return record
        return past.order(account, symbol, order_id) if past is not None else None

    def order_by_client_id(self, account: int, symbol: str, client_order_id: str, past: Past | None) -> OrderRecord | None:
        """Return the closed order that had a client order id when it ended, of several the one that ended last."""
        for row in reversed(self.orders):
            terms = row.record.terms
            if terms.client_order_id == client_order_id and terms.account == account and terms.symbol == symbol:
                return row.record
        return past.order_by_client_id(account, symbol, client_order_id) if past is not None else None

    def list_orders(
        self,
        account: int,
        symbol: str,
        open_orders: Iterable[OrderRecord],
        *,
        from_id: int | None,
        start: int | None,
        end: int | None,
        limit: int,
        past: Past | None,
    ) -> list[OrderRecord]:
        """Return orders, open and closed, by id.

        rest-api.md, All orders: from `from_id` or from the creation time `start` the oldest, otherwise the newest.
        """
        newest = from_id is None and start is None
        merged: dict[int, OrderRecord] = {}
        if past is not None:
            archived = past.orders(account, symbol, from_id=from_id, start=start, end=end, limit=limit, newest=newest)
            merged.update((record.order_id, record) for record in archived)
        waiting = (
            row.record for row in self.orders if row.record.terms.account == account and row.record.terms.symbol == symbol
        )
        for source in (waiting, open_orders):
            for record in source:
                created_at = record.created_at
                if (
                    (from_id is None or record.order_id >= from_id)
                    and (start is None or created_at >= start)
                    and (end is None or created_at <= end)
                ):
                    merged[record.order_id] = record
        records = sorted(merged.values(), key=_ORDER_ID)
        return records[-limit:] if newest else records[:limit]

    def list_fills(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None,
        from_id: int | None,
        start: int | None,
        end: int | None,
        limit: int,
        past: Past | None,
    ) -> list[Fill]:
        """Return an account's fills by trade id.

        rest-api.md, Account trade list: from `from_id` or `start` the oldest, otherwise the newest.
        """
        newest = from_id is None and start is None
        merged: dict[tuple[int, int], Fill] = {}
        if past is not None:
            archived = past.fills(
                account, symbol, order_id=order_id, from_id=from_id, start=start, end=end, limit=limit, newest=newest
            )
            merged.update(((fill.trade_id, fill.order_id), fill) for fill in archived)
        for fill in self.fills:
            if (
                fill.account == account
                and fill.symbol == symbol
                and (order_id is None or fill.order_id == order_id)
                and (from_id is None or fill.trade_id >= from_id)
                and (start is None or fill.at >= start)
                and (end is None or fill.at <= end)
            ):
                merged[fill.trade_id, fill.order_id] = fill
        fills = sorted(merged.values(), key=_FILL_KEY)
        return fills[-limit:] if newest else fills[:limit]

    def batch_end(self, limit: int, through: int) -> int:
        """Return up to which entry about `limit` rows of a kind reach, at most `through`."""
        return batch_end(self.fills, 0, limit, batch_end(self.orders, 0, limit, through))

    def take(self, through: int) -> tuple[tuple[ClosedOrder, ...], tuple[Fill, ...]]:
        """Return the rows of entries up to `through`; the archive is being given them from now on."""
        self._taken_orders = bisect_right(self.orders, through, key=_SEQ)
        self._taken_fills = bisect_right(self.fills, through, key=_SEQ)
        return tuple(self.orders[: self._taken_orders]), tuple(self.fills[: self._taken_fills])

    def confirm(self) -> None:
        """Let go of what was taken last, because the archive has it."""
        del self.orders[: self._taken_orders]
        del self.fills[: self._taken_fills]
        self._taken_orders = self._taken_fills = 0

    def clear(self) -> None:
        """Forget every row, because the world they tell of is gone."""
        self.orders.clear()
        self.fills.clear()
        self._taken_orders = self._taken_fills = 0
