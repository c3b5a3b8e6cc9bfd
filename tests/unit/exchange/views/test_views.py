import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import SCALE
from papernet.exchange import views as views_module
from papernet.exchange.views import SNAPSHOT_VERSION, Views
from papernet.exchange.views.candles import Interval
from tests.unit.exchange.views.papers import amend, begin_list, end_list, prevent, print_block, route
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, DAY, HOUR, MINUTE, SECOND, START, Scene
from tests.unit.exchange.views.stories import HAPPENINGS, SYMBOLS, every_story, paper_steps, play, steps, tell

PRICE = 5 * SCALE


def answers(scene: Scene) -> list[object]:
    views, archive, now = scene.views, scene.archive, scene.at
    found: list[object] = []
    for symbol in SYMBOLS:
        found += (
            views.recent_trades(symbol, 2),
            views.historical_trades(symbol, 1, 20, archive),
            views.aggregate_trades(symbol, None, None, None, 20, archive),
            views.candles(symbol, Interval.SECOND_1, 0, None, None, 20, now, archive),
            views.candles(symbol, Interval.HOUR_1, 30 * MINUTE, None, None, 20, now, archive),
            views.day_ticker(symbol, now, archive),
            views.window_ticker(symbol, HOUR, now, archive),
            views.fills(ALICE, symbol, limit=20, archive=archive),
            views.orders(BOB, symbol, (), limit=20, archive=archive),
            views.amendments(ALICE, symbol, 1, None, 20, archive),
            views.prevented_matches(ALICE, symbol, limit=20, archive=archive),
            views.allocations(BOB, symbol, limit=20, archive=archive),
            views.block_trades(symbol, 1, 20, archive),
        )
    found += (
        views.order_lists(ALICE, (), limit=20, archive=archive),
        views.order_list_by_client_id(BOB, "x", archive),
        views.order_by_client_id(BOB, SYMBOLS[0], "x", archive),
    )
    return found


@given(every_story)
def test_when_rows_are_archived_makes_no_difference(story: Any) -> None:
    busy, idle = Scene(), Scene()
    tell(busy, story)
    minutes, before, resets, after = story
    happened = [[step for step in part if step[0] in HAPPENINGS] for part in (before, after)]
    tell(idle, (minutes, happened[0], resets, happened[1]))
    assert answers(busy) == answers(idle)
    busy.drain()
    busy.drain()
    assert answers(busy) == answers(idle)
    idle.drain()
    assert answers(busy) == answers(idle)
    # With nothing waiting a snapshot is a function of the events alone.
    assert busy.views.snapshot() == idle.views.snapshot()


@given(every_story, st.one_of(steps, paper_steps))
def test_a_restored_snapshot_goes_on_as_the_original(story: Any, more: Any) -> None:
    scene = Scene()
    tell(scene, story)
    twin = Views.restore(scene.views.snapshot())
    scene.end_drain()
    for step in more:
        before = len(scene.applied)
        if step[0] in HAPPENINGS:
            play(scene, step)
        for applied in scene.applied[before:]:
            twin.fold(applied)
    original, scene.views = scene.views, twin
    found = answers(scene)
    scene.drain()
    assert answers(scene) == found
    scene.views = original
    assert answers(scene) == found


def test_rows_of_entries_that_are_not_durable_stay() -> None:
    scene = Scene()
    scene.open_accounts()
    for _ in range(4):
        scene.at += MINUTE
        scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    batch = scene.views.take(5)
    assert batch is not None
    assert batch.seq == 5
    assert [row.seq for row in batch.orders] == [4, 4, 5, 5]
    assert [row.seq for row in batch.fills] == [4, 4, 5, 5]
    assert [[row.seq for row in rows] for _, rows in batch.trades] == [[4, 5]]
    assert [[row.seq for row in rows] for _, _, rows in batch.bars] == [[5]]
    assert len(batch) == 11
    scene.views.confirm(batch)
    rest = scene.views.take()
    assert rest is not None
    assert [row.seq for row in rest.orders] == [6, 6, 7, 7]


def test_a_backlog_leaves_in_batches_of_whole_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "BATCH_ROWS", 3)
    scene, sizes = Scene(), []
    scene.open_accounts()
    for fills in (1, 1, 3, 2, 9, 1, 1):
        scene.at += MINUTE
        scene.take("BTCUSDT", CROWD, Side.BUY, [(BOB, PRICE, SCALE)] * fills)
    found = answers(scene)
    while (batch := scene.views.take()) is not None:
        scene.archive.write(batch)
        scene.views.confirm(batch)
        sizes.append(len(batch.fills))
        assert answers(scene) == found
    assert sizes == [2, 3, 2, 9, 2]
    assert len(scene.archive.all_fills) == 18


def test_records_wait_until_they_are_durable_and_leave_in_whole_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "BATCH_ROWS", 3)
    scene = Scene()
    scene.open_accounts()
    begin_list(scene, "BTCUSDT", ALICE, "mine")
    end_list(scene, 0)
    amend(scene, "BTCUSDT", ALICE, ("a",), cancel=False)
    prevent(scene, "BTCUSDT", ALICE, BOB)
    route(scene, "BTCUSDT", ALICE, 4)
    print_block(scene, "BTCUSDT")
    last, sizes = scene.seq, []
    found = answers(scene)
    for through in (last - 1, last):
        while (batch := scene.views.take(through)) is not None:
            scene.archive.write(batch)
            scene.views.confirm(batch)
            sizes.append(len(batch.records))
            assert answers(scene) == found
        assert len(scene.views._shelf.rows) == last - through
    assert sizes == [2, 2, 4, 1]


