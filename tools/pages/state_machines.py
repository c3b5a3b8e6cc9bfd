"""docs/state-machines.md: diagrams of the tables that say what an order and an order list may become."""

from typing import Final

from papernet.core.enums import ListKind, OrderStatus
from papernet.core.order import OPEN_STATUSES, ORDER_TRANSITIONS
from papernet.core.order_list import EXPIRY_REASONS, LIST_TRANSITIONS, TRIGGERING, Consequence, Phase
from tools.pages import NOTICE


def listed(members: tuple[OrderStatus, ...] | tuple[ListKind, ...]) -> str:
    """Return names as a sentence has them."""
    *head, last = [member.name for member in members]
    return f"{', '.join(head)} and {last}" if head else last


_PLACED: Final = listed(tuple(kind for kind in ListKind if kind not in TRIGGERING))
# What an order is when the exchange first tells of it.
_FIRST: Final = (OrderStatus.NEW, OrderStatus.PENDING_NEW, OrderStatus.REJECTED)


_ORDER: Final = f"""\
The exchange looks up these tables, in `core/order.py` and `core/order_list.py`; what is in no row cannot happen.

## An order

{{diagram}}

Open is what is {listed(OPEN_STATUSES)}. REJECTED is told of an order whose placement failed beside a cancel; it was never open.
An amendment, and a prevented match that leaves something, change no status. An options order is one of the same; it has no
trigger, is never pending, and what is refused never was an order.
"""
_LIST: Final = f"""\
## An order list

{listed(TRIGGERING)} begin in phase one: the working order works, the others wait for it. In phase two all are placed; {_PLACED}
begins there. An arrow says what happened to which member, and what then becomes of the others. What is on no arrow does nothing
to them; a list is done when none of its members is open.

{{diagram}}
"""


def page() -> str:
    """Return docs/state-machines.md."""
    return "\n".join(
        [
            "# State machines",
            "",
            NOTICE,
            "",
            _ORDER.format(diagram=_diagram(_order_edges())),
            _LIST.format(diagram=_diagram(_list_edges())),
            "| phase | member | happening | the others | phase then |",
            "| --- | --- | --- | --- | --- |",
            *(
                f"| {phase.name} | {role.name} | {happening.name} | {_consequence(consequence)} | {after.name} |"
                for (phase, role, happening), (consequence, after) in LIST_TRANSITIONS.items()
            ),
            "",
        ]
    )


def _diagram(edges: list[str]) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {edge}" for edge in edges), "```"])


def _order_edges() -> list[str]:
    edges = [f"[*] --> {status.name}" for status in _FIRST]
    for status, nexts in ORDER_TRANSITIONS.items():
        edges += [f"{status.name} --> {after.name}" for after in nexts]
        if not nexts:
            edges.append(f"{status.name} --> [*]")
    return edges


def _list_edges() -> list[str]:
    edges = [f"[*] --> {Phase.ONE.name}: {listed(TRIGGERING)}"]
    edges.append(f"[*] --> {Phase.TWO.name}: {_PLACED}")
    for (phase, role, happening), (consequence, after) in LIST_TRANSITIONS.items():
        edges.append(f"{phase.name} --> {after.name}: {role.name} {happening.name} / {consequence.name}")
    return [*edges, f"{Phase.DONE.name} --> [*]"]


def _consequence(consequence: Consequence) -> str:
    reason = EXPIRY_REASONS.get(consequence)
    return f"{consequence.name} (expiry reason {reason.name})" if reason is not None else consequence.name
