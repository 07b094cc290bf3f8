"""Xiamen 2008 as an evaluation: the wave, the indices published, the figures entered."""

from app.services.resources import Resources
from app.services.waves import Wave, create_wave
from tests.domain.scoring.golden import rows
from tests.support.evaluations import Sample
from tests.survey_definitions.shipped import FOLDER

TABLE = {row["district"]: row for row in rows("xiamen_2008.csv")}
FIGURES = {
    "indicators": "indicators_index",
    "inspection.deducted": "deducted",
    "inspection.added": "added",
}


def _indices(name: str) -> dict[str, str]:
    return {district: row[f"{name}_index"] for district, row in TABLE.items()}


SAMPLES = [
    Sample("residents", ("paper",), _indices("survey"), standard_error="1.2"),
    Sample("online-residents", ("web",), _indices("online"), kind="self-selected", n=1000),
    Sample("organs", ("web",), _indices("mutual"), kind="census", standard_error="0.5"),
]
ENTERED = [
    ["department", "figure", "value"],
    *(
        [district, figure, row[column]]
        for district, row in TABLE.items()
        for figure, column in FIGURES.items()
    ),
]
"""The table of figures as an office would send it."""


async def xiamen_wave(resources: Resources) -> Wave:
    return await create_wave(resources, code="xm", folder=FOLDER / "xiamen-2008")
