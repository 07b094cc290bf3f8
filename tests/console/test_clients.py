import re

import pytest

from app.domain.rights.roles import Role
from app.services import clients
from app.services.client_tokens import issue_token
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.scoring import add_client
from tests.support.staff import ROOT, hire

ADD = "/console/clients/add"
FORM = {"name": "performance-office", "scope": "events:read scheme:shenzhen-2010"}


@pytest.fixture
async def admin(clerk: Clerk, clock: Clock) -> Clerk:
    await hire(clerk.resources, clock, "admin", Role.ADMINISTRATOR)
    await clerk.sits_down_as("admin")
    return clerk


async def test_a_scoring_system_is_added_and_its_secret_shown_once(admin: Clerk) -> None:
    page = await admin.sends(ADD, FORM)
    [client_id] = re.findall(r">([0-9a-f]{32})<", page.text)
    [secret] = re.findall(r">([0-9a-f]{64})<", page.text)
    made = await issue_token(admin.resources, client_id=client_id, secret=secret)
    assert made.scopes == {"events:read", "scheme:shenzhen-2010"}
    page = await admin.opens("/console/clients")
    assert "performance-office" in page.text
    assert secret not in page.text


async def test_a_refused_form_keeps_what_was_typed(admin: Clerk) -> None:
    page = await admin.sends(ADD, FORM | {"scope": "all of it"})
    assert page.status_code == 422
    assert "At least one scope, each written as shown." in admin.text
    assert 'value="all of it"' in page.text
    await admin.sends(ADD, FORM)
    await admin.sends(ADD, FORM)
    assert "There is a scoring system of this name already." in admin.text


async def test_a_scoring_system_is_revoked(admin: Clerk) -> None:
    await add_client(admin.resources, "events:read")
    await admin.opens("/console/clients/performance-office/revoke")
    await admin.sends("/console/clients/performance-office/revoke")
    assert admin.path == "/console/clients"
    assert "Revoked" in admin.text
    [one] = await clients.list_clients(admin.resources, ROOT)
    assert not one.is_active
    assert (await admin.sends("/console/clients/nobody/revoke")).status_code == 404


async def test_an_auditor_sees_and_changes_nothing(clerk: Clerk, clock: Clock) -> None:
    await add_client(clerk.resources, "events:read")
    await hire(clerk.resources, clock, "auditor", Role.AUDITOR)
    await clerk.sits_down_as("auditor")
    page = await clerk.opens("/console/clients")
    assert "performance-office" in page.text
    assert "/console/clients/" not in page.text
