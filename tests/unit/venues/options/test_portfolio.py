"""What a portfolio knows of its open orders and positions."""

from papernet.core.commands import OptionTerms
from papernet.core.enums import RiskLevel, Side
from papernet.venues.options.market import OptionOrder
from papernet.venues.options.portfolio import Portfolio, Position
from tests.support.option_market import CALL, PUT


def make_order(number: int, side: Side, quantity: int, client_order_id: str = "", symbol: str = CALL) -> OptionOrder:
    """Return an order of account 1."""
    return OptionOrder(OptionTerms(1, symbol, side, quantity, 5, client_order_id=client_order_id), number, 9)


def test_an_empty_portfolio_may_do_everything_and_has_nothing() -> None:
    portfolio = Portfolio(1, is_user=True, at=9)
    assert (portfolio.balance, portfolio.level, portfolio.updated_at) == (0, RiskLevel.NORMAL, 9)
    assert (portfolio.can_trade, portfolio.may_write, portfolio.is_market_maker) == (True, True, False)
    assert (portfolio.trade_group, portfolio.maker_rate, portfolio.taker_rate) == (-1, None, None)


def test_open_orders_count_into_their_position_as_long_as_they_are_open() -> None:
    portfolio = Portfolio(1, is_user=True, at=9)
    buy, more, sell = make_order(1, Side.BUY, 10, "a"), make_order(2, Side.BUY, 5), make_order(3, Side.SELL, 7, "b")
    for order in (buy, more, sell):
        portfolio.add_open(order)
    assert list(portfolio.open_orders) == [1, 2, 3]
    assert portfolio.client_order_ids == {"a": buy, "b": sell}
    position = portfolio.positions[CALL]
    assert (position.buying, position.selling) == (15, 7)
    portfolio.lower_open(buy, 4)
    portfolio.lower_open(sell, 7)
    assert (position.buying, position.selling) == (11, 0)
    portfolio.remove_open(sell)
    assert portfolio.client_order_ids == {"a": buy}
    portfolio.lower_open(buy, 6)
    portfolio.remove_open(buy)
    assert portfolio.positions == {CALL: position}
    portfolio.lower_open(more, 5)
    portfolio.remove_open(more)
    assert not portfolio.positions
    assert not portfolio.open_orders


def test_a_position_goes_when_nothing_is_left_in_it() -> None:
    portfolio = Portfolio(1, is_user=True, at=9)
    held = portfolio.position(CALL)
    assert portfolio.position(CALL) is held
    for field in ("quantity", "buying", "selling"):
        setattr(held, field, 1)
        portfolio.drop_if_empty(CALL)
        assert portfolio.positions == {CALL: held}
        setattr(held, field, 0)
    portfolio.drop_if_empty(PUT)
    portfolio.drop_if_empty(CALL)
    assert not portfolio.positions
    assert (Position(1, 2, 3).quantity, Position(1, 2, 3).cost, Position(1, 2, 3).updated_at) == (1, 2, 3)
