"""What the control plane may do with states, and the networks that were forked off."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from papernet.control.state_calls import StateRefusedError
from papernet.servers import keeping
from papernet.servers.keeping import KeptStates, Network
from papernet.servers.runtime import running_servers
from papernet.servers.states import SavedState
from papernet.servers.world import World
from tests.support.kept_worlds import opened


class Net:
    """A network that is only its world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.restored: list[str] = []
        self.under_way = 0

    async def capture(self, name: str = "") -> SavedState:
        self.under_way += 1
        assert self.under_way == 1, "one thing after the other"
        await asyncio.sleep(0)
        self.under_way -= 1
        return await self.world.capture(name, lambda: 5)

    async def restore(self, state: SavedState) -> None:
        self.restored.append(state.name)


class Fork:
    """A network that was begun with a state."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.token = "token"
        self.stopped = False

    async def stop(self) -> None:
        self.stopped = True


@pytest.fixture
async def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Net]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    world = opened(tmp_path / "state")
    yield Net(world)
    await world.close()


def keeper(net: Net, made: list[Fork] | None = None) -> KeptStates:
    async def fork(listener: Any, state: SavedState) -> Fork:
        port: int = listener.getsockname()[1]
        listener.close()
        found = Fork(port)
        if made is not None:
            made.append(found)
        return found

    return KeptStates(cast("Network", net), "127.0.0.1", fork)


async def test_things_are_done_one_after_the_other(net: Net) -> None:
    states = keeper(net)
    rows = await asyncio.gather(*(states.save(f"s{number}") for number in range(4)))
    assert [row.name for row in rows] == ["s0", "s1", "s2", "s3"]
    assert states.rows() == list(rows)
    await states.restore("s2")
    assert net.restored == ["s2"]
    await states.remove("s2")
    assert [row.name for row in states.rows()] == ["s0", "s1", "s3"]


@pytest.mark.parametrize("name", ["", "../x", "a b"])
async def test_what_is_no_name_is_refused(net: Net, name: str) -> None:
    with pytest.raises(StateRefusedError) as told:
        await keeper(net).save(name)
    assert told.value.status == 400


async def test_unknown_names_are_refused(net: Net) -> None:
    states = keeper(net)
    for refused in (states.restore("x"), states.remove("x"), states.fork("x")):
        with pytest.raises(StateRefusedError, match="there is no state 'x'") as told:
            await refused
        assert told.value.status == 404


async def test_a_damaged_state_and_a_full_disk_are_told(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = keeper(net)
    await states.save("x")
    (path,) = (tmp_path / "state").glob("kept-*")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StateRefusedError, match="its checksum is wrong"):
        await states.restore("x")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(net.world.states, "save", full)
    with pytest.raises(StateRefusedError, match="cannot be written: No space left on device"):
        await states.save("y")


async def test_forks_are_published_and_end_with_their_network(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FORKS_MAX", 2)
    made: list[Fork] = []
    states = keeper(net, made)
    rows = [await states.fork(None) for _ in range(2)]
    assert [row.control for row in rows] == [f"http://127.0.0.1:{fork.port}/papernet/v1" for fork in made]
    assert sorted(server.port for server in running_servers()) == sorted(fork.port for fork in made)
    with pytest.raises(StateRefusedError, match="2 networks have been forked already"):
        await states.fork(None)
    await states.stop()
    assert [fork.stopped for fork in made] == [True, True]
    assert running_servers() == []
