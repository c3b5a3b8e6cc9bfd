"""A small options venue, in plain numbers: BTCUSDT at 50,000, two calls and two puts of one expiry, a few funded accounts.

    desk = OptionDesk()
    desk.place(ALICE, BUY, 1, 100)           a refusal or None; the events of that turn are `desk.events`
    desk.place(BOB, SELL, 1, 100, tif=IOC)   ... on the desk's first call unless `symbol` says otherwise
    desk.portfolio(ALICE).balance

ALICE and BOB may do everything, CAROL may not write, MAKER is a market maker, CROWD and HOUSE are the simulated crowd's. The
contracts are marked as `MARKS` says. Prices, quantities and amounts given to the functions here are plain numbers: ints, or
texts like "0.01"; what the venue's state shows are units of 10^-8.
"""

from typing import Final

from msgspec.structs import replace

from papernet.core.account import Account
from papernet.core.commands import OptionTerms
from papernet.core.dates import DAY, HOUR, days_from_civil
from papernet.core.enums import AccountKind, BillKind, OptionKind, OptionSource, Side, TimeInForce
from papernet.core.events import Event, OptionReport
from papernet.core.ledger import Ledger
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE, parse_fixed
from papernet.venues.options.contracts import Contract, Fees, Limits, Listing, Margins, Underlying, symbol_of
from papernet.venues.options.index import Index
from papernet.venues.options.market import Mark, OptionMarket
from papernet.venues.options.placing import place
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue

BUY, SELL = Side.BUY, Side.SELL
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK

ALICE, BOB, CAROL, MAKER, CROWD, HOUSE = 1, 2, 3, 4, 5, 6
NAMES: Final = {ALICE: "alice", BOB: "bob", CAROL: "carol", MAKER: "maker", CROWD: "crowd", HOUSE: "house"}
USERS: Final = (ALICE, BOB, CAROL, MAKER)

BTCUSDT, ETHUSDT = "BTCUSDT", "ETHUSDT"
# Thursday 2026-01-15 12:00 UTC; the contracts expire a week and a day later.
NOW: Final = days_from_civil(2026, 1, 15) * DAY + 12 * HOUR
EXPIRY: Final = days_from_civil(2026, 1, 23) * DAY + 8 * HOUR

CALL, HIGH_CALL = "BTC-260123-50000-C", "BTC-260123-60000-C"
PUT, LOW_PUT = "BTC-260123-50000-P", "BTC-260123-40000-P"
ETH_CALL = "ETH-260123-3000-C"
INDEXES: Final = {BTCUSDT: 50_000, ETHUSDT: 3_000}
# (mark price, delta in hundredths)
MARKS: Final = {CALL: (2_000, 50), HIGH_CALL: (200, 10), PUT: (2_000, -50), LOW_PUT: (200, -10), ETH_CALL: (100, 50)}
_LISTED: Final = (
    (BTCUSDT, OptionKind.CALL, 50_000),
    (BTCUSDT, OptionKind.CALL, 60_000),
    (BTCUSDT, OptionKind.PUT, 50_000),
    (BTCUSDT, OptionKind.PUT, 40_000),
    (ETHUSDT, OptionKind.CALL, 3_000),
)
FUNDS: Final = 100_000


def units(number: int | str) -> int:
    """Return a plain number, perhaps with decimals as text, in units of 10^-8."""
    if isinstance(number, int):
        return number * SCALE
    negative, digits = number.startswith("-"), number.removeprefix("-")
    value = parse_fixed(digits)
    assert value is not None, number
    return -value if negative else value


