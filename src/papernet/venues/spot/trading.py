"""Placing and cancelling orders on one spot market.

Order of work.  Guards, one a line, in the order of `core.rejects.Reason`; then the order holds what it needs, matches, settles
                each fill, and rests or ends. Every step leaves a report.
Events.         NEW of the incoming order; then per fill the trade, the taker's report and the maker's; then the incoming
                order's end if it ends unfilled; then the book's changes; then the balances of every user account touched.
Invariant.      What an account holds of an asset is what its open orders need: a buy holds its leaves at its price, rounded up,
                a sell its leaves. A refused order changed nothing.
Does not.       Know keys, requests, journals or wire spellings.
Source.         rest-api.md, New order, Cancel order; enums.md; filters.md.
"""

from typing import Final

from papernet.core.commands import NewOrder
from papernet.core.enums import (
    CancelRestriction,
    ExecType,
    ExpiryReason,
    OrderStatus,
    OrderType,
    Side,
    SymbolStatus,
    TimeInForce,
)
from papernet.core.events import AccountUpdate, BookDelta, Event, ExecutionReport, Trade
from papernet.core.ledger import Account, Ledger, hold, release
from papernet.core.matching import can_fill, cost_of, crosses, match, quantity_for_quote
from papernet.core.order import Order
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE, commission, notional_ceil, notional_floor
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import LotSize, MarketLotSize

_BUY: Final = Side.BUY
_MARKET: Final = OrderType.MARKET
_NEW: Final = OrderStatus.NEW
_PARTIALLY_FILLED: Final = OrderStatus.PARTIALLY_FILLED
_FILLED: Final = OrderStatus.FILLED
_LIMIT_MAKER: Final = OrderType.LIMIT_MAKER
_GTC: Final = TimeInForce.GTC
_FOK: Final = TimeInForce.FOK
_TRADING: Final = SymbolStatus.TRADING
_NEW_REPORT: Final = ExecType.NEW
_TRADE: Final = ExecType.TRADE
_NOTHING: Final = ExpiryReason.NONE

_UNSUPPORTED: Final = {
    OrderType.LIMIT: Reason.ORDER_TYPE_NOT_SUPPORTED,
    OrderType.LIMIT_MAKER: Reason.ORDER_TYPE_NOT_SUPPORTED,
    OrderType.MARKET: Reason.MARKET_ORDERS_NOT_SUPPORTED,
    OrderType.STOP_LOSS: Reason.STOP_LOSS_NOT_SUPPORTED,
    OrderType.STOP_LOSS_LIMIT: Reason.STOP_LOSS_LIMIT_NOT_SUPPORTED,
    OrderType.TAKE_PROFIT: Reason.TAKE_PROFIT_NOT_SUPPORTED,
    OrderType.TAKE_PROFIT_LIMIT: Reason.TAKE_PROFIT_LIMIT_NOT_SUPPORTED,
}


def refusal_by_rules(market: Market, account: Account, terms: NewOrder, at: int) -> Reject | None:
    """Return why the symbol's rules refuse an order, or None; changes nothing. This is all that a test order is checked for."""
    symbol = market.symbol
    if market.status is not _TRADING:
        return Reject(Reason.MARKET_CLOSED)
    if terms.order_type not in symbol.order_types:
        return Reject(_UNSUPPORTED[terms.order_type])
    if terms.quote_quantity and not symbol.quote_quantity_allowed:
        return Reject(Reason.QUOTE_QUANTITY_NOT_SUPPORTED)
    if terms.self_trade_mode not in symbol.self_trade_modes:
        return Reject(Reason.SELF_TRADE_MODE_NOT_ALLOWED)
    if terms.order_type is _MARKET:
        if not terms.quantity and not terms.quote_quantity:
            return Reject(Reason.ZERO_NOTIONAL)
    elif terms.price * terms.quantity < SCALE:
        return Reject(Reason.ZERO_NOTIONAL)
    for name, passes in market.filters.of(terms, account):
        if not passes(terms, market, account, at):
            return Reject(Reason.FILTER_FAILURE, (name,))
    return None


