"""A door and a journal that say what they were asked."""

from typing import Any

from papernet.control import ControlDoor
from papernet.core.commands import Command, Reset
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange
from papernet.protocols.rest.request import Request, Response
from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy
from papernet.servers.http import HttpApplication

PORT = 8080
TOKEN = "token"


class FakeDoor:
    """Answers with what it was asked; `fails` and `size` change that."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.fails: BaseException | None = None
        self.durable_seq = 0
        self.size = 0

    def answer(self, request: Request, now: int) -> Response:
        assert now >= request.received_at
        self.requests.append(request)
        if self.fails is not None:
            raise self.fails
        return Response(200, [(b"x-path", request.path.encode())], b"x" * self.size or request.body, self.durable_seq)


class FakeJournal:
    """Is durable at once, and remembers what for."""

    def __init__(self) -> None:
        self.waited: list[int] = []

    async def durable(self, seq: int) -> None:
        self.waited.append(seq)


class Site:
    """An application over fakes."""

    def __init__(self, *, remote_control: bool = False) -> None:
        self.door = FakeDoor()
        self.journal = FakeJournal()
        self.commands: list[Command] = []
        self.time = 1_000
        self.application = HttpApplication(
            door=self.door,
            control=ControlDoor(
                Exchange(),
                token=TOKEN,
                balances=(),
                submit=self._submit,
                reset=lambda now: self._submit(Reset(()), now),
                draw_key=lambda: "k" * 64,
            ),
            journal=self.journal,
            hosts=HostPolicy(LOOPBACK_NAMES, PORT),
            clock=self._clock,
            remote_control=remote_control,
        )

    def _submit(self, command: Command, now: int) -> Applied:
        self.commands.append(command)
        return Applied(7, now, (None,))  # type: ignore[arg-type]

    def _clock(self) -> int:
        self.time += 1
        return self.time


async def call(site: Site, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[Any]:
    """Run one request through the application and return what it sent."""
    sent: list[Any] = []
    incoming = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(message)

    await site.application(scope, receive, send)
    return sent
