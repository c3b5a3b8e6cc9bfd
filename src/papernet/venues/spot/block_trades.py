"""Block trades: what two accounts traded at a price they agreed on, outside the book.

Invariant.      Nobody pays commission; prices, candles, tickers and triggers do not notice.
Does not.       Match anything.
Source.         rest-api.md, Historical Block Trades, which tells of them but not how they come about.
"""

from papernet.core.account import Account
from papernet.core.commands import PrintBlockTrade
from papernet.core.events import BlockTrade
from papernet.core.ledger import hold
from papernet.core.rejects import Reason, Reject
from papernet.core.units import notional_floor
from papernet.venues.spot.turn import Turn


def print_block_trade(turn: Turn, buyer: Account, seller: Account, command: PrintBlockTrade) -> Reject | None:
    """Let two accounts trade; return why they cannot, or None."""
    market, ledger = turn.market, turn.venue.ledger
    quote = notional_floor(command.price, command.quantity)
    if buyer is seller or command.price <= 0 or command.quantity <= 0 or not quote:
        return Reject(Reason.BAD_AMOUNT)
    base_asset, quote_asset = market.symbol.base_asset, market.symbol.quote_asset
    sides = ((buyer, seller, quote_asset, quote), (seller, buyer, base_asset, command.quantity))
    if any(payer.free(asset) < amount for payer, _, asset, amount in sides):
        return Reject(Reason.INSUFFICIENT_BALANCE)
    for payer, receiver, asset, amount in sides:
        hold(payer.balance(asset), amount)
        ledger.settle(payer.balance(asset), receiver.balance(asset), held=amount, amount=amount, commission=0, asset=asset)
        turn.touch(market, payer)
    block_trade_id = market.next_block_trade_id
    market.next_block_trade_id += 1
    turn.events.append(
        BlockTrade(
            command.symbol,
            block_trade_id,
            turn.at,
            command.price,
            command.quantity,
            quote,
            command.buyer_is_maker,
            command.buyer,
            command.seller,
        )
    )
    return None
