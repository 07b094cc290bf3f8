"""A log that can't be changed without being noticed.

hash_n = SHA-256(canonical JSON of entry n with hash_(n-1)): whoever has an export can check it.
seal_n = HMAC-SHA256(audit key, hash_n): whoever has only the database can't write a chain anew.
The head (last number and hash) is sealed under another key, so that the seal of an earlier entry
can't serve as the head of a log cut short. A head remembered elsewhere (an anchor) finds what an
old copy of the whole database would hide.
"""

import dataclasses
import datetime
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping

START = bytes(32)
"""The hash before the first entry."""


@dataclasses.dataclass(frozen=True, slots=True)
class Act:
    """Who did what to which object, when. `details` are codes, never words about citizens."""

    at: datetime.datetime
    actor: str
    act: str
    object: str
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """An act in its place in the chain."""

    number: int
    done: Act
    previous: bytes
    hash: bytes
    seal: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash; number 0 before the first."""

    number: int
    hash: bytes
    seal: bytes

    @property
    def text(self) -> str:
        """How a head is noted down: `41:9f86d0…`."""
        return f"{self.number}:{self.hash.hex()}"


@dataclasses.dataclass(frozen=True, slots=True)
class SealKeys:
    """The two keys, kept outside the database."""

    entry: bytes
    head: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: at which entry, and what."""

    number: int
    what: str


def canonical(number: int, done: Act, previous: bytes) -> bytes:
    """Write an entry the one way that is hashed: sorted keys, no blanks, UTC, UTF-8."""
    content = {
        "number": number,
        "at": done.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        "actor": done.actor,
        "act": done.act,
        "object": done.object,
        "details": dict(done.details),
        "previous": previous.hex(),
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def next_entry(head: Head, done: Act, keys: SealKeys) -> Entry:
    """Link an act to the head of the chain."""
    number = head.number + 1
    digest = hashlib.sha256(canonical(number, done, head.hash)).digest()
    return Entry(number, done, head.hash, digest, hmac.digest(keys.entry, digest, "sha256"))


def head_at(entry: Entry, keys: SealKeys) -> Head:
    """Give the head whose last entry is this one."""
    return sealed_head(entry.number, entry.hash, keys)


def sealed_head(number: int, digest: bytes, keys: SealKeys) -> Head:
    """Make a head with its seal."""
    message = number.to_bytes(8) + digest
    return Head(number, digest, hmac.digest(keys.head, message, "sha256"))


def export_line(entry: Entry) -> str:
    """Write an entry as a line of JSON from which its hash can be recomputed."""
    text = canonical(entry.number, entry.done, entry.previous).decode()
    return f'{text[:-1]},"hash":"{entry.hash.hex()}"}}'


def verify(
    entries: Iterable[Entry], head: Head, keys: SealKeys, anchors: Mapping[int, bytes]
) -> Iterator[Finding]:
    """Find whatever was altered, removed, inserted, moved or cut off; nothing: the log is whole.

    `anchors` are hashes remembered outside the database, by number.
    """
    last, expected = 0, START
    for entry in entries:
        if entry.number != last + 1:
            yield Finding(last + 1, f"is missing, and so is all before entry {entry.number}")
        elif entry.previous != expected:
            yield Finding(entry.number, "does not follow from the entry before it")
        yield from _verify_one(entry, keys)
        if entry.number in anchors and anchors[entry.number] != entry.hash:
            yield Finding(entry.number, "is not the entry that was noted elsewhere")
        last, expected = entry.number, entry.hash
    yield from _verify_end(last, expected, head, keys)
    for number in sorted(anchors):
        if number > last:
            yield Finding(number, "was noted elsewhere and is gone: the log was cut off")


def _verify_one(entry: Entry, keys: SealKeys) -> Iterator[Finding]:
    if hashlib.sha256(canonical(entry.number, entry.done, entry.previous)).digest() != entry.hash:
        yield Finding(entry.number, "was altered")
    elif not hmac.compare_digest(hmac.digest(keys.entry, entry.hash, "sha256"), entry.seal):
        yield Finding(entry.number, "was written by somebody without the key")


def _verify_end(last: int, digest: bytes, head: Head, keys: SealKeys) -> Iterator[Finding]:
    if head.number > last:
        yield Finding(last + 1, f"was cut off, and so was all up to entry {head.number}")
    elif (head.number, head.hash) != (last, digest):
        yield Finding(last, "is not the entry that the head names")
    if not (head.number == 0 and not head.seal):
        genuine = sealed_head(head.number, head.hash, keys)
        if not hmac.compare_digest(genuine.seal, head.seal):
            yield Finding(head.number, "the head was written by somebody without the key")
