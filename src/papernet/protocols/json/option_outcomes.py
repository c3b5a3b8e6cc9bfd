"""What a request about options came to, as JSON in the way of an edition: a status, a payload, and how long to wait.

Several.        What several commands came to is one array, with an error in the place of each that was refused.
Does not.       Know headers: doors do.
Source.         European Options, General Info, HTTP Return Codes; Place Multiple Orders.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from papernet.app.faults import Fault
from papernet.app.operations.options import Generation
from papernet.app.rate_limits import seconds_to_window_end
from papernet.app.service import Answered, Denied, Outcome, Several
from papernet.core.rejects import Reason
from papernet.protocols.json import option_fields_current, option_fields_legacy
from papernet.protocols.json.errors import UNAVAILABLE, RequestError
from papernet.protocols.json.option_errors import error_of_fault, error_of_reject
from papernet.protocols.json.option_fields import encode
from papernet.protocols.json.outcomes import OK, Rendered

_RENDERERS: Final[Mapping[Generation, Mapping[str, Callable[[Any], Any]]]] = {
    Generation.CURRENT: option_fields_current.RENDERERS,
    Generation.LEGACY: option_fields_legacy.RENDERERS,
}


class OptionWriter:
    """How an edition tells outcomes."""

    def __init__(self, generation: Generation) -> None:
        """Write in the way of a generation."""
        self._generation: Final = generation
        self._renderers: Final = _RENDERERS[generation]

    def rendered(self, outcome: Outcome) -> Rendered:
        """Return an outcome in JSON."""
        if isinstance(outcome, Answered):
            render, value = self._renderers[outcome.operation.name], outcome.value
            several = value.outcomes if type(value) is Several else None
            told = render(value) if several is None else [self._element(render, each) for each in several]
            return Rendered(OK, encode(told), outcome.durable_seq, 0, outcome.order_counts)
        if isinstance(outcome, Denied):
            reason, error = outcome.reason, self._error(outcome)
            if isinstance(reason, Fault):
                return Rendered(error.status, error.body(), 0, reason.retry_after)
            is_too_many = reason.reason is Reason.TOO_MANY_OPTION_ORDERS
            wait = seconds_to_window_end(reason.args[1], outcome.at) if is_too_many else 0
            return Rendered(error.status, error.body(), outcome.durable_seq, wait, outcome.order_counts)
        return Rendered(UNAVAILABLE.status, UNAVAILABLE.body())

    def refused(self, fault: Fault) -> Rendered:
        """Return the refusal of a request that was not even decoded."""
        error = error_of_fault(fault, self._generation)
        return Rendered(error.status, error.body(), 0, fault.retry_after)

    def _element(self, render: Callable[[Any], Any], outcome: Answered | Denied) -> Any:  # noqa: ANN401  # what JSON is made of
        if isinstance(outcome, Answered):
            return render(outcome.value)
        error = self._error(outcome)
        return {"code": error.code, "msg": error.text}

    def _error(self, denied: Denied) -> RequestError:
        reason = denied.reason
        if isinstance(reason, Fault):
            return error_of_fault(reason, self._generation)
        return error_of_reject(reason, self._generation, denied.command)
