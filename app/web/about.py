"""Pages and addresses around the surveys: privacy, accessibility, language, type, static files."""

import re

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.dependencies import ResourcesOfApp
from app.domain.questionnaires.text import LANGUAGES
from app.errors import Fault, InvalidInput, NotFound
from app.form_data import PostedForm, only
from app.rendering import LANGUAGE_COOKIE, SIZE_COOKIE, STATIC_FILES, ThisPage
from app.security import ANYONE
from app.web import cookies

router = APIRouter(dependencies=[ANYONE])

_LOCAL_PATH = re.compile(r"/([A-Za-z0-9_-][A-Za-z0-9_/.-]*)?")
_CHOICES = {LANGUAGE_COOKIE: LANGUAGES, SIZE_COOKIE: ("normal", "large")}


@router.get("/privacy")
async def show_privacy(page: ThisPage) -> Response:
    """Say what is stored, in plain words."""
    return page.show("privacy.html")


@router.get("/accessibility")
async def show_accessibility(page: ThisPage) -> Response:
    """Say what the pages do for everyone to be able to use them."""
    return page.show("accessibility.html")


@router.post("/display")
async def choose_display(resources: ResourcesOfApp, form: PostedForm) -> Response:
    """Remember the language or the size of type on this device, and go back to the page."""
    fields = only(form, "back", *_CHOICES)
    back = fields.pop("back", "/")
    if not _LOCAL_PATH.fullmatch(back):
        raise InvalidInput(faults=[Fault("back", "not-a-path", "Give a path of this site.")])
    response = RedirectResponse(back, 303)
    for name, value in fields.items():
        if value not in _CHOICES[name]:
            raise InvalidInput(faults=[Fault(name, "not-an-option", "This is not offered.")])
        cookies.remember_display(resources.settings, response, name, value)
    return response


@router.get("/static/{digest}/{name}")
async def serve_static_file(digest: str, name: str) -> Response:
    """Serve a file that never changes under its address; its whole reply is kept in memory."""
    found = STATIC_FILES.get(name)
    if found is None or found.address != f"/static/{digest}/{name}":
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'W/"{digest}"'}
    return Response(found.content, media_type=found.content_type, headers=headers)
