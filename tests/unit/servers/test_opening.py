"""What an exchange opens with, once and only once."""

from pathlib import Path

from msgspec import structs

from papernet.core.commands import ConfigureVenue, RevokeKey
from papernet.core.enums import AccountKind, Side
from papernet.servers import clock
from papernet.servers.config import Catalogue, packaged_catalogue
from papernet.servers.dev_accounts import development_keys
from papernet.servers.opening import CROWD_NAME, dismiss_crowd, open_crowd_account, open_exchange, start_over
from papernet.venues.spot.venue_rules import VenueRules
from tests.support.kept_worlds import crash, opened, order, reopened, trade


async def test_symbols_accounts_and_keys_are_there() -> None:
    world = opened(None, limits=True)
    exchange = world.exchange
    assert list(exchange.markets) == [symbol.name for symbol in packaged_catalogue().symbols]
    assert [(account.name, account.uid) for account in exchange.accounts.by_id.values()] == [
        ("alice", 1_000_001),
        ("bob", 1_000_002),
        ("carol", 1_000_003),
    ]
    for account in exchange.accounts.by_id.values():
        assert {asset: balance.free for asset, balance in account.balances.items()} == dict(packaged_catalogue().balances)
    assert list(exchange.accounts.keys) == [key.api_key for key in development_keys()]
    assert exchange.limits_enabled
    await world.close()


async def test_opening_again_changes_nothing_and_puts_nothing_back(tmp_path: Path) -> None:
    world = opened(tmp_path / "state")
    world.sequencer.submit(RevokeKey(development_keys()[0].api_key), clock.now())
    seq = world.sequencer.last_seq
    await world.close()
    again = opened(tmp_path / "state")
    assert again.sequencer.last_seq == seq
    await again.close()


async def test_opening_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    world = opened(tmp_path / "whole")
    whole = world.sequencer.last_seq
    await world.close()
    (tmp_path / "state").mkdir(mode=0o700)
    (journal,) = (tmp_path / "whole").glob("journal-*")
    data = journal.read_bytes()
    for size in range(0, len(data), len(data) // 7):
        for path in (tmp_path / "state").iterdir():
            path.unlink()
        (tmp_path / "state" / journal.name).write_bytes(data[:size])
        again = opened(tmp_path / "state")
        assert again.sequencer.last_seq == whole
        assert len(again.exchange.accounts.keys) == len(development_keys())
        await crash(again)


async def test_new_symbols_of_a_catalogue_are_listed(tmp_path: Path) -> None:
    catalogue = packaged_catalogue()
    world = reopened(tmp_path / "state")
    open_exchange(world, Catalogue(catalogue.symbols[:1], catalogue.balances), clock.now(), limits=True, options=True)
    assert list(world.exchange.markets) == ["BTCUSDT"]
    world.settings.epoch = 1
    open_exchange(world, catalogue, clock.now(), limits=True, options=True)
    assert len(world.exchange.markets) == 10
    assert not [key for key in world.exchange.accounts.keys if key not in [known.api_key for known in development_keys()]]
    await world.close()


async def test_options_are_opened_where_they_are_wanted_and_added_to() -> None:
    catalogue = packaged_catalogue()
    world = opened(None)
    assert not world.exchange.options.underlyings
    first = structs.replace(catalogue, options=catalogue.options[:1])
    open_exchange(world, first, clock.now(), limits=True, options=True)
    options = world.exchange.options
    assert list(options.underlyings) == ["BTCUSDT"]
    assert [portfolio.balance for portfolio in options.portfolios.values()] == [0, *[catalogue.options_balance] * 3]
    open_exchange(world, catalogue, clock.now(), limits=True, options=True)
    assert list(options.underlyings.values()) == list(catalogue.options)
    assert {portfolio.balance for portfolio in options.portfolios.values()} == {0, catalogue.options_balance}
    seq = world.sequencer.last_seq
    open_exchange(world, catalogue, clock.now(), limits=True, options=True)
    open_exchange(world, catalogue, clock.now(), limits=True, options=False)
    assert world.sequencer.last_seq == seq
    await world.close()


async def test_the_venues_rules_are_those_of_the_catalogue_once(tmp_path: Path) -> None:
    catalogue = packaged_catalogue()
    world = opened(tmp_path / "state")
    assert world.exchange.venue.rules == catalogue.rules != VenueRules()
    # what was changed since is not put back
    world.sequencer.submit(ConfigureVenue(VenueRules().to_spec()), clock.now())
    await world.close()
    again = opened(tmp_path / "state")
    assert again.exchange.venue.rules == VenueRules()
    await again.close()


async def test_limits_are_switched_as_asked() -> None:
    world = opened(None, limits=False)
    assert not world.exchange.limits_enabled
    open_exchange(world, packaged_catalogue(), clock.now(), limits=True, options=True)
    assert world.exchange.limits_enabled
    await world.close()


async def test_the_crowd_has_an_account_and_can_be_dismissed() -> None:
    world = opened(None)
    now = clock.now()
    dismiss_crowd(world, now)
    account = open_crowd_account(world, now)
    assert open_crowd_account(world, now) == account
    assert world.exchange.accounts.by_id[account].kind is AccountKind.CROWD
    world.sequencer.submit(order(account, Side.SELL), now)
    world.sequencer.submit(order(1, price=50_000), now)
    dismiss_crowd(world, now)
    market = world.exchange.markets["BTCUSDT"]
    assert [resting.terms.account for resting in market.orders.values()] == [1]
    await world.close()


async def test_starting_over_keeps_keys_and_gives_balances_anew() -> None:
    world = opened(None)
    open_crowd_account(world, clock.now())
    trade(world, 2)
    now = clock.now()
    applied = start_over(world, packaged_catalogue(), now)
    assert world.settings.epoch == world.exchange.epoch == 2
    assert world.settings.started_at == applied.at
    assert len(world.exchange.accounts.keys) == len(development_keys())
    for account in world.exchange.accounts.by_id.values():
        amounts = {asset: balance.free for asset, balance in account.balances.items()}
        if account.name == CROWD_NAME:
            assert min(amounts.values()) > 10**18
        else:
            assert amounts == dict(packaged_catalogue().balances)
    await world.close()
