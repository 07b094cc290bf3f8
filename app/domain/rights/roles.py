"""What a member of staff is employed for: one role each."""

from enum import StrEnum


class Role(StrEnum):
    """The roles. What they may do stands in `rights.py`."""

    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"
    KEYER = "keyer"
    ADJUDICATOR = "adjudicator"
    ANALYST = "analyst"
    DEPARTMENT_READER = "department-reader"
    AUDITOR = "auditor"


SECOND_FACTOR_REQUIRED = frozenset({Role.ADMINISTRATOR, Role.ANALYST, Role.AUDITOR})
"""Roles that see or change more than their own point, batch or department: a stolen password must
not be enough. The others may set up a second factor too."""
