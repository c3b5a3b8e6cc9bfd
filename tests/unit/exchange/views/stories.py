"""Random histories for the views: what happened, when rows were archived, when the process restarted."""

from typing import Any

from hypothesis import strategies as st

from papernet.core.enums import Side
from papernet.core.units import SCALE
from tests.unit.exchange.views import papers
from tests.unit.exchange.views.scenes import ALICE, BOB, CROWD, DAY, HOUR, MINUTE, SECOND, Scene

SYMBOLS = ("BTCUSDT", "ETHUSDT")
# The steps in which something happens in the exchange; the others are the server's.
HAPPENINGS = ("take", "rest", "reset", "list", "leg", "end", "amend", "prevent", "route", "block")

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
names = st.sampled_from(("x", "y", "z"))
lists = st.tuples(st.just("list"), pauses, st.sampled_from(SYMBOLS), accounts, names)
legs = st.tuples(st.just("leg"), pauses, st.integers(0, 2))
ends = st.tuples(st.just("end"), pauses, st.integers(0, 2))
amendments = st.tuples(
    st.just("amend"), pauses, st.sampled_from(SYMBOLS), accounts, st.lists(names, min_size=1, max_size=3), st.booleans()
)
# Some makers meet several takers, also of the other symbol.
makers = st.none() | st.integers(1_001, 1_002)
prevented = st.tuples(
    st.just("prevent"), pauses, st.sampled_from(SYMBOLS), accounts, accounts, makers, st.sampled_from(SYMBOLS)
)
routed = st.tuples(st.just("route"), pauses, st.sampled_from(SYMBOLS), accounts, st.integers(1, 4))
blocks = st.tuples(st.just("block"), pauses, st.sampled_from(SYMBOLS))
happenings = st.one_of(lists, legs, ends, ends, amendments, prevented, routed, blocks)
housekeeping = st.sampled_from(("drain", "begin_drain", "end_drain", "fail_drain", "reopen")).map(lambda name: (name,))
steps = st.lists(st.one_of(takes, takes, takes, rests, housekeeping), max_size=40)
paper_steps = st.lists(st.one_of(takes, happenings, happenings, happenings, housekeeping), max_size=40)
seeds = st.sampled_from((0, 0, 1, 4, 200))
resets = st.lists(st.just(("reset", 5 * SECOND)), max_size=1)
stories = st.tuples(seeds, steps, resets, steps)
paper_stories = st.tuples(st.just(0), paper_steps, resets, paper_steps)
every_story = st.one_of(stories, paper_stories)


def tell(scene: Scene, story: Any) -> None:
    minutes, before, resets, after = story
    scene.open_accounts()
    if minutes:
        scene.seed("BTCUSDT", minutes, 2 * SCALE)
    for step in (*before, *resets, *after):
        play(scene, step)


def play(scene: Scene, step: Any) -> None:
    kind, *details = step
    if kind not in HAPPENINGS:
        getattr(scene, kind)()
        return
    pause, *details = details
    scene.at += pause
    match kind, details:
        case "take", (symbol, taker, side, fills):
            scene.take(symbol, taker, side, fills)
        case "rest", (symbol, account, cancel, client_id):
            scene.rest_and_cancel(symbol, account, cancel=cancel, client_id=client_id if cancel else "")
        case "reset", ():
            scene.reset()
        case "list", (symbol, account, client_id):
            papers.begin_list(scene, symbol, account, client_id)
        case "leg", (index,):
            papers.rename_leg(scene, index)
        case "end", (index,):
            papers.end_list(scene, index)
        case "amend", (symbol, account, client_ids, cancel):
            papers.amend(scene, symbol, account, tuple(client_ids), cancel=cancel)
        case "prevent", (symbol, taker, maker, maker_order_id, maker_symbol):
            papers.prevent(scene, symbol, taker, maker, maker_order_id, maker_symbol)
        case "route", (symbol, account, parts):
            papers.route(scene, symbol, account, parts)
        case "block", (symbol,):
            papers.print_block(scene, symbol)
        case _:
            raise AssertionError(step)
