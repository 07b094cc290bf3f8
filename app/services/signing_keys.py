"""The keys that sign releases: one signs, all public ones stay known (docs/decisions/0016).

Private keys are sealed under the master secret: the database alone can sign nothing.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.deduplication.sealing import NONCE_BYTES, seal, unseal
from app.domain.releases.signing import key_id
from app.services import audit
from app.services.resources import Resources
from app.store import signing_keys as store
from app.store.randomness import random_bytes
from app.store.signing_keys import SigningKeyRecord

SEED_BYTES = 32
FIRST_BY = "system"


async def list_keys(resources: Resources) -> list[SigningKeyRecord]:
    """List all keys, the one that signs last."""
    async with resources.database.reading() as connection:
        return await store.list_keys(connection)


async def public_keys(resources: Resources) -> dict[str, bytes]:
    """Give every raw public key by its key id: what our signatures are verified with."""
    return {one.key_id: one.public_key for one in await list_keys(resources)}


async def current_private_key(resources: Resources) -> Ed25519PrivateKey:
    """Give the key that signs, making the first where there is none yet.

    Opens its own transactions: call it before the one that stores what was signed.
    """
    known = await list_keys(resources)
    if not known:
        await _add(resources, 1, by=FIRST_BY)
        known = await list_keys(resources)
    return _unsealed(resources, known[-1])


async def rotate(resources: Resources, *, by: str) -> SigningKeyRecord:
    """Make a new key that signs from now on; the earlier ones stay published."""
    while True:
        number = len(await list_keys(resources)) + 1
        if made := await _add(resources, number, by=by):
            return made


async def _add(resources: Resources, number: int, *, by: str) -> SigningKeyRecord | None:
    """Add a key; None where another process was faster."""
    key = _made(resources, number)
    async with resources.database.writing() as connection:
        if not await store.insert_key(connection, key):
            return None
        await audit.record(
            connection, resources, by=by, act="keys.made", object_="keys", key=key.key_id
        )
    return key


def _made(resources: Resources, number: int) -> SigningKeyRecord:
    seed = random_bytes(SEED_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    name = key_id(public)
    sealed = seal(_sealing_key(resources), random_bytes(NONCE_BYTES), seed, _context(name))
    return SigningKeyRecord(number, name, public, sealed, resources.now())


def _unsealed(resources: Resources, key: SigningKeyRecord) -> Ed25519PrivateKey:
    seed = unseal(_sealing_key(resources), key.sealed_private_key, _context(key.key_id))
    return Ed25519PrivateKey.from_private_bytes(seed)


def _sealing_key(resources: Resources) -> bytes:
    return resources.keys.key("signing-key")


def _context(name: str) -> str:
    return f"signing-key/{name}"
