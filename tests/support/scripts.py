"""A table language for stories: one row a command, what comes of it behind the arrow, books drawn in between.

    alice buy 5 @ 10.40 as A1                -> NEW
    bob   sell 2 @ 10.40 IOC as B1           -> NEW, 2@10.40 with A1, FILLED
    bob   buy $100                           -> NEW, ... (a market order by quote quantity; `bob buy 1` is one by quantity)
    bob   sell 1 @ 10.50 MAKER as B2         -> NEW
    bob   sell 1 @ 9 STOP 9.5                a stop loss limit; without a price a stop loss; TAKE: take profit
    bob   sell 1 STOP trail 100              a trailing one; with a price behind STOP it begins there
    bob   buy 9 @ 10 ice 1                   an iceberg that shows one
    bob   buy 1 peg PRIMARY+1                pegged to the own side's second best price; `@ 10` bounds it
    bob   buy 1 @ 10 stp DECREMENT           with a self-trade prevention mode
    bob   buy 1 @ 10 sor on BTCUSDC          routed, on another symbol than the first
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
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from msgspec import msgpack, structs

from papernet.core.commands import (
    CancelOpenOrders,
    CancelOrder,
    Command,
    Deposit,
    Entry,
    NewOrder,
    Restore,
    SetCommission,
    SetSymbolStatus,
)
from papernet.core.enums import (
    CancelRestriction,
    ExecType,
    OrderStatus,
    OrderType,
    PegPrice,
    SelfTradeMode,
    Side,
    SymbolStatus,
    TimeInForce,
)
from papernet.core.events import Applied, ExecutionReport, Refused, Trade
from papernet.core.order import Order
from papernet.exchange.checkpoint import decode, encode, state_hash
from tests.support.auditor import Auditor
from tests.support.worlds import NAMES, SECOND, World, plain, queues, units

_NUMBER = re.compile(r"[\d.]+")
_AMOUNT = re.compile(r"\$?[\d.]+")
_CANCEL = re.compile(r"cancel(?: (?P<orig>[A-Za-z]\w*))??(?: #(?P<id>\d+))?(?: (?P<restriction>ONLY_\w+))?")
_HAS = re.compile(r"has (?P<free>[\d.]+) \+ (?P<held>[\d.]+) (?P<asset>\w+)")
_ENDED = (OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.EXPIRED_IN_MATCH)
_TIMES = ("GTC", "IOC", "FOK")
# The types that may name a time in force when they are asked for.
_TIMED = ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
_KINDS = {"STOP": "STOP_LOSS", "TAKE": "TAKE_PROFIT"}


@dataclass(frozen=True)
class Wish:
    """An order as a row asks for it: texts as they stand there, empty when they do not."""

    side: str = ""
    quantity: str = ""
    quote: str = ""
    price: str = ""
    family: str = ""
    time_in_force: str = ""
    stop: str = ""
    trailing: str = ""
    iceberg: str = ""
    peg: str = ""
    offset: str = ""
    mode: str = ""
    symbol: str = ""
    cid: str = ""
    strategy_id: str = ""
    strategy_type: str = ""
    sor: bool = False

    @property
    def kind(self) -> str:
        """Return the order type's name."""
        priced = bool(self.price or self.peg)
        if self.family == "MAKER":
            return "LIMIT_MAKER"
        if self.family:
            return _KINDS[self.family] + ("_LIMIT" if priced else "")
        return "LIMIT" if priced else "MARKET"

    def command(self, account: int, symbol: str) -> NewOrder:
        """Return the order as the exchange's command."""
        return NewOrder(
            account=account,
            symbol=self.symbol or symbol,
            side=Side[self.side],
            order_type=OrderType[self.kind],
            time_in_force=TimeInForce[self.time_in_force or "GTC"],
            quantity=units(self.quantity or "0"),
            price=units(self.price or "0"),
            quote_quantity=units(self.quote or "0"),
            client_order_id=self.cid,
            strategy_id=int(self.strategy_id) if self.strategy_id else None,
            strategy_type=int(self.strategy_type) if self.strategy_type else None,
            self_trade_mode=SelfTradeMode[self.mode] if self.mode else None,
            stop_price=units(self.stop or "0"),
            trailing_delta=int(self.trailing or 0),
            iceberg_quantity=units(self.iceberg or "0"),
            peg_price=PegPrice[self.peg or "NONE"],
            peg_offset=int(self.offset) if self.offset else None,
            uses_sor=self.sor,
        )

    def params(self) -> dict[str, str]:
        """Return the order as a request's parameters, without the symbol."""
        kind = self.kind
        given = {
            "side": self.side,
            "type": kind,
            "timeInForce": self.time_in_force or ("GTC" if kind in _TIMED else ""),
            "quantity": self.quantity,
            "quoteOrderQty": self.quote,
            "price": self.price,
            "stopPrice": self.stop,
            "trailingDelta": self.trailing,
            "icebergQty": self.iceberg,
            "pegPriceType": f"{self.peg}_PEG" if self.peg else "",
            "pegOffsetType": "PRICE_LEVEL" if self.offset else "",
            "pegOffsetValue": self.offset,
            "selfTradePreventionMode": self.mode,
            "newClientOrderId": self.cid,
            "strategyId": self.strategy_id,
            "strategyType": self.strategy_type,
        }
        return {name: value for name, value in given.items() if value}


