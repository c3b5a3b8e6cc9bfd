"""`papernet clock`, and a clock that is held from the start, against a running server."""

from collections.abc import Iterator

import pytest

from tests.support.process import Papernet, run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Papernet]:
    held = "2026-01-02T03:04:05.678Z"
    with Papernet(tmp_path_factory.mktemp("home"), "--ephemeral", "--market", "none", "--held-at", held) as running:
        yield running


def test_the_clock_is_held_from_the_start_and_turned_step_by_step(server: Papernet) -> None:
    assert server.run("clock", "show") == "2026-01-02T03:04:05.678Z held\n"
    assert server.run("clock", "step", "1m30s") == "2026-01-02T03:05:35.678Z held\n"
    assert server.run("clock", "jump", "1d") == "2026-01-03T03:05:35.678Z held\n"
    assert server.run("clock", "set", "2026-01-04") == "2026-01-04T00:00:00.000Z held\n"
    assert server.run("clock", "set", "1767484800001") == "2026-01-04T00:00:00.001Z held\n"
    assert server.run("clock", "run", "0.5").endswith(" x0.5\n")
    assert server.run("clock", "run").endswith(" x1\n")
    assert server.run("clock", "hold").endswith(" held\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["set", "2026-01-01"], "time is never turned back"),
        (["set", "noon"], "time: 'noon' is no time"),
        (["step", "soon"], "span: 'soon' is no span of time"),
        (["run", "0"], "rate: '0' is not from 0.001 to 1000000"),
    ],
)
def test_mistakes_are_one_line(server: Papernet, arguments: list[str], words: str) -> None:
    status, out, err = run(server.home, "clock", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_clock_cannot_be_held_at_no_time(server: Papernet) -> None:
    status, _, err = run(server.home, "up", "--held-at", "noon")
    assert status == 2
    assert "'noon' is no time" in err
