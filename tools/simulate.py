"""Searches for failures for longer than `make test` does: `make simulate`.

Runs the tests marked `simulate`, among them 300,000 commands that the exchange and the naive one must agree about, then the
property tests with fresh examples. Options are pytest's.
"""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

_RUNS: Final = (
    ("-m", "simulate"),
    ("tests/properties", "--hypothesis-profile", "simulate"),
)


def main(options: Sequence[str]) -> int:
    """Run everything and return 1 when something failed."""
    pytest = (sys.executable, "-m", "pytest", "--timeout", "0")
    statuses = [subprocess.run([*pytest, *run, *options], check=False).returncode for run in _RUNS]
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
