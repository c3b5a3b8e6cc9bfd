"""A small exchange to test on: two users, one account of the crowd and, unless said otherwise, one coarse symbol.

Numbers are written as text ("10.50") and turned into units of 10^-8 by `units`, with Decimal rather than papernet's parser.
"""

from decimal import Decimal

from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Entry,
    ListSymbol,
    NewOrder,
    OpenAccount,
)
from papernet.core.enums import AccountKind, CancelRestriction, OrderType, Side, TimeInForce
from papernet.core.events import Applied, ExecutionReport, Refused, Trade
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange
from papernet.venues.spot.symbols import (
    Filter,
    LotSize,
    MaxNumOrders,
    MinNotional,
    PercentPriceBySide,
    PriceFilter,
    Symbol,
)

SECOND = 1_000_000
# 2023-11-14T22:13:20Z, a multiple of ten seconds
START = 1_700_000_000 * SECOND
ALICE, BOB, CROWD = 1, 2, 3
NAMES = {"alice": ALICE, "bob": BOB, "crowd": CROWD}
NOBODY = 99


def units(text: str) -> int:
    """Return a decimal text as units of 10^-8."""
    scaled = Decimal(text).scaleb(8)
    whole = int(scaled)
    assert whole == scaled, text
    return whole


def plain(value: int) -> str:
    """Return units of 10^-8 as the shortest decimal text."""
    return f"{Decimal(value).scaleb(-8).normalize():f}"


def price_filter(low: str = "0", high: str = "0", tick: str = "0") -> PriceFilter:
    """Return a PRICE_FILTER; everything is disabled unless given."""
    return PriceFilter(units(low), units(high), units(tick))


def lot_size(low: str = "0", high: str = "0", step: str = "0") -> LotSize:
    """Return a LOT_SIZE; everything is disabled unless given."""
    return LotSize(units(low), units(high), units(step))


def make_symbol(*filters: Filter, name: str = "BTCUSDT", base: str = "BTC", quote: str = "USDT", **changes: object) -> Symbol:
    """Return a symbol with just these filters."""
    spec = {"name": name, "base_asset": base, "quote_asset": quote, "filters": filters} | changes
    return Symbol(**spec)  # type: ignore[arg-type]


def coarse_symbol() -> Symbol:
    """Return BTCUSDT in steps of 0.1 BTC and 0.01 USDT: every price x quantity is a whole number of units."""
    return make_symbol(price_filter("0.01", "1000000", "0.01"), lot_size("0.1", "9000", "0.1"))


def fine_symbol() -> Symbol:
    """Return ETHBTC in steps that make price x quantity need nine decimals, with a band around the average price."""
    return make_symbol(
        price_filter("0.00001", "922327", "0.00001"),
        PercentPriceBySide(units("1.5"), units("0.5"), units("2"), units("0.8"), 1),
        lot_size("0.0001", "100000", "0.0001"),
        MinNotional(units("0.00001"), apply_to_market=True, avg_price_mins=1),
        name="ETHBTC",
        base="ETH",
        quote="BTC",
    )


def crowded_symbol() -> Symbol:
    """Return BTCUSDT in whole steps with room for four open orders an account."""
    return make_symbol(price_filter("1", "10000", "1"), lot_size("1", "9000", "1"), MaxNumOrders(4))


PURSE = (("BTC", units("1000")), ("USDT", units("100000")))


