"""Smart order routing over two books: best price first, ties to the own book, the difference in the venue's ledger."""

import pytest

from papernet.core.commands import ConfigureVenue, SetCommission, SetSymbolStatus
from papernet.core.enums import SelfTradeMode, Side, SymbolStatus, WorkingFloor
from papernet.core.events import AccountUpdate, Allocation, BookDelta, ExecutionReport, Trade
from papernet.core.rejects import Reason
from papernet.venues.spot.sor import best_price, can_route, markets_of, offers_routed
from papernet.venues.spot.venue_rules import Sor, VenueRules
from tests.support.orders import find, opened, place, told
from tests.support.scripts import draw
from tests.support.worlds import ALICE, BOB, World, make_symbol, reason, reports, units

BUY, SELL = Side.BUY, Side.SELL
QUOTES = ("USDT", "USDC", "FDUSD")
PURSE = (("BTC", units("100")), *((quote, units("10000")) for quote in QUOTES))


def routed(*rows: str) -> World:
    """Return a world with BTC in three interchangeable quotes and these orders."""
    world = World(*(make_symbol(name=f"BTC{quote}", quote=quote) for quote in QUOTES), balances=PURSE)
    names = tuple(f"BTC{quote}" for quote in QUOTES)
    assert reason(world.apply(ConfigureVenue(VenueRules(sors=(Sor("BTC", names),)).to_spec()))) is None
    for row in rows:
        place(world, row)
    return world


ASKS = ("bob sell 1 @ 11 as T", "bob sell 2 @ 10 on BTCUSDC as C", "bob sell 3 @ 10.5 on BTCFDUSD as F")


def test_the_best_price_of_all_books_comes_first() -> None:
    world = routed(*ASKS)
    applied = place(world, "alice buy 6 @ 11 sor as A")
    assert told(applied) == [
        "A NEW",
        "trade 2@10",
        "allocated 2@10",
        "A 2@10 PARTIALLY_FILLED",
        "C 2@10 FILLED",
        "trade 3@10.5",
        "allocated 3@10.5",
        "A 3@10.5 PARTIALLY_FILLED",
        "F 3@10.5 FILLED",
        "trade 1@11",
        "allocated 1@11",
        "A 1@11 FILLED",
        "T 1@11 FILLED",
    ]
    assert [event.symbol for event in applied.events if isinstance(event, Trade)] == ["BTCUSDC", "BTCFDUSD", "BTCUSDT"]
    assert [event.symbol for event in applied.events if isinstance(event, BookDelta)] == ["BTCUSDT", "BTCUSDC", "BTCFDUSD"]
    world.exchange.check_invariants()


def test_the_same_when_selling() -> None:
    world = routed("bob buy 1 @ 9 as T", "bob buy 2 @ 10 on BTCUSDC as C", "bob buy 3 @ 9.5 on BTCFDUSD as F")
    texts = told(place(world, "alice sell 9 @ 9 sor as A"))
    assert [text for text in texts if text.startswith("trade")] == ["trade 2@10", "trade 3@9.5", "trade 1@9"]
    assert draw(world) == ["||9|A:3|"]
    assert world.balance(ALICE, "USDT") == (units("10057.5"), 0)
    assert [world.balance(BOB, quote) for quote in QUOTES] == [(units(free), 0) for free in ("9991", "9980", "9971.5")]
    world.exchange.check_invariants()


def test_among_equal_prices_the_own_book_comes_first_then_the_others_as_they_are_listed() -> None:
    rows = [f"bob sell 1 @ 10 on BTC{quote} as {quote[0]}" for quote in ("FDUSD", "USDC", "USDT")]
    world = routed(*rows)
    assert [venue.symbol.name for venue in markets_of(world.exchange.venue, world.exchange.markets["BTCUSDC"])] == [
        "BTCUSDC",
        "BTCUSDT",
        "BTCFDUSD",
    ]
    trades = [event for event in place(world, "alice buy 3 sor on BTCUSDC").events if isinstance(event, Trade)]
    assert [trade.symbol for trade in trades] == ["BTCUSDC", "BTCUSDT", "BTCFDUSD"]


