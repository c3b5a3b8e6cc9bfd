"""What the views keep and answer with, and what they need to ask of the archive.

Rows that can leave memory carry `seq`, the entry that made them, so that an archive can forget those of entries that did not
last. Prices, quantities and amounts are units of 10^-8, times are microseconds UTC; every stored number fits signed 64 bits:
a fill moves what somebody held, and the sums of bars stop at `AMOUNT_MAX`.
"""

from typing import Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from papernet.core.dates import HOUR, MINUTE, SECOND
from papernet.core.enums import Side
from papernet.core.events import (
    Allocation,
    Bill,
    BlockFill,
    BlockOrderChanged,
    BlockTrade,
    ContractSettled,
    OptionReport,
    OrderAmended,
    OrderListChanged,
    PositionExercised,
    PreventedMatch,
)
from papernet.core.order import OrderRecord

# The lengths of the bars that are kept, finest first; each divides the next. All candles and tickers are made of them.
RESOLUTIONS = (SECOND, MINUTE, 15 * MINUTE, HOUR)


class PublicTrade(Struct, frozen=True, array_like=True, gc=False):
    """A trade as everybody sees it. Trades of one `aggregate_id` came from one taker order at one price."""

    trade_id: int
    aggregate_id: int
    at: int
    price: int
    quantity: int
    quote: int
    buyer_is_maker: bool
    seq: int


class AggregateTrade(Struct, frozen=True, array_like=True, gc=False):
    """The fills of one taker order at one price (rest-api.md, Compressed/Aggregate trades list)."""

    aggregate_id: int
    price: int
    quantity: int
    first_trade_id: int
    last_trade_id: int
    at: int
    buyer_is_maker: bool


class Bar(Struct, frozen=True, array_like=True, gc=False):
    """What traded in one second, minute, quarter or hour in which something traded; its trade ids are consecutive."""

    open_at: int
    open: int
    high: int
    low: int
    close: int
    quantity: int
    quote: int
    trade_count: int
    taker_buy_quantity: int
    taker_buy_quote: int
    first_trade_id: int
    seq: int


class Candle(Struct, frozen=True, array_like=True, gc=False):
    """A candle as it is shown; `close_at` is its last microsecond, `first_trade_id` is -1 when nothing traded."""

    open_at: int
    open: int
    high: int
    low: int
    close: int
    quantity: int
    close_at: int
    quote: int
    trade_count: int
    taker_buy_quantity: int
    taker_buy_quote: int
    first_trade_id: int


class WindowStats(Struct, frozen=True, array_like=True, gc=False):
    """Statistics of a stretch of time.

    When nothing traded in it, `count` is 0, the ids are -1 and all four prices are the last price before it (0: none at all).
    `prev_close` is the price of the last trade before the window, or the first price ever when there is none. `last_quantity`
    is the size of the newest trade, 0 when it is not known or not in the window.
    """

    open: int
    high: int
    low: int
    last: int
    quantity: int
    quote: int
    first_id: int
    last_id: int
    count: int
    open_at: int
    close_at: int
    prev_close: int
    last_quantity: int


class Fill(Struct, frozen=True, array_like=True, gc=False):
    """One account's side of a trade."""

    symbol: str
    trade_id: int
    order_id: int
    account: int
    price: int
    quantity: int
    quote: int
    commission: int
    commission_asset: str
    at: int
    is_buyer: bool
    is_maker: bool
    seq: int
    order_list_id: int = -1


class ClosedOrder(Struct, frozen=True, array_like=True, gc=False):
    """An order that has ended, as it waits for the archive."""

    record: OrderRecord
    seq: int


class OptionFill(Struct, frozen=True, array_like=True, tag="OF", gc=False):
    """One account's side of a trade of options: what is kept of the report that told of it."""

    account: int
    symbol: str
    fill_id: int
    trade_id: int
    order_id: int
    side: Side
    price: int
    quantity: int
    quote: int
    fee: int
    realized: int
    volatility: int
    is_maker: bool
    at: int


# What is kept to be looked up and no more; the event itself is the record, where it is not two.
Record: TypeAlias = (
    OrderListChanged
    | OrderAmended
    | PreventedMatch
    | Allocation
    | BlockTrade
    | OptionReport
    | OptionFill
    | Bill
    | PositionExercised
    | ContractSettled
    | BlockOrderChanged
    | BlockFill
)
R = TypeVar("R", bound=Record)


