"""The options venue as part of a checkpoint: whole, and told apart by the state's hash."""

from collections.abc import Callable
from random import Random

import pytest
from msgspec import Struct, ValidationError, msgpack
from msgspec.structs import replace

from papernet.core.commands import AdvanceTime, CancelOptions, TransferToOptions
from papernet.core.dates import DAY, SECOND
from papernet.core.enums import OrderStatus, RiskLevel, Side
from papernet.core.events import Applied
from papernet.exchange import option_state
from papernet.exchange.checkpoint import decode, encode, state_hash
from papernet.exchange.machine import Exchange
from papernet.exchange.option_counts import OptionCounts
from papernet.exchange.option_state import (
    OptionsState,
    _MarketState,
    _OrderState,
    _PortfolioState,
    _ProtectionState,
    state_of,
)
from papernet.venues.options.portfolio import Portfolio, Position, Protection
from papernet.venues.options.venue import OptionsVenue
from tests.support.option_market import ALICE, BOB, BTCUSDT, CROWD, ETHUSDT, MAKER, units
from tests.support.option_worlds import CALL, PUT, OptionWorld, busy_options


def test_what_is_restored_gives_the_same_records() -> None:
    exchange = busy_options().exchange
    again = decode(encode(exchange))
    assert state_of(again) == state_of(exchange)
    assert encode(again) == encode(exchange)
    one, other = exchange.options, again.options
    assert list(other.markets) == list(one.markets)
    assert list(other.by_expiry.items()) == list(one.by_expiry.items())
    assert list(other.counting) == list(one.counting) == [ALICE]
    for symbol, market in one.markets.items():
        assert list(other.markets[symbol].orders) == list(market.orders)
        assert [order.record() for order in other.markets[symbol].orders.values()] == [
            order.record() for order in market.orders.values()
        ]
    for number, portfolio in one.portfolios.items():
        restored = other.portfolios[number]
        assert list(restored.open_orders) == list(portfolio.open_orders)
        assert list(restored.client_order_ids) == list(portfolio.client_order_ids)
        assert {symbol: (row.quantity, row.cost, row.buying, row.selling) for symbol, row in restored.positions.items()} == {
            symbol: (row.quantity, row.cost, row.buying, row.selling) for symbol, row in portfolio.positions.items()
        }
    assert sum(len(market.orders) for market in one.markets.values()) > 4


def on(world: OptionWorld, draw: Random) -> Applied:
    """Let something happen, on both sides of the book, over days."""
    account = draw.choice((ALICE, BOB, MAKER, CROWD))
    dice = draw.randrange(12)
    if dice == 0:
        world.now += draw.choice((SECOND, 20 * SECOND, DAY))
        return world.apply(AdvanceTime())
    if dice == 1:
        return world.mark(draw.choice((1_500, 2_000, 3_000)))
    if dice == 2:
        return world.apply(CancelOptions(account, "", BTCUSDT))
    if dice == 3:
        return world.apply(TransferToOptions(account, "USDT", units(draw.choice((-900, 700)))))
    side, quantity, price = draw.choice((Side.BUY, Side.SELL)), draw.choice((1, 2)), draw.choice((1_900, 2_000, 2_100))
    return world.place(account, side, quantity, price, symbol=draw.choice((CALL, PUT)))


@pytest.mark.parametrize("seed", range(4))
def test_a_restored_venue_goes_on_identically(seed: int) -> None:
    world = busy_options()
    again = decode(encode(world.exchange))
    draw = Random(seed)
    for _ in range(120):
        before = len(world.entries)
        applied = on(world, draw)
        for entry in world.entries[before:]:
            assert msgpack.encode(again.apply(entry)) == msgpack.encode(applied)
        world.exchange.check_invariants()
    assert encode(again) == encode(world.exchange)
    fresh = Exchange()
    for entry in world.entries:
        fresh.apply(entry)
    assert encode(fresh) == encode(world.exchange)


def portfolio(exchange: Exchange, number: int = MAKER) -> Portfolio:
    """Return a portfolio."""
    return exchange.options.portfolios[number]


