"""Stories: tables that are told at any door. A row is what somebody asks for, behind its arrow stands what is answered.

The language is that of `scripts`, with answers as a client reads them instead of events, so that one table can be told to the
exchange itself and to every door that leads to it.

    alice buy 5 @ 10.40 as A1                 -> NEW                            the order's status in the reply,
    bob   sell 9 @ 10.40 IOC as B1            -> EXPIRED UNFILLED_IOC_QUANTITY_EXPIRED 5@10.4     why it ended, its fills,
    bob   sell 2 @ 10.40 stp EXPIRE_TAKER     -> EXPIRED_IN_MATCH prevented=2   what it lost to self-trade prevention
    bob   sell 1 @ 9 MAKER                    -> -2010 Order would immediately match and take.
    alice oco sell 1 as L1: MAKER @ 12 as P1 | STOP 8 as P2   -> P1 NEW, P2 NEW            above | below
    alice oto as L2: buy 1 @ 9 as W | sell 1 @ 11 as P        -> W NEW, P PENDING_NEW      also: opo
    alice otoco as L3: buy 1 @ 9 as W | sell 1 MAKER @ 12 as P1 | STOP 8 as P2             also: opoco
    alice cancel A1                           -> CANCELED A1     (also: cancel #1, cancel A1 #1 ONLY_NEW, cancel all)
    alice cancel list L1                      -> CANCELED P1 P2
    alice replace A1 STOP_ON_FAILURE: buy 1 @ 9 as A2         -> CANCELED A1; NEW
    alice amend A1 to 3 as A2                 -> A2 NEW 0/3
    alice sees A2 NEW 0/3 peggedPrice=9       status, executed/asked for (-: nothing yet, ?: whatever), and any other field;
                                              `=-` is a field that is absent, `=t+5` a time five seconds after the beginning
    alice sees list L1 EXECUTING
    alice opens A1 A2 | alice opens nothing   open orders, first placed first
    alice has 95 + 5 USDT                     free and held
    alice counts 3                            the unfilled order count of ten seconds
    book / book BTCUSDC                       a picture as in `scripts`; some doors know only its totals
    last 10.5                                 the last price
    market trades at 10 11 9.5                trades between other parties; of 2: so much each; on BTCUSDC: of that symbol
    market HALT | market HALT on BTCUSDC | reference 10 | reference none | wait 10
    block 5 @ 90                              a trade of alice, who buys, and bob outside the book
    alice gets 5 USDT | alice pays 0.001 0.002 | alice joins group 7 | alice may hold 5 BTC

An answer that begins with three digits names the HTTP status, one with minus and four digits the error code: doors that have
none of these leave them out. A row without an arrow must not be refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from msgspec import structs

from papernet.core.commands import Command, ConfigureAccount, Deposit, PrintBlockTrade, SetReferencePrice, SetSymbolStatus
from papernet.core.enums import SymbolStatus
from papernet.core.events import Applied, Trade
from tests.support.scripts import Wish, rates, read_order, rows_of, take_picture
from tests.support.worlds import CROWD, SECOND, START, units

ACCOUNTS = {"alice": 1, "bob": 2, "crowd": 3, "carol": 4}
LIST_KINDS = ("oco", "oto", "otoco", "opo", "opoco")

_ANSWER = re.compile(r"(?:(?P<status>\d{3}) )?(?:(?P<code>-\d{4}) )?(?P<text>.*)")


@dataclass(frozen=True)
class ListWish:
    """An order list as a row asks for it; the legs stand in the row's order."""

    kind: str
    legs: tuple[Wish, ...]
    cid: str = ""

    def pair(self) -> tuple[Wish, ...]:
        """Return the two legs of which one cancels the other, or nothing."""
        legs = self.legs if self.kind == "oco" else self.legs[1:]
        return legs if len(legs) == 2 else ()


@dataclass(frozen=True)
class CancelWish:
    """A cancel of an order, of a list, or of everything."""

    cid: str = ""
    number: int = -1
    restriction: str = ""
    what: str = "order"


