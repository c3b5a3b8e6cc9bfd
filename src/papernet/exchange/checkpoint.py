"""The exchange's state as bytes, and back.

Order of work.  State is written as plain msgpack records in a fixed order; resting orders are written level by level in queue
                order, waiting ones in the order in which they began to wait, so that priority survives.
Invariant.      `encode(decode(data)) == data`. The bytes depend on the state alone: whatever is keyed by name is written in an
                order that entries decided (order of listing, opening, placing), never in that of a hash. The state hash is
                SHA-256 of these bytes.
Does not.       Hold views or journal positions: the file around it does.
"""

from hashlib import sha256
from typing import Final

from msgspec import Struct, ValidationError, msgpack

from papernet.core.account import NO_RATES, Account, Rates
from papernet.core.commands import NewOrder, RegisterKey
from papernet.core.enums import AccountKind, ListKind, OrderStatus, SymbolStatus
from papernet.core.events import OrderExtras
from papernet.core.order import Order
from papernet.core.order_list import OrderList, Phase
from papernet.exchange import option_state
from papernet.exchange.allowances import Allowance
from papernet.exchange.machine import Exchange
from papernet.exchange.option_state import OptionsState
from papernet.venues.spot.market import Market
from papernet.venues.spot.reference_price import ExternalPrice
from papernet.venues.spot.symbols import ExternalSpec, Symbol
from papernet.venues.spot.venue_rules import VenueRules

FORMAT: Final = 5


class _OrderState(Struct, frozen=True, array_like=True):
    terms: NewOrder
    order_id: int
    status: OrderStatus
    quantity: int
    cum_quantity: int
    cum_quote: int
    created_at: int
    updated_at: int
    leaves: int
    reserve: int
    price: int
    prevented: int
    held: int
    amends: int
    extras: OrderExtras | None


class _ListState(Struct, frozen=True, array_like=True):
    order_list_id: int
    account: int
    symbol: str
    kind: ListKind
    phase: Phase
    list_client_order_id: str
    created_at: int
    updated_at: int
    # its members, those that have ended too
    orders: list[_OrderState]


class _MarketState(Struct, frozen=True, array_like=True):
    symbol: Symbol
    status: SymbolStatus
    last: tuple[int, int, int]
    # order, trade, execution, prevented match, allocation, block trade
    next_ids: tuple[int, int, int, int, int, int]
    update_id: int
    averages: list[list[list[int]]]
    # whether the reference price comes from outside, and its state
    reference: tuple[bool, list[list[int]]] | None
    # best last, oldest first within a price
    bids: list[_OrderState]
    asks: list[_OrderState]
    # oldest first, with the best price since it began to trail or 0
    waiting: list[tuple[_OrderState, int]]
    pending: list[_OrderState]


class _AccountState(Struct, frozen=True, array_like=True):
    name: str
    uid: int
    kind: AccountKind
    updated_at: int
    rates: Rates
    symbol_rates: list[tuple[str, Rates]]
    # may trade, pays with the discount asset, prevents smart order routing
    switches: tuple[bool, bool, bool]
    trade_group: int
    permissions: tuple[str, ...]
    asset_limits: list[tuple[str, int]]
    balances: list[tuple[str, int, int]]
    external_locks: list[tuple[str, int]]
    # order of placement: (symbol, order id)
    open_orders: list[tuple[str, int]]
    # (10 s window, count, day, count)
    allowance: tuple[int, int, int, int] | None


class _Format(Struct, frozen=True, array_like=True):
    format: int


class _State(Struct, frozen=True, array_like=True):
    format: int
    epoch: int
    limits_enabled: bool
    listing_version: int
    assets: list[str]
    issued: list[tuple[str, int]]
    collected: list[tuple[str, int]]
    rules: VenueRules
    next_order_list_id: int
    markets: list[_MarketState]
    order_lists: list[_ListState]
    accounts: list[_AccountState]
    keys: list[RegisterKey]
    options: OptionsState
    # by name, sorted
    staged: list[tuple[str, bytes]]


