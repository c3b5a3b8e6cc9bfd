"""Stories of orders meeting a book, each with the book drawn before and after."""

import pytest
from msgspec.structs import replace

from papernet.core.commands import CancelOrder, SetCommission
from papernet.core.enums import CancelRestriction, ExecType, ExpiryReason, OrderStatus, Side, SymbolStatus, TimeInForce
from papernet.core.events import AccountUpdate, BookDelta, ExecutionReport, Trade
from papernet.core.rejects import Reason
from papernet.core.units import SCALE
from papernet.venues.spot.symbols import MarketLotSize
from tests.support.scripts import check
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    World,
    fine_symbol,
    lot_size,
    make_symbol,
    price_filter,
    reason,
    reports,
    trades,
    units,
)

# ---- priority and price


def test_best_price_first_then_oldest_first() -> None:
    check("""
        alice buy 1 @ 10.4 as A1
        bob   buy 2 @ 10.5 as B1
        alice buy 3 @ 10.5 as A2
        crowd buy 4 @ 10.6 as C1
        bob   buy 5 @ 10.5 as B2
        book
        | C1:4           | 10.6 | |
        | B1:2 A2:3 B2:5 | 10.5 | |
        | A1:1           | 10.4 | |
        alice sell 10 @ 10.4 as S1    -> NEW, 4@10.6 with C1, 2@10.5 with B1, 3@10.5 with A2, 1@10.5 with B2, FILLED
        book
        | B2:4           | 10.5 | |
        | A1:1           | 10.4 | |
    """)


def test_the_same_on_the_other_side() -> None:
    check("""
        alice sell 1 @ 10.6 as A1
        bob   sell 2 @ 10.5 as B1
        alice sell 3 @ 10.5 as A2
        crowd sell 4 @ 10.4 as C1
        book
        | | 10.6 | A1:1      |
        | | 10.5 | B1:2 A2:3 |
        | | 10.4 | C1:4      |
        bob   buy 7 @ 10.6 as T1      -> NEW, 4@10.4 with C1, 2@10.5 with B1, 1@10.5 with A2, FILLED
        book
        | | 10.6 | A1:1 |
        | | 10.5 | A2:2 |
    """)


def test_trades_happen_at_the_makers_price_and_what_was_held_for_a_worse_one_comes_back() -> None:
    check("""
        bob   sell 2 @ 10 as B1
        bob   has 998 + 2 BTC
        alice buy 2 @ 12              -> NEW, 2@10 with B1, FILLED
        alice has 99980 + 0 USDT
        alice has 1002 + 0 BTC
        bob   has 998 + 0 BTC
        bob   has 100020 + 0 USDT
    """)


def test_a_partly_filled_order_rests_with_what_is_left_and_holds_just_that() -> None:
    check("""
        bob   sell 2 @ 10 as B1
        alice buy 5 @ 11 as A1        -> NEW, 2@10 with B1
        book
        | A1:3 | 11 | |
        alice has 99947 + 33 USDT
        bob   sell 1 @ 11             -> NEW, 1@11 with A1, FILLED
        alice has 99947 + 22 USDT
        alice cancel A1               -> CANCELED A1
        alice has 99969 + 0 USDT
        book
    """)


def test_a_partly_filled_maker_keeps_its_place_in_the_queue() -> None:
    check("""
        alice buy 5 @ 10 as A1
        bob   buy 5 @ 10 as B1
        crowd sell 2 @ 10             -> NEW, 2@10 with A1, FILLED
        book
        | A1:3 B1:5 | 10 | |
        crowd sell 4 @ 10             -> NEW, 3@10 with A1, 1@10 with B1, FILLED
        book
        | B1:4 | 10 | |
    """)


def test_orders_that_only_touch_do_trade_and_those_a_tick_apart_do_not() -> None:
    check("""
        alice buy 1 @ 10 as A1
        bob   sell 1 @ 10.01 as B1    -> NEW
        book
        |      | 10.01 | B1:1 |
        | A1:1 | 10    |      |
        bob   sell 1 @ 10             -> NEW, 1@10 with A1, FILLED
        alice buy 1 @ 10.01           -> NEW, 1@10.01 with B1, FILLED
        book
    """)


