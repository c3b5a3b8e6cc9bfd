"""An exchange with both venues open: the spot markets BTCUSDT and ETHUSDT, and options on both.

Who is who, prices and contracts are those of `option_market`, but contracts are listed by time: `CALL` and `PUT` are at the
money a week ahead.
"""

from msgspec import to_builtins

from papernet.core.commands import (
    AcceptBlockOrder,
    AdvanceTime,
    CancelOptions,
    ChangeBlockOrder,
    Command,
    ConfigureOptions,
    ConfigureOptionsAccount,
    CreateBlockOrder,
    Entry,
    ListSymbol,
    MarkContracts,
    OpenAccount,
    PlaceOption,
    SetCountdown,
    SetProtection,
)
from papernet.core.commands import OptionTerms as Terms
from papernet.core.dates import HOUR, SECOND
from papernet.core.enums import AccountKind, Side, TimeInForce
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Past, Views
from papernet.venues.options.contracts import Listing
from tests.support.option_market import ALICE, BOB, CROWD, EXPIRY, MAKER, NAMES, NOW, USERS, make_underlying, units
from tests.support.worlds import make_symbol, price_filter, reason

CALL, PUT = "BTC-260123-50000-C", "BTC-260123-50000-P"
OPENING = 50_000
PURSE = (("USDT", units(1_000_000)), ("BTC", units(1_000)), ("ETH", units(1_000)))
_LISTING = Listing(((1_000, units(5_000)),), units("0.5"), units(2), 10)


class OptionWorld:
    """An exchange, its entries and what came of them. Accounts are those of `option_market` that are named first."""

    def __init__(self, *, opens: bool = True) -> None:
        """List, open the accounts, and unless told otherwise the options venue, up to its first contracts."""
        self.exchange = Exchange()
        self.entries: list[Entry] = []
        self.applied: list[Applied] = []
        self.now = NOW
        for base in ("BTC", "ETH"):
            name = f"{base}USDT"
            self.apply(ListSymbol(make_symbol(price_filter("0.01", "1000000", "0.01"), name=name, base=base).to_spec()))
        for number, name in NAMES.items():
            kind = AccountKind.USER if number in USERS else AccountKind.CROWD
            self.apply(OpenAccount(name, 1_000 + number, kind, PURSE))
        if opens:
            self.open()
            self.apply(AdvanceTime())

    def open(self) -> Applied:
        """Open the options venue."""
        underlyings = (
            make_underlying("BTCUSDT", listing=_LISTING),
            make_underlying("ETHUSDT", listing=Listing(((1_000, units(500)),), units("0.5"), units(2), 10)),
        )
        return self.apply(ConfigureOptions(tuple(to_builtins(one) for one in underlyings), units(OPENING)))

    def apply(self, command: Command) -> Applied:
        """Give the next entry to the exchange."""
        entry = Entry(len(self.entries) + 1, self.now, command)
        applied = self.exchange.apply(entry)
        self.entries.append(entry)
        self.applied.append(applied)
        return applied

    def place(self, account: int, side: Side, quantity: int | str, price: int | str, **more: object) -> Applied:
        """Place an options order, on the call unless `symbol` says otherwise."""
        symbol = str(more.pop("symbol", CALL))
        tif = TimeInForce(more.pop("tif", TimeInForce.GTC))  # type: ignore[arg-type]
        return self.apply(PlaceOption(Terms(account, symbol, side, units(quantity), units(price), tif, **more)))  # type: ignore[arg-type]

    def mark(self, price: int | str, *symbols: str) -> Applied:
        """Mark contracts at a price, with a delta of a half."""
        half = units("0.5")
        rows = tuple((symbol, units(price), half, half, half, half, 0, 0, 0) for symbol in symbols or (CALL, PUT))
        return self.apply(MarkContracts(rows))

    def balance(self, account: int) -> int:
        """Return what is in an options wallet."""
        return self.exchange.options.portfolios[account].balance

    def quantity(self, account: int, symbol: str = CALL) -> int:
        """Return how much an account has of a contract."""
        position = self.exchange.options.portfolios[account].positions.get(symbol)
        return position.quantity if position is not None else 0


