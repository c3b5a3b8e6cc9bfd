"""One command's work on the venue: what has happened so far, and what is still to happen because of it.

Order of work.  The rooms report into `events` and note whom and which books they touched; orders that triggered and lists whose
                working order is filled wait in `due`; `finish` tells the books' changes, then the balances of users.
Invariant.      A turn belongs to one command and one time. Execution ids are given out here only, one counter a symbol.
Does not.       Decide anything.
"""

from typing import Final

from papernet.core.account import Account
from papernet.core.enums import ExecType, ExpiryReason
from papernet.core.events import AccountUpdate, BookDelta, Event, ExecutionReport, PreventedMatch
from papernet.core.order import Order
from papernet.core.order_list import OrderList
from papernet.core.rejects import Reject
from papernet.venues.spot.market import Market
from papernet.venues.spot.venue import Venue

_TRADE: Final = ExecType.TRADE
_NOTHING: Final = ExpiryReason.NONE


class Turn:
    """The work of one command on `market`, and on other markets where smart order routing leads."""

    __slots__ = ("_assets", "_is_wide", "_others", "at", "due", "events", "first_fills", "market", "touched", "venue")

    def __init__(self, venue: Venue, market: Market, at: int, events: list[Event] | None = None) -> None:
        """Begin with nothing done, or with what another turn has told so far."""
        self.venue: Final = venue
        self.market: Final = market
        self.at: Final = at
        self.events: Final[list[Event]] = [] if events is None else events
        # by account id, in the order in which they were touched
        self.touched: Final[dict[int, Account]] = {}
        # Most turns have none of these, so they are made when they are needed.
        # (account id, as maker) of orders that were filled for the first time
        self.first_fills: list[tuple[int, bool]] | None = None
        # whether anything was touched elsewhere than on `market`
        self._is_wide: bool = False
        # by account id, the assets whose balances changed elsewhere than on `market`
        self._assets: dict[int, dict[str, None]] | None = None
        self._others: dict[str, Market] | None = None
        # orders that triggered and lists whose working order is filled, in this order
        self.due: list[Order | OrderList] | None = None

    def defer(self, *items: Order | OrderList) -> None:
        """Let something start once the running order has finished."""
        if self.due is None:
            self.due = []
        self.due.extend(items)

    def touch(self, market: Market, account: Account) -> None:
        """Note that something happened to an account's orders or balances on a market."""
        if market is self.market:
            self.touched[account.account_id] = account
            return
        symbol = market.symbol
        self.touch_asset(account.account_id, symbol.base_asset)
        self.touch_asset(account.account_id, symbol.quote_asset)

    def note_first_fill(self, account_id: int, is_maker: bool) -> None:  # noqa: FBT001  positional for speed
        """Note that an order of an account was filled for the first time."""
        if self.first_fills is None:
            self.first_fills = []
        self.first_fills.append((account_id, is_maker))

    def touch_asset(self, account_id: int, asset: str) -> None:
        """Note that an account's balance of an asset changed elsewhere than on the market."""
        if self._assets is None:
            self._assets = {}
            self._is_wide = True
        self._assets.setdefault(account_id, {})[asset] = None

    def touch_market(self, market: Market) -> None:
        """Note that another book was worked on."""
        if self._others is None:
            self._others = {}
            self._is_wide = True
        self._others[market.symbol.name] = market

    def report(
        self,
        market: Market,
        order: Order,
        exec_type: ExecType,
        reason: ExpiryReason = _NOTHING,
        request_id: str = "",
    ) -> None:
        """Report that an order changed state other than by a trade."""
        exec_id = market.next_exec_id
        market.next_exec_id += 1
        self.events.append(
            ExecutionReport(
                order.terms,
                order.order_id,
                exec_id,
                exec_type,
                order.status,
                self.at,
                order.created_at,
                order.quantity,
                order.cum_quantity,
                order.cum_quote,
                0,
                0,
                0,
                0,
                "",
                -1,
                False,  # noqa: FBT003  positional for speed: keywords cost four times as much here
                reason,
                request_id,
                order.extras,
            )
        )

    def report_rejected(self, market: Market, order: Order, reject: Reject) -> None:
        """Report that an order ended because it was refused when its time to enter the book had come."""
        self._report_more(market, order, ExecType.EXPIRED, reason=ExpiryReason.REJECTED, reject=reject)

    def report_prevented(self, market: Market, order: Order, prevented: PreventedMatch) -> None:
        """Report that self-trade prevention took quantity off an order."""
        self._report_more(market, order, ExecType.TRADE_PREVENTION, prevented=prevented)

    def report_replaced(self, market: Market, order: Order, amended_from: str) -> int:
        """Report that an order was amended; return the execution id."""
        return self._report_more(market, order, ExecType.REPLACED, amended_from=amended_from)

    def report_fill(
        self,
        market: Market,
        order: Order,
        fill: tuple[int, int, int],
        fee: tuple[int, str, int],
        trade_id: int,
        is_maker: bool,  # noqa: FBT001  as above
        allocation_id: int = -1,
    ) -> None:
        """Report a fill of (price, quantity, quote) for which (commission, asset, ...) was paid."""
        exec_id = market.next_exec_id
        market.next_exec_id += 1
        price, quantity, quote = fill
        self.events.append(
            ExecutionReport(
                order.terms,
                order.order_id,
                exec_id,
                _TRADE,
                order.status,
                self.at,
                order.created_at,
                order.quantity,
                order.cum_quantity,
                order.cum_quote,
                quantity,
                price,
                quote,
                fee[0],
                fee[1],
                trade_id,
                is_maker,
                _NOTHING,
                "",
                order.extras,
                allocation_id,
            )
        )

    def finish(self) -> list[Event]:
        """Report the books' changes and the balances of the users touched, and return everything that happened."""
        market, at, events = self.market, self.at, self.events
        symbol = market.symbol
        book = market.book
        if book.changes:
            changes = tuple(book.changes)
            book.changes.clear()
            last = book.update_id
            events.append(BookDelta(symbol.name, at, last - len(changes) + 1, last, changes))
        base_asset, quote_asset = symbol.base_asset, symbol.quote_asset
        if self._is_wide:
            return self._finish_elsewhere()
        for account_id, account in self.touched.items():
            account.updated_at = at
            if account.is_user:
                held = account.balances
                base = held.get(base_asset) or account.balance(base_asset)
                quote = held.get(quote_asset) or account.balance(quote_asset)
                balances = ((base_asset, base.free, base.held), (quote_asset, quote.free, quote.held))
                events.append(AccountUpdate(account_id, at, balances))
        return events

    def _finish_elsewhere(self) -> list[Event]:
        """Report the other books, and the balances of users when those of other markets are among them."""
        for other in (self._others or {}).values():
            Turn(self.venue, other, self.at, self.events).finish()
        symbol = self.market.symbol
        touched = {account_id: {symbol.base_asset: None, symbol.quote_asset: None} for account_id in self.touched}
        for account_id, more in (self._assets or {}).items():
            touched.setdefault(account_id, {}).update(more)
        for account_id, names in touched.items():
            account = self.venue.accounts[account_id]
            account.updated_at = self.at
            if account.is_user:
                balances = [(asset, account.balance(asset)) for asset in names]
                rows = tuple((asset, balance.free, balance.held) for asset, balance in balances)
                self.events.append(AccountUpdate(account_id, self.at, rows))
        return self.events

    def _report_more(
        self,
        market: Market,
        order: Order,
        exec_type: ExecType,
        *,
        reason: ExpiryReason = _NOTHING,
        reject: Reject | None = None,
        prevented: PreventedMatch | None = None,
        amended_from: str = "",
    ) -> int:
        exec_id = market.next_exec_id
        market.next_exec_id += 1
        self.events.append(
            ExecutionReport(
                order.terms,
                order.order_id,
                exec_id,
                exec_type,
                order.status,
                self.at,
                order.created_at,
                order.quantity,
                order.cum_quantity,
                order.cum_quote,
                expiry_reason=reason,
                extras=order.extras,
                prevented=prevented,
                amended_from=amended_from,
                reject=reject,
            )
        )
        return exec_id
