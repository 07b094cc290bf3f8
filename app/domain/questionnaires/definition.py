"""One survey definition: everything that a folder under `survey_definitions/` says."""

from typing import Literal

from pydantic import Field

from app.domain.questionnaires.analysis import Index, Sample
from app.domain.questionnaires.audience import Audience
from app.domain.questionnaires.departments import Departments
from app.domain.questionnaires.model import Questionnaire
from app.domain.questionnaires.scheme import Scheme
from app.domain.questionnaires.text import Code, DefinitionModel, Text


class Survey(DefinitionModel):
    """survey.yaml: what the survey is called, who runs it, what is invented in it."""

    code: Code
    format: Literal[1] = Field(1, description="Version of the definition format itself.")
    title: Text
    organiser: Text
    purpose: Text
    privacy: Text
    contact: Text | None = None
    minutes: int = Field(2, ge=1, le=60, description="Honest time to answer.")
    illustrative: list[str] = Field(
        default=[], description="What no source gives and a city must replace."
    )
    sources: list[str] = []


class SurveyDefinition(DefinitionModel):
    """The folder: one file per part, `<part>.yaml`. Sample, index and scheme may be absent."""

    survey: Survey
    questionnaire: Questionnaire
    departments: Departments
    audience: Audience
    sample: Sample = Sample()
    index: Index | None = None
    scheme: Scheme | None = None