def test_nothing_of_the_old_world_is_answered_after_a_reset() -> None:
    scene = Scene()
    scene.open_accounts()
    order_id = 0
    for _ in range(9):
        scene.at += MINUTE
        order_id = scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    scene.drain()
    scene.reset()
    assert scene.views.order(ALICE, "BTCUSDT", order_id, scene.archive) is None
    assert scene.views.orders(ALICE, "BTCUSDT", (), limit=5, archive=scene.archive) == []
    assert scene.views.fills(ALICE, "BTCUSDT", limit=5, archive=scene.archive) == []
    assert scene.views.historical_trades("BTCUSDT", 0, 5, scene.archive) == []
    assert scene.views.candles("BTCUSDT", Interval.DAY_1, 0, None, None, 5, scene.at, scene.archive) == []
    assert scene.views.day_ticker("BTCUSDT", scene.at, scene.archive).count == 0
    # The reset is archived only when it is durable, and before any row that came after it.
    assert scene.views.take(scene.seq - 1) is None
    scene.take("BTCUSDT", CROWD, Side.BUY, [(BOB, PRICE, SCALE)])
    batch = scene.views.take()
    assert batch is not None
    assert (batch.clear_before, len(batch.orders)) == (scene.seq - 1, 1)


def test_a_reset_while_a_batch_is_under_way_clears_that_batch_too() -> None:
    scene = Scene()
    scene.open_accounts()
    order_id = scene.take("BTCUSDT", ALICE, Side.BUY, [(BOB, PRICE, SCALE)])
    scene.begin_drain()
    scene.reset()
    scene.end_drain()
    assert scene.views.order(ALICE, "BTCUSDT", order_id, scene.archive) is None
    scene.drain()
    assert scene.archive.all_orders == {}
    assert scene.views.take() is None


def test_memory_stays_bounded() -> None:
    scene = Scene()
    for _ in range(400):
        scene.at += 20 * MINUTE
        scene.take("BTCUSDT", CROWD, Side.BUY, [(CROWD, PRICE, SCALE)])
        scene.drain()
    bars, tape = scene.views._bars["BTCUSDT"], scene.views._tapes["BTCUSDT"]
    assert len(tape.tail.rows) < 2 * 3
    assert all(len(tail.rows) < 2 * tail.keep for tail in bars.tails)
    assert len(scene.archive.all_trades) == 400
    assert len(scene.views.snapshot()) < 2_000


def test_bytes_that_are_no_snapshot_are_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        Views.restore(b"nonsense")
    with pytest.raises(msgspec.DecodeError):
        Views.restore(msgspec.msgpack.encode((SNAPSHOT_VERSION, 0)))


@pytest.mark.parametrize("state", [(1, 0, 0, [], [], [], []), (99,)])
def test_a_snapshot_of_another_version_is_refused_by_its_number(state: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=f"of version {state[0]} cannot be read, only {SNAPSHOT_VERSION}"):
        Views.restore(msgspec.msgpack.encode(state))


def test_the_hash_seed_makes_no_difference() -> None:
    script = """
import sys
from papernet.core.enums import Side
from tests.unit.exchange.views import papers
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, Scene
scene = Scene()
scene.open_accounts()
for number in range(60):
    scene.at += number * 7_777_777
    symbol = ("BTCUSDT", "ETHUSDT", "SOLUSDT")[number % 3]
    scene.take(symbol, (ALICE, BOB, CROWD)[number % 3], Side.BUY, [(ALICE, 10**8 + number, 10**7)] * (number % 4))
    papers.prevent(scene, symbol, ALICE, (ALICE, BOB)[number % 2])
    papers.begin_list(scene, symbol, BOB, "list")
    papers.end_list(scene, 0)
    if number % 25 == 24:
        scene.drain()
sys.stdout.write(scene.views.snapshot().hex() + repr(scene.views.take()))
"""
    root = Path(__file__).parents[4]
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join((str(root), str(root / "src")))},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 10_000


def test_seconds_kept_for_the_day_s_edge_are_right_as_time_goes_on() -> None:
    scene = Scene()
    for _ in range(30):
        scene.at += 2 * SECOND
        scene.take("BTCUSDT", CROWD, Side.BUY, [(CROWD, PRICE, SCALE)])
    scene.at += HOUR
    scene.take("BTCUSDT", CROWD, Side.BUY, [(CROWD, PRICE, SCALE)])
    scene.drain()
    counts = [
        scene.views.day_ticker("BTCUSDT", scene.trades["BTCUSDT"][0].at + DAY + n * SECOND, scene.archive).count
        for n in range(0, 60, 4)
    ]
    assert counts == list(range(31, 1, -2))


def test_a_window_that_begins_in_a_growing_minute_grows_with_it() -> None:
    scene = Scene()
    for count in (1, 2, 3):
        scene.take("BTCUSDT", CROWD, Side.BUY, [(CROWD, PRICE, SCALE)])
        assert scene.views.day_ticker("BTCUSDT", START + DAY, scene.archive).count == count
        scene.at += SECOND // 10
