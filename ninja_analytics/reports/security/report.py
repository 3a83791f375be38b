"""The report security_posture: which devices lack a control, and which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.custom_fields import is_defined
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.security import charts as security_charts
from ninja_analytics.reports.security import tables as security_tables
from ninja_analytics.reports.security.controls import CONTROLS, FIELDS, Judged, judged
from ninja_analytics.reports.settings import FILE, PACKAGED, Settings

ABOUT = About(
    name="security_posture",
    title="Security posture",
    question="Which devices lack a control, and which?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "roles": "laptops cannot be told from desktops",
            "devices": "devices cannot be counted, so nothing below can",
            "antivirus_status": "antivirus is unknown everywhere",
            "antivirus_threats": "threats are counted by health alone, and not named",
            "device_health": "active threats are known only where they are listed by name",
            "volumes": "encryption is unknown everywhere, and a silent agent looks like no antivirus",
            "custom_fields": "administrators, FileVault, TPM and Secure Boot are unknown everywhere",
            "custom_field_definitions": "choices in custom fields cannot be read, and fields not found by label",
            "technicians": "how technicians sign in is unknown",
        }
    ),
    parameters=MappingProxyType({"volumes": {"include": "bl"}}),
)
_LESS = ("active_threats", "unauthorized_admins")
"""Controls whose KPI tells of those that fail."""


def security_posture(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    laptops_only: bool = False,
    os_drive: str = "C:",
) -> Report:
    """Antivirus, encryption, threats, local administrators and technicians: who lacks what.

    With *laptops_only* encryption is judged on devices whose role is for laptops. *os_drive* is the
    letter of the volume that Windows is on. Local administrators, FileVault, TPM and Secure Boot are
    told by custom fields that the *settings* name. The other parameters are those of every report.
    Raises UnknownNameError for a name that nobody has, UsageError for a letter that is none.
    """
    if not isinstance(os_drive, str) or not os_drive.strip(" :\\").isalpha():
        raise UsageError(f"os_drive is {os_drive!r}, but must be the letter of a drive, e.g. C:.")
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        laptops_only=laptops_only,
        os_drive=os_drive,
    )
    found = judged(ask, laptops_only=laptops_only, os_drive=os_drive)
    # A report about some customers goes to them, and is not to name whoever works for all.
    tables = security_tables.tables(found, frames, everybody=organizations is None)
    computers = ask.eligible[ask.eligible["class_group"].isin(COMPUTERS)]
    windows = computers[computers["node_class"].eq("WINDOWS_WORKSTATION")]
    return made(
        ask,
        kpis=_kpis(ask, found),
        tables=tables,
        captions=security_tables.CAPTIONS,
        charts=security_charts.charts(found, tables),
        to_do=_to_do(tables),
        notes=_notes(ask, found, laptops_only=laptops_only),
        expected={"antivirus_status": windows, "volumes": windows, "device_health": computers},
        unmatched=found.unmatched,
    )


def _kpis(ask: Asked, found: Judged) -> tuple[Kpi, ...]:
    """The headline numbers: one per control, products in conflict, technicians."""
    kpis = [_of_control(ask, key, frame) for key, frame in found.controls.items()]
    guarded = found.controls["antivirus_protected"]
    on = guarded["products_on"] > 0
    people = security_tables.technicians(ask.frames)["outcome"].value_counts()
    passed, failed, excepted, unknown = (
        int(people.get(one, 0)) for one in ("pass", "fail", "exception", "unknown")
    )
    conflict = ask.kpi(
        "antivirus_conflicts",
        numerator=int((guarded["products_on"] > 1).sum()),
        denominator=int(on.sum()),
        unknown=int((~on & guarded["on"].isna()).sum()),
    )
    signing_in = ask.kpi(
        "technicians_mfa",
        numerator=passed,
        denominator=passed + failed,
        unknown=unknown,
        exceptions=excepted,
    )
    return (*kpis[:2], conflict, *kpis[2:], signing_in)


def _of_control(ask: Asked, key: str, devices: pd.DataFrame) -> Kpi:
    count = devices["outcome"].value_counts()
    passed, failed = int(count.get("pass", 0)), int(count.get("fail", 0))
    note = ""
    if key == "os_volume_encrypted" and (suspended := int((devices["state"] == "suspended").sum())):
        note = f"{suspended:,} suspended"
    if key in FIELDS and not ask.settings.custom_fields.get(FIELDS[key]):
        note = "no custom field is named"
    elif key == "unauthorized_admins" and not ask.settings.allowed_admins:
        note = "nobody is named who may be one"
    return ask.kpi(
        key,
        numerator=failed if key in _LESS else passed,
        denominator=passed + failed,
        unknown=int(count.get("unknown", 0)),
        note=note,
    )


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Threats and missing protection now, what needs a plan, and what to keep an eye on."""
    guarded, disks = tables["without_antivirus"], tables["not_encrypted"]
    old, suspended = guarded["state"] == "out_of_date", disks["state"] == "suspended"
    threats, admins = tables["active_threats"], tables["unauthorized_admins"]
    people = tables["technicians_without_mfa"]
    people = people[people["outcome"] == "fail"]
    many = threats["threats"].astype("str") + " active: " + threats["names"]
    products = guarded["products"].mask(guarded["products"] == "", "no product reported")
    return (
        to_do("fix now", "Remove the threats", threats, why=many),
        to_do("fix now", "Switch the antivirus on", guarded[~old], why=products[~old]),
        to_do("fix now", "Resume BitLocker", disks[suspended], why=disks["found"]),
        to_do("fix now", "Have the technician set up a second factor", people, why=people["technician"] + " signs in without"),
        to_do("plan", "Update the antivirus definitions", guarded[old], why=products[old]),
        to_do("plan", "Encrypt the system volume", disks[~suspended], why=disks["found"]),
        to_do("plan", "Take away administrator rights, or allow the account", admins, why=admins["found"]),
        to_do("plan", "Encrypt the other volumes", tables["volumes_not_encrypted"], why=tables["volumes_not_encrypted"]["found"]),
        to_do("plan", "Switch FileVault on", tables["without_filevault"], why=tables["without_filevault"]["found"]),
        to_do("watch", "Switch Secure Boot on, if the machine can", tables["without_secure_boot"], why=tables["without_secure_boot"]["found"]),
        to_do("watch", "Replace the machine without a TPM 2.0, if it is none that is virtual", tables["without_tpm"], why=tables["without_tpm"]["found"]),
        to_do("watch", "Leave one antivirus on", tables["antivirus_conflicts"], why=tables["antivirus_conflicts"]["products"]),
    )  # fmt: skip


