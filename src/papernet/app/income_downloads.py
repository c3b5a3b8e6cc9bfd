"""Downloads of an account's options bills: asked for, made ready after a while, fetched by a link that ends.

Order of work.  An account asks for a stretch of time and gets a number. By the clock the download is under way, then ready
                for a day, then over. The bills themselves are read when the link is followed.
Invariant.      Memory is bounded: a download is forgotten a month after it was asked for.
Does not.       Survive a restart: a number of before is unknown. Write files.
Units.          Microseconds UTC.
Source.         European Options until 2025: Get Download Id For Option Transaction History (5 a month), Get Option Transaction
                History Download Link by Id (24 hours).
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from papernet.core.dates import DAY, SECOND

READY_AFTER: Final = 5 * SECOND
LINK_LIVES: Final = DAY
A_MONTH: Final = 30 * DAY
DOWNLOADS_A_MONTH: Final = 5


class Download(Struct, frozen=True):
    """One download: whose bills, from when to when."""

    number: str
    account: int
    start: int
    end: int
    asked_at: int

    @property
    def ready_at(self) -> int:
        """Return when the link begins to work."""
        return self.asked_at + READY_AFTER

    @property
    def ends_at(self) -> int:
        """Return when the link ends."""
        return self.ready_at + LINK_LIVES


class IncomeDownloads:
    """The downloads of one exchange."""

    def __init__(self, draw_number: Callable[[], str]) -> None:
        """Begin without downloads; `draw_number` makes the numbers of new ones, which nobody can guess."""
        self._draw_number: Final = draw_number
        # in the order in which they were asked for
        self._downloads: Final[dict[str, Download]] = {}

    def ask(self, account: int, start: int, end: int, now: int, *, is_limited: bool = True) -> Download | None:
        """Begin a download, or return None when the account has asked often enough this month."""
        downloads = self._downloads
        while downloads and (oldest := next(iter(downloads.values()))).asked_at + A_MONTH <= now:
            del downloads[oldest.number]
        if is_limited and sum(each.account == account for each in downloads.values()) >= DOWNLOADS_A_MONTH:
            return None
        download = Download(self._draw_number(), account, start, end, now)
        downloads[download.number] = download
        return download

    def find(self, number: str, account: int) -> Download | None:
        """Return a download of an account."""
        download = self._downloads.get(number)
        return download if download is not None and download.account == account else None

    def follow(self, number: str, now: int) -> Download | None:
        """Return the download behind a link, if the link works."""
        download = self._downloads.get(number)
        return download if download is not None and download.ready_at <= now < download.ends_at else None
