"""What every REST door does alike: a request read by its operation's row, an answer put into a response with its headers.

Invariant.      Every response tells the used weight. The first thing wrong with a request becomes the call's fault.
Source.         rest-api.md, General API Information, LIMITS; European Options, General Info, which agrees in all of this.
"""

from typing import Final

from papernet.app.faults import Fault
from papernet.app.gateway import Call
from papernet.app.operations import Operation, Params
from papernet.protocols.json.outcomes import Rendered
from papernet.protocols.json.params import read_params
from papernet.protocols.rest.request import Request, Response, read_form

WRONG_METHOD: Final = 405
NO_PARAMS: Final[Params] = {}

_API_KEY: Final = b"x-mbx-apikey"
_JSON: Final = (b"content-type", b"application/json;charset=UTF-8")
_SECURITY_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-cache, no-store"))


def decode(request: Request, operation: Operation) -> Call:
    """Read what a request says."""
    # rest-api.md, General Information on Endpoints: a GET has its parameters in the query string.
    form = read_form(request.query, b"" if request.method == "GET" else request.body)
    api_key = request.headers.get(_API_KEY, b"").decode("latin-1")
    if isinstance(form, Fault):
        return Call(request.ip, request.received_at, operation, NO_PARAMS, form, api_key)
    params = read_params(operation, form.sent)
    if isinstance(params, Fault):
        return Call(request.ip, request.received_at, operation, NO_PARAMS, params, api_key)
    return Call(request.ip, request.received_at, operation, params, None, api_key, form.payload, form.signature)


def respond(
    told: Rendered,
    used_weight: int,
    count_names: tuple[bytes, bytes],
    *,
    allowed: str = "",
    content_type: tuple[bytes, bytes] = _JSON,
) -> Response:
    """Return the response that tells an answer; `count_names` are the headers of order counts, `allowed` a path's methods."""
    # rest-api.md, IP Limits
    used = b"%d" % used_weight
    headers = [content_type, (b"x-mbx-used-weight", used), (b"x-mbx-used-weight-1m", used), *_SECURITY_HEADERS]
    if told.order_counts is not None:
        # rest-api.md, Unfilled Order Count
        short, long = told.order_counts
        headers.append((count_names[0], b"%d" % short))
        headers.append((count_names[1], b"%d" % long))
    if told.retry_after:
        headers.append((b"retry-after", b"%d" % told.retry_after))
    if allowed:
        headers.append((b"allow", allowed.encode("ascii")))
    return Response(told.status, headers, told.body, told.durable_seq)
