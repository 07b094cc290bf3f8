"""A small survey with every kind of question, for the tests of answers and navigation."""

from typing import Any

from app.domain.questionnaires.definition import SurveyDefinition


def text(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def option(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "text": text(code), **more}


def level(code: str, score: float, side: str) -> dict[str, Any]:
    return {"code": code, "text": text(code), "score": score, "side": side}


FIVE = {
    "levels": [
        level("vs", 100, "good"),
        level("s", 75, "good"),
        level("m", 50, "middle"),
        level("d", 25, "bad"),
        level("vd", 0, "bad"),
    ],
    "dont_know": text("don't know"),
}

GRID = {
    "kind": "department_grid",
    "code": "grid",
    "text": text("How well?"),
    "scale": "five",
    "aspects": [option("speed"), option("manner")],
}

PROFILE = {
    "code": "profile",
    "title": text("You"),
    "questions": [
        {
            "kind": "single",
            "code": "resident",
            "text": text("Do you live here?"),
            "required": True,
            "options": [option("yes"), option("no")],
        },
        {
            "kind": "number",
            "code": "years",
            "text": text("How long?"),
            "minimum": 0,
            "maximum": 120,
            "show_if": {"question": "resident", "in": ["yes"]},
        },
        {
            "kind": "multiple",
            "code": "topics",
            "text": text("Which topics?"),
            "at_most": 2,
            "options": [option("a"), option("b"), option("c"), option("none", exclusive=True)],
        },
    ],
}

RATING = {"code": "rating", "title": text("Departments"), "questions": [GRID]}

REST = {
    "code": "rest",
    "title": text("The city"),
    "questions": [
        {"kind": "scale", "code": "overall", "text": text("Overall?"), "scale": "five"},
        {
            "kind": "zero_to_ten",
            "code": "recommend",
            "text": text("Recommend?"),
            "lowest": text("no"),
            "highest": text("yes"),
            "dont_know": text("don't know"),
        },
        {
            "kind": "number",
            "code": "hours",
            "text": text("Hours waited?"),
            "minimum": 0,
            "maximum": 24,
            "decimals": 1,
        },
        {
            "kind": "date",
            "code": "visited",
            "text": text("When?"),
            "earliest": "2010-01-01",
            "latest": "2010-12-31",
        },
        {"kind": "short_text", "code": "place", "text": text("Where?"), "max_length": 20},
        {"kind": "comment", "code": "comment", "text": text("Anything else?"), "max_length": 50},
    ],
}

EXPERTS_ONLY = {
    "code": "experts_only",
    "title": text("For experts"),
    "classes": ["experts"],
    "questions": [
        {"kind": "comment", "code": "opinion", "text": text("Your opinion?"), "max_length": 50}
    ],
}


def audience(code: str, rates: dict[str, Any], **more: Any) -> dict[str, Any]:
    ways_in = [{"mode": "web", "trust": "open"}]
    return {"code": code, "name": text(code), "rates": rates, "ways_in": ways_in, **more}


def small_survey(
    *,
    sections: list[dict[str, Any]] | None = None,
    rates: dict[str, Any] | None = None,
    grid: dict[str, Any] | None = None,
    never_own: bool = False,
) -> SurveyDefinition:
    """Six departments in two groups; residents rate as `rates` says, experts rate all."""
    rating = RATING | {"questions": [GRID | (grid or {})]}
    residents = audience("residents", rates or {"rule": "all"}, never_own=never_own)
    return SurveyDefinition.model_validate(
        {
            "survey": {
                "code": "small",
                "title": text("Small survey"),
                "organiser": text("Office"),
                "purpose": text("Test"),
                "privacy": text("Private"),
            },
            "questionnaire": {
                "scales": {"five": FIVE},
                "sections": sections or [PROFILE, rating, REST, EXPERTS_ONLY],
            },
            "departments": {
                "groups": [
                    {"code": "bureaus", "name": text("Bureaus")},
                    {"code": "districts", "name": text("Districts")},
                ],
                "departments": [
                    {"code": f"D{n}", "name": text(f"D{n}"), "group": group}
                    for n, group in enumerate(["bureaus"] * 4 + ["districts"] * 2, start=1)
                ],
            },
            "audience": {
                "classes": [residents, audience("experts", {"rule": "all"})],
                "collection": {"continuous": True},
            },
        }
    )
