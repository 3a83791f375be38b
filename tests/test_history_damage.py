"""Files of a history that are damaged or gone: named exactly, and nothing else suffers."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import HistoryError, HistoryWarning
from ninja_analytics.history import keeping, reading, snapshots
from tests.histories import NOW, aged, data_files, leftovers, log_files


def flip(path):
    """Damage the last page before the footer of a Parquet file, or the middle of another one."""
    data = bytearray(path.read_bytes())
    footer = int.from_bytes(data[-8:-4], "little") if path.suffix == ".parquet" else len(data) // 2
    data[len(data) - footer - 12] ^= 0x10
    path.write_bytes(data)


DAMAGES = {
    "a byte flipped": flip,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "emptied": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}


@pytest.fixture
def twice(recorder):
    """A connection with two snapshots, the second of which has one table more."""
    recorder.record(["organizations", "software", "activities"], now="2026-11-19", progress="none")
    recorder.record(["organizations", "software", "roles"], now=NOW, progress="none")
    return recorder


def named(ninja, path):
    return path.relative_to(Path(ninja.history.folder.url)).as_posix()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["software", "activities", "roles"])
def test_a_damaged_file_is_named_and_costs_its_table_alone(twice, name, damage):
    (path,) = data_files(twice, name)
    damage(path)
    what = "damaged" if path.exists() else "missing"
    ids = twice.history.snapshots["snapshot"].tolist()
    users = {"software": ids, "activities": ids[:1], "roles": ids[1:]}[name]

    told = twice.history.verify()

    assert told.to_numpy().tolist() == [[named(twice, path), what, ", ".join(users)]]
    with pytest.raises(HistoryError, match=rf"{named(twice, path)} is {what} .*verify\(\)"):
        twice.as_of(users[-1]).table(name)
    with pytest.raises(HistoryError, match=named(twice, path)):
        twice.history(name)
    with pytest.raises(HistoryError, match=named(twice, path)):
        twice.sql(f"select * from {name}_history")
    assert len(twice.as_of().table("organizations")) == len(twice.history("organizations")) / 2
    assert len(twice.sql("select * from organizations_history")) > 0


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_among_many_is_the_one_that_is_named(recorder, damage):
    for late, when in ((60, "2026-11-17"), (30, "2026-11-18"), (0, NOW)):
        recorder.sandbox.switch(late_activities=late)
        recorder.record(["activities"], now=when, progress="none")
    path = data_files(recorder, "activities")[1]
    damage(path)

    for read in (
        lambda: recorder.history("activities"),
        lambda: recorder.as_of().table("activities"),
        lambda: recorder.sql("select * from activities_history"),
        lambda: recorder.history.compact(now="2026-12-01"),
    ):
        with pytest.raises(HistoryError, match=named(recorder, path)):
            read()
    assert len(recorder.as_of("2026-11-17").table("activities")) > 0
    assert recorder.history.verify()["file"].tolist() == [named(recorder, path)]


def test_a_damaged_file_of_events_stops_no_recording(recorder):
    recorder.record(["activities"], now="2026-11-19", progress="none")
    (path,) = data_files(recorder, "activities")
    path.write_bytes(b"")

    with pytest.warns(HistoryWarning, match=f"{named(recorder, path)} is damaged.*recorded anew"):
        taken = recorder.record(["roles", "activities"], now=NOW, progress="none")

    assert set(taken.tables) == {"roles", "activities"}
    assert taken.tables["activities"].file.rows > 0


def test_no_flipped_byte_anywhere_gives_other_rows(twice):
    (path,) = data_files(twice, "organizations")
    whole, folder, table = path.read_bytes(), twice.history.folder, TABLES["organizations"]
    found = reading.pieces(snapshots.read(folder).snapshots, "organizations")[:1]
    expected = reading.frame(folder, table, found)
    pages = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    chance = random.Random(3)
    for place in chance.sample(range(len(whole)), 150):
        other = whole[place] ^ 1 << chance.randrange(8)
        path.write_bytes(whole[:place] + bytes([other]) + whole[place + 1 :])
        with pytest.raises(HistoryError, match="is damaged"):
            reading.decoded(folder, table, found[0])
        if place < pages:
            with suppress(HistoryError):  # what is read of a page is right, or nothing is
                pd.testing.assert_frame_equal(reading.frame(folder, table, found), expected)


@pytest.mark.parametrize("damage", list(DAMAGES)[:3])
def test_a_damaged_manifest_costs_its_snapshot_and_says_so(twice, damage):
    path = log_files(twice)[1]
    DAMAGES[damage](path)

    with pytest.warns(HistoryWarning, match=rf"{path.name} .* is damaged.*not counted"):
        assert len(twice.history.snapshots) == 1
    assert twice.history.verify()["file"].tolist() == [f"log/{path.name}"]
    with pytest.warns(HistoryWarning):
        assert len(twice.as_of().table("software")) > 0
    aged(data_files(twice), days=30)
    orphan = data_files(twice, "roles")
    taken = twice.record(["organizations"], now="2026-11-21", progress="none")
    with pytest.warns(HistoryWarning):
        assert twice.history.snapshots["snapshot"].iloc[-1] == taken.id
    assert keeping.sweep(twice.history.folder) == ()
    twice.history.prune("1d", now="2030-01-01")
    assert path.exists()
    assert data_files(twice, "roles") == orphan


def test_a_manifest_that_is_gone_is_no_snapshot(twice):
    log_files(twice)[1].unlink()

    assert len(twice.history.snapshots) == 1
    assert twice.history.verify().empty
    assert leftovers(twice) == data_files(twice, "roles")


def test_a_manifest_of_a_newer_version_says_so(twice):
    log = snapshots.read(twice.history.folder)
    _, body = json.loads(snapshots.text_of(log.snapshots[:1]))
    newer = body.replace(f'"form": {snapshots.FORM}', f'"form": {snapshots.FORM + 1}')
    log_files(twice)[0].write_bytes(snapshots.checked(newer))

    with pytest.raises(HistoryError, match=r"newer ninja_analytics.*pip install"):
        twice.history.snapshots  # noqa: B018


def test_what_file_managers_leave_is_no_damage(twice):
    for name in (".DS_Store", "._x.json"):
        (log_files(twice)[0].parent / name).write_bytes(b"\x00\x05\x16\x07")

    assert twice.history.verify().empty
    assert len(twice.history.snapshots) == 2
