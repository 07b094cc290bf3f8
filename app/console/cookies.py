"""The one cookie of staff: a random token, for these pages only, out of reach of scripts and of
requests that begin at another site. It ends with the browser; the server ends it sooner."""

from fastapi import Response

from app.settings import Settings

SESSION, PATH = "staff", "/console"


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


def forget_session(response: Response) -> None:
    """Take the token back."""
    response.delete_cookie(SESSION, path=PATH)
