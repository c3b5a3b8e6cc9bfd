"""What the process of an exchange does beside it: its start without TLS, its garbage."""

import gc
import socket
import weakref
from typing import cast

import pytest

from papernet.servers import up
from papernet.servers.node import Node, Options


def test_a_start_goes_on_without_tls_unless_it_was_asked_for() -> None:
    assert up._open_tls(Options(tls_port=None)) == (None, ())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        reason = f"port {port} on 127.0.0.1: address already in use"
        assert up._open_tls(Options(tls_port=port)) == (None, (f"nothing is served over TLS: {reason}",))
        with pytest.raises(up.StartError, match=f"^{reason}$"):
            up._open_tls(Options(tls_port=port, tls_required=True))


class Left:
    """A network that has left so many worlds."""

    worlds_left = 0


async def test_garbage_is_collected_when_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    garbage = up._Garbage(cast("Node", Left()))
    monkeypatch.setattr(up, "_GARBAGE_OBJECTS", 1_000_000_000)
    before = gc.get_freeze_count()
    await garbage.collect()
    assert gc.get_freeze_count() == before
    monkeypatch.setattr(up, "_GARBAGE_OBJECTS", 0)
    await garbage.collect()
    assert gc.get_freeze_count() > before
    gc.unfreeze()


class Cycle:
    """Something that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


async def test_a_world_that_was_left_is_collected_though_it_was_out_of_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "_GARBAGE_OBJECTS", 1_000_000_000)
    network = Left()
    garbage = up._Garbage(cast("Node", network))
    thing = weakref.ref(Cycle())
    gc.freeze()
    gc.collect()
    await garbage.collect()
    assert thing() is not None
    network.worlds_left += 1
    await garbage.collect()
    assert thing() is None
    gc.unfreeze()