def test_leaving_the_middle_of_a_queue_moves_nobody_else() -> None:
    check("""
        alice buy 1 @ 10 as A1
        alice buy 2 @ 10 as A2
        alice buy 3 @ 10 as A3
        alice cancel A2               -> CANCELED A2
        book
        | A1:1 A3:3 | 10 | |
        alice cancel A1
        alice buy 4 @ 10 as A1
        book
        | A3:3 A1:4 | 10 | |
        alice cancel A1
        book
        | A3:3 | 10 | |
    """)


# ---- time in force


def test_immediate_or_cancel_takes_what_is_there_and_expires_with_the_rest() -> None:
    world = check("""
        bob   sell 2 @ 10 as B1
        bob   sell 2 @ 11 as B2
        alice buy 5 @ 10 IOC          -> NEW, 2@10 with B1, EXPIRED UNFILLED_IOC_QUANTITY
        book
        | | 11 | B2:2 |
        alice has 99980 + 0 USDT
        alice buy 1 @ 10 IOC          -> NEW, EXPIRED UNFILLED_IOC_QUANTITY
        alice has 99980 + 0 USDT
        alice buy 2 @ 11 IOC          -> NEW, 2@11 with B2, FILLED
    """)
    partly = [report for report in reports(world.applied[6]) if not report.is_maker][-1]
    assert (partly.status, partly.cum_quantity, partly.cum_quote) == (OrderStatus.EXPIRED, units("2"), units("20"))


def test_fill_or_kill_is_whole_or_nothing() -> None:
    check("""
        bob   sell 2 @ 10 as B1
        crowd sell 3 @ 11 as C1
        bob   sell 9 @ 12 as B2
        -- one lot is missing
        alice buy 5.1 @ 11 FOK        -> NEW, EXPIRED UNFILLED_FOK_ORDER
        alice has 100000 + 0 USDT
        book
        | | 12 | B2:9 |
        | | 11 | C1:3 |
        | | 10 | B1:2 |
        alice buy 5 @ 11 FOK          -> NEW, 2@10 with B1, 3@11 with C1, FILLED
        book
        | | 12 | B2:9 |
        alice buy 1 @ 11.99 FOK       -> NEW, EXPIRED UNFILLED_FOK_ORDER
    """)


def test_fill_or_kill_on_the_sell_side() -> None:
    check("""
        bob   buy 2 @ 11 as B1
        bob   buy 3 @ 10 as B2
        alice sell 5.1 @ 10 FOK       -> NEW, EXPIRED UNFILLED_FOK_ORDER
        alice sell 5 @ 10.01 FOK      -> NEW, EXPIRED UNFILLED_FOK_ORDER
        alice has 1000 + 0 BTC
        alice sell 5 @ 10 FOK         -> NEW, 2@11 with B1, 3@10 with B2, FILLED
        book
    """)


def test_post_only_rests_or_is_refused() -> None:
    check("""
        alice buy 1 @ 10 as A1
        bob   sell 1 @ 11 as B1
        bob   sell 1 @ 10 MAKER       -> WOULD_TAKE
        alice buy 1 @ 11 MAKER        -> WOULD_TAKE
        alice buy 1 @ 11.5 MAKER      -> WOULD_TAKE
        alice buy 1 @ 10.99 MAKER as A2
        bob   sell 1 @ 11 MAKER as B2
        book
        |      | 11    | B1:1 B2:1 |
        | A2:1 | 10.99 |           |
        | A1:1 | 10    |           |
        crowd buy 2 @ 11              -> NEW, 1@11 with B1, 1@11 with B2, FILLED
    """)


# ---- market orders


def test_a_market_order_on_an_empty_book_expires() -> None:
    check("""
        alice buy 1                   -> NEW, EXPIRED INSUFFICIENT_LIQUIDITY
        alice sell 1                  -> NEW, EXPIRED INSUFFICIENT_LIQUIDITY
        alice has 100000 + 0 USDT
        alice has 1000 + 0 BTC
        book
    """)


