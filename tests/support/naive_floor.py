"""The naive exchange's floor: orders meet, prevent each other, trigger others, end, and what follows for their lists."""

from math import floor

from msgspec.structs import replace

from papernet.core.commands import NewOrder
from papernet.core.enums import OrderStatus, OrderType, SelfTradeMode, TimeInForce
from tests.support import naive_rules as rules
from tests.support.naive_money import charge, commission, set_aside_for_pending
from tests.support.naive_state import ANY_PRICE, STOPS, NaiveList, NaiveMarket, NaiveOrder, NaiveState, No, Phase, cost

EXPIRIES = {
    (True, TimeInForce.GTC): "INSUFFICIENT_LIQUIDITY",
    (False, TimeInForce.IOC): "UNFILLED_IOC_QUANTITY",
    (False, TimeInForce.FOK): "UNFILLED_FOK_ORDER",
}


class NaiveFloor(NaiveState):
    """Everything that happens to orders once they are accepted."""

    def add(self, terms: NewOrder, quantity: int, phase: Phase) -> NaiveOrder:
        """Take an order in. Until its price is known, a buyer sets money aside by its stop price, or by the last price."""
        market = self.markets[terms.symbol]
        market.placed += 1
        worth = terms.price or terms.stop_price or market.last
        order = NaiveOrder(terms, market.placed, quantity, quantity, phase, worth=worth)
        if phase is Phase.PENDING:
            order.status = OrderStatus.PENDING_NEW
        market.orders.append(order)
        return order

    def set_aside(self, order: NaiveOrder, price: int) -> None:
        """Let an order hold what it needs at a price (0: at any); `No` when the account has not got it."""
        before = (order.worth, order.budget, order.most)
        order.most = None
        if not price:
            order.budget = order.terms.quote_quantity or rules.price_of(rules.dry_run(self, order.terms, 0, order.leaves))
        order.worth = price
        if self.free(order.terms.account, self.market_of(order).spends(order.terms.side)) < 0:
            order.worth, order.budget, order.most = before
            raise No("INSUFFICIENT_BALANCE")

    def value_anew(self, order: NaiveOrder, spent: int = 0) -> None:
        """Work out anew, by the last price of now, what an order that becomes smaller and its alternative hold.

        It is never more than what is left of what they held.
        """
        twin = order.of_list.twin(order) if order.of_list else None
        both = [order, twin] if twin is not None and self.is_open(twin) else [order]
        most = max(one.need() for one in both)
        for one in both:
            one.most = most - spent
            if one.phase is not Phase.WORKING and not one.terms.price and not one.terms.stop_price:
                one.worth = self.market_of(one).last

    def run_queue(self) -> None:
        """Let those that were triggered, and those whose working order is filled, have their turn, first come first."""
        while self.queue:
            first = self.queue.pop(0)
            if isinstance(first, NaiveList):
                self.activate(first)
            elif self.is_open(first):
                self.trigger(first)

    def trigger(self, order: NaiveOrder) -> None:
        """A stop order's moment has come: its alternative ends, and it enters the book."""
        self.end_twin(order)
        self.turn(order)

    def activate(self, of_list: NaiveList) -> None:
        """The working order is filled: the pending orders are placed."""
        received, of_list.received = of_list.received, 0
        pending = [order for order in of_list.others() if self.is_open(order)]
        if of_list.pays:
            for order in pending:
                steps = self.market_of(order).rules
                step = max(steps.lots[2], steps.market_lots[2] if order.terms.order_type in ANY_PRICE else 0)
                order.quantity = order.leaves = received - received % step
        for order in pending:
            try:
                self.check_again(order)
                if len(pending) == 2 and order is pending[1]:
                    order = pending[0]  # noqa: PLW2901  the relation is the first one's fault
                    rules.check_relation(self, (order.terms, pending[1].terms), pending=False)
            except No:
                self.expire(order, "REJECTED")
                return
        for order in pending:
            if self.is_open(order):
                self.turn(order)

    def check_again(self, order: NaiveOrder) -> None:
        """Check what a pending order must be like when it is placed."""
        terms = order.terms
        if order.of_list and order.of_list.pays:
            if not order.quantity:
                raise No("LOT_SIZE")
            rules.check_shape(replace(terms, quantity=order.quantity))
            rules.check_filters(self, terms, terms.price, order.quantity)
            rules.check_asset_limits(self, replace(terms, quantity=order.quantity))
        rules.check_trigger(self, terms)
        if terms.order_type is OrderType.LIMIT_MAKER:
            rules.check_making(self, terms, rules.peg(self, terms))

    def turn(self, order: NaiveOrder) -> None:
        """Place a pending or a triggered order, or end it when the rules forbid it now."""
        try:
            self.put(order)
        except No:
            self.expire(order, "REJECTED")

    def put(self, order: NaiveOrder) -> None:
        """Place a pending or a triggered order; `No` when the rules forbid it now."""
        terms = order.terms
        if order.phase is Phase.PENDING and terms.order_type in STOPS:
            self.set_aside(order, terms.price or terms.stop_price or self.market_of(order).last)
            self.wait(order)
            return
        price = rules.peg(self, terms)
        if terms.peg_price:
            rules.check_price(self, terms, price, order.quantity)
        rules.check_making(self, terms, price)
        self.set_aside(order, price)
        order.price = price
        order.status = OrderStatus.NEW
        order.phase = Phase.WORKING
        self.tell("NEW", order)
        self.enter(order)

    def wait(self, order: NaiveOrder) -> None:
        """Let a stop order wait for its trigger; a trailing one without a stop price tracks the price at once."""
        order.phase, order.status, order.turn = Phase.WAITING, OrderStatus.NEW, self.next_turn()
        if order.terms.trailing_delta and not order.terms.stop_price:
            order.extreme = self.market_of(order).last
        self.tell("NEW", order)

    def enter(self, order: NaiveOrder) -> None:
        """Let an order take what it can; then it rests or ends."""
        terms, any_price = order.terms, order.terms.order_type in ANY_PRICE
        if not rules.is_fok(terms) or rules.can_fill(self, terms, order.price, order.leaves):
            self.match(order)
        elif rules.is_kept_back(self, terms, order.price, order.leaves):
            self.expire(order, "EXECUTION_RULE_PRICE_RANGE_EXCEEDED")
        if not self.is_open(order):
            return
        if not any_price and terms.time_in_force is TimeInForce.GTC:
            order.resting, order.turn = True, self.next_turn()
            order.shown = min(order.leaves, terms.iceberg_quantity or order.leaves)
        else:
            self.expire(order, EXPIRIES[any_price, TimeInForce.GTC if any_price else terms.time_in_force])

    def match(self, taker: NaiveOrder) -> None:
        """Meet one maker after the other."""
        low, high = rules.bounds(self, taker.terms)
        while self.is_open(taker) and (makers := rules.against(self, taker.terms, taker.price)):
            market, maker = makers[0]
            if not low <= maker.price <= high:
                self.expire(taker, "EXECUTION_RULE_PRICE_RANGE_EXCEEDED")
                return
            mode = rules.prevention(self, taker.terms, maker.terms)
            if mode is SelfTradeMode.NONE:
                self.trade(market, taker, maker)
            else:
                self.prevent(market, taker, maker, mode)

    def trade(self, market: NaiveMarket, taker: NaiveOrder, maker: NaiveOrder) -> None:
        """Trade as much as both show, at the maker's price."""
        quantity, price = min(taker.leaves, maker.shown), maker.price
        quote = floor(cost(price, quantity))
        for order in (taker, maker):
            order.leaves -= quantity
            order.filled += quantity
            order.spent += quote
            order.status = OrderStatus.PARTIALLY_FILLED if order.leaves else OrderStatus.FILLED
        if taker.budget is not None:
            taker.budget -= quote
        self.exchange(market, taker, maker, quantity, quote)
        fees = []
        for order, where in ((taker, self.market_of(taker)), (maker, market)):
            fee = commission(self, where, order, quantity if order.buys else quote, is_maker=order is maker)
            charge(self, order, where.receives(order.terms.side), fee)
            fees.append(fee)
        market.trades.append((self.at, price, quantity, quote))
        routed, last = taker.terms.uses_sor, (quantity, price, quote)
        ids = (self.id_on(market, taker), maker.order_id)
        self.facts.append(("TRADE", market.name, price, quantity, quote, maker.buys, *ids))
        if routed:
            self.facts.append(("ALLOCATION", taker.terms.symbol, taker.order_id, last, fees[0]))
        self.tell("TRADE", taker, last=last, fee=fees[0])
        self.tell("TRADE", maker, last=last, fee=fees[1], is_maker=True)
        self.pull_triggers(market, price)
        if taker.status is OrderStatus.FILLED:
            self.filled_whole(taker)
        self.end_twin(maker)
        self.after_shown(market, maker, quantity)
        if maker.status is OrderStatus.FILLED:
            self.filled_whole(maker)
        if not taker.leaves:
            self.market_of(taker).orders.remove(taker)

    def id_on(self, market: NaiveMarket, taker: NaiveOrder) -> int:
        """Return the id of a taker on a market: on the books of others the venue trades in its place, with an order a fill."""
        if market is self.market_of(taker):
            return taker.order_id
        market.placed += 1
        return market.placed

    def exchange(
        self, market: NaiveMarket, taker: NaiveOrder, maker: NaiveOrder, quantity: int, quote: int, *, is_fill: bool = True
    ) -> None:
        """Move base and quote between two orders; between interchangeable quote assets the venue converts."""
        for order, where in ((taker, self.market_of(taker)), (maker, market)):
            got, gave = (quantity, quote) if order.buys else (quote, quantity)
            self.move(order.terms.account, where.spends(order.terms.side), -gave)
            self.move(order.terms.account, where.receives(order.terms.side), got)
            if is_fill:
                set_aside_for_pending(order, got)
        mine, theirs = self.market_of(taker).rules.quote, market.rules.quote
        self.issue(mine, -quote if taker.buys else quote)
        self.issue(theirs, quote if taker.buys else -quote)

    def after_shown(self, market: NaiveMarket, maker: NaiveOrder, quantity: int) -> None:
        """Take from what a maker shows; the next part of an iceberg stands behind everybody at its price."""
        maker.shown -= quantity
        if not maker.leaves:
            market.orders.remove(maker)
        elif not maker.shown:
            maker.shown, maker.turn = min(maker.leaves, maker.terms.iceberg_quantity), self.next_turn()

    def prevent(self, market: NaiveMarket, taker: NaiveOrder, maker: NaiveOrder, mode: SelfTradeMode) -> None:
        """Keep two orders from trading: one of them, or both, lose quantity instead (faqs/stp_faq)."""
        quantity, price = min(taker.leaves, maker.shown), maker.price
        less = mode in (SelfTradeMode.DECREMENT, SelfTradeMode.TRANSFER)
        lost = {
            taker: quantity if less else taker.leaves if mode is not SelfTradeMode.EXPIRE_MAKER else 0,
            maker: quantity if less else maker.leaves if mode is not SelfTradeMode.EXPIRE_TAKER else 0,
        }
        quote = floor(cost(price, quantity))
        moves = mode is SelfTradeMode.TRANSFER and taker.terms.account != maker.terms.account
        self.value_anew(maker, (quote if maker.buys else quantity) if moves else 0)
        for order, amount in lost.items():
            order.leaves -= amount
            order.prevented += amount
        if moves:
            if taker.budget is not None:
                taker.budget -= quote
            self.exchange(market, taker, maker, quantity, quote, is_fill=False)
        symbols, ids = (taker.terms.symbol, market.name), (taker.order_id, maker.order_id)
        accounts = (taker.terms.account, maker.terms.account)
        self.facts.append(("PREVENTED", symbols, ids, accounts, mode.name, price, quantity, (lost[taker], lost[maker])))
        for order in (taker, maker):
            if not order.leaves:
                order.status = OrderStatus.EXPIRED_IN_MATCH
            if lost[order]:
                self.tell("TRADE_PREVENTION", order)
        if lost[maker]:
            self.after_shown(market, maker, quantity if less else maker.shown)
        if not taker.leaves:
            self.market_of(taker).orders.remove(taker)
        for order in (maker, taker):
            if not order.leaves:
                self.ended(order)

    def pull_triggers(self, market: NaiveMarket, price: int) -> None:
        """Look at every waiting order of a symbol after a trade: nearest stop price first, then first come first."""
        waiting = sorted((order for order in market.orders if order.phase is Phase.WAITING), key=lambda order: order.turn)
        plain = [order for order in waiting if not order.terms.trailing_delta and rules.meets(order.terms, price)]
        above = sorted((order for order in plain if rules.is_above(order.terms)), key=lambda order: order.terms.stop_price)
        below = sorted((order for order in plain if not rules.is_above(order.terms)), key=lambda order: -order.terms.stop_price)
        trailing = [order for order in waiting if order.terms.trailing_delta and self.trails(order, price)]
        for order in below + above + trailing:
            order.phase = Phase.TRIGGERED
            self.queue.append(order)

    def trails(self, order: NaiveOrder, price: int) -> bool:
        """Let a trailing order see a price; tell whether it triggers (faqs/trailing-stop-faq)."""
        if not order.extreme:
            starts = not order.terms.stop_price or rules.meets(order.terms, price)
            order.extreme = price if starts else 0
            return False
        if order.buys:
            order.extreme = min(order.extreme, price)
            return price * 10_000 >= order.extreme * (10_000 + order.terms.trailing_delta)
        order.extreme = max(order.extreme, price)
        return price * 10_000 <= order.extreme * (10_000 - order.terms.trailing_delta)

    def expire(self, order: NaiveOrder, reason: str) -> None:
        """End an order and what depends on it."""
        self.drop(order, "EXPIRED", reason)
        self.ended(order)

    def drop(self, order: NaiveOrder, status: str, reason: str = "NONE") -> None:
        """Take an open order away."""
        self.market_of(order).orders.remove(order)
        order.status = OrderStatus[status]
        self.tell(status, order, reason)

    def ended(self, order: NaiveOrder) -> None:
        """An order ended unfilled: pending orders will never be placed, and an alternative ends with it."""
        of_list = order.of_list
        if of_list is None:
            return
        if order is of_list.working():
            of_list.received = 0
            for pending in of_list.others():
                if self.is_open(pending):
                    self.drop(pending, "EXPIRED", "OTO_PHASE_ONE_EXPIRED")
        else:
            self.end_twin(order)

    def end_twin(self, order: NaiveOrder) -> None:
        """End an order's alternative, if it has one."""
        twin = order.of_list.twin(order) if order.of_list else None
        if twin is not None and self.is_open(twin):
            self.drop(twin, "EXPIRED", "OCO_TRIGGER")

    def filled_whole(self, order: NaiveOrder) -> None:
        """A working order is filled: its pending orders get in line."""
        if order.of_list and order is order.of_list.working() and order.of_list not in self.queue:
            self.queue.append(order.of_list)

    def finish_lists(self) -> None:
        """Say of which lists nothing is open any more."""
        for of_list in [one for one in self.lists if not self.open_of(one)]:
            self.lists.remove(of_list)
            self.facts.append(("LIST", of_list.list_id, "ALL_DONE"))
