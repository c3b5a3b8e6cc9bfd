"""The door of stories to the exchange itself: requests become commands, answers are read off the events.

Refusals of the exchange are values; their words are those of errors.md, written down here a second time so that the stories do
not take them from the code that they judge.
"""

from collections.abc import Callable
from decimal import Decimal

from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    ConfigureVenue,
    NewOrderList,
    OpenAccount,
    ReplaceOrder,
)
from papernet.core.enums import (
    AccountKind,
    CancelRestriction,
    ExecType,
    ExpiryReason,
    ListKind,
    OrderStatus,
    PegPrice,
)
from papernet.core.events import Applied, CancelFailed, ExecutionReport, OrderListChanged, PlacementFailed, Refused
from papernet.core.order import OrderRecord
from papernet.core.rejects import Reject
from papernet.venues.spot.symbols import Symbol
from tests.support.auditor import Auditor
from tests.support.scripts import Wish, as_is, draw
from tests.support.stories import (
    ACCOUNTS,
    AmendWish,
    Answer,
    CancelWish,
    ListWish,
    ReplaceWish,
    Request,
    progress,
    purse_of,
)
from tests.support.worlds import World, plain, units

# errors.md, Messages for -1010 ...; faqs/stp_faq for the self-trade mode. %s stands for the refusal's args.
WORDS = {
    "UNKNOWN_SYMBOL": "Invalid symbol.",
    "ACCOUNT_MAY_NOT_TRADE": "This account may not place or cancel orders.",
    "SYMBOL_NOT_PERMITTED": "This symbol is not permitted for this account.",
    "ACTION_DISABLED": "This action is disabled on this account.",
    "TOO_MANY_ORDERS": "Too many new orders; current limit is %s orders per %s.",
    "DUPLICATE_CLIENT_ORDER_ID": "Duplicate order sent.",
    "DUPLICATE_LIST_CLIENT_ORDER_ID": "Duplicate order sent.",
    "MARKET_CLOSED": "Market is closed.",
    "CANCEL_REPLACE_NOT_SUPPORTED": "Order cancel-replace is not supported for this symbol.",
    "AMEND_NOT_SUPPORTED": "Order amend is not supported for this symbol.",
    "OCO_NOT_SUPPORTED": "OCO orders are not supported for this symbol",
    "OPO_NOT_SUPPORTED": "OPO orders are not supported for this symbol.",
    "MARKET_ORDERS_NOT_SUPPORTED": "Market orders are not supported for this symbol.",
    "STOP_LOSS_NOT_SUPPORTED": "Stop loss orders are not supported for this symbol.",
    "STOP_LOSS_LIMIT_NOT_SUPPORTED": "Stop loss limit orders are not supported for this symbol.",
    "TAKE_PROFIT_NOT_SUPPORTED": "Take profit orders are not supported for this symbol.",
    "TAKE_PROFIT_LIMIT_NOT_SUPPORTED": "Take profit limit orders are not supported for this symbol.",
    "ICEBERG_NOT_SUPPORTED": "Iceberg orders are not supported for this symbol.",
    "TRAILING_STOP_NOT_SUPPORTED": "Trailing stop orders are not supported for this symbol.",
    "PEG_NOT_SUPPORTED": "Pegged orders are not supported for this symbol.",
    "QUOTE_QUANTITY_NOT_SUPPORTED": "Quote order qty market orders are not support for this symbol.",
    "SELF_TRADE_MODE_NOT_ALLOWED": "This symbol does not allow the specified self-trade prevention mode.",
    "ORDER_TYPE_NOT_PEGGABLE": "This order type may not use pegged price.",
    "PEG_NOT_FOR_ORDER_TYPE": "This price peg cannot be used with this order type.",
    "UNSUPPORTED_COMBINATION": "Unsupported order combination",
    "ICEBERG_EXCEEDS_QUANTITY": "IcebergQty exceeds QTY.",
    "ZERO_NOTIONAL": "Price * QTY is zero or less.",
    "NO_PRICE_LEVEL_FOR_PEG": "Order book liquidity is too low for this pegged order.",
    "FILTER_FAILURE": "Filter failure: %s",
    "BAD_PRICE_RELATION": "The relationship of the prices for the orders is not correct.",
    "WOULD_TRIGGER": "Order would trigger immediately.",
    "NO_LIQUIDITY_FOR_QUOTE": "Order book liquidity is less than symbol minimum quantity.",
    "LIQUIDITY_BELOW_LOT_SIZE": "Order book liquidity is less than LOT_SIZE filter minimum quantity.",
    "LIQUIDITY_BELOW_MARKET_LOT_SIZE": "Order book liquidity is less than MARKET_LOT_SIZE filter minimum quantity.",
    "WOULD_TAKE": "Order would immediately match and take.",
    "INSUFFICIENT_BALANCE": "Account has insufficient balance for requested action.",
    "UNKNOWN_ORDER": "Unknown order sent.",
    "UNKNOWN_ORDER_LIST": "Unknown order list sent.",
    "CANCEL_RESTRICTED": "Order was not canceled due to cancel restrictions.",
    "AMEND_PENDING_OPO": "Order amend (pending OPO order) is not supported.",
    "AMEND_CHANGES_NOTHING": "The requested action would change no state; rejecting",
    "AMEND_INCREASES": "Order amend (quantity increase) is not supported.",
    "TOO_MANY_AMENDS": "Filter failure: MAX_NUM_ORDER_AMENDS",
}
# enums.md, Expiry Reasons, where the vocabulary is shorter.
_REASONS = {
    ExpiryReason.UNFILLED_IOC_QUANTITY: "UNFILLED_IOC_QUANTITY_EXPIRED",
    ExpiryReason.UNFILLED_FOK_ORDER: "UNFILLED_FOK_ORDER_EXPIRED",
}


