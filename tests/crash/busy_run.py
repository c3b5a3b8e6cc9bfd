"""A busy run of the real exchange, all kinds of commands in it, with the state's hash behind each entry."""

from functools import cache
from pathlib import Path
from random import Random

from msgspec import Struct, msgpack

from papernet.app.journal import Batch, Checkpoint, JournalWriter, encode_header
from papernet.app.sequencer import Sequencer
from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Deposit,
    Entry,
    ListSymbol,
    LockBalance,
    OpenAccount,
    RegisterKey,
    Reset,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetSymbolStatus,
)
from papernet.core.enums import AccountKind, KeyType, Permission, Side, SymbolStatus, TimeInForce
from papernet.core.events import Applied
from papernet.exchange import checkpoint
from papernet.exchange.machine import Exchange
from papernet.servers.disk import Disk
from papernet.servers.files import Recovered, SegmentWriter, StateDirectory
from tests.support.worlds import ALICE, BOB, CROWD, NAMES, PURSE, START, World, coarse_symbol, units

STATE = Path("/state")


class Nothing:
    """Views that see nothing."""

    def fold(self, applied: Applied) -> None:
        """Forget it."""


class Run(Struct):
    """Commands with their times, the entries they became, and the state's hash behind each (the first: before all)."""

    steps: list[tuple[Command, int]]
    entries: list[Entry]
    hashes: list[str]
    segment: bytes
    # where the records begin, and where the last one ends
    edges: list[int]


def commands(count: int, seed: int) -> list[Command]:
    """Return about `count` commands: an opening, then orders and cancels with one of each other kind among them."""
    world, draw = World(coarse_symbol()), Random(seed)
    symbol, ten = world.symbol, units("10")
    opening: list[Command] = [
        ListSymbol(coarse_symbol().to_spec()),
        *(OpenAccount(n, 1_000 + i, AccountKind.CROWD if i == CROWD else AccountKind.USER, PURSE) for n, i in NAMES.items()),
        RegisterKey(ALICE, "alice-key", KeyType.HMAC, "alice-secret", (Permission.TRADE, Permission.USER_DATA)),
        SeedCandles(symbol, tuple((START - i * 60_000_000, ten, ten, ten, ten, 1, 10, 1, 1, 10) for i in (3, 2, 1))),
    ]
    special: list[Command] = [
        SetCommission(BOB, 100_000, 200_000),
        Deposit(BOB, "USDT", units("5")),
        LockBalance(BOB, "USDT", units("3")),
        SetLimits(False),
        RegisterKey(BOB, "bob-key", KeyType.HMAC, "bob-secret", (Permission.USER_DATA,), ("127.0.0.1",), "né"),
        SetSymbolStatus(symbol, SymbolStatus.HALT),
        SetSymbolStatus(symbol, SymbolStatus.TRADING),
        CancelOpenOrders(ALICE, symbol),
        LockBalance(BOB, "USDT", -units("2")),
        RevokeKey("bob-key"),
        SetLimits(True),
        Reset(PURSE, PURSE),
    ]
    every = max(count // (len(special) + 1), 1)
    made: list[Command] = []
    for number in range(1, count + 1):
        if number % every == 0 and special:
            made.append(special.pop(0))
            continue
        account, side = draw.choice((ALICE, BOB, CROWD)), draw.choice((Side.BUY, Side.SELL))
        if draw.random() < 0.25:
            made.append(CancelOrder(account, symbol, draw.randrange(1, number + 2)))
        else:
            tif = draw.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC))
            price = f"{draw.randrange(95, 106)}"
            made.append(world.order(account, side, f"{draw.randrange(1, 9)}", price, tif=tif, cid=f"c{number}"))
    return opening + made


@cache
def busy_run(count: int = 240, seed: int = 7) -> Run:
    """Return the run; its times stand still, go on, and go back now and then (the sequencer mends that)."""
    draw, now, steps = Random(seed + 1), START, []
    for command in commands(count, seed):
        now += draw.choice((0, 1, 250_000, 3_000_000, -10))
        steps.append((command, now))
    return recorded(steps)


def recorded(steps: list[tuple[Command, int]]) -> Run:
    """Return what comes of some commands at their times."""
    exchange, writer = Exchange(), JournalWriter()
    sequencer = Sequencer(exchange, Nothing(), writer)
    run = Run([], [], [checkpoint.state_hash(exchange)], b"", [])
    pieces = [encode_header(1, 1, bytes(8))]
    for command, now in steps:
        applied = sequencer.submit(command, now)
        run.steps.append((command, now))
        # as it comes back: tuples within a symbol's specification are lists then
        run.entries.append(msgpack.decode(msgpack.encode(Entry(applied.seq, applied.at, command)), type=Entry))
        run.hashes.append(checkpoint.state_hash(exchange))
        batch = sequencer.take_pending()
        assert batch is not None
        run.edges.append(sum(map(len, pieces)))
        pieces.append(batch.data)
    run.segment = b"".join(pieces)
    run.edges.append(len(run.segment))
    return run


class Machine:
    """A papernet without sockets: recovers from a disk and goes on with a run, one batch at a time."""

    def __init__(self, disk: Disk, segment_bytes: int = 1 << 20) -> None:
        self.directory = StateDirectory(STATE, -1, disk)
        self.exchange = Exchange()
        self.recovered: Recovered = self.directory.recover(self._restore, self._apply)
        position = self.recovered.position
        self.sequencer = Sequencer(self.exchange, Nothing(), JournalWriter(position), position.seq, position.at)
        self.writer = SegmentWriter(self.directory, self.recovered, segment_bytes)
        self.acknowledged = position.seq

    def _apply(self, entry: Entry) -> None:
        self.exchange.apply(entry)

    def _restore(self, saved: Checkpoint) -> str:
        self.exchange = checkpoint.decode(saved.exchange)
        return checkpoint.state_hash(self.exchange)

    @property
    def seq(self) -> int:
        """Return the number of the last entry applied."""
        return self.sequencer.last_seq

    def state_hash(self) -> str:
        """Return the state's hash."""
        return checkpoint.state_hash(self.exchange)

    def go_on(self, run: Run, until: int, batch: int = 1, checkpoint_every: int = 0) -> None:
        """Submit, write, sync and acknowledge the run's commands up to `until`."""
        while self.seq < until:
            for command, now in run.steps[self.seq : min(self.seq + batch, until)]:
                self.sequencer.submit(command, now)
            self.commit(self.sequencer.take_pending())
            if checkpoint_every and self.seq % checkpoint_every == 0:
                self.save()

    def commit(self, batch: Batch | None) -> None:
        """Write, sync, acknowledge."""
        assert batch is not None
        self.writer.write(batch)
        self.writer.sync()
        self.acknowledged = batch.last_seq

    def save(self) -> None:
        """Save a checkpoint."""
        self.directory.save_checkpoint(self.sequencer.position, checkpoint.encode(self.exchange), b"views", self.state_hash())


def events_of(entries: list[Entry]) -> bytes:
    """Return the bytes of all events that the entries bring about."""
    exchange = Exchange()
    return b"".join(msgpack.encode(exchange.apply(entry)) for entry in entries)
