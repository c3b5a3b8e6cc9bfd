"""A whole exchange with options and `NaiveOptions` beside it, given the same entries and compared after each of them.

Each entry is also applied to an exchange restored from the last checkpoint, and kept, so that at the end the whole run can be
replayed from its bytes. A refused command must leave the state as it was.
"""

from msgspec import msgpack, to_builtins
from msgspec.structs import replace

from papernet.core.commands import (
    AdvanceTime,
    Command,
    ConfigureOptions,
    ConfigureOptionsAccount,
    Deposit,
    Entry,
    ListSymbol,
    OpenAccount,
    OptionTerms,
    PlaceOption,
    Reset,
    SetLimits,
    SetProtection,
    TransferToOptions,
)
from papernet.core.dates import MINUTE, SECOND
from papernet.core.enums import AccountKind, ExecType, OrderStatus, SelfTradeMode, Side, TimeInForce
from papernet.core.events import Applied, Liquidated, OptionReport, Refused, Trade
from papernet.core.rejects import Reason
from papernet.exchange.checkpoint import decode, encode, state_hash
from papernet.exchange.machine import Exchange
from papernet.venues.options import margin
from papernet.venues.options.contracts import Listing
from tests.support.naive_options import NaiveOptions, Open, Wallet, is_fine, premiums
from tests.support.option_market import ALICE, CAROL, MAKER, NAMES, NOW, USERS, make_underlying, units
from tests.support.worlds import make_symbol, price_filter, refusal

OPENING = 20_000
PURSE = (("USDT", units(2_000_000)), ("BTC", units(10_000)), ("ETH", units(100_000)))
INDEXES = {"BTCUSDT": units(50_000), "ETHUSDT": units(3_000)}
# One contract on ETHUSDT is about ten: prices have the unit in them, indexes have not.
SIZES = {"BTCUSDT": 1, "ETHUSDT": 10}
STEPS = {"BTCUSDT": 5_000, "ETHUSDT": 500}
LIMITS = replace(
    make_underlying().limits,
    orders_a_contract=5,
    orders=9,
    quantity_an_order=units(20),
    position_a_contract=units(8),
    position=units(20),
    long=units(16),
    short=units(12),
)
UNDERLYINGS = tuple(
    make_underlying(
        name,
        unit=size,
        limits=LIMITS,
        listing=Listing(((1_000, units(STEPS[name])),), units("0.5"), units(1), 4),
    )
    for name, size in SIZES.items()
)
COST_REASONS = (Reason.OPTION_BALANCE_INSUFFICIENT, Reason.OPTION_MARGIN_INSUFFICIENT)
# papernet rounds an order's parts one by one.
TOLERANCE = 4

# (order id, account, price, leaves), in the order in which they are to be filled
Queue = list[tuple[int, int, int, int]]


