"""What the venue keeps for all its markets together."""

from papernet.core.ledger import Ledger
from papernet.venues.spot.market import Market
from papernet.venues.spot.symbols import MaxNumOrders
from papernet.venues.spot.venue import Venue
from papernet.venues.spot.venue_rules import ExchangeMaxNumOrderLists, ExchangeMaxNumOrders, VenueRules
from tests.support.worlds import make_symbol, units


def make_venue() -> Venue:
    """Return a venue that lists nothing."""
    return Venue({}, Ledger())


def names_of(market: Market) -> list[str]:
    """Return the names of a market's counts."""
    return [name for name, _ in market.counts]


def test_a_new_venue_has_nothing_and_counts_lists_from_nought() -> None:
    venue = make_venue()
    assert (venue.markets, venue.order_lists, venue.next_order_list_id, venue.rules) == ({}, {}, 0, VenueRules())


def test_the_last_price_of_a_pair_is_that_of_the_symbol_that_was_listed_first() -> None:
    venue = make_venue()
    first, second, other = (
        Market(make_symbol(name=name, base=base)) for name, base in (("A", "BTC"), ("B", "BTC"), ("C", "ETH"))
    )
    for market in (first, second, other):
        venue.add(market)
    assert venue.last_price("BTC", "USDT") == venue.last_price("X", "Y") == 0
    second.traded(1, units("7"), 1, 1)
    assert venue.last_price("BTC", "USDT") == 0
    first.traded(1, units("5"), 1, 1)
    other.traded(1, units("6"), 1, 1)
    assert (venue.last_price("BTC", "USDT"), venue.last_price("ETH", "USDT")) == (units("5"), units("6"))
    assert venue.last_price("USDT", "BTC") == 0
    # a market that starts over takes its own place
    venue.add(Market(first.symbol))
    assert (venue.last_price("BTC", "USDT"), list(venue.markets)) == (0, ["A", "B", "C"])


def test_the_venues_filters_follow_those_of_each_symbol() -> None:
    venue = make_venue()
    early = Market(make_symbol(MaxNumOrders(3), name="EARLY"))
    venue.add(early)
    assert names_of(early) == ["MAX_NUM_ORDERS"]
    venue.set_rules(VenueRules((ExchangeMaxNumOrders(7), ExchangeMaxNumOrderLists(1))))
    late = Market(make_symbol(name="LATE"))
    venue.add(late)
    assert names_of(early) == ["MAX_NUM_ORDERS", "EXCHANGE_MAX_NUM_ORDERS", "EXCHANGE_MAX_NUM_ORDER_LISTS"]
    assert names_of(late) == ["EXCHANGE_MAX_NUM_ORDERS", "EXCHANGE_MAX_NUM_ORDER_LISTS"]
    venue.set_rules(VenueRules())
    assert (names_of(early), names_of(late)) == (["MAX_NUM_ORDERS"], [])
