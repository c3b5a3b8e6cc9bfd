"""Whether a request may become a command or a query: every guard, one a line, in the order in which `RequestFault` lists them.

Order of work.  `knock` before a door looks at a request; `admit` once it has been decoded. What the door found wrong while
                decoding is part of the call and takes its place among the guards.
Invariant.      A refusal changes nothing but the counts of the address.
Does not.       Read a clock: the times of arrival and of now are arguments.
Source.         rest-api.md, LIMITS, Request Security, Timing security.
"""

import re
from collections.abc import Container
from typing import Final

from msgspec import Struct

from papernet.app.authentication import Authenticator
from papernet.app.eras import TODAY, Era
from papernet.app.faults import Fault, RequestFault
from papernet.app.operations import Operation, Params, Proof, Security
from papernet.app.rate_limits import RateLimits
from papernet.core.commands import RegisterKey
from papernet.core.dates import SECOND
from papernet.exchange.machine import Exchange

PUBLIC: Final = 0
SIGNATURE: Final = "signature"

# The weight of a request of which it cannot be told what it asks for.
UNKNOWN_WEIGHT: Final = 1

# With these a request brings an API key itself.
_WITH_KEY: Final = (Proof.KEY, Proof.SIGNATURE)

_API_KEY: Final = re.compile(r"[A-Za-z0-9]{64}", re.ASCII).fullmatch

_BAD_API_KEY_FORMAT: Final = Fault(RequestFault.BAD_API_KEY_FORMAT)
_MISSING_SIGNATURE: Final = Fault(RequestFault.MISSING_PARAMETER, (SIGNATURE,))
_AHEAD_OF_TIME: Final = Fault(RequestFault.AHEAD_OF_TIME)
_OUTSIDE_RECV_WINDOW: Final = Fault(RequestFault.OUTSIDE_RECV_WINDOW)
_REJECTED_KEY: Final = Fault(RequestFault.REJECTED_KEY)
_BAD_SIGNATURE: Final = Fault(RequestFault.BAD_SIGNATURE)
_NOT_LOGGED_ON: Final = Fault(RequestFault.NOT_LOGGED_ON)
_UNKNOWN_SYMBOL: Final = Fault(RequestFault.UNKNOWN_SYMBOL)


class Call(Struct, gc=False):
    """A decoded request. `fault` is the first thing that decoding found wrong; `payload` is what the signature is for.

    `logged_on` says that the connection has proved before that it has the API key (web-socket-api.md, Session Authentication).
    With a `decoded_payload` the signature may be for that instead.
    """

    ip: str
    received_at: int
    operation: Operation | None
    params: Params
    fault: Fault | None = None
    api_key: str = ""
    payload: bytes = b""
    signature: str = ""
    logged_on: bool = False
    decoded_payload: bytes = b""


class Gateway:
    """The guards of one venue of an exchange."""

    def __init__(
        self,
        exchange: Exchange,
        limits: RateLimits,
        authenticator: Authenticator,
        symbols: Container[str] | None = None,
        era: Era = TODAY,
    ) -> None:
        """Guard `exchange`, counting in `limits`; without `symbols`, what can be asked about are those of the spot venue."""
        self.limits: Final = limits
        self._looks_twice: Final = era.second_timing_check
        self._exchange: Final = exchange
        self._authenticator: Final = authenticator
        self._symbols: Final = exchange.markets if symbols is None else symbols

    def knock(self, ip: str, now: int) -> Fault | None:
        """Return why a request from `ip` is not even looked at, or None."""
        return self.limits.knock(ip, now)

    def admit(self, call: Call, now: int) -> int | Fault:
        """Return the account that the call acts for (0: nobody's, for public operations), or why it is refused."""
        operation, params = call.operation, call.params
        if operation is None or call.fault is not None:
            return self._refused(call, now)
        over = self.limits.charge(call.ip, self._weight_of(operation, params), now)
        if over is not None:
            return over
        if operation.proof is Proof.NONE:
            return self._unknown_symbol(params) or PUBLIC
        key = self._authenticate(operation, call)
        if isinstance(key, Fault):
            return key
        if not operation.signed:
            return self._unknown_symbol(params) or key.account
        unknown = self._unknown_symbol(params)
        if unknown is not None:
            return unknown
        # rest-api.md, Timing security: the second look, right before the engine.
        if now - params["timestamp"] > params["recvWindow"] and self._looks_twice:
            return _OUTSIDE_RECV_WINDOW
        return key.account

    def _authenticate(self, operation: Operation, call: Call) -> RegisterKey | Fault:
        """Return the API key that signed the call, or why it is not believed."""
        if operation.proof is Proof.SESSION and not call.logged_on:
            return _NOT_LOGGED_ON
        if _API_KEY(call.api_key) is None:
            return _BAD_API_KEY_FORMAT
        if operation.signed:
            if not call.signature and not call.logged_on:
                return _MISSING_SIGNATURE
            # rest-api.md, Timing security: the first look, at the time of arrival.
            timestamp = call.params["timestamp"]
            if timestamp >= call.received_at + SECOND:
                return _AHEAD_OF_TIME
            if call.received_at - timestamp > call.params["recvWindow"]:
                return _OUTSIDE_RECV_WINDOW
        key = self.usable_key(call.api_key, call.ip)
        # errors.md, -2015: which of the three it was is not told.
        if key is None or not _permits(key, operation.security):
            return _REJECTED_KEY
        if call.signature and not self._authenticator.is_valid(key, call.payload, call.signature):
            decoded = call.decoded_payload
            if not decoded or not self._authenticator.is_valid(key, decoded, call.signature):
                return _BAD_SIGNATURE
        return key

    def usable_key(self, api_key: str, ip: str) -> RegisterKey | None:
        """Return the API key when it is valid and may be used from `ip`."""
        key = self._exchange.accounts.keys.get(api_key)
        return key if key is not None and (not key.ip_list or ip in key.ip_list) else None

    def _refused(self, call: Call, now: int) -> Fault:
        """Return the first refusal of a call that decoding found something wrong with."""
        fault, operation = call.fault, call.operation
        assert fault is not None
        # A request that fails is charged all the same; whose weight follows from parameters, the least.
        over = self.limits.charge(call.ip, UNKNOWN_WEIGHT if operation is None else operation.least_weight, now)
        if over is not None:
            return over
        about_parameters = fault.fault > RequestFault.BAD_API_KEY_FORMAT
        asks_for_key = operation is not None and operation.proof in _WITH_KEY
        if about_parameters and asks_for_key and _API_KEY(call.api_key) is None:
            return _BAD_API_KEY_FORMAT
        return fault

    def _weight_of(self, operation: Operation, params: Params) -> int:
        weight = operation.unknown_symbol_weight
        if weight is not None and params["symbol"] not in self._symbols:
            return weight
        return operation.weight_of(params)

    def _unknown_symbol(self, params: Params) -> Fault | None:
        known = self._symbols
        symbol = params.get("symbol")
        if symbol is not None and symbol not in known:
            return _UNKNOWN_SYMBOL
        for name in params.get("symbols") or ():
            if name not in known:
                return _UNKNOWN_SYMBOL
        return None


def _permits(key: RegisterKey, security: Security) -> bool:
    """Return whether an API key may be used for operations of a security."""
    return security is Security.ANY or security.value in key.permissions
