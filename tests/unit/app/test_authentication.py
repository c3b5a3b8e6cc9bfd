"""Signatures: the published examples, our own vectors, and everything that must not pass for one."""

import base64
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from papernet.app.authentication import Authenticator, load_public_key
from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType, Permission

VECTORS = Path(__file__).parents[2] / "vectors" / "signing"
API_KEY = "a" * 64


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def key_of(key_type: KeyType, secret: str) -> RegisterKey:
    return RegisterKey(1, API_KEY, key_type, secret, (Permission.TRADE,))


def public_pem(key: Any) -> str:
    encoded: bytes = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode()


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in load(name)["cases"]]


HMAC = load("hmac_published")


@pytest.mark.parametrize("case", cases("hmac_published"))
def test_published_hmac_examples_are_valid_in_any_case(case: dict[str, str]) -> None:
    key = key_of(KeyType.HMAC, HMAC["secret"])
    authenticator = Authenticator()
    payload = case["payload"].encode()
    assert authenticator.is_valid(key, payload, case["signature"])
    assert authenticator.is_valid(key, payload, case["signature"].upper())
    assert not authenticator.is_valid(key, payload + b"0", case["signature"])
    assert not authenticator.is_valid(key, payload, case["signature"][:-1])
    assert not authenticator.is_valid(key, payload, "0" * 64)


@pytest.mark.parametrize("case", cases("public_key"))
def test_public_key_vectors_are_valid_and_case_sensitive(case: dict[str, str]) -> None:
    key_type = KeyType[case["type"]]
    assert load_public_key(case["public_key"]) is key_type
    key = key_of(key_type, case["public_key"])
    authenticator = Authenticator()
    payload, signature = case["payload"].encode(), case["signature"]
    assert authenticator.is_valid(key, payload, signature)
    assert not authenticator.is_valid(key, payload + b"&", signature)
    assert not authenticator.is_valid(key, payload, signature.swapcase())
    assert not authenticator.is_valid(key, payload, signature[:-4])
    assert not authenticator.is_valid(key, payload, "")
    assert not authenticator.is_valid(key, payload, "*" + signature[1:])


def test_the_published_public_key_examples_have_the_form_of_rsa_2048() -> None:
    lengths: dict[str, int | None] = {}
    for case in load("public_key_published")["cases"]:
        try:
            lengths[case["name"]] = len(base64.b64decode(case["signature"], validate=True))
        except ValueError:
            lengths[case["name"]] = None
    assert lengths == {
        "RSA, ascii symbol": 256,
        "RSA, symbol of full-width digits": 256,
        "Ed25519, ascii symbol": None,
        "Ed25519, symbol of full-width digits": 256,
    }


@given(st.text(max_size=200), st.binary(max_size=200))
def test_no_text_passes_for_a_signature(signature: str, payload: bytes) -> None:
    authenticator = Authenticator()
    vectors = load("public_key")["cases"]
    pems = {case["type"]: case["public_key"] for case in vectors}
    keys = [key_of(KeyType.HMAC, "secret"), *(key_of(KeyType[name], pem) for name, pem in pems.items())]
    for number, key in enumerate(keys):
        other = RegisterKey(1, f"{number:064d}", key.key_type, key.secret, key.permissions)
        assert not authenticator.is_valid(other, payload, signature)


def test_a_key_registered_anew_is_verified_anew() -> None:
    authenticator = Authenticator()
    case = HMAC["cases"][0]
    assert authenticator.is_valid(key_of(KeyType.HMAC, HMAC["secret"]), case["payload"].encode(), case["signature"])
    assert not authenticator.is_valid(key_of(KeyType.HMAC, "another"), case["payload"].encode(), case["signature"])
    assert authenticator.is_valid(key_of(KeyType.HMAC, HMAC["secret"]), case["payload"].encode(), case["signature"])


def test_a_long_hmac_secret_is_hashed_first() -> None:
    secret = "s" * 200
    signature = hmac.new(secret.encode(), b"payload", "sha256").hexdigest()
    assert Authenticator().is_valid(key_of(KeyType.HMAC, secret), b"payload", signature)


def test_a_broken_public_key_verifies_nothing() -> None:
    assert not Authenticator().is_valid(key_of(KeyType.RSA, "no key"), b"", "AAAA")
    pem = public_pem(ed25519.Ed25519PrivateKey.generate().public_key())
    assert not Authenticator().is_valid(key_of(KeyType.RSA, pem), b"", "AAAA")


def test_only_pkcs1_v15_with_sha256_is_accepted() -> None:
    private = rsa.generate_private_key(65_537, 2048)
    key = key_of(KeyType.RSA, public_pem(private.public_key()))
    pss = private.sign(b"payload", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    sha1 = private.sign(b"payload", padding.PKCS1v15(), hashes.SHA512())
    for signature in (pss, sha1):
        assert not Authenticator().is_valid(key, b"payload", base64.b64encode(signature).decode())


def refused_keys() -> Iterator[Any]:
    private = ed25519.Ed25519PrivateKey.generate()
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    yield pytest.param(secret, "private key", id="private")
    yield pytest.param(public_pem(ec.generate_private_key(ec.SECP256R1()).public_key()), "Only RSA and Ed25519", id="ec")
    yield pytest.param(public_pem(ed448.Ed448PrivateKey.generate().public_key()), "Only RSA and Ed25519", id="ed448")
    yield pytest.param(public_pem(dsa.generate_private_key(2048).public_key()), "Only RSA and Ed25519", id="dsa")
    yield pytest.param(public_pem(rsa.generate_private_key(65_537, 1024).public_key()), "2048 to 4096 bits", id="rsa-1024")
    yield pytest.param("", "not a public key", id="empty")
    yield pytest.param("ssh-ed25519 AAAA", "not a public key", id="ssh")
    yield pytest.param("\ud800\uff11", "not a public key", id="surrogate")
    yield pytest.param("x" * 100_000, "longer than", id="long")


@pytest.mark.parametrize(("pem", "reason"), list(refused_keys()))
def test_other_keys_are_refused_with_a_reason(pem: str, reason: str) -> None:
    told = load_public_key(pem)
    assert isinstance(told, str)
    assert not isinstance(told, KeyType)
    assert reason in told
