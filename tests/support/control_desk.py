"""A control plane's door over a real exchange, in memory, and one who asks with the token."""

from collections.abc import Mapping
from typing import Any

from msgspec import json

from papernet.control import ControlDoor, ControlRequest, ControlResponse
from papernet.core.commands import Command, Entry, ListSymbol, Reset
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange
from papernet.servers.config import packaged_catalogue

TOKEN = "correct horse"
BALANCES = (("BTC", 100_000_000), ("USDT", 1_000_000_000_000))


class ControlDesk:
    """A door, the exchange behind it, and every command that it sent."""

    def __init__(self) -> None:
        """List the symbols that ship with papernet; nobody has an account."""
        self.exchange = Exchange()
        self.commands: list[Command] = []
        self.drawn = 0
        self.seq = 0
        for symbol in packaged_catalogue().symbols:
            self.submit(ListSymbol(symbol.to_spec()), 1)
        self.commands.clear()
        self.door = ControlDoor(
            self.exchange,
            token=TOKEN,
            balances=BALANCES,
            submit=self.submit,
            reset=lambda now: self.submit(Reset(BALANCES), now),
            draw_key=self.draw,
        )

    def submit(self, command: Command, now: int) -> Applied:
        """Give the exchange a command, and keep it."""
        self.commands.append(command)
        self.seq += 1
        return self.exchange.apply(Entry(self.seq, now, command))

    def draw(self) -> str:
        """Return a key, another one every time."""
        self.drawn += 1
        return f"drawn{self.drawn}".ljust(64, "x")

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: bytes = b"",
        headers: Mapping[bytes, bytes] | None = None,
        local: bool = True,
    ) -> ControlResponse:
        """Send a request, with the token unless `headers` are given."""
        payload = body if isinstance(body, bytes) else b"" if body is None else json.encode(body)
        given = {b"authorization": f"Bearer {TOKEN}".encode()} if headers is None else headers
        return self.door.answer(ControlRequest(method, f"/papernet/v1{path}", query, given, payload, local), 5)

    def ok(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """Return the JSON of a request that is answered."""
        response = self.ask(method, path, body, **more)
        assert response.status == 200, response.body
        return json.decode(response.body)

    def refused(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str]:
        """Return (status, reason) of a request that is refused."""
        response = self.ask(method, path, body, **more)
        assert response.status >= 400, response.body
        return response.status, json.decode(response.body)["error"]

    def turned_away(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str]:
        """Return (status, reason) of a request that is refused before anything is submitted."""
        before = list(self.commands)
        found = self.refused(method, path, body, **more)
        assert self.commands == before
        return found
