"""Self-trade prevention in every mode: who loses how much, what is told, where the money goes."""

import pytest

from papernet.core.commands import ConfigureAccount, Deposit
from papernet.core.enums import OrderStatus, SelfTradeMode
from papernet.core.events import ExecutionReport, OrderExtras, PreventedMatch
from papernet.core.order import OrderRecord
from papernet.venues.spot.venue_rules import Sor, VenueRules
from tests.support.orders import find, opened, place, place_list, told
from tests.support.scripts import check, draw
from tests.support.worlds import ALICE, BOB, World, make_symbol, units

# ---- faqs/stp_faq, What happens when STP is triggered: a maker of 5 and a taker of 3, both ALICE's, and a stranger behind

MODES = {
    "NONE": ["T NEW", "trade 3@10", "T 3@10 FILLED", "M 3@10 PARTIALLY_FILLED"],
    "EXPIRE_TAKER": ["T NEW", "prevented EXPIRE_TAKER 3@10 taker 3 maker 0", "T TRADE_PREVENTION EXPIRED_IN_MATCH"],
    "EXPIRE_MAKER": [
        "T NEW",
        "prevented EXPIRE_MAKER 3@10 taker 0 maker 5",
        "M TRADE_PREVENTION EXPIRED_IN_MATCH",
        "trade 3@10",
        "T 3@10 FILLED",
        "S 3@10 PARTIALLY_FILLED",
    ],
    "EXPIRE_BOTH": [
        "T NEW",
        "prevented EXPIRE_BOTH 3@10 taker 3 maker 5",
        "T TRADE_PREVENTION EXPIRED_IN_MATCH",
        "M TRADE_PREVENTION EXPIRED_IN_MATCH",
    ],
    "DECREMENT": [
        "T NEW",
        "prevented DECREMENT 3@10 taker 3 maker 3",
        "T TRADE_PREVENTION EXPIRED_IN_MATCH",
        "M TRADE_PREVENTION NEW",
    ],
    # of one account, a transfer is a decrement; it takes two orders that want it
    "TRANSFER": [
        "T NEW",
        "prevented DECREMENT 3@10 taker 3 maker 3",
        "T TRADE_PREVENTION EXPIRED_IN_MATCH",
        "M TRADE_PREVENTION NEW",
    ],
}


@pytest.mark.parametrize("mode", MODES)
def test_what_each_mode_does(mode: str) -> None:
    world = World()
    place(world, "alice sell 5 @ 10 as M")
    place(world, "bob sell 9 @ 10 as S")
    assert told(place(world, f"alice buy 3 @ 10 stp {mode} as T")) == MODES[mode]
    world.exchange.check_invariants()


@pytest.mark.parametrize("maker", SelfTradeMode)
@pytest.mark.parametrize("taker", SelfTradeMode)
def test_the_mode_in_effect(taker: SelfTradeMode, maker: SelfTradeMode) -> None:
    world = World()
    for account in (ALICE, BOB):
        world.apply(ConfigureAccount(account, trade_group=4))
    place(world, f"bob sell 5 @ 10 as M stp {maker.name}")
    prevented = [
        event for event in place(world, f"alice buy 5 @ 10 stp {taker.name}").events if isinstance(event, PreventedMatch)
    ]
    expected = taker
    if taker is SelfTradeMode.TRANSFER and maker is not SelfTradeMode.TRANSFER:
        expected = SelfTradeMode.DECREMENT
    assert [event.mode for event in prevented] == ([expected] if taker else [])


# ---- who is the same


@pytest.mark.parametrize(
    ("groups", "same"), [((-1, -1), False), ((7, 8), False), ((7, 7), True), ((0, 0), True), ((7, -1), False)]
)
def test_parties_are_one_account_or_one_trade_group(groups: tuple[int, int], same: bool) -> None:
    world = World()
    for account, group in zip((ALICE, BOB), groups, strict=True):
        world.apply(ConfigureAccount(account, trade_group=group))
    place(world, "bob sell 1 @ 10 as M")
    applied = place(world, "alice buy 1 @ 10 stp EXPIRE_TAKER as T")
    prevented = [event for event in applied.events if isinstance(event, PreventedMatch)]
    assert bool(prevented) is same
    for event in prevented:
        assert (event.trade_group, event.taker_account, event.maker_account) == (groups[0], ALICE, BOB)


