"""Recordings as bytes: rows, ends that are missing, and the hash of what was said."""

from pathlib import Path
from typing import Any

import pytest

from papernet.app.clock import ClockSetting
from papernet.control.messages import ControlRequest, ControlResponse
from papernet.protocols.rest.request import Hindering, Request, Response
from papernet.servers.config import packaged_catalogue
from papernet.servers.recording import (
    REQUESTS,
    Asked,
    Beginning,
    Controlled,
    ControlledDoor,
    Drawn,
    Durable,
    End,
    Passed,
    Recorder,
    RecordingError,
    RequestDoor,
    Resumed,
    Returned,
    Row,
    RunHash,
    Said,
    Turned,
    read_recording,
)

BEGINNING = Beginning("1", b"{}", ("127.0.0.1", 8080), packaged_catalogue())
HELD = ClockSetting(5, 6, 0)
REQUEST = Request("GET", "/x", b"a=1", {b"host": b"h"}, b"", "127.0.0.1", 5)


def rows(path: Path) -> list[Row]:
    return list(read_recording(path.read_bytes()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run"


def test_rows_come_back_with_the_clock_before_what_it_changed_for(path: Path) -> None:
    settings: list[ClockSetting | None] = [None]
    recorder = Recorder(path, BEGINNING, lambda: settings[0])
    recorder.durable(2)
    recorder.durable(0)
    settings[0] = HELD
    recorder.durable(1)
    recorder.note_drawn("key")
    recorder.say(3, b"hello")
    recorder.flush()
    run_hash = recorder.close()
    found = rows(path)
    assert found[0] == BEGINNING
    assert found[1:7] == [Turned(None), Durable(2), Durable(0), Turned(HELD), Durable(1), Drawn("key")]
    assert isinstance(found[7], Said)
    assert found[8:] == [End(run_hash)]


def test_a_recording_that_was_cut_anywhere_is_read_up_to_there(path: Path) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    for waiting in range(3):
        recorder.durable(waiting)
    recorder.close()
    whole, data = rows(path), path.read_bytes()
    found: list[Row] = []
    for size in range(10, len(data)):
        found = list(read_recording(data[:size]))
        assert found == whole[: len(found)]
    assert found == whole[:-1]


def test_a_row_of_another_version_is_told(path: Path) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    recorder.durable(2)
    recorder.close()
    path.write_bytes(path.read_bytes().replace(b"durable", b"DURABLE"))
    with pytest.raises(RecordingError, match="the row cannot be read"):
        rows(path)


def test_a_file_that_is_there_is_not_overwritten(path: Path) -> None:
    path.write_bytes(b"dear")
    with pytest.raises(RecordingError, match="file exists"):
        Recorder(path, BEGINNING, lambda: None)
    assert path.read_bytes() == b"dear"


def test_the_hash_follows_each_connection_and_not_how_they_alternate() -> None:
    def run_hash(*said: tuple[int, bytes]) -> str:
        found = RunHash()
        for number, data in said:
            found.say(number, data)
        return found.hexdigest()

    same = run_hash((0, b"a"), (1, b"b"), (0, b"c"))
    assert run_hash((0, b"a"), (0, b"c"), (1, b"b")) == same
    others = [
        run_hash((0, b"c"), (0, b"a"), (1, b"b")),
        run_hash((0, b"ac"), (1, b"b")),
        run_hash((0, b"a"), (0, b"c"), (2, b"b")),
        run_hash((0, b"a"), (0, b"c")),
    ]
    assert len({same, *others}) == 5


def test_a_step_of_time_is_noted_once_though_it_takes_others(path: Path) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    taken: list[Any] = []
    inner = recorder.step("inner", taken.append, lambda: 9)

    def take(at: int, *, twice: bool) -> str:
        inner(at)
        return "done" if twice else ""

    outer = recorder.step("outer", take, lambda: 9)
    assert outer(4, twice=True) == "done"
    inner(5)
    recorder.close()
    assert taken == [4, 5]
    assert [row for row in rows(path) if isinstance(row, Passed)] == [
        Passed("outer", [4], {"twice": True}, 9),
        Passed("inner", [5], {}, 9),
    ]


def test_a_state_is_written_once_however_often_it_comes_back(path: Path) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    for state in (b"one", b"two", b"one"):
        recorder.restore(state, 7)
    recorder.close()
    found = [row for row in rows(path) if isinstance(row, Returned)]
    assert [row.state for row in found] == [b"one", b"two", b""]
    assert found[0].digest == found[2].digest != found[1].digest


class Late:
    """A door that puts its answer off."""

    def answer(self, request: Request, now: int) -> Response:
        def resume(then: int) -> Response:
            return Response(200, [(b"a", b"b")], b"%d" % then)

        return Response(0, [], b"", hindering=Hindering(now + 5, resume=resume))


def test_an_answer_that_was_put_off_is_said_when_it_is_given(path: Path) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    response = RequestDoor(recorder, "rest", Late()).answer(REQUEST, 7)
    assert response.hindering is not None
    assert response.hindering.resume is not None
    assert response.hindering.resume(12).body == b"12"
    recorder.close()
    asked, resumed, said = rows(path)[2:5]
    assert (asked, resumed) == (Asked("rest", REQUEST, 7), Resumed(1, 12))
    assert isinstance(said, Said)
    assert said.number == REQUESTS


class Control:
    """A control plane that answers with the headers it was sent."""

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        return ControlResponse(200, [], repr(request.headers).encode())


def test_the_token_is_not_written(path: Path) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    door = ControlledDoor(recorder, Control(), "sesame")
    request = ControlRequest("GET", "/p", b"", {b"authorization": b"Bearer sesame", b"host": b"h"}, b"", local=True)
    assert b"sesame" in door.answer(request, 3).body
    recorder.close()
    assert b"sesame" not in path.read_bytes()
    (row,) = (row for row in rows(path) if isinstance(row, Controlled))
    assert row.request.headers == {b"authorization": b"Bearer recorded", b"host": b"h"}


def test_a_disk_that_becomes_full_is_told_once(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder(path, BEGINNING, lambda: None)
    full = Full()
    recorder._file.close()
    recorder._file = full  # type: ignore[misc, assignment]
    for waiting in range(3):
        recorder.durable(waiting)
    recorder.flush()
    assert len(recorder.close()) == 64
    assert capsys.readouterr().err == "papernet: the recording cannot be written (No space left on device); it ends here\n"


class Full:
    """A file on a full disk."""

    def write(self, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        """Has nothing to hand over."""

    close = flush
