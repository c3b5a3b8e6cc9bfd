"""faqs/order_count_decrement, asked at the doors: its tables of takers, of makers and of what ends unfilled."""

from tests.support.stories import Story


def test_the_table_of_takers(story: Story) -> None:
    story("""
        bob   sell 1 @ 20 as S1
        alice counts 0
        wait 1
        alice buy 1 @ 10 as A              -> NEW
        alice counts 1
        wait 1
        alice buy 5 @ 20 as B              -> PARTIALLY_FILLED 1@20
        alice counts 1
        wait 1
        alice buy 1 @ 10 as C              -> NEW
        alice counts 2
        wait 1
        bob   sell 2 @ 20
        alice counts 2
        bob   sell 2 @ 20
        alice sees B FILLED 5/5
        alice counts 2
        wait 1
        bob   sell 1 @ 30 as S2
        alice buy 1 as D                   -> FILLED 1@30
        alice counts 2
    """)


def test_the_table_of_makers(story: Story) -> None:
    story("""
        wait 1
        alice buy 3 @ 20 as A
        alice buy 3 @ 19 as B
        wait 1
        alice buy 1 @ 10 as C
        alice buy 1 @ 10 as D
        alice buy 1 @ 10 as E
        alice counts 5
        wait 1
        bob   sell 1 @ 20                  -> FILLED 1@20
        alice counts 0
        wait 1
        alice buy 1 @ 10 as F
        alice buy 1 @ 10 as G
        alice counts 2
        wait 1
        bob   sell 1 @ 20
        bob   sell 1 @ 20
        alice sees A FILLED 3/3
        alice counts 2
        bob   sell 1 @ 19
        alice counts 0
        wait 1
        alice buy 1 @ 10 as H
        alice counts 1
    """)


def test_the_table_of_cancels_and_expiries(story: Story) -> None:
    story("""
        bob   sell 1 @ 20 as S1
        alice buy 1 @ 10 as A
        alice counts 1
        alice cancel A
        alice counts 1
        alice buy 1 @ 10 as B
        alice counts 2
        alice buy 1 @ 20 FOK as C          -> FILLED 1@20
        alice counts 2
        alice buy 1 @ 10 as D
        alice counts 3
        alice buy 1 @ 20 FOK as E          -> EXPIRED UNFILLED_FOK_ORDER_EXPIRED
        alice counts 4
        alice cancel D
        alice counts 4
        alice buy 1 @ 10 as F
        alice counts 5
        wait 10
        alice counts 0
    """)


def test_lists_count_their_orders_and_refused_ones_do_not_count(story: Story) -> None:
    story("""
        market trades at 100
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2
        alice counts 2
        alice oto as L2: buy 1 @ 50 as W1 | sell 1 @ 110 as Q1
        alice counts 4
        alice otoco as L3: buy 1 @ 50 as W2 | sell 1 MAKER @ 110 as R1 | STOP 40 as R2
        alice counts 7
        alice oco sell 1 as L4: MAKER @ 90 as S1 | STOP 110 as S2
            -> 400 The relationship of the prices for the orders is not correct.
        alice buy 9999 @ 100               -> 400 Account has insufficient balance for requested action.
        alice counts 7
        alice cancel all
        alice counts 7
    """)


def test_too_many_orders(story: Story) -> None:
    orders = "\n".join(f"alice buy 1 @ 10 as A{number}" for number in range(48))
    told = "429 -1015 Too many new orders; current limit is 50 orders per 10 SECOND."
    story(f"""
        market trades at 100
        {orders}
        alice otoco as L1: buy 1 @ 50 as W | sell 1 MAKER @ 110 as R1 | STOP 40 as R2    -> {told}
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2                        -> P1 NEW, P2 NEW
        alice buy 1 @ 10 as A50                                                          -> {told}
        bob   buy 1 @ 10 as B1                                                           -> NEW
        wait 10
        alice buy 1 @ 10 as A50                                                          -> NEW
    """)
