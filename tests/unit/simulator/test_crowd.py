"""The crowd on a real exchange: what it says, what it makes of the books, and how it takes what users do."""

import pytest

from papernet.core.commands import CancelOrder, Command, NewOrder, SetSymbolStatus
from papernet.core.enums import Side, SymbolStatus
from papernet.core.events import Applied
from papernet.core.units import SCALE
from papernet.simulator.agenda import Act
from papernet.simulator.desk import Desk, MarketDesk
from papernet.venues.spot.market import Market
from tests.unit.simulator.stage import ALL, CROWD, SECOND, START, Stage, cancels, orders


def opened(*names: str, seed: int = 7, activity: float = 0.1, seconds: float = 0) -> Stage:
    stage = Stage(names or tuple(ALL), seed, activity)
    stage.crowd.open(stage.desk)
    if seconds:
        stage.advance(seconds)
    return stage


def spread(stage: Stage, name: str) -> tuple[int, int]:
    bid, ask = stage.touch(name)
    assert bid is not None
    assert ask is not None
    assert bid < ask
    return bid, ask


def market(stage: Stage, name: str) -> Market:
    return stage.exchange.markets[name]


def test_one_seed_makes_one_market() -> None:
    """The golden hash: it changes with the model and with nothing else; not with the machine, Python or NumPy."""
    stage = opened("BTCUSDT", "ETHUSDT", seconds=120)
    assert len(stage.trades) == 292
    assert stage.trade_hash() == "b865464b07bdd140"


def test_another_seed_makes_another_market() -> None:
    assert opened("BTCUSDT", seed=1, seconds=30).trade_hash() != opened("BTCUSDT", seed=2, seconds=30).trade_hash()


def test_how_often_the_clock_ticks_does_not_matter() -> None:
    often = opened("BTCUSDT", "ETHBTC")
    for step in range(1, 1_001):
        often.advance(step / 50)
    assert often.said == opened("BTCUSDT", "ETHBTC", seconds=20).said


def test_a_symbol_lives_the_same_whatever_else_is_listed() -> None:
    alone = opened("ETHUSDT", seconds=20).said
    together = opened(seconds=20).said
    assert alone == [(at, command) for at, command in together if getattr(command, "symbol", "") == "ETHUSDT"]


def test_every_symbol_opens_two_sided_at_its_price() -> None:
    stage = opened()
    for profile in stage.profiles:
        assert spread(stage, profile.symbol) == (profile.price, profile.price + profile.tick)
        assert len(market(stage, profile.symbol).orders) > 50
    assert len(stage.said) < 2_000


def test_the_crowd_says_only_what_it_may_and_in_the_order_of_time() -> None:
    stage = opened(seconds=20)
    assert {type(command) for _, command in stage.said} == {NewOrder, CancelOrder}
    assert {order.account for order in orders(stage.said)} == {CROWD}
    assert {cancel.account for cancel in cancels(stage.said)} == {CROWD}
    times = [at for at, _ in stage.said]
    assert times == sorted(times)
    assert times[0] == START
    assert times[-1] <= START + 20 * SECOND


def test_no_order_breaks_a_rule_of_its_symbol() -> None:
    stage = opened(activity=0.5, seconds=20)
    assert stage.refused == []
    stage.exchange.check_invariants()


def test_all_books_stay_two_sided_and_all_symbols_trade() -> None:
    stage = opened(activity=0.5)
    for step in range(1, 61):
        stage.advance(step / 2)
        for name in ALL:
            spread(stage, name)
    assert {trade.symbol for trade in stage.trades} == set(ALL)


def test_cross_prices_follow_their_legs() -> None:
    stage = opened("BTCUSDT", "ETHUSDT", "BTCUSDC", "ETHBTC", activity=0.2, seconds=120)
    btc, eth = sum(spread(stage, "BTCUSDT")), sum(spread(stage, "ETHUSDT"))
    assert sum(spread(stage, "BTCUSDC")) == pytest.approx(btc, rel=5e-4)
    assert sum(spread(stage, "ETHBTC")) / 2 / SCALE == pytest.approx(eth / btc, rel=8e-4)


def test_it_says_when_it_is_due_and_until_when_it_has_lived() -> None:
    stage = Stage(("BTCUSDT",))
    assert stage.crowd.next_at is None
    stage.crowd.open(stage.desk)
    stage.advance(3)
    said = len(stage.said)
    assert stage.crowd.lived_until == START + 3 * SECOND
    due = stage.crowd.next_at
    assert due is not None
    assert due > START + 3 * SECOND
    last = due
    stage.crowd.advance(stage.desk, due - 1)
    assert len(stage.said) == said
    while len(stage.said) == said and due is not None:
        stage.crowd.advance(stage.desk, due)
        last, due = due, stage.crowd.next_at
    assert stage.said[said][0] == last


