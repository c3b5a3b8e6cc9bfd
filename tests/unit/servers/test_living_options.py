"""The options venue alive: listed and marked when it opens, quoted for whoever looks, moved on by the clock."""

from papernet.core.commands import SetCountdown
from papernet.core.dates import DAY, MINUTE, SECOND
from papernet.servers.config import packaged_catalogue
from papernet.servers.living_market import LivingMarket
from papernet.servers.living_options import LivingOptions
from papernet.servers.opening import CROWD_NAME, start_over
from papernet.servers.world import World
from papernet.venues.options.market import OptionMarket
from tests.support.kept_worlds import opened
from tests.support.option_market import hold


def begun(world: World, *, crowd: bool = True) -> tuple[LivingOptions, int]:
    """Return the options of a world that has just been opened, and when that was."""
    now = world.sequencer.last_at
    if crowd:
        LivingMarket(world, 0.1).begin(now)
    options = LivingOptions(world)
    options.begin(now)
    return options, now


def nearest(world: World) -> OptionMarket:
    """Return the contract whose strike is next to the index."""
    venue = world.exchange.options
    markets = [market for market in venue.markets.values() if market.contract.underlying == "BTCUSDT"]
    return min(markets, key=lambda market: abs(market.contract.strike - venue.indexes["BTCUSDT"].price))


async def test_contracts_are_listed_around_the_prices_of_the_crowd() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    venue, book = world.exchange.options, world.exchange.markets["BTCUSDT"].book
    bid, ask = book.best_bid(), book.best_ask()
    assert bid is not None
    assert ask is not None
    assert venue.indexes["BTCUSDT"].price == (bid + ask) // 2
    assert len(venue.markets) > 1_500
    assert not nearest(world).orders
    options.attend([nearest(world).contract.symbol], now)
    assert nearest(world).book.best_bid() is not None
    assert nearest(world).mark is not None
    world.exchange.check_invariants()
    await world.close()


async def test_makers_bring_money_of_the_crowd_once() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    venue, crowd = world.exchange.options, world.exchange.accounts.by_name[CROWD_NAME]
    balance = venue.portfolios[crowd.account_id].balance
    assert balance > 0
    options.begin(now + SECOND)
    assert venue.portfolios[crowd.account_id].balance == balance
    world.exchange.check_invariants()
    await world.close()


async def test_without_a_crowd_contracts_are_marked_only() -> None:
    world = opened(None, options=True)
    options, now = begun(world, crowd=False)
    market = nearest(world)
    seen = options.glance(market, now)
    assert seen is not None
    assert seen.mark.price > 0
    assert (seen.touch.bid_quantity, seen.touch.ask_quantity) == (0, 0)
    options.attend([market.contract.symbol], now)
    assert market.mark is not None
    assert not market.orders
    await world.close()


async def test_a_glance_shows_what_a_look_would_find() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    market = nearest(world)
    seen = options.glance(market, now)
    seq = world.sequencer.last_seq
    options.attend(None, now)
    assert world.sequencer.last_seq == seq, "who looks at all contracts makes nobody quote"
    options.attend([market.contract.symbol], now)
    assert options.glance(market, now) is None
    bid, ask = market.book.bids.best(), market.book.asks.best()
    assert seen is not None
    assert bid is not None
    assert ask is not None
    assert seen.mark == market.mark
    assert (seen.touch.bid_price, seen.touch.bid_quantity) == (bid.price, bid.quantity)
    assert (seen.touch.ask_price, seen.touch.ask_quantity) == (ask.price, ask.quantity)
    await world.close()


async def test_a_jump_of_a_week_lists_and_settles() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    venue = world.exchange.options
    before = set(venue.markets)
    options.tick(now + 7 * DAY)
    assert before - set(venue.markets)
    assert set(venue.markets) - before
    assert all(market.contract.expiry > now + 7 * DAY for market in venue.markets.values())
    world.exchange.check_invariants()
    await world.close()


async def test_after_a_leap_margins_are_looked_at_with_the_marks_of_afterwards() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    account, venue = world.exchange.accounts.by_name["alice"].account_id, world.exchange.options
    later = [market for market in venue.markets.values() if market.contract.expiry > now + 8 * DAY]
    hold(venue, account, later[0].contract.symbol, -10_000, 1, other=venue.house)
    options.tick(now + 7 * DAY)
    assert later[0].mark is not None
    assert venue.shortfall > 0
    assert later[0].contract.symbol not in venue.portfolios[account].positions
    await world.close()


async def test_a_countdown_that_has_run_out_is_noticed_at_once() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    account, venue = world.exchange.accounts.by_name["alice"].account_id, world.exchange.options
    world.sequencer.submit(SetCountdown(account, "BTCUSDT", 5 * SECOND), now)
    seq = world.sequencer.last_seq
    options.look_at_countdowns(now + 5 * SECOND - 1)
    assert world.sequencer.last_seq == seq
    options.look_at_countdowns(now + 5 * SECOND)
    assert not venue.counting
    await world.close()


async def test_a_reset_begins_anew() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    options.attend([nearest(world).contract.symbol], now)
    start_over(world, packaged_catalogue(), now + SECOND)
    world.settings.crowd = False
    assert not world.exchange.options.markets
    LivingMarket(world, 0.1).begin(now + SECOND)
    options.begin(now + SECOND)
    assert not nearest(world).orders
    options.attend([nearest(world).contract.symbol], now + SECOND)
    assert nearest(world).orders
    world.exchange.check_invariants()
    await world.close()


async def test_what_was_quoted_before_a_stop_is_withdrawn() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    options.attend([nearest(world).contract.symbol], now)
    assert nearest(world).orders
    LivingOptions(world).begin(now + SECOND)
    assert not nearest(world).orders
    options.attend([nearest(world).contract.symbol], now + 2 * SECOND)
    world.settings.crowd = False
    LivingOptions(world).begin(now + 3 * SECOND)
    assert not nearest(world).orders
    world.exchange.check_invariants()
    await world.close()


async def test_nobody_quotes_on_an_exchange_that_takes_no_commands_any_more() -> None:
    world = opened(None, options=True)
    options, now = begun(world)
    world.sequencer.halt("broken")
    options.attend([nearest(world).contract.symbol], now)
    assert not nearest(world).orders
    await world.close()


async def test_a_closed_venue_has_neither_clock_nor_makers() -> None:
    world = opened(None, options=False)
    options, now = begun(world, crowd=False)
    seq = world.sequencer.last_seq
    options.tick(now)
    options.attend(["BTC-231124-36000-C"], now)
    assert world.sequencer.last_seq == seq
    await world.close()


async def test_it_is_known_what_is_due_next_and_who_looks_sees_every_second() -> None:
    world = opened(None, options=True)
    closed = LivingOptions(world)
    assert (closed.next_due(0), closed.next_moment(0)) == (None, None)
    options, _ = begun(world)
    settlement = min(market.contract.expiry for market in world.exchange.options.markets.values())
    at = settlement + DAY // 2 + 1
    options.tick(at)
    assert options.next_due(at) == settlement + DAY
    assert options.next_moment(at) == settlement + DAY // 2 + MINUTE
    options.attend([nearest(world).contract.symbol], at)
    assert options.next_moment(at) == settlement + DAY // 2 + SECOND
    account = world.exchange.accounts.by_name["alice"].account_id
    world.sequencer.submit(SetCountdown(account, "BTCUSDT", 500_000), at)
    assert options.next_due(at) == options.next_moment(at) == at + 500_000
    await world.close()
