"""A process that writes and acknowledges is killed at some instant: all that it acknowledged is there."""

import subprocess
import sys
from pathlib import Path

import pytest

from papernet.app.journal import Checkpoint
from papernet.core.commands import Entry
from papernet.servers.files import StateDirectory

ROOT = Path(__file__).parents[2]
VICTIM = """
import asyncio, sys
from pathlib import Path
from papernet.app.journal import JournalWriter
from papernet.app.sequencer import Sequencer
from papernet.core.commands import RevokeKey
from papernet.core.events import Applied
from papernet.servers.files import Durability, GroupCommit, SegmentWriter, StateDirectory

class Nothing:
    def apply(self, entry):
        return Applied(entry.seq, entry.at, ())
    def fold(self, applied):
        pass

async def client(sequencer, commit):
    while True:
        seq = sequencer.submit(RevokeKey("k" * (sequencer.last_seq % 50)), 1).seq
        await commit.durable(seq)
        print(seq, flush=True)

async def main():
    directory = StateDirectory.open(Path(sys.argv[1]))
    nothing = Nothing()
    recovered = directory.recover(lambda saved: "", nothing.apply)
    position = recovered.position
    sequencer = Sequencer(nothing, nothing, JournalWriter(position), position.seq, position.at)
    writer = SegmentWriter(directory, recovered, 5_000)
    commit = GroupCommit(sequencer, writer, Durability(sys.argv[2]), sys.exit)
    await asyncio.gather(*(client(sequencer, commit) for _ in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("durability", ["fsync", "os"])
def test_what_a_killed_process_acknowledged_is_there(tmp_path: Path, durability: str) -> None:
    last = 0
    for lines in (1, 37, 400):
        with subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(tmp_path), durability], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            acknowledged = [int(process.stdout.readline()) for _ in range(lines)]
            process.kill()
            acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        assert acknowledged[0] > last
        directory = StateDirectory.open(tmp_path)
        entries: list[Entry] = []
        recovered = directory.recover(_no_checkpoint, entries.append)
        directory.close()
        last = max(acknowledged)
        assert [entry.seq for entry in entries] == list(range(1, recovered.position.seq + 1))
        assert last <= recovered.position.seq <= last + 8, "at most one command a client was not yet acknowledged"


def _no_checkpoint(_saved: Checkpoint) -> str:
    pytest.fail("there is none")
