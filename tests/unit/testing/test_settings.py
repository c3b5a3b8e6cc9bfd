"""What a network can be asked for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from papernet.servers.node import Options
from papernet.testing.settings import Settings, node_options


def test_without_settings_it_is_as_the_command_but_for_the_crowd_and_in_memory() -> None:
    options, usual = node_options({}), Options()
    assert (options.market, usual.market) == ("none", "sim")
    assert (options.port, options.tls_port, options.state, options.durability) == (0, None, None, "memory")
    same = [name for name in Settings.__annotations__ if name in Options.__struct_fields__ and name != "market"]
    assert len(same) > 5
    assert [getattr(options, name) for name in same] == [getattr(usual, name) for name in same]


def test_settings_have_the_names_of_the_commands_options() -> None:
    options = node_options({"market": "sim", "seed": 7, "activity": 2, "limits": False, "options": False, "listen_keys": True})
    assert (options.market, options.seed, options.activity, options.limits) == ("sim", 7, 2.0, False)
    assert (options.options, options.listen_keys) == (False, True)
    assert node_options({"symbols": "mine.toml"}).symbols == Path("mine.toml")
    assert node_options({"held": True}) == node_options({})
    times = ("2030-01-01T00:00:00Z", 1_893_456_000_000, datetime(2030, 1, 1, tzinfo=UTC))
    assert [node_options({"held_at": time}).held_at for time in times] == [1_893_456_000_000_000] * 3


def test_every_setting_is_an_option_of_the_node_but_for_what_is_said_to_a_running_one() -> None:
    assert set(Settings.__annotations__) - set(Options.__struct_fields__) == {"held"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"markt": "sim"}, "papernet has no setting 'markt'; there are market, seed"),
        ({"port": 8080}, "papernet has no setting 'port'"),
        ({"state": "x"}, "papernet has no setting 'state'"),
        ({"market": "live"}, "papernet: Invalid enum value 'live'"),
        ({"seed": "many"}, "papernet: Expected `int"),
        ({"held_at": "noon"}, "papernet: held_at: 'noon' is no time"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(settings: dict[str, object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        node_options(settings)
