"""Worlds in state directories, opened as `papernet up` opens them, for tests of what keeps them."""

from pathlib import Path

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.events import Refused
from papernet.core.units import SCALE
from papernet.servers import clock
from papernet.servers.config import packaged_catalogue
from papernet.servers.files import Durability, JournalError
from papernet.servers.opening import open_exchange
from papernet.servers.world import World, open_world


def opened(path: Path | None, *, seed: int | None = None, limits: bool = False, options: bool = False) -> World:
    """Return the world of a directory, or a new one, with the packaged symbols and the development accounts."""
    world = reopened(path, seed)
    open_exchange(world, packaged_catalogue(), clock.now(), limits=limits, options=options)
    world.settings.epoch = world.exchange.epoch
    world.save_settings()
    return world


def reopened(path: Path | None, seed: int | None = None) -> World:
    """Return the world of a directory as it is brought back, before anything is opened."""
    return open_world(path, seed, Durability.FSYNC, _raise)


def order(account: int, side: Side = Side.BUY, price: int = 60_000) -> NewOrder:
    """Return an order for a thousandth of a bitcoin."""
    return NewOrder(account, "BTCUSDT", side, OrderType.LIMIT, TimeInForce.GTC, SCALE // 1_000, price * SCALE)


def trade(world: World, times: int = 1) -> None:
    """Let alice and bob trade with each other."""
    accounts = world.exchange.accounts.by_name
    for _ in range(times):
        for name, side in (("alice", Side.BUY), ("bob", Side.SELL)):
            applied = world.sequencer.submit(order(accounts[name].account_id, side), clock.now())
            assert not isinstance(applied.events[0], Refused)


async def crash(world: World) -> None:
    """Let go of a world as a crash would: what is durable stays, and no checkpoint is made."""
    await world.journal.close()
    world._archive_thread.close()
    world.archive.close()
    if world._directory is not None:
        world._directory.close()


def _raise(error: JournalError) -> None:
    raise error
