"""A control plane with the fill director and scenarios, over an exchange with empty books; `pass_time` moves its clock."""

from papernet.control.calls import Call
from papernet.control.fill_calls import FillCalls
from papernet.control.house import House
from papernet.control.scenario_calls import ScenarioCalls
from papernet.control.scenarios import Scenarios
from papernet.servers.scenario_files import packaged_scenarios
from tests.support.fill_desk import FillDesk


class ScenarioDesk(FillDesk):
    """A fill desk with the calls about scenarios."""

    def __init__(self) -> None:
        """Begin without runs."""
        super().__init__()
        self.scenarios.calls = self.door.calls

    def more_calls(self) -> tuple[Call, ...]:
        """Return the calls beside the usual ones."""
        self.scenarios = Scenarios(House(self.exchange, self.submit))
        calls = ScenarioCalls(self.scenarios, packaged_scenarios)
        return *FillCalls(self.exchange, self.submit).rows(), *calls.rows()

    def reopened(self) -> Scenarios:
        """Return the scenarios as somebody finds them who opens the same state."""
        scenarios = Scenarios(House(self.exchange, self.submit))
        scenarios.calls = self.door.calls
        return scenarios

    def pass_time(self, until: int, scenarios: Scenarios | None = None) -> None:
        """Let time pass from one due time to the next."""
        runs = scenarios or self.scenarios
        while (due := runs.next_at) is not None and due <= until:
            self.at = max(self.at, due)
            runs.release(self.at)
        self.at = until
        runs.release(until)
