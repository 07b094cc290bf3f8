import pytest

from app.domain.questionnaires.audience import Mode
from app.errors import InvalidInput
from app.services.invitation_list import read_recipients, repeat_recipient
from app.services.permits import Recipient
from app.services.resources import Resources
from tests.support.surveys import open_town


def faults_of(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in refused.value.faults]


async def test_rows_become_recipients(resources: Resources) -> None:
    wave = await open_town(resources)
    content = (
        'class,own_unit,label,window,mode\norgans,D02,"处长, 公安局",,\n\n,,张三,W1,web\n'
    ).encode()
    assert read_recipients(wave, content, respondent_class="residents") == [
        Recipient("organs", own_unit="D02", label="处长, 公安局"),
        Recipient("residents", label="张三", window="W1"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_files_of_chinese_spreadsheets_are_read(resources: Resources, encoding: str) -> None:
    wave = await open_town(resources)
    content = "label\r\n李明\r\n".encode(encoding)
    [recipient] = read_recipients(wave, content, respondent_class="residents")
    assert recipient.label == "李明"


async def test_every_fault_of_every_row_is_named_by_row_and_column_only(
    resources: Resources,
) -> None:
    wave = await open_town(resources)
    content = (
        "class,mode,own_unit,department,window,stratum,label\n"
        "strangers,,,,,,王五\n"
        "organs,,,,,,王五\n"
        "organs,,D99,,,,王五\n"
        "residents,kiosk,,,,,王五\n"
        "visitors,,,D01,,,王五\n"
        "residents,telepathy,,D99,,a stratum,王五\n"
        "residents,,,D02,W1,,王五\n"
        "residents,,,,W9,,\n"
        f"residents,,,,,,{'王' * 121}\n"
        "residents,,,,,,赵六\n"
    ).encode()
    with pytest.raises(InvalidInput) as refused:
        read_recipients(wave, content)
    assert faults_of(refused) == [
        ("row 2.class", "unknown"),
        ("row 3.own_unit", "required"),
        ("row 4.own_unit", "unknown"),
        ("row 5.mode", "not-offered"),
        ("row 6.class", "not-invited"),
        ("row 7.mode", "not-offered"),
        ("row 7.department", "unknown"),
        ("row 7.stratum", "not-a-code"),
        ("row 8.window", "elsewhere"),
        ("row 9.window", "unknown"),
        ("row 10.label", "not-a-label"),
    ]
    said = " ".join(map(str, refused.value.faults))
    for written in ("王", "strangers", "D99", "telepathy", "W9", "a stratum"):
        assert written not in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ("row 1", "header")),
        (b"name,label\nx,y\n", ("row 1", "header")),
        (b"label,label\nx,y\n", ("row 1", "header")),
        (b"label\nx,y\n", ("row 2", "too-many-cells")),
        (b'label\n"x\n', ("file", "not-csv")),
        (b"label\n\n\n", ("file", "empty")),
        (b"label\n\xff\xff\n", ("file", "not-text")),
    ],
)
async def test_what_is_no_list_is_refused(
    resources: Resources, content: bytes, fault: tuple[str, str]
) -> None:
    wave = await open_town(resources)
    with pytest.raises(InvalidInput) as refused:
        read_recipients(wave, content, respondent_class="residents")
    assert faults_of(refused) == [fault]


async def test_without_a_list_the_class_must_need_no_more(resources: Resources) -> None:
    wave = await open_town(resources)
    assert repeat_recipient(wave, "residents", Mode.WEB, 2) == [Recipient("residents")] * 2
    with pytest.raises(InvalidInput) as refused:
        repeat_recipient(wave, "organs", Mode.WEB, 2)
    assert faults_of(refused) == [("own_unit", "required")]


async def test_somebody_whose_unit_is_not_rated_says_so(resources: Resources) -> None:
    wave = await open_town(resources)
    content = b"class,own_unit\norgans,none\n"
    assert read_recipients(wave, content) == [Recipient("organs")]
