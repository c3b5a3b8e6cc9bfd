"""What an exchange opens with: symbols, rules, accounts, keys, a past and a crowd; and how it starts over.

Order of work.  Everything is a command. At every start new symbols of the catalogue are listed, and options on symbols that
                had none; the rest happens once an epoch, and the settings say when it has.
Invariant.      Cut short anywhere, opening is finished by the next start: nothing is listed, opened or registered twice, and
                what a user has taken away since is not put back.
Does not.       Tick: the crowd that it opens is moved by the node.
"""

from typing import Final

from msgspec import to_builtins

from papernet.core.commands import (
    CancelOpenOrders,
    ConfigureOptions,
    ConfigureVenue,
    ListSymbol,
    OpenAccount,
    Reset,
    SetLimits,
)
from papernet.core.enums import AccountKind
from papernet.core.events import Applied
from papernet.core.units import AMOUNT_MAX
from papernet.servers.config import Catalogue
from papernet.servers.dev_accounts import DEVELOPMENT_ACCOUNTS, development_keys
from papernet.servers.world import World

CROWD_NAME: Final = "crowd"
CROWD_UID: Final = 1
# Far from running out, and far from what numbers can hold.
_CROWD_AMOUNT: Final = AMOUNT_MAX // 4


def open_exchange(world: World, catalogue: Catalogue, now: int, *, limits: bool, options: bool) -> None:
    """List, open and register what is not there yet; the options venue only where `options` are wanted."""
    exchange, submit = world.exchange, world.sequencer.submit
    for symbol in catalogue.symbols:
        if symbol.name not in exchange.markets:
            submit(ListSymbol(symbol.to_spec()), now)
    if exchange.limits_enabled != limits:
        submit(SetLimits(limits), now)
    new = [underlying for underlying in catalogue.options if underlying.name not in exchange.options.underlyings]
    if options and new:
        submit(ConfigureOptions(tuple(to_builtins(underlying) for underlying in new), catalogue.options_balance), now)
    if world.settings.epoch:
        return
    if exchange.venue.rules != catalogue.rules:
        submit(ConfigureVenue(catalogue.rules.to_spec()), now)
    for account in DEVELOPMENT_ACCOUNTS:
        if account.name not in exchange.accounts.by_name:
            submit(OpenAccount(account.name, account.uid, AccountKind.USER, catalogue.balances), now)
    for key in development_keys():
        if key.api_key not in exchange.accounts.keys:
            submit(key.register(exchange.accounts.by_name[key.account.name].account_id), now)


def open_crowd_account(world: World, now: int) -> int:
    """Return the id of the crowd's account, opened at first use."""
    accounts = world.exchange.accounts
    if CROWD_NAME not in accounts.by_name:
        world.sequencer.submit(OpenAccount(CROWD_NAME, CROWD_UID, AccountKind.CROWD, crowd_balances(world)), now)
    return accounts.by_name[CROWD_NAME].account_id


def crowd_balances(world: World) -> tuple[tuple[str, int], ...]:
    """Return what the crowd trades with."""
    return tuple((asset, _CROWD_AMOUNT) for asset in world.exchange.assets)


def dismiss_crowd(world: World, now: int) -> None:
    """Take the crowd's orders off the books."""
    account = world.exchange.accounts.by_name.get(CROWD_NAME)
    if account is None:
        return
    for symbol in dict.fromkeys(symbol for symbol, _ in account.open_orders):
        world.sequencer.submit(CancelOpenOrders(account.account_id, symbol), now)


def start_over(world: World, catalogue: Catalogue, now: int) -> Applied:
    """Reset the exchange: a blank state and fresh balances; keys stay."""
    known = tuple((asset, amount) for asset, amount in catalogue.balances if asset in world.exchange.assets)
    applied = world.sequencer.submit(Reset(known, crowd_balances(world)), now)
    world.settings.epoch = world.exchange.epoch
    world.settings.started_at = applied.at
    return applied
