"""The streams of an exchange in memory, and ears that listen to them."""

from typing import Any

import msgspec

from papernet.app.operations import TimeUnit
from papernet.app.outbox import Outbox
from papernet.app.queries import Context
from papernet.core.commands import Command
from papernet.core.events import Applied
from papernet.protocols.streams.feed import MarketFeed
from papernet.protocols.streams.names import parse_stream
from papernet.protocols.subscriptions.channels import Channels
from papernet.venues.spot.symbols import Symbol
from tests.support.asking import Asking
from tests.support.worlds import PURSE


class Ear:
    """The other end of a connection: what it was sent, in order."""

    ip = "127.0.0.1"
    finished = False

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.replaceable: list[str] = []
        self.upsets: list[str] = []

    def send(self, frame: bytes) -> None:
        self.payloads.append(payload_of(frame))

    def send_latest(self, key: str, frame: bytes) -> None:
        self.replaceable.append(key)
        self.send(frame)

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(reason)

    def stall(self) -> None:
        self.upsets.append("stall")

    def break_off(self, *, mid_frame: bool = False) -> None:
        self.upsets.append("mid-frame" if mid_frame else "break-off")

    def take(self) -> list[Any]:
        """Return what was heard since the last time, decoded."""
        heard = [msgspec.json.decode(payload) for payload in self.payloads]
        self.payloads.clear()
        return heard


def payload_of(frame: bytes) -> bytes:
    """Return what a whole, unmasked text frame says (RFC 6455, 5.2)."""
    assert frame[0] == 0x81
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


class Air:
    """A market feed behind its outbox; everything is durable at once unless it is `holding`."""

    def __init__(self, context: Context, now: int, seq: int = 0) -> None:
        self.last_seq = seq
        self.durable_seq = seq
        self.holding = False
        self.outbox = Outbox(seq)
        self.channels = Channels(parse_stream)
        self.feed = MarketFeed(context, self.channels, self.outbox, self, now)
        self.channels.listener = self.feed
        self.outbox.add(self.feed)

    def take(self, applied: Applied) -> None:
        """Let the streams tell of an entry, which the views have taken in."""
        self.last_seq = applied.seq
        self.outbox.take(applied)
        if not self.holding:
            self.release()

    def release(self, seq: int = -1) -> None:
        """Let everything up to an entry be durable."""
        self.durable_seq = max(self.durable_seq, self.last_seq if seq < 0 else seq)
        self.outbox.release(self.durable_seq)

    def listen(self, *names: str, unit: TimeUnit = TimeUnit.MILLISECOND, ear: Ear | None = None) -> Ear:
        """Return an ear that hears streams."""
        ear = ear or Ear()
        for name in names:
            self.channels.subscribe(name, unit, ear, combined=False)
        return ear

    def leave(self, ear: Ear, *names: str, unit: TimeUnit = TimeUnit.MILLISECOND) -> None:
        """Let an ear hear streams no more."""
        for name in names:
            self.channels.unsubscribe(name, unit, ear)


class OnAir(Asking):
    """A small exchange that is on the air."""

    def __init__(self, *symbols: Symbol, balances: tuple[tuple[str, int], ...] = PURSE) -> None:
        self.air: Air | None = None
        super().__init__(*symbols, balances=balances)
        self.air = Air(self.context, self.now, len(self.entries))
        self.feed = self.air.feed
        self.listen = self.air.listen
        self.leave = self.air.leave

    def apply(self, command: Command) -> Applied:
        """Give the next entry to the exchange, the views and the streams."""
        applied = super().apply(command)
        if self.air is not None:
            self.air.take(applied)
        return applied

    def wait(self, microseconds: int) -> None:
        """Let time pass all at once."""
        self.now += microseconds
        self.feed.pulse(self.now)
