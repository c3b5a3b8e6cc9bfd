"""The state as bytes: whole, the same for the same state, and refused when damaged."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import DecodeError, Struct, ValidationError, msgpack
from msgspec.structs import replace

from papernet.core.account import Rates
from papernet.core.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    ConfigureAccount,
    ConfigureVenue,
    Deposit,
    Entry,
    LockBalance,
    PrintBlockTrade,
    RegisterKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetReferencePrice,
    SetSymbolStatus,
)
from papernet.core.enums import KeyType, ListKind, Permission, SymbolStatus
from papernet.core.events import OrderExtras
from papernet.core.ledger import hold, lock
from papernet.core.order import OPEN_STATUSES, Order
from papernet.core.order_list import Phase
from papernet.core.units import SCALE
from papernet.exchange.allowances import Allowance
from papernet.exchange.checkpoint import (
    FORMAT,
    _AccountState,
    _ListState,
    _MarketState,
    _OrderState,
    _State,
    decode,
    encode,
    state_hash,
)
from papernet.exchange.machine import Exchange
from papernet.venues.spot.symbols import ArithmeticMeanSpec
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrders, Sor, VenueRules
from tests.support.busy import drive
from tests.support.duel import Duel
from tests.support.orders import amend, order, place, place_list
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    SECOND,
    World,
    coarse_symbol,
    fine_symbol,
    make_symbol,
    queues,
    reason,
    units,
)


def rich_world() -> World:
    """Return a world in which every part of the state holds something."""
    world = World(
        coarse_symbol(),
        fine_symbol(),
        make_symbol(name="ZZZ", base="YYY", quote="AAA"),
        make_symbol(name="BTCUSDC", quote="USDC", reference=ArithmeticMeanSpec(5, SECOND), permission_sets=(("SPOT", "X"),)),
        balances=(("BTC", units("1000")), ("USDT", units("100000")), ("USDC", units("100000"))),
    )
    world.apply(RegisterKey(BOB, "key b", KeyType.HMAC, "secret", (Permission.TRADE, Permission.USER_DATA), ("::1",), "label"))
    world.apply(RegisterKey(ALICE, "key a", KeyType.ED25519, "pem", ()))
    world.apply(SetCommission(BOB, 1_000, 2_000, 3_000, 4_000))
    world.apply(SetCommission(BOB, 1, 2, 3, 4, "ETHBTC", (5, 6, 7, 8), (9, 10, 11, 12)))
    world.apply(SetSymbolStatus("ZZZ", SymbolStatus.HALT))
    world.apply(SeedCandles("ZZZ", ((0, 1, 4, 1, 3, 7, 20, 2, 3, 9),)))
    world.apply(SetLimits(enabled=False))
    rules = VenueRules((ExchangeMaxNumOrders(500),), (Sor("BTC", ("BTCUSDT", "BTCUSDC")),), "YYY", SCALE // 2)
    world.apply(ConfigureVenue(rules.to_spec()))
    world.apply(
        ConfigureAccount(
            BOB,
            pays_with_discount_asset=True,
            prevents_sor=True,
            trade_group=7,
            permissions=("SPOT", "X"),
            asset_limits=(("BTC", units("900")),),
        )
    )
    world.apply(ConfigureAccount(ALICE, trade_group=7))
    for number in range(5):
        world.buy(ALICE, "1", "10", cid=f"a{number}")
        world.buy(BOB, "2", "10")
        world.buy(CROWD, "3", f"{9 - number}")
        world.sell(BOB, "1", f"{11 + number}")
    world.now += 3 * SECOND
    world.sell(CROWD, "1.5", "10")
    world.now += 3 * SECOND
    world.sell(ALICE, "3", "9")
    world.apply(Deposit(ALICE, "YYY", 5))
    world.apply(LockBalance(ALICE, "YYY", 4))
    world.apply(LockBalance(BOB, "USDT", units("2")))
    world.apply(LockBalance(BOB, "BTC", units("1")))
    crowd_it(world)
    return world


def crowd_it(world: World) -> None:
    """Let everything wait, rest and pend that can."""

    def do(*rows: str) -> None:
        for row in rows:
            assert reason(place(world, row)) is None, row

    # a prevented match; then a market that rises to 15, falls to 13 and rises a little, with trailing orders on its way
    do("bob sell 0.5 @ 10 stp DECREMENT", "crowd buy 5 @ 15", "alice sell 1 STOP trail 2000 as high")
    do("crowd sell 1 @ 14", "crowd buy 1 @ 14", "alice sell 1 STOP trail 2500 as mid")
    do("crowd sell 1 @ 13", "crowd buy 1 @ 13", "bob sell 1 STOP trail 2000 as low", "alice buy 1 STOP trail 5000 as rise")
    do("crowd sell 1 @ 13.5", "crowd buy 1 @ 13.5", "crowd buy 1 STOP trail 5000 as rise2")
    # stop prices, several of them the same, one of which is where trailing begins; one order that was never shown a trade
    do("alice sell 1 STOP 5", "crowd sell 1 @ 4 STOP 5 IOC", "alice buy 1 @ 30 STOP 25", "crowd buy 1 STOP 25")
    do("alice buy 1 TAKE 6 trail 500 as later", "alice buy 0.01 STOP trail 100 on ETHBTC as unseen")
    # an amended iceberg, pegged orders, one that is filled in part
    do("alice sell 9 @ 21 ice 2 as ice", "alice buy 2 peg PRIMARY as pegged", "alice sell 1 STOP 4 peg PRIMARY as pegging")
    do("alice buy 3 @ 12.5 as part", "crowd sell 1 @ 12.5")
    world.now += SECOND
    amend(world, ALICE, "ice", "6", "ice")
    lists = (
        ("OCO as oco", "alice sell 2 STOP 6", "alice sell 2 @ 22 MAKER"),
        ("OTO as oto", "alice buy 2 @ 6", "alice sell 2 @ 30"),
        ("OTOCO as otoco", "crowd buy 2 @ 6", "crowd sell 2 STOP 3", "crowd sell 2 @ 22 MAKER"),
        ("OPO as opo", "alice buy 2 @ 12.6", "alice sell 0 @ 30"),
        ("OPOCO as opoco", "alice buy 2 @ 6", "alice sell 0 STOP trail 500", "alice sell 0 @ 30 MAKER"),
        ("OTO as second", "alice buy 1 @ 12.7", "alice sell 1 @ 31"),
    )
    for head, *legs in lists:
        assert reason(place_list(world, head, *legs)) is None, head
    # the last list enters its second phase, the OPO receives a part
    do("crowd sell 1 @ 12.7", "crowd sell 1 @ 12.6")
    # a trade on the other book, and an allocation of it
    do("crowd sell 2 @ 20 on BTCUSDC", "crowd buy 1 @ 20 on BTCUSDC", "alice buy 1 @ 20 sor")
    world.apply(SetReferencePrice("ETHBTC", 5, 6))
    world.apply(PrintBlockTrade("BTCUSDT", ALICE, BOB, units("10"), units("1")))


def test_what_is_decoded_encodes_to_the_same_bytes() -> None:
    exchange = rich_world().exchange
    data = encode(exchange)
    again = decode(data)
    assert encode(again) == data
    assert state_hash(again) == state_hash(exchange)
    again.check_invariants()
    assert list(again.markets) == list(exchange.markets)
    assert list(again.assets) == list(exchange.assets)
    assert list(again.accounts.keys) == ["key b", "key a"]
    for number, account in exchange.accounts.by_id.items():
        restored = again.accounts.by_id[number]
        assert list(restored.open_orders) == list(account.open_orders)
        names = {name: order.order_id for name, order in restored.client_order_ids.items()}
        assert names == {name: order.order_id for name, order in account.client_order_ids.items()}
        assert restored.open_counts == {symbol: count for symbol, count in account.open_counts.items() if count}
        assert again.accounts.by_name[account.name] is again.accounts.by_uid[account.uid] is restored


def test_an_empty_exchange_is_a_state_too() -> None:
    assert encode(decode(encode(Exchange()))) == encode(Exchange())


def test_lists_and_who_waits_survive() -> None:
    exchange = rich_world().exchange
    again = decode(encode(exchange))
    assert [one.record() for one in again.venue.order_lists.values()] == [
        one.record() for one in exchange.venue.order_lists.values()
    ]
    assert {one.record().kind for one in again.venue.order_lists.values()} == set(ListKind)
    for order_list in again.venue.order_lists.values():
        account = again.accounts.by_id[order_list.account]
        assert account.open_lists[order_list.order_list_id] is order_list
        assert account.list_client_order_ids[order_list.list_client_order_id] is order_list
        for member in order_list.orders:
            assert member.order_list is order_list
            if member.status in OPEN_STATUSES:
                assert again.markets[order_list.symbol].orders[member.order_id] is member
    for name, market in exchange.markets.items():
        assert again.markets[name].triggers.state() == market.triggers.state()
        records = [market.orders[order_id].record() for order_id in sorted(market.orders)]
        assert [again.markets[name].orders[order_id].record() for order_id in sorted(market.orders)] == records
    assert len({extreme for _, extreme in exchange.markets["BTCUSDT"].triggers.state()}) > 3
    assert again.venue.rules == exchange.venue.rules


def on(world: World, number: int) -> Command:
    """Return the next thing that happens to a rich world: orders near and far, cancels, amendments."""
    draw = Random(number)
    account, symbol = draw.choice((ALICE, BOB, CROWD)), draw.choice(("BTCUSDT", "BTCUSDT", "BTCUSDC"))
    market = world.exchange.markets[symbol]
    dice = draw.randrange(10)
    if dice < 2 and market.orders:
        one = draw.choice(list(market.orders.values()))
        if dice:
            return CancelOrder(one.terms.account, symbol, one.order_id)
        return AmendOrder(one.terms.account, symbol, one.order_id, max(1, one.quantity - units("0.5")))
    who = {ALICE: "alice", BOB: "bob", CROWD: "crowd"}[account]
    price = draw.choice((4, 6, 9, 12, 13, 18, 20, 22, 26, 31))
    side, quantity = draw.choice(("buy", "sell")), draw.choice((0.5, 1, 3))
    kind = draw.choice(("", "", "IOC", "FOK", "ice 0.5", "stp DECREMENT", "stp EXPIRE_MAKER", "stp TRANSFER"))
    return order(world, f"{who} {side} {quantity} @ {price} {kind} on {symbol}")


@pytest.mark.parametrize("seed", range(6))
def test_a_restored_world_with_everything_in_it_goes_on_identically(seed: int) -> None:
    world = rich_world()
    again = decode(encode(world.exchange))
    for number in range(seed * 1_000, seed * 1_000 + 80):
        world.now += SECOND // 3
        applied = world.apply(on(world, number))
        assert msgpack.encode(again.apply(world.entries[-1])) == msgpack.encode(applied)
        world.exchange.check_invariants()
    assert encode(again) == encode(world.exchange)
    # nearly everything that waited has happened by then
    waiting = sum(len(market.triggers.waiting) for market in world.exchange.markets.values())
    assert waiting < 10


def test_the_queues_survive() -> None:
    exchange = rich_world().exchange
    again = decode(encode(exchange))
    bids, asks = queues(exchange, "BTCUSDT")
    assert queues(again, "BTCUSDT") == (bids, asks)
    assert max(len(queue) for _, queue in bids) > 5, "a queue worth the name"
    assert len(asks) > 2
    assert again.markets["BTCUSDT"].book.update_id == exchange.markets["BTCUSDT"].book.update_id
    assert again.markets["BTCUSDT"].book.changes == []


def test_a_restored_exchange_goes_on_as_if_nothing_had_happened() -> None:
    duel = Duel()
    for part in range(12):
        drive(duel, part, 25)
        # from here on the duel also feeds an exchange restored from this point, and compares its events
        duel.checkpoint()
    drive(duel, 99, 200)
    duel.finish()


def mutate_order(exchange: Exchange) -> None:
    order = next(iter(exchange.markets["BTCUSDT"].orders.values()))
    order.updated_at += 1


def mutate_allowance(exchange: Exchange) -> None:
    exchange.allowances[ALICE].day_count += 1


def mutate_issued(exchange: Exchange) -> None:
    exchange.ledger.issue(exchange.accounts.by_id[ALICE], "BTC", 1)


def mutate_collected(exchange: Exchange) -> None:
    exchange.accounts.by_id[ALICE].balances["BTC"].free -= 1
    exchange.ledger.collected["BTC"] = exchange.ledger.collected.get("BTC", 0) + 1


def mutate_balance(exchange: Exchange) -> None:
    exchange.accounts.by_id[ALICE].balances["BTC"].free -= 1
    exchange.accounts.by_id[BOB].balances["BTC"].free += 1


def mutate_lock(exchange: Exchange) -> None:
    """Let somebody outside have locked what nobody had."""
    lock(exchange.accounts.by_id[BOB], "BTC", 1)


def mutate_queue(exchange: Exchange) -> None:
    book = exchange.markets["BTCUSDT"].book
    head = max(book.bids.levels.values(), key=lambda level: level.count).head
    assert head is not None
    update_id = book.update_id
    book.remove(head)
    book.rest(head)
    book.update_id = update_id


def named(exchange: Exchange, name: str) -> Order:
    """Return the open order of that client order id."""
    return next(order for order in exchange.markets["BTCUSDT"].orders.values() if order.terms.client_order_id == name)


def mutate_reserve(exchange: Exchange) -> None:
    """Let an iceberg show a unit more of what it has."""
    order = named(exchange, "ice")
    assert order.level is not None
    assert order.reserve
    order.reserve -= 1
    order.level.hidden -= 1
    order.leaves += 1
    order.level.quantity += 1


def mutate_extreme(exchange: Exchange) -> None:
    """Show the market's highest price to those who trail, and the last price after it."""
    triggers = exchange.markets["BTCUSDT"].triggers
    order = named(exchange, "low")
    before = dict(triggers.state())[order.order_id]
    triggers._highest.trade(before + 1)
    assert dict(triggers.state())[order.order_id] == before + 1


