"""rest-api.md, New order: orders that wait for a price; which way, in which order they go, and with what they then trade."""

import pytest

from tests.support.rest_story_door import RestStoryDoor
from tests.support.stories import Story
from tests.support.story_doors import PURSE
from tests.support.worlds import make_symbol

# word, side, stop price above or below a market at 100, the last price that leaves it waiting, the first that does not
RULES = [
    ("STOP", "buy", "110", "109.99", "110"),
    ("STOP", "buy", "110", "105", "115"),
    ("TAKE", "sell", "110", "109.99", "110"),
    ("TAKE", "sell", "110", "90", "120"),
    ("STOP", "sell", "90", "90.01", "90"),
    ("STOP", "sell", "90", "110", "80"),
    ("TAKE", "buy", "90", "90.01", "90"),
    ("TAKE", "buy", "90", "95", "85"),
]


@pytest.mark.parametrize(("word", "side", "stop", "almost", "trigger"), RULES)
def test_which_price_triggers_a_limit_order(story: Story, word: str, side: str, stop: str, almost: str, trigger: str) -> None:
    limit = "200" if side == "sell" else "50"
    cells = f"| | {limit} | A1:1 |" if side == "sell" else f"| A1:1 | {limit} | |"
    held = "999 + 1 BTC" if side == "sell" else "99950 + 50 USDT"
    story(f"""
        market trades at 100
        alice {side} 1 @ {limit} {word} {stop} as A1    -> NEW
        alice has {held}
        alice sees A1 NEW 0/1 stopPrice={stop} price={limit} workingTime=-1 isWorking=false trailingTime=- trailingDelta=-
        market trades at {almost}
        alice sees A1 NEW 0/1 workingTime=-1
        book
        wait 3
        market trades at {trigger}
        alice sees A1 NEW 0/1 workingTime=t+3 isWorking=true
        alice has {held}
        book
        {cells}
        alice cancel A1                                 -> CANCELED A1
        alice has {"1000 + 0 BTC" if side == "sell" else "100000 + 0 USDT"}
    """)


@pytest.mark.parametrize(("word", "side", "stop", "almost", "trigger"), RULES)
def test_which_price_triggers_a_market_order(story: Story, word: str, side: str, stop: str, almost: str, trigger: str) -> None:
    far = "buy 5 @ 50" if side == "sell" else "sell 5 @ 150"
    money = "1001 + 0 BTC" if side == "buy" else "100050 + 0 USDT"
    story(f"""
        bob {far} as B1
        market trades at 100
        alice {side} 1 {word} {stop} as A1    -> NEW
        market trades at {almost}
        alice sees A1 NEW 0/1 isWorking=false
        market trades at {trigger}
        alice sees A1 FILLED 1/1 stopPrice={stop} isWorking=true
        alice has {money}
    """)


@pytest.mark.parametrize(
    ("word", "side", "stops"),
    [
        ("STOP", "buy", ("100", "99.99")),
        ("TAKE", "sell", ("100", "99.99")),
        ("STOP", "sell", ("100", "100.01")),
        ("TAKE", "buy", ("100", "100.01")),
    ],
)
@pytest.mark.parametrize("limit", ["", "@ 100"], ids=["market", "limit"])
def test_a_stop_price_on_the_wrong_side_of_the_market(
    story: Story, word: str, side: str, stops: tuple[str, ...], limit: str
) -> None:
    rows = "\n".join(f"alice {side} 1 {limit} {word} {stop} -> 400 -2010 Order would trigger immediately." for stop in stops)
    story(f"""
        market trades at 100
        {rows}
        alice opens nothing
        alice has 1000 + 0 BTC
        alice has 100000 + 0 USDT
    """)


def test_the_nearest_stop_price_goes_first(story: Story) -> None:
    """A trade passes three stop prices at once: the book is swept from the nearest to the farthest."""
    story("""
        market trades at 100
        alice sell 1 STOP 80 as A1
        bob   sell 1 STOP 90 as B1
        carol sell 1 STOP 85 as C1
        carol buy 1 @ 50 as D1
        carol buy 1 @ 49 as D2
        carol buy 1 @ 48 as D3
        market trades at 70
        bob   sees B1 FILLED 1/1 cummulativeQuoteQty=50
        carol sees C1 FILLED 1/1 cummulativeQuoteQty=49
        alice sees A1 FILLED 1/1 cummulativeQuoteQty=48
    """)


