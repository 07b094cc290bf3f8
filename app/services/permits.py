"""Permits: minted before a wave opens, drawn after an identity check, issued to a device, read.

`admit` turns the line of text in a citizen's hand into what it allows. Spending happens in one
place only: `services/responses.py`.
"""

import dataclasses
from collections.abc import Sequence
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication import permits as writing
from app.domain.deduplication.keys import derive_once
from app.domain.deduplication.permits import (
    ConfidentialPermit,
    FormPermit,
    MintedPermit,
    OpenPermit,
    Permit,
    permit_hash,
    read_permit,
    response_id,
)
from app.domain.deduplication.sealing import NONCE_BYTES, SealBroken, seal, unseal
from app.domain.deduplication.sign_in import SignIn
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.questionnaires.navigation import Offer, offered_departments
from app.errors import Fault, InvalidInput, MinyiError
from app.errors.answering import (
    AlreadyTookPart,
    NoPermitsLeft,
    NotEligible,
    PermitRefused,
    WayInNotOffered,
)
from app.services.resources import Resources
from app.services.waves import Wave, intake_of, require_intake
from app.store import permits as store
from app.store import roll
from app.store.look_ups import Known, LookUp, look_up
from app.store.permits import PermitRecord
from app.store.randomness import random_bytes
from app.store.responses import find_response
from app.store.waves import hold_alone, hold_wave

FILL_AT_ONCE = 5000
REVOKED_AT_ONCE = 5000
POOL_BATCH = "pool"


@dataclasses.dataclass(frozen=True)
class Admission:
    """What a permit allows: one response of this class, by this mode, about these departments.

    `receipt` is there once the permit has been spent, `sealed_draft` where answers were saved.
    `seed` draws what is random for this respondent, the same on every page.
    `took_part_elsewhere`: the slip of a paper form said so.
    """

    wave: Wave
    permit: Permit | FormPermit
    permit_hash: bytes
    mode: Mode
    trust: Trust
    respondent_class: str
    own_unit: str
    stratum: str
    point: str
    department: str
    window: str
    seed: bytes
    receipt: str | None
    sealed_draft: bytes | None = None
    took_part_elsewhere: bool = False

    @property
    def response_id(self) -> bytes:
        """The id of the one response that this permit allows."""
        return response_id(self.wave.code, self.permit_hash)

    @cached_property
    def offer(self) -> Offer:
        """The departments that may be rated; drawn when first asked for: not every page asks."""
        return _offer(self.wave, self.respondent_class, self.seed, self.own_unit, self.department)


@dataclasses.dataclass(frozen=True, slots=True)
class Recipient:
    """For whom an invitation is minted; empty words where they say nothing."""

    respondent_class: str
    mode: Mode = Mode.WEB
    own_unit: str = ""
    department: str = ""
    window: str = ""
    stratum: str = ""
    label: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Invitation:
    """A minted permit in clear: shown once, printed or exported, never stored."""

    recipient: Recipient
    permit: str
    typed_code: str


def require_way_in(wave: Wave, respondent_class: str, mode: Mode, trust: Trust) -> None:
    """Raise WayInNotOffered unless the definition offers this combination."""
    for one in wave.definition.audience.classes:
        if one.code == respondent_class and any(
            way.mode is mode and way.trust is trust for way in one.ways_in
        ):
            return
    raise WayInNotOffered


async def issue_open_permit(
    resources: Resources,
    wave: Wave,
    *,
    respondent_class: str,
    mode: Mode = Mode.WEB,
    device: str | None = None,
    department: str | None = None,
    window: str | None = None,
) -> str:
    """Sign a permit for one device; nothing is stored.

    The same device gets the same permit again: for the wave, or, where the definition says
    `once_per: day`, for this window today. Without `device` the permit is a new one.
    Raises WayInNotOffered, InvalidInput for an unknown place, and the intake errors.
    """
    require_way_in(wave, respondent_class, mode, Trust.OPEN)
    require_intake(wave.intake(mode, resources.now()))
    department = _place(wave, department, window)
    permit = OpenPermit(
        respondent_class, mode, department, window or "", _nonce(resources, wave, device, window)
    )
    _offer(wave, permit.respondent_class, b"", "", department)
    return writing.write_open(resources.keys, wave.code, permit)


