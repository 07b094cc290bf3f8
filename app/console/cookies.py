"""The cookies of staff, out of reach of scripts.

The session's is a random token, for these pages only and out of reach of requests that begin at
another site. It ends with the browser; the server ends it sooner. While somebody is away at the
city's provider another one, sealed, must come along from there: its site is another, so `lax`.
"""

from fastapi import Response

from app.services.staff_sso_trip import AWAY_FOR
from app.settings import Settings

SESSION, PATH = "staff", "/console"
TRIP, TRIP_PATH = "staff-trip", "/console/sso"


def remember_session(settings: Settings, response: Response, token: str) -> None:
    """Leave the session's token with the browser."""
    response.set_cookie(
        SESSION,
        token,
        path=PATH,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )


def remember_trip(settings: Settings, response: Response, sealed: str) -> None:
    """Leave with the browser what must come back from the provider, or what it confirmed."""
    response.set_cookie(
        TRIP,
        sealed,
        max_age=int(AWAY_FOR.total_seconds()),
        path=TRIP_PATH,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def forget_trip(response: Response) -> None:
    """Take it back."""
    response.delete_cookie(TRIP, path=TRIP_PATH)


def forget_session(response: Response) -> None:
    """Take the token back."""
    response.delete_cookie(SESSION, path=PATH)
