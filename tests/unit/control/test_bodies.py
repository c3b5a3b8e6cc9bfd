"""What the control plane takes: names, amounts, permissions, addresses and public keys."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from papernet.control import bodies
from papernet.control.bodies import BadBodyError, public_key
from papernet.core.enums import KeyType, Permission
from papernet.core.units import AMOUNT_MAX, SCALE

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | ed448.Ed448PublicKey


def pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2048)


def test_rsa_and_ed25519_are_taken_and_recognised(rsa_key: rsa.RSAPrivateKey) -> None:
    ed25519_pem = pem(ed25519.Ed25519PrivateKey.generate().public_key())
    assert public_key(None, f"\n  {ed25519_pem}\n\n") == (KeyType.ED25519, ed25519_pem)
    assert public_key(KeyType.RSA, pem(rsa_key.public_key())) == (KeyType.RSA, pem(rsa_key.public_key()))


def test_the_type_has_to_fit(rsa_key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(BadBodyError, match="is RSA, but its type was given as ED25519"):
        public_key(KeyType.ED25519, pem(rsa_key.public_key()))


def test_a_private_key_is_told_as_what_it_is(rsa_key: rsa.RSAPrivateKey) -> None:
    text = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(BadBodyError, match="private key"):
        public_key(None, text)


def test_other_keys_are_refused_with_a_reason() -> None:
    with pytest.raises(BadBodyError, match="2048"):
        public_key(None, pem(rsa.generate_private_key(65_537, 1024).public_key()))
    for key in (ec.generate_private_key(ec.SECP256K1()).public_key(), ed448.Ed448PrivateKey.generate().public_key()):
        with pytest.raises(BadBodyError, match="Only RSA and Ed25519"):
            public_key(None, pem(key))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "\ud800",
        "x" * 20_000,
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadBodyError, match="public_key: "):
        public_key(None, text)


def test_amounts_are_exact() -> None:
    assert bodies.amount("0.00000001", "x") == 1
    assert bodies.amount("-2.5", "x", signed=True) == -5 * SCALE // 2
    assert bodies.amount("92233720368.54775807", "x") == AMOUNT_MAX
    for text in ("-1", "92233720368.54775808", "1e3", "٣", "0.000000001", " 1", ""):
        with pytest.raises(BadBodyError, match="x: "):
            bodies.amount(text, "x")


def test_a_key_may_do_everything_unless_somebody_says() -> None:
    assert bodies.permissions(None) == tuple(Permission)
    assert bodies.permissions([]) == ()
    assert bodies.permissions(["TRADE", "USER_DATA", "TRADE"]) == (Permission.USER_DATA, Permission.TRADE)
    with pytest.raises(BadBodyError, match="'trade' is none of"):
        bodies.permissions(["trade"])


def test_types_of_keys() -> None:
    assert bodies.key_type("") is None
    assert bodies.key_type("ed25519") is KeyType.ED25519
    with pytest.raises(BadBodyError, match="none of HMAC, RSA, ED25519"):
        bodies.key_type("ECDSA")


def test_addresses_are_addresses() -> None:
    assert bodies.ip_list(None) == ()
    assert bodies.ip_list(["10.0.0.1", "2001:DB8:0::1"]) == ("10.0.0.1", "2001:db8::1")
    for text in ("10.0.0.0/8", "localhost", "", "10.0.0.01"):
        with pytest.raises(BadBodyError, match="no IP address"):
            bodies.ip_list([text])


def test_nothing_is_an_empty_object() -> None:
    with pytest.raises(BadBodyError, match="name"):
        bodies.decode(b"", bodies.OpenAccountBody)
    assert bodies.decode(b'{"name":"dave"}', bodies.OpenAccountBody).balances is None
