"""Building blocks of every definition file: strict models, codes, and text in both languages."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
"""A name that is stored with answers: letters, digits, `_` and `-`, at most 40 characters."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class DefinitionModel(BaseModel):
    """A part of a definition: immutable, and an unknown key is an error, not a silent no-op."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Text(DefinitionModel):
    """What people read, complete in both languages."""

    zh: Words
    en: Words

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en
