"""Public keys that accounts may and may not have."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from papernet.control.bodies import BadBodyError, public_key
from papernet.core.enums import KeyType

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