def words_of(reject: Reject) -> str:
    """Return a refusal in the words of errors.md."""
    text = WORDS.get(reject.reason.name, reject.reason.name)
    return text % reject.args if "%s" in text else text


class MachineDoor:
    """The exchange itself: requests become commands, answers are read off the events."""

    def __init__(
        self,
        symbols: tuple[Symbol, ...],
        purse: str,
        rules: dict[str, object] | None,
        form: Callable[[Command], Command] = as_is,
        before: Callable[[World], None] = lambda _: None,
    ) -> None:
        self.world = World(*symbols, balances=purse_of(purse))
        self.world.apply(OpenAccount("carol", 2_004, AccountKind.USER, purse_of(purse)))
        if rules is not None:
            self.world.apply(ConfigureVenue(rules))
        self._form, self._before = form, before
        self._auditor = Auditor({symbol.name: (symbol.base_asset, symbol.quote_asset) for symbol in symbols})
        for applied in self.world.applied:
            self._auditor.audit(applied)
        self.reports: dict[tuple[str, int], ExecutionReport] = {}
        self.named: dict[tuple[int, str, str], int] = {}
        self.lists: dict[tuple[int, str], OrderListChanged] = {}

    @property
    def now(self) -> int:
        return self.world.now

    @now.setter
    def now(self, value: int) -> None:
        self.world.now = value

    def control(self, command: Command) -> Applied:
        applied = self._apply(command)
        assert not isinstance(applied.events[0], Refused), (command, applied)
        return applied

    def ask(self, who: str, request: Request) -> Answer:
        applied = self._apply(self._command(ACCOUNTS[who], request))
        first = applied.events[0]
        if isinstance(first, Refused):
            return Answer(words_of(first.reject), refused=True)
        match request:
            case Wish():
                return Answer(_told_order(_reports(applied)))
            case ListWish():
                return Answer(_told_list(applied, request))
            case CancelWish(what="order"):
                assert isinstance(first, ExecutionReport)
                return Answer(_told_cancel(first))
            case CancelWish():
                ended = [report for report in _reports(applied) if report.exec_type is ExecType.CANCELED]
                return Answer(" ".join(["CANCELED", *(report.terms.client_order_id for report in ended)]))
            case ReplaceWish():
                return _told_replace(applied, request.mode)
            case AmendWish():
                return Answer(_told_amend(_reports(applied)[0]))

    def order(self, who: str, cid: str, symbol: str) -> dict[str, object]:
        order_id = self.named[ACCOUNTS[who], symbol, cid]
        opened = self.world.exchange.markets[symbol].orders.get(order_id)
        return _shown(opened.record() if opened is not None else self.reports[symbol, order_id])

    def order_list(self, who: str, cid: str) -> str:
        return self.lists[ACCOUNTS[who], cid].record.status.name

    def open_orders(self, who: str, symbol: str) -> list[str]:
        opened = self.world.exchange.accounts.by_id[ACCOUNTS[who]].open_orders
        return [order.terms.client_order_id for (name, _), order in opened.items() if name == symbol]

    def balance(self, who: str, asset: str) -> tuple[Decimal, Decimal]:
        free, held = self.world.balance(ACCOUNTS[who], asset)
        return Decimal(free).scaleb(-8), Decimal(held).scaleb(-8)

    def count(self, who: str) -> int:
        return self.world.exchange.order_counts(ACCOUNTS[who], self.world.now)[0]

    def picture(self, symbol: str) -> tuple[list[str], bool]:
        return draw(self.world, symbol), True

    def last(self, symbol: str) -> Decimal:
        return Decimal(self.world.exchange.markets[symbol].last_price).scaleb(-8)

    def close(self) -> None:
        self.world.exchange.check_invariants()

    def _command(self, account: int, request: Request) -> Command:
        symbol = self.world.symbol
        match request:
            case Wish():
                return request.command(account, symbol)
            case ListWish():
                legs, pair = request.legs, request.pair()
                if pair and not pair[0].kind.startswith("STOP_LOSS"):
                    legs = (*legs[:-2], pair[1], pair[0])
                commands = tuple(leg.command(account, symbol) for leg in legs)
                return NewOrderList(account, symbol, ListKind[request.kind.upper()], commands, request.cid)
            case CancelWish(what="all"):
                return CancelOpenOrders(account, symbol)
            case CancelWish(what="list"):
                return CancelOrderList(account, symbol, request.number, request.cid)
            case CancelWish():
                return _cancel_command(account, symbol, request)
            case ReplaceWish():
                return ReplaceOrder(
                    _cancel_command(account, symbol, request.cancel),
                    request.order.command(account, symbol),
                    request.mode == "STOP_ON_FAILURE",
                    request.exceeded == "CANCEL_ONLY",
                )
            case AmendWish():
                return AmendOrder(account, symbol, -1, units(request.quantity), request.cid, request.new_cid)

    def _apply(self, command: Command) -> Applied:
        self._before(self.world)
        applied = self.world.apply(self._form(command))
        self._auditor.audit(applied)
        for event in applied.events:
            if isinstance(event, ExecutionReport):
                terms = event.terms
                self.reports[terms.symbol, event.order_id] = event
                if event.amended_from:
                    self.named.pop((terms.account, terms.symbol, event.amended_from), None)
                self.named[terms.account, terms.symbol, terms.client_order_id] = event.order_id
            elif isinstance(event, OrderListChanged):
                self.lists[event.record.account, event.record.list_client_order_id] = event
        self.world.exchange.check_invariants()
        self._auditor.compare(self.world.exchange)
        return applied


