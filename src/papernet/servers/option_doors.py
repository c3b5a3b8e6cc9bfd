"""The doors of the options venue put together: REST and streams, in one generation of the wire.

Order of work.  A gateway and a service of its own, on the exchange that all doors share; listen keys that REST gives out and
                streams take; feeds for users and for the market.
Invariant.      Users' events leave before market data of the same entry. What somebody looks at is marked and quoted before the
                answer is made.
Does not.       Know rules, or when time passes.
"""

from typing import Final

from msgspec import Struct

from papernet.app.authentication import Authenticator
from papernet.app.gateway import Gateway
from papernet.app.income_downloads import IncomeDownloads
from papernet.app.listen_keys import ListenKeys
from papernet.app.operations.options import WEIGHT_LIMIT, Generation
from papernet.app.queries import Context
from papernet.app.queries.option_context import KnownContracts
from papernet.app.rate_limits import RateLimits
from papernet.app.service import Service
from papernet.protocols.option_streams.door import RULES, UNLIMITED, OptionStreamDoor
from papernet.protocols.option_streams.feed import OptionFeed
from papernet.protocols.option_streams.names import NAMES
from papernet.protocols.option_streams.user_feed import OptionUserFeed
from papernet.protocols.rest.options_door import OfRequests, OptionsDoor
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.websocket.keyed_streams import KeyedUserStreams
from papernet.protocols.websocket.peer import Door
from papernet.servers.living_options import LivingOptions
from papernet.servers.runtime import draw_api_key
from papernet.servers.world import World


class OptionsOffered(Struct, frozen=True):
    """What there is for options: who makes them, the generation of the wire, and the address that downloads are linked to."""

    living: LivingOptions
    generation: Generation
    base_url: str


class OptionDoors:
    """Everything that answers for the options of one world."""

    def __init__(self, world: World, context: Context, offered: OptionsOffered, now: int, *, limits: bool) -> None:
        """Build the doors at `now`."""
        living, generation = offered.living, offered.generation
        exchange, sequencer, outbox = world.exchange, world.sequencer, world.sequencer.outbox
        gateway = Gateway(
            exchange,
            RateLimits(enabled=limits, weight_limit=WEIGHT_LIMIT),
            Authenticator(),
            KnownContracts(exchange.options),
        )
        keys = ListenKeys(draw_api_key)
        kept = OfRequests(keys, IncomeDownloads(draw_api_key), offered.base_url)
        self.rest: Final = OptionsDoor(Service(context, gateway, sequencer), generation, kept, living.attend)
        channels = Channels(NAMES[generation].parse)
        self._feed: Final = OptionFeed(context, channels, outbox, sequencer, now, generation=generation, attend=living.attend)
        channels.listener = self._feed
        self._users: Final = OptionUserFeed(exchange, outbox, sequencer, now, generation)
        outbox.add(self._users)
        outbox.add(self._feed)
        rules = RULES if limits else UNLIMITED
        self._streams: Final = OptionStreamDoor(channels, KeyedUserStreams(keys, self._users), generation, rules)

    def doors(self) -> tuple[Door, ...]:
        """Return the paths that lead to streams."""
        return self._streams.doors()

    def pulse(self, now: int) -> None:
        """Push what is due at `now`."""
        self._users.pulse(now)
        self._feed.pulse(now)

    def sweep(self, now: int) -> None:
        """Look for listen keys that have ended."""
        self._streams.sweep(now)
