"""A witness at the REST door: a pytest plugin that notes which test sent, was told and met what.

Order of work.  Every request that a test sends through a `RestDoor` is noted under the test's name. `--witness` keeps the
                fewest tests that saw everything; any other run of the whole suite compares, and a test that no longer sees what
                it is named for fails the run.
Does not.       Note tests that use sockets or draw numbers: only what happens again in the same way can be looked up.
"""

from typing import Any, Final

import pytest
from msgspec import DecodeError, json

from papernet.app.operations import Operation
from papernet.protocols.rest.door import RestDoor
from papernet.protocols.rest.request import Request, Response
from papernet.protocols.rest.routes import find_operation
from tools.witnesses import KEPT, NO_OPERATION, PLACES, Seen, differences, dumped, fewest, kept, sights

# Within the places: tests that use sockets.
_UNFIT: Final = "tests/unit/servers/"
_LINES_SHOWN: Final = 40


class Witness:
    """Notes what is seen, then keeps it (`write`) or compares it."""

    def __init__(self, *, write: bool) -> None:
        """Begin with nothing seen."""
        self.lies: list[str] = []
        self._cases: Seen = {}
        self._test = ""
        self._failed: dict[str, None] = {}
        self._write = write
        self._patch = pytest.MonkeyPatch()

    def pytest_sessionstart(self) -> None:
        """Stand at the door."""
        answer = RestDoor.answer

        def noted(door: RestDoor, request: Request, now: int) -> Response:
            response = answer(door, request, now)
            if self._test:
                self.note(request, response)
            return response

        self._patch.setattr(RestDoor, "answer", noted)

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

    def note(self, request: Request, response: Response) -> None:
        """Note one request and its response."""
        found = find_operation(request.method, request.path)
        operation = found if isinstance(found, Operation) else None
        sent = request.query + (b"&" + request.body if request.method != "GET" else b"")
        try:
            reply = json.decode(response.body)
        except DecodeError:
            return
        cases = self._cases.setdefault(operation.name if operation is not None else NO_OPERATION, {})
        cases.setdefault(self._test, {}).update(dict.fromkeys(sights(operation, sent, response.status, reply)))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Keep what was seen, or look whether everything that is kept was seen again."""
        self._patch.undo()
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
