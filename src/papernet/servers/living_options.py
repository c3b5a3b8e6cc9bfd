"""The options venue's clock and its market makers, on the world's own clock.

Order of work.  When it begins, what was quoted before the exchange stopped is withdrawn. Once a second time advances on the
                venue: contracts expire and are listed, margins are looked at. Then the makers bring up to date what somebody
                looks at.
Invariant.      Makers act through the sequencer like everybody else, for the account of the crowd; without a crowd contracts
                are marked, and nobody quotes.
Does not.       Do anything while the venue is closed.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from papernet.app.queries.option_values import Worth
from papernet.app.queries.values import Touch
from papernet.app.sequencer import SequencerHaltedError
from papernet.control.absences import Absences
from papernet.core.commands import AdvanceTime, QuoteOptions, TransferToOptions
from papernet.core.dates import SECOND
from papernet.servers.opening import CROWD_NAME
from papernet.servers.world import World
from papernet.venues.options.advancing import STALE, is_leap
from papernet.venues.options.countdowns import has_run_out
from papernet.venues.options.index import next_settlement
from papernet.venues.options.market import OptionMarket

if TYPE_CHECKING:
    from papernet.simulator.option_makers import OptionMakers

# The share of the crowd's money that its makers of options bring along.
_SHARE: Final = 4


class LivingOptions:
    """The options of one world."""

    def __init__(self, world: World) -> None:
        """Stand ready; time has not begun."""
        self._world: Final = world
        self._makers: OptionMakers | None = None

    def begin(self, now: int) -> None:
        """Start with the venue as it is, in this epoch."""
        world = self._world
        self._makers = None
        if not world.exchange.options.underlyings:
            return
        # NumPy takes a while to load, and an exchange without options does not need it.
        from papernet.simulator.option_makers import OptionMakers
        from papernet.simulator.option_model import OptionModel

        self._withdraw_quotes(now)
        model = OptionModel(world.exchange.options, world.settings.seed)
        submit = Absences(world.exchange).shield(world.sequencer.submit)
        self._makers = OptionMakers(world.exchange.options, model, submit, self._funded_crowd(now))
        if now // SECOND > world.exchange.options.advanced_at // SECOND:
            # In a state that was brought back no time may have passed.
            self.tick(now)

    def tick(self, now: int) -> None:
        """Let time pass; about once a second."""
        if self._makers is not None:
            world = self._world
            leaps = is_leap(world.exchange.options, now)
            world.sequencer.submit(AdvanceTime(), now)
            self._makers.pulse(now)
            if leaps:
                # Contracts have new marks, with which margins can be looked at.
                world.sequencer.submit(AdvanceTime(), now)

    def look_at_countdowns(self, now: int) -> None:
        """Let time pass when a countdown has run out (Auto-Cancel All Open Orders: looked at about every 100 milliseconds)."""
        if self._makers is not None and has_run_out(self._world.exchange.options, now):
            self.tick(now)

    def next_moment(self, at: int) -> int | None:
        """Return the next moment after `at` at which something is to be seen of time passing; None without options."""
        due = self.next_due(at)
        if due is None or self._makers is None:
            return None
        # What nobody looks at is the same whether time passes by the second or by the minute.
        grid = SECOND if self._makers.is_attending else STALE
        return min(due, (at // grid + 1) * grid)

    def next_due(self, at: int) -> int | None:
        """Return when something is due after `at`, or overdue: settlement, countdown, block order; None without options."""
        if self._makers is None:
            return None
        venue = self._world.exchange.options
        counted = (countdown.due_at for portfolio in venue.counting.values() for countdown in portfolio.countdowns.values())
        blocks = (record.expires_at for record in venue.block_orders.values())
        return min((next_settlement(at), *counted, *blocks))

    def attend(self, symbols: Iterable[str] | None, now: int) -> None:
        """Somebody looks at contracts, or is about to trade them; who looks at all of them (None) glances."""
        if self._makers is not None and symbols is not None:
            # An exchange that takes no commands any more says so to whoever sends one.
            with suppress(SequencerHaltedError):
                self._makers.attend(symbols, now)

    def glance(self, market: OptionMarket, now: int) -> Worth | None:
        """Return what makers would say of a contract that nobody attends to."""
        quote = None if self._makers is None else self._makers.glance(market, now)
        if quote is None:
            return None
        bid, ask = (levels[0] if levels else (0, 0) for levels in (quote.bids, quote.asks))
        return Worth(quote.mark, Touch(market.contract.symbol, *bid, *ask))

    def _withdraw_quotes(self, now: int) -> None:
        """Take what was quoted before the exchange stopped off the books: nobody stands behind it."""
        world = self._world
        crowd, venue = world.exchange.accounts.by_name.get(CROWD_NAME), world.exchange.options
        if crowd is not None:
            orders = venue.portfolios[crowd.account_id].open_orders.values()
            symbols = dict.fromkeys(order.terms.symbol for order in orders)
            if symbols:
                world.sequencer.submit(QuoteOptions(crowd.account_id, tuple((symbol, (), ()) for symbol in symbols)), now)

    def _funded_crowd(self, now: int) -> int | None:
        """Return the account for which makers quote, with money; None without a crowd."""
        world = self._world
        crowd, venue = world.exchange.accounts.by_name.get(CROWD_NAME), world.exchange.options
        if crowd is None or not world.settings.crowd:
            return None
        if not venue.portfolios[crowd.account_id].balance:
            amount = crowd.free(venue.asset) // _SHARE
            world.sequencer.submit(TransferToOptions(crowd.account_id, venue.asset, amount), now)
        return crowd.account_id
