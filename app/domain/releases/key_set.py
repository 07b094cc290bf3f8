"""Read a JSON Web Key Set (RFC 7517) of Ed25519 keys, as the city publishes it."""

import base64
import binascii
import json

from app.domain.releases.signing import key_id
from app.errors.releases import SignatureRefused


def read_key_set(content: bytes) -> dict[str, bytes]:
    """Give raw public keys by key id; other kinds of keys are left out.

    Raises SignatureRefused where the set is malformed or a key does not have the name it claims.
    """
    try:
        listed = json.loads(content)["keys"]
        keys = [(one["kid"], _raw(one["x"])) for one in listed if one.get("crv") == "Ed25519"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise SignatureRefused("This is no JSON Web Key Set") from None
    for name, key in keys:
        if len(key) != 32 or key_id(key) != name:
            raise SignatureRefused("A key of the set does not have the name it claims")
    return dict(keys)


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
