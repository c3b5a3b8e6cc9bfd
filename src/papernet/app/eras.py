"""Eras: which of the documented changes of the wire have happened on the day that is served.

Order of work.  The table of changes is read once; for a day it gives an `Era`, which says of each change whether it has
                happened. Doors are built with one, and choose by it which operations, writers and rules they take.
Invariant.      An era says how things are told, asked and limited. It never reaches the exchange or its venues.
Does not.       Know what a change does: whoever serves it does. Read files: the table's text is an argument.
Source.         data/eras.toml, which cites the entry of the change log for each change.
"""

from typing import Final

from msgspec import Struct, toml


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """A change that can break clients: what is served from `date` on, and what `before`.

    `entry` is the heading of its entry in the change log, `heading` what stands over it in there; `log` is whose log that is.
    """

    id: str
    date: str
    entry: str
    what: str
    before: str
    heading: str = ""
    log: str = "Spot"


class Unchanged(Struct, frozen=True, forbid_unknown_fields=True):
    """What else an entry of the change log says, and why nothing follows from it."""

    entry: str
    what: str
    why: str
    heading: str = ""
    log: str = "Spot"


class ChangeTable(Struct, frozen=True, forbid_unknown_fields=True):
    """All that the change log says: `since` is the first day that can be asked for, `as_of` the newest entry."""

    since: str
    as_of: str
    changes: tuple[Change, ...]
    unchanged: tuple[Unchanged, ...]


class Era(Struct, frozen=True):
    """Which changes have happened; today all of them. The names are those of the table."""

    omit_zero_balances: bool = True
    listen_key_expired: bool = True
    new_oco: bool = True
    trades_weigh_25: bool = True
    permission_sets: bool = True
    oto_allowed: bool = True
    utc8_candles: bool = True
    order_rate_limit_exceeded_mode: bool = True
    one_triggers_the_other: bool = True
    trades_without_order_ids: bool = True
    exchange_info_parameters: bool = True
    quote_quantity_in_replies: bool = True
    user_data_over_ws_api: bool = True
    external_lock_update: bool = True
    take_profit_in_pairs: bool = True
    microseconds: bool = True
    frequent_pings: bool = True
    aggregates_weigh_4: bool = True
    missing_order_id_is_1102: bool = True
    trades_of_an_order_weigh_5: bool = True
    mismatched_ids_are_2039: bool = True
    amend_requests: bool = True
    amend_weighs_4: bool = True
    amend_on_all_symbols: bool = True
    decrement: bool = True
    second_timing_check: bool = True
    special_commission: bool = True
    subscription_ids: bool = True
    peg_allowed: bool = True
    pegged_orders: bool = True
    exact_receive_windows: bool = True
    list_and_amend_filters: bool = True
    relevant_filters: bool = True
    symbol_status_parameter: bool = True
    unicode_symbols: bool = True
    one_pays_the_other: bool = True
    transfer: bool = True
    iceberg_parts_25: bool = True
    rebuilt_options: bool = True
    encoded_payloads: bool = True
    iceberg_parts_50: bool = True
    listen_keys_retired: bool = True
    execution_rules: bool = True
    shutdown_over_ws_api: bool = True
    iceberg_parts_100: bool = True
    version_1_retired: bool = True
    expiry_reason: bool = True
    ticker_array_retired: bool = True
    successes_weigh_nothing: bool = True
    more_raw_requests: bool = True
    transfer_on_all_symbols: bool = True
    shutdown_on_streams: bool = True
    block_trades: bool = True
    expiry_reason_in_queries: bool = True
    block_trade_stream: bool = True


TODAY: Final = Era()
# The table's `as_of`: whoever serves today need not read the table.
NEWEST: Final = "2026-07-17"


def read_changes(text: bytes) -> ChangeTable:
    """Return the table that a file's text holds."""
    return toml.decode(text, type=ChangeTable)


def era_on(table: ChangeTable, date: str) -> Era:
    """Return the era of a day, YYYY-MM-DD; "" is today."""
    if not date:
        return TODAY
    # Dates in this form stand in the order of their text.
    return Era(**{change.id: change.date <= date for change in table.changes})
