from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.catalog import TABLES
from ninja_analytics.changes import NOISY, NOISY_IN, changes, noisy_columns, observed_column
from ninja_analytics.errors import UnknownNameError, UsageError
from tests.made_frames import NOW, typed

BEFORE = NOW - pd.Timedelta(days=7)


def devices(*rows):
    return typed("devices", [{"last_update_at": NOW, **row} for row in rows])


def systems(*rows):
    return typed("operating_systems", list(rows))


def ids(frame):
    return list(frame["device_id"])


def test_every_row_is_added_removed_changed_not_observed_or_unchanged():
    opening = devices(
        {"device_id": 1},
        {"device_id": 2, "system_name": "old", "last_update_at": BEFORE},
        {"device_id": 3, "last_update_at": BEFORE},
        {"device_id": 4, "last_update_at": BEFORE},
    )
    closing = devices(
        {"device_id": 5},
        {"device_id": 4},
        {"device_id": 3, "last_update_at": BEFORE},
        {"device_id": 2, "system_name": "new", "organization_id": 7},
    )
    found = changes(opening, closing, "devices")

    assert ids(found.added) == [5]
    assert ids(found.removed) == [1]
    assert ids(found.changed_rows) == [2]
    assert ids(found.not_observed) == [3]
    assert ids(found.unchanged) == [4]
    assert found.changed.astype(object).where(found.changed.notna(), None).values.tolist() == [
        [2, "organization_id", None, "7"],
        [2, "system_name", "old", "new"],
    ]
    assert list(found.changed_rows["columns"]) == ["organization_id, system_name"]
    assert found.ledger.balances
    assert str(found.ledger) == "4 + 1 added − 1 removed = 4"


def test_frames_keep_their_columns_and_dtypes_in_every_part():
    opening, closing = devices({"device_id": 1}, {"device_id": 2}), devices({"device_id": 2})
    found = changes(opening, closing, TABLES["devices"])
    for part in (found.added, found.removed, found.unchanged, found.not_observed):
        pd.testing.assert_series_equal(part.dtypes, opening.dtypes)


@pytest.mark.parametrize("swap", [False, True])
def test_an_empty_side_is_all_added_or_all_removed(swap):
    full, none = devices({"device_id": 1}, {"device_id": 2}), devices()
    for empty in (none, pd.DataFrame()):
        sides = (empty, full) if swap else (full, empty)
        found = changes(*sides, "devices")
        assert found.counts == {
            "added": 2 * swap, "removed": 2 * (not swap), "changed": 0, "not_observed": 0,
            "unchanged": 0,
        }  # fmt: skip
        assert found.ledger.balances


def test_two_empty_frames_differ_in_nothing():
    found = changes(devices(), devices(), "devices")
    assert set(found.counts.values()) == {0}
    assert list(found.changed.columns) == ["device_id", "column", "before", "after"]
    assert list(found.changed_rows.columns) == ["device_id", "columns"]


def test_the_same_frame_twice_changes_nothing():
    frame = devices({"device_id": 1}, {"device_id": 1}, {"device_id": None}, {"device_id": 2})
    found = changes(frame, frame, "devices")
    assert found.counts["not_observed"] == 4
    assert found.ledger.balances


# -- doubles -----------------------------------------------------------------------------------


def test_doubled_keys_are_paired_by_what_they_hold_whatever_their_order():
    a, b = {"device_id": 1, "system_name": "a"}, {"device_id": 1, "system_name": "b"}
    found = changes(devices(a, b, b), devices(b, a, b), "devices")
    assert found.counts["not_observed"] == 3
    assert found.ledger.doubled_opening == found.ledger.doubled_closing == 1
    assert found.notes[0] == "1 key occurs more than once in the opening"


def test_a_doubled_key_with_one_row_left_on_each_side_has_changed():
    a, b, c = ({"device_id": 1, "system_name": name} for name in "abc")
    found = changes(devices(a, b), devices(c, a), "devices")
    assert found.changed[["before", "after"]].values.tolist() == [["b", "c"]]


