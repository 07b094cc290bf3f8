"""The codebook: what each column of an export holds, and what its values mean."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.domain.exports.columns import Column
from app.domain.questionnaires.definition import SurveyDefinition

HEADER = ("column", "question", "department", "part", "kind", "label_zh", "label_en")
VALUE_HEADER = ("code", "number", "value_zh", "value_en", "score")


def codebook_rows(columns: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    """Give header and rows: one row a value, or one a column that has none."""
    yield (*HEADER, *VALUE_HEADER)
    for one in columns:
        about = (one.name, one.question, one.department, one.part, one.kind)
        labels = (one.label.zh, one.label.en)
        for value in one.values:
            score = "" if value.score is None else f"{value.score:g}"
            number = str(value.number)
            yield (*about, *labels, value.code, number, value.label.zh, value.label.en, score)
        if not one.values:
            yield (*about, *labels, "", "", "", "", "")


def codebook_document(definition: SurveyDefinition, columns: Sequence[Column]) -> dict[str, Any]:
    """Give the codebook for programs, with the dimensions and weights of the index."""
    index = definition.index
    return {
        "survey": definition.survey.code,
        "title": definition.survey.title.model_dump(),
        "dimensions": [one.model_dump(mode="json") for one in index.dimensions] if index else [],
        "columns": [
            {
                "name": one.name,
                "question": one.question,
                "department": one.department,
                "part": one.part,
                "kind": one.kind,
                "label": one.label.model_dump(),
                "values": [
                    {
                        "code": value.code,
                        "number": value.number,
                        "label": value.label.model_dump(),
                        "score": value.score,
                    }
                    for value in one.values
                ],
            }
            for one in columns
        ],
    }
