"""An auditor that believes only events: it folds them and finds any that cannot be true.

It keeps its own idea of every order, book and balance, made of events alone, and compares it with the exchange when asked.
"""

from itertools import pairwise

from papernet.core.enums import AccountKind, ExecType, ExpiryReason, OrderStatus, OrderType, Side
from papernet.core.events import (
    AccountOpened,
    AccountUpdate,
    Applied,
    BalanceChanged,
    BookDelta,
    Event,
    ExecutionReport,
    Refused,
    Trade,
    WorldReset,
)
from papernet.core.order import ORDER_TRANSITIONS
from papernet.exchange.machine import Exchange

_STATUSES = {
    ExecType.NEW: (OrderStatus.NEW,),
    ExecType.TRADE: (OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED),
    ExecType.CANCELED: (OrderStatus.CANCELED,),
    ExecType.EXPIRED: (OrderStatus.EXPIRED,),
}


class Auditor:
    """Folds the events of an exchange's whole life; `assets` gives (base, quote) of each symbol."""

    def __init__(self, assets: dict[str, tuple[str, str]]) -> None:
        """Start before the first event."""
        self.assets = assets
        self.users: set[int] = set()
        self.seen: set[str] = set()
        self._forget()

    def _forget(self) -> None:
        self.last: dict[tuple[str, int], ExecutionReport] = {}
        self.ids: dict[tuple[str, str], int] = {}
        self.books: dict[str, dict[tuple[Side, int], int]] = {}
        self.totals: dict[tuple[int, str], int] = {}
        self.told: dict[tuple[int, str], tuple[int, int]] = {}

    def audit(self, applied: Applied) -> None:
        """Check one entry's events."""
        events = applied.events
        assert events, "an entry always has an event"
        if any(isinstance(event, Refused) for event in events):
            assert len(events) == 1
            return
        for event in events:
            assert getattr(event, "at", applied.at) == applied.at
            match event:
                case ExecutionReport():
                    self._report(event)
                case Trade():
                    self._next(event.symbol, "trade", event.trade_id, 0)
                case BookDelta():
                    self._delta(event)
                case AccountUpdate():
                    self._account(event)
                case BalanceChanged():
                    self._move(event.account, event.asset, event.amount)
                    free, held = self.told.get((event.account, event.asset), (0, 0))
                    self.told[event.account, event.asset] = (free + event.amount, held)
                case AccountOpened():
                    self.users |= {event.account} if event.kind is AccountKind.USER else set()
                case WorldReset():
                    self._forget()
                case _:
                    pass
        self._order_of(events)

    def _next(self, symbol: str, name: str, number: int, first: int) -> None:
        assert number == self.ids.get((symbol, name), first), (symbol, name, number)
        self.ids[symbol, name] = number + 1

    def _move(self, account: int, asset: str, amount: int) -> None:
        self.totals[account, asset] = self.totals.get((account, asset), 0) + amount

    def _report(self, report: ExecutionReport) -> None:
        terms, key = report.terms, (report.terms.symbol, report.order_id)
        self._next(terms.symbol, "execution", report.exec_id, 1)
        assert report.status in _STATUSES[report.exec_type]
        assert terms.client_order_id
        self.seen |= {f"{terms.order_type.name} {report.status.name}"}
        before = self.last.get(key)
        if before is None:
            self._next(terms.symbol, "order", report.order_id, 1)
            assert report.exec_type is ExecType.NEW
            assert (report.cum_quantity, report.cum_quote, report.created_at) == (0, 0, report.at)
            assert report.quantity == terms.quantity or (terms.quantity == 0 and terms.quote_quantity > 0)
        else:
            assert report.status in ORDER_TRANSITIONS[before.status], (before.status, report.status)
            assert (terms, report.quantity, report.created_at) == (before.terms, before.quantity, before.created_at)
            assert report.cum_quantity == before.cum_quantity + report.last_quantity
            assert report.cum_quote == before.cum_quote + report.last_quote
        assert (report.status is OrderStatus.FILLED) == (report.cum_quantity == report.quantity)
        assert (report.expiry_reason is not ExpiryReason.NONE) == (report.status is OrderStatus.EXPIRED)
        assert bool(report.request_id) <= (report.status is OrderStatus.CANCELED)
        if report.exec_type is ExecType.TRADE:
            self._fill(report)
        else:
            assert (report.last_quantity, report.last_price, report.last_quote) == (0, 0, 0)
            assert (report.commission, report.commission_asset, report.trade_id, report.is_maker) == (0, "", -1, False)
        self.last[key] = report

    def _fill(self, report: ExecutionReport) -> None:
        terms, buys = report.terms, report.terms.side is Side.BUY
        base, quote = self.assets[terms.symbol]
        got, gave = (base, quote) if buys else (quote, base)
        amounts = (report.last_quantity, report.last_quote)
        received, paid = amounts if buys else amounts[::-1]
        assert report.commission_asset == got
        assert 0 <= report.commission <= received
        assert report.last_quote == report.last_price * report.last_quantity // 10**8
        if terms.order_type is not OrderType.MARKET:
            assert report.last_price <= terms.price if buys else report.last_price >= terms.price
        assert not report.is_maker or report.last_price == terms.price
        self._move(terms.account, got, received - report.commission)
        self._move(terms.account, gave, -paid)

    def _delta(self, delta: BookDelta) -> None:
        assert delta.changes
        assert delta.last_update_id - delta.first_update_id + 1 == len(delta.changes)
        self._next(delta.symbol, "update", delta.first_update_id, 1)
        self.ids[delta.symbol, "update"] = delta.last_update_id + 1
        book = self.books.setdefault(delta.symbol, {})
        for side, price, quantity in delta.changes:
            assert quantity >= 0
            assert quantity != book.get((side, price), 0), "a change changes something"
            book[side, price] = quantity
            if quantity == 0:
                del book[side, price]

    def _account(self, update: AccountUpdate) -> None:
        assert update.account in self.users
        for asset, free, held in update.balances:
            assert free >= 0 <= held
            assert free + held == self.totals.get((update.account, asset), 0), "reports and balances agree"
            self.told[update.account, asset] = (free, held)

    def _order_of(self, events: tuple[Event, ...]) -> None:
        """A trade is told to the taker first and then to the maker; books and balances come last; one update an account."""
        kinds = (ExecutionReport, Trade, BookDelta, AccountUpdate)
        traded = [event for event in events if isinstance(event, kinds)]
        rank = [1 if isinstance(event, BookDelta) else 2 if isinstance(event, AccountUpdate) else 0 for event in traded]
        assert rank == sorted(rank)
        assert rank.count(1) <= 1
        updated = [event.account for event in traded if isinstance(event, AccountUpdate)]
        involved = [event.terms.account for event in traded if isinstance(event, ExecutionReport)]
        assert updated == list(dict.fromkeys(account for account in involved if account in self.users))
        for place, event in enumerate(traded):
            if isinstance(event, Trade):
                self._trade(event, traded[place + 1], traded[place + 2])
        assert sum(isinstance(event, ExecutionReport) and event.exec_type is ExecType.TRADE for event in traded) == 2 * sum(
            isinstance(event, Trade) for event in traded
        )

    def _trade(self, trade: Trade, taker: Event, maker: Event) -> None:
        assert isinstance(taker, ExecutionReport)
        assert isinstance(maker, ExecutionReport)
        assert (taker.is_maker, maker.is_maker) == (False, True)
        assert (taker.order_id, maker.order_id) == (trade.taker_order_id, trade.maker_order_id)
        assert taker.terms.side is not maker.terms.side
        assert trade.buyer_is_maker == (maker.terms.side is Side.BUY)
        for report in (taker, maker):
            assert report.terms.symbol == trade.symbol
            assert (report.trade_id, report.last_price) == (trade.trade_id, trade.price)
            assert (report.last_quantity, report.last_quote) == (trade.quantity, trade.quote)

    def compare(self, exchange: Exchange) -> None:
        """Assert that what the events told is what the exchange holds."""
        for name, market in exchange.markets.items():
            levels = {
                (side.side, level.price): level.quantity
                for side in (market.book.bids, market.book.asks)
                for level in side.levels.values()
            }
            assert levels == self.books.get(name, {})
            for side in (Side.BUY, Side.SELL):
                best_first = [price for price, _ in market.book.side(side).depth(1_000)]
                assert all((one > two) is (side is Side.BUY) for one, two in pairwise(best_first))
            open_orders = {
                order_id for (symbol, order_id), last in self.last.items() if symbol == name and ORDER_TRANSITIONS[last.status]
            }
            assert open_orders == set(market.orders)
        for number in self.users:
            account = exchange.accounts.by_id[number]
            for asset, balance in account.balances.items():
                assert self.told.get((number, asset), (0, 0)) == (balance.free, balance.held)
