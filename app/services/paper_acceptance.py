"""From entries to a response: when a form's marks are final, they go through the one door."""

import dataclasses
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.balance import FormResult
from app.domain.paper.marks import Marks, answers_of
from app.errors import Fault
from app.services.paper_sheets import Sheet
from app.services.resources import Resources
from app.services.responses import accept_form
from app.store.paper_forms import FormRecord


async def settle(
    resources: Resources, connection: AsyncConnection, form: FormRecord, sheet: Sheet, final: Marks
) -> FormRecord:
    """Store the final marks as a response and say what the form became.

    A form with nothing on it that could be counted is void; its number is never spent.
    """
    accepted, _ = countable(sheet, final)
    if not accepted:
        return dataclasses.replace(form, result=FormResult.VOID)
    admission = dataclasses.replace(sheet.admission, took_part_elsewhere=form.slip == "elsewhere")
    acceptance = await accept_form(resources, connection, admission, accepted)
    return dataclasses.replace(form, result=FormResult(acceptance.status))


def countable(sheet: Sheet, marks: Marks) -> tuple[dict[str, object], Sequence[Fault]]:
    """Give the answers that count, and warnings of those that don't."""
    checker = sheet.admission.wave.survey.checkers[sheet.admission.respondent_class]
    answers = answers_of(sheet.fields, marks, sheet.departments)
    return checker.check_paper(answers, offered=sheet.departments)
