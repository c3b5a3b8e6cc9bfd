"""What symbols, accounts and the exchange allow: statuses, permissions, order types, filters and their counts."""

from typing import Any

import pytest

from papernet.core.enums import OrderType, SelfTradeMode
from papernet.venues.spot.symbols import (
    IcebergParts,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderLists,
    MaxNumOrders,
    MaxPosition,
    MinNotional,
    Notional,
)
from tests.support.rest_story_door import RestStoryDoor
from tests.support.stories import Story, play
from tests.support.story_doors import PURSE
from tests.support.worlds import lot_size, make_symbol, price_filter, units

CLOSED = "400 Market is closed."
OPEN = """
    market trades at 100
    alice buy 2 @ 50 as A1
    alice buy 2 @ 51 as A2
    alice oco sell 2 as L1: MAKER @ 110 as P1 | STOP 90 as P2
"""


@pytest.mark.parametrize("status", ["HALT", "BREAK", "END_OF_DAY", "CANCEL_ONLY"])
def test_only_a_trading_symbol_takes_orders(story: Story, status: str) -> None:
    story(f"""
        {OPEN}
        market {status}
        alice buy 1 @ 50 as B1                                         -> {CLOSED}
        alice buy 1 as B1                                              -> {CLOSED}
        alice sell 1 STOP 90 as B1                                     -> {CLOSED}
        alice oco sell 1 as M1: MAKER @ 110 as Q1 | STOP 90 as Q2      -> {CLOSED}
        alice oto as M1: buy 1 @ 50 as Q1 | sell 1 @ 110 as Q2         -> {CLOSED}
        alice opens A1 A2 P2 P1
        market TRADING
        alice buy 1 @ 50 as B1                                         -> NEW
    """)


@pytest.mark.parametrize("status", ["HALT", "BREAK", "END_OF_DAY", "CANCEL_ONLY"])
def test_orders_can_be_cancelled_whatever_the_status(story: Story, status: str) -> None:
    story(f"""
        {OPEN}
        market {status}
        alice cancel A1                                                -> CANCELED A1
        alice cancel list L1                                           -> CANCELED P2 P1
        alice cancel all                                               -> CANCELED A2
        alice opens nothing
        alice has 1000 + 0 BTC
    """)


def test_amendments_where_only_cancels_are_taken(story: Story) -> None:
    story(f"""
        {OPEN}
        market CANCEL_ONLY
        alice amend A1 to 1 as A1                                      -> A1 NEW 0/1
        market HALT
        alice amend A2 to 1 as A2                                      -> {CLOSED}
    """)


def test_an_account_that_may_not_trade(story: Story) -> None:
    refused = "400 This account may not place or cancel orders."
    story(f"""
        alice buy 1 @ 50 as A1
        alice may not trade
        alice buy 1 @ 50 as A2                                         -> {refused}
        alice cancel A1                                                -> {refused}
    """)


def test_an_account_and_a_symbol_that_do_not_go_together(story: Story) -> None:
    refused = "400 This symbol is not permitted for this account."
    story(
        f"""
        alice buy 1 @ 50 as A1                                         -> {refused}
        alice has permissions SPOT TRD_GRP_004
        alice buy 1 @ 50 as A1                                         -> NEW
        alice has permissions SPOT TRD_GRP_005
        alice buy 1 @ 50 as A2                                         -> {refused}
        """,
        make_symbol(permission_sets=(("TRD_GRP_003", "TRD_GRP_004"),)),
    )


def test_one_of_each_set_of_permissions_is_needed(story: Story) -> None:
    story(
        """
        alice buy 1 @ 50 as A1            -> 400 This symbol is not permitted for this account.
        alice has permissions SPOT EXTRA
        alice buy 1 @ 50 as A1            -> NEW
        """,
        make_symbol(permission_sets=(("SPOT", "MARGIN"), ("EXTRA", "SPECIAL"))),
    )


NOT_OFFERED = {
    OrderType.MARKET: ("buy 1", "Market orders are not supported for this symbol."),
    OrderType.STOP_LOSS: ("sell 1 STOP 90", "Stop loss orders are not supported for this symbol."),
    OrderType.STOP_LOSS_LIMIT: ("sell 1 @ 89 STOP 90", "Stop loss limit orders are not supported for this symbol."),
    OrderType.TAKE_PROFIT: ("sell 1 TAKE 110", "Take profit orders are not supported for this symbol."),
    OrderType.TAKE_PROFIT_LIMIT: ("sell 1 @ 109 TAKE 110", "Take profit limit orders are not supported for this symbol."),
}


