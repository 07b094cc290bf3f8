"""Weights handed from those who could not be asked to those who answered, within classes.

Valliant, Dever and Kreuter (2018), sections 13.4 and 13.5: first the weight of units of unknown
eligibility goes to those whose eligibility is known, then the weight of eligible nonrespondents to
the respondents. Within a class the sum of the weights stays what it was.
"""

import numpy as np

from app.domain.estimation.columns import MISSING, Columns, Flags, Floats, categories, crossed
from app.domain.estimation.steps import Nonresponse, UnknownEligibility
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation


def adjust_unknown_eligibility(columns: Columns, mass: Floats, step: UnknownEligibility) -> Floats:
    """Factor per row: (known + unknown)/known within the class, 0 for the unknown."""
    unknown = _has_status(columns, step.status, step.unknown)
    return _share_within_classes(columns, step.classes, (mass * ~unknown, mass * unknown), 1)


def adjust_nonresponse(columns: Columns, mass: Floats, step: Nonresponse) -> Floats:
    """Factor per row: (respondents + nonrespondents)/respondents, 0 for all but respondents."""
    answered = _has_status(columns, step.status, step.respondent)
    silent = _has_status(columns, step.status, step.nonrespondent)
    ineligible = _has_status(columns, step.status, step.ineligible)
    if ((answered * 1 + silent + ineligible != 1) & (mass > 0)).any():
        message = "Every weighted row needs exactly one of the declared statuses"
        fault = Fault(step.status, "status-unknown", message)
        raise InvalidInput(f"Column {step.status!r}: {message}", faults=[fault])
    shares = (mass * answered, mass * silent)
    return _share_within_classes(columns, step.classes, shares, step.minimum)


def _has_status(columns: Columns, name: str, wanted: tuple[str, ...]) -> Flags:
    codes, texts = categories(columns, name)
    chosen = np.array([text in wanted for text in texts] + [False])
    return np.asarray(chosen[codes], dtype=np.bool_)


def _share_within_classes(
    columns: Columns, names: tuple[str, ...], mass: tuple[Floats, Floats], minimum: int
) -> Floats:
    """1 + given/received per class for the first of the two, the receivers; 0 for all others."""
    codes, classes = crossed(columns, names, rows=len(mass[0]))
    taking_part = mass[0] + mass[1] > 0
    if (codes[taking_part] == MISSING).any():
        raise _class_fault(names, "class-missing", "A weighting class is missing")
    codes = np.where(taking_part, codes, len(classes))
    receivers = np.bincount(codes, weights=mass[0] > 0, minlength=len(classes) + 1)
    received, given = (
        np.bincount(codes, weights=part, minlength=len(classes) + 1) for part in mass
    )
    if ((receivers < minimum) & (received + given > 0)).any():
        raise _class_fault(names, "class-thin", "A weighting class has too few respondents")
    factor = 1 + given / np.where(received > 0, received, 1.0)
    return np.where(mass[0] > 0, factor[codes], 0.0)


def _class_fault(names: tuple[str, ...], code: str, rule: str) -> InfeasibleEstimation:
    field = " & ".join(names) or "all respondents"
    return InfeasibleEstimation(f"{rule}: {field!r}", faults=[Fault(field, code, rule)])