def test_of_one_stop_price_the_oldest_goes_first(story: Story) -> None:
    story("""
        market trades at 100
        bob   sell 1 STOP 90 as B1
        alice sell 1 STOP 90 as A1
        carol buy 1 @ 50 as D1
        carol buy 1 @ 49 as D2
        market trades at 90
        bob   sees B1 FILLED 1/1 cummulativeQuoteQty=50
        alice sees A1 FILLED 1/1 cummulativeQuoteQty=49
    """)


def test_the_running_order_is_done_before_what_it_triggers_begins(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 2 STOP 90 as A1
        carol buy 1 @ 90 as D1
        carol buy 1 @ 80 as D2
        carol buy 3 @ 70 as D3
        bob   sell 3 @ 60 as B1      -> FILLED 1@90 1@80 1@70
        alice sees A1 FILLED 2/2 cummulativeQuoteQty=140
        book
    """)


def test_what_is_triggered_triggers_more(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 1 STOP 90 as A1
        bob   sell 1 STOP 60 as B1
        carol buy 1 @ 60 as D1
        carol buy 1 @ 55 as D2
        market trades at 90
        alice sees A1 FILLED 1/1 cummulativeQuoteQty=60
        bob   sees B1 FILLED 1/1 cummulativeQuoteQty=55
        last 55
    """)


def test_a_triggered_market_order_that_finds_no_liquidity_expires(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 3 STOP 90 as A1
        alice has 997 + 3 BTC
        carol buy 1 @ 50 as D1
        market trades at 90
        alice sees A1 EXPIRED 1/3 INSUFFICIENT_LIQUIDITY
        alice has 999 + 0 BTC
    """)


@pytest.mark.parametrize(
    ("time", "reason", "filled"), [("IOC", "UNFILLED_IOC_QUANTITY_EXPIRED", "1"), ("FOK", "UNFILLED_FOK_ORDER_EXPIRED", "0")]
)
def test_a_triggered_limit_order_keeps_its_time_in_force(story: Story, time: str, reason: str, filled: str) -> None:
    story(f"""
        market trades at 100
        alice sell 3 @ 50 {time} STOP 90 as A1    -> NEW
        carol buy 1 @ 50 as D1
        market trades at 90
        alice sees A1 EXPIRED {filled}/3 {reason} timeInForce={time}
    """)


def test_before_the_first_trade_a_stop_order_is_accepted(story: Story) -> None:
    story("""
        alice buy  1 @ 50 STOP 10 as A1    -> NEW
        alice sell 1 @ 200 STOP 10 as A2   -> NEW
        market trades at 10
        alice sees A1 NEW 0/1 isWorking=true
        alice sees A2 NEW 0/1 isWorking=true
    """)


def test_waiting_orders_are_cancelled_like_others(story: Story) -> None:
    story("""
        market trades at 100
        alice buy 1 @ 50 as A0
        alice sell 1 STOP 90 as A1
        alice buy 1 @ 50 TAKE 60 as A2
        alice opens A0 A1 A2
        alice cancel A1            -> CANCELED A1
        alice cancel all           -> CANCELED A0 A2
        alice has 1000 + 0 BTC
        alice has 100000 + 0 USDT
        market trades at 55
        alice opens nothing
    """)


def test_symbols_are_triggered_by_their_own_trades_only(story: Story) -> None:
    story(
        """
        market trades at 100
        market trades at 100 on ETHUSDT
        alice sell 1 @ 200 STOP 90 as A1
        market trades at 80 on ETHUSDT
        alice sees A1 NEW 0/1 isWorking=false
        """,
        make_symbol(),
        make_symbol(name="ETHUSDT", base="ETH"),
        purse="1000 BTC 1000 ETH 100000 USDT",
    )


def test_of_one_trade_plain_stops_go_before_trailing_ones(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 1 STOP trail 1000 as A1
        bob   sell 1 STOP 90 as B1
        carol buy 1 @ 50 as D1
        carol buy 1 @ 49 as D2
        market trades at 90
        bob   sees B1 FILLED 1/1 cummulativeQuoteQty=50
        alice sees A1 FILLED 1/1 cummulativeQuoteQty=49
    """)


def test_stops_of_one_sweep_go_in_the_order_of_its_trades(story: Story) -> None:
    """The sweep reaches 95 before it reaches 85: what waits for 95 goes first, though it was placed last."""
    story("""
        market trades at 100
        alice sell 1 STOP 85 as A1
        bob   sell 1 STOP 95 as B1
        carol buy 1 @ 95 as D1
        carol buy 1 @ 85 as D2
        carol buy 1 @ 50 as D3
        carol buy 1 @ 49 as D4
        carol sell 2 @ 80                -> FILLED 1@95 1@85
        bob   sees B1 FILLED 1/1 cummulativeQuoteQty=50
        alice sees A1 FILLED 1/1 cummulativeQuoteQty=49
    """)


