"""A busy day of options in small: seeded commands of every kind that an options venue takes, for `option_duel`."""

from random import Random

from msgspec import to_builtins
from msgspec.structs import replace

from papernet.core.commands import (
    AcceptBlockOrder,
    AdvanceTime,
    CancelOpenOrders,
    CancelOption,
    CancelOptions,
    ChangeBlockOrder,
    Command,
    ConfigureOptions,
    ConfigureOptionsAccount,
    CreateBlockOrder,
    MarkContracts,
    NewOrder,
    OptionTerms,
    PlaceOption,
    QuoteOptions,
    RefreshCountdowns,
    ResetProtection,
    SetCountdown,
    SetProtection,
    TransferToOptions,
)
from papernet.core.dates import DAY, HOUR, MINUTE, SECOND
from papernet.core.enums import OrderType, SelfTradeMode, Side, TimeInForce
from tests.support.option_duel import INDEXES, OPENING, UNDERLYINGS, OptionDuel
from tests.support.option_market import ALICE, BOB, CAROL, CROWD, HOUSE, MAKER, units

ACCOUNTS = (ALICE, ALICE, BOB, BOB, CAROL, MAKER, MAKER, CROWD)
USERS = (ALICE, BOB, CAROL, MAKER)
UNDERLYING_NAMES = tuple(INDEXES)
MODES = (SelfTradeMode.NONE, SelfTradeMode.EXPIRE_MAKER, SelfTradeMode.EXPIRE_TAKER, SelfTradeMode.EXPIRE_BOTH)
TIMES = (TimeInForce.GTC,) * 6 + (TimeInForce.IOC, TimeInForce.IOC, TimeInForce.FOK)
RATES = (None, None, units("0.0003"), 0, units("-0.0001"), units("0.05"))
TICKS = {"BTCUSDT": units(5), "ETHUSDT": units("0.1")}
HALF = units("0.5")


def favourites(duel: OptionDuel) -> list[str]:
    """Return the contracts that most is done with: those of the next two expiries."""
    contracts = duel.naive.contracts
    soon = sorted({terms.expiry for terms in contracts.values()})[:2]
    return [symbol for symbol, terms in contracts.items() if terms.expiry in soon]


def some_contract(duel: OptionDuel, draw: Random) -> str:
    """Return a contract, often one that somebody has something to do with; now and then one that is not there."""
    if draw.random() < 0.02:
        return draw.choice(("BTC-260116-1-C", "BTC-200101-50000-C"))
    used = [order.terms.symbol for number in USERS for order in duel.naive.wallets[number].orders.values()]
    used += [symbol for number in USERS for symbol in duel.naive.wallets[number].positions]
    if used and draw.random() < 0.7:
        return draw.choice(used)
    names = favourites(duel) if draw.random() < 0.9 else list(duel.naive.contracts)
    return draw.choice(names[:6] if draw.random() < 0.5 else names)


