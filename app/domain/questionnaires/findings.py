"""What a check says: which part of a definition, where in it, which rule, and why.

Checks know nothing of files and lines; `parsing.py` adds those.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from app.domain.questionnaires.model import Question, Questionnaire
from app.domain.questionnaires.text import DefinitionModel, Text

Path = tuple[str | int, ...]
"""Keys and list positions from the top of a file down to the thing meant."""

Broken = Iterator[tuple[Path, str, str]]
"""What one rule yields: where in its part it is broken, the rule's code, and the reason."""

Thing = TypeVar("Thing")


class Finding(NamedTuple):
    """One broken rule. `part` is a field of the definition and, with `.yaml`, the file's name."""

    part: str
    path: Path
    code: str
    message: str


def dotted(path: Path) -> str:
    """Write a path as one word: `sections.0.questions.2.code`."""
    return ".".join(str(step) for step in path)


def repeated(
    things: Iterable[Thing], key: Callable[[Thing], object] = lambda thing: thing
) -> Iterator[int]:
    """Yield the position of each thing whose key an earlier one has already."""
    seen = set()
    for position, thing in enumerate(things):
        if key(thing) in seen:
            yield position
        seen.add(key(thing))


def repeated_codes(things: Iterable[Any], path: Path) -> Broken:
    """Refuse the second of two things with one code; `path` is that of their list."""
    for at in repeated(things, key=lambda thing: thing.code):
        yield (*path, at, "code"), "duplicate-code", "another one has this code already"


def located_questions(questionnaire: Questionnaire) -> Iterator[tuple[Path, Question]]:
    """Give every question in the order asked, with where it stands."""
    for number, section in enumerate(questionnaire.sections):
        for position, question in enumerate(section.questions):
            yield ("sections", number, "questions", position), question


def texts(value: object, path: Path = ()) -> Iterator[tuple[Path, Text]]:
    """Walk everything that people read in a part of a definition, with where it stands."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, DefinitionModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from texts(one, (*path, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, one in enumerate(value):
            yield from texts(one, (*path, position))
