"""A spot exchange so simple that it is obviously right: the judge of the fast one.

`do` carries out one command and returns what happened as facts, or the one fact that it was refused. What there is stands in
`naive_state`, what is refused in `naive_rules`, what orders do to each other in `naive_floor`.
"""

from collections.abc import Callable

from msgspec.structs import replace

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
    Reset,
    SetCommission,
    SetReferencePrice,
    SetSymbolStatus,
)
from papernet.core.enums import CancelRestriction, ListKind, OrderStatus, SymbolStatus
from tests.support import naive_rules as rules
from tests.support.naive_floor import NaiveFloor
from tests.support.naive_state import STOPS, Fact, NaiveList, NaiveOrder, NaiveRules, No, Phase

__all__ = ["NaiveExchange", "NaiveRules"]

PAYS = (ListKind.OPO, ListKind.OPOCO)


class NaiveExchange(NaiveFloor):
    """What may be asked of an exchange."""

    def do(self, command: Command, at: int) -> list[Fact]:
        """Carry out a command."""
        handlers: dict[type, Callable[..., None]] = {
            NewOrder: self.new_order,
            NewOrderList: self.new_list,
            CancelOrder: self.cancel,
            CancelOpenOrders: self.cancel_all,
            CancelOrderList: self.cancel_list,
            ReplaceOrder: self.replace,
            AmendOrder: self.amend,
            Deposit: self.deposit,
            LockBalance: self.lock,
            SetCommission: self.commission,
            ConfigureAccount: self.configure,
            SetSymbolStatus: self.set_status,
            SetReferencePrice: self.set_reference,
            Reset: self.reset,
        }
        self.at, self.facts = at, []
        try:
            handlers[type(command)](command)
        except No as no:
            assert not self.facts, "what is refused changed nothing"
            return [("REFUSED", str(no))]
        self.run_queue()
        self.finish_lists()
        return self.facts

    def check_account(self, account: int) -> None:
        """Some accounts may neither place nor cancel."""
        if not self.accounts[account].may_trade:
            raise No("ACCOUNT_MAY_NOT_TRADE")

    def new_order(self, terms: NewOrder) -> None:
        """Place an order."""
        self.check_account(terms.account)
        if terms.uses_sor and not self.accounts[terms.account].may_route:
            raise No("ACTION_DISABLED")
        rules.check_names(self, (terms,))
        self.check_before(terms)
        self.place(terms)

    def check_before(self, terms: NewOrder) -> None:
        """Check what does not depend on the book."""
        rules.check_open(self, terms.symbol)
        if terms.uses_sor and terms.symbol not in self.routes:
            raise No("SOR_NOT_SUPPORTED")
        rules.check_shape(terms)
        rules.check_notional(terms)
        self.check_filters(terms)
        rules.check_counts(self, (terms,))

    def entry_price(self, terms: NewOrder) -> int:
        """Return the price at which an order enters the book now; 0 for one that waits, or that takes any price."""
        return 0 if terms.order_type in STOPS else rules.peg(self, terms)

    def check_filters(self, terms: NewOrder) -> None:
        """Check the filters with the price that is pegged and with the one that was given."""
        price = self.entry_price(terms)
        if price and terms.peg_price:
            rules.check_price(self, terms, price, terms.quantity)
        rules.check_filters(self, terms, terms.price, terms.quantity)
        rules.check_asset_limits(self, terms)

    def place(self, terms: NewOrder) -> None:
        """Place an order that passed the filters."""
        rules.check_trigger(self, terms)
        quantity = rules.size_by_quote(self, terms) if terms.quote_quantity else terms.quantity
        stops, price = terms.order_type in STOPS, self.entry_price(terms)
        rules.check_making(self, terms, price)
        order = self.add(terms, quantity, Phase.WAITING if stops else Phase.WORKING)
        try:
            self.pay_for(order, price)
        except No:
            self.forget(order)
            raise
        if stops:
            self.wait(order)
        else:
            self.tell("NEW", order)
            self.enter(order)

    def pay_for(self, order: NaiveOrder, price: int) -> None:
        """Let a new order hold what it needs."""
        order.price = price
        if order.phase is Phase.WORKING:
            self.set_aside(order, price)
        elif self.free(order.terms.account, self.market_of(order).spends(order.terms.side)) < 0:
            raise No("INSUFFICIENT_BALANCE")

    def forget(self, order: NaiveOrder) -> None:
        """Take a new order back that cannot be paid for."""
        market = self.market_of(order)
        market.orders.remove(order)
        market.placed -= 1

    def new_list(self, command: NewOrderList) -> None:
        """Place an order list: all its orders are checked before any is placed."""
        self.check_list(command)
        at_once = 2 if command.kind is ListKind.OCO else 1
        of_list = NaiveList(self.listed, command.kind, command.account, command.symbol, command.list_client_order_id)
        of_list.pays = command.kind in PAYS
        prices = [self.entry_price(leg) if place < at_once else 0 for place, leg in enumerate(command.legs)]
        for place, leg in enumerate(command.legs):
            first = Phase.WAITING if leg.order_type in STOPS else Phase.WORKING
            order = self.add(leg, leg.quantity, first if place < at_once else Phase.PENDING)
            order.of_list = of_list
            of_list.orders.append(order)
        try:
            for order, price in zip(of_list.orders, prices, strict=True):
                self.pay_for(order, price)
        except No:
            for order in of_list.orders:
                self.forget(order)
            raise
        self.listed += 1
        self.lists.append(of_list)
        self.facts.append(("LIST", of_list.list_id, "EXEC_STARTED"))
        for order in of_list.orders:
            if order.phase is Phase.WAITING:
                self.wait(order)
            else:
                self.tell("NEW", order)
        for order in of_list.orders:
            if order.phase is Phase.WORKING:
                self.enter(order)

    def check_list(self, command: NewOrderList) -> None:
        """Check each rule for all orders of a list before the next rule."""
        kind, legs = command.kind, command.legs
        first, later = (legs, legs[:0]) if kind is ListKind.OCO else (legs[:1], legs[1:])
        self.check_account(command.account)
        rules.check_names(self, legs, command.list_client_order_id)
        rules.check_open(self, command.symbol)
        for leg in legs:
            rules.check_shape(leg)
        for leg in legs if kind not in PAYS else first:
            rules.check_notional(leg)
        prices = [self.entry_price(leg) for leg in first]
        for leg in first:
            self.check_filters(leg)
        for leg in later:
            rules.check_filters(self, leg, leg.price, leg.quantity)
            rules.check_asset_limits(self, leg)
        rules.check_counts(self, legs, is_list=True)
        pair = first if kind is ListKind.OCO else later
        if len(pair) == 2:
            rules.check_relation(self, (pair[0], pair[1]), pending=pair is later)
        for leg in first:
            rules.check_trigger(self, leg)
        for leg, price in zip(first, prices, strict=True):
            rules.check_making(self, leg, price)

    def named(self, account: int, symbol: str, order_id: int, name: str) -> list[NaiveOrder]:
        """Return the open order, if there is one, that is named by id, by client order id, or by both."""
        mine = self.orders_of(account, symbol)
        if order_id >= 0:
            return [one for one in mine if one.order_id == order_id and name in ("", one.terms.client_order_id)]
        return [one for one in mine if one.terms.client_order_id == name != ""]

    def cancel(self, command: CancelOrder) -> None:
        """Cancel an order and the whole list that it is in."""
        self.check_account(command.account)
        named = self.named(command.account, command.symbol, command.order_id, command.orig_client_order_id)
        if not named:
            raise No("UNKNOWN_ORDER")
        (order,) = named
        if command.restriction is CancelRestriction.ONLY_NEW and order.status is not OrderStatus.NEW:
            raise No("CANCEL_RESTRICTED")
        if command.restriction is CancelRestriction.ONLY_PARTIALLY_FILLED and order.status is not OrderStatus.PARTIALLY_FILLED:
            raise No("CANCEL_RESTRICTED")
        self.cancel_with_list(order)

    def cancel_with_list(self, order: NaiveOrder) -> None:
        """Cancel an open order first, then all others of its list."""
        others = self.open_of(order.of_list) if order.of_list else []
        for one in (order, *(other for other in others if other is not order)):
            self.drop(one, "CANCELED")
        if order.of_list:
            order.of_list.received = 0
        self.finish_lists()

    def cancel_all(self, command: CancelOpenOrders) -> None:
        """Cancel all orders of an account on a symbol, lists whole."""
        self.check_account(command.account)
        mine = self.orders_of(command.account, command.symbol)
        if not mine:
            raise No("UNKNOWN_ORDER")
        for order in mine:
            if self.is_open(order):
                self.cancel_with_list(self.open_of(order.of_list)[0] if order.of_list else order)

    def cancel_list(self, command: CancelOrderList) -> None:
        """Cancel an order list."""
        self.check_account(command.account)
        for one in self.lists:
            by_id = command.order_list_id >= 0
            named = one.list_id == command.order_list_id if by_id else one.name == command.list_client_order_id
            if (one.account, one.symbol) == (command.account, command.symbol) and named:
                if command.list_client_order_id not in ("", one.name):
                    break
                self.cancel_with_list(self.open_of(one)[0])
                return
        raise No("UNKNOWN_ORDER_LIST")

    def replace(self, command: ReplaceOrder) -> None:
        """Cancel an order and place another one."""
        terms = command.order
        self.check_account(terms.account)
        self.check_before(terms)
        try:
            self.cancel(command.cancel)
        except No as no:
            self.facts.append(("CANCEL_FAILED", str(no)))
            if command.stops_on_failure:
                self.facts.append(("PLACEMENT_FAILED", None))
                return
        try:
            rules.check_names(self, (terms,))
            self.place(terms)
        except No as no:
            self.facts.append(("PLACEMENT_FAILED", str(no)))

    def amend(self, command: AmendOrder) -> None:
        """Lower an order's quantity; of two alternatives both are lowered."""
        account, symbol, quantity = command.account, command.symbol, command.quantity
        self.check_account(account)
        named = self.named(account, symbol, command.order_id, command.orig_client_order_id)
        names = [one.terms.client_order_id for one in self.orders_of(account, symbol) if one not in named]
        if command.client_order_id and command.client_order_id in names:
            raise No("DUPLICATE_CLIENT_ORDER_ID")
        rules.check_open(self, symbol, SymbolStatus.CANCEL_ONLY)
        if not named:
            raise No("UNKNOWN_ORDER")
        (order,) = named
        of_list = order.of_list
        if of_list and of_list.pays and order.phase is Phase.PENDING:
            raise No("AMEND_PENDING_OPO")
        if quantity == order.quantity:
            raise No("AMEND_CHANGES_NOTHING")
        if quantity > order.quantity:
            raise No("AMEND_INCREASES")
        if order.amends >= (self.markets[symbol].rules.max_amends or 10**9):
            raise No("TOO_MANY_AMENDS")
        twin = of_list.twin(order) if of_list else None
        both = [order, twin] if twin is not None and self.is_open(twin) else [order]
        if any(quantity <= one.filled + one.prevented for one in both):
            raise No("ZERO_NOTIONAL")
        for one in both:
            rules.check_filters(self, one.terms, one.price or one.terms.price, quantity)
            rules.check_asset_limits(self, replace(one.terms, quantity=quantity))
        self.value_anew(order)
        renamed = command.client_order_id != order.terms.client_order_id
        for one in both:
            self.lower(one, quantity, command.client_order_id if one is order else "")
        if of_list and renamed:
            self.facts.append(("LIST", of_list.list_id, "UPDATED"))

    def lower(self, order: NaiveOrder, quantity: int, name: str) -> None:
        """Take the difference from what is hidden first, then from what is shown."""
        terms, before = order.terms, order.quantity
        order.terms = replace(terms, quantity=quantity, client_order_id=name or terms.client_order_id)
        order.leaves -= before - quantity
        order.quantity = quantity
        order.shown = min(order.shown, order.leaves)
        order.amends += 1
        self.tell("REPLACED", order)
        self.facts.append(("AMENDED", terms.symbol, order.order_id, before, quantity))

    def deposit(self, command: Deposit) -> None:
        """Add money, or take it out."""
        if command.amount == 0:
            raise No("BAD_AMOUNT")
        if self.free(command.account, command.asset) + command.amount < 0:
            raise No("INSUFFICIENT_BALANCE")
        self.move(command.account, command.asset, command.amount)
        self.issue(command.asset, command.amount)

    def lock(self, command: LockBalance) -> None:
        """Put money aside for somebody outside, or give it back."""
        account, asset, amount = self.accounts[command.account], command.asset, command.amount
        locked = account.locked.get(asset, 0) + amount
        if amount == 0 or locked < 0 or amount > self.free(command.account, asset):
            raise No("BAD_AMOUNT")
        account.locked[asset] = locked
        self.facts.append(("LOCKED", command.account, asset, amount))

    def commission(self, command: SetCommission) -> None:
        """Set an account's rates, for one symbol or for those that have none of their own."""
        standard = (command.maker, command.taker, command.buyer, command.seller)
        self.accounts[command.account].rates[command.symbol] = (standard, command.special, command.tax)

    def configure(self, command: ConfigureAccount) -> None:
        """Set what an account may do."""
        account = self.accounts[command.account]
        account.may_trade, account.may_route = command.can_trade, not command.prevents_sor
        account.pays_in_bnb, account.group = command.pays_with_discount_asset, command.trade_group
        account.most_of = dict(command.asset_limits)

    def set_status(self, command: SetSymbolStatus) -> None:
        """Open or close a market."""
        self.markets[command.symbol].status = command.status

    def set_reference(self, command: SetReferencePrice) -> None:
        """Set a reference price from outside."""
        self.markets[command.symbol].reference = command.price

    def reset(self, command: Reset) -> None:
        """Start over."""
        self.start_over(command.balances)
