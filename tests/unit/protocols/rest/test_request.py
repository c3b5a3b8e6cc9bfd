"""Raw bytes to parameters and signed payload."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.faults import AnyFault, Fault, RequestFault
from papernet.protocols.rest.request import Form, read_form


def form(query: bytes, body: bytes = b"") -> Form:
    read = read_form(query, body)
    assert isinstance(read, Form), read
    return read


def fault(query: bytes, body: bytes = b"") -> AnyFault:
    read = read_form(query, body)
    assert isinstance(read, Fault), read
    return read.fault


@pytest.mark.parametrize(
    ("query", "body", "payload", "signature"),
    [
        (b"a=1&b=2&signature=ff", b"", b"a=1&b=2", "ff"),
        (b"", b"a=1&b=2&signature=ff", b"a=1&b=2", "ff"),
        # rest-api.md: the query string directly followed by the body
        (b"a=1", b"b=2&signature=ff", b"a=1b=2", "ff"),
        (b"a=1&signature=ff", b"b=2", b"a=1b=2", "ff"),
        (b"signature=ff&a=1", b"", b"a=1", "ff"),
        (b"a=1&signature=ff&b=2", b"", b"a=1&b=2", "ff"),
        (b"signature=ff", b"", b"", "ff"),
        (b"a=1&signature=ff", b"b=2&signature=00", b"a=1b=2", "ff"),
        # another name may end in the same letters
        (b"signature=ff&xsignature=1", b"", b"xsignature=1", "ff"),
        (b"xsignature=1", b"", b"xsignature=1", ""),
        (b"a=1&signature=", b"", b"a=1", ""),
        # base64, percent-encoded or not
        (b"a=1&signature=a%2Bb%2Fc%3D%3D", b"", b"a=1", "a+b/c=="),
        (b"a=1&signature=a+b/c==", b"", b"a=1", "a+b/c=="),
        (b"a=1&signature=\xff\xfe", b"", b"a=1", "\ufffd\ufffd"),
        # signed exactly as sent
        (b"b=%5B%22X%22%2c1%5D&a=%7e+1&signature=ff", b"", b"b=%5B%22X%22%2c1%5D&a=%7e+1", "ff"),
        (b"a=1&&b=2&&signature=ff", b"", b"a=1&&b=2&", "ff"),
    ],
)
def test_the_payload_is_what_was_sent_without_the_signature(query: bytes, body: bytes, payload: bytes, signature: str) -> None:
    read = form(query, body)
    assert (read.payload, read.signature) == (payload, signature)


@pytest.mark.parametrize(
    ("query", "body", "sent"),
    [
        (b"", b"", {}),
        (b"a=1&b=", b"", {"a": "1", "b": ""}),
        (b"a", b"", {"a": ""}),
        (b"&a=1&&b=2&", b"", {"a": "1", "b": "2"}),
        (b"a=1=2", b"", {"a": "1=2"}),
        (b'symbols=["BTCUSDT","ETHUSDT"]', b"", {"symbols": '["BTCUSDT","ETHUSDT"]'}),
        (b"symbols=[%22BTCUSDT%22,%22ETHUSDT%22]", b"", {"symbols": '["BTCUSDT","ETHUSDT"]'}),
        (b"symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D", b"", {"symbols": '["BTCUSDT","ETHUSDT"]'}),
        (b"a=%EF%BC%91%EF%BC%92", b"", {"a": "\uff11\uff12"}),
        ("a=\uff11".encode(), b"", {"a": "\uff11"}),
        (b"a=1+2%2B3", b"", {"a": "1 2+3"}),
        (b"a=%zz%4", b"", {"a": "%zz%4"}),
        (b"%61=1", b"", {"a": "1"}),
        (b"a=%00", b"", {"a": "\0"}),
        # a parameter in both: the query's is used
        (b"a=query", b"a=body&b=2", {"a": "query", "b": "2"}),
        (b"a=1&signature=ff", b"signature=00", {"a": "1", "signature": "ff"}),
        (b"", b'{"symbol":"BTCUSDT"}', {'{"symbol":"BTCUSDT"}': ""}),
    ],
)
def test_parameters(query: bytes, body: bytes, sent: dict[str, str]) -> None:
    assert form(query, body).sent == sent


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (b"a=1&a=1", b""),
        (b"a=1&%61=2", b""),
        (b"", b"a=1&a=2"),
        (b"signature=1&signature=2", b""),
        (b"", b"signature=1&a=1&signature=2"),
        (b"%73ignature=1&signature=2", b""),
    ],
)
def test_duplicates_are_refused(query: bytes, body: bytes) -> None:
    assert fault(query, body) is RequestFault.DUPLICATE_PARAMETER


@pytest.mark.parametrize("raw", [b"a=%ff", b"a=\xff", b"%ED%A0%80=1", b"a=%C0%80", b"a=\xed\xa0\x80"])
def test_what_is_no_utf8_is_refused(raw: bytes) -> None:
    assert fault(raw) is RequestFault.UNDECODABLE
    assert fault(b"", raw) is RequestFault.UNDECODABLE


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(query: bytes, body: bytes) -> None:
    assert isinstance(read_form(query, body), Form | Fault)


WORDS = st.text("ab=&%+sig", max_size=12).map(lambda text: text.replace("&", "").encode())


@given(st.lists(st.sampled_from([b"signature=ff"]) | WORDS, max_size=6), st.lists(WORDS, max_size=4))
def test_cutting_the_signature_keeps_every_other_pair(query: list[bytes], body: list[bytes]) -> None:
    read = read_form(b"&".join(query), b"&".join(body))
    if isinstance(read, Form) and query.count(b"signature=ff") == 1:
        kept = [pair for pair in query if pair != b"signature=ff"]
        assert read.payload == b"&".join(kept) + b"&".join(body)
        assert read.signature == "ff"
