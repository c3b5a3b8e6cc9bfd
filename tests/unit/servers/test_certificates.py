"""What is in the certificates, and what OpenSSL makes of them."""

import ipaddress
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as load_key

from papernet.core.dates import DAY, SECOND
from papernet.servers import clock
from papernet.servers.certificates import Pair, Term, authority_term, make_authority, make_server
from papernet.servers.tls import server_context
from tests.support.handshakes import handshake, strict_client

NAMES = ("localhost", "127.0.0.1", "::1", "10.1.2.3", "2001:db8::7", "papernet.test")
NOW = clock.now()
TERM = Term(NOW - DAY, NOW + 100 * DAY)


def certificate(pair: Pair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.certificate)


@pytest.fixture(scope="module")
def authority() -> Pair:
    return make_authority(NAMES, TERM)


def shake(directory: Path, authority: Pair, names: tuple[str, ...], host: str) -> ssl.SSLObject:
    """Shake hands with a server that shows a certificate for `names`, asked as `host` by a client that trusts the CA."""
    server = make_server(authority, names, TERM)
    (directory / "server.pem").write_bytes(server.key + server.certificate)
    (directory / "ca.pem").write_bytes(authority.certificate)
    return handshake(server_context(directory / "server.pem"), strict_client(directory / "ca.pem"), host)


def test_the_extensions_of_a_ca(authority: Pair) -> None:
    made = certificate(authority)
    assert [(type(each.value), each.critical) for each in made.extensions] == [
        (x509.BasicConstraints, True),
        (x509.KeyUsage, True),
        (x509.NameConstraints, True),
        (x509.SubjectKeyIdentifier, False),
    ]
    basics = made.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basics.ca, basics.path_length) == (True, 0)
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    constraints = made.extensions.get_extension_for_class(x509.NameConstraints).value
    assert constraints.excluded_subtrees is None
    assert [each.value for each in constraints.permitted_subtrees or ()] == [
        "localhost",
        ipaddress.ip_network("127.0.0.0/8"),
        ipaddress.ip_network("::1/128"),
        ipaddress.ip_network("10.1.2.3/32"),
        ipaddress.ip_network("2001:db8::7/128"),
        "papernet.test",
    ]


def test_the_extensions_of_a_server(authority: Pair) -> None:
    made = certificate(make_server(authority, NAMES, TERM))
    assert [(type(each.value), each.critical) for each in made.extensions] == [
        (x509.SubjectAlternativeName, False),
        (x509.BasicConstraints, True),
        (x509.KeyUsage, True),
        (x509.ExtendedKeyUsage, False),
        (x509.SubjectKeyIdentifier, False),
        (x509.AuthorityKeyIdentifier, False),
    ]
    named = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert tuple(str(each.value) for each in named) == NAMES
    basics = made.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basics.ca, basics.path_length) == (False, None)
    usage = made.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (False, False, True)
    uses = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [each.dotted_string for each in uses] == ["1.3.6.1.5.5.7.3.1"]
    made.verify_directly_issued_by(certificate(authority))
    key = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert key == certificate(authority).extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def test_the_term_is_the_one_asked_for(authority: Pair) -> None:
    seconds = Term(*(time // SECOND * SECOND for time in TERM))
    assert authority_term(authority, NAMES) == seconds
    made = certificate(make_server(authority, NAMES, TERM))
    assert made.not_valid_before_utc == datetime.fromtimestamp(seconds.since // SECOND, UTC)
    assert made.not_valid_after_utc == datetime.fromtimestamp(seconds.until // SECOND, UTC)


@pytest.mark.parametrize("host", NAMES)
def test_the_strictest_verification_passes(tmp_path: Path, authority: Pair, host: str) -> None:
    shaken = shake(tmp_path, authority, NAMES, host)
    assert shaken.version() == "TLSv1.3"
    assert shaken.getpeercert()


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "testnet.binance.vision",
        "notpapernet.test",
        "papernet.test.example",
        "test",
        "10.1.2.4",
        "128.0.0.1",
        "::2",
    ],
)
def test_what_the_ca_may_not_vouch_for_is_refused_though_its_key_signed(tmp_path: Path, authority: Pair, host: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake(tmp_path, authority, (host,), host)


@pytest.mark.parametrize("host", ["sub.localhost", "127.5.6.7", "sub.papernet.test"])
def test_what_is_within_the_constraints_may_be_signed(tmp_path: Path, authority: Pair, host: str) -> None:
    assert shake(tmp_path, authority, (host,), host).version() == "TLSv1.3"


def test_a_certificate_is_for_its_names_only(tmp_path: Path, authority: Pair) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake(tmp_path, authority, NAMES, "sub.papernet.test")


def test_the_key_of_a_server_signs_nothing(tmp_path: Path, authority: Pair) -> None:
    server = make_server(authority, NAMES, TERM)
    leaf = make_server(server, ("localhost",), TERM)
    (tmp_path / "server.pem").write_bytes(leaf.key + leaf.certificate + server.certificate)
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match="invalid CA certificate"):
        handshake(server_context(tmp_path / "server.pem"), strict_client(tmp_path / "ca.pem"), "localhost")


def test_two_cas_have_two_names(authority: Pair) -> None:
    assert certificate(authority).subject != certificate(make_authority(NAMES, TERM)).subject


def locked(pair: Pair) -> bytes:
    key = load_key(pair.key, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def test_what_is_no_ca_for_these_names_is_told(authority: Pair) -> None:
    server = make_server(authority, NAMES, TERM)
    other = make_authority(NAMES, TERM)
    alien = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for pair, names, told in (
        (Pair(authority.certificate, other.key), NAMES, "belongs to another"),
        (Pair(authority.certificate, alien), NAMES, "belongs to another"),
        (Pair(authority.certificate, locked(authority)), NAMES, "cannot be read"),
        (Pair(authority.certificate, b""), NAMES, "cannot be read"),
        (Pair(b"", authority.key), NAMES, "cannot be read"),
        (Pair(authority.certificate[:200], authority.key), NAMES, "cannot be read"),
        (server, NAMES, "every name"),
        (authority, NAMES[:3], "other names"),
    ):
        with pytest.raises(ValueError, match=told):
            authority_term(pair, names)