def _cancel_command(account: int, symbol: str, wish: CancelWish) -> CancelOrder:
    return CancelOrder(account, symbol, wish.number, wish.cid, "", CancelRestriction[wish.restriction or "NONE"])


def _reports(applied: Applied) -> list[ExecutionReport]:
    return [event for event in applied.events if isinstance(event, ExecutionReport)]


def _reason(report: ExecutionReport | OrderRecord) -> str:
    if report.expiry_reason is ExpiryReason.NONE:
        return ""
    return _REASONS.get(report.expiry_reason, report.expiry_reason.name)


def _told_order(reports: list[ExecutionReport]) -> str:
    """Tell the order that the first of the reports is of, as its last report leaves it."""
    own = [
        report
        for report in reports
        if report.order_id == reports[0].order_id and report.terms.symbol == reports[0].terms.symbol
    ]
    fills = [
        f"{plain(report.last_quantity)}@{plain(report.last_price)}" for report in own if report.exec_type is ExecType.TRADE
    ]
    lost = own[-1].extras.prevented_quantity if own[-1].extras is not None else 0
    return progress(own[-1].status.name, _reason(own[-1]), fills, plain(lost) if lost else "")


def _told_list(applied: Applied, wish: ListWish) -> str:
    told = []
    for leg in wish.legs:
        own = [report for report in _reports(applied) if report.terms.client_order_id == leg.cid]
        pending = own[0].status is OrderStatus.PENDING_NEW
        told.append(f"{leg.cid} {_told_order(own[:1] if pending else own)}")
    return ", ".join(told)