def test_the_taker_pays_in_its_own_quote_and_the_makers_get_theirs() -> None:
    world = routed(*ASKS)
    issued = dict(world.exchange.ledger.issued)
    place(world, "alice buy 5 @ 11 sor as A")
    assert [world.balance(ALICE, quote) for quote in QUOTES] == [(units("9948.5"), 0), *[(units("10000"), 0)] * 2]
    assert [world.balance(BOB, quote)[0] for quote in QUOTES] == [units("10000"), units("10020"), units("10031.5")]
    # what the venue took in and gave out
    changes = {asset: world.exchange.ledger.issued[asset] - issued[asset] for asset in issued}
    assert changes == {"BTC": 0, "USDT": -units("51.5"), "USDC": units("20"), "FDUSD": units("31.5")}
    world.exchange.check_invariants()


def test_allocations_are_told_beside_ordinary_trades_of_the_makers() -> None:
    world = routed("bob sell 2 @ 10 on BTCUSDC as C")
    world.apply(SetCommission(ALICE, 0, units("0.01")))
    world.apply(SetCommission(BOB, units("0.02"), 0))
    applied = place(world, "alice buy 1 sor as A")
    allocation = next(event for event in applied.events if isinstance(event, Allocation))
    assert allocation == Allocation(
        "BTCUSDT", 0, ALICE, 1, world.now, units("10"), units("1"), units("10"), units("0.01"), "BTC", True
    )
    taker, maker = (event for event in applied.events if isinstance(event, ExecutionReport) and event.last_quantity)
    assert (taker.terms.symbol, taker.trade_id, taker.allocation_id, taker.commission) == ("BTCUSDT", -1, 0, units("0.01"))
    assert (taker.is_maker, maker.is_maker) == (False, True)
    assert (maker.terms.symbol, maker.trade_id, maker.allocation_id, maker.commission) == ("BTCUSDC", 0, -1, units("0.2"))
    trade = next(event for event in applied.events if isinstance(event, Trade))
    assert (trade.symbol, trade.trade_id, trade.buyer_is_maker) == ("BTCUSDC", 0, False)
    assert world.exchange.markets["BTCUSDT"].last_price == 0
    assert world.exchange.markets["BTCUSDC"].last_price == units("10")
    assert world.exchange.markets["BTCUSDT"].next_allocation_id == 1


def test_fills_in_the_own_book_are_allocations_too() -> None:
    """faqs/sor_faq: so its examples have it."""
    world = routed("bob sell 2 @ 10 as T")
    assert told(place(world, "alice buy 1 @ 10 sor as A")) == [
        "A NEW",
        "trade 1@10",
        "allocated 1@10",
        "A 1@10 FILLED",
        "T 1@10 PARTIALLY_FILLED",
    ]


def floor_of(world: World, name: str) -> WorkingFloor | None:
    """Return the working floor of an open order."""
    extras = find(world, name).extras
    return extras.floor if extras is not None else None


def test_the_working_floor_is_where_the_last_activity_was() -> None:
    world = routed("bob sell 1 @ 10 on BTCUSDC as C")
    first = reports(place(world, "alice buy 3 @ 10 sor as A"))
    assert [report.extras.floor for report in first[:2] if report.extras is not None] == [WorkingFloor.SOR] * 2
    assert floor_of(world, "A") is WorkingFloor.SOR
    # it rests on its own book, and fills there are ordinary trades
    assert told(place(world, "bob sell 1 @ 10 as B")) == ["B NEW", "trade 1@10", "B 1@10 FILLED", "A 1@10 PARTIALLY_FILLED"]
    assert floor_of(world, "A") is WorkingFloor.EXCHANGE
    place(world, "alice buy 1 @ 9 sor as A2")
    assert floor_of(world, "A2") is WorkingFloor.EXCHANGE