def busy_options() -> OptionWorld:
    """Return a world with something in every part of the options venue."""
    world = OptionWorld()
    world.mark(2_000)
    for command in (
        ConfigureOptionsAccount(MAKER, is_market_maker=True, trade_group=3, maker_rate=5, taker_rate=6),
        SetProtection(MAKER, "BTCUSDT", 3_000_000, 5_000_000, units(100), units(50)),
        SetCountdown(ALICE, "ETHUSDT", 9_000_000),
        SetCountdown(ALICE, "BTCUSDT", 30_000_000),
        CreateBlockOrder(BOB, CALL, Side.SELL, units(1_500), units(1), is_maker=True),
        CreateBlockOrder(BOB, PUT, Side.BUY, units(1_500), units(1), is_maker=False),
    ):
        assert reason(world.apply(command)) is None, command
    for account, side, quantity, price, more in (
        (MAKER, Side.SELL, 1, 2_000, {"is_protected": True}),
        (CROWD, Side.SELL, 3, 2_000, {}),
        (BOB, Side.SELL, 1, 2_005, {"client_order_id": "b"}),
        (ALICE, Side.BUY, 2, 2_000, {"client_order_id": "a"}),
        (ALICE, Side.BUY, 1, 1_900, {"client_order_id": "a1"}),
        (BOB, Side.BUY, "0.5", 1_900, {}),
        (ALICE, Side.SELL, 1, 2_200, {"reduce_only": True}),
        (BOB, Side.BUY, 1, 100, {"symbol": PUT}),
    ):
        world.now += 1_000
        assert reason(world.place(account, side, quantity, price, **more)) is None
    world.now += 500_000
    world.apply(AdvanceTime())
    return world


def past_of_options() -> OptionWorld:
    """Return a world in which all of that has had an end: block orders, orders, and a week later the contracts."""
    world = busy_options()
    sold, bought = world.exchange.options.block_orders
    for command in (AcceptBlockOrder(ALICE, sold), ChangeBlockOrder(BOB, bought, extends=False)):
        world.now += SECOND
        assert reason(world.apply(command)) is None
    world.apply(CreateBlockOrder(ALICE, PUT, Side.BUY, units(100), units(1), is_maker=False))
    assert reason(world.apply(CancelOptions(ALICE, CALL))) is None
    world.now += HOUR
    world.apply(AdvanceTime())
    world.now = EXPIRY + SECOND
    world.apply(AdvanceTime())
    return world


def answers(views: Views, archive: Past) -> list[object]:
    """Return what the views tell of the past of options, to everybody and to two users."""
    told: list[object] = []
    for limit in (2, 1_000):
        told += [views.settlements(name, limit=limit, archive=archive) for name in ("BTCUSDT", "ETHUSDT", None)]
        told += [views.newest_block_trades(symbol, limit, archive) for symbol in (CALL, PUT, None)]
        for account in (ALICE, BOB, CROWD):
            for symbol in (CALL, PUT):
                orders = views.option_orders(account, symbol, limit=limit, archive=archive)
                told.append(orders)
                told += [views.option_order(account, symbol, order.order_id, archive) for order in orders]
            for name in ("a", "a1", "b"):
                told.append(views.option_order_by_client_id(account, CALL, name, archive))
            for one in (CALL, PUT, None):
                told.append(views.option_fills(account, one, limit=limit, archive=archive))
                told.append(views.exercises(account, one, limit=limit, archive=archive))
            block_orders = views.block_orders(account, limit=limit, archive=archive)
            told.append(block_orders)
            told += [views.block_order(account, order.key, archive) for order in block_orders]
            told.append(views.block_fills(account, limit=limit, archive=archive))
            told.append(views.bills(account, limit=limit, archive=archive))
            told.append(views.bills(account, from_id=3, limit=limit, archive=archive))
            told.append(views.bills(account, start=NOW + SECOND, limit=limit, archive=archive))
    return told
