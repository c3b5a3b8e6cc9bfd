"""A busy day in small: a seeded stream of commands of every kind that tests replay, cut, hash and judge."""

from random import Random

from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.enums import CancelRestriction, OrderType, Side, SymbolStatus, TimeInForce
from tests.support.duel import Duel
from tests.support.worlds import ALICE, BOB, CROWD, SECOND, units

# per symbol: the middle price, the tick, the lot and the largest number of lots
SHAPES = {
    "BTCUSDT": (units("100"), units("1"), units("1"), 9),
    "ETHBTC": (units("0.05"), units("0.00001"), units("0.0001"), 20_000),
}
RATES = (0, units("0.001"), units("0.1"), 33_333_333, units("0.5"))
KINDS = (
    [(OrderType.LIMIT, TimeInForce.GTC)] * 10
    + [(OrderType.LIMIT, TimeInForce.IOC), (OrderType.LIMIT, TimeInForce.FOK), (OrderType.LIMIT_MAKER, TimeInForce.GTC)] * 2
    + [(OrderType.MARKET, TimeInForce.GTC)] * 3
)


def drive(duel: Duel, seed: int, steps: int) -> None:
    """Let a duel run for so many commands."""
    draw = Random(seed)
    for _ in range(steps):
        step(duel, draw)


def step(duel: Duel, draw: Random) -> None:
    """Do one thing, mostly place or cancel an order."""
    symbol, account = draw.choice(list(SHAPES)), draw.choice((ALICE, BOB, CROWD))
    dice = draw.randrange(100)
    if dice < 70:
        duel.place(random_order(draw, account, symbol))
    elif dice < 85:
        duel.cancel(random_cancel(duel, draw, account, symbol))
    elif dice < 88:
        duel.cancel_all(account, symbol)
    elif dice < 91:
        duel.deposit(account, draw.choice(("BTC", "ETH", "USDT")), draw.randrange(-20, 20) * units("1"))
    elif dice < 93:
        rates = [draw.choice(RATES) for _ in range(4)]
        duel.commission(account, (rates[0], rates[1], rates[2], rates[3]))
    elif dice < 95:
        duel.status(symbol, draw.choice(list(SymbolStatus)))
        duel.place(random_order(draw, account, symbol))
        duel.cancel(random_cancel(duel, draw, account, symbol))
        duel.status(symbol, SymbolStatus.TRADING)
    elif dice < 98:
        duel.now += draw.randrange(40 * SECOND)
    else:
        duel.checkpoint()


def random_order(draw: Random, account: int, symbol: str) -> NewOrder:
    """Return an order near the middle price; one in fifty has its price far away or breaks a tick or a lot."""
    middle, tick, lot, lots = SHAPES[symbol]
    order_type, tif = draw.choice(KINDS)
    price = middle + draw.randrange(-5, 6) * tick
    quantity = draw.randrange(1, lots + 1) * lot
    quote = 0
    odd = draw.randrange(50)
    if odd == 0:
        price = draw.choice((price * 3, price // 3, price + 1, 0))
    elif odd == 1:
        quantity = draw.choice((quantity + 1, quantity * 100, 0))
    if order_type is OrderType.MARKET:
        price = 0
        if draw.randrange(2):
            quantity, quote = 0, draw.randrange(1, lots) * lot * middle // 10**8 + draw.randrange(3)
    name = draw.choice(("", "", "", "a", "b", "c"))
    return NewOrder(account, symbol, draw.choice(list(Side)), order_type, tif, quantity, price, quote, name)


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
