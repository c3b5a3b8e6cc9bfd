"""faqs/opo: what the working order receives pays for the pending one."""

from typing import Any

from msgspec.structs import replace

from papernet.core.commands import SetCommission
from papernet.venues.spot.symbols import MarketLotSize
from tests.support.rest_story_door import RestStoryDoor
from tests.support.samples import PLACED, agree, sample
from tests.support.stories import Story
from tests.support.worlds import lot_size, make_symbol, units

# one part in a thousand of what is received
COMMISSION = (SetCommission(1, 100_000, 100_000),)
STEPS = make_symbol(lot_size("0.1", "9000", "0.1"))
NO_COINS = "100000 USDT"


def test_only_the_working_order_needs_money(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P       -> W NEW, P PENDING_NEW
        alice sees P PENDING_NEW 0/-
        alice has 99800 + 200 USDT
        alice has 0 + 0 BTC
        bob   sell 2 @ 100                                        -> FILLED 2@100
        alice sees P NEW 0/2 isWorking=true
        alice has 0 + 2 BTC
        book
        | | 110 | P:2 |
        """,
        purse=NO_COINS,
    )


def test_what_is_received_is_locked_until_the_pending_order_is_placed(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        bob   sell 1.5 @ 100                                      -> FILLED 1.5@100
        alice sees P PENDING_NEW 0/-
        alice has 0 + 1.5 BTC
        alice sell 1 @ 120     -> 400 -2010 Account has insufficient balance for requested action.
        alice cancel W                                            -> CANCELED W
        alice sees P CANCELED 0/-
        alice has 1.5 + 0 BTC
        alice has 99850 + 0 USDT
        """,
        purse=NO_COINS,
    )


