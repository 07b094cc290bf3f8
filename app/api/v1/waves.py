"""Waves: which there are, what they ask, how many took part."""

import dataclasses
import datetime
from typing import Any

from fastapi import APIRouter

from app.api.v1.models import (
    ClassOut,
    CountOut,
    DatesOut,
    ParticipationOut,
    TextOut,
    WaveDetailOut,
    WaveOut,
    WayInOut,
)
from app.api.v1.problems import problems
from app.dependencies import AnyWave, ResourcesOfApp
from app.domain.questionnaires.text import Text
from app.domain.waves.life_cycle import WaveState
from app.errors.waves import WaveNotFound
from app.security import ANYONE
from app.services import waves
from app.services.participation import look_at_participation
from app.services.waves import Wave

router = APIRouter(prefix="/waves", tags=["waves"], dependencies=[ANYONE])


@router.get("", responses=problems())
async def list_waves(resources: ResourcesOfApp) -> list[WaveOut]:
    """List the waves that are or were open, newest first."""
    now = resources.now()
    return [
        WaveOut(**_summary(wave, now))
        for wave in await waves.list_waves(resources)
        if wave.state is not WaveState.DRAFT
    ]


@router.get("/{wave_id}", responses=problems(WaveNotFound))
async def get_wave(wave: AnyWave, resources: ResourcesOfApp) -> WaveDetailOut:
    """Give a wave with its questionnaire as shown to citizens."""
    definition = wave.definition
    return WaveDetailOut(
        **_summary(wave, resources.now()),
        purpose=_text(definition.survey.purpose),
        privacy=_text(definition.survey.privacy),
        definition_hash=wave.definition_hash,
        revisable=definition.audience.collection.revisable,
        classes=[
            ClassOut(
                code=one.code,
                name=_text(one.name),
                rates=one.rates.model_dump(mode="json"),
                ways_in=[
                    WayInOut(mode=way.mode, trust=way.trust, identify_by=way.identify_by)
                    for way in one.ways_in
                ],
            )
            for one in definition.audience.classes
        ],
        departments=definition.departments.model_dump(mode="json"),
        questionnaire=definition.questionnaire.model_dump(mode="json", by_alias=True),
    )


@router.get("/{wave_id}/participation", responses=problems(WaveNotFound))
async def get_participation(wave: AnyWave, resources: ResourcesOfApp) -> ParticipationOut:
    """Say how many took part; how they answered, nobody sees before the wave is closed.

    The figures are those of at most a second ago.
    """
    found = await look_at_participation(resources, wave)
    figures = {
        field.name: getattr(found, field.name)
        for field in dataclasses.fields(found)
        if field.name != "responses"
    }
    return ParticipationOut(
        wave=wave.code,
        **figures,
        responses=[CountOut(**dataclasses.asdict(one)) for one in found.responses],
    )


def _summary(wave: Wave, now: datetime.datetime) -> dict[str, Any]:
    return {
        "id": wave.code,
        "title": _text(wave.definition.survey.title),
        "organiser": _text(wave.definition.survey.organiser),
        "state": wave.state,
        "dates": [
            DatesOut(
                mode=mode,
                opens_at=dates.opens_at,
                closes_at=dates.closes_at,
                intake=wave.intake(mode, now),
            )
            for mode, dates in wave.dates.items()
        ],
        "minutes": wave.definition.survey.minutes,
    }


def _text(text: Text) -> TextOut:
    return TextOut(zh=text.zh, en=text.en)
