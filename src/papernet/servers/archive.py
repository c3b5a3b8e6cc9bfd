"""The archive in an SQLite file.

Order of work.  A writer, in a thread of its own, hands SQLite many rows a statement: a statement runs without the
                interpreter's lock, and one a row would wait for the lock at every row and starve beside a busy thread.
                Readers have a connection of their own; in WAL mode neither waits for the other.
Layout.         Tables are clustered by what they are asked for (account, symbol, id), so rows arrive at the end of a few runs
                and an insert costs the same with ten million rows as with none. Times grow with ids, so a time is found by
                bisection over the key and needs no index. Client order ids are random: their index is cut into eras of entries,
                of which only the newest is written to and which a look-up visits from the newest to the oldest. Whatever is
                only looked up (`records.Kept`) is in one table, whatever its kind.
Durability.     synchronous=NORMAL: a loss of power may cost the newest transactions, never the file; replaying the journal
                writes them again. `sync` is for checkpoints.
Numbers.        Units of 10^-8 and microseconds as INTEGER. An order is the JSON of its `OrderRecord`, a record that of its
                event, whose tag is the record's kind.
Does not.       Decide what is archived or when.
"""

import os
import sqlite3
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from msgspec import Struct, json
from msgspec.structs import astuple

from papernet.app.archive import Bar, Batch, ClosedOrder, Fill, Kept, PublicTrade, R, Record, Wanted
from papernet.core.order import OrderRecord
from papernet.servers.runtime import write_private

SCHEMA_VERSION: Final = 2
FILE_NAME: Final = "archive.db"

_ERA_BITS: Final = 17  # an era is 131,072 entries
_ID_END: Final = (1 << 63) - 1

_T = TypeVar("_T")