_OPTIONS = {
    "@": "price",
    "trail": "trailing",
    "ice": "iceberg",
    "stp": "mode",
    "on": "symbol",
    "as": "cid",
    "strategy": "strategy_id",
}


def read_order(words: Iterable[str]) -> Wish | None:
    """Return the order that the words ask for, or None when they ask for something else."""
    rest = list(words)
    given: dict[str, str | bool] = {}
    if rest and rest[0] in ("buy", "sell"):
        given["side"] = rest.pop(0).upper()
        if rest and _AMOUNT.fullmatch(rest[0]):
            amount = rest.pop(0)
            given["quote" if amount.startswith("$") else "quantity"] = amount.lstrip("$")
    while rest:
        word = rest.pop(0)
        if word in _OPTIONS and rest:
            given[_OPTIONS[word]] = rest.pop(0)
            if word == "strategy" and rest and _NUMBER.fullmatch(rest[0]):
                given["strategy_type"] = rest.pop(0)
        elif word in _TIMES:
            given["time_in_force"] = word
        elif word in ("MAKER", "STOP", "TAKE"):
            given["family"] = word
            if word != "MAKER" and rest and _NUMBER.fullmatch(rest[0]):
                given["stop"] = rest.pop(0)
        elif word == "peg" and rest:
            given["peg"], _, given["offset"] = rest.pop(0).partition("+")
        elif word == "sor":
            given["sor"] = True
        else:
            return None
    return replace(Wish(), **given)  # type: ignore[arg-type]


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
    if what.startswith(("buy ", "sell ")):
        wish = read_order(what.split())
        return wish.command(account, world.symbol) if wish is not None else None
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
        return rates(account, words[2:])
    return None


def rates(account: int, words: Iterable[str]) -> SetCommission:
    """Return the command that sets up to four rates: of makers, takers, buyers and sellers."""
    named = dict(zip(("maker", "taker", "buyer", "seller"), map(units, words), strict=False))
    return structs.replace(SetCommission(account, 0, 0), **named)


def draw(world: World, symbol: str = "") -> list[str]:
    """Return the book as picture rows, cells separated by bars."""
    market = world.exchange.markets[symbol or world.symbol]
    bids, asks = queues(world.exchange, symbol or world.symbol)
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
    read = msgpack.decode(msgpack.encode(Entry(1, 1, command)), type=Entry).command
    assert not isinstance(read, Restore)
    return read


def restore(world: World) -> None:
    """Put the exchange's checkpoint in its place."""
    world.exchange = decode(encode(world.exchange))


def rows_of(text: str) -> list[str]:
    """Return a table's rows: blanks squeezed, empty rows and comments left out; an answer may stand on a line of its own."""
    rows: list[str] = []
    for line in (" ".join(line.split()) for line in text.splitlines()):
        if line.startswith("->"):
            rows[-1] += f" {line}"
        elif line and not line.startswith("--"):
            rows.append(line)
    return rows


def take_picture(rows: list[str]) -> list[str]:
    """Take the picture that the rows begin with off them, without the blanks around its bars."""
    picture = []
    while rows and rows[0].startswith("|"):
        picture.append(re.sub(r" *\| *", "|", rows.pop(0)))
    return picture


def _run(text: str, world: World, before: Callable[[World], None], form: Callable[[Command], Command]) -> World:
    assets = {name: (m.symbol.base_asset, m.symbol.quote_asset) for name, m in world.exchange.markets.items()}
    auditor = Auditor(assets)
    for applied in world.applied:
        auditor.audit(applied)
    rows = rows_of(text)
    while rows:
        row = rows.pop(0)
        before(world)
        if row == "book":
            assert draw(world) == take_picture(rows), row
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
