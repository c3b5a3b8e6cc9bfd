"""What became of a book between two boundaries."""

from papernet.app.operations import TimeUnit
from papernet.core.enums import Side
from papernet.core.events import BookDelta
from papernet.protocols.subscriptions.diff_depth import BookChanges, DiffDepth

BUY, SELL = Side.BUY, Side.SELL


class Book:
    """Keeps what is told of the changes of a book."""

    def __init__(self) -> None:
        self.diff = DiffDepth(self._write)
        self.told: list[tuple[BookChanges, int, TimeUnit]] = []

    def _write(self, changes: BookChanges, now: int, unit: TimeUnit) -> bytes:
        self.told.append((changes, now, unit))
        return b"written"

    def due(self, now: int) -> list[bytes]:
        return [render(TimeUnit.MICROSECOND) for render in self.diff.due(now)]


def test_all_that_was_noted_is_told_once_as_it_is_in_the_end() -> None:
    book = Book()
    book.diff.note(BookDelta("X", 5, 3, 5, ((BUY, 10, 1), (SELL, 12, 2), (BUY, 11, 7))))
    book.diff.note(BookDelta("X", 6, 6, 7, ((BUY, 10, 0), (SELL, 11, 4))))
    assert book.due(9) == [b"written"]
    assert book.told == [(BookChanges(3, 7, [(11, 7), (10, 0)], [(11, 4), (12, 2)], 6), 9, TimeUnit.MICROSECOND)]
    assert book.due(10) == []


def test_nothing_is_told_of_a_book_that_is_gone() -> None:
    book = Book()
    book.diff.note(BookDelta("X", 5, 1, 1, ((BUY, 10, 1),)))
    book.diff.forget()
    assert book.due(9) == []
