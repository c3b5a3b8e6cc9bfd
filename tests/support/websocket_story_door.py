"""The door of stories to the WebSocket API: requests become signed frames, answers are read off their replies."""

import hashlib
import hmac
from typing import Any

from msgspec import json, msgpack

from papernet.app.operations import TimeUnit
from papernet.core.events import Applied
from papernet.protocols.rest.routes import ROUTES
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.actions import Settings
from papernet.protocols.ws_api.session import WsApiSession
from papernet.venues.spot.symbols import Symbol
from tests.support.air import Ear
from tests.support.rest_desk import SECRET, Desk
from tests.support.rest_story_door import KEYS, RestStoryDoor
from tests.support.stories import ACCOUNTS


class Recorder:
    """What a story brought about: the entries, and what each user was told of them."""

    def __init__(self, desk: Desk) -> None:
        self.entries: list[bytes] = []
        self.told: dict[str, list[bytes]] = {who: [] for who in KEYS}
        self._feed = UserFeed()
        for who, heard in self.told.items():
            self._feed.subscribe(ACCOUNTS[who], TimeUnit.MICROSECOND, heard.append)
        self._outbox = desk.sequencer.outbox
        self._outbox.add(self)
        self._outbox.add(self._feed)

    def encode(self, applied: Applied) -> bytes:
        return msgpack.encode(applied)

    def deliver(self, message: bytes) -> None:
        self.entries.append(message)

    def heard(self) -> tuple[list[bytes], dict[str, list[bytes]]]:
        """Return everything so far."""
        self._outbox.release(len(self.entries) + 1_000_000)
        return self.entries, self.told


class WebSocketStoryDoor(RestStoryDoor):
    """The WebSocket API: the methods are those that REST's addresses stand for; each person has a connection."""

    def __init__(self, symbols: tuple[Symbol, ...], purse: str, rules: dict[str, object] | None) -> None:
        super().__init__(symbols, purse, rules)
        self._feed = UserFeed()
        self.desk.sequencer.outbox.add(self._feed)
        self._sessions: dict[str, tuple[WsApiSession, Ear]] = {}
        self._requests = 0

    def send(self, who: str, method: str, path: str, params: dict[str, Any]) -> tuple[int, Any]:
        """Return the status, and the result or the error, of a signed request."""
        self._requests += 1
        name = ROUTES[f"/api/v3/{path}"][method].name
        sent = params | {"apiKey": KEYS[who], "timestamp": self.now // 1_000}
        payload = "&".join(f"{key}={sent[key]}" for key in sorted(sent))
        signature = hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
        request = {"id": self._requests, "method": name, "params": sent | {"signature": signature}}
        session, ear = self._session(who)
        session.receive(json.encode(request).decode(), self.now)
        self.desk.sequencer.outbox.release(self.desk.sequencer.last_seq)
        (reply,) = ear.take()
        assert reply["id"] == self._requests
        if "error" in reply:
            return reply["status"], reply["error"]
        result = reply["result"]
        # web-socket-api.md, sor.order.place: an array with the one order in it
        return reply["status"], result[0] if name == "sor.order.place" else result

    def _session(self, who: str) -> tuple[WsApiSession, Ear]:
        if who not in self._sessions:
            ear = Ear()
            self._sessions[who] = WsApiSession(ear, self.desk.service, self._feed, None, Settings(), self.now), ear
        return self._sessions[who]
