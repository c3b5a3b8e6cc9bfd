"""The fill director: makes a given fill happen, on spot symbols and on options contracts, by orders of the house.

Order of work.  What is asked for is planned against the book as it is. What can be seen to be impossible is refused before
                anything is done; then the house sends what the plan says, and what came of it is read from the events.
Invariant.      The house trades by the rules of the matching engine: who rests in front trades first, a resting order trades at
                its own price. Users who are in the way of somebody else's fill are traded with only when that was asked for.
                An order is filled by exactly what was asked for, or the answer says by how much it was.
Does not.       Speak JSON beyond the answer's fields, or know why somebody wants a fill.
Units.          Prices, quantities and shares of 10^-8; times in microseconds UTC.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from papernet.control import stops
from papernet.control.absences import Absence, Absences
from papernet.control.floors import CannotError, Floor, SpotFloor, floor_of
from papernet.control.house import House
from papernet.control.queues import opposite, plan_fill, whole_levels
from papernet.core.account import Account
from papernet.core.commands import ConfigureAccount, Deposit, SetCommission
from papernet.core.enums import OrderStatus, Side
from papernet.core.units import SCALE, format_fixed, notional_floor
from papernet.exchange.machine import Exchange
from papernet.venues.spot.commission import discounted

_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
# More orders than that do not trigger each other one after the other, unless they do so for ever.
_ROUNDS_MAX: Final = 1_000
# How many orders in the way an answer tells of.
_AHEAD_TOLD: Final = 20


class Which(Struct, frozen=True):
    """An order, by its id or by its client order id; the account is needed where the latter is not enough."""

    symbol: str
    order_id: int | None = None
    client_order_id: str = ""
    account: str = ""


class Wish(Struct, frozen=True):
    """By how much an order is to be filled: a quantity, or a share of what is left of it, or all of that."""

    quantity: int | None = None
    share: int | None = None
    price: int | None = None
    through: bool = False


class Charge(Struct, frozen=True):
    """What a fill costs: a share of what is received, paid out of that or in the venue's discount asset."""

    rate: int
    in_discount_asset: bool


