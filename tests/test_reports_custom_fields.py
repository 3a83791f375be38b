"""Custom fields as reports read them: by name or label, with their choices by name."""

from __future__ import annotations

import json

import pytest

from ninja_analytics.reports.custom_fields import as_text, field_values, is_defined
from tests.made_frames import typed

ON, OFF = "a0a0a0a0-0000-5000-8000-000000000001", "a0a0a0a0-0000-5000-8000-000000000002"


def told(*values, definitions=()):
    rows = [
        {"device_id": at, "fields": one if isinstance(one, str) else json.dumps(one)}
        for at, one in enumerate(values, 1)
    ]
    return {
        "custom_fields": typed("custom_fields", rows),
        "custom_field_definitions": typed("custom_field_definitions", list(definitions)),
    }


def choices(**names):
    return [{"option_uid": uid, "option_name": name} for name, uid in names.items()]


def test_values_come_decoded_by_device_and_choices_by_name_also_in_a_list():
    frames = told(
        {"boot": ON, "other": 3},
        {"boot": True},
        {"boot": {"text": " On ", "html": "<b>On</b>"}},
        {"boot": [OFF, "x"]},
        {"other": "boot"},
        {"boot": None},
        ["boot"],
        'spoiled "boot"',
        {"boot": "  "},
        {"boot": 4711},
        definitions=[{"field_name": "boot", "options": choices(On=ON, Off=OFF)}],
    )

    found = field_values(frames, "boot")

    assert found.to_dict() == {
        1: "On", 2: True, 3: {"text": " On ", "html": "<b>On</b>"}, 4: ["Off", "x"], 10: 4711,
    }  # fmt: skip
    assert as_text(found).to_dict() == {1: "On", 2: "true", 3: "On", 4: "Off, x", 10: "4711"}
    assert (found.index.dtype, as_text(found).dtype) == ("Int64", "str")


def test_a_choice_that_no_definition_names_stays_its_id():
    assert field_values({"custom_fields": told({"boot": ON})["custom_fields"]}, "boot")[1] == ON


@pytest.mark.parametrize("asked", ["secureBoot", "SECUREBOOT", "Secure Boot", "secure boot"])
def test_a_field_is_found_by_its_name_or_label_in_any_case(asked):
    field = {"field_name": "secureBoot", "label": "Secure Boot", "options": choices(On=ON)}
    frames = told({"secureBoot": ON}, definitions=[field])

    assert field_values(frames, asked).to_dict() == {1: "On"}
    assert is_defined(frames, asked) is True


def test_a_name_that_is_written_so_goes_before_a_label_that_reads_the_same():
    fields = [{"field_name": "x", "label": "boot"}, {"field_name": "boot", "label": "Other"}]
    frames = told({"x": 1, "boot": 2}, definitions=fields)

    assert field_values(frames, "boot").to_dict() == {1: 2}
    assert field_values(frames, "Boot").to_dict() == {1: 1}


def test_of_a_device_that_is_told_twice_the_first_value_counts():
    frames = told({"boot": None}, {"boot": 1}, {"boot": 2})
    frames["custom_fields"]["device_id"] = frames["custom_fields"]["device_id"].where(
        frames["custom_fields"]["device_id"] > 3, 7
    )

    assert field_values(frames, "boot").to_dict() == {7: 1}


def test_without_a_name_values_or_definitions_there_is_nothing_to_read():
    frames = told({"boot": ON}, definitions=[{"field_name": "boot"}])

    assert field_values(frames, "").empty
    assert field_values({}, "boot").empty
    assert field_values(told(), "boot").index.dtype == "Int64"
    assert as_text(field_values({}, "boot")).dtype == "str"
    assert is_defined(frames, "bot") is False
    assert is_defined(told({"boot": ON}), "boot") is None
