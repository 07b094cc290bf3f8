"""Citizens' and staff pages: templates, two languages, static files by content hash.

Message keys are the English sentences themselves; `translations/zh_Hans.po` is read as it stands,
without a compile step. A page knows its language from the cookie, else from the browser, else from
the settings. Nothing here loads data: handlers pass a prepared context.
"""

import dataclasses
import datetime
import hashlib
import io
from collections.abc import Hashable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from app.domain.accounts.rules import MESSAGES as ACCOUNT_MESSAGES
from app.domain.questionnaires.reading import MESSAGES
from app.domain.questionnaires.text import LANGUAGES, Language, Text
from app.errors import Fault
from app.stencils import Stencil, hole

_HERE = Path(__file__).resolve().parent
TRANSLATIONS = _HERE / "translations"
LANGUAGE_COOKIE, SIZE_COOKIE = "language", "size"
_LOCALES: Mapping[Language, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}
_HTML_LANG: Mapping[Language, str] = {"zh": "zh-Hans", "en": "en"}
_CONTENT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SENTENCES = {**MESSAGES, **ACCOUNT_MESSAGES}


@dataclasses.dataclass(frozen=True, slots=True)
class StaticFile:
    """A file served for ever under an address that contains its hash."""

    content: bytes
    content_type: str
    address: str


def _read_static_files() -> dict[str, StaticFile]:
    files = {}
    for path in sorted((_HERE / "static").iterdir()):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        kind = _CONTENT_TYPES[path.suffix]
        files[path.name] = StaticFile(content, kind, f"/static/{digest}/{path.name}")
    return files


STATIC_FILES = _read_static_files()


def _static(name: str) -> str:
    return STATIC_FILES[name].address


def _translations(language: Language) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = io.BytesIO()
    with (TRANSLATIONS / "zh_Hans.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale="zh_Hans_CN"))
    compiled.seek(0)
    return Translations(compiled)


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(_CATALOGUES[language], newstyle=False)  # type: ignore[attr-defined]
    environment.filters |= {
        "words": lambda text: text[language],
        "day": lambda date: _long_date(date, language),
    }
    environment.globals["static"] = _static
    return environment


@cache
def _template(name: str, language: Language) -> Template:
    """Give a template; the library's own way to those it has read is long."""
    return _ENVIRONMENTS[language].get_template(name)


@lru_cache(maxsize=1000)
def _long_date(date: datetime.date, language: Language) -> str:
    return format_date(date, "long", locale=_LOCALES[language])


_CATALOGUES = {language: _translations(language) for language in LANGUAGES}
_ENVIRONMENTS = {language: _environment(language) for language in LANGUAGES}


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """How one request wants its page: language, size of type, and where it is."""

    language: Language
    large: bool
    path: str

    @property
    def html_lang(self) -> str:
        """The language tag of the document."""
        return _HTML_LANG[self.language]

    def words(self, text: Text) -> str:
        """Read a text of a definition in the page's language."""
        return text[self.language]

    def day(self, date: datetime.date) -> str:
        """Write a date."""
        return _long_date(date, self.language)

    def say_raw(self, message: str) -> str:
        """Translate a sentence whose parameters are filled in elsewhere."""
        return _CATALOGUES[self.language].ugettext(message)

    def say(self, message: str, **parameters: object) -> str:
        """Translate a sentence of ours and fill in its parameters."""
        return _CATALOGUES[self.language].ugettext(message).format(**parameters)

    def say_fault(self, fault: Fault) -> str:
        """Translate a fault: its code names the sentence, its parameters fill it."""
        return self.say(_SENTENCES.get(fault.code, fault.message), **fault.parameters)

    def show(
        self,
        template: str,
        *,
        status: int = 200,
        same_for: Hashable = None,
        holes: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Answer with a page.

        `same_for` says all that the context depends on, where a crowd sees the same page: it is
        then rendered once and kept. `holes` says what fills those in it (`stencils.hole`) for this
        reader alone.
        """
        if same_for is None and holes is None:
            return HTMLResponse(self._render(template, context), status)
        stencil = dataclasses.replace(self, path=_PATH)._stencil(template, same_for, context)
        return HTMLResponse(stencil.fill({"path": self.path, **(holes or {})}), status)

    def _stencil(self, template: str, same_for: Hashable, context: dict[str, Any]) -> Stencil:
        key = (template, self, same_for)
        if same_for is not None and key in _kept:
            return _kept[key]
        stencil = Stencil(self._render(template, context))
        if same_for is not None:
            while len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = stencil
        return stencil

    def _render(self, template: str, context: dict[str, Any]) -> str:
        return _template(template, self.language).render(page=self, **context)


_PATH = hole("path")
MOST_KEPT = 500
_kept: dict[Hashable, Stencil] = {}
"""Pages by what they depend on, so none is ever out of date; the oldest make room."""


def N_(message: str) -> str:  # noqa: N802 – the usual name of this marker
    """Mark a sentence as one to translate where it is used later."""
    return message


def page_for(request: Request) -> Page:
    """Read from cookies and headers how the page should be; remembers nothing."""
    return Page(
        language=_language(request),
        large=request.cookies.get(SIZE_COOKIE) == "large",
        path=request.scope["path"],
    )


async def this_page(request: Request) -> Page:
    """Give the same to a route; a coroutine, since the framework runs functions in threads."""
    return page_for(request)


ThisPage = Annotated[Page, Depends(this_page)]


def _language(request: Request) -> Language:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    for language in LANGUAGES:
        if chosen == language:
            return language
    default: Language = request.app.state.resources.settings.default_language
    return _preferred(request.headers.get("accept-language", "")[:200]) or default


def _preferred(header: str) -> Language | None:
    """Take the first of our languages in the browser's order (browsers write best first)."""
    for part in header.lower().split(","):
        for language in LANGUAGES:
            if part.strip().startswith(language):
                return language
    return None