def place(
    market: Market, account: Account, accounts: dict[int, Account], ledger: Ledger, terms: NewOrder, at: int
) -> Reject | list[Event]:
    """Place an order whose client order id is set; return why it is refused, or what happened.

    The caller has checked what is not the symbol's concern: that the account exists and may place one more order.
    """
    if (terms.symbol, terms.client_order_id) in account.client_order_ids:
        return Reject(Reason.DUPLICATE_CLIENT_ORDER_ID)
    reject = refusal_by_rules(market, account, terms, at)
    if reject is not None:
        return reject
    sized = _size(market, terms) if terms.quote_quantity else terms.quantity
    if isinstance(sized, Reject):
        return sized
    order_type, side = terms.order_type, terms.side
    would_take = order_type is _MARKET or crosses(market.book, side, terms.price)
    if would_take and order_type is _LIMIT_MAKER:
        return Reject(Reason.WOULD_TAKE)
    order = Order(terms, market.next_order_id, at)
    order.quantity = order.leaves = sized
    need = _need(market, order)
    balance = account.balances.get(market.symbol.quote_asset if side is _BUY else market.symbol.base_asset)
    if balance is None or balance.free < need:
        return Reject(Reason.INSUFFICIENT_BALANCE)
    hold(balance, need)
    market.next_order_id += 1
    events: list[Event] = [_report(market, order, _NEW_REPORT, at)]
    touched = {account.account_id: account}
    if would_take and not (terms.time_in_force is _FOK and not can_fill(market.book, side, terms.price, sized)):
        need = _execute(market, order, account, accounts, ledger, need, at, events, touched)
    if order.leaves and order_type is not _MARKET and terms.time_in_force is _GTC:
        market.book.rest(order)
        market.orders[order.order_id] = order
        account.add_open(terms.symbol, order)
    else:
        release(balance, need)
        if order.leaves:
            _expire(market, order, at, events)
    _finish(market, touched, at, events)
    return events


def cancel(
    market: Market,
    account: Account,
    order_id: int,
    orig_client_order_id: str,
    request_id: str,
    restriction: CancelRestriction,
    at: int,
) -> Reject | list[Event]:
    """Cancel one open order of the account; the ids name it as `CancelOrder` says."""
    order = find_open(market, account, order_id, orig_client_order_id)
    if order is None:
        return Reject(Reason.UNKNOWN_ORDER)
    # rest-api.md, Regarding cancelRestrictions
    if restriction is CancelRestriction.ONLY_NEW and order.status is not _NEW:
        return Reject(Reason.CANCEL_RESTRICTED)
    if restriction is CancelRestriction.ONLY_PARTIALLY_FILLED and order.status is not _PARTIALLY_FILLED:
        return Reject(Reason.CANCEL_RESTRICTED)
    events: list[Event] = []
    _cancel(market, account, order, request_id, at, events)
    _finish(market, {account.account_id: account}, at, events)
    return events


def cancel_all(market: Market, account: Account, request_id: str, at: int) -> Reject | list[Event]:
    """Cancel all open orders of the account on the market, oldest first; with none open the order is unknown."""
    name = market.symbol.name
    orders = [order for (symbol, _), order in account.open_orders.items() if symbol == name]
    if not orders:
        return Reject(Reason.UNKNOWN_ORDER)
    events: list[Event] = []
    for order in orders:
        _cancel(market, account, order, request_id, at, events)
    _finish(market, {account.account_id: account}, at, events)
    return events


def find_open(market: Market, account: Account, order_id: int, client_order_id: str) -> Order | None:
    """Return the open order that the ids name (-1 and "" are absent).

    rest-api.md, Cancel order: with both, the order id is looked up first and its client order id must agree.
    """
    name = market.symbol.name
    if order_id < 0:
        return account.client_order_ids.get((name, client_order_id))
    order = account.open_orders.get((name, order_id))
    if order is not None and client_order_id and order.terms.client_order_id != client_order_id:
        return None
    return order


def need_of(order: Order) -> int:
    """Return what a resting order must hold: of the quote asset for a buy, of the base asset for a sell."""
    return notional_ceil(order.price, order.leaves) if order.side is _BUY else order.leaves


