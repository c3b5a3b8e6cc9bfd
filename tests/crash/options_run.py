"""A busy run of options on a whole exchange, with the state's hash behind each entry."""

from functools import cache
from random import Random

from msgspec import msgpack

from papernet.core.commands import AdvanceTime, Entry, Restore
from papernet.core.enums import Side
from tests.crash.busy_run import Run, recorded
from tests.support.option_busy import USERS, drive, favourites, strain, trade_with_crowd
from tests.support.option_duel import OptionDuel
from tests.support.option_market import units


@cache
def options_run(steps: int = 170, seed: int = 8) -> Run:
    """Return the run; somebody goes to the limits, everything starts over, and then it goes on for a while."""
    duel = OptionDuel()
    drive(duel, seed, steps * 2 // 3)
    for number, account in enumerate(USERS):
        strain(duel, Random(seed + number), account)
    symbol = favourites(duel)[0]
    for account in USERS:
        trade_with_crowd(duel, account, Side.BUY, symbol, units("0.01"))
    duel.now = duel.naive.contracts[symbol].expiry
    duel.do(AdvanceTime())
    duel.reset()
    drive(duel, seed + 1, steps // 3)
    duel.finish()
    entries = [msgpack.decode(entry, type=Entry) for entry in duel.entries]
    return recorded([(entry.command, entry.at) for entry in entries if not isinstance(entry.command, Restore)])
