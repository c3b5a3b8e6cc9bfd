"""The commands of whoever runs the exchange: their guards, what they tell, and what they leave as it was."""

import pytest
from msgspec.structs import replace

from papernet.core.account import Rates
from papernet.core.commands import (
    Command,
    ConfigureAccount,
    ConfigureVenue,
    Deposit,
    ListSymbol,
    LockBalance,
    OpenAccount,
    PrintBlockTrade,
    RegisterKey,
    Reset,
    RevokeKey,
    SeedCandles,
    SetCommission,
    SetLimits,
    SetReferencePrice,
    SetSymbolStatus,
    Stage,
)
from papernet.core.enums import (
    AccountKind,
    KeyType,
    Permission,
    SymbolStatus,
)
from papernet.core.events import (
    AccountOpened,
    AccountUpdate,
    BalanceChanged,
    CandlesSeeded,
    ExternalLock,
    KeyRegistered,
    KeyRevoked,
    ReferencePriceChanged,
    SettingChanged,
    Staged,
    SymbolListed,
    SymbolStatusChanged,
    WorldReset,
)
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.exchange.checkpoint import decode, encode
from papernet.venues.spot.reference_price import ExternalPrice
from papernet.venues.spot.symbols import ArithmeticMeanSpec, MaxPosition
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrders, Sor, VenueRules
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    NOBODY,
    SECOND,
    World,
    coarse_symbol,
    make_symbol,
    reason,
    refusal,
    reports,
    units,
)

