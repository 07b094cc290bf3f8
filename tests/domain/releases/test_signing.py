import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.releases.signing import key_id, public_jwk, sign, verify
from app.errors.releases import SignatureRefused

# The key, its thumbprint and the signed example of RFC 8037, appendix A.
SEED = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
PUBLIC = base64.urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
KEYS = {THUMBPRINT: PUBLIC}
PAYLOAD = '{"index":"82.80","title":"满意度"}'.encode()
JWS = sign(PAYLOAD, KEY)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def resigned(header: object, payload: bytes = PAYLOAD) -> str:
    """Sign a header of the attacker's choice with the right key, as no honest signer does."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    signed = f"{encoded(text)}.{encoded(payload)}"
    return f"{signed}.{encoded(KEY.sign(signed.encode()))}"


def test_a_key_is_named_by_its_thumbprint() -> None:
    assert key_id(PUBLIC) == THUMBPRINT
    assert public_jwk(PUBLIC)["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def test_the_example_of_the_rfc_is_signed_alike() -> None:
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    assert encoded(KEY.sign(signed)) == (
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )


def test_what_was_signed_is_read_back_and_twice_alike() -> None:
    assert verify(JWS, KEYS) == PAYLOAD
    assert sign(PAYLOAD, KEY) == JWS


def test_a_header_of_our_own_is_all_that_is_needed() -> None:
    assert verify(resigned({"kid": THUMBPRINT, "alg": "EdDSA"}), KEYS) == PAYLOAD


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": THUMBPRINT},
        {"alg": "HS256", "kid": THUMBPRINT},
        {"alg": "eddsa", "kid": THUMBPRINT},
        {"alg": "EdDSA"},
        {"alg": "EdDSA", "kid": "unknown"},
        {"alg": "EdDSA", "kid": [THUMBPRINT]},
        {"alg": "EdDSA", "kid": THUMBPRINT, "jwk": public_jwk(PUBLIC)},
        {"alg": "EdDSA", "kid": THUMBPRINT, "crit": ["b64"], "b64": False},
        ["EdDSA", THUMBPRINT],
        b"{",
        b"[" * 100_000,
        b"\xff",
    ],
    ids=lambda header: str(header)[:40],
)
def test_a_header_that_asks_for_anything_else_is_refused(header: object) -> None:
    with pytest.raises(SignatureRefused):
        verify(resigned(header), KEYS)


def test_an_unsigned_document_is_refused() -> None:
    header = encoded(json.dumps({"alg": "none", "kid": THUMBPRINT}).encode())
    with pytest.raises(SignatureRefused):
        verify(f"{header}.{encoded(PAYLOAD)}.", KEYS)


def test_whatever_is_changed_is_noticed() -> None:
    for place in range(0, len(JWS), 7):
        other = "A" if JWS[place] != "A" else "B"
        with pytest.raises(SignatureRefused):
            verify(JWS[:place] + other + JWS[place + 1 :], KEYS)


@pytest.mark.parametrize("text", ["", ".", "..", "...", JWS + ".", JWS + "=", JWS + "\n", "é.é.é"])
def test_what_is_no_jws_is_refused(text: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(text, KEYS)


def test_another_key_under_the_same_name_does_not_verify() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(SignatureRefused):
        verify(JWS, {THUMBPRINT: other})