def test_trades_outside_the_book_trigger_nothing(story: Story) -> None:
    story("""
        market trades at 100
        alice sell 1 STOP 95 as A1
        bob   sell 1 STOP trail 100 as B1
        block 5 @ 90
        last 100
        alice sees A1 NEW 0/1 isWorking=false
        bob   sees B1 NEW 0/1 isWorking=false
        alice has 1004 + 1 BTC
        bob   has 100450 + 0 USDT
    """)


# ---- icebergs


def test_an_iceberg_shows_a_part_and_goes_behind_when_it_shows_the_next(story: Story) -> None:
    story("""
        alice sell 5 @ 10 ice 2 as A1    -> NEW
        bob   sell 2 @ 10 as B1          -> NEW
        alice has 995 + 5 BTC
        book
        | | 10 | A1:2 B1:2 |
        carol buy 1 @ 10                 -> FILLED 1@10
        book
        | | 10 | A1:1 B1:2 |
        carol buy 1 @ 10                 -> FILLED 1@10
        book
        | | 10 | B1:2 A1:2 |
        carol buy 4 @ 10                 -> FILLED 2@10 2@10
        book
        | | 10 | A1:1 |
        alice sees A1 PARTIALLY_FILLED 4/5 icebergQty=2
        carol buy 1 @ 10                 -> FILLED 1@10
        alice sees A1 FILLED 5/5
        book
    """)


def test_the_whole_of_an_iceberg_can_be_taken(story: Story) -> None:
    story("""
        alice sell 5 @ 10 ice 2 as A1
        carol buy 6 @ 10 as C1           -> PARTIALLY_FILLED 2@10 2@10 1@10
        book
        | C1:1 | 10 | |
    """)


def test_an_iceberg_takes_with_its_whole_quantity(story: Story) -> None:
    story("""
        bob   sell 4 @ 10 as B1
        alice buy 5 @ 10 ice 1 as A1     -> PARTIALLY_FILLED 4@10
        book
        | A1:1 | 10 | |
    """)


def test_what_icebergs_may_not(story: Story) -> None:
    story("""
        alice buy 5 @ 10 ice 6           -> 400 IcebergQty exceeds QTY.
        alice buy 5 @ 10 ice 5 as A1     -> NEW
        alice buy 5 @ 9 MAKER ice 1      -> NEW
    """)


LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "price": "10"}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (LIMIT | {"icebergQty": "1", "timeInForce": "IOC"}, None),
        (LIMIT | {"icebergQty": "1", "timeInForce": "FOK"}, None),
        (LIMIT | {"type": "STOP_LOSS_LIMIT", "stopPrice": "9", "icebergQty": "1", "timeInForce": "IOC"}, None),
        ({"type": "MARKET", "icebergQty": "1"}, -1106),
        ({"type": "STOP_LOSS", "stopPrice": "9", "icebergQty": "1"}, -1106),
        (LIMIT | {"stopPrice": "9"}, -1106),
        (LIMIT | {"trailingDelta": "100"}, -1106),
        ({"type": "MARKET", "stopPrice": "9"}, -1106),
        ({"type": "STOP_LOSS"}, None),
        ({"type": "TAKE_PROFIT_LIMIT", "timeInForce": "GTC", "price": "10"}, None),
        ({"type": "STOP_LOSS_LIMIT", "timeInForce": "GTC", "stopPrice": "9"}, -1102),
        ({"type": "STOP_LOSS_LIMIT", "price": "10", "stopPrice": "9"}, -1102),
        ({"type": "LIMIT_MAKER"}, -1102),
        (LIMIT | {"strategyType": "999999"}, -1134),
        (LIMIT | {"selfTradePreventionMode": "NONSENSE"}, None),
        (LIMIT | {"icebergQty": "-1"}, None),
    ],
)
def test_parameters_that_do_not_go_together(params: dict[str, str], code: int | None) -> None:
    door = RestStoryDoor((make_symbol(),), PURSE, None)
    status, reply = door.send("alice", "POST", "order", {"symbol": "BTCUSDT", "side": "SELL", "quantity": "2"} | params)
    assert status == 400, reply
    assert code is None or reply["code"] == code, reply
    assert door.open_orders("alice", "BTCUSDT") == []
