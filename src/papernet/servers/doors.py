"""The doors of one exchange put together: REST, the WebSocket API, market streams and the control plane on one set of guards.

Order of work.  One service for all that trade; one set of channels for all that listen, whose messages two feeds make; the
                hub leads WebSockets to their doors, the application everything else.
Invariant.      Users' events leave before market data of the same entry: nobody reads of a trade of his own in public first.
Does not.       Know rules, or when time passes: the node calls `pulse` and `sweep`.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import Struct

from papernet.app.authentication import Authenticator
from papernet.app.clock import Clock
from papernet.app.eras import Era
from papernet.app.explaining.explainer import Explainer
from papernet.app.fault_rules import FaultDoor
from papernet.app.gateway import Gateway
from papernet.app.hindrances import FaultKit, Hindrances
from papernet.app.listen_keys import ListenKeys
from papernet.app.queries import Context
from papernet.app.rate_limits import FORMER_REQUEST_LIMIT, REQUEST_LIMIT, RateLimits
from papernet.app.request_log import RequestLog
from papernet.app.service import Service
from papernet.control.calls import Call
from papernet.control.clock_calls import ClockCalls, Turning
from papernet.control.door import ControlDoor
from papernet.control.explain_calls import ExplainCalls
from papernet.control.fault_calls import FaultCalls
from papernet.control.fill_calls import FillCalls
from papernet.control.house import House
from papernet.control.scenario_calls import ScenarioCalls
from papernet.control.scenarios import Scenarios
from papernet.control.state_calls import StateCalls, StateKeeper
from papernet.core.events import Applied
from papernet.exchange.allowances import ORDER_LIMIT_10S
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.streams.door import RULES, UNLIMITED, StreamDoor
from papernet.protocols.streams.feed import MarketFeed
from papernet.protocols.streams.names import Stream, parser_of
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.websocket.keyed_streams import KeyedUserStreams
from papernet.protocols.websocket.stream_faults import StreamFaults
from papernet.protocols.websocket.upsets import FaultDesk
from papernet.protocols.websocket.user_feed import UserFeed, spot_writers
from papernet.protocols.ws_api.door import WsApiDoor
from papernet.servers.clock import ticks
from papernet.servers.era_table import date_served, era_of
from papernet.servers.fault_draws import draw_fault
from papernet.servers.hosts import HostPolicy
from papernet.servers.http import HttpApplication
from papernet.servers.option_doors import OptionDoors, OptionsOffered
from papernet.servers.runtime import draw_api_key
from papernet.servers.scenario_files import packaged_scenarios
from papernet.servers.websocket import WebSocketHub
from papernet.servers.world import World


class Offered(Struct, frozen=True):
    """What there is behind the doors, beside the world.

    `balances` is what a new account starts with, `reset` starts over, `turning` lets time pass, `api_date` is the day whose
    wire is spoken ("" for today's).
    """

    token: str
    balances: tuple[tuple[str, int], ...]
    reset: Callable[[int], Applied]
    limits: bool
    remote_control: bool
    listen_keys: bool
    sapi_stubs: bool
    api_date: str
    options: OptionsOffered | None
    states: StateKeeper
    turning: Turning
    draw: Callable[[], str] = draw_api_key


class Doors:
    """Everything that answers for one world."""

    def __init__(self, world: World, hosts: HostPolicy, clock: Clock, offered: Offered) -> None:
        """Build the doors."""
        options, limits = offered.options, offered.limits
        sequencer, outbox = world.sequencer, world.sequencer.outbox
        self._outbox: Final = outbox
        era = era_of(offered.api_date)
        gateway = Gateway(world.exchange, _rate_limits(era, enabled=limits), Authenticator(), era=era)
        context = Context(world.exchange, world.views, world.archive, glance=None if options is None else options.living.glance)
        service = Service(context, gateway, sequencer)
        explainer = Explainer(world.exchange)
        self._log: Final = RequestLog(world.exchange.accounts.keys, ticks, explainer.explain)
        log = self._log
        self.faults: Final = FaultKit(context, sequencer, partial(draw_fault, world.settings))
        users = UserFeed(spot_writers(era))
        keys = ListenKeys(offered.draw) if offered.listen_keys or not era.listen_keys_retired else None
        channels = Channels(parser_of(era))
        self._keys: Final = keys
        self._feed: Final = MarketFeed(context, channels, outbox, sequencer, clock.now(), era)
        channels.listener = self._feed
        outbox.add(users)
        outbox.add(self._feed)
        keyed = None if keys is None else KeyedUserStreams(keys, users)
        self._streams: Final = StreamDoor(channels, keyed, RULES if limits else UNLIMITED, era)
        by_api = Hindrances(service, FaultDoor.WS_API, self.faults, ORDER_LIMIT_10S)
        by_rest = Hindrances(service, FaultDoor.REST, self.faults, ORDER_LIMIT_10S)
        api = WsApiDoor(service, users, keys, log, by_api, era)
        self._options: Final = (
            None
            if options is None
            else OptionDoors(world, context, options, clock.now(), limits=limits, log=log, faults=self.faults)
        )
        more = () if self._options is None else self._options.doors()
        self.hub: WebSocketHub = WebSocketHub(
            (*api.doors(), *self._streams.doors(), *more), hosts=hosts, limits=gateway.limits, clock=clock.now
        )
        self.scenarios: Final = Scenarios(House(world.exchange, sequencer.submit))
        self.control: Final = ControlDoor(
            world.exchange,
            token=offered.token,
            balances=offered.balances,
            submit=sequencer.submit,
            reset=offered.reset,
            draw_key=offered.draw,
            api_date=date_served(offered.api_date),
            more=self._calls(world, clock, offered, ExplainCalls(context, log, explainer)),
        )
        self.scenarios.calls = self.control.calls
        self.application: HttpApplication = HttpApplication(
            door=RestDoor(service, keys, sapi_stubs=offered.sapi_stubs, log=log, hindrances=by_rest, era=era),
            options=None if self._options is None else self._options.rest,
            control=self.control,
            journal=world.journal,
            hosts=hosts,
            clock=clock.now,
            log=log,
            deferred=self.faults.deferred,
            remote_control=offered.remote_control,
        )
        world.archive_limit = self.faults.past.archive_limit
        self._let_suffer(world, clock, channels, users)

    def take_over(self, before: "Doors", now: int) -> None:
        """Stand behind the servers of other doors, whose WebSockets end: what they knew is no longer true."""
        before.application.abandon()
        before.application.lead_to(self.application)
        before.hub.lead_to(self.hub)
        self.application, self.hub = before.application, before.hub
        self.hub.dismiss(now)

    def _calls(self, world: World, clock: Clock, offered: Offered, explaining: ExplainCalls) -> tuple[Call, ...]:
        """Return the control plane's calls that need more than the exchange."""
        return (
            *explaining.rows(),
            *FaultCalls(self.faults.plan, world.sequencer).rows(),
            *StateCalls(offered.states).rows(),
            *ClockCalls(clock, offered.turning).rows(),
            *FillCalls(world.exchange, world.sequencer.submit).rows(),
            *ScenarioCalls(self.scenarios, packaged_scenarios).rows(),
        )

    def _let_suffer(self, world: World, clock: Clock, channels: Channels[Stream], users: UserFeed) -> None:
        """Let things go wrong on open connections as the rules say."""
        accounts, kit = world.exchange.accounts.by_id, self.faults
        faults = StreamFaults(FaultDesk(kit.plan, kit.deferred, clock.now, lambda account: accounts[account].name))
        faults.tap(FaultDoor.STREAMS, channels)
        faults.tap(FaultDoor.USER_DATA, users)
        faults.know(FaultDoor.USER_DATA, users)
        if self._keys is not None:
            faults.desk.know_keys(FaultDoor.USER_DATA, self._keys, self._streams.sweep)
        if self._options is not None:
            self._options.suffer(faults)
        self.hub.suffer(faults)

    def pulse(self, now: int) -> None:
        """Push what is due on market streams at `now`; everything that was due by then has been applied."""
        self.faults.deferred.release(now)
        self._feed.pulse(now)
        if self._options is not None:
            self._options.pulse(now)

    def sweep(self, now: int) -> None:
        """Ping, cut and forget what is due at `now`."""
        self.hub.sweep(now)
        self._streams.sweep(now)
        if self._options is not None:
            self._options.sweep(now)

    def next_moment(self, at: int) -> int | None:
        """Return the next moment after `at` at which somebody is told something because it has come."""
        options = None if self._options is None else self._options.next_moment(at)
        dues = (self.next_due(), self.hub.next_due(), self._feed.next_push(at), options)
        return min((due for due in dues if due is not None), default=None)

    def next_due(self) -> int | None:
        """Return when something ends next: a connection, a listen key."""
        keys = None if self._keys is None else self._keys.next_end()
        of_options = None if self._options is None else self._options.next_due()
        return min((due for due in (self.hub.next_end(), keys, of_options) if due is not None), default=None)

    def dismiss(self, applied: Applied) -> None:
        """End all WebSockets when the exchange starts over: their books and balances are no longer true."""
        self._log.forget_orders()
        self._outbox.publish(applied.seq, self.hub.dismiss, applied.at)


def _rate_limits(era: Era, *, enabled: bool) -> RateLimits:
    """Return the limits of addresses in an era (CHANGELOG.md, 2026-03-27)."""
    return RateLimits(enabled=enabled, request_limit=REQUEST_LIMIT if era.more_raw_requests else FORMER_REQUEST_LIMIT)
