"""Stories that nobody thought of: random rows of every kind, answered alike at every door."""

from random import Random

import pytest
from msgspec.structs import replace

from papernet.core.commands import SetLimits
from papernet.venues.spot.symbols import ArithmeticMeanSpec, PriceRange, Symbol
from tests.support.machine_door import MachineDoor
from tests.support.rest_story_door import RestStoryDoor
from tests.support.stories import Setting, play, request_of
from tests.support.worlds import SECOND, lot_size, make_symbol, units

WHO = ("alice", "alice", "bob", "carol")
RULES: dict[str, object] = {"sors": [{"base_asset": "BTC", "symbols": ["BTCUSDT", "BTCUSDC"]}]}
PURSES = ("1000 BTC 100000 USDT 100000 USDC", "10 BTC 1000 USDT 1000 USDC", "5 BTC 333.33333333 USDT 200 USDC")
MODES = ("", "", "", "NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER")
SEEDS = 40
ROWS = 80


def symbols(draw: Random) -> tuple[Symbol, ...]:
    """Return two books of one routing, the first with a rule or two."""
    rules = draw.choice([(), (lot_size("0.5", "100", "0.5"),)])
    near = PriceRange(units("1.02"), units("0.98"), units("1.02"), units("0.98"))
    bounded: dict[str, object] = {"price_range": near, "reference": ArithmeticMeanSpec(5, 2 * SECOND)}
    return replace(make_symbol(*rules), **draw.choice([{}, bounded])), make_symbol(name="BTCUSDC", quote="USDC")


