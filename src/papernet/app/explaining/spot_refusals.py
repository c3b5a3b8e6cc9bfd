"""Why the spot venue refused a command: the guard, the numbers that it compared, and the nearest ones that would do.

Order of work.  The guard's own numbers are looked up where it looked; then an order is made that differs as little as can be,
                and put to the venue's own guards: it is proposed only if they let it pass.
Invariant.      A refusal changed nothing, so that what is read here is what was compared, as long as nothing else happened
                since: whoever asks does so at once.
Does not.       Change anything. Know wire codes or words: `guard` is the reason's name, and a filter's documented name.
Source.         filters.md; errors.md; rest-api.md, Unfilled Order Count.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from papernet.app.explaining import nearest
from papernet.app.explaining.explanation import Explanation, decimal, decimals
from papernet.core.account import Account
from papernet.core.commands import NewOrder, NewOrderList
from papernet.core.enums import Side
from papernet.core.matching import cost_of, offers
from papernet.core.order import AT_ANY_PRICE
from papernet.core.rejects import Reason, Reject
from papernet.core.units import SCALE, notional_ceil
from papernet.exchange.machine import Exchange
from papernet.venues.spot.admission import refusal_by_rules
from papernet.venues.spot.filters import count_algos, count_icebergs
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import (
    Filter,
    IcebergParts,
    LotSize,
    MarketLotSize,
    MaxNumOrderAmends,
    MaxPosition,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    TrailingDelta,
)
from papernet.venues.spot.triggers import is_above

_BUY: Final = Side.BUY


class Refused:
    """An order that was refused, and where: what every explanation looks at."""

    def __init__(self, exchange: Exchange, market: Market, account: Account, terms: NewOrder, at: int) -> None:
        """Look at an order of an account on a market at some time."""
        self.exchange: Final = exchange
        self.market: Final = market
        self.account: Final = account
        if terms.self_trade_mode is None:
            terms = replace(terms, self_trade_mode=market.symbol.default_self_trade_mode)
        self.terms: Final = replace(terms, client_order_id=terms.client_order_id or "-")
        self.at: Final = at

    def nearest(self, *, within_funds: bool = True) -> dict[str, str] | None:
        """Return the numbers of the nearest order that would pass; None when there is none."""
        terms = self.terms
        budget = self.account.free(self.paying_asset) if within_funds else None
        found = nearest.nearest_order(self.market, self.account, terms, self.at, budget=budget)
        if found is None or refusal_by_rules(self.exchange.venue, self.market, self.account, found, self.at) is not None:
            return None
        fields = ("price", "quantity", "quote_quantity", "stop_price", "iceberg_quantity")
        told = {name: decimal(getattr(found, name)) for name in fields if getattr(terms, name)}
        if terms.trailing_delta:
            told["trailing_delta"] = str(found.trailing_delta)
        return told

    @property
    def paying_asset(self) -> str:
        """Return the asset that the order pays with."""
        symbol = self.market.symbol
        return symbol.quote_asset if self.terms.side is _BUY else symbol.base_asset

    @property
    def price(self) -> int:
        """Return the order's own price; 0 when it has none."""
        return 0 if self.terms.order_type in AT_ANY_PRICE else self.terms.price


def explain_refused_order(exchange: Exchange, terms: NewOrder, reject: Reject, at: int) -> Explanation:
    """Return why an order was refused."""
    market, account = exchange.markets.get(terms.symbol), exchange.accounts.by_id.get(terms.account)
    explain = _BY_REASON.get(reject.reason)
    if market is None or account is None or explain is None:
        return explain_reason(reject)
    return explain(Refused(exchange, market, account, terms, at), reject)


