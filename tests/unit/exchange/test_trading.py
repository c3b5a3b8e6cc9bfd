"""The guards of every command of a trader, walked: what has everything wrong is repaired one fault at a time.

The order in which a walk meets refusals is the published one, that of `core.rejects.Reason`. What the commands then do is
tested with the venue's rooms.
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from papernet.core.commands import (
    AmendOrder,
    CancelOpenOrders,
    CancelOrder,
    CancelOrderList,
    Command,
    ConfigureAccount,
    ConfigureVenue,
    Deposit,
    NewOrder,
    NewOrderList,
    ReplaceOrder,
    SetLimits,
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
from papernet.core.rejects import Reason, Reject
from papernet.exchange.checkpoint import encode
from papernet.exchange.trading import derived_client_order_id
from papernet.venues.spot.symbols import (
    IcebergParts,
    MarketLotSize,
    MaxNumAlgoOrders,
    MaxNumIcebergOrders,
    MaxNumOrderAmends,
    MaxNumOrderLists,
    MaxNumOrders,
    MinNotional,
    Symbol,
    TrailingDelta,
)
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrders, VenueRules
from tests.support.orders import find, order, place, place_list
from tests.support.worlds import (
    ALICE,
    BOB,
    NOBODY,
    SECOND,
    World,
    lot_size,
    make_symbol,
    price_filter,
    reason,
    refusal,
    units,
)

BUY, SELL = Side.BUY, Side.SELL
LIMIT, MARKET, MAKER = OrderType.LIMIT, OrderType.MARKET, OrderType.LIMIT_MAKER
GTC = TimeInForce.GTC
PURSE = (("BTC", units("1000")), ("USDT", units("100000")), ("ETH", units("1000")))

# a refusal, and what makes its reason go away: the command as it is sent next
Repair = tuple[Reject, Callable[[Any], Command]]


def said(name: str, *args: str) -> Reject:
    """Return a refusal."""
    return Reject(Reason[name], args)


def broken(name: str) -> Reject:
    """Return the refusal by a filter."""
    return said("FILTER_FAILURE", name)


def walk(world: World, command: Command, repairs: list[Repair]) -> list[Reason]:
    """Send a command that is refused, repaired and sent again until it is accepted; return the reasons met."""
    met: list[Reason] = []
    for expected, repair in repairs:
        before = encode(world.exchange)
        assert refusal(world.apply(command)) == expected
        assert encode(world.exchange) == before, "a refused command changes nothing"
        met.append(expected.reason)
        command = repair(command)
    assert reason(world.apply(command)) is None
    assert met == sorted(met), "the order of the guards is the order of the reasons"
    return met


class Hands:
    """What repairs a world rather than a command."""

    def __init__(self, world: World) -> None:
        self.world = world

    def after(self, *commands: Command, **changes: object) -> Callable[[Any], Command]:
        """Return a repair: these commands come first, then the faulty one with these changes."""

        def repair(faulty: Any) -> Command:
            for command in commands:
                assert reason(self.world.apply(command)) is None
            repaired: Command = replace(faulty, **changes) if changes else faulty
            return repaired

        return repair

    def later(self, seconds: int) -> Callable[[Any], Command]:
        """Return a repair: time passes."""

        def repair(faulty: Any) -> Command:
            self.world.now += seconds * SECOND
            as_it_was: Command = faulty
            return as_it_was

        return repair


def permit(account: int, **changes: Any) -> ConfigureAccount:
    """Return the command that lets an account do everything, but for the changes."""
    return ConfigureAccount(account, **changes)


def busy_world(*symbols: Symbol) -> World:
    """Return a world in which ALICE has used up her orders of ten seconds on another symbol, ETHUSDT."""
    world = World(*symbols, make_symbol(name="ETHUSDT", base="ETH"), balances=PURSE)
    for _ in range(50):
        place(world, "alice buy 1 @ 1 IOC on ETHUSDT")
    return world


# ---- a new order


def poor_symbol(name: str, **allowed: Any) -> Symbol:
    """Return a symbol that offers nothing but what is allowed, with a filter of each kind that a limit order can break."""
    nothing: dict[str, Any] = {
        "order_types": (),
        "iceberg_allowed": False,
        "trailing_allowed": False,
        "peg_allowed": False,
        "quote_quantity_allowed": False,
        "self_trade_modes": (SelfTradeMode.NONE,),
    }
    return make_symbol(
        price_filter("10", "20", "1"),
        lot_size("1", "50", "1"),
        MinNotional(units("25"), apply_to_market=False, avg_price_mins=0),
        IcebergParts(2),
        MaxNumOrders(2),
        MaxNumAlgoOrders(1),
        MaxNumIcebergOrders(1),
        TrailingDelta(10, 100, 10, 100),
        name=name,
        **(nothing | allowed),
    )


UNSUPPORTED = {
    MARKET: "MARKET_ORDERS_NOT_SUPPORTED",
    OrderType.STOP_LOSS: "STOP_LOSS_NOT_SUPPORTED",
    OrderType.STOP_LOSS_LIMIT: "STOP_LOSS_LIMIT_NOT_SUPPORTED",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT_NOT_SUPPORTED",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT_NOT_SUPPORTED",
    MAKER: "ORDER_TYPE_NOT_SUPPORTED",
    LIMIT: "ORDER_TYPE_NOT_SUPPORTED",
}
EVERY_TYPE = {"order_types": tuple(OrderType)}


def only_orders(world: World, *rows: str) -> list[Command]:
    """Return the commands after which these rows on OPEN are all that ALICE has open there."""
    return [CancelOpenOrders(ALICE, "OPEN"), *(order(world, f"alice {row} on OPEN") for row in rows)]


def exchange_filters(*limits: int) -> ConfigureVenue:
    """Return the command that limits open orders on all symbols, or does not."""
    return ConfigureVenue(VenueRules(tuple(ExchangeMaxNumOrders(limit) for limit in limits)).to_spec())


@cache
def walk_of_an_order() -> list[Reason]:
    """Walk an order with a price: symbol by symbol it is offered more, until its own faults are met."""
    iceberg, trailing, peg = {"iceberg_allowed": True}, {"trailing_allowed": True}, {"peg_allowed": True}
    world = busy_world(
        poor_symbol("BTCUSDT", order_types=(LIMIT,)),
        poor_symbol("NOICE", **EVERY_TYPE),
        poor_symbol("NOTRAIL", **EVERY_TYPE, **iceberg),
        poor_symbol("NOPEG", **EVERY_TYPE, **iceberg, **trailing),
        poor_symbol("OPEN", **EVERY_TYPE, **iceberg, **trailing, **peg),
    )
    hands = Hands(world)
    after = hands.after
    place(world, "crowd buy 3 @ 16 on OPEN as C1")
    place(world, "bob sell 3 @ 16 on OPEN as B1")
    world.apply(SetLimits(enabled=False))
    for row in ("buy 3 @ 10 as taken", "sell 3 @ 20 on OPEN", "sell 3 @ 20 on OPEN"):
        place(world, f"alice {row}")
    world.apply(SetLimits(enabled=True))
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.HALT))
    world.apply(permit(ALICE, can_trade=False, permissions=("X",), prevents_sor=True))
    faulty = NewOrder(
        NOBODY,
        "NOSUCH",
        SELL,
        MARKET,
        GTC,
        1,
        1,
        1,
        "taken",
        self_trade_mode=SelfTradeMode.DECREMENT,
        stop_price=units("17"),
        trailing_delta=5,
        iceberg_quantity=2,
        peg_price=PegPrice.MARKET,
        peg_offset=2,
        uses_sor=True,
    )
    types = tuple(UNSUPPORTED)
    poorer = units("2") - units("1000")
    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), after(symbol="BTCUSDT")),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(account=ALICE)),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(permit(ALICE, permissions=("X",), prevents_sor=True))),
        (said("SYMBOL_NOT_PERMITTED"), after(permit(ALICE, prevents_sor=True))),
        (said("ACTION_DISABLED"), after(permit(ALICE))),
        (said("TOO_MANY_ORDERS", "50", "10 SECOND"), hands.later(10)),
        (said("DUPLICATE_CLIENT_ORDER_ID"), after(client_order_id="new")),
        (said("MARKET_CLOSED"), after(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING))),
        *((said(UNSUPPORTED[kind]), after(order_type=better)) for kind, better in pairwise(types[:6])),
        (said(UNSUPPORTED[MAKER]), after(order_type=OrderType.STOP_LOSS, symbol="NOICE")),
        (said("ICEBERG_NOT_SUPPORTED"), after(symbol="NOTRAIL")),
        (said("TRAILING_STOP_NOT_SUPPORTED"), after(symbol="NOPEG")),
        (said("PEG_NOT_SUPPORTED"), after(symbol="OPEN")),
        (said("SOR_NOT_SUPPORTED"), after(uses_sor=False)),
        (said("QUOTE_QUANTITY_NOT_SUPPORTED"), after(quote_quantity=0)),
        (said("SELF_TRADE_MODE_NOT_ALLOWED"), after(self_trade_mode=SelfTradeMode.NONE)),
        (said("ORDER_TYPE_NOT_PEGGABLE"), after(order_type=MAKER)),
        (said("PEG_NOT_FOR_ORDER_TYPE"), after(order_type=LIMIT, peg_price=PegPrice.PRIMARY, time_in_force=TimeInForce.IOC)),
        (said("UNSUPPORTED_COMBINATION"), after(time_in_force=GTC)),
        (said("ICEBERG_EXCEEDS_QUANTITY"), after(iceberg_quantity=1)),
        (said("ZERO_NOTIONAL"), after(price=units("10.5"), quantity=units("2.5"))),
        (said("NO_PRICE_LEVEL_FOR_PEG"), after(peg_price=PegPrice.NONE, peg_offset=None, order_type=OrderType.STOP_LOSS_LIMIT)),
        (broken("PRICE_FILTER"), after(price=units("10"), stop_price=units("16.5"))),
        (broken("PRICE_FILTER"), after(stop_price=units("16"))),
        (broken("LOT_SIZE"), after(quantity=units("2"), iceberg_quantity=units("0.5"))),
        (broken("LOT_SIZE"), after(quantity=units("2"), iceberg_quantity=units("1"))),
        (broken("MIN_NOTIONAL"), after(quantity=units("3"))),
        (broken("ICEBERG_PARTS"), after(iceberg_quantity=units("2"))),
        (broken("TRAILING_DELTA"), after(trailing_delta=0)),
        (broken("MAX_NUM_ORDERS"), after(*only_orders(world, "sell 3 @ 20 STOP 12"))),
        (broken("MAX_NUM_ALGO_ORDERS"), after(*only_orders(world, "sell 3 @ 20 ice 2"))),
        (broken("MAX_NUM_ICEBERG_ORDERS"), after(exchange_filters(2), iceberg_quantity=0)),
        (broken("EXCHANGE_MAX_NUM_ORDERS"), after(exchange_filters())),
        (said("WOULD_TRIGGER"), after(order(world, "bob buy 3 @ 12 on OPEN"), order_type=MAKER, stop_price=0)),
        (said("WOULD_TAKE"), after(*only_orders(world), Deposit(ALICE, "BTC", poorer), order_type=LIMIT)),
        (said("INSUFFICIENT_BALANCE"), after(Deposit(ALICE, "BTC", units("1")))),
    ]
    return walk(world, faulty, repairs)


def test_the_guards_of_an_order_in_their_order() -> None:
    assert len(walk_of_an_order()) > 30


@cache
def walk_of_an_amount() -> list[Reason]:
    """Walk a market order by quote quantity, which has faults of its own."""
    world = World(
        make_symbol(name="NOQUOTE", quote_quantity_allowed=False, order_types=(LIMIT,)),
        make_symbol(name="NOAMOUNT", quote_quantity_allowed=False),
        make_symbol(lot_size("2", "50", "1"), MarketLotSize(units("4"), 0, 0)),
    )
    after = Hands(world).after
    poorer = Deposit(ALICE, "USDT", units("39.99") - world.balance(ALICE, "USDT")[0])
    return walk(
        world,
        world.order(ALICE, BUY, "0", quote="15", symbol="NOQUOTE"),
        [
            (said("MARKET_ORDERS_NOT_SUPPORTED"), after(symbol="NOAMOUNT")),
            (said("QUOTE_QUANTITY_NOT_SUPPORTED"), after(symbol="BTCUSDT", quote_quantity=0)),
            (said("ZERO_NOTIONAL"), after(quote_quantity=units("15"))),
            (said("NO_LIQUIDITY_FOR_QUOTE"), after(world.order(BOB, SELL, "50", "10", symbol="BTCUSDT"))),
            (said("LIQUIDITY_BELOW_LOT_SIZE"), after(quote_quantity=units("39.99"))),
            (said("LIQUIDITY_BELOW_MARKET_LOT_SIZE"), after(poorer, quote_quantity=units("40"))),
            (said("INSUFFICIENT_BALANCE"), after(Deposit(ALICE, "USDT", units("0.01")))),
        ],
    )


def test_the_guards_of_an_order_by_quote_quantity_in_their_order() -> None:
    assert len(walk_of_an_amount()) == 7


# ---- an order list


def list_symbol(name: str, **allowed: Any) -> Symbol:
    """Return a symbol that offers no lists but what is allowed."""
    nothing: dict[str, Any] = {
        "oco_allowed": False,
        "oto_allowed": False,
        "opo_allowed": False,
        "self_trade_modes": (SelfTradeMode.NONE,),
    }
    filters = (price_filter("1", "100", "1"), lot_size("1", "50", "1"), MaxNumOrders(5), MaxNumOrderLists(1))
    return make_symbol(*filters, name=name, **(nothing | allowed))


class ListHands(Hands):
    """What repairs lists."""

    def legs(self, *commands: Command, **changes: object) -> Callable[[Any], Command]:
        """Return a repair of the list and of every leg."""

        def repair(faulty: Any) -> Command:
            return self.after(*commands, legs=tuple(replace(leg, **changes) for leg in faulty.legs), **changes)(faulty)

        return repair

    def leg(self, place_in_list: int, *commands: Command, **changes: object) -> Callable[[Any], Command]:
        """Return a repair of one leg."""

        def repair(faulty: Any) -> Command:
            legs = list(faulty.legs)
            legs[place_in_list] = replace(legs[place_in_list], **changes)
            return self.after(*commands, legs=tuple(legs))(faulty)

        return repair


@cache
def walk_of_a_list() -> list[Reason]:
    """Walk an OPOCO, turned into an OCO at last; its faults are at different legs: guards go before legs."""
    two, three = {"oco_allowed": True, "oto_allowed": True}, {"oco_allowed": True, "oto_allowed": True, "opo_allowed": True}
    world = busy_world(
        list_symbol("BTCUSDT"),
        list_symbol("NOOTO", oco_allowed=True),
        list_symbol("NOOPO", **two),
        list_symbol("NOTYPE", **three, order_types=(LIMIT,)),
        list_symbol("NOICE", **three, iceberg_allowed=False),
        list_symbol("OPEN", **three),
    )
    hands = ListHands(world)
    after, legs, leg = hands.after, hands.legs, hands.leg
    place(world, "crowd buy 1 @ 10 on OPEN")
    place(world, "bob sell 1 @ 10 on OPEN")
    world.apply(SetLimits(enabled=False))
    place(world, "alice buy 1 @ 1 as taken")
    place_list(world, "OTO as list", "alice buy 1 @ 1 on OPEN", "alice buy 1 @ 2 on OPEN")
    place(world, "alice buy 1 @ 1 on OPEN as extra")
    world.apply(SetLimits(enabled=True))
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.BREAK))
    world.apply(permit(ALICE, can_trade=False, permissions=("X",)))
    working = replace(order(world, "alice sell 1 peg PRIMARY+2 stp DECREMENT as w"), quantity=2, iceberg_quantity=3)
    stop = replace(order(world, "alice sell 0 STOP 9 as taken"), quantity=0)
    other = replace(order(world, "alice sell 1 @ 8.5 MAKER ice 2 as o"), quantity=0)
    nobody = tuple(replace(one, account=NOBODY, symbol="NOSUCH") for one in (working, stop, other))
    cancel_extra = CancelOrder(ALICE, "OPEN", -1, "extra")
    poorer = Deposit(ALICE, "BTC", units("1") - units("1000"))
    one, at_twelve = (order(world, f"alice sell 5 {row} on OPEN") for row in ("STOP 9", "@ 12 MAKER"))
    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), legs(symbol="BTCUSDT")),
        (said("ACCOUNT_MAY_NOT_TRADE"), legs(account=ALICE)),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(permit(ALICE, permissions=("X",)))),
        (said("SYMBOL_NOT_PERMITTED"), after(permit(ALICE))),
        (said("TOO_MANY_ORDERS", "50", "10 SECOND"), hands.later(10)),
        (said("DUPLICATE_CLIENT_ORDER_ID"), leg(1, client_order_id="w")),
        (said("DUPLICATE_CLIENT_ORDER_ID"), leg(1, client_order_id="s")),
        (said("DUPLICATE_LIST_CLIENT_ORDER_ID"), after(list_client_order_id="new")),
        (said("MARKET_CLOSED"), after(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING))),
        (said("OCO_NOT_SUPPORTED"), legs(symbol="NOOTO")),
        (said("OTO_NOT_SUPPORTED"), legs(symbol="NOOPO")),
        (said("OPO_NOT_SUPPORTED"), legs(symbol="NOTYPE")),
        (said("STOP_LOSS_NOT_SUPPORTED"), leg(1, order_type=OrderType.STOP_LOSS_LIMIT, price=units("5"))),
        (said("STOP_LOSS_LIMIT_NOT_SUPPORTED"), legs(symbol="NOICE")),
        (said("ICEBERG_NOT_SUPPORTED"), legs(symbol="OPEN")),
        (said("SELF_TRADE_MODE_NOT_ALLOWED"), leg(0, self_trade_mode=SelfTradeMode.NONE)),
        # the working order of an OPO buys
        (said("UNSUPPORTED_COMBINATION"), leg(0, side=BUY)),
        (said("ICEBERG_EXCEEDS_QUANTITY"), leg(0, iceberg_quantity=0, price=2)),
        (said("ZERO_NOTIONAL"), leg(0, price=units("8.5"), quantity=units("50.5"))),
        (said("NO_PRICE_LEVEL_FOR_PEG"), leg(0, peg_price=PegPrice.NONE, peg_offset=None)),
        (broken("PRICE_FILTER"), leg(0, price=units("8"))),
        (broken("LOT_SIZE"), leg(0, quantity=units("1"))),
        (broken("PRICE_FILTER"), leg(2, price=units("8"))),
        (broken("MAX_NUM_ORDERS"), after(cancel_extra)),
        (broken("MAX_NUM_ORDER_LISTS"), after(CancelOpenOrders(ALICE, "OPEN"))),
        # the pending pair sells: limit above stop
        (said("BAD_PRICE_RELATION"), after(kind=ListKind.OCO, legs=(one, order(world, "alice sell 5 @ 12 TAKE 9 on OPEN")))),
        # a take profit limit is compared by its price, and triggered by its stop price
        (said("WOULD_TRIGGER"), after(order(world, "bob buy 1 @ 12 on OPEN"), legs=(one, at_twelve))),
        (said("WOULD_TAKE"), after(poorer, legs=(one, replace(at_twelve, price=units("13"))))),
        (said("INSUFFICIENT_BALANCE"), after(Deposit(ALICE, "BTC", units("4")))),
    ]
    return walk(world, NewOrderList(NOBODY, "NOSUCH", ListKind.OPOCO, nobody, "list"), repairs)


def test_the_guards_of_a_list_in_their_order() -> None:
    assert len(walk_of_a_list()) > 25


# ---- what changes open orders


def all_open(world: World) -> list[str]:
    """Return the client order ids of everything that is open, on any symbol."""
    return [
        one.terms.client_order_id for account in world.exchange.accounts.by_id.values() for one in account.open_orders.values()
    ]


@cache
def walk_of_a_cancel() -> list[Reason]:
    """Walk a cancel of one order."""
    world = World()
    after = Hands(world).after
    place(world, "alice buy 1 @ 10 as A1")
    world.apply(permit(ALICE, can_trade=False))
    faulty = CancelOrder(NOBODY, "NOSUCH", 9, "A1", "", CancelRestriction.ONLY_PARTIALLY_FILLED)
    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), after(symbol="BTCUSDT")),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(account=ALICE)),
        # errors.md: neither may an account cancel whose trading is disabled
        (said("ACCOUNT_MAY_NOT_TRADE"), after(permit(ALICE))),
        (said("UNKNOWN_ORDER"), after(order_id=1, orig_client_order_id="A2")),
        (said("UNKNOWN_ORDER"), after(orig_client_order_id="A1", account=BOB)),
        (said("UNKNOWN_ORDER"), after(account=ALICE)),
        (said("CANCEL_RESTRICTED"), after(restriction=CancelRestriction.ONLY_NEW)),
    ]
    return walk(world, faulty, repairs)


def walk_of_a_cancel_of_all() -> list[Reason]:
    """Walk a cancel of everything on a symbol."""
    world = World()
    after = Hands(world).after
    world.apply(permit(ALICE, can_trade=False))
    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), after(symbol="BTCUSDT")),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(account=ALICE)),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(permit(ALICE))),
        (said("UNKNOWN_ORDER"), after(order(world, "alice buy 1 @ 10"))),
    ]
    return walk(world, CancelOpenOrders(NOBODY, "NOSUCH"), repairs)


@cache
def walk_of_a_cancel_of_a_list() -> list[Reason]:
    """Walk a cancel of a list."""
    world = World(make_symbol(), make_symbol(name="ETHUSDT", base="ETH"), balances=PURSE)
    after = Hands(world).after
    place_list(world, "OTO as list", "alice buy 1 @ 10", "alice buy 1 @ 10")
    world.apply(permit(ALICE, can_trade=False))
    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), after(symbol="ETHUSDT")),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(account=ALICE)),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(permit(ALICE))),
        (said("UNKNOWN_ORDER_LIST"), after(order_list_id=0)),
        # it is a list of another symbol
        (said("UNKNOWN_ORDER_LIST"), after(symbol="BTCUSDT", list_client_order_id="other")),
        (said("UNKNOWN_ORDER_LIST"), after(list_client_order_id="list", account=BOB)),
        (said("UNKNOWN_ORDER_LIST"), after(account=ALICE)),
    ]
    return walk(world, CancelOrderList(NOBODY, "NOSUCH", 7, "list"), repairs)


def test_the_guards_of_cancels_in_their_order() -> None:
    assert [len(walk()) for walk in (walk_of_a_cancel, walk_of_a_cancel_of_all, walk_of_a_cancel_of_a_list)] == [7, 4, 7]


@cache
def walk_of_an_amendment() -> list[Reason]:
    """Walk an amendment."""
    symbol = make_symbol(lot_size("2", "50", "1"), MaxNumOrderAmends(1))
    world = World(replace(symbol, name="NOAMEND", amend_allowed=False), symbol, balances=PURSE)
    world.symbol = "BTCUSDT"
    after = Hands(world).after
    place(world, "alice buy 9 @ 10 as open")
    place_list(world, "OPO", "alice buy 5 @ 9", "alice sell 0 @ 12 as pending")
    world.apply(AmendOrder(ALICE, "BTCUSDT", -1, units("8"), "open", "open"))
    place(world, "alice buy 9 @ 10 as other")
    place(world, "bob sell 10 @ 10")
    assert (find(world, "other").leaves, find(world, "other").cum_quantity) == (units("7"), units("2"))
    place(world, "alice buy 2 @ 1 on NOAMEND as taken")
    world.apply(SetSymbolStatus("NOAMEND", SymbolStatus.HALT))
    world.apply(permit(ALICE, can_trade=False))
    cancel_only = SetSymbolStatus("NOAMEND", SymbolStatus.CANCEL_ONLY)
    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), after(symbol="NOAMEND")),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(account=ALICE)),
        (said("ACCOUNT_MAY_NOT_TRADE"), after(permit(ALICE))),
        (said("DUPLICATE_CLIENT_ORDER_ID"), after(client_order_id="free")),
        (said("MARKET_CLOSED"), after(cancel_only)),
        (said("AMEND_NOT_SUPPORTED"), after(symbol="BTCUSDT")),
        (said("UNKNOWN_ORDER"), after(orig_client_order_id="pending")),
        (said("AMEND_PENDING_OPO"), after(orig_client_order_id="other", quantity=units("9"))),
        (said("AMEND_CHANGES_NOTHING"), after(quantity=units("9.1"))),
        (said("AMEND_INCREASES"), after(quantity=units("2"))),
        # two of it are filled
        (said("ZERO_NOTIONAL"), after(quantity=units("3.5"))),
        (broken("LOT_SIZE"), after(quantity=units("3"))),
    ]
    return walk(world, AmendOrder(NOBODY, "NOSUCH", -1, 1, "nothing", "taken"), repairs)


def test_the_guards_of_an_amendment_in_their_order() -> None:
    assert len(walk_of_an_amendment()) == 12


@cache
def walk_of_one_amendment_too_many() -> list[Reason]:
    """Walk an amendment of an order that was amended as often as it may be."""
    world = World(make_symbol(lot_size("2", "50", "1"), MaxNumOrderAmends(1)))
    place(world, "alice buy 9 @ 10 as open")
    world.apply(AmendOrder(ALICE, "BTCUSDT", -1, units("8"), "open", "open"))
    place(world, "alice buy 9 @ 10 as other")
    after = Hands(world).after
    repairs: list[Repair] = [
        (said("AMEND_INCREASES"), after(quantity=1)),
        (said("TOO_MANY_AMENDS", "MAX_NUM_ORDER_AMENDS"), after(orig_client_order_id="other")),
        (broken("LOT_SIZE"), after(quantity=units("8"))),
    ]
    return walk(world, AmendOrder(ALICE, "BTCUSDT", -1, units("8.5"), "open"), repairs)


def test_an_order_is_amended_as_often_as_its_symbol_says() -> None:
    assert len(walk_of_one_amendment_too_many()) == 3


@cache
def walk_of_a_replacement() -> list[Reason]:
    """Walk a cancel-replace: everything that refuses it as a whole comes before its cancel is tried."""
    world = busy_world(
        make_symbol(name="BTCUSDT", cancel_replace_allowed=False, order_types=(LIMIT,)),
        make_symbol(lot_size("2", "50", "1"), name="NOMARKET", order_types=(LIMIT,)),
    )
    hands = Hands(world)
    world.apply(SetSymbolStatus("BTCUSDT", SymbolStatus.END_OF_DAY))
    world.apply(permit(ALICE, can_trade=False, permissions=("X",)))
    order_to_place = replace(order(world, "alice buy 1 as A2"), symbol="NOSUCH", account=NOBODY)

    def placed(*commands: Command, **changes: object) -> Callable[[Any], Command]:
        """Return a repair of the order and, with it, of the cancel's account and symbol."""

        def repair(faulty: Any) -> Command:
            better = replace(faulty.order, **changes)
            cancel = replace(faulty.cancel, account=better.account, symbol=better.symbol)
            return hands.after(*commands, order=better, cancel=cancel)(faulty)

        return repair

    repairs: list[Repair] = [
        (said("UNKNOWN_SYMBOL"), placed(symbol="BTCUSDT")),
        (said("ACCOUNT_MAY_NOT_TRADE"), placed(account=ALICE)),
        (said("ACCOUNT_MAY_NOT_TRADE"), placed(permit(ALICE, permissions=("X",)))),
        (said("SYMBOL_NOT_PERMITTED"), placed(permit(ALICE))),
        (said("TOO_MANY_ORDERS", "50", "10 SECOND"), hands.later(10)),
        (said("MARKET_CLOSED"), placed(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING))),
        (said("CANCEL_REPLACE_NOT_SUPPORTED"), placed(symbol="NOMARKET")),
        (said("MARKET_ORDERS_NOT_SUPPORTED"), placed(order_type=LIMIT)),
        (said("ZERO_NOTIONAL"), placed(price=units("1"))),
        (broken("LOT_SIZE"), placed(quantity=units("2"))),
    ]
    return walk(world, ReplaceOrder(CancelOrder(NOBODY, "NOSUCH", 77), order_to_place, stops_on_failure=True), repairs)


def test_the_guards_of_a_replacement_in_their_order() -> None:
    assert len(walk_of_a_replacement()) == 10


# ---- every reason to refuse a trader's command is met by a walk


def test_every_reason_is_met_by_a_walk() -> None:
    walks = (
        walk_of_an_order,
        walk_of_an_amount,
        walk_of_a_list,
        walk_of_a_cancel,
        walk_of_a_cancel_of_a_list,
        walk_of_an_amendment,
        walk_of_one_amendment_too_many,
        walk_of_a_replacement,
    )
    met = {reason for one in walks for reason in one()}
    administrations = {reason for reason in Reason if reason >= Reason.UNKNOWN_ACCOUNT}
    assert met == set(Reason) - administrations


# ---- names of its own


def test_derived_client_order_ids_are_all_different_and_fit_the_documented_form() -> None:
    given = [derived_client_order_id(seq) for seq in (*range(1, 20_000), 2**40, 2**62)]
    assert len(set(given)) == len(given)
    assert all(len(name) == 22 and name.isalnum() for name in given)
