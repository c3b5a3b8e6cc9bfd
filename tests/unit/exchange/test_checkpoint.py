"""The state as bytes: whole, the same for the same state, and refused when damaged."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import DecodeError, ValidationError, msgpack

from papernet.core.commands import Deposit, Entry, RegisterKey, SeedCandles, SetCommission, SetLimits, SetSymbolStatus
from papernet.core.enums import KeyType, Permission, SymbolStatus
from papernet.core.ledger import hold
from papernet.exchange.allowances import Allowance
from papernet.exchange.checkpoint import FORMAT, decode, encode, state_hash
from papernet.exchange.machine import Exchange
from tests.support.busy import drive
from tests.support.duel import Duel
from tests.support.worlds import ALICE, BOB, CROWD, SECOND, World, coarse_symbol, fine_symbol, make_symbol, queues, units


def rich_world() -> World:
    """Return a world in which every part of the state holds something."""
    world = World(coarse_symbol(), fine_symbol(), make_symbol(name="ZZZ", base="YYY", quote="AAA"))
    world.apply(RegisterKey(BOB, "key b", KeyType.HMAC, "secret", (Permission.TRADE, Permission.USER_DATA), ("::1",), "label"))
    world.apply(RegisterKey(ALICE, "key a", KeyType.ED25519, "pem", ()))
    world.apply(SetCommission(BOB, 1_000, 2_000, 3_000, 4_000))
    world.apply(SetSymbolStatus("ZZZ", SymbolStatus.HALT))
    world.apply(SeedCandles("ZZZ", ((0, 1, 4, 1, 3, 7, 20, 2, 3, 9),)))
    world.apply(SetLimits(enabled=False))
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
    return world


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
        assert list(restored.client_order_ids) == list(account.client_order_ids)
        assert restored.open_counts == {symbol: count for symbol, count in account.open_counts.items() if count}
        assert again.accounts.by_name[account.name] is again.accounts.by_uid[account.uid] is restored


def test_an_empty_exchange_is_a_state_too() -> None:
    assert encode(decode(encode(Exchange()))) == encode(Exchange())


def test_the_queues_survive() -> None:
    exchange = rich_world().exchange
    again = decode(encode(exchange))
    bids, asks = queues(exchange, "BTCUSDT")
    assert queues(again, "BTCUSDT") == (bids, asks)
    assert len(bids[0][1]) > 5, "a queue worth the name"
    assert len(asks) == 5
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


def mutate_queue(exchange: Exchange) -> None:
    book = exchange.markets["BTCUSDT"].book
    level = book.bids.best()
    assert level is not None
    assert level.head is not None
    head = level.head
    update_id = book.update_id
    book.remove(head)
    book.rest(head)
    book.update_id = update_id


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
    "rate": lambda e: setattr(e.accounts.by_id[BOB], "seller_rate", 9),
    "account time": lambda e: setattr(e.accounts.by_id[BOB], "updated_at", 9),
    "allowance": mutate_allowance,
    "no allowance": lambda e: e.allowances.pop(ALICE),
    "new allowance": lambda e: e.allowances.update({CROWD: Allowance()}),
    "key": lambda e: e.accounts.keys.pop("key a"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_hash_tells_any_two_states_apart(change: str) -> None:
    exchange = rich_world().exchange
    before = state_hash(exchange)
    CHANGES[change](exchange)
    assert state_hash(exchange) != before
    again = decode(encode(exchange))
    assert state_hash(again) == state_hash(exchange)


IMPOSSIBLE: dict[str, Callable[[Exchange], object]] = {
    "money from nowhere": lambda e: e.ledger.issued.update({"BTC": 1}),
    "money gone": lambda e: setattr(e.accounts.by_id[BOB].balances["BTC"], "free", 9),
    "held for nothing": lambda e: hold(e.accounts.by_id[BOB].balances["BTC"], 1),
    "overfilled": lambda e: setattr(next(iter(e.markets["BTCUSDT"].orders.values())), "cum_quantity", units("5")),
}


@pytest.mark.parametrize("change", IMPOSSIBLE)
def test_a_state_that_cannot_be_is_refused(change: str) -> None:
    exchange = rich_world().exchange
    IMPOSSIBLE[change](exchange)
    with pytest.raises(ValidationError):
        decode(encode(exchange))


def test_equal_states_have_equal_bytes_however_they_came_about() -> None:
    one, two = World(), World()
    for world, assets in ((one, ("BTC", "USDT")), (two, ("USDT", "BTC"))):
        for asset in assets:
            world.apply(Deposit(ALICE, asset, units("1")))
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
    state = msgpack.decode(encode(rich_world().exchange))
    state[0] = FORMAT + 1
    with pytest.raises((DecodeError, ValidationError)):
        decode(msgpack.encode(state))


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
    accounts = state[8]
    for orders in ([["NOSUCH", 1]], [["BTCUSDT", 10**9]]):
        accounts[0][6] = orders
        with pytest.raises((DecodeError, ValidationError)):
            decode(msgpack.encode(state))


def test_entries_and_states_are_not_mistaken_for_each_other() -> None:
    with pytest.raises((DecodeError, ValidationError)):
        decode(msgpack.encode(Entry(1, 1, SetLimits(enabled=True))))
