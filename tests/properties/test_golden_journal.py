"""A journal that the foundation wrote, replayed: its economy comes out as it did then.

`foundation.msgpack` is the array of the entries of a seeded busy day that the first release carried out: every kind
of command that it had, on four symbols, with resets, refusals, order limits and two pasts. Commission rates are nothing in it,
because commissions were rounded down at that time. The hash was computed by that release over the facts that its events told,
so only events and fields that existed then are looked at. Neither the journal nor the hash is ever made again: when they
disagree, the change log must say why.
"""

from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec import Struct, msgpack

from papernet.core.commands import Command, Deposit, Entry
from papernet.core.events import Event
from papernet.exchange.checkpoint import decode, encode, state_hash
from papernet.exchange.machine import Exchange

JOURNAL = Path(__file__).parents[1] / "vectors" / "journal" / "foundation.msgpack"
HASH = "860e06cef1e26cbb24b8e19870d4073ee95c18d4a9defba7fc75674633ae5f07"

# what events, and the records in them, said of themselves then
FIELDS = {
    "ExecutionReport": "terms order_id exec_id exec_type status at created_at quantity cum_quantity cum_quote last_quantity"
    " last_price last_quote commission commission_asset trade_id is_maker expiry_reason request_id",
    "Trade": "symbol trade_id at price quantity quote buyer_is_maker taker_order_id maker_order_id",
    "BookDelta": "symbol at first_update_id last_update_id changes",
    "AccountUpdate": "account at balances",
    "BalanceChanged": "account at asset amount",
    "Refused": "reject",
    "AccountOpened": "account name uid kind",
    "KeyRegistered": "key at",
    "KeyRevoked": "api_key",
    "SymbolListed": "symbol",
    "SymbolStatusChanged": "symbol status",
    "CandlesSeeded": "seed first_trade_id",
    "SettingChanged": "account",
    "WorldReset": "epoch at",
    "NewOrder": "account symbol side order_type time_in_force quantity price quote_quantity client_order_id strategy_id"
    " strategy_type self_trade_mode",
    "RegisterKey": "account api_key key_type secret permissions ip_list label",
    "SeedCandles": "symbol rows",
    "Reject": "reason args",
}


def plain(thing: Any) -> Any:
    """Return what an event says as tuples of texts and numbers: enums by name, records by the fields that they had."""
    if isinstance(thing, IntEnum):
        return thing.name
    if isinstance(thing, Struct):
        kind = type(thing).__name__
        return kind, *(plain(getattr(thing, name)) for name in FIELDS[kind].split())
    return tuple(plain(part) for part in thing) if isinstance(thing, tuple) else thing


def entries() -> list[Entry]:
    """Return the journal's entries."""
    return msgpack.decode(JOURNAL.read_bytes(), type=list[Entry])


def economy(exchange: Exchange, journal: list[Entry]) -> list[str]:
    """Carry a journal out and return what its events say, a text an event."""
    told: list[str] = []
    for entry in journal:
        events = exchange.apply(entry).events
        # Then a deposit did not tell the balance that came of it.
        told += [repr(plain(event)) for event in (events[:1] if isinstance(entry.command, Deposit) else events)]
    return told


def test_the_golden_replay_hash_of_the_foundations_journal_is_unchanged() -> None:
    told = economy(Exchange(), entries())
    assert sha256("\n".join(told).encode()).hexdigest() == HASH


def test_the_foundations_journal_is_worth_the_name() -> None:
    journal = entries()
    assert len(journal) > 3_000
    assert [entry.seq for entry in journal] == list(range(1, len(journal) + 1))
    kinds = {type(entry.command).__name__ for entry in journal}
    then = "NewOrder CancelOrder CancelOpenOrders ListSymbol SetSymbolStatus OpenAccount Deposit SetCommission RegisterKey"
    assert kinds == {*then.split(), "RevokeKey", "SetLimits", "SeedCandles", "Reset"} <= {c.__name__ for c in get_args(Command)}
    told = economy(Exchange(), journal)
    for name in FIELDS.keys() & {event.__name__ for event in get_args(Event)}:
        assert sum(row.startswith(f"('{name}'") for row in told) > 0, name
    for ending in ("FILLED", "CANCELED", "UNFILLED_FOK_ORDER", "UNFILLED_IOC_QUANTITY", "INSUFFICIENT_LIQUIDITY"):
        assert sum(f"'{ending}'" in row for row in told) > 20, ending
    for reason in [
        "TOO_MANY_ORDERS",
        "DUPLICATE_CLIENT_ORDER_ID",
        "MARKET_CLOSED",
        "UNKNOWN_ORDER",
        "CANCEL_RESTRICTED",
        "ZERO_NOTIONAL",
        "FILTER_FAILURE",
        "LIQUIDITY_BELOW_LOT_SIZE",
        "WOULD_TAKE",
        "INSUFFICIENT_BALANCE",
        "MARKET_HAS_TRADED",
    ]:
        assert sum(row.startswith(f"('Refused', ('Reject', '{reason}'") for row in told) > 0, reason


@pytest.mark.parametrize("parts", [2, 7])
def test_a_checkpoint_anywhere_in_it_changes_nothing(parts: int) -> None:
    journal = entries()
    whole = Exchange()
    told = economy(whole, journal)
    exchange, again = Exchange(), []
    size = len(journal) // parts + 1
    for begin in range(0, len(journal), size):
        exchange = decode(encode(exchange))
        again += economy(exchange, journal[begin : begin + size])
    assert again == told
    assert state_hash(exchange) == state_hash(whole)
