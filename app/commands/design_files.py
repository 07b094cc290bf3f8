"""Design and plan files of the statistics commands: YAML text → a checked model, or every fault.

The models live beside the rules they configure; here is only the way from a file to a model.
A fault names its place in the file (`allocation.strata.2.population`) and its line.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.domain.questionnaires.yaml_text import Document, YamlFault, read_yaml
from app.errors import Fault, InvalidInput

LARGEST_FILE = 1 << 20
Model = TypeVar("Model", bound=BaseModel)


def read_design(path: Path, model: type[Model]) -> Model:
    """Read a design file of at most 1 MiB; raises InvalidInput with all its faults at once."""
    try:
        document = read_yaml(_text(path))
    except YamlFault as fault:
        raise _invalid([_fault("", fault.line, fault.code, fault.message)]) from None
    if document.faults:
        raise _invalid(
            [_fault(_dotted(where), line, *why) for line, where, *why in document.faults]
        )
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise _invalid([_model_fault(document, details) for details in error.errors()]) from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _invalid([_fault("", 1, "too-large", "the file is larger than 1 MiB")])
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid([_fault("", 1, "not-utf-8", "the file is not UTF-8 text")]) from None
    except OSError:
        raise _invalid([_fault("", 1, "unreadable", "the file can't be read")]) from None


def _model_fault(document: Document, details: Any) -> Fault:
    """Pydantic's account of a fault, without the value that it quotes."""
    written = {part for path in document.lines for part in path}
    place = tuple(part for part in details["loc"] if part in written)
    message = str(details["msg"]).removeprefix("Value error, ")
    return _fault(_dotted(details["loc"]), document.line_of(place), details["type"], message)


def _fault(where: str, line: int, code: str, message: str) -> Fault:
    return Fault(where, code, f"line {line}: {message}")


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path)


def _invalid(faults: list[Fault]) -> InvalidInput:
    return InvalidInput("The design file is not valid", faults=faults)
