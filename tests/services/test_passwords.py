import asyncio
import threading
import time

import pytest
from argon2 import PasswordHasher

from app.services import passwords
from app.services.passwords import AT_ONCE, hash_password, is_password


@pytest.fixture(autouse=True)
def true_work(monkeypatch: pytest.MonkeyPatch, cheap_passwords: None) -> None:
    monkeypatch.undo()


async def test_passwords_are_argon2id_with_the_recommended_memory() -> None:
    assert (await hash_password("x")).startswith("$argon2id$v=19$m=65536,")


async def test_the_same_password_has_another_hash_each_time() -> None:
    assert await hash_password("x") != await hash_password("x")


async def test_an_empty_hash_is_nobodys_password() -> None:
    assert not await is_password("", "")
    assert not await is_password("", "x")


async def test_work_for_nobody_is_work_for_somebody() -> None:
    assert not PasswordHasher().check_needs_rehash(passwords._NOBODY)


async def test_hashing_leaves_the_event_loop_alone_and_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, most, lock = 0, 0, threading.Lock()

    class Slow:
        def hash(self, _password: bytes) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.05)
            with lock:
                running -= 1
            return "hash"

    monkeypatch.setattr(passwords, "HASHER", Slow())
    work = asyncio.gather(*(hash_password("x") for _ in range(8)))
    ticks = 0
    while not work.done():
        await asyncio.sleep(0.005)
        ticks += 1
    assert await work == ["hash"] * 8
    assert most == AT_ONCE
    assert ticks >= 10
