"""Where tokens and client secrets are kept: the system's keyring, private files, or memory."""

from __future__ import annotations

import functools
import logging
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from ninja_analytics import whole
from ninja_analytics.auth.profiles import home
from ninja_analytics.auth.tokens import Secret, Token
from ninja_analytics.errors import TokenStoreError, UnknownNameError
from ninja_analytics.place import is_shared_or_remote, somebody_there
from ninja_analytics.whole import make_private

log = logging.getLogger(__name__)

_SERVICE = "ninja_analytics"
# Windows keeps at most 2560 bytes, as UTF-16, under one name; a token may be longer.
_PIECE = 1000
_LEFT_SECONDS = 600.0  # a file that is being written for longer was left by a killed process
# Seconds for a keyring to answer: with a person there, who may have to unlock it, and with none.
_PATIENCE = {True: 60.0, False: 5.0}


class TokenStore(Protocol):
    """Keeps a token and a client secret per profile key; raises TokenStoreError when it cannot.

    `kind` is "keyring", "file" or "memory"; `shared` says whether other processes see what is
    saved. What `save` was given is safe once it returns, and a reader sees the old value or the
    new one, never a part.
    """

    kind: str
    shared: bool

    def load(self, key: str) -> Token | None:
        """The token kept under *key*, or None."""

    def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*, over an older one."""

    def delete(self, key: str) -> None:
        """Forget the token under *key*; nothing happens if there is none."""

    def load_secret(self, key: str) -> str | None:
        """The client secret kept under *key*, or None."""

    def save_secret(self, key: str, secret: str) -> None:
        """Keep the client *secret* under *key*, over an older one."""

    def delete_secret(self, key: str) -> None:
        """Forget the client secret under *key*; nothing happens if there is none."""


class MemoryStore:
    """Keeps tokens for as long as this process lives."""

    kind = "memory"
    shared = False

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._secrets: dict[str, str] = {}

    def load(self, key: str) -> Token | None:
        """The token kept under *key*, or None."""
        return self._tokens.get(key)

    def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*, over an older one."""
        self._tokens[key] = token

    def delete(self, key: str) -> None:
        """Forget the token under *key*; nothing happens if there is none."""
        self._tokens.pop(key, None)

    def load_secret(self, key: str) -> str | None:
        """The client secret kept under *key*, or None."""
        return self._secrets.get(key)

    def save_secret(self, key: str, secret: str) -> None:
        """Keep the client *secret* under *key*, over an older one."""
        self._secrets[key] = Secret(secret)

    def delete_secret(self, key: str) -> None:
        """Forget the client secret under *key*; nothing happens if there is none."""
        self._secrets.pop(key, None)

    def __repr__(self) -> str:
        return "<MemoryStore>"


class TextStore:
    """Keeps tokens as texts in *place*, which is a folder of private files or a keyring."""

    shared = True

    def __init__(self, place: Folder | Keyring) -> None:
        self._place = place
        self.kind = place.kind

    def load(self, key: str) -> Token | None:
        """The token kept under *key*, or None."""
        text = self._place.read(f"{key}.token")
        if text is None:
            return None
        try:
            return Token.from_json(text)
        except ValueError as error:
            profile = key.rpartition("-")[0]
            msg = (
                f"The token kept in {self._place} is damaged. "
                f"Run: ninja-analytics disconnect --profile {profile}, then connect again."
            )
            raise TokenStoreError(msg) from error

    def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*, over an older one."""
        self._place.write(f"{key}.token", token.to_json())

    def delete(self, key: str) -> None:
        """Forget the token under *key*; nothing happens if there is none."""
        self._place.remove(f"{key}.token")

    def load_secret(self, key: str) -> str | None:
        """The client secret kept under *key*, or None."""
        secret = self._place.read(f"{key}.secret")
        return None if secret is None else Secret(secret)

    def save_secret(self, key: str, secret: str) -> None:
        """Keep the client *secret* under *key*, over an older one."""
        self._place.write(f"{key}.secret", secret)

    def delete_secret(self, key: str) -> None:
        """Forget the client secret under *key*; nothing happens if there is none."""
        self._place.remove(f"{key}.secret")

    def __repr__(self) -> str:
        return f"<TextStore in {self._place}>"


class Folder:
    """A folder of files that only their owner can read."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def read(self, name: str) -> str | None:
        """The text of the file *name*, or None if there is none."""
        with self._translated("read"):
            try:
                return (self._path / name).read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                return None

    def write(self, name: str, text: str) -> None:
        """Put *text* into the file *name* in one step, on the disk when this returns."""
        with self._translated("written"):
            make_private(self._path)
            whole.put(self._path / name, text.encode())
            self._sync()
        self._sweep()

    def remove(self, name: str) -> None:
        """Remove the file *name*; nothing happens if there is none."""
        with self._translated("written"):
            (self._path / name).unlink(missing_ok=True)
        self._sweep()

    def _sweep(self) -> None:
        """Remove what processes that were killed while they wrote have left: it may hold a token."""
        for part in self._path.glob(".*.part"):
            with suppress(OSError):
                if part.stat().st_mtime < time.time() - _LEFT_SECONDS:
                    part.unlink()

    def _sync(self) -> None:
        """Let the new name reach the disk, too, where folders can be synced."""
        if os.name == "nt":
            return
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            msg = (
                f"Tokens cannot be {what} in {self._path}: check the folder's rights and space, "
                "set NINJA_HOME to another folder, or NINJA_TOKEN_STORE=memory."
            )
            raise TokenStoreError(msg) from error


