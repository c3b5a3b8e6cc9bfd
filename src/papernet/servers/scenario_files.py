"""The files of scenarios: those that ship with papernet, and a user's own.

Does not.       Check what a scenario does: that is done when it is run.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import ValidationError, convert

from papernet.control.scripts import Script


class ScenarioFileError(Exception):
    """The file is no scenario; the message is one line."""


@cache
def packaged_scenarios() -> Mapping[str, Script]:
    """Return the scenarios that ship with papernet, by name."""
    files = sorted(resources.files("papernet.data").joinpath("scenarios").iterdir(), key=lambda file: file.name)
    scripts = [_script(file.read_text(encoding="utf-8"), file.name) for file in files if file.name.endswith(".toml")]
    return {script.name: script for script in scripts}


def load_scenario(path: Path) -> dict[str, Any]:
    """Return a user's file as the control plane takes it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioFileError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    _script(text, str(path))
    return tomllib.loads(text)


def _script(text: str, source: str) -> Script:
    try:
        return convert(tomllib.loads(text), Script)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ScenarioFileError(f"{source}: {' '.join(str(error).split())}") from error
