"""Who somebody is, checked once and forgotten: from an identity check to a sign-in.

A sign-in is sealed and handed to the citizen's browser; nothing is stored here. What it allows is
decided when it is turned into a permit (`services/permits.py:permit_after_sign_in`).
"""

import dataclasses
import re
import unicodedata

from app.domain.deduplication import sign_in as writing
from app.domain.deduplication.person_keys import normalise_national_id, person_key
from app.domain.deduplication.sealing import NONCE_BYTES
from app.domain.deduplication.sign_in import SignIn, read_sign_in, write_sign_in
from app.domain.questionnaires.audience import IDENTIFYING, IdentityCheck, Mode, Trust
from app.errors import Fault, InvalidInput
from app.errors.answering import IdentityCheckFailed, IdentityCheckUnavailable, WayInNotOffered
from app.errors.operations import NotInstalled
from app.services.resources import Resources
from app.services.waves import Wave, require_intake
from app.store.randomness import random_bytes

LONGEST_NAME = 60
_NOT_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclasses.dataclass(frozen=True, slots=True)
class WayWanted:
    """By which class and trust level somebody wants to take part on the web."""

    respondent_class: str
    trust: Trust

    @property
    def by_name(self) -> bool:
        """Whether the details given are kept, sealed, with the answers."""
        return self.trust is Trust.CONFIDENTIAL


def checks_offered(resources: Resources, wave: Wave, way: WayWanted) -> list[IdentityCheck]:
    """List the identity checks that the definition offers for this way in.

    Raises WayInNotOffered, and the intake errors: nobody is asked who they are for nothing.
    """
    for one in wave.definition.audience.classes:
        for offered in one.ways_in:
            wanted = (one.code, offered.mode, offered.trust)
            if wanted == (way.respondent_class, Mode.WEB, way.trust) and way.trust in IDENTIFYING:
                require_intake(wave.intake(Mode.WEB, resources.now()))
                return list(offered.identify_by)
    raise WayInNotOffered


def require_check(resources: Resources, wave: Wave, way: WayWanted, check: IdentityCheck) -> None:
    """Raise WayInNotOffered, or an intake error, unless this check is offered now.

    Raises IdentityCheckUnavailable where it is not set up here: nobody types a number in vain.
    """
    if check not in checks_offered(resources, wave, way):
        raise WayInNotOffered
    _require_set_up(resources, check)


def is_set_up(resources: Resources, check: IdentityCheck) -> bool:
    """Say whether this installation can make the check: a gateway or provider may be missing."""
    try:
        _require_set_up(resources, check)
    except (IdentityCheckUnavailable, NotInstalled):
        return False
    return True


def _require_set_up(resources: Resources, check: IdentityCheck) -> None:
    if check == "phone":
        resources.phone_sender.require_set_up()
    if check == "oidc":
        resources.oidc.require_set_up()


def sign_in_by_national_id(
    resources: Resources, wave: Wave, way: WayWanted, *, national_id: str, name: str = ""
) -> SignIn:
    """Sign somebody in by the number of their identity document; by name, with the name too.

    Raises InvalidInput with all faults, WayInNotOffered and the intake errors.
    """
    require_check(resources, wave, way, "national_id")
    today = wave.survey.local_date(resources.now())
    faults: list[Fault] = []
    number = ""
    try:
        number = normalise_national_id(as_typed(national_id), today)
    except InvalidInput as refused:
        faults += refused.faults
    details = details_of(way, faults, name=name, national_id=number)
    if faults:
        raise InvalidInput(faults=faults)
    return new_sign_in(resources, wave, way, check="national_id", person=number, details=details)


def as_typed(text: str) -> str:
    """Read what was typed with a Chinese keyboard too: full-width digits become plain ones."""
    return unicodedata.normalize("NFKC", text[:100])


def details_of(way: WayWanted, faults: list[Fault], *, name: str, **known: str) -> dict[str, str]:
    """Give what is kept, sealed, with the answers: nothing but at level `confidential`.

    Faults of the name are added to `faults`.
    """
    if not way.by_name:
        return {}
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean:
        faults.append(Fault("name", "name-missing", "Please give your name."))
    elif len(clean) > LONGEST_NAME or _NOT_A_NAME.search(clean):
        faults.append(Fault("name", "not-a-name", "The name is too long or can't be read."))
    return {"name": clean, **known}


def new_sign_in(
    resources: Resources,
    wave: Wave,
    way: WayWanted,
    *,
    check: IdentityCheck,
    person: str,
    details: dict[str, str],
) -> SignIn:
    """Make the sign-in of a person whose normalised number or subject was checked."""
    return SignIn(
        respondent_class=way.respondent_class,
        mode=Mode.WEB,
        trust=way.trust,
        person_key=person_key(resources.keys, wave.code, check, person),
        details=details,
        nonce=random_bytes(16),
        until=resources.now() + writing.GOOD_FOR,
    )


def seal_sign_in(resources: Resources, wave: Wave, sign_in: SignIn) -> str:
    """Write a sign-in for the citizen's browser."""
    return write_sign_in(resources.keys, wave.code, sign_in, random_bytes(NONCE_BYTES))


def open_sign_in(resources: Resources, wave: Wave, text: str) -> SignIn:
    """Read a sign-in. Raises IdentityCheckFailed where it is none of this wave, or too old."""
    sign_in = read_sign_in(resources.keys, wave.code, text, resources.now())
    if sign_in is None:
        raise IdentityCheckFailed
    return sign_in
