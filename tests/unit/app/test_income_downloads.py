"""Downloads are made ready after a while, and their links end."""

import pytest

from papernet.app.income_downloads import A_MONTH, LINK_LIVES, READY_AFTER, Download, IncomeDownloads

NOW = 1_768_478_400_000_000


@pytest.fixture
def downloads() -> IncomeDownloads:
    numbers = iter("12345678")
    return IncomeDownloads(lambda: next(numbers))


def test_a_link_works_from_when_the_file_is_ready_for_a_day(downloads: IncomeDownloads) -> None:
    asked = downloads.ask(7, 1, 2, NOW)
    assert asked == Download("1", 7, 1, 2, NOW)
    ready = NOW + READY_AFTER
    works = {
        at: downloads.follow("1", at) is not None for at in (NOW, ready - 1, ready, ready + LINK_LIVES - 1, ready + LINK_LIVES)
    }
    assert list(works.values()) == [False, False, True, True, False]


def test_only_who_asked_for_it_is_told_of_a_download(downloads: IncomeDownloads) -> None:
    asked = downloads.ask(7, 1, 2, NOW)
    assert downloads.find("1", 7) == asked
    assert downloads.find("1", 8) is None
    assert downloads.find("2", 7) is None
    assert downloads.follow("2", NOW) is None


def test_an_account_may_ask_five_times_a_month(downloads: IncomeDownloads) -> None:
    assert all(downloads.ask(7, 1, 2, NOW + number) is not None for number in range(5))
    assert downloads.ask(7, 1, 2, NOW + A_MONTH - 1) is None
    assert downloads.ask(8, 1, 2, NOW + A_MONTH - 1) is not None
    assert downloads.ask(7, 1, 2, NOW + A_MONTH) is not None
    assert downloads.ask(7, 1, 2, NOW + A_MONTH) is None
    assert downloads.ask(7, 1, 2, NOW + A_MONTH, is_limited=False) is not None
    assert downloads.find("1", 7) is None, "it is a month old"
