"""Opening the venue, changing it, starting it over."""

import pytest
from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.enums import RiskLevel
from papernet.core.ledger import Ledger
from papernet.core.rejects import Reason, Reject
from papernet.core.units import AMOUNT_MAX, SCALE
from papernet.venues.options.contracts import Listing, Underlying
from papernet.venues.options.opening import configure, flaw, start_over
from papernet.venues.options.portfolio import Countdown, Protection
from papernet.venues.options.venue import FIRST_FILL_ID, FIRST_ORDER_ID, HOUSE, OptionsVenue
from tests.support.option_market import ALICE, BOB, BTCUSDT, BUY, ETHUSDT, NOW, OptionDesk, make_underlying, units

BTC, ETH = make_underlying(BTCUSDT), make_underlying(ETHUSDT)


def closed() -> OptionsVenue:
    """Return a venue that is closed."""
    accounts: dict[int, Account] = {}
    return OptionsVenue(accounts, Ledger())


def test_the_first_configuration_opens_the_venue() -> None:
    venue = closed()
    assert configure(venue, (BTC, ETH), 7, NOW) is None
    assert (venue.asset, venue.opening_balance, venue.listing_version) == ("USDT", 7, 1)
    assert list(venue.underlyings) == list(venue.indexes) == list(venue.by_expiry) == [BTCUSDT, ETHUSDT]
    assert (venue.indexes[BTCUSDT].price, venue.indexes[BTCUSDT].at) == (units(50_000), NOW)
    assert list(venue.portfolios) == [HOUSE]
    assert venue.advanced_at == 0
    assert not venue.markets


def test_later_ones_add_underlyings_and_change_terms_and_leave_the_others() -> None:
    desk = OptionDesk(BTC)
    venue = desk.venue
    venue.asset = "USDT"
    price = venue.indexes[BTCUSDT].price = units(60_000)
    wider = replace(BTC, tick_size=units(10))
    assert configure(venue, (ETH,), 0, NOW) is None
    assert venue.underlyings[BTCUSDT] is BTC
    assert configure(venue, (wider,), 9, NOW + 1) is None
    assert venue.underlyings == {BTCUSDT: wider, ETHUSDT: ETH}
    assert {market.underlying for market in venue.markets.values()} == {wider}
    assert venue.indexes[BTCUSDT].price == price
    assert venue.listing_version == 2


@pytest.mark.parametrize(
    ("underlyings", "problem"),
    [
        ((), "no underlying"),
        ((replace(ETH, settle_asset="USDC"),), "ETHUSDT: settles in another asset than the others"),
        ((ETH, replace(ETH, name="X", base_asset="X", settle_asset="USDC")), "X: settles in another asset than the others"),
        ((replace(BTC, unit=2),), "BTCUSDT: what its contracts are about cannot change"),
        ((replace(BTC, base_asset="XBT"),), "BTCUSDT: what its contracts are about cannot change"),
        ((replace(BTC, name="BTCUSDC"),), "two underlyings have one base asset"),
        ((replace(ETH, tick_size=0),), "ETHUSDT: a number is not above 0, or is too great"),
    ],
)
def test_configurations_that_do_not_fit_are_refused(underlyings: tuple[Underlying, ...], problem: str) -> None:
    venue = closed()
    assert configure(venue, (BTC,), 0, NOW) is None
    assert configure(venue, underlyings, 5, NOW) == Reject(Reason.BAD_VENUE_RULES, (problem,))
    assert (list(venue.underlyings), venue.opening_balance, venue.listing_version) == ([BTCUSDT], 0, 1)


@pytest.mark.parametrize("balance", [-1, AMOUNT_MAX + 1])
def test_an_opening_balance_must_be_one(balance: int) -> None:
    venue = closed()
    assert configure(venue, (BTC,), balance, NOW) == Reject(Reason.BAD_AMOUNT)
    assert not venue.asset