class Kept(Struct, Generic[R], frozen=True, array_like=True, gc=False):
    """A record in one of the places where it is looked for.

    Its `number` is its id, `order_id` the order it is about (-1: none), `name` what else it is known by ("": nothing); `at`
    never falls as numbers grow, among those of a kind that are looked up by time.
    """

    account: int
    symbol: str
    number: int
    order_id: int
    name: str
    at: int
    seq: int
    record: R


class Wanted(Struct, Generic[R], frozen=True, gc=False):
    """Which records are asked for: of `low` <= number < `high`, from `start` to `end`, at most `limit`, from which end."""

    kind: type[R]
    account: int
    symbol: str
    limit: int
    order_id: int | None = None
    low: int = 0
    high: int | None = None
    start: int | None = None
    end: int | None = None
    newest: bool = False

    def holds(self, row: Kept[Record]) -> bool:
        """Whether a row of the kind is among them."""
        return (
            row.account == self.account
            and row.symbol == self.symbol
            and (self.order_id is None or row.order_id == self.order_id)
            and row.number >= self.low
            and (self.high is None or row.number < self.high)
            and (self.start is None or row.at >= self.start)
            and (self.end is None or row.at <= self.end)
        )


class Batch(Struct, frozen=True):
    """Everything that entries up to `seq` have for the archive.

    When `clear_before` is not 0 the world was reset by that entry: rows of earlier entries go before the others come.
    `trades` is keyed by symbol, `bars` by (symbol, resolution); rows stand in the order of their entries.
    """

    seq: int
    clear_before: int
    orders: tuple[ClosedOrder, ...]
    fills: tuple[Fill, ...]
    trades: tuple[tuple[str, tuple[PublicTrade, ...]], ...]
    bars: tuple[tuple[str, int, tuple[Bar, ...]], ...]
    records: tuple[Kept[Record], ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return (
            len(self.orders)
            + len(self.fills)
            + len(self.records)
            + sum(len(rows) for _, rows in self.trades)
            + sum(len(rows) for _, _, rows in self.bars)
        )


class Past(Protocol):
    """What has left memory. Every answer is sorted by id or time, oldest first, whatever end it was taken from.

    Bounds of ids and times: `from_id`, `start` and `low` are inclusive, `end` is inclusive where it is a query's end time and
    exclusive where it is said so; None is no bound.
    """

    def order(self, account: int, symbol: str, order_id: int) -> OrderRecord | None:
        """Return a closed order by its id."""
        ...

    def order_by_client_id(self, account: int, symbol: str, client_order_id: str) -> OrderRecord | None:
        """Return the closed order that had a client order id when it ended, of several the one that ended last."""
        ...

    def orders(
        self,
        account: int,
        symbol: str,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        newest: bool,
    ) -> list[OrderRecord]:
        """Return at most `limit` closed orders created from `start` to `end`: the newest or the oldest of them."""
        ...

    def fills(
        self,
        account: int,
        symbol: str,
        *,
        order_id: int | None = None,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int,
        newest: bool,
    ) -> list[Fill]:
        """Return at most `limit` fills of an account, of one order or all, from `start` to `end`: the newest or the oldest."""
        ...

    def trades(self, symbol: str, *, low: int, high: int, limit: int, newest: bool) -> list[PublicTrade]:
        """Return at most `limit` trades with low <= trade_id < high: the newest or the oldest of them."""
        ...

    def trade_id_at(self, symbol: str, at: int) -> int | None:
        """Return the id of the first trade at or after `at`, or None."""
        ...

    def trade_id_of_aggregate(self, symbol: str, aggregate_id: int) -> int | None:
        """Return the id of the first trade whose aggregate id is `aggregate_id` or greater, or None."""
        ...

    def bars(self, symbol: str, resolution: int, start: int, end: int) -> list[Bar]:
        """Return the bars with start <= open_at < end."""
        ...

    def bar_before(self, symbol: str, resolution: int, before: int) -> Bar | None:
        """Return the newest bar with open_at < before, or None."""
        ...

    def records(self, wanted: Wanted[R]) -> list[Kept[R]]:
        """Return the records that are wanted, by number, order id and name."""
        ...

    def record_named(self, kind: type[R], account: int, symbol: str, name: str) -> R | None:
        """Return the newest record of a name."""
        ...
