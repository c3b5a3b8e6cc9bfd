"""The reasons to refuse, in their order of precedence."""

from itertools import pairwise

from papernet.core.rejects import Reason, Reject


def test_reasons_are_written_down_in_their_order() -> None:
    assert all(first < second for first, second in pairwise(Reason))


def test_the_guards_of_an_order_come_group_by_group() -> None:
    order = [
        Reason.UNKNOWN_SYMBOL,
        Reason.TOO_MANY_ORDERS,
        Reason.DUPLICATE_CLIENT_ORDER_ID,
        Reason.MARKET_CLOSED,
        Reason.MARKET_ORDERS_NOT_SUPPORTED,
        Reason.QUOTE_QUANTITY_NOT_SUPPORTED,
        Reason.UNKNOWN_ORDER,
        Reason.CANCEL_RESTRICTED,
        Reason.AMEND_INCREASES,
        Reason.ORDER_TYPE_NOT_PEGGABLE,
        Reason.ZERO_NOTIONAL,
        Reason.FILTER_FAILURE,
        Reason.BAD_PRICE_RELATION,
        Reason.WOULD_TRIGGER,
        Reason.NO_LIQUIDITY_FOR_QUOTE,
        Reason.WOULD_TAKE,
        Reason.INSUFFICIENT_BALANCE,
    ]
    assert order == sorted(order)


def test_refusals_are_values() -> None:
    assert Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",)) == Reject(Reason.FILTER_FAILURE, ("LOT_SIZE",))
    assert Reject(Reason.UNKNOWN_ORDER) != Reject(Reason.FILTER_FAILURE)
    assert Reject(Reason.UNKNOWN_ORDER).args == ()
