"""faqs/trailing-stop-faq: each row of its tables, its scenarios and its examples."""

import pytest

from papernet.venues.spot.symbols import TrailingDelta
from tests.support.stories import Story
from tests.support.worlds import make_symbol

# word, side, stop price, prices before it is met, prices that follow the price, the price that is not far enough, the trigger
MOVEMENTS = {
    "TAKE sell: met from below, then down from the highest": (
        "TAKE",
        "sell",
        "110",
        "105 90 109.99",
        "110 120",
        "108.01",
        "108",
    ),
    "STOP sell: met from above, then down from the highest": ("STOP", "sell", "90", "110 91 90.01", "90 100", "90.01", "90"),
    "STOP buy: met from below, then up from the lowest": ("STOP", "buy", "110", "80 95 109.99", "110 100", "109.99", "110"),
    "TAKE buy: met from above, then up from the lowest": ("TAKE", "buy", "90", "110 120 90.01", "90 80", "87.99", "88"),
}


@pytest.mark.parametrize("row", MOVEMENTS.values(), ids=MOVEMENTS)
def test_what_moves_a_trailing_limit_order(story: Story, row: tuple[str, ...]) -> None:
    word, side, stop, before, following, almost, trigger = row
    limit = "200" if side == "sell" else "50"
    cells = f"| | {limit} | A1:1 |" if side == "sell" else f"| A1:1 | {limit} | |"
    story(f"""
        market trades at 100
        alice {side} 1 @ {limit} {word} {stop} trail 1000 as A1    -> NEW
        alice sees A1 NEW 0/1 stopPrice={stop} trailingDelta=1000 trailingTime=-1 workingTime=-1 isWorking=false
        wait 1
        market trades at {before}
        alice sees A1 NEW 0/1 trailingTime=-1 isWorking=false
        wait 1
        market trades at {following}
        alice sees A1 NEW 0/1 trailingTime=t+2 isWorking=false
        wait 1
        market trades at {almost}
        alice sees A1 NEW 0/1 trailingTime=t+2 workingTime=-1 isWorking=false
        book
        wait 1
        market trades at {trigger}
        alice sees A1 NEW 0/1 trailingTime=t+2 workingTime=t+4 isWorking=true
        book
        {cells}
    """)


@pytest.mark.parametrize("row", MOVEMENTS.values(), ids=MOVEMENTS)
def test_what_moves_a_trailing_market_order(story: Story, row: tuple[str, ...]) -> None:
    word, side, stop, before, following, almost, trigger = row
    far = "buy 5 @ 1" if side == "sell" else "sell 5 @ 1000"
    story(f"""
        bob {far} as B1
        market trades at 100
        alice {side} 1 {word} {stop} trail 1000 as A1    -> NEW
        market trades at {before} {following} {almost}
        alice sees A1 NEW 0/1 isWorking=false
        market trades at {trigger}
        alice sees A1 FILLED 1/1 isWorking=true
        bob sees B1 PARTIALLY_FILLED 1/5
    """)


@pytest.mark.parametrize(
    ("side", "following", "almost", "trigger"),
    [("sell", "100 90.01 120", "108.01", "108"), ("buy", "100 109.99 80", "87.99", "88")],
)
@pytest.mark.parametrize("word", ["STOP", "TAKE"])
def test_without_a_stop_price_the_side_alone_says_which_way(
    story: Story, word: str, side: str, following: str, almost: str, trigger: str
) -> None:
    limit = "200" if side == "sell" else "50"
    story(f"""
        market trades at 100
        alice {side} 1 @ {limit} {word} trail 1000 as A1    -> NEW
        alice sees A1 NEW 0/1 trailingTime=t+0 workingTime=-1
        market trades at {following} {almost}
        alice sees A1 NEW 0/1 workingTime=-1
        wait 5
        market trades at {trigger}
        alice sees A1 NEW 0/1 workingTime=t+5
    """)


