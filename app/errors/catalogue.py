"""All errors together, as tests of documentation and words go through them."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from app import errors
from app.errors import MinyiError


def catalogue() -> list[type[MinyiError]]:
    """List every error class that can be raised: those of all subjects first, then by subject."""
    subjects = [
        import_module(f"{errors.__name__}.{one.name}") for one in iter_modules(errors.__path__)
    ]
    return [one for subject in (errors, *subjects) for one in _errors_of(subject)]


def _errors_of(subject: ModuleType) -> Iterator[type[MinyiError]]:
    for one in vars(subject).values():
        is_error = isinstance(one, type) and issubclass(one, MinyiError) and one is not MinyiError
        if is_error and one.__module__ == subject.__name__:
            yield one
