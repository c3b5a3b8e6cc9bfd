"""docs/streams.md: every stream and every user event, how often it comes and what it holds."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import json

from papernet.app.operations import TimeUnit
from papernet.core.dates import MILLISECOND
from papernet.protocols.json.user_events import listen_key_expired
from papernet.protocols.streams.feed import is_snapshot
from papernet.protocols.streams.names import ARRAYS, FORMS, REAL_TIME, Stream, StreamKind, parse_stream
from tools.pages import FACTS, NOTICE

_SYMBOL: Final = "btcusdt"

_INTRODUCTION: Final = """\
What is pushed, and when. How to subscribe, and all else about connections: [websocket.md](websocket.md). Where the published
documents are silent: [fidelity.md](fidelity.md). Streams of options: [options-streams.md](options-streams.md).
"""
_MARKET: Final = f"""\
`{_SYMBOL}` stands for any symbol in lower case. What is pushed at intervals comes at whole multiples of them on papernet's
clock. Behind a slow reader some streams wait; of the others only the newest message of a name does. `!ticker@arr` is retired
and pushed in earlier eras only ([eras.md](eras.md)).
"""
_USER: Final = """\
Over the WebSocket API an event is the `event` beside the `subscriptionId` that it belongs to; `serverShutdown` belongs to none.
On the stream of a listen key it is pushed as it is, or combined.
"""

# What makes a real-time stream speak, and what a timed one tells; of all symbols and of one.
_TELLS: Final[Mapping[StreamKind, str]] = {
    StreamKind.TRADE: "each trade",
    StreamKind.AGG_TRADE: "what one order took at one price",
    StreamKind.BLOCK_TRADE: "each block trade",
    StreamKind.KLINE: "the running candle, and each one once when it has closed",
    StreamKind.MINI_TICKER: "the last 24 hours in short",
    StreamKind.TICKER: "the last 24 hours",
    StreamKind.WINDOW_TICKER: "the statistics of a window",
    StreamKind.BOOK_TICKER: "the best bid and ask when one of them changed",
    StreamKind.AVERAGE_PRICE: "the average price",
    StreamKind.REFERENCE_PRICE: "the reference price",
    StreamKind.DEPTH: "the levels that changed",
    StreamKind.PARTIAL_DEPTH: "the best levels",
}
# Of the timed streams of one symbol those that say nothing when there is nothing new.
_SILENT: Final = (StreamKind.DEPTH, StreamKind.AVERAGE_PRICE)

# When a user's event comes, and who hears it.
_USER_EVENTS: Final[Mapping[str, str]] = {
    "executionReport": "an order was accepted, traded, changed, cancelled or expired",
    "outboundAccountPosition": "balances changed: those that did",
    "balanceUpdate": "a deposit or a withdrawal",
    "listStatus": "an order list began or is done",
    "externalLockUpdate": "part of a balance was locked or unlocked from outside",
    "eventStreamTerminated": "a subscription of the WebSocket API ended",
    "listenKeyExpired": "a listen key ran out that a stream is subscribed to",
    "serverShutdown": "the server is about to go; on every connection",
}


def page() -> str:
    """Return docs/streams.md."""
    return "\n".join(
        [
            "# Streams",
            "",
            NOTICE,
            "",
            _INTRODUCTION,
            "## Market streams",
            "",
            _MARKET,
            "| names | pushed | what | when nothing changed | behind a slow reader |",
            "| --- | --- | --- | --- | --- |",
            *(_row(streams) for streams in groups()),
            "",
            "| stream | `e` | fields |",
            "| --- | --- | --- |",
            *_payloads(),
            "",
            "Connections with the property `combined` get each payload as `data` beside the name of its `stream`.",
            "",
            "## User events",
            "",
            _USER,
            "| event | when | fields |",
            "| --- | --- | --- |",
            *(f"| `{name}` | {_USER_EVENTS[name]} | {fields_in_words(shape)} |" for name, shape in user_events().items()),
            "",
            "Fields of `executionReport` that are there when they apply:",
            f"{fields_in_words(_facts('user_events.json')['conditional'])}.",
            "",
        ]
    )


def groups() -> list[list[Stream]]:
    """Return all streams there are, of one symbol and of all, those together that differ in their names alone."""
    found: dict[tuple[StreamKind, bool, int], list[Stream]] = {}
    for name in (*(f"{_SYMBOL}@{suffix}" for suffix in FORMS), *ARRAYS):
        stream = parse_stream(name)
        assert stream is not None
        found.setdefault((stream.kind, not stream.symbol, stream.speed), []).append(stream)
    return list(found.values())


def is_silent(stream: Stream) -> bool:
    """Whether a stream says nothing at a boundary when there is nothing new to say."""
    return stream.speed == REAL_TIME or not stream.symbol or stream.kind in _SILENT


def user_events() -> dict[str, Any]:
    """Return the documented shape of every user event by its name."""
    shapes: dict[str, Any] = dict(_facts("user_events.json")["events"])
    last = shapes.popitem()
    # From an older edition.
    expired = json.decode(listen_key_expired("", 0, TimeUnit.MILLISECOND))
    return shapes | {expired["e"]: expired} | dict([last])


def _facts(name: str) -> Any:  # noqa: ANN401  decoded JSON
    return json.decode((FACTS / name).read_bytes())


def _row(streams: list[Stream]) -> str:
    stream = streams[0]
    names = ", ".join(f"`{each.name}`" for each in streams)
    pushed = "at once" if stream.speed == REAL_TIME else f"every {stream.speed // MILLISECOND} ms"
    what = _TELLS[stream.kind] + ("" if stream.symbol else ", of each symbol where that changed")
    unchanged = "nothing" if is_silent(stream) else "pushed all the same"
    return f"| {names} | {pushed} | {what} | {unchanged} | {'the newest' if is_snapshot(stream) else 'waits'} |"


def _payloads() -> Iterable[str]:
    """Yield the documented payload of each kind of stream, of one symbol and of all."""
    facts = _facts("stream_payloads.json")
    told: dict[tuple[StreamKind, bool], None] = {}
    for name, fact in facts["streams"].items():
        stream = parse_stream(name)
        assert stream is not None
        if (stream.kind, not stream.symbol) not in told:
            told[stream.kind, not stream.symbol] = None
            event = facts["event_types"].get(name.removeprefix(f"{_SYMBOL}@").removeprefix("!"))
            payload = fact["payload"]
            fields = f"a list of: {fields_in_words(payload[0])}" if isinstance(payload, list) else fields_in_words(payload)
            yield f"| `{name}` | {f'`{event}`' if event else ''} | {fields} |"


def fields_in_words(shape: Mapping[str, Any]) -> str:
    """Return the names of fields, inner ones in parentheses."""
    return ", ".join(f"`{name}`{_inner(value)}" for name, value in shape.items())


def _inner(value: Any) -> str:  # noqa: ANN401  decoded JSON
    if isinstance(value, list) and isinstance(value[0], dict):
        value = value[0]
    return f" ({fields_in_words(value)})" if isinstance(value, dict) else ""
