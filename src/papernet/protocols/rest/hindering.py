"""Responses that faults were put into: a fault or a page in place of the answer, an answer that leaves late, or is cut off.

Order of work.  A door that met a rule brings the response to what came of the request, if anything did; what the rule says is
                made of it here. What concerns sockets and time is left to the server, in `Response.hindering`.
Invariant.      What is told in place of an answer leaves no earlier than the answer itself might have.
Does not.       Carry out requests, or wait.
Source.         rest-api.md, HTTP Return Codes: 403 and 5XX come from machines in front of the exchange, which know none of its
                headers and answer with pages. How the pages look is not documented: these are papernet's own.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import structs

from papernet.app.faults import AnyFault, Fault, RequestFault
from papernet.app.hindrances import UNTOLD, Hindered, Hindrances, Postponed
from papernet.protocols.rest.request import Hindering, Response

_OK: Final = 200
# rest-api.md, HTTP Return Codes: a cancel-replace that succeeded in part.
_IN_PART: Final = 409
_HTML: Final = [(b"content-type", b"text/html"), (b"cache-control", b"no-store")]

_PAGE: Final = b"<html><head><title>%b</title></head><body><h1>%b</h1><p>%b</p></body></html>"

PAGES: Final[Mapping[AnyFault, Response]] = {
    RequestFault.BLOCKED: Response(403, _HTML, _PAGE % (b"403", b"403 Forbidden", b"The request was blocked.")),
    RequestFault.BAD_GATEWAY: Response(502, _HTML, _PAGE % (b"502", b"502 Bad Gateway", b"The server did not answer.")),
}


def postponed(met: Postponed, resume: Callable[[int], Response]) -> Response:
    """Return what stands for a response that is yet to be made."""
    return Response(0, [], b"", hindering=Hindering(met.until, resume=resume))


def hindered(met: Hindered, hindrances: Hindrances, answer: Response | None, refuse: Callable[[Fault], Response]) -> Response:
    """Return the response to a request that met a rule.

    `answer` is the response to what came of it, None where it was not carried out; `refuse` makes that to a fault.
    """
    if answer is not None and not hindrances.stands(met, succeeded=answer.status in (_OK, _IN_PART)):
        return answer
    told = answer
    if met.instead is not None:
        told = PAGES.get(met.instead.fault) or refuse(met.instead)
    if told is None or met.cut in UNTOLD:
        told = Response(0, [], b"")
    durable_seq = 0 if answer is None else answer.durable_seq
    return structs.replace(told, durable_seq=durable_seq, hindering=Hindering(met.at, met.cut))
