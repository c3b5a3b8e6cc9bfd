"""The crowd while time leaps: prices that go on, trades that say so, and users who are not passed by."""

from papernet.core.commands import Command, NewOrder, SetSymbolStatus
from papernet.core.enums import OrderStatus, OrderType, Side, SymbolStatus, TimeInForce
from papernet.core.events import Applied, ExecutionReport
from papernet.core.units import SCALE
from papernet.simulator.desk import MarketDesk
from papernet.simulator.leap import Leap
from tests.unit.simulator.stage import CROWD, SECOND, START, USER, Stage

STEP = 20 * SECOND
HOUR = 3_600 * SECOND
BTC = "BTCUSDT"


def leap_of(stage: Stage, at: int = START) -> Leap:
    prices = [profile.fair for profile in stage.profiles]
    return Leap(stage.profiles, CROWD, stage.seed, stage.activity, prices, at)


def leapt(hours: int = 1, stage: Stage | None = None, pause: int = 300 * SECOND) -> tuple[Stage, Leap]:
    """Return a stage and a leap of so many hours, with a pause now and then."""
    stage = Stage() if stage is None else stage
    leap = leap_of(stage)
    for until in range(START + pause, START + hours * HOUR + 1, pause):
        leap.go_on(stage.desk, until, STEP)
    return stage, leap


def test_every_symbol_trades_at_every_step_in_the_order_of_time() -> None:
    stage, _ = leapt()
    assert len(stage.profiles) >= 10
    assert [trade.at for trade in stage.trades] == sorted(trade.at for trade in stage.trades)
    for profile in stage.profiles:
        times = [trade.at for trade in stage.trades if trade.symbol == profile.symbol]
        assert times == list(range(START // STEP * STEP + STEP, START + HOUR + 1, STEP)), profile.symbol
    assert stage.refused == []
    stage.exchange.check_invariants()


def test_prices_move_as_assets_do_and_agree_around_triangles() -> None:
    stage, leap = leapt(8, Stage([BTC, "ETHUSDT", "ETHBTC"]))
    last = {profile.symbol: stage.exchange.markets[profile.symbol].last_price for profile in stage.profiles}
    first = {profile.symbol: profile.price for profile in stage.profiles}
    assert 0.0005 < abs(last[BTC] / first[BTC] - 1) < 0.25
    assert abs(last["ETHUSDT"] / last[BTC] / (last["ETHBTC"] / SCALE) - 1) < 0.001
    trades = [trade.price for trade in stage.trades if trade.symbol == BTC]
    assert len(dict.fromkeys(trades)) > len(trades) // 2
    told = dict(zip(last, leap.prices(), strict=True))
    assert int(told[BTC]) * stage.profiles[0].tick == last[BTC]


def test_one_seed_makes_one_leap() -> None:
    hashes = [leapt(stage=Stage([BTC, "ETHUSDT"], seed=seed))[0].trade_hash() for seed in (7, 7, 8)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_pair_that_nobody_waits_for_is_quoted_where_the_leap_pauses_and_not_where_it_ends() -> None:
    stage, leap = leapt()
    for profile in stage.profiles:
        bid, ask = stage.touch(profile.symbol)
        assert bid is not None
        assert ask == bid + profile.tick
    leap.arrive(stage.desk)
    assert all(stage.touch(profile.symbol) == (None, None) for profile in stage.profiles)


def last_report(stage: Stage, order_id: int) -> OrderStatus | None:
    """Return the status of an open order, None of one that has ended."""
    order = stage.exchange.markets[BTC].orders.get(order_id)
    return None if order is None else order.status


def placed(stage: Stage, side: Side, price: int, stop: int = 0, at: int = START) -> int:
    """Return the id of an order of the user's for a hundredth; one with a stop price is for the market then."""
    kind = OrderType.STOP_LOSS if stop else OrderType.LIMIT
    order = NewOrder(USER, BTC, side, kind, TimeInForce.GTC, SCALE // 100, price, stop_price=stop)
    report = stage.submit(order, at).events[0]
    assert isinstance(report, ExecutionReport)
    return report.order_id


def test_orders_that_a_price_passes_are_filled_and_no_others() -> None:
    witness, _ = leapt(stage=Stage([BTC]))
    prices = [trade.price for trade in witness.trades]
    low, high = min(prices), max(prices)
    assert low < high
    tick = witness.profiles[0].tick
    stage = Stage([BTC])
    passed = [placed(stage, Side.BUY, low + 10 * tick), placed(stage, Side.SELL, high - 10 * tick)]
    spared = [placed(stage, Side.BUY, low - 1_000 * tick), placed(stage, Side.SELL, high + 1_000 * tick)]
    leapt(stage=stage)
    assert [last_report(stage, order_id) for order_id in passed] == [None, None]
    assert [last_report(stage, order_id) for order_id in spared] == [OrderStatus.NEW, OrderStatus.NEW]
    mine = [trade for trade in stage.trades if trade.symbol == BTC and trade.price in (low + 10 * tick, high - 10 * tick)]
    assert sum(trade.quantity for trade in mine) >= 2 * SCALE // 100
    stage.exchange.check_invariants()


def test_stop_orders_are_triggered_on_the_way_and_find_somebody() -> None:
    pause = 300 * SECOND
    witness, _ = leapt(stage=Stage([BTC]))
    prices = [trade.price for trade in witness.trades if trade.at > START + pause]
    stage, tick = Stage([BTC]), witness.profiles[0].tick
    leap = leap_of(stage)
    leap.go_on(stage.desk, START + pause, STEP)
    now = stage.exchange.markets[BTC].last_price
    assert min(prices) < now < max(prices)
    below, above = ((now + end) // 2 // tick * tick for end in (min(prices), max(prices)))
    ids = [placed(stage, side, 0, stop, START + pause) for side, stop in ((Side.SELL, below), (Side.BUY, above))]
    fills: dict[int, int] = {}
    submit = stage.submit

    def watched(command: Command, at: int) -> Applied:
        applied = submit(command, at)
        for event in applied.events:
            if isinstance(event, ExecutionReport) and event.order_id in ids:
                fills[event.order_id] = event.cum_quantity
        return applied

    desk = MarketDesk(stage.exchange.markets, watched)
    for until in range(START + 2 * pause, START + HOUR + 1, pause):
        leap.go_on(desk, until, STEP)
    assert fills == dict.fromkeys(ids, SCALE // 100)
    stage.exchange.check_invariants()


def test_what_is_halted_does_not_trade() -> None:
    stage = Stage()
    stage.submit(SetSymbolStatus(BTC, SymbolStatus.HALT), START)
    leapt(stage=stage)
    symbols = dict.fromkeys(trade.symbol for trade in stage.trades)
    assert BTC not in symbols
    assert "ETHUSDT" in symbols


def test_a_leap_shorter_than_a_step_trades_nothing_and_quotes() -> None:
    stage = Stage()
    begin = START // STEP * STEP
    leap = leap_of(stage, begin)
    leap.go_on(stage.desk, begin + STEP - 1, STEP)
    assert stage.trades == []
    assert leap.prices() == [profile.fair for profile in stage.profiles]
    assert all(None not in stage.touch(profile.symbol) for profile in stage.profiles)
