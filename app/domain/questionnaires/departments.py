"""The units being rated: groups, departments, and their service windows."""

from typing import Annotated

from pydantic import Field

from app.domain.questionnaires.text import Code, DefinitionModel, Text


class Group(DefinitionModel):
    """A kind of department: bureau, district, …"""

    code: Code
    name: Text


class Window(DefinitionModel):
    """A place with a QR code of its own where the department serves people."""

    code: Code
    name: Text


class Department(DefinitionModel):
    """A unit being rated."""

    code: Code
    name: Text
    group: Code
    windows: list[Window] = []


class Departments(DefinitionModel):
    """departments.yaml"""

    groups: Annotated[list[Group], Field(min_length=1)]
    departments: Annotated[list[Department], Field(min_length=1, max_length=500)]
    illustrative: bool = False
    source: str = ""

    def named(self, code: str) -> Department:
        """Find a department by its code; raises KeyError."""
        for one in self.departments:
            if one.code == code:
                return one
        raise KeyError(code)
