"""Language, type size, static files, and what every page keeps to."""

import re
from pathlib import Path

import pytest

from app.rendering import STATIC_FILES
from app.web import about
from tests.web.citizen import Citizen

TEMPLATES = sorted((Path(about.__file__).parents[1] / "templates").rglob("*.html"))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-TW,en;q=0.8", "zh-Hans"), ("fr,en-GB;q=0.9,zh;q=0.8", "en"), ("fr", "zh-Hans")],
)
async def test_the_language_follows_the_browser(
    citizen: Citizen, accepted: str, language: str
) -> None:
    citizen.client.cookies.clear()
    await citizen.opens("/", **{"accept-language": accepted})
    assert f'<html lang="{language}"' in citizen.page.text


async def test_the_buttons_change_language_and_type_and_come_back(citizen: Citizen) -> None:
    await citizen.sends("/display", {"back": "/w/kinds", "language": "zh"})
    assert citizen.path == "/w/kinds"
    assert '<html lang="zh-Hans">' in citizen.page.text
    await citizen.sends("/display", {"back": "/privacy", "size": "large"})
    assert '<html lang="zh-Hans" class="large">' in citizen.page.text


@pytest.mark.parametrize(
    "form",
    [
        {"back": "//evil.example"},
        {"back": "https://evil.example"},
        {"back": "/\\evil.example"},
        {"back": "/%0d%0aset-cookie"},
        {"back": "/", "language": "fr"},
        {"back": "/", "size": "huge"},
        {"back": "/", "colour": "red"},
    ],
)
async def test_other_choices_and_foreign_addresses_are_refused(
    citizen: Citizen, form: dict[str, str]
) -> None:
    reply = await citizen.sends("/display", form)
    assert reply.status_code == 422
    assert "set-cookie" not in reply.headers


async def test_static_files_may_be_kept_for_ever(citizen: Citizen) -> None:
    for name, file in STATIC_FILES.items():
        reply = await citizen.opens(file.address)
        assert reply.status_code == 200, name
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers["content-type"].startswith(file.content_type)
        again = await citizen.client.get(
            file.address, headers={"if-none-match": reply.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "address", ["/static/000000000000/minyi.css", "/static/x/..%2f..%2fmain.py", "/static/x/none"]
)
async def test_other_static_addresses_are_not_found(citizen: Citizen, address: str) -> None:
    assert (await citizen.opens(address)).status_code == 404


async def test_pages_are_kept_by_nobody_and_load_from_nowhere_else(citizen: Citizen) -> None:
    for address in ("/", "/w/kinds", "/privacy", "/accessibility", "/nowhere"):
        reply = await citizen.opens(address)
        assert reply.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert "unsafe" not in reply.headers["content-security-policy"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_code_and_no_foreign_address(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|https?://|\|\s*safe", source)
    assert not re.search(r"<script(?![^>]* src=)", source)


async def test_a_foreign_page_cant_post(citizen: Citizen) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        reply = await citizen.client.post(
            "/w/kinds/start",
            content="class=residents",
            headers={"content-type": "application/x-www-form-urlencoded"} | headers,
        )
        assert reply.status_code == 403
        assert "set-cookie" not in reply.headers
