"""What the control plane does with states: keep, return to, let go of, fork.

Order of work.  One thing after the other. Files are written in a thread, so that nobody waits for the disk but who asked.
Invariant.      A fork is published as long as it runs, and ends with the network that it came from.
Does not.       Know how a network is put together: the node does.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Protocol

from papernet.control.door import PREFIX
from papernet.control.state_calls import ForkRow, KeptRow, StateRefusedError
from papernet.servers.runtime import RunningServer, publish
from papernet.servers.states import NAME_MAX, SavedState, StateFileError, is_name
from papernet.servers.transport import bind
from papernet.servers.world import World

# Each costs some twenty megabytes.
FORKS_MAX: Final = 32


class Forked(Protocol):
    """A network that was begun with a state."""

    @property
    def url(self) -> str:
        """Where it answers."""

    @property
    def port(self) -> int:
        """On which port."""

    @property
    def token(self) -> str:
        """What its control plane asks for."""

    async def stop(self) -> None:
        """End it."""


class Network(Protocol):
    """What keeping states asks of a running network."""

    @property
    def world(self) -> World:
        """What it runs now."""

    async def capture(self, name: str = "") -> SavedState:
        """Return the state of now."""

    async def restore(self, state: SavedState) -> None:
        """Return to a state that the world's shelf has."""


# How another network is begun: on a listener, with a state.
Fork = Callable[[socket.socket, SavedState], Coroutine[Any, Any, Forked]]


class KeptStates:
    """The states of one network, and the networks that were forked off it."""

    def __init__(self, network: Network, host: str, fork: Fork) -> None:
        """Keep the states of `network`; `fork` begins another one, on a listener that is bound to `host`."""
        self._network: Final = network
        self._host: Final = host
        self._begin: Final = fork
        self._busy: Final = asyncio.Lock()
        self._is_over: bool = False
        self._forks: Final[list[tuple[Forked, Path | None]]] = []

    def rows(self) -> list[KeptRow]:
        """Return what is kept, in the order in which it was."""
        return [KeptRow(label.name, label.saved_at, label.size) for label in self._network.world.states.labels()]

    async def save(self, name: str) -> KeptRow:
        """Keep the state of now under a name, in the place of what had it."""
        # Names that begin with an underscore are papernet's own.
        if not is_name(name) or name.startswith("_"):
            raise StateRefusedError(
                400, f"a name is 1 to {NAME_MAX} of A-Z, a-z, 0-9, _, . and -, and begins with A-Z, a-z or 0-9"
            )
        async with self._busy:
            self._go_on()
            state = await self._network.capture(name)
            world = self._network.world
            try:
                await asyncio.to_thread(world.states.save, state, world.sequencer.last_seq)
            except OSError as error:
                raise StateRefusedError(500, f"the state cannot be written: {error.strerror}") from error
            return self._row(name)

    async def restore(self, name: str) -> KeptRow:
        """Return to a state."""
        async with self._busy:
            self._go_on()
            state = await self._load(name)
            try:
                await self._network.restore(state)
            except StateFileError as error:
                raise StateRefusedError(500, str(error)) from error
            return self._row(name)

    async def remove(self, name: str) -> None:
        """Let go of a state."""
        async with self._busy:
            self._go_on()
            world = self._network.world
            try:
                found = await asyncio.to_thread(world.states.drop, name, world.sequencer.last_seq)
            except OSError as error:
                raise StateRefusedError(500, f"the state cannot be let go of: {error.strerror}") from error
            if not found:
                raise _unknown(name)

    async def fork(self, name: str | None) -> ForkRow:
        """Begin another network with a state, or with that of now."""
        async with self._busy:
            self._go_on()
            if len(self._forks) >= FORKS_MAX:
                raise StateRefusedError(409, f"{FORKS_MAX} networks have been forked already")
            state = await self._network.capture() if name is None else await self._load(name)
            listener = bind(self._host, 0)
            try:
                node = await self._begin(listener, state)
            except StateFileError as error:
                listener.close()
                raise StateRefusedError(500, str(error)) from error
            except BaseException:
                listener.close()
                raise
            control = node.url + PREFIX
            self._forks.append((node, publish(RunningServer(os.getpid(), node.port, control, node.token, ""))))
            return ForkRow(node.url, "ws" + node.url.removeprefix("http"), control, node.port)

    async def stop(self) -> None:
        """End what was forked, also what is being forked just now; nothing is begun any more."""
        self._is_over = True
        async with self._busy:
            forks, self._forks[:] = list(self._forks), []
        for node, published in forks:
            if published is not None:
                published.unlink(missing_ok=True)
            await node.stop()

    def _go_on(self) -> None:
        if self._is_over:
            raise StateRefusedError(503, "the network stops")

    async def _load(self, name: str) -> SavedState:
        try:
            state = await asyncio.to_thread(self._network.world.states.load, name)
        except StateFileError as error:
            raise StateRefusedError(500, str(error)) from error
        if state is None:
            raise _unknown(name)
        return state

    def _row(self, name: str) -> KeptRow:
        return next(row for row in self.rows() if row.name == name)


def _unknown(name: str) -> StateRefusedError:
    return StateRefusedError(404, f"there is no state {name!r}")
