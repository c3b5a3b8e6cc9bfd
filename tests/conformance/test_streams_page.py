"""What docs/streams.md says of every stream against what the stream does, on a market that is busy once and then quiet."""

import pytest

from papernet.core.commands import PrintBlockTrade, SetReferencePrice
from papernet.protocols.streams.feed import is_snapshot
from papernet.protocols.streams.names import REAL_TIME, Stream
from tests.support.air import OnAir
from tests.support.worlds import ALICE, BOB, SECOND, coarse_symbol, units
from tools.pages import streams

EVERY = [stream for group in streams.groups() for stream in group]
# A boundary of every speed.
ROUND = 6 * SECOND


@pytest.mark.parametrize("stream", EVERY, ids=lambda stream: stream.name)
def test_a_stream_speaks_when_something_happened_and_then_as_its_page_says(stream: Stream) -> None:
    world = OnAir(coarse_symbol())
    ear = world.listen(stream.name)
    world.sell(BOB, "3", "101")
    world.buy(ALICE, "1", "101")
    world.apply(SetReferencePrice(world.symbol, units("100.5")))
    world.apply(PrintBlockTrade(world.symbol, ALICE, BOB, units("100"), units("0.1")))
    assert bool(ear.take()) is (stream.speed == REAL_TIME)
    world.wait(ROUND)
    assert bool(ear.take()) is (stream.speed != REAL_TIME)
    for _ in range(3):
        world.wait(ROUND)
        assert bool(ear.take()) is not streams.is_silent(stream)
    assert bool(ear.replaceable) is is_snapshot(stream)


def test_streams_in_one_row_differ_in_their_names_alone() -> None:
    assert len(EVERY) > 60
    for group in streams.groups():
        assert len({(stream.kind, stream.speed, streams.is_silent(stream), is_snapshot(stream)) for stream in group}) == 1