def test_repeated_rows_that_all_changed_alike_are_paired():
    a, b = {"device_id": 1, "system_name": "a"}, {"device_id": 1, "system_name": "b"}
    found = changes(devices(a, a), devices(b, b), "devices")
    assert len(found.changed_rows) == 2
    assert found.ledger.unpaired_opening == 0


def test_what_nothing_tells_apart_is_not_paired_and_the_ledger_says_so():
    a, b, c, d, e = ({"device_id": 1, "system_name": name} for name in "abcde")
    found = changes(devices(a, b), devices(c, d, e), "devices")
    assert set(found.counts.values()) == {0}
    assert (len(found.unpaired_opening), len(found.unpaired_closing)) == (2, 3)
    assert not found.ledger.balances
    assert "2 rows of the opening and 3 rows of the closing have a key" in found.notes[2]
    assert found.ledger.frame["rows"].tolist() == [2, 0, 0, 1, 3]
    assert "+ 1 doubled" in repr(found)


def test_a_repeat_that_appears_is_a_double_and_nothing_new():
    found = changes(
        devices({"device_id": 1}), devices({"device_id": 1}, {"device_id": 1}), "devices"
    )
    assert found.counts["added"] == 0
    assert not found.ledger.balances


def test_rows_without_a_key_are_told_apart_by_what_they_hold():
    names = [{"device_id": None, "system_name": name} for name in "abc"]
    found = changes(devices(*names), devices(*reversed(names)), "devices")
    assert found.counts["not_observed"] == 3
    assert pd.isna(changes(devices(names[0]), devices(names[1]), "devices").changed["device_id"][0])


def test_a_missing_part_of_a_key_is_equal_to_a_missing_one_and_to_no_word():
    def volume(name, letter):
        return {"device_id": 1, "name": name, "drive_letter": letter, "collected_at": NOW}

    opening = typed("volumes", [volume("a", None), volume("a", "C:")])
    closing = typed("volumes", [volume("a", "D:"), volume("a", None)])
    found = changes(opening, closing, "volumes")
    assert list(found.added["drive_letter"]) == ["D:"]
    assert list(found.removed["drive_letter"]) == ["C:"]
    assert found.counts["not_observed"] == 1


# -- values ------------------------------------------------------------------------------------


def told(before, after, column="system_name", table="devices"):
    """Before and after of one row with one column replaced by the given series."""
    frames = []
    for value in (before, after):
        frame = typed(table, [{TABLES[table].row_key[0]: 1}])
        frames.append(frame.assign(**{column: value}))
    found = changes(*frames, table, noisy=())
    return [(row.before, row.after) for row in found.changed.itertuples()]


def test_a_category_that_grew_and_text_of_the_same_words_are_no_change():
    small = pd.Series(["MAC"], dtype="category")
    grown = pd.Series(["MAC"], dtype=pd.CategoricalDtype(["NEW", "MAC"]))
    assert told(small, grown, "node_class") == []
    assert told(grown, pd.Series(["MAC"], dtype="str"), "node_class") == []
    assert told(grown, pd.Series(["MAC"], dtype=object), "node_class") == []
    other = pd.Series(["NEW"], dtype="category")
    assert told(grown, other, "node_class") == [("MAC", "NEW")]
    assert told(small, other, "node_class") == [("MAC", "NEW")]


def test_missing_against_a_value_is_a_change_and_stays_missing_as_text():
    none, text = pd.Series([None], dtype="str"), pd.Series([""], dtype="str")
    [(before, after)] = told(none, text)
    assert pd.isna(before)
    assert after == ""
    assert told(none, pd.Series([None], dtype=object)) == []


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (pd.Series([1], dtype="Int64"), pd.Series([1], dtype="int64"), True),
        (pd.Series([1], dtype="Int64"), pd.Series([1.0], dtype="Float64"), True),
        (pd.Series([0.0]), pd.Series([-0.0]), True),
        (pd.Series([float("nan")]), pd.Series([pd.NA], dtype="Float64"), True),
        (pd.Series([0.1 + 0.2]), pd.Series([0.3]), False),
        (pd.Series([2**60 + 1], dtype="Int64"), pd.Series([2**60], dtype="Int64"), False),
        (pd.Series([True]), pd.Series([True], dtype="boolean"), True),
        (pd.Series([True], dtype="boolean"), pd.Series([None], dtype="boolean"), False),
    ],
    ids=str,
)
def test_numbers_are_compared_as_numbers(before, after, same):
    assert (told(before, after, "parent_device_id") == []) is same


