"""The guide to asking tells the truth: its Python runs on the sandbox."""

from __future__ import annotations

import re

import ninja_analytics as na
from ninja_analytics.filters import device
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "asking.md").read_text(encoding="utf-8")


def test_the_python_of_the_guide_runs(ninja, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = ninja.table("organizations")["organization_name"].iloc[0]
    space = {"ninja": ninja}

    for block in re.findall(r"^```python\n(.*?)^```", GUIDE, flags=re.S | re.M):
        exec(block.replace("Heron Ltd", name), space)

    assert len(space["rows"]) > 0
    assert set(space["offline"]["offline"]) == {True}
    assert space["free"].sum() == space["volumes"]["free_bytes"].sum()
    assert (tmp_path / "volumes-shared.xlsx").stat().st_size > 0
    assert space["na"] is na


def test_the_guide_names_every_field_and_every_key(ninja):
    told = ninja.table("devices", where=device.online | (device.id == 1), in_pandas=True)

    keys = told.ninja.source["filter"]
    assert [name for name in (*vars(device), *keys) if f"`{name}`" not in GUIDE] == []