@dataclass(frozen=True)
class ReplaceWish:
    """A cancel and a new order in one."""

    cancel: CancelWish
    order: Wish
    mode: str = "STOP_ON_FAILURE"
    exceeded: str = ""


@dataclass(frozen=True)
class AmendWish:
    """A lower quantity for an order."""

    cid: str
    quantity: str
    new_cid: str = ""


Request = Wish | ListWish | CancelWish | ReplaceWish | AmendWish


@dataclass(frozen=True)
class Answer:
    """What a door said; doors without HTTP statuses or codes leave them 0."""

    text: str
    status: int = 0
    code: int = 0
    refused: bool = False


class Door(Protocol):
    """A way to the exchange."""

    now: int

    def control(self, command: Command) -> Applied:
        """Give the exchange a command that no client can send, or one of the crowd's."""

    def ask(self, who: str, request: Request) -> Answer:
        """Send a request and return what was answered."""

    def order(self, who: str, cid: str, symbol: str) -> dict[str, object]:
        """Return an order as a query shows it; prices and quantities as texts, times in milliseconds."""

    def order_list(self, who: str, cid: str) -> str:
        """Return an order list's status."""

    def open_orders(self, who: str, symbol: str) -> list[str]:
        """Return the client order ids of the open orders."""

    def balance(self, who: str, asset: str) -> tuple[Decimal, Decimal]:
        """Return what is free and what is held."""

    def count(self, who: str) -> int:
        """Return the unfilled order count of the shortest interval."""

    def picture(self, symbol: str) -> tuple[list[str], bool]:
        """Return the book as picture rows and whether they show orders (or only totals)."""

    def last(self, symbol: str) -> Decimal:
        """Return the last price."""

    def close(self) -> None:
        """Check what can only be checked at the end."""


# What tests are handed to tell stories with: `story_doors.story` at one of the doors.
Story = Callable[..., Any]


def purse_of(text: str) -> tuple[tuple[str, int], ...]:
    """Return "5 BTC 10 USDT" as balances."""
    words = text.split()
    return tuple((asset, units(amount)) for amount, asset in zip(words[::2], words[1::2], strict=True))


def number(text: object) -> str:
    """Return a decimal text in its shortest form."""
    return f"{Decimal(str(text)).normalize():f}"


def progress(status: str, reason: str, fills: list[str], prevented: str) -> str:
    words = [status, reason, *fills, f"prevented={prevented}" if prevented else ""]
    return " ".join(word for word in words if word)


def request_of(text: str) -> Request | None:
    """Return what a row asks for, its first word left out, or None."""
    head, _, tail = text.partition(": ")
    words = head.split()
    if words[0] in LIST_KINDS:
        return _list(words, tail)
    if words[0] == "cancel":
        return _cancel(words[1:])
    if words[0] == "replace":
        order = read_order(tail.split())
        assert order is not None, tail
        return _replace(words[1:], order)
    if words[0] == "amend":
        return AmendWish(words[1], words[3], words[5] if len(words) > 5 else "")
    return read_order(text.split()) if words[0] in ("buy", "sell") else None


def _list(words: list[str], tail: str) -> ListWish:
    kind = words[0]
    shared = read_order(words[1:])
    legs = []
    for part in tail.split("|"):
        leg = read_order(part.split())
        assert leg is not None, part
        legs.append(leg)
    assert shared is not None, words
    if kind == "oco":
        legs = [replace(leg, side=shared.side, quantity=shared.quantity) for leg in legs]
    if kind in ("otoco", "opoco"):
        legs[2] = replace(legs[2], side=legs[1].side, quantity=legs[1].quantity)
    return ListWish(kind, tuple(replace(leg, mode=shared.mode or leg.mode) for leg in legs), shared.cid)


