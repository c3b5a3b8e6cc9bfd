"""Users' events of the options venue in the older generation.

Order of work.  A report is written as it is. Any change of a portfolio is told in one message: its balance, what it owes and
                its greeks, with the positions that changed; the same without positions from time to time, as greeks change.
Invariant.      Margins and greeks are those right after the entry. What is owed is negative, fees are positive. Some numbers
                are numbers, most are text.
Does not.       Know who is told, or write envelopes.
Source.         European Options: User Data Streams, edition of 2024.
"""

from collections.abc import Sequence
from typing import Final

from papernet.app.operations import TimeUnit
from papernet.core.account import Account
from papernet.core.dates import MILLISECOND
from papernet.core.enums import ExecType, OrderStatus, Side, TimeInForce
from papernet.core.events import OptionReport, PortfolioUpdate, PositionRow, RiskLevelChanged
from papernet.core.units import SCALE
from papernet.protocols.json.fragments import boolean, quoted
from papernet.protocols.json.numbers import amount, average_price, decimal
from papernet.protocols.json.option_fields import shortest
from papernet.protocols.json.spellings import spelt
from papernet.protocols.option_streams.current_user import OfAccount, risk_level_change
from papernet.venues.options import margin
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.venue import OptionsVenue

_SELL: Final = Side.SELL
_TRADE: Final = ExecType.TRADE

# Enum Definitions, Order status: the venue's own endings had no word of their own.
_STATUSES: Final = spelt(
    OrderStatus,
    {
        OrderStatus.NEW: "ACCEPTED",
        OrderStatus.CANCELED: "CANCELLED",
        OrderStatus.EXPIRED: "CANCELLED",
        OrderStatus.EXPIRED_IN_MATCH: "CANCELLED",
    },
)
_TIMES_IN_FORCE: Final = spelt(TimeInForce)


class LegacyUserEvents:
    """Writes what happens to accounts."""

    def __init__(self, venue: OptionsVenue, accounts: dict[int, Account]) -> None:
        """Ask a venue and the exchange's accounts what an event does not tell."""
        self._venue: Final = venue
        self._accounts: Final = accounts

    def order_update(self, report: OptionReport, _unit: TimeUnit) -> bytes:
        """Return that an order changed state (Event: Order update)."""
        record = report.record
        terms = record.terms
        sign = -1 if terms.side is _SELL else 1
        fills = ""
        if report.exec_type is _TRADE:
            fills = (
                f'{{"t":"{report.trade_id}","p":"{decimal(report.last_price)}","q":"{decimal(report.last_quantity)}",'
                f'"T":{report.at // MILLISECOND},"m":"{"MAKER" if report.is_maker else "TAKER"}","f":"{amount(report.fee)}"}}'
            )
        return (
            f'{{"e":"ORDER_TRADE_UPDATE","E":{report.at // MILLISECOND},"o":[{{"T":{record.created_at // MILLISECOND},'
            f'"t":{record.updated_at // MILLISECOND},"s":"{terms.symbol}","c":{quoted(terms.client_order_id)},'
            f'"oid":"{record.order_id}","p":"{decimal(terms.price)}","q":"{decimal(sign * terms.quantity)}","stp":0,'
            f'"r":{boolean(terms.reduce_only)},"po":{boolean(terms.post_only or terms.is_gtx)},'
            f'"S":"{_STATUSES[record.status]}","e":"{decimal(record.cum_quantity)}","ec":"{amount(record.cum_quote)}","f":"{amount(record.fee)}",'
            f'"tif":"{_TIMES_IN_FORCE[terms.time_in_force]}","oty":"LIMIT","fi":[{fills}]}}]}}'
        ).encode()

    def account_of_change(self, update: PortfolioUpdate, _unit: TimeUnit) -> bytes:
        """Return what an account has and owes, and the positions that changed (Event: Account data)."""
        return self._account(update, update.positions)

    def account(self, told: OfAccount, _unit: TimeUnit) -> bytes:
        """Return what an account has and owes (Event: Account data)."""
        return self._account(told, ())

    def risk_level(self, event: RiskLevelChanged, _unit: TimeUnit) -> bytes:
        """Return that an account may do less now, or more (Event: Risk level change)."""
        return risk_level_change(event)

    def _account(self, told: OfAccount, positions: Sequence[PositionRow]) -> bytes:
        venue = self._venue
        portfolio = venue.portfolios[told.account]
        greeks = [
            f'{{"ui":"{name}","d":{shortest(delta)},"t":{shortest(theta)},"g":{shortest(gamma)},"v":{shortest(vega)}}}'
            for name, (delta, gamma, theta, vega) in margin.greeks(venue, portfolio).items()
        ]
        rows = [
            f'{{"s":"{row.symbol}","c":"{decimal(row.quantity)}","r":"{decimal(_reducible(portfolio, row))}",'
            f'"p":"{amount(row.cost)}","a":"{amount(average_price(abs(row.cost), abs(row.quantity)))}"}}'
            for row in positions
        ]
        changed = f',"P":[{",".join(rows)}]' if rows else ""
        return (
            f'{{"e":"ACCOUNT_UPDATE","E":{told.at // MILLISECOND},"B":[{{"b":"{amount(portfolio.balance)}",'
            f'"m":"{amount(margin.position_value(venue, portfolio))}","u":"{amount(margin.unrealized(venue, portfolio))}",'
            f'"U":{shortest(self._profit_of_longs(portfolio))},"M":"{amount(-margin.maintenance_margin(venue, portfolio))}",'
            f'"i":"{amount(-margin.initial_margin(venue, portfolio))}","a":"{venue.asset}"}}],'
            f'"G":[{",".join(greeks)}]{changed},"uid":{self._accounts[told.account].uid}}}'
        ).encode()

    def _profit_of_longs(self, portfolio: Portfolio) -> int:
        """Return what closing the contracts that the account owns would earn, without those that would lose."""
        venue = self._venue
        profits = [
            venue.mark_price(venue.markets[symbol]) * position.quantity // SCALE - position.cost
            for symbol, position in portfolio.positions.items()
            if position.quantity > 0
        ]
        return sum(max(profit, 0) for profit in profits)


def _reducible(portfolio: Portfolio, row: PositionRow) -> int:
    """Return how much of a position no open order is about to close."""
    position = portfolio.positions.get(row.symbol)
    if position is None:
        return 0
    quantity = position.quantity
    return max(quantity - position.selling, 0) if quantity > 0 else min(quantity + position.buying, 0)