def _told_cancel(report: ExecutionReport) -> str:
    return f"{report.status.name} {report.terms.client_order_id}"


def _told_replace(applied: Applied, mode: str) -> Answer:
    first = applied.events[0]
    reports = _reports(applied)
    failed = [event for event in applied.events if isinstance(event, PlacementFailed)]
    cancel = words_of(first.reject) if isinstance(first, CancelFailed) else _told_cancel(reports[0])
    if isinstance(first, CancelFailed) and mode == "STOP_ON_FAILURE":
        assert failed
        order = "NOT_ATTEMPTED"
    elif failed:
        order = words_of(failed[0].reject) if failed[0].reject is not None else "NOT_ATTEMPTED"
    else:
        placed = next(place for place, report in enumerate(reports) if report.exec_type is ExecType.NEW)
        order = _told_order(reports[placed:])
    return Answer(f"{cancel}; {order}", refused=isinstance(first, CancelFailed) or bool(failed))


def _told_amend(report: ExecutionReport) -> str:
    progress = f"{plain(report.cum_quantity)}/{plain(report.quantity)}"
    return f"{report.terms.client_order_id} {report.status.name} {progress}"


def _shown(report: ExecutionReport | OrderRecord) -> dict[str, object]:
    """Return what a query must show of an order, as far as stories ask for it."""
    terms, extras = report.terms, report.extras
    shown: dict[str, object] = {
        "status": report.status.name,
        "executedQty": plain(report.cum_quantity),
        "cummulativeQuoteQty": plain(report.cum_quote),
        "price": plain(terms.price),
        "stopPrice": plain(terms.stop_price),
        "icebergQty": plain(terms.iceberg_quantity),
        "type": terms.order_type.name,
        "side": terms.side.name,
        "timeInForce": terms.time_in_force.name,
        "orderListId": extras.order_list_id if extras is not None else -1,
        "workingTime": _milliseconds(extras.working_at if extras is not None else report.created_at),
        "isWorking": extras is None or extras.working_at != -1,
    }
    if report.quantity:
        shown["origQty"] = plain(report.quantity)
    if terms.strategy_id is not None:
        shown["strategyId"] = terms.strategy_id
    if terms.strategy_type is not None:
        shown["strategyType"] = terms.strategy_type
    if terms.trailing_delta:
        shown["trailingDelta"] = terms.trailing_delta
        shown["trailingTime"] = _milliseconds(extras.trailing_at if extras is not None else -1)
    if report.expiry_reason is not ExpiryReason.NONE:
        shown["expiryReason"] = _reason(report)
    if terms.peg_price is not PegPrice.NONE:
        shown["pegPriceType"] = f"{terms.peg_price.name}_PEG"
    if terms.peg_offset is not None:
        shown |= {"pegOffsetType": "PRICE_LEVEL", "pegOffsetValue": terms.peg_offset}
    if extras is not None and extras.pegged_price:
        shown["peggedPrice"] = plain(extras.pegged_price)
    if extras is not None and extras.prevented_match_id != -1 and extras.prevented_quantity:
        shown["preventedQuantity"] = plain(extras.prevented_quantity)
    if extras is not None and extras.floor is not None:
        shown |= {"usedSor": True, "workingFloor": extras.floor.name}
    return shown


def _milliseconds(at: int) -> int:
    return at // 1000 if at >= 0 else -1
