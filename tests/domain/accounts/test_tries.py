import datetime

from app.domain.accounts.tries import FREE_TRIES, LONGEST_WAIT, may_try, wait_after

NOW = datetime.datetime(2026, 11, 10, 9, tzinfo=datetime.UTC)


def test_the_first_tries_cost_no_waiting() -> None:
    assert all(may_try(n, NOW, NOW) for n in range(FREE_TRIES))


def test_waiting_doubles_up_to_a_quarter_of_an_hour() -> None:
    seconds = [wait_after(FREE_TRIES + n).total_seconds() for n in range(7)]
    assert seconds == [30, 60, 120, 240, 480, 900, 900]
    assert wait_after(10_000) == LONGEST_WAIT


def test_too_early_is_refused_and_in_time_is_not() -> None:
    half_a_minute = datetime.timedelta(seconds=30)
    assert not may_try(FREE_TRIES, NOW, NOW + half_a_minute - datetime.timedelta(seconds=1))
    assert may_try(FREE_TRIES, NOW, NOW + half_a_minute)


def test_a_stranger_gets_about_a_hundred_guesses_a_day() -> None:
    guesses, tries, at = 0, 0, NOW
    while at < NOW + datetime.timedelta(days=1):
        guesses, tries = guesses + 1, tries + 1
        at += wait_after(tries)
    assert 90 < guesses < 110
