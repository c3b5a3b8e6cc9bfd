"""The package's front: its names, and what importing it does not import."""

import subprocess
import sys

import pytest

import papernet.testing


def test_every_public_name_is_there_when_it_is_asked_for() -> None:
    assert [getattr(papernet.testing, name).__name__ for name in papernet.testing.__all__] == papernet.testing.__all__
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        assert papernet.testing.Nothing


def test_importing_the_package_and_the_plugin_imports_nothing_else_of_papernet() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import papernet.testing.plugin\n"
        "print(sorted(set(sys.modules) - before))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "['papernet', 'papernet.testing', 'papernet.testing.plugin']"