def test_times_are_compared_as_moments():
    utc = pd.Series([NOW])
    assert told(utc, utc.dt.tz_convert("Europe/Vienna"), "created_at") == []
    assert told(utc, utc.dt.as_unit("ns"), "created_at") == []
    later = told(utc, utc + pd.Timedelta("1s"), "created_at")
    assert later == [("2026-11-23 16:00:00 UTC", "2026-11-23 16:00:01 UTC")]


LISTS = [["a", "b"], ["a"], [], None, ["b", "a"], ["a", None], ["ab"]]


@pytest.mark.parametrize("one", range(len(LISTS)))
@pytest.mark.parametrize("other", range(len(LISTS)))
def test_lists_are_equal_if_they_hold_the_same_in_the_same_order(one, other):
    kind = typed("devices", [])["tags"].dtype
    before, after = (pd.Series([LISTS[at]], dtype=kind) for at in (one, other))
    assert (told(before, after, "tags") == []) is (one == other)
    assert (told(before, after.astype(object), "tags") == []) is (one == other)


def test_lists_of_objects_are_compared_by_their_members():
    kind = typed("devices_detailed", [])["notes"].dtype
    one, same, other = (
        pd.Series([[{"text": text}, {"text": "b"}]], dtype=kind) for text in ("a", "a", "c")
    )
    assert told(one, same, "notes", "devices_detailed") == []
    [(before, after)] = told(one, other, "notes", "devices_detailed")
    assert before == '{"text": "a"}, {"text": "b"}'
    assert after.startswith('{"text": "c"}')


def test_json_is_compared_by_what_it_says():
    one, same, other, broken = (
        pd.Series([text], dtype="str")
        for text in ('{"a":1,"b":[2]}', '{"b": [2], "a": 1}', '{"a":1,"b":[3]}', "{a")
    )
    assert told(one, same, "user_data") == []
    assert len(told(one, other, "user_data")) == 1
    assert told(one, broken, "user_data")[0][1] == "{a"
    assert len(told(one, same, "display_name")) == 1


def test_words_for_people_stand_before_and_after():
    yes = pd.Series([True], dtype="boolean")
    assert told(yes, ~yes, "offline") == [("yes", "no")]
    many, more = pd.Series([8589934592], dtype="Int64"), pd.Series([17179869184], dtype="Int64")
    found = told(many, more, "memory_bytes", "devices_detailed")
    assert found == [("8,589,934,592", "17,179,869,184")]
    assert told(many, more, "parent_device_id") == [("8589934592", "17179869184")]


# -- columns -----------------------------------------------------------------------------------


def test_every_noisy_column_is_one_of_the_catalogue():
    everywhere = {column.name for table in TABLES.values() for column in table.columns}
    assert set(NOISY) <= everywhere
    for name, columns in NOISY_IN.items():
        assert set(columns) <= {column.name for column in TABLES[name].columns}, name
        assert not set(columns) & set(TABLES[name].row_key), name
        assert not set(columns) & set(NOISY), name


def test_the_time_of_collection_is_a_noisy_column_of_its_table():
    for table in TABLES.values():
        assert not observed_column(table) or observed_column(table) in noisy_columns(table)
    assert observed_column(TABLES["software"]) == "collected_at"
    assert observed_column(TABLES["devices"]) == "last_update_at"
    assert observed_column(TABLES["alerts"]) == ""


