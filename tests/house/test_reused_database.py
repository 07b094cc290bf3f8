"""A PostgreSQL that a test gets is as good as new, whatever the test before did to it."""

from collections.abc import Callable

import psycopg
import pytest

STATE = (
    "SELECT number FROM audit_head",
    "SELECT count(*) FROM definitions",
    "SELECT nextval('waves_id_seq')",
    "SELECT count(*) FROM pg_constraint WHERE conname = 'pk_roll'",
    "SELECT count(*) FROM pg_attribute WHERE attname = 'odd'",
)
NEW = [0, 0, 1, 1, 0]


def state(url: str) -> list[int]:
    with psycopg.connect(url) as session:
        return [session.execute(query).fetchone()[0] for query in STATE]


@pytest.mark.parametrize(
    ("done", "same"),
    [
        ("SELECT nextval('waves_id_seq')", True),
        ("UPDATE audit_head SET number = 7", True),
        ("DELETE FROM audit_head", True),
        ("INSERT INTO definitions VALUES ('0', 'x', '{}', now())", True),
        ("ALTER TABLE roll DROP CONSTRAINT pk_roll", False),
        ("ALTER TABLE roll ADD odd integer", False),
        ("ALTER TABLE roll ALTER wave_id SET DEFAULT 1", False),
    ],
)
def test_nothing_is_left_of_what_was_done(
    make_postgresql: Callable[[], str], done: str, *, same: bool
) -> None:
    before = make_postgresql()
    with psycopg.connect(before) as session:
        session.execute(done)
    after = make_postgresql()
    assert (after == before) == same
    assert state(after) == NEW


def test_sessions_left_open_are_ended(make_postgresql: Callable[[], str]) -> None:
    with psycopg.connect(make_postgresql()) as forgotten:
        forgotten.execute("LOCK TABLE audit_head")
        assert state(make_postgresql()) == NEW
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
