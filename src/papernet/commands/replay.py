"""`papernet replay`: take the steps of a recorded session again, and say whether the same came of them.

Does not.       Ask a running server, or open a port.
"""

import sys
from pathlib import Path

import click

from papernet.commands.asking import fail

DIFFERS = 1


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def replay(file: Path) -> None:
    """Replay what `papernet up --record FILE` has recorded, and print its run hash; exit with 1 when something differs."""
    from papernet.servers.recording import RecordingError
    from papernet.servers.replaying import replay as replayed

    try:
        outcome, remark = replayed(file)
    except RecordingError as error:
        fail(str(error))
    if remark:
        click.echo(f"papernet: {remark}", err=True)
    click.echo(f"run hash  {outcome.run_hash}")
    if not outcome.recorded_hash:
        click.echo("recorded  nothing: the recording has no end")
    elif outcome.recorded_hash != outcome.run_hash:
        click.echo(f"recorded  {outcome.recorded_hash}")
    click.echo(f"steps     {outcome.steps}")
    if outcome.is_same:
        click.echo("the same as recorded")
        return
    click.echo(f"differs:  {outcome.difference or 'something is missing'}")
    sys.exit(DIFFERS)
