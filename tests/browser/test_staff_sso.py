"""The city's log-in for staff in a real browser: the provider is another site, `localhost`.

Only a browser shows which cookies come along from there; no script is needed.
"""

import asyncio
import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser

from app.domain.rights.roles import Role
from app.services.resources import open_resources
from app.settings import Settings
from app.store.schema import upgrade
from tests.browser.conftest import SECRET, serving
from tests.browser.test_accessibility import problems
from tests.browser.test_console import WIDTHS, complaints
from tests.browser.visitor import visitor
from tests.support.clock import Clock, real_now
from tests.support.provider import running_provider
from tests.support.staff import PASSWORD, hire

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of the provider's own server thread
]


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """Where staff's pages are."""

    address: str


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An installation with a keyer, and a provider on another site."""
    database_url = f"sqlite:///{tmp_path_factory.mktemp('office') / 'minyi.db'}"
    upgrade(database_url)
    with ThreadPoolExecutor() as aside:  # the browser keeps an event loop in this thread
        aside.submit(asyncio.run, _hire(database_url)).result()
    with running_provider() as issuer:
        settings = {
            "staff_oidc_issuer": issuer.replace("127.0.0.1", "localhost"),
            "staff_oidc_client_id": "minyi",
            "staff_oidc_client_secret": "secret",
        }
        with serving(database_url, settings) as address:
            yield Office(address)


async def _hire(database_url: str) -> None:
    settings = Settings(_env_file=None, database_url=database_url, secret_key=SECRET)
    resources = open_resources(settings)
    await hire(resources, Clock(real_now()), "li.na", Role.KEYER)
    await resources.close()


def test_an_account_is_linked_and_opened_from_another_site(
    browser: Browser, office: Office
) -> None:
    with visitor(browser, office, language="en", script=False) as one:

        def passes_the_provider(link: str) -> None:
            one.page.click(f"text={link}")
            one.page.fill("[name=sub]", "li")
            one.page.click("text=Authorize >> nth=-1")
            assert one.path == "/console/sso/confirmed"

        one.opens("/console/sign-in")
        one.page.fill("#name", "li.na")
        one.page.fill("#password", PASSWORD)
        one.page.click("main form.form button")
        one.opens("/console/account")
        passes_the_provider("Link with the city's log-in")
        one.page.click("main form.form button")
        assert one.path == "/console/account"
        assert "Linked with the city's log-in since" in one.page.inner_text("main")
        assert problems(one, "linked account", WIDTHS) == []
        one.page.click("text=Sign out")
        passes_the_provider("Sign in with the city's log-in")
        assert problems(one, "confirmed", WIDTHS) == []
        one.page.click("main form.form button")
        assert one.path == "/console"
        one.opens("/console/prove")
        passes_the_provider("Confirm with the city's log-in")
        one.page.click("main form.form button")
        assert one.path == "/console"
    assert complaints(one) == []