KEY = RegisterKey(ALICE, "key", KeyType.HMAC, "secret", (Permission.TRADE,))
FULL = (SCALE // 3, SCALE // 3, SCALE // 3, SCALE // 3)
SOR = Sor("BTC", ("BTCUSDT", "NOSUCH"))


def rules(**changes: object) -> ConfigureVenue:
    """Return the command that sets the venue's rules."""
    return ConfigureVenue(VenueRules(**changes).to_spec())  # type: ignore[arg-type]


# commands on a fresh world, of ALICE, BOB and their key "key", with the refusals that they meet; within a kind of command
# with more and more of their faults repaired
SINGLE: list[tuple[Command, Reject]] = [
    (ListSymbol(coarse_symbol().to_spec()), Reject(Reason.DUPLICATE_SYMBOL, ("BTCUSDT",))),
    (SetSymbolStatus("NOSUCH", SymbolStatus.HALT), Reject(Reason.UNKNOWN_SYMBOL)),
    (SeedCandles("NOSUCH", ()), Reject(Reason.UNKNOWN_SYMBOL)),
    (OpenAccount("alice", 1_001, AccountKind.USER, (("BTC", -1),)), Reject(Reason.DUPLICATE_ACCOUNT, ("alice",))),
    (OpenAccount("dora", 1_001, AccountKind.USER), Reject(Reason.DUPLICATE_ACCOUNT, ("dora",))),
    (OpenAccount("dora", 5, AccountKind.USER, (("BTC", -1),)), Reject(Reason.BAD_AMOUNT)),
    (OpenAccount("dora", 5, AccountKind.USER, (("BTC", AMOUNT_MAX + 1),)), Reject(Reason.BAD_AMOUNT)),
    (Deposit(NOBODY, "NOSUCH", 0), Reject(Reason.UNKNOWN_ACCOUNT)),
    (Deposit(ALICE, "NOSUCH", 0), Reject(Reason.UNKNOWN_ASSET, ("NOSUCH",))),
    (Deposit(ALICE, "BTC", 0), Reject(Reason.BAD_AMOUNT)),
    (Deposit(ALICE, "BTC", AMOUNT_MAX), Reject(Reason.BAD_AMOUNT)),
    (Deposit(ALICE, "BTC", -units("1000") - 1), Reject(Reason.INSUFFICIENT_BALANCE)),
    (LockBalance(NOBODY, "NOSUCH", 0), Reject(Reason.UNKNOWN_ACCOUNT)),
    (LockBalance(ALICE, "NOSUCH", 0), Reject(Reason.UNKNOWN_ASSET, ("NOSUCH",))),
    (LockBalance(ALICE, "BTC", 0), Reject(Reason.BAD_AMOUNT)),
    (LockBalance(ALICE, "BTC", units("1000") + 1), Reject(Reason.BAD_AMOUNT)),
    (LockBalance(ALICE, "BTC", -1), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(NOBODY, -1, 0, 0, 0, "NOSUCH"), Reject(Reason.UNKNOWN_ACCOUNT)),
    (SetCommission(ALICE, -1, 0, 0, 0, "NOSUCH"), Reject(Reason.UNKNOWN_SYMBOL)),
    (SetCommission(ALICE, -1, 0), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, 0, 0, 0, -1), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, 0, 0, 0, 0, "", (0, -1, 0, 0)), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, 0, 0, 0, 0, "", (0, 0, 0, 0), (0, 0, -1, 0)), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, 0, SCALE, 0, 1), Reject(Reason.BAD_AMOUNT)),
    (SetCommission(ALICE, SCALE, 0, 1, 0), Reject(Reason.BAD_AMOUNT)),
    # two thirds and two thirds of the received amount
    (SetCommission(ALICE, 0, 0, 0, 0, "BTCUSDT", FULL, FULL), Reject(Reason.BAD_AMOUNT)),
    (ConfigureAccount(NOBODY, trade_group=-2), Reject(Reason.UNKNOWN_ACCOUNT)),
    (ConfigureAccount(ALICE, trade_group=-2), Reject(Reason.BAD_AMOUNT)),
    (ConfigureAccount(ALICE, asset_limits=(("BTC", -1),)), Reject(Reason.BAD_AMOUNT)),
    (ConfigureAccount(ALICE, can_trade=False, asset_limits=(("NOSUCH", 1),)), Reject(Reason.UNKNOWN_ASSET, ("NOSUCH",))),
    (rules(sors=(SOR,)), Reject(Reason.UNKNOWN_SYMBOL)),
    (
        rules(sors=(Sor("ETH", ("BTCUSDT", "CLOSED")),)),
        Reject(Reason.BAD_VENUE_RULES, ("sors: BTCUSDT is not a market of ETH",)),
    ),
    (SetReferencePrice("NOSUCH", 0), Reject(Reason.UNKNOWN_SYMBOL)),
    (SetReferencePrice("BTCUSDT", 0), Reject(Reason.BAD_AMOUNT)),
    (PrintBlockTrade("NOSUCH", NOBODY, ALICE, 0, 0), Reject(Reason.UNKNOWN_SYMBOL)),
    (PrintBlockTrade("BTCUSDT", NOBODY, ALICE, 0, 0), Reject(Reason.UNKNOWN_ACCOUNT)),
    (PrintBlockTrade("BTCUSDT", ALICE, NOBODY, 0, 0), Reject(Reason.UNKNOWN_ACCOUNT)),
    (PrintBlockTrade("BTCUSDT", ALICE, ALICE, SCALE, SCALE), Reject(Reason.BAD_AMOUNT)),
    (PrintBlockTrade("BTCUSDT", ALICE, BOB, 0, SCALE), Reject(Reason.BAD_AMOUNT)),
    (PrintBlockTrade("BTCUSDT", ALICE, BOB, SCALE, -1), Reject(Reason.BAD_AMOUNT)),
    (PrintBlockTrade("BTCUSDT", ALICE, BOB, SCALE - 1, 1), Reject(Reason.BAD_AMOUNT)),
    (PrintBlockTrade("BTCUSDT", ALICE, BOB, SCALE, units("1000") + 1), Reject(Reason.INSUFFICIENT_BALANCE)),
    (PrintBlockTrade("BTCUSDT", ALICE, BOB, units("100000") + 1, SCALE), Reject(Reason.INSUFFICIENT_BALANCE)),
    (replace(KEY, account=NOBODY), Reject(Reason.UNKNOWN_ACCOUNT)),
    (replace(KEY, account=BOB), Reject(Reason.DUPLICATE_KEY)),
    (RevokeKey("other"), Reject(Reason.UNKNOWN_KEY)),
    (Reset((("BTC", -1),)), Reject(Reason.BAD_AMOUNT)),
]
# what is told with words of its own, or after a trade
BY_ITSELF = {
    Reason.BAD_SYMBOL_SPEC: "test_a_bad_spec_is_refused_with_what_is_bad_about_it",
    Reason.MARKET_HAS_TRADED: "test_a_past_is_given_before_anything_happened_or_not_at_all",
}