def encode(exchange: Exchange) -> bytes:
    """Return the whole state as bytes."""
    state = _State(
        FORMAT,
        exchange.epoch,
        exchange.limits_enabled,
        exchange.listing_version,
        list(exchange.assets),
        sorted(exchange.ledger.issued.items()),
        sorted(exchange.ledger.collected.items()),
        exchange.venue.rules,
        exchange.venue.next_order_list_id,
        [_market_state(market) for market in exchange.markets.values()],
        [_list_state(order_list) for order_list in exchange.venue.order_lists.values()],
        [_account_state(account, exchange.allowances.get(key)) for key, account in exchange.accounts.by_id.items()],
        list(exchange.accounts.keys.values()),
        option_state.state_of(exchange),
        sorted(exchange.staged.items()),
    )
    return msgpack.encode(state)


def decode(data: bytes, *, is_trusted: bool = False) -> Exchange:
    """Return the exchange of `encode`'s bytes; raises msgspec.ValidationError or DecodeError when they are none.

    Bytes that are trusted, having come from `encode` here or under a checksum, are not looked through for contradictions.
    """
    try:
        found = msgpack.decode(data, type=_Format).format
        if found != FORMAT:
            message = f"the state has format {found}, and this papernet reads format {FORMAT}"
            raise ValidationError(message)
        state = msgpack.decode(data, type=_State)
    except UnicodeDecodeError as error:
        raise ValidationError(str(error)) from error
    try:
        exchange = _exchange(state)
        if not is_trusted:
            exchange.check_invariants()
    except (AssertionError, LookupError, ValueError) as error:
        message = "the state's records do not fit together"
        raise ValidationError(message) from error
    return exchange


def _exchange(state: _State) -> Exchange:
    exchange = Exchange()
    exchange.epoch = state.epoch
    exchange.limits_enabled = state.limits_enabled
    exchange.listing_version = state.listing_version
    exchange.assets.update(dict.fromkeys(state.assets))
    exchange.ledger.issued.update(state.issued)
    exchange.ledger.collected.update(state.collected)
    for number, saved in enumerate(state.accounts, 1):
        exchange.accounts.add(_account(number, saved))
        if saved.allowance is not None:
            allowance = exchange.allowances[number] = Allowance()
            allowance.ten, allowance.ten_count, allowance.day, allowance.day_count = saved.allowance
    venue = exchange.venue
    venue.set_rules(state.rules)
    venue.next_order_list_id = state.next_order_list_id
    for market_state in state.markets:
        venue.add(_market(market_state))
    for list_state in state.order_lists:
        order_list = _order_list(list_state, venue.markets[list_state.symbol])
        account = exchange.accounts.by_id[list_state.account]
        venue.order_lists[order_list.order_list_id] = order_list
        account.open_lists[order_list.order_list_id] = order_list
        account.list_client_order_ids[order_list.list_client_order_id] = order_list
    markets = venue.markets
    for number, saved in enumerate(state.accounts, 1):
        add_open = exchange.accounts.by_id[number].add_open
        for name, order_id in saved.open_orders:
            add_open(name, markets[name].orders[order_id])
    for key in state.keys:
        exchange.accounts.keys[key.api_key] = key
    option_state.restore(exchange, state.options)
    exchange.staged.update(state.staged)
    return exchange


def state_hash(exchange: Exchange) -> str:
    """Return the SHA-256 of the state's bytes, in hex."""
    return sha256(encode(exchange)).hexdigest()


def _market_state(market: Market) -> _MarketState:
    sides: list[list[_OrderState]] = []
    for side in (market.book.bids, market.book.asks):
        orders: list[_OrderState] = []
        for key in side.keys:
            order = side.levels[key].head
            while order is not None:
                orders.append(_order_state(order))
                order = order.next
        sides.append(orders)
    reference = market.reference
    pending = [order for order in market.orders.values() if order.status is OrderStatus.PENDING_NEW]
    return _MarketState(
        market.symbol,
        market.status,
        (market.last_price, market.last_quantity, market.last_at),
        (
            market.next_order_id,
            market.next_trade_id,
            market.next_exec_id,
            market.next_prevented_match_id,
            market.next_allocation_id,
            market.next_block_trade_id,
        ),
        market.book.update_id,
        [[list(bucket) for bucket in average.buckets] for average in market.averages],
        (isinstance(reference, ExternalPrice), reference.state()) if reference is not None else None,
        sides[0],
        sides[1],
        [(_order_state(market.orders[order_id]), extreme) for order_id, extreme in market.triggers.state()],
        [_order_state(order) for order in sorted(pending, key=lambda order: order.order_id)],
    )