def _place(wave: Wave, department: str | None, window: str | None) -> str:
    """Give the department of a link or QR code; a window says it by itself."""
    if window:
        if window not in wave.survey.windows:
            raise InvalidInput(faults=[Fault("window", "unknown", "There is no such window")])
        return wave.survey.windows[window].code
    if department and department not in wave.survey.departments:
        raise InvalidInput(faults=[Fault("department", "unknown", "There is no such department")])
    return department or ""


def _nonce(resources: Resources, wave: Wave, device: str | None, window: str | None) -> str:
    if device is None:
        return writing.encode(random_bytes(16))
    once = device
    if wave.definition.audience.collection.once_per == "day":
        today = wave.survey.local_date(resources.now())
        once = f"{device}/{window or ''}/{today.isoformat()}"
    return writing.encode(resources.keys.mac("device", wave.code, once.encode())[:16])


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A permit as somebody shows it, not looked up yet.

    `name` is that under which the response side knows it, or its typed code.
    """

    wave: Wave
    permit: Permit
    name: bytes

    @property
    def is_minted(self) -> bool:
        """Say whether storage has to be asked; any other says by itself what it allows."""
        return isinstance(self.permit, MintedPermit)

    def look_up(self, *, sitting: bool) -> LookUp:
        """Make the question to storage; `sitting`: also what has come of the permit."""
        typed = isinstance(self.permit, MintedPermit) and self.permit.typed
        return LookUp(self.wave.id, self.wave.code, self.name, typed, self.is_minted, sitting)


def read_shown(resources: Resources, wave: Wave, permit_text: str) -> Shown:
    """Read a permit. Raises PermitRefused where it can't be one of this wave."""
    permit = read_permit(resources.keys, wave.code, permit_text)
    if permit is None:
        raise PermitRefused
    return Shown(wave, permit, permit_hash(resources.keys, wave.code, permit))


async def admit(resources: Resources, wave: Wave, permit_text: str) -> Admission:
    """Say what a permit allows, whether it was spent, and what was saved with it.

    Raises PermitRefused where it is not one of this wave or was revoked, and the intake errors
    where its mode takes no answers now.
    """
    shown = read_shown(resources, wave, permit_text)
    found = await _ask(resources, shown.look_up(sitting=True))
    return _admission(resources, shown, found.permit or _by_itself(shown), found)


def admit_by_itself(resources: Resources, shown: Shown) -> Admission:
    """Say what a permit allows that was not minted. Raises what `admit` raises."""
    return _admission(resources, shown, _by_itself(shown))


async def admit_minted(
    resources: Resources, connection: AsyncConnection, shown: Sequence[Shown]
) -> list[Admission | MinyiError]:
    """Say what minted permits allow, in their order, inside a transaction that many share."""
    found = await look_up(connection, [one.look_up(sitting=False) for one in shown])
    outcomes: list[Admission | MinyiError] = []
    for one, known in zip(shown, found, strict=True):
        try:
            outcomes.append(_admission(resources, one, known.permit))
        except MinyiError as refusal:
            outcomes.append(refusal)
    return outcomes


async def _ask(resources: Resources, question: LookUp) -> Known:
    """Ask storage, together with all who ask at the same time."""
    return await resources.commits.of("look-up", look_up, reads_only=True).submit(question)


def _admission(
    resources: Resources, shown: Shown, record: PermitRecord | None, known: Known | None = None
) -> Admission:
    if record is None or record.state == "revoked":
        raise PermitRefused
    if isinstance(shown.permit, MintedPermit) and record.trust is not shown.permit.trust:
        raise PermitRefused
    require_intake(shown.wave.intake(record.mode, resources.now()))
    return admission_of(resources, shown.wave, shown.permit, record, known)


def admission_of(
    resources: Resources,
    wave: Wave,
    permit: Permit | FormPermit,
    minted: PermitRecord,
    known: Known | None = None,
) -> Admission:
    """Say what a permit allows, from what is known of it and of what has come of it."""
    return Admission(
        wave=wave,
        permit=permit,
        permit_hash=minted.permit_hash,
        mode=minted.mode,
        trust=minted.trust,
        respondent_class=minted.respondent_class,
        own_unit=minted.own_unit,
        stratum=minted.stratum,
        point=minted.point,
        department=minted.department,
        window=minted.window,
        seed=resources.keys.mac("seed", wave.code, minted.permit_hash),
        receipt=_receipt(wave, minted.permit_hash) if known and known.spent else None,
        sealed_draft=known.draft if known else None,
    )


