"""What fills cost, to the digit of faqs/commission_faq."""

from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.core.account import Account, Rates
from papernet.core.commands import ConfigureAccount, ConfigureVenue, Deposit, SetCommission
from papernet.core.enums import AccountKind
from papernet.core.events import AccountUpdate, ExecutionReport
from papernet.core.units import SCALE
from papernet.venues.spot.commission import commission_on, discounted
from papernet.venues.spot.venue_rules import VenueRules
from tests.support.orders import place
from tests.support.worlds import ALICE, World, make_symbol, reports, units

# faqs/commission_faq, How is the commission calculated: (maker, taker, buyer, seller)
PUBLISHED = Rates((10, 20, 30, 40), (1_000_000, 2_000_000, 3_000_000, 4_000_000), (112, 114, 118, 116))
RECEIVED = units("17491.25")  # 35,000 x 0.49975


def account_with(rates: Rates) -> Account:
    """Return an account with these rates on every symbol."""
    account = Account(1, "name", 1, AccountKind.USER, 0)
    account.rates = rates
    return account


def test_the_published_example_in_the_received_asset() -> None:
    fee = commission_on(account_with(PUBLISHED), "BTCUSDT", RECEIVED, is_maker=False, is_buyer=False)
    assert fee == units("0.01049475") + units("0.04022988") + units("1049.475")


def shop(*, rate: str = "0.25", price: str = "260", **symbol: Any) -> World:
    """Return a world in which BNB has a price and ALICE, with the published rates, pays with it."""
    world = World(
        make_symbol(**symbol),
        make_symbol(name="BNBUSDT", base="BNB"),
        balances=(("BTC", units("10")), ("USDT", units("100000")), ("BNB", units("10"))),
    )
    world.apply(ConfigureVenue(VenueRules(discount_rate=units(rate)).to_spec()))
    for row in (f"bob sell 1 @ {price} on BNBUSDT", f"crowd buy 1 @ {price} on BNBUSDT"):
        place(world, row)
    world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=True))
    standard, special, tax = PUBLISHED.standard, PUBLISHED.special, PUBLISHED.tax
    world.apply(SetCommission(ALICE, standard[0], standard[1], standard[2], standard[3], "", special, tax))
    return world


def sell(world: World) -> ExecutionReport:
    """Let ALICE sell 0.49975 BTC at 35,000 as taker and return her report."""
    place(world, "bob buy 0.49975 @ 35000")
    return next(
        report for report in reports(place(world, "alice sell 0.49975")) if report.trade_id >= 0 and not report.is_maker
    )


def test_the_published_example_in_bnb() -> None:
    world = shop()
    report = sell(world)
    # 0.000010091 + 0.00015473 + 4.036442308, each to the eighth decimal
    assert (report.commission, report.commission_asset) == (
        units("0.00001009") + units("0.00015473") + units("4.03644231"),
        "BNB",
    )
    assert world.balance(ALICE, "BNB") == (units("10") - report.commission, 0)
    assert world.balance(ALICE, "USDT") == (units("117491.25"), 0)
    assert world.exchange.ledger.collected["BNB"] == report.commission
    world.exchange.check_invariants()
    update = next(event for event in world.applied[-1].events if isinstance(event, AccountUpdate) and event.account == ALICE)
    assert update.balances[2:] == (("BNB", units("10") - report.commission, 0),)


def test_without_enough_bnb_the_full_commission_is_taken_out_of_what_is_received() -> None:
    fee = units("4.03660713")
    for bnb, asset in ((fee, "BNB"), (fee - 1, "USDT")):
        world = shop()
        world.apply(Deposit(ALICE, "BNB", bnb - units("10")))
        report = sell(world)
        assert report.commission_asset == asset
        if asset == "USDT":
            assert report.commission == units("1049.52572463")
            assert world.balance(ALICE, "USDT")[0] == units("117491.25") - report.commission


def test_held_bnb_pays_no_commission() -> None:
    world = shop()
    place(world, "alice sell 8 @ 999 on BNBUSDT")
    assert sell(world).commission_asset == "USDT"


@pytest.mark.parametrize("off", ["account", "symbol"])
def test_the_discount_takes_the_accounts_will_and_the_symbols_permission(off: str) -> None:
    world = shop(discount_allowed=off != "symbol")
    if off == "account":
        world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=False))
    assert sell(world).commission_asset == "USDT"


def test_what_has_no_price_in_bnb_is_charged_as_it_is() -> None:
    world = World(
        make_symbol(name="XY", base="X", quote="Y"),
        make_symbol(name="BNBUSDT", base="BNB"),
        balances=(("X", units("10")), ("Y", units("10")), ("BNB", units("10")), ("USDT", units("10"))),
    )
    world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=True))
    world.apply(SetCommission(ALICE, 0, units("0.1")))
    place(world, "bob sell 1 @ 1 on XY")
    report = next(report for report in reports(place(world, "alice buy 1 @ 1 on XY")) if report.commission)
    assert (report.commission, report.commission_asset) == (units("0.1"), "X")