def test_the_quantity_is_what_is_received_after_commission(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        bob   sell 2 @ 100
        alice sees P NEW 0/1.998
        alice has 0 + 1.998 BTC
        """,
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_commission_is_taken_from_what_is_free_if_that_is_enough(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice gets 1 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        bob   sell 2 @ 100
        alice sees P NEW 0/2
        alice has 0.998 + 2 BTC
        """,
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_commission_is_not_taken_from_what_is_free_if_that_is_too_little(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice gets 0.001 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        bob   sell 2 @ 100
        alice sees P NEW 0/1.998
        alice has 0.001 + 1.998 BTC
        """,
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_commission_in_bnb_is_taken_from_what_is_received_even_when_there_is_more(story: Story) -> None:
    story(
        """
        bob   gets 5 BNB
        alice gets 1 BNB
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        bob   sell 2 @ 100
        alice sees P NEW 0/1.998
        alice has 1 + 1.998 BNB
        """,
        make_symbol(name="BNBUSDT", base="BNB"),
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_the_quantity_is_cut_to_whole_lots_and_the_rest_is_unlocked(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        bob   sell 2 @ 100
        alice sees P NEW 0/1.9
        alice has 0.098 + 1.9 BTC
        """,
        STEPS,
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_a_pending_market_order_is_cut_to_market_lots(story: Story) -> None:
    coarse = replace(STEPS, filters=(*STEPS.filters, MarketLotSize(units("0.5"), units("100"), units("0.5"))))
    story(
        """
        bob   gets 5 BTC
        bob   buy 5 @ 50 as B1
        alice opo as L1: buy 2 @ 100 as W | sell as P             -> W NEW, P PENDING_NEW
        bob   sell 2 @ 100
        alice sees P FILLED 1.5/1.5
        alice has 0.498 + 0 BTC
        alice sees list L1 ALL_DONE
        """,
        coarse,
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_a_quantity_below_the_least_lot_is_refused_when_it_is_known(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 0.1 @ 100 as W | sell @ 110 as P     -> W NEW, P PENDING_NEW
        bob   sell 0.1 @ 100
        alice sees W FILLED 0.1/0.1
        alice sees P EXPIRED 0/? REJECTED
        alice has 0.0999 + 0 BTC
        alice sees list L1 ALL_DONE
        """,
        STEPS,
        purse=NO_COINS,
        setup=COMMISSION,
    )


def test_a_working_order_that_expires_unlocks_what_it_received(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        bob   sell 1 @ 100 as B1
        alice opo as L1: buy 2 @ 100 IOC as W | sell @ 110 as P
            -> W EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED 1@100, P PENDING_NEW
        alice sees P EXPIRED 0/- OTO_PHASE_ONE_EXPIRED
        alice has 1 + 0 BTC
        alice has 99900 + 0 USDT
        """,
        purse=NO_COINS,
    )


def test_a_pair_is_paid_once(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        crowd gets 5 BTC
        market trades at 105
        alice opoco as L1: buy 2 @ 100 as W | sell MAKER @ 120 as P1 | STOP 90 @ 89 as P2
            -> W NEW, P1 PENDING_NEW, P2 PENDING_NEW
        alice has 99800 + 200 USDT
        alice has 0 + 0 BTC
        bob   sell 2 @ 100                                        -> FILLED 2@100
        alice sees P1 NEW 0/2 isWorking=true
        alice sees P2 NEW 0/2 isWorking=false
        alice has 0 + 2 BTC
        market trades at 90
        alice sees P1 EXPIRED 0/2 OCO_TRIGGER
        alice sees P2 NEW 0/2 isWorking=true
        """,
        purse=NO_COINS,
    )


def test_the_quantity_of_a_pending_order_may_not_be_amended_before_it_is_known(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P
        alice amend P to 1                                        -> 400 -2038 Order amend (pending OPO order) is not supported.
        bob   sell 2 @ 100
        alice amend P to 1 as P                                   -> P NEW 0/1
        alice has 1 + 1 BTC
        """,
        purse=NO_COINS,
    )


def test_working_orders_buy_and_pending_orders_sell() -> None:
    door = RestStoryDoor((make_symbol(),), "10 BTC 1000 USDT", None)
    params = {
        "symbol": "BTCUSDT",
        "workingType": "LIMIT",
        "workingTimeInForce": "GTC",
        "workingQuantity": "1",
        "workingPrice": "1",
    }
    params |= {"pendingType": "MARKET"}
    cases = [("SELL", "SELL", {}, -1222), ("BUY", "BUY", {}, -1223), ("BUY", "SELL", {"pendingQuantity": "1"}, None)]
    for working, pending, more, code in cases:
        sides = {"workingSide": working, "pendingSide": pending}
        status, reply = door.send("alice", "POST", "orderList/opo", params | sides | more)
        assert status == 400, reply
        assert reply["code"] == code or code is None, reply


def test_symbols_may_leave_it_out(story: Story) -> None:
    story(
        """
        alice opo as L1: buy 2 @ 100 as W | sell @ 110 as P   -> 400 OPO orders are not supported for this symbol.
        """,
        make_symbol(opo_allowed=False),
    )


def test_the_reply_of_an_opo() -> None:
    door = RestStoryDoor((make_symbol(),), "100000 USDT", None)
    params = {
        "symbol": "BTCUSDT",
        "workingType": "LIMIT",
        "workingSide": "BUY",
        "workingPrice": "102264",
        "workingQuantity": "0.0006",
        "workingTimeInForce": "GTC",
        "pendingType": "MARKET",
        "pendingSide": "SELL",
        "newOrderRespType": "RESULT",
    }
    status, reply = door.send("alice", "POST", "orderList/opo", params)
    assert status == 200, reply
    at = reply["transactionTime"]
    fields = PLACED.replace("origQty", "")
    pending: dict[str, Any] = {"side": "SELL", "type": "MARKET", "status": "PENDING_NEW", "workingTime": -1}
    reports = [
        sample(PLACED, orderListId=0, price="102264", origQty="0.0006", side="BUY", workingTime=at, transactTime=at),
        sample(fields, orderListId=0, price="0", **pending),
    ]
    agree(reply["orderReports"], reports)
    assert (reply["contingencyType"], reply["listOrderStatus"]) == ("OTO", "EXECUTING")


def test_an_iceberg_that_turns_out_to_show_more_than_there_is_expires(story: Story) -> None:
    """errors.md, IcebergQty exceeds QTY: the quantity of an OPO's pending order is looked at when it is known (faqs/opo)."""
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 1 @ 100 as W | sell @ 150 ice 5 as P
        bob   sell 1 @ 100                                        -> FILLED 1@100
        alice sees P EXPIRED 0/1 expiryReason=REJECTED
        alice has 1 + 0 BTC
        """,
        purse=NO_COINS,
    )


def test_a_pending_order_of_no_price_is_refused_like_any_other(story: Story) -> None:
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 1 @ 100 as W | sell @ 0 STOP 95 as P  -> 400 Price * QTY is zero or less.
        alice opo as L1: buy 1 @ 100 as W | sell @ 0 as P          -> 400 Price * QTY is zero or less.
        alice has 100000 + 0 USDT
        """,
        purse=NO_COINS,
    )


def test_what_is_too_little_to_be_sold_ends_the_list(story: Story) -> None:
    """faqs/opo: the quantity is adjusted to the lot size; nothing of it may be left, and is free then."""
    story(
        """
        bob   gets 5 BTC
        alice opo as L1: buy 1 @ 100 as W | sell @ 120 as P
        bob   sell 1 @ 100                                        -> FILLED 1@100
        alice sees P EXPIRED 0/- expiryReason=REJECTED
        alice has 0.999 + 0 BTC
        """,
        make_symbol(lot_size("0", "9000", "1")),
        purse=NO_COINS,
        setup=COMMISSION,
    )
