"""Clients that people use, configured for a network: their URLs and keys are set, nothing else of them is changed.

Order of work.  A client's package is imported when the client is asked for; whoever asks for one has installed it.
Invariant.      A client's URLs are its own: clients of two networks are at work in one process without hindering each other.
Does not.       Close clients: who opened one closes it.

Signing wants the time. A client takes it from the machine, and is refused with -1021 when the network's clock has been turned
away from that. With `follow_clock` it asks the network's clock instead.
"""

from collections.abc import Mapping
from time import time
from typing import Any, Final, Literal

from msgspec import Struct

from papernet.testing.accounts import Key
from papernet.testing.time_verbs import ClockVerbs

_API: Final = "/api"
_WS_API: Final = "/ws-api/v3"


class Addresses(Struct, frozen=True):
    """Where a network is: `rest` and `streams` without a path, and without a slash at the end."""

    rest: str
    streams: str

    @property
    def ws_api(self) -> str:
        """Return the address of the WebSocket API."""
        return self.streams + _WS_API


def ccxt_config(where: Addresses, key: Key) -> dict[str, Any]:
    """Return the configuration that points ccxt's `binance` at a network, once `set_sandbox_mode(True)` is called."""
    api = where.rest + _API
    return {
        "apiKey": key.api_key,
        "secret": key.secret,
        # Its own throttle only costs time here; the network's limits are the real ones.
        "enableRateLimit": False,
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "urls": {
            "test": {
                "public": api + "/v3",
                "private": api + "/v3",
                "v1": api + "/v1",
                "ws": {"spot": where.streams + "/ws", "ws-api": {"spot": where.ws_api}},
            }
        },
    }


def ccxt_option_config(where: Addresses, key: Key) -> dict[str, Any]:
    """Return the configuration that points ccxt's `binance` at a network's options."""
    api, streams = where.rest + "/eapi/v1", where.streams
    return {
        "apiKey": key.api_key,
        "secret": key.secret,
        "enableRateLimit": False,
        "options": {"defaultType": "option", "fetchMarkets": {"types": ["option"]}, "fetchCurrencies": False},
        "urls": {
            "api": {
                "eapiPublic": api,
                "eapiPrivate": api,
                "ws": {
                    "option": streams + "/public/ws",
                    "optionMarket": streams + "/market/ws",
                    "optionPrivate": streams + "/private/ws",
                },
            }
        },
    }


Flavour = Literal["sync", "async", "pro"]
Market = Literal["spot", "option"]


def ccxt_client(
    where: Addresses,
    key: Key,
    clock: ClockVerbs | None,
    flavour: Flavour,
    market: Market,
    config: Mapping[str, Any] | None,
) -> Any:
    """Return ccxt's `binance`: synchronous, asynchronous, or with WebSockets; `config` is merged over what is configured."""
    import ccxt

    if flavour == "sync":
        kind = ccxt.binance
    elif flavour == "async":
        import ccxt.async_support

        kind = ccxt.async_support.binance
    else:
        import ccxt.pro

        kind = ccxt.pro.binance
    chosen = ccxt_config(where, key) if market == "spot" else ccxt_option_config(where, key)
    client = kind(ccxt.Exchange.deep_extend(chosen, dict(config or {})))
    if market == "spot":
        client.set_sandbox_mode(True)
    if clock is not None:
        client.nonce = clock.now_ms
    return client


def python_binance_client(where: Addresses, key: Key, clock: ClockVerbs | None) -> Any:
    """Return python-binance's `Client`."""
    from binance.client import Client

    kind = type("Client", (Client,), _python_binance_addresses(where, clock))
    return kind(key.api_key, testnet=True, **_python_binance_secret(key))


async def python_binance_async_client(where: Addresses, key: Key, clock: ClockVerbs | None) -> Any:
    """Return python-binance's `AsyncClient`."""
    from binance import AsyncClient

    kind: Any = type("AsyncClient", (AsyncClient,), _python_binance_addresses(where, clock))
    return await kind.create(key.api_key, testnet=True, **_python_binance_secret(key))


def python_binance_sockets(where: Addresses, client: Any) -> Any:
    """Return python-binance's `BinanceSocketManager` for an `AsyncClient`."""
    from binance import BinanceSocketManager

    kind = type("BinanceSocketManager", (BinanceSocketManager,), {"STREAM_TESTNET_URL": where.streams + "/"})
    return kind(client)


def sdk_client(where: Addresses, key: Key) -> Any:
    """Return the official spot SDK's `Spot`, with REST, WebSocket API and streams."""
    from binance_common.configuration import (
        ConfigurationRestAPI,
        ConfigurationWebSocketAPI,
        ConfigurationWebSocketStreams,
    )
    from binance_sdk_spot.spot import Spot

    secret = {"api_secret" if key.type == "HMAC" else "private_key": key.secret}
    return Spot(
        config_rest_api=ConfigurationRestAPI(api_key=key.api_key, base_path=where.rest, **secret),
        config_ws_api=ConfigurationWebSocketAPI(api_key=key.api_key, stream_url=where.ws_api, **secret),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=where.streams),
    )


def sdk_option_client(where: Addresses, key: Key) -> Any:
    """Return the official options SDK's `DerivativesTradingOptions`, with REST and streams."""
    from binance_common.configuration import ConfigurationRestAPI, ConfigurationWebSocketStreams
    from binance_sdk_derivatives_trading_options.derivatives_trading_options import DerivativesTradingOptions

    secret = {"api_secret" if key.type == "HMAC" else "private_key": key.secret}
    return DerivativesTradingOptions(
        config_rest_api=ConfigurationRestAPI(api_key=key.api_key, base_path=where.rest, **secret),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=where.streams),
    )


def _python_binance_addresses(where: Addresses, clock: ClockVerbs | None) -> dict[str, Any]:
    """Return the attributes of a class of python-binance's that is at home at a network; it reads them of its class."""
    attributes: dict[str, Any] = {
        "API_TESTNET_URL": where.rest + _API,
        "MARGIN_API_URL": where.rest + "/sapi",
        "OPTIONS_TESTNET_URL": where.rest + "/eapi",
        "WS_API_TESTNET_URL": where.ws_api,
    }
    if clock is not None:
        attributes["timestamp_offset"] = _Offset(clock)
    return attributes


def _python_binance_secret(key: Key) -> dict[str, str]:
    return {"api_secret" if key.type == "HMAC" else "private_key": key.secret}


class _Offset:
    """The attribute by which python-binance is ahead of the machine's time, measured whenever it is read."""

    def __init__(self, clock: ClockVerbs) -> None:
        self._clock = clock

    def __get__(self, client: object, kind: type | None = None) -> float:
        return self._clock.now_ms() - time() * 1000

    def __set__(self, client: object, value: float) -> None:
        """Take no other value: the client writes the one that it found at its start."""
