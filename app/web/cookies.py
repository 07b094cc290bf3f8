"""The cookies of citizens' pages: what a device needs to go on, and nothing to know a person by.

Each wave has its own, sent to that wave's pages only, so that one survey can't be linked to
another. No script can read them.
"""

import secrets
from typing import Annotated

from fastapi import Depends, Request, Response

from app.settings import Settings

PERMIT, DEVICE = "permit", "device"
_YEAR = 365 * 24 * 3600


def held_permit(request: Request) -> str | None:
    """Give the permit that this device holds for the wave of the page."""
    return request.cookies.get(PERMIT)


def held_device(request: Request) -> str:
    """Give the device's own mark for this wave, or make one."""
    return request.cookies.get(DEVICE) or secrets.token_urlsafe(16)


HeldPermit = Annotated[str | None, Depends(held_permit)]
HeldDevice = Annotated[str, Depends(held_device)]


def remember(settings: Settings, response: Response, name: str, value: str, *, wave: str) -> None:
    """Leave a cookie with the device for the pages of one wave."""
    _set(settings, response, name, value, path=f"/w/{wave}")


def forget(response: Response, name: str, *, wave: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path=f"/w/{wave}")


def remember_display(settings: Settings, response: Response, name: str, value: str) -> None:
    """Leave a choice of language or size of type with the device, for all pages."""
    _set(settings, response, name, value, path="/")


def _set(settings: Settings, response: Response, name: str, value: str, *, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        path=path,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
