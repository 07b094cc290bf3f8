import asyncio

import pytest
from argon2 import PasswordHasher

from app.domain.accounts.sessions import Stage
from app.domain.rights.roles import Role
from app.errors.requests import TooManyAttempts
from app.errors.staff import NotSignedIn, SignInRefused
from app.services import staff, staff_sessions, staff_sign_in
from app.services.audit import verify_log
from app.services.resources import Resources
from app.services.staff import Rights
from tests.support.clock import Clock
from tests.support.staff import OWN_NOTHING, PASSWORD, ROOT, Person, hire, signed_in

NO_RIGHTS = Rights("keyer", OWN_NOTHING)


async def sign_in(resources: Resources, name: str, password: str = PASSWORD) -> Stage:
    return (await staff_sign_in.sign_in(resources, name=name, password=password)).stage


async def half_way(resources: Resources, person: Person) -> staff_sessions.Session:
    begun = await staff_sign_in.sign_in(resources, name=person.name, password=PASSWORD)
    return await staff_sessions.find_session(resources, begun.token)


async def outcome(resources: Resources, name: str, password: str) -> str:
    try:
        await staff_sign_in.sign_in(resources, name=name, password=password)
    except (SignInRefused, TooManyAttempts) as refused:
        return f"{refused.code}: {refused}"
    return "in"


