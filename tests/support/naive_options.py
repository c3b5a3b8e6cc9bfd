"""What must have come of options trades, reckoned slowly: positions by fill, margins by their formulas, means by the second.

It is told each entry and what came of it. Who trades with whom is taken from the events; everything that follows from that,
money above all, is reckoned here a second time, in fractions, from the formulas of the documents, and compared. Nothing of
papernet's venue is used but the vocabulary of commands and events.

Units are papernet's: integers of 10^-8, microseconds UTC.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil, floor

from papernet.core.commands import (
    AdvanceTime,
    ConfigureOptionsAccount,
    Entry,
    MarkContracts,
    OptionTerms,
    RefreshCountdowns,
    ResetProtection,
    SetCountdown,
    SetProtection,
    TransferToOptions,
)
from papernet.core.enums import BillKind, BlockOrderStatus, ExecType, OptionSource, OrderStatus, RiskLevel, Side
from papernet.core.events import (
    Applied,
    Bill,
    BlockFill,
    BlockOrderChanged,
    ContractSettled,
    ContractsListed,
    Event,
    IndexesSampled,
    Liquidated,
    OptionReport,
    PortfolioUpdate,
    PositionExercised,
    ProtectionTriggered,
    Refused,
    RiskLevelChanged,
    Trade,
    WorldReset,
)

ONE = 10**8
SECOND = 1_000_000
DAY = 86_400 * SECOND
HALF_HOUR = 1_800
HOUSE = 0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPEN = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)

# FAQ: margins of writers, fees
INITIAL, LEAST_INITIAL = Fraction(15, 100), Fraction(10, 100)
MAINTENANCE, LEAST_MAINTENANCE = Fraction(75, 1_000), Fraction(5, 100)
TRADING_RATE, EXERCISE_RATE, LIQUIDATION_RATE = Fraction(3, 10_000), Fraction(15, 100_000), Fraction(19, 10_000)
MOST_OF_PREMIUM, MOST_OF_LIQUIDATION = Fraction(1, 10), Fraction(1, 4)


@dataclass
class Terms:
    """What a contract's name says, and how much of the underlying it is about."""

    underlying: str
    expiry: int
    strike: Fraction
    is_call: bool
    unit: int

    def payoff(self, price: int | Fraction) -> Fraction:
        """Return what one contract pays at a price."""
        gain = price - self.strike if self.is_call else self.strike - price
        return max(gain, Fraction(0)) * self.unit

    def gap(self, price: int | Fraction) -> Fraction:
        """Return how far out of the money it is."""
        return max(self.strike - price if self.is_call else price - self.strike, Fraction(0))


def read(symbol: str, sizes: dict[str, int]) -> Terms:
    """Return what a contract's name says."""
    base, date, strike, letter = re.fullmatch(r"(\w+)-(\d{6})-([\d.]+)-([CP])", symbol).groups()  # type: ignore[union-attr]
    day = datetime.strptime(f"20{date}T08", "%Y%m%dT%H").replace(tzinfo=UTC)
    expiry = (day - EPOCH) // timedelta(microseconds=1)
    return Terms(f"{base}USDT", expiry, Fraction(strike) * ONE, letter == "C", sizes[f"{base}USDT"])


@dataclass
class Held:
    """A position; `fills` is how often its cost may have been rounded."""

    quantity: int = 0
    cost: Fraction = Fraction(0)
    fills: int = 0


@dataclass
class Open:
    """An open order."""

    terms: OptionTerms
    leaves: int


@dataclass
class Guard:
    """A market maker's protection."""

    window: int
    quantity_limit: int
    delta_limit: int
    fills: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass
class Wallet:
    """One account."""

    is_user: bool
    balance: int = 0
    billed: int = 0
    positions: dict[str, Held] = field(default_factory=dict)
    # in order of placement
    orders: dict[int, Open] = field(default_factory=dict)
    maker_rate: Fraction = TRADING_RATE
    taker_rate: Fraction = TRADING_RATE
    guards: dict[str, Guard] = field(default_factory=dict)
    # by underlying: (when it is due, the span)
    countdowns: dict[str, tuple[int, int]] = field(default_factory=dict)
    # fills of liquidation orders whose charge has not been told yet
    uncharged: int = 0

    def held(self, symbol: str) -> Held:
        """Return the position in a contract."""
        return self.positions.setdefault(symbol, Held())


