"""The shipped definitions as the tests see them: parsed once, and their schemes flattened."""

import functools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.scheme import Component, Scheme
from app.store.definitions import read_folder

FOLDER = Path(__file__).parents[2] / "survey_definitions"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@functools.cache
def shipped(name: str) -> SurveyDefinition:
    """Parse one shipped definition; that alone passes every check of the parser."""
    return parse_definition(read_folder(FOLDER / name))


def scheme_of(name: str) -> Scheme:
    """Give the scheme of a definition that must have one."""
    scheme = shipped(name).scheme
    assert scheme is not None
    return scheme


def all_components(scheme: Scheme) -> dict[str, Component]:
    """Give every component of the tree by its code."""
    return {one.code: one for one in _walk(scheme.components)}


def leaves(scheme: Scheme) -> dict[str, Component]:
    """Give the components that are fed directly."""
    return {code: one for code, one in all_components(scheme).items() if not one.parts}


def points(scheme: Scheme) -> dict[str, Decimal]:
    """Give the points of every component by its code."""
    return {code: one.points for code, one in all_components(scheme).items()}


def _walk(components: list[Component]) -> Iterator[Component]:
    for one in components:
        yield one
        yield from _walk(one.parts)
