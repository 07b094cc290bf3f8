"""A page for every error: what happened, and what to do now."""

import dataclasses
from collections.abc import Mapping

from fastapi import Request, Response

from app.errors import MinyiError
from app.rendering import N_, this_page

_ADVICE: Mapping[str, str] = {
    "invalid-input": N_("Please go back one page and try again. Nothing was stored."),
    "not-found": N_("Please check the address, or begin at the start page."),
    "wave-not-found": N_("Please check the address, or begin at the start page."),
    "not-released": N_(
        "Results come after the close: two people check them before they are published. Until "
        "then nobody sees them, not even in part."
    ),
    "receipt-not-found": N_("Please check the code: it has 26 letters and digits."),
    "wave-not-open": N_("The first page of the survey says when it opens."),
    "wave-paused": N_("What you have saved is kept. Please come back later."),
    "wave-closed": N_("Answers can't be taken any more. Thank you for your interest."),
    "permit-refused": N_(
        "Please begin at the first page of the survey. If you have just done so, your browser "
        "may be refusing cookies; the survey needs one to count you once."
    ),
    "already-took-part": N_("Your answers have been received. Thank you."),
    "not-eligible": N_("This survey is for people who have been invited."),
    "way-in-not-offered": N_("The first page of the survey shows the ways to take part."),
    "identity-check-failed": N_("Codes and log-ins are good for some minutes only."),
    "identity-check-unavailable": N_("Nothing was stored. You can also choose another way."),
    "no-permits-left": N_("Many people are taking part just now. Nothing of yours is lost."),
    "too-many-attempts": N_("Please check the code or number before you try again."),
    "foreign-origin": N_("Please begin at the start page of this site."),
    "storage-unavailable": N_("What you have saved is kept. Go back and press the button again."),
    "unexpected": N_("The mistake is ours, and it has been noted. What you saved is kept."),
}


async def error_page(request: Request, error: MinyiError) -> Response:
    """Answer with a page in the reader's language; it repeats nothing that was sent."""
    page = await this_page(request)
    advice = _ADVICE.get(error.code)
    wave = getattr(request.state, "wave", "") if error.status != 404 else ""
    href = f"/w/{wave}" if wave else "/"
    return dataclasses.replace(page, path=href).show(
        "notice.html",
        status=error.status,
        title=page.say(error.title),
        advice=page.say(advice) if advice else "",
        href=href,
        link=page.say("To the first page of the survey") if wave else page.say("To the start page"),
    )
