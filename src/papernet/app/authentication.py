"""Whether a request was signed with the secret that belongs to its API key.

Order of work.  The first request of a key prepares a verifier, which is kept until the key is registered anew: an HMAC key's
                two padded hashes are computed once, a public key is parsed once.
Invariant.      Signatures are compared in constant time. A malformed signature or key is a wrong signature, never an error.
Does not.       Decide what was signed: the payload is the raw bytes that a door received.
Cost.           HMAC about 2 us, RSA 25 to 70 us, Ed25519 about 190 us; the library for the latter two is loaded on first use.
Source.         rest-api.md, SIGNED Endpoint security; Signature Case Sensitivity.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from papernet.core.commands import RegisterKey
from papernet.core.enums import KeyType

Verifier = Callable[[bytes, str], bool]

RSA_BITS_MIN: Final = 2048
RSA_BITS_MAX: Final = 4096
_PEM_LENGTH_MAX: Final = 8192
_VERIFIERS_MAX: Final = 10_000

_BLOCK: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


class Authenticator:
    """Verifies signatures, remembering what each key needs for it."""

    def __init__(self) -> None:
        """Start with nothing prepared."""
        self._verifiers: Final[dict[str, tuple[RegisterKey, Verifier]]] = {}

    def is_valid(self, key: RegisterKey, payload: bytes, signature: str) -> bool:
        """Return whether `signature` is the key's for `payload`."""
        prepared = self._verifiers.get(key.api_key)
        if prepared is None or prepared[0] is not key:
            if len(self._verifiers) >= _VERIFIERS_MAX:
                self._verifiers.clear()
            prepared = self._verifiers[key.api_key] = (key, _verifier(key))
        return prepared[1](payload, signature)


def load_public_key(pem: str) -> KeyType | str:
    """Return which type of API key a public key PEM makes, or why it makes none."""
    if len(pem) > _PEM_LENGTH_MAX:
        return f"The public key is longer than {_PEM_LENGTH_MAX} characters."
    if "PRIVATE KEY" in pem:
        return "This is a private key: keep it to yourself and send the public one."
    loaded = _load(pem)
    if isinstance(loaded, str):
        return loaded
    return loaded[0]


def _verifier(key: RegisterKey) -> Verifier:
    if key.key_type is KeyType.HMAC:
        return _hmac_verifier(key.secret.encode("utf-8", "surrogatepass"))
    loaded = _load(key.secret)
    if isinstance(loaded, str) or loaded[0] is not key.key_type:
        return _refuse_all
    return loaded[1]


def _refuse_all(_payload: bytes, _signature: str) -> bool:
    return False


def _hmac_verifier(secret: bytes) -> Verifier:
    """RFC 2104 with SHA-256; the two hashes of the padded secret are computed here, once."""
    padded = (sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    copy_inner = sha256(padded.translate(_INNER)).copy
    copy_outer = sha256(padded.translate(_OUTER)).copy
    compare = hmac.compare_digest

    def verify(payload: bytes, signature: str) -> bool:
        inner = copy_inner()
        inner.update(payload)
        outer = copy_outer()
        outer.update(inner.digest())
        # rest-api.md, Signature Case Sensitivity: HMAC signatures are not case-sensitive.
        return signature.isascii() and compare(outer.hexdigest(), signature.lower())

    return verify


def _decoded(signature: str) -> bytes | None:
    try:
        return b64decode(signature.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def _load(pem: str) -> tuple[KeyType, Verifier] | str:
    """Return a public key's type and verifier, or why there is none."""
    # Imported here because loading the library takes longer than the rest of papernet's start.
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public_key = load_pem_public_key(pem.encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        return "This is not a public key in PEM format."
    if isinstance(public_key, Ed25519PublicKey):

        def verify_ed25519(payload: bytes, signature: str) -> bool:
            raw = _decoded(signature)
            if raw is None:
                return False
            try:
                public_key.verify(raw, payload)
            except InvalidSignature:
                return False
            return True

        return KeyType.ED25519, verify_ed25519
    if isinstance(public_key, RSAPublicKey):
        if not RSA_BITS_MIN <= public_key.key_size <= RSA_BITS_MAX:
            return f"An RSA key must have {RSA_BITS_MIN} to {RSA_BITS_MAX} bits; this one has {public_key.key_size}."
        padding, algorithm = PKCS1v15(), SHA256()

        def verify_rsa(payload: bytes, signature: str) -> bool:
            raw = _decoded(signature)
            if raw is None:
                return False
            try:
                public_key.verify(raw, payload, padding, algorithm)
            except InvalidSignature:
                return False
            return True

        return KeyType.RSA, verify_rsa
    return "Only RSA and Ed25519 public keys are supported."
