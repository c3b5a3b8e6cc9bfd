import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from papernet.app.archive import Archive, ArchiveWriter, Batch, Record, Wanted
from papernet.core.enums import Side
from papernet.core.events import (
    Allocation,
    Bill,
    BlockFill,
    BlockOrderChanged,
    BlockTrade,
    ContractSettled,
    OptionReport,
    OrderListChanged,
    PositionExercised,
    PreventedMatch,
)
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.exchange.views import Views, bars, trades
from papernet.exchange.views.records import RESOLUTIONS, ClosedOrder, OptionFill
from papernet.exchange.views.shelf import ALL_SYMBOLS, EVERYBODY
from papernet.servers import archive as archive_module
from papernet.servers.archive import FILE_NAME, ArchiveError, ArchiveThread, SqliteArchive
from tests.support.option_worlds import answers, past_of_options
from tests.unit.exchange.views import papers
from tests.unit.exchange.views.archives import ListArchive
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, MINUTE, START, Scene
from tests.unit.exchange.views.stories import SYMBOLS, every_story, tell

PRICE = 5 * SCALE
# The tables, and which column of each tells the entry.
SEQ_COLUMNS = {"orders": 6, "fills": 12, "trades": 8, "bars": 13, "records": 7}


class Both(ListArchive):
    """An SQLite archive, and the naive one that judges it."""

    def __init__(self, sqlite: SqliteArchive) -> None:
        super().__init__()
        self.sqlite = sqlite
        self.writer = sqlite.writer()

    def write(self, batch: Batch) -> None:
        super().write(batch)
        self.writer.write(batch)

    def close(self) -> None:
        self.writer.close()
        self.sqlite.close()


@pytest.fixture
def both() -> Iterator[Both]:
    archive = Both(SqliteArchive(None))
    yield archive
    archive.close()


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trades, "KEEP_TRADES", 3)
    monkeypatch.setattr(bars, "KEEP_BARS", (3, 4, 3, 2))


def busy_scene(archive: Any, orders: int = 8) -> Scene:
    scene = Scene(archive=archive)
    scene.open_accounts()
    for number in range(orders):
        scene.at += MINUTE
        scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE + number, SCALE), (CROWD, PRICE, SCALE)], f"mine{number % 3}")
        papers.begin_list(scene, "BTCUSDT", ALICE, f"list{number % 3}")
    for _ in range(orders):
        papers.end_list(scene, 0)
    scene.drain()
    return scene


def test_both_sides_are_what_the_application_asks_for() -> None:
    sqlite = SqliteArchive(None)
    archive: Archive = sqlite
    writer: ArchiveWriter = sqlite.writer()
    assert writer.last_seq == 0
    writer.close()
    archive.close()
    assert not sqlite.path.parent.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every_story, st.data())
def test_reads_are_those_of_the_naive_archive(story: object, data: st.DataObject) -> None:
    both = Both(SqliteArchive(None))
    try:
        scene = Scene(archive=both)
        tell(scene, story)
        scene.drain()
        compare(both, scene, data)
    finally:
        both.close()


def compare(both: Both, scene: Scene, data: st.DataObject) -> None:
    naive, sqlite = ListArchive, both.sqlite
    account, symbol = data.draw(st.sampled_from((ALICE, BOB))), data.draw(st.sampled_from(SYMBOLS))
    newest, limit = data.draw(st.booleans()), data.draw(st.integers(1, 9))
    number = data.draw(st.none() | st.integers(0, 40))
    moments = st.none() | st.sampled_from([row.at + shift for row in scene.fills for shift in (-1, 0, 1)] or [START])
    start, end = data.draw(moments), data.draw(moments)
    bounds: dict[str, Any] = {"from_id": number, "start": start, "end": end, "limit": limit, "newest": newest}
    assert sqlite.orders(account, symbol, **bounds) == naive.orders(both, account, symbol, **bounds)
    assert sqlite.fills(account, symbol, **bounds) == naive.fills(both, account, symbol, **bounds)
    for fill in scene.fills[:3]:
        of_order = {**bounds, "order_id": fill.order_id}
        assert sqlite.fills(account, symbol, **of_order) == naive.fills(both, account, symbol, **of_order)
    for row in scene.orders:
        client_id = row.terms.client_order_id
        assert sqlite.order(account, symbol, row.order_id) == naive.order(both, account, symbol, row.order_id)
        found = sqlite.order_by_client_id(account, symbol, client_id)
        assert found == naive.order_by_client_id(both, account, symbol, client_id)
    compare_records(both, account, symbol, bounds, data)
    low, high = number or 0, data.draw(st.integers(0, 60))
    window: dict[str, Any] = {"low": low, "high": high, "limit": limit, "newest": newest}
    assert sqlite.trades(symbol, **window) == naive.trades(both, symbol, **window)
    assert sqlite.trade_id_at(symbol, start or 0) == naive.trade_id_at(both, symbol, start or 0)
    assert sqlite.trade_id_of_aggregate(symbol, low) == naive.trade_id_of_aggregate(both, symbol, low)
    for resolution in RESOLUTIONS:
        end_at = end or 2 * START
        assert sqlite.bars(symbol, resolution, start or 0, end_at) == naive.bars(both, symbol, resolution, start or 0, end_at)
        assert sqlite.bar_before(symbol, resolution, end_at) == naive.bar_before(both, symbol, resolution, end_at)