def _order_state(order: Order) -> _OrderState:
    return _OrderState(
        order.terms,
        order.order_id,
        order.status,
        order.quantity,
        order.cum_quantity,
        order.cum_quote,
        order.created_at,
        order.updated_at,
        order.leaves,
        order.reserve,
        order.price,
        order.prevented,
        order.held,
        order.amends,
        order.extras,
    )


def _order(saved: _OrderState) -> Order:
    order = Order(saved.terms, saved.order_id, saved.created_at)
    order.status = saved.status
    order.quantity = saved.quantity
    order.cum_quantity = saved.cum_quantity
    order.cum_quote = saved.cum_quote
    order.updated_at = saved.updated_at
    order.leaves = saved.leaves
    order.reserve = saved.reserve
    order.price = saved.price
    order.prevented = saved.prevented
    order.held = saved.held
    order.amends = saved.amends
    order.extras = saved.extras
    return order


def _market(state: _MarketState) -> Market:
    market = Market(state.symbol)
    market.status = state.status
    market.last_price, market.last_quantity, market.last_at = state.last
    for average, buckets in zip(market.averages, state.averages, strict=True):
        average.restore(buckets)
    if state.reference is not None:
        is_external, rows = state.reference
        if is_external and not isinstance(market.reference, ExternalPrice):
            market.reference = ExternalPrice(ExternalSpec())
        assert market.reference is not None
        market.reference.restore(rows)
    rest, orders = market.book.rest, market.orders
    for saved in (*state.bids, *state.asks):
        order = orders[saved.order_id] = _order(saved)
        rest(order)
    market.book.changes.clear()
    market.book.update_id = state.update_id
    waiting = [(_order(saved), extreme) for saved, extreme in state.waiting]
    market.triggers.restore(waiting)
    for order in (*(order for order, _ in waiting), *(_order(saved) for saved in state.pending)):
        market.orders[order.order_id] = order
    (
        market.next_order_id,
        market.next_trade_id,
        market.next_exec_id,
        market.next_prevented_match_id,
        market.next_allocation_id,
        market.next_block_trade_id,
    ) = state.next_ids
    return market


def _list_state(order_list: OrderList) -> _ListState:
    return _ListState(
        order_list.order_list_id,
        order_list.account,
        order_list.symbol,
        order_list.kind,
        order_list.phase,
        order_list.list_client_order_id,
        order_list.created_at,
        order_list.updated_at,
        [_order_state(order) for order in order_list.orders],
    )


def _order_list(state: _ListState, market: Market) -> OrderList:
    order_list = OrderList(
        state.order_list_id, state.account, state.symbol, state.kind, state.list_client_order_id, state.created_at
    )
    order_list.phase = state.phase
    order_list.updated_at = state.updated_at
    for saved in state.orders:
        order = market.orders.get(saved.order_id) or _order(saved)
        order.order_list = order_list
        order_list.orders.append(order)
    return order_list


def _account(number: int, saved: _AccountState) -> Account:
    account = Account(number, saved.name, saved.uid, saved.kind, saved.updated_at)
    account.rates = NO_RATES if saved.rates == NO_RATES else saved.rates
    account.symbol_rates.update(saved.symbol_rates)
    account.can_trade, account.pays_with_discount_asset, account.prevents_sor = saved.switches
    account.trade_group = saved.trade_group
    account.permissions = saved.permissions
    account.asset_limits.update(saved.asset_limits)
    for asset, free, held in saved.balances:
        balance = account.balance(asset)
        balance.free, balance.held = free, held
    account.external_locks.update(saved.external_locks)
    return account


def _account_state(account: Account, allowance: Allowance | None) -> _AccountState:
    return _AccountState(
        account.name,
        account.uid,
        account.kind,
        account.updated_at,
        account.rates,
        sorted(account.symbol_rates.items()),
        (account.can_trade, account.pays_with_discount_asset, account.prevents_sor),
        account.trade_group,
        account.permissions,
        sorted(account.asset_limits.items()),
        sorted((asset, balance.free, balance.held) for asset, balance in account.balances.items()),
        sorted(account.external_locks.items()),
        list(account.open_orders),
        None if allowance is None else (allowance.ten, allowance.ten_count, allowance.day, allowance.day_count),
    )
