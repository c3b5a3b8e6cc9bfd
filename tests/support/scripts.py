"""A table language for stories: one row a command, what comes of it behind the arrow, books drawn in between.

    alice buy 5 @ 10.40 as A1                -> NEW
    bob   sell 2 @ 10.40 IOC as B1           -> NEW, 2@10.40 with A1, FILLED
    bob   buy $100                           -> NEW, ... (a market order by quote quantity; `bob buy 1` is one by quantity)
    bob   sell 1 @ 10.50 MAKER as B2         -> NEW
    alice cancel A1                          -> CANCELED A1        (also: cancel #1, cancel A1 #1 ONLY_NEW, cancel all)
    alice has 95 + 5 USDT                    free and held
    alice pays 0.001 0.002                   commission of makers and of takers (then of buyers and of sellers)
    alice gets 5 USDT
    market HALT
    wait 10                                  seconds
    book
    |           | 10.50 | B2:1 |             asks, worst price first, in each the oldest order first
    | A1:3 A2:1 | 10.40 |      |             bids, best price first

A row without an arrow must not be refused. Every table runs three times: as it is, with each entry taken through its journal
form, and with the exchange rebuilt from a checkpoint before each row. Every row is audited.
"""

import re
from collections.abc import Callable

from msgspec import msgpack

from papernet.core.commands import CancelOpenOrders, CancelOrder, Command, Deposit, Entry, SetCommission, SetSymbolStatus
from papernet.core.enums import CancelRestriction, ExecType, OrderStatus, Side, SymbolStatus, TimeInForce
from papernet.core.events import Applied, ExecutionReport, Refused, Trade
from papernet.core.order import Order
from papernet.exchange.checkpoint import decode, encode, state_hash
from tests.support.auditor import Auditor
from tests.support.worlds import NAMES, SECOND, World, plain, queues, units

_ORDER = re.compile(
    r"(?P<side>buy|sell) (?P<quote>\$)?(?P<quantity>[\d.]+)(?: @ (?P<price>[\d.]+))?"
    r"(?: (?P<flag>GTC|IOC|FOK|MAKER))?(?: on (?P<symbol>\w+))?(?: as (?P<cid>\S+))?"
)
_CANCEL = re.compile(r"cancel(?: (?P<orig>[A-Za-z]\w*))??(?: #(?P<id>\d+))?(?: (?P<restriction>ONLY_\w+))?")
_HAS = re.compile(r"has (?P<free>[\d.]+) \+ (?P<held>[\d.]+) (?P<asset>\w+)")
_ENDED = (OrderStatus.FILLED, OrderStatus.EXPIRED)


def tell(applied: Applied) -> str:
    """Return an entry's events as the text behind an arrow."""
    makers = {event.trade_id: event for event in applied.events if isinstance(event, ExecutionReport) and event.is_maker}
    words: list[str] = []
    for event in applied.events:
        if isinstance(event, Refused):
            args = f"({', '.join(event.reject.args)})" if event.reject.args else ""
            words.append(f"{event.reject.reason.name}{args}")
        elif isinstance(event, Trade):
            maker = makers[event.trade_id].terms.client_order_id
            words.append(f"{plain(event.quantity)}@{plain(event.price)} with {maker}")
        elif isinstance(event, ExecutionReport) and event.exec_type is ExecType.CANCELED:
            words.append(f"CANCELED {event.terms.client_order_id}")
        elif isinstance(event, ExecutionReport) and not event.is_maker:
            if event.exec_type is ExecType.NEW:
                words.append("NEW")
            elif event.status in _ENDED:
                words.append(event.status.name + (f" {event.expiry_reason.name}" if event.expiry_reason else ""))
    return ", ".join(words)


