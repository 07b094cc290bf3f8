"""Log-in against a real provider (oidc-provider-mock), with everything that must not pass."""

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.errors.answering import AlreadyTookPart, IdentityCheckFailed, IdentityCheckUnavailable
from app.services.identity import WayWanted
from app.services.log_in import begin_log_in, finish_log_in
from app.services.oidc_provider import OidcProvider
from app.services.permits import permit_after_sign_in
from app.services.resources import Resources
from app.services.waves import Wave
from tests.support.clock import Clock
from tests.support.identity import CONFIDENTIAL, VERIFIED, open_town_now, town_identifying_by
from tests.support.provider import log_in_at, running_provider

pytestmark = pytest.mark.filterwarnings("ignore")  # of the provider's own server thread


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider() as found:
        yield found


@dataclasses.dataclass
class City:
    """A city with a log-in, and a wave that is open now (the provider's clock is the real one)."""

    resources: Resources
    wave: Wave

    async def leave(self, way: WayWanted = VERIFIED) -> tuple[str, str]:
        return await begin_log_in(self.resources, self.wave, way)

    async def come_back(self, sealed: str, answer: dict[str, str]) -> Any:
        _wave, sign_in = await finish_log_in(
            self.resources,
            sealed=sealed,
            state=answer.get("state", ""),
            code=answer.get("code", ""),
            issuer=answer.get("iss", ""),
        )
        return sign_in

    async def log_in(self, subject: str, way: WayWanted = VERIFIED) -> Any:
        address, sealed = await self.leave(way)
        return await self.come_back(sealed, log_in_at(address, subject))


@pytest.fixture
async def city(resources: Resources, issuer: str, clock: Clock, tmp_path: Path) -> City:
    provider = OidcProvider(issuer, "minyi", "secret")
    return await city_with(provider, resources, clock, tmp_path)


async def city_with(
    provider: OidcProvider, resources: Resources, clock: Clock, folder: Path
) -> City:
    resources = dataclasses.replace(resources, oidc=provider)
    definition = town_identifying_by(folder, "oidc")
    return City(resources, await open_town_now(resources, clock, definition))


async def test_a_log_in_leads_to_a_permit_once_per_person(city: City) -> None:
    sign_in = await city.log_in("li")
    assert (await permit_after_sign_in(city.resources, city.wave, sign_in)).startswith("v")
    again = await city.log_in("li")
    assert again.person_key == sign_in.person_key
    with pytest.raises(AlreadyTookPart):
        await permit_after_sign_in(city.resources, city.wave, again)
    other = await city.log_in("wang")
    assert (await permit_after_sign_in(city.resources, city.wave, other)).startswith("v")


async def test_only_by_name_is_the_name_asked_for_and_kept(city: City) -> None:
    address, _ = await city.leave(VERIFIED)
    assert parse_qs(urlsplit(address).query)["scope"] == ["openid"]
    assert (await city.log_in("li")).details == {}
    assert (await city.log_in("li", CONFIDENTIAL)).details == {"name": "李明", "subject": "li"}


async def test_the_request_has_pkce_state_and_nonce_and_comes_back_to_one_address(
    city: City,
) -> None:
    address, _ = await city.leave()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 22
    assert len(asked["nonce"]) >= 22
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/oidc/callback"
    again, _ = await city.leave()
    other = {name: values[0] for name, values in parse_qs(urlsplit(again).query).items()}
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(other.values())


async def test_an_answer_for_another_browser_is_refused(city: City) -> None:
    address, _ = await city.leave()
    _, foreign = await city.leave()
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(foreign, log_in_at(address, "li"))


async def test_a_wrong_state_is_refused_and_the_right_one_still_good(city: City) -> None:
    address, sealed = await city.leave()
    answer = log_in_at(address, "li")
    for state in ("", "x", answer["state"][:-1]):
        with pytest.raises(IdentityCheckFailed):
            await city.come_back(sealed, answer | {"state": state})
    assert await city.come_back(sealed, answer)


async def test_a_token_made_for_another_log_in_is_refused(city: City) -> None:
    """State fits, but the provider's token carries the nonce of another log-in."""
    address, sealed = await city.leave()
    other_address, _ = await city.leave()
    own = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    code_of_other = log_in_at(other_address, "wang")["code"]
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(sealed, {"state": own["state"], "code": code_of_other})


async def test_a_code_is_redeemed_once(city: City) -> None:
    address, sealed = await city.leave()
    answer = log_in_at(address, "li")
    assert await city.come_back(sealed, answer)
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(sealed, answer)


async def test_who_declines_at_the_provider_is_not_signed_in(city: City) -> None:
    address, sealed = await city.leave()
    answer = log_in_at(address, "li", deny=True)
    assert answer["error"] == "access_denied"
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(sealed, answer)


async def test_an_answer_of_another_issuer_is_refused(city: City) -> None:
    address, sealed = await city.leave()
    answer = log_in_at(address, "li") | {"iss": "https://elsewhere.example"}
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(sealed, answer)


async def test_a_log_in_takes_a_quarter_of_an_hour_at_most(city: City, clock: Clock) -> None:
    address, sealed = await city.leave()
    answer = log_in_at(address, "li")
    clock.advance(minutes=15)
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(sealed, answer)


async def test_a_token_for_another_client_is_refused(
    resources: Resources, issuer: str, clock: Clock, tmp_path: Path
) -> None:
    provider = OidcProvider(issuer, "minyi", "secret")
    city = await city_with(provider, resources, clock, tmp_path)
    address, sealed = await city.leave()
    answer = log_in_at(address, "li")
    verified = provider._verified

    async def as_other_client(*arguments: Any) -> str:
        provider._client_id = "another"
        return await verified(*arguments)

    provider._verified = as_other_client  # type: ignore[method-assign]
    with pytest.raises(IdentityCheckFailed):
        await city.come_back(sealed, answer)


async def test_new_keys_of_the_provider_are_fetched(
    resources: Resources, clock: Clock, tmp_path: Path
) -> None:
    with running_provider() as before:
        provider = OidcProvider(before, "minyi", "secret")
        city = await city_with(provider, resources, clock, tmp_path)
        assert await city.log_in("li")
        known = provider._description
    with running_provider() as after:
        provider.issuer = after
        provider._description = None
        await city.leave()  # learns the new provider's addresses …
        assert known is not None
        assert provider._description is not None
        provider._description = dataclasses.replace(provider._description, keys=known.keys)
        assert await city.log_in("li")  # … but with the old keys still in hand


async def test_a_provider_that_is_away_is_told_and_nothing_said_about_anybody(
    resources: Resources, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_provider() as issuer:
        city = await city_with(OidcProvider(issuer, "minyi", "s"), resources, clock, tmp_path)
        address, sealed = await city.leave()
        answer = log_in_at(address, "li")
    with caplog.at_level(logging.DEBUG), pytest.raises(IdentityCheckUnavailable):
        await city.come_back(sealed, answer)
    assert answer["code"] not in caplog.text


async def test_without_a_provider_the_check_is_unavailable(city: City) -> None:
    nowhere = dataclasses.replace(city.resources, oidc=OidcProvider("", "", ""))
    with pytest.raises(IdentityCheckUnavailable):
        await begin_log_in(nowhere, city.wave, VERIFIED)