# --- users


def spied(act: Act, seen: list[object]) -> Act:
    def spy(desk: Desk, at: int, what: object) -> None:
        seen.append((at, what))
        act(desk, at, what)

    return spy


def test_a_user_shifts_no_draw() -> None:
    def intentions(*, with_user: bool) -> list[object]:
        stage = opened("BTCUSDT", seconds=5)
        seen: list[object] = []
        trader = stage.crowd._traders["BTCUSDT"]
        for name in ("_add", "_take"):
            setattr(trader, name, spied(getattr(trader, name), seen))
        if with_user:
            stage.user("BTCUSDT", Side.BUY, 20 * SCALE, at=START + 5 * SECOND)
            stage.user("BTCUSDT", Side.SELL, SCALE, stage.profiles[0].price * 11 // 10, at=START + 5 * SECOND)
        # Acts that were entered before the spies came go unseen, in both lives alike.
        stage.advance(45)
        return seen

    quiet, disturbed = intentions(with_user=False), intentions(with_user=True)
    assert len(quiet) > 300
    assert quiet == disturbed


def test_a_stale_order_of_a_user_is_hit_while_the_crowd_pulls_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = opened("BTCUSDT", seconds=5)
    bid, _ = spread(stage, "BTCUSDT")
    stage.user("BTCUSDT", Side.BUY, 3 * SCALE, bid, at=START + 5 * SECOND)
    order_id = market(stage, "BTCUSDT").next_order_id - 1
    said, traded = len(stage.said), len(stage.trades)
    fundamentals = stage.crowd._fundamentals
    monkeypatch.setattr(fundamentals, "price", lambda _pair, _at: bid // stage.profiles[0].tick * 0.999)
    stage.advance(8)
    assert not stage.desk.is_open("BTCUSDT", order_id)
    sold = [trade for trade in stage.trades[traded:] if trade.maker_order_id == order_id]
    assert sum(trade.quantity for trade in sold) == 3 * SCALE
    assert {(trade.price, trade.buyer_is_maker) for trade in sold} == {(bid, True)}
    pulled = {cancel.order_id for cancel in cancels(stage.said[said:])}
    assert len(pulled) > 20
    assert order_id not in pulled
    assert spread(stage, "BTCUSDT")[0] < bid


def test_a_users_stale_orders_are_never_cancelled_and_the_crowds_own_are() -> None:
    stage = opened("ETHUSDT", activity=0.3, seconds=5)
    mine = set()
    for step in range(60):
        bid, ask = spread(stage, "ETHUSDT")
        at = START + (5 + step) * SECOND
        stage.user("ETHUSDT", Side.BUY, SCALE // 100, bid, at=at)
        mine.add(market(stage, "ETHUSDT").next_order_id - 1)
        stage.user("ETHUSDT", Side.SELL, SCALE // 100, ask, at=at)
        mine.add(market(stage, "ETHUSDT").next_order_id - 1)
        stage.advance(6 + step)
    said = cancels(stage.said)
    assert not mine & {cancel.order_id for cancel in said}
    assert stage.refused == []
    assert any(trade.maker_order_id in mine for trade in stage.trades)


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_a_swept_side_is_quoted_again_within_a_second(side: Side) -> None:
    stage = opened("BTCUSDT", seconds=5)
    emptied = side is Side.BUY
    while stage.touch("BTCUSDT")[emptied] is not None:
        stage.user("BTCUSDT", side, 100 * SCALE, at=START + 5 * SECOND)
    stage.advance(6)
    spread(stage, "BTCUSDT")
    assert stage.refused == []


def test_users_move_the_price_by_the_root_of_what_they_take() -> None:
    def cost(amount: int) -> float:
        """Return by how many basis points the middle is higher after a minute of buying than without."""
        middles = []
        for bought in (0, amount):
            stage = opened("BTCUSDT", seconds=5)
            for step in range(60):
                if bought:
                    stage.user("BTCUSDT", Side.BUY, bought // 60 // 1_000 * 1_000, at=START + (5 + step) * SECOND)
                stage.advance(6 + step)
            middles.append(sum(spread(stage, "BTCUSDT")))
        return (middles[1] / middles[0] - 1) * 10_000

    small, large = cost(4 * SCALE), cost(100 * SCALE)
    assert large > 10
    # 25 times as much for 5 times the price
    assert 3.5 < large / small < 7


def test_what_users_took_is_forgotten() -> None:
    stage = opened("BTCUSDT", seconds=5)
    stage.user("BTCUSDT", Side.BUY, 50 * SCALE, at=START + 5 * SECOND)
    impact = stage.crowd._traders["BTCUSDT"]._impact
    first = impact.shift(5 * SECOND)
    assert first > 5e-4
    assert impact.shift(65 * SECOND) < first
    assert impact.shift(100_000 * SECOND) == 0


def test_the_crowds_own_trades_move_nothing() -> None:
    stage = opened("BTCUSDT", activity=1.0, seconds=5)
    count = len(stage.trades)

    def observed(command: Command, at: int) -> Applied:
        applied = stage.submit(command, at)
        stage.crowd.observe(applied)
        return applied

    stage.desk = MarketDesk(stage.exchange.markets, observed)
    stage.advance(20)
    assert len(stage.trades) > count
    assert stage.crowd._traders["BTCUSDT"]._impact.shift(20 * SECOND) == 0


# --- interruptions


def test_a_gap_that_nobody_lived_through_costs_nothing() -> None:
    stage = opened(seconds=10)
    touches = [stage.touch(name) for name in ALL]
    said = len(stage.said)
    stage.crowd.skip_to(START + 86_400 * SECOND)
    assert stage.crowd.lived_until == START + 86_400 * SECOND
    stage.crowd.advance(stage.desk, START + 86_400 * SECOND)
    assert len(stage.said) == said
    assert [stage.touch(name) for name in ALL] == touches
    stage.advance(86_400 + 10)
    assert said + 500 < len(stage.said) < said + 10_000
    assert all(at > START + 86_400 * SECOND for at, _ in stage.said[said:])
    # It is the same life, only later.
    whole = opened(seconds=20).said
    assert [command for _, command in stage.said] == [command for _, command in whole]


def test_skipping_into_the_past_does_nothing() -> None:
    stage = opened("BTCUSDT", seconds=10)
    stage.crowd.skip_to(START)
    assert stage.crowd.lived_until == START + 10 * SECOND


def resumed(stage: Stage, at: float) -> None:
    """Let the process die and a new one take over at `at` seconds."""
    stage.crowd = stage.new_crowd()
    found = [
        order for book in stage.exchange.markets.values() for order in book.orders.values() if order.terms.account == CROWD
    ]
    stage.crowd.resume(stage.desk, START + int(at * SECOND), found)


@pytest.mark.parametrize("gap", [0.0, 3_600.0])
def test_a_new_process_goes_on_with_the_books_it_finds(gap: float) -> None:
    stage = opened(seconds=30)
    touches = {name: spread(stage, name) for name in ALL}
    counts = {name: len(market(stage, name).orders) for name in ALL}
    said = len(stage.said)
    resumed(stage, 30 + gap)
    assert len(stage.said) - said < 400
    for name, (bid, ask) in touches.items():
        assert sum(spread(stage, name)) == pytest.approx(bid + ask, rel=5e-4)
    stage.advance(30 + gap + 30)
    for name, count in counts.items():
        spread(stage, name)
        assert count / 2 < len(market(stage, name).orders) < count * 2
    assert stage.refused == []


def test_adopted_orders_do_not_stay_for_ever() -> None:
    stage = opened("BNBETH", activity=1.0, seconds=10)
    before = set(market(stage, "BNBETH").orders)
    resumed(stage, 10)
    stage.advance(190)
    assert len(before & set(market(stage, "BNBETH").orders)) < len(before) / 10


def test_a_new_process_opens_the_books_that_it_finds_empty() -> None:
    stage = Stage(("BTCUSDT", "ETHUSDT"))
    resumed(stage, 100)
    for profile in stage.profiles:
        assert spread(stage, profile.symbol) == (profile.price, profile.price + profile.tick)


def test_a_closed_market_is_waited_out() -> None:
    stage = opened("BTCUSDT", seconds=5)
    halt: Command = SetSymbolStatus("BTCUSDT", SymbolStatus.HALT)
    stage.submit(halt, START + 5 * SECOND)
    stage.advance(25)
    stage.submit(SetSymbolStatus("BTCUSDT", SymbolStatus.TRADING), START + 25 * SECOND)
    stage.advance(30)
    spread(stage, "BTCUSDT")


def test_a_crowd_begins_once() -> None:
    stage = opened("BTCUSDT")
    with pytest.raises(AssertionError):
        stage.crowd.open(stage.desk)
