"""How both editions write numbers, and the rows that they have in common."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.queries.option_values import BlockOrderRow, OptionListing, OptionsInformation, Terms
from papernet.core.enums import BlockOrderStatus, OptionKind, Side
from papernet.core.events import BlockOrderRecord, ContractSettled
from papernet.protocols.json.option_fields import (
    CURRENT,
    LEGACY,
    ListingWriter,
    block_order,
    countdowns,
    encode,
    listen_key,
    new_block_order,
    scaled,
    settlements,
    shortest,
    side_number,
    unique_id,
)
from papernet.venues.options.contracts import Contract
from tests.support.option_market import CALL, make_underlying, units

NOW = 1_768_478_400_000_000
TERMS = Terms(CALL, OptionKind.CALL, units(50_000), NOW, 3, 4, "USDT")


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (0, 3, "0.000"),
        (units(5200), 3, "5200.000"),
        (units("0.2"), 4, "0.2000"),
        (-units("0.5"), 2, "-0.50"),
        (units(5), 0, "5"),
        (-units(5), 0, "-5"),
        (1, 8, "0.00000001"),
        (5_000, 4, "0.0001"),
        (-1, 3, "0.000"),
    ],
)
def test_a_number_has_the_decimals_of_its_scale(value: int, scale: int, text: str) -> None:
    assert scaled(value, scale) == text
    assert CURRENT.scaled(value, scale) == text


@given(st.integers(-(10**18), 10**18), st.integers(0, 8))
def test_a_scaled_number_is_the_nearest_there_is(value: int, scale: int) -> None:
    text = scaled(value, scale)
    assert abs(Decimal(text) - Decimal(value).scaleb(-8)) * 2 <= Decimal(1).scaleb(-scale)
    assert len(text.partition(".")[2]) == scale


@given(st.integers(-(10**18), 10**18))
def test_short_numbers_say_the_same_and_end_with_no_zero_behind_the_point(value: int) -> None:
    text = shortest(value)
    assert Decimal(text) == Decimal(value).scaleb(-8)
    assert "." not in text or text[-1] not in "0."


def test_the_older_edition_has_eight_decimals_everywhere() -> None:
    assert LEGACY.scaled(units("0.2"), 4) == LEGACY.rule(units("0.2")) == "0.20000000"


def test_ids_of_trades_grow_with_time_and_differ_within_a_moment() -> None:
    ids = [unique_id(NOW, 1), unique_id(NOW, 2), unique_id(NOW + 1_000, 3)]
    assert ids == sorted(ids)
    assert len(dict.fromkeys(ids)) == 3
    assert 1 << 53 < ids[0] < 1 << 63


def test_a_side_is_the_takers() -> None:
    assert (side_number(taker_bought=True), side_number(taker_bought=False)) == (1, -1)


def test_a_contract_was_exercised_or_expired() -> None:
    settled = [
        ContractSettled(CALL, "BTCUSDT", units(50_000), NOW, units(51_000), is_exercised=is_it) for is_it in (True, False)
    ]
    rows = settlements(settled, CURRENT)
    assert [row["strikeResult"] for row in rows] == ["REALISTIC_VALUE_STRICKEN", "EXTRINSIC_VALUE_EXPIRED"]
    assert rows[0]["realStrikePrice"] == "51000.00000000"


def test_one_countdown_stands_alone() -> None:
    assert countdowns([]) == {}
    assert countdowns([("A", 1_000)]) == {"underlying": "A", "countdownTime": 1}
    assert countdowns([("A", 1_000), ("B", 2_000)]) == [
        {"underlying": "A", "countdownTime": 1},
        {"underlying": "B", "countdownTime": 2},
    ]


def test_a_listen_keys_end_is_told_where_the_edition_does() -> None:
    assert listen_key("k", None) == {"listenKey": "k"}
    assert listen_key("k", NOW) == {"listenKey": "k", "expiration": NOW // 1_000}


@pytest.mark.parametrize(
    ("side", "is_maker", "from_other_side", "expected"),
    [
        (Side.BUY, True, False, ("BUY", "MAKER")),
        (Side.BUY, True, True, ("SELL", "TAKER")),
        (Side.SELL, False, False, ("SELL", "TAKER")),
        (Side.SELL, False, True, ("BUY", "MAKER")),
    ],
)
def test_a_block_order_has_two_sides(side: Side, is_maker: bool, from_other_side: bool, expected: tuple[str, str]) -> None:
    status = BlockOrderStatus.RECEIVED
    record = BlockOrderRecord("key", 1, CALL, side, units(2_000), units(1), is_maker, status, NOW, NOW, NOW + 1_000_000)
    row = new_block_order(BlockOrderRow(TERMS, record, from_other_side))
    assert (row["legs"][0]["side"], row["liquidity"]) == expected
    assert block_order(BlockOrderRow(TERMS, record, from_other_side)) == row | {"createTime": NOW // 1_000}


def test_what_stays_the_same_of_a_listing_is_written_once() -> None:
    underlying, asked = make_underlying(), list[str]()
    contract = Contract(CALL, "BTCUSDT", OptionKind.CALL, units(50_000), NOW, NOW)
    listing = OptionListing("USDT", (underlying,), (contract,))

    def rates(_underlying: object) -> dict[str, str]:
        asked.append("rates")
        return {"rate": "1"}

    writer = ListingWriter(CURRENT, rates, lambda _: {"more": 1}, lambda _: {"less": 2})
    for low, high in ((units(5), units(100)), (units(10), units(200))):
        told = json.loads(encode(writer.write(OptionsInformation(listing, [(low, high)], NOW))))
        (row,) = told["optionSymbols"]
        price_filter = row["filters"][0]
        assert (price_filter["minPrice"], price_filter["maxPrice"]) == (scaled(low, 3), scaled(high, 3))
        assert (row["rate"], row["more"], told["optionContracts"][0]["less"]) == ("1", 1, 2)
    assert asked == ["rates"]
