"""Two hundred citizens who draw a verified permit and answer, one after the other."""

import random

from app.domain.deduplication.permits import read_receipt_code
from app.services.permits import permit_after_sign_in
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave
from tests.privacy.attacks import Truth
from tests.support.people import sign_in
from tests.support.surveys import answers

CITIZENS = 200
LEVELS = ("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied")


async def answer_one_after_the_other(resources: Resources, wave: Wave) -> Truth:
    """The hardest case for unlinkability: the order of drawing is the order of answering."""
    generator = random.Random(2010)
    truth = {}
    for number in range(CITIZENS):
        person = sign_in(resources, wave, number)
        permit = await permit_after_sign_in(resources, wave, person)
        given = answers(generator.choice(LEVELS))
        acceptance = await accept_response(resources, wave, permit, given)
        truth[person.person_key] = read_receipt_code(acceptance.receipt) or b""
    return truth
