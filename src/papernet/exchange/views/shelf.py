"""Records that are only ever looked up: what became of orders beside fills, block trades, and the past of the options venue.

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
                Historical Block Trades. European Options: Query Option Order History, Account Trade List, Account Funding Flow,
                User Exercise Record, Historical Exercise Records, Recent Block Trades List, Query Block Trade Order.
"""

from bisect import bisect_right
from collections.abc import Callable, Container
from operator import attrgetter
from typing import Any, Final, NamedTuple

from papernet.core.enums import BlockOrderStatus, ExecType, ListOrderStatus
from papernet.core.events import (
    Allocation,
    Bill,
    BlockFill,
    BlockOrderChanged,
    BlockTrade,
    ContractSettled,
    OptionReport,
    OrderAmended,
    OrderListChanged,
    PositionExercised,
    PreventedMatch,
)
from papernet.core.order import OPEN_STATUSES
from papernet.exchange.views.records import Kept, OptionFill, Past, R, Record, Wanted
from papernet.exchange.views.tail import batch_end
from papernet.venues.options.contracts import read_symbol

# Whose records everybody may see: accounts count from 1.
EVERYBODY: Final = 0
# Where account-wide records are: no symbol has this name.
ALL_SYMBOLS: Final = ""
NO_ORDER: Final = -1

_SEQ: Final = attrgetter("seq")


class Place(NamedTuple):
    """Where a record is looked for, and by what: its number, its order, its name, its time.

    `record` is what is kept there, when that is not the event itself.
    """

    account: int
    symbol: str
    number: int
    order_id: int
    name: str
    at: int
    record: Record | None = None


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
    place = Place(EVERYBODY, event.symbol, event.block_trade_id, NO_ORDER, "", event.at)
    # Those of contracts are numbered together, so that they can be looked for together.
    return (place, place._replace(symbol=ALL_SYMBOLS)) if read_symbol(event.symbol) is not None else (place,)


def _places_of_option_report(event: OptionReport) -> tuple[Place, ...]:
    """Return where an order that ended is looked for, and a fill: on its contract, and among all of the account's."""
    order, terms = event.record, event.record.terms
    account, symbol = terms.account, terms.symbol
    places: tuple[Place, ...] = ()
    if event.exec_type is ExecType.TRADE:
        fill = OptionFill(
            account,
            symbol,
            event.fill_id,
            event.trade_id,
            order.order_id,
            terms.side,
            event.last_price,
            event.last_quantity,
            event.last_quote,
            event.fee,
            event.realized,
            event.volatility,
            event.is_maker,
            event.at,
        )
        places = (
            Place(account, symbol, event.fill_id, order.order_id, "", event.at, fill),
            Place(account, ALL_SYMBOLS, event.fill_id, order.order_id, "", event.at, fill),
        )
    if order.status not in OPEN_STATUSES:
        places += (Place(account, symbol, order.order_id, NO_ORDER, terms.client_order_id, order.created_at),)
    return places


def _places_of_bill(event: Bill) -> tuple[Place, ...]:
    return (Place(event.account, ALL_SYMBOLS, event.bill_id, NO_ORDER, "", event.at),)


def _places_of_exercise(event: PositionExercised) -> tuple[Place, ...]:
    if event.account == EVERYBODY:
        # The house's own, under the number of no account.
        return ()
    return (
        Place(event.account, event.symbol, event.exercise_id, NO_ORDER, "", event.at),
        Place(event.account, ALL_SYMBOLS, event.exercise_id, NO_ORDER, "", event.at),
    )


def _places_of_settlement(event: ContractSettled) -> tuple[Place, ...]:
    """Return where a contract's end is looked for: under its underlying, and among all; those of one expiry by name."""
    return (
        Place(EVERYBODY, event.underlying, event.expiry, NO_ORDER, event.symbol, event.expiry),
        Place(EVERYBODY, ALL_SYMBOLS, event.expiry, NO_ORDER, event.symbol, event.expiry),
    )


def _places_of_block_order(event: BlockOrderChanged) -> tuple[Place, ...]:
    record = event.record
    if record.status is BlockOrderStatus.RECEIVED:
        return ()
    # Numbered by the time of their creation; those of one moment have different keys.
    sides = (record.account, record.counterparty) if record.counterparty else (record.account,)
    return tuple(Place(account, ALL_SYMBOLS, record.created_at, NO_ORDER, record.key, record.created_at) for account in sides)


def _places_of_block_fill(event: BlockFill) -> tuple[Place, ...]:
    return (Place(event.account, ALL_SYMBOLS, event.fill_id, event.order_id, event.key, event.at),)


PLACES: Final[dict[type, Callable[[Any], tuple[Place, ...]]]] = {
    OrderListChanged: _places_of_list,
    OrderAmended: _places_of_amendment,
    PreventedMatch: _places_of_prevented_match,
    Allocation: _places_of_allocation,
    BlockTrade: _places_of_block_trade,
    OptionReport: _places_of_option_report,
    Bill: _places_of_bill,
    PositionExercised: _places_of_exercise,
    ContractSettled: _places_of_settlement,
    BlockOrderChanged: _places_of_block_order,
    BlockFill: _places_of_block_fill,
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
                self.rows.append(Kept(*place[:6], seq, place.record or event))

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