def small_world() -> World:
    """Return the world that the single commands are refused by."""
    world = World(coarse_symbol(), make_symbol(name="CLOSED", status=SymbolStatus.BREAK))
    world.apply(KEY)
    return world


@pytest.mark.parametrize(("command", "expected"), SINGLE, ids=lambda value: type(value).__name__)
def test_single_refusals(command: Command, expected: Reject) -> None:
    assert refusal(small_world().apply(command)) == expected


def test_every_reason_to_refuse_an_administrator_is_met() -> None:
    met = {reject.reason for _, reject in SINGLE} | set(BY_ITSELF)
    assert {reason for reason in Reason if Reason.UNKNOWN_ACCOUNT <= reason < Reason.UNKNOWN_CONTRACT} <= met
    assert all(test in globals() for test in BY_ITSELF.values())


def test_a_bad_spec_is_refused_with_what_is_bad_about_it() -> None:
    reject = refusal(World().apply(ListSymbol({"name": "X"})))
    assert reject is not None
    assert reject.reason is Reason.BAD_SYMBOL_SPEC
    assert "base_asset" in reject.args[0]


def test_bad_rules_are_refused_with_what_is_bad_about_them() -> None:
    reject = refusal(World().apply(ConfigureVenue({"discount_rate": SCALE + 1})))
    assert reject is not None
    assert reject.reason is Reason.BAD_VENUE_RULES
    assert "discount_rate" in reject.args[0]


@pytest.mark.parametrize(("command", "expected"), SINGLE, ids=lambda value: type(value).__name__)
def test_what_is_refused_changes_nothing(command: Command, expected: Reject) -> None:
    world = small_world()
    before = encode(world.exchange)
    assert refusal(world.apply(command)) == expected
    assert encode(world.exchange) == before


def test_a_deposit_refused_in_a_new_asset_changes_nothing() -> None:
    world = World(coarse_symbol(), make_symbol(name="XRPUSDT", base="XRP"))
    before = encode(world.exchange)
    for amount in (0, -1, AMOUNT_MAX + 1):
        assert reason(world.apply(Deposit(ALICE, "XRP", amount))) is not None
        assert encode(world.exchange) == before


# ---- control commands


def test_control_commands_tell_what_they_did() -> None:
    world = World()
    spec = make_symbol(name="ETHUSDT", base="ETH").to_spec()
    assert world.apply(ListSymbol(spec)).events == (SymbolListed("ETHUSDT"),)
    assert world.apply(SetSymbolStatus("ETHUSDT", SymbolStatus.HALT)).events == (
        SymbolStatusChanged("ETHUSDT", SymbolStatus.HALT),
    )
    assert world.apply(OpenAccount("dora", 77, AccountKind.USER, (("ETH", 5),))).events == (
        AccountOpened(4, "dora", 77, AccountKind.USER),
        BalanceChanged(4, world.now, "ETH", 5),
    )
    assert world.apply(Deposit(4, "ETH", -2)).events == (
        BalanceChanged(4, world.now, "ETH", -2),
        AccountUpdate(4, world.now, (("ETH", 3, 0),)),
    )
    assert world.balance(4, "ETH") == (3, 0)
    assert world.apply(SetCommission(4, 1, 2, 3, 4)).events == (SettingChanged(4),)
    account = world.exchange.accounts.by_id[4]
    assert account.rates == Rates((1, 2, 3, 4))
    assert world.apply(KEY).events == (KeyRegistered(KEY, world.now),)
    assert world.exchange.accounts.keys == {"key": KEY}
    assert world.apply(RevokeKey("key")).events == (KeyRevoked("key"),)
    assert world.exchange.accounts.keys == {}
    assert world.apply(SetLimits(enabled=False)).events == (SettingChanged(0),)
    assert not world.exchange.limits_enabled
    assert list(world.exchange.assets) == ["BTC", "USDT", "ETH"]


# ---- external locks


