"""The download of an account's options bills: its two answers, and the file itself.

Link.           Whoever has it may follow it, as it is with such links; a download's number is drawn, and nobody can guess it.
Source.         European Options until 2025: Get Download Id For Option Transaction History and ... Download Link by Id. The
                columns of the file are in no document: they are those of Account Funding Flow.
"""

from typing import Final

from papernet.app.income_downloads import READY_AFTER, Download
from papernet.app.queries import Context
from papernet.app.queries.context import through
from papernet.core.events import Bill
from papernet.protocols.json.numbers import amount
from papernet.protocols.json.option_fields import BILL_KINDS, encode, millis

FILES: Final = "/eapi/v1/income/asyn/download/"
CSV: Final = (b"content-type", b"text/csv;charset=UTF-8")

_HEAD: Final = "id,createDate,type,asset,amount,symbol"
_PAGE: Final = 10_000


def begun(download: Download) -> bytes:
    """Return the answer to whoever asked for a download: its number, and how long such a thing takes."""
    return encode({"avgCostTimestampOfLast30d": millis(READY_AFTER), "downloadId": download.number})


def state(download: Download, base_url: str, now: int) -> bytes:
    """Return how a download stands, and its link when that works."""
    is_ready, is_over = download.ready_at <= now, download.ends_at <= now
    return encode(
        {
            "downloadId": download.number,
            "status": "completed" if is_ready else "processing",
            "url": f"{base_url}{FILES}{download.number}" if is_ready and not is_over else "",
            "notified": is_ready,
            "expirationTimestamp": millis(download.ends_at) if is_ready else -1,
            "isExpired": True if is_over else None,
        }
    )


def file(context: Context, download: Download) -> bytes:
    """Return the bills of a download as CSV, oldest first."""
    rows = [_HEAD]
    first = 0
    while True:
        bills = context.views.bills(
            download.account,
            from_id=first,
            start=download.start,
            end=through(download.end),
            limit=_PAGE,
            archive=context.archive,
        )
        rows += [_row(bill) for bill in bills]
        if len(bills) < _PAGE:
            return ("\r\n".join(rows) + "\r\n").encode()
        first = bills[-1].bill_id + 1


def _row(bill: Bill) -> str:
    # Nothing in it needs quoting: names of assets and contracts are letters, digits, stops and strokes.
    kind = BILL_KINDS[bill.kind]
    return f"{bill.bill_id},{millis(bill.at)},{kind},{bill.asset},{amount(bill.amount)},{bill.symbol}"
