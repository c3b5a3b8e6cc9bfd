"""What happens to orders beside trades: lists, amendments, prevented matches, allocations, block trades."""

from msgspec.structs import replace

from papernet.core.enums import (
    ExecType,
    ListKind,
    ListOrderStatus,
    ListStatusType,
    OrderStatus,
    SelfTradeMode,
    Side,
    WorkingFloor,
)
from papernet.core.events import (
    Allocation,
    BlockTrade,
    Event,
    ExecutionReport,
    OrderAmended,
    OrderExtras,
    OrderListChanged,
    OrderListRecord,
    PreventedMatch,
)
from papernet.core.units import SCALE
from tests.unit.exchange.views.scenes import CROWD, Scene

PRICE = 5 * SCALE


def count(scene: Scene, name: str) -> int:
    number = scene.counters.get(name, 0)
    scene.counters[name] = number + 1
    return number


def next_order_id(scene: Scene) -> int:
    scene.next_order_id += 1
    return scene.next_order_id


def begin_list(scene: Scene, symbol: str, account: int, client_id: str) -> int:
    """Place an order list; return its id."""
    orders = tuple((next_order_id(scene), f"leg{number}") for number in range(2))
    record = OrderListRecord(
        count(scene, "list"), account, symbol, ListKind.OCO, ListOrderStatus.EXECUTING, client_id, scene.at, scene.at, orders
    )
    scene.open_lists.append(record)
    scene.apply(OrderListChanged(record, ListStatusType.EXEC_STARTED, scene.at))
    return record.order_list_id


def rename_leg(scene: Scene, index: int) -> None:
    """Change the client order id of the first order of an open list."""
    if index >= len(scene.open_lists):
        return
    record = scene.open_lists[index]
    (order_id, name), *others = record.orders
    changed = replace(record, orders=((order_id, name + "'"), *others), updated_at=scene.at)
    scene.open_lists[index] = changed
    scene.apply(OrderListChanged(changed, ListStatusType.UPDATED, scene.at))


def end_list(scene: Scene, index: int) -> None:
    """Let one of the open lists be done."""
    if index >= len(scene.open_lists):
        return
    record = replace(scene.open_lists.pop(index), status=ListOrderStatus.ALL_DONE, updated_at=scene.at)
    event = OrderListChanged(record, ListStatusType.ALL_DONE, scene.at)
    scene.papers.append(event)
    scene.apply(event)


def amend(scene: Scene, symbol: str, account: int, names: tuple[str, ...], *, cancel: bool) -> int:
    """Place an order, give it new names one after the other, and maybe cancel it; return its id."""
    order_id = next_order_id(scene)
    terms = scene.terms(symbol, account, Side.BUY, 10 * SCALE, "unamended")
    scene.apply(scene.report(terms, order_id, ExecType.NEW, OrderStatus.NEW, 0, 0))
    for name in names:
        amended = replace(terms, quantity=terms.quantity - SCALE, client_order_id=name)
        report = scene.report(amended, order_id, ExecType.REPLACED, OrderStatus.NEW, 0, 0)
        exec_id = count(scene, f"exec of {symbol}")
        event = OrderAmended(
            symbol, account, order_id, exec_id, scene.at, terms.client_order_id, name, terms.quantity, amended.quantity
        )
        scene.papers.append(event)
        scene.apply(replace(report, exec_id=exec_id, amended_from=terms.client_order_id), event)
        terms = amended
    if cancel:
        ended = scene.report(terms, order_id, ExecType.CANCELED, OrderStatus.CANCELED, 0, 0)
        scene.close(ended)
        scene.apply(ended)
    return order_id


def prevent(
    scene: Scene, symbol: str, taker: int, maker: int, maker_order_id: int | None = None, maker_symbol: str = ""
) -> PreventedMatch:
    """Keep a new order from trading with another, of which something is left; the taker ends."""
    maker_order_id = next_order_id(scene) if maker_order_id is None else maker_order_id
    order_id, number = next_order_id(scene), count(scene, f"prevented of {symbol}")
    event = PreventedMatch(
        symbol,
        number,
        scene.at,
        taker,
        maker,
        order_id,
        maker_order_id,
        maker_symbol or symbol,
        trade_group=-1 if taker == maker else 7,
        mode=SelfTradeMode.DECREMENT,
        price=PRICE,
        quantity=SCALE,
        taker_prevented_quantity=SCALE,
        maker_prevented_quantity=SCALE,
    )
    extras = OrderExtras(prevented_quantity=SCALE, prevented_match_id=number, trade_group=event.trade_group)
    terms = scene.terms(symbol, taker, Side.BUY, SCALE, "prevented")
    ended = scene.report(terms, order_id, ExecType.TRADE_PREVENTION, OrderStatus.EXPIRED_IN_MATCH, 0, 0)
    ended = replace(ended, prevented=event, extras=extras)
    other = scene.terms(event.maker_symbol, maker, Side.SELL, 3 * SCALE, "resting")
    goes_on = scene.report(other, maker_order_id, ExecType.TRADE_PREVENTION, OrderStatus.NEW, 0, 0)
    scene.papers.append(event)
    scene.close(ended)
    placed = scene.report(terms, order_id, ExecType.NEW, OrderStatus.NEW, 0, 0)
    scene.apply(placed, event, ended, replace(goes_on, prevented=event, extras=extras))
    return event


def route(scene: Scene, symbol: str, account: int, parts: int) -> int:
    """Fill an order by smart order routing, in parts; return its id."""
    order_id = next_order_id(scene)
    terms = scene.terms(symbol, account, Side.SELL, parts * SCALE, "routed")
    extras = OrderExtras(floor=WorkingFloor.SOR)
    events: list[Event] = [scene.report(terms, order_id, ExecType.NEW, OrderStatus.NEW, 0, 0)]
    for part in range(1, parts + 1):
        number = count(scene, f"allocation of {symbol}")
        allocation = Allocation(
            symbol,
            number,
            account,
            order_id,
            scene.at,
            PRICE,
            SCALE,
            PRICE,
            7,
            "USDT",
            is_buyer=False,
        )
        report = ExecutionReport(
            terms,
            order_id,
            0,
            ExecType.TRADE,
            OrderStatus.FILLED if part == parts else OrderStatus.PARTIALLY_FILLED,
            scene.at,
            scene.at,
            terms.quantity,
            part * SCALE,
            part * PRICE,
            SCALE,
            PRICE,
            PRICE,
            7,
            "USDT",
            extras=extras,
            allocation_id=number,
        )
        scene.papers.append(allocation)
        events += (allocation, report)
        if part == parts:
            scene.close(report)
    scene.apply(*events)
    return order_id


def print_block(scene: Scene, symbol: str) -> None:
    """Print a block trade."""
    event = BlockTrade(
        symbol,
        count(scene, f"block of {symbol}"),
        scene.at,
        PRICE,
        SCALE,
        PRICE,
        buyer_is_maker=True,
        buyer=CROWD,
        seller=CROWD,
    )
    scene.papers.append(event)
    scene.apply(event)
