"""Replies about matches that were no trades: those that self-trade prevention stopped, and those of smart order routing.

Source.         rest-api.md, Query Prevented Matches, Query Allocations; faqs/stp_faq, What is a Prevented Match, which also
                says when a prevented quantity is told; enums.md, AllocationType.
"""

from collections.abc import Sequence

from papernet.app.operations import TimeUnit
from papernet.core.events import Allocation, PreventedMatch
from papernet.protocols.json.fragments import array, boolean, divisor, quoted
from papernet.protocols.json.numbers import amount, decimal
from papernet.protocols.json.order_fields import prevented_match_quantities
from papernet.protocols.json.spellings import SELF_TRADE_MODES


def prevented_matches(rows: Sequence[PreventedMatch], unit: TimeUnit) -> bytes:
    """Return the matches that were prevented (Query Prevented Matches)."""
    step = divisor(unit)
    return array(
        [
            f'{{"symbol":{quoted(row.symbol)},"preventedMatchId":{row.prevented_match_id},'
            f'"takerOrderId":{row.taker_order_id},"makerSymbol":{quoted(row.maker_symbol)},'
            f'"makerOrderId":{row.maker_order_id},"tradeGroupId":{row.trade_group},'
            f'"selfTradePreventionMode":"{SELF_TRADE_MODES[row.mode]}","price":"{decimal(row.price)}"'
            f'{prevented_match_quantities(row)},"transactTime":{row.at // step}}}'
            for row in rows
        ]
    )


def allocations(rows: Sequence[Allocation], unit: TimeUnit) -> bytes:
    """Return what smart order routing filled (Query Allocations); orders that use it are in no list."""
    step = divisor(unit)
    return array(
        [
            f'{{"symbol":{quoted(row.symbol)},"allocationId":{row.allocation_id},"allocationType":"SOR",'
            f'"orderId":{row.order_id},"orderListId":-1,"price":"{decimal(row.price)}","qty":"{decimal(row.quantity)}",'
            f'"quoteQty":"{amount(row.quote)}","commission":"{amount(row.commission)}",'
            f'"commissionAsset":{quoted(row.commission_asset)},"time":{row.at // step},'
            f'"isBuyer":{boolean(row.is_buyer)},"isMaker":false,"isAllocator":false}}'
            for row in rows
        ]
    )