def parse(line: str, world: World) -> Command | None:
    """Return the command of a row, or None when the row is no command."""
    who, _, what = line.partition(" ")
    account = NAMES.get(who, 0)
    if order := _ORDER.fullmatch(what):
        flag = order["flag"] or "GTC"
        return world.order(
            account,
            Side.BUY if order["side"] == "buy" else Side.SELL,
            "0" if order["quote"] else order["quantity"],
            order["price"] or "",
            quote=order["quantity"] if order["quote"] else "0",
            tif=TimeInForce.GTC if flag == "MAKER" else TimeInForce[flag],
            maker=flag == "MAKER",
            cid=order["cid"] or "",
            symbol=order["symbol"] or "",
        )
    if what == "cancel all":
        return CancelOpenOrders(account, world.symbol)
    if cancel := _CANCEL.fullmatch(what):
        restriction = CancelRestriction[cancel["restriction"] or "NONE"]
        return CancelOrder(account, world.symbol, int(cancel["id"] or -1), cancel["orig"] or "", "", restriction)
    words = line.split()
    if words[0] == "market":
        return SetSymbolStatus(world.symbol, SymbolStatus[words[1]])
    if words[1] == "gets":
        return Deposit(account, words[3], units(words[2]))
    if words[1] == "pays":
        return SetCommission(account, *(units(word) for word in words[2:]))
    return None


def draw(world: World) -> list[str]:
    """Return the book as picture rows, cells separated by bars."""
    market = world.exchange.markets[world.symbol]
    bids, asks = queues(world.exchange, world.symbol)
    rows: list[str] = []
    for price, queue in reversed(asks):
        rows.append(f"||{plain(price)}|{_queue(market.orders, queue)}|")
    rows.extend(f"|{_queue(market.orders, queue)}|{plain(price)}||" for price, queue in bids)
    return rows


def _queue(orders: dict[int, Order], queue: list[tuple[int, int]]) -> str:
    return " ".join(f"{orders[order_id].terms.client_order_id}:{plain(leaves)}" for order_id, leaves in queue)


def check(text: str, make: Callable[[], World] = World) -> World:
    """Run a table in every way there is, and return the world that it left behind."""
    world = _run(text, make(), lambda _: None, as_is)
    replayed = _run(text, make(), lambda _: None, through_bytes)
    restored = _run(text, make(), restore, as_is)
    assert state_hash(world.exchange) == state_hash(replayed.exchange) == state_hash(restored.exchange)
    assert msgpack.encode(world.applied) == msgpack.encode(replayed.applied) == msgpack.encode(restored.applied)
    return world


def as_is(command: Command) -> Command:
    """Return the command itself."""
    return command


def through_bytes(command: Command) -> Command:
    """Return the command as a journal would give it back."""
    return msgpack.decode(msgpack.encode(Entry(1, 1, command)), type=Entry).command


def restore(world: World) -> None:
    """Put the exchange's checkpoint in its place."""
    world.exchange = decode(encode(world.exchange))


def _run(text: str, world: World, before: Callable[[World], None], form: Callable[[Command], Command]) -> World:
    assets = {name: (m.symbol.base_asset, m.symbol.quote_asset) for name, m in world.exchange.markets.items()}
    auditor = Auditor(assets)
    for applied in world.applied:
        auditor.audit(applied)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    rows = [line for line in lines if line and not line.startswith("--")]
    while rows:
        row = rows.pop(0)
        before(world)
        if row == "book":
            picture = []
            while rows and rows[0].startswith("|"):
                picture.append(re.sub(r" *\| *", "|", rows.pop(0)))
            assert draw(world) == picture, row
        else:
            _step(row, world, auditor, form)
        world.exchange.check_invariants()
        auditor.compare(world.exchange)
    return world


def _step(row: str, world: World, auditor: Auditor, form: Callable[[Command], Command]) -> None:
    action, arrow, expected = (part.strip() for part in row.partition("->"))
    words = action.split()
    if words[0] == "wait":
        world.now += int(words[1]) * SECOND
    elif has := _HAS.fullmatch(action.partition(" ")[2]):
        assert world.balance(NAMES[words[0]], has["asset"]) == (units(has["free"]), units(has["held"])), row
    else:
        command = parse(action, world)
        assert command is not None, f"no such row: {row}"
        applied = world.apply(form(command))
        auditor.audit(applied)
        told = tell(applied)
        if arrow:
            assert told == expected, f"{row}\n   told: {told}"
        else:
            assert not isinstance(applied.events[0], Refused), f"{row}\n   told: {told}"
