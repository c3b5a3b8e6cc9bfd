"""Replies as they were in an era: today's reply, without what came later.

Order of work.  A reply is written as it is today; then the fields that the era had not yet are taken out of its JSON, wherever
                they stand in it, and what was elsewhere is put there. Refusals are given the words that they had.
Invariant.      Today's era writes with today's writer and nothing else. What an era did not change keeps its bytes.
Cost.           An earlier era reads and writes the JSON of the operations that it is about once more.
Does not.       Know doors: the fields are the same over all of them.
Source.         data/eras.toml.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final, TypeAlias

from msgspec import Struct, json, structs

from papernet.app.eras import TODAY, Era
from papernet.app.faults import AnyFault, Fault, RequestFault
from papernet.app.gateway import Call
from papernet.app.operations import OPERATIONS, Submit, TimeUnit
from papernet.app.rate_limits import FORMER_REQUEST_LIMIT
from papernet.app.service import Denied, Outcome
from papernet.core.order_list import OrderList
from papernet.protocols.json.outcomes import Rendered, rendered

Renderer: TypeAlias = Callable[[Outcome, Call, TimeUnit, dict[int, OrderList]], Rendered]

# errors.md, -2039; the CHANGELOG of 2025-04-08 has the refusal as a new one.
_FORMER_FAULTS: Final[Mapping[AnyFault, Fault]] = {RequestFault.CLIENT_ORDER_ID_MISMATCH: Fault(RequestFault.NO_SUCH_ORDER)}

_COMMANDS: Final = tuple(name for name, row in OPERATIONS.items() if isinstance(row.does, Submit))
_ORDER_QUERIES: Final = ("order.status", "allOrders", "orderList.status", "allOrderLists")
_SESSION: Final = ("session.logon", "session.status", "session.logout")
_INFORMATION: Final = ("exchangeInfo",)

# By the change's name: the operations that it is about, and the fields of their replies that came with it.
_CAME: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("oto_allowed", _INFORMATION, ("otoAllowed",)),
    ("quote_quantity_in_replies", _COMMANDS, ("origQuoteOrderQty",)),
    ("user_data_over_ws_api", _SESSION, ("userDataStream",)),
    ("amend_requests", _INFORMATION, ("amendAllowed",)),
    ("special_commission", ("account.commission", "order.test"), ("specialCommission", "specialCommissionForOrder")),
    ("peg_allowed", _INFORMATION, ("pegInstructionsAllowed",)),
    ("one_pays_the_other", _INFORMATION, ("opoAllowed",)),
    ("expiry_reason", _COMMANDS, ("expiryReason",)),
    ("expiry_reason_in_queries", _ORDER_QUERIES, ("expiryReason",)),
)


class _Edit(Struct, frozen=True):
    """What is done to the replies of one operation: fields that are taken out, and what is moved after that."""

    fields: tuple[str, ...] = ()
    moves: tuple[Callable[[Any], None], ...] = ()

    def __call__(self, body: bytes) -> bytes:
        """Return a reply as it was."""
        value = _without(json.decode(body), self.fields)
        for move in self.moves:
            move(value)
        return json.encode(value)


@cache
def renderer_of(era: Era) -> Renderer:
    """Return what writes the outcomes of an era."""
    if era == TODAY:
        return rendered
    return partial(_rendered, era, _edits(era))


@cache
def editor_of(era: Era, name: str) -> Callable[[bytes], bytes] | None:
    """Return what makes the reply to an operation of this name that of an era; None where there is nothing to do."""
    return _edits(era).get(name)


def _rendered(
    era: Era, edits: dict[str, _Edit], outcome: Outcome, call: Call, unit: TimeUnit, order_lists: dict[int, OrderList]
) -> Rendered:
    if isinstance(outcome, Denied) and not era.mismatched_ids_are_2039 and isinstance(outcome.reason, Fault):
        outcome = structs.replace(outcome, reason=_FORMER_FAULTS.get(outcome.reason.fault, outcome.reason))
    told = rendered(outcome, call, unit, order_lists)
    edit = None if call.operation is None else edits.get(call.operation.name)
    return told if edit is None else structs.replace(told, body=edit(told.body))


def _edits(era: Era) -> dict[str, _Edit]:
    """Return what is done to replies, by the operation's name."""
    fields: dict[str, tuple[str, ...]] = {}
    for change, names, came in _CAME:
        if not getattr(era, change):
            for name in names:
                fields[name] = fields.get(name, ()) + came
    edits = {name: _Edit(out) for name, out in fields.items()}
    moves = [
        move
        for has_happened, move in (
            (era.permission_sets, _merge_permissions),
            (era.more_raw_requests, _lower_raw_requests),
        )
        if not has_happened
    ]
    if moves:
        edits["exchangeInfo"] = _Edit(fields.get("exchangeInfo", ()), tuple(moves))
    return edits


def _without(value: Any, fields: tuple[str, ...]) -> Any:  # noqa: ANN401  JSON
    """Return JSON without the fields of these names."""
    if isinstance(value, dict):
        return {name: _without(member, fields) for name, member in value.items() if name not in fields}
    return [_without(member, fields) for member in value] if isinstance(value, list) else value


def _merge_permissions(information: dict[str, Any]) -> None:
    """CHANGELOG.md, 2024-04-10: what is a set of lists was one list."""
    for symbol in information.get("symbols", []):
        sets = symbol.pop("permissionSets")
        symbol["permissions"] = list(dict.fromkeys(name for group in sets for name in group))


def _lower_raw_requests(information: dict[str, Any]) -> None:
    for limit in information.get("rateLimits", []):
        if limit["rateLimitType"] == "RAW_REQUESTS":
            limit["limit"] = FORMER_REQUEST_LIMIT
