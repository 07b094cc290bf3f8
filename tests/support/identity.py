"""People with numbers, ways to be checked, and a phone that remembers what it was sent.

The identity numbers are invented; their check characters are right.
"""

import dataclasses
import shutil
from pathlib import Path

from app.domain.questionnaires.audience import Trust
from app.errors import IdentityCheckUnavailable, TooManyAttempts
from app.services.identity import WayWanted
from tests.support.surveys import TOWN

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


@dataclasses.dataclass
class Phones:
    """A sender that keeps what it was asked to send; `down` refuses."""

    sent: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    down: bool = False

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