PAIRS = [
    # how an asset is converted: its own market in BNB either way round, or both against USDT
    ({"BNBX": ("BNB", "X", "4")}, Fraction(1, 4)),
    ({"XBNB": ("X", "BNB", "4")}, Fraction(4)),
    ({"XUSDT": ("X", "USDT", "30"), "BNBUSDT": ("BNB", "USDT", "12")}, Fraction(30, 12)),
    ({"BNBX": ("BNB", "X", "4"), "XBNB": ("X", "BNB", "5")}, Fraction(1, 4)),
    ({"XUSDT": ("X", "USDT", "30")}, None),
]


@pytest.mark.parametrize(("pairs", "price"), PAIRS)
def test_how_an_asset_is_converted(pairs: dict[str, tuple[str, str, str]], price: Fraction | None) -> None:
    symbols = [make_symbol(name=name, base=base, quote=quote) for name, (base, quote, _) in pairs.items()]
    names = ("X", "Y", "BNB", "USDT")
    world = World(*symbols, make_symbol(name="XY", base="X", quote="Y"), balances=tuple((name, units("99")) for name in names))
    for name, (_, _, last) in pairs.items():
        for row in (f"bob sell 1 @ {last} on {name}", f"crowd buy 1 @ {last} on {name}"):
            place(world, row)
    world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=True))
    world.apply(SetCommission(ALICE, units("0.1"), 0))
    account = world.exchange.accounts.by_id[ALICE]
    fee = discounted(world.exchange.venue, world.exchange.markets["XY"], account, "X", units("2"), is_maker=True)
    expected = None if price is None else Fraction(units("0.2")) * price * Fraction(3, 4)
    assert fee == (expected if expected is None else floor(expected + Fraction(1, 2)))


def test_received_bnb_is_charged_one_for_one_with_the_discount() -> None:
    world = World(make_symbol(name="BNBUSDT", base="BNB"), balances=(("BNB", units("10")), ("USDT", units("100"))))
    world.apply(ConfigureAccount(ALICE, pays_with_discount_asset=True))
    world.apply(Deposit(ALICE, "BNB", -units("10")))
    world.apply(SetCommission(ALICE, 0, units("0.1"), 0, 0, "", (0, units("0.01"), 0, 0)))
    place(world, "bob sell 1 @ 10")
    report = next(report for report in reports(place(world, "alice buy 1 @ 10")) if report.commission)
    assert (report.commission, report.commission_asset) == (units("0.075") + units("0.01"), "BNB")
    assert world.balance(ALICE, "BNB") == (units("0.915"), 0)
    world.exchange.check_invariants()


def test_an_account_without_rates_pays_nothing_in_the_asset_that_it_receives() -> None:
    world = shop()
    world.apply(SetCommission(ALICE, 0, 0))
    report = sell(world)
    assert (report.commission, report.commission_asset) == (0, "USDT")


RATE = st.integers(0, SCALE // 6)
PART = st.tuples(RATE, RATE, RATE, RATE)


@given(standard=PART, special=PART, tax=PART, amount=st.integers(0, 10**14), is_maker=st.booleans(), is_buyer=st.booleans())
def test_each_part_is_rounded_for_itself_and_no_more_is_taken_than_received(
    standard: tuple[int, int, int, int],
    special: tuple[int, int, int, int],
    tax: tuple[int, int, int, int],
    amount: int,
    is_maker: bool,
    is_buyer: bool,
) -> None:
    total = 0
    for part in (standard, special, tax):
        rate = part[0 if is_maker else 1] + part[2 if is_buyer else 3]
        total += floor(Fraction(amount * rate, SCALE) + Fraction(1, 2))
    fee = commission_on(account_with(Rates(standard, special, tax)), "S", amount, is_maker=is_maker, is_buyer=is_buyer)
    assert fee == min(total, amount)


def test_a_unit_that_rounds_to_two_is_taken_whole() -> None:
    rates = Rates((SCALE // 2, 0, 0, 0), (SCALE // 2, 0, 0, 0))
    assert commission_on(account_with(rates), "S", 1, is_maker=True, is_buyer=True) == 1


@pytest.mark.parametrize(("special", "tax", "fee"), [(0, 0, 100), (300, 0, 400), (0, 5, 105), (300, 5, 405)])
def test_special_commission_and_tax_come_on_top_each_by_itself(special: int, tax: int, fee: int) -> None:
    rates = Rates((100, 0, 0, 0), (special, 0, 0, 0), (tax, 0, 0, 0))
    assert commission_on(account_with(rates), "S", SCALE, is_maker=True, is_buyer=False) == fee