def _notes(ask: Asked, found: Judged, *, laptops_only: bool) -> Iterator[str]:
    """What a reader should know about how things were judged."""
    fields = ask.settings.custom_fields
    for control, what in FIELDS.items():
        label = CONTROLS[control]
        if not fields.get(what):
            yield (
                f"{label} is unknown: NinjaOne tells it in a custom field of yours only. Name the field "
                f'in {FILE}, under [custom_fields]: {what} = "the field\'s name".'
            )
        elif is_defined(ask.frames, fields[what]) is False:
            yield (
                f"{label} is unknown: there is no custom field {fields[what]!r}. Check {what} in "
                f"{ask.settings.file or FILE}."
            )
    if fields.get("local_admins") and not ask.settings.allowed_admins:
        yield (
            f"Who may be a local administrator is not said in {ask.settings.file or FILE}, so nobody is "
            'judged. Name them under [local_admins]: allowed = ["Administrator", "ACME\\\\Domain Admins"].'
        )
    silent = found.controls["antivirus_protected"]
    silent = silent[(silent["state"] == "unknown") & (silent["class_group"] == "servers")]
    if len(silent):
        yield (
            f"Servers of which no antivirus is known: {len(silent):,}. Windows Server has no security "
            "center to ask, so a product is known only if it tells NinjaOne by itself."
        )
    if laptops_only:
        yield "Encryption is judged on devices whose role is for laptops; roles are set by people."
    yield (
        "Technicians are counted in the whole instance, whatever organizations are asked for, and named "
        "only where none are."
    )
