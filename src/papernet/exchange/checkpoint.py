"""The exchange's state as bytes, and back.

Order of work.  State is written as plain msgpack records in a fixed order; resting orders are written level by level in queue
                order, so that time priority survives.
Invariant.      `encode(decode(data)) == data`. The bytes depend on the state alone: whatever is keyed by name is written in an
                order that entries decided (order of listing, opening, placing), never in that of a hash. The state hash is
                SHA-256 of these bytes.
Does not.       Hold views or journal positions: the file around it does.
"""

from hashlib import sha256
from typing import Final

from msgspec import Struct, ValidationError, msgpack

from papernet.core.commands import NewOrder, RegisterKey
from papernet.core.enums import AccountKind, OrderStatus, SymbolStatus
from papernet.core.ledger import Account
from papernet.core.order import Order
from papernet.exchange.allowances import Allowance
from papernet.exchange.machine import Exchange
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import Symbol

FORMAT: Final = 1


class _OrderState(Struct, frozen=True, array_like=True):
    terms: NewOrder
    order_id: int
    status: OrderStatus
    quantity: int
    cum_quantity: int
    cum_quote: int
    created_at: int
    updated_at: int


class _MarketState(Struct, frozen=True, array_like=True):
    symbol: Symbol
    status: SymbolStatus
    last: tuple[int, int, int]
    next_ids: tuple[int, int, int]
    update_id: int
    averages: list[list[list[int]]]
    # best last, oldest first within a price
    bids: list[_OrderState]
    asks: list[_OrderState]


class _AccountState(Struct, frozen=True, array_like=True):
    name: str
    uid: int
    kind: AccountKind
    updated_at: int
    rates: tuple[int, int, int, int]
    balances: list[tuple[str, int, int]]
    # order of placement: (symbol, order id)
    open_orders: list[tuple[str, int]]
    # (10 s window, count, day, count)
    allowance: tuple[int, int, int, int] | None


class _State(Struct, frozen=True, array_like=True):
    format: int
    epoch: int
    limits_enabled: bool
    listing_version: int
    assets: list[str]
    issued: list[tuple[str, int]]
    collected: list[tuple[str, int]]
    markets: list[_MarketState]
    accounts: list[_AccountState]
    keys: list[RegisterKey]


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
        [_market_state(market) for market in exchange.markets.values()],
        [_account_state(account, exchange.allowances.get(key)) for key, account in exchange.accounts.by_id.items()],
        list(exchange.accounts.keys.values()),
    )
    return msgpack.encode(state)


def decode(data: bytes) -> Exchange:
    """Return the exchange of `encode`'s bytes; raises msgspec.ValidationError or DecodeError when they are none."""
    try:
        state = msgpack.decode(data, type=_State)
    except UnicodeDecodeError as error:
        raise ValidationError(str(error)) from error
    if state.format != FORMAT:
        message = f"the state has format {state.format}, and this papernet reads format {FORMAT}"
        raise ValidationError(message)
    try:
        exchange = _exchange(state)
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
        account = Account(number, saved.name, saved.uid, saved.kind, saved.updated_at)
        account.maker_rate, account.taker_rate, account.buyer_rate, account.seller_rate = saved.rates
        for asset, free, held in saved.balances:
            balance = account.balance(asset)
            balance.free, balance.held = free, held
        exchange.accounts.add(account)
        if saved.allowance is not None:
            allowance = exchange.allowances[number] = Allowance()
            allowance.ten, allowance.ten_count, allowance.day, allowance.day_count = saved.allowance
    for market_state in state.markets:
        exchange.markets[market_state.symbol.name] = _market(market_state)
    for number, saved in enumerate(state.accounts, 1):
        account = exchange.accounts.by_id[number]
        for name, order_id in saved.open_orders:
            account.add_open(name, exchange.markets[name].orders[order_id])
    for key in state.keys:
        exchange.accounts.keys[key.api_key] = key
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
    return _MarketState(
        market.symbol,
        market.status,
        (market.last_price, market.last_quantity, market.last_at),
        (market.next_order_id, market.next_trade_id, market.next_exec_id),
        market.book.update_id,
        [[list(bucket) for bucket in average.buckets] for average in market.averages],
        sides[0],
        sides[1],
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
    )


def _market(state: _MarketState) -> Market:
    market = Market(state.symbol)
    market.status = state.status
    market.last_price, market.last_quantity, market.last_at = state.last
    for average, buckets in zip(market.averages, state.averages, strict=True):
        average.restore(buckets)
    for saved in (*state.bids, *state.asks):
        order = Order(saved.terms, saved.order_id, saved.created_at)
        order.status = saved.status
        order.quantity = saved.quantity
        order.cum_quantity = saved.cum_quantity
        order.cum_quote = saved.cum_quote
        order.leaves = saved.quantity - saved.cum_quantity
        order.updated_at = saved.updated_at
        market.book.rest(order)
        market.orders[order.order_id] = order
    market.book.changes.clear()
    market.book.update_id = state.update_id
    market.next_order_id, market.next_trade_id, market.next_exec_id = state.next_ids
    return market


def _account_state(account: Account, allowance: Allowance | None) -> _AccountState:
    return _AccountState(
        account.name,
        account.uid,
        account.kind,
        account.updated_at,
        (account.maker_rate, account.taker_rate, account.buyer_rate, account.seller_rate),
        sorted((asset, balance.free, balance.held) for asset, balance in account.balances.items()),
        list(account.open_orders),
        None if allowance is None else (allowance.ten, allowance.ten_count, allowance.day, allowance.day_count),
    )
