"""What the API sends. No field has a default: every promised field is always there."""

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.deduplication.decision import ResponseStatus
from app.domain.questionnaires.audience import Mode, Trust
from app.domain.waves.life_cycle import Intake, WaveState


class OutputModel(BaseModel):
    """A reply, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TextOut(OutputModel):
    """The same words in both languages."""

    zh: str = Field(examples=["2010年度社会公众满意度调查"])
    en: str = Field(examples=["Public satisfaction survey 2010"])


class FaultOut(OutputModel):
    """One thing wrong with one field."""

    field: str = Field(examples=["answers.rating.D01.attitude"])
    code: str = Field(examples=["not-an-option"])
    message: str = Field(examples=["Choose one of the answers offered."])


class ProblemOut(OutputModel):
    """RFC 9457 problem details, the one shape of every error."""

    type: str = Field(examples=["urn:minyi:problem:invalid-input"])
    title: str = Field(examples=["Some of the input is not valid"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["invalid-input"])
    detail: str = Field(
        "", description="Absent where the title says it all.", examples=["The margin has no cell."]
    )
    faults: list[FaultOut]


class DatesOut(OutputModel):
    """When a mode takes answers, and whether it does now."""

    mode: Mode
    opens_at: datetime.datetime
    closes_at: datetime.datetime | None
    intake: Intake


class WaveOut(OutputModel):
    """A wave as listed."""

    id: str = Field(examples=["shenzhen-2010"])
    title: TextOut
    organiser: TextOut
    state: WaveState
    dates: list[DatesOut]
    minutes: int = Field(description="Honest time to answer.", examples=[3])


class WayInOut(OutputModel):
    """A way to take part."""

    mode: Mode
    trust: Trust
    identify_by: list[Literal["national_id", "phone", "oidc"]]


class ClassOut(OutputModel):
    """A respondent class and its ways in."""

    code: str = Field(examples=["residents"])
    name: TextOut
    rates: dict[str, Any] = Field(examples=[{"rule": "assigned", "k": 3}])
    ways_in: list[WayInOut]


class WaveDetailOut(WaveOut):
    """A wave with its questionnaire as shown."""

    purpose: TextOut
    privacy: TextOut
    definition_hash: str
    revisable: bool
    classes: list[ClassOut]
    departments: dict[str, Any] = Field(description="Groups and departments, as declared.")
    questionnaire: dict[str, Any] = Field(
        description="Sections, questions and scales, as declared."
    )


class PermitOut(OutputModel):
    """A permit and what it allows. Keep the permit: it is the right to answer."""

    permit: str = Field(examples=["7K3M-9QXA-11CD"])
    respondent_class: str = Field(examples=["residents"])
    trust: Trust
    offered: list[str] = Field(
        description="Departments that this respondent may rate, in the order to show them."
    )


class ReceiptOut(OutputModel):
    """Proof that an answer is stored. It never shows the answer."""

    id: str = Field(examples=["7ZZZZZZ-0000000-000000-000000"])
    wave: str = Field(examples=["shenzhen-2010"])
    received_on: datetime.date
    status: ResponseStatus


class CountOut(OutputModel):
    """Responses that share mode, trust level, class, status and day."""

    mode: Mode
    trust: Trust
    respondent_class: str
    status: ResponseStatus
    received_on: datetime.date
    n: int = Field(examples=[1681])


class ParticipationOut(OutputModel):
    """Counts that balance: returned = counted + duplicate + set_aside."""

    wave: str = Field(examples=["shenzhen-2010"])
    returned: int
    counted: int
    duplicate: int
    set_aside: int
    distributed: int
    revoked: int
    drawn: int
    drawn_not_answered: int
    responses: list[CountOut]
