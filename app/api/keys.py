"""The public keys with which anybody verifies what we sign (RFC 7517)."""

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.v1.models import OutputModel
from app.api.v1.problems import problems
from app.dependencies import ResourcesOfApp
from app.domain.releases.signing import public_jwk
from app.security import ANYONE
from app.services.signing_keys import list_keys

router = APIRouter(tags=["releases"], dependencies=[ANYONE])


class KeyOut(OutputModel):
    """A public Ed25519 key as JSON Web Key (RFC 8037)."""

    kty: str = Field(examples=["OKP"])
    crv: str = Field(examples=["Ed25519"])
    x: str = Field(examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
    kid: str = Field(examples=["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"])
    alg: str = Field(examples=["EdDSA"])
    use: str = Field(examples=["sig"])


class KeysOut(OutputModel):
    """Every key that ever signed; retired ones stay, so that old signatures stay verifiable."""

    keys: list[KeyOut]


@router.get("/.well-known/jwks.json", responses=problems(), summary="Public keys")
async def get_keys(resources: ResourcesOfApp, reply: Response) -> KeysOut:
    """Give all public keys, the one that signs now first."""
    reply.headers["cache-control"] = "public, max-age=300"
    known = await list_keys(resources)
    return KeysOut(keys=[KeyOut(**public_jwk(one.public_key)) for one in reversed(known)])
