"""The fields of every answer about options, in both editions, against the documents' facts: names and types, nothing else.

`facts/options-fields.json` has each endpoint's answer in each edition, null where the edition does not have it: S text, I an
integer, N a number, B a truth value; a "?" behind it where only some rows have it. "filters" are those of a contract.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.eapi_answers import all_answers
from tests.support.eapi_desk import CURRENT, LEGACY

FACTS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "facts" / "options-fields.json").read_text(encoding="utf-8")
)
TYPES: dict[str, tuple[type, ...]] = {"S": (str,), "I": (int,), "N": (int, float), "B": (bool,), "null": (type(None),)}
FILTERS = [
    {"filterType": "S", "minPrice": "S", "maxPrice": "S", "tickSize": "S"},
    {"filterType": "S", "minQty": "S", "maxQty": "S", "stepSize": "S"},
]
CASES = [
    pytest.param(edition, name, shape, id=f"{name} {edition}")
    for name, editions in FACTS.items()
    for edition, shape in editions.items()
    if shape is not None
]


@cache
def answers_of(edition: str) -> dict[str, Any]:
    """Return what is answered in an edition; whoever asks first asks for all."""
    return all_answers({"current": CURRENT, "legacy": LEGACY}[edition])


def differs(value: Any, shape: Any, where: str = "") -> str:
    """Return where a value is not of a shape, or nothing."""
    if shape == "filters":
        return next((found for row, told in zip(FILTERS, value, strict=True) if (found := differs(told, row, where))), "")
    if isinstance(shape, str):
        return "" if type(value) in TYPES[shape] else f"{where}: {value!r} is not {shape}"
    if isinstance(shape, list) and len(shape) == 1:
        if not value or not isinstance(value, list):
            return f"{where}: {value!r} tells nothing"
        return next((found for row in value if (found := differs(row, shape[0], f"{where}[]"))), "")
    if isinstance(shape, list):
        if len(value) != len(shape):
            return f"{where}: {len(value)} columns"
        return next((found for told, kind in zip(value, shape, strict=True) if (found := differs(told, kind, where))), "")
    optional = {name for name, kind in shape.items() if isinstance(kind, str) and kind.endswith("?")}
    if not shape.keys() - optional <= value.keys() <= shape.keys():
        return f"{where}: {sorted(value.keys() ^ shape.keys())}"
    kinds = {name: kind.removesuffix("?") if isinstance(kind, str) else kind for name, kind in shape.items()}
    return next((found for name, told in value.items() if (found := differs(told, kinds[name], f"{where}.{name}"))), "")


@pytest.mark.parametrize(("edition", "name", "shape"), CASES)
def test_an_answer_has_the_documented_fields(edition: str, name: str, shape: Any) -> None:
    assert differs(answers_of(edition)[name], shape) == ""


@pytest.mark.parametrize("edition", ["current", "legacy"])
def test_nothing_else_is_answered(edition: str) -> None:
    assert sorted(answers_of(edition)) == sorted(name for name, editions in FACTS.items() if editions[edition] is not None)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("1", "I"),
        (1, "S"),
        (True, "I"),
        (1, "B"),
        ([], ["S"]),
        ({}, {"a": "S"}),
        ({"a": "1", "b": "2"}, {"a": "S"}),
        (["1"], ["S", "S"]),
        ({"a": 1}, {"a": "S?"}),
    ],
)
def test_the_comparison_bites(value: Any, shape: Any) -> None:
    assert differs(value, shape)


def test_both_editions_spell_what_they_tell_in_their_own_way() -> None:
    """Section 11 of the facts: the same keys with other contents."""
    now, then = answers_of("current"), answers_of("legacy")
    assert (now["POST order"]["status"], then["POST order"]["status"]) == ("NEW", "ACCEPTED")
    assert (now["DELETE order"]["status"], then["DELETE order"]["status"]) == ("NEW", "ACCEPTED")
    assert (now["DELETE allOpenOrders"]["code"], then["DELETE allOpenOrders"]["code"]) == ("0", 0)
    assert {row["status"] for row in now["GET historyOrders"]} == {"FILLED"}
    assert [row["quantity"] for row in then["GET historyOrders"]] == ["2.00000000", "-0.50000000"]
    assert [row["quantity"] for row in now["GET historyOrders"]] == ["2.0000", "0.5000"]
    assert [(row["side"], row["qty"]) for row in now["GET trades"]] == [(1, "2.0000"), (-1, "0.5000")]
    assert [(row["side"], row["qty"]) for row in then["GET trades"]] == [(1, "2.00000000"), (-1, "-0.50000000")]
    assert now["GET userTrades"][0]["fee"] == "-" + then["GET userTrades"][0]["fee"]
    assert then["GET klines"][0]["closeTime"] == now["GET klines"][0][6] + 1
    assert now["GET exerciseHistory"][0]["strikeResult"] in ("REALISTIC_VALUE_STRICKEN", "EXTRINSIC_VALUE_EXPIRED")


def test_a_block_order_is_shown_from_the_side_of_who_asks() -> None:
    now = answers_of("current")
    assert (now["POST block/order/create"]["liquidity"], now["POST block/order/create"]["legs"][0]["side"]) == ("TAKER", "BUY")
    assert (now["GET block/order/execute"]["liquidity"], now["GET block/order/execute"]["legs"][0]["side"]) == ("MAKER", "SELL")
    assert (now["POST block/order/execute"]["status"], now["PUT block/order/create"]["status"]) == ("ACCEPTED", "RECEIVED")
