"""What goes into the control plane's door and what comes out of it, and how refusals are worded."""

from collections.abc import Awaitable, Mapping
from typing import Final
from urllib.parse import parse_qs

from msgspec import Struct, json

from papernet.control.bodies import BadBodyError
from papernet.core.account import Account
from papernet.core.events import Applied, Refused
from papernet.core.rejects import Reason, Reject
from papernet.exchange.machine import Exchange

_JSON: Final = [(b"content-type", b"application/json;charset=UTF-8")]
_QUERY_FIELDS_MAX: Final = 20

_REFUSALS: Final[Mapping[Reason, tuple[int, str]]] = {
    Reason.UNKNOWN_SYMBOL: (404, "there is no such symbol"),
    Reason.UNKNOWN_ACCOUNT: (404, "there is no such account"),
    Reason.DUPLICATE_ACCOUNT: (409, "an account of that name exists"),
    Reason.UNKNOWN_KEY: (404, "there is no such API key"),
    Reason.DUPLICATE_KEY: (409, "that API key exists"),
    Reason.UNKNOWN_ASSET: (400, "no symbol trades that asset"),
    Reason.BAD_AMOUNT: (400, "the amount is out of range"),
    Reason.BAD_VENUE_RULES: (400, "the rules do not go together"),
    Reason.MARKET_HAS_TRADED: (409, "the symbol has traded already"),
    Reason.INSUFFICIENT_BALANCE: (400, "the account has less than that free"),
    Reason.NO_OPTIONS_ACCOUNT: (404, "there are no options here"),
    Reason.OPTION_BALANCE_INSUFFICIENT: (400, "less than that is available in the options wallet"),
}


class ControlRequest(Struct, frozen=True):
    """A request: `path` is decoded, header names are lower-case, `local` says that the peer is one of those who may ask.

    That is this machine alone, unless whoever started papernet said otherwise.
    """

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    local: bool


class ControlResponse(Struct, frozen=True):
    """An answer, to be sent once the journal is durable up to `durable_seq`; `later` stands for one that takes its time."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    durable_seq: int = 0
    later: Awaitable["ControlResponse"] | None = None


def query(request: ControlRequest, name: str) -> str:
    """Return a field of a request's query; "" when it is not there."""
    try:
        pairs = parse_qs(request.query.decode("ascii", "replace"), max_num_fields=_QUERY_FIELDS_MAX)
    except ValueError as problem:
        raise BadBodyError("the query has too many fields") from problem
    return pairs.get(name, [""])[0]


def user(exchange: Exchange, name: str) -> Account | None:
    """Return the account of a user; the crowd's is nobody's to change."""
    account = exchange.accounts.by_name.get(name)
    return account if account is not None and account.is_user else None


def ok(value: object, applied: Applied | None = None) -> ControlResponse:
    """Return an answer that tells `value`, after what was applied is durable."""
    return ControlResponse(200, _JSON, json.encode(value), applied.seq if applied is not None else 0)


def later(work: Awaitable[ControlResponse]) -> ControlResponse:
    """Return what stands for the answer that `work` will give; whoever sends answers awaits it."""
    return ControlResponse(202, _JSON, b"{}", 0, work)


def error(status: int, message: str, allow: str = "") -> ControlResponse:
    """Return an answer that tells what is wrong."""
    headers = [*_JSON, (b"allow", allow.encode("ascii"))] if allow else _JSON
    return ControlResponse(status, headers, json.encode({"error": message}))


def refusal(reject: Reject) -> ControlResponse:
    """Return the answer to a command that the exchange refused, or would refuse."""
    status, message = _REFUSALS.get(reject.reason, (400, reject.reason.name.lower()))
    return error(status, message)


def outcome(applied: Applied) -> ControlResponse | None:
    """Return the refusal that a command met, or None."""
    first = applied.events[0]
    return refusal(first.reject) if isinstance(first, Refused) else None
