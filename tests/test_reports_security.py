"""The report security_posture: each control's states, custom fields in every form, and what is unknown."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS, Settings
from ninja_analytics.reports.security.fields import is_allowed, principals, verdicts
from tests.made_frames import NOW, typed
from tests.made_posture import posture

SPEC = REPORTS["security_posture"]
NAMED = {"local_admins": "admins", "tpm": "tpm", "secure_boot": "boot", "filevault": "vault"}
SETTINGS = Settings(custom_fields=NAMED, allowed_admins=("Administrator", "*\\Domain Admins"))


def made(frames, settings=SETTINGS, **parameters):
    return SPEC.build(frames, now=NOW, settings=settings, **parameters)


def devices(*rows):
    whole = {
        "approval_status": "APPROVED", "node_class": "WINDOWS_WORKSTATION", "last_contact_at": NOW,
        "organization_id": 1,
    }  # fmt: skip
    return typed(
        "devices",
        [{"device_id": at, "system_name": f"PC{at}", **whole, **row} for at, row in enumerate(rows, 1)],
    )  # fmt: skip


def counted(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown


def antivirus(*rows):
    names = ("device_id", "product_name", "product_state", "definition_status")
    return typed("antivirus_status", [dict(zip(names, row, strict=True)) for row in rows])


def volume(device, letter, conversion, protection, **more):
    return {
        "device_id": device, "drive_letter": letter, "name": letter, "device_type": "Local Disk",
        "bitlocker_conversion_status": conversion, "bitlocker_protection_status": protection, **more,
    }  # fmt: skip


def fields(*values):
    rows = [{"device_id": at, "fields": json.dumps(one)} for at, one in enumerate(values, 1)]
    return typed("custom_fields", rows)


# -- antivirus ---------------------------------------------------------------------------------


def test_one_product_that_is_on_protects_and_the_most_current_one_counts():
    frames = {
        "devices": devices({}, {}, {}, {}),
        "antivirus_status": antivirus(
            (1, "A", "OFF", "Up-to-Date"), (1, "B", "ON", "Out-of-Date"), (1, "C", "ON", "Up-to-Date"),
            (2, "A", "ON", "Out-of-Date"), (3, "A", "ON", "Unknown"), (4, "A", "SNOOZED", "Up-to-Date"),
        ),
    }  # fmt: skip
    report = made(frames)
    assert counted(report, "antivirus_protected") == (3, 4, 0)
    assert counted(report, "antivirus_current") == (1, 2, 1)
    assert counted(report, "antivirus_conflicts") == (1, 3, 0)
    table = report.tables["without_antivirus"]
    assert list(zip(table["device_id"], table["state"], strict=True)) == [
        (4, "off"),
        (2, "out_of_date"),
    ]


def test_without_a_row_a_workstation_has_no_product_and_of_a_server_or_mac_nobody_knows():
    kinds = ("WINDOWS_WORKSTATION", "WINDOWS_SERVER", "MAC", "LINUX_WORKSTATION")
    frames = {
        "devices": devices(*({"node_class": kind} for kind in kinds)),
        "antivirus_status": antivirus(),
    }
    report = made(frames)
    assert counted(report, "antivirus_protected") == (0, 1, 3)
    assert list(report.tables["without_antivirus"]["state"]) == ["none_reported"]
    assert any("Servers of which no antivirus is known: 1." in note for note in report.notes)


def test_a_workstation_whose_agent_told_nothing_is_unknown():
    frames = {
        "devices": devices({}, {}),
        "antivirus_status": antivirus(),
        "volumes": typed("volumes", [volume(1, "C:", None, None)]),
    }
    assert counted(made(frames), "antivirus_protected") == (0, 1, 1)


def test_where_rows_did_not_arrive_a_device_without_one_is_unknown():
    frames = {"devices": devices({}), "antivirus_status": antivirus()}
    frames["antivirus_status"].attrs["ninja"]["complete"] = False
    assert counted(made(frames), "antivirus_protected") == (0, 0, 1)


def test_a_state_that_nobody_knows_is_unknown_and_told_in_the_quality_panel():
    frames = {
        "devices": devices({}, {}),
        "antivirus_status": antivirus((1, "A", "DREAMING", None), (2, "A", "on", "up to date")),
    }
    report = made(frames)
    assert counted(report, "antivirus_protected") == (1, 1, 1)
    panel = report.quality.set_index("table")
    assert panel.loc["antivirus_status", "unmatched"] == "DREAMING"


# -- encryption --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conversion", "protection", "state", "outcome"),
    [
        ("FULLY_ENCRYPTED", "PROTECTED", "protected", (1, 1, 0)),
        ("FULLY_ENCRYPTED", "UNPROTECTED", "suspended", (0, 1, 0)),
        ("FULLY_ENCRYPTED", "UNKNOWN", None, (0, 0, 1)),
        ("ENCRYPTION_PAUSED", "PENDING", "encrypting", (0, 1, 0)),
        ("DECRYPTION_IN_PROGRESS", "UNPROTECTED", "decrypted", (0, 1, 0)),
        ("FULLY_DECRYPTED", "UNPROTECTED", "decrypted", (0, 1, 0)),
        ("UNKNOWN", "PROTECTED", None, (0, 0, 1)),
        (None, None, None, (0, 0, 1)),
    ],
)
def test_a_system_volume_is_protected_only_when_it_is_encrypted_and_its_key_is_held(
    conversion, protection, state, outcome
):
    rows = [volume(1, "C:", conversion, protection), volume(1, "D:", "FULLY_DECRYPTED", "UNPROTECTED")]  # fmt: skip
    report = made({"devices": devices({}), "volumes": typed("volumes", rows)})
    assert counted(report, "os_volume_encrypted") == outcome
    assert counted(report, "fixed_volumes_encrypted") == (0, 1, 0)
    assert list(report.tables["not_encrypted"]["state"]) == (
        [state] if outcome == (0, 1, 0) else []
    )
    suspended = report.actions["action"] == "Resume BitLocker"
    assert suspended.any() == (state == "suspended")


def test_of_a_volume_that_is_told_twice_the_better_state_counts():
    rows = [
        volume(1, "C:", "FULLY_DECRYPTED", "UNPROTECTED"), volume(1, "c:\\", None, None),
        volume(1, "C:", "FULLY_ENCRYPTED", "PROTECTED"),
    ]  # fmt: skip
    report = made({"devices": devices({}), "volumes": typed("volumes", rows)})
    assert counted(report, "os_volume_encrypted") == (1, 1, 0)
    assert counted(report, "fixed_volumes_encrypted") == (1, 1, 0)


def test_recovery_sticks_and_network_drives_are_no_fixed_volumes():
    off = ("FULLY_DECRYPTED", "UNPROTECTED")
    rows = [
        volume(1, "C:", "FULLY_ENCRYPTED", "PROTECTED"),
        volume(1, None, *off),
        volume(1, "F:", *off, device_type="Removable Disk"),
        volume(1, "N:", *off, device_type="Network Drive"),
    ]
    report = made({"devices": devices({}, {}), "volumes": typed("volumes", rows)})
    assert counted(report, "fixed_volumes_encrypted") == (1, 1, 1)


def test_the_letter_of_windows_can_be_another_and_laptops_alone_can_be_asked_for():
    frames = {
        "devices": devices({"role_id": 1}, {"role_id": 2}, {"role_id": None}),
        "roles": typed("roles", [{"role_id": 1, "chassis_type": "LAPTOP"}, {"role_id": 2}]),
        "volumes": typed("volumes", [volume(1, "d:\\", "FULLY_ENCRYPTED", "PROTECTED")]),
    }
    assert counted(made(frames, os_drive="D"), "os_volume_encrypted") == (1, 1, 2)
    assert counted(made(frames, os_drive="D:", laptops_only=True), "os_volume_encrypted") == (
        1,
        1,
        0,
    )
    for wrong in ("", "C:\\Windows", 3):
        with pytest.raises(UsageError, match="os_drive"):
            made(frames, os_drive=wrong)


# -- threats and technicians -------------------------------------------------------------------


def test_a_threat_counts_where_health_counts_it_or_where_it_is_listed():
    health = [
        {"device_id": 1, "active_threats_count": 2}, {"device_id": 2, "active_threats_count": 0},
        {"device_id": 3, "active_threats_count": None}, {"device_id": 4, "active_threats_count": 0},
    ]  # fmt: skip
    threats = [
        {"device_id": 3, "name": "EICAR", "status": "active", "level": "HIGH"},
        {"device_id": 4, "name": "EICAR", "status": "QUARANTINED"},
    ]
    report = made(
        {
            "devices": devices({}, {}, {}, {}, {}),
            "device_health": typed("device_health", health),
            "antivirus_threats": typed("antivirus_threats", threats),
        }
    )
    assert counted(report, "active_threats") == (2, 4, 1)
    table = report.tables["active_threats"]
    assert list(table["names"]) == ["not listed by name", "EICAR (high)"]
    assert list(report.actions["bucket"][:2]) == ["fix now", "fix now"]


def test_a_technician_without_a_factor_fails_and_one_who_comes_by_sso_is_an_exception():
    report = made(posture(3, 1))
    kpi = report.kpi("technicians_mfa")
    assert (kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions) == (1, 2, 1, 1)
    table = report.tables["technicians_without_mfa"]
    assert list(table["technician"]) == ["Jo", "Kim"]
    theirs = made(posture(3, 1), organizations=1)
    assert theirs.kpi("technicians_mfa") == kpi
    assert theirs.tables["technicians_without_mfa"].empty
    assert not theirs.actions["action"].str.contains("technician").any()


# -- custom fields -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("A\\x\r\nA\\y\n", ("A\\x", "A\\y")),
        ("Smith, J\nroot", ("Smith, J", "root")),
        ("root, admin;helpdesk", ("root", "admin", "helpdesk")),
        ('["root", "ROOT", "admin"]', ("root", "admin")),
        ('[{"Name": "A\\\\x", "SID": "S-1"}]', ("A\\x",)),
        ([{"principal": "root"}, "admin"], ("root", "admin")),
        ({"text": "root\nadmin", "html": "<ul/>"}, ("root", "admin")),
        ("[not json", ("[not json",)),
        ("[]", ()),
        (4711, ("4711",)),
        ("  \n ", ()),
    ],
)
def test_accounts_are_read_from_lines_commas_and_json(value, names):
    assert principals(value) == names


@pytest.mark.parametrize(
    ("principal", "pattern", "fits"),
    [
        (".\\Administrator", "administrator", True),
        ("ACME\\Domain Admins", "ACME\\*", True),
        ("ACME\\Domain Admins", "*\\domain admins", True),
        ("ACME\\f.novak", "f?novak", True),
        ("ACME\\f.novak", "f.nova", False),
        ("ACME\\a[1]", "a[1]", True),
        ("ACME\\xADMIN", "ADMIN*", False),
    ],
)
def test_an_account_is_allowed_by_its_whole_name_or_by_the_name_alone(principal, pattern, fits):
    assert is_allowed(principal, (pattern,)) is fits


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (True, "pass"), ("On", "pass"), ("FileVault is On.", "pass"), ("2.0", "pass"), (1, "pass"),
        (False, "fail"), ("Unsupported", "fail"), ("1.2", "fail"), ("FileVault is Off.", "fail"),
        ("perhaps", "unknown"), ({"text": "on"}, "pass"),
    ],
)  # fmt: skip
def test_a_field_says_yes_and_no_in_many_words(value, outcome):
    assert list(verdicts(pd.Series([value], dtype="object"))) == [outcome]


def test_administrators_who_are_not_allowed_are_counted_by_device_and_by_account():
    told = fields(
        {"admins": "PC1\\Administrator\nACME\\Domain Admins"},
        {"admins": "PC2\\Administrator\nPC2\\Guest\nACME\\f.novak"},
        {"admins": "acme\\F.NOVAK,PC1\\Guest"},
        {"admins": ""},
    )
    report = made({"devices": devices({}, {}, {}, {}, {}), "custom_fields": told})
    assert counted(report, "unauthorized_admins") == (2, 3, 2)
    table = report.tables["unauthorized_principals"].set_index("principal")
    # The account of another machine is not the device's own.
    assert dict(table["devices"]) == {"ACME\\f.novak": 2, ".\\Guest": 1, "PC1\\Guest": 1}


def test_the_name_that_windows_cuts_off_is_still_the_devices_own():
    long = {"system_name": "A-VERY-LONG-NAME-OF-A-PC"}
    told = fields({"admins": "A-VERY-LONG-NAM\\Guest"})
    report = made({"devices": devices(long), "custom_fields": told})
    assert list(report.tables["unauthorized_principals"]["principal"]) == [".\\Guest"]


def test_without_a_field_named_in_the_settings_everybody_is_unknown_and_told_how_to_name_it():
    frames = posture()
    report = made(frames, settings=Settings())
    for key, what in {"unauthorized_admins": "local_admins", "tpm_ready": "tpm"}.items():
        kpi = report.kpi(key)
        assert (kpi.numerator, kpi.denominator) == (0, 0)
        assert kpi.unknown > 0
        assert kpi.note == "no custom field is named"
        assert any(f'{what} = "the field' in note for note in report.notes)
    assert "ninja-analytics.toml" in " ".join(report.notes)


def test_without_a_list_of_allowed_accounts_nobody_is_judged():
    report = made(posture(), settings=Settings(custom_fields=NAMED))
    assert counted(report, "unauthorized_admins")[:2] == (0, 0)
    assert any("[local_admins]: allowed" in note for note in report.notes)
    assert report.tables["unauthorized_principals"].empty


def test_a_field_that_there_is_not_is_told_by_its_name():
    settings = Settings(custom_fields={"tpm": "tmp"}, file="ours.toml")
    report = made(posture(), settings=settings)
    assert any("no custom field 'tmp'" in one and "ours.toml" in one for one in report.notes)


def test_choices_are_read_by_their_names_and_fields_found_by_their_label():
    frames = posture(80, 3)
    by_label = Settings(custom_fields={**NAMED, "secure_boot": "secure boot"})
    assert counted(made(frames, settings=by_label), "secure_boot_on") == counted(
        made(frames), "secure_boot_on"
    )
    assert made(frames).kpi("secure_boot_on").denominator
    del frames["custom_field_definitions"]
    report = made(frames)
    assert report.kpi("secure_boot_on").denominator == 0
    assert "id-on" in report.quality.set_index("table").loc["custom_fields", "unmatched"]


# -- the report as a whole ---------------------------------------------------------------------


def test_the_tables_have_the_devices_that_the_kpis_count():
    report = made(posture(400, 9))
    for table, key in {
        "active_threats": "active_threats",
        "not_encrypted": "os_volume_encrypted",
        "unauthorized_admins": "unauthorized_admins",
        "without_filevault": "filevault_on",
        "without_tpm": "tpm_ready",
        "without_secure_boot": "secure_boot_on",
    }.items():
        assert len(report.tables[table]) == report.kpi(key).failed > 0, key
    assert len(report.tables["antivirus_conflicts"]) == report.kpi("antivirus_conflicts").numerator
    shares = report.tables["controls_by_organization"].groupby("control")[["pass", "fail"]].sum()
    protected = report.kpi("antivirus_protected")
    assert tuple(shares.loc["Antivirus on"]) == (protected.passed, protected.failed)


def test_stale_devices_and_other_kinds_are_in_no_control():
    old = {"last_contact_at": NOW - pd.Timedelta(days=31)}
    frames = {"devices": devices(old, {"node_class": "NMS_SWITCH"}, {"approval_status": "PENDING"})}
    report = made({**frames, "antivirus_status": antivirus()})
    assert counted(report, "antivirus_protected") == (0, 0, 0)


@pytest.mark.parametrize("lost", list(SPEC.tables))
def test_a_table_that_could_not_be_read_costs_its_own_kpis_and_is_told(lost):
    frames = posture(60, 5)
    del frames[lost]
    report = made({name: frame for name, frame in frames.items() if name in SPEC.tables})
    assert [one.split(" ")[0] for one in report.warnings] == [lost]
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (lost in kpi.definition.tables), kpi.key


@pytest.mark.parametrize(("devices", "organizations"), [(0, 0), (1, 1), (40, 6), (300, 40)])
def test_the_charts_draw_for_fleets_of_every_size(devices, organizations):
    for chart in made(posture(devices, organizations)).charts.values():
        assert chart.draw().figure
        assert chart.alt.endswith((".", "drawn"))


def test_organizations_that_are_not_drawn_are_told():
    chart = made(posture(300, 40)).charts["controls"]
    assert "other organizations, not drawn" in chart.alt