class OptionDuel:
    """Both, with four users and two accounts of the crowd."""

    def __init__(self) -> None:
        """List, open the accounts and the options venue, and let its first contracts be listed."""
        self.exchange = Exchange()
        self.restored: Exchange | None = None
        # whose orders were taken when
        self.placed: list[tuple[int, int]] = []
        # the state's hash, as long as nothing has happened since
        self.before = ""
        self.now = NOW
        users = {number: number in USERS for number in NAMES}
        self.naive = NaiveOptions(INDEXES, SIZES, users, NOW)
        self.entries: list[bytes] = []
        self.outcomes: list[bytes] = []
        self.issued = {asset: amount * len(NAMES) for asset, amount in PURSE}
        self.seen: set[str] = set()
        for base in ("BTC", "ETH"):
            symbol = make_symbol(price_filter("0.01", "1000000", "0.01"), name=f"{base}USDT", base=base)
            self.do(ListSymbol(symbol.to_spec()))
        for number, name in NAMES.items():
            kind = AccountKind.USER if number in USERS else AccountKind.CROWD
            self.do(OpenAccount(name, 1_000 + number, kind, PURSE))
        self.do(SetLimits(enabled=False))
        self.do(ConfigureOptions(tuple(to_builtins(one) for one in UNDERLYINGS), units(OPENING)))
        self.issued["USDT"] += units(OPENING) * len(USERS)
        self.do(ConfigureOptionsAccount(ALICE, maker_rate=units("0.0001"), taker_rate=units("0.0005")))
        self.do(ConfigureOptionsAccount(CAROL, may_write=False))
        self.do(ConfigureOptionsAccount(MAKER, is_market_maker=True))
        self.begin()

    def begin(self) -> None:
        """Let contracts be listed, and a market maker protect itself."""
        self.do(AdvanceTime())
        for name in INDEXES:
            self.do(SetProtection(MAKER, name, MINUTE, SECOND, units(1), units(5)))

    def do(self, command: Command) -> Applied:
        """Give the next entry to both, and compare what it changed at once."""
        entry = Entry(len(self.entries) + 1, self.now, command)
        if not self.before:
            self.before = state_hash(self.exchange)
        expected = self.expectation(command)
        open_before = {number: dict(one.orders) for number, one in self.naive.wallets.items()}
        prices = {name: self.spot_price(name) for name in INDEXES}
        self.compare_need(command)
        applied = self.exchange.apply(entry)
        self.entries.append(msgpack.encode(entry))
        self.outcomes.append(msgpack.encode(applied))
        if self.restored is not None:
            assert msgpack.encode(self.restored.apply(entry)) == self.outcomes[-1]
        reject = refusal(applied)
        if reject is not None:
            assert applied.events == (applied.events[0],)
            assert state_hash(self.exchange) == self.before, (command, reject)
        else:
            self.before = ""
        self.note(command, applied)
        reason = None if reject is None else reject.reason
        if isinstance(command, PlaceOption):
            self.compare_cost(command.terms, reason)
            self.placed += [(command.terms.account, self.now)] if reason is None else []
        elif isinstance(command, TransferToOptions):
            self.compare_transfer(command, reason)
        self.naive.take(entry, applied, prices)
        if expected is not None and reject is None:
            self.compare_fills(applied, *expected)
        if isinstance(command, AdvanceTime):
            self.compare_time(applied, open_before)
        return applied

    def note(self, command: Command, applied: Applied) -> None:
        """Remember what a run met."""
        for event in applied.events:
            kind = type(command).__name__
            match event:
                case Refused():
                    self.seen.add(f"{kind} REFUSED {event.reject.reason.name}")
                case OptionReport():
                    record = event.record
                    self.seen.add(f"{record.terms.time_in_force.name} {event.exec_type.name} {record.status.name}")
                    if record.status is OrderStatus.EXPIRED_IN_MATCH:
                        self.seen.add(f"EXPIRED IN MATCH {record.terms.self_trade_mode.name}")
                case Liquidated():
                    self.seen.add(f"{kind} LIQUIDATED")
                case _:
                    self.seen.add(type(event).__name__)

    # ---- what is expected of a command before it is carried out

    def spot_price(self, name: str) -> int:
        """Return what a spot market makes of an index: the middle of the best prices, else the last one; 0: nothing."""
        orders = self.exchange.markets[name].orders.values() if name in self.exchange.markets else ()
        bids = [order.price for order in orders if order.side is Side.BUY]
        asks = [order.price for order in orders if order.side is Side.SELL]
        return (max(bids) + min(asks)) // 2 if bids and asks else self.naive.last.get(name, 0)

    def queue(self, symbol: str, side: Side) -> Queue:
        """Return the orders that rest on a side of a contract's book, the best and oldest first."""
        market = self.exchange.options.markets.get(symbol)
        found = [order for order in market.orders.values() if order.side is side] if market is not None else []
        best_first = sorted(found, key=lambda order: -order.price if side is Side.BUY else order.price)
        return [(order.order_id, order.terms.account, order.price, order.leaves) for order in best_first]

    def expectation(self, command: Command) -> tuple[OptionTerms, list[tuple[int, int, int]], OrderStatus] | None:
        """Return what an order that is not refused must trade, and how it must stand then."""
        if not isinstance(command, PlaceOption):
            return None
        terms = command.terms
        is_buy, portfolios = terms.side is Side.BUY, self.exchange.options.portfolios
        mode = SelfTradeMode.NONE if terms.time_in_force is TimeInForce.FOK else terms.self_trade_mode
        group = portfolios[terms.account].trade_group
        leaves = terms.quantity
        fills: list[tuple[int, int, int]] = []
        for order_id, account, price, there in self.queue(terms.symbol, Side.SELL if is_buy else Side.BUY):
            if not leaves or (price > terms.price if is_buy else price < terms.price):
                break
            is_own = account == terms.account or (group >= 0 and portfolios[account].trade_group == group)
            if is_own and mode is not SelfTradeMode.NONE:
                if mode is SelfTradeMode.EXPIRE_MAKER:
                    continue
                return terms, fills, OrderStatus.EXPIRED_IN_MATCH
            fills.append((order_id, price, min(there, leaves)))
            leaves -= fills[-1][2]
        if not leaves:
            return terms, fills, OrderStatus.FILLED
        if terms.time_in_force is not TimeInForce.GTC:
            return terms, fills, OrderStatus.EXPIRED
        return terms, fills, OrderStatus.PARTIALLY_FILLED if fills else OrderStatus.NEW

    def compare_fills(
        self, applied: Applied, terms: OptionTerms, fills: list[tuple[int, int, int]], status: OrderStatus
    ) -> None:
        """Assert that an order traded by price and time, and ended as its time in force and mode say."""
        reports = [event for event in applied.events if isinstance(event, OptionReport)]
        own = [event for event in reports if event.record.order_id == reports[0].record.order_id]
        assert (own[0].exec_type, own[0].record.status, own[0].record.terms) == (ExecType.NEW, OrderStatus.NEW, terms)
        trades = [event for event in applied.events if isinstance(event, Trade)]
        mine = [event for event in trades if event.taker_order_id == own[0].record.order_id]
        assert [(trade.maker_order_id, trade.price, trade.quantity) for trade in mine] == fills
        # What a trade does to a portfolio may end the rest of the order afterwards.
        stands = own[len(fills) + (status in (OrderStatus.EXPIRED, OrderStatus.EXPIRED_IN_MATCH))].record
        assert stands.status is status
        assert not (fills and (terms.post_only or terms.is_gtx))
        assert status is OrderStatus.FILLED or terms.time_in_force is not TimeInForce.FOK

    def compare_need(self, command: Command) -> None:
        """Assert that an order would bind what the formulas say."""
        if not isinstance(command, PlaceOption) or command.terms.symbol not in self.naive.contracts:
            return
        terms, options = command.terms, self.exchange.options
        wallet = self.naive.wallets[terms.account]
        if wallet.is_user:
            need = margin.order_need(options, options.portfolios[terms.account], terms)
            assert abs(need - self.naive.need_of_one_more(wallet, terms)) <= TOLERANCE

    def compare_transfer(self, command: TransferToOptions, reason: Reason | None) -> None:
        """Assert that a user can take out what is available, and no more."""
        wallet = self.naive.wallets[command.account]
        if command.amount > 0 or not wallet.is_user:
            return
        left = wallet.balance - self.naive.initial(wallet) - self.naive.bound(wallet) + command.amount
        tolerance = TOLERANCE * (len(wallet.orders) + 1)
        if reason is None:
            assert left >= -tolerance
        elif reason is Reason.OPTION_BALANCE_INSUFFICIENT:
            assert left < tolerance

    def compare_cost(self, terms: OptionTerms, reason: Reason | None) -> None:
        """Assert that an order is refused for its cost when it is too much for what is available, and else it is not."""
        wallet = self.naive.wallets[terms.account]
        if not wallet.is_user or (reason is not None and reason not in COST_REASONS):
            return
        need = self.naive.need_of_one_more(wallet, terms)
        left = wallet.balance - self.naive.initial(wallet) - self.naive.bound(wallet) - need
        tolerance = TOLERANCE * (len(wallet.orders) + 1)
        if reason is None:
            assert left >= -tolerance or need <= TOLERANCE
        else:
            assert left < tolerance
            assert need > 0

    # ---- what must hold afterwards

    def compare_time(self, applied: Applied, open_before: dict[int, dict[int, Open]]) -> None:
        """Assert that countdowns, block orders and contracts that were due are gone, and that margins were looked at."""
        options, naive = self.exchange.options, self.naive
        overdue = list(naive.overdue(self.now))
        for number, underlying in overdue:
            orders = options.portfolios[number].open_orders.values()
            assert not [one for one in orders if naive.contracts[one.terms.symbol].underlying == underlying]
            self.seen.add("COUNTDOWN RAN OUT")
        assert {name for name, ends in naive.block_orders.items() if ends > self.now} == set(options.block_orders)
        assert all(self.now < terms.expiry for terms in naive.contracts.values())
        liquidated = {event.account for event in applied.events if isinstance(event, Liquidated)}
        for number, before in open_before.items():
            wallet = naive.wallets[number]
            if wallet.is_user and not naive.leapt:
                look = naive.looked[number]
                assert is_fine(look, options.portfolios[number].level), number
                assert look.worth >= -len(wallet.positions)
            quiet = number not in liquidated and number not in [one for one, _ in overdue]
            if quiet:
                gone = [one for one in before if one not in wallet.orders]
                reports = [event for event in applied.events if isinstance(event, OptionReport)]
                told = {event.record.order_id for event in reports if event.record.status == OrderStatus.CANCELED}
                ended = [before[one] for one in gone if one in told]
                assert all(one.terms.side is Side.BUY for one in ended)
                # Nothing ends but what the balance cannot pay any more, and no more than that.
                assert not ended or premiums((*wallet.orders.values(), ended[0])) > wallet.balance
            if wallet.is_user and not naive.leapt:
                assert premiums(wallet.orders.values()) <= wallet.balance

    def compare(self) -> None:
        """Assert that both hold the same, and that the exchange is sound."""
        exchange, naive = self.exchange, self.naive
        exchange.check_invariants()
        options, ledger = exchange.options, exchange.ledger
        assert list(options.markets) == list(naive.contracts)
        assert (options.shortfall, ledger.collected.get("USDT", 0)) == (naive.shortfall, naive.collected)
        assert {name: index.price for name, index in options.indexes.items()} == naive.prices
        for asset, issued in self.issued.items():
            spot = [account.balances[asset] for account in exchange.accounts.by_id.values() if asset in account.balances]
            there = sum(balance.free + balance.held for balance in spot)
            if asset == "USDT":
                there += sum(wallet.balance for wallet in naive.wallets.values()) + naive.collected
            assert there == issued == ledger.issued[asset]
        for symbol in naive.contracts:
            quantities = [wallet.positions[symbol].quantity for wallet in naive.wallets.values() if symbol in wallet.positions]
            assert sum(quantities) == 0
        for number, wallet in naive.wallets.items():
            self.compare_wallet(number, wallet)

    def compare_wallet(self, number: int, wallet: Wallet) -> None:
        """Assert that an account has what it must have, and that its margins are what the formulas say."""
        options, naive = self.exchange.options, self.naive
        portfolio = options.portfolios[number]
        assert portfolio.balance == wallet.balance
        held = {symbol: one for symbol, one in portfolio.positions.items() if one.quantity}
        assert {symbol: one.quantity for symbol, one in held.items()} == {
            symbol: one.quantity for symbol, one in wallet.positions.items()
        }
        for symbol, one in held.items():
            mine = wallet.positions[symbol]
            assert abs(one.cost - mine.cost) <= 2 * mine.fills
        if not wallet.is_user:
            return
        assert wallet.balance == wallet.billed
        assert wallet.balance >= 0 or naive.leapt
        assert {one: order.leaves for one, order in portfolio.open_orders.items()} == {
            one: order.leaves for one, order in wallet.orders.items()
        }
        placed = [at for account, at in self.placed if account == number]
        spans = (10 * SECOND, MINUTE)
        counts = tuple(sum(at // span == self.now // span for at in placed) for span in spans)
        assert self.exchange.option_order_counts(number, self.now) == counts
        assert {name: one.fills for name, one in portfolio.protections.items()} == {
            name: guard.fills for name, guard in wallet.guards.items()
        }
        assert {name: (one.due_at, one.span) for name, one in portfolio.countdowns.items()} == wallet.countdowns
        for symbol in {order.terms.symbol for order in wallet.orders.values() if order.terms.reduce_only}:
            reducing = [one for one in wallet.orders.values() if one.terms.reduce_only and one.terms.symbol == symbol]
            sold = sum(one.leaves if one.terms.side is Side.SELL else -one.leaves for one in reducing)
            assert len({one.terms.side for one in reducing}) == 1
            assert 0 < sold <= held[symbol].quantity or held[symbol].quantity <= sold < 0
        assert margin.position_value(options, portfolio) == naive.value(wallet)
        assert margin.equity(options, portfolio) == wallet.balance + naive.value(wallet)
        assert margin.adjusted_equity(options, portfolio) == naive.answering(wallet)
        initial, bound = naive.initial(wallet), naive.bound(wallet)
        assert margin.initial_margin(options, portfolio) == initial
        assert margin.maintenance_margin(options, portfolio) == naive.maintenance(wallet)
        earning = naive.value(wallet) - sum(one.cost for one in wallet.positions.values())
        fills = sum(one.fills for one in wallet.positions.values())
        assert -2 * fills <= margin.unrealized(options, portfolio) - earning <= 2 * fills
        tolerance = TOLERANCE * len(wallet.orders)
        assert abs(margin.order_margin(options, portfolio) - bound) <= tolerance
        assert margin.most_of_orders(options, portfolio) >= margin.order_margin(options, portfolio)
        available = max(wallet.balance - initial - bound, 0)
        assert abs(margin.available(options, portfolio) - available) <= tolerance

    # ---- the whole run

    def deposit(self, command: Deposit) -> None:
        """Put new money into a spot wallet, or take it out."""
        if refusal(self.do(command)) is None:
            self.issued[command.asset] += command.amount

    def checkpoint(self) -> None:
        """From here on an exchange restored from a checkpoint is given the same entries."""
        data = encode(self.exchange)
        self.restored = decode(data)
        assert encode(self.restored) == data
        assert state_hash(self.restored) == state_hash(self.exchange)
        self.restored.check_invariants()

    def reset(self) -> None:
        """Start over."""
        self.do(Reset(PURSE, PURSE))
        self.placed.clear()
        self.issued = {asset: amount * len(NAMES) for asset, amount in PURSE}
        self.issued["USDT"] += units(OPENING) * len(USERS)
        self.begin()

    def finish(self) -> None:
        """Assert that a replay, and what went on from the last checkpoint, ended in the same state with the same events."""
        replayed = Exchange()
        for entry, outcome in zip(self.entries, self.outcomes, strict=True):
            assert msgpack.encode(replayed.apply(msgpack.decode(entry, type=Entry))) == outcome
        assert state_hash(replayed) == state_hash(self.exchange)
        if self.restored is not None:
            assert state_hash(self.restored) == state_hash(self.exchange)
        self.seen |= self.naive.seen
