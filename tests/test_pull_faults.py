"""Any mix of faults on any kind of paging: the truth, or an error that says what is missing."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ninja_analytics as na
from ninja_analytics.errors import DriftWarning, IncompleteError, NinjaError
from ninja_analytics.sandbox import Sandbox
from tests.conftest import api_services
from tests.pulls import asked, connected

KEYS = {
    "software": {"device_id": "deviceId", "name": "name", "version": "version", "path": "location"},
    "volumes": {"device_id": "deviceId", "name": "name", "serial_number": "serialNumber"},
    "devices": {"device_id": "id"},
    "activities": {"activity_id": "id"},
    "network_interfaces": {"device_id": "deviceId", "interface_index": "interfaceIndex"},
}
# A value of another type may be mended or missing, so rows are told by what the faults leave alone.
SOFT = {"software": ("path", "version"), "volumes": ("serial_number",), "network_interfaces": ()}
# Few of the activities, lest it take long.
PARAMETERS = {"activities": {"activity_class": "USER"}}
KINDS = ("drop", "cut", "429", "502", "html", "forget-cursors", "wrong-type", "unknown-field")


@pytest.fixture(scope="module")
def tenant():
    """A small fleet of its own, and a connection to it; waits between tries are short."""
    with Sandbox(devices=12, seed=11) as running, pytest.MonkeyPatch.context() as patch:
        quick = SimpleNamespace(uniform=lambda *_: 0.004)
        patch.setattr("ninja_analytics.retries.random", quick)
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        yield running


@pytest.fixture(scope="module")
def conn(tenant, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NINJA_HOME", str(tmp_path_factory.mktemp("faults")))
        return na.connect(**api_services(tenant))


class Truths(dict):
    """The keys of the rows that there are, by table."""

    def __repr__(self):
        return "<the truth>"


@pytest.fixture(scope="module")
def truths(tenant):
    """What there is, by table, and how often."""
    asks = {"activities": {"class": "USER"}}
    return Truths(
        (name, Counter(keys_of(tenant.truth(name, **asks.get(name, {})), name))) for name in KEYS
    )


def keys_of(rows, name):
    fields = [field for one, field in KEYS[name].items() if one not in SOFT.get(name, ())]
    return [tuple(str(row.get(field)) for field in fields) for row in rows]


def keys(frame, name):
    columns = [one for one in KEYS[name] if one not in SOFT.get(name, ())]
    rows = frame[columns].astype("object").where(frame[columns].notna(), None)
    return Counter(tuple(map(str, row)) for row in rows.itertuples(index=False))


FAULTS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "after": st.integers(0, 8),
            "times": st.sampled_from((1, 1, 1, 2, 4, 9)),
            "seconds": st.just(0.01),
            "loses": st.booleans(),
        }
    ),
    max_size=5,
)
SWITCHES = st.fixed_dictionaries(
    {
        "cursor_offset": st.sampled_from(("end", "start", "none")),
        "cursor_end": st.sampled_from(
            ("empty-name", "missing", "null", "empty-object", "empty-page")
        ),
        "cursor_keeps_place": st.booleans(),
        "latency": st.sampled_from((0.0, 0.0, 0.0, 0.0, 0.03)),
        "larger_page": st.sampled_from(("refuse", "fewer")),
        "largest_page": st.sampled_from((None, 1000)),
        "interface_pages": st.sampled_from(("rows", "devices")),
    }
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(switches=SWITCHES, pages=st.sampled_from((1, 4, 9)), faults=FAULTS, resume=st.booleans())
@pytest.mark.parametrize("name", ["software", "volumes", "devices", "activities"])
def test_a_pull_is_the_truth_or_says_what_is_missing(
    tenant, conn, truths, name, switches, pages, faults, resume
):
    path = na.catalog.TABLES[name].path
    size = sum(truths[name].values()) // pages + 1
    conn._source.page_sizes[name] = max(size, 10)  # so that a small fleet is split, too
    faults = [one | {"path": path} for one in faults]
    tenant.switch(**switches, page_size=size, faults=faults)
    options = PARAMETERS.get(name, {}) | {"resume": resume}
    try:
        outcome = pulled(tenant, conn, truths, name, options)
    finally:
        tenant.switch(faults=[], latency=0)
    assert keys(outcome, name) == truths[name]
    assert outcome.attrs["ninja"]["complete"] is True


def pulled(tenant, conn, truths, name, options):
    """The whole frame, by way of `resume` if need be; what came before is looked at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)
        try:
            return conn.table(name, **options)
        except IncompleteError as error:
            partial = error.partial
            assert not keys(partial, name) - truths[name]
            assert partial.attrs["ninja"]["complete"] is False
            tenant.switch(faults=[], latency=0)
            return error.resume()
        except NinjaError:  # nothing had come
            tenant.switch(faults=[], latency=0)
            return conn.table(name, **options)


