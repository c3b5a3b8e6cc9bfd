"""The fast exchange and the naive one, given the same commands and compared after each of them.

Whatever drives the duel, each entry is also audited, applied to an exchange restored from the last checkpoint, and kept, so
that at the end the whole run can be replayed from the bytes of its entries.
"""

from msgspec import msgpack
from msgspec.structs import replace

from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Deposit,
    Entry,
    ListSymbol,
    NewOrder,
    OpenAccount,
    RegisterKey,
    Reset,
    SetCommission,
    SetLimits,
    SetSymbolStatus,
)
from papernet.core.enums import AccountKind, KeyType, Side, SymbolStatus
from papernet.core.events import Applied
from papernet.core.rejects import Reason
from papernet.exchange.checkpoint import decode, encode, state_hash
from papernet.exchange.machine import Exchange
from tests.support.auditor import Auditor
from tests.support.naive_exchange import NaiveExchange, NaiveRules, Told
from tests.support.worlds import (
    ALICE,
    BOB,
    CROWD,
    NAMES,
    START,
    crowded_symbol,
    fine_symbol,
    queues,
    refusal,
    reports,
    trades,
    units,
)

SYMBOLS = (crowded_symbol(), fine_symbol())
RULES = {
    "BTCUSDT": NaiveRules(
        "BTC",
        "USDT",
        (units("1"), units("10000"), units("1")),
        (units("1"), units("9000"), units("1")),
        max_orders=4,
    ),
    "ETHBTC": NaiveRules(
        "ETH",
        "BTC",
        (units("0.00001"), units("922327"), units("0.00001")),
        (units("0.0001"), units("100000"), units("0.0001")),
        min_notional=units("0.00001"),
        band=(units("1.5"), units("0.5"), units("2"), units("0.8")),
        minutes=1,
    ),
}
PURSE = (("BTC", units("20")), ("ETH", units("10")), ("USDT", units("2500")))


