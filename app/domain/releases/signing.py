"""Sign documents with Ed25519 and verify them: JWS in compact form (RFC 7515, RFC 8037).

A signature is read strictly: only the algorithm `EdDSA`, only the header fields `alg` and `kid`,
only keys the reader already trusts. A header that names another algorithm, carries a key or asks
for an extension is refused, so that nobody can choose how they are verified.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.releases.canonical import canonical
from app.errors.releases import SignatureRefused

ALGORITHM = "EdDSA"
PUBLIC_BYTES = 32


def public_jwk(public_key: bytes) -> dict[str, str]:
    """Describe a raw public key (32 bytes) as a JSON Web Key (RFC 8037 section 2)."""
    return {
        **_required_members(public_key),
        "kid": key_id(public_key),
        "alg": ALGORITHM,
        "use": "sig",
    }


def key_id(public_key: bytes) -> str:
    """Give the name of a raw public key (32 bytes): its JWK thumbprint (RFC 7638, SHA-256)."""
    return _encode(hashlib.sha256(canonical(_required_members(public_key))).digest())


def _required_members(public_key: bytes) -> dict[str, str]:
    if len(public_key) != PUBLIC_BYTES:
        msg = f"a public key has {PUBLIC_BYTES} bytes"
        raise ValueError(msg)
    return {"crv": "Ed25519", "kty": "OKP", "x": _encode(public_key)}


def sign(payload: bytes, private_key: Ed25519PrivateKey) -> str:
    """Write header, payload and signature as compact JWS; the same bytes for the same input."""
    kid = key_id(private_key.public_key().public_bytes_raw())
    header = canonical({"alg": ALGORITHM, "kid": kid})
    signed = f"{_encode(header)}.{_encode(payload)}"
    return f"{signed}.{_encode(private_key.sign(signed.encode()))}"


def verify(jws: str, keys: Mapping[str, bytes]) -> bytes:
    """Give the payload of a compact JWS signed by one of these raw public keys, by key id.

    Raises SignatureRefused: malformed, another algorithm, a key not known, an altered payload.
    """
    signed, _, signature = jws.rpartition(".")
    header, separator, payload = signed.partition(".")
    if not separator or "." in payload:
        raise SignatureRefused("This is no compact JWS")
    public_key = keys.get(_key_named(_decode(header)))
    if public_key is None:
        raise SignatureRefused("The signature's key is not known")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(_decode(signature), signed.encode())
    except InvalidSignature:
        raise SignatureRefused("The signature does not belong to this content") from None
    return _decode(payload)


def _key_named(header: bytes) -> str:
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError):
        raise SignatureRefused("The signature's header is not JSON") from None
    match fields:
        case {"alg": "EdDSA", "kid": str(kid), **others} if not others:
            return kid
    raise SignatureRefused("The signature's header asks for something else than EdDSA with a key")


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Read base64url without padding, in its one spelling (RFC 7515 section 2)."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SignatureRefused("A part of the signature is not base64url") from None
    if _encode(content) != text:
        raise SignatureRefused("A part of the signature is not base64url")
    return content
