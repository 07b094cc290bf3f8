"""What every letter and poster of a wave says, in both languages."""

import datetime
from collections.abc import Mapping

from babel.dates import format_interval

from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.text import Text
from app.services.addresses import as_typed_address, wave_address
from app.services.resources import Resources
from app.services.waves import Wave

Words = Mapping[str, str]


def facts_of(resources: Resources, wave: Wave, mode: Mode) -> dict[str, object]:
    """Give title, organiser, purpose, privacy, contact, days, minutes and address of a wave."""
    survey = wave.definition.survey
    return {
        "title": both(survey.title),
        "organiser": both(survey.organiser),
        "purpose": both(survey.purpose),
        "privacy": both(survey.privacy),
        "contact": both(survey.contact) if survey.contact else None,
        "minutes": survey.minutes,
        "days": _days(wave, mode),
        "address": as_typed_address(wave_address(resources, wave)),
    }


def both(text: Text) -> Words:
    """Give a text in both languages."""
    return {"zh": text.zh, "en": text.en}


def _days(wave: Wave, mode: Mode) -> Words | None:
    """Write first and last day; None where the wave has no end."""
    dates = wave.dates[mode]
    if dates.closes_at is None:
        return None
    first = wave.survey.local_date(dates.opens_at)
    last = wave.survey.local_date(dates.closes_at - datetime.timedelta(microseconds=1))
    return {
        "zh": format_interval(first, last, "yMMMd", locale="zh_Hans_CN"),
        "en": format_interval(first, last, "yMMMd", locale="en_GB"),
    }