def compare_records(both: Both, account: int, symbol: str, bounds: dict[str, Any], data: st.DataObject) -> None:
    naive, sqlite = ListArchive, both.sqlite
    of_orders = data.draw(st.none() | st.sampled_from([row.order_id for row in both.all_records.values()] or [1]))
    high = data.draw(st.none() | st.integers(0, 9))
    for kind in get_args(Record):
        # Matches of two books' numbers are never asked for by time.
        names = ("limit", "newest") if kind is PreventedMatch else ("limit", "newest", "start", "end")
        rest = {name: bounds[name] for name in names}
        for owner, market in ((account, symbol), (account, ALL_SYMBOLS), (EVERYBODY, symbol)):
            wanted = Wanted(kind, owner, market, order_id=of_orders, low=bounds["from_id"] or 0, high=high, **rest)
            assert sqlite.records(wanted) == naive.records(both, wanted)
            for name in ("", "x", "y", *SYMBOLS):
                if name or not market:
                    found = sqlite.record_named(kind, owner, market, name)
                    assert found == (naive.record_named(both, kind, owner, market, name) if name else None)


def test_bounds_beyond_sixty_four_bits_are_answered(both: Both) -> None:
    busy_scene(both)
    huge = 1 << 200
    sqlite = both.sqlite
    assert sqlite.orders(ALICE, "BTCUSDT", from_id=huge, start=-huge, end=huge, limit=5, newest=False) == []
    assert sqlite.fills(ALICE, "BTCUSDT", from_id=huge, limit=5, newest=False) == []
    assert sqlite.trades("BTCUSDT", low=-huge, high=huge, limit=1, newest=False)[0].trade_id == 0
    assert sqlite.trade_id_at("BTCUSDT", huge) is None
    assert sqlite.order(ALICE, "BTCUSDT", huge) is None
    assert sqlite.fills(ALICE, "BTCUSDT", order_id=huge, limit=5, newest=True) == []
    lists = Wanted(OrderListChanged, ALICE, ALL_SYMBOLS, 9, low=-huge, high=huge, start=-huge, end=huge)
    assert [row.number for row in sqlite.records(lists)] == list(range(8))
    assert sqlite.records(Wanted(OrderListChanged, ALICE, ALL_SYMBOLS, 9, low=huge)) == []
    assert sqlite.records(Wanted(Allocation, ALICE, "BTCUSDT", 9, order_id=huge)) == []


def test_the_greatest_amounts_come_back_whole(both: Both) -> None:
    scene = Scene(archive=both)
    scene.open_accounts()
    scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, SCALE, AMOUNT_MAX)])
    scene.drain()
    (fill,) = both.sqlite.fills(ALICE, "BTCUSDT", limit=5, newest=True)
    assert (fill.quantity, fill.quote) == (AMOUNT_MAX, AMOUNT_MAX)
    assert both.sqlite.order(BOB, "BTCUSDT", fill.order_id + 1) == scene.orders[0]


def test_writing_twice_changes_nothing(both: Both) -> None:
    scene = busy_scene(both)
    before = content(both.sqlite)
    scene.views = type(scene.views)()
    for applied in scene.applied:
        scene.views.fold(applied)
    scene.drain()
    assert content(both.sqlite) == before
    assert both.writer.last_seq == scene.seq
    both.writer.write(Batch(1, 0, (), (), (), ()))
    assert both.writer.last_seq == scene.seq


