"""Block orders: two accounts settle here what they agreed on elsewhere, at their price, outside the book.

Order of work.  One account creates a block order and hands its key to the other, which accepts it: then both sides are checked
                and it trades. Until then the creator may take it back, or let it live on; otherwise it ends by itself.
Margins.        A price of one's own must not give away what other positions need: after the trade both sides answer for their
                margins at the marks, or do so better than before.
Invariant.      `venue.block_orders` holds those that may be accepted, in the order in which they end: each was created, or
                extended, for the same span.
Does not.       Touch the book, the last price, candles or tickers; hold anything before it trades; keep to the price band.
Source.         European Options: New, Extend, Cancel, Accept Block Trade Order; Account Block Trade List.
"""

from typing import Final

from msgspec.structs import replace

from papernet.core.commands import AcceptBlockOrder, ChangeBlockOrder, CreateBlockOrder, OptionTerms
from papernet.core.dates import MINUTE
from papernet.core.enums import BlockOrderStatus, Side
from papernet.core.events import BlockFill, BlockOrderChanged, BlockOrderRecord, BlockTrade
from papernet.core.rejects import Reason, Reject
from papernet.core.units import notional_floor
from papernet.venues.options.admission import refusal_of_position
from papernet.venues.options.changing import end_excess
from papernet.venues.options.execution import exchange_premium
from papernet.venues.options.fees import maker_rate, taker_rate, trading_fee
from papernet.venues.options.margin import can_afford, covers_after
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.portfolio import Portfolio
from papernet.venues.options.turn import OptionTurn
from papernet.venues.options.venue import OptionsVenue

LIFE: Final = 30 * MINUTE

# An odd multiplier is a bijection modulo 2^122, so keys of different entries differ.
_KEY_MULTIPLIER: Final = 0x1F83D9ABFB41BD6B9B05688C2B3E6C1
_KEY_MASK: Final = (1 << 122) - 1


def block_key(seq: int) -> str:
    """Return the key of the block order that an entry creates: it looks like a random UUID (RFC 9562, version 4)."""
    bits = seq * _KEY_MULTIPLIER & _KEY_MASK
    # 48 bits, the version's 4, 12 bits, the variant's 2, 62 bits
    number = bits >> 74 << 80 | 4 << 76 | (bits >> 62 & 0xFFF) << 64 | 2 << 62 | bits & ((1 << 62) - 1)
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def create(turn: OptionTurn, portfolio: Portfolio, command: CreateBlockOrder, seq: int) -> Reject | None:
    """Offer to settle a block trade; return why not, or None."""
    market = turn.venue.markets.get(command.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_CONTRACT)
    refusal = _refusal_of_account(market, portfolio, turn.at) or _refusal_of_numbers(market, command.price, command.quantity)
    if refusal is not None:
        return refusal
    _keep(
        turn,
        BlockOrderRecord(
            block_key(seq),
            command.account,
            command.symbol,
            command.side,
            command.price,
            command.quantity,
            command.is_maker,
            BlockOrderStatus.RECEIVED,
            turn.at,
            turn.at,
            turn.at + LIFE,
        ),
    )
    return None


def change(turn: OptionTurn, portfolio: Portfolio, command: ChangeBlockOrder) -> Reject | None:
    """Let a block order of one's own live on, or take it back; return why not, or None."""
    record = _open(turn, command.key)
    if record is None or record.account != portfolio.account_id:
        return Reject(Reason.UNKNOWN_BLOCK_ORDER)
    if command.extends:
        # It ends last now.
        del turn.venue.block_orders[record.key]
        _keep(turn, replace(record, updated_at=turn.at, expires_at=turn.at + LIFE))
    else:
        _end(turn, record, BlockOrderStatus.CANCELED)
    return None


def accept(turn: OptionTurn, portfolio: Portfolio, command: AcceptBlockOrder) -> Reject | None:
    """Take the other side of a block order: it trades; return why not, or None."""
    record = _open(turn, command.key)
    if record is None:
        return Reject(Reason.UNKNOWN_BLOCK_ORDER)
    if record.account == portfolio.account_id:
        return Reject(Reason.OWN_BLOCK_ORDER)
    market = turn.venue.markets.get(record.symbol)
    if market is None:
        return Reject(Reason.UNKNOWN_CONTRACT)
    other = Side.SELL if record.side is Side.BUY else Side.BUY
    sides = (
        (portfolio, other, not record.is_maker),
        (turn.venue.portfolios[record.account], record.side, record.is_maker),
    )
    for one, side, _ in sides:
        terms = OptionTerms(one.account_id, record.symbol, side, record.quantity, record.price)
        refusal = _refusal_of_account(market, one, turn.at) or _refusal_of_amounts(turn.venue, market, one, terms)
        if refusal is not None:
            return refusal
    _trade(turn, market, record, sides)
    _end(turn, record, BlockOrderStatus.ACCEPTED, portfolio.account_id)
    return None