def test_groups_are_compared_when_orders_meet_and_not_when_they_are_placed() -> None:
    world = World()
    place(world, "bob sell 1 @ 10 as M")
    for account in (ALICE, BOB):
        world.apply(ConfigureAccount(account, trade_group=1))
    assert "prevented EXPIRE_TAKER 1@10 taker 1 maker 0" in told(place(world, "alice buy 1 @ 10 stp EXPIRE_TAKER as T"))


# ---- what goes on after a prevented match


def test_a_taker_goes_on_behind_own_orders_that_expire() -> None:
    """faqs/stp_faq, Scenario B: three makers expire and the taker rests."""
    check("""
        alice buy 1.2 @ 1.2 as M1
        alice buy 1.3 @ 1.1 as M2
        alice buy 8.1 @ 1 as M3
        alice sell 3 @ 1 as T stp EXPIRE_MAKER
        -> NEW, EXPIRED_IN_MATCH, EXPIRED_IN_MATCH, EXPIRED_IN_MATCH
        book
        || 1 | T:3 |
        alice has 997 + 3 BTC
        alice has 100000 + 0 USDT
    """)


def test_strangers_before_and_behind_own_orders_trade() -> None:
    check("""
        bob   sell 1 @ 10 as B1
        alice sell 2 @ 10 as A1
        bob   sell 3 @ 10 as B2
        alice sell 4 @ 11 as A2
        bob   sell 5 @ 12 as B3
        alice buy 12 @ 12 as T stp DECREMENT
        -> NEW, 1@10 with B1, EXPIRED_IN_MATCH, 3@10 with B2, EXPIRED_IN_MATCH, 2@12 with B3, FILLED
        book
        || 12 | B3:3 |
        alice has 1006 + 0 BTC
        alice has 99936 + 0 USDT
    """)


def test_an_order_that_trades_in_part_and_is_prevented_in_part_ends_filled() -> None:
    """Quantity = filled + prevented: nothing is left, and the last that happened was a fill."""
    world = World()
    for row in ("alice sell 2 @ 10 as M", "bob sell 9 @ 10 as S"):
        place(world, row)
    applied = place(world, "alice buy 5 @ 10 stp DECREMENT as T")
    assert told(applied)[-2:] == ["T 3@10 FILLED", "S 3@10 PARTIALLY_FILLED"]
    last = [event for event in applied.events if isinstance(event, ExecutionReport) and event.terms.client_order_id == "T"][-1]
    assert (last.quantity, last.cum_quantity) == (units("5"), units("3"))
    assert last.extras is not None
    assert last.extras.prevented_quantity == units("2")


def test_a_market_order_with_nobody_left_expires_for_lack_of_liquidity() -> None:
    check("""
        alice sell 2 @ 10 as A1
        alice buy 3 as T stp EXPIRE_MAKER -> NEW, EXPIRED_IN_MATCH, EXPIRED INSUFFICIENT_LIQUIDITY
        alice has 100000 + 0 USDT
        alice has 1000 + 0 BTC
    """)


def test_a_fill_or_kill_looks_at_quantities_only_before_it_matches() -> None:
    check("""
        alice sell 2 @ 10 as A1
        bob   sell 2 @ 10 as B1
        alice buy 4 @ 10 FOK as T1 stp EXPIRE_MAKER
        -> NEW, EXPIRED_IN_MATCH, 2@10 with B1, EXPIRED UNFILLED_FOK_ORDER
        alice sell 1 @ 10 as A2
        alice buy 4 @ 10 FOK as T2 stp EXPIRE_MAKER -> NEW, EXPIRED UNFILLED_FOK_ORDER
        book
        || 10 | A2:1 |
    """)


# ---- icebergs


