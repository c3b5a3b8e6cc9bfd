"""Random histories for the views: what happened, when rows were archived, when the process restarted."""

from typing import Any

from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import SCALE
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, DAY, HOUR, MINUTE, SECOND, Scene

SYMBOLS = ("BTCUSDT", "ETHUSDT")

pauses = st.sampled_from(
    (0, 1, 1_000, SECOND // 3, SECOND, 17 * SECOND, MINUTE, 61 * SECOND, 15 * MINUTE, HOUR, 3 * HOUR, DAY, 31 * HOUR, 40 * DAY)
)
accounts = st.sampled_from((ALICE, BOB, CROWD, CROWD))
prices = st.integers(3, 9).map(lambda price: price * SCALE // 3)
quantities = st.integers(1, 5).map(lambda quantity: quantity * SCALE // 2)
takes = st.tuples(
    st.just("take"),
    pauses,
    st.sampled_from(SYMBOLS),
    accounts,
    st.sampled_from(Side),
    st.lists(st.tuples(accounts, prices, quantities), max_size=5),
)
rests = st.tuples(st.just("rest"), pauses, st.sampled_from(SYMBOLS), accounts, st.booleans(), st.sampled_from(("x", "y", "")))
housekeeping = st.sampled_from(("drain", "begin_drain", "end_drain", "fail_drain", "reopen")).map(lambda name: (name,))
steps = st.lists(st.one_of(takes, takes, takes, rests, housekeeping), max_size=40)
stories = st.tuples(st.sampled_from((0, 0, 1, 4, 200)), steps, st.lists(st.just(("reset", 5 * SECOND)), max_size=1), steps)


def tell(scene: Scene, story: Any) -> None:
    minutes, before, resets, after = story
    scene.open_accounts()
    if minutes:
        scene.seed("BTCUSDT", minutes, 2 * SCALE)
    for step in (*before, *resets, *after):
        play(scene, step)


def play(scene: Scene, step: Any) -> None:
    kind, *details = step
    match kind:
        case "take":
            pause, symbol, taker, side, fills = details
            scene.at += pause
            scene.take(symbol, taker, side, fills)
        case "rest":
            pause, symbol, account, cancel, client_id = details
            scene.at += pause
            scene.rest_and_cancel(symbol, account, cancel=cancel, client_id=client_id if cancel else "")
        case "reset":
            scene.at += details[0]
            scene.reset()
        case _:
            getattr(scene, kind)()
