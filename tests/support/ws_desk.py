"""A whole WebSocket API door in memory, beside the REST door of a desk: same exchange, same service; and clients that sign.

With `listen_keys` both doors have the same ones.

Everything is durable at once, unless the desk is `holding`: then nothing is until `release` is called.
"""

import base64
import hashlib
import hmac
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import json

from papernet.app.faults import Fault
from papernet.app.listen_keys import ListenKeys
from papernet.core.commands import RegisterKey, RevokeKey
from papernet.core.enums import KeyType, Permission
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.websocket.peer import Handshake
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.door import PATH, WsApiDoor
from tests.support.air import Ear
from tests.support.rest_desk import ALICE_KEY, IP, SECRET, Desk

ED25519_KEY, RSA_KEY, BOB_ED25519_KEY = "f" * 64, "g" * 64, "h" * 64
ALL = (Permission.USER_DATA, Permission.TRADE, Permission.USER_STREAM)

Json = dict[str, Any]


@cache
def ed25519_private_key() -> Ed25519PrivateKey:
    """Return the private key behind the Ed25519 API keys."""
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@cache
def rsa_private_key() -> RSAPrivateKey:
    """Return the private key behind the RSA API key."""
    return generate_private_key(65_537, 2_048)


def pem_of(private_key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    """Return the public key to register."""
    return private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def payload_of(params: Json) -> str:
    """Return what is signed (web-socket-api.md, SIGNED request example): written here a second time, plainly."""
    texts = {name: value if isinstance(value, str) else json.encode(value).decode() for name, value in params.items()}
    return "&".join(f"{name}={texts[name]}" for name in sorted(texts))


def signature_of(api_key: str, payload: str) -> str:
    """Return the signature that belongs to an API key of the desk."""
    raw = payload.encode()
    if api_key in (ED25519_KEY, BOB_ED25519_KEY):
        return base64.b64encode(ed25519_private_key().sign(raw)).decode()
    if api_key == RSA_KEY:
        return base64.b64encode(rsa_private_key().sign(raw, PKCS1v15(), SHA256())).decode()
    return hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()


class WsDesk:
    """A desk with a WebSocket API. Alice has an Ed25519 key too, Bob as well; the RSA key is added on demand."""

    def __init__(self, desk: Desk | None = None, *, listen_keys: bool = False) -> None:
        self.desk = Desk() if desk is None else desk
        self.feed = UserFeed()
        self.outbox = self.desk.sequencer.outbox
        self.outbox.add(self.feed)
        self.holding = False
        self.drawn = 0
        self.listen_keys = ListenKeys(self._draw_key) if listen_keys else None
        if listen_keys:
            self.desk.door = RestDoor(self.desk.service, self.listen_keys, log=self.desk.log)
        self.door = WsApiDoor(self.desk.service, self.feed, self.listen_keys, self.desk.log)
        for account, api_key in ((1, ED25519_KEY), (2, BOB_ED25519_KEY)):
            self.register(account, api_key, KeyType.ED25519)

    @property
    def now(self) -> int:
        """Return the time of the desk."""
        return self.desk.now

    @now.setter
    def now(self, value: int) -> None:
        self.desk.now = value

    def register(self, account: int, api_key: str, key_type: KeyType, permissions: tuple[Permission, ...] = ALL) -> None:
        """Give an account an API key, of which signatures are known here."""
        secrets = {KeyType.HMAC: lambda: SECRET, KeyType.RSA: lambda: pem_of(rsa_private_key())}
        secret = secrets.get(key_type, lambda: pem_of(ed25519_private_key()))()
        self.desk.sequencer.submit(RegisterKey(account, api_key, key_type, secret, permissions), self.now)

    def revoke(self, api_key: str) -> None:
        """Take an API key away."""
        self.desk.sequencer.submit(RevokeKey(api_key), self.now)

    def connect(self, query: str = "", *, path: str = PATH, ip: str = IP) -> "WsClient":
        """Return a new connection."""
        found = self.shake(query, path=path, ip=ip)
        assert isinstance(found, WsClient), found
        return found

    def shake(self, query: str = "", *, path: str = PATH, ip: str = IP) -> "WsClient | Fault":
        """Return a new connection, or why it was refused."""
        ear = Ear()
        ear.ip = ip
        session = self.door.open(ear, Handshake(path, query.encode(), {}), self.now)
        return session if isinstance(session, Fault) else WsClient(self, session, ear)

    def release(self) -> None:
        """Let everything be durable."""
        self.outbox.release(self.desk.sequencer.last_seq)

    def _draw_key(self) -> str:
        self.drawn += 1
        return f"listenKey{self.drawn}"


class WsClient:
    """One connection. What it is sent is kept: replies are returned, events are in `events`."""

    def __init__(self, desk: WsDesk, session: Any, ear: Ear) -> None:
        self.desk = desk
        self.session = session
        self.ear = ear
        self.events: list[Json] = []
        self._requests = 0

    def tell(self, text: str) -> None:
        """Send a raw message."""
        self.session.receive(text, self.desk.now)
        if not self.desk.holding:
            self.desk.release()

    def heard(self) -> list[Json]:
        """Return all that came since the last time, in order."""
        if not self.desk.holding:
            self.desk.release()
        heard: list[Json] = self.ear.take()
        return heard

    def ask(self, text: str) -> Json:
        """Send a raw message and return the reply; events that came besides are kept."""
        self.tell(text)
        replies: list[Json] = []
        for message in self.heard():
            (self.events if "event" in message else replies).append(message)
        (reply,) = replies
        return reply

    def send(self, method: str, params: Json | None = None, **more: Any) -> Json:
        """Send a request with a new id and return the reply, asserting that it is to this one."""
        self._requests += 1
        request = {"id": self._requests, "method": method} | ({} if params is None else {"params": params}) | more
        reply = self.ask(json.encode(request).decode())
        assert reply["id"] in (request["id"], None)
        return reply

    def signed(self, params: Json | None = None, *, key: str = ALICE_KEY) -> Json:
        """Return parameters with an API key, a timestamp and a signature, as most clients add them."""
        full = {"timestamp": self.desk.now // 1_000} | (params or {}) | {"apiKey": key}
        return full | {"signature": signature_of(key, payload_of(full))}

    def sign(self, method: str, params: Json | None = None, *, key: str = ALICE_KEY) -> Json:
        """Send a signed request and return the reply."""
        return self.send(method, self.signed(params, key=key))

    def stamped(self, method: str, params: Json | None = None) -> Json:
        """Send a request that only has a timestamp, as those of a session that has logged on."""
        return self.send(method, {"timestamp": self.desk.now // 1_000} | (params or {}))

    def log_on(self, key: str = ED25519_KEY) -> Json:
        """Log on and return the reply."""
        return self.sign("session.logon", key=key)

    def limit(self, side: str, quantity: str, price: str, *, key: str = ALICE_KEY, **more: Any) -> Json:
        """Place a limit order and return the reply."""
        terms = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC", "quantity": quantity, "price": price}
        return self.sign("order.place", terms | more, key=key)

    def take_events(self) -> list[Json]:
        """Return the events that came since the last time."""
        self.events += self.heard()
        taken, self.events = self.events, []
        return taken

    def close(self) -> None:
        """Hang up."""
        self.session.closed(self.desk.now)
