"""A busy day in small: a seeded stream of commands of every kind that tests replay, cut, hash and judge."""

from random import Random

from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    ConfigureAccount,
    Deposit,
    LockBalance,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
    SetCommission,
    SetReferencePrice,
    SetSymbolStatus,
)
from papernet.core.enums import (
    CancelRestriction,
    ListKind,
    OrderType,
    PegPrice,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)
from tests.support.duel import CAROL, Duel
from tests.support.naive_rules import is_above
from tests.support.naive_state import ANY_PRICE, OPPOSITE, STOPS
from tests.support.worlds import ALICE, BOB, CROWD, SECOND, units

# per symbol: the middle price, the tick, the lot and the largest number of lots
SHAPES = {
    "BTCUSDT": (units("100"), units("1"), units("1"), 9),
    "BTCUSDC": (units("100"), units("1"), units("1"), 9),
    "BNBUSDT": (units("100"), units("1"), units("1"), 4),
    "ETHBTC": (units("0.05"), units("0.00001"), units("0.0001"), 20_000),
}
SYMBOLS = ("BTCUSDT",) * 6 + ("BTCUSDC",) * 2 + ("BNBUSDT",) + ("ETHBTC",) * 3
ASSETS = ("BNB", "BTC", "ETH", "USDC", "USDT")
ACCOUNTS = (ALICE, BOB, CROWD, CAROL)
RATES = (0, units("0.001"), units("0.1"), 33_333_333, units("0.5"))
SMALL_RATES = (0, 0, units("0.001"), units("0.0333"))
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
KINDS = (
    [(OrderType.LIMIT, GTC)] * 14
    + [(OrderType.LIMIT, IOC), (OrderType.LIMIT, FOK), (OrderType.LIMIT_MAKER, GTC)] * 2
    + [(OrderType.MARKET, GTC)] * 3
    + [(kind, GTC) for kind in STOPS] * 2
    + [(OrderType.STOP_LOSS_LIMIT, IOC), (OrderType.TAKE_PROFIT_LIMIT, FOK)]
)
LOSSES = ((OrderType.STOP_LOSS, GTC), (OrderType.STOP_LOSS_LIMIT, GTC), (OrderType.STOP_LOSS_LIMIT, IOC))
GAINS = (
    (OrderType.LIMIT_MAKER, GTC),
    (OrderType.LIMIT_MAKER, GTC),
    (OrderType.TAKE_PROFIT, GTC),
    (OrderType.TAKE_PROFIT_LIMIT, GTC),
)
FIRSTS = (
    (OrderType.LIMIT, GTC),
    (OrderType.LIMIT, GTC),
    (OrderType.LIMIT, IOC),
    (OrderType.LIMIT, FOK),
    (OrderType.LIMIT_MAKER, GTC),
)
MODES = (None, SelfTradeMode.TRANSFER, SelfTradeMode.TRANSFER, *SelfTradeMode, SelfTradeMode.NONE)
NAMES = ("",) * 12 + ("a", "b", "c")


def drive(duel: Duel, seed: int, steps: int) -> None:
    """Let a duel run for so many commands."""
    draw = Random(seed)
    for _ in range(steps):
        step(duel, draw)


def step(duel: Duel, draw: Random) -> None:
    """Do one thing, mostly place or cancel an order."""
    symbol, account = draw.choice(SYMBOLS), draw.choice(ACCOUNTS)
    dice = draw.randrange(200)
    if dice == 0:
        duel.checkpoint()
    elif dice < 6:
        duel.now += draw.randrange(40 * SECOND)
    elif dice < 10:
        duel.do(SetSymbolStatus(symbol, draw.choice(list(SymbolStatus))))
        for _ in range(3):
            duel.do(random_command(duel, draw, account, symbol))
        duel.do(SetSymbolStatus(symbol, SymbolStatus.TRADING))
    else:
        duel.do(random_command(duel, draw, account, symbol))


