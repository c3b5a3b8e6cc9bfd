"""A whole exchange inside the test's own process: its timers and its failures."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from papernet.core.dates import DAY, SECOND
from papernet.servers import clock, node
from papernet.servers.config import packaged_catalogue
from papernet.servers.files import JournalError
from papernet.servers.node import Node, Options
from papernet.servers.tls import TlsDoor, open_tls
from papernet.servers.transport import bind
from tests.support.kept_worlds import trade

Make = Callable[..., Node]


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return a maker of nodes on free ports; what is still running at the end is stopped."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = []

    def make_node(tls: TlsDoor | None = None, **options: object) -> Node:
        listener = bind("127.0.0.1", 0)
        chosen = Options(**{"market": "none"} | options)  # type: ignore[arg-type]
        made.append((Node(chosen, packaged_catalogue(), listener, asyncio.Event(), tls), listener))
        return made[-1][0]

    yield make_node
    for running, listener in made:
        await running.stop()
        listener.close()


async def test_the_calendar_resets(make: Make) -> None:
    running = make(reset_every=30 * DAY // SECOND)
    await running.start()
    trade(running.world)
    await running._passing.tick()
    assert running.world.exchange.epoch == 1
    running.world.settings.started_at -= 30 * DAY
    await running._passing.tick()
    assert running.world.exchange.epoch == 2
    assert running.world.exchange.markets["BTCUSDT"].last_price == 0
    assert abs(running.world.settings.started_at - clock.now()) < 60 * SECOND
    await running._passing.tick()
    assert running.world.exchange.epoch == 2


async def test_a_reset_gives_the_market_a_new_life(make: Make) -> None:
    running = make(market="sim", seed=3)
    await running.start()
    book = running.world.exchange.markets["BTCUSDT"].book
    assert book.best_bid() is not None
    running.reset(clock.now())
    fresh = running.world.exchange.markets["BTCUSDT"].book
    assert fresh is not book
    assert fresh.best_bid() is not None
    running.world.exchange.check_invariants()


async def test_options_are_listed_before_the_first_answer_and_time_passes_on_them(make: Make) -> None:
    running = make(market="sim", seed=3)
    await running.start()
    options, spot = running.world.exchange.options, running.world.exchange.markets["BTCUSDT"]
    bid, ask = spot.book.bids.best(), spot.book.asks.best()
    assert bid is not None
    assert ask is not None
    assert bid.price <= options.indexes["BTCUSDT"].price <= ask.price
    assert 1_000 < len(options.markets) < 3_000
    listed, at = len(options.markets), options.advanced_at
    await running._passing.step(SECOND)
    assert options.advanced_at > at
    before = dict(options.markets)
    running.reset(clock.now())
    assert abs(len(options.markets) - listed) < listed // 10
    assert not any(options.markets.get(symbol) is market for symbol, market in before.items())


async def test_without_options_there_are_none_and_none_advance(make: Make) -> None:
    running = make(options=False)
    await running.start()
    seq = running.world.sequencer.last_seq
    await running._passing.step(SECOND)
    assert not running.world.exchange.options.underlyings
    # how the clock stands, before and after
    assert running.world.sequencer.last_seq == seq + 2


async def test_an_exchange_that_is_there_already_keeps_its_clock_and_says_so(make: Make, tmp_path: Path) -> None:
    running = make(state=tmp_path / "state", options=False)
    await running.start()
    assert running.ready().warnings == ()
    await running.stop()
    again = make(state=tmp_path / "state", options=False, held_at=DAY)
    await again.start()
    assert not again.clock.is_held
    assert again.ready().warnings == ("--held-at is for a new exchange: this one goes on with the clock that it has",)


async def test_a_journal_that_cannot_be_written_stops_the_exchange(make: Make, tmp_path: Path) -> None:
    running = make(state=tmp_path / "state")
    await running.start()
    running._on_failure(JournalError("disk full"))
    assert running.stopping.is_set()
    assert running.failure == "disk full"
    running._on_failure(JournalError("later"))
    assert running.failure == "disk full"


async def test_an_exchange_that_broke_inside_stops(make: Make) -> None:
    running = make()
    await running.start()
    running.world.sequencer.halt("command 9 failed")
    await running._look_at_journal()
    assert running.stopping.is_set()
    assert running.failure == "command 9 failed"


async def test_a_timer_that_fails_stops_the_exchange(make: Make) -> None:
    running = make()
    await running.start()

    async def fail() -> None:
        raise RuntimeError("boom")

    running._spawn(fail())
    await running.stopping.wait()
    assert running.failure == "RuntimeError: boom"


async def test_a_certificate_that_cannot_be_renewed_is_told_and_ends_nothing(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = open_tls("127.0.0.1", 0, (), clock.now())
    running = make(tls=tls)
    await running.start()
    await running._look_at_certificate()
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("PAPERNET_CA_DIR", "/dev/null")
    await running._look_at_certificate()
    assert capsys.readouterr().err.startswith("papernet: the certificate could not be renewed: /dev/null")
    assert running.failure is None
    assert running.ready(("a remark",)).warnings == ("a remark",)


async def test_checkpoints_are_written_by_the_length_of_the_journal(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "_CHECKPOINT_COMMANDS", 40)
    running = make(state=tmp_path / "state")
    await running.start()
    start = running.world.sequencer.last_seq
    assert start < 40
    await running._look_at_journal()
    assert list((tmp_path / "state").glob("checkpoint-*")) == []
    trade(running.world, 20)
    await running._look_at_journal()
    assert [path.name for path in (tmp_path / "state").glob("checkpoint-*")] == [f"checkpoint-{start + 40:020d}.bin"]
