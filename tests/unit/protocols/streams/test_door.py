"""What the address of a connection to the streams says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.protocols.streams.door import RULES, Address, read_address
from tests.support.stream_desk import Desk, refused

MILLI, MICRO = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/ws", b"", Address((), combined=False, unit=MILLI)),
        ("/ws/", b"", Address((), combined=False, unit=MILLI)),
        ("/ws/btcusdt@trade", b"", Address(("btcusdt@trade",), combined=False, unit=MILLI)),
        ("/ws/btcusdt@trade/", b"", Address(("btcusdt@trade",), combined=False, unit=MILLI)),
        ("/ws/a@trade/b@depth@100ms", b"", Address(("a@trade", "b@depth@100ms"), combined=False, unit=MILLI)),
        # as ccxt connects
        ("/ws/0", b"", Address(("0",), combined=False, unit=MILLI)),
        ("/ws//", b"x", Address((), combined=False, unit=MILLI)),
        ("/ws", b"streams=a@trade", Address((), combined=False, unit=MILLI)),
        ("/ws/a@trade", b"timeUnit=MICROSECOND", Address(("a@trade",), combined=False, unit=MICRO)),
        ("/stream", b"", Address((), combined=True, unit=MILLI)),
        ("/stream/", b"", Address((), combined=True, unit=MILLI)),
        ("/stream", b"streams=", Address((), combined=True, unit=MILLI)),
        (
            "/stream",
            b"streams=a@trade/b@depth/c@kline_1m",
            Address(("a@trade", "b@depth", "c@kline_1m"), combined=True, unit=MILLI),
        ),
        ("/stream", b"streams=a@trade&timeUnit=microsecond", Address(("a@trade",), combined=True, unit=MICRO)),
        ("/stream", b"timeUnit=millisecond&streams=a@trade/", Address(("a@trade",), combined=True, unit=MILLI)),
        ("/stream", b"timeUnit=MILLISECOND", Address((), combined=True, unit=MILLI)),
        # CHANGELOG.md, 2025-11-28: URL-encoded
        ("/stream", b"streams=a%40trade%2Fb%40depth", Address(("a@trade", "b@depth"), combined=True, unit=MILLI)),
        ("/stream", b"streams=%21miniTicker%40arr", Address(("!miniTicker@arr",), combined=True, unit=MILLI)),
        ("/stream", b"streams=%E5%B8%81usdt@trade", Address(("币usdt@trade",), combined=True, unit=MILLI)),
        # the plus sign of a zone, encoded and not
        ("/stream", b"streams=a@kline_1d@+08:00", Address(("a@kline_1d@+08:00",), combined=True, unit=MILLI)),
        ("/stream", b"streams=a@kline_1d@%2B08%3A00", Address(("a@kline_1d@+08:00",), combined=True, unit=MILLI)),
        ("/stream", b"streams=%ff", Address(("\ufffd",), combined=True, unit=MILLI)),
    ],
)
def test_an_address_names_streams(path: str, query: bytes, expected: Address) -> None:
    assert read_address(path, query) == expected


@pytest.mark.parametrize(
    "url", ["/ws?timeUnit=", "/ws/a@trade?timeUnit=NANOSECOND", "/stream?streams=a@trade&timeUnit=Microsecond"]
)
def test_another_time_unit_is_refused(url: str) -> None:
    assert refused(url) == Fault(RequestFault.BAD_TIME_UNIT)


@pytest.mark.parametrize("path", ["/stream/nonsense", "/streams", "/wss", "/"])
def test_other_paths_lead_nowhere(path: str) -> None:
    assert refused(path) == Fault(RequestFault.UNKNOWN_PATH, (path,))


@given(st.text(max_size=30), st.binary(max_size=30))
def test_any_address_is_read_or_refused(path: str, query: bytes) -> None:
    for start in ("/ws/", "/stream?streams="):
        read = read_address(start + path, query)
        assert isinstance(read, Fault) or all(read.names)


def test_two_paths_lead_to_the_streams_under_the_documented_limit() -> None:
    desk = Desk()
    doors = desk.door.doors()
    assert [door.path for door in doors] == ["/ws", "/stream"]
    assert all(door.rules is RULES and door.open == desk.door.open for door in doors)
    assert RULES.messages_per_second == 5


def test_a_connection_begins_with_what_its_address_names() -> None:
    raw = Desk(url="/ws/btcusdt@trade/ethusdt@trade")
    assert raw.hear("btcusdt@trade", b"1") == [b"1"]
    assert raw.ask("LIST_SUBSCRIPTIONS") == ["btcusdt@trade", "ethusdt@trade"]
    combined = Desk(url="/stream?streams=btcusdt@trade&timeUnit=MICROSECOND")
    assert combined.hear("btcusdt@trade", b"1") == []
    assert combined.hear("btcusdt@trade", b"1", MICRO) == [b'{"stream":"btcusdt@trade","data":1}']
    assert (raw.ask("GET_PROPERTY", "combined"), combined.ask("GET_PROPERTY", "combined")) == (False, True)


def test_connections_of_an_exchange_without_listen_keys_are_not_remembered() -> None:
    desk = Desk(url="/ws/" + "a" * 64)
    desk.door.sweep(0)
    assert not desk.door._sessions
