"""How much an address may ask: request weight, raw requests and connections per IP, and the bans of those who do not back off.

Order of work.  `knock` counts the request itself and finds out whether the address may ask at all; once the operation is known
                `charge` adds its weight, and `refund` takes it back when the request weighs nothing after all. Windows are
                aligned to the clock: a minute for weight, five for requests and connections. What is over a limit is refused
                until its window ends; an address that goes on being refused, or has to be disconnected again and again, is
                banned, each time for longer. Venues that have hosts of their own count for themselves.
Invariant.      Memory is bounded: an address whose windows are over and whose offences are forgotten is forgotten too, and
                there is a greatest number of addresses.
Does not.       Count orders (the exchange does, per account), nor look at hosts and origins, which servers check before.
Units.          Microseconds UTC; `Fault.retry_after` in seconds.
Source.         rest-api.md, LIMITS, IP Limits; web-socket-api.md, Connection limits, IP limits; web-socket-streams.md,
                WebSocket Limits. The documents give the first and the last ban's length; the steps between, how many refusals
                are forgiven and when offences are forgotten are papernet's.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.app.faults import Fault, RequestFault
from papernet.core.dates import DAY, HOUR, MILLISECOND, MINUTE, SECOND

WEIGHT_LIMIT: Final = 6_000
WEIGHT_MINUTES: Final = 1
REQUEST_LIMIT: Final = 300_000
# web-socket-api.md and enums.md as they were before 2026-04-02
FORMER_REQUEST_LIMIT: Final = 61_000
REQUEST_MINUTES: Final = 5
CONNECTION_LIMIT: Final = 300
CONNECTION_MINUTES: Final = 5

# So many requests and connections may be refused in one window of five minutes before the address is banned.
REFUSALS_FORGIVEN: Final = 10
BANS: Final = (2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY)
# After so long without a new ban the next one is again the shortest.
OFFENCES_FORGOTTEN_AFTER: Final = 3 * DAY

ADDRESSES_MAX: Final = 20_000

_WEIGHT_WINDOW: Final = WEIGHT_MINUTES * MINUTE
_REQUEST_WINDOW: Final = REQUEST_MINUTES * MINUTE


class _Meter:
    """What one address has asked for."""

    __slots__ = ("banned_until", "connections", "offences", "refusals", "request_window", "requests", "weight", "weight_window")

    def __init__(self) -> None:
        self.weight_window: int = -1
        self.weight: int = 0
        self.request_window: int = -1
        self.requests: int = 0
        self.connections: int = 0
        self.refusals: int = 0
        self.banned_until: int = 0
        self.offences: int = 0

    def turn(self, now: int) -> None:
        """Move to the windows that hold `now`."""
        window = now // _WEIGHT_WINDOW
        if window == self.weight_window:
            return
        self.weight_window, self.weight = window, 0
        window = now // _REQUEST_WINDOW
        if window != self.request_window:
            self.request_window, self.requests, self.connections, self.refusals = window, 0, 0, 0
            if self.offences and now >= self.banned_until + OFFENCES_FORGOTTEN_AFTER:
                self.offences = 0

    def is_idle(self, now: int) -> bool:
        """Whether forgetting the address now changes nothing."""
        return now // _REQUEST_WINDOW != self.request_window and (
            not self.offences or now >= self.banned_until + OFFENCES_FORGOTTEN_AFTER
        )


class Standing(Struct, frozen=True):
    """How an address stands at some moment: what it used of each limit, and when each window ends."""

    weight: int
    weight_limit: int
    weight_window_ends: int
    requests: int
    connections: int
    refusals: int
    request_window_ends: int
    # 0: never
    banned_until: int
    bans: int


class RateLimits:
    """The limits of all addresses. Switched off, it still counts but refuses nobody who is not banned on purpose.

    `on_ban` is called with an address when it is banned.
    """

    def __init__(self, *, enabled: bool = True, weight_limit: int = WEIGHT_LIMIT, request_limit: int = REQUEST_LIMIT) -> None:
        """Start with nobody known."""
        self.enabled: bool = enabled
        self.weight_limit: Final = weight_limit
        self.request_limit: Final = request_limit
        self.on_ban: Callable[[str], None] | None = None
        self._meters: Final[dict[str, _Meter]] = {}
        self._swept_window: int = -1

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._meters)

    def knock(self, ip: str, now: int) -> Fault | None:
        """Count one request of an address; return why it is not even looked at, or None."""
        meter = self._meters.get(ip)
        if meter is None:
            meter = self._welcome(ip, now)
        meter.turn(now)
        if now < meter.banned_until:
            return _banned(meter, now)
        if not self.enabled:
            return None
        meter.requests += 1
        if meter.requests > self.request_limit:
            return self._refuse(ip, now, Fault(RequestFault.TOO_MANY_REQUESTS, (), _seconds_left(now, _REQUEST_WINDOW)))
        if meter.weight > self.weight_limit:
            return self._too_much_weight(ip, now)
        return None

    def connect(self, ip: str, weight: int, now: int) -> Fault | None:
        """Count a connection of an address, which costs `weight`; return why it is refused, or None."""
        meter = self._meters.get(ip)
        if meter is None:
            meter = self._welcome(ip, now)
        meter.turn(now)
        if now < meter.banned_until:
            return _banned(meter, now)
        meter.connections += 1
        if self.enabled and meter.connections > CONNECTION_LIMIT:
            # web-socket-api.md, Connection limits
            args = (str(CONNECTION_LIMIT), f"{CONNECTION_MINUTES} MINUTE")
            return self._refuse(ip, now, Fault(RequestFault.TOO_MANY_CONNECTIONS, args, _seconds_left(now, _REQUEST_WINDOW)))
        return self.charge(ip, weight, now) if weight else None

    def offend(self, ip: str, now: int) -> None:
        """Count that an address had to be disconnected because it sent too much."""
        meter = self._meters.get(ip)
        if meter is None:
            meter = self._welcome(ip, now)
        meter.turn(now)
        if self.enabled and now >= meter.banned_until:
            self._count_refusal(ip, meter, now)

    def charge(self, ip: str, weight: int, now: int) -> Fault | None:
        """Add the weight of a request that knocked; return why it is refused, or None."""
        meter = self._meters.get(ip)
        if meter is None:
            meter = self._welcome(ip, now)
        meter.turn(now)
        meter.weight += weight
        if self.enabled and meter.weight > self.weight_limit:
            return self._too_much_weight(ip, now)
        return None

    def refund(self, ip: str, weight: int, now: int) -> None:
        """Take back the weight of a request that was charged at `now` and turned out to weigh nothing."""
        meter = self._meters.get(ip)
        if meter is not None and meter.weight_window == now // _WEIGHT_WINDOW:
            meter.weight = max(meter.weight - weight, 0)

    def ban(self, ip: str, span: int, now: int) -> Fault:
        """Ban an address for a span, whatever it did; return what it is told."""
        meter = self._meters.get(ip)
        if meter is None:
            meter = self._welcome(ip, now)
        meter.turn(now)
        meter.banned_until = max(meter.banned_until, now + span)
        meter.offences += 1
        if self.on_ban is not None:
            self.on_ban(ip)
        return _banned(meter, now)

    def turn_away(self, ip: str, now: int) -> Fault:
        """Refuse a request of an address as if its weight were used up; who goes on is banned, as after a true refusal."""
        if ip not in self._meters:
            self._welcome(ip, now)
        self._meters[ip].turn(now)
        if self.enabled:
            return self._too_much_weight(ip, now)
        return self._overweight(now)

    def used_weight(self, ip: str, now: int) -> int:
        """Return the weight that an address has used in the window that holds `now`."""
        meter = self._meters.get(ip)
        return meter.weight if meter is not None and meter.weight_window == now // _WEIGHT_WINDOW else 0

    def standing(self, ip: str, now: int) -> Standing:
        """Return how an address stands at `now`; changes nothing."""
        meter = self._meters.get(ip, _Meter())
        is_current = meter.request_window == now // _REQUEST_WINDOW
        return Standing(
            weight=self.used_weight(ip, now),
            weight_limit=self.weight_limit,
            weight_window_ends=(now // _WEIGHT_WINDOW + 1) * _WEIGHT_WINDOW,
            requests=meter.requests if is_current else 0,
            connections=meter.connections if is_current else 0,
            refusals=meter.refusals if is_current else 0,
            request_window_ends=(now // _REQUEST_WINDOW + 1) * _REQUEST_WINDOW,
            banned_until=meter.banned_until,
            bans=meter.offences,
        )

    def _welcome(self, ip: str, now: int) -> _Meter:
        window = now // _REQUEST_WINDOW
        if window != self._swept_window:
            self._swept_window = window
            for idle in [address for address, meter in self._meters.items() if meter.is_idle(now)]:
                del self._meters[idle]
        if len(self._meters) >= ADDRESSES_MAX:
            # The one known for longest makes room: whoever brings so many addresses has no use for more of them.
            del self._meters[next(iter(self._meters))]
        meter = self._meters[ip] = _Meter()
        return meter

    def _too_much_weight(self, ip: str, now: int) -> Fault:
        return self._refuse(ip, now, self._overweight(now))

    def _overweight(self, now: int) -> Fault:
        args = (str(self.weight_limit), f"{WEIGHT_MINUTES} MINUTE")
        return Fault(RequestFault.TOO_MUCH_WEIGHT, args, _seconds_left(now, _WEIGHT_WINDOW))

    def _refuse(self, ip: str, now: int, fault: Fault) -> Fault:
        """rest-api.md, IP Limits: failing to back off after 429 results in a ban, which scales in duration."""
        meter = self._meters[ip]
        return _banned(meter, now) if self._count_refusal(ip, meter, now) else fault

    def _count_refusal(self, ip: str, meter: _Meter, now: int) -> bool:
        """Return whether this was one too many, for which the address is banned now."""
        meter.refusals += 1
        if meter.refusals <= REFUSALS_FORGIVEN:
            return False
        meter.banned_until = now + BANS[min(meter.offences, len(BANS) - 1)]
        meter.offences += 1
        meter.refusals = 0
        if self.on_ban is not None:
            self.on_ban(ip)
        return True


def _banned(meter: _Meter, now: int) -> Fault:
    until = meter.banned_until
    return Fault(RequestFault.BANNED, (str(-(-until // MILLISECOND)),), -((now - until) // SECOND))


def _seconds_left(now: int, window: int) -> int:
    """Return the whole seconds, at least one, until the window that holds `now` is over."""
    return -(-(window - now % window) // SECOND)


def seconds_to_window_end(interval: str, now: int) -> int:
    """Return the seconds until the window of an interval such as "10 SECOND" that holds `now` is over."""
    count, unit = interval.split(" ")
    length = {"SECOND": SECOND, "MINUTE": MINUTE, "DAY": DAY}[unit]
    return _seconds_left(now, int(count) * length)
