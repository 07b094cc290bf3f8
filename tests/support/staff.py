"""Staff for tests: hired at the command line, with a password, and a second factor where needed."""

import dataclasses

import pyotp
import pytest
from argon2 import PasswordHasher

from app.domain.accounts.sessions import Stage
from app.domain.rights.rights import Scope, command_line
from app.domain.rights.roles import SECOND_FACTOR_REQUIRED, Role
from app.services import passwords, staff, staff_accounts, staff_sessions, staff_sign_in
from app.services.resources import Resources
from app.services.staff import Rights
from app.services.staff_sessions import Session
from tests.support.clock import Clock

PASSWORD = "correct horse battery"
ROOT = command_line("root")
OWN_NOTHING = Scope()


def make_passwords_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with a thousandth of the work; everything else stays as it is."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash(b"nobody"))


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody with an account; `secret` is empty without a second factor."""

    name: str
    secret: str
    recovery_codes: tuple[str, ...] = ()

    def code(self, clock: Clock) -> str:
        """What the authenticator app shows now."""
        return pyotp.TOTP(self.secret).at(clock())


def link_token(link: str) -> str:
    """Take the token out of a one-time link."""
    return link.rsplit("/", 1)[-1]


async def hire(
    resources: Resources,
    clock: Clock,
    name: str,
    role: Role,
    scope: Scope = OWN_NOTHING,
    *,
    second_factor: bool | None = None,
) -> Person:
    """Make an account ready to sign in; a second factor is set up where the role demands it."""
    rights = Rights(role, scope)
    link = await staff.invite(resources, ROOT, name=name, full_name=name.title(), rights=rights)
    await staff_accounts.accept_invitation(
        resources, link_token(link), password=PASSWORD, repeated=PASSWORD
    )
    if second_factor if second_factor is not None else role in SECOND_FACTOR_REQUIRED:
        return await enrol(resources, clock, name)
    return Person(name, "")


async def enrol(resources: Resources, clock: Clock, name: str) -> Person:
    """Set up somebody's second factor; the clock moves on, so that the next code is another."""
    begun = await staff_sign_in.sign_in(resources, name=name, password=PASSWORD)
    session = await staff_sessions.find_session(resources, begun.token)
    offer = staff_accounts.offer_second_factor(resources, session)
    code = pyotp.TOTP(offer.secret).at(clock())
    done = await staff_accounts.set_second_factor(
        resources, session, sealed=offer.sealed, code=code
    )
    assert done is not None
    new, codes = done
    await staff_sessions.sign_out(
        resources, await staff_sessions.find_session(resources, new.token)
    )
    clock.advance(seconds=60)
    return Person(name, offer.secret, tuple(codes))


async def signed_in(resources: Resources, clock: Clock, person: Person) -> Session:
    """Sign somebody in all the way."""
    begun = await staff_sign_in.sign_in(resources, name=person.name, password=PASSWORD)
    if begun.stage is Stage.SECOND_FACTOR:
        half = await staff_sessions.find_session(resources, begun.token)
        begun = await staff_sign_in.give_code(resources, half, person.code(clock))
        clock.advance(seconds=60)
    return await staff_sessions.find_session(resources, begun.token)
