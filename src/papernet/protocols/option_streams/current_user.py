"""Users' events of the options venue in the current generation.

Order of work.  A report is written as it is. What a change of a portfolio means is told in three messages: what changed, what
                the account has and owes now, and its greeks; the last two are told from time to time, too.
Invariant.      Margins and greeks are those right after the entry. Fees are negative, as in this generation's replies.
Does not.       Know who is told, or write envelopes.
Source.         European Options: User Data Streams, current edition.
"""

from typing import Final, Protocol

from papernet.app.operations import TimeUnit
from papernet.app.queries.option_context import terms_of
from papernet.core.dates import MILLISECOND
from papernet.core.enums import BillKind, ExecType, OrderStatus, Side, TimeInForce
from papernet.core.events import OptionReport, PortfolioUpdate, RiskLevelChanged
from papernet.core.units import SCALE
from papernet.protocols.json.fragments import boolean, quoted
from papernet.protocols.json.numbers import amount, average_price
from papernet.protocols.json.option_fields import MODES, RISK_LEVELS, scaled
from papernet.protocols.json.spellings import SIDES, spelt
from papernet.venues.options import margin
from papernet.venues.options.venue import OptionsVenue

_BUY: Final = Side.BUY

# Event: Order update. An order that self-trade prevention ended has expired.
_EXEC_TYPES: Final = spelt(ExecType, {ExecType.TRADE_PREVENTION: "EXPIRED"})
_STATUSES: Final = spelt(OrderStatus)
_TIMES_IN_FORCE: Final = spelt(TimeInForce)


class OfAccount(Protocol):
    """What says of which account something is told, and of when."""

    @property
    def account(self) -> int:
        """Return the account."""
        ...

    @property
    def at(self) -> int:
        """Return the time."""
        ...


