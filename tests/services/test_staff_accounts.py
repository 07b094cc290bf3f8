import pyotp
import pytest

from app.domain.accounts.sessions import FRESH, IDLE, LONGEST, Stage
from app.domain.rights.roles import Role
from app.errors import InvalidInput, NotFound
from app.errors.staff import NotSignedIn, ProofNeeded, SignInRefused
from app.services import staff_accounts, staff_sessions, staff_sign_in
from app.services.resources import Resources
from tests.support.clock import Clock
from tests.support.staff import PASSWORD, hire, signed_in

NEW = "a quite different password"


async def is_in(resources: Resources, token: str) -> bool:
    try:
        await staff_sessions.find_session(resources, token)
    except NotSignedIn:
        return False
    return True


async def begin(resources: Resources, name: str = "keyer", password: str = PASSWORD) -> str:
    return (await staff_sign_in.sign_in(resources, name=name, password=password)).token


async def test_a_new_password_ends_all_sessions_but_this_one(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    here, elsewhere = await begin(resources), await begin(resources)
    session = await staff_sessions.find_session(resources, here)
    begun = await staff_accounts.change_password(resources, session, password=NEW, repeated=NEW)
    assert [await is_in(resources, token) for token in (here, elsewhere, begun.token)] == [
        False,
        False,
        True,
    ]
    with pytest.raises(SignInRefused):
        await begin(resources)
    assert await begin(resources, password=NEW)


async def test_a_session_ended_meanwhile_changes_nothing(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    session = await staff_sessions.find_session(resources, await begin(resources))
    await staff_sessions.end_own_sessions(resources, session)
    with pytest.raises(NotSignedIn):
        await staff_accounts.change_password(resources, session, password=NEW, repeated=NEW)
    assert await begin(resources)


async def test_whoever_walks_up_to_an_open_session_can_change_nothing(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    session = await staff_sessions.find_session(resources, await begin(resources))
    clock.advance(seconds=FRESH.total_seconds())
    offer = staff_accounts.offer_second_factor(resources, session)
    for attempt in (
        staff_accounts.change_password(resources, session, password=NEW, repeated=NEW),
        staff_accounts.renew_recovery_codes(resources, session),
        staff_accounts.set_second_factor(resources, session, sealed=offer.sealed, code="000000"),
    ):
        with pytest.raises(ProofNeeded):
            await attempt


async def test_a_second_factor_counts_once_a_code_has_proved_it(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    session = await staff_sessions.find_session(resources, await begin(resources))
    offer = staff_accounts.offer_second_factor(resources, session)
    enrol = staff_accounts.set_second_factor
    assert await enrol(resources, session, sealed=offer.sealed, code="000000") is None
    assert (await staff_sign_in.sign_in(resources, name="keyer", password=PASSWORD)).stage is (
        Stage.FULL
    )
    code = pyotp.TOTP(offer.secret).at(clock())
    done = await enrol(resources, session, sealed=offer.sealed, code=code)
    assert done is not None
    begun, codes = done
    assert await is_in(resources, begun.token)
    assert len(set(codes)) == 10
    again = await staff_sign_in.sign_in(resources, name="keyer", password=PASSWORD)
    assert again.stage is Stage.SECOND_FACTOR


async def test_the_code_that_proved_it_does_not_sign_in(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    session = await staff_sessions.find_session(resources, await begin(resources))
    offer = staff_accounts.offer_second_factor(resources, session)
    code = pyotp.TOTP(offer.secret).at(clock())
    await staff_accounts.set_second_factor(resources, session, sealed=offer.sealed, code=code)
    half = await staff_sessions.find_session(resources, await begin(resources))
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, half, code)


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", "é", "A" * 200])
async def test_an_offer_that_was_not_ours_is_refused(
    resources: Resources, clock: Clock, sealed: str
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    session = await staff_sessions.find_session(resources, await begin(resources))
    with pytest.raises(InvalidInput):
        await staff_accounts.set_second_factor(resources, session, sealed=sealed, code="000000")


async def test_an_offer_to_somebody_else_is_refused(resources: Resources, clock: Clock) -> None:
    for name in ("keyer", "other"):
        await hire(resources, clock, name, Role.KEYER)
    mine = await staff_sessions.find_session(resources, await begin(resources))
    other = await staff_sessions.find_session(resources, await begin(resources, "other"))
    offer = staff_accounts.offer_second_factor(resources, mine)
    code = pyotp.TOTP(offer.secret).at(clock())
    with pytest.raises(InvalidInput):
        await staff_accounts.set_second_factor(resources, other, sealed=offer.sealed, code=code)


async def test_new_recovery_codes_replace_the_old(resources: Resources, clock: Clock) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    session = await signed_in(resources, clock, person)
    codes = await staff_accounts.renew_recovery_codes(resources, session)
    assert not set(codes) & set(person.recovery_codes)
    half = await staff_sessions.find_session(resources, await begin(resources, "admin"))
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, half, person.recovery_codes[0])
    await staff_sign_in.give_code(resources, half, codes[0])
    assert await staff_accounts.count_recovery_codes(resources, session) == 9


async def test_a_session_lasts_while_it_is_used_and_not_for_ever(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    busy, idle = await begin(resources), await begin(resources)
    start = clock()
    clock.advance(seconds=IDLE.total_seconds() - 1)
    assert await is_in(resources, busy)
    clock.advance(seconds=2)
    assert await is_in(resources, busy)
    assert not await is_in(resources, idle)
    while clock() < start + LONGEST - IDLE / 2:
        clock.advance(seconds=IDLE.total_seconds() / 2)
        assert await is_in(resources, busy) is (clock() < start + LONGEST)
    clock.now = start + LONGEST
    assert not await is_in(resources, busy)


async def test_own_sessions_are_listed_and_ended(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    first = await begin(resources)
    clock.advance(minutes=2)
    second = await begin(resources)
    session = await staff_sessions.find_session(resources, second)
    listed = await staff_sessions.list_sessions(resources, session)
    assert [one.started_at for one in listed] == sorted(
        (one.started_at for one in listed), reverse=True
    )
    await staff_sessions.end_own_session(resources, session, listed[1].token_hash)
    assert [await is_in(resources, token) for token in (first, second)] == [False, True]
    await staff_sessions.end_own_sessions(resources, session)
    assert not await is_in(resources, second)


async def test_somebody_elses_session_can_not_be_ended(resources: Resources, clock: Clock) -> None:
    for name in ("keyer", "other"):
        await hire(resources, clock, name, Role.KEYER)
    mine = await staff_sessions.find_session(resources, await begin(resources))
    token = await begin(resources, "other")
    other = await staff_sessions.find_session(resources, token)
    with pytest.raises(NotFound):
        await staff_sessions.end_own_session(resources, mine, other.record.token_hash)
    assert await is_in(resources, token)