@dataclass
class Look:
    """What a portfolio answers with, and for, at a look at its margins."""

    balance: int
    worth: int
    answering: int
    initial: int
    maintenance: int


class NaiveOptions:
    """The options venue, reckoned again."""

    def __init__(self, indexes: dict[str, int], sizes: dict[str, int], users: dict[int, bool], at: int) -> None:
        """Begin with empty wallets; `sizes` are how much of the underlying a contract is about."""
        self.beginning = indexes
        self.sizes = sizes
        self.wallets = {HOUSE: Wallet(is_user=False), **{number: Wallet(is_user) for number, is_user in users.items()}}
        self.seen: set[str] = set()
        self._begin(at)

    def _begin(self, at: int) -> None:
        self.at = at
        # whether time has leapt, and nobody has looked at margins since
        self.leapt = False
        # whether any price has changed since somebody looked at margins
        self.moved = False
        # what portfolios answered with, and for, when indexes were sampled: by account, before they took the new prices
        self.looked: dict[int, Look] = {}
        self.prices = dict(self.beginning)
        self.samples: dict[tuple[str, int], list[int]] = {}
        self.contracts: dict[str, Terms] = {}
        self.marks: dict[str, tuple[int, int]] = {}
        self.last: dict[str, int] = {}
        self.collected = 0
        self.shortfall = 0
        self.bills = 0
        self.expected_bills: list[tuple[int, int, BillKind, str]] = []
        # by key, until they end: when they do
        self.block_orders: dict[str, int] = {}

    # ---- prices

    def pass_time(self, until: int) -> None:
        """Let each second of the half hours before 08:00 that begins before a time count once, at the price that stands."""
        settlement = (self.at // DAY) * DAY + 8 * 3_600 * SECOND
        while settlement - HALF_HOUR * SECOND < until:
            for number in range(HALF_HOUR):
                second = settlement - (HALF_HOUR - number) * SECOND
                if self.at <= second < until:
                    for name, price in self.prices.items():
                        self.samples.setdefault((name, settlement), []).append(price)
            settlement += DAY
        self.at = max(self.at, until)

    def reference(self, terms: Terms) -> int:
        """Return what a contract is priced on: the index, or the mean of the last half hour as far as it is over."""
        samples = self.samples.get((terms.underlying, terms.expiry))
        return floor(Fraction(sum(samples), len(samples))) if samples else self.prices[terms.underlying]

    def mark(self, symbol: str) -> int:
        """Return what a contract is worth."""
        if symbol in self.marks:
            return self.marks[symbol][0]
        terms = self.contracts[symbol]
        return int(terms.payoff(self.reference(terms)))

    # ---- margins: FAQ, short selling of options

    def _of_short(self, symbol: str, quantity: int, ratio: Fraction, least: Fraction) -> int:
        terms = self.contracts[symbol]
        price = self.reference(terms)
        one = max(least * price, ratio * price - terms.gap(price)) * terms.unit + self.mark(symbol)
        return ceil(one * quantity / ONE)

    def initial(self, wallet: Wallet, symbol: str | None = None) -> int:
        """Return the initial margin of all short positions, or of one."""
        return sum(self._of_short(one, n, INITIAL, LEAST_INITIAL) for one, n in shorts(wallet) if symbol in (None, one))

    def maintenance(self, wallet: Wallet) -> int:
        """Return the maintenance margin."""
        return sum(self._of_short(symbol, n, MAINTENANCE, LEAST_MAINTENANCE) for symbol, n in shorts(wallet))

    def value(self, wallet: Wallet, *, only_longs: bool = False) -> int:
        """Return what positions are worth at their marks."""
        held = wallet.positions.items()
        return floor(
            Fraction(sum(self.mark(symbol) * one.quantity for symbol, one in held if one.quantity > 0 or not only_longs), ONE)
        )

    def _look(self, wallet: Wallet) -> Look:
        worth = wallet.balance + self.value(wallet)
        return Look(wallet.balance, worth, self.answering(wallet), self.initial(wallet), self.maintenance(wallet))

    def answering(self, wallet: Wallet) -> int:
        """Return what answers for margins."""
        return wallet.balance + self.value(wallet, only_longs=True)

    def fee(self, rate: Fraction, symbol: str, price: int, quantity: int, most: Fraction = MOST_OF_PREMIUM) -> Fraction:
        """Return a rate of the index, at most a share of the premium."""
        terms = self.contracts[symbol]
        return min(rate * self.reference(terms) * terms.unit, most * price) * quantity / ONE

    def need(self, wallet: Wallet, terms: OptionTerms, closing: int, opening: int) -> int:
        """Return what an order binds that closes and opens so much."""
        symbol, price = terms.symbol, terms.price
        rate = max(wallet.maker_rate, wallet.taker_rate, Fraction(0))

        def charge(quantity: int) -> int:
            return ceil(self.fee(rate, symbol, price, quantity))

        if terms.side is Side.BUY:
            cost = ceil(Fraction(price * opening, ONE)) + charge(opening)
            if closing:
                one, everything = self.initial(wallet, symbol), self.initial(wallet)
                released = min(Fraction(one, everything or 1) * max(wallet.balance, 0), Fraction(one))
                share = released * Fraction(closing, -wallet.positions[symbol].quantity)
                cost += max(ceil(Fraction(price * closing, ONE)) + charge(closing) - floor(share), 0)
            return cost
        if not opening:
            return 0
        contract = self.contracts[symbol]
        index = self.reference(contract)
        full = max(index * LEAST_INITIAL, index * INITIAL - contract.gap(index)) * contract.unit + self.mark(symbol) - price
        return ceil(max(index * LEAST_INITIAL * contract.unit, full) * opening / ONE) + charge(opening)

    def bound(self, wallet: Wallet) -> int:
        """Return what open orders bind: those that close come first, in order of placement."""
        left = {symbol: one.quantity for symbol, one in wallet.positions.items()}
        total = 0
        for order in wallet.orders.values():
            symbol, sign = order.terms.symbol, 1 if order.terms.side is Side.BUY else -1
            closing = min(order.leaves, max(-sign * left.get(symbol, 0), 0))
            left[symbol] = left.get(symbol, 0) + sign * closing
            total += self.need(wallet, order.terms, closing, order.leaves - closing)
        return total

    def need_of_one_more(self, wallet: Wallet, terms: OptionTerms) -> int:
        """Return what one more order would bind."""
        sign = 1 if terms.side is Side.BUY else -1
        ahead = sum(one.leaves for one in wallet.orders.values() if _same(one.terms, terms))
        held = wallet.positions[terms.symbol].quantity if terms.symbol in wallet.positions else 0
        closing = min(terms.quantity, max(-sign * held - ahead, 0))
        return self.need(wallet, terms, closing, terms.quantity - closing)

    # ---- what happens

    def take(self, entry: Entry, applied: Applied, prices: dict[str, int]) -> None:
        """Reckon an entry again; `prices` are what indexes should be sampled at, were it time that passes."""
        if applied.events and isinstance(applied.events[0], Refused):
            assert len(applied.events) == 1
            return
        self.expected_bills.clear()
        self._set(entry)
        told: list[Bill] = []
        triggered: list[tuple[int, str]] = []
        reached: list[tuple[int, str]] = []
        exercised: list[PositionExercised] = []
        for event in applied.events:
            match event:
                case Trade():
                    self.last[event.symbol] = event.price
                case OptionReport():
                    reached += self._report(event)
                case BlockFill():
                    self._block_fill(event)
                case Liquidated():
                    self._liquidated(event)
                case PositionExercised():
                    exercised.append(event)
                case ContractSettled():
                    self._settled(event, [one for one in exercised if one.symbol == event.symbol])
                case IndexesSampled():
                    self.looked = {number: self._look(wallet) for number, wallet in self.wallets.items()}
                    self.pass_time(event.at)
                    # Margins have been looked at, unless time leapt; what moves now they will be looked at with next.
                    self.moved = self.leapt or any(prices[name] not in (0, price) for name, price in self.prices.items())
                    self.prices.update((name, prices[name] or self.prices[name]) for name in self.prices)
                    assert dict(event.prices) == self.prices
                case PortfolioUpdate():
                    self._compare_update(event)
                case Bill():
                    self._bill(event)
                    told.append(event)
                case ProtectionTriggered():
                    triggered.append((event.account, event.underlying))
                case _:
                    self._other(event)
        assert sorted((one.account, one.amount, one.kind, one.symbol) for one in told) == sorted(self.expected_bills)
        assert triggered == list(dict.fromkeys(reached))
        for account, underlying in triggered:
            self.wallets[account].guards[underlying].fills.clear()

    def _set(self, entry: Entry) -> None:
        """Take over what a command says that is not told again."""
        command = entry.command
        match command:
            case AdvanceTime():
                # What contracts were worth before a leap decides nothing after it.
                self.leapt = entry.at - self.at > 60 * SECOND
                if self.leapt:
                    self.marks.clear()
                self.moved |= self.leapt
            case MarkContracts():
                self.moved = True
                self.marks.update((row[0], (row[1], row[5])) for row in command.rows if row[0] in self.contracts)
            case ConfigureOptionsAccount():
                wallet = self.wallets[command.account]
                wallet.maker_rate = TRADING_RATE if command.maker_rate is None else Fraction(command.maker_rate, ONE)
                wallet.taker_rate = TRADING_RATE if command.taker_rate is None else Fraction(command.taker_rate, ONE)
            case TransferToOptions():
                self._move(command.account, command.amount, BillKind.TRANSFER)
            case SetProtection():
                guards = self.wallets[command.account].guards
                before = guards.get(command.underlying)
                fills = before.fills if before is not None else []
                guards[command.underlying] = Guard(command.window, command.quantity_limit, command.delta_limit, fills)
            case ResetProtection():
                self.wallets[command.account].guards[command.underlying].fills.clear()
            case SetCountdown():
                countdowns = self.wallets[command.account].countdowns
                countdowns.pop(command.underlying, None)
                if command.span:
                    countdowns[command.underlying] = (entry.at + command.span, command.span)
            case RefreshCountdowns():
                countdowns = self.wallets[command.account].countdowns
                for name in command.underlyings:
                    if name in countdowns:
                        countdowns[name] = (entry.at + countdowns[name][1], countdowns[name][1])
            case _:
                pass

    def _other(self, event: Event) -> None:
        match event:
            case ContractsListed():
                for symbol in event.symbols:
                    assert symbol not in self.contracts
                    self.contracts[symbol] = read(symbol, self.sizes)
                    assert event.at < self.contracts[symbol].expiry
            case BlockOrderChanged():
                self.block_orders.pop(event.record.key, None)
                if event.record.status is BlockOrderStatus.RECEIVED:
                    self.block_orders[event.record.key] = event.at + HALF_HOUR * SECOND
            case RiskLevelChanged():
                self.seen.add(f"RISK {event.level.name}")
            case WorldReset():
                for wallet in self.wallets.values():
                    wallet.balance = wallet.billed = wallet.uncharged = 0
                    for kept in (wallet.positions, wallet.orders, wallet.guards, wallet.countdowns):
                        kept.clear()
                self._begin(event.at)
            case _:
                pass

    def _move(self, account: int, amount: int, kind: BillKind, symbol: str = "") -> None:
        """Change a balance; a user's bill must say so."""
        wallet = self.wallets[account]
        wallet.balance += amount
        if amount and wallet.is_user:
            self.expected_bills.append((account, amount, kind, symbol))

    def _fill(self, account: int, symbol: str, side: Side, price: int, quantity: int) -> Fraction:
        """Exchange premium and contracts; return what that earned."""
        wallet = self.wallets[account]
        held, sign = wallet.held(symbol), 1 if side is Side.BUY else -1
        premium = sign * (price * quantity // ONE)
        held.fills += 1
        earned = Fraction(0)
        closed = min(quantity, max(-sign * held.quantity, 0))
        if closed:
            part = held.cost * Fraction(closed, abs(held.quantity))
            earned = -Fraction(premium * closed, quantity) - part
            held.cost -= part
        held.cost += premium * Fraction(quantity - closed, quantity)
        held.quantity += sign * quantity
        self._move(account, -premium, BillKind.CONTRACT, symbol)
        if not held.quantity:
            del wallet.positions[symbol]
        return earned

    def _charge(self, account: int, amount: int, kind: BillKind, symbol: str) -> None:
        self._move(account, -amount, kind, symbol)
        self.collected += amount

    def _report(self, event: OptionReport) -> list[tuple[int, str]]:
        """Take note of what became of an order; return whose protection that reached."""
        record, terms = event.record, event.record.terms
        wallet = self.wallets[terms.account]
        reached: list[tuple[int, str]] = []
        if event.exec_type is ExecType.TRADE:
            reached = self._traded(event, wallet)
        elif event.exec_type is ExecType.NEW:
            assert record.status is OrderStatus.NEW
            assert record.order_id not in wallet.orders
        leaves = terms.quantity - record.cum_quantity
        # Of the crowd's quotes that come and go nothing is told.
        if not wallet.is_user:
            return reached
        if record.status in OPEN and (event.exec_type is ExecType.NEW or record.order_id in wallet.orders):
            wallet.orders[record.order_id] = Open(terms, leaves)
        else:
            wallet.orders.pop(record.order_id, None)
        return reached

    def _traded(self, event: OptionReport, wallet: Wallet) -> list[tuple[int, str]]:
        terms, quantity, price = event.record.terms, event.last_quantity, event.last_price
        account, symbol = terms.account, terms.symbol
        assert price <= terms.price if terms.side is Side.BUY else price >= terms.price
        rate = wallet.maker_rate if event.is_maker else wallet.taker_rate
        fee = floor(self.fee(rate, symbol, price, quantity))
        if wallet.is_user and terms.side is Side.BUY:
            # What the index did to the fee of an order that bound everything is not the buyer's debt.
            most = max(wallet.balance - price * quantity // ONE, 0)
            self.seen |= {"FEE LET GO"} if fee > most else set()
            fee = min(fee, most)
        tolerance = 2 * wallet.held(symbol).fills + 2
        earned = self._fill(account, symbol, terms.side, price, quantity)
        self._charge(account, fee, BillKind.FEE, symbol)
        assert event.fee == fee
        assert abs(event.realized - earned) <= tolerance
        if event.record.source is OptionSource.LIQUIDATION:
            wallet.uncharged += 1
        underlying = self.contracts[symbol].underlying
        guard = wallet.guards.get(underlying)
        if not terms.is_protected or guard is None:
            return []
        delta = self.marks[symbol][1] * quantity * self.sizes[underlying] // ONE if symbol in self.marks else 0
        guard.fills.append((event.at, quantity, delta if terms.side is Side.BUY else -delta))
        guard.fills = [fill for fill in guard.fills if fill[0] > event.at - guard.window]
        traded, moved = sum(fill[1] for fill in guard.fills), sum(fill[2] for fill in guard.fills)
        is_reached = traded >= guard.quantity_limit or abs(moved) >= guard.delta_limit
        return [(account, underlying)] if is_reached else []

    def _block_fill(self, event: BlockFill) -> None:
        wallet = self.wallets[event.account]
        rate = wallet.maker_rate if event.is_maker else wallet.taker_rate
        fee = floor(self.fee(rate, event.symbol, event.price, event.quantity))
        self._fill(event.account, event.symbol, event.side, event.price, event.quantity)
        self._charge(event.account, fee, BillKind.FEE, event.symbol)
        assert event.fee == fee

    def _liquidated(self, event: Liquidated) -> None:
        """Charge for what the book took, or let the house take over the rest."""
        account, symbol, quantity = event.account, event.symbol, abs(event.quantity)
        wallet = self.wallets[account]
        if wallet.uncharged:
            wallet.uncharged -= 1
            self.seen.add("LIQUIDATED TO THE BOOK")
        else:
            assert event.price == self.mark(symbol)
            held = wallet.positions[symbol].quantity
            assert abs(held) == quantity
            sides = (Side.SELL, Side.BUY) if held > 0 else (Side.BUY, Side.SELL)
            self._fill(account, symbol, sides[0], event.price, quantity)
            self._fill(HOUSE, symbol, sides[1], event.price, quantity)
            self.seen.add(f"LIQUIDATED {'LONG' if held > 0 else 'SHORT'} TO THE HOUSE")
        fee = floor(self.fee(LIQUIDATION_RATE, symbol, event.price, quantity, MOST_OF_LIQUIDATION))
        self._charge(account, fee, BillKind.LIQUIDATION_FEE, symbol)
        assert event.fee == fee

    def _settled(self, event: ContractSettled, exercised: list[PositionExercised]) -> None:
        """Pay what a contract is worth at the mean of its last half hour."""
        self.moved = True
        symbol, terms = event.symbol, self.contracts[event.symbol]
        self.pass_time(event.expiry)
        price = self.reference(terms)
        assert (event.settlement_price, event.expiry, event.strike) == (price, terms.expiry, terms.strike)
        payoff = terms.payoff(price)
        assert event.is_exercised == (payoff > 0)
        expected = []
        for account, wallet in self.wallets.items():
            held = wallet.positions.pop(symbol, None)
            assert not [one for one in wallet.orders.values() if one.terms.symbol == symbol]
            if held is None:
                continue
            amount = floor(payoff * held.quantity / ONE)
            rate = min(EXERCISE_RATE * price * terms.unit, MOST_OF_PREMIUM * payoff)
            fee = floor(rate * held.quantity / ONE) if held.quantity > 0 else 0
            self._move(account, amount, BillKind.EXERCISE_PNL, symbol)
            self._charge(account, fee, BillKind.EXERCISE_FEE, symbol)
            # what rounding leaves, and the other side of what was paid
            self.collected -= amount
            self.seen.add(f"{'EXERCISED' if payoff else 'WORTHLESS'} {'LONG' if held.quantity > 0 else 'SHORT'}")
            if wallet.is_user:
                expected.append((account, held.quantity, amount, fee, price))
        told = [(one.account, one.quantity, one.amount, one.fee, one.settlement_price) for one in exercised]
        assert sorted(told) == sorted(expected)
        del self.contracts[symbol]
        self.marks.pop(symbol, None)

    def _bill(self, event: Bill) -> None:
        wallet = self.wallets[event.account]
        assert wallet.is_user
        self.bills += 1
        assert event.bill_id == self.bills
        assert event.amount
        wallet.billed += event.amount
        if event.kind is BillKind.SHORTFALL:
            # Nothing else is left that could pay, and nobody could have known before prices moved.
            assert self.moved
            assert event.amount == -wallet.balance
            assert not any(one.quantity > 0 and self.mark(symbol) > 0 for symbol, one in wallet.positions.items())
            self.shortfall += event.amount
            self.seen.add("SHORTFALL")
            self._charge(event.account, -event.amount, BillKind.SHORTFALL, "")
        elif (
            event.kind is BillKind.TRANSFER and (event.account, event.amount, BillKind.TRANSFER, "") not in self.expected_bills
        ):
            # what a wallet begins with
            self._move(event.account, event.amount, BillKind.TRANSFER)

    # ---- comparing

    def _compare_update(self, event: PortfolioUpdate) -> None:
        wallet = self.wallets[event.account]
        assert event.balance == wallet.balance
        for row in event.positions:
            held = wallet.positions.get(row.symbol, Held())
            assert row.quantity == held.quantity
            assert abs(row.cost - held.cost) <= 2 * held.fills + 2

    def overdue(self, at: int) -> Iterator[tuple[int, str]]:
        """Yield whose countdowns on what have run out, and forget them."""
        for number, wallet in self.wallets.items():
            for underlying, (due_at, _) in list(wallet.countdowns.items()):
                if due_at <= at:
                    del wallet.countdowns[underlying]
                    yield number, underlying


def shorts(wallet: Wallet) -> list[tuple[str, int]]:
    """Return what a wallet's account wrote: (contract, how many)."""
    return [(symbol, -held.quantity) for symbol, held in wallet.positions.items() if held.quantity < 0]


def premiums(orders: Iterable[Open]) -> Fraction:
    """Return what orders to buy would pay for contracts."""
    return Fraction(sum(one.leaves * one.terms.price for one in orders if one.terms.side is Side.BUY), ONE)


def is_fine(look: Look, level: RiskLevel) -> bool:
    """Tell whether a portfolio was as it must be after a look at its margins."""
    at_ease = look.answering >= look.initial
    return look.answering >= look.maintenance and look.balance >= 0 and (level is RiskLevel.NORMAL) == at_ease


def _same(one: OptionTerms, other: OptionTerms) -> bool:
    return (one.symbol, one.side) == (other.symbol, other.side)
