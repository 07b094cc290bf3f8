"""The page where respondents say which departments they have dealt with."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from fastapi import Response

from app.domain.questionnaires.audience import RatesChosen
from app.domain.questionnaires.departments import Department
from app.domain.questionnaires.navigation import grids
from app.errors import Fault, InvalidInput, NotFound
from app.form_data import Fields
from app.rendering import Page
from app.stencils import Holes, hole
from app.web.errors_shown import ShownError
from app.web.sheet import CHECKED
from app.web.sitting import Sitting

FIELD = "department"
OPEN_UP_TO = 40
"""Longer groups come folded up."""


@dataclasses.dataclass(frozen=True, slots=True)
class GroupView:
    """The departments offered of one group."""

    name: str
    departments: list[Department]
    open: bool


def choice_of(sitting: Sitting, form: Fields) -> tuple[list[str], Fault | None]:
    """Read the choice in the order offered, and what is wrong with its number, if anything.

    Raises InvalidInput for what the page does not offer.
    """
    given = set(form.get(FIELD, ()))
    if form.keys() - {FIELD} or given - set(sitting.admission.offer.codes):
        raise InvalidInput(faults=[Fault(FIELD, "not-offered", "This is not offered here.")])
    chosen = [code for code in sitting.admission.offer.codes if code in given]
    rates = _rates(sitting)
    if rates.at_most is not None and len(chosen) > rates.at_most:
        return chosen, Fault(FIELD, "too-many", "", {"limit": rates.at_most})
    if len(chosen) < rates.at_least and (chosen or _is_required(sitting)):
        return chosen, Fault(FIELD, "too-few", "", {"limit": rates.at_least})
    return chosen, None


def answers_about(sitting: Sitting, chosen: Collection[str]) -> dict[str, Any]:
    """Give the answers saved without the ratings of departments that are not chosen."""
    mine = grids(sitting.wave.definition, sitting.admission.respondent_class)
    answers = dict(sitting.answers)
    for grid in mine:
        if grid.code in answers:
            rated = answers[grid.code].items()
            answers[grid.code] = {code: ratings for code, ratings in rated if code in chosen}
    return answers


def departments_page(
    page: Page,
    sitting: Sitting,
    chosen: Collection[str],
    fault: Fault | None = None,
    *,
    to_review: bool,
) -> Response:
    """Show the departments offered, by group.

    It is the same for many but for their choice: it is rendered once, and that filled in.
    """
    journey = sitting.journey
    if journey.departments not in journey.pages:
        raise NotFound
    groups = _groups(page, sitting, chosen)
    draft = sitting.draft_key and f"{sitting.draft_key}/departments"
    varying = {
        "wave": sitting.wave.code,
        "may_skip": not _is_required(sitting),
        "errors": tuple(_errors(page, fault)),
        "step": journey.pages.index(journey.departments) + 1,
        "steps": len(journey.pages),
        "to_review": to_review,
        "back": journey.review if to_review else journey.before(journey.departments),
        "limits": _limits(page, _rates(sitting)),
    }
    return page.show(
        "departments.html",
        status=422 if fault else 200,
        same_for=(sitting.wave.definition_hash, _shape(groups), bool(draft), *varying.values()),
        holes={"draft-key": draft, **{f"{FIELD}={code}": CHECKED for code in chosen}},
        survey=sitting.wave.definition.survey,
        groups=groups,
        first=groups[0].departments[0].code,
        checked=Holes(f"{FIELD}="),
        draft_key=draft and hole("draft-key"),
        **varying,
    )


def _errors(page: Page, fault: Fault | None) -> Iterator[ShownError]:
    if fault:
        label = page.say("Whom would you like to rate?")
        yield ShownError(f"#{FIELD}", label, page.say_fault(fault))


def _shape(groups: Sequence[GroupView]) -> tuple[Any, ...]:
    """Say which departments are shown, and which groups come open."""
    return tuple((group.open, *(one.code for one in group.departments)) for group in groups)


def _groups(page: Page, sitting: Sitting, chosen: Collection[str]) -> list[GroupView]:
    """In the order declared: here people look for a name, and a random order would hide it."""
    declared = sitting.wave.definition.departments
    offered, by_group = set(sitting.admission.offer.codes), defaultdict(list)
    for one in declared.departments:
        if one.code in offered:
            by_group[one.group].append(one)
    return [
        GroupView(page.words(group.name), mine, _is_open(mine, chosen))
        for group in declared.groups
        if (mine := by_group.get(group.code))
    ]


def _is_open(departments: Sequence[Department], chosen: Collection[str]) -> bool:
    return len(departments) <= OPEN_UP_TO or any(one.code in chosen for one in departments)


def _rates(sitting: Sitting) -> RatesChosen:
    audience = sitting.wave.definition.audience.named(sitting.admission.respondent_class)
    if not isinstance(audience.rates, RatesChosen):
        raise NotFound
    return audience.rates


def _is_required(sitting: Sitting) -> bool:
    mine = grids(sitting.wave.definition, sitting.admission.respondent_class)
    return any(grid.required for grid in mine)


def _limits(page: Page, rates: RatesChosen) -> str:
    if rates.at_most is None:
        return page.say("Choose at least {least}.", least=rates.at_least)
    return page.say("Choose between {least} and {most}.", least=rates.at_least, most=rates.at_most)
