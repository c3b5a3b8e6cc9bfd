"""What a network is asked for, by the names of the options of `papernet up`.

Order of work.  Names are checked, then values by the types of the node's own options.
Invariant.      Whatever is not asked for is as `papernet up` has it, but for the market: books are empty unless somebody wants
                a crowd in them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

import msgspec

from papernet.control.bodies import BadBodyError
from papernet.control.times import read_time
from papernet.servers.era_table import date_flaw
from papernet.servers.node import Options
from papernet.testing.spelling import Time, time


class Settings(TypedDict, total=False):
    """The settings of a network; `held` holds the clock from the start, `held_at` holds it at a time, whenever that is."""

    market: Literal["none", "sim"]
    seed: int
    activity: float
    limits: bool
    options: bool
    options_api: Literal["current", "2024"]
    listen_keys: bool
    sapi_stubs: bool
    symbols: str | Path
    api_date: str
    held: bool
    held_at: Time


# What is no option of a node, or is spelled otherwise there.
_OTHERWISE: Final = ("held", "held_at", "symbols")
_FIXED: Final = {"host": "127.0.0.1", "port": 0, "tls_port": None, "state": None, "durability": "memory"}


def node_options(settings: Mapping[str, Any]) -> Options:
    """Return the options of a node in memory; raises TypeError for what there is not."""
    known = Settings.__annotations__
    for name in settings:
        if name not in known:
            raise TypeError(f"papernet has no setting {name!r}; there are {', '.join(known)}")
    chosen = {name: value for name, value in settings.items() if name not in _OTHERWISE}
    symbols, held_at = settings.get("symbols"), settings.get("held_at")
    try:
        options = msgspec.convert({"market": "none"} | chosen | _FIXED, Options)
        at = None if held_at is None else read_time(time(held_at), "held_at")
    except (msgspec.ValidationError, BadBodyError) as error:
        raise TypeError(f"papernet: {error}") from error
    flaw = date_flaw(options.api_date) if options.api_date else ""
    if flaw:
        raise TypeError(f"papernet: {flaw}")
    return msgspec.structs.replace(options, symbols=None if symbols is None else Path(symbols), held_at=at)
