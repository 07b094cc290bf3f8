"""What every service works with: database, keys, settings, clock, and the ways to the outside."""

import dataclasses
import datetime
from collections.abc import Callable

from app.domain.deduplication.keys import Keys
from app.services.oidc_provider import OidcProvider, oidc_provider, staff_oidc_provider
from app.services.participation_cache import ParticipationCache
from app.services.phone_senders import PhoneSender, phone_sender
from app.services.release_cache import ReleaseCache
from app.services.surveys import SurveyCache
from app.services.wave_cache import WaveCache
from app.services.webhook_sender import WebhookSender
from app.settings import Settings
from app.store.database import Database
from app.store.group_commit import GroupCommits
from app.store.secret_key import keys_from_file, keys_from_text

Clock = Callable[[], datetime.datetime]


def system_clock() -> datetime.datetime:
    """Give the time in UTC."""
    return datetime.datetime.now(datetime.UTC)


@dataclasses.dataclass(frozen=True, slots=True)
class Resources:
    """One per process. `now()` is the only clock that services read."""

    settings: Settings
    database: Database
    commits: GroupCommits
    keys: Keys
    now: Clock
    surveys: SurveyCache
    waves: WaveCache
    participation: ParticipationCache
    releases: ReleaseCache
    phone_sender: PhoneSender
    oidc: OidcProvider
    staff_oidc: OidcProvider
    webhook_sender: WebhookSender

    async def close(self) -> None:
        """Finish what was accepted; let go of the database and of connections to the outside."""
        await self.commits.close()
        await self.phone_sender.close()
        await self.webhook_sender.close()
        await self.database.dispose()


def open_resources(settings: Settings, clock: Clock = system_clock) -> Resources:
    """Make the resources that the settings describe."""
    secret = settings.secret_key
    keys = (
        keys_from_text(secret.get_secret_value())
        if secret is not None
        else keys_from_file(settings.secret_key_file)
    )
    database = Database(settings.database_url, pooled=settings.database_pooler == "transaction")
    return Resources(
        settings=settings,
        database=database,
        commits=GroupCommits(database),
        keys=keys,
        now=clock,
        surveys=SurveyCache(),
        waves=WaveCache(),
        participation=ParticipationCache(),
        releases=ReleaseCache(),
        phone_sender=phone_sender(settings),
        oidc=oidc_provider(settings),
        staff_oidc=staff_oidc_provider(settings),
        webhook_sender=WebhookSender(allow_private=settings.webhook_allow_private),
    )