def test_a_market_order_walks_a_thin_book_and_expires_with_the_rest() -> None:
    check("""
        bob   sell 1 @ 10 as B1
        bob   sell 1 @ 5000 as B2
        alice buy 3                   -> NEW, 1@10 with B1, 1@5000 with B2, EXPIRED INSUFFICIENT_LIQUIDITY
        alice has 94990 + 0 USDT
        bob   buy 1 @ 10 as B3
        alice sell 3                  -> NEW, 1@10 with B3, EXPIRED INSUFFICIENT_LIQUIDITY
        alice has 1001 + 0 BTC
        book
    """)


def test_a_market_buy_needs_what_the_book_costs_and_no_more() -> None:
    check("""
        bob   sell 10 @ 9999 as B1
        bob   sell 1 @ 10 as B2
        bob   sell 1 @ 10.01 as B3
        -- 10 + 10.01 + 9 x 9999 = 90,011.01
        alice gets -9988.99 USDT
        alice buy 11.1                -> INSUFFICIENT_BALANCE
        alice buy 11                  -> NEW, 1@10 with B2, 1@10.01 with B3, 9@9999 with B1, FILLED
        alice has 0 + 0 USDT
    """)


def test_a_market_sell_needs_its_whole_quantity_even_when_the_book_is_thin() -> None:
    check("""
        bob   buy 1 @ 10 as B1
        alice sell 1000.1             -> INSUFFICIENT_BALANCE
        alice sell 1000               -> NEW, 1@10 with B1, EXPIRED INSUFFICIENT_LIQUIDITY
    """)


# ---- market orders by quote quantity


def test_a_market_buy_for_an_amount_takes_as_many_lots_as_the_amount_pays_for() -> None:
    world = check("""
        bob   sell 1 @ 10 as B1
        bob   sell 5 @ 20 as B2
        -- 10 for the first, then 25 buy 1.25 at 20: 1.2 in lots of 0.1
        alice buy $35                 -> NEW, 1@10 with B1, 1.2@20 with B2, FILLED
        alice has 99966 + 0 USDT
        book
        | | 20 | B2:3.8 |
    """)
    new, *_, last = [report for report in reports(world.applied[-1]) if not report.is_maker]
    assert (new.exec_type, new.quantity, new.terms.quantity) == (ExecType.NEW, units("2.2"), 0)
    assert (last.quantity, last.cum_quantity, last.cum_quote) == (units("2.2"), units("2.2"), units("34"))


def test_a_market_sell_for_an_amount_gives_as_many_lots_as_the_amount_asks_for() -> None:
    check("""
        bob   buy 1 @ 20 as B1
        bob   buy 5 @ 10 as B2
        alice sell $36                -> NEW, 1@20 with B1, 1.6@10 with B2, FILLED
        alice has 100036 + 0 USDT
        alice sell $10.99             -> NEW, 1@10 with B2, FILLED
        alice has 100046 + 0 USDT
    """)


def test_an_amount_beyond_the_book_takes_the_whole_book() -> None:
    check("""
        bob   sell 1 @ 10 as B1
        bob   sell 2 @ 20 as B2
        alice buy $90000              -> NEW, 1@10 with B1, 2@20 with B2, FILLED
        book
        alice has 99950 + 0 USDT
        bob   buy 2 @ 20 as B3
        alice sell $90000             -> NEW, 2@20 with B3, FILLED
    """)


def test_an_amount_needs_a_book_and_pays_for_a_lot_at_least() -> None:
    check("""
        alice buy $50                 -> NO_LIQUIDITY_FOR_QUOTE
        bob   buy 1 @ 10
        alice buy $50                 -> NO_LIQUIDITY_FOR_QUOTE
        bob   sell 1 @ 1000 as B1
        alice buy $99.99              -> LIQUIDITY_BELOW_LOT_SIZE
        alice buy $100                -> NEW, 0.1@1000 with B1, FILLED
        alice buy $9999999999         -> INSUFFICIENT_BALANCE
        alice buy $1001               -> NEW, 0.9@1000 with B1, FILLED
    """)


def market_lots() -> World:
    """Return a world whose market orders have lots of 0.2 from 0.4 on."""
    return World(
        make_symbol(
            price_filter("0.01", "0", "0.01"), lot_size("0.1", "0", "0.1"), MarketLotSize(units("0.4"), 0, units("0.2"))
        )
    )


