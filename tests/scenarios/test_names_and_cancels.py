"""rest-api.md: client order ids, cancels and their restrictions."""

import pytest

from tests.support.stories import Story
from tests.support.worlds import make_symbol

DUPLICATE = "400 -2010 Duplicate order sent."
UNKNOWN = "400 -2011 Unknown order sent."
RESTRICTED = "400 -2011 Order was not canceled due to cancel restrictions."


def test_names_are_unique_among_open_orders(story: Story) -> None:
    story(f"""
        alice buy 1 @ 10 as A1        -> NEW
        alice buy 1 @ 11 as A1        -> {DUPLICATE}
        alice sell 1 @ 12 MAKER as A1 -> {DUPLICATE}
        alice sell 1 as A1            -> {DUPLICATE}
        bob   buy 1 @ 9 as A1         -> NEW
        alice opens A1
    """)


def test_a_name_is_free_again_after_the_order_is_filled(story: Story) -> None:
    story("""
        alice buy 2 @ 10 as A1        -> NEW
        bob   sell 1 @ 10             -> FILLED 1@10
        alice buy 1 @ 9 as A1         -> 400 -2010 Duplicate order sent.
        bob   sell 1 @ 10             -> FILLED 1@10
        alice buy 1 @ 9 as A1         -> NEW
        alice sees A1 NEW 0/1
    """)


def test_a_name_is_free_again_after_a_cancel_and_after_an_expiry(story: Story) -> None:
    story("""
        alice buy 1 @ 10 as A1        -> NEW
        alice cancel A1               -> CANCELED A1
        alice buy 1 @ 10 IOC as A1    -> EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED
        alice buy 1 @ 10 FOK as A1    -> EXPIRED UNFILLED_FOK_ORDER_EXPIRED
        alice buy 1 @ 10 as A1        -> NEW
    """)


def test_a_refused_order_keeps_no_name(story: Story) -> None:
    story("""
        alice buy 9999 @ 100 as A1    -> 400 -2010 Account has insufficient balance for requested action.
        alice buy 1 @ 10 as A1        -> NEW
    """)


def test_waiting_and_pending_orders_have_their_names_too(story: Story) -> None:
    story(f"""
        market trades at 100
        alice sell 1 STOP 90 as A1                            -> NEW
        alice oto as L1: buy 1 @ 50 as W | sell 1 @ 110 as P  -> W NEW, P PENDING_NEW
        alice buy 1 @ 10 as A1                                -> {DUPLICATE}
        alice buy 1 @ 10 as P                                 -> {DUPLICATE}
        alice cancel W
        alice buy 1 @ 10 as P                                 -> NEW
    """)


def test_names_of_lists_and_of_orders_are_distinct(story: Story) -> None:
    story("""
        market trades at 100
        alice buy 1 @ 10 as L1                                       -> NEW
        alice oco sell 1 as L1: MAKER @ 110 as P1 | STOP 90 as P2    -> P1 NEW, P2 NEW
    """)


def test_names_are_of_one_symbol(story: Story) -> None:
    story(
        """
        alice buy 1 @ 10 as A1                  -> NEW
        alice buy 1 @ 10 on BTCUSDC as A1       -> NEW
        """,
        make_symbol(),
        make_symbol(name="BTCUSDC", quote="USDC"),
        purse="10 BTC 100 USDT 100 USDC",
    )


def test_cancels_by_name_by_number_and_by_both(story: Story) -> None:
    story(f"""
        alice buy 1 @ 10 as A1
        alice buy 1 @ 10 as A2
        alice buy 1 @ 10 as A3
        bob   cancel A1               -> {UNKNOWN}
        alice cancel A9               -> {UNKNOWN}
        alice cancel #99              -> {UNKNOWN}
        alice cancel A1               -> CANCELED A1
        alice cancel A1               -> {UNKNOWN}
        alice cancel #2               -> CANCELED A2
        alice cancel A1 #3            -> {UNKNOWN}
        alice cancel A3 #3            -> CANCELED A3
        alice opens nothing
        alice cancel all              -> {UNKNOWN}
    """)


@pytest.mark.parametrize(("restriction", "new", "partial"), [("ONLY_NEW", True, False), ("ONLY_PARTIALLY_FILLED", False, True)])
def test_cancels_that_ask_for_a_status(story: Story, restriction: str, new: bool, partial: bool) -> None:
    story(f"""
        alice buy 2 @ 10 as A1
        alice buy 2 @ 9 as A2
        bob   sell 1 @ 10
        alice cancel A1 {restriction}       -> {"CANCELED A1" if partial else RESTRICTED}
        alice cancel A2 {restriction}       -> {"CANCELED A2" if new else RESTRICTED}
        alice opens {"A1" if new else "A2"}
    """)


def test_a_waiting_order_is_new_and_a_filled_one_unknown(story: Story) -> None:
    story(f"""
        market trades at 100
        alice sell 1 STOP 90 as A1
        alice cancel A1 ONLY_PARTIALLY_FILLED    -> {RESTRICTED}
        alice cancel A1 ONLY_NEW                 -> CANCELED A1
        alice buy 1 @ 10 as A2
        bob   sell 1 @ 10
        alice cancel A2 ONLY_NEW                 -> {UNKNOWN}
    """)


def test_labels_of_strategies_stay_with_the_order(story: Story) -> None:
    story("""
        alice buy 1 @ 10 strategy 7 1000001 as A1     -> NEW
        alice buy 1 @ 10 strategy 7 as A2             -> NEW
        alice buy 1 @ 10 as A3                        -> NEW
        alice sees A1 NEW 0/1 strategyId=7 strategyType=1000001
        alice sees A2 NEW 0/1 strategyId=7 strategyType=-
        alice sees A3 NEW 0/1 strategyId=- strategyType=-
    """)
