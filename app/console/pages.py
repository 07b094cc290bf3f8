"""The frame around staff's pages: menu by rights, forms with what was typed and what is wrong."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Response

from app.console import paper_words, words
from app.console.access import SignedIn
from app.domain.rights.rights import Act, Actor, may_somewhere
from app.errors import InvalidInput
from app.rendering import N_, Page, ThisPage
from app.services.staff_sessions import Session

_MENU = (
    (Act.SEE_WAVES, N_("Waves"), "/console"),
    (Act.SEE_OWN_PAPER_WORK, N_("Paper forms"), "/console/paper"),
    (Act.SEE_INTEGRITY, N_("Suspicious answers"), "/console/integrity"),
    (Act.PREPARE_RELEASES, N_("Releases"), "/console/releases"),
    (Act.SEE_EVALUATIONS, N_("Evaluations"), "/console/scores"),
    (Act.SEE_OWN_RESULTS, N_("Results"), "/console/results"),
    (Act.SEE_STAFF, N_("Staff"), "/console/staff"),
    (Act.SEE_CLIENTS, N_("Scoring systems"), "/console/clients"),
    (Act.READ_AUDIT_LOG, N_("Audit log"), "/console/audit"),
    (Act.USE_OWN_ACCOUNT, N_("My account"), "/console/account"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu."""

    label: str
    href: str
    current: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ShownError:
    """A line of the error list."""

    href: str
    label: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: values typed before, and the message beside each faulty field."""

    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    faults: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def value(self, name: str) -> str:
        """What was typed; nothing for a new form."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """What is wrong with a field, if anything."""
        return self.faults.get(name, "")


def refused_form(page: Page, refused: InvalidInput, values: Mapping[str, str]) -> Form:
    """Make the form again for whom it was refused; passwords and codes are typed anew.

    Faults of fields that the form doesn't have are no slip of the user: the refusal goes on.
    """
    if not refused.faults or not {one.field for one in refused.faults} <= values.keys():
        raise refused
    kept = {name: value for name, value in values.items() if name not in _NEVER_SHOWN}
    return Form(kept, {one.field: page.say_fault(one) for one in refused.faults})


_NEVER_SHOWN = frozenset({"password", "repeated", "code"})


@dataclasses.dataclass(frozen=True, slots=True)
class ConsolePage:
    """A page for somebody signed in."""

    page: Page
    session: Session

    @property
    def actor(self) -> Actor:
        """Who looks at it."""
        return self.session.actor

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with the page inside the frame."""
        return show_page(
            self.page,
            template,
            status=status,
            menu=menu_of(self.page, self.actor),
            account=self.session.account,
            **context,
        )


async def console_page(page: ThisPage, session: SignedIn) -> ConsolePage:
    """Prepare the page for whoever is signed in."""
    return ConsolePage(page, session)


ThisConsolePage = Annotated[ConsolePage, Depends(console_page)]


def show_page(page: Page, template: str, *, status: int = 200, **context: Any) -> Response:
    """Answer with a page of the console; without a menu, for whoever has not signed in yet."""
    shown = {
        "menu": (),
        "paper_words": paper_words,
        "account": None,
        "form": Form(),
        "words": words,
        **context,
    }
    return page.show(f"console/{template}", status=status, instant=instant, **shown)


def menu_of(page: Page, actor: Actor) -> list[MenuItem]:
    """List what the role has a right to."""
    return [
        MenuItem(page.say(label), href, page.path == href)
        for act, label, href in _MENU
        if may_somewhere(actor, act)
    ]


def instant(at: datetime.datetime) -> str:
    """Write a time to the second, in UTC, the same for every reader."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
