"""What a notebook pulls and records, read from its code, which is not executed."""

from __future__ import annotations

import pytest

from ninja_analytics.history.recorded_tables import DEFAULT
from ninja_analytics.pulls import Pull, named
from ninja_analytics.reports import REPORTS

CODE = {
    "ninja.table('devices')": [("table", "devices")],
    "na.connect(profile).table('devices').head()": [("table", "devices")],
    "b = n.table('b').merge(n.table('a'))": [("table", "b"), ("table", "a")],
    "ninja.table(which)": [("table", "alerts")],
    "which = 'roles'\nninja.table(which)": [("table", None)],
    "for which in names:\n    ninja.table(which)": [("table", None)],
    "def f(which): return ninja.table(which)": [("table", None)],
    "other: str = 'roles'\nninja.table(other)": [("table", "roles")],
    "ninja.table(*names)": [("table", None)],
    "ninja.table(f'{kind}_patches')": [("table", None)],
    "ninja.report('nothing')": [("report", "nothing")],
    "ninja.get('/v2/jobs', df='x')\nninja.get('/api/v2/user/1')": [
        ("get", "/v2/jobs"),
        ("get", "/api/v2/user/1"),
    ],
    "ninja.get(f'/v2/device/{id}/disks')\nninja.get('/v2/device/' + id)": [
        ("get", None),
        ("get", None),
    ],
    "{}.get('table')\n{}.get(key)\nreport.tables['x']\nst.table()": [],
    "%matplotlib inline\n!ls\nx = ninja.table('roles')": [("table", "roles")],
    "%%time\nninja.table('roles')": [("table", "roles")],
    "%%bash\nninja.table('roles')": [],
    "await ninja.table('roles')": [("table", "roles")],
    "'\\d'; x = 1 is 1\nninja.table('roles')": [("table", "roles")],
}


@pytest.mark.parametrize(("code", "pulls"), CODE.items())
def test_names_are_read_from_the_code(code, pulls):
    found = named({2: "which = 'alerts'\ndays: int = 30", 5: code})

    assert [(pull.verb, pull.name) for pull in found] == pulls
    assert {pull.cell for pull in found} <= {5}


def test_a_report_stands_for_the_tables_that_it_reads():
    found = named({1: "ninja.report('fleet_overview', active_days=7)"})

    assert Pull("table", "devices", 1) in found
    assert {pull.verb for pull in found} == {"table"}


@pytest.mark.parametrize(
    ("code", "tables"),
    [
        ("ninja.record()", list(DEFAULT)),
        ("ninja.history.record(now=now)", list(DEFAULT)),
        ("ninja.record(['devices', 'software'])", ["devices", "software"]),
        ("for night in range(3):\n    history.record(('roles',))", ["roles"]),
        ("ninja.table()", []),
        ("record()", []),
    ],
)
def test_the_tables_of_a_snapshot_are_pulls(code, tables):
    assert [pull.name for pull in named({1: code})] == tables


@pytest.mark.parametrize(
    ("code", "report"),
    [
        ("packs.pack(ninja, 'qbr', out=out)", "qbr_pack"),
        ("packs.pack(ninja, out=out, name='qbr')", "qbr_pack"),
        ("pack(ninja, out=out)\nna.packs.pack(ninja, out=out)", "qbr_pack"),
        ("struct.pack('>I', 7)\nmsgpack.pack(data, out)", None),
    ],
)
def test_a_pack_pulls_what_its_report_reads(code, report):
    found = [pull.name for pull in named({1: code})]

    assert list(dict.fromkeys(found)) == (list(REPORTS[report].tables) if report else [])


def test_a_table_that_a_report_asks_for_in_parts_is_a_pull_for_each():
    about = REPORTS["availability_hygiene"].about
    found = named({1: "n.report('availability_hygiene')"})

    assert about.narrowed
    for table, parts in about.narrowed.items():
        assert sum(pull.name == table and pull.narrowed for pull in found) == len(parts)


def test_a_recording_whose_tables_cannot_be_seen_is_an_unknown_pull():
    (pull,) = named({1: "ninja.record(wanted)"})

    assert pull.name is None