ICE = {
    "EXPIRE_MAKER": ["prevented EXPIRE_MAKER 2@10 taker 0 maker 5", "M TRADE_PREVENTION EXPIRED_IN_MATCH"],
    "EXPIRE_BOTH": [
        "prevented EXPIRE_BOTH 2@10 taker 4 maker 5",
        "T TRADE_PREVENTION EXPIRED_IN_MATCH",
        "M TRADE_PREVENTION EXPIRED_IN_MATCH",
    ],
    "DECREMENT": [
        "prevented DECREMENT 2@10 taker 2 maker 2",
        "T TRADE_PREVENTION NEW",
        "M TRADE_PREVENTION NEW",
        # the next part stands behind the stranger
        "trade 1@10",
        "T 1@10 PARTIALLY_FILLED",
        "S 1@10 FILLED",
        "prevented DECREMENT 1@10 taker 1 maker 1",
        "T TRADE_PREVENTION EXPIRED_IN_MATCH",
        "M TRADE_PREVENTION NEW",
    ],
}


@pytest.mark.parametrize("mode", ICE)
def test_icebergs_lose_a_part_or_all_that_is_hidden_too(mode: str) -> None:
    world = World()
    place(world, "alice sell 5 @ 10 ice 2 as M")
    place(world, "bob sell 1 @ 10 as S")
    texts = told(place(world, f"alice buy 4 @ 10 stp {mode} as T"))
    assert texts[1 : 1 + len(ICE[mode])] == ICE[mode]
    world.exchange.check_invariants()
    if mode == "DECREMENT":
        # two, and one of the second part, are gone
        assert draw(world) == ["||10|M:1|"]
        assert (find(world, "M").reserve, find(world, "M").prevented) == (units("1"), units("3"))
        assert world.balance(ALICE, "BTC") == (units("999"), units("2"))


# ---- money


def test_a_transfer_moves_quantity_and_notional_for_nothing_between_accounts_of_a_group() -> None:
    def transfer() -> World:
        world = World()
        for account in (ALICE, BOB):
            world.apply(ConfigureAccount(account, trade_group=1))
        return world

    check(
        """
        bob   pays 0.1 0.1
        alice pays 0.1 0.1
        bob   sell 5 @ 10 as M stp TRANSFER
        alice buy 3 @ 12 as T stp TRANSFER -> NEW, EXPIRED_IN_MATCH
        -- 3 at the maker's 10
        alice has 1003 + 0 BTC
        alice has 99970 + 0 USDT
        bob   has 995 + 2 BTC
        bob   has 100030 + 0 USDT
        book
        || 10 | M:2 |
        -- the other way round, and the maker is the smaller one
        alice buy 1 @ 9 as M2 stp TRANSFER
        bob   sell 2 @ 9 as T2 stp TRANSFER -> NEW, EXPIRED_IN_MATCH
        alice has 1004 + 0 BTC
        alice has 99961 + 0 USDT
        bob   has 993 + 3 BTC
        bob   has 100039 + 0 USDT
        """,
        transfer,
    )


def test_a_transfer_is_no_trade() -> None:
    world = World()
    for account in (ALICE, BOB):
        world.apply(ConfigureAccount(account, trade_group=1))
    place(world, "bob sell 5 @ 10 as M stp TRANSFER")
    assert told(place(world, "alice buy 5 @ 10 as T stp TRANSFER")) == [
        "T NEW",
        "prevented TRANSFER 5@10 taker 5 maker 5",
        "T TRADE_PREVENTION EXPIRED_IN_MATCH",
        "M TRADE_PREVENTION EXPIRED_IN_MATCH",
    ]
    assert world.exchange.markets["BTCUSDT"].last_price == 0
    # it was no fill either: the unfilled order count stays
    assert world.exchange.order_counts(ALICE, world.now) == (1, 1)


@pytest.mark.parametrize("mode", [mode.name for mode in SelfTradeMode if mode])
def test_what_is_prevented_is_no_longer_held(mode: str) -> None:
    world = World()
    place(world, "alice sell 4 @ 10 as M stp TRANSFER")
    place(world, f"alice buy 6 @ 12 as T stp {mode}")
    held = {
        "EXPIRE_TAKER": ("4", "0"),
        "EXPIRE_MAKER": ("0", "72"),
        "EXPIRE_BOTH": ("0", "0"),
        "DECREMENT": ("0", "24"),
        "TRANSFER": ("0", "24"),
    }[mode]
    assert (world.balance(ALICE, "BTC")[1], world.balance(ALICE, "USDT")[1]) == (units(held[0]), units(held[1]))
    world.exchange.check_invariants()


