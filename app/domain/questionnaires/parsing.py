"""The files of a definition folder → one SurveyDefinition, or every fault with file and line.

In this order, each step as far as the one before allows: the text is YAML; every key is known and
every value fits its model; nothing unfair is declared (`fairness`); the parts fit each other
(`checks`). A definition that parses has passed all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.domain.questionnaires import checks, fairness
from app.domain.questionnaires.analysis import Index, Sample
from app.domain.questionnaires.audience import Audience
from app.domain.questionnaires.definition import Survey, SurveyDefinition
from app.domain.questionnaires.departments import Departments
from app.domain.questionnaires.findings import Finding, Path, dotted
from app.domain.questionnaires.model import Questionnaire
from app.domain.questionnaires.scheme import Scheme
from app.domain.questionnaires.text import DefinitionModel
from app.domain.questionnaires.yaml_text import Document, YamlFault, read_yaml
from app.errors.definitions import DefinitionFault, InvalidDefinition

PARTS: Mapping[str, type[DefinitionModel]] = {
    "survey": Survey,
    "questionnaire": Questionnaire,
    "departments": Departments,
    "audience": Audience,
    "sample": Sample,
    "index": Index,
    "scheme": Scheme,
}
"""What each file, `<part>.yaml`, holds."""

REQUIRED = ("survey", "questionnaire", "departments", "audience")

_WORDS = {
    "missing": "missing-key",
    "extra_forbidden": "unknown-key",
    "union_tag_invalid": "unknown-kind",
    "union_tag_not_found": "unknown-kind",
}
"""pydantic's error types that have a name of ours; the others are «invalid-value»."""


def parse_definition(files: Mapping[str, str]) -> SurveyDefinition:
    """Read a definition from `{file name: text}`; raises InvalidDefinition with all faults."""
    folder = _Folder(files)
    findings = [*fairness.judge(folder.parts), *folder.check()]
    faults = [*folder.faults, *folder.locate(findings)]
    if faults:
        raise InvalidDefinition(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return SurveyDefinition(**folder.parts)


class _Folder:
    """The files read one by one: the parts that are well-formed, and the faults of the others."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.parts: dict[str, Any] = {}
        self.faults: list[DefinitionFault] = []
        self._documents: dict[str, Document] = {}
        self._needed = {part for part in PARTS if part in REQUIRED or f"{part}.yaml" in files}
        for file, text in files.items():
            self._read(file, text)
        for part in REQUIRED:
            if f"{part}.yaml" not in files:
                self._fault(f"{part}.yaml", 0, (), "missing-file", "this file is missing")

    def check(self) -> Iterator[Finding]:
        """Check how the parts fit each other, if none is missing or bad."""
        if self.parts.keys() == self._needed:
            yield from checks.check(SurveyDefinition(**self.parts))

    def locate(self, findings: Iterable[Finding]) -> Iterator[DefinitionFault]:
        """Give findings the file and line that they speak of."""
        for part, path, code, message in dict.fromkeys(findings):
            line = self._documents[part].line_of(path) if part in self._documents else 0
            yield _fault(f"{part}.yaml", line, path, code, message)

    def _read(self, file: str, text: str) -> None:
        part = file.removesuffix(".yaml")
        if part not in PARTS or file == part:
            known = ", ".join(f"{name}.yaml" for name in PARTS)
            self._fault(file, 0, (), "unknown-file", f"the files of a definition are {known}")
            return
        try:
            document = self._documents[part] = read_yaml(text)
        except YamlFault as fault:
            self._fault(file, fault.line, (), fault.code, fault.message)
            return
        for line, path, code, message in document.faults:
            self._fault(file, line, path, code, message)
        self._validate(part, document)

    def _validate(self, part: str, document: Document) -> None:
        try:
            model = PARTS[part].model_validate(document.data)
        except ValidationError as error:
            unread = {path for _, path, _, _ in document.faults}
            for detail in error.errors(include_url=False, include_input=False):
                path, code, message = _explain(detail, document.data)
                if path not in unread:
                    self._fault(f"{part}.yaml", document.line_of(path), path, code, message)
        else:
            self.parts[part] = model

    def _fault(self, file: str, line: int, path: Path, code: str, message: str) -> None:
        self.faults.append(_fault(file, line, path, code, message))


def _fault(file: str, line: int, path: Path, code: str, message: str) -> DefinitionFault:
    return DefinitionFault(field=dotted(path), code=code, message=message, file=file, line=line)


def _explain(detail: ErrorDetails, data: Any) -> tuple[Path, str, str]:
    """Turn one of pydantic's errors into a path as written in the file, a code and a sentence."""
    path = _written_path(detail["loc"], data)
    if detail["type"] == "missing":
        path = (*path, detail["loc"][-1])
    if detail["type"] == "extra_forbidden":
        return path, *(fairness.unfair_key(path) or ("unknown-key", "this key means nothing here"))
    code = _WORDS.get(detail["type"], "invalid-value")
    return path, code, _sentence(detail)


def _sentence(detail: ErrorDetails) -> str:
    """Say the rule without what was written: pydantic names an unknown kind in its message."""
    match detail["type"]:
        case "missing":
            return "this key is missing"
        case "union_tag_invalid":
            return f"the kinds known here are {detail['ctx']['expected_tags']}"
        case "union_tag_not_found":
            return f"needs the key {detail['ctx']['discriminator']}"
    return detail["msg"][0].lower() + detail["msg"][1:]


def _written_path(location: Sequence[str | int], data: Any) -> Path:
    """Drop from pydantic's location what is not in the file, such as the name of a kind."""
    path: list[str | int] = []
    for step in location:
        within = isinstance(data, dict) and step in data
        if within or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            path.append(step)
            data = data[step]
    return tuple(path)
