"""A test network inside a test's own process: the fixture `papernet`, and `PapernetServer` for everything else.

    from papernet.testing import PapernetServer

    with PapernetServer() as papernet:
        exchange = papernet.as_ccxt("alice")

Does not.       Import anything before it is used: pytest loads the plugin in every run, with papernet or without.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from papernet.servers.control_client import ControlError
    from papernet.testing.accounts import Account, Key
    from papernet.testing.network import Network
    from papernet.testing.server import PapernetServer

__all__ = ["Account", "ControlError", "Key", "Network", "PapernetServer"]

_HOMES: Final = {
    "Account": "papernet.testing.accounts",
    "ControlError": "papernet.servers.control_client",
    "Key": "papernet.testing.accounts",
    "Network": "papernet.testing.network",
    "PapernetServer": "papernet.testing.server",
}


def __getattr__(name: str) -> Any:
    """Return a public name, imported when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
