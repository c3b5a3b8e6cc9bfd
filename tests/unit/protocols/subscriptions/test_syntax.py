"""Where a text stops being JSON. The expected words and places are what a Rust program prints for the same text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import DecodeError
from msgspec.json import Decoder

from papernet.protocols.subscriptions.syntax import Layout, place, survey

decode = Decoder().decode


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("  ", "EOF while parsing a value at line 1 column 2"),
        ("hello", "expected value at line 1 column 1"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ('{"a"', "EOF while parsing an object at line 1 column 4"),
        ('{"a":', "EOF while parsing a value at line 1 column 5"),
        ('{"a":1', "EOF while parsing an object at line 1 column 6"),
        ('{"a":1,', "EOF while parsing a value at line 1 column 7"),
        ('{"a":1,}', "trailing comma at line 1 column 8"),
        ('{"a":1,,}', "key must be a string at line 1 column 8"),
        ('{"a" 1}', "expected `:` at line 1 column 6"),
        ("{a:1}", "key must be a string at line 1 column 2"),
        ('{"method": "X" "id"}', "expected `,` or `}` at line 1 column 16"),
        ("[", "EOF while parsing a list at line 1 column 1"),
        ("[1,]", "trailing comma at line 1 column 4"),
        ("[1,", "EOF while parsing a value at line 1 column 3"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("[\n1\n2]", "expected `,` or `]` at line 3 column 1"),
        ("\n\n [", "EOF while parsing a list at line 3 column 2"),
        ("[1]]", "trailing characters at line 1 column 4"),
        ("tru", "EOF while parsing a value at line 1 column 3"),
        ("trux", "expected ident at line 1 column 4"),
        ("nil", "expected ident at line 1 column 2"),
        ("01", "invalid number at line 1 column 2"),
        ("-01", "invalid number at line 1 column 3"),
        ("-", "EOF while parsing a value at line 1 column 1"),
        ("-x", "invalid number at line 1 column 2"),
        ("1.", "EOF while parsing a value at line 1 column 2"),
        ("1.x", "invalid number at line 1 column 3"),
        ("1e", "EOF while parsing a value at line 1 column 2"),
        ("1ex", "invalid number at line 1 column 3"),
        ("1e999", "number out of range at line 1 column 5"),
        ('"abc', "EOF while parsing a string at line 1 column 4"),
        ('"é', "EOF while parsing a string at line 1 column 3"),
        ('"\\', "EOF while parsing a string at line 1 column 2"),
        ('"\\x"', "invalid escape at line 1 column 3"),
        ('"\\u12"', "EOF while parsing a string at line 1 column 6"),
        ('"\\udc00"', "lone leading surrogate in hex escape at line 1 column 7"),
        ('"\\ud800"', "unexpected end of hex escape at line 1 column 8"),
        ('"\\ud800\\u0041"', "lone leading surrogate in hex escape at line 1 column 13"),
        ('"a\x01"', "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3"),
        ("[" * 200, "recursion limit exceeded at line 1 column 128"),
        ('{"a":' * 200, "recursion limit exceeded at line 1 column 636"),
    ],
)
def test_the_first_fault_of_a_text_is_told_with_its_place(text: str, expected: str) -> None:
    assert survey(text.encode()) == expected


@pytest.mark.parametrize("text", ["[" * 127 + "]" * 127, '"\\ud83d\\ude00"', "-0.5e-3", " 1\n", "null", '"\x7f"', "0"])
def test_a_text_that_is_json_has_no_fault(text: str) -> None:
    assert isinstance(survey(text.encode()), Layout)


def test_a_layout_tells_where_the_outermost_members_are() -> None:
    raw = b' {"a" : [1, {"b": 2}] ,"m\\u0065":"x\\"y",\n"a":true } '
    found = survey(raw)
    assert isinstance(found, Layout)
    assert {name: raw[where] for name, where in found.members.items()} == {"a": b"true", "me": b'"x\\"y"'}
    assert raw[: found.end].endswith(b"}")
    assert place(raw, found.end) == "at line 2 column 10"


PIECES = (*'{}[],:"10-.e5 \n\\é', '"a"', "true", "nu", "\\u", "d83d", "de00")
words = st.text(max_size=5)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda of: st.lists(of, max_size=3) | st.dictionaries(words, of, max_size=3),
    max_leaves=8,
)
texts = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=20).map("".join)


@given(texts)
def test_the_reader_and_the_decoder_agree_on_what_json_is(text: str) -> None:
    raw = text.encode()
    try:
        decode(raw)
    except DecodeError:
        assert isinstance(survey(raw), str)
    else:
        assert isinstance(survey(raw), Layout)


@given(documents, st.data())
def test_a_document_that_is_cut_off_is_told_at_its_end(document: object, data: st.DataObject) -> None:
    whole = json.dumps([document], ensure_ascii=False).encode()
    raw = whole[: data.draw(st.integers(0, len(whole) - 1))]
    found = survey(raw)
    assert isinstance(found, str)
    assert found.startswith("EOF while parsing")
    assert found.endswith(place(raw, len(raw)))
