"""The list of those who may take part after an identity check: numbers in, keyed hashes kept."""

import dataclasses
from collections.abc import Iterator

from app.domain.deduplication.person_keys import (
    normalise_mobile,
    normalise_national_id,
    person_key,
)
from app.domain.questionnaires.audience import IDENTIFYING, IdentityCheck
from app.errors import Fault, InvalidInput
from app.services.identity import as_typed
from app.services.list_files import decode_list
from app.services.log_in import oidc_person
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.roll import insert_eligible

LONGEST_SUBJECT = 255


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """What became of a list. `known`: persons who were on a list of this wave already."""

    rows: int
    repeated: int
    new: int
    known: int


async def list_eligible(
    resources: Resources, wave: Wave, *, respondent_class: str, content: bytes
) -> Listed:
    """Add persons to the list of a class, from a file with one number a line.

    Identity numbers, mobile numbers, or subjects of the log-in provider: whichever the class is
    identified by. From the first list on, nobody else of the class may take part. Raises
    InvalidInput with every fault by row, and then lists nobody; the numbers are not kept.
    """
    check = _check_of(wave, respondent_class)
    persons, faults = [], []
    for number, line in _lines(decode_list(content)):
        try:
            persons.append(_normalised(resources, wave, check, line))
        except InvalidInput as refused:
            faults += [Fault(f"row {number}", one.code, one.message) for one in refused.faults]
    if not persons and not faults:
        faults.append(Fault("file", "empty", "The list has no rows"))
    if faults:
        raise InvalidInput(faults=faults)
    keys = {person_key(resources.keys, wave.code, check, person) for person in persons}
    async with resources.database.writing() as connection:
        new = await insert_eligible(connection, wave.id, respondent_class, list(keys))
    return Listed(len(persons), len(persons) - len(keys), new, len(keys) - new)


def _check_of(wave: Wave, respondent_class: str) -> IdentityCheck:
    checks = {
        check
        for one in wave.definition.audience.classes
        for way in one.ways_in
        for check in way.identify_by
        if one.code == respondent_class and way.trust in IDENTIFYING
    }
    if len(checks) != 1:
        message = "The definition identifies this class by one kind of number or not at all"
        raise InvalidInput(faults=[Fault("class", "one-check", message)])
    return checks.pop()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if clean := line.strip().strip(',;"'):
            yield number, clean


def _normalised(resources: Resources, wave: Wave, check: IdentityCheck, line: str) -> str:
    match check:
        case "national_id":
            return normalise_national_id(as_typed(line), wave.survey.local_date(resources.now()))
        case "phone":
            return normalise_mobile(as_typed(line))
    if len(line) > LONGEST_SUBJECT or not line.isprintable():
        raise InvalidInput(
            faults=[Fault("subject", "not-a-subject", "A subject is at most 255 characters")]
        )
    return oidc_person(resources.oidc.issuer, line)
