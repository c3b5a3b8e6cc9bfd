"""The control plane's door: a request in, commands to the sequencer, a JSON answer out.

Order of work.  Peer, token, path, method, body, command; the first that is not right answers.
Invariant.      Nothing but `health` is told or done without the token; the token is compared in constant time; an answer about
                a change carries the sequence number that must be durable before the answer leaves.
Does not.       Draw keys or read clocks: `draw_key` and `now` are arguments. Does not speak Binance's protocol.
"""

import hmac
from collections.abc import Callable, Iterable
from typing import Final

from papernet import __version__
from papernet.control.account_calls import AccountCalls
from papernet.control.bodies import BadBodyError
from papernet.control.calls import Call, CallTable
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, outcome
from papernet.control.openapi import openapi_document
from papernet.control.option_calls import OptionCalls
from papernet.control.setting_calls import SettingCalls
from papernet.core.commands import Command
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange

__all__ = ["PREFIX", "ControlDoor", "ControlRequest", "ControlResponse"]

PREFIX: Final = "/papernet/v1"


class ControlDoor:
    """Answers the requests under `/papernet/v1`."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        token: str,
        balances: tuple[tuple[str, int], ...],
        submit: Callable[[Command, int], Applied],
        reset: Callable[[int], Applied],
        draw_key: Callable[[], str],
        api_date: str = "",
        more: Iterable[Call] = (),
    ) -> None:
        """Make a door; `balances` is what a new account starts with, `reset` starts the whole exchange over.

        `api_date` is the day whose wire is served; `more` are the calls beside those that need nothing but the exchange.
        """
        self._exchange: Final = exchange
        self._api_date: Final = api_date
        self._token: Final = token.encode("utf-8")
        self._reset: Final = reset
        self.calls: Final = CallTable(
            (
                *self._rows(),
                *AccountCalls(exchange, balances=balances, submit=submit, draw_key=draw_key).rows(),
                *SettingCalls(exchange, submit).rows(),
                *OptionCalls(exchange, submit).rows(),
                *more,
            )
        )

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        """Answer one request."""
        if not request.local:
            return error(403, "the control plane answers this machine only")
        path = request.path.removeprefix(PREFIX).rstrip("/")
        methods, name = self.calls.at(path)
        if not self._authorised(request) and all(call.needs_token for call in methods.values()):
            return error(401, "send the token of the state directory as 'Authorization: Bearer TOKEN'")
        call = methods.get(request.method)
        if call is None:
            allowed = ", ".join(methods)
            return error(405, f"use {allowed}", allow=allowed) if allowed else error(404, "there is nothing at that path")
        try:
            return call.handler(request, name, now)
        except BadBodyError as problem:
            return error(400, str(problem))

    def _authorised(self, request: ControlRequest) -> bool:
        scheme, _, given = request.headers.get(b"authorization", b"").partition(b" ")
        return hmac.compare_digest(given.strip(), self._token) and scheme.lower() == b"bearer"

    def _rows(self) -> tuple[Call, ...]:
        return (
            Call(method="GET", path="/health", handler=self._health, summary="Tell that there is a server", needs_token=False),
            Call(method="GET", path="/openapi.json", handler=self._describe, summary="Tell all calls, as an OpenAPI document"),
            Call(method="POST", path="/reset", handler=self._start_over, summary="Start the whole exchange over"),
        )

    def _health(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        return ok({"status": "ok", "version": __version__, "epoch": self._exchange.epoch, "api_date": self._api_date})

    def _describe(self, _request: ControlRequest, _name: str, _now: int) -> ControlResponse:
        return ok(openapi_document(self.calls.rows, prefix=PREFIX, version=__version__))

    def _start_over(self, _request: ControlRequest, _name: str, now: int) -> ControlResponse:
        applied = self._reset(now)
        return outcome(applied) or ok({"epoch": self._exchange.epoch}, applied)
