"""The files of scenarios."""

from pathlib import Path

import pytest

from papernet.control.scripts import plan
from papernet.servers.scenario_files import ScenarioFileError, load_scenario, packaged_scenarios

MINE = 'name = "mine"\n[[steps]]\ncall = "POST /reset"\nat = "5s"\n'


def test_those_that_ship_can_be_planned() -> None:
    scripts = packaged_scenarios()
    assert len(scripts) == 9
    for name, script in scripts.items():
        assert (script.name, bool(script.about)) == (name, True)
        assert plan(script, script.parameters)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    assert load_scenario(path) == {"name": "mine", "steps": [{"call": "POST /reset", "at": "5s"}]}


@pytest.mark.parametrize("text", [b"name =", b'name = "x"', b'name = "x"\nsteps = 1', MINE.encode() + b"when = 1\n", b"\xff"])
def test_what_is_no_scenario_is_one_line(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text)
    with pytest.raises(ScenarioFileError, match=r"mine\.toml: ") as refusal:
        load_scenario(path)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFileError, match="No such file"):
        load_scenario(tmp_path / "none.toml")
