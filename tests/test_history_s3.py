"""A history at an address: a server of the S3 protocol on this machine, and nothing beyond it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pandas as pd
import pytest

from ninja_analytics.errors import HistoryError, HistoryWarning
from ninja_analytics.history import Folder, keeping
from tests.histories import NOW, assert_same, connected, elsewhere, ended, everything
from tests.workers import workers

pytest.importorskip(
    "s3fs",
    reason='without s3fs no history in a bucket is tested; to run this: pip install "ninja-analytics[s3]"',
)
pytest.importorskip(
    "moto.server",
    reason="without moto there is no S3 server to test against; to run this: pip install 'moto[server]'",
)

KEY, SECRET = "AKIAINVENTEDINVENTED", "invented-secret-of-nobody-0123456789"
_SERVER = """
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def serving():
    """The address of a server with a bucket, and the process that is the server."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        request = urllib.request.Request(f"{url}/histories", method="PUT")
        urllib.request.urlopen(request).close()
        yield url, process
    finally:
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait(10)


@pytest.fixture(scope="module")
def store():
    """The address of a server with a bucket."""
    with serving() as (url, _):
        yield url


@pytest.fixture
def bucket(store, monkeypatch, tmp_path):
    """The address of a folder of its own in the bucket, which this process may use."""
    import s3fs

    told = {
        "AWS_ENDPOINT_URL": store, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NINJA_HISTORY": f"s3://histories/{tmp_path.name}",
    }  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    yield told["NINJA_HISTORY"]
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def distant(bucket, fresh_sandbox):
    """A connection whose history is in the bucket."""
    return connected(fresh_sandbox(devices=3, now=NOW.isoformat()))


def three(ninja):
    """Three snapshots over two months."""
    for late, when in ((30, "2026-09-01"), (20, "2026-09-02"), (0, NOW)):
        ninja.sandbox.switch(late_activities=late)
        ninja.record(["organizations", "activities"], now=when, since="2026-08-25", progress="none")


def test_a_history_in_a_bucket_is_as_one_on_the_disk(distant, tmp_path, monkeypatch):
    three(distant)
    far = {name.partition(" ")[2] or name: data for name, data in everything(distant).items()}
    asked = "select organization_name, count(*) as n from organizations_history where snapshot_at > '2026-09-01' group by all order by all"
    told = distant.sql(asked)
    assert distant.history.folder.url.startswith("s3://histories/")
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path / "near"))
    three(distant)

    near = {name.partition(" ")[2] or name: data for name, data in everything(distant).items()}

    assert_same(far, near)
    pd.testing.assert_frame_equal(told, distant.sql(asked))


def test_workers_in_other_processes_read_from_the_bucket(distant):
    three(distant)
    distant.record(["software"], now=NOW, progress="none")
    history = distant.history
    with workers(2) as client:
        events = history.dask("activities")["activity_id"].compute()
        installs = history.trend("installs", engine="dask", client=client)

    assert sorted(events) == sorted(history("activities")["activity_id"])
    pd.testing.assert_frame_equal(installs, history.trend("installs", engine="pandas"))
    assert installs["rows"].sum() == len(history("software"))


def test_a_bucket_is_thinned_out_folded_and_swept(distant):
    three(distant)
    folder = distant.history.folder
    before = everything(distant)
    files = folder.names()

    fewer = distant.history.compact(now=NOW)
    keeping.sweep(folder, now=NOW.timestamp() + 10_000 * keeping.GRACE)

    assert_same(before, everything(distant))
    assert len(folder.names()) == len(files) - fewer
    assert len(distant.history.prune({"months": 2}, now=NOW)) == 1
    keeping.sweep(folder, now=NOW.timestamp() + 10_000 * keeping.GRACE)
    assert distant.history.verify().empty
    assert_same({"": before["activities"]}, {"": distant.history("activities")})


def test_damage_in_a_bucket_is_named(distant):
    three(distant)
    folder = distant.history.folder
    first, second = folder.names("table=activities")[:2]
    folder.put(first, folder.read(first)[:-50])
    folder.remove(second)

    told = distant.history.verify()

    assert dict(zip(told["file"], told["problem"], strict=True)) == {
        first: "damaged",
        second: "missing",
    }
    with pytest.raises(HistoryError, match=f"{first} is damaged|{second} is missing"):
        distant.as_of().table("activities")
    assert len(distant.as_of().table("organizations")) > 0
    name = next(one for one in folder.names("log"))
    folder.put(name, b"{}")
    with pytest.warns(HistoryWarning, match=name):
        assert len(distant.history.snapshots) == 2


def test_two_processes_record_in_one_bucket(distant):
    program = "print(ninja.record(['organizations', 'activities'], progress='none').id)"
    running = [elsewhere(program, distant.sandbox) for _ in range(2)]

    ids = [ended(one).strip() for one in running]

    assert distant.history.snapshots["snapshot"].tolist() == sorted(ids)
    assert not distant.history("activities").duplicated("activity_id").any()


def test_a_folder_in_a_bucket_can_be_given_to_another_process(bucket):
    import pickle

    folder = Folder(bucket)
    folder.put("a/b.txt", b"here")

    assert pickle.loads(pickle.dumps(folder)).read("a/b.txt") == b"here"
    assert SECRET.encode() not in pickle.dumps(folder)
    assert folder.names() == ["a/b.txt"]
    assert folder.names("none") == []
    with pytest.raises(FileNotFoundError):
        folder.read("a/c.txt")
    folder.remove("a/c.txt")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"NINJA_HISTORY": "s3://no-such-bucket/x"}, "bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "[Cc]redentials"),
    ],
    ids=["no bucket", "nobody there", "no credentials"],
)
def test_what_a_store_refuses_is_one_sentence(distant, monkeypatch, changed, why):
    for name, value in changed.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(HistoryError, match=why) as caught:
        distant.record(["organizations"], progress="none")

    told = str(caught.value)
    assert "\n" not in told
    assert "cannot be" in told
    assert "run this again" in told
    assert SECRET not in told
    assert KEY not in told


def test_a_store_that_goes_away_is_no_damage(distant, monkeypatch):
    import s3fs

    with serving() as (url, process):
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        s3fs.S3FileSystem.clear_instance_cache()
        distant.record(["organizations", "activities"], now=NOW, progress="none")
        history, past = distant.history, distant.as_of()
        assert len(history.sql("select * from organizations_history")) > 0
        process.kill()
        process.wait(10)

        for read in (
            lambda: past.table("organizations"),
            lambda: past.table("activities"),
            lambda: history("organizations"),
            lambda: history.sql("select * from organizations_history"),
            history.verify,
            lambda: history.record(["activities"], progress="none"),
        ):
            with pytest.raises(HistoryError, match=r"cannot be read .*run this again") as caught:
                read()
            assert "damaged" not in str(caught.value)


@pytest.fixture
def strict(store):
    """The same server, which now looks at credentials and knows none."""

    def unlooked(count):
        request = urllib.request.Request(
            f"{store}/moto-api/reset-auth", data=str(count).encode(), method="POST",
            headers={"Content-Type": "text/plain"},
        )  # fmt: skip
        urllib.request.urlopen(request).close()

    unlooked(0)
    yield store
    unlooked(1_000_000)


def test_wrong_credentials_are_one_sentence_without_them(distant, strict):
    with pytest.raises(HistoryError, match=r"cannot be (read|written to).*credentials") as caught:
        distant.record(["organizations"], progress="none")

    for text in (str(caught.value), repr(distant.history), repr(distant.history.folder)):
        assert SECRET not in text
        assert KEY not in text


@pytest.mark.parametrize(
    "url", ["s3://AKIA:hush-hush@histories/x", "abfs://me:hush-hush@place/x", "s3://histories/x?secret=hush-hush"]
)  # fmt: skip
def test_credentials_in_an_address_are_refused_and_not_shown(url):
    with pytest.raises(HistoryError, match="Leave them out") as caught:
        Folder(url)

    assert "hush" not in str(caught.value)


def test_the_container_of_an_address_is_no_credential():
    assert repr(Folder("abfs://box@account.dfs.core.windows.net/x")) == (
        "<Folder abfs://box@account.dfs.core.windows.net/x>"
    )


@pytest.mark.parametrize(
    ("url", "told"),
    [("abfs://box/x", r"pip install adlfs"), ("gs://box/x", r"pip install gcsfs"), ("nonsense://x/y", "no kind of address")],
)  # fmt: skip
def test_a_package_that_is_missing_is_one_sentence_with_the_command(url, told):
    with pytest.raises(HistoryError, match=told) as caught:
        Folder(url).names()

    assert "\n" not in str(caught.value)