class Keyring:
    """The system's keyring; a long text is kept in pieces, under a head that names them."""

    kind = "keyring"

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def __str__(self) -> str:
        return f"the keyring ({type(self._backend).__module__})"

    def read(self, name: str) -> str | None:
        """The text kept under *name*, or None if there is none."""
        # Twice: between head and pieces another process may have put a new text in place.
        return self._assembled(name) or self._assembled(name)

    def write(self, name: str, text: str) -> None:
        """Keep *text* under *name*; the head changes last, so a reader never sees half of it."""
        old = self._pieces(name)
        batch = secrets.token_hex(4)
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
        names = [f"{name}.{batch}.{number}" for number in range(len(pieces))]
        for piece_name, piece in zip(names, pieces, strict=True):
            self._ask(self._backend.set_password, piece_name, piece)
        self._ask(self._backend.set_password, name, f"{batch} {len(pieces)}")
        self._drop(old)

    def remove(self, name: str) -> None:
        """Remove what is kept under *name*; nothing happens if there is nothing."""
        pieces = self._pieces(name)
        if self._ask(self._backend.get_password, name) is not None:
            self._drop([name])
        self._drop(pieces)

    def _assembled(self, name: str) -> str | None:
        pieces = [self._ask(self._backend.get_password, piece) for piece in self._pieces(name)]
        return "".join(filter(None, pieces)) if pieces and None not in pieces else None

    def _pieces(self, name: str) -> list[str]:
        """The names of the pieces that the head *name* lists."""
        batch, _, count = (self._ask(self._backend.get_password, name) or "").partition(" ")
        number = int(count) if count.isdecimal() and len(count) < 5 else 0
        return [f"{name}.{batch}.{piece}" for piece in range(number)]

    def _drop(self, names: list[str]) -> None:
        from keyring.errors import PasswordDeleteError

        for name in names:
            try:
                self._ask(self._backend.delete_password, name)
            except TokenStoreError as error:
                # Another process was quicker.
                if not isinstance(error.__cause__, PasswordDeleteError):
                    raise

    def _ask(self, action: Callable[..., Any], *arguments: str) -> Any:
        """What the back end answers; one that waits for a password nobody types is given up.

        It is asked on a thread of its own, because nothing else can end such a wait.
        """
        answers: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put((action(_SERVICE, *arguments), None))
            except Exception as error:  # noqa: BLE001 - back ends raise what they like
                answers.put((None, error))

        threading.Thread(target=ask, name="ninja-keyring", daemon=True).start()
        try:
            answer, problem = answers.get(timeout=_PATIENCE[somebody_there()])
        except queue.Empty as error:
            raise _no_keyring(f"{self} does not answer") from error
        if problem:
            raise _no_keyring(f"{self} refuses") from problem
        return answer


_IN_MEMORY = MemoryStore()


def open_store(kind: str | None = None) -> TokenStore:
    """The token store of *kind* or NINJA_TOKEN_STORE: "keyring", "file" or "memory".

    By default it is the system's keyring where there is a real one; else memory on a machine that
    others may use, too, or that is a remote one; else private files. The store in memory is one
    for the whole process. Raises UnknownNameError for another kind and TokenStoreError for a
    keyring that is not there.
    """
    kind = kind or os.environ.get("NINJA_TOKEN_STORE") or None
    if kind not in (None, "keyring", "file", "memory"):
        raise UnknownNameError.among("token store", kind, ["keyring", "file", "memory"])
    if kind == "memory":
        return _IN_MEMORY
    backend = None if kind == "file" else _real_keyring()
    if backend is not None:
        return TextStore(Keyring(backend))
    if kind == "keyring":
        msg = "There is no keyring on this machine: set NINJA_TOKEN_STORE to file or memory."
        raise TokenStoreError(msg)
    if kind is None and is_shared_or_remote():
        _say_that_nothing_lasts()
        return _IN_MEMORY
    return TextStore(Folder(home() / "tokens"))


@functools.cache
def _say_that_nothing_lasts() -> None:
    log.info(
        "This machine is shared or remote, so tokens are kept in memory, until this process ends. "
        "Set NINJA_TOKEN_STORE=file to keep them in private files."
    )


def _real_keyring() -> Any:
    """The keyring back end if it keeps anything, else None.

    Its authors give a back end that is fit for use a priority of at least 1; the ones that fail,
    keep nothing or chain nothing are below.
    """
    import keyring

    try:
        backend = keyring.get_keyring()
        return backend if backend.priority >= 1 else None
    except Exception as error:
        raise _no_keyring("the keyring that is set up here does not load") from error


def _no_keyring(what: str) -> TokenStoreError:
    msg = (
        f"{what}: unlock or repair it, or set NINJA_TOKEN_STORE=file to keep tokens in private "
        f"files under {home()}."
    )
    return TokenStoreError(msg[0].upper() + msg[1:])
