"""A control plane with the fill director, over an exchange with two users, empty books and one expiry of options.

desk.place("alice buy 1 @ 60000")          -> the order's id, on BTCUSDT unless `symbol` says otherwise
desk.fill(order_id, quantity="0.4")        -> the answer's JSON
desk.order(order_id)                       the open order, or None
"""

from typing import Any

from msgspec import to_builtins

from papernet.control import ControlDoor
from papernet.control.calls import Call
from papernet.control.fill_calls import FillCalls
from papernet.core.commands import AdvanceTime, Command, ConfigureOptions, Entry, OpenAccount, OptionTerms, PlaceOption, Reset
from papernet.core.enums import AccountKind, ExecType, OrderStatus, Side, TimeInForce
from papernet.core.events import Applied, Event, ExecutionReport, OptionReport, Refused
from papernet.core.rejects import Reject
from papernet.servers.config import packaged_catalogue
from tests.support.control_desk import BALANCES, TOKEN, ControlDesk
from tests.support.scripts import read_order
from tests.support.worlds import START, plain, units

RICH = tuple((asset, units("1000000")) for asset in ("BTC", "USDT", "ETH", "BNB", "USDC"))
BTCUSDT = "BTCUSDT"


class FillDesk(ControlDesk):
    """A control desk with the calls of the fill director; `events` are all that happened, in order."""

    def __init__(self) -> None:
        """Open accounts for alice, bob and the crowd."""
        super().__init__()
        self.at = START
        self.events: list[Event] = []
        for number, name in enumerate(("alice", "bob", "crowd"), 1):
            kind = AccountKind.CROWD if name == "crowd" else AccountKind.USER
            self.submit(OpenAccount(name, number, kind, RICH), self.at)
        self.accounts = {name: account.account_id for name, account in self.exchange.accounts.by_name.items()}
        self.door = ControlDoor(
            self.exchange,
            token=TOKEN,
            balances=BALANCES,
            submit=self.submit,
            reset=lambda now: self.submit(Reset(BALANCES, BALANCES), now),
            draw_key=self.draw,
            more=self.more_calls(),
        )
        self.commands.clear()
        self.events.clear()

    def more_calls(self) -> tuple[Call, ...]:
        """Return the calls beside the usual ones."""
        return FillCalls(self.exchange, self.submit).rows()

    def submit(self, command: Command, now: int) -> Applied:
        """Give the exchange a command, check that all adds up, and keep what happened."""
        self.commands.append(command)
        self.seq += 1
        applied = self.exchange.apply(Entry(self.seq, max(now, getattr(self, "at", now)), command))
        if self.exchange.accounts.by_id:
            self.events += applied.events
            self.exchange.check_invariants()
        return applied

    def try_place(self, row: str, symbol: str = BTCUSDT) -> ExecutionReport | Reject:
        """Place an order; return its acceptance or its refusal."""
        who, *words = row.split()
        wish = read_order(words)
        assert wish is not None, row
        first = self.submit(wish.command(self.accounts[who], symbol), self.at).events[0]
        if isinstance(first, Refused):
            return first.reject
        assert isinstance(first, ExecutionReport)
        return first

    def place(self, row: str, symbol: str = BTCUSDT) -> int:
        """Place an order of "alice buy 1 @ 60000" and the like; return its id."""
        report = self.try_place(row, symbol)
        assert isinstance(report, ExecutionReport), report
        return report.order_id

    def order(self, order_id: int, symbol: str = BTCUSDT) -> Any:
        """Return an open order, or None."""
        return self.exchange.markets[symbol].orders.get(order_id)

    def call(self, verb: str, **body: object) -> Any:
        """Return the answer of a call of the director."""
        return self.ok("POST", f"/fills/{verb}", {"symbol": BTCUSDT, **body})

    def cannot(self, verb: str, **body: object) -> tuple[int, str]:
        """Return (status, why) of a call of the director that is refused."""
        return self.refused("POST", f"/fills/{verb}", {"symbol": BTCUSDT, **body})

    def fill(self, order_id: int, **body: object) -> Any:
        """Fill an order."""
        return self.call("fill", order_id=order_id, **body)

    def fills(self, order_id: int, symbol: str = BTCUSDT) -> list[tuple[str, str]]:
        """Return (price, quantity) of every fill that an order's reports told of."""
        return [
            (plain(event.last_price), plain(event.last_quantity))
            for event in self.events
            if isinstance(event, ExecutionReport)
            and event.exec_type is ExecType.TRADE
            and (event.order_id, event.terms.symbol) == (order_id, symbol)
        ]

    def status(self, order_id: int, symbol: str = BTCUSDT) -> OrderStatus:
        """Return the status that an order's last report told."""
        return next(
            event.status
            for event in reversed(self.events)
            if isinstance(event, ExecutionReport) and (event.order_id, event.terms.symbol) == (order_id, symbol)
        )

    def book(self, symbol: str = BTCUSDT) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return bids and asks as (price, quantity), best first."""
        book = self.exchange.markets[symbol].book
        bids, asks = (
            [(plain(price), plain(quantity)) for price, quantity in side.depth(100)] for side in (book.bids, book.asks)
        )
        return bids, asks

    # ---- contracts

    def open_options(self) -> str:
        """Open the options venue and return a call at the money, which is not marked."""
        catalogue = packaged_catalogue()
        specs = tuple(to_builtins(underlying) for underlying in catalogue.options)
        self.submit(ConfigureOptions(specs, catalogue.options_balance), self.at)
        self.submit(AdvanceTime(), self.at)
        venue = self.exchange.options
        index = venue.indexes[BTCUSDT].price
        calls = [market for name, market in venue.markets.items() if name.startswith("BTC-") and name.endswith("-C")]
        return min(calls, key=lambda market: (abs(market.contract.strike - index), market.contract.expiry)).contract.symbol

    def try_option(self, who: str, side: Side, quantity: str, price: str, symbol: str) -> OptionReport | Reject:
        """Place an order for a contract; return its acceptance or its refusal."""
        terms = OptionTerms(self.accounts[who], symbol, side, units(quantity), units(price), TimeInForce.GTC)
        first = self.submit(PlaceOption(terms), self.at).events[0]
        if isinstance(first, Refused):
            return first.reject
        assert isinstance(first, OptionReport)
        return first

    def place_option(self, who: str, side: Side, quantity: str, price: str, symbol: str) -> int:
        """Place an order for a contract; return its id."""
        report = self.try_option(who, side, quantity, price, symbol)
        assert isinstance(report, OptionReport), report
        return report.record.order_id