class Rows:
    """Draws rows, one after the other."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)

    def price(self) -> int:
        return self.draw.choice([95, 97, 98, 99, 99, 100, 100, 101, 101, 102, 103, 105])

    def name(self) -> str:
        return f"a{self.draw.randrange(40)}"

    def amount(self) -> str:
        return self.draw.choice(["0.5", "1", "1.5", "2", "5"])

    def mode(self) -> str:
        mode = self.draw.choice(MODES)
        return f" stp {mode}" if mode else ""

    def order(self, side: str = "", amount: str | None = None) -> str:
        """Return an order of any type; `amount` "" leaves its quantity out."""
        draw = self.draw
        wanted = self.amount() if amount is None else amount
        head = f"{side or draw.choice(['buy', 'sell'])} {wanted}".strip()
        waits = draw.choice(["STOP", "TAKE"]) + draw.choice(["", f" {self.price()}", f" {self.price()}"])
        trails = f" trail {draw.choice([100, 300])}" if len(waits) == len("STOP") or draw.random() < 0.3 else ""
        kinds = (
            f" @ {self.price()}{draw.choice(['', '', '', ' IOC', ' FOK', ' ice 0.5'])}",
            f" @ {self.price()} MAKER",
            "",
            f" {waits}{trails}",
            f" @ {self.price()} {waits}{trails}",
            f" peg {draw.choice(['PRIMARY', 'MARKET', 'MARKET+1'])}",
            f" @ {self.price()} MAKER peg PRIMARY",
            f" {waits}{trails} peg {draw.choice(['PRIMARY', 'MARKET'])}",
        )
        return head + draw.choice(kinds)

    def pair(self, side: str) -> tuple[str, str]:
        """Return the above and the below leg of a pair."""
        draw, sells = self.draw, side == "sell"
        stop, far = (draw.choice([95, 98]), 1) if sells else (draw.choice([102, 105]), -1)
        limit = draw.choice([102, 105]) if sells else draw.choice([95, 98])
        stops = draw.choice([f"STOP {stop}", f"STOP {stop} @ {stop - far}", f"STOP {stop} peg MARKET", "STOP trail 200"])
        limits = draw.choice([f"MAKER @ {limit}", f"MAKER @ {limit} ice 0.5", f"TAKE {limit}", f"TAKE {limit} @ {limit}"])
        return (limits, stops) if sells else (stops, limits)

    def placed_list(self) -> str:
        """Return an order list of any kind."""
        draw = self.draw
        kind, number, side = (
            draw.choice(["oco", "oto", "otoco", "opo", "opoco"]),
            draw.randrange(20),
            draw.choice(["buy", "sell"]),
        )
        one, two, three = draw.sample([f"a{place}" for place in range(40)], 3)
        if kind == "oco":
            above, below = self.pair(side)
            return f"oco {side} {self.amount()}{self.mode()} as L{number}: {above} as {one} | {below} as {two}"
        pays = kind.startswith("opo")
        working = (
            f"{'buy' if pays else side} {self.amount()} @ {self.price()}{draw.choice(['', '', ' MAKER', ' IOC'])} as {one}"
        )
        pending = "sell" if pays else draw.choice(["buy", "sell"])
        if kind in ("oto", "opo"):
            return f"{kind}{self.mode()} as L{number}: {working} | {self.order(pending, '' if pays else None)} as {two}"
        above, below = self.pair(pending)
        amount = "" if pays else f" {self.amount()}"
        return f"{kind}{self.mode()} as L{number}: {working} | {pending}{amount} {above} as {two} | {below} as {three}"

    def row(self) -> str:
        """Return the next row."""
        draw, who = self.draw, self.draw.choice(WHO)
        chance = draw.random()
        if chance < 0.5:
            return f"{who} {self.order()}{self.mode()} as {self.name()}{draw.choice(['', '', '', ' on BTCUSDC'])}"
        if chance < 0.58:
            routed = f"{self.amount()}{draw.choice(['', f' @ {self.price()}', f' @ {self.price()} FOK'])} sor{self.mode()}"
            return f"{who} {draw.choice(['buy', 'sell'])} {routed} as {self.name()}"
        if chance < 0.78:
            return f"{who} {self.placed_list()}"
        return draw.choice(
            [
                f"{who} cancel {self.name()}",
                f"{who} cancel list L{draw.randrange(20)}",
                f"{who} amend {self.name()} to {self.amount()} as {self.name()}",
                f"{who} replace {self.name()} ALLOW_FAILURE: {self.order()} as {self.name()}",
                f"{who} replace {self.name()}: {self.order()} as {self.name()}",
                f"{who} joins group {draw.choice([1, 2])}",
                f"{who} pays 0.001 0.002",
                "wait 1",
            ]
        )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_door_answers_alike(seed: int) -> None:
    rows = Rows(seed)
    listed, purse = symbols(rows.draw), rows.draw.choice(PURSES)
    machine, rest = MachineDoor(listed, purse, RULES), RestStoryDoor(listed, purse, RULES)
    setting, told = Setting(), []
    for door in (machine, rest):
        door.control(SetLimits(enabled=False))
        play("market trades at 100 of 0.5\n market trades at 100 of 0.5 on BTCUSDC", door, "BTCUSDT")
    for _ in range(ROWS):
        row = rows.row()
        told.append(row)
        who, _, what = row.partition(" ")
        if command := setting.control(row, "BTCUSDT"):
            machine.control(command)
            rest.control(command)
        elif who == "wait":
            machine.now = rest.now = machine.now + SECOND
        else:
            request = request_of(what)
            assert request is not None, row
            assert machine.ask(who, request).text == rest.ask(who, request).text, told
    for who in ("alice", "bob", "carol"):
        for symbol in ("BTCUSDT", "BTCUSDC"):
            assert machine.open_orders(who, symbol) == rest.open_orders(who, symbol), told
        for asset in ("BTC", "USDT", "USDC"):
            assert machine.balance(who, asset) == rest.balance(who, asset), told


def test_random_rows_do_all_sorts_of_things() -> None:
    """The rows are worth something: over the seeds they trade, wait, trigger, expire and are refused."""
    seen: list[str] = []
    for seed in range(6):
        rows = Rows(seed)
        listed, purse = symbols(rows.draw), rows.draw.choice(PURSES)
        machine, setting = MachineDoor(listed, purse, RULES), Setting()
        machine.control(SetLimits(enabled=False))
        play("market trades at 100 of 0.5", machine, "BTCUSDT")
        for _ in range(ROWS):
            row = rows.row()
            who, _, what = row.partition(" ")
            request = None if setting.control(row, "BTCUSDT") or who == "wait" else request_of(what)
            if request is not None:
                machine.ask(who, request)
        seen += [report.status.name for report in machine.reports.values()]
    assert {"NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "PENDING_NEW"} <= set(seen)
