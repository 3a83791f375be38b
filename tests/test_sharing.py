"""Frames for others: what is hidden, what stays, and that nothing slips through."""

from __future__ import annotations

import json
import os
import re
import stat

import pandas as pd
import pytest

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import UsageError
from ninja_analytics.sharing import shared
from ninja_analytics.sharing.about import whose_id
from ninja_analytics.sharing.fates import fate

KEY = "a key for the tests"


def _lists(table: Table) -> list[str]:
    return [f"{table.name}.{column.name}" for column in table.columns if column.columns]


OF = [name for table in TABLES.values() for name in (table.name, *_lists(table))]


@pytest.mark.parametrize("of", OF)
def test_every_column_is_known_to_be_about_something(of):
    table, _, part = of.partition(".")
    columns = TABLES[table].column(part).columns if part else TABLES[table].columns

    unknown = [column.name for column in columns if fate(of, column.name) is None]

    assert unknown == [], (
        "say in sharing/about.py what these are about; until then share() drops them"
    )


def test_shared_frames_still_merge_as_before(ninja):
    volumes, devices = (ninja.table(one).ninja.with_names() for one in ("volumes", "devices"))
    plain = volumes.merge(devices[["device_id", "node_class"]], on="device_id")
    merged = shared(volumes, key=KEY).merge(
        shared(devices, key=KEY)[["device_id", "node_class"]], on="device_id"
    )

    assert merged["node_class"].tolist() == plain["node_class"].tolist()
    names = dict(zip(devices["device_id"], shared(devices, key=KEY)["device_name"], strict=True))
    told = shared(volumes, key=KEY)["device_name"]
    assert told.dropna().tolist() == volumes["device_id"].map(names).dropna().tolist()


def test_the_same_name_has_the_same_alias_in_whatever_spelling_and_another_for_another_key():
    frame = pd.DataFrame({"organization_name": ["Heron Ltd", " HERON LTD ", "Kite GmbH", None]})

    one, other = (shared(frame, key=key)["organization_name"] for key in (KEY, "another key here"))

    assert one[0] == one[1] != one[2]
    assert re.fullmatch(r"Organization [0-9A-Z]{4}-[0-9A-Z]{4}", one[0])
    assert one.isna().tolist() == [False, False, False, True]
    assert not set(one.dropna()) & set(other.dropna())


def test_equal_texts_about_different_things_have_different_aliases():
    frame = pd.DataFrame({"organization_name": ["Heron"], "device_name": ["Heron"]})
    ids = pd.DataFrame(
        {"organization_id": pd.array([7], "Int64"), "device_id": pd.array([7], "Int64")}
    )

    answer, numbers = shared(frame, key=KEY), shared(ids, key=KEY)

    assert answer.iloc[0, 0].split()[1] != answer.iloc[0, 1].split()[1]
    assert numbers.iloc[0, 0] != numbers.iloc[0, 1]


def test_an_own_key_is_made_once_and_is_private(home):
    frame = pd.DataFrame({"device_name": ["QUAY-1"]})

    first, second = shared(frame), shared(frame)

    assert first.equals(second)
    file = home / "share.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name != "posix"
    secret = file.read_text()
    assert secret not in json.dumps(first.attrs) + first.to_csv()
    file.unlink()
    assert not shared(frame).equals(first)


@pytest.mark.skipif(
    os.name != "posix", reason="Windows has no file modes; to run this, use Linux or macOS"
)
def test_a_key_that_others_can_read_is_refused(home):
    shared(pd.DataFrame({"device_name": ["QUAY-1"]}))
    (home / "share.key").chmod(0o644)

    with pytest.raises(UsageError, match="chmod 600"):
        shared(pd.DataFrame({"device_name": ["QUAY-1"]}))


@pytest.mark.parametrize("key", ["", "short", 7])
def test_a_key_that_can_be_guessed_is_refused(key):
    with pytest.raises(UsageError, match="12 characters"):
        shared(pd.DataFrame({"a": [1]}), key=key)


def test_an_empty_key_file_is_not_taken_for_a_key(home):
    home.mkdir()
    (home / "share.key").touch(mode=0o600)

    with pytest.raises(UsageError, match="holds no key"):
        shared(pd.DataFrame({"a": [1]}))


def test_columns_that_no_table_has_are_left_out_unless_asked_for():
    frame = pd.DataFrame(
        {"device_name": ["QUAY-1"], "door code": [4711], "nickname": ["Heron"], "share_free": [0.5]}
    )

    answer = shared(frame, key=KEY, keep=["share_free"])

    assert list(answer) == ["device_name", "share_free"]
    assert answer.attrs["ninja"]["dropped_unknown"] == 2
    assert "door" not in json.dumps(answer.attrs)
    with pytest.raises(UsageError, match="share_fre"):
        shared(frame, key=KEY, keep="share_fre")


def test_a_text_under_the_name_of_a_number_is_left_out():
    frame = pd.DataFrame({"free_bytes": ["Heron"], "device_id": ["QUAY-1"], "offline": [True]})

    assert list(shared(frame, key=KEY)) == ["offline"]


