"""Invitation letters: one A4 page each, with a QR code and the same code to type.

Twenty-five pages to a file, because memory grows with them: five hundred letters stay below 300 MB.
"""

from collections.abc import Iterator, Sequence

from app.services.addresses import invitation_address
from app.services.permits import Invitation
from app.services.printed_facts import Words, facts_of
from app.services.qr_codes import qr_svg
from app.services.resources import Resources
from app.services.typesetting import typeset
from app.services.waves import Wave

PAGES_AT_ONCE = 25
LONG_TEXT = 1500
"""Width of all words in half characters (a Chinese character is two) that may need shrinking."""


def typeset_letters(
    resources: Resources, wave: Wave, invitations: Sequence[Invitation]
) -> Iterator[bytes]:
    """Set the letters in their order, as PDFs of at most 25 pages. Raises NotInstalled."""
    for start in range(0, len(invitations), PAGES_AT_ONCE):
        portion = invitations[start : start + PAGES_AT_ONCE]
        letters = [_letter(resources, wave, one) for one in portion]
        yield typeset("letters.typ", {"letters": letters})


def _letter(resources: Resources, wave: Wave, invitation: Invitation) -> dict[str, object]:
    recipient = invitation.recipient
    return facts_of(resources, wave, recipient.mode) | {
        "long": _width(wave) > LONG_TEXT,
        "label": recipient.label,
        "place": _place(wave, recipient.department, recipient.window),
        "code": invitation.typed_code,
        "qr": qr_svg(invitation_address(resources, wave, invitation.permit)),
    }


def _place(wave: Wave, department: str, window: str) -> Words | None:
    """Name the department, or the window of it, that the letter is about."""
    found = wave.survey.windows.get(window) or wave.survey.departments.get(department)
    if found is None:
        return None
    names = [found.name, *(one.name for one in found.windows if one.code == window)]
    return {
        "zh": " ".join(name.zh for name in names),
        "en": ", ".join(name.en for name in names),
    }


def _width(wave: Wave) -> int:
    survey = wave.definition.survey
    texts = [survey.title, survey.organiser, survey.purpose, survey.privacy, survey.contact]
    return sum(2 * len(one.zh) + len(one.en) for one in texts if one is not None)