def _receipt(wave: Wave, name: bytes) -> str:
    return writing.receipt_code(response_id(wave.code, name))


def _by_itself(shown: Shown) -> PermitRecord | None:
    """Give what a permit says by itself; nothing where it was minted."""
    permit, name = shown.permit, shown.name
    if isinstance(permit, MintedPermit):
        return None
    if isinstance(permit, ConfidentialPermit):
        return PermitRecord(
            name, "unspent", Trust.CONFIDENTIAL, permit.mode, permit.respondent_class
        )
    return PermitRecord(
        name,
        "unspent",
        Trust.OPEN,
        permit.mode,
        permit.respondent_class,
        department=permit.department,
        window=permit.window,
    )


def _offer(wave: Wave, respondent_class: str, seed: bytes, own_unit: str, department: str) -> Offer:
    return offered_departments(
        wave.definition,
        respondent_class,
        seed=seed,
        own_unit=own_unit or None,
        fixed=department or None,
    )


async def mint_invitations(
    resources: Resources, wave: Wave, *, recipients: Sequence[Recipient], batch: str
) -> list[Invitation]:
    """Mint a permit for each recipient, in their order.

    Each has a long code for links and QR codes and a short one to type. Only keyed hashes are
    stored: the list returned is the only copy. `batch` names the minting, for revoking it.
    Raises WayInNotOffered or InvalidInput, and then mints nothing.
    """
    for recipient in recipients:
        _check_recipient(wave, recipient)
    invitations, records, typed = [], [], []
    for recipient in recipients:
        secret, code = random_bytes(writing.SECRET_BYTES), writing.typed_code(random_bytes(8))
        name = writing.minted_hash(resources.keys, wave.code, secret)
        records.append(_record(recipient, name, batch))
        spelling = writing.read_typed_code(code) or ""
        typed.append((writing.typed_hash(resources.keys, wave.code, spelling), name))
        invitations.append(Invitation(recipient, writing.write_minted(Trust.INVITED, secret), code))
    async with resources.database.writing() as connection:
        await store.insert_permits(connection, wave.id, records, typed)
    return invitations


def _check_recipient(wave: Wave, recipient: Recipient) -> None:
    require_way_in(wave, recipient.respondent_class, recipient.mode, Trust.INVITED)
    department = _place(wave, recipient.department, recipient.window)
    _offer(wave, recipient.respondent_class, b"", recipient.own_unit, department)


def _record(recipient: Recipient, name: bytes, batch: str) -> PermitRecord:
    return PermitRecord(
        permit_hash=name,
        state="unspent",
        trust=Trust.INVITED,
        mode=recipient.mode,
        respondent_class=recipient.respondent_class,
        own_unit=recipient.own_unit,
        department=recipient.department,
        window=recipient.window,
        stratum=recipient.stratum,
        batch=batch,
    )


async def revoke_batch(resources: Resources, wave: Wave, *, batch: str) -> int:
    """Revoke all unspent permits of one minting; gives how many.

    In portions, each of which keeps citizens waiting for a moment only. Where it breaks off, doing
    it again does the rest.
    """
    revoked = 0
    while True:
        async with resources.database.writing() as connection:
            await hold_alone(connection, wave.id)
            some = await store.find_unspent(connection, wave.id, batch, REVOKED_AT_ONCE)
            if not some:
                return revoked
            revoked += await store.revoke(connection, wave.id, some)


async def revoke_permit(resources: Resources, wave: Wave, *, permit_text: str) -> None:
    """Revoke one unspent invitation. Raises PermitRefused where there is none to revoke."""
    shown = read_shown(resources, wave, permit_text)
    if not shown.is_minted:
        raise PermitRefused
    record = (await _ask(resources, shown.look_up(sitting=False))).permit
    if record is None:
        raise PermitRefused
    async with resources.database.writing() as connection:
        if not await store.revoke(connection, wave.id, [record.permit_hash]):
            raise PermitRefused


