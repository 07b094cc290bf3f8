import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.questionnaires.audience import DatesOfMode
from app.errors.operations import NotInstalled
from app.services import typesetting
from app.services.letters import typeset_letters
from app.services.permits import Invitation, Recipient, admit, mint_invitations
from app.services.resources import Resources
from app.services.waves import Wave, create_wave
from app.settings import ROOT
from tests.support.printed import shows_qr_of, words_of
from tests.support.surveys import CLOSED, OPENED, open_town

LINK = "http://127.0.0.1:8000/w/town/i/"


async def invite(resources: Resources, wave: Wave, *to: Recipient) -> list[Invitation]:
    return await mint_invitations(resources, wave, recipients=list(to), batch="letters")


async def test_a_letter_says_what_why_until_when_and_how(resources: Resources) -> None:
    wave = await open_town(resources)
    invited = await invite(resources, wave, Recipient("residents", label="张三 #1_a"))
    [pdf] = typeset_letters(resources, wave, invited)
    [words] = words_of(pdf)
    for expected in (
        "小镇满意度调查",
        "Townsatisfactionsurvey",
        "小镇绩效办",
        "了解居民对各部门服务的评价。",
        "不记录您是谁。",
        "张三#1_a",
        "2026年11月1日至30日",
        "1–30Nov2026",
        "约1分钟",
        "about1minute",
        "127.0.0.1:8000/w/town",
        invited[0].typed_code.replace("-", ""),
    ):
        assert expected in words, expected


async def test_qr_and_typed_code_of_each_page_are_one_permit(resources: Resources) -> None:
    wave = await open_town(resources)
    invited = await invite(resources, wave, *[Recipient("residents")] * 2)
    [pdf] = typeset_letters(resources, wave, invited)
    for page, one in enumerate(invited):
        assert shows_qr_of(pdf, LINK + one.permit, page=page)
        assert one.typed_code.replace("-", "") in words_of(pdf)[page]
        by_link = await admit(resources, wave, one.permit)
        by_code = await admit(resources, wave, one.typed_code)
        assert by_link.permit_hash == by_code.permit_hash
    assert not shows_qr_of(pdf, LINK + invited[1].permit, page=0)


async def test_a_letter_about_a_window_names_it(resources: Resources) -> None:
    wave = await open_town(resources)
    invited = await invite(resources, wave, Recipient("residents", window="W1"))
    [pdf] = typeset_letters(resources, wave, invited)
    assert "请您评价：教育局一号窗口。" in words_of(pdf)[0]
    assert "Youareaskedtorate:EducationBureau,Window1." in words_of(pdf)[0]


async def test_letters_come_25_to_a_file_in_their_order(resources: Resources) -> None:
    wave = await open_town(resources)
    invited = await invite(resources, wave, *[Recipient("residents")] * 27)
    files = list(typeset_letters(resources, wave, invited))
    pages = [page for pdf in files for page in words_of(pdf)]
    assert [len(words_of(pdf)) for pdf in files] == [25, 2]
    for words, one in zip(pages, invited, strict=True):
        assert one.typed_code.replace("-", "") in words


async def test_the_same_letters_are_the_same_bytes(resources: Resources) -> None:
    wave = await open_town(resources)
    invited = await invite(resources, wave, Recipient("residents"))
    first, second = (next(typeset_letters(resources, wave, invited)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("repeated", [1, 40])
async def test_a_long_purpose_makes_the_letter_smaller_not_longer(
    resources: Resources, tmp_path: Path, repeated: int
) -> None:
    town = tmp_path / "town"
    town.mkdir()
    for file in (ROOT / "tests" / "support" / "town").iterdir():
        text = file.read_text("utf-8")
        words = "了解居民对各部门服务的评价。"
        (town / file.name).write_text(text.replace(words, words * repeated), "utf-8")
    wave = await create_wave(
        resources, code="town", folder=town, dates=DatesOfMode(opens=OPENED, closes=CLOSED)
    )
    invited = await invite(resources, wave, *[Recipient("residents")] * 2)
    [pdf] = typeset_letters(resources, wave, invited)
    assert len(words_of(pdf)) == 2
    assert words_of(pdf)[0].count("了解居民") == repeated
    assert shows_qr_of(pdf, LINK + invited[0].permit)


async def test_without_the_extra_the_refusal_says_what_to_install(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = await open_town(resources)
    invited = await invite(resources, wave, Recipient("residents"))
    monkeypatch.setattr(typesetting, "typst", None)
    typesetting._compiler.cache_clear()
    with pytest.raises(NotInstalled, match="print"):
        next(typeset_letters(resources, wave, invited))


MEASURE = """
import re
from pathlib import Path
from app.services.qr_codes import qr_svg
from app.services.typesetting import typeset
words = {"zh": "了解居民对各部门服务的评价。", "en": "To learn how residents rate us."}
letter = {name: words for name in ("title", "organiser", "purpose", "privacy", "contact", "days")}
letter |= {"minutes": 3, "address": "example.org/w/town", "label": "", "place": None, "long": False}
for start in range(0, 500, 25):
    letters = [
        letter | {"code": f"AAAA-BBBB-{n:04d}", "qr": qr_svg(f"https://example.org/w/town/i/{n:030d}")}
        for n in range(start, start + 25)
    ]
    typeset("letters.typ", {"letters": letters})
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(int(peak[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_five_hundred_letters_take_less_than_300_mb() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 300