@pytest.mark.parametrize("end", ["empty-name", "empty-page", "missing"])
@pytest.mark.parametrize("offset", ["end", "start", "none"])
def test_a_last_page_that_is_full_and_lost_on_its_way_is_missed(tenant, conn, truths, offset, end):
    """What comes after it is empty, and its offset looks as if it came after the page before."""
    count = sum(truths["volumes"].values())
    half = next(size for size in range(count // 2, 0, -1) if count % size == 0)
    path = "/v2/queries/volumes"
    tenant.switch(
        cursor_keeps_place=True, cursor_offset=offset, cursor_end=end, page_size=half, latency=0,
        faults=[{"kind": "drop", "path": path, "after": count // half - 1}],
    )  # fmt: skip

    frame = conn.table("volumes")

    assert keys(frame, "volumes") == truths["volumes"]
    assert frame.attrs["ninja"]["restarts"] == 1


@pytest.mark.parametrize("end", ["empty-name", "empty-page", "missing"])
@pytest.mark.parametrize("offset", ["end", "start", "none"])
@pytest.mark.parametrize("counts", ["rows", "devices"])
def test_interfaces_come_whole_whatever_a_page_of_them_counts(
    tenant, conn, truths, counts, offset, end
):
    tenant.switch(
        interface_pages=counts, cursor_offset=offset, cursor_end=end, page_size=4,
        cursor_keeps_place=True, latency=0,
    )  # fmt: skip
    for fault in (None, "drop"):
        if fault:
            tenant.fault(fault, path="/v2/queries/network-interfaces", after=2)

        frame = conn.table("network_interfaces")

        assert keys(frame, "network_interfaces") == truths["network_interfaces"]
        assert frame.attrs["ninja"]["restarts"] == int(bool(fault))


def test_a_last_page_that_came_while_another_part_broke_is_not_begun_again(tenant, truths, home):
    """What was stopped behind its last page must not ask on with an empty cursor."""
    conn = connected(tenant)
    tenant.switch(cursor_offset="none", cursor_end="empty-name", page_size=None, latency=0.02)
    path = na.catalog.TABLES["software"].path
    for after in range(1, 6):
        tenant.switch(faults=[{"kind": "500", "path": path, "after": after, "times": 60}])
        try:
            frame = conn.table("software", resume=True)
        except IncompleteError as error:
            tenant.switch(faults=[])
            frame = error.resume()
        except NinjaError:
            continue
        assert keys(frame, "software") == truths["software"]
    tenant.switch(faults=[], latency=0)


def test_a_fleet_that_cannot_be_looked_up_costs_the_parts_and_not_the_rows(fresh_sandbox, home):
    tenant = fresh_sandbox(devices=60, seed=7)
    tenant.switch(page_size=500, latency=0.06)
    tenant.fault("403", path="/v2/devices", times=200)

    frame = connected(tenant).table("software")

    assert len(frame) == len(tenant.truth("software"))
    assert frame.attrs["ninja"]["parts"] == 1
    assert len(connected(tenant).table("software", resume=True)) == len(frame)


def test_parts_that_cannot_be_held_against_the_fleet_are_kept_until_they_can(fresh_sandbox, home):
    tenant = fresh_sandbox(devices=60, seed=7)
    conn = connected(tenant)
    real = conn._source.lookups.frame
    conn.lookup("devices")
    asked_for = []

    def forgetful(name, get):
        asked_for.append(name)
        if len(asked_for) == 2:
            conn._source.lookups.forget()
            tenant.fault("500", path="/v2/devices", times=30)
        return real(name, get)

    object.__setattr__(conn._source, "lookups", SimpleNamespace(**_of(conn, forgetful)))
    with pytest.raises(IncompleteError, match="arrived") as caught:
        conn.table("software", resume=True)

    tenant.switch(faults=[])
    tenant.forget_requests()
    assert len(caught.value.partial) == len(tenant.truth("software"))
    whole = caught.value.resume()
    assert len(whole) == len(caught.value.partial)
    assert whole.attrs["ninja"]["complete"] is True
    assert not asked(tenant, "/v2/queries/software")


def _of(conn, frame):
    lookups = conn._source.lookups
    return {"frame": frame, "has": lookups.has, "forget": lookups.forget}


def test_what_a_mix_of_faults_leaves_on_the_disk_is_json_or_rows(tenant, conn):
    """The folders of broken pulls hold nothing that could be misread."""
    folder = conn._source.folder
    for one in folder.glob("*/*.json"):
        check, text = json.loads(one.read_bytes())
        assert len(check) == 8
        assert isinstance(json.loads(text), dict)
