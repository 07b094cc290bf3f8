"""Authenticated encryption of single records: AES-256-GCM with a random 96-bit nonce.

The context (table, wave, record) is bound as associated data, so a sealed value can't be moved to
another record. Format: nonce ‖ ciphertext ‖ tag.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class SealBroken(Exception):
    """The value was sealed with another key or for another record, or was altered."""


def seal(key: bytes, nonce: bytes, plain: bytes, context: str) -> bytes:
    """Encrypt. `nonce` is 12 fresh random bytes (the caller has the randomness)."""
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal` made under the same key and context; raises SealBroken."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, context.encode())
    except (InvalidTag, ValueError) as broken:
        raise SealBroken from broken