async def test_the_stage_tells_what_comes_next(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    await hire(resources, clock, "admin", Role.ADMINISTRATOR, second_factor=False)
    await hire(resources, clock, "auditor", Role.AUDITOR)
    assert await sign_in(resources, " KEYER ") is Stage.FULL
    assert await sign_in(resources, "admin") is Stage.ENROLMENT
    assert await sign_in(resources, "auditor") is Stage.SECOND_FACTOR


async def test_nothing_tells_whether_there_is_an_account(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    await hire(resources, clock, "gone", Role.KEYER)
    await staff.disable(resources, ROOT, name="gone")
    told = {
        name: [await outcome(resources, name, "wrong") for _ in range(8)]
        for name in ("keyer", "gone", "nobody", "\ud800", "a\x00", "x" * 500)
    }
    assert len({tuple(one) for one in told.values()}) == 1
    assert told["nobody"][4].startswith("sign-in-refused")
    assert told["nobody"][5].startswith("too-many-attempts")
    assert await outcome(resources, "gone", PASSWORD) == told["nobody"][5]


async def test_a_name_without_an_account_costs_the_same_work(
    resources: Resources, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash of the same cost, whatever the name (the clock is too coarse a witness)."""
    await hire(resources, clock, "keyer", Role.KEYER)
    await staff.invite(resources, ROOT, name="new", full_name="New", rights=NO_RIGHTS)
    work: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, password: bytes) -> bool:
        work.append(stored.rsplit("$", 2)[0])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("keyer", "nobody", "new", "not a name"):
        await outcome(resources, name, "wrong")
    assert len(work) == 4
    assert len(set(work)) == 1


async def test_waiting_ends_and_the_right_password_clears_the_count(
    resources: Resources, clock: Clock
) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    for _ in range(5):
        assert (await outcome(resources, "keyer", "wrong")).startswith("sign-in-refused")
    assert (await outcome(resources, "keyer", PASSWORD)).startswith("too-many-attempts")
    clock.advance(seconds=30)
    assert await outcome(resources, "keyer", PASSWORD) == "in"
    for _ in range(5):
        assert (await outcome(resources, "keyer", "wrong")).startswith("sign-in-refused")


async def test_many_guesses_at_once_are_no_more_guesses(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    told = await asyncio.gather(*(outcome(resources, "keyer", f"guess {n}") for n in range(20)))
    assert sorted({one.partition(":")[0] for one in told}) == [
        "sign-in-refused",
        "too-many-attempts",
    ]
    assert sum(one.startswith("sign-in-refused") for one in told) == 5


async def test_a_reset_lets_somebody_try_at_once(resources: Resources, clock: Clock) -> None:
    await hire(resources, clock, "keyer", Role.KEYER)
    for _ in range(6):
        await outcome(resources, "keyer", "wrong")
    await staff.reset(resources, ROOT, name="keyer")
    assert (await outcome(resources, "keyer", PASSWORD)).startswith("sign-in-refused")


async def test_a_code_finishes_signing_in_under_a_new_token(
    resources: Resources, clock: Clock
) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    begun = await staff_sign_in.sign_in(resources, name="admin", password=PASSWORD)
    half = await staff_sessions.find_session(resources, begun.token)
    full = await staff_sign_in.give_code(resources, half, person.code(clock))
    assert (await staff_sessions.find_session(resources, full.token)).stage is Stage.FULL
    with pytest.raises(NotSignedIn):
        await staff_sessions.find_session(resources, begun.token)


async def test_a_code_works_once(resources: Resources, clock: Clock) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    code = person.code(clock)
    await staff_sign_in.give_code(resources, await half_way(resources, person), code)
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, await half_way(resources, person), code)


async def test_of_two_who_show_a_code_at_once_one_comes_in(
    resources: Resources, clock: Clock
) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    halves = [await half_way(resources, person) for _ in range(4)]

    async def give(half: staff_sessions.Session) -> bool:
        try:
            await staff_sign_in.give_code(resources, half, person.code(clock))
        except (SignInRefused, NotSignedIn):
            return False
        return True

    assert sum(await asyncio.gather(*map(give, halves))) == 1


async def test_a_clock_may_be_half_a_minute_off_and_not_more(
    resources: Resources, clock: Clock
) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    early = person.code(clock)
    clock.advance(seconds=30)
    await staff_sign_in.give_code(resources, await half_way(resources, person), early)
    late = person.code(clock)
    clock.advance(seconds=90)
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, await half_way(resources, person), late)


async def test_a_recovery_code_works_once_for_its_owner(resources: Resources, clock: Clock) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    other = await hire(resources, clock, "other", Role.ADMINISTRATOR)
    code = person.recovery_codes[3].lower().replace("-", " ")
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, await half_way(resources, other), code)
    await staff_sign_in.give_code(resources, await half_way(resources, person), code)
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, await half_way(resources, person), code)


@pytest.mark.parametrize("code", ["", "000000", "12345", "abc", "１２３", "-" * 40, "\ud800"])
async def test_wrong_codes_are_refused(resources: Resources, clock: Clock, code: str) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    with pytest.raises(SignInRefused):
        await staff_sign_in.give_code(resources, await half_way(resources, person), code)


async def test_codes_can_be_guessed_no_faster_than_passwords(
    resources: Resources, clock: Clock
) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    half = await half_way(resources, person)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await staff_sign_in.give_code(resources, half, "000000")
    with pytest.raises(TooManyAttempts):
        await staff_sign_in.give_code(resources, half, person.code(clock))
    again = await half_way(resources, person)
    with pytest.raises(TooManyAttempts):
        await staff_sign_in.give_code(resources, again, person.code(clock))


async def test_a_proof_asks_for_password_and_code(resources: Resources, clock: Clock) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    session = await signed_in(resources, clock, person)
    prove = staff_sign_in.prove_identity
    with pytest.raises(SignInRefused):
        await prove(resources, session, password="wrong", code=person.code(clock))
    with pytest.raises(SignInRefused):
        await prove(resources, session, password=PASSWORD)
    clock.advance(minutes=20)
    await prove(resources, session, password=PASSWORD, code=person.code(clock))


async def test_signing_in_and_out_is_in_the_log(resources: Resources, clock: Clock) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    await staff_sessions.sign_out(resources, await signed_in(resources, clock, person))
    _, entries = await verify_log(resources, {})
    assert [(one.done.act, dict(one.done.details)) for one in entries[-2:]] == [
        ("session.began", {"factors": "password, code"}),
        ("session.ended", {"sessions": "this"}),
    ]


async def test_nothing_stored_lets_anybody_in(resources: Resources, clock: Clock) -> None:
    person = await hire(resources, clock, "admin", Role.ADMINISTRATOR)
    session = await signed_in(resources, clock, person)
    record = session.record
    with pytest.raises(NotSignedIn):
        await staff_sessions.find_session(resources, record.token_hash.hex())
    assert person.secret.encode() not in session.account.sealed_totp
    assert PASSWORD not in session.account.password_hash
