"""Records that are only ever looked up: order lists that ended, amendments, prevented matches, allocations, block trades.

Order of work.  An event that `PLACES` knows is put in each of the places where it will be looked for; it waits there until a
                batch has taken it and the archive has confirmed it. Queries merge what waits with what is archived.
Another kind.   One row in `PLACES` (and its type among `records.Record`); rows, batches, snapshots and the archive's table are
                the same for all kinds.
Invariant.      A record is here or in the archive, for a moment in both, never in neither. Within a place (number, order id,
                name) occurs once; if an event comes for it again, the later one counts.
Cost.           Nothing for what has no row in `PLACES`; otherwise an append. What waits is a tenth of a second's worth.
Does not.       Keep anything in a place of the simulated crowd, whose past nobody can ask for; a match with a user stays in the
                user's.
Source.         rest-api.md: Query all Order lists, Query Order Amendments, Query Prevented Matches, Query Allocations,
                Historical Block Trades.
"""

from bisect import bisect_right
from collections.abc import Callable, Container
from operator import attrgetter
from typing import Any, Final, NamedTuple

from papernet.core.enums import ListOrderStatus
from papernet.core.events import Allocation, BlockTrade, OrderAmended, OrderListChanged, PreventedMatch
from papernet.exchange.views.records import Kept, Past, R, Record, Wanted
from papernet.exchange.views.tail import batch_end

# Whose records everybody may see: accounts count from 1.
EVERYBODY: Final = 0
# Where account-wide records are: no symbol has this name.
ALL_SYMBOLS: Final = ""
NO_ORDER: Final = -1

_SEQ: Final = attrgetter("seq")


class Place(NamedTuple):
    """Where a record is looked for, and by what: its number, its order, its name, its time."""

    account: int
    symbol: str
    number: int
    order_id: int
    name: str
    at: int


def _places_of_list(event: OrderListChanged) -> tuple[Place, ...]:
    record = event.record
    if record.status is ListOrderStatus.EXECUTING:
        return ()
    # Times of lists are those of their placement, which grow with the ids whenever a list ends.
    return (Place(record.account, ALL_SYMBOLS, record.order_list_id, NO_ORDER, record.list_client_order_id, record.created_at),)


def _places_of_amendment(event: OrderAmended) -> tuple[Place, ...]:
    return (Place(event.account, event.symbol, event.exec_id, event.order_id, "", event.at),)


def _places_of_prevented_match(event: PreventedMatch) -> tuple[Place, ...]:
    number, at = event.prevented_match_id, event.at
    # Smart order routing meets makers of other symbols; there the match's number is that of another counter.
    origin = event.symbol if event.maker_symbol != event.symbol else ""
    return (
        Place(event.taker_account, event.symbol, number, event.taker_order_id, "", at),
        Place(event.maker_account, event.maker_symbol, number, event.maker_order_id, origin, at),
    )


def _places_of_allocation(event: Allocation) -> tuple[Place, ...]:
    return (Place(event.account, event.symbol, event.allocation_id, event.order_id, "", event.at),)


def _places_of_block_trade(event: BlockTrade) -> tuple[Place, ...]:
    return (Place(EVERYBODY, event.symbol, event.block_trade_id, NO_ORDER, "", event.at),)


PLACES: Final[dict[type, Callable[[Any], tuple[Place, ...]]]] = {
    OrderListChanged: _places_of_list,
    OrderAmended: _places_of_amendment,
    PreventedMatch: _places_of_prevented_match,
    Allocation: _places_of_allocation,
    BlockTrade: _places_of_block_trade,
}


class Shelf:
    """The records that wait, in the order of their entries."""

    __slots__ = ("_nobody", "_taken", "rows")

    def __init__(self, nobody: Container[int] = ()) -> None:
        """Make an empty shelf; `nobody` are, at any time, the accounts whose records nobody can ask for."""
        self._nobody: Final = nobody
        self.rows: Final[list[Kept[Record]]] = []
        self._taken: int = 0

    def add(self, event: Record, seq: int) -> None:
        """Take in an event that `PLACES` knows."""
        for place in PLACES[type(event)](event):
            if place.account not in self._nobody:
                self.rows.append(Kept(*place, seq, event))

    def find(self, wanted: Wanted[R], past: Past | None) -> list[R]:
        """Return what is wanted, by number."""
        merged: dict[tuple[int, int, str], R] = {}
        if past is not None:
            merged.update(((row.number, row.order_id, row.name), row.record) for row in past.records(wanted))
        for row in self.rows:
            record = row.record
            if isinstance(record, wanted.kind) and wanted.holds(row):
                merged[row.number, row.order_id, row.name] = record
        keys = sorted(merged)
        return [merged[key] for key in (keys[-wanted.limit :] if wanted.newest else keys[: wanted.limit])]

    def named(self, kind: type[R], account: int, symbol: str, name: str, past: Past | None) -> R | None:
        """Return the newest record of a name."""
        for row in reversed(self.rows):
            record = row.record
            if isinstance(record, kind) and row.name == name and row.account == account and row.symbol == symbol:
                return record
        return past.record_named(kind, account, symbol, name) if past is not None else None

    def batch_end(self, limit: int, through: int) -> int:
        """Return up to which entry about `limit` rows reach, at most `through`."""
        return batch_end(self.rows, 0, limit, through)

    def take(self, through: int) -> tuple[Kept[Record], ...]:
        """Return the rows of entries up to `through`; the archive is being given them from now on."""
        self._taken = bisect_right(self.rows, through, key=_SEQ)
        return tuple(self.rows[: self._taken])

    def confirm(self) -> None:
        """Let go of what was taken last, because the archive has it."""
        del self.rows[: self._taken]
        self._taken = 0

    def clear(self) -> None:
        """Forget every row, because the world they tell of is gone."""
        self.rows.clear()
        self._taken = 0
