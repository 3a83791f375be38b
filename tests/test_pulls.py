"""What a notebook records, read from its code: as many tables as a snapshot has."""

from __future__ import annotations

import pytest

from ninja_analytics.history.recorded_tables import DEFAULT
from ninja_analytics.pulls import named


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


def test_a_recording_whose_tables_cannot_be_seen_is_an_unknown_pull():
    (pull,) = named({1: "ninja.record(wanted)"})

    assert pull.name is None