def random_command(duel: Duel, draw: Random, account: int, symbol: str) -> Command:
    """Return what somebody wants."""
    dice = draw.randrange(200)
    if dice < 120:
        return random_order(duel, draw, account, symbol)
    if dice < 150:
        return random_list(duel, draw, account, symbol)
    if dice < 165:
        return random_cancel(duel, draw, account, symbol)
    if dice < 172:
        return random_replace(duel, draw, account, symbol)
    if dice < 184:
        return random_amend(duel, draw, account, symbol)
    if dice < 187:
        return CancelOpenOrders(account, symbol)
    if dice < 190:
        return random_list_cancel(duel, draw, account, symbol)
    return random_setting(draw, account)


def random_setting(draw: Random, account: int) -> Command:
    """Return a change of what an account has and may do, or of the reference price."""
    dice = draw.randrange(12)
    if dice < 5:
        return Deposit(account, draw.choice(ASSETS), draw.randrange(-9, 20) * units("1"))
    if dice < 7:
        return LockBalance(account, draw.choice(ASSETS), draw.choice((-500, *range(-6, 7), 500)) * units("1"))
    if dice < 9:
        standard = [draw.choice(RATES) for _ in range(4)] if draw.randrange(2) else [0] * 4
        special, tax = (tuple(draw.choice(SMALL_RATES) for _ in range(4)) for _ in range(2))
        if max(standard) > units("0.4"):
            special = tax = (0, 0, 0, 0)
        scope = draw.choice(("", "", *SHAPES))
        return SetCommission(account, standard[0], standard[1], standard[2], standard[3], scope, special, tax)  # type: ignore[arg-type]
    if dice < 11:
        return ConfigureAccount(
            account,
            can_trade=draw.randrange(20) > 0,
            pays_with_discount_asset=draw.randrange(2) == 0,
            prevents_sor=draw.randrange(6) == 0,
            trade_group=draw.choice((-1, 7, 7, 8)),
            asset_limits=draw.choice(((), (), (), (("BTC", units("6")),), (("USDT", units("700")), ("ETH", units("1.5"))))),
        )
    middle, tick, _, _ = SHAPES["ETHBTC"]
    return SetReferencePrice("ETHBTC", draw.choice((None, middle + draw.randrange(-3, 4) * tick)))


def random_price(draw: Random, symbol: str, near: int = 0) -> int:
    """Return a price near another one, or near the middle."""
    middle, tick, _, _ = SHAPES[symbol]
    return (near or middle) + draw.randrange(-5, 6) * tick