_encode: Final = json.Encoder().encode

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS positions (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    account INTEGER NOT NULL, symbol TEXT NOT NULL, order_id INTEGER NOT NULL, client_order_id TEXT NOT NULL,
    era INTEGER NOT NULL, created_at INTEGER NOT NULL, seq INTEGER NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (account, symbol, order_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_by_client_order_id ON orders (account, symbol, era, client_order_id, seq);
CREATE TABLE IF NOT EXISTS fills (
    symbol TEXT NOT NULL, trade_id INTEGER NOT NULL, order_id INTEGER NOT NULL, account INTEGER NOT NULL,
    price INTEGER NOT NULL, quantity INTEGER NOT NULL, quote INTEGER NOT NULL, commission INTEGER NOT NULL,
    commission_asset TEXT NOT NULL, at INTEGER NOT NULL, is_buyer INTEGER NOT NULL, is_maker INTEGER NOT NULL,
    seq INTEGER NOT NULL, order_list_id INTEGER NOT NULL,
    PRIMARY KEY (account, symbol, trade_id, order_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fills_by_order ON fills (account, symbol, order_id, trade_id);
CREATE TABLE IF NOT EXISTS trades (
    symbol TEXT NOT NULL, trade_id INTEGER NOT NULL, aggregate_id INTEGER NOT NULL, at INTEGER NOT NULL,
    price INTEGER NOT NULL, quantity INTEGER NOT NULL, quote INTEGER NOT NULL, buyer_is_maker INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (symbol, trade_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bars (
    symbol TEXT NOT NULL, resolution INTEGER NOT NULL, open_at INTEGER NOT NULL, open INTEGER NOT NULL,
    high INTEGER NOT NULL, low INTEGER NOT NULL, close INTEGER NOT NULL, quantity INTEGER NOT NULL, quote INTEGER NOT NULL,
    trade_count INTEGER NOT NULL, taker_buy_quantity INTEGER NOT NULL, taker_buy_quote INTEGER NOT NULL,
    first_trade_id INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (symbol, resolution, open_at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, account INTEGER NOT NULL, symbol TEXT NOT NULL, number INTEGER NOT NULL, order_id INTEGER NOT NULL,
    name TEXT NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL, record BLOB NOT NULL, era INTEGER NOT NULL,
    PRIMARY KEY (kind, account, symbol, number, order_id, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_order ON records (kind, account, symbol, order_id, number);
CREATE INDEX IF NOT EXISTS records_by_name ON records (kind, account, symbol, era, name, seq) WHERE name <> '';
"""
# Columns stand in the order of the records' fields, behind those that a record leaves to the place it is kept in.

_FORGET: Final = (
    "DELETE FROM orders",
    "DELETE FROM fills",
    "DELETE FROM trades",
    "DELETE FROM bars",
    "DELETE FROM records",
)


def _inserts(insert: str, width: int) -> tuple[tuple[int, str], ...]:
    """Return (values, statement) of the statements that put 64, 16, 4 and 1 rows of `width` columns into a table."""
    # The widest of them stays below 999 variables, the limit of older SQLites.
    row = f"({', '.join('?' * width)})"
    return tuple((rows * width, insert + ", ".join([row] * rows)) for rows in (64, 16, 4, 1))


_INTO_ORDERS: Final = _inserts("INSERT OR REPLACE INTO orders VALUES ", 8)
_INTO_FILLS: Final = _inserts("INSERT OR REPLACE INTO fills VALUES ", 14)
_INTO_TRADES: Final = _inserts("INSERT OR REPLACE INTO trades VALUES ", 9)
_INTO_BARS: Final = _inserts("INSERT OR REPLACE INTO bars VALUES ", 14)
_INTO_RECORDS: Final = _inserts("INSERT OR REPLACE INTO records VALUES ", 10)

# The newest row of a name (?1), era by era.
_BY_NAME: Final = """
WITH RECURSIVE eras (era) AS (
    SELECT max(era) FROM named
    UNION ALL
    SELECT (SELECT max(era) FROM named AND era < eras.era)
    FROM eras WHERE eras.era IS NOT NULL)
SELECT (SELECT record FROM named AND era = eras.era AND name = ?1 ORDER BY seq DESC, number DESC LIMIT 1) AS found
FROM eras WHERE eras.era IS NOT NULL AND found IS NOT NULL LIMIT 1"""
_ORDER_BY_CLIENT_ID: Final = (
    _BY_NAME.replace("FROM named", "FROM orders INDEXED BY orders_by_client_order_id WHERE account = ?2 AND symbol = ?3")
    .replace("name = ", "client_order_id = ")
    .replace("number", "order_id")
)
_ORDER: Final = "SELECT record FROM orders WHERE account = ? AND symbol = ? AND order_id = ?"
_LAST_ORDER_ID: Final = "SELECT max(order_id) FROM orders WHERE account = ? AND symbol = ?"
_NEXT_ORDER: Final = """SELECT order_id, created_at FROM orders
    WHERE account = ? AND symbol = ? AND order_id >= ? ORDER BY order_id LIMIT 1"""
_OLDEST_ORDERS: Final = """SELECT record FROM orders
    WHERE account = ? AND symbol = ? AND order_id >= ? AND order_id < ? ORDER BY order_id LIMIT ?"""
_NEWEST_ORDERS: Final = _OLDEST_ORDERS.replace("ORDER BY order_id", "ORDER BY order_id DESC")

_LAST_FILL_ID: Final = "SELECT max(trade_id) FROM fills WHERE account = ? AND symbol = ?"
_NEXT_FILL: Final = (
    "SELECT trade_id, at FROM fills WHERE account = ? AND symbol = ? AND trade_id >= ? ORDER BY trade_id LIMIT 1"
)
_OLDEST_FILLS: Final = """SELECT * FROM fills
    WHERE account = ? AND symbol = ? AND trade_id >= ? AND trade_id < ? ORDER BY trade_id, order_id LIMIT ?"""
_NEWEST_FILLS: Final = _OLDEST_FILLS.replace("trade_id, order_id", "trade_id DESC, order_id DESC")
_OLDEST_FILLS_OF_ORDER: Final = """SELECT * FROM fills INDEXED BY fills_by_order
    WHERE account = ? AND symbol = ? AND order_id = ? AND trade_id >= ? AND trade_id < ? ORDER BY trade_id LIMIT ?"""
_NEWEST_FILLS_OF_ORDER: Final = _OLDEST_FILLS_OF_ORDER.replace("ORDER BY trade_id", "ORDER BY trade_id DESC")

_TRADE: Final = "SELECT trade_id, aggregate_id, at, price, quantity, quote, buyer_is_maker, seq FROM trades"
_LAST_TRADE_ID: Final = "SELECT max(trade_id) FROM trades WHERE symbol = ?"
_NEXT_TRADE: Final = "SELECT trade_id, at FROM trades WHERE symbol = ? AND trade_id >= ? ORDER BY trade_id LIMIT 1"
_NEXT_AGGREGATE: Final = _NEXT_TRADE.replace(", at", ", aggregate_id")
_OLDEST_TRADES: Final = f"{_TRADE} WHERE symbol = ? AND trade_id >= ? AND trade_id < ? ORDER BY trade_id LIMIT ?"
_NEWEST_TRADES: Final = _OLDEST_TRADES.replace("ORDER BY trade_id", "ORDER BY trade_id DESC")

_RECORD_BY_NAME: Final = _BY_NAME.replace(
    "FROM named",
    "FROM records INDEXED BY records_by_name WHERE kind = ?2 AND account = ?3 AND symbol = ?4 AND name <> ''",
)
_LAST_RECORD: Final = "SELECT max(number) FROM records WHERE kind = ? AND account = ? AND symbol = ?"
_NEXT_RECORD: Final = """SELECT number, at FROM records
    WHERE kind = ? AND account = ? AND symbol = ? AND number >= ? ORDER BY number LIMIT 1"""
_OLDEST_RECORDS: Final = """SELECT number, order_id, name, at, seq, record FROM records
    WHERE kind = ? AND account = ? AND symbol = ? AND number >= ? AND number < ? ORDER BY number, order_id, name LIMIT ?"""
_NEWEST_RECORDS: Final = _OLDEST_RECORDS.replace("number, order_id, name LIMIT", "number DESC, order_id DESC, name DESC LIMIT")
_OLDEST_RECORDS_OF_ORDER: Final = """SELECT number, order_id, name, at, seq, record
    FROM records INDEXED BY records_by_order WHERE kind = ? AND account = ? AND symbol = ?
    AND order_id = ? AND number >= ? AND number < ? ORDER BY number, name LIMIT ?"""
_NEWEST_RECORDS_OF_ORDER: Final = _OLDEST_RECORDS_OF_ORDER.replace("number, name LIMIT", "number DESC, name DESC LIMIT")

_BAR: Final = """SELECT open_at, open, high, low, close, quantity, quote, trade_count, taker_buy_quantity, taker_buy_quote,
    first_trade_id, seq FROM bars WHERE symbol = ? AND resolution = ?"""
_BARS: Final = f"{_BAR} AND open_at >= ? AND open_at < ? ORDER BY open_at"
_BAR_BEFORE: Final = f"{_BAR} AND open_at < ? ORDER BY open_at DESC LIMIT 1"


class ArchiveError(Exception):
    """The archive cannot be opened; the message is one line and names the file."""


class SqliteArchive:
    """The reading side, and the owner of the file. One thread at a time."""

    def __init__(self, directory: Path | None, contents: bytes = b"") -> None:
        """Open or make the archive of a state directory, or of a temporary one that goes with the archive.

        With `contents`, what `contents` of another archive returned, it begins with those, whatever was there.
        """
        self._temporary: Final = TemporaryDirectory(prefix="papernet-") if directory is None else None
        self.path: Final = (Path(self._temporary.name) if self._temporary is not None else Path(str(directory))) / FILE_NAME
        if contents:
            replace_archive(self.path.parent, contents, is_kept=directory is not None)
        try:
            self._connection: Final = _connect(self.path, "OFF" if self._temporary is not None else "NORMAL")
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            # Nothing was ever archived here: a checkpoint beside it has lost its archive.
            self.is_new: Final = self._prepare() == 0
        except sqlite3.Error as error:
            self.close()
            raise self._unusable(error) from error
        except ArchiveError:
            self.close()
            raise

    def _prepare(self) -> int:
        """Make the tables that are not there yet; return the version that the file had, 0 for a new one."""
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            message = f"{self.path}: archive of version {version}, this papernet reads version {SCHEMA_VERSION}"
            raise ArchiveError(message)
        self._connection.executescript(f"{_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION};")
        self._connection.execute("PRAGMA query_only = ON")
        return version

    def _unusable(self, error: sqlite3.Error) -> ArchiveError:
        return ArchiveError(f"{self.path}: cannot be used as an archive: {error}")

    def writer(self) -> "SqliteArchiveWriter":
        """Return the writing side, with a connection of its own for use in any one thread at a time."""
        return SqliteArchiveWriter(_connect(self.path, "OFF" if self._temporary is not None else "NORMAL"))

    def close(self) -> None:
        """Close the file, and remove it if it was temporary."""
        self._connection.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def order(self, account: int, symbol: str, order_id: int) -> OrderRecord | None:
        """Return a closed order by its id."""
        return self._decoded(OrderRecord, _ORDER, account, symbol, _storable(order_id))

    def order_by_client_id(self, account: int, symbol: str, client_order_id: str) -> OrderRecord | None:
        """Return the closed order that had a client order id when it ended, of several the one that ended last."""
        return self._decoded(OrderRecord, _ORDER_BY_CLIENT_ID, client_order_id, account, symbol)

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
        """Return at most `limit` closed orders created from `start` to `end`: the newest or the oldest of them."""
        low, high = self._ids(_LAST_ORDER_ID, _NEXT_ORDER, (account, symbol), start, end)
        if from_id is not None:
            low = max(low, _storable(from_id))
        statement = _NEWEST_ORDERS if newest else _OLDEST_ORDERS
        rows = self._connection.execute(statement, (account, symbol, low, high, limit)).fetchall()
        records = [json.decode(row[0], type=OrderRecord) for row in rows]
        return records[::-1] if newest else records

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
        """Return at most `limit` fills of an account, of one order or all, from `start` to `end`: the newest or the oldest."""
        low, high = self._ids(_LAST_FILL_ID, _NEXT_FILL, (account, symbol), start, end)
        if from_id is not None:
            low = max(low, _storable(from_id))
        if order_id is None:
            statement = _NEWEST_FILLS if newest else _OLDEST_FILLS
            values = (account, symbol, low, high, limit)
            rows = self._connection.execute(statement, values).fetchall()
        else:
            statement = _NEWEST_FILLS_OF_ORDER if newest else _OLDEST_FILLS_OF_ORDER
            rows = self._connection.execute(statement, (account, symbol, _storable(order_id), low, high, limit)).fetchall()
        fills = [Fill(*_with_flags(row, 10, 11)) for row in rows]
        return fills[::-1] if newest else fills

    def records(self, wanted: Wanted[R]) -> list[Kept[R]]:
        """Return the records that are wanted, by number, order id and name."""
        account, symbol, kind = wanted.account, wanted.symbol, wanted.kind
        key = (_kind_name(kind), account, symbol)
        low, high = self._ids(_LAST_RECORD, _NEXT_RECORD, key, wanted.start, wanted.end)
        low = max(low, _storable(wanted.low))
        if wanted.high is not None:
            high = min(high, _storable(wanted.high))
        values: tuple[int, ...] = (low, high, wanted.limit)
        if wanted.order_id is None:
            statement = _NEWEST_RECORDS if wanted.newest else _OLDEST_RECORDS
        else:
            statement = _NEWEST_RECORDS_OF_ORDER if wanted.newest else _OLDEST_RECORDS_OF_ORDER
            values = (_storable(wanted.order_id), *values)
        rows = self._connection.execute(statement, (*key, *values)).fetchall()
        found = [
            Kept(account, symbol, number, order_id, name, at, seq, json.decode(record, type=kind))
            for number, order_id, name, at, seq, record in rows
        ]
        return found[::-1] if wanted.newest else found

    def record_named(self, kind: type[R], account: int, symbol: str, name: str) -> R | None:
        """Return the newest record of a name."""
        return self._decoded(kind, _RECORD_BY_NAME, name, _kind_name(kind), account, symbol)

    def trades(self, symbol: str, *, low: int, high: int, limit: int, newest: bool) -> list[PublicTrade]:
        """Return at most `limit` trades with low <= trade_id < high: the newest or the oldest of them."""
        statement = _NEWEST_TRADES if newest else _OLDEST_TRADES
        rows = self._connection.execute(statement, (symbol, _storable(low), _storable(high), limit)).fetchall()
        trades = [PublicTrade(*_with_flags(row, 6)) for row in rows]
        return trades[::-1] if newest else trades

    def trade_id_at(self, symbol: str, at: int) -> int | None:
        """Return the id of the first trade at or after `at`, or None."""
        return self._first_id(_LAST_TRADE_ID, _NEXT_TRADE, (symbol,), at)

    def trade_id_of_aggregate(self, symbol: str, aggregate_id: int) -> int | None:
        """Return the id of the first trade whose aggregate id is `aggregate_id` or greater, or None."""
        return self._first_id(_LAST_TRADE_ID, _NEXT_AGGREGATE, (symbol,), aggregate_id)

    def bars(self, symbol: str, resolution: int, start: int, end: int) -> list[Bar]:
        """Return the bars with start <= open_at < end."""
        rows = self._connection.execute(_BARS, (symbol, resolution, _storable(start), _storable(end))).fetchall()
        return [Bar(*row) for row in rows]

    def bar_before(self, symbol: str, resolution: int, before: int) -> Bar | None:
        """Return the newest bar with open_at < before, or None."""
        row = self._one(_BAR_BEFORE, symbol, resolution, _storable(before))
        return Bar(*row) if row is not None else None

    def _one(self, statement: str, *values: int | str) -> tuple[Any, ...] | None:
        # All rows are fetched, so that no statement stays open and holds an old state of the file.
        rows = self._connection.execute(statement, values).fetchall()
        return rows[0] if rows else None

    def _decoded(self, kind: type[_T], statement: str, *values: int | str) -> _T | None:
        try:
            row = self._one(statement, *values)
        except UnicodeEncodeError:
            # A lone surrogate is no text for SQLite, and nothing ever had one in its name.
            return None
        return json.decode(row[0], type=kind) if row is not None else None

    def _ids(
        self,
        greatest: str,
        probe: str,
        key: tuple[int | str, ...],
        start: int | None,
        end: int | None,
    ) -> tuple[int, int]:
        """Return the ids of the rows from `start` to `end`, as a half-open range."""
        low, high = 0, _ID_END
        if start is not None:
            first = self._first_id(greatest, probe, key, start)
            low = first if first is not None else _ID_END
        if end is not None:
            first = self._first_id(greatest, probe, key, end + 1)
            high = first if first is not None else _ID_END
        return low, high

    def _first_id(self, greatest: str, probe: str, key: tuple[int | str, ...], value: int) -> int | None:
        """Return the first id whose value, which never falls as ids grow, is `value` or greater; None when there is none."""
        row = self._one(greatest, *key)
        low, high = 0, row[0] if row is not None and row[0] is not None else -1
        found: int | None = None
        while low <= high:
            middle = (low + high) // 2
            row = self._one(probe, *key, middle)
            assert row is not None
            if row[1] >= value:
                found, high = row[0], middle - 1
            else:
                low = row[0] + 1
        return found


class SqliteArchiveWriter:
    """The writing side: one connection, one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write through a connection to a file that has its tables."""
        self._connection: Final = connection

    @property
    def last_seq(self) -> int:
        """Return the entry up to which everything is stored, 0 when nothing is."""
        return self._position("last")

    def write(self, batch: Batch) -> None:
        """Store a batch in one transaction."""
        with _Transaction(self._connection):
            if batch.clear_before:
                self._clear(batch.clear_before)
            self._insert(_INTO_ORDERS, [value for row in batch.orders for value in _order_values(row)])
            self._insert(_INTO_FILLS, [value for fill in batch.fills for value in astuple(fill)])
            for symbol, trades in batch.trades:
                self._insert(_INTO_TRADES, [value for trade in trades for value in (symbol, *astuple(trade))])
            for symbol, resolution, bars in batch.bars:
                self._insert(_INTO_BARS, [value for bar in bars for value in (symbol, resolution, *astuple(bar))])
            self._insert(_INTO_RECORDS, [value for row in batch.records for value in _record_values(row)])
            self._set_position("last", max(batch.seq, self.last_seq))

    def sync(self) -> None:
        """Return when everything written survives a loss of power; raises sqlite3.OperationalError when it cannot."""
        # In WAL mode with synchronous=NORMAL, a checkpoint is what syncs the log and then the file.
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            message = "the archive is being read and could not be synced"
            raise sqlite3.OperationalError(message)

    def contents(self) -> bytes:
        """Return all that is stored, as bytes that another archive can begin with."""
        with TemporaryDirectory(prefix="papernet-") as directory:
            path = Path(directory) / FILE_NAME
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                copy.execute("PRAGMA synchronous = OFF")
                self._connection.backup(copy)
            finally:
                copy.close()
            return path.read_bytes()

    def forget_after(self, seq: int) -> None:
        """Remove what entries after `seq` made; everything, when one of them was a reset."""
        if self.last_seq <= seq:
            return
        with _Transaction(self._connection):
            whole = self._position("cleared") > seq
            for forget in _FORGET:
                if whole:
                    self._connection.execute(forget)
                else:
                    self._connection.execute(f"{forget} WHERE seq > ?", (seq,))
            if whole:
                self._set_position("cleared", 0)
            self._set_position("last", 0 if whole else seq)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _insert(self, inserts: tuple[tuple[int, str], ...], values: list[Any]) -> None:
        begin, count = 0, len(values)
        for step, statement in inserts:
            while begin + step <= count:
                self._connection.execute(statement, values[begin : begin + step])
                begin += step

    def _clear(self, before: int) -> None:
        # A replay may meet a reset again, with later rows already there. Without a condition whole pages are dropped.
        replayed = self.last_seq >= before
        for forget in _FORGET:
            if replayed:
                self._connection.execute(f"{forget} WHERE seq < ?", (before,))
            else:
                self._connection.execute(forget)
        self._set_position("cleared", before)

    def _position(self, name: str) -> int:
        row = self._connection.execute("SELECT seq FROM positions WHERE name = ?", (name,)).fetchone()
        return row[0] if row is not None else 0

    def _set_position(self, name: str, seq: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (name, seq))


def replace_archive(directory: Path, contents: bytes, *, is_kept: bool = True) -> None:
    """Put an archive of these contents in the place of that of a directory, which nobody has open; b"" for none.

    Cut short, it leaves an archive of neither past: whoever replaces it does so again before it is read.
    """
    path = directory / FILE_NAME
    for suffix in ("-wal", "-shm"):
        path.with_name(FILE_NAME + suffix).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    if contents:
        write_private(path, contents)
        if is_kept:
            with path.open("rb") as file:
                # A checkpoint that counts on this archive may be the next thing that is written.
                os.fsync(file.fileno())


class ArchiveThread:
    """A writer that works in a thread of its own, one thing after the other."""

    def __init__(self, archive: SqliteArchive) -> None:
        """Start the thread on an open archive."""
        self._writer: Final = archive.writer()
        self._executor: Final = ThreadPoolExecutor(1, "papernet-archive")

    def write(self, batch: Batch) -> Future[None]:
        """Store a batch; the future tells when it is there."""
        return self._executor.submit(self._writer.write, batch)

    def contents(self) -> Future[bytes]:
        """Read all that is stored, as bytes that another archive can begin with; the future has them."""
        return self._executor.submit(self._writer.contents)

    def sync(self) -> Future[None]:
        """Sync what has been given so far; the future tells when it is done."""
        return self._executor.submit(self._writer.sync)

    def close(self) -> None:
        """Finish what has been given and stop."""
        self._executor.shutdown()
        self._writer.close()


class _Transaction:
    """Everything within, or nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _connect(path: Path, synchronous: str) -> sqlite3.Connection:
    # Statements begin and end transactions themselves; a thread may take a connection over, never share it.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        # In this order: turning WAL on waits for the disk as well.
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = -16384")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _order_values(row: ClosedOrder) -> tuple[int | str | bytes, ...]:
    record, seq = row.record, row.seq
    terms = record.terms
    return (
        terms.account,
        terms.symbol,
        record.order_id,
        terms.client_order_id,
        seq >> _ERA_BITS,
        record.created_at,
        seq,
        _encode(record),
    )


def _record_values(row: Kept[Record]) -> tuple[int | str | bytes, ...]:
    *place, record = astuple(row)
    return (_kind_name(type(record)), *place, _encode(record), row.seq >> _ERA_BITS)


def _kind_name(kind: type[Struct]) -> str:
    """Return what the kind of a record is called in the file."""
    return str(kind.__struct_config__.tag)


def _with_flags(row: Sequence[Any], *flags: int) -> list[Any]:
    """Return a row with the columns at `flags` as truth values."""
    values = list(row)
    for flag in flags:
        values[flag] = bool(values[flag])
    return values


def _storable(number: int) -> int:
    """Return a bound as SQLite can hold it; every stored number is within."""
    return min(max(number, -_ID_END), _ID_END)