STEPS = ((2, units(250)), (14, units(500)))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"base_asset": "btc"}, "an asset"),
        ({"settle_asset": ""}, "an asset"),
        ({"initial_index": 0}, "a number"),
        ({"step_size": -1}, "a number"),
        ({"unit": 0}, "a number"),
        ({"initial_index": AMOUNT_MAX + 1}, "a number"),
        ({"limits": replace(BTC.limits, short=0)}, "a number"),
        ({"listing": Listing(((0, 1),), 1, 1, 1)}, "a number"),
        ({"listing": Listing(STEPS, 0, 1, 1)}, "a number"),
        ({"listing": Listing(STEPS, 1, 0, 1)}, "a number"),
        ({"listing": Listing(STEPS, 1, 1, 0)}, "a number"),
        ({"fees": replace(BTC.fees, maker=-1)}, "a rate"),
        ({"fees": replace(BTC.fees, exercise=SCALE + 1)}, "a rate"),
        ({"band": (0, SCALE + 1)}, "a rate"),
        ({"price_scale": 9}, "a scale"),
        ({"quantity_scale": 1}, "a scale"),
        ({"margins": replace(BTC.margins, min_initial=units("0.16"))}, "the margins"),
        ({"margins": replace(BTC.margins, maintenance=units("0.16"))}, "the margins"),
        ({"margins": replace(BTC.margins, min_maintenance=units("0.09"))}, "the margins"),
        ({"margins": replace(BTC.margins, min_maintenance=units("0.11"), maintenance=units("0.12"))}, "the margins"),
        ({"margins": replace(BTC.margins, min_maintenance=0)}, "the margins"),
        ({"listing": Listing((), 1, 1, 1)}, "the listing's steps"),
        ({"listing": Listing(STEPS[::-1], 1, 1, 1)}, "the listing's steps"),
        ({"listing": Listing((*STEPS, STEPS[1]), 1, 1, 1)}, "the listing's steps"),
    ],
)
def test_terms_that_make_no_sense_are_told(changes: dict[str, object], problem: str) -> None:
    assert flaw(BTC) is None
    assert (flaw(replace(BTC, **changes)) or "").startswith(problem)


def test_starting_over_leaves_underlyings_and_what_accounts_may_do() -> None:
    desk = OptionDesk()
    venue, alice = desk.venue, desk.portfolio(ALICE)
    desk.trade(ALICE, BOB, 1, 1_000)
    assert desk.place(ALICE, BUY, 1, 500, client_order_id="a") is None
    alice.countdowns[BTCUSDT] = Countdown(1, 2)
    venue.counting[ALICE] = alice
    alice.protections[BTCUSDT] = Protection(1, 2, 3, 4)
    alice.level, alice.trade_group, alice.maker_rate, alice.is_market_maker = RiskLevel.REDUCE_ONLY, 3, 5, True
    venue.shortfall = venue.next_bill_id = venue.next_exercise_id = venue.next_block_trade_id = 9
    venue.indexes[BTCUSDT].price = 1
    venue.ledger = Ledger()
    (order,) = alice.open_orders.values()
    start_over(venue, NOW + 5)
    venue.check_invariants()
    assert not any((venue.markets, venue.block_orders, venue.counting))
    assert venue.by_expiry == {BTCUSDT: {}, ETHUSDT: {}}
    assert (venue.indexes[BTCUSDT].price, venue.indexes[BTCUSDT].at) == (units(50_000), NOW + 5)
    assert (venue.next_order_id, venue.next_fill_id) == (FIRST_ORDER_ID, FIRST_FILL_ID)
    assert (venue.next_bill_id, venue.next_exercise_id, venue.next_block_trade_id) == (1, 1, 1)
    assert (venue.shortfall, venue.advanced_at, venue.listing_version) == (0, 0, 1)
    assert order.level is None
    assert (alice.balance, alice.level, alice.updated_at) == (0, RiskLevel.NORMAL, NOW + 5)
    assert not any((alice.positions, alice.open_orders, alice.client_order_ids, alice.protections, alice.countdowns))
    assert (alice.trade_group, alice.maker_rate, alice.is_market_maker) == (3, 5, True)
