"""Addresses of the WebSocket API: what their queries say, and what is refused at the handshake."""

import pytest

from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import TimeUnit
from papernet.protocols.ws_api.actions import Settings
from papernet.protocols.ws_api.door import PATH, is_api_path, read_settings
from tests.support.ws_desk import WsClient, WsDesk

MS, US = TimeUnit.MILLISECOND, TimeUnit.MICROSECOND


def test_the_path_has_a_version_and_may_end_in_a_slash() -> None:
    assert is_api_path("/ws-api/v3")
    assert is_api_path("/ws-api/v3/")
    for path in ("/ws-api", "/ws-api/v2", "/ws-api/v3/ws", "/ws-api/v33", "/ws", "", "/WS-API/v3"):
        assert not is_api_path(path)


@pytest.mark.parametrize(
    ("query", "settings"),
    [
        (b"", Settings(MS, True)),
        (b"timeUnit=MICROSECOND", Settings(US, True)),
        (b"timeUnit=microsecond", Settings(US, True)),
        (b"timeUnit=millisecond&returnRateLimits=false", Settings(MS, False)),
        (b"returnRateLimits=true", Settings(MS, True)),
        (b"returnRateLimits=False&returnRateLimits=true", Settings(MS, False)),
        (b"responseFormat=json", Settings(MS, True)),
        (b"whatever=1&\xff=%FF", Settings(MS, True)),
    ],
)
def test_what_an_address_sets(query: bytes, settings: Settings) -> None:
    assert read_settings(query) == settings


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (b"timeUnit=SECOND", Fault(RequestFault.BAD_TIME_UNIT)),
        (b"timeUnit=", Fault(RequestFault.BAD_TIME_UNIT)),
        (b"returnRateLimits=0", Fault(RequestFault.INVALID_PARAMETER, ("returnRateLimits",))),
        (b"returnRateLimits=", Fault(RequestFault.INVALID_PARAMETER, ("returnRateLimits",))),
        (b"responseFormat=sbe&sbeSchemaId=3&sbeSchemaVersion=5", Fault(RequestFault.NOT_ACCEPTABLE)),
    ],
)
def test_what_is_refused_at_the_handshake(query: bytes, fault: Fault) -> None:
    assert read_settings(query) == fault
    assert WsDesk().shake(query.decode()) == fault


def test_below_the_path_there_is_nothing() -> None:
    assert WsDesk().shake(path=PATH + "/x") == Fault(RequestFault.UNKNOWN_PATH, (PATH + "/x",))
    assert isinstance(WsDesk().shake(path=PATH + "/"), WsClient)


def test_connecting_costs_weight_and_a_ban_disconnects() -> None:
    (door,) = WsDesk().door.doors()
    assert (door.path, door.weight, door.ends_with_ban) == ("/ws-api/v3", 2, True)
    assert door.rules.messages_per_second == 0