def test_a_market_order_is_costed_as_it_will_match() -> None:
    """Own orders that expire are no offers: what is held must pay for what is behind them."""
    world = World()
    for row in ("alice sell 5 @ 10 as A1", "bob sell 5 @ 12 as B1"):
        place(world, row)
    free = world.balance(ALICE, "USDT")[0]
    assert "T 5@12 FILLED" in told(place(world, "alice buy 5 as T stp EXPIRE_MAKER"))
    assert world.balance(ALICE, "USDT") == (free - units("60"), 0)
    world.exchange.check_invariants()


@pytest.mark.parametrize("mode", ["EXPIRE_TAKER", "EXPIRE_BOTH"])
def test_an_order_by_amount_that_meets_its_own_kind_first_is_prevented_whole(mode: str) -> None:
    world = World()
    for row in ("alice sell 1 @ 10 as M", "bob sell 8 @ 14 as S"):
        place(world, row)
    texts = told(place(world, f"alice buy $45 as T stp {mode}"))
    assert texts[0] == "T NEW"
    assert "T TRADE_PREVENTION EXPIRED_IN_MATCH" in texts
    assert world.balance(ALICE, "USDT") == (units("100000"), 0)
    assert opened(world) == (["M", "S"] if mode == "EXPIRE_TAKER" else ["S"])


def test_every_part_of_a_strangers_iceberg_is_costed() -> None:
    world = World()
    place(world, "bob sell 5 @ 10 ice 1 as S")
    free = world.balance(ALICE, "USDT")[0]
    world.apply(Deposit(ALICE, "USDT", units("50") - free))
    assert told(place(world, "alice buy 5 as T stp EXPIRE_TAKER"))[-1] == "S 1@10 FILLED"
    assert world.balance(ALICE, "USDT") == (0, 0)
    place(world, "bob sell 5 @ 10 ice 1 as S")
    world.apply(Deposit(ALICE, "USDT", units("49.99")))
    assert told(place(world, "alice buy 5 as T stp EXPIRE_TAKER")) == ["refused: INSUFFICIENT_BALANCE"]


def test_own_icebergs_use_up_what_comes_part_by_part_between_strangers() -> None:
    world = World()
    for row in ("alice sell 4 @ 10 ice 1 as M", "bob sell 1 @ 10 as S1", "bob sell 9 @ 11 as S2"):
        place(world, row)
    # one is prevented, one bought, three more are prevented, one is bought at 11
    world.apply(Deposit(ALICE, "USDT", units("21") - world.balance(ALICE, "USDT")[0]))
    assert [
        text for text in told(place(world, "alice buy 6 as T stp DECREMENT")) if text.startswith(("trade", "prevented"))
    ] == [
        "prevented DECREMENT 1@10 taker 1 maker 1",
        "trade 1@10",
        *["prevented DECREMENT 1@10 taker 1 maker 1"] * 3,
        "trade 1@11",
    ]
    assert world.balance(ALICE, "USDT") == (0, 0)


def test_what_is_left_of_a_pair_that_was_filled_in_part_holds_for_itself_alone() -> None:
    world = World()
    for row in ("bob sell 1 @ 10", "crowd buy 1 @ 10"):
        place(world, row)
    place_list(world, "OCO as list", "alice buy 5 @ 15 STOP 12 as P2", "alice buy 5 @ 8 MAKER as P1")
    place(world, "bob sell 1 @ 8")
    place(world, "alice sell 2 @ 8 stp DECREMENT")
    assert world.balance(ALICE, "USDT")[1] == units("16")


# ---- what is remembered


