"""Downloads over the door: asked for, waited for, fetched, over."""

from typing import Any

import pytest
from msgspec import json

from papernet.app.income_downloads import LINK_LIVES, READY_AFTER
from papernet.protocols.rest import option_downloads
from tests.support.eapi_desk import ALICE_KEY, BASE_URL, BOB_KEY, DAY, LEGACY, MILLISECOND, EapiDesk, error
from tests.support.option_market import CALL


@pytest.fixture
def desk() -> EapiDesk:
    return EapiDesk(LEGACY)


def ask(desk: EapiDesk) -> str:
    """Ask for Bob's last month, and return the number."""
    month = {"startTime": (desk.now - 30 * DAY) // MILLISECOND, "endTime": desk.now // MILLISECOND}
    told = desk.signed("GET", "income/asyn", month, key=BOB_KEY)
    assert told["avgCostTimestampOfLast30d"] == READY_AFTER // MILLISECOND
    number: str = told["downloadId"]
    return number


def state(desk: EapiDesk, number: str, key: str = BOB_KEY) -> Any:
    return desk.signed("GET", "income/asyn/id", {"downloadId": number}, key=key)


def test_a_download_is_under_way_then_ready_then_over(desk: EapiDesk) -> None:
    number = ask(desk)
    waiting = {"downloadId": number, "status": "processing", "url": "", "notified": False, "isExpired": None}
    assert state(desk, number) == waiting | {"expirationTimestamp": -1}
    desk.now += READY_AFTER
    ready = state(desk, number)
    assert (ready["status"], ready["url"]) == ("completed", f"{BASE_URL}/eapi/v1/income/asyn/download/{number}")
    assert ready["expirationTimestamp"] == (desk.now + LINK_LIVES) // MILLISECOND
    desk.now += LINK_LIVES
    over = state(desk, number)
    assert (over["status"], over["url"], over["isExpired"]) == ("completed", "", True)


def test_the_file_has_the_bills_and_needs_no_key(desk: EapiDesk) -> None:
    desk.trade("1", "2000")
    number = ask(desk)
    path = option_downloads.FILES + number
    assert error(desk.send("GET", path))[0] == 404
    desk.now += READY_AFTER
    response = desk.send("GET", path)
    assert (response.status, dict(response.headers)[b"content-type"]) == (200, b"text/csv;charset=UTF-8")
    assert response.durable_seq == desk.sequencer.last_seq
    lines = response.body.decode().split("\r\n")
    assert lines[0] == "id,createDate,type,asset,amount,symbol"
    assert [line.split(",")[2:] for line in lines[1:-1]] == [
        ["TRANSFER", "USDT", "100000.00000000", ""],
        ["CONTRACT", "USDT", "-2000.00000000", CALL],
        ["FEE", "USDT", "-15.00000000", CALL],
    ]
    assert desk.send("POST", path).status == 405
    assert dict(desk.send("POST", path).headers)[b"allow"] == b"GET"
    assert desk.send("GET", path + "1").status == 404


def test_a_long_file_is_put_together_page_by_page(desk: EapiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(option_downloads, "_PAGE", 2)
    desk.trade("1", "2000")
    number = ask(desk)
    desk.now += READY_AFTER
    assert len(desk.send("GET", option_downloads.FILES + number).body.splitlines()) == 4


def test_nobody_is_told_of_anothers_download(desk: EapiDesk) -> None:
    assert state(desk, ask(desk), ALICE_KEY)["code"] == -1130


def test_a_file_weighs_and_too_much_weight_is_refused(desk: EapiDesk) -> None:
    number = ask(desk)
    desk.now += READY_AFTER
    desk.limits.charge("192.0.2.9", 2_396, desk.now)
    assert error(desk.send("GET", option_downloads.FILES + number, ip="192.0.2.9"))[:2] == (429, -1008)


def test_months_are_not_counted_without_limits() -> None:
    desk = EapiDesk(LEGACY, limits=False)
    assert len({ask(desk) for _ in range(7)}) == 7


def test_the_answers_are_json(desk: EapiDesk) -> None:
    response = desk.sign("GET", "income/asyn", {"startTime": 1, "endTime": 2})
    assert list(json.decode(response.body)) == ["avgCostTimestampOfLast30d", "downloadId"]