def protection(exchange: Exchange) -> Protection:
    """Return the maker's protection."""
    return portfolio(exchange).protections[BTCUSDT]


def give(exchange: Exchange) -> None:
    """Move one unit from one portfolio to another."""
    portfolio(exchange, ALICE).balance -= 1
    portfolio(exchange, BOB).balance += 1


def hand_over(exchange: Exchange) -> None:
    """Let a position be somebody else's."""
    venue = exchange.options
    venue.portfolios[BOB].positions[CALL].quantity += venue.portfolios[MAKER].positions[CALL].quantity
    venue.portfolios[BOB].positions[CALL].cost += 1
    del venue.portfolios[MAKER].positions[CALL]


def reopen(exchange: Exchange) -> None:
    """Let nobody hold anything of the call."""
    for one in exchange.options.portfolios.values():
        position = one.positions.get(CALL)
        if position is not None:
            position.quantity = position.cost = 0
            one.drop_if_empty(CALL)
    exchange.options.markets[CALL].open_interest = 0


def change_block_order(exchange: Exchange) -> None:
    """Let a block order be updated at another time."""
    orders = exchange.options.block_orders
    key = next(iter(orders))
    orders[key] = replace(orders[key], updated_at=7)


def requeue(exchange: Exchange, symbol: str = CALL) -> None:
    """Let the first of a queue be its last."""
    book = exchange.options.markets[symbol].book
    head = max(book.bids.levels.values(), key=lambda level: level.count).head
    assert head is not None
    book.remove(head)
    book.rest(head)
    book.update_id -= 2


def swap(orders: dict[int, object]) -> None:
    """Let the first of them be the last."""
    first = next(iter(orders))
    orders[first] = orders.pop(first)


def first_order(exchange: Exchange) -> object:
    """Return an open order of the call."""
    return next(iter(exchange.options.markets[CALL].orders.values()))


def partly_fill(exchange: Exchange) -> None:
    """Let an order have been greater, and filled as far."""
    order = next(one for one in exchange.options.markets[CALL].orders.values() if not one.cum_quantity)
    order.terms = replace(order.terms, quantity=order.terms.quantity + 1)  # type: ignore[misc]
    order.cum_quantity += 1
    order.status = OrderStatus.PARTIALLY_FILLED


def remark(exchange: Exchange) -> None:
    """Let a contract have been marked otherwise."""
    market = exchange.options.markets[CALL]
    assert market.mark is not None
    market.mark = replace(market.mark, gamma=9)


def set_on(name: str, value: object, of: Callable[[Exchange], object]) -> Callable[[Exchange], object]:
    """Return what sets a field of something."""
    return lambda exchange: setattr(of(exchange), name, value)


def venue(exchange: Exchange) -> OptionsVenue:
    """Return the options venue."""
    return exchange.options


def market(exchange: Exchange) -> object:
    """Return the call's market."""
    return exchange.options.markets[CALL]