def _cancel(words: list[str]) -> CancelWish:
    wish = CancelWish()
    for word in words:
        if word in ("all", "list") and wish == CancelWish():
            wish = replace(wish, what=word)
        elif word.startswith("#"):
            wish = replace(wish, number=int(word[1:]))
        elif word.startswith("ONLY_"):
            wish = replace(wish, restriction=word)
        else:
            wish = replace(wish, cid=word)
    return wish


def _replace(words: list[str], order: Wish) -> ReplaceWish:
    modes = [word for word in words if word in ("STOP_ON_FAILURE", "ALLOW_FAILURE")]
    exceeded = [word for word in words if word in ("CANCEL_ONLY", "DO_NOTHING")]
    cancel = _cancel([word for word in words if word not in (*modes, *exceeded)])
    return ReplaceWish(cancel, order, *(modes or ["STOP_ON_FAILURE"]), *exceeded)


@dataclass
class Setting:
    """What the accounts were told to be, since they are configured all at once."""

    configured: dict[str, ConfigureAccount] = field(default_factory=dict)

    def control(self, row: str, symbol: str) -> Command | None:
        """Return the command of a row that no client could send, or None."""
        match row.split():
            case ["market", status, *on]:
                return SetSymbolStatus(on[1] if on else symbol, SymbolStatus[status])
            case ["block", quantity, "@", price]:
                return PrintBlockTrade(symbol, ACCOUNTS["alice"], ACCOUNTS["bob"], units(price), units(quantity))
            case ["reference", price, *on]:
                return SetReferencePrice(on[1] if on else symbol, None if price == "none" else units(price))
            case [who, *words] if who in ACCOUNTS:
                return self._of_account(who, words)
        return None

    def _of_account(self, who: str, words: list[str]) -> Command | None:
        match words:
            case ["gets", amount, asset]:
                return Deposit(ACCOUNTS[who], asset, units(amount))
            case ["pays", "in", "BNB"]:
                return self._configure(who, pays_with_discount_asset=True)
            case ["pays", *words]:
                return rates(ACCOUNTS[who], words)
            case ["joins", "group", number]:
                return self._configure(who, trade_group=int(number))
            case ["may", "hold", amount, asset]:
                limits = self.configured.get(who, ConfigureAccount(ACCOUNTS[who])).asset_limits
                return self._configure(who, asset_limits=(*limits, (asset, units(amount))))
            case ["may", "not", "trade"]:
                return self._configure(who, can_trade=False)
            case ["has", "permissions", *names]:
                return self._configure(who, permissions=tuple(names))
        return None

    def _configure(self, who: str, **changes: object) -> ConfigureAccount:
        self.configured[who] = structs.replace(self.configured.get(who, ConfigureAccount(ACCOUNTS[who])), **changes)
        return self.configured[who]


def play(text: str, door: Door, symbol: str) -> None:
    """Tell a story at a door; `symbol` is the one that is meant where none is named."""
    setting, rows = Setting(), rows_of(text)
    while rows:
        row = rows.pop(0)
        action, arrow, expected = (part.strip() for part in row.partition("->"))
        words = action.split()
        if words[0] == "book":
            _look_at_book(door, words[1] if len(words) > 1 else symbol, take_picture(rows), row)
        elif not _look(action, door, symbol) and not _happen(action, door, symbol):
            command = setting.control(action, symbol)
            if command is not None:
                door.control(command)
                continue
            request = request_of(action.partition(" ")[2])
            assert request is not None, f"no such row: {row}"
            answer = door.ask(words[0], request)
            if arrow:
                _compare(answer, expected, row)
            else:
                assert not answer.refused, f"{row}\n   told: {answer}"
    door.close()