def test_part_of_a_balance_is_locked_and_unlocked_from_outside() -> None:
    world = World()
    account = world.exchange.accounts.by_id[ALICE]
    world.now += SECOND
    assert world.apply(LockBalance(ALICE, "BTC", units("400"))).events == (
        ExternalLock(ALICE, world.now, "BTC", units("400")),
        AccountUpdate(ALICE, world.now, (("BTC", units("600"), units("400")),)),
    )
    assert (world.balance(ALICE, "BTC"), account.external_locks) == ((units("600"), units("400")), {"BTC": units("400")})
    assert account.updated_at == world.now
    assert world.apply(LockBalance(ALICE, "BTC", -units("400"))).events == (
        ExternalLock(ALICE, world.now, "BTC", -units("400")),
        AccountUpdate(ALICE, world.now, (("BTC", units("1000"), 0),)),
    )
    assert (world.balance(ALICE, "BTC"), account.external_locks) == ((units("1000"), 0), {})
    world.exchange.check_invariants()


def test_a_lock_leaves_no_trace_once_it_is_undone() -> None:
    world = World()
    before = encode(world.exchange)
    world.apply(LockBalance(ALICE, "BTC", 5))
    assert encode(world.exchange) != before
    world.apply(LockBalance(ALICE, "BTC", -5))
    assert encode(world.exchange) == before


def test_balances_of_the_crowd_are_told_to_nobody() -> None:
    world = World()
    assert world.apply(LockBalance(CROWD, "BTC", 5)).events == (ExternalLock(CROWD, world.now, "BTC", 5),)
    assert world.balance(CROWD, "BTC") == (units("1000") - 5, 5)


def test_what_is_locked_from_outside_is_nobodys_to_use() -> None:
    world = World()
    world.apply(LockBalance(ALICE, "USDT", units("99990")))
    assert reason(world.buy(ALICE, "1.1", "10")) is Reason.INSUFFICIENT_BALANCE
    assert reason(world.apply(Deposit(ALICE, "USDT", -units("10") - 1))) is Reason.INSUFFICIENT_BALANCE
    block = PrintBlockTrade("BTCUSDT", ALICE, BOB, units("11"), units("1"))
    assert reason(world.apply(block)) is Reason.INSUFFICIENT_BALANCE
    assert reason(world.buy(ALICE, "1", "10")) is None
    assert reason(world.apply(LockBalance(ALICE, "USDT", 1))) is Reason.BAD_AMOUNT


def test_orders_neither_take_nor_release_what_is_locked_from_outside() -> None:
    world = World()
    world.apply(LockBalance(ALICE, "BTC", units("5")))
    world.sell(ALICE, "3", "10", cid="a")
    assert world.balance(ALICE, "BTC") == (units("992"), units("8"))
    world.buy(BOB, "1", "10")
    assert world.balance(ALICE, "BTC") == (units("992"), units("7"))
    # what an order holds is not for somebody outside to unlock
    assert reason(world.apply(LockBalance(ALICE, "BTC", -units("5") - 1))) is Reason.BAD_AMOUNT
    world.cancel(ALICE, orig="a")
    assert world.balance(ALICE, "BTC") == (units("994"), units("5"))
    assert reason(world.apply(LockBalance(ALICE, "BTC", -units("5") - 1))) is Reason.BAD_AMOUNT
    assert reason(world.apply(LockBalance(ALICE, "BTC", -units("5")))) is None
    assert world.balance(ALICE, "BTC") == (units("999"), 0)
    world.exchange.check_invariants()


def test_a_position_counts_what_is_locked_from_outside() -> None:
    """filters.md, MAX_POSITION: free and locked balance of the base asset."""
    world = World(make_symbol(MaxPosition(units("1001"))))
    world.apply(LockBalance(ALICE, "BTC", units("999")))
    assert refusal(world.buy(ALICE, "1.1", "10")) == Reject(Reason.FILTER_FAILURE, ("MAX_POSITION",))
    assert reason(world.buy(ALICE, "1", "10")) is None