# (above, below) are the filter's two ranges; which one a type and side has to be in
RANGES = [
    ("STOP", "buy", "100", "200"),
    ("TAKE", "sell", "100", "200"),
    ("STOP", "sell", "300", "400"),
    ("TAKE", "buy", "300", "400"),
]


@pytest.mark.parametrize("priced", ["", "@ 100"], ids=["market", "limit"])
@pytest.mark.parametrize(("word", "side", "low", "high"), RANGES)
def test_the_range_of_a_trailing_delta(story: Story, word: str, side: str, low: str, high: str, priced: str) -> None:
    story(
        f"""
        market trades at 100
        alice {side} 1 {priced} {word} trail {int(low) - 1} as A1    -> 400 -1013 Filter failure: TRAILING_DELTA
        alice {side} 1 {priced} {word} trail {low} as A2             -> NEW
        alice {side} 1 {priced} {word} trail {high} as A3            -> NEW
        alice {side} 1 {priced} {word} trail {int(high) + 1} as A4   -> 400 -1013 Filter failure: TRAILING_DELTA
        alice opens A2 A3
        """,
        make_symbol(TrailingDelta(100, 200, 300, 400)),
    )


def test_scenario_a_stop_loss_limit_buy(story: Story) -> None:
    story("""
        market trades at 40000
        alice buy 1 @ 45000 STOP 44000 trail 500 as A1     -> NEW
        wait 60
        market trades at 39000 38000 37000
        wait 60
        market trades at 38850 40000 42000 43999.99
        alice sees A1 NEW 0/1 trailingTime=-1 workingTime=-1
        market trades at 44000 44500 45000
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=-1
        wait 60
        market trades at 45500 46000
        wait 60
        market trades at 45000 43500 42000
        wait 60
        market trades at 43000 44000 44099.99
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=-1
        book
        wait 30
        market trades at 44100
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=t+330
        book
        | A1:1 | 45000 | |
    """)


def test_scenario_b_stop_loss_limit_sell(story: Story) -> None:
    story("""
        market trades at 40000
        alice sell 1 @ 38000 STOP 39000 trail 1000 as A1     -> NEW
        wait 60
        market trades at 41000 41500
        wait 60
        market trades at 40000 39000.01
        alice sees A1 NEW 0/1 trailingTime=-1 workingTime=-1
        market trades at 39000
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=-1
        wait 60
        market trades at 38000 37000
        wait 60
        market trades at 39000 41000
        wait 60
        market trades at 39000 37000 36900.01
        alice sees A1 NEW 0/1 workingTime=-1
        wait 30
        market trades at 36900
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=t+330
        book
        | | 38000 | A1:1 |
    """)


def test_scenario_c_take_profit_limit_buy(story: Story) -> None:
    story("""
        market trades at 40000
        alice buy 1 @ 38500 TAKE 38000 trail 850 as A1       -> NEW
        wait 60
        market trades at 41000 42000
        wait 60
        market trades at 40000 38000.01
        alice sees A1 NEW 0/1 trailingTime=-1 workingTime=-1
        market trades at 38000 37500 37000
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=-1
        wait 60
        market trades at 38000 39000
        wait 60
        market trades at 38500 38000
        wait 60
        market trades at 39000 40144.99
        alice sees A1 NEW 0/1 workingTime=-1
        wait 30
        market trades at 40145
        alice sees A1 NEW 0/1 trailingTime=t+120 workingTime=t+330
        book
        | A1:1 | 38500 | |
    """)


def test_scenario_d_take_profit_limit_sell(story: Story) -> None:
    story("""
        market trades at 40000
        alice sell 1 @ 41000 TAKE 42000 trail 750 as A1      -> NEW
        wait 60
        market trades at 41000 41500
        wait 60
        market trades at 40000 39000
        wait 60
        market trades at 40000 41999.99
        alice sees A1 NEW 0/1 trailingTime=-1 workingTime=-1
        market trades at 42000 43500 45000
        alice sees A1 NEW 0/1 trailingTime=t+180 workingTime=-1
        wait 60
        market trades at 44000
        wait 60
        market trades at 45000 46500
        wait 60
        market trades at 45000 43012.51
        alice sees A1 NEW 0/1 workingTime=-1
        wait 50
        market trades at 43012.5
        alice sees A1 NEW 0/1 trailingTime=t+180 workingTime=t+410
        book
        | | 41000 | A1:1 |
    """)


