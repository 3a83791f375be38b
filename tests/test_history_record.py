"""A recorded snapshot: all that was pulled, as it was pulled, or nothing."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninja_analytics.errors import HistoryError, NotAvailableError
from ninja_analytics.history import snapshots
from ninja_analytics.history.recorded_tables import DEFAULT, EVENTS, PARAMETERS, POSSIBLE
from ninja_analytics.history.writing import drafted
from tests.histories import NOW, SMALL, connected, data_files, elsewhere, ended, log_files

SINCE = NOW - timedelta(days=60)
STATE = [name for name in POSSIBLE if name not in EVENTS]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A connection, and the snapshot of everything that it has taken."""
    from ninja_analytics.sandbox import Sandbox

    with (
        pytest.MonkeyPatch.context() as patch,
        Sandbox(devices=40, seed=3, now=NOW.isoformat()) as sandbox,
    ):
        for name in ("NINJA_HOME", "NINJA_HISTORY"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        ninja = connected(sandbox)
        yield ninja, ninja.record(POSSIBLE, since=SINCE, now=NOW, progress="none")


def test_everything_that_can_be_recorded_is_in_the_snapshot(recorded):
    _, taken = recorded

    assert taken.problems == {}
    assert set(taken.tables) == set(POSSIBLE) >= set(DEFAULT)


@pytest.mark.parametrize("name", STATE)
def test_a_table_that_says_how_things_are_equals_the_pulled_one(recorded, name):
    ninja, taken = recorded
    pulled = ninja.table(name, progress="none", **PARAMETERS.get(name, {}))

    then = ninja.as_of(taken.id).table(name)

    order = ["device_id"] if "device_id" in pulled else []
    expected = pulled.sort_values(order, kind="stable", ignore_index=True) if order else pulled
    pd.testing.assert_frame_equal(then, expected)


@pytest.mark.parametrize("name", list(EVENTS))
def test_a_table_of_events_equals_the_pulled_one_with_each_event_once(recorded, name):
    ninja, taken = recorded
    bounds = EVENTS[name].parameters(SINCE) if name == "activities" else {}
    pulled = ninja.table(name, progress="none", **bounds)

    then = ninja.as_of(taken.id).table(name)

    expected = pulled.drop_duplicates(list(EVENTS[name].key), keep="last", ignore_index=True)
    assert len(then) > 0
    pd.testing.assert_frame_equal(then, expected)


def test_the_files_stand_by_profile_table_and_day(recorded):
    ninja, taken = recorded
    root = Path(ninja.history.folder.url)

    assert root.name.startswith("profile=")
    assert [path.relative_to(root).as_posix() for path in data_files(ninja, "software")] == [
        f"table=software/date=2026-11-20/{taken.id}.parquet"
    ]
    assert log_files(ninja)[0] == root / "log" / f"{taken.id}.json"


def test_a_file_is_compressed_by_zstd_and_private(recorded):
    ninja, _ = recorded
    for path in [*data_files(ninja), *log_files(ninja)]:
        assert path.stat().st_mode & 0o077 == 0
    for path in data_files(ninja):
        told = pq.read_metadata(path)
        kinds = {
            told.row_group(group).column(column).compression
            for group in range(told.num_row_groups) for column in range(told.num_columns)
        }  # fmt: skip
        assert kinds <= {"ZSTD"}


def test_the_manifest_says_what_is_in_the_snapshot_and_where_it_came_from(recorded):
    ninja, taken = recorded
    (read,) = snapshots.read(ninja.history.folder).snapshots

    assert read.told() == json.loads(json.dumps(taken.told(), default=str))
    software = read.tables["software"]
    assert software.rows == software.file.rows == software.about["rows"]
    assert software.about["instance"] == ninja.sandbox.base_url
    assert software.file.bytes == data_files(ninja, "software")[0].stat().st_size
    assert read.taken_at == NOW
    assert read.tables["volumes"].about["parameters"] == {"include": "bl"}


def test_the_history_tells_of_its_snapshots(recorded):
    ninja, taken = recorded
    told = ninja.history.snapshots

    assert told["snapshot"].tolist() == [taken.id]
    assert told["tables"].tolist() == [len(POSSIBLE)]
    assert told["rows"].tolist() == [taken.rows]
    assert told["new_bytes"].tolist() == [sum(path.stat().st_size for path in data_files(ninja))]


def test_what_did_not_change_costs_no_file(recorder):
    first = recorder.record(DEFAULT, now=NOW, progress="none")
    files = data_files(recorder)

    second = recorder.record(DEFAULT, now="2026-11-20T13:00", progress="none")

    assert data_files(recorder) == files
    assert second.id != first.id
    assert recorder.history.snapshots["new_bytes"].tolist()[1] == 0
    for name in STATE:
        if name in DEFAULT:
            assert second.tables[name].file == first.tables[name].file


def test_the_order_in_which_parts_arrive_makes_no_other_file(history_folder, fresh_sandbox):
    sandbox = fresh_sandbox(devices=12, seed=7, now=NOW.isoformat(), latency=0.06, page_size=90)
    alone = connected(sandbox, parallel=1).record(["software"], now=NOW, progress="none")
    ninja = connected(sandbox, parallel=8)
    ninja._source.page_sizes["software"] = 90

    together = ninja.record(["software"], now=NOW, progress="none")

    assert alone.tables["software"].about["parts"] == 1
    assert together.tables["software"].about["parts"] > 1
    assert together.tables["software"].file == alone.tables["software"].file


@given(st.permutations(range(9)), st.lists(st.integers(1, 8), max_size=4))
def test_rows_in_any_parts_make_the_same_file(order, cuts):
    rows = pa.table({"device_id": [0, 0, 1, 2, 2, 2, None, None], "word": list("aabbcdea")})
    schema = pa.schema(
        [("device_id", pa.int64()), ("word", pa.dictionary(pa.int32(), pa.string()))]
    )
    whole = rows.cast(schema)
    of_device = {one: rows.filter(pc.equal(rows["device_id"], one)) for one in (0, 1, 2)}
    parts = [of_device[one] for one in order if one in of_device] + [rows.slice(6)]
    came = pa.concat_tables(parts).combine_chunks().cast(schema).to_batches()[0]
    bounds = sorted({0, *cuts, 8})
    batches = [came.slice(a, b - a) for a, b in itertools.pairwise(bounds)]

    with drafted(batches, schema, "device_id") as one, drafted(whole.to_batches(), schema) as other:
        assert one.digest == other.digest


@pytest.mark.parametrize("name", ["integrity_check_jobs", "alerts"])
def test_a_table_without_rows_is_recorded_as_such(history_folder, fresh_sandbox, name):
    ninja = connected(fresh_sandbox(devices=3, now=NOW.isoformat()))
    pulled = ninja.table(name, progress="none")
    taken = ninja.record([name], now=NOW, progress="none")

    then = ninja.as_of().table(name)

    assert taken.tables[name].rows == 0
    pd.testing.assert_frame_equal(then, pulled)
    assert len(ninja.history(name)) == 0


@pytest.mark.parametrize("kind", ["403", "404"])
def test_a_table_that_is_not_there_is_left_out_and_named(recorder, kind):
    recorder.sandbox.fault(kind, path="/v2/queries/software", times=50)

    taken = recorder.record(SMALL, progress="none")

    assert set(taken.tables) == {"organizations", "devices"}
    assert list(taken.problems) == ["software"]
    assert "software: " in recorder.history.snapshots["problems"].iloc[0]
    with pytest.raises(NotAvailableError, match="software was not recorded"):
        recorder.as_of().table("software")
    assert len(recorder.as_of().table("devices")) == 6


def test_a_table_that_breaks_for_good_is_left_out_and_named(history_folder, fresh_sandbox):
    ninja = connected(fresh_sandbox(devices=40, now=NOW.isoformat(), page_size=50), parallel=1)
    ninja.sandbox.fault("500", path="/v2/queries/software", times=500, after=3)

    taken = ninja.record(SMALL, progress="none")

    assert set(taken.tables) == {"organizations", "devices"}
    assert "resume" not in taken.problems["software"]
    assert data_files(ninja, "software") == []
    assert ninja.history.verify().empty


def test_a_pull_that_breaks_off_is_gone_on_with(history_folder, fresh_sandbox):
    ninja = connected(fresh_sandbox(devices=40, now=NOW.isoformat(), page_size=50), parallel=1)
    ninja.sandbox.fault("500", path="/v2/queries/software", times=6, after=3)

    taken = ninja.record(["software"], progress="none")

    assert taken.problems == {}
    assert taken.rows == len(ninja.sandbox.truth("software"))


def test_nothing_at_all_is_the_error_and_no_snapshot(recorder):
    recorder.sandbox.fault("403", path="/v2/queries/software", times=50)

    with pytest.raises(NotAvailableError):
        recorder.record(["software"], progress="none")

    assert recorder.history.snapshots.empty
    assert log_files(recorder) == []


def test_a_full_disk_is_one_sentence_and_no_snapshot(recorder):
    recorder.record(SMALL, now=NOW, progress="none")
    full = """
import resource, ninja_analytics.errors
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    ninja.record(["organizations", "devices", "os_patches"], progress="none")
except na.errors.HistoryError as error:
    print(error)
"""
    told = ended(elsewhere(full, recorder.sandbox)).strip()

    assert "File too large" in told
    assert told.count("\n") == 0
    assert len(recorder.history.snapshots) == 1
    assert recorder.history.verify().empty


READ_ONLY = """
import os, pathlib, ninja_analytics.errors
ninja.record(["organizations"], now="2026-11-20", progress="none")
root = pathlib.Path(os.environ["NINJA_HISTORY"])
for one in sorted(root.rglob("*"), reverse=True):
    one.chmod(0o555 if one.is_dir() else 0o444)
root.chmod(0o555)
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write everywhere
for names in (["organizations"], ["roles"]):
    try:
        ninja.record(names, progress="none")
    except ninja_analytics.errors.HistoryError as error:
        print(error)
assert len(ninja.as_of().table("organizations")) > 0
for one in (root, *root.glob("*")):
    os.seteuid(os.getuid())
    one.chmod(0o000)
    if os.getuid() == 0:
        os.seteuid(65534)
try:
    ninja.history.snapshots
except ninja_analytics.errors.HistoryError as error:
    print(error)
os.seteuid(os.getuid())
for one in (root, *root.glob("*")):
    one.chmod(0o700)
print(len(ninja.history.snapshots), ninja.history.verify().empty)
"""


def test_a_folder_that_may_not_be_written_is_one_sentence_and_no_snapshot(recorder):
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        running = elsewhere(READ_ONLY, recorder.sandbox, NINJA_HISTORY=str(folder / "h"))
        *refused, unread, left = ended(running).splitlines()
    finally:
        shutil.rmtree(folder)

    assert len(refused) == 2
    assert all("cannot be written to (PermissionError" in one for one in refused)
    assert "cannot be read (PermissionError" in unread
    assert left == "1 True"


def test_a_file_in_the_place_of_the_folder_is_one_sentence(recorder, history_folder):
    history_folder.write_text("not a folder")

    with pytest.raises(HistoryError, match=r"cannot be (read|written to)"):
        recorder.record(["roles"], progress="none")


def test_a_snapshot_tells_of_devices_that_moved_meanwhile(recorder, monkeypatch):
    pulled = recorder.table

    def later(name, **options):
        data = pulled(name, **options)
        data.loc[0, "organization_id"] = 999
        return data.drop(index=1).assign(
            device_id=lambda rows: rows["device_id"].replace(rows["device_id"].iloc[-1], 9999)
        )

    monkeypatch.setattr(recorder, "table", later)

    taken = recorder.record(["devices"], progress="none")

    assert taken.moved == {"came": 1, "went": 2, "moved": 1}


def test_no_secret_is_in_any_file(recorder):
    client = recorder.sandbox.clients["api-services"]
    recorder.record(now=NOW, progress="none")
    secrets = [client.client_secret, recorder._keeper.access_token()]

    for path in Path(recorder.history.folder.url).rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".parquet":
            data += "".join(map(str, pq.read_table(path).to_pylist())).encode()
        assert not any(secret.encode() in data for secret in secrets), path
