"""What the pages of identity checks are given to show. Nothing that was typed is shown again."""

import dataclasses
from collections.abc import Mapping, Sequence

from fastapi import Response
from fastapi.responses import RedirectResponse

from app.domain.deduplication.phone_challenge import PhoneChallenge
from app.domain.deduplication.sign_in import SignIn
from app.domain.questionnaires.audience import IdentityCheck, Trust
from app.errors import Fault
from app.errors.answering import AlreadyTookPart
from app.rendering import N_, Page
from app.services.identity import WayWanted
from app.services.waves import Wave
from app.web.errors_shown import ShownError

_MESSAGES: Mapping[tuple[str, str], str] = {
    ("national_id", "format"): N_(
        "Please check the number: 17 digits, then a digit or X, as on your identity card."
    ),
    ("national_id", "checksum"): N_("Please check the number: one of its digits is wrong."),
    ("phone", "format"): N_("Please check the number: a mobile number has 11 digits."),
    ("name", "name-missing"): N_("Please give your name."),
    ("name", "not-a-name"): N_("The name is too long or can't be read."),
    ("code", "wrong-code"): N_("This is not the code that was sent."),
}
_LABELS: Mapping[str, str] = {
    "name": N_("Your name"),
    "national_id": N_("Identity card number"),
    "phone": N_("Mobile number"),
    "code": N_("Code from the text message"),
}
_CHECKS: Mapping[IdentityCheck, tuple[str, str]] = {
    "national_id": ("national-id", N_("With my identity card number")),
    "phone": ("phone", N_("With my mobile phone")),
    "oidc": ("log-in", N_("With the city's log-in")),
}
_HEADINGS: Mapping[IdentityCheck, str] = {
    "national_id": N_("Check by identity card number"),
    "phone": N_("Check by mobile phone"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """A check to choose."""

    href: str
    label: str


def _address(wave: Wave, way: WayWanted, check: IdentityCheck) -> str:
    return f"/w/{wave.code}/identify/{way.respondent_class}/{way.trust}/{_CHECKS[check][0]}"


def choice_page(
    page: Page, wave: Wave, way: WayWanted, checks: Sequence[IdentityCheck]
) -> Response:
    """Offer the checks; a single form needs no choice."""
    if len(checks) == 1 and checks[0] in _HEADINGS:
        return RedirectResponse(_address(wave, way, checks[0]), 303)
    links = [Link(_address(wave, way, one), page.say(_CHECKS[one][1])) for one in checks]
    return page.show("identify/choice.html", wave=wave, way=way, links=links)


def identity_form(
    page: Page,
    wave: Wave,
    way: WayWanted,
    check: IdentityCheck,
    faults: Sequence[Fault] = (),
) -> Response:
    """Ask for a number, and at level `confidential` for the name."""
    return page.show(
        "identify/form.html",
        status=422 if faults else 200,
        wave=wave,
        way=way,
        check=check,
        heading=page.say(_HEADINGS[check]),
        action=_address(wave, way, check),
        labels=_labels(page),
        errors=_errors(page, faults),
    )


def code_page(
    page: Page, wave: Wave, challenge: PhoneChallenge, faults: Sequence[Fault] = ()
) -> Response:
    """Ask for the code that was sent."""
    way = WayWanted(challenge.sign_in.respondent_class, challenge.sign_in.trust)
    return page.show(
        "identify/code.html",
        status=422 if faults else 200,
        wave=wave,
        back=_address(wave, way, "phone"),
        labels=_labels(page),
        errors=_errors(page, faults),
    )


def begin_page(page: Page, wave: Wave, sign_in: SignIn) -> Response:
    """Say that the check was passed."""
    by_name = sign_in.trust is Trust.CONFIDENTIAL
    return page.show("identify/begin.html", wave=wave, by_name=by_name)


def already_begun_page(page: Page, wave: Wave) -> Response:
    """Say that this person holds a permit or has answered; which of the two is not known here."""
    return page.show(
        "notice.html",
        status=AlreadyTookPart.status,
        title=page.say(AlreadyTookPart.title),
        advice=page.say(
            "Somebody has begun or finished with this identity. If it was you, you can go on with "
            "the device on which you began."
        ),
        href=f"/w/{wave.code}",
        link=page.say("To the first page of the survey"),
    )


def _labels(page: Page) -> dict[str, str]:
    return {name: page.say(label) for name, label in _LABELS.items()}


def _errors(page: Page, faults: Sequence[Fault]) -> list[ShownError]:
    """List the faults in the order of the fields."""
    order = list(_LABELS)
    return [
        ShownError(
            f"#{fault.field}",
            page.say(_LABELS[fault.field]),
            page.say(_MESSAGES[fault.field, fault.code]),
        )
        for fault in sorted(faults, key=lambda fault: order.index(fault.field))
    ]