@pytest.mark.parametrize("kind", NOT_OFFERED, ids=lambda kind: kind.name)
def test_order_types_that_a_symbol_does_not_offer(story: Story, kind: OrderType) -> None:
    order, refused = NOT_OFFERED[kind]
    pending = f"alice oto as L1: buy 1 @ 50 as W | {order} as P    -> 400 {refused}"
    story(
        f"""
        market trades at 100
        alice {order}                     -> 400 {refused}
        {pending}
        alice opens nothing
        """,
        make_symbol(order_types=tuple(one for one in OrderType if one is not kind)),
    )


@pytest.mark.parametrize(
    ("row", "refused", "changes"),
    [
        ("buy 2 @ 10 ice 1", "Iceberg orders are not supported for this symbol.", {"iceberg_allowed": False}),
        ("sell 1 STOP trail 100", "Trailing stop orders are not supported for this symbol.", {"trailing_allowed": False}),
        ("buy $10", "Quote order qty market orders are not support for this symbol.", {"quote_quantity_allowed": False}),
        (
            "oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2",
            "OCO orders are not supported for this symbol",
            {"oco_allowed": False},
        ),
    ],
)
def test_what_symbols_may_leave_out(story: Story, row: str, refused: str, changes: dict[str, Any]) -> None:
    story(
        f"""
        market trades at 100
        alice {row}                       -> 400 {refused}
        """,
        make_symbol(**changes),
    )


@pytest.mark.parametrize(
    ("row", "allowed", "name"),
    [
        ("buy 1 @ 9.99", False, "PRICE_FILTER"),
        ("buy 1 @ 10", True, ""),
        ("buy 1 @ 10.5", False, "PRICE_FILTER"),
        ("buy 1 @ 201", False, "PRICE_FILTER"),
        ("sell 1 @ 150 STOP 50.5", False, "PRICE_FILTER"),
        ("sell 1 STOP 9", False, "PRICE_FILTER"),
        ("sell 1 TAKE 201", False, "PRICE_FILTER"),
        ("buy 0.5 @ 50", False, "LOT_SIZE"),
        ("buy 1.5 @ 50", False, "LOT_SIZE"),
        ("buy 101 @ 50", False, "LOT_SIZE"),
        ("buy 3 @ 50 ice 1.5", False, "LOT_SIZE"),
        ("buy 20 @ 50 ice 2", True, ""),
        ("buy 21 @ 50 ice 2", False, "ICEBERG_PARTS"),
        ("buy 1 @ 19", True, ""),
    ],
)
def test_filters_of_prices_and_quantities(story: Story, row: str, allowed: bool, name: str) -> None:
    rules = (price_filter("10", "200", "1"), lot_size("1", "100", "1"), IcebergParts(10))
    story(
        f"""
        market trades at 100 of 1
        alice {row}          -> {"NEW" if allowed else f"400 -1013 Filter failure: {name}"}
        """,
        make_symbol(*rules),
    )


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("buy 1 @ 9", "MIN_NOTIONAL"),
        ("buy 0.1 @ 99", "MIN_NOTIONAL"),
        ("buy 1 @ 10", ""),
        ("buy 0.1", ""),
        ("buy 0.05", "MIN_NOTIONAL"),
        ("oco sell 0.05 as L1: MAKER @ 110 as P1 | STOP 90 as P2", "MIN_NOTIONAL"),
    ],
)
def test_the_least_notional(story: Story, row: str, name: str) -> None:
    made = "FILLED 0.1@100" if row == "buy 0.1" else "NEW"
    story(
        f"""
        market trades at 100
        bob   sell 1 @ 100
        alice {row}          -> {f"400 -1013 Filter failure: {name}" if name else made}
        """,
        make_symbol(MinNotional(units("10"), apply_to_market=True, avg_price_mins=0)),
    )


@pytest.mark.parametrize(
    ("row", "allowed"), [("buy 1 @ 9", False), ("buy 1 @ 10", True), ("buy 10 @ 100", True), ("buy 10.1 @ 100", False)]
)
def test_the_range_of_notionals(story: Story, row: str, allowed: bool) -> None:
    rule = Notional(
        units("10"), apply_min_to_market=False, max_notional=units("1000"), apply_max_to_market=False, avg_price_mins=0
    )
    story(f"alice {row} -> {'NEW' if allowed else '400 -1013 Filter failure: NOTIONAL'}", make_symbol(rule))


def test_how_many_orders(story: Story) -> None:
    full = "400 -1013 Filter failure: MAX_NUM_ORDERS"
    story(
        f"""
        market trades at 100
        alice buy 1 @ 10 as A1
        alice sell 1 STOP 90 as A2
        alice otoco as L1: buy 2 @ 50 as W | sell 2 MAKER @ 120 as P1 | STOP 40 as P2    -> {full}
        alice oto as L1: buy 2 @ 50 as W | sell 2 @ 120 as P                             -> W NEW, P PENDING_NEW
        alice oco sell 1 as L2: MAKER @ 110 as P1 | STOP 90 as P2                        -> {full}
        alice buy 1 @ 10 as A3                                                           -> {full}
        bob   buy 1 @ 10 as B1                                                           -> NEW
        alice cancel A1
        alice buy 1 @ 10 as A3                                                           -> NEW
        """,
        make_symbol(MaxNumOrders(4)),
    )


