"""Trades as they are told."""

import pytest

from papernet.app.queries.option_values import Terms
from papernet.core.dates import DAY
from papernet.core.enums import OptionKind
from papernet.core.events import BlockTrade, Trade
from papernet.protocols.option_streams.values import Print, print_of, print_of_block

TERMS = Terms("BTC-700102-1-C", OptionKind.CALL, 1, DAY, 3, 4, "USDT")


@pytest.mark.parametrize(("buyer_is_maker", "buyer", "seller"), [(True, 8, 7), (False, 7, 8)])
def test_a_trade_names_the_orders_of_both_sides(buyer_is_maker: bool, buyer: int, seller: int) -> None:
    trade = Trade(TERMS.symbol, 3, 9, 100, 5, 500, buyer_is_maker, taker_order_id=7, maker_order_id=8)
    assert print_of(trade, TERMS) == Print(TERMS, 3, 9, 100, 5, buyer_is_maker, buyer, seller)


def test_a_trade_outside_the_book_has_no_orders() -> None:
    trade = BlockTrade(TERMS.symbol, 2, 9, 100, 5, 500, True, buyer=1, seller=2)
    assert print_of_block(trade, TERMS) == Print(TERMS, 2, 9, 100, 5, buyer_is_maker=True, is_block=True)