def make_underlying(name: str = BTCUSDT, **changes: object) -> Underlying:
    """Return an underlying with the published terms of BTC's contracts, and the given changes (in units)."""
    underlying = Underlying(
        name=name,
        base_asset=name.removesuffix("USDT"),
        settle_asset="USDT",
        initial_index=units(INDEXES.get(name, 50_000)),
        tick_size=units(5) if name == BTCUSDT else units("0.1"),
        step_size=units("0.01"),
        unit=1,
        price_scale=3,
        quantity_scale=4,
        margins=Margins(units("0.15"), units("0.1"), units("0.075"), units("0.05")),
        fees=Fees(
            maker=units("0.0003"),
            taker=units("0.0003"),
            exercise=units("0.00015"),
            liquidation=units("0.0019"),
            max_of_premium=units("0.1"),
            max_of_liquidation=units("0.25"),
        ),
        limits=Limits(
            orders_a_contract=10,
            orders=200,
            quantity_an_order=units(2_500),
            position_a_contract=units(2_000),
            position=units(25_000),
            long=units(15_000),
            short=units(15_000),
        ),
        listing=Listing(
            steps=((2, units(250)), (14, units(500)), (62, units(1_000)), (1_000, units(5_000))),
            volatility=units("0.5"),
            reach=2,
            max_strikes=60,
        ),
        band=(units("0.4"), units("0.4")),
    )
    return replace(underlying, **changes)


def make_venue(*underlyings: Underlying) -> OptionsVenue:
    """Return a venue with the accounts, its underlyings (BTCUSDT and ETHUSDT when none is given) and their listed contracts."""
    accounts = {
        number: Account(number, name, 1_000 + number, AccountKind.USER if number in USERS else AccountKind.CROWD, NOW)
        for number, name in NAMES.items()
    }
    venue = OptionsVenue(accounts, Ledger())
    for underlying in underlyings or (make_underlying(BTCUSDT), make_underlying(ETHUSDT)):
        venue.underlyings[underlying.name] = underlying
        venue.indexes[underlying.name] = Index(underlying.initial_index, NOW)
        for name, kind, strike in _LISTED:
            if name == underlying.name:
                list_contract(venue, name, kind, strike)
    venue.advanced_at = NOW
    return venue


def list_contract(
    venue: OptionsVenue, underlying: str, kind: OptionKind, strike: int | str, expiry: int = EXPIRY
) -> OptionMarket:
    """List a contract and mark it if `MARKS` says how."""
    at = units(strike)
    symbol = symbol_of(venue.underlyings[underlying].base_asset, expiry, at, kind)
    market = venue.add(Contract(symbol, underlying, kind, at, expiry, NOW))
    if symbol in MARKS:
        price, delta = MARKS[symbol]
        mark(market, price, delta)
    return market