class Director:
    """Directs the fills of one exchange."""

    def __init__(self, house: House, absences: Absences) -> None:
        """Trade as `house`; say to the simulated market by `absences` where it stays away."""
        self._house: Final = house
        self._exchange: Final = house.exchange
        self._absences: Final = absences

    # ---- filling an order

    def fill(self, which: Which, wish: Wish, charge: Charge | None, now: int) -> dict[str, Any]:
        """Fill an open order."""
        floor = floor_of(self._house, which.symbol)
        order = _found(floor, which)
        left = order.leaves + order.reserve
        wanted = _wanted(floor, left, wish)
        floor.need(floor.closed(now))
        if order.status is OrderStatus.PENDING_NEW:
            raise CannotError(_pending(order))
        if charge is None:
            problem = _tried(floor, lambda: self._fill(floor, order, wanted, wish, now))
        else:
            problem = self._fill_for(charge, floor, order, wanted, wish, now)
        return {**_told_fill(floor, order, wanted, left), **problem}

    def _fill_for(
        self,
        charge: Charge,
        floor: Floor,
        order: Any,  # noqa: ANN401  of either kind
        wanted: int,
        wish: Wish,
        now: int,
    ) -> dict[str, str]:
        """Fill an order whose account pays a commission for it."""
        if not isinstance(floor, SpotFloor):
            raise CannotError("what a trade of contracts costs follows from the account's rates of options")
        account, exchange = floor.owner(order), self._exchange
        own = floor.name if floor.name in account.symbol_rates else ""
        rates, pays_so = account.rates_of(floor.name), account.pays_with_discount_asset
        try:
            self._house.do(_paying(account, in_discount_asset=charge.in_discount_asset), now)
            self._house.do(SetCommission(account.account_id, charge.rate, charge.rate, symbol=own), now)
            if charge.in_discount_asset:
                price = order.price or order.terms.price or order.terms.stop_price or floor.last_price
                _need_discount(exchange, floor, account, order.side, (price, wanted))
            return _tried(floor, lambda: self._fill(floor, order, wanted, wish, now))
        finally:
            back = SetCommission(account.account_id, *rates.standard, own, rates.special, rates.tax)
            self._house.do(back, now)
            self._house.do(_paying(account, in_discount_asset=pays_so), now)

    def _fill(self, floor: Floor, order: Any, wanted: int, wish: Wish, now: int) -> None:  # noqa: ANN401  of either kind
        works_at = order.price or order.terms.price
        if works_at and wish.price not in (None, works_at):
            raise CannotError(
                f"order {order.order_id} is for {format_fixed(works_at)} and trades at its own price: "
                f"nobody can trade with it at {format_fixed(wish.price or 0)}"
            )
        if order.level is None:
            assert isinstance(floor, SpotFloor)
            self._wake(floor, order, wanted, wish, now)
        while floor.got(order.order_id) < wanted and order.level is not None:
            self._fill_once(floor, order, wanted - floor.got(order.order_id), wish, now)
        if floor.got(order.order_id) < wanted:
            raise CannotError(f"order {order.order_id} ended, or others traded in its place, before it had what was asked for")

    def _fill_once(self, floor: Floor, order: Any, wanted: int, wish: Wish, now: int) -> None:  # noqa: ANN401  as above
        """Send one order at a resting one, for as much of what is wanted as one order may be."""
        side = opposite(order.side)
        plan = plan_fill(floor.book, order, wanted)
        others = [row for row in plan.ahead if not floor.is_own(row[0])]
        if others and not wish.through:
            raise CannotError(
                f"order {order.order_id} has others ahead that have to trade first ({len(others)}, with "
                f"{format_fixed(sum(quantity for _, quantity in others))}); say through to trade with them too",
                _rows(floor, others),
            )
        best = others[0][0].price if others else order.price
        floor.need(floor.forbidden(side, best, now) or floor.forbidden(side, order.price, now))
        if floor.withdraw_own(order.side, order.price, now):
            plan = plan_fill(floor.book, order, wanted)
        most, least = floor.most(order.price), floor.least(order.price)
        quantity = min(plan.total, most)
        if 0 < plan.total - quantity < least <= quantity - least:
            # What is left has to be enough for an order of its own.
            quantity -= -(-least // floor.step) * floor.step
        before = len(floor.fills)
        floor.take_exactly(side, order.price, quantity, now, alone=plan.last and quantity == plan.total)
        if len(floor.fills) == before:
            raise CannotError(f"order {order.order_id} could not be traded with")

    def _wake(self, floor: SpotFloor, order: Any, wanted: int, wish: Wish, now: int) -> None:  # noqa: ANN401  as above
        """Let an order trigger that waits for the price; one that takes what there is then meets the house."""
        waiting, takes = floor.market.triggers.waiting, stops.takes_at_once(order)
        while order.order_id in waiting:
            goal = stops.goal_of(floor, order)
            if not wish.through:
                raise CannotError(
                    f"order {order.order_id} waits until the last price is {format_fixed(goal.price)}; trade through that "
                    "price, or say through"
                )
            if goal.triggers and takes:
                price = goal.price if wish.price is None else wish.price
                floor.need(floor.flaw_of_price(price))
                if (price < goal.price) if goal.is_above else (price > goal.price):
                    problem = f"a trade at {format_fixed(price)} does not trigger it, only one at {format_fixed(goal.price)}"
                    raise CannotError(problem)
                stops.fill_at_trigger(floor, order, wanted, price, now)
                continue
            last = self._clear(floor, goal.price, now, lambda: order.order_id not in waiting)
            if order.order_id in waiting:
                self._print_alone(floor, goal.price, floor.least(goal.price), last, now)

    # ---- prices

    def trade_through(self, symbol: str, price: int, now: int) -> dict[str, Any]:
        """Trade with everybody up to a price, which becomes the last one."""
        floor = self._open_floor(symbol, price, now)
        problem = _tried(floor, lambda: self._trade_through(floor, price, now))
        return {**_told_trades(floor), **problem}

    def print_price(
        self, symbol: str, price: int, quantity: int | None, taker: Side | None, now: int, *, through: bool
    ) -> dict[str, Any]:
        """Let a trade happen at a price."""
        floor = self._open_floor(symbol, price, now)
        quantity = floor.least(price) if quantity is None else quantity
        floor.need(_flaw_of_quantity(floor, price, quantity))
        in_way = [row for side in Side for row in _others_up_to(floor, side, price)]
        others = [row for row in in_way if floor.owner(row[0]).is_user or row[0].price != price]
        if others and not through:
            raise CannotError(
                f"others have to trade before there can be a trade at {format_fixed(price)} ({len(others)}); "
                "say through to trade with them",
                _rows(floor, others),
            )
        if in_way and not others:
            side = opposite(in_way[0][0].side)
            floor.need(floor.forbidden(side, price, now))
            floor.withdraw_own(in_way[0][0].side, price, now)
            floor.take(side, price, quantity, now)
            return _told_trades(floor)
        asked = quantity
        problem = _tried(floor, lambda: self._print(floor, price, asked, taker, now))
        return {**_told_trades(floor), **problem}

    def _print(self, floor: Floor, price: int, quantity: int, taker: Side | None, now: int) -> None:
        self._clear(floor, price, now)
        self._print_alone(floor, price, quantity, taker, now)

    def _trade_through(self, floor: Floor, price: int, now: int) -> None:
        last = self._clear(floor, price, now)
        if floor.last_price != price or last is None:
            self._print_alone(floor, price, floor.least(price), last, now)

    def _clear(self, floor: Floor, price: int, now: int, is_done: Callable[[], bool] | None = None) -> Side | None:
        """Take everything up to a price off the book, or until `is_done`; return the side that took, None when none had to."""
        took: Side | None = None
        for _ in range(_ROUNDS_MAX):
            rows, side = _others_up_to(floor, _SELL, price), _BUY
            if not rows:
                rows, side = _others_up_to(floor, _BUY, price), _SELL
            if not rows or (is_done is not None and is_done()):
                return took
            floor.need(floor.forbidden(side, rows[0][0].price, now) or floor.forbidden(side, price, now))
            floor.withdraw_own(opposite(side), price, now)
            total = sum(quantity for _, quantity in rows)
            before = len(floor.fills)
            floor.take(side, price, min(max(total, floor.least(price)), floor.most(price)), now)
            if len(floor.fills) == before:
                raise CannotError(f"the orders up to {format_fixed(price)} could not be traded with")
            took = side
        raise CannotError(f"orders at {format_fixed(price)} keep triggering each other")

    def _print_alone(self, floor: Floor, price: int, quantity: int, taker: Side | None, now: int) -> None:
        """Let the house trade with itself, where nobody else would trade."""
        side = taker or (_BUY if price >= floor.last_price else _SELL)
        floor.need(floor.forbidden(side, price, now))
        for one in Side:
            floor.withdraw_own(one, price, now)
        floor.trade_alone(side, price, quantity, now)

    # ---- books

    def quote(self, symbol: str, sides: dict[Side, list[tuple[int, int]]], now: int) -> dict[str, Any]:
        """Let orders of the house rest on a book, in the place of those that do."""
        floor = floor_of(self._house, symbol)
        floor.need(floor.closed(now))
        rows = [(side, *row) for side, given in sides.items() for row in given]
        for side, price, quantity in rows:
            floor.need(floor.flaw_of_price(price) or _flaw_of_quantity(floor, price, quantity))
            in_way = _others_up_to(floor, opposite(side), price)
            if in_way:
                raise CannotError(f"orders rest where {format_fixed(price)} would trade with them", _rows(floor, in_way))
        bids, asks = ([price for one, price, _ in rows if one is side] for side in (_BUY, _SELL))
        if bids and asks and max(bids) >= min(asks):
            raise CannotError("bids and asks cross each other")
        for side in Side:
            floor.withdraw_own(side, 0, now)
        for side, price, quantity in rows:
            floor.rest(side, price, quantity, now)
        return {"symbol": symbol, **_told_quotes(floor)}

    def empty(self, symbol: str, sides: tuple[Side, ...], until: int | None, now: int, *, users: bool) -> dict[str, Any]:
        """Take the orders off a book, or off a side of it, and keep the simulated market away from there."""
        floor = floor_of(self._house, symbol)
        highest_bid = 0 if _BUY in sides else None
        lowest_ask = 0 if _SELL in sides else None
        return self._keep_away(floor, Absence(symbol, self._exchange.epoch, highest_bid, lowest_ask, until), now, users=users)

    def widen(self, symbol: str, highest_bid: int, lowest_ask: int, until: int | None, now: int) -> dict[str, Any]:
        """Take the orders between two prices off a book, and keep the simulated market out of there."""
        floor = floor_of(self._house, symbol)
        if not 0 < highest_bid < lowest_ask:
            raise CannotError(f"there is nothing between {format_fixed(highest_bid)} and {format_fixed(lowest_ask)}")
        return self._keep_away(floor, Absence(symbol, self._exchange.epoch, highest_bid, lowest_ask, until), now, users=False)

    def middle(self, symbol: str) -> int:
        """Return the middle between the best bid and the best ask of a book, or else the last price."""
        floor = floor_of(self._house, symbol)
        bid, ask = floor.book.best_bid(), floor.book.best_ask()
        middle = (bid + ask) // 2 if bid is not None and ask is not None else floor.last_price
        if not middle:
            raise CannotError(f"nobody knows what {symbol} costs: it has no trades, and not both sides of a book")
        return middle

    def rounded(self, symbol: str, price: int, *, up: bool) -> int:
        """Return a price rounded to a tick."""
        return floor_of(self._house, symbol).nearest(price, up=up)

    def release(self, symbol: str, now: int) -> dict[str, Any]:
        """Let the simulated market come back to a symbol, and take the house's quotes off it."""
        floor = floor_of(self._house, symbol)
        for side in Side:
            floor.withdraw_own(side, 0, now)
        self._house.do(self._absences.staged(symbol, None, now), now)
        return {"symbol": symbol, **_told_quotes(floor)}

    def _keep_away(self, floor: Floor, absence: Absence, now: int, *, users: bool) -> dict[str, Any]:
        left, withdrawn = [], 0
        for order in list(floor.orders.values()):
            if order.level is None or not absence.forbids(order.side, order.price):
                continue
            if (users or not floor.owner(order).is_user) and floor.withdraw(order, now):
                withdrawn += 1
            elif order.level is not None:
                left.append((order, order.leaves + order.reserve))
        self._house.do(self._absences.staged(floor.name, absence, now), now)
        return {"symbol": floor.name, "withdrawn": withdrawn, "left": _rows(floor, left), **_told_quotes(floor)}

    # ---- money

    def pay(self, account: Account, asset: str, amount: int, now: int) -> None:
        """Let an account pay the house a commission outside of a trade; a negative one is paid by the house."""
        house = self._house.account(now)
        if amount < 0:
            self._house.fund(asset, -amount, now)
        for payer, paid in ((account, -amount), (house, amount)):
            self._house.do(Deposit(payer.account_id, asset, paid), now)

    def standing(self, now: int) -> list[dict[str, Any]]:
        """Tell where the simulated market stays away, and what the house has on books."""
        absences = self._absences.now(now)
        symbols = dict.fromkeys((*self._exchange.markets, *self._exchange.options.markets))
        rows = []
        for symbol in symbols:
            floor, absence = floor_of(self._house, symbol), absences.get(symbol)
            quotes = _told_quotes(floor)
            if absence is not None or quotes["bids"] or quotes["asks"]:
                rows.append({"symbol": symbol, "away": None if absence is None else _told_absence(absence), **quotes})
        return rows

    def _open_floor(self, symbol: str, price: int, now: int) -> Floor:
        floor = floor_of(self._house, symbol)
        floor.need(floor.closed(now) or floor.flaw_of_price(price))
        return floor


def _found(floor: Floor, which: Which) -> Any:  # noqa: ANN401  an order of either kind
    """Return the open order that is meant."""
    if which.order_id is not None:
        order = floor.orders.get(which.order_id)
        named = [order] if order is not None else []
    else:
        named = [order for order in floor.orders.values() if order.terms.client_order_id == which.client_order_id]
    if which.account:
        named = [order for order in named if floor.owner(order).name == which.account]
    if not named:
        name = which.order_id if which.order_id is not None else repr(which.client_order_id[:40])
        owner = f" of {which.account[:40]}" if which.account else ""
        raise CannotError(f"{floor.name} has no open order {name}{owner}", status=404)
    if len(named) > 1:
        raise CannotError("several accounts have an order of that name: say whose")
    if floor.is_own(named[0]):
        raise CannotError(f"order {named[0].order_id} is the house's own")
    return named[0]


def _others_up_to(floor: Floor, side: Side, price: int) -> list[tuple[Any, int]]:
    """Return what somebody else has on a side of the book at a price or better."""
    return [row for row in whole_levels(floor.book.side(side), price) if not floor.is_own(row[0])]


def _wanted(floor: Floor, left: int, wish: Wish) -> int:
    """Return how much an order is to be filled by."""
    if wish.quantity is None:
        share = SCALE if wish.share is None else wish.share
        return min(max(left * share // SCALE // floor.step * floor.step, floor.step), left) if share < SCALE else left
    if wish.quantity > left:
        raise CannotError(f"the order has {format_fixed(left)} left")
    # What is left of an order may be no multiple of a step, for example of one that was paid by another (faqs/opo).
    if wish.quantity % floor.step and wish.quantity != left:
        raise CannotError(f"{format_fixed(wish.quantity)} is no multiple of the step, {format_fixed(floor.step)}")
    return wish.quantity


def _pending(order: Any) -> str:  # noqa: ANN401  a spot order
    working = order.order_list.orders[0] if order.order_list is not None else order
    return f"order {order.order_id} is not placed before order {working.order_id} of its list is filled: fill that one first"


def _flaw_of_quantity(floor: Floor, price: int, quantity: int) -> str | None:
    least, most = floor.least(price), floor.most(price)
    if quantity % floor.step or not least <= quantity <= most:
        limits = f"{format_fixed(least)} to {format_fixed(most)}"
        return f"at {format_fixed(price)} an order is from {limits}, by {format_fixed(floor.step)}"
    return None


def _need_discount(exchange: Exchange, floor: SpotFloor, account: Account, side: Side, fill: tuple[int, int]) -> None:
    """Stop when a fill of (price, quantity) would not be charged in the venue's discount asset."""
    symbol, name = floor.market.symbol, exchange.venue.rules.discount_asset
    if not symbol.discount_allowed:
        raise CannotError(f"commissions on {floor.name} are not paid in {name}")
    asset, amount = (symbol.base_asset, fill[1]) if side is _BUY else (symbol.quote_asset, notional_floor(*fill))
    if discounted(exchange.venue, floor.market, account, asset, amount, is_maker=True) is None:
        raise CannotError(f"{account.name} has not enough {name} free for it, or no market knows what {asset} is in {name}")


def _tried(floor: Floor, work: Callable[[], None]) -> dict[str, str]:
    """Do some work; what stops it behind the first fill is told beside what was filled."""
    try:
        work()
    except CannotError as error:
        if not floor.fills:
            raise
        return {"problem": str(error)}
    return {}


def _paying(account: Account, *, in_discount_asset: bool) -> ConfigureAccount:
    return ConfigureAccount(
        account.account_id,
        account.can_trade,
        in_discount_asset,
        account.prevents_sor,
        account.trade_group,
        account.permissions,
        tuple(account.asset_limits.items()),
    )


def _told_fill(floor: Floor, order: Any, wanted: int, left: int) -> dict[str, Any]:  # noqa: ANN401  of either kind
    number, got = order.order_id, floor.got(order.order_id)
    state = floor.states.get(number)
    return {
        "symbol": floor.name,
        "order_id": number,
        "client_order_id": order.terms.client_order_id,
        "account": floor.owner(order).name,
        "status": (order.status if state is None else state.status).name,
        "asked": format_fixed(wanted),
        "filled": format_fixed(got),
        "left": format_fixed(max(left - got, 0)),
        **_told_trades(floor, number),
    }


def _told_trades(floor: Floor, order_id: int | None = None) -> dict[str, Any]:
    """Return the trades of an order as `trades`, and those of everybody else as `others`."""
    accounts = floor.house.exchange.accounts.by_id
    rows = [
        {
            "account": accounts[fill.account].name,
            "order_id": fill.order_id,
            "trade_id": fill.trade_id,
            "price": format_fixed(fill.price),
            "quantity": format_fixed(fill.quantity),
            "commission": format_fixed(fill.commission),
            "commission_asset": fill.commission_asset,
            "is_maker": fill.is_maker,
        }
        for fill in floor.fills
    ]
    if order_id is None:
        return {"symbol": floor.name, "last_price": format_fixed(floor.last_price), "others": rows}
    return {
        "trades": [row for row in rows if row["order_id"] == order_id],
        "others": [row for row in rows if row["order_id"] != order_id],
        "last_price": format_fixed(floor.last_price),
    }


def _told_quotes(floor: Floor) -> dict[str, Any]:
    own = [order for order in floor.orders.values() if order.level is not None and floor.is_own(order)]
    return {
        name: [[format_fixed(order.price), format_fixed(order.leaves)] for order in own if order.side is side]
        for name, side in (("bids", _BUY), ("asks", _SELL))
    }


def _told_absence(absence: Absence) -> dict[str, Any]:
    bid, ask = absence.highest_bid, absence.lowest_ask
    return {
        "highest_bid": None if bid is None else format_fixed(bid),
        "lowest_ask": None if ask is None else format_fixed(ask),
        "until_ms": None if absence.until is None else absence.until // 1000,
    }


def _rows(floor: Floor, orders: list[tuple[Any, int]]) -> list[dict[str, Any]]:
    """Return orders as an answer tells of them, those that come first."""
    return [
        {
            "account": floor.owner(order).name,
            "order_id": order.order_id,
            "client_order_id": order.terms.client_order_id,
            "side": order.side.name,
            "price": format_fixed(order.price),
            "quantity": format_fixed(quantity),
        }
        for order, quantity in orders[:_AHEAD_TOLD]
    ]