def to_tick(name: str, price: int) -> int:
    """Return the tick nearest below a price, one at least."""
    return max(price // TICKS[name], 1) * TICKS[name]


def price_near(duel: OptionDuel, draw: Random, symbol: str) -> int:
    """Return a price near a contract's mark, rarely one that cannot be."""
    terms = duel.naive.contracts.get(symbol)
    if terms is None:
        return units(100)
    tick = TICKS[terms.underlying]
    mark = duel.naive.mark(symbol)
    kind = draw.random()
    if kind < 0.03:
        return draw.choice((0, mark // tick * tick + 1, units(500_000)))
    if kind < 0.06:
        return to_tick(terms.underlying, mark * draw.randrange(0, 300) // 100)
    return max(to_tick(terms.underlying, mark) + tick * draw.randrange(-3, 4), tick)


def quantity(draw: Random) -> int:
    """Return a quantity, small as a rule, rarely one that cannot be."""
    kind = draw.random()
    if kind < 0.04:
        return draw.choice((0, 1, units("0.015"), units(21)))
    if kind < 0.1:
        return units(draw.randrange(4, 20))
    return units("0.01") * draw.randrange(1, 300)


def random_order(duel: OptionDuel, draw: Random, account: int, symbol: str) -> Command:
    """Return an order of any kind."""
    side, held = draw.choice((Side.BUY, Side.SELL)), duel.naive.wallets[account].positions.get(symbol)
    amount, reduces = quantity(draw), draw.random() < 0.08
    if held is not None and draw.random() < 0.35:
        # Something that closes what is there, exactly or too much of it.
        side = Side.BUY if held.quantity < 0 else Side.SELL
        amount = abs(held.quantity) * draw.choice((50, 100, 100, 100, 150)) // 100
        amount -= amount % units("0.01")
        reduces = draw.random() < 0.6
    price, own = price_near(duel, draw, symbol), list(duel.naive.wallets[account].orders.values())
    if own and draw.random() < 0.1:
        # Something that would trade with oneself.
        terms = draw.choice(own).terms
        symbol, price, side = terms.symbol, terms.price, Side.SELL if terms.side is Side.BUY else Side.BUY
    tif = draw.choice(TIMES)
    goes_in = tif is TimeInForce.GTC
    return PlaceOption(
        OptionTerms(
            account,
            symbol,
            side,
            amount,
            price,
            tif,
            draw.choice(("",) * 6 + ("a", "b", "c")),
            reduces,
            goes_in and draw.random() < 0.1,
            goes_in and draw.random() < 0.05,
            draw.random() < (0.5 if account == MAKER else 0.02),
            draw.choice(MODES),
        )
    )


def random_cancel(duel: OptionDuel, draw: Random, account: int) -> Command:
    """Return a cancel of one order, of a contract's or of an underlying's."""
    kind = draw.random()
    if kind < 0.1:
        return CancelOptions(account, symbol=some_contract(duel, draw))
    if kind < 0.2:
        return CancelOptions(account, underlying=draw.choice((*UNDERLYING_NAMES, "XYZUSDT")))
    orders = duel.naive.wallets[account].orders
    if not orders or kind < 0.25:
        return CancelOption(account, some_contract(duel, draw), draw.randrange(1 << 62, (1 << 62) + 50))
    order_id, order = draw.choice(list(orders.items()))
    name = order.terms.client_order_id
    if name and draw.random() < 0.5:
        return CancelOption(account, order.terms.symbol, draw.choice((-1, order_id)), draw.choice((name, name, "z")))
    return CancelOption(account, order.terms.symbol, order_id)


def random_quotes(duel: OptionDuel, draw: Random) -> Command:
    """Return what a market maker of the crowd wants now for some contracts, not always around the mark."""
    rows = []
    for symbol in draw.sample(favourites(duel), 6):
        name = duel.naive.contracts[symbol].underlying
        middle, tick = to_tick(name, duel.naive.mark(symbol)), TICKS[name]
        middle += tick * draw.randrange(-3, 4)
        size = units(draw.randrange(1, 6))
        bids = tuple((middle - tick * depth, size) for depth in (1, 3))
        asks = tuple((middle + tick * depth, size) for depth in (1, 3))
        rows.append((symbol, draw.choice(((), bids, bids, bids)), draw.choice(((), asks, asks, asks))))
    return QuoteOptions(draw.choice((CROWD, CROWD, CROWD, HOUSE, ALICE)), tuple(rows))


def random_marks(duel: OptionDuel, draw: Random) -> Command:
    """Return marks a little above what contracts would pay now; rarely from another world."""
    rows = []
    for symbol in draw.sample(list(duel.naive.contracts), 5) + [some_contract(duel, draw) for _ in range(8)]:
        terms = duel.naive.contracts.get(symbol)
        if terms is None:
            continue
        index = duel.naive.prices[terms.underlying]
        price = int(terms.payoff(index)) + index * terms.unit * draw.randrange(0, 30) // 1_000
        price *= 10 if draw.random() < 0.01 else 1
        delta = HALF if terms.is_call else -HALF
        rows.append((symbol, price - (draw.random() < 0.003) * (price + 1), HALF, HALF, HALF, delta, 0, 0, 0))
    return MarkContracts(tuple(rows))


def move_spot(duel: OptionDuel, draw: Random) -> None:
    """Let the crowd trade a spot market to another price, most times a near one."""
    jump = draw.random()
    span = 20 if jump < 0.5 else 120 if jump < 0.85 else 500
    move_to(duel, draw, draw.choice(UNDERLYING_NAMES), 1_000 + draw.randrange(-span, span + 1))


def move_to(duel: OptionDuel, draw: Random, name: str, thousandths: int) -> None:
    """Let the crowd trade a spot market to so much of its price, and often let a second pass and new marks come."""
    price = duel.naive.prices[name] * thousandths // 1_000
    price = min(max(price, INDEXES[name] * 6 // 10), INDEXES[name] * 16 // 10)
    price -= price % units("0.01")
    for account in (CROWD, HOUSE):
        duel.do(CancelOpenOrders(account, name))
    width = units("0.01") * draw.randrange(1, 200)
    orders = [(CROWD, Side.BUY, price - width), (HOUSE, Side.SELL, price + width)]
    if draw.random() < 0.3:
        orders = [(CROWD, Side.SELL, price), (HOUSE, Side.BUY, price)]
    for account, side, limit in orders:
        duel.do(NewOrder(account, name, side, OrderType.LIMIT, TimeInForce.GTC, units("0.01"), limit))
    if draw.random() < 0.6:
        duel.now += SECOND
        duel.do(AdvanceTime())
        duel.do(random_marks(duel, draw))


def trade_with_crowd(duel: OptionDuel, account: int, side: Side, symbol: str, amount: int) -> None:
    """Let an account trade with the crowd near the mark, if it may."""
    price = to_tick(duel.naive.contracts[symbol].underlying, duel.naive.mark(symbol))
    other = Side.SELL if side is Side.BUY else Side.BUY
    for who, its in ((account, side), (CROWD, other)):
        terms = OptionTerms(who, symbol, its, amount, price, self_trade_mode=SelfTradeMode.NONE)
        duel.do(PlaceOption(terms))


def strain(duel: OptionDuel, draw: Random, account: int) -> None:
    """Let an account go to its limits, write or buy, take out what is left, and then see prices jump."""
    duel.do(CancelOptions(account))
    duel.do(CancelOptions(CROWD))
    # What is worth something is worth a fee that grows with the index.
    other, symbol = sorted(draw.sample(favourites(duel), 2), key=duel.naive.mark)
    if draw.random() < 0.5:
        trade_with_crowd(duel, account, Side.BUY, other, units("0.5"))
    writes = draw.random() < 0.6
    wallet, side = duel.naive.wallets[account], Side.SELL if writes else Side.BUY
    price = to_tick(duel.naive.contracts[symbol].underlying, duel.naive.mark(symbol))
    one = duel.naive.need(wallet, OptionTerms(account, symbol, side, units(1), price), 0, units(1))
    left = wallet.balance - duel.naive.initial(wallet) - duel.naive.bound(wallet)
    amount = min(max(left * 100 // max(one, 1), 1), 700) * units("0.01")
    if writes:
        trade_with_crowd(duel, account, side, symbol, amount)
    else:
        duel.do(PlaceOption(OptionTerms(account, symbol, side, amount, price)))
    left = wallet.balance - duel.naive.initial(wallet) - duel.naive.bound(wallet)
    duel.do(TransferToOptions(account, "USDT", -max(left, 1)))
    terms = duel.naive.contracts[symbol]
    against = 1_500 if terms.is_call or not writes else 600
    move_to(duel, draw, terms.underlying, draw.choice((against, against, 950, 1_050)))
    if not writes and symbol in duel.naive.contracts:
        duel.do(PlaceOption(OptionTerms(CROWD, symbol, Side.SELL, amount, price)))


def close_twice(duel: OptionDuel, draw: Random, account: int) -> None:
    """Let an account offer to close a position by two orders, and then close most of it by another one."""
    positions = duel.naive.wallets[account].positions
    if not positions:
        return
    symbol = draw.choice(list(positions))
    held, tick = positions[symbol].quantity, TICKS[duel.naive.contracts[symbol].underlying]
    side, away = (Side.BUY, -tick) if held < 0 else (Side.SELL, tick)
    part = abs(held) * 45 // 100 // units("0.01") * units("0.01")
    middle = to_tick(duel.naive.contracts[symbol].underlying, duel.naive.mark(symbol))
    duel.do(CancelOptions(account, symbol))
    for steps in (4, 5):
        price = max(middle + steps * away, tick)
        duel.do(PlaceOption(OptionTerms(account, symbol, side, part, price, reduce_only=True)))
    trade_with_crowd(duel, account, side, symbol, part + units("0.01"))


def random_transfer(duel: OptionDuel, draw: Random, account: int) -> Command:
    """Return a transfer, often of all that can be moved, and a little more."""
    kind = draw.random()
    if kind < 0.15:
        return TransferToOptions(account, draw.choice(("BTC", "USDT")), draw.choice((0, units(9_000_000))))
    wallet = duel.naive.wallets[account]
    most = wallet.balance - duel.naive.initial(wallet) - duel.naive.bound(wallet)
    if kind < 0.75:
        return TransferToOptions(account, "USDT", -max(most + draw.choice((-10, 0, 10, -units(1_000), -most // 2)), 1))
    return TransferToOptions(account, "USDT", units(draw.randrange(1, OPENING // 2)))


def random_setting(draw: Random, account: int) -> Command:
    """Return a change of what an account may do with options."""
    return ConfigureOptionsAccount(
        account,
        can_trade=draw.random() < 0.9,
        may_write=account != CAROL or draw.random() < 0.2,
        is_market_maker=account == MAKER,
        trade_group=draw.choice((-2, -1, -1, -1, 7, 7)),
        maker_rate=draw.choice(RATES),
        taker_rate=draw.choice(RATES),
    )


def random_guard(draw: Random, account: int) -> Command:
    """Return something about protections or countdowns."""
    name = draw.choice((*UNDERLYING_NAMES * 5, "XYZUSDT"))
    kind = draw.random()
    if kind < 0.4:
        limit = units(draw.choice(("0.5", 1, 3)))
        who = draw.choice((*[MAKER] * 6, account))
        return SetProtection(
            who, name, draw.choice((SECOND, MINUTE, HOUR, 0)), draw.choice((0, SECOND, MINUTE)), limit, 2 * limit
        )
    if kind < 0.5:
        return ResetProtection(draw.choice((MAKER, MAKER, MAKER, account)), name)
    if kind < 0.85:
        return SetCountdown(account, name, draw.choice((0, 5 * SECOND, MINUTE, -1)))
    return RefreshCountdowns(account, (name, *UNDERLYING_NAMES))


def random_block_order(duel: OptionDuel, draw: Random, account: int) -> Command:
    """Return something about block orders."""
    keys = list(duel.naive.block_orders)
    kind = draw.random()
    if not keys or kind < 0.3:
        symbol, side = some_contract(duel, draw), draw.choice((Side.BUY, Side.SELL))
        price = price_near(duel, draw, symbol)
        return CreateBlockOrder(account, symbol, side, price, quantity(draw), is_maker=draw.random() < 0.5)
    if kind < 0.4:
        return ChangeBlockOrder(account, draw.choice(keys), extends=draw.random() < 0.6)
    return AcceptBlockOrder(account, draw.choice(keys))


def random_terms(draw: Random) -> Command:
    """Return other terms of an underlying: whether it may be written, and what users begin with."""
    one = replace(draw.choice(UNDERLYINGS), may_be_written=draw.random() < 0.8)
    return ConfigureOptions((to_builtins(one),), units(OPENING))


def pass_time(duel: OptionDuel, draw: Random) -> None:
    """Let time pass: a second as a rule, sometimes into or beyond the half hour before contracts expire."""
    kind = draw.random()
    settlement = (duel.now - 8 * HOUR) // DAY * DAY + DAY + 8 * HOUR
    due = [when for one in duel.naive.wallets.values() for when, _ in one.countdowns.values()]
    due += [when for when in duel.naive.block_orders.values() if when > duel.now]
    if due and kind < 0.15:
        duel.now = max(draw.choice(due), duel.now)
    elif kind < 0.75:
        duel.now += draw.choice((1, 300_000, SECOND, SECOND, 5 * SECOND, MINUTE))
    elif kind < 0.82:
        duel.now = max(settlement - draw.choice((31, 30, 29, 10)) * MINUTE - draw.choice((0, 1, 500_000)), duel.now)
    elif kind < 0.93:
        duel.now = settlement + draw.choice((-1, 0, 0, 1, SECOND))
        # Somebody is faster than the clock that settles.
        duel.do(random_order(duel, draw, ALICE, favourites(duel)[0]))
    elif kind < 0.98:
        duel.now += draw.randrange(3 * HOUR)
    else:
        duel.now += draw.randrange(3) * DAY
    duel.do(AdvanceTime())


def step(duel: OptionDuel, draw: Random) -> None:
    """Give a duel one more thing to do."""
    kind, account = draw.random(), draw.choice(ACCOUNTS)
    duel.now += draw.choice((0, 1, 1_000, 200_000))
    if kind < 0.42:
        duel.do(random_order(duel, draw, account, some_contract(duel, draw)))
    elif kind < 0.49:
        duel.do(random_cancel(duel, draw, account))
    elif kind < 0.57:
        duel.do(random_quotes(duel, draw))
    elif kind < 0.66:
        duel.do(random_marks(duel, draw))
    elif kind < 0.72:
        move_spot(duel, draw)
    elif kind < 0.77:
        duel.do(random_transfer(duel, draw, account))
    elif kind < 0.79:
        duel.do(random_setting(draw, account))
    elif kind < 0.83:
        duel.do(random_guard(draw, account))
    elif kind < 0.885:
        duel.do(random_block_order(duel, draw, account))
    elif kind < 0.89:
        duel.do(random_terms(draw))
    elif kind < 0.91:
        duel.checkpoint()
    elif kind < 0.925:
        close_twice(duel, draw, account)
    elif kind < 0.96:
        strain(duel, draw, account)
    else:
        pass_time(duel, draw)


def drive(duel: OptionDuel, seed: int, steps: int) -> None:
    """Let a duel run for so many steps, and compare after every few."""
    draw = Random(seed)
    for number in range(steps):
        step(duel, draw)
        if number % 4 == 3:
            duel.compare()