class CurrentUserEvents:
    """Writes what happens to accounts."""

    def __init__(self, venue: OptionsVenue) -> None:
        """Ask a venue what an event does not tell."""
        self._venue: Final = venue

    def order_update(self, report: OptionReport, _unit: TimeUnit) -> bytes:
        """Return that an order changed state (Event: Order update)."""
        record, at = report.record, report.at // MILLISECOND
        terms = record.terms
        price, quantity = self._scales(terms.symbol)
        bids, asks = self._open_notional(terms.account, terms.symbol)
        tif = "GTX" if terms.is_gtx else _TIMES_IN_FORCE[terms.time_in_force]
        return (
            f'{{"e":"ORDER_TRADE_UPDATE","E":{at},"T":{at},"o":{{"s":"{terms.symbol}","c":{quoted(terms.client_order_id)},'
            f'"S":"{SIDES[terms.side]}","o":"LIMIT","f":"{tif}","q":"{scaled(terms.quantity, quantity)}",'
            f'"p":"{scaled(terms.price, price)}","ap":"{scaled(average_price(record.cum_quote, record.cum_quantity), price)}",'
            f'"x":"{_EXEC_TYPES[report.exec_type]}","X":"{_STATUSES[record.status]}","i":{record.order_id},'
            f'"l":"{scaled(report.last_quantity, quantity)}","z":"{scaled(record.cum_quantity, quantity)}",'
            f'"L":"{scaled(report.last_price, price)}","N":"{self._venue.asset}","n":"{amount(-report.fee)}","T":{at},'
            f'"t":{max(report.trade_id, 0)},"b":"{amount(bids)}","a":"{amount(asks)}","m":{boolean(report.is_maker)},'
            f'"R":{boolean(terms.reduce_only)},"ot":"LIMIT","rp":"{amount(report.realized)}",'
            f'"V":"{MODES[terms.self_trade_mode]}"}}}}'
        ).encode()

    def balance_and_positions(self, update: PortfolioUpdate, _unit: TimeUnit) -> bytes:
        """Return what changed in a portfolio (Event: Balance and Position Update).

        There are three reasons; an exercise, which has none, is told as an order.
        """
        at, reason = update.at // MILLISECOND, "ORDER"
        if update.kind is BillKind.TRANSFER:
            reason = "WITHDRAW" if update.change < 0 else "DEPOSIT"
        rows = [
            f'{{"s":"{row.symbol}","c":"{scaled(row.quantity, self._scales(row.symbol)[1])}","p":"{amount(row.cost)}",'
            f'"a":"{amount(average_price(abs(row.cost), abs(row.quantity)))}"}}'
            for row in update.positions
        ]
        return (
            f'{{"e":"BALANCE_POSITION_UPDATE","E":{at},"T":{at},"m":"{reason}","B":[{{"a":"{self._venue.asset}",'
            f'"b":"{amount(update.balance)}","bc":"{amount(update.change)}"}}],"P":[{",".join(rows)}]}}'
        ).encode()

    def account(self, told: OfAccount, _unit: TimeUnit) -> bytes:
        """Return what an account has and owes (Event: Account data)."""
        venue, at = self._venue, told.at // MILLISECOND
        portfolio = venue.portfolios[told.account]
        return (
            f'{{"e":"ACCOUNT_UPDATE","E":{at},"T":{at},"eq":"{amount(margin.equity(venue, portfolio))}",'
            f'"aeq":"{amount(margin.adjusted_equity(venue, portfolio))}","b":"{amount(portfolio.balance)}",'
            f'"m":"{amount(margin.position_value(venue, portfolio))}","u":"{amount(margin.unrealized(venue, portfolio))}",'
            f'"i":"{amount(margin.initial_margin(venue, portfolio))}",'
            f'"M":"{amount(margin.maintenance_margin(venue, portfolio))}"}}'
        ).encode()

    def greeks_of_change(self, update: PortfolioUpdate, _unit: TimeUnit) -> bytes:
        """Return the greeks of what is held and of what is held no longer, nothing when no position changed (Greek Update)."""
        if not update.positions:
            return b""
        touched = [self._underlying_of(row.symbol) for row in update.positions]
        return self._greeks(update, dict.fromkeys(touched, (0, 0, 0, 0)))

    def greeks(self, told: OfAccount, _unit: TimeUnit) -> bytes:
        """Return the greeks of what is held (Event: Greek Update)."""
        return self._greeks(told, {})

    def risk_level(self, event: RiskLevelChanged, _unit: TimeUnit) -> bytes:
        """Return that an account may do less now, or more (Event: Risk level change)."""
        return risk_level_change(event)

    def _greeks(self, told: OfAccount, known: dict[str, tuple[int, int, int, int]]) -> bytes:
        venue, at = self._venue, told.at // MILLISECOND
        rows = [
            f'{{"u":"{name}","d":"{amount(delta)}","g":"{amount(gamma)}","t":"{amount(theta)}","v":"{amount(vega)}"}}'
            for name, (delta, gamma, theta, vega) in (known | margin.greeks(venue, venue.portfolios[told.account])).items()
        ]
        return f'{{"e":"GREEK_UPDATE","E":{at},"T":{at},"G":[{",".join(rows)}]}}'.encode()

    def _scales(self, symbol: str) -> tuple[int, int]:
        """Return how many decimals prices and quantities of a contract have."""
        terms = terms_of(self._venue, symbol)
        return terms.price_scale, terms.quantity_scale

    def _underlying_of(self, symbol: str) -> str:
        """Return the name of a contract's underlying, also of one that has expired."""
        return symbol.partition("-")[0] + self._venue.asset

    def _open_notional(self, account: int, symbol: str) -> tuple[int, int]:
        """Return what the open orders of an account on a contract would pay and get."""
        bids = asks = 0
        for order in self._venue.portfolios[account].open_orders.values():
            if order.terms.symbol == symbol:
                notional = order.price * order.leaves // SCALE
                if order.side is _BUY:
                    bids += notional
                else:
                    asks += notional
        return bids, asks


def risk_level_change(event: RiskLevelChanged) -> bytes:
    """Return that an account may do less now, or more; both generations write it alike (Risk level change)."""
    return (
        f'{{"e":"RISK_LEVEL_CHANGE","E":{event.at // MILLISECOND},"s":"{RISK_LEVELS[event.level]}",'
        f'"mb":"{amount(event.margin_balance)}","mm":"{amount(event.maintenance_margin)}"}}'
    ).encode()


def listen_key_expired(listen_key: str, at: int, _unit: TimeUnit) -> bytes:
    """Return that nothing more will come for a listen key, whose time is text (Event: User Data Stream Expired)."""
    return f'{{"e":"listenKeyExpired","E":"{at // MILLISECOND}","listenKey":"{listen_key}"}}'.encode()