class Duel:
    """Both exchanges with the same two symbols, two users and a crowd."""

    def __init__(self) -> None:
        """List the symbols, open the accounts, give them keys and switch the order limits off."""
        self.exchange = Exchange()
        self.restored: Exchange | None = None
        self.naive = NaiveExchange(RULES, {ALICE: True, BOB: True, CROWD: False}, PURSE)
        self.auditor = Auditor({name: (rules.base, rules.quote) for name, rules in RULES.items()})
        self.now = START
        self.entries: list[bytes] = []
        self.outcomes: list[bytes] = []
        self.seen: set[str] = set()
        for symbol in SYMBOLS:
            self.apply(ListSymbol(symbol.to_spec()))
        for name, number in NAMES.items():
            kind = AccountKind.CROWD if number == CROWD else AccountKind.USER
            self.apply(OpenAccount(name, number, kind, PURSE))
            for key_type in KeyType:
                self.apply(RegisterKey(number, f"{name}'s {key_type.name} key", key_type, "secret", ()))
        self.apply(SetLimits(enabled=False))

    def apply(self, command: Command) -> Applied:
        """Give an entry to the fast exchange, and to the restored one if there is one."""
        entry = Entry(len(self.entries) + 1, self.now, command)
        applied = self.exchange.apply(entry)
        self.auditor.audit(applied)
        self.entries.append(msgpack.encode(entry))
        self.outcomes.append(msgpack.encode(applied))
        if self.restored is not None:
            assert msgpack.encode(self.restored.apply(entry)) == self.outcomes[-1]
        return applied

    def refused(self, applied: Applied, reason: str | None) -> bool:
        """Assert that an entry was refused for just this reason, or not at all; tell whether it was."""
        reject = refusal(applied)
        told = None if reject is None else reject.args[0] if reject.reason is Reason.FILTER_FAILURE else reject.reason.name
        assert told == reason
        self.seen.add(reason or type(applied.events[0]).__name__)
        return reason is not None

    def place(self, order: NewOrder) -> None:
        """Place an order with both."""
        told = self.naive.place(order, self.now)
        applied = self.apply(order)
        if self.refused(applied, told if isinstance(told, str) else None):
            return
        assert isinstance(told, Told)
        mine = [report for report in reports(applied) if not report.is_maker]
        first, last = mine[0], mine[-1]
        assert last.order_id == told.order_id
        assert (last.status, last.quantity, last.expiry_reason) == (told.status, told.quantity, told.expiry)
        assert (last.cum_quantity, last.cum_quote) == (told.cum_quantity, told.cum_quote)
        if order.quote_quantity and order.side is Side.BUY:
            assert last.cum_quote <= order.quote_quantity
        fees = {(report.trade_id, report.is_maker): report.commission for report in reports(applied)}
        assert told.fills == [
            (t.maker_order_id, t.price, t.quantity, t.quote, fees[t.trade_id, False], fees[t.trade_id, True])
            for t in trades(applied)
        ]
        # the naive exchange gives no client order ids: it takes over those that were given
        for resting in self.naive.markets[order.symbol].orders:
            if resting.order_id == told.order_id:
                resting.terms = replace(resting.terms, client_order_id=first.terms.client_order_id)
        self.seen |= {f"{order.order_type.name} {told.status.name} {bool(told.fills)}"}

    def cancel(self, command: CancelOrder) -> None:
        """Cancel an order with both."""
        told = self.naive.cancel(command)
        applied = self.apply(command)
        if not self.refused(applied, told if isinstance(told, str) else None):
            assert [report.order_id for report in reports(applied)] == [told]

    def cancel_all(self, account: int, symbol: str) -> None:
        """Cancel all orders with both."""
        told = self.naive.cancel_all(account, symbol)
        applied = self.apply(CancelOpenOrders(account, symbol))
        if not self.refused(applied, told if isinstance(told, str) else None):
            assert [report.order_id for report in reports(applied)] == told

    def deposit(self, account: int, asset: str, amount: int) -> None:
        """Deposit with both."""
        told = self.naive.deposit(account, asset, amount)
        self.refused(self.apply(Deposit(account, asset, amount)), told)

    def commission(self, account: int, rates: tuple[int, int, int, int]) -> None:
        """Set the rates of both."""
        self.naive.rates[account] = rates
        self.apply(SetCommission(account, *rates))

    def status(self, symbol: str, status: SymbolStatus) -> None:
        """Open or close a market of both."""
        self.naive.markets[symbol].open = status is SymbolStatus.TRADING
        self.apply(SetSymbolStatus(symbol, status))

    def reset(self) -> None:
        """Start both over."""
        self.naive.reset(PURSE)
        self.apply(Reset(PURSE, PURSE))

    def checkpoint(self) -> None:
        """From here on an exchange restored from a checkpoint is given the same entries."""
        data = encode(self.exchange)
        self.restored = decode(data)
        assert encode(self.restored) == data

    def compare(self) -> None:
        """Assert that both hold the same."""
        self.exchange.check_invariants()
        self.auditor.compare(self.exchange)
        for name, market in self.naive.markets.items():
            real = self.exchange.markets[name]
            for side, levels in zip((Side.BUY, Side.SELL), queues(self.exchange, name), strict=True):
                plain = [(order.terms.price, order.order_id, order.leaves) for order in market.side(side)]
                assert [(price, *row) for price, queue in levels for row in queue] == plain
            bid, ask = real.book.best_bid(), real.book.best_ask()
            assert bid is None or ask is None or bid < ask
            assert real.last_price == (market.trades[-1][1] if market.trades else 0)
        for asset, issued in self.naive.issued.items():
            held = {number: self.naive.held(number, asset) for number in self.naive.users}
            assert self.exchange.ledger.collected.get(asset, 0) == self.naive.fees.get(asset, 0)
            assert sum(money[asset] for money in self.naive.money.values()) + self.naive.fees.get(asset, 0) == issued
            for number, money in self.naive.money.items():
                balance = self.exchange.accounts.by_id[number].balances[asset]
                assert (balance.free, balance.held) == (money[asset] - held[number], held[number])
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
