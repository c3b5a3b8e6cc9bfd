"""Listen keys: names under which whoever knows them may listen to an account's events.

Order of work.  An account has one key at most. Starting makes it, or finds it and makes it good for another hour, as a
                ping does; stopping it, or an hour without either, ends it.
Invariant.      A key that has ended is unknown, at whatever moment it is asked about.
Does not.       Survive a restart: clients start anew when they are told that a key does not exist. Know who listens: they ask.
Units.          Microseconds UTC.
Source.         user-data-stream.md, older editions: Create, Ping, Close a listenKey; errors.md, -1125.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.core.dates import HOUR

VALID_FOR: Final = HOUR
# For so long it is known of a key that it ran out.
_REMEMBERED_FOR: Final = HOUR


class _Key(Struct):
    text: str
    account: int
    ends_at: int


class ListenKeys:
    """The listen keys of one exchange."""

    def __init__(self, draw_key: Callable[[], str]) -> None:
        """Begin without keys; `draw_key` makes the texts of new ones."""
        self._draw_key: Final = draw_key
        # By account, in the order in which they end.
        self._keys: Final[dict[int, _Key]] = {}
        self._accounts: Final[dict[str, int]] = {}
        # When it was noticed that keys had run out lately, the oldest first.
        self._run_out: Final[dict[str, int]] = {}

    def start(self, account: int, now: int) -> str:
        """Return the key of an account, good for an hour."""
        self._expire(now)
        key = self._keys.get(account)
        if key is None:
            key = _Key(self._draw_key(), account, 0)
            self._accounts[key.text] = account
        self._extend(key, now)
        return key.text

    def ping(self, listen_key: str, account: int, now: int) -> bool:
        """Make a key good for an hour; return whether the account has such a key."""
        key = self._find(listen_key, account, now)
        if key is not None:
            self._extend(key, now)
        return key is not None

    def stop(self, listen_key: str, account: int, now: int) -> bool:
        """End a key; return whether the account had such a key."""
        key = self._find(listen_key, account, now)
        if key is not None:
            self._forget(key)
        return key is not None

    def expire(self, listen_key: str, now: int) -> bool:
        """End a key as if an hour had passed; return whether there was such a key."""
        account = self.account_of(listen_key, now)
        if account is None:
            return False
        self._forget(self._keys[account])
        self._run_out[listen_key] = now
        return True

    def living(self, now: int) -> list[tuple[str, int]]:
        """Return the keys there are, each with its account."""
        self._expire(now)
        return list(self._accounts.items())

    def key_of(self, account: int, now: int) -> str | None:
        """Return the key of an account, or None when it has none."""
        self._expire(now)
        key = self._keys.get(account)
        return key.text if key is not None else None

    def account_of(self, listen_key: str, now: int) -> int | None:
        """Return whose key it is, or None when there is no such key."""
        self._expire(now)
        return self._accounts.get(listen_key)

    def has_run_out(self, listen_key: str, now: int) -> bool:
        """Whether a key ended within the last hour because nobody kept it alive."""
        self._expire(now)
        return listen_key in self._run_out

    def next_end(self) -> int | None:
        """Return when a key ends next if it is not kept alive; None: there is none."""
        return next(iter(self._keys.values())).ends_at if self._keys else None

    def _find(self, listen_key: str, account: int, now: int) -> _Key | None:
        return self._keys[account] if self.account_of(listen_key, now) == account else None

    def _extend(self, key: _Key, now: int) -> None:
        key.ends_at = now + VALID_FOR
        # Now the last one to end.
        self._keys.pop(key.account, None)
        self._keys[key.account] = key

    def _expire(self, now: int) -> None:
        keys, run_out = self._keys, self._run_out
        while keys and (key := next(iter(keys.values()))).ends_at <= now:
            self._forget(key)
            # Remembered from when it was noticed: time may have leapt.
            run_out[key.text] = now
        while run_out and (text := next(iter(run_out))) and run_out[text] + _REMEMBERED_FOR <= now:
            del run_out[text]

    def _forget(self, key: _Key) -> None:
        del self._keys[key.account]
        del self._accounts[key.text]
