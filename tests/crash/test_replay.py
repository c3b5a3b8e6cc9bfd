"""The same journal gives the same state and the same events, in any process and by way of any checkpoint."""

import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from papernet.exchange.views import Views
from tests.crash.busy_run import Machine, Run, busy_run, events_of
from tests.crash.faulty_disk import FaultyDisk
from tests.crash.options_run import options_run

ROOT = Path(__file__).parents[2]
REPLAY = """
import sys
from hashlib import sha256
from pathlib import Path
from msgspec import msgpack
from papernet.app.journal import decode_segment
from papernet.exchange.checkpoint import state_hash
from papernet.exchange.machine import Exchange
from papernet.exchange.views import Views

exchange, views, events = Exchange(), Views(), sha256()
entries, tail = decode_segment(Path(sys.argv[1]).read_bytes())
for entry in entries:
    applied = exchange.apply(entry)
    views.fold(applied)
    events.update(msgpack.encode(applied))
print(len(entries), tail.kind.value, state_hash(exchange), events.hexdigest(), sha256(views.snapshot()).hexdigest())
print(hash("papernet"))
"""


@pytest.mark.parametrize("made", [busy_run, options_run])
def test_replay_is_the_same_under_any_hash_seed(made: Callable[[], Run], tmp_path: Path) -> None:
    run = made()
    journal = tmp_path / "journal.log"
    journal.write_bytes(run.segment)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", REPLAY, str(journal)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4242")
    ]
    results = [process.communicate()[0].splitlines() for process in processes]
    assert len({hashed for _, hashed in results}) == len(results), "the seeds took effect"
    views = Views()
    machine = Machine(FaultyDisk())
    for entry in run.entries:
        views.fold(machine.exchange.apply(entry))
    expected = " ".join(
        (
            str(len(run.entries)),
            "clean",
            run.hashes[-1],
            sha256(events_of(run.entries)).hexdigest(),
            sha256(views.snapshot()).hexdigest(),
        )
    )
    assert [line for line, _ in results] == [expected] * len(results)


@pytest.mark.parametrize("made", [busy_run, options_run])
def test_a_checkpoint_anywhere_makes_no_difference(made: Callable[[], Run]) -> None:
    run = made()
    for every in (1, 17, 100):
        disk = FaultyDisk()
        Machine(disk).go_on(run, len(run.entries), checkpoint_every=every)
        machine = Machine(disk)
        assert (machine.seq, machine.state_hash()) == (len(run.entries), run.hashes[-1])
        machine.exchange.check_invariants()
