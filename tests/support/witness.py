"""A witness at the doors: a pytest plugin that notes which test sent, was told and met what.

Order of work.  Every request that a test sends through a `RestDoor`, a `WsApiSession` or an `OptionsDoor` is noted under the
                test's name, and why a WebSocket was not opened. `--witness` keeps the fewest tests that saw everything; any
                other run of the whole suite compares, and a test that no longer sees what it is named for fails the run.
                Where several processes run the tests, each tells what it saw to the one that began them.
Does not.       Note tests that use sockets or draw numbers: only what happens again in the same way can be looked up.
"""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, Final
from weakref import WeakKeyDictionary

import pytest
from msgspec import DecodeError, json

from papernet.app.faults import Fault
from papernet.app.operations import Operation
from papernet.app.operations.options import Generation
from papernet.app.rate_limits import RateLimits
from papernet.app.service import Service
from papernet.protocols.json.errors import error_of_fault
from papernet.protocols.option_streams.door import OptionStreamDoor
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.rest.option_routes import OptionRoutes
from papernet.protocols.rest.options_door import OfRequests, OptionsDoor
from papernet.protocols.rest.request import Request, Response
from papernet.protocols.rest.routes import find_operation
from papernet.protocols.streams.door import StreamDoor
from papernet.protocols.ws_api.calls import METHODS
from papernet.protocols.ws_api.door import WsApiDoor
from papernet.protocols.ws_api.replies import reply
from papernet.protocols.ws_api.request import read_message
from papernet.protocols.ws_api.session import WsApiSession
from tools.witnesses import (
    KEPT,
    NO_OPERATION,
    NO_OPTIONS_OPERATION,
    PLACES,
    At,
    Seen,
    differences,
    dumped,
    edition_name,
    fewest,
    form,
    kept,
    met,
    sights,
)

# Within the places: tests that use sockets.
_UNFIT: Final = "tests/unit/servers/"
_LINES_SHOWN: Final = 40
# Under this name processes tell each other.
ATTENDS: Final = "witness"
_routes: Final = cache(OptionRoutes)