@pytest.mark.parametrize(
    ("row", "end"),
    [
        ("alice buy 9 @ 10.5 IOC sor as A", "A EXPIRED UNFILLED_IOC_QUANTITY"),
        ("alice buy 6 @ 10.5 FOK sor as A", "A EXPIRED UNFILLED_FOK_ORDER"),
        ("alice buy 9 sor as A", "A EXPIRED INSUFFICIENT_LIQUIDITY"),
    ],
)
def test_what_is_left_ends_as_its_terms_say(row: str, end: str) -> None:
    world = routed(*ASKS)
    assert told(place(world, row))[-1] == end
    assert world.balance(ALICE, "USDT")[1] == 0
    world.exchange.check_invariants()


def test_fill_or_kill_counts_all_books() -> None:
    assert told(place(routed(*ASKS), "alice buy 5 @ 10.5 FOK sor as A"))[-2:] == ["A 3@10.5 FILLED", "F 3@10.5 FILLED"]
    world = routed(*ASKS)
    home = world.exchange.markets["BTCUSDT"]
    account = world.exchange.accounts.by_id[ALICE]
    from_all = [quantity for _, quantity, _ in offers_routed(world.exchange.venue, home, account, BUY, SelfTradeMode.NONE)]
    assert from_all == [units("2"), units("3"), units("1")]
    assert [can_route(world.exchange.venue, home, BUY, 0, units(quantity)) for quantity in ("6", "6.1")] == [True, False]
    assert [can_route(world.exchange.venue, home, BUY, units("10.5"), units(quantity)) for quantity in ("5", "5.1")] == [
        True,
        False,
    ]
    assert (best_price(world.exchange.venue, home, BUY), best_price(world.exchange.venue, home, SELL)) == (units("10"), None)


def test_a_market_order_by_quote_quantity_is_sized_by_all_books() -> None:
    world = routed(*ASKS)
    assert told(place(world, "alice buy $41 sor as A"))[-2:] == ["A 2@10.5 FILLED", "F 2@10.5 PARTIALLY_FILLED"]
    assert world.balance(ALICE, "USDT") == (units("9959"), 0)


def test_only_open_markets_of_the_same_routing_are_met() -> None:
    world = routed(*ASKS)
    world.apply(SetSymbolStatus("BTCUSDC", SymbolStatus.CANCEL_ONLY))
    assert told(place(world, "alice buy 1 sor as A"))[-1] == "F 1@10.5 PARTIALLY_FILLED"
    world.apply(ConfigureVenue(VenueRules().to_spec()))
    assert reason(place(world, "alice buy 1 sor as A")) is Reason.SOR_NOT_SUPPORTED
    assert told(place(world, "alice buy 1 as A"))[-1] == "T 1@11 FILLED"


def test_balances_are_told_of_every_asset_that_moved() -> None:
    world = routed(*ASKS)
    applied = place(world, "alice buy 3 sor as A")
    updates = {
        event.account: {asset for asset, _, _ in event.balances} for event in applied.events if isinstance(event, AccountUpdate)
    }
    assert updates[BOB] >= {"BTC", "USDC", "FDUSD"}
    assert updates[ALICE] >= {"BTC", "USDT"}
    for event in applied.events:
        if isinstance(event, AccountUpdate):
            assert [(free, held) for _, free, held in event.balances] == [
                world.balance(event.account, asset) for asset, _, _ in event.balances
            ]


def test_a_routed_trade_triggers_the_stop_orders_of_its_book() -> None:
    world = routed("bob sell 1 @ 9 on BTCUSDC", "crowd buy 1 @ 9 on BTCUSDC", *ASKS, "bob buy 1 @ 12 STOP 10 on BTCUSDC as S")
    texts = told(place(world, "alice buy 1 @ 10 sor as A"))
    assert texts[-4:] == ["S NEW", "trade 1@10", "S 1@10 FILLED", "C 1@10 FILLED"]
    assert "S" not in opened(world, "BTCUSDC")
    world.exchange.check_invariants()
