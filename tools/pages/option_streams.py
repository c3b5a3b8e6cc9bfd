"""docs/options-streams.md: every stream of options and every user event, in both editions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import json

from papernet.app.operations.options import Generation
from papernet.core.dates import MILLISECOND
from papernet.protocols.option_streams.feed import is_snapshot
from papernet.protocols.option_streams.names import NAMES, REAL_TIME, Base, OptionStream, StreamKind
from tools.pages import FACTS, NOTICE
from tools.pages.streams import fields_in_words

_CONTRACTS: Final[Mapping[Generation, str]] = {
    Generation.CURRENT: "btc-261225-100000-c",
    Generation.LEGACY: "BTC-261225-100000-C",
}
_UNDERLYINGS: Final[Mapping[Generation, str]] = {Generation.CURRENT: "btcusdt", Generation.LEGACY: "BTC"}
_EXPIRY: Final = "261225"
_BASES: Final[Mapping[Base, str]] = {Base.ANY: "/eoptions", Base.PUBLIC: "/public", Base.MARKET: "/market"}
_KEYS: Final[Mapping[Generation, str]] = {Generation.CURRENT: "current", Generation.LEGACY: "legacy"}
_HEADINGS: Final[Mapping[Generation, str]] = {Generation.CURRENT: "Today", Generation.LEGACY: "The edition of 2024"}

_INTRODUCTION: Final = """\
What is pushed about options, and when. papernet serves one edition at a time: today's, or the one of before 2026 with
`--options-api 2024`. How to connect and subscribe, and what else there is to know: [options.md](options.md). Names may be
written in capitals or small letters. What is pushed at intervals comes at whole multiples of them on papernet's clock. Behind a
slow reader some streams wait; of the others only the newest message of a name does.
"""
_USERS: Final = """\
Users listen by a listen key, under `{}`. How an account stands is told upon every change and, as long as it has a position,
every ten seconds.
"""
_USERS_ADDRESS: Final[Mapping[Generation, str]] = {Generation.CURRENT: "/private", Generation.LEGACY: "/eoptions"}

_TELLS: Final[Mapping[StreamKind, str]] = {
    StreamKind.TRADE: "each trade, block trades too",
    StreamKind.BOOK_TICKER: "the best bid and ask when one of them changed",
    StreamKind.NEW_CONTRACT: "each contract that is listed",
    StreamKind.DEPTH: "the levels that changed",
    StreamKind.PARTIAL_DEPTH: "the best levels",
    StreamKind.KLINE: "the running candle, and each one once when it has closed",
    StreamKind.TICKER: "the last 24 hours",
    StreamKind.TICKERS: "the tickers of an expiry that changed, all of them every ten seconds",
    StreamKind.MARKS: "marks and greeks of all contracts of an underlying",
    StreamKind.OPEN_INTEREST: "the open interest of an expiry's contracts",
    StreamKind.INDEX: "the index of an underlying",
    StreamKind.INDEXES: "the index of each underlying",
}
_USER_EVENTS: Final[Mapping[str, str]] = {
    "ORDER_TRADE_UPDATE": "an order was accepted, traded, cancelled or expired",
    "BALANCE_POSITION_UPDATE": "the balance or a position changed",
    "ACCOUNT_UPDATE": "what the account has and owes",
    "GREEK_UPDATE": "the greeks of the account's positions, by underlying",
    "RISK_LEVEL_CHANGE": "the account may only reduce from now on, or may do everything again",
    "listenKeyExpired": "a listen key ran out",
}


def page() -> str:
    """Return docs/options-streams.md."""
    return "\n".join(
        [
            "# Streams of options",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            *(line for edition in Generation for line in _chapter(edition)),
        ]
    )


def groups(edition: Generation) -> list[list[OptionStream]]:
    """Return all streams of an edition, those together that differ in their names alone."""
    found: dict[tuple[StreamKind, int, int, Base], list[OptionStream]] = {}
    for name in names(edition):
        stream = NAMES[edition].parse(name)
        assert stream is not None, name
        found.setdefault((stream.kind, stream.form.of, stream.speed, stream.form.base), []).append(stream)
    return list(found.values())


def names(edition: Generation) -> Iterator[str]:
    """Yield the name of every stream of an edition, of one contract and of one underlying."""
    forms, contract, underlying = NAMES[edition], _CONTRACTS[edition], _UNDERLYINGS[edition]
    yield from (f"{contract}@{suffix}" for suffix in forms.of_contracts)
    for suffix, form in forms.of_underlyings.items():
        # The older edition has this one stream by the name of an underlying, all others by its asset.
        yield f"{'BTCUSDT' if form.kind is StreamKind.INDEX else underlying}@{suffix}"
    yield from (f"{underlying}@{suffix}@{_EXPIRY}" for suffix in forms.with_expiry)
    yield from forms.arrays


def _chapter(edition: Generation) -> Iterator[str]:
    facts = json.decode((FACTS / "options-streams.json").read_bytes())[_KEYS[edition]]
    yield f"## {_HEADINGS[edition]}"
    yield ""
    yield from ("| names | address | pushed | what | behind a slow reader |", "| --- | --- | --- | --- | --- |")
    yield from (_row(streams) for streams in groups(edition))
    yield ""
    yield from ("| stream | `e` | fields |", "| --- | --- | --- |")
    yield from _payloads(edition, facts["streams"])
    yield ""
    yield _USERS.format(_USERS_ADDRESS[edition])
    yield from ("| event | when | fields |", "| --- | --- | --- |")
    for name, shape in facts["user"].items():
        yield f"| `{name}` | {_USER_EVENTS[name]} | {fields_in_words(shape)} |"
    yield ""


def _row(streams: list[OptionStream]) -> str:
    stream = streams[0]
    told = ", ".join(f"`{each.name}`" for each in streams)
    pushed = "at once" if stream.speed == REAL_TIME else f"every {stream.speed // MILLISECOND} ms"
    waits = "the newest" if is_snapshot(stream) else "waits"
    return f"| {told} | `{_BASES[stream.form.base]}` | {pushed} | {_TELLS[stream.kind]} | {waits} |"


def _payloads(edition: Generation, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the documented payload of each kind of stream once."""
    told: dict[StreamKind, None] = {}
    for name, fact in facts.items():
        stream = NAMES[edition].parse(name)
        assert stream is not None, name
        if stream.kind not in told:
            told[stream.kind] = None
            payload = fact["payload"]
            rows = payload[0] if isinstance(payload, list) else payload
            fields = f"a list of: {fields_in_words(rows)}" if isinstance(payload, list) else fields_in_words(payload)
            yield f"| `{name}` | `{rows['e']}` | {fields} |"