def random_order(duel: Duel, draw: Random, account: int, symbol: str) -> NewOrder:
    """Return an order near the middle price; one in fifty has its price far away or breaks a tick or a lot."""
    middle, _, lot, lots = SHAPES[symbol]
    order_type, tif = draw.choice(KINDS)
    price, quantity, quote = random_price(draw, symbol), draw.randrange(1, lots + 1) * lot, 0
    odd = draw.randrange(50)
    if odd == 0:
        price = draw.choice((price * 3, price // 3, price + 1, 0))
    elif odd == 1:
        quantity = draw.choice((quantity + 1, quantity * 100, 0))
    if order_type is OrderType.MARKET and draw.randrange(2):
        quantity, quote = 0, draw.randrange(1, lots) * lot * middle // 10**8 + draw.randrange(3)
    name, side, mode = draw.choice(NAMES), draw.choice(list(Side)), draw.choice(MODES)
    price = 0 if order_type in ANY_PRICE else price
    terms = NewOrder(account, symbol, side, order_type, tif, quantity, price, quote, name, self_trade_mode=mode)
    if symbol.startswith("BTC") and order_type in (OrderType.LIMIT, OrderType.MARKET) and not quote and draw.randrange(5) == 0:
        return changed(terms, uses_sor=True)
    return with_more(duel, draw, terms)


def changed(terms: NewOrder, **changes: object) -> NewOrder:
    """Return an order with other values."""
    return NewOrder(**{name: getattr(terms, name) for name in terms.__struct_fields__} | changes)


def with_more(duel: Duel, draw: Random, terms: NewOrder) -> NewOrder:
    """Return an order with a stop price, a trailing delta, an iceberg quantity or a peg, as its type allows."""
    _, tick, lot, _ = SHAPES[terms.symbol]
    if terms.order_type in STOPS:
        last = duel.naive.markets[terms.symbol].last or SHAPES[terms.symbol][0]
        away = draw.randrange(1, 5) if draw.randrange(8) else draw.randrange(-2, 1)
        stop = last + (away if is_above(terms) else -away) * tick
        delta = draw.choice((0, 0, 50, 100, 200, 400)) if terms.symbol != "ETHBTC" else draw.choice((0, 2, 5))
        delta = 2_000 if draw.randrange(60) == 0 else delta
        terms = changed(terms, stop_price=0 if delta and draw.randrange(2) else stop, trailing_delta=delta)
    if not terms.quantity:
        return terms
    limited = terms.order_type not in ANY_PRICE
    if limited and terms.time_in_force is GTC and draw.randrange(5) == 0:
        parts = draw.choice((1, 2, 2, 3, 4, 8))
        visible = max(terms.quantity // parts // lot, 1) * lot
        terms = changed(terms, iceberg_quantity=visible + (lot if draw.randrange(30) == 0 else 0))
    if draw.randrange(9) == 0 and (limited or draw.randrange(8) == 0):
        primary = terms.order_type in (OrderType.LIMIT, OrderType.LIMIT_MAKER) or draw.randrange(2)
        if terms.order_type is OrderType.LIMIT and (terms.time_in_force is not GTC or draw.randrange(3) == 0):
            primary = False
        peg = PegPrice.PRIMARY if primary else PegPrice.MARKET
        price = terms.price if draw.randrange(2) else 0
        terms = changed(terms, peg_price=peg, peg_offset=draw.choice((None, None, 0, 1, 2)), price=price)
    return terms


def random_leg(duel: Duel, draw: Random, base: NewOrder, kinds: tuple[tuple[OrderType, TimeInForce], ...]) -> NewOrder:
    """Return a leg of a list in the likeness of an order, of one of these types."""
    order_type, tif = draw.choice(kinds)
    price = 0 if order_type in ANY_PRICE else random_price(draw, base.symbol)
    leg = changed(base, order_type=order_type, time_in_force=tif, price=price, client_order_id=draw.choice(NAMES))
    return with_more(duel, draw, leg)


def random_pair(duel: Duel, draw: Random, base: NewOrder) -> tuple[NewOrder, NewOrder]:
    """Return the stop leg and the other leg of an OCO, mostly on the right sides of the last price."""
    tick = SHAPES[base.symbol][1]
    last = duel.naive.markets[base.symbol].last or SHAPES[base.symbol][0]
    stop, other = random_leg(duel, draw, base, LOSSES), random_leg(duel, draw, base, GAINS)
    if draw.randrange(5):
        away = draw.randrange(1, 5) * tick
        near = last + (away if base.side is Side.SELL else -away)
        if other.order_type in (OrderType.LIMIT_MAKER, OrderType.TAKE_PROFIT_LIMIT):
            other = changed(other, price=near if other.price else 0)
        if other.stop_price:
            other = changed(other, stop_price=near)
    return stop, other


def random_list(duel: Duel, draw: Random, account: int, symbol: str) -> NewOrderList:
    """Return an order list of any kind."""
    _, _, lot, lots = SHAPES[symbol]
    kind, side = draw.choice(list(ListKind)), draw.choice(list(Side))
    mode, quantity = draw.choice(MODES), draw.randrange(1, lots + 1) * lot
    name = draw.choice(("", "", "list", "other"))
    base = NewOrder(account, symbol, side, OrderType.LIMIT, GTC, quantity, self_trade_mode=mode)
    if kind is ListKind.OCO:
        return NewOrderList(account, symbol, kind, random_pair(duel, draw, base), name)
    pays = kind in (ListKind.OPO, ListKind.OPOCO)
    first = random_leg(duel, draw, changed(base, side=Side.BUY if pays else side), FIRSTS)
    later = changed(base, side=Side.SELL if pays else draw.choice((side, OPPOSITE[side])), quantity=0 if pays else quantity)
    if kind in (ListKind.OTOCO, ListKind.OPOCO):
        return NewOrderList(account, symbol, kind, (first, *random_pair(duel, draw, later)), name)
    return NewOrderList(account, symbol, kind, (first, random_leg(duel, draw, later, tuple(KINDS))), name)


def random_cancel(duel: Duel, draw: Random, account: int, symbol: str) -> CancelOrder:
    """Return a cancel, mostly of an order that is open."""
    orders = duel.naive.markets[symbol].orders
    order_id, name = draw.choice((-1, 0, 10**6)), draw.choice(("", "a", "no such"))
    if orders and draw.randrange(10):
        order = draw.choice(orders)
        account = order.terms.account if draw.randrange(10) else account
        how = draw.randrange(4)
        order_id = order.order_id if how != 0 else -1
        name = order.terms.client_order_id if how < 2 else ("" if how == 2 else draw.choice(("", "a")))
    restriction = draw.choice((CancelRestriction.NONE, *CancelRestriction))
    return CancelOrder(account, symbol, order_id, name, draw.choice(("", "request")), restriction)


def random_replace(duel: Duel, draw: Random, account: int, symbol: str) -> ReplaceOrder:
    """Return a cancel-replace; now and then the new order takes over the old one's client order id."""
    cancel = random_cancel(duel, draw, account, symbol)
    order = random_order(duel, draw, cancel.account, symbol)
    if draw.randrange(4) == 0:
        order = changed(order, client_order_id=cancel.orig_client_order_id)
    return ReplaceOrder(cancel, changed(order, uses_sor=False), draw.randrange(2) == 0, draw.randrange(2) == 0)


def random_amend(duel: Duel, draw: Random, account: int, symbol: str) -> AmendOrder:
    """Return an amendment, mostly of an order that is open, to less than its quantity."""
    lot = SHAPES[symbol][2]
    orders = duel.naive.markets[symbol].orders
    if not orders or draw.randrange(20) == 0:
        return AmendOrder(account, symbol, draw.choice((-1, 1)), lot, draw.choice(("a", "no such")))
    order = draw.choice(orders)
    left = order.quantity - order.filled - order.prevented
    quantity = order.quantity - draw.randrange(left // lot + 1) * lot
    if draw.randrange(12) == 0:
        quantity = order.quantity + draw.choice((-lot // 2, 0, lot))
    account = order.terms.account if draw.randrange(10) else account
    name = draw.choice(("", "", "a", "d", order.terms.client_order_id))
    if draw.randrange(2):
        return AmendOrder(account, symbol, order.order_id, max(quantity, lot), "", name)
    return AmendOrder(account, symbol, -1, max(quantity, lot), order.terms.client_order_id, name)


def random_list_cancel(duel: Duel, draw: Random, account: int, symbol: str) -> CancelOrderList:
    """Return a cancel of an order list, mostly of one that is open."""
    if not duel.naive.lists or draw.randrange(8) == 0:
        return CancelOrderList(account, symbol, draw.choice((-1, 0)), draw.choice(("list", "no such")))
    one = draw.choice(duel.naive.lists)
    by_id = draw.randrange(3) > 0
    name = one.name if not by_id or draw.randrange(2) else draw.choice(("", "list"))
    return CancelOrderList(one.account if draw.randrange(10) else account, one.symbol, one.list_id if by_id else -1, name)