def test_how_many_algo_orders(story: Story) -> None:
    full = "400 -1013 Filter failure: MAX_NUM_ALGO_ORDERS"
    story(
        f"""
        market trades at 100
        alice sell 1 STOP 90 as A1
        alice buy 1 @ 10 as A2                                                 -> NEW
        alice oco sell 1 as L1: TAKE 110 as P1 | STOP 90 as P2                 -> {full}
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2              -> P1 NEW, P2 NEW
        alice sell 1 @ 111 TAKE 110 as A3                                      -> {full}
        alice buy 1 @ 11 as A3                                                 -> NEW
        """,
        make_symbol(MaxNumAlgoOrders(2)),
    )


def test_how_many_icebergs(story: Story) -> None:
    story(
        """
        alice buy 2 @ 10 ice 1 as A1
        alice buy 2 @ 10 ice 1 as A2      -> 400 -1013 Filter failure: MAX_NUM_ICEBERG_ORDERS
        alice buy 2 @ 10 as A2            -> NEW
        alice cancel A1
        alice buy 2 @ 10 ice 1 as A3      -> NEW
        """,
        make_symbol(MaxNumIcebergOrders(1)),
    )


def test_how_many_lists(story: Story) -> None:
    full = "400 -1013 Filter failure: MAX_NUM_ORDER_LISTS"
    story(
        f"""
        market trades at 100
        alice otoco as L1: buy 2 @ 50 as W | sell 2 MAKER @ 120 as P1 | STOP 40 as P2
        alice oto as L2: buy 2 @ 50 as W2 | sell 2 @ 120 as Q                            -> W2 NEW, Q PENDING_NEW
        alice oto as L3: buy 2 @ 50 as W3 | sell 2 @ 120 as R                            -> {full}
        alice buy 1 @ 10                                                                 -> NEW
        bob   oto as L3: buy 2 @ 50 as W3 | sell 2 @ 120 as R                            -> W3 NEW, R PENDING_NEW
        alice cancel list L1
        alice oto as L3: buy 2 @ 50 as W3 | sell 2 @ 120 as R                            -> W3 NEW, R PENDING_NEW
        """,
        make_symbol(MaxNumOrderLists(2)),
    )


