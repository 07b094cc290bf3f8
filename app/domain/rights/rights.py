"""The table of rights: act × role → how far the right reaches."""

import dataclasses
from collections.abc import Mapping
from enum import StrEnum

from app.domain.rights.roles import Role
from app.errors.staff import NotAllowed


class Act(StrEnum):
    """What staff do. Every route of the console names one of these."""

    USE_OWN_ACCOUNT = "use own account"
    CHANGE_OWN_FACTORS = "change own factors"
    SEE_WAVES = "see waves"
    CHANGE_WAVES = "change waves"
    SEE_STAFF = "see staff"
    CHANGE_STAFF = "change staff"
    READ_AUDIT_LOG = "read audit log"
    SEE_CLIENTS = "see clients"
    CHANGE_CLIENTS = "change clients"
    SEE_OWN_PAPER_WORK = "see own paper work"
    SEE_FIELDWORK = "see fieldwork"
    PREPARE_FIELDWORK = "prepare fieldwork"
    MOVE_FORMS = "move forms"
    CLOSE_BATCH = "close batch"
    KEY_FORMS = "key forms"
    ADJUDICATE_FORMS = "adjudicate forms"
    SEE_KEYING_QUALITY = "see keying quality"
    EXPORT_KEYED = "export keyed forms"
    SEE_EVALUATIONS = "see evaluations"
    ENTER_FIGURES = "enter figures"
    PREPARE_EVALUATIONS = "prepare evaluations"
    PUBLISH_EVALUATIONS = "publish evaluations"
    SEE_OWN_RESULTS = "see own results"
    PREPARE_RELEASES = "prepare releases"
    PUBLISH_RELEASES = "publish releases"
    SEE_INTEGRITY = "see integrity"
    REVIEW_INTEGRITY = "review integrity"
    CHANGE_WHAT_COUNTS = "change what counts"
    READ_RESULTS = "read results"
    EXPORT_RESPONSES = "export responses"


DANGEROUS = frozenset(
    {
        Act.CHANGE_OWN_FACTORS,
        Act.CHANGE_WAVES,
        Act.CHANGE_STAFF,
        Act.CHANGE_CLIENTS,
        Act.CHANGE_WHAT_COUNTS,
        Act.PUBLISH_RELEASES,
        Act.PUBLISH_EVALUATIONS,
    }
)
"""Acts for which whoever sits at the keyboard must have proved lately who they are."""


class Reach(StrEnum):
    """To which objects a right reaches."""

    EVERYTHING = "everything"
    OWN_POINT = "own point"
    OWN_BATCH = "own batch"
    OWN_DEPARTMENT = "own department"


_EVERYBODY = dict.fromkeys(Role, Reach.EVERYTHING)

