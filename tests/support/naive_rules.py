"""Why the naive exchange refuses an order: each rule a few lines, `No` when it is broken."""

from bisect import bisect_right
from fractions import Fraction
from math import floor

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderType, PegPrice, SelfTradeMode, Side, SymbolStatus, TimeInForce
from tests.support.naive_state import ANY_PRICE, ONE, OPPOSITE, STOPS, NaiveMarket, NaiveOrder, NaiveRules, NaiveState, No, cost

Row = tuple[NaiveMarket, NaiveOrder]


def fits(value: int, rule: tuple[int, int, int]) -> bool:
    """Tell whether a value is within (minimum, maximum, step), where 0 is no rule."""
    low, high, step = rule
    return value >= low and (high == 0 or value <= high) and (step == 0 or value % step == 0)


def is_above(terms: NewOrder) -> bool:
    """Tell whether a stop order waits above the market (rest-api.md, Trigger order price rules)."""
    loss = terms.order_type in (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
    return loss is (terms.side is Side.BUY)


def meets(terms: NewOrder, price: int) -> bool:
    """Tell whether a price meets a stop price."""
    return price >= terms.stop_price if is_above(terms) else price <= terms.stop_price


def check_names(state: NaiveState, legs: tuple[NewOrder, ...], list_name: str = "") -> None:
    """A client order id is unique among the open orders of an account and symbol, a list's among its open lists."""
    taken = [order.terms.client_order_id for order in state.orders_of(legs[0].account, legs[0].symbol)]
    for leg in legs:
        if leg.client_order_id and leg.client_order_id in taken:
            raise No("DUPLICATE_CLIENT_ORDER_ID")
        taken.append(leg.client_order_id)
    if list_name and any(one.account == legs[0].account and one.name == list_name for one in state.lists):
        raise No("DUPLICATE_LIST_CLIENT_ORDER_ID")


def check_open(state: NaiveState, symbol: str, *also: SymbolStatus) -> None:
    """Orders are taken while a symbol trades."""
    if state.markets[symbol].status not in (SymbolStatus.TRADING, *also):
        raise No("MARKET_CLOSED")


def check_shape(terms: NewOrder) -> None:
    """What is wrong with an order whatever the market is like."""
    if terms.peg_price and terms.order_type in ANY_PRICE:
        raise No("ORDER_TYPE_NOT_PEGGABLE")
    if terms.peg_price is PegPrice.MARKET and terms.order_type is OrderType.LIMIT_MAKER:
        raise No("PEG_NOT_FOR_ORDER_TYPE")
    if terms.iceberg_quantity > terms.quantity > 0:
        raise No("ICEBERG_EXCEEDS_QUANTITY")


def check_notional(terms: NewOrder) -> None:
    """Nothing is no order. The pending orders of an OPO have no quantity yet."""
    if terms.quantity == terms.quote_quantity == 0:
        raise No("ZERO_NOTIONAL")
    if terms.order_type not in ANY_PRICE and (terms.price or not terms.peg_price) and cost(terms.price, terms.quantity) < 1:
        raise No("ZERO_NOTIONAL")


def peg(state: NaiveState, terms: NewOrder) -> int:
    """Return the price at which an order enters its book: its own, or the pegged one."""
    if not terms.peg_price:
        return terms.price
    side = terms.side if terms.peg_price is PegPrice.PRIMARY else OPPOSITE[terms.side]
    prices = [order.price for order in state.markets[terms.symbol].side(side)]
    levels = sorted(set(prices), key=prices.index)
    if len(levels) <= (terms.peg_offset or 0):
        raise No("NO_PRICE_LEVEL_FOR_PEG")
    chosen = levels[terms.peg_offset or 0]
    if not terms.price:
        return chosen
    return min(chosen, terms.price) if terms.side is Side.BUY else max(chosen, terms.price)


def check_price(state: NaiveState, terms: NewOrder, price: int, quantity: int) -> None:
    """Check what depends on the price at which an order enters the book."""
    rules = state.markets[terms.symbol].rules
    if not fits(price, rules.prices):
        raise No("PRICE_FILTER")
    check_band(state, terms, price)
    if quantity:
        check_worth(rules, cost(price, quantity))


def check_worth(rules: NaiveRules, worth: Fraction) -> None:
    """MIN_NOTIONAL and NOTIONAL: price x quantity."""
    if worth < rules.min_notional:
        raise No("MIN_NOTIONAL")
    if rules.notional and not rules.notional[0] <= worth <= rules.notional[1]:
        raise No("NOTIONAL")


def check_band(state: NaiveState, terms: NewOrder, price: int) -> None:
    """PERCENT_PRICE_BY_SIDE: a price's distance from the average."""
    market = state.markets[terms.symbol]
    average = market.average(state.at)
    if market.rules.band and average and state.users[terms.account]:
        up, down = market.rules.band[:2] if terms.side is Side.BUY else market.rules.band[2:]
        if not cost(average, down) <= price <= cost(average, up):
            raise No("PERCENT_PRICE_BY_SIDE")


def check_filters(state: NaiveState, terms: NewOrder, price: int, quantity: int) -> None:
    """Check the symbol's filters in their order; a price of 0 is not known yet, a quantity of 0 neither."""
    market = state.markets[terms.symbol]
    rules, any_price = market.rules, terms.order_type in ANY_PRICE
    if any(one and not fits(one, rules.prices) for one in (price, terms.stop_price)):
        raise No("PRICE_FILTER")
    if price:
        check_band(state, terms, price)
    if any(one and not fits(one, rules.lots) for one in (quantity, terms.iceberg_quantity)):
        raise No("LOT_SIZE")
    average = market.average(state.at)
    if any_price:
        worth = Fraction(terms.quote_quantity) or cost(average, quantity)
        if worth:
            check_worth(rules, worth)
    elif price and quantity:
        check_worth(rules, cost(price, quantity))
    if rules.max_parts and terms.iceberg_quantity and quantity > rules.max_parts * terms.iceberg_quantity:
        raise No("ICEBERG_PARTS")
    if any_price and quantity and not fits(quantity, rules.market_lots):
        raise No("MARKET_LOT_SIZE")
    if rules.deltas and terms.trailing_delta:
        low, high = rules.deltas[:2] if is_above(terms) else rules.deltas[2:]
        if not low <= terms.trailing_delta <= high:
            raise No("TRAILING_DELTA")


def check_counts(state: NaiveState, legs: tuple[NewOrder, ...], *, is_list: bool = False) -> None:
    """Check how many orders an account may have open on a symbol, and on all; the crowd may have any number."""
    account, symbol = legs[0].account, legs[0].symbol
    rules = state.markets[symbol].rules
    if not state.users[account]:
        return
    limits = (rules.max_orders, rules.max_algos, rules.max_icebergs, rules.max_lists)
    names = ("NUM_ORDERS", "NUM_ALGO_ORDERS", "NUM_ICEBERG_ORDERS", "NUM_ORDER_LISTS")
    adds = counted(list(legs), int(is_list))
    for before, most, symbols in (("MAX_", limits, [symbol]), ("EXCHANGE_MAX_", state.counts, list(state.markets))):
        mine = [order.terms for name in symbols for order in state.orders_of(account, name)]
        has = counted(mine, sum(one.account == account and one.symbol in symbols for one in state.lists))
        for name, limit, add, count in zip(names, most, adds, has, strict=True):
            if limit and add and count + add > limit:
                raise No(before + name)


def counted(orders: list[NewOrder], lists: int) -> tuple[int, int, int, int]:
    """Return how many orders these are, how many stop orders, icebergs and lists."""
    algos, icebergs = sum(one.order_type in STOPS for one in orders), sum(one.iceberg_quantity > 0 for one in orders)
    return len(orders), algos, icebergs, lists


def check_asset_limits(state: NaiveState, terms: NewOrder) -> None:
    """MAX_ASSET: how much of an asset one order may be about, at its own price or at the average one."""
    market = state.markets[terms.symbol]
    most_of = state.accounts[terms.account].most_of
    about = terms.price or market.average(state.at, 5)
    base, quote = Fraction(terms.quantity), cost(about, terms.quantity)
    if terms.quote_quantity:
        base, quote = Fraction(terms.quote_quantity * ONE // about) if about else base, Fraction(terms.quote_quantity)
    for asset, amount in ((market.rules.base, base), (market.rules.quote, quote)):
        if asset in most_of and amount > most_of[asset]:
            raise No("MAX_ASSET")


def check_relation(state: NaiveState, pair: tuple[NewOrder, NewOrder], *, pending: bool) -> None:
    """An OCO's prices lie on the two sides of the last price (rest-api.md, New Order list - OCO)."""
    last = state.markets[pair[0].symbol].last
    stop, other = pair
    low, high = compared(stop), compared(other)
    if stop.side is Side.BUY:
        low, high = high, low
    if low and high and low >= high:
        raise No("BAD_PRICE_RELATION")
    if last and not pending and ((low and low >= last) or (high and high <= last)):
        raise No("BAD_PRICE_RELATION")


def compared(leg: NewOrder) -> int:
    """Return the price of a leg that the relation is about; 0 when it has none."""
    return leg.price if leg.order_type in (OrderType.LIMIT_MAKER, OrderType.TAKE_PROFIT_LIMIT) else leg.stop_price


def check_trigger(state: NaiveState, terms: NewOrder) -> None:
    """A stop price must be ahead of the market."""
    last = state.markets[terms.symbol].last
    if terms.order_type in STOPS and terms.stop_price and last and meets(terms, last):
        raise No("WOULD_TRIGGER")


def against(state: NaiveState, terms: NewOrder, price: int) -> list[Row]:
    """Return the resting orders that an order would meet, in order: best price, own book first, then first come first."""
    names = [terms.symbol]
    if terms.uses_sor:
        names += [name for name in state.routes if name != terms.symbol]
    buys, rows = terms.side is Side.BUY, []
    for place, name in enumerate(names):
        market = state.markets[name]
        if market.status is SymbolStatus.TRADING:
            rows += [(place, market, maker) for maker in market.side(OPPOSITE[terms.side])]
    if price:
        rows = [row for row in rows if (row[2].price <= price if buys else row[2].price >= price)]
    sign = 1 if buys else -1
    rows.sort(key=lambda row: (sign * row[2].price, row[0], row[2].turn))
    return [(market, maker) for _, market, maker in rows]


def check_making(state: NaiveState, terms: NewOrder, price: int) -> None:
    """Refuse an order that must not take when it would."""
    if terms.order_type is OrderType.LIMIT_MAKER and against(state, terms, price):
        raise No("WOULD_TAKE")


def bounds(state: NaiveState, terms: NewOrder) -> tuple[Fraction, Fraction]:
    """Return the lowest and highest price at which an order may trade now (faqs/price_range_execution_rules)."""
    market = state.markets[terms.symbol]
    if not market.reference or not market.rules.price_range:
        return Fraction(0), Fraction(10**30)
    up, down = market.rules.price_range[:2] if terms.side is Side.BUY else market.rules.price_range[2:]
    return cost(market.reference, down), cost(market.reference, up)


def mode_of(state: NaiveState, terms: NewOrder) -> SelfTradeMode:
    """Return an order's self-trade prevention mode."""
    return state.markets[terms.symbol].rules.default_mode if terms.self_trade_mode is None else terms.self_trade_mode


def prevention(state: NaiveState, taker: NewOrder, maker: NewOrder) -> SelfTradeMode:
    """Return what happens instead of a trade between two orders; NONE: they trade (faqs/stp_faq)."""
    group = state.accounts[taker.account].group
    kin = taker.account == maker.account or (group >= 0 and group == state.accounts[maker.account].group)
    mode = mode_of(state, taker)
    if not kin:
        return SelfTradeMode.NONE
    if mode is SelfTradeMode.TRANSFER and mode_of(state, maker) is not SelfTradeMode.TRANSFER:
        return SelfTradeMode.DECREMENT
    return mode


def dry_run(state: NaiveState, terms: NewOrder, price: int, quantity: int, *, sizing: bool = False) -> list[tuple[int, int]]:
    """Return what an order would trade for as (price, quantity), going through its makers without touching them.

    What it would lose to its own kind is in it at a price of 0; `sizing` takes what would stop it for a fill. Of a price it is
    one sum what is shown, and one what each part is that an iceberg shows later: each sum is rounded down once.
    """
    low, high = bounds(state, terms)
    rows = [(market, maker, maker.shown, maker.leaves) for market, maker in against(state, terms, price)]
    fills: list[tuple[int, int]] = []
    while rows and quantity:
        market, maker, shown, leaves = rows.pop(0)
        if not low <= maker.price <= high:
            break
        mode = prevention(state, terms, maker.terms)
        stops = mode in (SelfTradeMode.EXPIRE_TAKER, SelfTradeMode.EXPIRE_BOTH)
        if stops and not sizing:
            break
        if mode is SelfTradeMode.EXPIRE_MAKER:
            continue
        part = min(shown, quantity)
        moves = mode is SelfTradeMode.TRANSFER and maker.terms.account != terms.account
        at = maker.price if mode is SelfTradeMode.NONE or moves or stops else 0
        if fills and fills[-1][0] == at and leaves == maker.leaves:
            fills[-1] = (at, fills[-1][1] + part)
        else:
            fills.append((at, part))
        quantity -= part
        if leaves > part == shown:
            # the next part of an iceberg stands behind all others of its price
            behind = sum(other is market and one.price == maker.price for other, one, _, _ in rows)
            rows.insert(behind, (market, maker, min(leaves - part, maker.terms.iceberg_quantity), leaves - part))
    return fills


def taken(fills: list[tuple[int, int]], quantity: int) -> list[tuple[int, int, bool]]:
    """Return what the first `quantity` of some fills takes of each: (price, part, whether all of it)."""
    parts = []
    for price, size in fills:
        parts.append((price, min(size, quantity), size <= quantity))
        quantity -= min(size, quantity)
    return parts


def price_of(fills: list[tuple[int, int]]) -> int:
    """Return what fills may cost."""
    quantity = sum(part for _, part in fills)
    return sum(floor(cost(price, part)) for price, part, _ in taken(fills, quantity))


def worth_of(fills: list[tuple[int, int]], quantity: int) -> Fraction:
    """Return the same with what is not taken whole unrounded: this sizes an order by quote quantity."""
    worth = Fraction(0)
    for price, part, whole in taken(fills, quantity):
        worth += floor(cost(price, part)) if whole else cost(price, part)
    return worth


def can_fill(state: NaiveState, terms: NewOrder, price: int, quantity: int, *, ranged: bool = True) -> bool:
    """Tell whether an order could be filled whole, whoever the makers are; `ranged`: and within the price range."""
    low, high = bounds(state, terms)
    makers = [maker for _, maker in against(state, terms, price) if low <= maker.price <= high or not ranged]
    return sum(maker.leaves for maker in makers) >= quantity


def is_kept_back(state: NaiveState, terms: NewOrder, price: int, quantity: int) -> bool:
    """Tell whether the price range keeps an order from being filled whole, or from the very first fill."""
    low, high = bounds(state, terms)
    best = [maker.price for _, maker in against(state, terms, price)][:1]
    return can_fill(state, terms, price, quantity, ranged=False) or any(not low <= first <= high for first in best)


def size_by_quote(state: NaiveState, terms: NewOrder) -> int:
    """Return the quantity of a market order by quote quantity: as many lots as the book gives for it."""
    if not against(state, terms, 0):
        raise No("NO_LIQUIDITY_FOR_QUOTE")
    fills = dry_run(state, terms, 0, 10**30, sizing=True)
    rules = state.markets[terms.symbol].rules
    step = max(rules.lots[2], rules.market_lots[2])
    lots = range(0, sum(part for _, part in fills) + 1, step)
    amount = Fraction(terms.quote_quantity)
    quantity = lots[bisect_right(lots, amount, key=lambda lot: worth_of(fills, lot)) - 1]
    quantity = min([quantity, *(most - most % step for _, most, _ in (rules.lots, rules.market_lots) if most)])
    if quantity < max(rules.lots[0], 1):
        raise No("LIQUIDITY_BELOW_LOT_SIZE")
    if quantity < rules.market_lots[0]:
        raise No("LIQUIDITY_BELOW_MARKET_LOT_SIZE")
    return quantity


def is_fok(terms: NewOrder) -> bool:
    """Tell whether an order is filled at once and whole, or not at all."""
    return terms.time_in_force is TimeInForce.FOK and terms.order_type not in ANY_PRICE
