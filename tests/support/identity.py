"""People with numbers, ways to be checked, and a phone that remembers what it was sent.

The identity numbers are invented; their check characters are right.
"""

import dataclasses
import datetime
import shutil
from pathlib import Path

from app.domain.questionnaires.audience import DatesOfMode, Mode, Trust
from app.errors.answering import IdentityCheckUnavailable
from app.errors.requests import TooManyAttempts
from app.services.identity import WayWanted
from app.services.resources import Resources
from app.services.waves import Wave, change_dates
from tests.support.clock import Clock
from tests.support.surveys import TOWN, open_town

LI = "11010119900307803X"
WANG = "440300198501010018"
ZHAO = "110105200001010016"
LI_PHONE = "13800138000"
WANG_PHONE = "15912345678"
VERIFIED = WayWanted("residents", Trust.VERIFIED)
CONFIDENTIAL = WayWanted("residents", Trust.CONFIDENTIAL)


def town_identifying_by(folder: Path, check: str) -> Path:
    """Give the town's definition with another identity check."""
    town = folder / "town"
    shutil.copytree(TOWN, town)
    audience = town / "audience.yaml"
    text = audience.read_text("utf-8")
    assert "identify_by: [national_id]" in text
    audience.write_text(text.replace("[national_id]", f"[{check}]"), "utf-8")
    return town


async def open_town_now(resources: Resources, clock: Clock, folder: Path) -> Wave:
    """Open the town at the real time, for parties whose clock is not ours."""
    clock.now = datetime.datetime.now(datetime.UTC)
    wave = await open_town(resources, folder=folder)
    day, today = datetime.timedelta(days=1), clock.now.date()
    dates = DatesOfMode(opens=today - day, closes=today + day)
    return await change_dates(resources, wave, mode=Mode.WEB, dates=dates)


@dataclasses.dataclass
class Phones:
    """A sender that keeps what it was asked to send; `down` refuses."""

    sent: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    down: bool = False

    def require_set_up(self) -> None:
        """It is."""

    async def send(self, phone: str, code: str, wave: str) -> None:
        """Note the message."""
        if self.down:
            raise IdentityCheckUnavailable
        self.sent.append((phone, code, wave))

    async def close(self) -> None:
        """Nothing to close."""

    @property
    def last_code(self) -> str:
        """The code sent last."""
        return self.sent[-1][1]


@dataclasses.dataclass
class TriesLeft:
    """Lets through so many tries of each kind."""

    n: int = 100
    taken: list[tuple[str, bytes]] = dataclasses.field(default_factory=list)

    async def take(self, kind: str, person: bytes) -> None:
        """Count one."""
        self.taken.append((kind, person))
        if sum(k == kind for k, _ in self.taken) > self.n:
            raise TooManyAttempts