def explain_refused_list(exchange: Exchange, command: NewOrderList, reject: Reject, at: int) -> Explanation:
    """Return why an order list was refused: for the order of it that is to blame, where one is."""
    market, account = exchange.markets.get(command.symbol), exchange.accounts.by_id.get(command.account)
    if market is None or account is None:
        return explain_reason(reject)
    if reject.reason is Reason.BAD_PRICE_RELATION:
        return _relation(market, command, reject)
    legs = [Refused(exchange, market, account, terms, at) for terms in command.legs]
    if reject.reason is Reason.INSUFFICIENT_BALANCE:
        return _balance(max(legs, key=_need), reject)
    # The orders of a list are counted together; whatever else refuses one of them would refuse it alone.
    blamed = next((leg for leg in legs if exchange.check_order(leg.terms, at) == reject), legs[0])
    return explain_refused_order(exchange, blamed.terms, reject, at)


def _relation(market: Market, command: NewOrderList, reject: Reject) -> Explanation:
    """Tell the prices of a pair that are on the wrong sides of the market."""
    numbers: dict[str, Any] = decimals(last_price=market.last_price or None)
    for place, terms in enumerate(command.legs, 1):
        numbers[f"order_{place}"] = {
            "type": terms.order_type.name,
            "side": terms.side.name,
            **decimals(price=terms.price or None, stop_price=terms.stop_price or None),
        }
    because = "One order of the pair has to be above the last price, and the other one below."
    return Explanation(reject.reason.name, because, numbers)


def explain_reason(reject: Reject) -> Explanation:
    """Return what a reason says by itself."""
    words = reject.reason.name.replace("_", " ").lower()
    return Explanation(reject.reason.name, f"{words.capitalize()}.", {"about": list(reject.args)} if reject.args else {})


def _filter(refused: Refused, reject: Reject) -> Explanation:
    """Tell a filter's own numbers, then the nearest order that every filter lets pass."""
    name = reject.args[0]
    for rule in refused.market.symbol.filters:
        if str(type(rule).__struct_config__.tag) == name:
            because, numbers = _FILTERS.get(type(rule), _count)(refused, rule)
            break
    else:
        because, numbers = _asset_limit(refused) if name == "MAX_ASSET" else _count_of(refused, name)
    found = refused.nearest()
    hints: tuple[str, ...] = ()
    if found is None:
        found = refused.nearest(within_funds=False)
        hint = "No price and quantity alone would let this order pass."
        hints = (hint if found is None else f"The account has too little {refused.paying_asset} for it.",)
    return Explanation(f"FILTER_FAILURE {name}", because, numbers, found, hints)


_Told = tuple[str, dict[str, Any]]


