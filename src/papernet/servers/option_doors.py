"""The doors of the options venue put together: REST and streams, in one generation of the wire.

Order of work.  A gateway and a service of its own, on the exchange that all doors share; listen keys that REST gives out and
                streams take; feeds for users and for the market.
Invariant.      Users' events leave before market data of the same entry. What somebody looks at is marked and quoted before the
                answer is made.
Does not.       Know rules, or when time passes.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.app.authentication import Authenticator
from papernet.app.fault_rules import FaultDoor
from papernet.app.gateway import Gateway
from papernet.app.hindrances import FaultKit, Hindrances
from papernet.app.income_downloads import IncomeDownloads
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations.options import WEIGHT_LIMIT, Generation
from papernet.app.queries import Context
from papernet.app.queries.option_context import KnownContracts
from papernet.app.rate_limits import RateLimits
from papernet.app.request_log import RequestLog
from papernet.app.service import Service
from papernet.exchange.option_counts import OPTION_ORDER_LIMIT_10S
from papernet.protocols.option_streams.door import RULES, UNLIMITED, OptionStreamDoor
from papernet.protocols.option_streams.feed import OptionFeed
from papernet.protocols.option_streams.names import NAMES
from papernet.protocols.option_streams.user_feed import OptionUserFeed
from papernet.protocols.rest.options_door import OfRequests, OptionsDoor
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.websocket.keyed_streams import KeyedUserStreams
from papernet.protocols.websocket.peer import Door
from papernet.protocols.websocket.stream_faults import StreamFaults
from papernet.servers.living_options import LivingOptions
from papernet.servers.runtime import draw_api_key
from papernet.servers.world import World


class OptionsOffered(Struct, frozen=True):
    """What there is for options: who makes them, the generation of the wire, and the address that downloads are linked to."""

    living: LivingOptions
    generation: Generation
    base_url: str
    draw: Callable[[], str] = draw_api_key


class OptionDoors:
    """Everything that answers for the options of one world."""

    def __init__(
        self,
        world: World,
        context: Context,
        offered: OptionsOffered,
        now: int,
        *,
        limits: bool,
        log: RequestLog | None = None,
        faults: FaultKit | None = None,
    ) -> None:
        """Build the doors at `now`."""
        living, generation = offered.living, offered.generation
        exchange, sequencer, outbox = world.exchange, world.sequencer, world.sequencer.outbox
        gateway = Gateway(
            exchange,
            RateLimits(enabled=limits, weight_limit=WEIGHT_LIMIT),
            Authenticator(),
            KnownContracts(exchange.options),
        )
        keys = ListenKeys(offered.draw)
        kept = OfRequests(keys, IncomeDownloads(offered.draw), offered.base_url)
        service = Service(context, gateway, sequencer)
        hindrances = None if faults is None else Hindrances(service, FaultDoor.OPTIONS_REST, faults, OPTION_ORDER_LIMIT_10S)
        self.rest: Final = OptionsDoor(service, generation, kept, living.attend, log, hindrances)
        channels = Channels(NAMES[generation].parse)
        self._channels: Final = channels
        self._feed: Final = OptionFeed(context, channels, outbox, sequencer, now, generation=generation, attend=living.attend)
        channels.listener = self._feed
        self._users: Final = OptionUserFeed(exchange, outbox, sequencer, now, generation)
        outbox.add(self._users)
        outbox.add(self._feed)
        rules = RULES if limits else UNLIMITED
        self._keys: Final = keys
        self._streams: Final = OptionStreamDoor(channels, KeyedUserStreams(keys, self._users), generation, rules)

    def doors(self) -> tuple[Door, ...]:
        """Return the paths that lead to streams."""
        return self._streams.doors()

    def suffer(self, faults: StreamFaults) -> None:
        """Let go wrong on streams and with users' events what `faults` says."""
        faults.tap(FaultDoor.OPTIONS_STREAMS, self._channels)
        faults.tap(FaultDoor.OPTIONS_USER_DATA, self._users)
        faults.know(FaultDoor.OPTIONS_USER_DATA, self._users)
        faults.desk.know_keys(FaultDoor.OPTIONS_USER_DATA, self._keys, self._streams.sweep)

    def pulse(self, now: int) -> None:
        """Push what is due at `now`."""
        self._users.pulse(now)
        self._feed.pulse(now)

    def next_moment(self, at: int) -> int | None:
        """Return the next moment after `at` at which something is pushed."""
        return min((due for due in (self._feed.next_push(at), self._users.next_push(at)) if due is not None), default=None)

    def next_due(self) -> int | None:
        """Return when a listen key ends next."""
        return self._keys.next_end()

    def sweep(self, now: int) -> None:
        """Look for listen keys that have ended."""
        self._streams.sweep(now)
