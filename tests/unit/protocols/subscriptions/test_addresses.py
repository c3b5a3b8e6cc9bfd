"""The pairs of a query."""

import pytest

from papernet.protocols.subscriptions.addresses import pairs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", [("", "")]),
        (b"streams=a@trade/b@depth&x=1", [("streams", "a@trade/b@depth"), ("x", "1")]),
        (b"streams=a%40trade%2Fb", [("streams", "a@trade/b")]),
        # never a space: zones have it
        (b"a=+08:00&b=%2B08%3A00", [("a", "+08:00"), ("b", "+08:00")]),
        (b"a=1=2&&b", [("a", "1=2"), ("", ""), ("b", "")]),
        (b"a=%ff", [("a", "\ufffd")]),
    ],
)
def test_a_query_is_read_as_pairs(query: bytes, expected: list[tuple[str, str]]) -> None:
    assert pairs(query) == expected
