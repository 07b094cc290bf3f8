from pathlib import Path

import pytest
from sqlalchemy import select

from app.errors import InvalidInput
from app.errors.answering import NotEligible
from app.services.eligibility import Listed, list_eligible
from app.services.identity import sign_in_by_national_id
from app.services.permits import permit_after_sign_in
from app.services.resources import Resources
from app.services.waves import Wave
from app.tables import eligible_persons
from tests.support.identity import LI, LI_PHONE, VERIFIED, WANG, ZHAO, town_identifying_by
from tests.support.surveys import open_town


async def listed(resources: Resources, wave: Wave, text: str) -> Listed:
    return await list_eligible(resources, wave, respondent_class="residents", content=text.encode())


async def rows(resources: Resources) -> list[tuple[object, ...]]:
    async with resources.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(eligible_persons))]


async def test_those_on_the_list_may_take_part_and_nobody_else(resources: Resources) -> None:
    wave = await open_town(resources)
    found = await listed(resources, wave, f"{LI}\r\n{LI.lower()}\n\n{WANG},\n")
    assert found == Listed(rows=3, repeated=1, new=2, known=0)
    for number in (LI, WANG):
        sign_in = sign_in_by_national_id(resources, wave, VERIFIED, national_id=number)
        assert await permit_after_sign_in(resources, wave, sign_in)
    stranger = sign_in_by_national_id(resources, wave, VERIFIED, national_id=ZHAO)
    with pytest.raises(NotEligible):
        await permit_after_sign_in(resources, wave, stranger)
    again = await listed(resources, wave, f"{LI}\n{ZHAO}\n")
    assert again == Listed(rows=2, repeated=0, new=1, known=1)
    assert await permit_after_sign_in(resources, wave, stranger)


async def test_numbers_are_not_kept(resources: Resources) -> None:
    wave = await open_town(resources)
    await listed(resources, wave, LI)
    assert LI.encode() not in repr(await rows(resources)).encode()
    [(_, key, _)] = await rows(resources)
    assert isinstance(key, bytes)
    assert len(key) == 32


async def test_one_wrong_row_lists_nobody_and_is_named_without_its_number(
    resources: Resources,
) -> None:
    wave = await open_town(resources)
    wrong = LI[:-1] + "1"
    with pytest.raises(InvalidInput) as refused:
        await listed(resources, wave, f"{LI}\n{wrong}\n{WANG}\n123\n")
    assert [(f.field, f.code) for f in refused.value.faults] == [
        ("row 2", "checksum"),
        ("row 4", "format"),
    ]
    assert wrong not in " ".join(map(str, refused.value.faults))
    assert await rows(resources) == []


async def test_an_empty_list_shuts_nobody_out(resources: Resources) -> None:
    wave = await open_town(resources)
    with pytest.raises(InvalidInput):
        await listed(resources, wave, " \n\n")
    stranger = sign_in_by_national_id(resources, wave, VERIFIED, national_id=ZHAO)
    assert await permit_after_sign_in(resources, wave, stranger)


@pytest.mark.parametrize(("check", "line"), [("phone", LI_PHONE), ("oidc", "li@example.org")])
async def test_a_list_has_what_the_class_is_identified_by(
    resources: Resources, tmp_path: Path, check: str, line: str
) -> None:
    wave = await open_town(resources, folder=town_identifying_by(tmp_path, check))
    assert (await listed(resources, wave, line)).new == 1


async def test_a_class_without_or_with_several_checks_has_no_list(
    resources: Resources, tmp_path: Path
) -> None:
    folder = town_identifying_by(tmp_path, "phone, national_id")
    wave = await open_town(resources, folder=folder)
    for respondent_class in ("residents", "organs"):
        with pytest.raises(InvalidInput) as refused:
            await list_eligible(
                resources, wave, respondent_class=respondent_class, content=LI.encode()
            )
        assert [fault.code for fault in refused.value.faults] == ["one-check"]