def _price_filter(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401  # one function for each kind of rule
    terms = refused.terms
    for name, price in (("price", refused.price), ("stop price", terms.stop_price)):
        if not price:
            continue
        numbers = decimals(price=price, min_price=rule.min_price, max_price=rule.max_price, tick_size=rule.tick_size)
        if price < rule.min_price:
            return f"The {name} {decimal(price)} is below the least one, {decimal(rule.min_price)}.", numbers
        if rule.max_price and price > rule.max_price:
            return f"The {name} {decimal(price)} is above the greatest one, {decimal(rule.max_price)}.", numbers
        if rule.tick_size and price % rule.tick_size:
            return f"The {name} {decimal(price)} is no multiple of the tick {decimal(rule.tick_size)}.", numbers
    return "The price breaks the filter.", decimals(
        min_price=rule.min_price, max_price=rule.max_price, tick_size=rule.tick_size
    )


def _percent_price(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401
    bounds = nearest.percent_bounds(rule, refused.market, refused.terms.side, refused.at)
    low, high, center = bounds if bounds is not None else (0, 0, 0)
    price = refused.price
    side = f"below the lowest, {decimal(low)}" if price < low else f"above the highest, {decimal(high)}"
    reference = refused.market.reference.value(refused.at) if refused.market.reference is not None else None
    numbers = decimals(price=price, lowest=low, highest=high, measured_by=center)
    numbers["measure"] = "reference price" if reference is not None else f"average of {rule.avg_price_mins} minutes"
    return f"The price {decimal(price)} is {side}, as it follows from {decimal(center)}.", numbers


def _lot_size(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401
    terms = refused.terms
    quantities = (("quantity", terms.quantity), ("visible quantity", terms.iceberg_quantity))
    for name, quantity in quantities if isinstance(rule, LotSize) else quantities[:1]:
        if not quantity:
            continue
        numbers = decimals(
            quantity=quantity, min_quantity=rule.min_quantity, max_quantity=rule.max_quantity, step_size=rule.step_size
        )
        if quantity < rule.min_quantity:
            return f"The {name} {decimal(quantity)} is below the least one, {decimal(rule.min_quantity)}.", numbers
        if rule.max_quantity and quantity > rule.max_quantity:
            return f"The {name} {decimal(quantity)} is above the greatest one, {decimal(rule.max_quantity)}.", numbers
        if rule.step_size and quantity % rule.step_size:
            return f"The {name} {decimal(quantity)} is no multiple of the step {decimal(rule.step_size)}.", numbers
    return "The quantity breaks the filter.", decimals(quantity=terms.quantity)


def _notional(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401
    terms, is_market = refused.terms, refused.terms.order_type in AT_ANY_PRICE
    least, most = nearest.notional_bounds(rule, is_market=is_market)
    measure = refused.market.filter_price(refused.at, rule.avg_price_mins) if is_market else terms.price
    notional = terms.quote_quantity or measure * terms.quantity // SCALE
    numbers = decimals(
        notional=notional, min_notional=least, max_notional=most or None, quantity=terms.quantity, measured_at=measure
    )
    if notional < least:
        return f"Price x quantity is {decimal(notional)}, less than {decimal(least)}.", numbers
    return f"Price x quantity is {decimal(notional)}, more than {decimal(most)}.", numbers


def _iceberg_parts(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401
    terms = refused.terms
    parts = -(-terms.quantity // terms.iceberg_quantity)
    numbers = {
        "parts": parts,
        "limit": rule.limit,
        **decimals(quantity=terms.quantity, iceberg_quantity=terms.iceberg_quantity),
    }
    return f"The order would show itself in {parts} parts; at most {rule.limit} are allowed.", numbers


def _max_position(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401
    terms, asset = refused.terms, refused.market.symbol.base_asset
    held = nearest.position_of(refused.account, terms, asset)
    numbers = decimals(position=held, quantity=terms.quantity, together=held + terms.quantity, max_position=rule.max_position)
    together = decimal(held + terms.quantity)
    return f"{asset} held and about to be bought would be {together}, more than {decimal(rule.max_position)}.", numbers


def _trailing_delta(refused: Refused, rule: Any) -> _Told:  # noqa: ANN401
    terms = refused.terms
    allowed = nearest.deltas(rule, terms)
    numbers = {"trailing_delta": terms.trailing_delta, "minimum": allowed.low, "maximum": allowed.high}
    return f"The trailing delta {terms.trailing_delta} is not within {allowed.low} to {allowed.high} basis points.", numbers


def _asset_limit(refused: Refused) -> _Told:
    terms, symbol, limits = refused.terms, refused.market.symbol, refused.account.asset_limits
    price = refused.price or refused.market.average_price(refused.at)
    notional = terms.quote_quantity or price * terms.quantity // SCALE
    quantity = terms.quantity or (notional * SCALE // price if price else 0)
    numbers = decimals(quantity=quantity, notional=notional, measured_at=price)
    numbers["limits"] = {
        asset: decimal(limit) for asset, limit in limits.items() if asset in (symbol.base_asset, symbol.quote_asset)
    }
    return "The order is for more of an asset than the account may transact at once.", numbers


def _count(refused: Refused, rule: Filter) -> _Told:
    return _count_of(refused, str(type(rule).__struct_config__.tag))


def _count_of(refused: Refused, name: str) -> _Told:
    """Tell what a filter counts, of the symbol or of the exchange."""
    account = refused.account
    everywhere = name.startswith("EXCHANGE_")
    symbol = "" if everywhere else refused.market.symbol.name
    rules = refused.exchange.venue.rules.exchange_filters if everywhere else refused.market.symbol.filters
    limit = next(
        (getattr(rule, rule.__struct_fields__[0]) for rule in rules if str(type(rule).__struct_config__.tag) == name), 0
    )
    if "ALGO" in name:
        what, count = "contingent orders", count_algos(account, symbol)
    elif "ICEBERG" in name:
        what, count = "icebergs", count_icebergs(account, symbol)
    elif "LISTS" in name:
        what, count = "order lists", sum(1 for each in account.open_lists.values() if symbol in ("", each.symbol))
    else:
        what, count = "orders", len(account.open_orders) if everywhere else account.open_counts.get(symbol, 0)
    place = "on all symbols" if everywhere else f"on {symbol}"
    return f"The account has {count} {what} open {place}; there may be {limit}.", {"open": count, "limit": limit}


_FILTERS: Final[Mapping[type[Filter], Callable[[Refused, Any], _Told]]] = {
    PriceFilter: _price_filter,
    PercentPrice: _percent_price,
    PercentPriceBySide: _percent_price,
    LotSize: _lot_size,
    MarketLotSize: _lot_size,
    MinNotional: _notional,
    Notional: _notional,
    IcebergParts: _iceberg_parts,
    MaxPosition: _max_position,
    TrailingDelta: _trailing_delta,
}


def _need(refused: Refused) -> int:
    """Return what an order needs of the asset that it pays with."""
    terms = refused.terms
    price = refused.price or terms.stop_price
    if terms.side is not _BUY:
        return terms.quantity
    if terms.quote_quantity:
        return terms.quote_quantity
    return notional_ceil(price, terms.quantity) if price else cost_of(offers(refused.market.book.asks), terms.quantity)


def _balance(refused: Refused, reject: Reject) -> Explanation:
    """Tell what the order needs, and what there is."""
    account, asset, need = refused.account, refused.paying_asset, _need(refused)
    balance = account.balances.get(asset)
    free = balance.free if balance is not None else 0
    held = balance.held if balance is not None else 0
    numbers = {"asset": asset, **decimals(needed=need, free=free, missing=need - free, held=held)}
    found = refused.nearest()
    hints = [f"`papernet accounts deposit {account.name} {asset} {decimal(need - free)}` adds what is missing."]
    if held:
        hints.append(f"{decimal(held)} {asset} are held by open orders, or locked from outside.")
    because = f"The order needs {decimal(need)} {asset}; {decimal(free)} are free."
    return Explanation(reject.reason.name, because, numbers, found, tuple(hints))


def _closed(refused: Refused, reject: Reject) -> Explanation:
    market = refused.market
    hint = f"`papernet symbols status {market.symbol.name} TRADING` opens it."
    because = f"The status of {market.symbol.name} is {market.status.name}; orders are taken in TRADING only."
    return Explanation(reject.reason.name, because, {"status": market.status.name}, hints=(hint,))


def _would_take(refused: Refused, reject: Reject) -> Explanation:
    """Tell what an order that may only make would meet."""
    terms, book = refused.terms, refused.market.book
    is_buy = terms.side is _BUY
    best = book.best_ask() if is_buy else book.best_bid()
    numbers = decimals(price=refused.price, **{"best_ask" if is_buy else "best_bid": best})
    meets = f"the best {'ask' if is_buy else 'bid'} of {decimal(best or 0)}"
    because = f"At {decimal(refused.price)} it would match {meets}, and it may only make."
    return Explanation(reject.reason.name, because, numbers, refused.nearest())


def _would_trigger(refused: Refused, reject: Reject) -> Explanation:
    """Tell why a stop price is met already."""
    terms, last = refused.terms, refused.market.last_price
    side = "above" if is_above(terms.order_type, terms.side) else "below"
    numbers = {**decimals(stop_price=terms.stop_price, last_price=last), "must_be": side}
    because = f"The stop price {decimal(terms.stop_price)} has to be {side} the last price, which is {decimal(last)}."
    return Explanation(reject.reason.name, because, numbers, refused.nearest())


def _too_many_orders(refused: Refused, reject: Reject) -> Explanation:
    """Tell the windows of the account."""
    ten, day = refused.exchange.order_counts(refused.account.account_id, refused.at)
    limit, interval = reject.args
    numbers = {"orders_10s": ten, "orders_1d": day, "limit": int(limit), "interval": interval}
    count = ten if interval.startswith("10") else day
    because = f"The account has {count} unfilled orders in this window; {limit} per {interval} are allowed."
    hints = ("Fills take orders off the count; a server started with --no-limits counts none.",)
    return Explanation(reject.reason.name, because, numbers, hints=hints)


def _duplicate(refused: Refused, reject: Reject) -> Explanation:
    terms = refused.terms
    other = refused.account.client_order_ids.get((terms.symbol, terms.client_order_id))
    numbers: dict[str, Any] = {"client_order_id": terms.client_order_id}
    if other is not None:
        numbers["open_order_id"] = other.order_id
    return Explanation(reject.reason.name, "An open order of the account on that symbol has this client order id.", numbers)


def _zero_notional(refused: Refused, reject: Reject) -> Explanation:
    terms = refused.terms
    numbers = decimals(price=refused.price, quantity=terms.quantity)
    return Explanation(
        reject.reason.name, "Price x quantity is less than the smallest amount there is.", numbers, refused.nearest()
    )


def _liquidity(refused: Refused, reject: Reject) -> Explanation:
    """Tell why a market order by quote quantity cannot be sized."""
    book, terms = refused.market.book, refused.terms
    is_buy = terms.side is _BUY
    level = book.opposite(terms.side).best()
    numbers = decimals(
        quote_quantity=terms.quote_quantity,
        best_price=None if level is None else level.price,
        quantity_there=None if level is None else level.quantity,
    )
    for rule in refused.market.symbol.filters:
        if isinstance(rule, LotSize):
            numbers |= decimals(min_quantity=rule.min_quantity, step_size=rule.step_size)
    side = "sells" if is_buy else "buys"
    because = f"Nobody {side}." if level is None else "What the quote quantity pays for in this book is less than a lot."
    return Explanation(reject.reason.name, because, numbers)


def _iceberg(refused: Refused, reject: Reject) -> Explanation:
    terms = refused.terms
    numbers = decimals(iceberg_quantity=terms.iceberg_quantity, quantity=terms.quantity)
    return Explanation(reject.reason.name, "The visible quantity is more than the quantity.", numbers, refused.nearest())


def _unsupported(refused: Refused, reject: Reject) -> Explanation:
    symbol = refused.market.symbol
    numbers = {"order_type": refused.terms.order_type.name, "order_types": [kind.name for kind in symbol.order_types]}
    return Explanation(reject.reason.name, f"{symbol.name} does not offer this.", numbers)


def _permission(refused: Refused, reject: Reject) -> Explanation:
    numbers = {
        "has": list(refused.account.permissions),
        "needs_one_of_each": [list(each) for each in refused.market.symbol.permission_sets],
    }
    return Explanation(reject.reason.name, "The account lacks the permissions of the symbol.", numbers)


def _disabled(refused: Refused, reject: Reject) -> Explanation:
    hint = f"`papernet accounts set {refused.account.name} --can-trade yes` lets it."
    return Explanation(
        reject.reason.name, "The account may not trade.", {"can_trade": refused.account.can_trade}, hints=(hint,)
    )


def _peg(refused: Refused, reject: Reject) -> Explanation:
    terms, book = refused.terms, refused.market.book
    numbers = {
        "peg_price": terms.peg_price.name,
        "peg_offset": terms.peg_offset,
        "bid_levels": len(book.bids.keys),
        "ask_levels": len(book.asks.keys),
    }
    return Explanation(reject.reason.name, "The book has no price level where the order would be pegged.", numbers)


_UNSUPPORTED_REASONS: Final = tuple(
    reason for reason in Reason if reason.name.endswith("_NOT_SUPPORTED") and reason < Reason.UNKNOWN_ORDER
)

_BY_REASON: Final[Mapping[Reason, Callable[[Refused, Reject], Explanation]]] = {
    **dict.fromkeys(_UNSUPPORTED_REASONS, _unsupported),
    Reason.ACCOUNT_MAY_NOT_TRADE: _disabled,
    Reason.SYMBOL_NOT_PERMITTED: _permission,
    Reason.TOO_MANY_ORDERS: _too_many_orders,
    Reason.DUPLICATE_CLIENT_ORDER_ID: _duplicate,
    Reason.MARKET_CLOSED: _closed,
    Reason.ICEBERG_EXCEEDS_QUANTITY: _iceberg,
    Reason.ZERO_NOTIONAL: _zero_notional,
    Reason.NO_PRICE_LEVEL_FOR_PEG: _peg,
    Reason.FILTER_FAILURE: _filter,
    Reason.WOULD_TRIGGER: _would_trigger,
    Reason.NO_LIQUIDITY_FOR_QUOTE: _liquidity,
    Reason.LIQUIDITY_BELOW_LOT_SIZE: _liquidity,
    Reason.LIQUIDITY_BELOW_MARKET_LOT_SIZE: _liquidity,
    Reason.WOULD_TAKE: _would_take,
    Reason.INSUFFICIENT_BALANCE: _balance,
}


def explain_cancel(exchange: Exchange, command: Any, reject: Reject, at: int) -> Explanation:  # noqa: ANN401  # of every kind
    """Return why a cancel or an amendment was refused."""
    account = exchange.accounts.by_id.get(command.account)
    market = exchange.markets.get(command.symbol)
    order_id = getattr(command, "order_id", -1)
    if market is None or account is None:
        return explain_reason(reject)
    order = market.orders.get(order_id) or account.client_order_ids.get(
        (command.symbol, getattr(command, "orig_client_order_id", ""))
    )
    numbers: dict[str, Any] = {"open_on_symbol": account.open_counts.get(command.symbol, 0)}
    if order is not None:
        if order.terms.account != account.account_id:
            return Explanation(reject.reason.name, f"The order {order_id} is another account's.", numbers)
        numbers |= {"order_id": order.order_id, "status": order.status.name, "client_order_id": order.terms.client_order_id}
        numbers |= decimals(quantity=order.quantity, executed=order.cum_quantity)
    if reject.reason is Reason.CANCEL_RESTRICTED:
        numbers["restriction"] = command.restriction.name
    if reject.reason is Reason.TOO_MANY_AMENDS and order is not None:
        numbers["amends"] = order.amends
        numbers["limit"] = next(
            (rule.max_num_order_amends for rule in market.symbol.filters if isinstance(rule, MaxNumOrderAmends)), 0
        )
    if reject.reason in (Reason.AMEND_INCREASES, Reason.AMEND_CHANGES_NOTHING):
        numbers |= decimals(new_quantity=command.quantity)
    if reject.reason is Reason.FILTER_FAILURE and order is not None:
        smaller = replace(order.terms, quantity=command.quantity)
        return explain_refused_order(exchange, smaller, reject, at)
    because = {
        Reason.UNKNOWN_ORDER: "No order of these ids is open: it was never placed, has been filled, or has ended.",
        Reason.CANCEL_RESTRICTED: "The order's status is not the one that the restriction asks for.",
        Reason.TOO_MANY_AMENDS: "The order was amended as often as may be.",
        Reason.AMEND_INCREASES: "An amendment can only lower the quantity, to more than what has been executed.",
        Reason.AMEND_CHANGES_NOTHING: "The new quantity is the one that the order has.",
    }.get(reject.reason)
    return explain_reason(reject) if because is None else Explanation(reject.reason.name, because, numbers)
