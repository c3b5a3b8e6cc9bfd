"""The options venue's part of a checkpoint.

Order of work.  The venue is written from its terms to its contracts to its portfolios, and read back in that order.
Invariant.      What is restored gives the same records again, in an order that entries decided. Resting orders stand level by
                level in queue order, so that priority survives; what follows from something else is not written.
Does not.       Know the file's format or version: `checkpoint` does.
"""

from msgspec import Struct

from papernet.core.commands import OptionTerms
from papernet.core.enums import OptionSource, OrderStatus, RiskLevel
from papernet.core.events import BlockOrderRecord
from papernet.core.order_book import BookSide
from papernet.exchange.machine import Exchange
from papernet.exchange.option_counts import OptionCounts
from papernet.venues.options.contracts import Contract, Underlying
from papernet.venues.options.index import Index
from papernet.venues.options.market import Mark, OptionMarket, OptionOrder
from papernet.venues.options.portfolio import Countdown, Portfolio, Position, Protection
from papernet.venues.options.venue import HOUSE, OptionsVenue


class _OrderState(Struct, frozen=True, array_like=True):
    terms: OptionTerms
    order_id: int
    status: OrderStatus
    cum_quantity: int
    cum_quote: int
    fee: int
    source: OptionSource
    created_at: int
    updated_at: int


class _MarketState(Struct, frozen=True, array_like=True):
    contract: Contract
    mark: Mark | None
    last: tuple[int, int, int]
    next_trade_id: int
    open_interest: int
    update_id: int
    # best last, oldest first within a price
    bids: list[_OrderState]
    asks: list[_OrderState]


class _ProtectionState(Struct, frozen=True, array_like=True):
    underlying: str
    # window, frozen for, quantity limit, delta limit
    settings: tuple[int, int, int, int]
    fills: list[tuple[int, int, int]]
    frozen_until: int
    triggered_at: int


class _PortfolioState(Struct, frozen=True, array_like=True):
    account: int
    balance: int
    updated_at: int
    # may trade, may write, is a market maker
    switches: tuple[bool, bool, bool]
    trade_group: int
    maker_rate: int | None
    taker_rate: int | None
    level: RiskLevel
    # (contract, quantity, cost, when it changed)
    positions: list[tuple[str, int, int, int]]
    # order of placement
    open_orders: list[int]
    protections: list[_ProtectionState]
    # (underlying, span, when it is due)
    countdowns: list[tuple[str, int, int]]
    # (10 s window, count, minute, count)
    counts: tuple[int, int, int, int] | None


class OptionsState(Struct, frozen=True, array_like=True):
    """Everything that the options venue is."""

    asset: str
    opening_balance: int
    advanced_at: int
    listing_version: int
    shortfall: int
    # order, fill, bill, exercise, block trade
    next_ids: tuple[int, int, int, int, int]
    # with the index: price, time, sum, seconds
    underlyings: list[tuple[Underlying, tuple[int, int, int, int]]]
    markets: list[_MarketState]
    portfolios: list[_PortfolioState]
    block_orders: list[BlockOrderRecord]


def state_of(exchange: Exchange) -> OptionsState:
    """Return the options venue of an exchange as records."""
    venue = exchange.options
    return OptionsState(
        venue.asset,
        venue.opening_balance,
        venue.advanced_at,
        venue.listing_version,
        venue.shortfall,
        (venue.next_order_id, venue.next_fill_id, venue.next_bill_id, venue.next_exercise_id, venue.next_block_trade_id),
        [(underlying, _index_state(venue.indexes[name])) for name, underlying in venue.underlyings.items()],
        [_market_state(market) for market in venue.markets.values()],
        [_portfolio_state(one, exchange.option_counts.get(number)) for number, one in venue.portfolios.items()],
        list(venue.block_orders.values()),
    )


def restore(exchange: Exchange, state: OptionsState) -> None:
    """Fill the empty options venue of an exchange that has its accounts."""
    venue = exchange.options
    venue.asset, venue.opening_balance = state.asset, state.opening_balance
    venue.advanced_at, venue.listing_version, venue.shortfall = state.advanced_at, state.listing_version, state.shortfall
    venue.next_order_id, venue.next_fill_id, *others = state.next_ids
    venue.next_bill_id, venue.next_exercise_id, venue.next_block_trade_id = others
    for underlying, (price, at, total, seconds) in state.underlyings:
        venue.underlyings[underlying.name] = underlying
        venue.by_expiry[underlying.name] = {}
        index = venue.indexes[underlying.name] = Index(price, at)
        index.total, index.seconds = total, seconds
    orders: dict[int, OptionOrder] = {}
    for market_state in state.markets:
        orders |= _restore_market(venue, market_state)
    for saved in state.portfolios:
        assert saved.account == HOUSE or saved.account in exchange.accounts.by_id
        portfolio = venue.portfolio(saved.account, saved.updated_at)
        _restore_portfolio(portfolio, saved, orders)
        if portfolio.countdowns:
            venue.counting[saved.account] = portfolio
        if saved.counts is not None:
            counts = exchange.option_counts[saved.account] = OptionCounts()
            counts.ten, counts.ten_count, counts.minute, counts.minute_count = saved.counts
    venue.block_orders.update((record.key, record) for record in state.block_orders)