def test_a_reset_takes_external_locks_away() -> None:
    world = World()
    world.apply(LockBalance(ALICE, "BTC", 5))
    events = world.apply(Reset((("BTC", 7),))).events
    assert events[:2] == (WorldReset(2, world.now), BalanceChanged(ALICE, world.now, "BTC", 7))
    assert (world.balance(ALICE, "BTC"), world.exchange.accounts.by_id[ALICE].external_locks) == ((7, 0), {})
    assert reason(world.apply(LockBalance(ALICE, "BTC", -1))) is Reason.BAD_AMOUNT
    world.exchange.check_invariants()


def test_rates_of_a_symbol_stand_beside_those_of_all() -> None:
    world = World()
    assert world.apply(SetCommission(BOB, 1, 2, 3, 4, "BTCUSDT", (5, 6, 7, 8), (9, 10, 11, 12))).events == (
        SettingChanged(BOB),
    )
    bob = world.exchange.accounts.by_id[BOB]
    assert bob.rates_of("BTCUSDT") == Rates((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12))
    assert bob.rates_of("ETHUSDT") == bob.rates == Rates()
    world.apply(SetCommission(BOB, 1, 1, 1, 1))
    assert bob.rates_of("BTCUSDT").standard == (1, 2, 3, 4)
    assert bob.rates_of("ETHUSDT") == Rates((1, 1, 1, 1))


def test_an_account_is_configured_all_at_once() -> None:
    world = World()
    account = world.exchange.accounts.by_id[BOB]
    limits = (("USDT", 5), ("BTC", 6))
    command = ConfigureAccount(
        BOB,
        can_trade=False,
        pays_with_discount_asset=True,
        prevents_sor=True,
        trade_group=9,
        permissions=("SPOT", "X"),
        asset_limits=limits,
    )
    assert world.apply(command).events == (SettingChanged(BOB),)
    assert (account.can_trade, account.pays_with_discount_asset, account.prevents_sor) == (False, True, True)
    assert (account.trade_group, account.permissions, account.asset_limits) == (9, ("SPOT", "X"), dict(limits))
    # what is not said again is as it was in the beginning
    world.apply(ConfigureAccount(BOB))
    assert (account.can_trade, account.pays_with_discount_asset, account.prevents_sor) == (True, False, False)
    assert (account.trade_group, account.permissions, account.asset_limits) == (-1, ("SPOT",), {})


def test_permissions_are_asked_for_at_every_order() -> None:
    world = World(make_symbol(permission_sets=(("A", "B"), ("C",))))
    for permissions, allowed in ((("A",), False), (("C", "A"), True), (("B", "C", "X"), True), (("SPOT",), False), ((), False)):
        world.apply(ConfigureAccount(ALICE, permissions=permissions))
        told = reason(world.buy(ALICE, "1", "10"))
        assert told is (None if allowed else Reason.SYMBOL_NOT_PERMITTED), permissions


