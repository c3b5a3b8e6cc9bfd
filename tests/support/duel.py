"""The fast exchange and the naive one, given the same commands and compared after each of them.

Whatever drives the duel, each entry is also audited, applied to an exchange restored from the last checkpoint, and kept, so
that at the end the whole run can be replayed from the bytes of its entries.
"""

from msgspec import msgpack
from msgspec.structs import replace

from papernet.core.commands import (
    CancelOpenOrders,
    Command,
    ConfigureVenue,
    Entry,
    ListSymbol,
    NewOrder,
    NewOrderList,
    OpenAccount,
    RegisterKey,
    ReplaceOrder,
    Reset,
    SetLimits,
)
from papernet.core.enums import AccountKind, KeyType, SelfTradeMode, Side
from papernet.core.events import Applied, ExecutionReport, OrderListChanged
from papernet.core.order import Order
from papernet.core.rejects import Reason, Reject
from papernet.exchange.checkpoint import decode, encode, state_hash
from papernet.exchange.machine import Exchange
from papernet.venues.spot.symbols import (
    ExternalSpec,
    IcebergParts,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    Notional,
    PriceRange,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import (
    ExchangeMaxNumAlgoOrders,
    ExchangeMaxNumIcebergOrders,
    ExchangeMaxNumOrderLists,
    ExchangeMaxNumOrders,
    Sor,
    VenueRules,
)
from tests.support.auditor import Auditor
from tests.support.naive_exchange import NaiveExchange, NaiveRules
from tests.support.naive_facts import facts_of
from tests.support.naive_state import Fact, NaiveMarket, NaiveOrder, Phase
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    NAMES,
    START,
    fine_symbol,
    lot_size,
    make_symbol,
    price_filter,
    queues,
    refusal,
    units,
)

CAROL = 4
PLAYERS = {**NAMES, "carol": CAROL}
USERS = {ALICE: True, BOB: True, CROWD: False, CAROL: True}
# multipliers (buy up, buy down, sell up, sell down)
BAND = (units("1.5"), units("0.5"), units("2"), units("0.8"))
RANGE = (units("1.0006"), units("0.999"), units("1.001"), units("0.9994"))
SYMBOLS = (
    make_symbol(
        price_filter("1", "10000", "1"),
        lot_size("1", "9000", "1"),
        IcebergParts(5),
        MaxNumOrders(9),
        MaxNumAlgoOrders(6),
        MaxNumIcebergOrders(2),
        MaxNumOrderLists(2),
        MaxNumOrderAmends(1),
        TrailingDelta(50, 900, 50, 1_000),
        default_self_trade_mode=SelfTradeMode.EXPIRE_MAKER,
    ),
    make_symbol(
        price_filter("1", "10000", "1"),
        lot_size("1", "9000", "1"),
        Notional(units("100"), True, units("850"), True, 5),
        name="BTCUSDC",
        base="BTC",
        quote="USDC",
    ),
    make_symbol(
        price_filter("1", "10000", "1"),
        lot_size("1", "9000", "1"),
        MarketLotSize(units("2"), units("7"), units("1")),
        name="BNBUSDT",
        base="BNB",
        quote="USDT",
    ),
    replace(fine_symbol(), reference=ExternalSpec(), price_range=PriceRange(*RANGE)),
)
WHOLE = ((units("1"), units("10000"), units("1")), (units("1"), units("9000"), units("1")))
RULES = {
    "BTCUSDT": NaiveRules(
        "BTC",
        "USDT",
        *WHOLE,
        max_orders=9,
        max_algos=6,
        max_icebergs=2,
        max_lists=2,
        max_amends=1,
        max_parts=5,
        deltas=(50, 900, 50, 1_000),
        default_mode=SelfTradeMode.EXPIRE_MAKER,
    ),
    "BTCUSDC": NaiveRules("BTC", "USDC", *WHOLE, notional=(units("100"), units("850")), minutes=5),
    "BNBUSDT": NaiveRules("BNB", "USDT", *WHOLE, market_lots=(units("2"), units("7"), units("1"))),
    "ETHBTC": NaiveRules(
        "ETH",
        "BTC",
        (units("0.00001"), units("922327"), units("0.00001")),
        (units("0.0001"), units("100000"), units("0.0001")),
        min_notional=units("0.00001"),
        band=BAND,
        minutes=1,
        price_range=RANGE,
    ),
}
ROUTES = ("BTCUSDT", "BTCUSDC")
# open orders, stop orders, icebergs and lists on all symbols
COUNTS = (16, 9, 4, 4)
VENUE = VenueRules(
    (
        ExchangeMaxNumOrders(COUNTS[0]),
        ExchangeMaxNumAlgoOrders(COUNTS[1]),
        ExchangeMaxNumIcebergOrders(COUNTS[2]),
        ExchangeMaxNumOrderLists(COUNTS[3]),
    ),
    sors=(Sor("BTC", ROUTES),),
)
PURSE = tuple(
    (asset, units(amount)) for asset, amount in (("BNB", "9"), ("BTC", "30"), ("ETH", "10"), ("USDC", "3000"), ("USDT", "4000"))
)


