"""What staff see when a request is refused: the step that is missing, or a page that says why."""

import dataclasses
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from app.console.pages import show_page
from app.errors import MinyiError
from app.rendering import N_, this_page

_STEPS: Mapping[str, str] = {
    "not-signed-in": "/console/sign-in",
    "second-factor-needed": "/console/second-factor",
    "enrolment-needed": "/console/account/second-factor",
}
_ADVICE: Mapping[str, str] = {
    "not-allowed": N_("Ask an administrator if you need this for your work."),
    "link-refused": N_("Ask an administrator for a new link."),
    "sso-refused": N_(
        "If you have an account, sign in with name and password and link it under “My account”."
    ),
    "sso-taken": N_("Unlink it there first, or ask an administrator."),
    "last-administrator": N_("Without one nobody could invite, change or reset accounts."),
    "too-many-attempts": N_("Wait a few minutes. An administrator can reset your account."),
    "case-refused": N_("Look at the case again: somebody else may have decided on it."),
    "finding-not-found": N_("It may have become usual with the answers that came in since."),
    "second-person-needed": N_("Two persons, always: ask a colleague with the same right."),
    "transition-refused": N_("Look at the wave's state: somebody else may have changed it."),
}


async def error_page(request: Request, error: MinyiError) -> Response:
    """Lead to the step that is missing, or say what happened."""
    if error.code == "proof-needed":
        return RedirectResponse(f"/console/prove?back={quote(request.url.path)}", 303)
    if error.code in _STEPS:
        return RedirectResponse(_STEPS[error.code], 303)
    page = await this_page(request)
    advice = _ADVICE.get(error.code)
    return show_page(
        dataclasses.replace(page, path="/console"),
        "notice.html",
        status=error.status,
        title=page.say(error.title),
        advice=page.say(advice) if advice else "",
    )
