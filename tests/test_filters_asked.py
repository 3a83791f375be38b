"""What of a filter NinjaOne is asked, what is done here, and what NinjaOne's own text means."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import FilterError, UnknownNameError
from ninja_analytics.filters import as_filter, device

KNOWN = {
    "organization": [(1, "Heron Ltd"), (2, "heron ltd"), (3, "Kite GmbH")],
    "location": [(11, "Main Office"), (12, "Main Office"), (13, "Quay")],
    "role": [(21, "Windows Server")],
    "group": [(31, "Old ones"), (32, None)],
}


def lookup(what: str) -> pd.DataFrame:
    ids, names = zip(*KNOWN[what], strict=True)
    return pd.DataFrame(
        {f"{what}_id": pd.array(ids, "Int64"), f"{what}_name": pd.array(names, "str")}
    )


@pytest.fixture(scope="module")
def fleet() -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (1, 1, 11, 21, "MAC", "APPROVED", False, "2026-01-01T00:00:00.000400Z"),
            (2, 1, 12, None, "WINDOWS_SERVER", "APPROVED", True, "2026-01-01T12:00Z"),
            (3, 2, 13, 22, None, "PENDING", None, None),
            (4, None, None, 21, "MAC", "APPROVED", True, "2025-06-01T00:00Z"),
        ],
        columns=["device_id", "organization_id", "location_id", "role_id", "node_class",
                 "approval_status", "offline", "created_at"],
    )  # fmt: skip
    ids = ["device_id", "organization_id", "location_id", "role_id"]
    return frame.astype(
        dict.fromkeys(ids, "Int64") | {"offline": "boolean", "node_class": "category"}
    ).assign(created_at=pd.to_datetime(frame["created_at"], format="ISO8601", utc=True).astype(
        "datetime64[us, UTC]"
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (device.organization == "Heron Ltd", "org = 1"),
        (device.organization == "HERON LTD", "org in (1, 2)"),
        (device.organization.isin(["Kite GmbH", 7]), "org in (3, 7)"),
        (device.organization != " kite gmbh ", "org != 3"),
        (device.location == "main office", "loc in (11, 12)"),
        (device.location != "Main Office", "loc notin (11, 12)"),
        (device.role == "windows server", "role = 21"),
        (device.group == "Old ones", "group 31"),
        (device.offline & (device.organization == "Kite GmbH"), "offline AND org = 3"),
    ],
)
def test_names_become_ids_at_the_pull(made, text):
    with pytest.raises(FilterError, match="looked up"):
        str(made)
    assert str(made.resolved(lookup)) == text


def test_a_name_shows_as_a_name_until_then():
    made = device.organization.isin(["Heron Ltd", 7]) & (device.online | (device.role == "Mine"))

    assert repr(made) == """Filter("org in ('Heron Ltd', 7) AND (online OR role = 'Mine')")"""


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"no organization named 'Heron Lt'.*'Heron Ltd'"):
        (device.organization == "Heron Lt").resolved(lookup)


def test_without_names_nothing_is_looked_up():
    def refuse(what: str) -> pd.DataFrame:
        raise AssertionError(what)

    made = (device.organization == 1) & as_filter("foo = 1")
    assert made.resolved(refuse) == made


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("org=7", "org = 7"),
        ("organization eq 7", "org = 7"),
        ("location neq 7", "loc != 7"),
        ("role <> 7", "role != 7"),
        ("id in(1,2)", "id in (1, 2)"),
        ("ORG NOTIN (1, 2)", "org notin (1, 2)"),
        ("org nin (1, 2)", "org notin (1, 2)"),
        ("org !in (1, 2)", "org notin (1, 2)"),
        ("class = windows_server", "class = WINDOWS_SERVER"),
        ("class in ('MAC', \"LINUX_SERVER\")", "class in (MAC, LINUX_SERVER)"),
        ("status eq PENDING", "status = PENDING"),
        ("group 12", "group 12"),
        ("Online", "online"),
        ("created after 20260101", "created > 2026-01-01T00:00:00.000Z"),
        ("created lt 2026-01-01", "created < 2026-01-01T00:00:00.000Z"),
        ("created = 2026-01-01T08:00:00.000Z", "created = 2026-01-01T08:00:00.000Z"),
        (
            "org = 1 and offline&&id=2 AND class=MAC",
            "org = 1 AND offline AND id = 2 AND class = MAC",
        ),
    ],
)
def test_ninjaones_own_text_is_read_in_all_its_spellings(text, normal):
    made = as_filter(text)

    assert not made.unread
    assert str(made) == normal
    assert as_filter(normal) == made


@pytest.mark.parametrize(
    "text",
    [
        "deviceId = 5", "org = Heron", "org = 1 OR org = 2", "(org = 1)", "org > 1", "created in 5",
        "org = 1 AND", "group = 5", "online = 1", "org in ()", "created = 20261399", "org in (1, x)",
        "org = 1 OR (online AND offline)", "class = MAC class = MAC", "créé = 5",
    ],
)  # fmt: skip
def test_text_that_cannot_be_read_is_sent_as_it_is_and_marked(text, fleet):
    made = as_filter(f" {text} ")

    assert made.unread
    assert str(made) == text
    assert made.split() == (made, None)
    with pytest.raises(FilterError, match="could not be read"):
        made.keeps(fleet)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_filter_is_none(nothing):
    assert as_filter(nothing) is None


@pytest.mark.parametrize(
    ("made", "server", "local"),
    [
        (device.online & (device.id == 1), "online AND id = 1", "None"),
        (device.online | (device.id == 1), "None", "Filter('online OR id = 1')"),
        (
            (device.organization == 7) & (device.online | (device.id == 1)),
            "org = 7",
            "Filter('online OR id = 1')",
        ),
        (device.group != 12, "None", "Filter('group != 12')"),
        (
            device.approval_status.isin(["PENDING", "APPROVED"]),
            "status != DECOMMISSIONED",
            "Filter('status in (PENDING, APPROVED)')",
        ),
    ],
)
def test_what_can_be_asked_is_asked_and_the_rest_is_left_for_here(made, server, local):
    asked, rest = made.split()

    assert str(asked) == server
    assert repr(rest) == local


def test_a_status_within_an_or_cannot_be_done_here_as_ninjaone_hides_the_rows():
    with pytest.raises(FilterError, match=r"hides all but approved.*pd.concat"):
        (device.offline | (device.approval_status == "PENDING")).split()


@pytest.mark.parametrize(
    ("made", "ids"),
    [
        (device.id.isin([1, 4]), [1, 4]),
        (device.organization == 1, [1, 2]),
        (device.organization != 1, [3, 4]),
        (device.location.isin([12, 13]), [2, 3]),
        (device.role == 21, [1, 4]),
        (device.node_class == "mac", [1, 4]),
        (device.node_class != "MAC", [2, 3]),
        (device.approval_status == "PENDING", [3]),
        (device.offline, [2, 4]),
        (~device.offline, [1]),
        (device.created > "2026-01-01", [2]),
        (device.created >= "2026-01-01", [1, 2]),
        (device.created < "2026-01-01", [4]),
        (~(device.created > "2026-01-01"), [1, 4]),
        (as_filter("created = 20260101"), [1, 2]),
        (~as_filter("created = 20260101"), [4]),
        (device.offline | (device.organization == 2), [2, 3, 4]),
        (~(device.offline | (device.organization == 2)), [1]),
        (device.offline & (device.role == 21), [4]),
        (device.group == 5, [1, 3]),
        (device.group != 5, [2, 4]),
    ],
)
def test_a_filter_applied_here_keeps_the_devices_that_ninjaone_would(made, ids, fleet):
    passed = made.keeps(fleet, {5: {1, 3}})

    assert passed.dtype == "boolean"
    assert fleet.loc[passed, "device_id"].tolist() == ids


@pytest.mark.parametrize(
    "made", [device.group == 9, device.organization == "Heron Ltd", device.group == "Old ones"]
)
def test_what_is_not_known_here_is_not_guessed(made, fleet):
    with pytest.raises(FilterError):
        made.keeps(fleet)


def test_a_frame_without_the_column_says_which_one():
    with pytest.raises(FilterError, match="no organization_id"):
        (device.organization == 1).keeps(pd.DataFrame({"device_id": [1]}))


def test_a_long_list_is_divided_into_filters_that_fit_each_device_once():
    made = device.id.isin(range(450)) & device.offline

    chunks = made.chunks(200)

    assert [len(chunk.node.parts[0].values) for chunk in chunks] == [150, 150, 150]
    assert all(chunk.fields == {"id", "offline"} for chunk in chunks)
    assert sorted(v for chunk in chunks for v in chunk.node.parts[0].values) == list(range(450))


def test_two_long_lists_are_divided_crosswise_and_a_short_one_not_at_all():
    made = device.id.isin(range(4)) & device.organization.isin(range(4))

    assert len(made.chunks(2)) == 4
    assert made.chunks(4) == [made]
    assert (~device.id.isin(range(4))).chunks(2) == [~device.id.isin(range(4))]


@pytest.mark.parametrize(
    "made",
    [
        device.offline,
        device.organization.isin([1, 2]) & device.node_class.isin(["WINDOWS_SERVER"]),
        device.organization != 1,
        device.location != 1,
        (device.created > "2025-06-01") & device.online,
        ~(device.created > "2025-06-01"),
        as_filter("role !in (1, 2) && class <> MAC"),
        device.approval_status == "PENDING",
        device.approval_status != "APPROVED",
    ],
    ids=repr,
)
def test_the_sandbox_answers_with_the_devices_that_the_filter_keeps_here(made, ninja):
    every = pd.concat(
        [ninja.table("devices"), ninja.table("devices", where=device.approval_status == "PENDING")]
    )
    if "approval_status" not in made.fields:
        every = every[every["approval_status"] == "APPROVED"]

    answered = ninja.table("devices", where=made)

    assert len(answered) > 0
    assert set(answered["device_id"]) == set(every.loc[made.keeps(every), "device_id"])
