"""The thread that networks live in."""

import asyncio
import os
import threading

import pytest

from papernet.testing.background import Background, background, close_background


async def name_of_thread() -> str:
    return threading.current_thread().name


def test_work_is_done_in_one_thread_of_its_own() -> None:
    assert background() is background()
    assert background().run(name_of_thread()) == "papernet"
    assert threading.current_thread().name != "papernet"


def test_what_work_raises_is_raised_where_it_was_asked_for() -> None:
    async def fail() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        background().run(fail())


def test_what_ends_is_waited_for_when_somebody_wants_to() -> None:
    loop, ended = Background(), []

    async def end() -> None:
        await asyncio.sleep(0)
        ended.append(True)

    loop.finish(end())
    loop.settle()
    assert ended == [True]
    loop.finish(end())
    loop.close()
    assert ended == [True, True]


def test_after_the_end_the_next_use_begins_anew() -> None:
    first = background()
    close_background()
    close_background()
    assert background() is not first
    assert background().run(name_of_thread()) == "papernet"


def test_a_forked_child_has_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first = background()
    monkeypatch.setattr(os, "getpid", lambda: first.pid + 1)
    child = background()
    try:
        assert child is not first
        assert child.run(name_of_thread()) == "papernet"
    finally:
        child.close()
    monkeypatch.undo()
    first.close()


async def test_a_test_with_an_event_loop_of_its_own_may_wait_for_it() -> None:
    assert background().run(name_of_thread()) == "papernet"
    assert await asyncio.to_thread(background().run, name_of_thread()) == "papernet"


def test_the_loop_does_not_wait_for_itself() -> None:
    async def ask_again() -> None:
        work = name_of_thread()
        try:
            background().run(work)
        finally:
            work.close()

    with pytest.raises(AssertionError, match="wait for itself"):
        background().run(ask_again())
