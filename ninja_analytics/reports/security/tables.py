"""The tables of security_posture: the devices without each control, by name and by organization."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ninja_analytics.reports.population import read
from ninja_analytics.reports.security.controls import CONTROLS, Judged

CAPTIONS = {
    "controls_by_organization": "Each control in each organization: of the devices that are known to "
    "have it or not, which share has it.",
    "without_antivirus": "Computers without an antivirus that is on and current: off, none reported, "
    "or out of date.",
    "antivirus_conflicts": "Computers on which several antivirus products are on at once.",
    "not_encrypted": "Windows workstations whose system volume is not protected by BitLocker; a "
    "suspended one is encrypted, but its key lies open.",
    "volumes_not_encrypted": "Windows workstations whose system volume is protected and another fixed "
    "volume is not.",
    "active_threats": "Computers with threats that are active now, the most first.",
    "unauthorized_admins": "Computers with local administrators who are not on your list.",
    "unauthorized_principals": "Accounts that are local administrators without being on your list. "
    ".\\name is an account of the device itself.",
    "without_filevault": "Macs on which your custom field says that FileVault is off.",
    "without_tpm": "Windows workstations on which your custom field says no, or a TPM below 2.0.",
    "without_secure_boot": "Windows workstations on which your custom field says that Secure Boot is off.",
    "technicians_without_mfa": "Technicians who may sign in without a second factor that NinjaOne knows "
    "of, administrators first. With SSO the identity provider may ask for one.",
}
_WHO = ["device", "organization", "location", "node_class"]
_MORE = ["last_contact_at", "device_id"]


def tables(
    found: Judged, frames: Mapping[str, pd.DataFrame], *, everybody: bool
) -> dict[str, pd.DataFrame]:
    """The tables of the report, by name; technicians are named only with *everybody*."""
    people = technicians(frames)
    controls = found.controls
    guarded, system = controls["antivirus_protected"], controls["os_volume_encrypted"]
    protected = system.loc[system["state"] == "protected", "device_id"]
    volumes = controls["fixed_volumes_encrypted"]
    others = volumes[volumes["device_id"].isin(protected)]
    bad = guarded["state"].isin(("off", "none_reported", "out_of_date"))
    return {
        "controls_by_organization": by_organization(found.long),
        "without_antivirus": _devices(guarded[bad], ["state", "products"]),
        "antivirus_conflicts": _devices(guarded[guarded["products_on"] > 1], ["products"]),
        "not_encrypted": _devices(_failed(system), ["state", "words"]),
        "volumes_not_encrypted": _devices(_failed(others), ["words"]),
        "active_threats": _threats(_failed(controls["active_threats"])),
        "unauthorized_admins": _devices(_failed(controls["unauthorized_admins"]), ["words"]),
        "unauthorized_principals": principals(found, controls["unauthorized_admins"]),
        "without_filevault": _devices(_failed(controls["filevault_on"]), ["words"]),
        "without_tpm": _devices(_failed(controls["tpm_ready"]), ["words"]),
        "without_secure_boot": _devices(_failed(controls["secure_boot_on"]), ["words"]),
        "technicians_without_mfa": technicians_without(people if everybody else people.iloc[:0]),
    }


def _failed(devices: pd.DataFrame) -> pd.DataFrame:
    return devices[devices["outcome"] == "fail"]


def _devices(devices: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The devices by state, organization and name, with the *columns* that say what is wrong."""
    order = [*(["state"] if "state" in columns else []), "organization", "device", "device_id"]
    told = devices.sort_values(order, kind="stable", ignore_index=True)
    return told[[*_WHO, *columns, *_MORE]].rename(columns={"words": "found"})


def _threats(devices: pd.DataFrame) -> pd.DataFrame:
    told = devices.sort_values(
        ["threats", "organization", "device", "device_id"],
        ascending=[False, True, True, True],
        kind="stable",
        ignore_index=True,
    )
    told["names"] = told["names"].fillna("not listed by name")
    return told[[*_WHO, "threats", "names", *_MORE]]


def by_organization(long: pd.DataFrame) -> pd.DataFrame:
    """Per organization and control: pass, fail, unknown, share; the largest organization first."""
    keys = ["organization", "organization_id", "control"]
    ones = {one: (long["outcome"] == one).astype("int64") for one in ("pass", "fail", "unknown")}
    told = long[keys].assign(**ones).groupby(keys, dropna=False).sum().reset_index()
    known = told["pass"] + told["fail"]
    told["share"] = (told["pass"] / known.where(known > 0)).astype("Float64")
    told["devices"] = known + told["unknown"]
    size = told.groupby(["organization", "organization_id"], dropna=False)["devices"].transform(
        "max"
    )
    rank = told["control"].map({one: place for place, one in enumerate(CONTROLS.values())})
    told = told.assign(size=size, rank=rank).sort_values(
        ["size", "organization", "organization_id", "rank"],
        ascending=[False, True, True, True],
        kind="stable",
        ignore_index=True,
    )
    return told[["organization", "control", "devices", "pass", "fail", "unknown", "share", "organization_id"]]  # fmt: skip


def principals(found: Judged, devices: pd.DataFrame) -> pd.DataFrame:
    """Accounts that are not on the list, by how many devices and organizations they are on."""
    admins = found.admins
    bad = admins[admins["allowed"].eq(False).fillna(False).astype(bool)]
    told = bad.merge(devices[["device_id", "device", "organization"]], on="device_id")
    told = told.sort_values(["principal", "organization", "device"], kind="stable")
    each = told.groupby("principal").agg(
        devices=("device_id", "nunique"),
        organizations=("organization", "nunique"),
        first_device=("device", "first"),
        first_organization=("organization", "first"),
    )
    return each.reset_index().sort_values(
        ["devices", "principal"], ascending=[False, True], kind="stable", ignore_index=True
    )


def technicians(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The technicians who may sign in, with `outcome`: by SSO without a factor is an exception."""
    texts = ("first_name", "last_name", "email", "auth_type", "invitation_status")
    truths = ("enabled", "mfa_configured", "administrator")
    rows = read(
        frames,
        "technicians",
        {"user_id": "Int64", **dict.fromkeys(texts, "str"), **dict.fromkeys(truths, "boolean")},
    ).drop_duplicates("user_id")
    rows = rows[rows["enabled"].fillna(True).astype(bool)]
    outcome = rows["mfa_configured"].map({True: "pass", False: "fail"}).astype("str")
    sso = rows["auth_type"].str.upper().eq("SSO").fillna(False).astype(bool)
    outcome = outcome.mask(sso & (outcome == "fail"), "exception")
    return rows.assign(outcome=outcome.fillna("unknown"))


def technicians_without(rows: pd.DataFrame) -> pd.DataFrame:
    """Those without a second factor that NinjaOne knows of."""
    bad = rows[rows["outcome"].isin(("fail", "exception"))]
    name = (bad["first_name"].fillna("") + " " + bad["last_name"].fillna("")).str.strip()
    told = bad.assign(
        technician=name.mask(name == "", bad["email"]).fillna(
            "user " + bad["user_id"].astype("str")
        ),
        administrator=bad["administrator"].fillna(False),
    )
    told = told.sort_values(
        ["outcome", "administrator", "technician", "user_id"],
        ascending=[False, False, True, True],
        kind="stable",
        ignore_index=True,
    )
    columns = ["technician", "email", "administrator", "auth_type", "invitation_status", "outcome"]
    return told[[*columns, "user_id"]]