def test_noisy_columns_are_left_out_unless_everything_is_asked_for():
    old = systems({"device_id": 1, "last_boot_at": BEFORE, "collected_at": BEFORE, "locale": "de"})
    new = systems({"device_id": 1, "last_boot_at": NOW, "collected_at": NOW, "locale": "en"})

    def columns(**asked):
        return list(changes(old, new, "operating_systems", **asked).changed["column"])

    assert columns() == ["locale"]
    assert columns(noisy=()) == ["locale", "last_boot_at", "collected_at"]
    assert columns(noisy=["locale", "collected_at"]) == ["last_boot_at"]
    assert columns(noisy="locale") == ["last_boot_at", "collected_at"]


def test_a_schema_that_grew_is_told_apart_and_changes_no_row():
    opening = systems({"device_id": 1, "collected_at": BEFORE}).drop(columns=["locale"])
    closing = systems({"device_id": 1, "collected_at": NOW, "locale": "de"})
    found = changes(opening, closing.drop(columns=["name"]), "operating_systems")
    assert found.counts["unchanged"] == 1
    assert (found.columns_added, found.columns_removed) == (("locale",), ("name",))
    assert any("only in the closing" in note and "locale" in note for note in found.notes)


def test_an_unknown_field_that_comes_or_goes_is_told_apart_and_another_value_of_it_is_a_change():
    opening = systems({"device_id": 1}, {"device_id": 2}, {"device_id": 3}).assign(
        unknown_fields=pd.Series(['{"x":1,"old":1}', '{"x":1,"old":1}', None], dtype="str")
    )
    closing = systems({"device_id": 1}, {"device_id": 2}, {"device_id": 3}).assign(
        unknown_fields=pd.Series(['{"new":5,"x":1}', '{"x":2}', '{"new":1}'], dtype="str")
    )
    found = changes(opening, closing, "operating_systems")
    assert ids(found.changed_rows) == [2]
    assert found.columns_added == ("unknown_fields.new",)
    assert found.columns_removed == ("unknown_fields.old",)


def test_when_a_row_was_recorded_is_no_part_of_it():
    old = systems({"device_id": 1, "collected_at": BEFORE}).assign(snapshot_at=BEFORE, snapshot="a")
    new = systems({"device_id": 1, "collected_at": NOW}).assign(snapshot_at=NOW, snapshot="b")
    found = changes(old, new, "operating_systems", noisy=())
    assert list(found.changed["column"]) == ["collected_at"]
    assert "snapshot" not in changes(old, new.iloc[:0], "operating_systems").removed


def test_a_row_without_a_time_of_collection_is_not_said_to_be_unobserved():
    frame = systems({"device_id": 1}, {"device_id": 2, "collected_at": NOW})
    found = changes(frame, frame, "operating_systems")
    assert (ids(found.unchanged), ids(found.not_observed)) == ([1], [2])
    assert any(note.startswith("1 unchanged rows have no time") for note in found.notes)


def test_a_table_without_a_time_of_collection_says_so():
    frame = typed("policies", [{"policy_id": 1}])
    found = changes(frame, frame, "policies")
    assert found.observed_by == ""
    assert "no time of collection" in found.notes[0]


# -- what is asked for -------------------------------------------------------------------------


def test_what_cannot_be_compared_is_refused_with_the_next_step():
    frame = devices({"device_id": 1})
    with pytest.raises(UnknownNameError, match="devices"):
        changes(frame, frame, "device")
    with pytest.raises(UnknownNameError, match="system_name"):
        changes(frame, frame, "devices", noisy=["system_nam"])
    with pytest.raises(UsageError, match="always compared"):
        changes(frame, frame, "devices", noisy=["device_id"])
    with pytest.raises(UsageError, match="opening has no column device_id"):
        changes(frame.drop(columns="device_id"), frame, "devices")


def test_the_answer_shows_its_counts_as_text_and_as_html():
    found = changes(devices({"device_id": 1}), devices({"device_id": 2}), "devices")
    assert "1 added · 1 removed · 0 changed · 0 not observed · 0 unchanged" in repr(found)
    odd = devices({"device_id": 2}).assign(**{"<b>": 1})
    html = changes(devices({"device_id": 1}), odd, "devices")._repr_html_()
    assert "not observed" in html
    assert "&lt;b&gt;" in html
    assert "<td>1</td>" in html