def _happen(action: str, door: Door, symbol: str) -> bool:
    words = action.split()
    if words[0] == "wait":
        door.now += int(Decimal(words[1]) * SECOND)
        return True
    if words[:3] == ["market", "trades", "at"]:
        rest, quantity = words[3:], "0.1"
        if "on" in rest:
            symbol = rest[rest.index("on") + 1]
            rest = rest[: rest.index("on")]
        if "of" in rest:
            quantity = rest[rest.index("of") + 1]
            rest = rest[: rest.index("of")]
        for price in rest:
            sell = Wish("SELL", quantity, price=price)
            door.control(sell.command(CROWD, symbol))
            applied = door.control(replace(sell, side="BUY", time_in_force="IOC").command(CROWD, symbol))
            traded = [event for event in applied.events if isinstance(event, Trade)]
            assert traded, f"{action}: no trade at {price}"
            assert (traded[0].symbol, traded[0].price, traded[0].quantity) == (symbol, units(price), units(quantity)), action
        return True
    return False


def _look(action: str, door: Door, symbol: str) -> bool:
    words = action.split()
    match words:
        case [who, "has", free, "+", held, asset]:
            assert door.balance(who, asset) == (Decimal(free), Decimal(held)), f"{action}: {door.balance(who, asset)}"
        case [who, "sees", "list", cid, status]:
            assert door.order_list(who, cid) == status, f"{action}: {door.order_list(who, cid)}"
        case [who, "sees", cid, *rest]:
            if rest[0] == "on":
                symbol, rest = rest[1], rest[2:]
            _compare_order(door.order(who, cid, symbol), rest, action)
        case [who, "opens", *cids]:
            found = door.open_orders(who, symbol)
            assert found == ([] if cids == ["nothing"] else cids), f"{action}: {found}"
        case [who, "counts", number]:
            assert door.count(who) == int(number), f"{action}: {door.count(who)}"
        case ["last", price, *on]:
            assert door.last(on[1] if on else symbol) == Decimal(price), f"{action}: {door.last(symbol)}"
        case _:
            return False
    return True


def _look_at_book(door: Door, symbol: str, picture: list[str], row: str) -> None:
    drawn, in_full = door.picture(symbol)
    expected = picture if in_full else [_totals(line) for line in picture]
    assert drawn == expected, f"{row}\n   drawn: {drawn}"


def _totals(line: str) -> str:
    cells = line.split("|")[1:-1]
    sums = [f"{_sum(cell).normalize():f}" if ":" in cell else cell for cell in cells]
    return f"|{'|'.join(sums)}|"


def _sum(cell: str) -> Decimal:
    return sum((Decimal(order.partition(":")[2]) for order in cell.split()), Decimal(0))


def _compare(answer: Answer, expected: str, row: str) -> None:
    wanted = _ANSWER.fullmatch(expected)
    assert wanted is not None
    assert answer.text == wanted["text"], f"{row}\n   told: {answer}"
    for name, told in (("status", answer.status), ("code", answer.code)):
        if told and wanted[name]:
            assert told == int(wanted[name]), f"{row}\n   told: {answer}"


def _compare_order(shown: dict[str, object], wanted: list[str], action: str) -> None:
    status, progress, *fields = wanted
    told = f"{action}\n   shown: {shown}"
    assert shown["status"] == status, told
    executed, _, asked = progress.partition("/")
    assert _same(shown["executedQty"], executed), told
    assert asked == "?" or _same(shown.get("origQty"), asked) or (asked == "-" and "origQty" not in shown), told
    for part in fields:
        name, _, value = part.partition("=") if "=" in part else ("expiryReason", "", part)
        if value == "-":
            assert name not in shown, f"{name}: {told}"
        else:
            assert name in shown, f"{name}: {told}"
            assert _same(shown[name], _time(value)), f"{name}: {told}"


def _time(value: str) -> str:
    """Return a time told in seconds since the story began ("t+10") as milliseconds, anything else as it is."""
    return str(START // 1000 + int(Decimal(value[2:]) * 1000)) if value.startswith("t+") else value


def _same(shown: object, wanted: str) -> bool:
    if isinstance(shown, bool):
        return wanted == str(shown).lower()
    try:
        return Decimal(str(shown)) == Decimal(wanted)
    except InvalidOperation:
        return str(shown) == wanted
