"""One command on the options venue: what happened, which books and portfolios it touched.

Order of work.  The rooms of the venue report into the turn, in the order in which things happen; `finish` adds the changes of
                the books and the portfolios of users that changed, and hands out everything.
Invariant.      Every change of a portfolio's balance goes through `pay`, which writes the bill; so bills add up to balances.
Does not.       Decide anything.
"""

from typing import Final

from papernet.core.enums import BillKind, ExecType
from papernet.core.events import Bill, BookDelta, Event, OptionReport, PortfolioUpdate, PositionRow
from papernet.venues.options.market import OptionMarket, OptionOrder
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.venue import OptionsVenue


class _Touched:
    """What a turn did to a portfolio."""

    __slots__ = ("change", "kind", "portfolio", "symbols")

    def __init__(self, portfolio: Portfolio, kind: BillKind) -> None:
        self.portfolio: Final = portfolio
        self.kind: BillKind = kind
        self.change: int = 0
        self.symbols: Final[dict[str, None]] = {}


class OptionTurn:
    """The running command."""

    __slots__ = ("_books", "_touched", "at", "events", "venue")

    def __init__(self, venue: OptionsVenue, at: int) -> None:
        """Begin at a time."""
        self.venue: Final = venue
        self.at: Final = at
        self.events: Final[list[Event]] = []
        self._books: Final[dict[str, OptionMarket]] = {}
        self._touched: Final[dict[int, _Touched]] = {}

    def report(self, order: OptionOrder, exec_type: ExecType) -> None:
        """Tell that an order changed state other than by a fill."""
        self.events.append(OptionReport(order.record(), exec_type, self.at))

    def changed(self, market: OptionMarket) -> None:
        """Take note that a book changed."""
        self._books[market.contract.symbol] = market

    def touch(self, portfolio: Portfolio, kind: BillKind, symbol: str = "") -> None:
        """Take note that a portfolio, and its position in a contract, changed."""
        touched = self._touched.get(portfolio.account_id)
        if touched is None:
            touched = self._touched[portfolio.account_id] = _Touched(portfolio, kind)
        if symbol:
            touched.symbols[symbol] = None
        portfolio.updated_at = self.at

    def pay(self, portfolio: Portfolio, amount: int, kind: BillKind, asset: str, symbol: str = "") -> None:
        """Change a portfolio's balance and write the bill; an amount of 0 is none."""
        if not amount:
            return
        portfolio.balance += amount
        self.touch(portfolio, kind, symbol)
        if kind is BillKind.TRANSFER:
            self._touched[portfolio.account_id].change += amount
        if portfolio.is_user:
            self.events.append(Bill(portfolio.account_id, self.venue.next_bill_id, self.at, asset, amount, kind, symbol))
            self.venue.next_bill_id += 1

    def touched(self) -> list[Portfolio]:
        """Return the portfolios that changed up to now."""
        return [touched.portfolio for touched in self._touched.values()]

    def finish(self) -> list[Event]:
        """Tell how books and users' portfolios stand now, and return everything that happened."""
        events, at = self.events, self.at
        for symbol, market in self._books.items():
            book = market.book
            if book.changes:
                changes = tuple(book.changes)
                book.changes.clear()
                last = book.update_id
                events.append(BookDelta(symbol, at, last - len(changes) + 1, last, changes))
        for account_id, touched in self._touched.items():
            portfolio = touched.portfolio
            if portfolio.is_user:
                rows = []
                for symbol in touched.symbols:
                    position = portfolio.positions.get(symbol)
                    rows.append(
                        PositionRow(symbol, position.quantity, position.cost) if position else PositionRow(symbol, 0, 0)
                    )
                events.append(PortfolioUpdate(account_id, at, touched.kind, portfolio.balance, touched.change, tuple(rows)))
        return events