RIGHTS: Mapping[Act, Mapping[Role, Reach]] = {
    Act.USE_OWN_ACCOUNT: _EVERYBODY,
    Act.CHANGE_OWN_FACTORS: _EVERYBODY,
    Act.SEE_WAVES: _EVERYBODY,  # participation only, which the public sees as well
    Act.CHANGE_WAVES: {Role.ADMINISTRATOR: Reach.EVERYTHING},
    Act.SEE_STAFF: {Role.ADMINISTRATOR: Reach.EVERYTHING, Role.AUDITOR: Reach.EVERYTHING},
    Act.CHANGE_STAFF: {Role.ADMINISTRATOR: Reach.EVERYTHING},
    Act.READ_AUDIT_LOG: {Role.ADMINISTRATOR: Reach.EVERYTHING, Role.AUDITOR: Reach.EVERYTHING},
    Act.SEE_CLIENTS: {Role.ADMINISTRATOR: Reach.EVERYTHING, Role.AUDITOR: Reach.EVERYTHING},
    Act.CHANGE_CLIENTS: {Role.ADMINISTRATOR: Reach.EVERYTHING},
    Act.SEE_OWN_PAPER_WORK: dict.fromkeys(
        (
            Role.ADMINISTRATOR,
            Role.SUPERVISOR,
            Role.KEYER,
            Role.ADJUDICATOR,
            Role.ANALYST,
            Role.AUDITOR,
        ),
        Reach.EVERYTHING,  # a list of the objects that are one's own anyway
    ),
    Act.SEE_FIELDWORK: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
        Role.AUDITOR: Reach.EVERYTHING,
        Role.SUPERVISOR: Reach.OWN_POINT,
    },
    Act.PREPARE_FIELDWORK: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.SUPERVISOR: Reach.OWN_POINT,
    },
    Act.MOVE_FORMS: {Role.ADMINISTRATOR: Reach.EVERYTHING, Role.SUPERVISOR: Reach.OWN_POINT},
    Act.CLOSE_BATCH: {Role.ADMINISTRATOR: Reach.EVERYTHING, Role.SUPERVISOR: Reach.OWN_POINT},
    Act.KEY_FORMS: {Role.KEYER: Reach.OWN_BATCH},
    Act.ADJUDICATE_FORMS: {Role.ADJUDICATOR: Reach.OWN_BATCH},
    Act.SEE_KEYING_QUALITY: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
        Role.AUDITOR: Reach.EVERYTHING,
    },
    Act.EXPORT_KEYED: {Role.ANALYST: Reach.EVERYTHING, Role.AUDITOR: Reach.EVERYTHING},
    Act.SEE_INTEGRITY: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
        Role.AUDITOR: Reach.EVERYTHING,
    },
    Act.SEE_EVALUATIONS: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
        Role.AUDITOR: Reach.EVERYTHING,
    },
    Act.REVIEW_INTEGRITY: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
    },
    # Not for analysts: they read results, and whoever decides is to know no index.
    Act.CHANGE_WHAT_COUNTS: {Role.ADMINISTRATOR: Reach.EVERYTHING},
    Act.ENTER_FIGURES: {Role.ADMINISTRATOR: Reach.EVERYTHING, Role.ANALYST: Reach.EVERYTHING},
    Act.PREPARE_EVALUATIONS: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
    },
    Act.PUBLISH_EVALUATIONS: {Role.ADMINISTRATOR: Reach.EVERYTHING},
    Act.SEE_OWN_RESULTS: dict.fromkeys(
        (Role.ANALYST, Role.AUDITOR, Role.DEPARTMENT_READER),
        Reach.EVERYTHING,  # a list of what one may read anyway
    ),
    Act.EXPORT_RESPONSES: {Role.ANALYST: Reach.EVERYTHING, Role.AUDITOR: Reach.EVERYTHING},
    Act.PREPARE_RELEASES: {
        Role.ADMINISTRATOR: Reach.EVERYTHING,
        Role.ANALYST: Reach.EVERYTHING,
    },
    Act.PUBLISH_RELEASES: {Role.ADMINISTRATOR: Reach.EVERYTHING},
    Act.READ_RESULTS: {
        Role.ANALYST: Reach.EVERYTHING,
        Role.AUDITOR: Reach.EVERYTHING,
        Role.DEPARTMENT_READER: Reach.OWN_DEPARTMENT,
    },
}


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """The objects that are somebody's own, by code."""

    points: frozenset[str] = frozenset()
    batches: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """What an act is done to, as far as rights depend on it; an empty code is nobody's own."""

    point: str = ""
    batch: str = ""
    department: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. The name stands in the audit log."""

    name: str
    role: Role
    scope: Scope = Scope()


def command_line(user: str) -> Actor:
    """Give the actor for somebody at the server's command line, who can do anything anyway.

    A colon can't be part of an account's name, so nobody can sign in as such an actor.
    """
    return Actor(f"cli:{user}", Role.ADMINISTRATOR)


def is_same_person(one: str, other: str) -> bool:
    """Say whether two names in the logs are one person's, at the console or the command line.

    Where two persons are needed, another spelling of a name is no other person.
    """
    return _person(one) == _person(other)


def _person(name: str) -> str:
    return name.removeprefix("cli:").strip().casefold()


def may(actor: Actor, act: Act, target: Target = Target()) -> bool:
    """Say whether somebody may do this to that object."""
    match RIGHTS[act].get(actor.role):
        case Reach.EVERYTHING:
            return True
        case Reach.OWN_POINT:
            return target.point in actor.scope.points
        case Reach.OWN_BATCH:
            return target.batch in actor.scope.batches
        case Reach.OWN_DEPARTMENT:
            return target.department in actor.scope.departments
        case _:
            return False


def may_somewhere(actor: Actor, act: Act) -> bool:
    """Say whether the role has this right to any object at all; for menus, never for access."""
    return actor.role in RIGHTS[act]


def require_right(actor: Actor, act: Act, target: Target = Target()) -> None:
    """Raise NotAllowed unless somebody may do this to that object."""
    if not may(actor, act, target):
        raise NotAllowed