def test_an_amount_is_sized_to_the_lots_of_market_orders_too() -> None:
    check(
        """
        bob   sell 5 @ 100 as B1
        alice buy $9                  -> LIQUIDITY_BELOW_LOT_SIZE
        alice buy $39                 -> LIQUIDITY_BELOW_MARKET_LOT_SIZE
        alice buy $59                 -> NEW, 0.4@100 with B1, FILLED
        alice buy $60                 -> NEW, 0.6@100 with B1, FILLED
    """,
        market_lots,
    )


@pytest.mark.parametrize(
    ("largest", "market_largest", "sized"),
    [("3", "0", "3"), ("9", "3", "3"), ("3", "9", "3"), ("3.05", "0", "3"), ("0", "3", "3")],
)
def test_an_amount_is_never_sized_beyond_the_largest_quantity(largest: str, market_largest: str, sized: str) -> None:
    world = World(make_symbol(lot_size("0.1", largest, "0.1"), MarketLotSize(0, units(market_largest), 0)))
    for _ in range(5):
        world.sell(BOB, "2", "10")
    # rest-api.md, New order: an order by quote quantity does not break LOT_SIZE.
    for applied in (world.buy(ALICE, "0", quote="95"), world.buy(ALICE, "0", quote="30.99")):
        assert reason(applied) is None
        assert reports(applied)[0].quantity == units(sized)


# ---- oneself


def test_an_account_may_trade_with_itself() -> None:
    check("""
        alice sell 2 @ 10 as A1
        alice pays 0.001 0.002
        alice buy 2 @ 11 as A2        -> NEW, 2@10 with A1, FILLED
        -- 0.2 % of 2 BTC as taker who buys, 0.1 % of 20 USDT as maker who sells
        alice has 999.996 + 0 BTC
        alice has 99999.98 + 0 USDT
        book
    """)


# ---- client order ids


def test_client_order_ids_are_unique_among_open_orders_only() -> None:
    check("""
        alice buy 1 @ 10 as X
        alice buy 1 @ 9 as X          -> DUPLICATE_CLIENT_ORDER_ID
        alice sell 1 @ 12 as X        -> DUPLICATE_CLIENT_ORDER_ID
        alice buy 1 as X              -> DUPLICATE_CLIENT_ORDER_ID
        -- others may have the same
        bob   buy 1 @ 9 as X
        -- reusable after a fill
        crowd sell 1 @ 10             -> NEW, 1@10 with X, FILLED
        alice buy 1 @ 10 as X
        -- and after a partial fill not yet
        alice buy 3 @ 11 as Y
        crowd sell 1 @ 11             -> NEW, 1@11 with Y, FILLED
        alice buy 1 @ 10 as Y         -> DUPLICATE_CLIENT_ORDER_ID
        -- reusable after a cancel
        alice cancel X                -> CANCELED X
        alice buy 1 @ 10 as X
        -- and after an expiry, which never rested
        alice buy 1 @ 1 IOC as Z      -> NEW, EXPIRED UNFILLED_IOC_QUANTITY
        alice buy 1 @ 1 as Z
    """)


def test_client_order_ids_are_unique_within_a_symbol() -> None:
    world = World(make_symbol(), make_symbol(name="ETHUSDT", base="ETH"))
    assert reason(world.buy(ALICE, "1", "10", cid="X")) is None
    assert reason(world.buy(ALICE, "1", "10", cid="X", symbol="ETHUSDT")) is None
    assert reason(world.buy(ALICE, "1", "10", cid="X", symbol="ETHUSDT")) is Reason.DUPLICATE_CLIENT_ORDER_ID


def test_orders_without_a_client_order_id_get_one_each() -> None:
    world = World()
    given = [reports(world.buy(account, "1", "10"))[0].terms.client_order_id for account in (ALICE, ALICE, BOB, CROWD, CROWD)]
    assert all(given)
    assert len(set(given)) == len(given)
    assert reason(world.cancel(ALICE, orig=given[0])) is None


# ---- cancels


