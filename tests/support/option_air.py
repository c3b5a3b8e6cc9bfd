"""The streams of an exchange with options in memory, ears that listen to them, and a desk to ask at.

world = OptionsOnAir()                        BTCUSDT at 50,000 and ETHUSDT at 3,000, a few contracts of each listed
ear = world.listen("btc-231117-50000-c@optionTrade")
world.trade(ALICE, BOB, "1", "2000")          ALICE buys CALL from BOB
world.wait(SECOND); ear.take()
"""

from typing import Any, Final

from msgspec import to_builtins

from papernet.app.listen_keys import ListenKeys
from papernet.app.operations import TimeUnit
from papernet.app.operations.options import Generation
from papernet.app.outbox import Outbox
from papernet.core.commands import (
    AdvanceTime,
    CancelOption,
    Command,
    ConfigureOptions,
    MarkContracts,
    OptionTerms,
    PlaceOption,
)
from papernet.core.dates import HOUR, days_from_civil
from papernet.core.enums import Side, TimeInForce
from papernet.core.events import Applied, Refused
from papernet.protocols.option_streams.door import OptionStreamDoor
from papernet.protocols.option_streams.feed import Attend, OptionFeed
from papernet.protocols.option_streams.names import NAMES, OptionStream
from papernet.protocols.option_streams.user_feed import OptionUserFeed
from papernet.protocols.subscriptions.channels import Channels
from papernet.protocols.subscriptions.session import StreamSession
from papernet.protocols.websocket.keyed_streams import KeyedUserStreams
from papernet.protocols.websocket.peer import Handshake
from papernet.venues.options.market import OptionMarket
from papernet.venues.options.venue import OptionsVenue
from tests.support.air import Ear
from tests.support.asking import Asking
from tests.support.option_market import make_underlying
from tests.support.option_time import make_listing
from tests.support.stream_desk import Outside
from tests.support.worlds import ALICE, coarse_symbol, units

CURRENT, LEGACY = Generation.CURRENT, Generation.LEGACY
MS: Final = TimeUnit.MILLISECOND
BUY, SELL = Side.BUY, Side.SELL

# The Friday after `START`.
EXPIRY_TEXT: Final = "231117"
EXPIRY: Final = days_from_civil(2023, 11, 17) * 24 * HOUR + 8 * HOUR
CALL, PUT = f"BTC-{EXPIRY_TEXT}-50000-C", f"BTC-{EXPIRY_TEXT}-50000-P"
HIGH_CALL: Final = f"BTC-{EXPIRY_TEXT}-55000-C"
ETH_CALL: Final = f"ETH-{EXPIRY_TEXT}-3000-C"
FUNDS: Final = "1000000"
_LISTINGS: Final = {"BTCUSDT": "1000:5000", "ETHUSDT": "1000:500"}