def _size(market: Market, terms: NewOrder) -> int | Reject:
    """Return the quantity of a market order by quote quantity: it follows from the book as it is."""
    opposite = market.book.opposite(terms.side)
    if not opposite.keys:
        return Reject(Reason.NO_LIQUIDITY_FOR_QUOTE)
    # rest-api.md, New order: such an order does not break LOT_SIZE, and comes as near to its quote quantity as it can.
    step, lot_minimum, market_minimum, largest = 0, 0, 0, 0
    for rule in market.symbol.filters:
        if type(rule) is LotSize:
            lot_minimum = rule.min_quantity
        elif type(rule) is MarketLotSize:
            market_minimum = rule.min_quantity
        else:
            continue
        step = max(step, rule.step_size)
        if rule.max_quantity and (not largest or rule.max_quantity < largest):
            largest = rule.max_quantity
    quantity = quantity_for_quote(opposite, terms.quote_quantity, step)
    if largest and quantity > largest:
        quantity = largest - largest % step if step else largest
    if quantity == 0 or quantity < lot_minimum:
        return Reject(Reason.LIQUIDITY_BELOW_LOT_SIZE)
    if quantity < market_minimum:
        return Reject(Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE)
    return quantity


def _need(market: Market, order: Order) -> int:
    """Return what a new order must hold before it matches."""
    if order.side is not _BUY:
        return order.leaves
    if order.terms.order_type is _MARKET:
        return order.terms.quote_quantity or cost_of(market.book.asks, order.leaves)
    return notional_ceil(order.price, order.leaves)


def _execute(
    market: Market,
    order: Order,
    account: Account,
    accounts: dict[int, Account],
    ledger: Ledger,
    held: int,
    at: int,
    events: list[Event],
    touched: dict[int, Account],
) -> int:
    """Match an order and settle its fills; return how much it still holds."""
    is_market = order.terms.order_type is _MARKET
    is_buy = order.side is _BUY
    for resting, price, quantity in match(market.book, order, 0 if is_market else order.price):
        maker = accounts[resting.terms.account]
        quote = notional_floor(price, quantity)
        order.cum_quantity += quantity
        if is_buy:
            spent = quote if is_market else _spent(order, quantity, order.quantity - order.cum_quantity)
            maker_spent = quantity
        else:
            spent = quantity
            maker_spent = _spent(resting, quantity, resting.leaves)
        held -= spent
        fees = _settle(market, ledger, order.side, account, maker, (spent, maker_spent), quantity, quote)
        _record_fill(market, order, resting, maker, (price, quantity, quote), fees, at, events)
        touched[maker.account_id] = maker
    return held


def _spent(order: Order, quantity: int, leaves: int) -> int:
    """Return what a buy at a limit holds no longer after `quantity` of it was filled and `leaves` are left."""
    return notional_ceil(order.price, leaves + quantity) - notional_ceil(order.price, leaves)


def _settle(
    market: Market,
    ledger: Ledger,
    side: Side,
    taker: Account,
    maker: Account,
    spent: tuple[int, int],
    quantity: int,
    quote: int,
) -> tuple[int, int]:
    """Move base to the buyer and quote to the seller; return the taker's and the maker's commission.

    Commission is taken in the received asset; `spent` is what the taker's and the maker's order hold no longer.
    """
    base_asset, quote_asset = market.symbol.base_asset, market.symbol.quote_asset
    if side is _BUY:
        buyer, seller, (buyer_spent, seller_spent) = taker, maker, spent
        base_fee = commission(quantity, taker.taker_rate + taker.buyer_rate)
        quote_fee = commission(quote, maker.maker_rate + maker.seller_rate)
    else:
        buyer, seller, (seller_spent, buyer_spent) = maker, taker, spent
        base_fee = commission(quantity, maker.maker_rate + maker.buyer_rate)
        quote_fee = commission(quote, taker.taker_rate + taker.seller_rate)
    payer, receiver = buyer.balance(quote_asset), seller.balance(quote_asset)
    ledger.settle(payer, receiver, held=buyer_spent, amount=quote, commission=quote_fee, asset=quote_asset)
    payer, receiver = seller.balance(base_asset), buyer.balance(base_asset)
    ledger.settle(payer, receiver, held=seller_spent, amount=quantity, commission=base_fee, asset=base_asset)
    return (base_fee, quote_fee) if side is _BUY else (quote_fee, base_fee)