def test_cancels_name_their_order_by_either_id_or_by_both() -> None:
    check("""
        alice buy 1 @ 10 as A1
        alice buy 1 @ 10 as A2
        alice buy 1 @ 10 as A3
        alice cancel #1               -> CANCELED A1
        alice cancel #1               -> UNKNOWN_ORDER
        alice cancel A1               -> UNKNOWN_ORDER
        alice cancel A3 #2            -> UNKNOWN_ORDER
        alice cancel A2 #3            -> UNKNOWN_ORDER
        alice cancel A2 #2            -> CANCELED A2
        alice cancel A3               -> CANCELED A3
        alice cancel                  -> UNKNOWN_ORDER
        alice has 100000 + 0 USDT
    """)


def test_nobody_cancels_anothers_order() -> None:
    check("""
        alice buy 1 @ 10 as A1
        bob   cancel A1               -> UNKNOWN_ORDER
        bob   cancel #1               -> UNKNOWN_ORDER
        bob   cancel A1 #1            -> UNKNOWN_ORDER
        bob   cancel all              -> UNKNOWN_ORDER
        book
        | A1:1 | 10 | |
    """)


def test_a_filled_order_cannot_be_cancelled() -> None:
    check("""
        alice buy 1 @ 10 as A1
        bob   sell 1 @ 10             -> NEW, 1@10 with A1, FILLED
        alice cancel A1               -> UNKNOWN_ORDER
        alice cancel #1               -> UNKNOWN_ORDER
    """)


def test_restrictions_on_the_status_of_the_order() -> None:
    check("""
        alice buy 2 @ 10 as A1
        alice buy 2 @ 10 as A2
        alice cancel A1 ONLY_PARTIALLY_FILLED  -> CANCEL_RESTRICTED
        bob   sell 1 @ 10             -> NEW, 1@10 with A1, FILLED
        alice cancel A1 ONLY_NEW      -> CANCEL_RESTRICTED
        alice cancel A9 ONLY_NEW      -> UNKNOWN_ORDER
        alice cancel A2 ONLY_NEW      -> CANCELED A2
        alice cancel #1 ONLY_PARTIALLY_FILLED  -> CANCELED A1
    """)


def test_cancel_all_takes_an_accounts_orders_on_one_symbol_oldest_first() -> None:
    world = check("""
        alice buy 1 @ 10 as A1
        alice sell 1 @ 20 as A2
        bob   buy 1 @ 10 as B1
        alice buy 1 @ 11 as A3
        alice cancel all              -> CANCELED A1, CANCELED A2, CANCELED A3
        alice cancel all              -> UNKNOWN_ORDER
        alice has 100000 + 0 USDT
        alice has 1000 + 0 BTC
        book
        | B1:1 | 10 | |
    """)
    cancelled = reports(world.applied[-2])
    assert len({report.request_id for report in cancelled}) == 1
    assert cancelled[0].request_id


def test_cancel_all_leaves_other_symbols_alone() -> None:
    world = World(make_symbol(), make_symbol(name="ETHUSDT", base="ETH"))
    world.buy(ALICE, "1", "10")
    world.buy(ALICE, "1", "10", symbol="ETHUSDT")
    assert len(reports(world.cancel_all(ALICE, "ETHUSDT"))) == 1
    assert list(world.exchange.accounts.by_id[ALICE].open_orders) == [("BTCUSDT", 1)]
    assert len(world.exchange.markets["BTCUSDT"].orders) == 1


def test_a_cancel_is_told_with_the_name_of_its_request() -> None:
    world = World()
    for command_name, told in (("mine", "mine"), ("", None)):
        world.buy(ALICE, "2", "10", cid="A1")
        world.sell(BOB, "1", "10")
        applied = world.apply(CancelOrder(ALICE, "BTCUSDT", -1, "A1", command_name))
        report = reports(applied)[0]
        assert report.request_id == told or (told is None and len(report.request_id) == 22)
        assert report.terms.client_order_id == "A1"
        assert (report.exec_type, report.status) == (ExecType.CANCELED, OrderStatus.CANCELED)
        assert (report.quantity, report.cum_quantity, report.cum_quote) == (units("2"), units("1"), units("10"))


