"""Whatever is done to the log is found, the key being elsewhere."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping

import pytest

from app.domain.audit.chain import (
    START,
    Act,
    Entry,
    Finding,
    Head,
    SealKeys,
    canonical,
    export_line,
    head_at,
    next_entry,
    sealed_head,
    verify,
)

KEYS = SealKeys(b"e" * 32, b"h" * 32)
THIEF = SealKeys(b"x" * 32, b"y" * 32)
AT = datetime.datetime(2026, 11, 10, 4, 0, 0, 123456, tzinfo=datetime.UTC)
EMPTY = Head(0, START, b"")


def act(n: int) -> Act:
    at = AT + datetime.timedelta(minutes=n)
    return Act(at, f"person{n}", "staff.invited", f"staff:{n}", {"role": "keyer"})


def chain(n: int, keys: SealKeys = KEYS, start: int = 0) -> list[Entry]:
    entries: list[Entry] = []
    head = EMPTY
    for number in range(1, n + 1):
        entries.append(next_entry(head, act(start + number), keys))
        head = head_at(entries[-1], keys)
    return entries


def found(
    entries: Iterable[Entry], head: Head | None = None, anchors: Mapping[int, bytes] | None = None
) -> list[Finding]:
    entries = list(entries)
    return list(verify(entries, head or head_at(LOG[-1], KEYS), KEYS, anchors or {}))


LOG = chain(6)


def test_a_log_left_alone_is_whole() -> None:
    assert found(LOG) == []
    assert list(verify([], EMPTY, KEYS, {})) == []


@pytest.mark.parametrize("position", range(len(LOG)))
@pytest.mark.parametrize(
    "change",
    [
        {"at": AT},
        {"actor": "somebody"},
        {"act": "staff.disabled"},
        {"object": "staff:x"},
        {"details": {"role": "auditor"}},
        {"details": {}},
    ],
    ids=str,
)
def test_every_altered_field_is_found(position: int, change: dict[str, object]) -> None:
    altered = list(LOG)
    done = dataclasses.replace(LOG[position].done, **change)  # type: ignore[arg-type]
    altered[position] = dataclasses.replace(LOG[position], done=done)
    assert found(altered) == [Finding(position + 1, "was altered")]


@pytest.mark.parametrize("position", range(len(LOG)))
def test_a_deleted_entry_is_found(position: int) -> None:
    assert found([one for n, one in enumerate(LOG) if n != position])


@pytest.mark.parametrize("position", range(len(LOG) - 1))
def test_a_deleted_entry_is_found_though_the_others_are_renumbered(position: int) -> None:
    left = [one for n, one in enumerate(LOG) if n != position]
    closed_up = [dataclasses.replace(one, number=n) for n, one in enumerate(left, 1)]
    assert found(closed_up)


@pytest.mark.parametrize("position", range(len(LOG) - 1))
def test_exchanged_entries_are_found(position: int) -> None:
    a, b = LOG[position], LOG[position + 1]
    swapped = list(LOG)
    swapped[position] = dataclasses.replace(b, number=a.number)
    swapped[position + 1] = dataclasses.replace(a, number=b.number)
    assert found(swapped)


def test_an_inserted_entry_is_found() -> None:
    forged = next_entry(head_at(LOG[2], THIEF), act(99), THIEF)
    moved = [dataclasses.replace(one, number=one.number + 1) for one in LOG[3:]]
    assert found([*LOG[:3], forged, *moved])


def test_a_chain_written_anew_without_the_key_is_found_in_every_entry() -> None:
    anew = chain(6, THIEF, start=50)
    findings = found(anew, head_at(anew[-1], THIEF))
    assert {one.number for one in findings} == {1, 2, 3, 4, 5, 6}


def test_an_entry_added_without_the_key_is_found() -> None:
    added = next_entry(head_at(LOG[-1], KEYS), act(99), THIEF)
    assert found([*LOG, added], head_at(added, THIEF))


def test_a_seal_moved_from_another_entry_is_found() -> None:
    moved = dataclasses.replace(LOG[0], seal=LOG[1].seal)
    assert found([moved, *LOG[1:]]) == [Finding(1, "was written by somebody without the key")]


@pytest.mark.parametrize("left", range(len(LOG)))
def test_a_log_cut_short_is_found(left: int) -> None:
    assert found(LOG[:left])


@pytest.mark.parametrize("left", range(1, len(LOG)))
def test_a_log_cut_short_is_found_though_the_head_is_set_back(left: int) -> None:
    last = LOG[left - 1]
    for seal in (last.seal, b"", head_at(LOG[-1], KEYS).seal):
        assert found(LOG[:left], Head(last.number, last.hash, seal))


def test_an_old_copy_of_everything_is_found_by_a_head_noted_elsewhere() -> None:
    old = head_at(LOG[3], KEYS)
    assert found(LOG[:4], old) == []
    noted = {5: LOG[4].hash}
    assert [one.number for one in found(LOG[:4], old, noted)] == [5]


def test_a_chain_written_anew_with_the_key_is_found_by_a_head_noted_elsewhere() -> None:
    anew = chain(6, start=50)
    assert found(anew, head_at(anew[-1], KEYS)) == []
    findings = found(anew, head_at(anew[-1], KEYS), {4: LOG[3].hash})
    assert [one.number for one in findings] == [4]


def test_an_emptied_log_with_an_invented_head_is_found() -> None:
    assert found([], Head(0, START, b"x" * 32))
    assert found([], Head(3, LOG[2].hash, b""))


def test_an_export_can_be_checked_by_anybody() -> None:
    for entry in LOG:
        line = json.loads(export_line(entry))
        claimed = line.pop("hash")
        text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == claimed == entry.hash.hex()


def test_an_entry_is_hashed_the_same_in_every_time_zone() -> None:
    east = dataclasses.replace(
        act(1), at=act(1).at.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    )
    assert canonical(1, east, START) == canonical(1, act(1), START)


def test_a_head_is_written_as_one_word() -> None:
    assert sealed_head(41, bytes(32), KEYS).text == f"41:{'00' * 32}"
