"""Sign-in by the city's log-in: away to the provider, and back to one registered address."""

from app.domain.deduplication import log_in as writing
from app.domain.deduplication.log_in import LogIn, read_log_in, write_log_in
from app.domain.deduplication.sealing import NONCE_BYTES
from app.domain.deduplication.sign_in import SignIn
from app.errors.answering import IdentityCheckFailed
from app.services.identity import WayWanted, new_sign_in, require_check
from app.services.oidc_provider import Answer, new_handshake
from app.services.resources import Resources
from app.services.waves import Wave, find_wave
from app.store.randomness import random_bytes

RETURN_PATH = "/oidc/callback"


def oidc_person(issuer: str, subject: str) -> str:
    """Name a person of a provider; a subject alone is unique at its issuer only."""
    return f"{issuer}\0{subject}"


async def begin_log_in(resources: Resources, wave: Wave, way: WayWanted) -> tuple[str, str]:
    """Give the provider's address to go to, and the sealed log-in that the browser keeps.

    Asks for nothing but the subject, and at level `confidential` for the name. Raises
    WayInNotOffered, IdentityCheckUnavailable and the intake errors.
    """
    require_check(resources, wave, way, "oidc")
    log_in = LogIn(
        wave=wave.code,
        respondent_class=way.respondent_class,
        trust=way.trust,
        handshake=new_handshake(),
        until=resources.now() + writing.GOOD_FOR,
    )
    address = await resources.oidc.address(
        log_in.handshake,
        redirect_uri=_return_address(resources),
        scope="openid profile" if way.by_name else "openid",
        now=resources.now(),
    )
    return address, write_log_in(resources.keys, log_in, random_bytes(NONCE_BYTES))


async def finish_log_in(
    resources: Resources, *, sealed: str, state: str, code: str, issuer: str = ""
) -> tuple[Wave, SignIn]:
    """Sign somebody in who comes back from the provider; gives the wave that they left.

    Raises IdentityCheckFailed where the answer is not for this browser or too old, or was refused
    at the provider; IdentityCheckUnavailable, WayInNotOffered and the intake errors.
    """
    log_in = read_log_in(resources.keys, sealed, resources.now())
    if log_in is None:
        raise IdentityCheckFailed
    wave = await find_wave(resources, log_in.wave)
    way = WayWanted(log_in.respondent_class, log_in.trust)
    require_check(resources, wave, way, "oidc")
    found = await resources.oidc.subject(
        log_in.handshake,
        Answer(state, code, issuer),
        redirect_uri=_return_address(resources),
        now=resources.now(),
        by_name=way.by_name,
    )
    details = {"name": found.name, "subject": found.subject} if way.by_name else {}
    person = oidc_person(found.issuer, found.subject)
    return wave, new_sign_in(resources, wave, way, check="oidc", person=person, details=details)


def _return_address(resources: Resources) -> str:
    return resources.settings.public_url.rstrip("/") + RETURN_PATH
