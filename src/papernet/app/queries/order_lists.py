"""What an account may ask about its order lists.

Order of rows.  By id, the newest last; which of them are given when there are more than asked for, the views say.
Source.         rest-api.md, Query Order list, Query all Order lists, Query Open Order lists; web-socket-api.md, Query Order
                list, Notes: of both ids only the client's counts.
"""

from typing import Final

from papernet.app.faults import Fault, RequestFault
from papernet.app.queries.context import Context, Params, through
from papernet.core.events import OrderListRecord

_NO_SUCH_LIST: Final = Fault(RequestFault.NO_SUCH_ORDER_LIST)


def order_list_status(context: Context, params: Params, account: int, _now: int) -> OrderListRecord | Fault:
    """Return one order list, open or done (Query Order list)."""
    owner, views = context.account(account), context.views
    list_client_order_id: str | None = params["origClientOrderId"]
    if list_client_order_id is not None:
        opened = owner.list_client_order_ids.get(list_client_order_id)
        done = None if opened else views.order_list_by_client_id(account, list_client_order_id, context.archive)
    else:
        order_list_id: int = params["orderListId"]
        opened = owner.open_lists.get(order_list_id)
        done = None if opened else views.order_list(account, order_list_id, context.archive)
    return opened.record() if opened else done or _NO_SUCH_LIST


def open_order_lists(context: Context, _params: Params, account: int, _now: int) -> list[OrderListRecord]:
    """Return the open order lists (Query Open Order lists)."""
    return _open_records(context, account)


def all_order_lists(context: Context, params: Params, account: int, _now: int) -> list[OrderListRecord]:
    """Return order lists, open and done (Query all Order lists)."""
    return context.views.order_lists(
        account,
        _open_records(context, account),
        from_id=params["fromId"],
        start=params["startTime"],
        end=through(params["endTime"]),
        limit=params["limit"],
        archive=context.archive,
    )


def _open_records(context: Context, account: int) -> list[OrderListRecord]:
    return [order_list.record() for order_list in context.account(account).open_lists.values()]
