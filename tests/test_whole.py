"""Files on the disk: whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from ninja_analytics import whole


def test_the_data_are_on_the_disk_before_they_take_the_place_of_the_old(tmp_path, monkeypatch):
    path, steps = tmp_path / "kept", []
    path.write_bytes(b"old")
    sync, replace = os.fsync, Path.replace

    def synced(handle):
        sync(handle)
        steps.append((os.fstat(handle).st_size, path.read_bytes()))

    def replaced(beside, target):
        steps.append(beside.read_bytes())
        return replace(beside, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    whole.put(path, b"newer")

    assert steps == [(5, b"old"), b"newer"]
    assert path.read_bytes() == b"newer"


def test_what_cannot_be_finished_leaves_the_old_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    path.write_bytes(b"old")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        whole.put(path, b"newer")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has no file modes like 0600; to run this, use Linux or macOS",
)
@pytest.mark.parametrize(("mode", "expected"), [(None, 0o600), (0o644, 0o644)])
def test_a_file_is_private_unless_a_mode_is_given(tmp_path, mode, expected):
    whole.put(tmp_path / "kept", b"data", mode=mode)

    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == expected
