"""The pytest plugin: the fixture `papernet` and the marker of the same name.

Invariant.      A run that does not use the fixture imports nothing of papernet but this module, and is not changed by it.
Does not.       Share networks between tests: each has its own, also when tests run at the same time in several processes.
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from papernet.testing.network import Network

_MARKER: Final = (
    "papernet(market='none', seed=1, limits=True, options=True, held=False, held_at=None, ...): settings of the network that "
    "the fixture `papernet` gives to this test"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)
    # pytest would rewrite the assertions of everything that comes with a plugin: here of a whole exchange, for seconds, to
    # explain what is nobody's test.
    marked = getattr(config.pluginmanager.rewrite_hook, "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard("papernet")


def pytest_unconfigure() -> None:
    """End the thread that networks live in, if there is one."""
    background = sys.modules.get("papernet.testing.background")
    if background is not None:
        background.close_background()


@pytest.fixture
def papernet(request: pytest.FixtureRequest) -> "Iterator[Network]":
    """Give the test a network of its own, on free ports, with empty books.

    The marker changes that: `@pytest.mark.papernet(market="sim", seed=7)`. Markers of a module, a class and a test add up.
    """
    # Heavy, and only for those who use it.
    from papernet.testing.server import PapernetServer

    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("papernet"))):
        if marker.args:
            pytest.fail('the marker papernet takes settings by name, such as papernet(market="sim")', pytrace=False)
        settings |= marker.kwargs
    try:
        server = PapernetServer(**settings)
    except TypeError as error:
        pytest.fail(str(error), pytrace=False)
    yield server.start()
    # The next test need not wait for the end of this one's network.
    server.stop(wait=False)