def _record_fill(
    market: Market,
    order: Order,
    resting: Order,
    maker: Account,
    fill: tuple[int, int, int],
    fees: tuple[int, int],
    at: int,
    events: list[Event],
) -> None:
    """Bring both orders and the market up to date with one fill and report it."""
    price, quantity, quote = fill
    symbol = market.symbol
    trade_id = market.next_trade_id
    market.next_trade_id += 1
    market.traded(at, price, quantity, quote)
    order.cum_quote += quote
    order.status = _FILLED if order.cum_quantity == order.quantity else _PARTIALLY_FILLED
    order.updated_at = at
    resting.cum_quantity += quantity
    resting.cum_quote += quote
    resting.status = _PARTIALLY_FILLED if resting.leaves else _FILLED
    resting.updated_at = at
    is_buy = order.side is _BUY
    taker_asset, maker_asset = (symbol.base_asset, symbol.quote_asset) if is_buy else (symbol.quote_asset, symbol.base_asset)
    events.append(Trade(symbol.name, trade_id, at, price, quantity, quote, not is_buy, order.order_id, resting.order_id))
    events.append(_fill_report(market, order, fill, fees[0], taker_asset, trade_id, at, is_maker=False))
    events.append(_fill_report(market, resting, fill, fees[1], maker_asset, trade_id, at, is_maker=True))
    if not resting.leaves:
        _close(market, maker, resting)


def _expire(market: Market, order: Order, at: int, events: list[Event]) -> None:
    """End an order that may not rest (enums.md, Expiry Reasons)."""
    if order.terms.order_type is _MARKET:
        reason = ExpiryReason.INSUFFICIENT_LIQUIDITY
    elif order.terms.time_in_force is _FOK:
        reason = ExpiryReason.UNFILLED_FOK_ORDER
    else:
        reason = ExpiryReason.UNFILLED_IOC_QUANTITY
    order.status = OrderStatus.EXPIRED
    events.append(_report(market, order, ExecType.EXPIRED, at, reason))


def _cancel(market: Market, account: Account, order: Order, request_id: str, at: int, events: list[Event]) -> None:
    asset = market.symbol.quote_asset if order.side is _BUY else market.symbol.base_asset
    release(account.balances[asset], need_of(order))
    market.book.remove(order)
    order.status = OrderStatus.CANCELED
    order.updated_at = at
    _close(market, account, order)
    events.append(_report(market, order, ExecType.CANCELED, at, _NOTHING, request_id))


def _close(market: Market, account: Account, order: Order) -> None:
    del market.orders[order.order_id]
    account.remove_open(order.terms.symbol, order)


def _finish(market: Market, touched: dict[int, Account], at: int, events: list[Event]) -> None:
    """Report the book's changes and the balances of the users that the command touched."""
    symbol = market.symbol
    book = market.book
    if book.changes:
        changes = tuple(book.changes)
        book.changes.clear()
        last = book.update_id
        events.append(BookDelta(symbol.name, at, last - len(changes) + 1, last, changes))
    base_asset, quote_asset = symbol.base_asset, symbol.quote_asset
    for account_id, account in touched.items():
        account.updated_at = at
        if account.is_user:
            base, quote = account.balance(base_asset), account.balance(quote_asset)
            balances = ((base_asset, base.free, base.held), (quote_asset, quote.free, quote.held))
            events.append(AccountUpdate(account_id, at, balances))


def _report(
    market: Market,
    order: Order,
    exec_type: ExecType,
    at: int,
    reason: ExpiryReason = _NOTHING,
    request_id: str = "",
) -> ExecutionReport:
    exec_id = market.next_exec_id
    market.next_exec_id += 1
    return ExecutionReport(
        order.terms,
        order.order_id,
        exec_id,
        exec_type,
        order.status,
        at,
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
    )


def _fill_report(
    market: Market,
    order: Order,
    fill: tuple[int, int, int],
    fee: int,
    fee_asset: str,
    trade_id: int,
    at: int,
    *,
    is_maker: bool,
) -> ExecutionReport:
    exec_id = market.next_exec_id
    market.next_exec_id += 1
    price, quantity, quote = fill
    return ExecutionReport(
        order.terms,
        order.order_id,
        exec_id,
        _TRADE,
        order.status,
        at,
        order.created_at,
        order.quantity,
        order.cum_quantity,
        order.cum_quote,
        quantity,
        price,
        quote,
        fee,
        fee_asset,
        trade_id,
        is_maker,
    )
