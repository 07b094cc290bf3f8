"""Who may use a staff route: the session, its stage, the right, the proof of identity."""

import dataclasses
from typing import Annotated

from fastapi import Depends, Request, params

from app.console.cookies import SESSION
from app.dependencies import ResourcesOfApp
from app.domain.accounts.sessions import Stage
from app.domain.rights.rights import DANGEROUS, Act, Target, require_right
from app.errors import NotFound
from app.errors.requests import ForeignOrigin
from app.errors.staff import EnrolmentNeeded, NotSignedIn, SecondFactorNeeded
from app.security import AccessRule
from app.services.staff_sessions import Session, find_session

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def _require_same_origin(request: Request) -> None:
    """Refuse a POST without a sign of where it comes from.

    What the headers say is judged for the whole application (`main.py`); programs, which send
    none, have no business here.
    """
    said = request.headers.get("sec-fetch-site") or request.headers.get("origin")
    if request.method not in _SAFE and not said:
        raise ForeignOrigin


same_origin = Depends(_require_same_origin)


async def current_session(request: Request, resources: ResourcesOfApp) -> Session:
    """Find the session of the request's cookie. Raises NotSignedIn."""
    token = request.cookies.get(SESSION)
    if not token:
        raise NotSignedIn
    return await find_session(resources, token)


SignedIn = Annotated[Session, Depends(current_session)]


def target_of(request: Request) -> Target:
    """Read from the path what the act is done to: `point_id`, `batch_id`, `department_id`."""
    path = request.path_params
    return Target(
        point=path.get("point_id", ""),
        batch=path.get("batch_id", ""),
        department=path.get("department_id", ""),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class StaffRule(AccessRule):
    """Lets those through who may do the act to the object in the path, at these stages."""

    act: Act
    stages: frozenset[Stage]

    async def __call__(  # type: ignore[override] # FastAPI fills in what the rule asks for
        self, request: Request, session: SignedIn, resources: ResourcesOfApp
    ) -> None:
        """Raise the error that says what is missing."""
        if session.stage not in self.stages:
            _raise_for(session.stage)
        require_right(session.actor, self.act, target_of(request))
        if self.act in DANGEROUS:
            session.require_fresh(resources.now())


def _raise_for(stage: Stage) -> None:
    match stage:
        case Stage.SECOND_FACTOR:
            raise SecondFactorNeeded
        case Stage.ENROLMENT:
            raise EnrolmentNeeded
        case Stage.FULL:
            raise NotFound


def staff_may(act: Act, *stages: Stage) -> params.Depends:
    """Make the rule of a route; without stages, for those who have fully signed in."""
    rule = StaffRule(f"staff: {act}", act, frozenset(stages or {Stage.FULL}))
    depends: params.Depends = Depends(rule)
    return depends