class World:
    """An exchange, the entries it was given and what came of each; time stands still unless it is moved."""

    def __init__(self, *symbols: Symbol, balances: tuple[tuple[str, int], ...] = PURSE) -> None:
        """List the symbols and open the three accounts with the same balances."""
        self.exchange = Exchange()
        self.entries: list[Entry] = []
        self.applied: list[Applied] = []
        self.now = START
        for symbol in symbols or (coarse_symbol(),):
            self.apply(ListSymbol(symbol.to_spec()))
        self.symbol = next(iter(self.exchange.markets))
        for name, number in NAMES.items():
            kind = AccountKind.CROWD if number == CROWD else AccountKind.USER
            self.apply(OpenAccount(name, 1_000 + number, kind, balances))

    def apply(self, command: Command) -> Applied:
        """Give the next entry to the exchange."""
        entry = Entry(len(self.entries) + 1, self.now, command)
        applied = self.exchange.apply(entry)
        assert (applied.seq, applied.at) == (entry.seq, entry.at)
        self.entries.append(entry)
        self.applied.append(applied)
        return applied

    def order(
        self,
        account: int,
        side: Side,
        quantity: str,
        price: str = "",
        *,
        quote: str = "0",
        tif: TimeInForce = TimeInForce.GTC,
        maker: bool = False,
        cid: str = "",
        symbol: str = "",
    ) -> NewOrder:
        """Return an order command: MARKET without a price, else LIMIT or LIMIT_MAKER."""
        order_type = OrderType.LIMIT if price else OrderType.MARKET
        return NewOrder(
            account,
            symbol or self.symbol,
            side,
            OrderType.LIMIT_MAKER if maker else order_type,
            tif,
            units(quantity),
            units(price or "0"),
            units(quote),
            cid,
        )

    def buy(self, account: int, quantity: str, price: str = "", **more: object) -> Applied:
        """Place a buy order."""
        return self.apply(self.order(account, Side.BUY, quantity, price, **more))  # type: ignore[arg-type]

    def sell(self, account: int, quantity: str, price: str = "", **more: object) -> Applied:
        """Place a sell order."""
        return self.apply(self.order(account, Side.SELL, quantity, price, **more))  # type: ignore[arg-type]

    def cancel(
        self, account: int, order_id: int = -1, orig: str = "", restriction: CancelRestriction = CancelRestriction.NONE
    ) -> Applied:
        """Cancel one order."""
        return self.apply(CancelOrder(account, self.symbol, order_id, orig, "", restriction))

    def cancel_all(self, account: int, symbol: str = "") -> Applied:
        """Cancel all of an account's orders on a symbol."""
        return self.apply(CancelOpenOrders(account, symbol or self.symbol))

    def balance(self, account: int, asset: str) -> tuple[int, int]:
        """Return what is free and what is held."""
        balance = self.exchange.accounts.by_id[account].balances.get(asset)
        return (balance.free, balance.held) if balance is not None else (0, 0)


def refusal(applied: Applied) -> Reject | None:
    """Return why the entry was refused, or None."""
    refused = [event for event in applied.events if isinstance(event, Refused)]
    if not refused:
        return None
    assert len(applied.events) == 1, "a refused command has exactly one event"
    return refused[0].reject


def reason(applied: Applied) -> Reason | None:
    """Return the reason of the refusal, or None."""
    reject = refusal(applied)
    return reject.reason if reject is not None else None


def reports(applied: Applied) -> list[ExecutionReport]:
    """Return the execution reports."""
    return [event for event in applied.events if isinstance(event, ExecutionReport)]


def trades(applied: Applied) -> list[Trade]:
    """Return the trades."""
    return [event for event in applied.events if isinstance(event, Trade)]


def queues(exchange: Exchange, symbol: str) -> tuple[list[tuple[int, list[tuple[int, int]]]], ...]:
    """Return bids and asks, best first, as (price, [(order id, leaves), oldest first])."""
    book = exchange.markets[symbol].book
    sides: list[list[tuple[int, list[tuple[int, int]]]]] = []
    for side in (book.bids, book.asks):
        levels: list[tuple[int, list[tuple[int, int]]]] = []
        for key in reversed(side.keys):
            level, queue = side.levels[key], []
            order = level.head
            while order is not None:
                queue.append((order.order_id, order.leaves))
                order = order.next
            levels.append((level.price, queue))
        sides.append(levels)
    return tuple(sides)
