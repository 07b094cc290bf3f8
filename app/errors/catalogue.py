"""All errors together, as the description of the API and tests go through them."""

from types import ModuleType

from app.errors import (
    InvalidInput,
    MinyiError,
    NotFound,
    answering,
    clients,
    definitions,
    integrity,
    operations,
    paper,
    releases,
    requests,
    scoring,
    staff,
    waves,
)

_SUBJECTS = (
    answering,
    clients,
    definitions,
    integrity,
    operations,
    paper,
    releases,
    requests,
    scoring,
    staff,
    waves,
)


def catalogue() -> list[type[MinyiError]]:
    """List every error class that can be raised, by subject."""
    return [
        InvalidInput,
        NotFound,
        *(error for subject in _SUBJECTS for error in _errors_of(subject)),
    ]


def _errors_of(subject: ModuleType) -> list[type[MinyiError]]:
    classes = [one for one in vars(subject).values() if isinstance(one, type)]
    return [
        one for one in classes if issubclass(one, MinyiError) and one.__module__ == subject.__name__
    ]
