"""What is put off is done in time, in order, once."""

from papernet.app.deferred import Deferred


def test_actions_are_done_in_the_order_of_their_times_and_of_equal_times_as_they_came() -> None:
    deferred, done = Deferred(), list[str]()
    for due, name in ((30, "late"), (10, "first"), (20, "second"), (10, "first again")):
        deferred.at(due, lambda _now, name=name: done.append(name))  # type: ignore[misc]
    assert deferred.next_at == 10
    deferred.release(9)
    assert done == []
    deferred.release(20)
    assert done == ["first", "first again", "second"]
    assert (len(deferred), deferred.next_at) == (1, 30)
    deferred.release(31)
    deferred.release(32)
    assert done[-1] == "late"
    assert (len(done), deferred.next_at) == (4, None)


def test_an_action_is_told_the_time_and_may_put_off_another_one() -> None:
    deferred, told = Deferred(), list[int]()

    def again(now: int) -> None:
        told.append(now)
        if len(told) < 3:
            deferred.at(now + 5, again)

    deferred.at(1, again)
    deferred.release(7)
    deferred.release(12)
    assert told == [7, 12]
    deferred.release(17)
    assert told == [7, 12, 17]