def test_scenario_e_without_a_stop_price(story: Story) -> None:
    story("""
        market trades at 40000
        alice sell 1 @ 39000 STOP trail 700 as A1            -> NEW
        alice sees A1 NEW 0/1 trailingTime=t+0 workingTime=-1
        wait 60
        market trades at 41000 42000
        wait 60
        market trades at 41000 39500
        wait 60
        market trades at 42000 45500
        wait 60
        market trades at 44000 42315.01
        alice sees A1 NEW 0/1 workingTime=-1
        wait 45
        market trades at 42315
        alice sees A1 NEW 0/1 trailingTime=t+0 workingTime=t+285
    """)


def test_scenario_e_falls_right_away(story: Story) -> None:
    story("""
        market trades at 40000
        alice sell 1 @ 39000 STOP trail 700 as A1            -> NEW
        market trades at 37200.01
        alice sees A1 NEW 0/1 workingTime=-1
        market trades at 37200
        alice sees A1 NEW 0/1 workingTime=t+0
    """)


# side, family, price, delta, the stop price that may be added
EXAMPLES = [
    ("buy", "STOP", "42000", "500", "43000"),
    ("sell", "STOP", "37500", "250", "39000"),
    ("buy", "TAKE", "38000", "500", "36000"),
    ("sell", "TAKE", "41500", "175", "42500"),
]


@pytest.mark.parametrize(("side", "word", "price", "delta", "stop"), EXAMPLES)
def test_the_examples_of_placing(story: Story, side: str, word: str, price: str, delta: str, stop: str) -> None:
    kind = {"STOP": "STOP_LOSS_LIMIT", "TAKE": "TAKE_PROFIT_LIMIT"}[word]
    story(f"""
        market trades at 40000
        alice {side} 0.01 @ {price} {word} trail {delta} as A1           -> NEW
        alice sees A1 NEW 0/0.01 type={kind} price={price} stopPrice=0 trailingDelta={delta} trailingTime=t+0
        alice {side} 0.01 @ {price} {word} {stop} trail {delta} as A2    -> NEW
        alice sees A2 NEW 0/0.01 type={kind} price={price} stopPrice={stop} trailingDelta={delta} trailingTime=-1
    """)


def test_a_trailing_leg_that_triggers_ends_the_limit_leg_of_its_oco(story: Story) -> None:
    story("""
        bob   buy 9 @ 1 as B1
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 120 as P1 | STOP trail 1000 as P2    -> P1 NEW, P2 NEW
        market trades at 110 99.01
        alice opens P2 P1
        market trades at 99
        alice sees P1 EXPIRED 0/2 OCO_TRIGGER
        alice sees P2 FILLED 2/2
        alice sees list L1 ALL_DONE
    """)


def test_a_trailing_leg_ends_with_its_limit_leg(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 2 as L1: MAKER @ 120 as P1 | STOP trail 1000 as P2
        bob   buy 2 @ 120                                                    -> FILLED 2@120
        alice sees P1 FILLED 2/2
        alice sees P2 EXPIRED 0/2 OCO_TRIGGER
        alice sees list L1 ALL_DONE
    """)


def test_a_stop_price_that_is_met_already_is_refused(story: Story) -> None:
    story("""
        market trades at 100
        alice buy  1 STOP 100 trail 100    -> 400 -2010 Order would trigger immediately.
        alice sell 1 STOP 100 trail 100    -> 400 -2010 Order would trigger immediately.
        alice buy  1 TAKE 100 trail 100    -> 400 -2010 Order would trigger immediately.
        alice sell 1 TAKE 100 trail 100    -> 400 -2010 Order would trigger immediately.
        alice opens nothing
    """)
