"""The cookies of citizens' pages: what a device needs to go on, and nothing to know a person by.

Each wave has its own, sent to that wave's pages only, so that one survey can't be linked to
another. No script can read them.
"""

import datetime
import re
import secrets

from fastapi import Request, Response

from app.domain.deduplication.log_in import GOOD_FOR as LOG_IN_GOOD_FOR
from app.services.log_in import RETURN_PATH
from app.settings import Settings

PERMIT, DEVICE = "permit", "device"
SIGN_IN, CHALLENGE, LOG_IN = "sign-in", "challenge", "log-in"
"""The last three are sealed, good for minutes, and the only place where they are kept."""

_YEAR = datetime.timedelta(days=365)
_MARK = re.compile(r"[A-Za-z0-9_-]{22}")


async def held_permit(request: Request) -> str | None:
    """Give the permit that this device holds for the wave of the page."""
    return request.cookies.get(PERMIT)


async def held_device(request: Request) -> str:
    """Give the device's own mark for this wave, or make one, also where it is none of ours."""
    mark = request.cookies.get(DEVICE, "")
    return mark if _MARK.fullmatch(mark) else secrets.token_urlsafe(16)


def remember(
    settings: Settings,
    response: Response,
    name: str,
    value: str,
    *,
    wave: str,
    good_for: datetime.timedelta = _YEAR,
) -> None:
    """Leave a cookie with the device for the pages of one wave."""
    _set(settings, response, name, value, path=f"/w/{wave}", good_for=good_for)


def remember_log_in(settings: Settings, response: Response, value: str) -> None:
    """Leave a log-in under way with the device, for the one address it comes back to."""
    _set(settings, response, LOG_IN, value, path=RETURN_PATH, good_for=LOG_IN_GOOD_FOR)


def forget_log_in(response: Response) -> None:
    """Take it back."""
    response.delete_cookie(LOG_IN, path=RETURN_PATH)


def forget(response: Response, name: str, *, wave: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path=f"/w/{wave}")


def remember_display(settings: Settings, response: Response, name: str, value: str) -> None:
    """Leave a choice of language or size of type with the device, for all pages."""
    _set(settings, response, name, value, path="/")


def _set(
    settings: Settings,
    response: Response,
    name: str,
    value: str,
    *,
    path: str,
    good_for: datetime.timedelta = _YEAR,
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(good_for.total_seconds()),
        path=path,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
