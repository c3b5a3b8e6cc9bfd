"""The calls that keep the whole state under a name, come back to it, and begin another network with it.

Order of work.  The name is read; the keeper does the rest, which takes its time, and the answer is made of what it says.
Does not.       Know where states are kept, or how a network is put together.
"""

from typing import Any, Final, Protocol

from msgspec import Struct

from papernet.control.bodies import BadBodyError, decode
from papernet.control.calls import Call
from papernet.control.messages import ControlRequest, ControlResponse, error, later, ok, query
from papernet.control.times import time_fields


class CheckpointBody(Struct, forbid_unknown_fields=True):
    """POST /checkpoints and /checkpoints/restore, DELETE /checkpoints: the name of a state."""

    name: str


class ForkBody(Struct, forbid_unknown_fields=True):
    """POST /checkpoints/fork: the name of a state to begin with; without one, that of now."""

    name: str | None = None


class KeptRow(Struct, frozen=True):
    """A state that is kept: its name, papernet's time of when it was kept, and how many bytes it is."""

    name: str
    saved_at: int
    size: int


class ForkRow(Struct, frozen=True):
    """Where another network answers."""

    rest: str
    ws: str
    control: str
    port: int


class StateRefusedError(Exception):
    """What was asked for is not done; the message says why, `status` is that of the answer."""

    def __init__(self, status: int, message: str) -> None:
        """Say why."""
        super().__init__(message)
        self.status: Final = status


class StateKeeper(Protocol):
    """Who keeps the states of one network; what takes its time raises StateRefusedError."""

    def rows(self) -> list[KeptRow]:
        """Return what is kept, in the order in which it was."""

    async def save(self, name: str) -> KeptRow:
        """Keep the state of now under a name, in the place of what had it."""

    async def restore(self, name: str) -> KeptRow:
        """Return to a state."""

    async def remove(self, name: str) -> None:
        """Let go of a state."""

    async def fork(self, name: str | None) -> ForkRow:
        """Begin another network with a state, or with that of now."""


class StateCalls:
    """Keeps states, returns to them, and forks networks."""

    def __init__(self, keeper: StateKeeper) -> None:
        """Hand over to `keeper`."""
        self._keeper: Final = keeper

    def rows(self) -> tuple[Call, ...]:
        """Return the calls."""
        return (
            Call(
                method="GET",
                path="/checkpoints",
                handler=self.list_states,
                summary="Tell the states that are kept",
                answer=list[dict[str, Any]],
            ),
            Call(
                method="POST",
                path="/checkpoints",
                handler=self.save,
                summary="Keep the state of now under a name",
                body=CheckpointBody,
            ),
            Call(
                method="DELETE",
                path="/checkpoints",
                handler=self.remove,
                summary="Let go of a state",
                body=CheckpointBody,
                query={"name": "the state's name, when there is no body"},
            ),
            Call(
                method="POST",
                path="/checkpoints/restore",
                handler=self.restore,
                summary="Return to a state that is kept; every WebSocket ends",
                body=CheckpointBody,
            ),
            Call(
                method="POST",
                path="/checkpoints/fork",
                handler=self.fork,
                summary="Begin a second network, in memory, with a state that is kept or with that of now",
                body=ForkBody,
            ),
        )

    def list_states(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """GET /checkpoints."""
        return ok([_kept(row) for row in self._keeper.rows()])

    def save(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """POST /checkpoints."""
        return later(self._save(decode(request.body, CheckpointBody).name))

    def restore(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """POST /checkpoints/restore."""
        return later(self._restore(decode(request.body, CheckpointBody).name))

    def remove(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """DELETE /checkpoints."""
        name = query(request, "name") or decode(request.body, CheckpointBody).name
        return later(self._remove(name))

    def fork(self, request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        """POST /checkpoints/fork."""
        name = decode(request.body, ForkBody).name
        if name == "":
            raise BadBodyError("the name is empty")
        return later(self._fork(name))

    async def _save(self, name: str) -> ControlResponse:
        try:
            return ok(_kept(await self._keeper.save(name)))
        except StateRefusedError as refused:
            return _refused(refused)

    async def _restore(self, name: str) -> ControlResponse:
        try:
            return ok(_kept(await self._keeper.restore(name)))
        except StateRefusedError as refused:
            return _refused(refused)

    async def _remove(self, name: str) -> ControlResponse:
        try:
            await self._keeper.remove(name)
        except StateRefusedError as refused:
            return _refused(refused)
        return ok({"name": name, "removed": True})

    async def _fork(self, name: str | None) -> ControlResponse:
        try:
            fork = await self._keeper.fork(name)
        except StateRefusedError as refused:
            return _refused(refused)
        return ok({"name": name, "rest_url": fork.rest, "ws_url": fork.ws, "control_url": fork.control, "port": fork.port})


def _kept(row: KeptRow) -> dict[str, Any]:
    return {"name": row.name, **time_fields(row.saved_at), "bytes": row.size}


def _refused(refused: StateRefusedError) -> ControlResponse:
    return error(refused.status, str(refused))