CHANGES: dict[str, Callable[[Exchange], object]] = {
    **{name: set_on(name, 999, venue) for name in ("opening_balance", "advanced_at", "listing_version", "shortfall")},
    **{
        name: set_on(name, (1 << 62) + 999, venue)
        for name in (
            "next_order_id",
            "next_fill_id",
            "next_bill_id",
            "next_exercise_id",
            "next_block_trade_id",
        )
    },
    "terms": lambda e: e.options.underlyings.update({BTCUSDT: replace(e.options.underlyings[BTCUSDT], tick_size=units(1))}),
    **{f"index {name}": set_on(name, 999, lambda e: e.options.indexes[BTCUSDT]) for name in ("price", "total", "seconds")},
    "index time": lambda e: setattr(e.options.indexes[BTCUSDT], "at", e.options.indexes[BTCUSDT].at + 1),
    "no mark": set_on("mark", None, market),
    "mark": remark,
    **{name: set_on(name, 999, market) for name in ("last_price", "last_quantity", "last_at", "next_trade_id")},
    "update ids": set_on("update_id", 999, lambda e: e.options.markets[CALL].book),
    "queue": requeue,
    **{f"order {name}": set_on(name, 7, first_order) for name in ("cum_quote", "fee", "updated_at")},
    "order filled": partly_fill,
    "balance": give,
    "position": hand_over,
    "no positions": reopen,
    "position time": set_on("updated_at", 7, lambda e: portfolio(e, ALICE).positions[CALL]),
    "position cost": set_on("cost", 7, lambda e: portfolio(e, ALICE).positions[CALL]),
    "order of placing": lambda e: swap(portfolio(e, ALICE).open_orders),  # type: ignore[arg-type]
    **{name: set_on(name, False, portfolio) for name in ("can_trade", "may_write", "is_market_maker")},
    **{name: set_on(name, 1, portfolio) for name in ("trade_group", "maker_rate", "taker_rate", "updated_at")},
    "level": set_on("level", RiskLevel.REDUCE_ONLY, portfolio),
    "no rate": set_on("maker_rate", None, portfolio),
    **{
        f"protection {name}": set_on(name, 7, protection)
        for name in ("window", "frozen_for", "quantity_limit", "delta_limit", "frozen_until", "triggered_at")
    },
    "protection fills": lambda e: protection(e).fills.clear(),
    "no protection": lambda e: portfolio(e).protections.clear(),
    "countdown": set_on("due_at", 7, lambda e: portfolio(e, ALICE).countdowns[ETHUSDT]),
    "countdown span": set_on("span", 7, lambda e: portfolio(e, ALICE).countdowns[ETHUSDT]),
    "one countdown less": lambda e: portfolio(e, ALICE).countdowns.pop(ETHUSDT),
    "counts": lambda e: e.option_counts[ALICE].count(0),
    "no counts": lambda e: e.option_counts.pop(ALICE),
    "new counts": lambda e: e.option_counts.update({MAKER: OptionCounts()}),
    "block order": change_block_order,
    "no block order": lambda e: e.options.block_orders.popitem(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_hash_tells_any_two_states_apart(change: str) -> None:
    exchange = busy_options().exchange
    before = state_hash(exchange)
    CHANGES[change](exchange)
    assert state_hash(exchange) != before
    assert state_hash(decode(encode(exchange))) == state_hash(exchange)


# which contract, underlying or account it is, never changes; what an open venue settles in, and who sent an order, neither
LASTING = [
    "OptionsState.asset",
    "_MarketState.contract",
    "_OrderState.source",
    "_PortfolioState.account",
    "_ProtectionState.underlying",
]


def differences(one: object, other: object) -> set[str]:
    """Return which fields of which records differ, however deep they lie."""
    if isinstance(one, Struct) and type(one) is type(other) and type(one).__module__ == option_state.__name__:
        found = set()
        for name in one.__struct_fields__:
            values = getattr(one, name), getattr(other, name)
            if values[0] != values[1]:
                found |= {f"{type(one).__name__}.{name}"} | differences(*values)
        return found
    if isinstance(one, list) and isinstance(other, list):
        return {name for pair in zip(one, other, strict=False) for name in differences(*pair)}
    return set()


def test_every_field_of_the_state_is_changed_by_one_of_them() -> None:
    whole = state_of(busy_options().exchange)
    changed = set()
    for change in CHANGES.values():
        exchange = busy_options().exchange
        change(exchange)
        changed |= differences(whole, state_of(exchange))
    records = (OptionsState, _MarketState, _OrderState, _PortfolioState, _ProtectionState)
    fields = {f"{kind.__name__}.{name}" for kind in records for name in kind.__struct_fields__}
    assert sorted(fields - changed) == LASTING


BREAKS: dict[str, Callable[[Exchange], object]] = {
    "an open interest of nobody": set_on("open_interest", 7, market),
    "a position without another": lambda e: portfolio(e, ALICE).positions.update({PUT: Position(7)}),
    "an account without a portfolio": lambda e: e.options.portfolios.pop(MAKER),
    "money from nowhere": set_on("balance", 1, portfolio),
}


@pytest.mark.parametrize("what", BREAKS)
def test_records_that_do_not_fit_together_are_refused(what: str) -> None:
    exchange = busy_options().exchange
    BREAKS[what](exchange)
    with pytest.raises(ValidationError, match="do not fit together"):
        decode(encode(exchange))
