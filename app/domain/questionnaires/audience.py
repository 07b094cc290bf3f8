"""Who may answer, by which way in, how often, and about which departments."""

import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from app.domain.questionnaires.text import Code, DefinitionModel, Text


class Mode(StrEnum):
    """How an answer comes in."""

    WEB = "web"
    KIOSK = "kiosk"
    PAPER = "paper"
    PHONE = "phone"


class Trust(StrEnum):
    """How sure we are that it is one person, once (design: trust level)."""

    OPEN = "open"
    INVITED = "invited"
    VERIFIED = "verified"
    BLIND = "blind"
    CONFIDENTIAL = "confidential"
    FIELDWORK = "fieldwork"


IDENTIFYING = (Trust.VERIFIED, Trust.BLIND, Trust.CONFIDENTIAL)
"""Levels that check who someone is before they get a permit."""

IdentityCheck = Literal["national_id", "phone", "oidc"]


class WayIn(DefinitionModel):
    """One way for a class to take part: a mode at a trust level.

    `identify_by` lists the identity checks offered (verified and confidential only).
    """

    mode: Mode
    trust: Trust
    identify_by: list[IdentityCheck] = []


class RatesAll(DefinitionModel):
    """Every department of the groups named (none named: every department)."""

    rule: Literal["all"]
    groups: list[Code] = []


class RatesChosen(DefinitionModel):
    """Those that the respondent says they dealt with, between `at_least` and `at_most`."""

    rule: Literal["choose"]
    groups: list[Code] = []
    at_least: Annotated[int, Field(ge=1)] = 1
    at_most: Annotated[int, Field(ge=1)] | None = None


class RatesAssigned(DefinitionModel):
    """`k` drawn at random for each respondent with known, equal probability k/N.

    With `per_group`, k are drawn in every group, so that small groups are not starved.
    """

    rule: Literal["assigned"]
    groups: list[Code] = []
    k: Annotated[int, Field(ge=1)]
    per_group: bool = False


class RatesFixed(DefinitionModel):
    """The one department whose link or QR code was opened."""

    rule: Literal["fixed"]
    groups: list[Code] = []


Rates = Annotated[RatesAll | RatesChosen | RatesAssigned | RatesFixed, Field(discriminator="rule")]


class RespondentClass(DefinitionModel):
    """A kind of respondent. With `never_own`, nobody rates the unit they belong to."""

    code: Code
    name: Text
    rates: Rates
    ways_in: Annotated[list[WayIn], Field(min_length=1)]
    never_own: bool = False
    illustrative: bool = False


class DatesOfMode(DefinitionModel):
    """First and last day (both included, in the survey's time zone) for one mode."""

    opens: datetime.date
    closes: datetime.date


class Collection(DefinitionModel):
    """When and how often people may answer.

    `once_per: day` lets an open-level device answer again the next day about the same window
    (continuous surveys of single cases); all other levels are once per wave. `revisable`: the last
    answer of a permit counts until close.
    """

    continuous: bool = False
    dates: dict[Mode, DatesOfMode] = {}
    once_per: Literal["wave", "day"] = "wave"
    revisable: bool = False
    timezone: str = "Asia/Shanghai"


class Audience(DefinitionModel):
    """audience.yaml"""

    classes: Annotated[list[RespondentClass], Field(min_length=1)]
    collection: Collection

    def named(self, code: str) -> RespondentClass:
        """Find a class by its code; raises KeyError."""
        for one in self.classes:
            if one.code == code:
                return one
        raise KeyError(code)