def test_a_prevented_match_is_told_whole_and_counted_by_its_symbol() -> None:
    world = World()
    place(world, "alice sell 5 @ 10 as M")
    applied = place(world, "alice buy 3 @ 11 stp DECREMENT as T")
    told_match = next(event for event in applied.events if isinstance(event, PreventedMatch))
    assert told_match == PreventedMatch(
        "BTCUSDT",
        0,
        world.now,
        ALICE,
        ALICE,
        2,
        1,
        "BTCUSDT",
        -1,
        SelfTradeMode.DECREMENT,
        units("10"),
        units("3"),
        units("3"),
        units("3"),
    )
    reports = [event for event in applied.events if isinstance(event, ExecutionReport) and event.prevented is not None]
    world.now += 5
    assert [report.prevented for report in reports] == [told_match, told_match]
    place(world, "alice buy 1 @ 11 stp DECREMENT as T2")
    maker = find(world, "M")
    assert maker.extras == OrderExtras(
        working_at=maker.created_at, prevented_quantity=units("4"), prevented_match_id=1, trade_group=-1
    )
    assert (maker.status, maker.updated_at, maker.quantity) == (OrderStatus.NEW, world.now, units("5"))
    record: OrderRecord = maker.record()
    assert record.extras == maker.extras
    assert world.exchange.markets["BTCUSDT"].next_prevented_match_id == 2


def test_a_maker_that_loses_nothing_has_nothing_to_remember() -> None:
    world = World()
    place(world, "alice sell 5 @ 10 as M")
    place(world, "alice buy 3 @ 11 stp EXPIRE_TAKER as T")
    assert find(world, "M").extras is None


# ---- members of lists


def test_an_own_order_that_expires_takes_the_other_one_of_its_pair_along() -> None:
    world = World()
    for row in ("bob sell 1 @ 10", "crowd buy 1 @ 10"):
        place(world, row)
    place_list(world, "OCO as list", "alice sell 2 STOP 8 as P2", "alice sell 2 @ 12 MAKER as P1")
    texts = told(place(world, "alice buy 3 @ 12 stp EXPIRE_MAKER as T"))
    assert texts == [
        "T NEW",
        "prevented EXPIRE_MAKER 2@12 taker 0 maker 2",
        "P1 TRADE_PREVENTION EXPIRED_IN_MATCH",
        "P2 EXPIRED OCO_TRIGGER",
        "list list ALL_DONE",
    ]
    assert opened(world) == ["T"]
    world.exchange.check_invariants()


def test_a_working_order_that_expires_in_a_match_ends_its_list() -> None:
    world = World()
    place(world, "alice sell 2 @ 10 as M")
    texts = told(place_list(world, "OTO as list", "alice buy 2 @ 10 stp EXPIRE_TAKER as W", "alice sell 2 @ 12 as P"))
    assert texts == [
        "list list EXEC_STARTED",
        "W NEW",
        "P PENDING_NEW",
        "prevented EXPIRE_TAKER 2@10 taker 2 maker 0",
        "W TRADE_PREVENTION EXPIRED_IN_MATCH",
        "P EXPIRED OTO_PHASE_ONE_EXPIRED",
        "list list ALL_DONE",
    ]


# ---- across books


def test_own_orders_on_another_book_are_own_orders() -> None:
    world = World(
        make_symbol(),
        make_symbol(name="BTCUSDC", quote="USDC"),
        balances=(("BTC", units("10")), ("USDT", units("1000")), ("USDC", units("1000"))),
    )
    rules = VenueRules(sors=(Sor("BTC", ("BTCUSDT", "BTCUSDC")),))
    world.exchange.venue.set_rules(rules)
    place(world, "alice sell 2 @ 10 as M on BTCUSDC")
    place(world, "bob sell 2 @ 11 as S")
    applied = place(world, "alice buy 3 @ 11 sor stp DECREMENT as T")
    assert told(applied) == [
        "T NEW",
        "prevented DECREMENT 2@10 taker 2 maker 2",
        "T TRADE_PREVENTION NEW",
        "M TRADE_PREVENTION EXPIRED_IN_MATCH",
        "trade 1@11",
        "allocated 1@11",
        "T 1@11 FILLED",
        "S 1@11 PARTIALLY_FILLED",
    ]
    match = next(event for event in applied.events if isinstance(event, PreventedMatch))
    assert (match.symbol, match.maker_symbol) == ("BTCUSDT", "BTCUSDC")
    assert world.balance(ALICE, "USDC") == (units("1000"), 0)
    assert world.balance(ALICE, "USDT") == (units("989"), 0)
    world.exchange.check_invariants()