def test_a_client_order_id_is_found_in_whatever_era_it_was_used(both: Both) -> None:
    scene = busy_scene(both)
    last = scene.seq
    batch_rows = [row for row in scene.orders if row.terms.account == ALICE]
    spread = tuple(ClosedOrder(row, last + (number << 18)) for number, row in enumerate(batch_rows))
    both.writer.write(Batch(spread[-1].seq, 0, spread, (), (), ()))
    for name in ("mine0", "mine1", "mine2"):
        expected = [row for row in batch_rows if row.terms.client_order_id == name][-1]
        assert both.sqlite.order_by_client_id(ALICE, "BTCUSDT", name) == expected
    assert both.sqlite.order_by_client_id(ALICE, "BTCUSDT", "other") is None
    assert both.sqlite.order_by_client_id(ALICE, "BTCUSDT", "\ud800") is None
    assert both.sqlite.order_by_client_id(CROWD, "BTCUSDT", "mine0") is None


def test_a_record_is_found_by_its_name_in_whatever_era_it_came(both: Both) -> None:
    scene = busy_scene(both)
    rows = list(both.all_records.values())
    spread = tuple(replace(row, seq=scene.seq + (number << 18)) for number, row in enumerate(rows))
    both.writer.write(Batch(spread[-1].seq, 0, (), (), (), (), spread))
    assert len(dict.fromkeys(row[-1] for row in content(both.sqlite)["records"])) == len(rows)
    for name in ("list0", "list1", "list2"):
        expected = [row.record for row in rows if row.name == name][-1]
        assert both.sqlite.record_named(OrderListChanged, ALICE, ALL_SYMBOLS, name) == expected
    for name in ("other", "\ud800", ""):
        assert both.sqlite.record_named(OrderListChanged, ALICE, ALL_SYMBOLS, name) is None
    assert both.sqlite.record_named(PreventedMatch, ALICE, ALL_SYMBOLS, "list0") is None
    assert both.sqlite.record_named(OrderListChanged, BOB, ALL_SYMBOLS, "list0") is None


def test_more_rows_than_a_statement_holds_are_all_written(both: Both) -> None:
    scene = busy_scene(both, 1)
    (row,) = both.all_records.values()
    many = tuple(replace(row, number=number, seq=scene.seq + 1) for number in range(300))
    both.writer.write(Batch(scene.seq + 1, 0, (), (), (), (), many))
    assert both.sqlite.records(Wanted(OrderListChanged, ALICE, ALL_SYMBOLS, 1_000)) == list(many)
    assert both.sqlite.records(Wanted(OrderListChanged, ALICE, ALL_SYMBOLS, 9, low=70, high=73)) == list(many[70:73])


def test_the_past_of_options_comes_back_as_it_was(both: Both) -> None:
    world, views = past_of_options(), Views()
    for applied in world.applied:
        views.fold(applied)
    before = answers(views, both.sqlite)
    batch = views.take()
    assert batch is not None
    both.write(batch)
    views.confirm(batch)
    assert answers(views, both.sqlite) == answers(views, both) == before
    kinds = {type(kept.record) for kept in both.all_records.values()}
    assert kinds >= {
        OptionReport,
        OptionFill,
        Bill,
        PositionExercised,
        ContractSettled,
        BlockOrderChanged,
        BlockFill,
        BlockTrade,
    }


def test_entries_that_were_lost_are_forgotten(both: Both) -> None:
    scene = busy_scene(both)
    cut = scene.seq - 3
    both.writer.forget_after(cut)
    assert both.writer.last_seq == cut
    rest = content(both.sqlite)
    assert all(rest.values())
    assert all(row[seq] <= cut for table, seq in SEQ_COLUMNS.items() for row in rest[table])
    assert (len(rest["trades"]), len(rest["records"])) == (2 * 8, 5)
    # Replaying brings back what was forgotten, once.
    scene.views = type(scene.views)()
    for applied in scene.applied:
        scene.views.fold(applied)
    scene.drain()
    assert (len(content(both.sqlite)["trades"]), len(content(both.sqlite)["records"])) == (2 * 8, 8)
    both.writer.forget_after(scene.seq + 10)
    assert both.writer.last_seq == scene.seq


def test_forgetting_a_reset_empties_the_archive(both: Both) -> None:
    scene = busy_scene(both)
    scene.reset()
    scene.drain()
    scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    scene.drain()
    both.writer.forget_after(scene.seq - 2)
    assert both.writer.last_seq == 0
    assert not any(content(both.sqlite).values())


