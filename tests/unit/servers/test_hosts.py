"""Host and Origin: forty spellings, and none of them gets a developer banned."""

import pytest

from papernet.servers.hosts import LOOPBACK_NAMES, HostPolicy, is_loopback, plain_address

Headers = list[tuple[bytes, bytes]]

LOCAL = HostPolicy(LOOPBACK_NAMES, 8080)
BOTH = HostPolicy([*LOOPBACK_NAMES, "papernet.test"], 8080, tls_port=8443)
EVERYWHERE = HostPolicy([*LOOPBACK_NAMES, "Papernet.Test"], 8080, any_address=True)


def verdict(policy: HostPolicy, headers: Headers) -> str | None:
    return policy.refusal(headers, dict(headers))


@pytest.mark.parametrize(
    "host", [b"localhost", b"127.0.0.1", b"localhost:8080", b"127.0.0.1:8080", b"127.0.0.1:9999", b"[::1]", b"[::1]:8080",
             b"LOCALHOST:8080", b"localhost.", b"localhost.:8080", b"[0:0:0:0:0:0:0:1]:8080"],
)  # fmt: skip
def test_hosts_that_are_answered(host: bytes) -> None:
    assert verdict(LOCAL, [(b"host", host)]) is None


NOT_ANSWERED = [
    *(b"evil.com", b"localhost.evil.com", b"127.0.0.1.evil.com", b"evil.com:8080", b"testnet.binance.vision", b""),
    *(b"0.0.0.0", b"0.0.0.0:8080", b"2130706433", b"0x7f000001", b"127.1", b"127.0.0.01", b"::1", b"[fe80::1%lo]:8080"),
    *(b":8080", b"localhost:80:80", b"localhost:", b"localhost:x", b"localhost:-1", b"localhost:123456"),
    *(b"[::1", b"[localhost]", b"[127.0.0.1]", b"[::1]x", b"[::1]:", b"localhost.."),
    *(b"user@localhost", b"localhost@evil.com", b"http://localhost", b"localhost/", b"localhost,evil.com"),
    *(b"localhost evil.com", b"localhost\x00", b"localhost\xc3\xa9", b"xn--lcalhost-n1a", b"x" * 65_536),
    "localhost:１".encode(),
]


@pytest.mark.parametrize("host", NOT_ANSWERED)
def test_hosts_that_are_refused(host: bytes) -> None:
    refusal = verdict(LOCAL, [(b"host", host)])
    assert refusal is not None
    assert len(refusal) < 400
    assert refusal.isprintable()


def test_a_request_has_one_host() -> None:
    assert verdict(LOCAL, []) is not None
    assert verdict(LOCAL, [(b"host", b"localhost"), (b"host", b"localhost")]) is not None
    assert verdict(LOCAL, [(b"host", b"evil.com"), (b"host", b"localhost")]) is not None
    assert verdict(LOCAL, [(b"host", b"localhost"), (b"x", b"1"), (b"x", b"2")]) is None


def test_an_address_cannot_be_rebound_so_a_server_for_all_takes_any() -> None:
    assert verdict(EVERYWHERE, [(b"host", b"192.168.1.5:8080")]) is None
    assert verdict(EVERYWHERE, [(b"host", b"[2001:db8::5]")]) is None
    assert verdict(EVERYWHERE, [(b"host", b"papernet.test:8080")]) is None
    assert verdict(EVERYWHERE, [(b"host", b"evil.com")]) is not None


@pytest.mark.parametrize(
    "origin", [b"http://evil.com", b"https://localhost:8080", b"http://localhost", b"http://localhost:8081", b"null", b"", b"*",
               b"http://", b"http://evil.com:8080", b"http://localhost:8080.evil.com", b"localhost:8080", b"http://\xff",
               b"chrome-extension://abc", b"http://localhost:8080/", b"file://"],
)  # fmt: skip
def test_web_pages_of_others_are_refused(origin: bytes) -> None:
    assert verdict(LOCAL, [(b"host", b"localhost:8080"), (b"origin", origin)]) is not None


def test_pages_of_its_own_are_answered() -> None:
    for origin in (b"http://localhost:8080", b"http://127.0.0.1:8080", b"http://[::1]:8080"):
        assert verdict(LOCAL, [(b"host", b"localhost:8080"), (b"origin", origin)]) is None
    assert verdict(HostPolicy(LOOPBACK_NAMES, 80), [(b"host", b"localhost"), (b"origin", b"http://localhost")]) is None


def test_pages_of_its_own_come_over_tls_too() -> None:
    for host in (b"localhost:8443", b"papernet.test:8443", b"[::1]:8443"):
        assert verdict(BOTH, [(b"host", host), (b"origin", b"https://" + host)]) is None
        assert verdict(BOTH, [(b"host", host)]) is None
    for origin in (
        b"http://localhost:8443",
        b"https://localhost:8080",
        b"https://localhost",
        b"https://evil.com:8443",
        b"wss://localhost:8443",
    ):
        assert verdict(BOTH, [(b"host", b"localhost:8443"), (b"origin", origin)]) is not None
    usual = HostPolicy(LOOPBACK_NAMES, 80, tls_port=443)
    assert verdict(usual, [(b"host", b"localhost"), (b"origin", b"https://localhost")]) is None
    assert verdict(LOCAL, [(b"host", b"localhost"), (b"origin", b"https://localhost")]) is not None


def test_a_picture_on_a_web_page_is_refused_too() -> None:
    # browsers send no Origin with a plain GET, but say where it came from
    for site, answered in (
        (b"cross-site", False),
        (b"same-site", False),
        (b"same-origin", True),
        (b"none", True),
        (b"x", False),
    ):
        headers = [(b"host", b"localhost:8080"), (b"sec-fetch-site", site)]
        assert (verdict(LOCAL, headers) is None) == answered


def test_loopback_addresses() -> None:
    assert all(is_loopback(plain_address(text)) for text in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"))
    assert not any(is_loopback(plain_address(text)) for text in ("10.0.0.1", "::2", "", "localhost", "::ffff:10.0.0.1"))
    assert plain_address("::ffff:10.0.0.1") == "10.0.0.1"
    assert plain_address("2001:db8::ffff") == "2001:db8::ffff"
