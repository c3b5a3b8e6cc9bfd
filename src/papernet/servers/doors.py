"""The doors of one exchange put together: REST, the WebSocket API, market streams and the control plane on one set of guards.

Order of work.  One service for all that trade; one set of channels for all that listen, whose messages two feeds make; the
                hub leads WebSockets to their doors, the application everything else.
Invariant.      Users' events leave before market data of the same entry: nobody reads of a trade of his own in public first.
Does not.       Know rules, or when time passes: the node calls `pulse` and `sweep`.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.app.authentication import Authenticator
from papernet.app.clock import Clock
from papernet.app.gateway import Gateway
from papernet.app.listen_keys import ListenKeys
from papernet.app.queries import Context
from papernet.app.rate_limits import RateLimits
from papernet.app.service import Service
from papernet.control.door import ControlDoor
from papernet.core.events import Applied
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.streams.door import RULES, UNLIMITED, StreamDoor
from papernet.protocols.streams.feed import MarketFeed
from papernet.protocols.streams.names import parse_stream
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.websocket.keyed_streams import KeyedUserStreams
from papernet.protocols.websocket.user_feed import UserFeed
from papernet.protocols.ws_api.door import WsApiDoor
from papernet.servers.hosts import HostPolicy
from papernet.servers.http import HttpApplication
from papernet.servers.option_doors import OptionDoors, OptionsOffered
from papernet.servers.runtime import draw_api_key
from papernet.servers.websocket import WebSocketHub
from papernet.servers.world import World


class Offered(Struct, frozen=True):
    """What there is behind the doors, beside the world; `balances` is what a new account starts with, `reset` starts over."""

    token: str
    balances: tuple[tuple[str, int], ...]
    reset: Callable[[int], Applied]
    limits: bool
    listen_keys: bool
    sapi_stubs: bool
    options: OptionsOffered | None


class Doors:
    """Everything that answers for one world."""

    def __init__(self, world: World, hosts: HostPolicy, clock: Clock, offered: Offered) -> None:
        """Build the doors."""
        options, limits = offered.options, offered.limits
        sequencer, outbox = world.sequencer, world.sequencer.outbox
        self._outbox: Final = outbox
        gateway = Gateway(world.exchange, RateLimits(enabled=limits), Authenticator())
        context = Context(world.exchange, world.views, world.archive, glance=None if options is None else options.living.glance)
        service = Service(context, gateway, sequencer)
        users = UserFeed()
        keys = ListenKeys(draw_api_key) if offered.listen_keys else None
        channels = Channels(parse_stream)
        self._feed: Final = MarketFeed(context, channels, outbox, sequencer, clock.now())
        channels.listener = self._feed
        outbox.add(users)
        outbox.add(self._feed)
        keyed = None if keys is None else KeyedUserStreams(keys, users)
        self._streams: Final = StreamDoor(channels, keyed, RULES if limits else UNLIMITED)
        api = WsApiDoor(service, users, keys)
        self._options: Final = None if options is None else OptionDoors(world, context, options, clock.now(), limits=limits)
        more = () if self._options is None else self._options.doors()
        self.hub: Final = WebSocketHub(
            (*api.doors(), *self._streams.doors(), *more), hosts=hosts, limits=gateway.limits, clock=clock.now
        )
        self.application: Final = HttpApplication(
            door=RestDoor(service, keys, sapi_stubs=offered.sapi_stubs),
            options=None if self._options is None else self._options.rest,
            control=ControlDoor(
                world.exchange,
                token=offered.token,
                balances=offered.balances,
                submit=sequencer.submit,
                reset=offered.reset,
                draw_key=draw_api_key,
            ),
            journal=world.journal,
            hosts=hosts,
            clock=clock.now,
        )

    def pulse(self, now: int) -> None:
        """Push what is due on market streams at `now`; everything that was due by then has been applied."""
        self._feed.pulse(now)
        if self._options is not None:
            self._options.pulse(now)

    def sweep(self, now: int) -> None:
        """Ping, cut and forget what is due at `now`."""
        self.hub.sweep(now)
        self._streams.sweep(now)
        if self._options is not None:
            self._options.sweep(now)

    def dismiss(self, applied: Applied) -> None:
        """End all WebSockets when the exchange starts over: their books and balances are no longer true."""
        self._outbox.publish(applied.seq, self.hub.dismiss, applied.at)
