"""The second factor: time-based codes (RFC 6238, 30 seconds, 6 digits) and recovery codes.

The secret is stored sealed. A code works once: its time step is used up, and no earlier one works
after it. A recovery code is used up by deleting its hash.
"""

import base64
import datetime
import hmac
import re
import unicodedata

import pyotp
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.permits import encode, normalise
from app.domain.deduplication.sealing import NONCE_BYTES, seal, unseal
from app.services.resources import Resources
from app.store import staff as store
from app.store.randomness import random_bytes
from app.store.staff import StaffRecord

SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
STEP_SECONDS = 30
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """Make a secret as authenticator apps read it (base 32)."""
    return base64.b32encode(random_bytes(SECRET_BYTES)).decode()


def enrolment_address(secret: str, name: str) -> str:
    """Write what the QR code for an authenticator app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Minyi")


def seal_secret(resources: Resources, staff_id: int, secret: str, purpose: str) -> bytes:
    """Seal a secret for one account; `purpose` is `totp` or, before it is proved, `enrolment`."""
    key = resources.keys.key(f"staff-{purpose}")
    return seal(key, random_bytes(NONCE_BYTES), secret.encode(), f"staff/{staff_id}")


def open_secret(resources: Resources, staff_id: int, sealed: bytes, purpose: str) -> str:
    """Open what `seal_secret` sealed. Raises SealBroken."""
    return unseal(resources.keys.key(f"staff-{purpose}"), sealed, f"staff/{staff_id}").decode()


def matching_step(secret: str, code: str, now: datetime.datetime) -> int | None:
    """Give the time step whose code this is: the present one, the last or the next, or none."""
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", code[:40]))
    if not _CODE.fullmatch(digits):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


async def use_code(
    connection: AsyncConnection, resources: Resources, account: StaffRecord, code: str
) -> str:
    """Use up a code; gives what it was, `code` or `recovery-code`, or nothing if it was wrong."""
    secret = open_secret(resources, account.id, account.sealed_totp, "totp")
    step = matching_step(secret, code, resources.now())
    if step is not None:
        return "code" if await store.use_totp_step(connection, account.id, step) else ""
    letters = normalise(code[:40])
    if not letters:
        return ""
    hashed = _hash_recovery_code(resources, account.id, letters)
    used = await store.use_recovery_code(connection, account.id, hashed)
    return "recovery-code" if used else ""


async def make_recovery_codes(
    connection: AsyncConnection, resources: Resources, staff_id: int
) -> list[str]:
    """Replace an account's recovery codes; they are shown once and stored as hashes."""
    codes = [encode(random_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    hashes = [_hash_recovery_code(resources, staff_id, code) for code in codes]
    await store.replace_recovery_codes(connection, staff_id, sorted(hashes))
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in codes]


def _hash_recovery_code(resources: Resources, staff_id: int, letters: str) -> bytes:
    return resources.keys.mac("staff-recovery", "", f"{staff_id}/{letters}".encode())
