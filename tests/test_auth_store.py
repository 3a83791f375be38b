"""Token stores: private files, the keyring and memory."""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import stat
import threading
import time
from dataclasses import asdict

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from ninja_analytics.auth.store import (
    Folder,
    Keyring,
    MemoryStore,
    TextStore,
    _say_that_nothing_lasts,
    open_store,
)
from ninja_analytics.auth.tokens import Token
from ninja_analytics.errors import TokenStoreError, UnknownNameError

KEY = "acme-0123456789abcdef"


def token(access: str = "canary-access", refresh: str | None = "canary-refresh") -> Token:
    now = time.time()
    return Token(access, refresh, now + 3600, ("monitoring", "offline_access"), now, 3.0, now)


class WindowsLikeKeyring(KeyringBackend):
    """Keeps 2560 bytes of UTF-16 per name and no more, as the Windows Credential Manager does."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.locked = False

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked("canary-detail")
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        assert len(password.encode("utf-16-le")) <= 2560
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not there")
        del self.kept[service, username]


@pytest.fixture
def backend(monkeypatch):
    before = keyring.get_keyring()
    monkeypatch.delenv("NINJA_TOKEN_STORE")
    backend = WindowsLikeKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(params=["file", "keyring", "memory"])
def store(request, tmp_path):
    return {
        "file": lambda: TextStore(Folder(tmp_path / "tokens")),
        "keyring": lambda: TextStore(Keyring(WindowsLikeKeyring())),
        "memory": MemoryStore,
    }[request.param]()


def test_a_store_gives_back_what_it_was_given(store):
    assert (store.load(KEY), store.load_secret(KEY)) == (None, None)

    first, second = token(), token("other", None)
    store.save(KEY, first)
    store.save_secret(KEY, "canary-secret")
    assert (store.load(KEY), store.load_secret(KEY)) == (first, "canary-secret")

    store.save(KEY, second)
    assert store.load(KEY) == second
    assert store.load("another-key") is None


def test_a_store_forgets_and_forgetting_twice_is_no_error(store):
    store.save(KEY, token())
    store.save_secret(KEY, "canary-secret")
    for _ in range(2):
        store.delete(KEY)
        store.delete_secret(KEY)

    assert (store.load(KEY), store.load_secret(KEY)) == (None, None)


def test_nothing_secret_is_shown(store):
    store.save(KEY, token())
    store.save_secret(KEY, "canary-secret")

    assert "canary" not in repr(store) + str(store) + repr(store.load(KEY))


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no file modes; to run this, use Linux or macOS"
)
def test_token_files_are_private_from_the_first_moment(tmp_path):
    seen = set()
    folder = tmp_path / "tokens"
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for path in folder.glob("*") if folder.exists() else ():
                try:
                    seen.add(stat.S_IMODE(path.stat().st_mode))
                except FileNotFoundError:
                    continue

    looking = threading.Thread(target=look)
    before = os.umask(0)
    try:
        looking.start()
        store = TextStore(Folder(folder))
        for _ in range(200):
            store.save(KEY, token())
        store.save_secret(KEY, "canary-secret")
    finally:
        os.umask(before)
        stop.set()
        looking.join()

    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes | seen == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 2


def test_a_reader_sees_the_old_token_or_the_new_one(tmp_path):
    store = TextStore(Folder(tmp_path))
    texts = ["a" * 10, "b" * 100_000]
    store.save(KEY, token(texts[0]))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for text in texts:
                store.save(KEY, token(text))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        found = {store.load(KEY).access_token for _ in range(300)}
    finally:
        stop.set()
        writing.join()

    assert found <= set(texts)


@pytest.mark.parametrize(
    "damaged", ["", "{", "[]", "{}", '"canary"', "\xff\x00", '{"access_token": "canary"}']
)
def test_a_damaged_file_is_an_error_with_a_next_step(tmp_path, damaged):
    store = TextStore(Folder(tmp_path))
    store.save(KEY, token())
    (tmp_path / f"{KEY}.token").write_bytes(damaged.encode("latin-1"))

    with pytest.raises(TokenStoreError, match="disconnect --profile acme, then connect") as caught:
        store.load(KEY)
    assert "canary" not in f"{caught.value} {caught.value.__cause__!r}"

    store.save(KEY, token())
    assert store.load(KEY).access_token == "canary-access"


def test_a_folder_that_is_a_file_is_an_error_with_a_next_step(tmp_path):
    (tmp_path / "tokens").write_text("", encoding="utf-8")
    store = TextStore(Folder(tmp_path / "tokens"))

    with pytest.raises(TokenStoreError, match="NINJA_HOME"):
        store.save(KEY, token())
    with pytest.raises(TokenStoreError, match="NINJA_HOME"):
        store.load(KEY)


def test_a_long_token_fits_into_a_small_keyring_and_leaves_no_piece_behind():
    backend = WindowsLikeKeyring()
    store = TextStore(Keyring(backend))
    long = token("x" * 5000, "y" * 18000)
    store.save(KEY, long)
    store.save(KEY, long)

    assert store.load(KEY) == long
    pieces = len(backend.kept)
    store.save(KEY, token())
    assert len(backend.kept) < pieces
    store.delete(KEY)
    assert backend.kept == {}


def test_a_locked_keyring_is_an_error_with_a_next_step():
    backend = WindowsLikeKeyring()
    backend.locked = True

    with pytest.raises(TokenStoreError, match="NINJA_TOKEN_STORE=file") as caught:
        TextStore(Keyring(backend)).load(KEY)
    assert "canary" not in str(caught.value)


def test_a_keyring_that_waits_for_a_password_is_given_up(backend, monkeypatch):
    typed = threading.Event()
    monkeypatch.setattr(backend, "get_password", lambda *_: typed.wait())
    monkeypatch.setattr("ninja_analytics.auth.store._PATIENCE", {True: 0.2, False: 0.2})

    with pytest.raises(TokenStoreError, match=r"does not answer: unlock .* NINJA_TOKEN_STORE=file"):
        open_store().load(KEY)
    typed.set()


def test_a_keyring_that_does_not_load_is_an_error_with_a_next_step(backend, monkeypatch):
    def broken():
        raise ModuleNotFoundError("canary-detail")

    monkeypatch.setattr(keyring, "get_keyring", broken)

    for kind in (None, "keyring"):
        with pytest.raises(TokenStoreError, match=r"does not load: .* NINJA_TOKEN_STORE=file") as c:
            open_store(kind)
        assert "canary" not in str(c.value)
    assert open_store("file").kind == "file"


@pytest.fixture
def elsewhere(monkeypatch):
    """A machine that is reached by SSH, and on which nothing has been said yet."""
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50111 192.0.2.1 22")
    monkeypatch.delenv("NINJA_TOKEN_STORE", raising=False)
    _say_that_nothing_lasts.cache_clear()


def test_on_a_shared_or_remote_machine_tokens_stay_in_memory_and_that_is_said_once(
    backend, home, elsewhere, caplog
):
    caplog.set_level(logging.INFO)
    assert open_store().kind == "keyring"  # only this person can open it

    keyring.set_keyring(fail.Keyring())
    store = open_store()
    assert store.kind == "memory"
    assert store is open_store()
    store.save(KEY, token())
    store.delete(KEY)

    assert not home.exists()
    assert caplog.text.count("NINJA_TOKEN_STORE=file") == 1


def test_the_environment_decides_on_a_shared_machine_too(backend, elsewhere, monkeypatch):
    for kind in ("file", "keyring", "memory"):
        monkeypatch.setenv("NINJA_TOKEN_STORE", kind)
        assert open_store().kind == kind


def test_on_ones_own_machine_without_a_keyring_tokens_go_to_private_files(backend, monkeypatch):
    keyring.set_keyring(fail.Keyring())
    monkeypatch.setattr("ninja_analytics.auth.store.is_shared_or_remote", lambda: False)

    assert open_store().kind == "file"


def test_a_real_keyring_is_taken_and_no_other(backend, home, monkeypatch):
    monkeypatch.setattr("ninja_analytics.auth.store.is_shared_or_remote", lambda: False)
    assert "keyring" in repr(open_store())

    for useless in (fail.Keyring(), null.Keyring(), chainer.ChainerBackend()):
        keyring.set_keyring(useless)
        assert str(home / "tokens") in repr(open_store()), useless
        with pytest.raises(TokenStoreError, match="NINJA_TOKEN_STORE"):
            open_store("keyring")


def test_the_environment_chooses_the_store(backend, home, monkeypatch):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "file")
    assert str(home) in repr(open_store())
    assert "keyring" in repr(open_store("keyring"))

    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")
    open_store().save(KEY, token())
    assert open_store().load(KEY) is not None
    open_store().delete(KEY)

    monkeypatch.setenv("NINJA_TOKEN_STORE", "fiel")
    with pytest.raises(UnknownNameError, match="Did you mean 'file'"):
        open_store()


def test_a_token_is_due_a_tenth_of_its_life_or_a_minute_before_the_end():
    hour = Token("a", None, 3600.0, (), 0.0)
    short = Token("a", None, 10.0, (), 0.0)

    assert [hour.due(now) for now in (0, 3539, 3540, 3600)] == [False, False, True, True]
    assert [short.due(now) for now in (0, 8.9, 9, 11)] == [False, False, True, True]
    assert [hour.lives(now) for now in (3599, 3600)] == [True, False]


def test_a_token_from_the_future_does_not_count_as_living():
    ahead = Token("a", None, 9000.0, (), 5400.0)

    assert not ahead.lives(1000.0)
    assert ahead.due(1000.0)


def test_what_a_killed_process_left_half_written_does_not_stay(tmp_path):
    store = TextStore(Folder(tmp_path))
    left, at_work = tmp_path / ".left.part", tmp_path / ".at-work.part"
    for part in (left, at_work):
        part.write_text("canary")
    os.utime(left, (time.time() - 3600,) * 2)

    store.save(KEY, token())
    assert (left.exists(), at_work.exists()) == (False, True)

    os.utime(at_work, (time.time() - 3600,) * 2)
    store.delete(KEY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("head", ["", "x", "x y", "x -1", "x 99999999999", "x 1"])
def test_what_somebody_else_keeps_under_our_name_in_the_keyring_is_no_token(head):
    backend = WindowsLikeKeyring()
    backend.set_password("ninja_analytics", f"{KEY}.token", head)
    store = TextStore(Keyring(backend))

    assert store.load(KEY) is None
    store.save(KEY, token())
    assert store.load(KEY).access_token == "canary-access"


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("text", ["canary\r\nX-More: 1", "canary\u2026", 7])
def test_a_stored_text_that_no_header_can_hold_is_no_token(name, text):
    fields = {**json.loads(token().to_json()), name: text}

    with pytest.raises(ValueError, match="not a token"):
        Token.from_json(json.dumps(fields))


def test_a_secret_is_a_text_that_shows_itself_in_no_repr_and_no_pickle(tmp_path):
    store = TextStore(Folder(tmp_path))
    store.save_secret(KEY, "canary-secret")
    kept = token()

    assert store.load_secret(KEY) == "canary-secret"
    for one in (store.load_secret(KEY), asdict(kept), [kept.access_token], kept.refresh_token):
        assert "canary" not in repr(one)
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(one)
    assert copy.deepcopy(kept) == copy.copy(kept) == kept
