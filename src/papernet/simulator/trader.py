"""All that the crowd does on one symbol: its drawn intentions meet the book.

Order of work.  Makers place what was drawn around the reference price and cancel it when its life is over. Touch makers look at
                the touch at drawn times, and at once when it is gone: they move the reference most of the way to value, clear
                what is on the wrong side of it, and quote both sides a tick apart. Takers take, and a few of them follow value
                rather than their own draw.
Invariant.      The crowd's own orders on the wrong side are pulled, a user's are hit: who quotes stale prices pays for it.
                Every order keeps to the symbol's ticks, lots and amounts. All numbers that leave are integers.
Does not.       Draw: `flow` did. Remember its orders: the book knows them, and each waits in the agenda for its end.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from papernet.core.commands import CancelOrder, NewOrder
from papernet.core.enums import OrderType, Side, TimeInForce
from papernet.core.events import Applied, ExecutionReport
from papernet.core.order import Order
from papernet.core.units import SCALE
from papernet.simulator.agenda import Agenda
from papernet.simulator.desk import Desk
from papernet.simulator.draws import UNIFORM, lognormal_mean
from papernet.simulator.flow import BLOCK, Add, Flow, Hand, Take
from papernet.simulator.fundamentals import Fundamentals, traits_of
from papernet.simulator.impact import Impact
from papernet.simulator.profiles import Profile

# How much of the way to value the reference goes at a look.
ANCHOR: Final = 0.8
# How far, in ticks, value may stray out of a one-tick spread before the quotes follow.
PATIENCE: Final = 0.25
# The share of looks, in units of 1 / UNIFORM, at which a stale quote is pulled before an arbitrageur comes.
PULLED: Final = UNIFORM * 95 // 100
# The largest share of takers that follow value, and how steeply it rises with the gap (as a share of the price).
FOLLOWERS: Final = 0.25
FOLLOW_SLOPE: Final = 5e3
# A touch quote is several orders of unequal size, so that it is eaten and expires piece by piece: (divisor, life in thirds).
QUOTE_PARTS: Final = ((6, 2), (3, 3), (2, 4))
# Takers accept at most this much worse than the touch: one part in so many.
SLIPPAGE: Final = 100
# distance unit (thousandths of a basis point) to the share of the price
DISTANCE_UNIT: Final = 10_000_000
# What of an opening book is placed at once; the rest comes within the following microseconds.
OPENING_AT_ONCE: Final = 120
OPENING_SPAN: Final = 2_000_000
# A side with fewer orders than this is no book: a leap left them, or nothing is there.
FEW: Final = 3


class Trader:
    """The crowd on one symbol."""

    def __init__(
        self, index: int, account: int, profile: Profile, flow: Flow, fundamentals: Fundamentals, agenda: Agenda
    ) -> None:
        """Stand ready at the opening price, with nothing planned yet."""
        habits = profile.habits
        a_day = flow.take_rate * 86_400 * lognormal_mean(habits.taker_median, habits.taker_spread)
        self._index: Final = index
        self._account: Final = account
        self._profile: Final = profile
        self._symbol: Final = profile.symbol
        self._tick: Final = profile.tick
        self._flow: Final = flow
        self._lead: Final = flow.lead
        self._fundamentals: Final = fundamentals
        self._agenda: Final = agenda
        volatility = max(traits_of(profile.base).volatility, traits_of(profile.quote).volatility)
        self._impact: Final = Impact(volatility / float(np.sqrt(365.0)), a_day)
        self._reference: float = profile.fair
        self._reacting: bool = False

    def begin(self, desk: Desk, at: int, found: Iterable[Order]) -> None:
        """Take over the crowd's orders that are on the book, make a book where there is none; then live on."""
        adopted = [0, 0]
        middle = int(self._reference)
        for order in found:
            ticks = order.price // self._tick
            distance = abs(ticks - middle) * DISTANCE_UNIT // middle
            life = self._flow.life_at(distance, at + order.order_id)
            self._agenda.add(at + life, self._index, self._expire, (order.order_id, order.side, ticks))
            adopted[order.side is Side.SELL] += 1
        self._look(desk, at, None)
        if min(adopted) < FEW:
            for number, add in enumerate(opening := self._flow.opening()):
                if number < OPENING_AT_ONCE:
                    self._add(desk, at, add)
                else:
                    self._agenda.add(at + OPENING_SPAN * number // len(opening), self._index, self._add, add)
        block = (at + self._lead) // BLOCK
        self._plan(at, block)

    def observe(self, report: ExecutionReport, at: int) -> None:
        """Learn of a user's trade as the taker."""
        amount = report.last_quantity / SCALE
        self._impact.add(amount if report.terms.side is Side.BUY else -amount, at)
        self._react(at)

    def _plan_next(self, _desk: Desk, at: int, block: int) -> None:
        self._plan(at, block)

    def _plan(self, at: int, block: int) -> None:
        """Enter what was drawn for a block and is not over at `at`."""
        begins = block * BLOCK - self._lead
        pace = self._fundamentals.pace(self._index)
        flow, agenda, index = self._flow, self._agenda, self._index
        for offset, add in flow.adds(block, pace):
            if begins + offset >= at:
                agenda.add(begins + offset, index, self._add, add)
        for offset, take in flow.takes(block, pace):
            if begins + offset >= at:
                agenda.add(begins + offset, index, self._take, take)
        for offset in flow.looks(block, pace):
            if begins + offset >= at:
                agenda.add(begins + offset, index, self._look)
        agenda.add(begins + BLOCK, index, self._plan_next, block + 1)

    def _add(self, desk: Desk, at: int, add: Add) -> None:
        middle = int(self._reference)
        away = (add.distance * middle + DISTANCE_UNIT // 2) // DISTANCE_UNIT
        bid, ask = self._touch(desk)
        if add.side > 0:
            ticks = middle - away
            if ask is not None and ticks >= ask:
                ticks = ask - 1
            self._rest(desk, at, Side.BUY, ticks, add.lots, add.life)
        else:
            ticks = middle + 1 + away
            if bid is not None and ticks <= bid:
                ticks = bid + 1
            self._rest(desk, at, Side.SELL, ticks, add.lots, add.life)

    def _expire(self, desk: Desk, at: int, what: tuple[int, Side, int]) -> None:
        order_id, side, ticks = what
        if not desk.is_open(self._symbol, order_id):
            return
        was_best = self._touch(desk)[side is Side.SELL] == ticks
        self._cancel(desk, at, order_id)
        if was_best and self._touch(desk)[side is Side.SELL] != ticks:
            self._react(at)

    def _take(self, desk: Desk, at: int, take: Take) -> None:
        touch = self._touch(desk)
        bid, ask = touch
        side = take.side
        if bid is not None and ask is not None:
            middle = (bid + ask) / 2
            gap = (self._value(at) - middle) / middle * FOLLOW_SLOPE
            if take.whim < FOLLOWERS * UNIFORM * abs(gap) / (1.0 + abs(gap)):
                side = 1 if gap > 0 else -1
        if side > 0 and ask is not None:
            self._hit(desk, at, Side.BUY, ask + ask // SLIPPAGE + 1, take.lots)
        elif side < 0 and bid is not None:
            self._hit(desk, at, Side.SELL, bid - bid // SLIPPAGE - 1, take.lots)
        if self._touch(desk) != touch:
            self._react(at)

    def _react(self, at: int) -> None:
        """Have a touch maker come within its latency, unless one is on its way."""
        if not self._reacting:
            self._reacting = True
            self._agenda.add(at + self._flow.hand(at).latency, self._index, self._arrive)

    def _arrive(self, desk: Desk, at: int, _what: None) -> None:
        self._reacting = False
        self._look(desk, at, None)

    def _look(self, desk: Desk, at: int, _what: None) -> None:
        """Move the quotes to where value is."""
        hand = self._flow.hand(at)
        bid, ask = self._touch(desk)
        value = self._value(at)
        middle = value
        if bid is not None and ask is not None:
            middle = (bid + ask) / 2
        elif bid is not None:
            middle = bid + 0.5
        elif ask is not None:
            middle = ask - 0.5
        self._reference = reference = middle + ANCHOR * (value - middle)
        best = int(reference)
        if bid is not None and ask == bid + 1 and bid - PATIENCE <= reference <= ask + PATIENCE:
            best = bid
        best = min(max(best, self._profile.least_ticks), self._profile.most_ticks - 1)
        self._clear(desk, at, Side.BUY, best, hand)
        self._clear(desk, at, Side.SELL, best + 1, hand)
        self._quote(desk, at, Side.BUY, best, hand.bid_lots, hand.bid_life)
        self._quote(desk, at, Side.SELL, best + 1, hand.ask_lots, hand.ask_life)

    def _clear(self, desk: Desk, at: int, side: Side, best: int, hand: Hand) -> None:
        """Take everything off the book that is better than `best` on its side."""
        is_sell = side is Side.SELL
        hitter = Side.BUY if is_sell else Side.SELL
        ticks = self._touch(desk)[is_sell]
        if ticks is None or not _is_better(side, ticks, best):
            return
        if hand.whim > PULLED:
            self._hit(desk, at, hitter, ticks, 1 + (hand.ask_lots if is_sell else hand.bid_lots) // 10)
        before = None
        # Where nothing gives way any more, the market is closed.
        while (ticks := self._touch(desk)[is_sell]) not in (None, before) and _is_better(side, ticks, best):
            before = ticks
            others = 0
            for resting in desk.queue(self._symbol, side, ticks * self._tick):
                if resting.account == self._account:
                    self._cancel(desk, at, resting.order_id)
                else:
                    others += resting.leaves
            if others:
                self._hit(desk, at, hitter, ticks, -(-others // self._profile.lot))

    def _quote(self, desk: Desk, at: int, side: Side, ticks: int, lots: int, life: int) -> None:
        """Quote at a price, unless the crowd is there already."""
        if self._touch(desk)[side is Side.SELL] == ticks:
            for resting in desk.queue(self._symbol, side, ticks * self._tick):
                if resting.account == self._account:
                    return
        for divisor, thirds in QUOTE_PARTS:
            self._rest(desk, at, side, ticks, lots // divisor, life * thirds // 3)

    def _value(self, at: int) -> float:
        return self._fundamentals.price(self._index, at) * (1.0 + self._impact.shift(at))

    def _touch(self, desk: Desk) -> tuple[int | None, int | None]:
        """Return the best bid and ask in ticks."""
        bid, ask = desk.touch(self._symbol)
        tick = self._tick
        return (None if bid is None else bid // tick), (None if ask is None else ask // tick)

    def _rest(self, desk: Desk, at: int, side: Side, ticks: int, lots: int, life: int) -> None:
        applied = self._order(desk, at, side, ticks, lots, TimeInForce.GTC)
        report = applied.events[0]
        if isinstance(report, ExecutionReport):
            self._agenda.add(at + life, self._index, self._expire, (report.order_id, side, ticks))

    def _hit(self, desk: Desk, at: int, side: Side, ticks: int, lots: int) -> None:
        """Take up to `lots` at `ticks` or better."""
        self._order(desk, at, side, ticks, lots, TimeInForce.IOC)

    def _order(self, desk: Desk, at: int, side: Side, ticks: int, lots: int, time_in_force: TimeInForce) -> Applied:
        profile = self._profile
        ticks = min(max(ticks, profile.least_ticks), profile.most_ticks)
        a_lot = ticks * self._tick * profile.lot
        least = max(profile.least_lots, -(-profile.least_notional * SCALE // a_lot))
        most = min(profile.most_lots, profile.most_notional * SCALE // a_lot)
        quantity = min(max(lots, least), most) * profile.lot
        order = NewOrder(self._account, self._symbol, side, OrderType.LIMIT, time_in_force, quantity, ticks * self._tick)
        return desk.submit(order, self._agenda.origin + at)

    def _cancel(self, desk: Desk, at: int, order_id: int) -> None:
        desk.submit(CancelOrder(self._account, self._symbol, order_id), self._agenda.origin + at)


def _is_better(side: Side, ticks: int, best: int) -> bool:
    return ticks > best if side is Side.BUY else ticks < best