def test_replaying_a_reset_keeps_what_came_after_it(both: Both) -> None:
    scene = busy_scene(both)
    scene.reset()
    scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    scene.drain()
    after = content(both.sqlite)
    both.writer.write(Batch(scene.seq - 1, scene.seq - 1, (), (), (), ()))
    assert content(both.sqlite) == after
    scene.views = type(scene.views)()
    for number, applied in enumerate(scene.applied):
        scene.views.fold(applied)
        if number % 2:
            scene.drain()
    scene.drain()
    assert content(both.sqlite) == after


def test_a_failed_write_leaves_nothing_behind(both: Both) -> None:
    scene = busy_scene(both)
    before = content(both.sqlite)
    (fill,), (row, *_) = scene.fills[:1], both.all_records.values()
    bad_fills = Batch(99, 0, (), (replace(fill, trade_id=76), replace(fill, trade_id=77, quote=None)), (), ())
    bad_records = Batch(99, 0, (), (fill,), (), (), (replace(row, number=76), replace(row, number=None)))
    for bad in (bad_fills, bad_records):
        with pytest.raises(sqlite3.Error):
            both.writer.write(bad)
        assert content(both.sqlite) == before
    assert both.writer.last_seq == scene.seq
    both.writer.write(Batch(99, 0, (), (), (), ()))
    assert both.writer.last_seq == 99


def test_an_archive_is_there_after_closing(tmp_path: Path) -> None:
    both = Both(SqliteArchive(tmp_path))
    scene = busy_scene(both)
    both.writer.sync()
    before = content(both.sqlite)
    both.close()
    assert both.sqlite.is_new
    again = Both(SqliteArchive(tmp_path))
    assert not again.sqlite.is_new
    assert content(again.sqlite) == before
    assert again.writer.last_seq == scene.seq
    again.close()


def test_what_is_no_archive_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database, but it is long enough to be looked at" * 100)
    with pytest.raises(ArchiveError) as error:
        SqliteArchive(tmp_path)
    assert str(tmp_path / FILE_NAME) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("version", [1, 7])
def test_an_archive_of_another_version_is_refused(tmp_path: Path, version: int) -> None:
    SqliteArchive(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(ArchiveError, match=f"archive of version {version}, this papernet reads version 2"):
        SqliteArchive(tmp_path)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError):
        SqliteArchive(tmp_path / "nowhere")


def test_a_thread_writes_while_others_read(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path)
    thread = ArchiveThread(archive)
    scene = Scene(archive=archive)
    scene.open_accounts()
    names = []
    for number in range(20):
        scene.at += MINUTE
        order_id = scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)], f"order{number}")
        batch = scene.views.take()
        assert batch is not None
        written = thread.write(batch)
        written.add_done_callback(lambda _: names.append(threading.current_thread().name))
        assert scene.views.order(ALICE, "BTCUSDT", order_id, archive) is not None
        written.result(10)
        scene.views.confirm(batch)
        assert archive.order(ALICE, "BTCUSDT", order_id) == scene.views.order(ALICE, "BTCUSDT", order_id, archive)
    thread.sync().result(10)
    thread.close()
    assert len(archive.orders(ALICE, "BTCUSDT", limit=100, newest=True)) == 20
    archive.close()
    assert names


INDEXES = {
    "CLIENT_ID": "orders_by_client_order_id",
    "FILLS_OF_ORDER": "fills_by_order",
    "RECORDS_OF_ORDER": "records_by_order",
    "BY_NAME": "records_by_name",
}


def test_look_ups_use_the_keys_they_are_meant_to(both: Both) -> None:
    for name, text in vars(archive_module).items():
        if name.startswith(("_OLDEST", "_NEWEST", "_NEXT", "_LAST", "_BARS", "_BAR_BEFORE", "_ORDER", "_RECORD")):
            if not isinstance(text, str):
                continue
            values = (1,) * (max(map(int, re.findall(r"\?(\d)", text)), default=0) or text.count("?"))
            plan = [row[3] for row in both.sqlite._connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
            searches = [step for step in plan if step.startswith("SEARCH")]
            assert searches, (name, plan)
            assert not [step for step in plan if step.startswith("SCAN") and "eras" not in step], (name, plan)
            assert not [step for step in plan if "TEMP B-TREE" in step], (name, plan)
            expected = next((index for part, index in INDEXES.items() if name.endswith(part)), "PRIMARY KEY")
            assert all(expected in step for step in searches), (name, plan)


def content(archive: SqliteArchive) -> dict[str, list[Any]]:
    return {name: archive._connection.execute(f"SELECT * FROM {name}").fetchall() for name in SEQ_COLUMNS}
