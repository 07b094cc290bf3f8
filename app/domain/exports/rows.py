"""A response → a row of cells, in the order of the columns.

Only cells that are answered are touched: somebody who rates 4 of 40 departments costs 16 cells
and not 160.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from app.domain.exports.columns import Column
from app.domain.questionnaires.text import Language

Style = Literal["codes", "numbers"] | Language
"""What a coded cell says: the code, its number, or the label in a language."""

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class ExportedResponse:
    """What of a stored response is exported. `sheet` is JSON: `{"answers": …, "offered": […]}`."""

    status: str
    mode: str
    trust: str
    respondent_class: str
    stratum: str
    point: str
    window: str
    sheet: str


class RowWriter:
    """Turns responses into rows; built once for an export.

    `base_weights` are given by (class, mode, stratum); a response that is not counted has none.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        style: Style,
        base_weights: Mapping[tuple[str, str, str], float],
    ) -> None:
        self._width = len(columns)
        self._weights = base_weights
        self._places = {_place(one): i for i, one in enumerate(columns)}
        self._texts = [_texts(one, style) for one in columns]
        self._parts = {
            one.question: [c.part for c in columns if c.question == one.question]
            for one in columns
            if one.part and not one.department
        }

    def row(self, response: ExportedResponse) -> list[Cell]:
        """Give the cells of a response; None where there is no answer."""
        row: list[Cell] = [None] * self._width
        sheet = msgspec.json.decode(response.sheet)
        self._put_about(row, response, sheet.get("offered", ()))
        for question, answer in sheet["answers"].items():
            match answer:
                case dict():
                    for department, ratings in answer.items():
                        for aspect, level in ratings.items():
                            self._put(row, (question, department, aspect), level)
                case list():
                    for option in self._parts.get(question, ()):
                        self._put(row, (question, "", option), "1" if option in answer else "0")
                case _:
                    self._put(row, (question, "", ""), answer)
        return row

    def _put_about(
        self, row: list[Cell], response: ExportedResponse, offered: Sequence[str]
    ) -> None:
        about = {
            "status": response.status,
            "mode": response.mode,
            "trust": response.trust,
            "class": response.respondent_class,
            "stratum": response.stratum,
            "point": response.point,
            "window": response.window,
        }
        for name, code in about.items():
            if code:
                self._put(row, ("", "", name), code)
        # In the order of their codes: the order shown was drawn for this one respondent.
        row[self._places["", "", "offered"]] = " ".join(sorted(offered))
        if response.status == "counted":
            key = (response.respondent_class, response.mode, response.stratum)
            row[self._places["", "", "base_weight"]] = self._weights.get(key)

    def _put(self, row: list[Cell], place: tuple[str, str, str], answer: Any) -> None:
        """Answers to what is not exported, free texts above all, have no place."""
        i = self._places.get(place)
        if i is not None:
            texts = self._texts[i]
            row[i] = answer if texts is None else texts.get(str(answer))


def _place(column: Column) -> tuple[str, str, str]:
    """Say whose answer a column holds; one about the response goes by its name."""
    if not column.question:
        return ("", "", column.name)
    return (column.question, column.department, column.part)


def _texts(column: Column, style: Style) -> dict[str, Cell] | None:
    """What is written for each code of a column; None for a column without codes."""
    if column.kind != "code":
        return None
    match style:
        case "codes":
            return {one.code: one.code for one in column.values}
        case "numbers":
            return {one.code: one.number for one in column.values}
        case _:
            return {one.code: one.label[style] for one in column.values}