class Duel:
    """Both exchanges with the same symbols, users and a crowd."""

    def __init__(self) -> None:
        """List the symbols, open the accounts, give them keys and switch the order limits off."""
        self.exchange = Exchange()
        self.restored: Exchange | None = None
        self.naive = NaiveExchange(RULES, USERS, PURSE, ROUTES, COUNTS)
        self.auditor = Auditor({name: (rules.base, rules.quote) for name, rules in RULES.items()})
        self.now = START
        self.entries: list[bytes] = []
        self.outcomes: list[bytes] = []
        self.seen: set[str] = set()
        for symbol in SYMBOLS:
            self.apply(ListSymbol(symbol.to_spec()))
        for name, number in PLAYERS.items():
            kind = AccountKind.CROWD if number == CROWD else AccountKind.USER
            self.apply(OpenAccount(name, number, kind, PURSE))
            for key_type in KeyType:
                self.apply(RegisterKey(number, f"{name}'s {key_type.name} key", key_type, "secret", ()))
        self.apply(SetLimits(enabled=False))
        self.apply(ConfigureVenue(VENUE.to_spec()))

    def apply(self, command: Command) -> Applied:
        """Give an entry to the fast exchange, and to the restored one if there is one."""
        entry = Entry(len(self.entries) + 1, self.now, command)
        applied = self.exchange.apply(entry)
        self.entries.append(msgpack.encode(entry))
        self.outcomes.append(msgpack.encode(applied))
        self.auditor.audit(applied)
        if self.restored is not None:
            assert msgpack.encode(self.restored.apply(entry)) == self.outcomes[-1]
        return applied

    def do(self, command: Command) -> None:
        """Give a command to both and compare what they say happened."""
        told = self.naive.do(command, self.now)
        checked = self.exchange.check_order(command, self.now) if isinstance(command, NewOrder) else None
        applied = self.apply(command)
        if isinstance(command, NewOrder):
            self.compare_check(checked, applied)
        facts = facts_of(applied)
        self.seen |= {label(command, fact) for fact in told}
        self.seen |= {
            f"COMMISSION IN {fact[8][1]}" for fact in told if fact[:2] == ("REPORT", "TRADE") and fact[2] != "BNBUSDT"
        }
        # told to be new more often than it was placed
        self.seen |= (
            {"TRIGGERED"} if len({fact[3] for fact in told if fact[:2] == ("REPORT", "NEW")}) > len(legs(command)) else set()
        )
        assert by_themselves(facts) == by_themselves(told), command
        assert in_order(facts) == in_order(told), command
        self.take_over_names(applied)

    def compare_check(self, checked: Reject | None, applied: Applied) -> None:
        """Assert that a dry run told beforehand which rule of the symbol an order breaks."""
        reject = refusal(applied)
        if checked is not None and (reject is None or reject.reason >= checked.reason):
            assert reject == checked
        elif reject is not None and Reason.MARKET_CLOSED <= reject.reason <= Reason.FILTER_FAILURE:
            assert reject == checked or reject.reason is Reason.NO_PRICE_LEVEL_FOR_PEG

    def take_over_names(self, applied: Applied) -> None:
        """Tell the naive exchange, which makes no client order ids, those that the fast one made."""
        for event in applied.events:
            if isinstance(event, ExecutionReport):
                for order in self.naive.markets[event.terms.symbol].orders:
                    if order.order_id == event.order_id:
                        order.terms = replace(order.terms, client_order_id=event.terms.client_order_id)
            elif isinstance(event, OrderListChanged):
                for of_list in self.naive.lists:
                    if of_list.list_id == event.record.order_list_id:
                        of_list.name = event.record.list_client_order_id

    def cancel_all(self, account: int, symbol: str) -> None:
        """Cancel all orders with both."""
        self.do(CancelOpenOrders(account, symbol))

    def reset(self) -> None:
        """Start both over."""
        self.do(Reset(PURSE, PURSE))

    def checkpoint(self) -> None:
        """From here on an exchange restored from a checkpoint is given the same entries."""
        data = encode(self.exchange)
        self.restored = decode(data)
        assert encode(self.restored) == data

    def compare(self) -> None:
        """Assert that both hold the same, and that each is sound."""
        self.exchange.check_invariants()
        self.auditor.compare(self.exchange)
        self.compare_markets()
        self.compare_balances()

    def compare_markets(self) -> None:
        """Assert that both have the same open orders, in the same queues."""
        for name, market in self.naive.markets.items():
            real = self.exchange.markets[name]
            for side, levels in zip((Side.BUY, Side.SELL), queues(self.exchange, name), strict=True):
                plain = [(order.price, order.order_id, order.shown) for order in market.side(side)]
                assert [(price, *row) for price, queue in levels for row in queue] == plain
            bid, ask = real.book.best_bid(), real.book.best_ask()
            assert bid is None or ask is None or bid < ask
            assert real.last_price == market.last
            assert {number: real_row(order) for number, order in real.orders.items()} == plain_rows(market)
        open_lists = {
            number: [order.order_id for order in one.orders] for number, one in self.exchange.venue.order_lists.items()
        }
        assert open_lists == {one.list_id: [order.order_id for order in one.orders] for one in self.naive.lists}

    def compare_balances(self) -> None:
        """Assert that money is neither made nor lost, and is where both say it is."""
        for asset, issued in self.naive.issued.items():
            held = {number: self.naive.held(number, asset) for number in self.naive.users}
            collected = self.naive.fees.get(asset, 0)
            assert self.exchange.ledger.collected.get(asset, 0) == collected
            assert sum(account.money.get(asset, 0) for account in self.naive.accounts.values()) + collected == issued
            for number, account in self.naive.accounts.items():
                balance = self.exchange.accounts.by_id[number].balances[asset]
                assert (balance.free, balance.held) == (account.money[asset] - held[number], held[number]), (number, asset)
                assert balance.free >= 0 <= balance.held

    def finish(self) -> None:
        """Assert that a replay, and what went on from the last checkpoint, ended in the same state with the same events."""
        replayed = Exchange()
        for entry, outcome in zip(self.entries, self.outcomes, strict=True):
            assert msgpack.encode(replayed.apply(msgpack.decode(entry, type=Entry))) == outcome
        assert state_hash(replayed) == state_hash(self.exchange)
        assert decode(encode(self.exchange)).accounts.keys == self.exchange.accounts.keys
        if self.restored is not None:
            assert state_hash(self.restored) == state_hash(self.exchange)


