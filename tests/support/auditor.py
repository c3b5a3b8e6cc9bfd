"""An auditor that believes only events: it folds them and finds any that cannot be true.

It keeps its own idea of every order, list, book and balance, made of events alone, and compares it with the exchange
when asked.
"""

from itertools import pairwise

from papernet.core.enums import AccountKind, ExecType, ExpiryReason, ListStatusType, OrderStatus, OrderType, SelfTradeMode, Side
from papernet.core.events import (
    AccountOpened,
    AccountUpdate,
    Allocation,
    Applied,
    BalanceChanged,
    BlockTrade,
    BookDelta,
    Event,
    ExecutionReport,
    ExternalLock,
    OrderAmended,
    OrderListChanged,
    PreventedMatch,
    Refused,
    Trade,
    WorldReset,
)
from papernet.core.order import ORDER_TRANSITIONS
from papernet.exchange.machine import Exchange

_NEW, _PARTLY, _PENDING = OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_NEW
_STATUSES = {
    ExecType.NEW: (_NEW, _PENDING),
    ExecType.TRADE: (_PARTLY, OrderStatus.FILLED),
    ExecType.CANCELED: (OrderStatus.CANCELED,),
    ExecType.EXPIRED: (OrderStatus.EXPIRED,),
    ExecType.REPLACED: (_NEW, _PARTLY, _PENDING),
    ExecType.TRADE_PREVENTION: (_NEW, _PARTLY, OrderStatus.EXPIRED_IN_MATCH),
}
# What may be told of an order that stays as it is: it was triggered, amended, or lost quantity.
_STAYS = (ExecType.NEW, ExecType.REPLACED, ExecType.TRADE_PREVENTION)
_ANY_PRICE = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)
_LISTS = (ListStatusType.EXEC_STARTED, ListStatusType.UPDATED, ListStatusType.ALL_DONE)


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
        self.locks: dict[tuple[int, str], int] = {}
        # what the next update of a balance must tell, since nothing but a lock touched it
        self.due: dict[tuple[int, str], tuple[int, int]] = {}
        self.lists: dict[int, OrderListChanged] = {}

    def audit(self, applied: Applied) -> None:
        """Check one entry's events."""
        events = applied.events
        assert events, "an entry always has an event"
        if any(isinstance(event, Refused) for event in events):
            assert len(events) == 1
            return
        for event in events:
            assert getattr(event, "at", applied.at) == applied.at
            self._fold(event)
        assert not self.due
        self._order_of(events)

    def _fold(self, event: Event) -> None:
        match event:
            case ExecutionReport():
                self._report(event)
            case Trade():
                self._next(event.symbol, "trade", event.trade_id, 0)
            case Allocation():
                self._next(event.symbol, "allocation", event.allocation_id, 0)
            case BlockTrade():
                self._block_trade(event)
            case PreventedMatch():
                self._prevented(event)
            case OrderAmended():
                report = self.last[event.symbol, event.order_id]
                assert (report.exec_id, report.amended_from) == (event.exec_id, event.orig_client_order_id)
                assert (report.terms.client_order_id, report.quantity) == (event.client_order_id, event.quantity)
                assert event.quantity < event.orig_quantity
            case OrderListChanged():
                self._list(event)
            case BookDelta():
                self._delta(event)
            case AccountUpdate():
                self._account(event)
            case BalanceChanged():
                self._move(event.account, event.asset, event.amount)
                free, held = self.told.get((event.account, event.asset), (0, 0))
                self.told[event.account, event.asset] = (free + event.amount, held)
            case ExternalLock():
                self._lock(event)
            case AccountOpened():
                self.users |= {event.account} if event.kind is AccountKind.USER else set()
            case WorldReset():
                self._forget()
            case _:
                pass

    def _block_trade(self, trade: BlockTrade) -> None:
        self._next(trade.symbol, "block trade", trade.block_trade_id, 0)
        base, quote = self.assets[trade.symbol]
        for account, sign in ((trade.buyer, 1), (trade.seller, -1)):
            self._move(account, base, sign * trade.quantity)
            self._move(account, quote, -sign * trade.quote)

    def _lock(self, lock: ExternalLock) -> None:
        """What is locked moves from free to held; no more is unlocked than was locked."""
        key = lock.account, lock.asset
        self.locks[key] = self.locks.get(key, 0) + lock.amount
        assert lock.amount
        assert self.locks[key] >= 0
        if lock.account in self.users:
            free, held = self.told.get(key, (0, 0))
            self.due[key] = (free - lock.amount, held + lock.amount)

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
            # smart order routing takes ids of its own on the books of others
            assert report.order_id >= self.ids.get((terms.symbol, "order"), 1)
            self.ids[terms.symbol, "order"] = report.order_id + 1
            assert report.exec_type is ExecType.NEW
            assert (report.cum_quantity, report.cum_quote, report.created_at) == (0, 0, report.at)
            assert report.quantity == terms.quantity or (terms.quantity == 0 and terms.quote_quantity > 0)
        else:
            self._change(before, report)
        prevented = report.extras.prevented_quantity if report.extras else 0
        done = report.cum_quantity + prevented
        assert done <= report.quantity
        assert (report.status in (OrderStatus.FILLED, OrderStatus.EXPIRED_IN_MATCH)) == (done == report.quantity > 0)
        assert (report.expiry_reason is not ExpiryReason.NONE) == (report.status is OrderStatus.EXPIRED)
        assert bool(report.request_id) <= (report.status is OrderStatus.CANCELED)
        if report.exec_type is ExecType.TRADE:
            self._fill(report)
        else:
            assert (report.last_quantity, report.last_price, report.last_quote) == (0, 0, 0)
            assert (report.commission, report.commission_asset, report.trade_id, report.is_maker) == (0, "", -1, False)
        assert (report.prevented is not None) == (report.exec_type is ExecType.TRADE_PREVENTION)
        if report.prevented is not None:
            assert report.extras is not None
            told = (report.extras.prevented_match_id, report.extras.trade_group)
            assert told == (report.prevented.prevented_match_id, report.prevented.trade_group)
        self.last[key] = report

    def _change(self, before: ExecutionReport, report: ExecutionReport) -> None:
        """An order goes from one state to a possible next one, and its sums add up."""
        stays = report.exec_type in _STAYS and report.status is before.status
        assert stays or report.status in ORDER_TRANSITIONS[before.status], (before.status, report.status)
        assert report.cum_quantity == before.cum_quantity + report.last_quantity
        assert report.cum_quote == before.cum_quote + report.last_quote
        assert report.created_at == before.created_at
        if report.exec_type is ExecType.REPLACED:
            assert report.quantity < before.quantity
            assert report.amended_from == before.terms.client_order_id
            return
        assert report.terms == before.terms
        # the pending orders of an OPO learn their quantity when they are placed
        assert before.quantity in (report.quantity, 0)

    def _fill(self, report: ExecutionReport) -> None:
        terms, buys = report.terms, report.terms.side is Side.BUY
        base, quote = self.assets[terms.symbol]
        got, gave = (base, quote) if buys else (quote, base)
        amounts = (report.last_quantity, report.last_quote)
        received, paid = amounts if buys else amounts[::-1]
        assert report.commission_asset in (got, "BNB")
        assert report.commission >= 0
        assert report.commission <= received or report.commission_asset != got
        assert report.last_quote == report.last_price * report.last_quantity // 10**8
        limit = report.extras.pegged_price if report.extras and report.extras.pegged_price else terms.price
        if terms.order_type not in _ANY_PRICE:
            assert report.last_price <= limit if buys else report.last_price >= limit
        assert not report.is_maker or report.last_price == limit
        assert (report.trade_id >= 0) is (report.allocation_id < 0)
        self._move(terms.account, got, received)
        self._move(terms.account, report.commission_asset, -report.commission)
        self._move(terms.account, gave, -paid)

    def _prevented(self, match: PreventedMatch) -> None:
        """A prevented match is told before the orders' reports; only a transfer moves anything."""
        self._next(match.symbol, "prevented match", match.prevented_match_id, 0)
        taker = self.last[match.symbol, match.taker_order_id].terms
        maker = self.last[match.maker_symbol, match.maker_order_id].terms
        assert (taker.account, maker.account) == (match.taker_account, match.maker_account)
        assert taker.side is not maker.side
        assert match.taker_prevented_quantity or match.maker_prevented_quantity
        if match.mode is not SelfTradeMode.TRANSFER or taker.account == maker.account:
            return
        assert match.taker_prevented_quantity == match.maker_prevented_quantity == match.quantity
        for terms in (taker, maker):
            base, quote = self.assets[terms.symbol]
            sign = 1 if terms.side is Side.BUY else -1
            self._move(terms.account, base, sign * match.quantity)
            self._move(terms.account, quote, -sign * (match.price * match.quantity // 10**8))

    def _list(self, change: OrderListChanged) -> None:
        assert change.status_type in _LISTS
        number = change.record.order_list_id
        if change.status_type is ListStatusType.EXEC_STARTED:
            self._next("", "order list", number, 0)
        else:
            assert self.lists[number].status_type is not ListStatusType.ALL_DONE, "what is done stays done"
            before = [order_id for order_id, _ in self.lists[number].record.orders]
            assert [order_id for order_id, _ in change.record.orders] == before
        if change.status_type is ListStatusType.ALL_DONE:
            members = [self.last[change.record.symbol, order_id] for order_id, _ in change.record.orders]
            assert not any(ORDER_TRANSITIONS[report.status] for report in members), "nothing of it is open"
        self.lists[number] = change

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
            key = update.account, asset
            assert free >= 0
            assert held >= self.locks.get(key, 0), "orders hold nothing of what is locked from outside"
            assert (free, held) == self.due.pop(key, (free, held))
            assert free + held == self.totals.get(key, 0), "reports and balances agree"
            self.told[key] = (free, held)

    def _order_of(self, events: tuple[Event, ...]) -> None:
        """A trade is told to the taker first and then to the maker; books and balances come last; one update an account."""
        kinds = (ExecutionReport, Trade, BookDelta, AccountUpdate)
        traded = [event for event in events if isinstance(event, kinds)]
        rank = [1 if isinstance(event, BookDelta) else 2 if isinstance(event, AccountUpdate) else 0 for event in traded]
        assert rank == sorted(rank)
        books = [event.symbol for event in traded if isinstance(event, BookDelta)]
        assert len(books) == len(set(books))
        updated = [event.account for event in traded if isinstance(event, AccountUpdate)]
        involved = [event.terms.account for event in traded if isinstance(event, ExecutionReport)]
        involved += [party for event in events if isinstance(event, BlockTrade) for party in (event.buyer, event.seller)]
        if not any(isinstance(event, AccountOpened | WorldReset) for event in events):
            # What an account is opened with nobody can have subscribed to; a reset ends every subscription.
            involved += [event.account for event in events if isinstance(event, BalanceChanged)]
        involved += [event.account for event in events if isinstance(event, ExternalLock)]
        assert len(updated) == len(set(updated))
        assert set(updated) == set(involved) & self.users
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
        assert taker.terms.side is not maker.terms.side
        assert trade.buyer_is_maker == (maker.terms.side is Side.BUY)
        assert (maker.terms.symbol, maker.order_id, maker.trade_id) == (trade.symbol, trade.maker_order_id, trade.trade_id)
        if taker.allocation_id < 0:
            assert (taker.terms.symbol, taker.order_id, taker.trade_id) == (trade.symbol, trade.taker_order_id, trade.trade_id)
        for report in (taker, maker):
            assert report.last_price == trade.price
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
        for number, account in exchange.accounts.by_id.items():
            locks = {asset: amount for (owner, asset), amount in self.locks.items() if owner == number and amount}
            assert account.external_locks == locks
        for number in self.users:
            account = exchange.accounts.by_id[number]
            for asset, balance in account.balances.items():
                assert self.told.get((number, asset), (0, 0)) == (balance.free, balance.held)