def _index_state(index: Index) -> tuple[int, int, int, int]:
    return index.price, index.at, index.total, index.seconds


def _market_state(market: OptionMarket) -> _MarketState:
    return _MarketState(
        market.contract,
        market.mark,
        (market.last_price, market.last_quantity, market.last_at),
        market.next_trade_id,
        market.open_interest,
        market.book.update_id,
        _queue(market.book.bids),
        _queue(market.book.asks),
    )


def _queue(side: BookSide[OptionOrder]) -> list[_OrderState]:
    orders: list[_OrderState] = []
    for key in side.keys:
        order = side.levels[key].head
        while order is not None:
            orders.append(
                _OrderState(
                    order.terms,
                    order.order_id,
                    order.status,
                    order.cum_quantity,
                    order.cum_quote,
                    order.fee,
                    order.source,
                    order.created_at,
                    order.updated_at,
                )
            )
            order = order.next
    return orders


def _restore_market(venue: OptionsVenue, state: _MarketState) -> dict[int, OptionOrder]:
    """List a contract as it was, and return its orders."""
    market = venue.add(state.contract)
    market.mark = state.mark
    market.last_price, market.last_quantity, market.last_at = state.last
    market.next_trade_id, market.open_interest = state.next_trade_id, state.open_interest
    for saved in (*state.bids, *state.asks):
        order = OptionOrder(saved.terms, saved.order_id, saved.created_at, saved.source)
        order.status = saved.status
        order.leaves = saved.terms.quantity - saved.cum_quantity
        order.cum_quantity, order.cum_quote, order.fee = saved.cum_quantity, saved.cum_quote, saved.fee
        order.updated_at = saved.updated_at
        market.book.rest(order)
        market.orders[order.order_id] = order
    market.book.changes.clear()
    market.book.update_id = state.update_id
    # They end in the order in which they were placed.
    by_id = sorted(market.orders.items())
    market.orders.clear()
    market.orders.update(by_id)
    return market.orders


def _portfolio_state(portfolio: Portfolio, counts: OptionCounts | None) -> _PortfolioState:
    return _PortfolioState(
        portfolio.account_id,
        portfolio.balance,
        portfolio.updated_at,
        (portfolio.can_trade, portfolio.may_write, portfolio.is_market_maker),
        portfolio.trade_group,
        portfolio.maker_rate,
        portfolio.taker_rate,
        portfolio.level,
        [(symbol, one.quantity, one.cost, one.updated_at) for symbol, one in portfolio.positions.items()],
        list(portfolio.open_orders),
        [
            _ProtectionState(
                underlying,
                (one.window, one.frozen_for, one.quantity_limit, one.delta_limit),
                one.fills,
                one.frozen_until,
                one.triggered_at,
            )
            for underlying, one in portfolio.protections.items()
        ],
        [(underlying, one.span, one.due_at) for underlying, one in portfolio.countdowns.items()],
        None if counts is None else (counts.ten, counts.ten_count, counts.minute, counts.minute_count),
    )


def _restore_portfolio(portfolio: Portfolio, saved: _PortfolioState, orders: dict[int, OptionOrder]) -> None:
    portfolio.balance, portfolio.level = saved.balance, saved.level
    portfolio.can_trade, portfolio.may_write, portfolio.is_market_maker = saved.switches
    portfolio.trade_group, portfolio.maker_rate, portfolio.taker_rate = saved.trade_group, saved.maker_rate, saved.taker_rate
    for symbol, quantity, cost, at in saved.positions:
        portfolio.positions[symbol] = Position(quantity, cost, at)
    for order_id in saved.open_orders:
        portfolio.add_open(orders[order_id])
    for row in saved.protections:
        protection = portfolio.protections[row.underlying] = Protection(*row.settings)
        protection.fills.extend(row.fills)
        protection.frozen_until, protection.triggered_at = row.frozen_until, row.triggered_at
    for underlying, span, due_at in saved.countdowns:
        portfolio.countdowns[underlying] = Countdown(span, due_at)
