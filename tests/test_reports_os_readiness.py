"""Whether an older Windows could become Windows 11: what fails it, what makes it ready, what is open."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from ninja_analytics.reports.support.readiness import GIB, readiness, too_old
from tests.made_frames import typed

FIELDS = {"tpm": "tpm", "secure_boot": "boot"}
GOOD = {"memory": 16.0, "disk": 237.0, "cpu": "13th Gen Intel(R) Core(TM) i5-1345U",
        "architecture": "64-bit", "tpm": "2.0", "boot": "On"}  # fmt: skip
YES, NO = "a0a0a0a0-0000-5000-8000-000000000001", "a0a0a0a0-0000-5000-8000-000000000002"


def judged(*machines, fields=FIELDS):
    """What is said of machines, which are good but for what is given; None is not reported."""
    told = [GOOD | one for one in machines]
    ids = range(1, len(told) + 1)
    devices = pd.DataFrame({"device_id": pd.array(ids, "Int64")})
    devices["architecture"] = pd.Series([one["architecture"] for one in told], dtype="str")
    values = [{k: one[k] for k in ("tpm", "boot") if one[k] is not None} for one in told]
    frames = {
        "computer_systems": typed("computer_systems", [
            {"device_id": at, "memory_bytes": None if one["memory"] is None else int(one["memory"] * GIB)}
            for at, one in zip(ids, told, strict=True)]),
        "volumes": typed("volumes", [
            {"device_id": at, "drive_letter": letter, "capacity_bytes": None if size is None else int(size * GIB)}
            for at, one in zip(ids, told, strict=True) for letter, size in (("C:", one["disk"]), ("D:", 900), (None, 1))]),
        "processors": typed("processors", [
            {"device_id": at, "name": one["cpu"]} for at, one in zip(ids, told, strict=True)]),
        "custom_fields": typed("custom_fields", [
            {"device_id": at, "fields": json.dumps(one)} for at, one in zip(ids, values, strict=True)]),
        "custom_field_definitions": typed("custom_field_definitions", [
            {"field_name": "boot", "options": [{"option_uid": YES, "option_name": "On"},
                                               {"option_uid": NO, "option_name": "Unsupported"}]}]),
    }  # fmt: skip
    return readiness(devices, frames, fields)


@pytest.mark.parametrize(
    ("machine", "state", "why"),
    [
        ({}, "ready", ""),
        ({"memory": 3.9}, "ready", ""),  # 4 GiB, of which the graphics have taken some
        ({"memory": 3.4}, "fails", "less than 4 GiB of memory"),
        ({"disk": 63.6}, "ready", ""),
        ({"disk": 59.0}, "fails", "system drive below 64 GB"),
        ({"architecture": "32-bit"}, "fails", "32-bit operating system"),
        ({"cpu": "Intel(R) Core(TM) i5-7500 CPU @ 3.40GHz"}, "fails", "processor is not supported"),
        ({"tpm": "1.2"}, "fails", "no TPM 2.0 by custom field"),
        ({"tpm": False}, "fails", "no TPM 2.0 by custom field"),
        ({"tpm": True}, "ready", ""),
        ({"tpm": "TPM 2.0"}, "ready", ""),
        ({"boot": "Unsupported"}, "fails", "no Secure Boot by custom field"),
        ({"boot": NO}, "fails", "no Secure Boot by custom field"),
        ({"boot": YES}, "ready", ""),
        ({"boot": "enabled"}, "ready", ""),
        ({"boot": "Off"}, "cannot_tell", "Secure Boot not known to be on"),
        ({"tpm": None}, "cannot_tell", "TPM not known"),
        ({"tpm": "ask Jo"}, "cannot_tell", "TPM not known"),
        ({"memory": None, "disk": None}, "cannot_tell", "memory not known; system drive not known"),
        ({"memory": 0}, "cannot_tell", "memory not known"),
        ({"cpu": None}, "cannot_tell", "processor not known"),
        ({"architecture": None}, "ready", ""),
        ({"memory": 2, "tpm": None}, "fails", "less than 4 GiB of memory"),
        ({"memory": 2, "tpm": "1.2"}, "fails", "less than 4 GiB of memory; no TPM 2.0 by custom field"),
    ],
)  # fmt: skip
def test_a_machine_fails_is_ready_or_nobody_can_tell(machine, state, why):
    found = judged(machine).iloc[0]

    assert (found["readiness"], found["why"]) == (state, why)


def test_without_the_names_of_both_fields_no_machine_is_ready_but_some_fail():
    for fields in (
        {},
        {"tpm": "tpm"},
        {"secure_boot": "boot"},
        {"tpm": "other", "secure_boot": "boot"},
    ):
        assert judged({}, {"memory": 2}, fields=fields)["readiness"].tolist() == ["cannot_tell", "fails"]  # fmt: skip


def test_without_any_table_nobody_can_tell():
    devices = pd.DataFrame({"device_id": pd.array([1, 2], "Int64"), "architecture": ["64-bit"] * 2})

    assert readiness(devices, {}, FIELDS)["readiness"].tolist() == ["cannot_tell"] * 2
    assert len(readiness(devices.iloc[:0], {}, FIELDS)) == 0


@pytest.mark.parametrize(
    "processor",
    [
        "Intel(R) Core(TM) i5-7500 CPU @ 3.40GHz",
        "Intel(R) Core(TM) i7-4790 CPU @ 3.60GHz",
        "Intel(R) Core(TM) i7-6700HQ CPU @ 2.60GHz",
        "Intel(R) Core(TM) i5 CPU         650  @ 3.20GHz",
        "Intel(R) Core(TM) i7 CPU       M 620  @ 2.67GHz",
        "Intel(R) Core(TM) i5-2520M CPU @ 2.50GHz",
        "Intel(R) Core(TM) i7-7Y75 CPU @ 1.30GHz",
        "Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz",
        "Intel(R) Xeon(R) CPU E5-2620 v4 @ 2.10GHz",
        "Intel(R) Xeon(R) CPU           X5650  @ 2.67GHz",
        "Intel(R) Pentium(R) 4 CPU 3.00GHz",
        "Intel(R) Celeron(R) CPU  N3060  @ 1.60GHz",
        "Intel(R) Atom(TM) CPU D525   @ 1.80GHz",
        "AMD FX(tm)-8350 Eight-Core Processor",
        "AMD A10-7850K Radeon R7, 12 Compute Cores 4C+8G",
        "AMD PRO A10-8700B R6, 10 Compute Cores 4C+6G",
        "AMD Phenom(tm) II X4 955 Processor",
        "AMD Ryzen 5 1600 Six-Core Processor",
    ],
)
def test_a_processor_that_is_beyond_doubt_too_old_is_told(processor):
    assert too_old(pd.Series([processor]))[0]


@pytest.mark.parametrize(
    "processor",
    [
        "13th Gen Intel(R) Core(TM) i5-1345U",
        "11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz",
        "Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz",
        "Intel(R) Core(TM) i5-10400T CPU @ 2.00GHz",
        "Intel(R) Core(TM) i7-7820HQ CPU @ 2.90GHz",
        "Intel(R) Core(TM) i7-7800X CPU @ 3.50GHz",
        "Intel(R) Core(TM) i3-N305",
        "Intel(R) Core(TM) Ultra 7 155H",
        "Intel(R) Xeon(R) Silver 4210 CPU @ 2.20GHz",
        "Intel(R) Xeon(R) E-2136 CPU @ 3.30GHz",
        "Intel(R) Xeon(R) W-2123 CPU @ 3.60GHz",
        "Intel(R) Celeron(R) N4020 CPU @ 1.10GHz",
        "Intel Atom(R) x6425E Processor @ 2.00GHz",
        "AMD Ryzen 5 2600 Six-Core Processor",
        "AMD Ryzen 7 PRO 4750U with Radeon Graphics",
        "AMD EPYC 7452 32-Core Processor",
        "AMD Athlon 3000G with Radeon Vega Graphics",
        "Apple M2",
        "",
        None,
    ],
)
def test_of_any_other_processor_nothing_is_said(processor):
    assert not too_old(pd.Series([processor], dtype="str"))[0]