def test_how_many_of_each_on_the_exchange(story: Story) -> None:
    rules: dict[str, object] = {
        "exchange_filters": [
            {"type": "EXCHANGE_MAX_NUM_ORDERS", "max_num_orders": 4},
            {"type": "EXCHANGE_MAX_NUM_ALGO_ORDERS", "max_num_algo_orders": 1},
            {"type": "EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "max_num_iceberg_orders": 1},
            {"type": "EXCHANGE_MAX_NUM_ORDER_LISTS", "max_num_order_lists": 1},
        ]
    }
    full = "400 -1013 Filter failure: EXCHANGE_MAX_NUM"
    story(
        f"""
        market trades at 100
        market trades at 100 on ETHUSDT
        alice sell 1 @ 200 STOP 90 as A1
        alice sell 1 @ 200 STOP 90 on ETHUSDT as A2                 -> {full}_ALGO_ORDERS
        alice buy 2 @ 10 ice 1 on ETHUSDT as A2
        alice buy 2 @ 10 ice 1 as A3                                -> {full}_ICEBERG_ORDERS
        alice oto as L1: buy 1 @ 50 as W | sell 1 @ 120 as P        -> W NEW, P PENDING_NEW
        alice buy 1 @ 10 as A4                                      -> {full}_ORDERS
        alice buy 1 @ 10 on ETHUSDT as A4                           -> {full}_ORDERS
        alice cancel A1
        alice buy 1 @ 10 on ETHUSDT as A4                           -> NEW
        alice cancel list L1
        alice oto as L1: buy 1 @ 50 as W | sell 1 @ 120 as P        -> W NEW, P PENDING_NEW
        bob   buy 1 @ 10                                            -> NEW
        """,
        make_symbol(),
        make_symbol(name="ETHUSDT", base="ETH"),
        purse="100 BTC 100 ETH 100000 USDT",
        rules=rules,
    )


def test_how_much_of_an_asset_one_order_may_move(story: Story) -> None:
    """filters.md, MAX_ASSET: as base asset the quantity counts, as quote asset the notional."""
    full = "400 -1013 Filter failure: MAX_ASSET"
    story(
        f"""
        market trades at 10
        alice may hold 5 BTC
        alice buy 5 @ 10 as A1                                      -> NEW
        alice buy 5.1 @ 10 as A2                                    -> {full}
        bob   buy 5.1 @ 10 as B1                                    -> NEW
        alice may hold 40 USDT
        alice sell 4 @ 10.1 as A2                                   -> {full}
        alice sell 2 @ 20 as A2                                     -> NEW
        alice oco sell 5.1 as L1: MAKER @ 11 as P1 | STOP 9 as P2   -> {full}
        """
    )


def test_how_much_of_the_base_asset_an_account_may_have(story: Story) -> None:
    full = "400 -1013 Filter failure: MAX_POSITION"
    story(
        f"""
        alice buy 3 @ 10 as A1                                      -> NEW
        alice buy 3 @ 10 as A2                                      -> {full}
        alice sell 1 @ 100 as A3                                    -> NEW
        alice buy 2 @ 10 as A2                                      -> NEW
        """,
        make_symbol(MaxPosition(units("1005"))),
    )


def test_the_filters_of_an_account() -> None:
    rules: dict[str, object] = {"exchange_filters": [{"type": "EXCHANGE_MAX_NUM_ORDERS", "max_num_orders": 1000}]}
    door = RestStoryDoor((make_symbol(MaxNumOrderLists(20)),), PURSE, rules)
    exchange = [{"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 1000}]
    symbol = [{"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20}]
    reply = door.send("alice", "GET", "myFilters", {"symbol": "BTCUSDT"})
    assert reply == (200, {"exchangeFilters": exchange, "symbolFilters": symbol, "assetFilters": []})
    play("alice may hold 1000000 USDT\n alice may hold 9 BTC", door, "BTCUSDT")
    limits = {"USDT": "1000000.00000000", "BTC": "9.00000000"}
    shown = door.send("alice", "GET", "myFilters", {"symbol": "BTCUSDT"})[1]["assetFilters"]
    assert sorted(shown, key=lambda row: str(row["asset"])) == [
        {"filterType": "MAX_ASSET", "asset": asset, "limit": limits[asset]} for asset in ("BTC", "USDT")
    ]
    assert door.send("bob", "GET", "myFilters", {"symbol": "BTCUSDT"})[1]["assetFilters"] == []


def test_orders_by_quote_quantity_and_thin_books(story: Story) -> None:
    story(
        """
        alice buy $10                     -> 400 -2010 Order book liquidity is less than symbol minimum quantity.
        bob   sell 1 @ 10 as B1
        alice buy $5.5                    -> FILLED 0.5@10
        bob   sell 0.3 @ 11 as B2
        alice buy $7.1                    -> FILLED 0.5@10 0.1@11
        """,
        make_symbol(lot_size("0.1", "100", "0.1")),
    )


FLAGS = {
    "icebergAllowed": "iceberg_allowed",
    "ocoAllowed": "oco_allowed",
    "otoAllowed": "oto_allowed",
    "opoAllowed": "opo_allowed",
    "quoteOrderQtyMarketAllowed": "quote_quantity_allowed",
    "allowTrailingStop": "trailing_allowed",
    "cancelReplaceAllowed": "cancel_replace_allowed",
    "amendAllowed": "amend_allowed",
    "pegInstructionsAllowed": "peg_allowed",
}


@pytest.mark.parametrize("flag", FLAGS)
def test_what_a_symbol_says_of_itself(flag: str) -> None:
    modes = (SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.DECREMENT)
    changes: dict[str, Any] = {"self_trade_modes": modes, "default_self_trade_mode": SelfTradeMode.DECREMENT}
    changes[FLAGS[flag]] = False
    door = RestStoryDoor((make_symbol(**changes),), PURSE, None)
    shown = door.desk.get("/api/v3/exchangeInfo")["symbols"][0]
    assert {name: shown[name] for name in FLAGS} == {name: name != flag for name in FLAGS}
    assert shown["defaultSelfTradePreventionMode"] == "DECREMENT"
    assert sorted(shown["allowedSelfTradePreventionModes"]) == ["DECREMENT", "EXPIRE_MAKER"]
    assert sorted(shown["orderTypes"]) == sorted(kind.name for kind in OrderType)


@pytest.mark.parametrize("status", ["HALT", "BREAK", "END_OF_DAY", "CANCEL_ONLY", "TRADING"])
def test_the_status_of_a_symbol_is_published(status: str) -> None:
    door = RestStoryDoor((make_symbol(),), PURSE, None)
    play(f"market {status}", door, "BTCUSDT")
    assert door.desk.get("/api/v3/exchangeInfo")["symbols"][0]["status"] == status
