"""What one command's work reports, and in which order."""

from typing import Any

from papernet.core.account import Account
from papernet.core.commands import ConfigureVenue, NewOrder
from papernet.core.enums import AccountKind, ExecType, ExpiryReason, OrderType, SelfTradeMode, Side, TimeInForce
from papernet.core.events import AccountUpdate, BookDelta, ExecutionReport, OrderExtras, PreventedMatch
from papernet.core.ledger import Ledger
from papernet.core.order import Order
from papernet.core.rejects import Reason, Reject
from papernet.venues.spot.market import Market
from papernet.venues.spot.turn import Turn
from papernet.venues.spot.venue import Venue
from papernet.venues.spot.venue_rules import Sor, VenueRules
from tests.support.orders import place, place_list
from tests.support.worlds import ALICE, BOB, World, make_symbol, units

ALONE = Account(1, "alice", 1, AccountKind.USER, 0)


def make_turn() -> tuple[Turn, Market, Order]:
    """Return a turn at time 50 on a market with one order of an account with nothing."""
    venue = Venue({1: ALONE}, Ledger())
    market = Market(make_symbol())
    venue.add(market)
    terms = NewOrder(1, "BTCUSDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 5, 6, 0, "A")
    order = Order(terms, 7, 40)
    order.extras = OrderExtras(3)
    return Turn(venue, market, 50), market, order


def test_reports_say_how_the_order_stands_and_take_the_next_execution_id() -> None:
    turn, market, order = make_turn()
    terms = order.terms
    match = PreventedMatch("BTCUSDT", 0, 50, 1, 1, 7, 8, "BTCUSDT", -1, SelfTradeMode.DECREMENT, 6, 1, 1, 1)
    reject = Reject(Reason.WOULD_TAKE)
    turn.report(market, order, ExecType.NEW)
    order.cum_quantity, order.cum_quote = 2, 12
    turn.report_fill(market, order, (6, 2, 12), (1, "BTC", 1), 4, is_maker=True)
    turn.report_fill(market, order, (6, 2, 12), (1, "BTC", 1), -1, is_maker=False, allocation_id=9)
    turn.report_prevented(market, order, match)
    assert turn.report_replaced(market, order, "before") == 5
    turn.report_rejected(market, order, reject)
    turn.report(market, order, ExecType.CANCELED, request_id="why")
    assert market.next_exec_id == 8
    kinds, state = ExecType, (50, 40, 5)

    def report(exec_id: int, kind: ExecType, filled: tuple[int, int] = (2, 12), **more: Any) -> ExecutionReport:
        values = {"extras": OrderExtras(3)} | more
        return ExecutionReport(terms, 7, exec_id, kind, order.status, *state, *filled, **values)

    fill: dict[str, Any] = {"last_quantity": 2, "last_price": 6, "last_quote": 12, "commission": 1, "commission_asset": "BTC"}
    assert turn.events == [
        report(1, kinds.NEW, (0, 0)),
        report(2, kinds.TRADE, **fill, trade_id=4, is_maker=True),
        report(3, kinds.TRADE, **fill, allocation_id=9),
        report(4, kinds.TRADE_PREVENTION, prevented=match),
        report(5, kinds.REPLACED, amended_from="before"),
        report(6, kinds.EXPIRED, expiry_reason=ExpiryReason.REJECTED, reject=reject),
        report(7, kinds.CANCELED, request_id="why"),
    ]


def test_at_last_come_the_books_and_then_the_balances_of_users() -> None:
    world = World()
    place(world, "bob sell 5 @ 10")
    place(world, "crowd sell 5 @ 10")
    applied = place(world, "alice buy 7 @ 10")
    kinds = [type(event) for event in applied.events[-3:]]
    assert kinds == [BookDelta, AccountUpdate, AccountUpdate]
    assert [event.account for event in applied.events if isinstance(event, AccountUpdate)] == [ALICE, BOB]
    assert {account.updated_at for account in world.exchange.accounts.by_id.values()} == {world.now}


def test_a_change_of_a_book_is_told_by_one_delta_with_consecutive_update_ids() -> None:
    world = World()
    for row in ("bob sell 1 @ 10", "bob sell 1 @ 11", "bob sell 1 @ 12"):
        place(world, row)
    (delta,) = (event for event in place(world, "alice buy 4 @ 12").events if isinstance(event, BookDelta))
    assert delta.changes == (
        (Side.SELL, units("10"), 0),
        (Side.SELL, units("11"), 0),
        (Side.SELL, units("12"), 0),
        (Side.BUY, units("12"), units("1")),
    )
    assert (delta.first_update_id, delta.last_update_id) == (4, 7)
    assert world.exchange.markets["BTCUSDT"].book.changes == []


def test_what_changes_no_book_tells_of_none() -> None:
    world = World()
    for row in ("bob sell 1 @ 10", "crowd buy 1 @ 10"):
        place(world, row)
    applied = place(world, "alice sell 1 STOP 8")
    assert [type(event) for event in applied.events] == [ExecutionReport, AccountUpdate]


def test_whoever_is_touched_is_told_of_once_with_every_asset_that_moved() -> None:
    """A routed order that triggers a stop order on the other book: its owner's quote asset is that book's."""
    world = World(
        make_symbol(),
        make_symbol(name="BTCUSDC", quote="USDC"),
        balances=(("BTC", units("100")), ("USDT", units("1000")), ("USDC", units("1000"))),
    )
    world.apply(ConfigureVenue(VenueRules(sors=(Sor("BTC", ("BTCUSDT", "BTCUSDC")),)).to_spec()))
    for row in (
        "crowd sell 1 @ 9 on BTCUSDC",
        "crowd buy 1 @ 9 on BTCUSDC",
        "crowd sell 3 @ 10 on BTCUSDC",
        "bob buy 2 @ 12 STOP 10 on BTCUSDC IOC",
    ):
        place(world, row)
    applied = place(world, "alice buy 1 @ 10 sor")
    told = {event.account: event.balances for event in applied.events if isinstance(event, AccountUpdate)}
    assert len([event for event in applied.events if isinstance(event, AccountUpdate)]) == len(told) == 2
    for account, rows in told.items():
        assert [(free, held) for _, free, held in rows] == [world.balance(account, asset) for asset, _, _ in rows]
    assert {asset for asset, _, _ in told[BOB]} >= {"BTC", "USDC"}
    assert {asset for asset, _, _ in told[ALICE]} >= {"BTC", "USDT"}
    assert [event.symbol for event in applied.events if isinstance(event, BookDelta)] == ["BTCUSDC"]


def test_a_member_that_ends_unseen_touches_its_account() -> None:
    world = World()
    for row in ("crowd sell 1 @ 10", "crowd buy 1 @ 10"):
        place(world, row)
    place_list(world, "OCO", "alice sell 2 STOP 8", "alice sell 2 @ 12 MAKER")
    applied = place(world, "crowd buy 1 @ 12")
    (update,) = (event for event in applied.events if isinstance(event, AccountUpdate))
    assert (update.account, {row[0]: row[1:] for row in update.balances}["BTC"]) == (ALICE, (units("998"), units("1")))


def test_both_assets_are_told_even_of_an_account_that_never_had_one() -> None:
    for balances, row in (((("BTC", units("5")),), "alice sell 1 @ 10"), ((("USDT", units("50")),), "alice buy 1 @ 10")):
        (update,) = (event for event in place(World(balances=balances), row).events if isinstance(event, AccountUpdate))
        assert [asset for asset, _, _ in update.balances] == ["BTC", "USDT"]
        assert sum(free + held for _, free, held in update.balances) == balances[0][1]
