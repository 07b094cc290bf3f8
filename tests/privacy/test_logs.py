"""A whole campaign with canaries: none of them in the log, in an error, or in an address."""

import re

import httpx
import pytest

from app.services.permits import Recipient, fill_pool, mint_invitations
from app.services.resources import Resources
from app.settings import Settings
from tests.support.people import national_id
from tests.support.servers import around_now, running_server
from tests.support.surveys import answers, open_town

API = "/api/v1/waves/town"
IDENTITY = national_id(7)
PHONE = "13912345678"
NAME = "钱学森金丝雀"
REMARK = "canary-remark-幸福街三号"
ADDRESS = "203.0.113.77"
FORM = {"content-type": "application/x-www-form-urlencoded"}

pytestmark = pytest.mark.slow


class Campaign:
    """One citizen after another; keeps every reply and everything that must not be repeated."""

    def __init__(self, client: httpx.Client, letter: str, typed: str) -> None:
        self.client = client
        self.letter = letter
        self.secrets = {IDENTITY, PHONE, NAME, REMARK, ADDRESS, letter, typed}
        self.errors: list[httpx.Response] = []
        self.addresses: set[str] = set()

    def post(self, path: str, **body: object) -> httpx.Response:
        reply = self.client.post(path, json=body)
        return self._noted(reply)

    def _noted(self, reply: httpx.Response) -> httpx.Response:
        if reply.status_code >= 400:
            self.errors.append(reply)
        self.addresses.add(reply.headers.get("location", ""))
        return reply

    def run(self) -> None:
        self.by_letter()
        self.by_identity()
        self.by_page()
        self.refused()

    def by_letter(self) -> None:
        given = answers() | {"remark": REMARK}
        sent = self.post(f"{API}/responses", permit=self.letter, answers=given)
        assert sent.status_code == 201
        self.post(f"{API}/responses", permit=self.letter, answers=answers() | {"remark": "-"})

    def by_identity(self) -> None:
        for trust in ("verified", "confidential"):
            name = {"name": NAME} if trust == "confidential" else {}
            way = {"respondent_class": "residents", "trust": trust} | name
            signed = self.post(f"{API}/sign-ins/national-id", national_id=IDENTITY, **way)
            self.post(f"{API}/sign-ins/national-id", national_id=IDENTITY[:-1] + "?", **way)
            self.post(f"{API}/sign-ins/phone-codes", phone=PHONE, **way)
            token = str(signed.json()["sign_in"])
            drawn = self.post(f"{API}/permits/drawn", sign_in=token)
            self.secrets.add(token)
            if drawn.status_code == 201:
                permit = drawn.json()["permit"]
                self.secrets.add(permit)
                given = answers() | {"remark": REMARK}
                assert self.post(f"{API}/responses", permit=permit, answers=given).is_success

    def by_page(self) -> None:
        self._noted(self.client.get(f"/w/town/i/{self.letter}"))
        for path, form in (
            ("/w/town/code", {"code": self.letter}),
            ("/w/town/start", {"class": "residents"}),
            ("/w/town/s/about_you", {"sex": "female", "household": REMARK}),
            ("/w/town/s/ratings", {"remark": REMARK}),
        ):
            reply = self.client.post(path, data=form, headers={"origin": str(self.client.base_url)})
            self.addresses.add(reply.headers.get("location", ""))

    def refused(self) -> None:
        self.post(f"{API}/responses", permit=self.letter + "0", answers={"remark": REMARK})
        self.post(f"{API}/responses", permit=self.letter, answers={REMARK: REMARK})
        self.post(f"{API}/responses", permit=self.letter, answers={"sex": REMARK})
        self._noted(self.client.get(f"/api/v1/receipts/{PHONE}"))
        self._noted(self.client.get(f"/api/v1/waves/{PHONE}"))

    def leaks(self, text: str) -> set[str]:
        """Give the secrets that stand in a text, also with hyphens or case changed."""
        plain = re.sub(r"[\s-]", "", text).upper()
        return {one for one in self.secrets if re.sub(r"[\s-]", "", one).upper() in plain}


async def test_no_canary_reaches_log_error_or_address(
    settings: Settings, resources: Resources
) -> None:
    wave = await open_town(resources, dates=around_now())
    await fill_pool(resources, wave, respondent_class="residents", n=5)
    [letter] = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")], batch="b"
    )
    proxied = {"x-forwarded-for": ADDRESS}
    with running_server(settings) as server:
        with httpx.Client(base_url=server.address, headers=proxied, trust_env=False) as client:
            campaign = Campaign(client, letter.permit, letter.typed_code)
            campaign.run()
        server.end()
        log = server.log()
    assert "/responses status=201" in log, "it was written"
    assert len(campaign.errors) >= 6
    assert campaign.leaks(log) == set()
    for reply in campaign.errors:
        assert campaign.leaks(reply.text) == set(), reply.status_code
    assert campaign.leaks(" ".join(campaign.addresses)) == set()


async def test_an_exception_is_logged_without_its_message(
    settings: Settings, resources: Resources
) -> None:
    """A fault of ours: type and place are logged, not the values it carries."""
    await open_town(resources, dates=around_now())
    with running_server(settings, module="tests.privacy.faulty") as server:
        async with httpx.AsyncClient(base_url=server.address, trust_env=False) as client:
            reply = await client.get(f"/api/v1/receipts/{PHONE}")
        server.end()
        log = server.log()
    assert reply.status_code == 500
    assert reply.json()["code"] == "unexpected"
    assert "ZeroDivisionError" in log
    assert "receipts.py" in log, "the place"
    for text in (log, reply.text):
        assert PHONE not in text
        assert "tokenized" not in text
