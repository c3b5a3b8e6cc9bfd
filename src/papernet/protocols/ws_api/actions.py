"""What a connection is, and the operations on that: who has logged on, what is subscribed to, what its address set.

Invariant.      An API key that has logged on is forgotten as soon as it is asked about and no longer the one that was proved.
Does not.       Prove keys or weigh requests: whoever gets here has passed all guards. Send anything.
Units.          Microseconds UTC in, the connection's time unit out.
Source.         web-socket-api.md, Session Authentication, Authentication requests, User Data Stream requests.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.json import Encoder

from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType
from papernet.protocols.json.fragments import EMPTY_OBJECT, divisor
from papernet.protocols.json.listen_key_calls import LISTEN_KEY_CALLS, answer_listen_key_call
from papernet.protocols.ws_api.subscriptions import Subscription, Subscriptions

_KEY_TYPES: Final = {KeyType.HMAC: "HMAC-SHA-256", KeyType.RSA: "RSA"}

_encode: Final = Encoder().encode


class Settings(Struct, frozen=True, gc=False):
    """What the address of a connection says (web-socket-api.md, General API Information, How to show/hide rate limits).

    The address says nothing of the `era`: it is that of the door.
    """

    unit: TimeUnit = TimeUnit.MILLISECOND
    returns_rate_limits: bool = True
    era: Era = TODAY


class Ended(Struct):
    """The payload of a reply with which subscriptions end."""

    body: bytes
    subscriptions: list[Subscription]


Answer = bytes | Fault | Ended


class Actions:
    """The operations on one connection."""

    __slots__ = ("_authorized_at", "_connected_at", "_key", "_keys", "_listen_keys", "_settings", "subscriptions")

    def __init__(
        self,
        keys: Mapping[str, RegisterKey],
        subscriptions: Subscriptions,
        listen_keys: ListenKeys | None,
        settings: Settings,
        now: int,
    ) -> None:
        """Begin with nobody logged on; `keys` are all API keys that are valid at any moment."""
        self.subscriptions: Final = subscriptions
        self._keys: Final = keys
        self._listen_keys: Final = listen_keys
        self._settings: Final = settings
        self._connected_at: Final = now
        # Who has logged on, and when.
        self._key: RegisterKey | None = None
        self._authorized_at: int = 0

    @property
    def api_key(self) -> str:
        """Return the API key that has logged on, or "" when none has."""
        return "" if self._key is None else self._key.api_key

    @property
    def has_listen_keys(self) -> bool:
        """Whether there are listen keys at all."""
        return self._listen_keys is not None

    def has_lost_key(self) -> bool:
        """Whether the API key that has logged on was revoked since, or registered with other rights."""
        key = self._key
        return key is not None and self._keys.get(key.api_key) is not key

    def carry_out(self, call: Call, account: int, now: int) -> Answer:
        """Carry out an operation that was admitted for an account (0: for nobody's)."""
        assert call.operation is not None
        return _ACTIONS[call.operation.name](self, call, account, now)

    def forget_key(self) -> list[Subscription]:
        """Forget who has logged on; return the subscriptions that end with that."""
        self._key = None
        return self.subscriptions.end_of_session()

    def log_on(self, call: Call, _account: int, now: int) -> Answer:
        """Log in with API key: a later one takes the place of an earlier one, one that fails does not."""
        key = self._keys[call.api_key]
        if key.key_type is not KeyType.ED25519:
            return Fault(RequestFault.UNSUPPORTED_KEY_TYPE, (_KEY_TYPES[key.key_type],))
        self._key, self._authorized_at = key, now
        return self._status(now)

    def log_out(self, _call: Call, _account: int, now: int) -> Answer:
        """Log out of the session. What was subscribed to by signature goes on (Unsubscribe from User Data Stream)."""
        ended = self.forget_key()
        return Ended(self._status(now), ended)

    def show_status(self, _call: Call, _account: int, now: int) -> Answer:
        """Query session status."""
        return self._status(now)

    def list_subscriptions(self, _call: Call, _account: int, _now: int) -> Answer:
        """List all subscriptions."""
        return _encode([{"subscriptionId": number} for number in self.subscriptions.numbers()])

    def subscribe(self, _call: Call, account: int, _now: int) -> Answer:
        """Subscribe to User Data Stream."""
        number = self.subscriptions.start(account, of_session=True, api_key=self.api_key)
        if isinstance(number, int) and not self._settings.era.subscription_ids:
            return EMPTY_OBJECT
        return _numbered(number)

    def subscribe_by_signature(self, call: Call, account: int, _now: int) -> Answer:
        """Subscribe to User Data Stream through signature subscription."""
        return _numbered(self.subscriptions.start(account, of_session=False, api_key=call.api_key))

    def unsubscribe(self, call: Call, _account: int, _now: int) -> Answer:
        """Unsubscribe from User Data Stream: from one, or from all."""
        ended = self.subscriptions.end(call.params["subscriptionId"])
        return ended if isinstance(ended, Fault) else Ended(EMPTY_OBJECT, ended)

    def call_listen_keys(self, call: Call, account: int, now: int) -> Answer:
        """Start, ping or stop user data stream."""
        assert self._listen_keys is not None
        assert call.operation is not None
        return answer_listen_key_call(self._listen_keys, call.operation.name, account, call.params, now)

    def _status(self, now: int) -> bytes:
        step, key = divisor(self._settings.unit), self._key
        return _encode(
            {
                "apiKey": None if key is None else key.api_key,
                "authorizedSince": None if key is None else self._authorized_at // step,
                "connectedSince": self._connected_at // step,
                "returnRateLimits": self._settings.returns_rate_limits,
                "serverTime": now // step,
                "userDataStream": len(self.subscriptions) > 0,
            }
        )


def _numbered(number: int | Fault) -> Answer:
    return number if isinstance(number, Fault) else b'{"subscriptionId":%d}' % number


_ACTIONS: Final[Mapping[str, Callable[[Actions, Call, int, int], Answer]]] = {
    "session.logon": Actions.log_on,
    "session.status": Actions.show_status,
    "session.logout": Actions.log_out,
    "session.subscriptions": Actions.list_subscriptions,
    "userDataStream.subscribe": Actions.subscribe,
    "userDataStream.subscribe.signature": Actions.subscribe_by_signature,
    "userDataStream.unsubscribe": Actions.unsubscribe,
} | dict.fromkeys(LISTEN_KEY_CALLS, Actions.call_listen_keys)
