"""Options and crashes: whatever is left of the files, everything acknowledged is there, and nothing only in part."""

import pytest

from papernet.core.commands import (
    AdvanceTime,
    ConfigureOptions,
    MarkContracts,
    PlaceOption,
    QuoteOptions,
    Reset,
    TransferToOptions,
)
from papernet.core.events import Bill, ContractSettled, Event, Liquidated, OptionReport, PositionExercised
from papernet.exchange.machine import Exchange
from papernet.servers.files import segment_name
from tests.crash.busy_run import STATE, Machine, Run
from tests.crash.faulty_disk import FaultyDisk, PowerCut, cut_at, nothing
from tests.crash.options_run import options_run

BATCH = 4
CHECKPOINT_EVERY = 40
SEGMENT_BYTES = 12_000
# How far a run goes whose power is cut at every call; there are options orders, quotes and trades by then.
COUNT = 100


def recovered(data: bytes) -> Machine:
    disk = FaultyDisk()
    disk.put(STATE / segment_name(1), data)
    return Machine(disk)


def go(disk: FaultyDisk, run: Run) -> int:
    """Run the machine on the disk until the power is cut; return what was acknowledged last."""
    machine = None
    try:
        machine = Machine(disk, SEGMENT_BYTES)
        machine.go_on(run, COUNT, BATCH, CHECKPOINT_EVERY)
    except PowerCut:
        pass
    return machine.acknowledged if machine is not None else 0


def test_the_run_has_the_life_of_options_in_it() -> None:
    run, exchange, events = options_run(), Exchange(), list[Event]()
    for entry in run.entries:
        events += exchange.apply(entry).events
    kinds = {type(entry.command) for entry in run.entries}
    assert kinds >= {AdvanceTime, ConfigureOptions, MarkContracts, PlaceOption, QuoteOptions, Reset, TransferToOptions}
    assert {type(event) for event in events} >= {Bill, ContractSettled, Liquidated, OptionReport, PositionExercised}
    assert len(set(run.hashes)) > 150, "most commands change something"


def test_every_prefix_of_the_journal_is_the_state_behind_its_last_whole_entry() -> None:
    run = options_run()
    for record in range(0, len(run.entries), 5):
        machine = recovered(run.segment[: run.edges[record]])
        assert (machine.seq, machine.state_hash(), machine.recovered.warnings) == (record, run.hashes[record], ())
        machine.exchange.check_invariants()
        torn = recovered(run.segment[: run.edges[record + 1] - 1 - record % 9])
        assert (torn.seq, torn.state_hash(), len(torn.recovered.warnings)) == (record, run.hashes[record], 1)


def test_a_run_that_was_cut_goes_on_as_if_nothing_had_been() -> None:
    run = options_run()
    for cut in range(run.edges[60], len(run.segment), 9_001):
        machine = recovered(run.segment[:cut])
        machine.go_on(run, len(run.entries), batch=20)
        disk = machine.directory.disk
        assert isinstance(disk, FaultyDisk)
        assert (disk.read(STATE / segment_name(1)), machine.state_hash()) == (run.segment, run.hashes[-1])


@pytest.mark.parametrize("names", ["all", "worst"])
def test_power_cut_at_every_call(names: str) -> None:
    run, number, acknowledged = options_run(), 0, 0
    while acknowledged < COUNT:
        number += 1
        disk = FaultyDisk()
        disk.before = cut_at(number)
        acknowledged = go(disk, run)
        for keep in (nothing, lambda size: size // 2, lambda size: size):
            machine = Machine(disk.after_power_cut(keep, names), SEGMENT_BYTES)
            assert acknowledged <= machine.seq <= min(acknowledged + BATCH, COUNT)
            assert machine.state_hash() == run.hashes[machine.seq]
            machine.exchange.check_invariants()
    assert number > 20
