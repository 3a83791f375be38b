"""A folder of files, on this machine or at any address that fsspec knows: s3://, abfs://, gs://.

A file is there as a whole or not at all. On this machine what was written is on the disk when a
method returns; at an address it is when the store has said so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlsplit

from ninja_analytics.errors import HistoryError
from ninja_analytics.whole import make_private, put

_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs", "gs": "gcsfs", "gcs": "gcsfs"}  # fmt: skip
_PIECE = 8 * 1024 * 1024  # bytes that are copied at once


class Folder:
    """The files below one address; names are relative and use `/`. Every failure is a HistoryError.

    It holds no credentials: those come from the environment, as the store's own tools take them.
    It can be pickled, so that workers on other machines open the same.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        text = os.fspath(url)
        is_address = "://" in text and not text.startswith("file://")
        if is_address and shown(text) != text:
            msg = (
                f"{shown(text)} was given with credentials in it, which others may see there. Leave "
                "them out, and put them into the environment, as the tools of that store take them."
            )
            raise HistoryError(msg)
        self.url = text.rstrip("/") if is_address else str(_local(text))
        self.is_local = not is_address

    def __repr__(self) -> str:
        return f"<Folder {shown(self.url)}>"

    def __reduce__(self) -> tuple[type[Folder], tuple[str]]:
        return Folder, (self.url,)

    @cached_property
    def _files(self) -> Any:
        """Fsspec's view of the files."""
        import fsspec

        scheme = urlsplit(self.url).scheme if not self.is_local else "file"
        try:
            return fsspec.filesystem(scheme, use_listings_cache=False)
        except ImportError as error:
            package = _PACKAGES.get(scheme, "the fsspec package for it")
            msg = f"{scheme}:// needs {package}: pip install {package}"
            raise HistoryError(msg) from error
        except ValueError as error:
            msg = f"{scheme}:// is no kind of address that is known here. Give a folder, or s3://…, abfs://…, gs://…"
            raise HistoryError(msg) from error

    @cached_property
    def arrow_files(self) -> Any:
        """The same files for Arrow, whose paths `path` gives."""
        import pyarrow.fs as arrow

        if self.is_local:
            return arrow.LocalFileSystem()
        return arrow.PyFileSystem(arrow.FSSpecHandler(self._files))

    def path(self, name: str) -> str:
        """The path of a file in terms of its filesystem."""
        whole = f"{self.url}/{name}" if name else self.url
        return whole if self.is_local else str(self._files._strip_protocol(whole))

    def below(self, name: str) -> Folder:
        """The folder *name* in this one."""
        return Folder(f"{self.url}/{name}")

    def read(self, name: str) -> bytes:
        """What is in a file; FileNotFoundError if it is not there."""
        with _told("read", self.url):
            if self.is_local:
                return Path(self.path(name)).read_bytes()
            return bytes(self._files.cat_file(self.path(name)))

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """A file to read piece by piece; FileNotFoundError if it is not there."""
        with _told("read", self.url):
            path = self.path(name)
            with Path(path).open("rb") if self.is_local else self._files.open(path, "rb") as file:
                yield file

    def put(self, name: str, data: bytes) -> None:
        """Have *data* in a file, as a whole or not at all."""
        with _told("written to", self.url):
            if self.is_local:
                path = Path(self.path(name))
                _make(path.parent)
                put(path, data)
                _sync(path.parent)
            else:
                self._files.pipe_file(self.path(name), data)

    def copy_in(self, source: IO[bytes], name: str) -> None:
        """Have what *source* has from its beginning on in a new file.

        A file that nobody knows of yet may be seen half-written on this machine: name it in
        another one only afterwards.
        """
        source.seek(0)
        with _told("written to", self.url):
            if not self.is_local:
                with self._files.open(self.path(name), "wb") as file:
                    shutil.copyfileobj(source, file, _PIECE)
                return
            path = Path(self.path(name))
            _make(path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
            handle = os.open(path, flags, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    shutil.copyfileobj(source, file, _PIECE)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError:  # half of it on a full disk would only take the room
                path.unlink(missing_ok=True)
                raise
            _sync(path.parent)

    def names(self, below: str = "") -> list[str]:
        """The names of all files in and under the folder *below*, sorted; none if it is not there.

        Those with a leading dot are no part of it: half-written ones, and what file managers leave.
        """
        return [one for one in self.all_names(below) if not one.rpartition("/")[2].startswith(".")]

    def all_names(self, below: str = "") -> list[str]:
        """The same with the half-written ones."""
        with _told("read", self.url):
            if self.is_local:
                root = Path(self.url)
                found = [
                    Path(folder, file).relative_to(root).as_posix()
                    for folder, _, files in os.walk(root / below, onerror=_unless_gone)
                    for file in files
                ]
                return sorted(found)
            start = self.path("").rstrip("/") + "/"
            self._files.invalidate_cache()
            try:
                listed = self._files.find(self.path(below))
            except FileNotFoundError:
                return []
            return sorted(one.removeprefix(start) for one in listed if one.startswith(start))

    def exists(self, name: str) -> bool:
        """Whether a file is there."""
        with _told("read", self.url):
            if self.is_local:
                return Path(self.path(name)).is_file()
            self._files.invalidate_cache()
            return bool(self._files.exists(self.path(name)))

    def written_at(self, name: str) -> float:
        """When a file was written, in epoch seconds; FileNotFoundError if it is not there."""
        with _told("read", self.url):
            if self.is_local:
                return Path(self.path(name)).stat().st_mtime
            modified: datetime = self._files.modified(self.path(name))
            return modified.timestamp()

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with _told("written to", self.url):
            if self.is_local:
                Path(self.path(name)).unlink(missing_ok=True)
                return
            try:
                self._files.rm_file(self.path(name))
            except FileNotFoundError:
                return


def shown(url: str) -> str:
    """An address as it may be shown: without user and password, and without a query."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    place, slash, path = rest.partition("?")[0].partition("/")
    user, at, host = place.rpartition("@")
    kept = host if ":" in user else f"{user}{at}{host}"  # abfs://container@account has no password
    return f"{scheme}://{kept}{slash}{path}"


def _local(text: str) -> Path:
    return Path(text.removeprefix("file://")).expanduser().absolute()


def _make(folder: Path) -> None:
    """Make *folder* and what is missing above it, all of it on the disk, for this user only."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    make_private(folder)
    for one in missing:
        _sync(one.parent)


def _sync(folder: Path) -> None:
    """Have the entries of *folder* on the disk, where a system can be told to."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unless_gone(error: OSError) -> None:
    """Raise *error*, but for a folder that is not there."""
    if not isinstance(error, FileNotFoundError):
        raise error


@contextmanager
def _told(what: Literal["read", "written to"], url: str) -> Iterator[None]:
    """Foreign errors as one sentence, but for a file to read that is not there."""
    try:
        yield
    except HistoryError:
        raise
    except Exception as error:  # every store raises errors of its own
        if what == "read" and isinstance(error, FileNotFoundError):
            raise
        lines = (getattr(error, "strerror", None) or str(error)).splitlines()
        why = ": ".join([type(error).__name__, *lines[:1]])
        check = (
            "that it is there, and the credentials in your environment"
            if "://" in url
            else "that there is room, and that the folder is yours"
        )
        msg = f"The history at {shown(url)} cannot be {what} ({why}). Check {check}; then run this again."
        raise HistoryError(msg) from error