def test_a_closed_market_takes_no_orders_but_lets_go_of_those_it_has() -> None:
    for status in SymbolStatus:
        outcome = "NEW" if status is SymbolStatus.TRADING else "MARKET_CLOSED"
        check(f"""
            alice buy 1 @ 10 as A1
            alice buy 1 @ 10 as A2
            market {status.name}
            bob   buy 1 @ 9               -> {outcome}
            alice cancel A1               -> CANCELED A1
            alice cancel all              -> CANCELED A2
            market TRADING
            bob   buy 1 @ 9               -> NEW
        """)


# ---- funds


def test_an_order_needs_its_funds_to_the_last_unit() -> None:
    check("""
        alice buy 1000 @ 100 as A1    -> NEW
        alice has 0 + 100000 USDT
        alice buy 0.1 @ 0.01          -> INSUFFICIENT_BALANCE
        alice cancel A1
        alice buy 1000.1 @ 100        -> INSUFFICIENT_BALANCE
        alice gets 10 USDT
        alice buy 1000.1 @ 100        -> NEW
        bob   sell 1000.1 @ 200       -> INSUFFICIENT_BALANCE
        bob   sell 1000 @ 200         -> NEW
        bob   has 0 + 1000 BTC
        bob   sell 0.1 @ 200          -> INSUFFICIENT_BALANCE
    """)


def test_an_account_without_the_asset_is_as_poor_as_one_with_none_left() -> None:
    world = World(balances=(("BTC", SCALE),))
    assert reason(world.buy(ALICE, "1", "10")) is Reason.INSUFFICIENT_BALANCE
    assert reason(world.buy(ALICE, "1", "10", tif=TimeInForce.IOC)) is Reason.INSUFFICIENT_BALANCE


def test_a_fill_or_kill_needs_its_funds_before_it_is_killed() -> None:
    check("""
        alice buy 5000 @ 100 FOK      -> INSUFFICIENT_BALANCE
        alice buy 5000 @ 100 IOC      -> INSUFFICIENT_BALANCE
    """)


# ---- commissions


def test_commission_is_taken_out_of_what_is_received() -> None:
    world = check("""
        alice pays 0.001 0.002
        bob   pays 0.003 0.004
        alice sell 10 @ 100 as A1
        bob   buy 10 @ 100            -> NEW, 10@100 with A1, FILLED
        alice has 100999 + 0 USDT
        bob   has 1009.96 + 0 BTC
        bob   has 99000 + 0 USDT
        alice buy 1 @ 50 as A2
        bob   sell 1 @ 50             -> NEW, 1@50 with A2, FILLED
        alice has 990.999 + 0 BTC
        bob   has 99049.8 + 0 USDT
    """)
    assert world.exchange.ledger.collected == {"USDT": units("1.2"), "BTC": units("0.041")}
    taker, maker = reports(world.applied[-1])[1:]
    assert (taker.commission, taker.commission_asset) == (units("0.2"), "USDT")
    assert (maker.commission, maker.commission_asset) == (units("0.001"), "BTC")


def test_buyers_and_sellers_rates_come_on_top_of_makers_and_takers() -> None:
    check("""
        alice pays 0.001 0.002 0.01 0.02
        bob   pays 0.003 0.004 0.03 0.04
        alice sell 10 @ 100 as A1
        -- alice: 1000 less 0.1 % as maker and 2 % as seller; bob: 10 less 0.4 % as taker and 3 % as buyer
        bob   buy 10 @ 100
        alice has 100979 + 0 USDT
        bob   has 1009.66 + 0 BTC
        -- bob: 1000 less 0.4 % and 4 %; alice: 10 less 0.1 % and 1 %
        alice buy 10 @ 100 as A2
        bob   sell 10 @ 100
        bob   has 99956 + 0 USDT
        alice has 999.89 + 0 BTC
    """)