def mutate_order_of(orders: dict[Any, Order]) -> None:
    """Let the first of them be the last."""
    first = next(iter(orders))
    orders[first] = orders.pop(first)


def ended_member(exchange: Exchange) -> Order:
    """Return a member of an open list that is not open itself."""
    members = (order for order_list in exchange.venue.order_lists.values() for order in order_list.orders)
    return next(order for order in members if order.status not in OPEN_STATUSES)


CHANGES: dict[str, Callable[[Exchange], object]] = {
    "epoch": lambda e: setattr(e, "epoch", 9),
    "limits": lambda e: setattr(e, "limits_enabled", True),
    "listing": lambda e: setattr(e, "listing_version", 99),
    "assets": lambda e: e.assets.update({"NEW": None}),
    "issued": mutate_issued,
    "collected": mutate_collected,
    "status": lambda e: setattr(e.markets["ZZZ"], "status", SymbolStatus.BREAK),
    "last price": lambda e: setattr(e.markets["BTCUSDT"], "last_price", 9),
    "last quantity": lambda e: setattr(e.markets["BTCUSDT"], "last_quantity", 9),
    "last time": lambda e: setattr(e.markets["BTCUSDT"], "last_at", 9),
    "order ids": lambda e: setattr(e.markets["BTCUSDT"], "next_order_id", 999),
    "trade ids": lambda e: setattr(e.markets["BTCUSDT"], "next_trade_id", 999),
    "execution ids": lambda e: setattr(e.markets["BTCUSDT"], "next_exec_id", 999),
    "update ids": lambda e: setattr(e.markets["BTCUSDT"].book, "update_id", 999),
    "averages": lambda e: e.markets["BTCUSDT"].averages[0].buckets[0].__setitem__(1, 9),
    "queue": mutate_queue,
    "order": mutate_order,
    "balance": mutate_balance,
    "external lock": mutate_lock,
    "prevented match ids": lambda e: setattr(e.markets["BTCUSDT"], "next_prevented_match_id", 999),
    "allocation ids": lambda e: setattr(e.markets["BTCUSDT"], "next_allocation_id", 999),
    "block trade ids": lambda e: setattr(e.markets["BTCUSDT"], "next_block_trade_id", 999),
    "list ids": lambda e: setattr(e.venue, "next_order_list_id", 999),
    "rules": lambda e: e.venue.set_rules(VenueRules()),
    "rates": lambda e: setattr(e.accounts.by_id[BOB], "rates", Rates()),
    "special rates": lambda e: setattr(e.accounts.by_id[BOB], "rates", Rates((1_000, 2_000, 3_000, 4_000), (0, 0, 0, 1))),
    "rates of a symbol": lambda e: e.accounts.by_id[BOB].symbol_rates.update({"ETHBTC": Rates()}),
    "may trade": lambda e: setattr(e.accounts.by_id[BOB], "can_trade", False),
    "pays with the discount asset": lambda e: setattr(e.accounts.by_id[ALICE], "pays_with_discount_asset", True),
    "prevents routing": lambda e: setattr(e.accounts.by_id[ALICE], "prevents_sor", True),
    "trade group": lambda e: setattr(e.accounts.by_id[BOB], "trade_group", 8),
    "permissions": lambda e: setattr(e.accounts.by_id[BOB], "permissions", ("SPOT",)),
    "asset limits": lambda e: e.accounts.by_id[BOB].asset_limits.update({"BTC": 1}),
    "mean price": lambda e: e.markets["BTCUSDC"].reference.buckets[0].__setitem__(2, 9),  # type: ignore[union-attr]
    "external price": lambda e: setattr(e.markets["ETHBTC"].reference, "price", 9),
    "no external price": lambda e: setattr(e.markets["ETHBTC"].reference, "price", None),
    "external method": lambda e: setattr(e.markets["ETHBTC"].reference, "calculation_id", 9),
    "external time": lambda e: setattr(e.markets["ETHBTC"].reference, "set_at", 9),
    "hidden part": mutate_reserve,
    "price of a pegged order": lambda e: setattr(named(e, "pegging"), "price", 9),
    "amendments": lambda e: setattr(named(e, "ice"), "amends", 9),
    "terms": lambda e: setattr(named(e, "ice"), "terms", replace(named(e, "ice").terms, strategy_id=9)),
    "extras": lambda e: setattr(named(e, "ice"), "extras", OrderExtras(pegged_price=9)),
    "what a trailing order has seen": mutate_extreme,
    "the order of waiting": lambda e: mutate_order_of(e.markets["BTCUSDT"].triggers.waiting),
    "the order of placing": lambda e: mutate_order_of(e.accounts.by_id[ALICE].open_orders),
    "a list's phase": lambda e: setattr(e.venue.order_lists[0], "phase", Phase.ONE),
    "a list's time": lambda e: setattr(e.venue.order_lists[0], "updated_at", 9),
    "a pending order": lambda e: setattr(e.venue.order_lists[1].orders[1], "updated_at", 9),
    "a member that has ended": lambda e: setattr(ended_member(e), "updated_at", 9),
    "account time": lambda e: setattr(e.accounts.by_id[BOB], "updated_at", 9),
    "allowance": mutate_allowance,
    "no allowance": lambda e: e.allowances.pop(ALICE),
    "new allowance": lambda e: e.allowances.update({CROWD: Allowance()}),
    "key": lambda e: e.accounts.keys.pop("key a"),
    "options": lambda e: setattr(e.options, "shortfall", 9),
    "staged": lambda e: e.staged.update(clock=b"held"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_hash_tells_any_two_states_apart(change: str) -> None:
    exchange = rich_world().exchange
    before = state_hash(exchange)
    CHANGES[change](exchange)
    assert state_hash(exchange) != before
    again = decode(encode(exchange))
    assert state_hash(again) == state_hash(exchange)


# the format is the code's own; the rest says which record it is, and never changes
LASTING = [
    "_AccountState.kind",
    "_AccountState.name",
    "_AccountState.uid",
    "_ListState.account",
    "_ListState.created_at",
    "_ListState.kind",
    "_ListState.list_client_order_id",
    "_ListState.order_list_id",
    "_ListState.symbol",
    "_MarketState.symbol",
    "_State.format",
]


def differences(one: object, other: object) -> set[str]:
    """Return which fields of which records differ, however deep they lie."""
    if isinstance(one, Struct) and type(one) is type(other):
        found = set()
        for name in one.__struct_fields__:
            values = getattr(one, name), getattr(other, name)
            if values[0] != values[1]:
                found |= {f"{type(one).__name__}.{name}"} | differences(*values)
        return found
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return set().union(*(differences(*pair) for pair in zip(one, other, strict=False)))
    return set()


def test_every_field_of_the_state_is_changed_by_one_of_them() -> None:
    found: set[str] = set()
    for change in CHANGES.values():
        exchange = rich_world().exchange
        before = msgpack.decode(encode(exchange), type=_State)
        change(exchange)
        found |= differences(before, msgpack.decode(encode(exchange), type=_State))
    records: tuple[type[Struct], ...] = (_State, _MarketState, _OrderState, _ListState, _AccountState)
    fields = {f"{record.__name__}.{name}" for record in records for name in record.__struct_fields__}
    assert sorted(fields - found) == LASTING


IMPOSSIBLE: dict[str, Callable[[Exchange], object]] = {
    "money from nowhere": lambda e: e.ledger.issued.update({"BTC": 1}),
    "money gone": lambda e: setattr(e.accounts.by_id[BOB].balances["BTC"], "free", 9),
    "held for nothing": lambda e: hold(e.accounts.by_id[BOB].balances["BTC"], 1),
    "locked without being held": lambda e: e.accounts.by_id[BOB].external_locks.update({"USDT": 9}),
    "held without being locked": lambda e: e.accounts.by_id[BOB].external_locks.pop("USDT"),
    "a lock of nothing": lambda e: e.accounts.by_id[BOB].external_locks.update({"YYY": 0}),
    "a lock on what is not there": lambda e: e.accounts.by_id[BOB].external_locks.update({"YYY": 1}),
    "overfilled": lambda e: setattr(next(iter(e.markets["BTCUSDT"].orders.values())), "cum_quantity", units("5")),
}


@pytest.mark.parametrize("change", IMPOSSIBLE)
def test_a_state_that_cannot_be_is_refused(change: str) -> None:
    exchange = rich_world().exchange
    IMPOSSIBLE[change](exchange)
    with pytest.raises(ValidationError):
        decode(encode(exchange))


def test_external_locks_survive() -> None:
    exchange = rich_world().exchange
    again = decode(encode(exchange))
    assert [account.external_locks for account in again.accounts.by_id.values()] == [
        {"YYY": 4},
        {"BTC": units("1"), "USDT": units("2")},
        {},
    ]


def test_equal_states_have_equal_bytes_however_they_came_about() -> None:
    one, two = World(), World()
    for world, assets in ((one, ("BTC", "USDT")), (two, ("USDT", "BTC"))):
        for asset in assets:
            world.apply(Deposit(ALICE, asset, units("1")))
            world.apply(LockBalance(ALICE, asset, units("1")))
    assert encode(one.exchange) == encode(two.exchange)


def test_the_average_price_goes_on() -> None:
    world = rich_world()
    again = decode(encode(world.exchange))
    for later in (0, 2 * SECOND, 297 * SECOND, 298 * SECOND, 301 * SECOND, 900 * SECOND):
        at = world.now + later
        assert again.markets["BTCUSDT"].average_price(at) == world.exchange.markets["BTCUSDT"].average_price(at)


# ---- damage


def test_bytes_that_end_too_early_are_refused() -> None:
    data = encode(rich_world().exchange)
    for length in (*range(0, len(data), 17), len(data) - 1):
        with pytest.raises((DecodeError, ValidationError)):
            decode(data[:length])


def test_bytes_that_go_on_are_refused() -> None:
    with pytest.raises((DecodeError, ValidationError)):
        decode(encode(Exchange()) + b"\x00")


def test_another_format_is_refused() -> None:
    state: list[object] = msgpack.decode(encode(rich_world().exchange))
    for other in (1, FORMAT - 1, FORMAT + 1):
        # whatever the rest of it looks like
        for rest in (state[1:], state[1:-1], state[:0]):
            with pytest.raises(ValidationError, match=f"the state has format {other}, and this papernet reads format {FORMAT}"):
                decode(msgpack.encode([other, *rest]))


DATA = encode(rich_world().exchange)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_damage_is_refused_in_the_promised_way_or_gives_a_state(place: int, bits: int) -> None:
    """No checksum stands in these bytes (the file around them has it): damage may decode, but may not crash."""
    damaged = DATA[:place] + bytes((DATA[place] ^ bits,)) + DATA[place + 1 :]
    try:
        state = decode(damaged)
    except (DecodeError, ValidationError):
        return
    assert isinstance(encode(state), bytes)


def test_records_that_do_not_fit_together_are_refused() -> None:
    """A state that decodes but cannot be is refused like one that does not decode."""
    state = msgpack.decode(DATA)
    accounts, place_of_orders = state[11], 12
    assert accounts[0][place_of_orders][0] == ["BTCUSDT", 9]
    for orders in ([["NOSUCH", 1]], [["BTCUSDT", 10**9]]):
        accounts[0][place_of_orders] = orders
        with pytest.raises((DecodeError, ValidationError)):
            decode(msgpack.encode(state))


def test_lists_that_do_not_fit_their_market_are_refused() -> None:
    state = msgpack.decode(DATA)
    order_list = state[10][0]
    assert order_list[2] == "BTCUSDT"
    order_list[2] = "NOSUCH"
    with pytest.raises((DecodeError, ValidationError)):
        decode(msgpack.encode(state))


@pytest.mark.parametrize("began", [True, False])
def test_an_order_that_trails_has_a_best_price_and_no_other_has(began: bool) -> None:
    """What an order says of itself and what the room of those who wait knows of it must agree."""
    state = msgpack.decode(DATA)
    (waiting,) = (market[9] for market in state[9] if market[0]["name"] == "BTCUSDT")
    row = next(row for row in waiting if bool(row[1]) is began)
    row[1] = 0 if began else 10**9
    with pytest.raises((DecodeError, ValidationError)):
        decode(msgpack.encode(state))


def test_entries_and_states_are_not_mistaken_for_each_other() -> None:
    with pytest.raises((DecodeError, ValidationError)):
        decode(msgpack.encode(Entry(1, 1, SetLimits(enabled=True))))