class Witness:
    """Notes what is seen, then keeps it (`write`) or compares it."""

    def __init__(self, *, write: bool) -> None:
        """Begin with nothing seen."""
        self.lies: list[str] = []
        self._cases: Seen = {}
        self._test = ""
        # The message that is being answered.
        self._message = ""
        self._editions: WeakKeyDictionary[OptionsDoor, Generation] = WeakKeyDictionary()
        self._failed: dict[str, None] = {}
        self._write = write
        self._patch = pytest.MonkeyPatch()

    def pytest_sessionstart(self) -> None:
        """Stand at the doors."""
        answer, receive = RestDoor.answer, WsApiSession.receive

        def answer_noted(door: RestDoor, request: Request, now: int) -> Response:
            response = answer(door, request, now)
            if self._test:
                self.note_response(request, response)
            return response

        def receive_noted(session: WsApiSession, text: str, now: int) -> None:
            self._message = text
            receive(session, text, now)

        def reply_noted(*parts: Any) -> bytes:
            payload = reply(*parts)
            if self._test:
                self.note_reply(self._message, payload)
            return payload

        self._patch.setattr(RestDoor, "answer", answer_noted)
        self._patch.setattr(WsApiSession, "receive", receive_noted)
        self._patch.setattr("papernet.protocols.ws_api.session.reply", reply_noted)
        self._stand_at_options()
        # Who decides whether a WebSocket is opened: the limits of its address, and the door that its path leads to.
        for judge, name in ((RateLimits, "connect"), (WsApiDoor, "open"), (StreamDoor, "open"), (OptionStreamDoor, "open")):
            self._patch.setattr(judge, name, self._noting_faults(getattr(judge, name)))

    def _stand_at_options(self) -> None:
        """Stand at the doors of options, each of which answers in one edition."""
        make, answer = OptionsDoor.__init__, OptionsDoor.answer

        def make_noted(
            door: OptionsDoor, service: Service, edition: Generation, kept: OfRequests, *more: Any, **named: Any
        ) -> None:
            make(door, service, edition, kept, *more, **named)
            self._editions[door] = edition

        def answer_noted(door: OptionsDoor, request: Request, now: int) -> Response:
            response = answer(door, request, now)
            if self._test:
                self.note_options_response(request, response, self._editions[door])
            return response

        self._patch.setattr(OptionsDoor, "__init__", make_noted)
        self._patch.setattr(OptionsDoor, "answer", answer_noted)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note what follows under the name of the test and its case."""
        draws = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        fit = item.nodeid.startswith(PLACES) and not item.nodeid.startswith(_UNFIT) and not draws
        self._test = item.nodeid if fit else ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which tests cannot be relied on."""
        if report.failed:
            self._failed[report.nodeid] = None

    def pytest_runtest_logfinish(self) -> None:
        """Note nothing between tests."""
        self._test = ""

    def note_response(self, request: Request, response: Response) -> None:
        """Note one request over REST and its response."""
        found = find_operation(request.method, request.path, has_listen_keys=True)
        self._note_rest(request, response, found, None)

    def note_options_response(self, request: Request, response: Response, edition: Generation) -> None:
        """Note one request about options and its response in an edition."""
        self._note_rest(request, response, _routes(edition).find(request.method, request.path), edition)

    def _note_rest(self, request: Request, response: Response, found: Operation | Fault, edition: Generation | None) -> None:
        operation = found if isinstance(found, Operation) else None
        sent = request.query + (b"&" + request.body if request.method != "GET" else b"")
        try:
            reply = json.decode(response.body)
        except DecodeError:
            return
        self._note(At.REST, operation, form(sent), response.status, reply, edition)

    def note_reply(self, text: str, payload: bytes) -> None:
        """Note one message to the WebSocket API and its reply."""
        message, fields = read_message(text), json.decode(payload)
        told = fields["result"] if "result" in fields else fields["error"]
        self._note(At.WEBSOCKET_API, METHODS.get(message.method), message.params, fields["status"], told)

    def _note(
        self,
        at: At,
        operation: Operation | None,
        sent: Mapping[str, str],
        status: int,
        reply: Any,
        edition: Generation | None = None,
    ) -> None:
        name = operation.name if operation is not None else NO_OPERATION if edition is None else NO_OPTIONS_OPERATION
        cases = self._cases.setdefault(name if edition is None else edition_name(name, edition), {})
        cases.setdefault(self._test, {}).update(dict.fromkeys(sights(at, operation, sent, status, reply, edition)))

    def _noting_faults(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that notes the faults which another returns."""

        @wraps(function)
        def noted(*parts: Any, **more: Any) -> Any:
            value = function(*parts, **more)
            if isinstance(value, Fault) and self._test:
                error = error_of_fault(value)
                self._cases.setdefault(NO_OPERATION, {}).setdefault(self._test, {})[met(error.code, error.text)] = None
            return value

        return noted

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Have another process attend as well."""
        node.workerinput[ATTENDS] = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what another process saw; one that crashed tells nothing."""
        for operation, cases in getattr(node, "workeroutput", {}).get(ATTENDS, {}).items():
            for case, noted in cases.items():
                self._cases.setdefault(operation, {}).setdefault(case, {}).update(dict.fromkeys(noted))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Keep what was seen, or look whether everything that is kept was seen again."""
        self._patch.undo()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[ATTENDS] = {
                operation: {case: list(noted) for case, noted in cases.items()} for operation, cases in self._cases.items()
            }
            return
        if session.config.option.collectonly or exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        seen = {
            operation: {case: noted for case, noted in cases.items() if case not in self._failed}
            for operation, cases in self._cases.items()
        }
        if self._write:
            KEPT.write_text(dumped(fewest(seen)), encoding="utf-8")
        elif not session.testsfailed and KEPT.exists():
            self.lies = differences(kept(), seen)
            if self.lies:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was not seen again."""
        if self.lies:
            terminalreporter.section("not seen again: run `make docs ARGS=--witness` if that is right", red=True)
            for line in self.lies[:_LINES_SHOWN]:
                terminalreporter.line(line)
            terminalreporter.line(f"{len(self.lies)} in all")
