"""Fill a state directory with closed orders, as a long-running exchange would have them: `python -m bench.prefill DIR COUNT`.

Each pair of orders trades and is done; the archive is drained as the server drains it.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from bench.catalogue import write_catalogue
from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.units import SCALE
from papernet.servers import clock
from papernet.servers.config import load_catalogue
from papernet.servers.files import Durability, JournalError
from papernet.servers.opening import open_exchange
from papernet.servers.world import open_world

_BATCH: Final = 5_000


def _fail(error: JournalError) -> None:
    raise SystemExit(str(error))


async def prefill(directory: Path, count: int) -> None:
    """Place `count` orders, half of each account, that all fill."""
    world = open_world(directory, 1, Durability.OS, _fail)
    now = clock.now()
    open_exchange(world, load_catalogue(write_catalogue(directory.parent)), now, limits=False, options=False)
    world.settings.epoch = world.exchange.epoch
    world.settings.started_at = now
    accounts = [world.exchange.accounts.by_name[name].account_id for name in ("alice", "bob")]
    sides = (Side.BUY, Side.SELL)
    for number in range(count):
        which = number % 2
        order = NewOrder(
            accounts[which], "BTCUSDT", sides[which], OrderType.LIMIT, TimeInForce.GTC, SCALE // 1000, 60_000 * SCALE
        )
        world.sequencer.submit(order, now + number)
        if number % _BATCH == _BATCH - 1:
            await world.journal.durable(world.sequencer.last_seq)
            await world.archive_rows()
    world.save_settings()
    await world.close()


if __name__ == "__main__":
    asyncio.run(prefill(Path(sys.argv[1]), int(sys.argv[2])))
