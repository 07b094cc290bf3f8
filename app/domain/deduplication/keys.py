"""One master secret, kept outside the database; a separate key for every purpose and wave.

Whoever has the database alone can therefore neither recompute the hash of a known identity number
nor guess a short typed code. Derivation: HKDF-SHA256 (RFC 5869), `info` names purpose and wave.
"""

import base64
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASTER_BYTES = 32


class Keys:
    """Derives keys from the master secret; never shows it."""

    def __init__(self, master: bytes) -> None:
        if len(master) != MASTER_BYTES:
            msg = f"the master secret has {MASTER_BYTES} bytes"
            raise ValueError(msg)
        self._master = master
        self._derived: dict[tuple[str, str], bytes] = {}

    def key(self, purpose: str, wave: str = "") -> bytes:
        """Give the 32-byte key for this purpose and wave."""
        name = (purpose, wave)
        if name not in self._derived:
            info = f"minyi/1/{purpose}/{wave}".encode()
            self._derived[name] = HKDF(SHA256(), 32, salt=None, info=info).derive(self._master)
        return self._derived[name]

    def mac(self, purpose: str, wave: str, message: bytes) -> bytes:
        """Give the 32-byte HMAC-SHA256 of a message under that key."""
        return hmac.digest(self.key(purpose, wave), message, "sha256")


def derive_once(secret: bytes, purpose: str) -> bytes:
    """Give the 32-byte key that belongs to a random secret held by a citizen."""
    return HKDF(SHA256(), 32, salt=None, info=f"minyi/1/{purpose}".encode()).derive(secret)


def master_from_text(text: str) -> bytes:
    """Read the master secret as written in a file or setting (URL-safe base64)."""
    return base64.urlsafe_b64decode(text.strip())


def master_to_text(master: bytes) -> str:
    """Write the master secret as `master_from_text` reads it."""
    return base64.urlsafe_b64encode(master).decode()