def in_order(facts: list[Fact]) -> list[Fact]:
    """Return the facts whose order matters."""
    return [fact for fact in facts if fact[0] != "LIST"]


def by_themselves(facts: list[Fact]) -> list[Fact]:
    """Return what is told of order lists, somewhere between the other facts."""
    return sorted(fact for fact in facts if fact[0] == "LIST")


def legs(command: Command) -> tuple[NewOrder, ...]:
    """Return the orders that a command places."""
    match command:
        case NewOrder():
            return (command,)
        case NewOrderList():
            return command.legs
        case ReplaceOrder():
            return (command.order,)
        case _:
            return ()


def label(command: Command, fact: Fact) -> str:
    """Return what is remembered of a fact, to see at the end whether a run met everything."""
    if fact[0] == "REPORT":
        _, kind, _, _, status, expiry, *_ = fact
        return f"{kind} {status}" + (f" {expiry}" if expiry != "NONE" else "")
    if fact[0] == "PREVENTED":
        return f"PREVENTED {fact[4]}"
    return f"{type(command).__name__} {fact[0]} {fact[-1]}" if fact[0] in ("REFUSED", "LIST") else str(fact[0])


def real_row(order: Order) -> tuple[int, ...]:
    """Return how an open order stands."""
    extras = order.extras
    waits, tracks = (False, False) if extras is None else (extras.working_at < 0, extras.trailing_at >= 0)
    return (order.status, order.quantity, order.leaves + order.reserve, order.cum_quantity, order.cum_quote, waits, tracks)


def plain_rows(market: NaiveMarket) -> dict[int, tuple[int, ...]]:
    """Return how the naive exchange's open orders stand."""
    return {order.order_id: plain_row(order) for order in market.orders}


def plain_row(order: NaiveOrder) -> tuple[int, ...]:
    """Return how one of them stands."""
    waits, tracks = order.phase is not Phase.WORKING, order.extreme > 0
    return (order.status, order.quantity, order.leaves, order.filled, order.spent, waits, tracks)
