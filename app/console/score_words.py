"""What the pages about evaluations say of faults, steps and states."""

from collections.abc import Mapping

from app.errors import Fault
from app.rendering import N_, Page

FAULTS: Mapping[str, str] = {
    "header": N_("The first row names the columns: department, figure, value."),
    "cells": N_("A row has a cell for each column."),
    "empty": N_("The table has no values."),
    "unknown": N_("There is no such department, or the scheme asks for no such figure."),
    "repeated": N_("An earlier row gives this figure already."),
    "not-a-number": N_("Write a number with at most 6 decimals."),
    "not-whole": N_("Events are counted in whole numbers."),
    "out-of-range": N_("The value must be between {low} and {high}."),
    "formula": N_("The cell begins like a formula."),
    "not-csv": N_("The table can't be read."),
    "too-many-rows": N_("The table has too many rows."),
}
RULES: Mapping[str, str] = {
    "index": N_("Index as released"),
    "entered": N_("Entered"),
    "nothing-entered": N_("Nothing was entered"),
    "rounded": N_("Rounded"),
    "weighted": N_("Share of the points"),
    "limited": N_("Kept within its limits"),
    "per-event": N_("Per event"),
    "offset": N_("Set against each other"),
    "sum": N_("Sum"),
    "per-hundred": N_("Out of a hundred"),
    "difference": N_("Difference"),
}
STATES: Mapping[str, str] = {
    "provisional": N_("Provisional"),
    "final": N_("Final"),
    "corrected": N_("Corrected"),
}
RANKED_BY: Mapping[str, str] = {
    "combined": N_("Ranking by all points"),
    "external": N_("Ranking by the view from outside"),
}


def say_fault(page: Page, fault: Fault) -> str:
    """Say what is wrong with a row of figures."""
    if fault.code not in FAULTS:
        return page.say_fault(fault)
    return page.say_raw(FAULTS[fault.code]).format(**fault.parameters)