def test_the_venues_rules_are_set_as_a_whole() -> None:
    world = World(coarse_symbol(), make_symbol(name="BTCUSDC", quote="USDC"))
    wanted = VenueRules((ExchangeMaxNumOrders(1),), (Sor("BTC", ("BTCUSDT", "BTCUSDC")),), "USDC", SCALE // 4)
    assert world.apply(ConfigureVenue(wanted.to_spec())).events == (SettingChanged(0),)
    assert world.exchange.venue.rules == wanted
    world.buy(ALICE, "1", "10")
    assert refusal(world.buy(ALICE, "1", "10")) == Reject(Reason.FILTER_FAILURE, ("EXCHANGE_MAX_NUM_ORDERS",))
    world.apply(rules())
    assert world.exchange.venue.rules == VenueRules()
    assert reason(world.buy(ALICE, "1", "10")) is None


def test_a_symbol_that_is_listed_later_is_held_to_the_venues_rules_too() -> None:
    world = World()
    world.apply(rules(exchange_filters=(ExchangeMaxNumOrders(1),)))
    world.apply(ListSymbol(make_symbol(name="X").to_spec()))
    world.buy(ALICE, "1", "10")
    assert refusal(world.buy(ALICE, "1", "10", symbol="X")) == Reject(Reason.FILTER_FAILURE, ("EXCHANGE_MAX_NUM_ORDERS",))
    world.apply(Reset((("USDT", units("100")),)))
    assert reason(world.buy(ALICE, "1", "10", symbol="X")) is None
    assert refusal(world.buy(ALICE, "1", "10")) == Reject(Reason.FILTER_FAILURE, ("EXCHANGE_MAX_NUM_ORDERS",))


def test_a_reference_price_is_set_and_withdrawn_from_outside() -> None:
    world = World()
    assert world.apply(SetReferencePrice("BTCUSDT", 7, 3)).events == (ReferencePriceChanged("BTCUSDT", world.now, 7),)
    reference = world.exchange.markets["BTCUSDT"].reference
    assert isinstance(reference, ExternalPrice)
    assert (reference.price, reference.calculation_id, reference.set_at) == (7, 3, world.now)
    world.now += SECOND
    assert world.apply(SetReferencePrice("BTCUSDT", None)).events == (ReferencePriceChanged("BTCUSDT", world.now, None),)
    assert (reference.price, reference.calculation_id, reference.set_at) == (None, 3, world.now)
    assert world.exchange.markets["BTCUSDT"].filter_price(world.now, 5) == 0


def test_a_mean_that_is_set_from_outside_is_no_mean_any_more() -> None:
    world = World(make_symbol(reference=ArithmeticMeanSpec(10, SECOND)))
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    market = world.exchange.markets["BTCUSDT"]
    assert market.filter_price(world.now, 5) == units("10")
    world.apply(SetReferencePrice("BTCUSDT", units("7")))
    assert market.filter_price(world.now, 5) == units("7")
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    assert market.filter_price(world.now, 5) == units("7")


def test_rates_may_take_everything_but_not_more() -> None:
    world = World()
    assert reason(world.apply(SetCommission(BOB, SCALE, SCALE // 2, 0, 0))) is None
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    assert world.balance(BOB, "USDT") == (units("100000"), 0)
    world.exchange.check_invariants()


def test_whatever_an_information_reply_shows_grows_the_listing_version() -> None:
    world = World()
    versions = [world.exchange.listing_version]
    for command in (
        ListSymbol(make_symbol(name="X").to_spec()),
        SetSymbolStatus("X", SymbolStatus.HALT),
        rules(exchange_filters=(ExchangeMaxNumOrders(7),)),
        Reset(()),
    ):
        world.apply(command)
        versions.append(world.exchange.listing_version)
    assert versions == sorted(set(versions))


def test_a_past_gives_a_symbol_its_last_price_and_its_trade_ids() -> None:
    world = World()
    rows = ((0, 1, 4, 1, 3, 7, 20, 2, 3, 9), (60 * SECOND, 3, 8, 2, units("12"), 7, 20, 5, 3, 9))
    seed = SeedCandles("BTCUSDT", rows)
    assert world.apply(seed).events == (CandlesSeeded(seed, 0),)
    market = world.exchange.markets["BTCUSDT"]
    assert (market.last_price, market.next_trade_id) == (units("12"), 7)
    assert market.average_price(world.now) == units("12")
    assert world.apply(SeedCandles("BTCUSDT", ())).events == (CandlesSeeded(SeedCandles("BTCUSDT", ()), 7),)
    assert (market.last_price, market.next_trade_id) == (units("12"), 7)


def test_a_past_is_given_before_anything_happened_or_not_at_all() -> None:
    world = World()
    seed = SeedCandles("BTCUSDT", ((0, 1, 4, 1, 3, 7, 20, 2, 3, 9),))
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "1", "10")
    before = encode(world.exchange)
    assert refusal(world.apply(seed)) == Reject(Reason.MARKET_HAS_TRADED, ("BTCUSDT",))
    assert encode(world.exchange) == before
    world.apply(Reset(()))
    assert reason(world.apply(seed)) is None


def test_a_reset_leaves_accounts_and_keys_and_nothing_else() -> None:
    world = World()
    world.apply(KEY)
    world.buy(ALICE, "3", "10", cid="A1")
    world.sell(BOB, "1", "10", cid="B1")
    world.sell(BOB, "1", "20", cid="B2")
    world.now += SECOND
    applied = world.apply(Reset((("USDT", 7), ("BTC", 8)), (("USDT", 9),)))
    assert applied.events == (
        WorldReset(2, world.now),
        BalanceChanged(ALICE, world.now, "USDT", 7),
        BalanceChanged(ALICE, world.now, "BTC", 8),
        BalanceChanged(BOB, world.now, "USDT", 7),
        BalanceChanged(BOB, world.now, "BTC", 8),
        BalanceChanged(CROWD, world.now, "USDT", 9),
    )
    exchange = world.exchange
    assert exchange.epoch == 2
    assert exchange.accounts.keys == {"key": KEY}
    assert exchange.order_counts(ALICE, world.now) == (0, 0)
    assert (world.balance(ALICE, "USDT"), world.balance(BOB, "BTC"), world.balance(CROWD, "BTC")) == ((7, 0), (8, 0), (0, 0))
    market = exchange.markets["BTCUSDT"]
    assert (market.last_price, market.orders, market.book.best_bid(), market.book.best_ask()) == (0, {}, None, None)
    assert market.average_price(world.now) == 0
    exchange.check_invariants()
    assert reason(world.cancel(ALICE, orig="A1")) is Reason.UNKNOWN_ORDER
    world.apply(Deposit(ALICE, "USDT", units("100")))
    again = reports(world.buy(ALICE, "1", "10", cid="A1"))
    assert (again[0].order_id, again[0].exec_id) == (1, 1)


@pytest.mark.parametrize("amount", [-1, AMOUNT_MAX + 1])
def test_a_reset_to_amounts_that_nobody_can_have_is_refused(amount: int) -> None:
    for command in (Reset((("BTC", amount),)), Reset((), (("BTC", amount),))):
        world = World()
        assert reason(world.apply(command)) is Reason.BAD_AMOUNT
        assert world.exchange.epoch == 1


def test_a_balance_is_bounded_also_when_it_is_given_in_parts() -> None:
    opening = OpenAccount("dora", 5, AccountKind.USER, (("BTC", AMOUNT_MAX), ("BTC", 1)))
    assert reason(World().apply(opening)) is Reason.BAD_AMOUNT


def test_no_more_of_an_asset_exists_than_doors_can_carry() -> None:
    """What everybody has in all is bounded, so that no balance, no fill and no sum in a checkpoint can be beyond it."""
    world = World()
    issued = world.exchange.ledger.issued["USDT"]
    world.apply(Deposit(ALICE, "USDT", AMOUNT_MAX - issued - 7))
    world.buy(ALICE, "1", "10")
    assert reason(world.apply(Deposit(BOB, "USDT", 8))) is Reason.BAD_AMOUNT
    assert reason(world.apply(Deposit(BOB, "USDT", 7))) is None
    assert reason(world.apply(Deposit(ALICE, "USDT", 1))) is Reason.BAD_AMOUNT
    assert reason(world.apply(OpenAccount("new", 99, AccountKind.USER, (("USDT", 1),)))) is Reason.BAD_AMOUNT
    assert reason(world.apply(Reset((("USDT", AMOUNT_MAX),)))) is Reason.BAD_AMOUNT
    assert decode(encode(world.exchange)).ledger.issued["USDT"] == AMOUNT_MAX


@pytest.mark.parametrize("names", [("BTCBTC", "BTC", "BTC"), ("", "BTC", "USDT"), ("BTC", "BTC", ""), ("USDT", "", "USDT")])
def test_a_symbol_has_a_name_and_two_assets(names: tuple[str, str, str]) -> None:
    name, base, quote = names
    spec = make_symbol(name="OTHER").to_spec() | {"name": name, "base_asset": base, "quote_asset": quote}
    assert reason(World().apply(ListSymbol(spec))) is Reason.BAD_SYMBOL_SPEC


def test_what_is_staged_is_kept_with_the_state_through_a_reset() -> None:
    world = World()
    world.apply(Stage("clock", b"held"))
    assert world.apply(Stage("faults/1", b"{}")).events == (Staged("faults/1"),)
    world.apply(Reset(()))
    world.apply(Stage("clock", None))
    world.apply(Stage("never", None))
    assert decode(encode(world.exchange)).staged == {"faults/1": b"{}"} == world.exchange.staged