async def fill_pool(
    resources: Resources, wave: Wave, *, respondent_class: str, n: int, mode: Mode = Mode.WEB
) -> None:
    """Mint n permits for citizens who will be verified.

    The response side learns their hashes first and the roll side their sealed secrets after,
    each in a random order of its own and in transactions of its own: nothing pairs the two.
    """
    require_way_in(wave, respondent_class, mode, Trust.VERIFIED)
    context = f"pool/{wave.code}/{respondent_class}"
    key = resources.keys.key("pool", wave.code)
    for size in _portions(n):
        secrets = [random_bytes(writing.SECRET_BYTES) for _ in range(size)]
        records = [
            PermitRecord(
                writing.minted_hash(resources.keys, wave.code, secret),
                "unspent",
                Trust.VERIFIED,
                mode,
                respondent_class,
                batch=POOL_BATCH,
            )
            for secret in secrets
        ]
        async with resources.database.writing() as connection:
            await store.insert_permits(connection, wave.id, records)
        sealed = [seal(key, random_bytes(NONCE_BYTES), secret, context) for secret in secrets]
        async with resources.database.writing() as connection:
            await roll.insert_pool(connection, wave.id, respondent_class, sealed)


def _portions(n: int) -> list[int]:
    return [min(FILL_AT_ONCE, n - start) for start in range(0, n, FILL_AT_ONCE)]


async def permit_after_sign_in(resources: Resources, wave: Wave, sign_in: SignIn) -> str:
    """Give the permit of a citizen whose identity was checked.

    Verified: drawn from the pool, and the same one again for the same sign-in. Confidential:
    sealed with the person's key and details. Raises NotEligible, AlreadyTookPart, NoPermitsLeft
    and the intake errors.
    """
    require_way_in(wave, sign_in.respondent_class, sign_in.mode, sign_in.trust)
    require_intake(wave.intake(sign_in.mode, resources.now()))
    async with resources.database.reading() as connection:
        if not await roll.is_eligible(
            connection, wave.id, sign_in.respondent_class, sign_in.person_key
        ):
            raise NotEligible
    if sign_in.trust is Trust.CONFIDENTIAL:
        return await _confidential_permit(resources, wave, sign_in)
    return await _drawn_permit(resources, wave, sign_in)


async def _confidential_permit(resources: Resources, wave: Wave, sign_in: SignIn) -> str:
    permit = ConfidentialPermit(
        sign_in.respondent_class, sign_in.mode, sign_in.person_key, sign_in.details
    )
    name = response_id(wave.code, permit_hash(resources.keys, wave.code, permit))
    async with resources.database.reading() as connection:
        on_roll = await roll.find_memo(connection, wave.id, sign_in.person_key)
        if on_roll is not None and await find_response(connection, wave.id, name) is None:
            raise AlreadyTookPart
    return writing.write_confidential(resources.keys, wave.code, permit, random_bytes(NONCE_BYTES))


async def _drawn_permit(resources: Resources, wave: Wave, sign_in: SignIn) -> str:
    """Draw, or repeat the draw; of two draws at once by one sign-in the loser finds the memo."""
    for _ in range(2):
        async with resources.database.reading() as connection:
            memo = await roll.find_memo(connection, wave.id, sign_in.person_key)
        if memo is not None:
            return _repeat(wave, sign_in, memo)
        secret = await _draw(resources, wave, sign_in)
        if secret is not None:
            return writing.write_minted(Trust.VERIFIED, secret)
    raise AlreadyTookPart


def _repeat(wave: Wave, sign_in: SignIn, memo: bytes) -> str:
    try:
        secret = unseal(_memo_key(sign_in), memo, f"memo/{wave.code}")
    except SealBroken:
        raise AlreadyTookPart from None
    return writing.write_minted(Trust.VERIFIED, secret)


async def _draw(resources: Resources, wave: Wave, sign_in: SignIn) -> bytes | None:
    """Take a permit from the pool and enter the person on the roll; None if already there.

    The state is held: after the close has rewritten the roll, nobody comes to stand beside it.
    """
    async with resources.database.writing() as connection:
        held = await hold_wave(connection, wave.id)
        require_intake(intake_of(held, sign_in.mode, resources.now()))
        sealed = await roll.take_from_pool(connection, wave.id, sign_in.respondent_class)
        if sealed is None:
            raise NoPermitsLeft
        secret = unseal(
            resources.keys.key("pool", wave.code),
            sealed,
            f"pool/{wave.code}/{sign_in.respondent_class}",
        )
        memo = seal(_memo_key(sign_in), random_bytes(NONCE_BYTES), secret, f"memo/{wave.code}")
        person = roll.Claim(sign_in.person_key, sign_in.trust, sign_in.respondent_class, memo)
        if not await roll.claim(connection, wave.id, person):
            await connection.rollback()
            return None
    return secret


def _memo_key(sign_in: SignIn) -> bytes:
    return derive_once(sign_in.nonce, "memo")
