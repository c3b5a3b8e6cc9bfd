"""Hand-made events, and naive answers computed from the raw facts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from msgspec.structs import replace

from papernet.core.commands import NewOrder, SeedCandles
from papernet.core.enums import AccountKind, ExecType, ExpiryReason, OrderStatus, OrderType, Side, TimeInForce
from papernet.core.events import (
    AccountOpened,
    Allocation,
    Applied,
    BlockTrade,
    CandlesSeeded,
    Event,
    ExecutionReport,
    OrderAmended,
    OrderExtras,
    OrderListChanged,
    OrderListRecord,
    PreventedMatch,
    Trade,
    WorldReset,
)
from papernet.core.order import OrderRecord
from papernet.core.units import SCALE
from papernet.exchange.views import Views
from papernet.exchange.views.candles import Interval
from papernet.exchange.views.records import AggregateTrade, Batch, Candle, Fill, WindowStats
from tests.unit.exchange.views.archives import ListArchive, cut, within

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_709_164_799_300_000  # 2024-02-28T23:59:59.3Z: a second, a minute, a day and, in some zones, a month end soon

ALICE, BOB, CROWD = 1, 2, 3
SEED_COLUMNS = 10


@dataclass
class Stretch:
    """A trade, or a seeded minute: something that happened at `at`, as candles see it."""

    at: int
    open: int
    high: int
    low: int
    close: int
    quantity: int
    quote: int
    count: int
    taker_quantity: int
    taker_quote: int
    first_id: int
    seeded: bool


@dataclass
class Scene:
    """Makes entries, folds them, and remembers what really happened."""

    views: Views = field(default_factory=Views)
    archive: Any = field(default_factory=ListArchive)
    at: int = START
    seq: int = 0
    next_order_id: int = 0
    next_trade_id: dict[str, int] = field(default_factory=dict)
    trades: dict[str, list[Trade]] = field(default_factory=dict)
    stretches: dict[str, list[Stretch]] = field(default_factory=dict)
    orders: list[OrderRecord] = field(default_factory=list)
    open_orders: list[OrderRecord] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    # what `tests.unit.exchange.views.papers` lets happen
    counters: dict[str, int] = field(default_factory=dict)
    open_lists: list[OrderListRecord] = field(default_factory=list)
    papers: list[OrderListChanged | OrderAmended | PreventedMatch | Allocation | BlockTrade] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    under_way: Batch | None = None

    def apply(self, *events: Event) -> None:
        self.seq += 1
        applied = Applied(self.seq, self.at, events)
        self.applied.append(applied)
        self.views.fold(applied)

    def open_accounts(self) -> None:
        self.apply(AccountOpened(ALICE, "alice", 100, AccountKind.USER))
        self.apply(AccountOpened(BOB, "bob", 101, AccountKind.USER))
        self.apply(AccountOpened(CROWD, "crowd", 102, AccountKind.CROWD))

    def seed(self, symbol: str, minutes: int, price: int) -> None:
        """Give a symbol `minutes` minutes up to now, every fifth without trades."""
        rows = []
        begin = self.at // MINUTE * MINUTE - minutes * MINUTE
        number = first = self.next_trade_id.get(symbol, 0)
        for index in range(minutes):
            count = 0 if index % 5 == 3 else index % 7 + 1
            open_at, close = begin + index * MINUTE, price + index % 11
            quantity = count * SCALE
            row = (open_at, price, close + 5, price - 3, close, quantity, quantity * 2, count, quantity // 2, quantity)
            rows.append(row)
            if count:
                self.stretches.setdefault(symbol, []).append(Stretch(*row[:8], *row[8:], number, seeded=True))
            number += count
        self.next_trade_id[symbol] = number
        self.apply(CandlesSeeded(SeedCandles(symbol, tuple(rows)), first))

    def take(self, symbol: str, taker: int, side: Side, fills: list[tuple[int, int, int]], client_id: str = "") -> int:
        """Let an order take `fills` of (maker's account, price, quantity) and expire with something left; return its id."""
        self.next_order_id += 1
        order_id = self.next_order_id
        total = sum(quantity for _, _, quantity in fills)
        wanted = total + SCALE
        terms = self.terms(symbol, taker, side, wanted, client_id or f"taker{order_id}")
        events: list[Event] = [self.report(terms, order_id, ExecType.NEW, OrderStatus.NEW, 0, 0)]
        done = paid = 0
        for maker, price, quantity in fills:
            self.next_order_id += 1
            trade_id = self.next_trade_id.get(symbol, 0)
            self.next_trade_id[symbol] = trade_id + 1
            quote = price * quantity // SCALE
            trade = Trade(symbol, trade_id, self.at, price, quantity, quote, side is Side.SELL, order_id, self.next_order_id)
            events.append(trade)
            self.trades.setdefault(symbol, []).append(trade)
            taken = (0, 0) if trade.buyer_is_maker else (quantity, quote)
            self.stretches.setdefault(symbol, []).append(
                Stretch(self.at, price, price, price, price, quantity, quote, 1, *taken, trade_id, seeded=False)
            )
            done, paid = done + quantity, paid + quote
            events.append(self.fill(terms, order_id, trade, done, paid, OrderStatus.PARTIALLY_FILLED, is_maker=False))
            other = Side.SELL if side is Side.BUY else Side.BUY
            maker_terms = self.terms(symbol, maker, other, quantity, f"maker{self.next_order_id % 4}")
            events.append(self.fill(maker_terms, self.next_order_id, trade, quantity, quote, OrderStatus.FILLED, is_maker=True))
        ended = self.report(terms, order_id, ExecType.EXPIRED, OrderStatus.EXPIRED, done, paid)
        self.close(ended)
        self.apply(*events, ended)
        return order_id

    def rest_and_cancel(self, symbol: str, account: int, *, cancel: bool, client_id: str = "") -> None:
        self.next_order_id += 1
        terms = self.terms(symbol, account, Side.BUY, SCALE, client_id or f"c{self.next_order_id}")
        report = self.report(terms, self.next_order_id, ExecType.NEW, OrderStatus.NEW, 0, 0)
        self.apply(report)
        if not cancel:
            if account != CROWD:
                self.open_orders.append(record_of(report))
            return
        ended = self.report(terms, self.next_order_id, ExecType.CANCELED, OrderStatus.CANCELED, 0, 0)
        self.close(ended)
        self.apply(ended)

    def close(self, report: ExecutionReport) -> None:
        if report.terms.account != CROWD:
            self.orders.append(record_of(report))

    def fill(
        self, terms: NewOrder, order_id: int, trade: Trade, done: int, paid: int, status: OrderStatus, *, is_maker: bool
    ) -> ExecutionReport:
        report = ExecutionReport(
            terms,
            order_id,
            0,
            ExecType.TRADE,
            status,
            self.at,
            self.at,
            terms.quantity,
            done,
            paid,
            trade.quantity,
            trade.price,
            trade.quote,
            trade.quote // 1000,
            "USDT",
            trade.trade_id,
            is_maker,
            extras=extras_of(order_id),
        )
        if terms.account != CROWD:
            self.fills.append(
                Fill(
                    terms.symbol,
                    trade.trade_id,
                    order_id,
                    terms.account,
                    trade.price,
                    trade.quantity,
                    trade.quote,
                    trade.quote // 1000,
                    "USDT",
                    self.at,
                    terms.side is Side.BUY,
                    is_maker,
                    self.seq + 1,
                    order_id if order_id % 3 == 0 else -1,
                )
            )
        if status is OrderStatus.FILLED:
            self.close(report)
        return report

    def terms(self, symbol: str, account: int, side: Side, quantity: int, client_id: str) -> NewOrder:
        return NewOrder(account, symbol, side, OrderType.LIMIT, TimeInForce.IOC, quantity, 7 * SCALE, 0, client_id)

    def report(
        self, terms: NewOrder, order_id: int, exec_type: ExecType, status: OrderStatus, done: int, paid: int
    ) -> ExecutionReport:
        reason = ExpiryReason.UNFILLED_IOC_QUANTITY if status is OrderStatus.EXPIRED else ExpiryReason.NONE
        report = ExecutionReport(terms, order_id, 0, exec_type, status, self.at, self.at, terms.quantity, done, paid)
        return replace(report, expiry_reason=reason, extras=extras_of(order_id))

    def reset(self) -> None:
        self.next_trade_id.clear()
        self.trades.clear()
        self.stretches.clear()
        self.orders.clear()
        self.open_orders.clear()
        self.fills.clear()
        self.counters.clear()
        self.open_lists.clear()
        self.papers.clear()
        self.next_order_id = 0
        self.apply(WorldReset(2, self.at))

    # archiving

    def drain(self, through: int | None = None) -> None:
        self.begin_drain(through)
        self.end_drain()

    def begin_drain(self, through: int | None = None) -> None:
        self.end_drain()
        self.under_way = self.views.take(through)
        if self.under_way is not None:
            self.archive.write(self.under_way)

    def end_drain(self) -> None:
        if self.under_way is not None:
            self.views.confirm(self.under_way)
            self.under_way = None

    def fail_drain(self) -> None:
        self.end_drain()
        batch = self.views.take()
        if batch is not None:
            self.views.give_back(batch)

    def reopen(self) -> None:
        """Go on from a snapshot, as after a restart."""
        if self.under_way is not None:
            self.views.give_back(self.under_way)
            self.under_way = None
        data = self.views.snapshot()
        self.views = Views.restore(data)
        assert self.views.snapshot() == data


def record_of(report: ExecutionReport) -> OrderRecord:
    return OrderRecord(
        report.terms,
        report.order_id,
        report.status,
        report.quantity,
        report.cum_quantity,
        report.cum_quote,
        report.created_at,
        report.at,
        report.expiry_reason,
        report.extras,
    )


def extras_of(order_id: int) -> OrderExtras | None:
    """Put every third order into a list."""
    return OrderExtras(order_list_id=order_id, working_at=START + order_id) if order_id % 3 == 0 else None


# naive answers


def naive_aggregates(
    trades: list[Trade], from_id: int | None, start: int | None, end: int | None, limit: int
) -> list[AggregateTrade]:
    groups: list[list[Trade]] = []
    for trade in trades:
        if groups and (groups[-1][0].taker_order_id, groups[-1][0].price) == (trade.taker_order_id, trade.price):
            groups[-1].append(trade)
        else:
            groups.append([trade])
    rows = [
        AggregateTrade(
            number,
            group[0].price,
            sum(trade.quantity for trade in group),
            group[0].trade_id,
            group[-1].trade_id,
            group[0].at,
            group[0].buyer_is_maker,
        )
        for number, group in enumerate(groups)
    ]
    rows = [row for row in rows if within(row.aggregate_id, row.at, from_id, start, end)]
    return cut(rows, limit, newest=from_id is None and start is None)


def local(at: int, zone: int) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(timezone(timedelta(microseconds=zone)))


def micros(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def naive_open(interval: Interval, at: int, zone: int) -> int:
    moment = local(at, zone)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if interval is Interval.MONTH_1:
        return micros(midnight.replace(day=1))
    if interval is Interval.WEEK_1:
        return micros(midnight - timedelta(days=midnight.weekday()))
    if interval is Interval.DAY_3:
        return micros(midnight - timedelta(days=(midnight.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days % 3))
    since_midnight = micros(moment) - micros(midnight)
    return micros(midnight) + since_midnight // (interval * SECOND) * (interval * SECOND)


def naive_next(interval: Interval, open_at: int, zone: int) -> int:
    if interval is not Interval.MONTH_1:
        return open_at + interval * SECOND
    first = local(open_at, zone)
    return micros((first + timedelta(days=32)).replace(day=1))


def naive_candles(
    stretches: list[Stretch],
    interval: Interval,
    zone: int,
    start: int | None,
    end: int | None,
    limit: int,
    now: int,
) -> list[Candle]:
    if not stretches:
        return []
    begins_at = stretches[0].at
    if interval is Interval.SECOND_1 and stretches[0].seeded:
        # Seconds begin where the seeded past ends, or with the first trade within its last minute.
        seeded_until = [row for row in stretches if row.seeded][-1].at + MINUTE
        begins_at = min([seeded_until, *(row.at for row in stretches if not row.seeded)])
    first, last = naive_open(interval, begins_at, zone), naive_open(interval, now, zone)
    opens: list[int] = []
    if start is None:
        at = last if end is None else min(last, naive_open(interval, end, zone))
        while len(opens) < limit and at >= first:
            opens.insert(0, at)
            at = naive_open(interval, at - 1, zone)
    else:
        at = max(first, naive_open(interval, start, zone))
        if at < start:
            at = naive_next(interval, at, zone)
        while len(opens) < limit and at <= last and (end is None or at <= end):
            opens.append(at)
            at = naive_next(interval, at, zone)
    return [naive_candle(stretches, open_at, naive_next(interval, open_at, zone)) for open_at in opens]


def naive_candle(stretches: list[Stretch], open_at: int, next_open: int) -> Candle:
    rows = [row for row in stretches if open_at <= row.at < next_open]
    if not rows:
        close = [row for row in stretches if row.at < open_at][-1].close
        return Candle(open_at, close, close, close, close, 0, next_open - 1, 0, 0, 0, 0, -1)
    return Candle(
        open_at,
        rows[0].open,
        max(row.high for row in rows),
        min(row.low for row in rows),
        rows[-1].close,
        sum(row.quantity for row in rows),
        next_open - 1,
        sum(row.quote for row in rows),
        sum(row.count for row in rows),
        sum(row.taker_quantity for row in rows),
        sum(row.taker_quote for row in rows),
        rows[0].first_id,
    )


def naive_stats(stretches: list[Stretch], open_at: int, close_at: int) -> WindowStats:
    def counted(row: Stretch) -> bool:
        # a seeded minute counts whole, a second counts whole
        unit = MINUTE if row.seeded else SECOND
        return row.at >= open_at // unit * unit

    rows = [row for row in stretches if counted(row)]
    earlier = [row for row in stretches if not counted(row)]
    prev_close = earlier[-1].close if earlier else stretches[0].open if stretches else 0
    if not rows:
        last = stretches[-1].close if stretches else 0
        return WindowStats(last, last, last, last, 0, 0, -1, -1, 0, open_at, close_at, prev_close, 0)
    return WindowStats(
        rows[0].open,
        max(row.high for row in rows),
        min(row.low for row in rows),
        rows[-1].close,
        sum(row.quantity for row in rows),
        sum(row.quote for row in rows),
        rows[0].first_id,
        rows[-1].first_id + rows[-1].count - 1,
        sum(row.count for row in rows),
        open_at,
        close_at,
        prev_close,
        rows[-1].quantity if not rows[-1].seeded else 0,
    )
