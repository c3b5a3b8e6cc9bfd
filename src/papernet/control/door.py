"""The control plane's door: a request in, commands to the sequencer, a JSON answer out.

Order of work.  Peer, token, path, method, body, command; the first that is not right answers.
Invariant.      Nothing but `health` is told or done without the token; the token is compared in constant time; an answer about
                a change carries the sequence number that must be durable before the answer leaves.
Does not.       Draw keys or read clocks: `draw_key` and `now` are arguments. Does not speak Binance's protocol.
"""

import hmac
import re
from collections.abc import Callable
from typing import Final

from papernet import __version__
from papernet.control.account_calls import AccountCalls
from papernet.control.bodies import BadBodyError
from papernet.control.messages import ControlRequest, ControlResponse, error, ok, outcome
from papernet.control.option_calls import OptionCalls
from papernet.control.setting_calls import SettingCalls
from papernet.core.commands import Command
from papernet.core.events import Applied
from papernet.exchange.machine import Exchange

__all__ = ["PREFIX", "ControlDoor", "ControlRequest", "ControlResponse"]

PREFIX: Final = "/papernet/v1"
_NAMED_PATH: Final = re.compile(r"/(accounts|symbols)/([^/]{1,64})/([a-z-]{1,20})")

_Handler = Callable[[ControlRequest, str, int], ControlResponse]


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
    ) -> None:
        """Make a door; `balances` is what a new account starts with, `reset` starts the whole exchange over."""
        self._exchange: Final = exchange
        self._token: Final = token.encode("utf-8")
        self._reset: Final = reset
        people = AccountCalls(exchange, balances=balances, submit=submit, draw_key=draw_key)
        settings = SettingCalls(exchange, submit)
        options = OptionCalls(exchange, submit)
        self._handlers: Final[dict[tuple[str, str], _Handler]] = {
            ("GET", "/accounts"): people.list_accounts,
            ("POST", "/accounts"): people.open_account,
            ("POST", "/accounts/{name}/balances"): people.deposit,
            ("POST", "/accounts/{name}/locks"): people.lock,
            ("POST", "/accounts/{name}/commission"): settings.set_commission,
            ("POST", "/accounts/{name}/settings"): settings.configure_account,
            ("POST", "/accounts/{name}/transfers"): options.transfer,
            ("POST", "/accounts/{name}/options"): options.configure,
            ("GET", "/keys"): people.list_keys,
            ("POST", "/keys"): people.create_key,
            ("DELETE", "/keys"): people.revoke_key,
            ("GET", "/symbols"): settings.list_symbols,
            ("POST", "/symbols/{name}/status"): settings.set_status,
            ("POST", "/symbols/{name}/reference-price"): settings.set_reference_price,
            ("POST", "/symbols/{name}/block-trades"): settings.print_block_trade,
            ("GET", "/venue"): settings.show_venue,
            ("POST", "/venue"): settings.configure_venue,
            ("POST", "/reset"): self._start_over,
        }

    def answer(self, request: ControlRequest, now: int) -> ControlResponse:
        """Answer one request."""
        if not request.local:
            return error(403, "the control plane answers this machine only")
        path = request.path.removeprefix(PREFIX).rstrip("/")
        if path == "/health":
            return self._health() if request.method == "GET" else error(405, "use GET", allow="GET")
        if not self._authorised(request):
            return error(401, "send the token of the state directory as 'Authorization: Bearer TOKEN'")
        match = _NAMED_PATH.fullmatch(path)
        pattern, name = (f"/{match[1]}/{{name}}/{match[3]}", match[2]) if match else (path, "")
        handler = self._handlers.get((request.method, pattern))
        if handler is None:
            allowed = ", ".join(method for method, known in self._handlers if known == pattern)
            return error(405, f"use {allowed}", allow=allowed) if allowed else error(404, "there is nothing at that path")
        try:
            return handler(request, name, now)
        except BadBodyError as problem:
            return error(400, str(problem))

    def _authorised(self, request: ControlRequest) -> bool:
        scheme, _, given = request.headers.get(b"authorization", b"").partition(b" ")
        return hmac.compare_digest(given.strip(), self._token) and scheme.lower() == b"bearer"

    def _health(self) -> ControlResponse:
        return ok({"status": "ok", "version": __version__, "epoch": self._exchange.epoch})

    def _start_over(self, _request: ControlRequest, _name: str, now: int) -> ControlResponse:
        applied = self._reset(now)
        return outcome(applied) or ok({"epoch": self._exchange.epoch}, applied)