def mark(market: OptionMarket, price: int | str, delta: int = 50) -> None:
    """Mark a contract at a price, with a delta in hundredths."""
    market.mark = Mark(NOW, units(price), units("0.5"), units("0.49"), units("0.51"), delta=units(1) * delta // 100)


def fund(venue: OptionsVenue, account: int, amount: int | str) -> Portfolio:
    """Put new money into an account's options wallet, and into what the ledger issued; return the portfolio."""
    portfolio = venue.portfolio(account, NOW)
    portfolio.balance += units(amount)
    issued = venue.ledger.issued
    issued["USDT"] = issued.get("USDT", 0) + units(amount)
    return portfolio


def hold(venue: OptionsVenue, account: int, symbol: str, quantity: int | str, price: int | str, other: int = HOUSE) -> None:
    """Give an account a position bought (negative: written) at a price, and `other` the opposite, without money moving."""
    market = venue.markets[symbol]
    for number, sign in ((account, 1), (other, -1)):
        position = venue.portfolio(number, NOW).position(symbol)
        before = max(position.quantity, 0)
        position.quantity += sign * units(quantity)
        position.cost += sign * units(quantity) * units(price) // SCALE
        market.open_interest += max(position.quantity, 0) - before


class OptionDesk:
    """A venue with funded accounts, and one turn after the other on it. `at` is the time of the next one."""

    def __init__(self, *underlyings: Underlying, funds: int | str = FUNDS) -> None:
        """Open the venue; the crowd is rich."""
        self.venue: Final = make_venue(*underlyings)
        self.at: int = NOW
        self.events: list[Event] = []
        for number in NAMES:
            fund(self.venue, number, funds if number in USERS else 100_000_000)
        self.portfolio(CAROL).may_write = False
        self.portfolio(MAKER).is_market_maker = True

    def portfolio(self, account: int) -> Portfolio:
        """Return an account's portfolio."""
        return self.venue.portfolios[account]

    def market(self, symbol: str = CALL) -> OptionMarket:
        """Return a contract's market."""
        return self.venue.markets[symbol]

    def turn(self) -> OptionTurn:
        """Begin a turn; `done` ends it."""
        return OptionTurn(self.venue, self.at)

    def done(self, turn: OptionTurn) -> list[Event]:
        """End a turn and keep what happened."""
        self.events = turn.finish()
        return self.events

    def place(
        self,
        account: int,
        side: Side,
        quantity: int | str,
        price: int | str,
        *,
        symbol: str = CALL,
        tif: TimeInForce = GTC,
        source: OptionSource = OptionSource.API,
        **more: object,
    ) -> Reason | None:
        """Place an order and return why it is refused, or None; `more` are further terms of it."""
        terms = OptionTerms(account, symbol, side, units(quantity), units(price), tif, **more)  # type: ignore[arg-type]
        return self.send(terms, source)

    def send(self, terms: OptionTerms, source: OptionSource = OptionSource.API) -> Reason | None:
        """Place an order of complete terms."""
        turn = self.turn()
        refusal = place(turn, self.portfolio(terms.account), terms, source)
        self.done(turn)
        if refusal is not None:
            assert isinstance(refusal, Reject)
            assert self.events == [], "a refused order changed nothing"
            return refusal.reason
        return None

    def trade(self, buyer: int, seller: int, quantity: int | str, price: int | str, symbol: str = CALL) -> None:
        """Let one account buy from another: the seller's order rests, the buyer takes it."""
        assert self.place(seller, SELL, quantity, price, symbol=symbol) is None
        assert self.place(buyer, BUY, quantity, price, symbol=symbol, tif=IOC) is None

    def reports(self, account: int | None = None) -> list[OptionReport]:
        """Return the order reports of the last turn, of one account or of all."""
        reports = [event for event in self.events if isinstance(event, OptionReport)]
        return [report for report in reports if account is None or report.record.terms.account == account]

    def told(self) -> list[str]:
        """Return the order reports of the last turn as texts: "alice TRADE FILLED"."""
        return [
            f"{NAMES[report.record.terms.account]} {report.exec_type.name} {report.record.status.name}"
            for report in self.reports()
        ]

    def quantity(self, account: int, symbol: str = CALL) -> int:
        """Return how much an account has of a contract, in units."""
        position = self.portfolio(account).positions.get(symbol)
        return position.quantity if position is not None else 0

    def deposit(self, account: int, amount: int | str) -> None:
        """Put new money (negative: take it) into an options wallet as a transfer does, in a turn of its own."""
        turn = self.turn()
        turn.pay(self.portfolio(account), units(amount), BillKind.TRANSFER, "USDT")
        issued = self.venue.ledger.issued
        issued["USDT"] = issued.get("USDT", 0) + units(amount)
        self.done(turn)

    def check(self) -> None:
        """Assert everything that holds between commands."""
        check_venue(self.venue)


def check_venue(venue: OptionsVenue) -> None:
    """Assert what holds between commands: money adds up, the venue keeps its promises, sums over orders are their sums."""
    ledger = venue.ledger
    total = sum(portfolio.balance for portfolio in venue.portfolios.values())
    assert total + ledger.collected.get("USDT", 0) == ledger.issued.get("USDT", 0), "money was made or lost"
    venue.check_invariants()
    for portfolio in venue.portfolios.values():
        for symbol, position in portfolio.positions.items():
            mine = [order for order in portfolio.open_orders.values() if order.terms.symbol == symbol]
            assert position.bid_value == sum(order.price * order.leaves for order in mine if order.side is BUY), symbol
            assert (position.orders, position.reducing) == (len(mine), sum(order.terms.reduce_only for order in mine)), symbol