def test_names_in_the_index_and_among_the_columns_are_seen():
    frame = pd.DataFrame(
        {"organization_name": ["Heron", "Kite"], "free_bytes": [1, 2], "node_class": ["MAC", "MAC"]}
    )
    sums = frame.groupby("organization_name")[["free_bytes"]].sum()

    answer = shared(sums, key=KEY)

    assert list(answer) == ["organization_name", "free_bytes"]
    assert "Heron" not in answer.to_csv()
    assert "Heron" not in shared(frame.set_index(["organization_name"]), key=KEY).to_csv()
    unnamed = frame[["free_bytes"]].set_axis(pd.Index(["Heron", "Kite"]))
    assert "Heron" not in shared(unnamed, key=KEY).to_csv()
    with pytest.raises(UsageError, match="themselves data"):
        shared(frame.pivot_table(index="node_class", columns="organization_name"), key=KEY)
    with pytest.raises(UsageError, match="themselves data"):
        shared(frame.pivot(columns="organization_name", values="free_bytes"), key=KEY)


def test_a_word_that_no_row_has_any_more_is_not_in_the_categories():
    frame = pd.DataFrame(
        {"domain": pd.Categorical(["HERON", "KITE"]), "node_class": pd.Categorical(["MAC", "X"])}
    )

    answer = shared(frame.head(1), key=KEY)

    assert answer["node_class"].cat.categories.tolist() == ["MAC"]
    assert answer["domain"].tolist()[0].startswith("Domain ")


def test_a_column_that_came_from_another_table_is_taken_at_its_strictest():
    merged = pd.DataFrame({"name": ["Heron's disk"], "node_class": ["MAC"], "path": ["C:\\Heron"]})

    answer = shared(merged, key=KEY)

    assert list(answer) == ["name", "node_class"]
    assert answer["name"][0].startswith("Volume ")


def test_ids_are_told_apart_by_whose_they_are():
    assert whose_id("device_id") == whose_id("parent_device_id") == "device"
    assert whose_id("role_policy_id") == whose_id("parent_policy_id") == "policy"
    assert whose_id("role_id") == "role"
    assert whose_id("technician_id") == whose_id("user_id") == "user"
    assert whose_id("ticket_template_id") == "template"
    assert whose_id("user_role_ids") == "user_role"
    assert whose_id("organization_reference_id") == "organization"
    assert whose_id("of_entity_id") == whose_id("related_entity_id") == "entity"
    assert whose_id("mystery_id") == "mystery"


def test_ids_in_lists_have_the_same_numbers_as_elsewhere(ninja):
    users = ninja.table("users")
    assigned = shared(users, key=KEY)["assigned_device_ids"]
    members = shared(ninja.table("users", part="assigned_device_ids"), key=KEY)
    devices = shared(ninja.table("devices"), key=KEY)["device_id"]

    numbers = {number for cell in assigned.dropna() for number in cell}

    assert len(numbers) > 3
    assert numbers == set(members["assigned_device_ids"])
    assert numbers <= set(devices)
    assert assigned.dtype == users["assigned_device_ids"].dtype


def test_lists_of_objects_are_left_out_and_can_be_shared_as_rows(ninja):
    answer = ninja.table("devices_detailed").ninja.share(key=KEY)
    volumes = ninja.table("devices_detailed", part="volumes").ninja.share(key=KEY)

    assert {"volumes", "processors", "notes"} <= set(answer.ninja.source["dropped"])
    assert volumes.ninja.source["part"] == "volumes"
    assert volumes["name"].str.startswith("Volume ").all()
    assert set(volumes["file_system"].dropna()) >= {"NTFS"}
    assert volumes.ninja.source["dropped"] == ["label"]
    of_table = ninja.table("volumes").ninja.share(key=KEY)
    assert set(volumes["name"]) <= set(of_table["name"])


@pytest.mark.filterwarnings("ignore::ninja_analytics.errors.DriftWarning")
def test_custom_fields_are_left_out_whatever_they_are_called_unless_kept(ninja):
    wide = ninja.table("custom_fields", shape="wide", names=["device"]).assign(model="Heron")
    fields = [name for name in wide if name not in ("device_id", "device_name")]

    answer = wide.ninja.share(key=KEY)
    kept = wide.ninja.share(key=KEY, keep=[fields[0]])

    assert list(answer) == ["device_id", "device_name"]
    assert answer["device_name"].dropna().str.startswith("Device ").all()
    assert answer.ninja.source["dropped_unknown"] == len(fields) > 10
    assert kept[fields[0]].equals(wide[fields[0]])


def test_the_values_of_custom_fields_as_rows_are_left_out_and_their_names_are_aliases(ninja):
    answer = ninja.table("custom_fields", shape="long").ninja.share(key=KEY)
    definitions = ninja.table("custom_field_definitions").ninja.share(key=KEY)

    assert list(answer) == ["device_id", "field_name", "type"]
    assert answer.ninja.source["dropped"] == ["label", "value"]
    assert set(answer["field_name"]) <= set(definitions["field_name"])


def test_a_field_that_ninjaone_has_added_is_left_out_whatever_its_name():
    frame = pd.DataFrame({"device_name": ["QUAY-1"], "model": ["Heron's own"], "version": [7]})
    drift = {"unknown": {"model": "model", "aVersion": "version"}, "retyped": {}}
    frame.attrs["ninja"] = {"table": "locations", "drift": drift}

    answer = shared(frame, key=KEY)

    assert list(answer) == ["device_name"]
    assert answer.attrs["ninja"]["dropped_unknown"] == 2


def test_where_nobody_knows_what_a_table_has_no_word_counts_as_plain(ninja):
    licenses = ninja.table("software_licenses").ninja.share(key=KEY)
    paged = ninja.table("custom_field_definitions_paged").ninja.share(key=KEY)

    assert {"type", "publisher_name", "vendor_name"} <= set(licenses.ninja.source["dropped"])
    assert licenses["license_name"].str.startswith("Name ").all()
    assert "type" not in paged