class Heard(Ear):
    """An ear whose end may be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.end: tuple[int, str] | None = None

    def close(self, code: int, reason: str) -> None:
        self.end = (code, reason)


class OptionsOnAir(Asking):
    """A small exchange with options that is on the air in one generation; everything is durable at once."""

    def __init__(self, generation: Generation = CURRENT, attend: Attend | None = None) -> None:
        self._is_on_air = False
        super().__init__(coarse_symbol(), balances=(("BTC", units("1000")), ("USDT", units(FUNDS))))
        underlyings = [
            make_underlying(name, listing=make_listing(steps, "0.5", "1", 5), price_scale=3, quantity_scale=4)
            for name, steps in _LISTINGS.items()
        ]
        self.apply(ConfigureOptions(tuple(to_builtins(each) for each in underlyings), units(FUNDS)))
        self.apply(AdvanceTime())
        self.generation: Final = generation
        self.last_seq = len(self.entries)
        self.outbox = Outbox(self.last_seq)
        self.channels: Channels[OptionStream] = Channels(NAMES[generation].parse)
        self.feed = OptionFeed(self.context, self.channels, self.outbox, self, self.now, generation=generation, attend=attend)
        self.channels.listener = self.feed
        self.users = OptionUserFeed(self.exchange, self.outbox, self, self.now, generation)
        keys = iter("abcdefgh")
        self.keys = ListenKeys(lambda: next(keys) * 64)
        self.outbox.add(self.users)
        self.outbox.add(self.feed)
        self.door = OptionStreamDoor(self.channels, KeyedUserStreams(self.keys, self.users), generation)
        self._is_on_air = True

    @property
    def venue(self) -> OptionsVenue:
        """Return the options venue."""
        return self.exchange.options

    def market(self, symbol: str = CALL) -> OptionMarket:
        """Return the market of a contract."""
        return self.venue.markets[symbol]

    def apply(self, command: Command) -> Applied:
        """Give the next entry to the exchange, the views and the streams."""
        applied = super().apply(command)
        if self._is_on_air:
            self.last_seq = applied.seq
            self.outbox.take(applied)
            self.outbox.release(applied.seq)
        return applied

    def wait(self, microseconds: int) -> None:
        """Let time pass all at once."""
        self.now += microseconds
        self.apply(AdvanceTime())
        self.pulse()

    def pulse(self) -> None:
        """Let it be now for the streams, but not for the venue."""
        self.feed.pulse(self.now)
        self.users.pulse(self.now)

    def listen(self, *names: str, ear: Ear | None = None) -> Ear:
        """Return an ear that hears streams."""
        ear = ear or Ear()
        for name in names:
            self.channels.subscribe(name, MS, ear, combined=False)
        return ear

    def leave(self, ear: Ear, *names: str) -> None:
        """Let an ear hear streams no more."""
        for name in names:
            self.channels.unsubscribe(name, MS, ear)

    def follow(self, account: int = ALICE) -> list[bytes]:
        """Return a list that gets every event of an account."""
        heard: list[bytes] = []
        self.users.subscribe(account, MS, heard.append)
        return heard

    def connect(self, url: str) -> tuple[Outside, Any]:
        """Return the other end of a connection to an address, and its session, or why there is none."""
        path, _, query = url.partition("?")
        (door,) = [door for door in self.door.doors() if path == door.path or path.startswith(door.path + "/")]
        outside = Outside()
        return outside, door.open(outside, Handshake(path, query.encode(), {}), self.now)

    def session(self, url: str) -> tuple[Outside, StreamSession]:
        """Return the other end of a connection to an address, and its session."""
        outside, session = self.connect(url)
        assert isinstance(session, StreamSession)
        return outside, session

    def option(
        self,
        account: int,
        side: Side,
        quantity: str,
        price: str,
        *,
        contract: str = CALL,
        tif: TimeInForce = TimeInForce.GTC,
        **more: Any,
    ) -> Applied:
        """Place an options order, which is not refused."""
        terms = OptionTerms(account, contract, side, units(quantity), units(price), tif, **more)
        applied = self.apply(PlaceOption(terms))
        assert not isinstance(applied.events[0], Refused), applied.events
        return applied

    def trade(self, buyer: int, seller: int, quantity: str, price: str, contract: str = CALL) -> Applied:
        """Let one account buy from another: the seller's order rests, the buyer takes it."""
        self.option(seller, SELL, quantity, price, contract=contract)
        return self.option(buyer, BUY, quantity, price, contract=contract, tif=TimeInForce.IOC)

    def cancel_option(self, account: int, order_id: int, contract: str = CALL) -> Applied:
        """Cancel an options order."""
        return self.apply(CancelOption(account, contract, order_id))

    def mark(self, contract: str, price: str, *, delta: str = "0.5") -> None:
        """Mark a contract; its volatilities and other greeks are always the same."""
        vols = units("0.349"), units("0.34500957"), units("0.34908772")
        greeks = units(delta), units("0.00018682"), units("-227.33432684"), units("24.52223767")
        self.apply(MarkContracts(((contract, units(price), *vols, *greeks),)))

    def book_of(self, contract: str = CALL, limit: int = 1_000) -> dict[str, Any]:
        """Return a contract's book as it stands, in plain numbers."""
        book = self.market(contract).book
        return {
            "lastUpdateId": book.update_id,
            "bids": dict(book.bids.depth(limit)),
            "asks": dict(book.asks.depth(limit)),
        }