def test_commission_is_rounded_half_up_and_its_rates_are_added_before() -> None:
    world = World(make_symbol())
    for maker_or_taker, buyer, taken in ((SCALE // 2, SCALE // 2, 3), (SCALE // 4, SCALE // 4, 2), (SCALE // 4, 0, 1)):
        world.apply(SetCommission(BOB, 0, maker_or_taker, buyer, 0))
        world.sell(ALICE, "0.00000003", "1")
        # of 3: all, a half (1.5) and a quarter (0.75, which two steps of an eighth would have made 0)
        assert reports(world.buy(BOB, "0.00000003", "1"))[1].commission == taken


# ---- rounding: ETHBTC, where price x quantity has more than eight decimals


def fine_world() -> World:
    """Return a world with ETHBTC."""
    return World(fine_symbol(), balances=(("ETH", units("10")), ("BTC", units("10"))))


def test_a_buy_holds_its_notional_rounded_up_and_leaves_nothing_held() -> None:
    check(
        """
        -- 0.04999 x 0.0003 = 0.000014997 exactly
        alice buy 0.0003 @ 0.04999 as A1
        alice has 9.9999850 + 0.0000150 BTC
        alice cancel A1
        alice has 10 + 0 BTC
    """,
        fine_world,
    )
    world = World(make_symbol(name="ETHBTC", base="ETH", quote="BTC"), balances=(("ETH", SCALE), ("BTC", SCALE)))
    world.buy(ALICE, "0.0003", "0.049999")
    assert world.balance(ALICE, "BTC") == (SCALE - 1_500, 1_500)  # 1499.97 units
    for sold in ("0.0001", "0.0001"):
        world.sell(BOB, sold, "0.049999")  # 499.99 units: moves 499
    # two thirds filled: what is left needs 499.99, rounded up
    assert world.balance(ALICE, "BTC") == (SCALE - 998 - 500, 500)
    world.cancel(ALICE, 1)
    assert world.balance(ALICE, "BTC") == (SCALE - 998, 0)
    assert world.balance(BOB, "BTC") == (SCALE + 998, 0)
    world.exchange.check_invariants()


def test_the_last_unit_of_the_buyer_is_enough_for_any_way_of_being_filled() -> None:
    for parts in ((3,), (1, 2), (2, 1), (1, 1, 1)):
        world = World(make_symbol(name="ETHBTC", base="ETH", quote="BTC"), balances=(("ETH", SCALE), ("BTC", 2)))
        assert reason(world.buy(ALICE, "0.00000003", "0.50000001")) is None
        assert world.balance(ALICE, "BTC") == (0, 2)
        for part in parts:
            assert reason(world.sell(BOB, f"0.0000000{part}")) is None
        free, held = world.balance(ALICE, "BTC")
        assert held == 0
        assert free == 2 - sum(50_000_001 * part // SCALE for part in parts)
        assert world.balance(ALICE, "ETH")[0] == SCALE + 3
        world.exchange.check_invariants()


def test_a_market_buy_over_several_orders_of_a_level_gives_back_what_rounding_left() -> None:
    world = World(make_symbol(name="ETHBTC", base="ETH", quote="BTC"), balances=(("ETH", SCALE), ("BTC", SCALE)))
    for _ in range(4):
        world.sell(BOB, "0.00000003", "0.5")  # 1.5 units each, 6 together
    applied = world.buy(ALICE, "0.00000012")
    assert reports(applied)[-2].cum_quote == 4
    assert world.balance(ALICE, "BTC") == (SCALE - 4, 0)
    world.exchange.check_invariants()


# ---- what is told, and in which order


def test_the_events_of_a_trade_come_in_the_promised_order() -> None:
    world = World()
    world.sell(BOB, "1", "10", cid="B1")
    world.sell(CROWD, "1", "11", cid="C1")
    applied = world.buy(ALICE, "3", "12", cid="A1")
    told = [
        (event.exec_type.name, event.terms.client_order_id) if isinstance(event, ExecutionReport) else type(event).__name__
        for event in applied.events
    ]
    assert told == [
        ("NEW", "A1"),
        "Trade",
        ("TRADE", "A1"),
        ("TRADE", "B1"),
        "Trade",
        ("TRADE", "A1"),
        ("TRADE", "C1"),
        "BookDelta",
        "AccountUpdate",
        "AccountUpdate",
    ]
    # the crowd's balances are nobody's business
    assert [event.account for event in applied.events if isinstance(event, AccountUpdate)] == [ALICE, BOB]
    delta = next(event for event in applied.events if isinstance(event, BookDelta))
    assert delta.changes == (
        (Side.SELL, units("10"), 0),
        (Side.SELL, units("11"), 0),
        (Side.BUY, units("12"), units("1")),
    )
    assert (delta.first_update_id, delta.last_update_id) == (3, 5)
    first, second = trades(applied)
    assert first == Trade("BTCUSDT", 0, world.now, units("10"), units("1"), units("10"), False, 3, 1)
    assert second == Trade("BTCUSDT", 1, world.now, units("11"), units("1"), units("11"), False, 3, 2)
    sold = world.sell(BOB, "1", "12")
    assert trades(sold)[0].buyer_is_maker


def test_balances_are_told_as_they_are_after_the_command() -> None:
    world = World()
    world.sell(BOB, "2", "10")
    applied = world.buy(ALICE, "1", "10")
    told = {event.account: event.balances for event in applied.events if isinstance(event, AccountUpdate)}
    assert told == {
        ALICE: (("BTC", units("1001"), 0), ("USDT", units("99990"), 0)),
        BOB: (("BTC", units("998"), units("1")), ("USDT", units("100010"), 0)),
    }


def test_ids_are_consecutive_and_refusals_use_none() -> None:
    world = World(make_symbol(), make_symbol(name="ETHUSDT", base="ETH"))
    market = world.exchange.markets["BTCUSDT"]
    world.sell(BOB, "1", "10")
    world.buy(ALICE, "99999999", "10")
    world.buy(ALICE, "1", "10", maker=True)
    world.cancel(ALICE, 77)
    world.buy(ALICE, "1", "9", symbol="ETHUSDT")
    applied = world.buy(ALICE, "2", "10")
    assert [report.order_id for report in reports(applied)] == [2, 2, 1]
    assert [report.exec_id for report in reports(applied)] == [2, 3, 4]
    assert [trade.trade_id for trade in trades(applied)] == [0]
    assert (market.next_order_id, market.next_trade_id, market.next_exec_id, market.book.update_id) == (3, 1, 5, 3)
    assert world.exchange.markets["ETHUSDT"].next_order_id == 2


def test_times_are_the_entrys() -> None:
    world = World()
    world.buy(ALICE, "2", "10", cid="A1")
    born = world.now
    world.now += 5
    _, _, filled = reports(world.sell(BOB, "1", "10"))
    assert (filled.created_at, filled.at) == (born, born + 5)
    order = world.exchange.accounts.by_id[ALICE].client_order_ids["BTCUSDT", "A1"]
    assert (order.created_at, order.updated_at) == (born, born + 5)
    world.now += 5
    assert reports(world.cancel(ALICE, 1))[0].created_at == born
    assert world.exchange.accounts.by_id[ALICE].updated_at == born + 10


def test_the_rest_of_the_terms_is_told_as_it_was_sent() -> None:
    world = World()
    terms = replace(world.order(ALICE, Side.BUY, "1", "10"), strategy_id=7, strategy_type=1_000_001)
    report = reports(world.apply(terms))[0]
    assert report.terms == replace(terms, client_order_id=report.terms.client_order_id)
    assert report.expiry_reason is ExpiryReason.NONE


def test_what_an_order_needs() -> None:
    world = World(make_symbol())
    world.buy(ALICE, "0.00000003", "0.5")
    world.sell(ALICE, "0.00000003", "0.6")
    assert [order.held for order in world.exchange.markets["BTCUSDT"].orders.values()] == [2, 3]


def test_a_buyer_who_never_had_the_quote_asset_may_buy_what_costs_nothing() -> None:
    world = World(make_symbol(), balances=(("BTC", units("10")),))
    world.sell(BOB, "1", "0.5")
    assert reports(world.buy(ALICE, "0.00000001"))[-1].cum_quantity == 1


def test_restriction_names_cover_the_enum() -> None:
    assert {restriction.name for restriction in CancelRestriction} == {"NONE", "ONLY_NEW", "ONLY_PARTIALLY_FILLED"}
