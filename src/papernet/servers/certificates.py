"""X.509: a CA that can speak for a few names only, and the server certificates that it signs.

Order of work.  A CA is made for names and a term; whoever has its pair of files signs with it until it ends.
Invariant.      A CA vouches for this machine and the names it was made for, for nothing else, and for no other CA. What is made
                passes the strictest verification: every extension that RFC 5280 asks for, critical where it says so.
Does not.       Touch files or read a clock. Loading this module loads the `cryptography` library, which takes its time: import
                it where a certificate is made, nowhere else.
Units.          Times are microseconds UTC; certificates know whole seconds.
"""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from papernet.core.dates import SECOND

# Every CA may vouch for this machine.
_OWN_NAME: Final = "localhost"
_OWN_ADDRESSES: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))


class Pair(NamedTuple):
    """A certificate and its private key, as PEM."""

    certificate: bytes
    key: bytes


class Term(NamedTuple):
    """From when until when a certificate holds."""

    since: int
    until: int


def make_authority(names: Iterable[str], term: Term) -> Pair:
    """Make a CA that can vouch for this machine and for `names`."""
    key = generate_private_key(SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # Told apart by name too: programs may be given several of them at once.
    subject = _subject(f"papernet local CA {identifier.digest.hex()[:8]}")
    builder = (
        _builder(subject, subject, key, term)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(identifier, critical=False)
    )
    return _pair(builder.sign(key, SHA256()), key)


def make_server(authority: Pair, names: Iterable[str], term: Term) -> Pair:
    """Make a server's certificate for `names`, signed by a CA."""
    issuer, issuer_key = _load(authority)
    key = generate_private_key(SECP256R1())
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _builder(_subject("papernet server"), issuer.subject, key, term)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    return _pair(builder.sign(issuer_key, SHA256()), key)


def authority_term(authority: Pair, names: Iterable[str]) -> Term:
    """Return when a CA that was made for `names` holds; a ValueError says why the pair is no such thing."""
    certificate, _ = _load(authority)
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise ValueError("it may speak for every name") from error
    if constraints != _constraints(names):
        raise ValueError("it is for other names")
    return Term(_microseconds(certificate.not_valid_before_utc), _microseconds(certificate.not_valid_after_utc))


def _load(pair: Pair) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(pair.certificate)
        key = load_pem_private_key(pair.key, password=None)
        fits = isinstance(key, EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("its files cannot be read") from error
    if not fits:
        raise ValueError("its key belongs to another certificate")
    return certificate, cast("EllipticCurvePrivateKey", key)


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, term: Term) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_datetime(term.since))
        .not_valid_after(_datetime(term.until))
    )


def _pair(certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> Pair:
    return Pair(certificate.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "papernet"), x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _constraints(names: Iterable[str]) -> x509.NameConstraints:
    """Return what a CA for `names` may vouch for; a name stands for those below it too, a network for its addresses."""
    permitted: list[x509.GeneralName] = [x509.DNSName(_OWN_NAME), *map(x509.IPAddress, _OWN_ADDRESSES)]
    for name in names:
        general = _general_name(name)
        if isinstance(general, x509.DNSName):
            permitted += [] if name == _OWN_NAME or name.endswith(f".{_OWN_NAME}") else [general]
        else:
            address = ipaddress.ip_address(name)
            permitted += [] if any(address in own for own in _OWN_ADDRESSES) else [x509.IPAddress(ipaddress.ip_network(name))]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _datetime(time: int) -> datetime:
    return datetime.fromtimestamp(time // SECOND, UTC)


def _microseconds(time: datetime) -> int:
    return int(time.timestamp()) * SECOND