def expire_due(turn: OptionTurn) -> None:
    """End the block orders that nobody accepted in time."""
    for record in list(turn.venue.block_orders.values()):
        if record.expires_at > turn.at:
            return
        _end(turn, record, BlockOrderStatus.EXPIRED)


def _open(turn: OptionTurn, key: str) -> BlockOrderRecord | None:
    """Return a block order that may still be accepted, whether or not anybody has noticed that its time is over."""
    record = turn.venue.block_orders.get(key)
    return record if record is not None and record.expires_at > turn.at else None


def _keep(turn: OptionTurn, record: BlockOrderRecord) -> None:
    turn.venue.block_orders[record.key] = record
    turn.events.append(BlockOrderChanged(record, turn.at))


def _end(turn: OptionTurn, record: BlockOrderRecord, status: BlockOrderStatus, counterparty: int = 0) -> None:
    del turn.venue.block_orders[record.key]
    ended = replace(record, status=status, updated_at=turn.at, counterparty=counterparty)
    turn.events.append(BlockOrderChanged(ended, turn.at))


def _refusal_of_account(market: OptionMarket, portfolio: Portfolio, at: int) -> Reject | None:
    if not portfolio.can_trade:
        return Reject(Reason.OPTIONS_TRADING_DISABLED)
    # Without a mark nobody knows what the contract is worth, and what its writer would owe.
    if at >= market.contract.expiry or market.mark is None:
        return Reject(Reason.CONTRACT_NOT_TRADING)
    return None


def _refusal_of_numbers(market: OptionMarket, price: int, quantity: int) -> Reject | None:
    underlying = market.underlying
    if price < underlying.tick_size:
        return Reject(Reason.OPTION_PRICE_TOO_LOW)
    if price % underlying.tick_size:
        return Reject(Reason.OPTION_TICK_SIZE)
    if quantity < underlying.step_size:
        return Reject(Reason.OPTION_QUANTITY_TOO_SMALL)
    if quantity > underlying.limits.quantity_an_order:
        return Reject(Reason.OPTION_QUANTITY_TOO_LARGE)
    if quantity % underlying.step_size:
        return Reject(Reason.OPTION_STEP_SIZE)
    return None


def _refusal_of_amounts(venue: OptionsVenue, market: OptionMarket, portfolio: Portfolio, terms: OptionTerms) -> Reject | None:
    """Return why a user may not have what it would after the trade, or cannot pay for it; the crowd may and can."""
    if not portfolio.is_user:
        return None
    refusal = refusal_of_position(venue, market, portfolio, terms)
    if refusal is not None:
        return refusal
    underlying = market.underlying
    rate = max(maker_rate(portfolio, underlying), taker_rate(portfolio, underlying))
    fee = trading_fee(underlying, rate, venue.reference_price(market), terms.price, terms.quantity)
    if can_afford(venue, portfolio, terms) and covers_after(venue, portfolio, terms, fee):
        return None
    is_buy = terms.side is Side.BUY
    return Reject(Reason.OPTION_BALANCE_INSUFFICIENT if is_buy else Reason.OPTION_MARGIN_INSUFFICIENT)


def _trade(
    turn: OptionTurn, market: OptionMarket, record: BlockOrderRecord, sides: tuple[tuple[Portfolio, Side, bool], ...]
) -> None:
    """Exchange premium and contracts between two portfolios, each (portfolio, side, is maker)."""
    venue, at, underlying = turn.venue, turn.at, market.underlying
    key, symbol, price, quantity = record.key, record.symbol, record.price, record.quantity
    quote, trade_id = notional_floor(price, quantity), venue.next_block_trade_id
    venue.next_block_trade_id += 1
    (buyer, _, buyer_is_maker), (seller, _, _) = sides if sides[0][1] is Side.BUY else sides[::-1]
    turn.events.append(
        BlockTrade(symbol, trade_id, at, price, quantity, quote, buyer_is_maker, buyer.account_id, seller.account_id)
    )
    for portfolio, side, is_maker in sides:
        rate = maker_rate(portfolio, underlying) if is_maker else taker_rate(portfolio, underlying)
        fee = trading_fee(underlying, rate, venue.reference_price(market), price, quantity)
        exchange_premium(turn, market, portfolio, side, price, quantity, fee)
        order_id, fill_id = venue.next_order_id, venue.next_fill_id
        venue.next_order_id += 1
        venue.next_fill_id += 1
        turn.events.append(
            BlockFill(
                portfolio.account_id,
                key,
                symbol,
                at,
                record.created_at,
                order_id,
                fill_id,
                trade_id,
                side,
                price,
                quantity,
                quote,
                fee,
                is_maker,
            )
        )
        end_excess(turn, portfolio, symbol)
