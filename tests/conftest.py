"""Hypothesis profiles of the suite: `ci` (the default) tries the same examples every time, `simulate` looks for new ones.

`pytest --hypothesis-profile simulate` runs the longer one. A run of the whole suite has a witness at the doors
(`tests/support/witness.py`); `pytest --witness` keeps what it sees.

The certificates of all servers that a run starts are in one directory of its own, never in the user's.
"""

import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "simulate",
    deadline=None,
    max_examples=1_000,
    stateful_step_count=120,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that keeps what is seen."""
    parser.addoption("--witness", action="store_true", help="keep what the tests see at the doors, for the documents")


def pytest_configure(config: pytest.Config) -> None:
    """Give the certificates a place; let the witness attend when it is asked for, or when all tests run."""
    place = os.environ["PAPERNET_CA_DIR"] = tempfile.mkdtemp(prefix="papernet-ca-")
    config.add_cleanup(lambda: shutil.rmtree(place))
    write = config.getoption("--witness")
    # A process that runs a part of the tests was told by the one that began it.
    attends = config.workerinput.get("witness") if hasattr(config, "workerinput") else write or is_whole(config)
    if attends:
        from tests.support.witness import Witness  # noqa: PLC0415  a few tests start quicker without all doors

        config.pluginmanager.register(Witness(write=write), "witness")


def is_whole(config: pytest.Config) -> bool:
    """Whether a run is of the whole suite."""
    selected = config.option.keyword or config.option.maxfail or getattr(config.option, "lf", False)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not selected
