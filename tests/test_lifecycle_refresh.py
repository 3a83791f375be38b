"""A table of support dates of one's own: made of a file or an address, kept when that is bad."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from ninja_analytics import lifecycle
from ninja_analytics.errors import (
    AnswerError,
    ExportError,
    UnknownNameError,
    UnreachableError,
    UsageError,
)
from ninja_analytics.lifecycle import refresh as refreshing
from ninja_analytics.lifecycle import table
from tests.commands import ninja_analytics
from tests.odd_server import OddServer

NOW = pd.Timestamp("2027-02-03 10:00", tz="UTC")
PACKAGED = lifecycle.packaged()
ROWS = table.texts(PACKAGED)


@pytest.fixture
def into(home):
    return lifecycle.own_copy()


def day(found, *key):
    """The last day of support of a release in a table, as text."""
    dates = found.set_index(list(table.KEY))["eol_on"].dt.strftime("%Y-%m-%d")
    return dates[key if len(key) == 3 else (*key, "")]


def as_file(folder, content):
    path = folder / "source"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def refreshed(source, into, product=None):
    refreshing.refresh(source, into=into, now=NOW, product=product)
    return lifecycle.read_table(into)


def one_row(**fields):
    return table.csv_bytes([ROWS[0] | fields])


def test_a_table_in_our_form_takes_the_place_of_the_whole(tmp_path, into):
    made = refreshing.refresh(as_file(tmp_path, one_row(eol_on="2029-01-01")), into=into, now=NOW)

    assert (made.path, made.rows, made.changed, made.left) == (into, 1, 1, ())
    assert len(lifecycle.read_table()) == 1
    assert into.stat().st_mode & 0o077 == 0


def test_the_packaged_table_itself_is_a_source_that_changes_nothing(tmp_path, into):
    made = refreshing.refresh(as_file(tmp_path, table.csv_bytes(ROWS)), into=into, now=NOW)

    assert (made.rows, made.changed) == (len(ROWS), 0)
    assert into.read_bytes() == table.csv_bytes(ROWS)


CYCLES = [
    {"cycle": "2028", "releaseDate": "2027-01-20", "eol": "2037-01-13", "support": "2032-01-13",
     "latest": "10.0.29999", "lts": True, "link": None},
    {"cycle": "2025", "eol": "2034-12-12", "support": "2029-11-13", "latest": "10.0.26100"},
    {"cycle": "1809-sac", "eol": "2020-11-10", "latest": "10.0.17763"},
    {"cycle": "2019", "eol": "2029-01-09", "support": "2024-01-09", "latest": "10.0.17763"},
    {"cycle": "2016", "eol": "2027-01-12", "extendedSupport": "2030-01-12", "latest": "10.0.14393"},
    {"cycle": "2012-r2", "eol": True, "extendedSupport": True, "latest": "6.3.9600"},
]  # fmt: skip


def test_dates_of_one_product_are_taken_over_and_the_others_stay(tmp_path, into):
    made = refreshing.refresh(
        as_file(tmp_path, CYCLES), into=into, now=NOW, product="windows-server"
    )
    found = lifecycle.read_table()
    servers = found[found["product"] == "windows-server"].set_index("release")

    assert made.rows == len(PACKAGED) + 2
    assert made.changed == len(CYCLES)
    assert day(found, "windows-server", "2028") == "2037-01-13"
    assert day(found, "windows-server", "2025") == "2034-12-12"
    assert day(found, "windows-server", "2012 R2") == "2023-10-10"  # it said no more than: ended
    assert day(found, "windows-server", "2022") == "2031-10-14"  # not spoken of
    assert servers.loc["2028", "build"] == "29999"
    assert f"{servers.loc['2028', 'mainstream_until']:%Y-%m-%d}" == "2032-01-13"
    assert servers.loc["2016", "extended_kind"] == "ESU"
    assert f"{servers.loc['2012 R2', 'extended_until']:%Y-%m-%d}" == "2026-10-13"
    assert f"{servers.loc['2025', 'checked_on']:%Y-%m-%d}" == "2027-02-03"
    others = found[found["product"] != "windows-server"].reset_index(drop=True)
    before = PACKAGED[PACKAGED["product"] != "windows-server"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, before)


def test_a_build_that_two_releases_share_stays_with_the_one_that_had_it(tmp_path, into):
    found = refreshed(as_file(tmp_path, CYCLES), into, "windows-server")
    servers = found[found["product"] == "windows-server"].set_index("release")

    assert servers.loc["2019", "build"] == "17763"
    assert servers.loc["1809 SAC", "build"] == ""


def test_editions_of_windows_are_told_apart_in_the_form_of_endoflife_date(tmp_path, into):
    cycles = [
        {"cycle": "11-27h2-e", "eol": "2030-10-08", "latest": "10.0.30001"},
        {"cycle": "11-27h2-w", "eol": "2029-10-09", "latest": "10.0.30001"},
        {"cycle": "11-24h2-iot-lts", "eol": "2034-10-11", "latest": "10.0.26100"},
        {"cycle": "10-22h2", "eol": "2025-10-14", "extendedSupport": "2028-10-10",
         "latest": "10.0.19045"},
        {"cycle": "10-2004-w", "eol": "2021-12-14", "latest": "10.0.19041"},
        {"cycle": "10-2004-e", "eol": "2021-12-15", "latest": "10.0.19041"},
        {"cycle": "7-sp1", "eol": "2020-01-14", "latest": "6.1.7601"},
        {"cycle": "vista-sp2", "eol": "2017-04-11", "latest": "6.0.6003"},
    ]  # fmt: skip

    made = refreshing.refresh(as_file(tmp_path, cycles), into=into, now=NOW, product="windows")
    found = lifecycle.read_table()

    assert day(found, "windows", "11 27H2", "E") == "2030-10-08"
    assert day(found, "windows", "11 27H2", "W") == "2029-10-09"
    assert day(found, "windows", "11 24H2", "IoT LTSC") == "2034-10-11"
    assert day(found, "windows", "11 24H2", "LTSC") == "2029-10-09"
    of_2004 = found[(found["product"] == "windows") & (found["release"] == "10 2004")]
    assert sorted(of_2004["edition_group"]) == ["E", "W"]  # and no more one row for both
    assert made.left == ("vista-sp2 (no release that can be matched)",)
    system = pd.DataFrame([("Windows 11 Pro", "30001", "", "")], columns=[
        "name", "build_number", "release_id", "node_class"])  # fmt: skip
    assert lifecycle.matched(system, found)["system"].tolist() == ["Windows 11 27H2"]


def test_a_release_without_a_date_is_supported_or_left_out(tmp_path, into):
    cycles = [{"cycle": "27", "eol": False}, {"cycle": "14", "eol": "2026-09-14"},
              {"cycle": "15", "eol": True}]  # fmt: skip

    made = refreshing.refresh(as_file(tmp_path, cycles), into=into, now=NOW, product="macos")
    found = lifecycle.read_table().set_index(["product", "release"])

    assert pd.isna(found.loc[("macos", "27"), "eol_on"])
    assert f"{found.loc[('macos', '14'), 'eol_on']:%Y-%m-%d}" == "2026-09-14"
    assert set(found.loc["macos"]["eol_kind"]) == {"inferred"}
    assert made.left == ("15 (its support ended, but not on which day)",)
    assert f"{found.loc[('macos', '15'), 'checked_on']:%Y-%m-%d}" == "2026-11-23"


def test_a_second_refresh_builds_on_the_first(tmp_path, into):
    refreshed(as_file(tmp_path, [{"cycle": "27", "eol": False}]), into, "macos")

    found = refreshed(as_file(tmp_path, CYCLES), into, "windows-server")

    assert ("macos", "27") in set(zip(found["product"], found["release"], strict=True))
    assert "2028" in set(found["release"])


BAD = [
    (b"", "has no column product"),
    (b"\x00\x01", "no CSV file|has no column"),
    (b"[", "neither CSV nor JSON"),
    (b"[" * 100_000, "neither CSV nor JSON"),
    (b"{}", "not in the form of endoflife.date"),
    (b"[]", "not in the form of endoflife.date"),
    (b"[1]", "not in the form of endoflife.date"),
    (b'[{"cycle": "27"}]', "not in the form of endoflife.date"),
    (b'[{"cycle": "27", "eol": "soon"}]', "not in the form of endoflife.date"),
    (b'[{"cycle": "27", "eol": "2027-02-30"}]', "not in the form of endoflife.date"),
    (b'[{"cycle": "99", "eol": true}]', "has no release of macos"),
    (b'[{"cycle": "a\\nb", "eol": false}]', "has no release"),
    (b'[{"cycle": "27", "eol": "2027-01-01", "releaseDate": "2028-01-01"}]', "eol_on before"),
    (one_row(eol_on="2029-13-01"), "leave --product out"),
]


@pytest.mark.parametrize(("content", "told"), BAD, ids=[str(one[0][:40]) for one in BAD])
def test_a_bad_source_is_told_in_one_sentence_and_the_old_copy_stays(tmp_path, into, content, told):
    refreshed(as_file(tmp_path, one_row()), into)
    before = into.read_bytes()
    product = None if content in (b"", b"\x00\x01") else "macos"

    with pytest.raises(UsageError, match=told) as caught:
        refreshed(as_file(tmp_path, content), into, product)

    assert "\n" not in str(caught.value)
    assert into.read_bytes() == before
    assert [path.name for path in into.parent.iterdir()] == [into.name]


@pytest.mark.parametrize("fields", [{"eol_on": "2029-13-01"}, {"checked_on": "2027-02-04"}])
def test_a_table_with_a_wrong_day_is_told_by_its_row(tmp_path, into, fields):
    with pytest.raises(UsageError, match=r"^Row 2 of"):
        refreshed(as_file(tmp_path, one_row(**fields)), into)

    assert not into.exists()


def test_a_json_source_needs_the_name_of_its_product(tmp_path, into):
    with pytest.raises(UsageError, match="add --product"):
        refreshed(as_file(tmp_path, CYCLES), into)
    with pytest.raises(UnknownNameError, match="Did you mean 'windows-server'"):
        refreshed(as_file(tmp_path, CYCLES), into, "windows-servers")


def test_a_spoiled_copy_is_replaced_by_a_good_one(tmp_path, into):
    into.parent.mkdir()
    into.write_bytes(b"spoiled")

    assert len(refreshed(as_file(tmp_path, [{"cycle": "27", "eol": False}]), into, "macos")) == (
        len(PACKAGED) + 1
    )


def test_an_address_is_asked_once_and_no_other(into):
    with OddServer(body=table.csv_bytes(ROWS)) as server:
        found = refreshed(f"{server.url}/dates.csv?key=word", into)

        assert server.lines == ["/dates.csv?key=word"]
    assert len(found) == len(PACKAGED)


def test_nobody_is_named_to_the_address_and_no_proxy_asked(into, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password word\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with OddServer(body=table.csv_bytes(ROWS)) as server:
        refreshed(server.url, into)

        assert server.bearers == [None]


@pytest.mark.parametrize(
    ("status", "headers", "body", "told"),
    [
        (302, {"Location": "/elsewhere"}, b"", "points to another address"),
        (404, {}, b"no", "answers with status 404"),
        (503, {}, b"later", "answers with status 503"),
    ],
)
def test_an_address_that_does_not_answer_with_a_table_is_told(into, status, headers, body, told):
    with OddServer(status, headers, body) as server:
        with pytest.raises(AnswerError, match=told) as caught:
            refreshed(f"{server.url}/dates?key=word", into)

        assert len(server.lines) == 1
    assert "word" not in str(caught.value)
    assert not into.exists()


def test_a_page_in_the_place_of_a_table_is_told(into):
    page = OddServer(body=b"<!doctype html><title>Sign in</title>")
    with page, pytest.raises(UsageError, match="has no column product"):
        refreshed(page.url, into)


def test_an_address_where_nobody_answers_is_told(into):
    with OddServer() as server:
        url = server.url
    with pytest.raises(UnreachableError, match="does not answer") as caught:
        refreshed(f"{url}/dates?key=word", into)

    assert "word" not in str(caught.value)


def test_no_more_is_read_than_a_table_can_be(into, tmp_path, monkeypatch):
    monkeypatch.setattr(refreshing, "LARGEST", 1000)
    large = OddServer(body=b"x" * 100_000)
    with large, pytest.raises(UsageError, match="larger than 1,000 bytes"):
        refreshed(large.url, into)
    with pytest.raises(UsageError, match="larger than 1,000 bytes"):
        refreshed(as_file(tmp_path, b"x" * 1001), into)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("ftp://vendor.example/dates.csv", "ftp:// is no source"),
        ("file:///etc/hosts", "file:// is no source"),
        ("https://", "That is no address"),
        ("https://vendor.example:x/", "That is no address"),
        ("https://me:word@vendor.example/", "holds a user name or password"),
        ("no-such-file.csv", "cannot be read"),
        (".", "cannot be read"),
    ],
)
def test_what_is_neither_a_file_nor_an_address_is_told(into, source, told):
    with pytest.raises(UsageError, match=told) as caught:
        refreshed(source, into)

    assert "word@" not in str(caught.value)


def test_a_copy_that_cannot_be_written_or_removed_is_told(tmp_path):
    blocked = tmp_path / "file" / "dates.csv"
    blocked.parent.write_bytes(b"")
    with pytest.raises(ExportError, match="cannot be written"):
        refreshed(as_file(tmp_path, one_row()), blocked)
    with pytest.raises(ExportError, match="cannot be removed"):
        refreshing.reset(blocked)


def test_the_command_shows_refreshes_and_drops_the_table(tmp_path, into):
    shown = ninja_analytics("lifecycle")
    assert shown.exit_code == 0
    assert f"{len(PACKAGED)} rows from the package" in shown.output
    assert "last checked on 2026-11-23" in shown.output

    source = as_file(tmp_path, [{"cycle": "27", "eol": False}, {"cycle": "15", "eol": True}])
    done = ninja_analytics("lifecycle", "refresh", source, "--product", "macos")
    assert done.exit_code == 0
    assert f"{len(PACKAGED) + 1} rows, 1 changed or new, written to {into}" in done.output
    assert "left out: 15 (its support ended" in done.output
    assert f"rows from {into}" in ninja_analytics("lifecycle").output

    assert f"{into} removed" in ninja_analytics("lifecycle", "reset").output
    assert "no table of your own" in ninja_analytics("lifecycle", "reset").output
    assert "rows from the package" in ninja_analytics("lifecycle").output


def test_the_command_ends_with_the_code_of_what_went_wrong(tmp_path):
    wrong = ninja_analytics("lifecycle", "refresh", as_file(tmp_path, b"[]"), "--product", "macos")
    assert wrong.exit_code == 2
    with OddServer(404) as server:
        assert ninja_analytics("lifecycle", "refresh", server.url).exit_code == 4


def test_the_command_warns_of_a_table_that_is_old(tmp_path, into):
    refreshed(as_file(tmp_path, one_row(checked_on="2020-01-01")), into)

    shown = ninja_analytics("lifecycle")

    assert "The support dates were last checked on 2020-01-01" in shown.output
