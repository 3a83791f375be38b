"""Which devices have which control: antivirus, encryption, no threats, and what custom fields tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from ninja_analytics.reports.custom_fields import field_values
from ninja_analytics.reports.making import Asked
from ninja_analytics.reports.population import COMPUTERS, read
from ninja_analytics.reports.quality import sources
from ninja_analytics.reports.security.fields import (
    administrators,
    unknown_words,
    verdicts,
)

# What is judged, by the KPI that tells of it, and how people call it.
CONTROLS = MappingProxyType(
    {
        "antivirus_protected": "Antivirus on",
        "antivirus_current": "Definitions current",
        "os_volume_encrypted": "Windows encrypted",
        "fixed_volumes_encrypted": "All volumes encrypted",
        "active_threats": "No active threats",
        "unauthorized_admins": "Only allowed admins",
        "filevault_on": "FileVault on",
        "tpm_ready": "TPM 2.0",
        "secure_boot_on": "Secure Boot on",
    }
)
# The custom field of the settings that a control is told by.
FIELDS = MappingProxyType(
    {
        "unauthorized_admins": "local_admins",
        "filevault_on": "filevault",
        "tpm_ready": "tpm",
        "secure_boot_on": "secure_boot",
    }
)
OFF_WORDS = ("OFF", "SNOOZED", "EXPIRED", "DISABLED")
SILENT_WORDS = ("", "UNKNOWN", "UNSPECIFIED", "NONE")
ANTIVIRUS_STATES = ("current", "out_of_date", "off", "none_reported", "unknown")
ENCRYPTION_STATES = ("protected", "suspended", "encrypting", "decrypted", "unknown")
_CONVERSION = MappingProxyType(
    {
        "ENCRYPTION_IN_PROGRESS": "encrypting",
        "ENCRYPTION_PAUSED": "encrypting",
        "DECRYPTION_IN_PROGRESS": "decrypted",
        "DECRYPTION_PAUSED": "decrypted",
        "FULLY_DECRYPTED": "decrypted",
    }
)
_WORKSTATION = "WINDOWS_WORKSTATION"


@dataclass(frozen=True, slots=True)
class Judged:
    """The devices of each control, with `outcome` (pass, fail, unknown) and what it follows from.

    `admins` has a row per device and account of it; `unmatched` the words of each table that
    nothing here knows.
    """

    controls: Mapping[str, pd.DataFrame]
    admins: pd.DataFrame
    unmatched: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def long(self) -> pd.DataFrame:
        """All controls in one frame: control, outcome, organization, organization_id, device_id."""
        columns = ["organization", "organization_id", "device_id", "outcome"]
        parts = [
            frame[columns].assign(control=CONTROLS[name]) for name, frame in self.controls.items()
        ]
        return pd.concat(parts, ignore_index=True)


def judged(ask: Asked, *, laptops_only: bool, os_drive: str) -> Judged:
    """Every control of the eligible computers."""
    computers = ask.eligible[ask.eligible["class_group"].isin(COMPUTERS)]
    windows = computers[computers["node_class"].eq(_WORKSTATION)]
    macs = computers[computers["node_class"].str.startswith("MAC").fillna(False).astype(bool)]
    guarded, odd = antivirus(ask, computers)
    volumes = encryption(ask)
    of_windows = _laptops(ask, windows) if laptops_only else windows
    admins, fields, more = _by_fields(ask, computers, windows, macs)
    on = guarded["on"]
    controls = {
        "antivirus_protected": guarded.assign(outcome=_outcome(on)),
        "antivirus_current": _current(guarded),
        "os_volume_encrypted": _os_volume(of_windows, volumes, os_drive),
        "fixed_volumes_encrypted": _all_volumes(of_windows, volumes),
        "active_threats": threats(ask, computers),
        **fields,
    }
    return Judged(
        {name: controls[name] for name in CONTROLS},
        admins,
        {"antivirus_status": odd, "custom_fields": more},
    )


def _outcome(passed: pd.Series) -> pd.Series:
    """pass, fail or unknown of true, false and missing."""
    words = passed.astype("boolean").map({True: "pass", False: "fail"})
    return words.astype("str").fillna("unknown")


def antivirus(ask: Asked, computers: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The computers with `on`, `state`, `products` and `products_on`; and the words nobody knows.

    Windows tells of every product on a workstation, so one without a row has none; unless the agent
    told nothing at all. On servers, Macs and Linux nobody asks, so nobody knows.
    """
    each, odd = _products(ask.frames)
    found = computers.merge(each, how="left", left_on="device_id", right_index=True)
    whole = (
        ask.has("antivirus_status") and not sources(ask.frames, ("antivirus_status",))[0].partial
    )
    heard = pd.Series(True, index=found.index)
    if ask.has("volumes"):
        heard = found["device_id"].isin(ask.frames["volumes"]["device_id"].dropna())
    asked = found["node_class"].eq(_WORKSTATION).fillna(False).astype(bool) & heard & whole
    without = found["products"].isna()
    found["on"] = found["on"].astype("boolean").mask(without & asked, False)
    on = found["on"].eq(True).fillna(False).astype(bool)
    off = found["on"].eq(False).fillna(False).astype(bool)
    state = pd.Series("unknown", index=found.index, dtype="str")
    state = (
        state.mask(on, found["definitions"]).mask(off, "off").mask(off & without, "none_reported")
    )
    found["state"] = state.fillna("unknown")
    found["products"] = found["products"].fillna("")
    found["products_on"] = found["products_on"].fillna(0).astype("int64")
    return found, odd


def _products(frames: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    """By device id: whether a product is on (missing if a word leaves it open), and its products."""
    columns = dict.fromkeys(("product_name", "product_state", "definition_status"), "str")
    rows = read(frames, "antivirus_status", {"device_id": "Int64", **columns})
    rows = rows.dropna(subset=["device_id"])
    state = rows["product_state"].str.strip().str.upper().fillna("")
    odd = state[~state.isin(("ON", *OFF_WORDS, *SILENT_WORDS))]
    status = rows["definition_status"].fillna("")
    on = state == "ON"
    current = on & status.str.contains(r"(?i)up.?to.?date", regex=True)
    old = on & status.str.contains(r"(?i)out.?of.?date", regex=True)
    name = rows["product_name"].fillna("a product")
    words = name + " " + state.mask(state == "", "UNKNOWN") + (", " + status).mask(status == "", "")
    told = pd.DataFrame(
        {"device_id": rows["device_id"], "name": name, "words": words, "on": on, "current": current,
         "old": old, "open": ~on & ~state.isin(OFF_WORDS)}
    ).sort_values(["device_id", "words"], kind="stable")  # fmt: skip
    each = told.groupby("device_id")
    flags = each[["on", "current", "old", "open"]].any()
    definitions = pd.Series("unknown", index=flags.index, dtype="str")
    definitions = definitions.mask(flags["old"], "out_of_date").mask(flags["current"], "current")
    counted = told[told["on"]].groupby("device_id")["name"].nunique()
    made = pd.DataFrame(
        {
            "on": flags["on"].astype("boolean").mask(~flags["on"] & flags["open"]),
            "definitions": definitions,
            "products_on": counted.reindex(flags.index, fill_value=0),
            "products": told.drop_duplicates(["device_id", "words"])
            .groupby("device_id")["words"]
            .agg("; ".join),
        }
    )
    return made, sorted(set(odd))


def _current(guarded: pd.DataFrame) -> pd.DataFrame:
    """The devices on which a product is on, by its definitions."""
    on = guarded[guarded["on"].eq(True).fillna(False).astype(bool)]
    words = on["state"].map({"current": "pass", "out_of_date": "fail"}).astype("str")
    return on.assign(outcome=words.fillna("unknown"))


def encryption(ask: Asked) -> pd.DataFrame:
    """The fixed volumes with a letter: device_id, drive_letter, state (of ENCRYPTION_STATES), words."""
    texts = ("drive_letter", "device_type", "bitlocker_conversion_status", "bitlocker_protection_status")  # fmt: skip
    rows = read(ask.frames, "volumes", {"device_id": "Int64", **dict.fromkeys(texts, "str")})
    rows["drive_letter"] = rows["drive_letter"].str.strip().str.rstrip("\\").str.upper()
    fixed = rows["device_type"].fillna("Local Disk").str.casefold().isin(("local disk", "fixed"))
    rows = rows[fixed & rows["drive_letter"].notna()].dropna(subset=["device_id"])
    conversion = rows["bitlocker_conversion_status"].str.strip().str.upper()
    protection = rows["bitlocker_protection_status"].str.strip().str.upper()
    state = conversion.map(_CONVERSION).astype("str")
    whole = conversion == "FULLY_ENCRYPTED"
    state = state.mask(whole & (protection == "PROTECTED"), "protected")
    state = state.mask(whole & (protection == "UNPROTECTED"), "suspended").fillna("unknown")
    words = rows["drive_letter"] + " " + conversion.fillna("not reported").str.lower().str.replace("_", " ")  # fmt: skip
    rank = state.map({one: place for place, one in enumerate(ENCRYPTION_STATES)})
    told = rows[["device_id", "drive_letter"]].assign(
        state=state, rank=rank, words=words + (", " + protection.str.lower()).fillna("")
    )
    # Of a volume that is told twice the better state counts.
    told = told.sort_values(["device_id", "drive_letter", "rank"], kind="stable")
    return told.drop_duplicates(["device_id", "drive_letter"])


def _os_volume(windows: pd.DataFrame, volumes: pd.DataFrame, os_drive: str) -> pd.DataFrame:
    """The Windows workstations by the state of the volume that Windows is on."""
    letter = os_drive.strip().rstrip("\\").upper().removesuffix(":") + ":"
    there = volumes.loc[volumes["drive_letter"] == letter, ["device_id", "state", "words"]]
    found = windows.merge(there, how="left", on="device_id")
    found["state"] = found["state"].fillna("unknown")
    found["words"] = found["words"].fillna("no volume " + letter)
    outcome = found["state"].map({"protected": "pass", "unknown": "unknown"}).astype("str")
    return found.assign(outcome=outcome.fillna("fail"))


def _all_volumes(windows: pd.DataFrame, volumes: pd.DataFrame) -> pd.DataFrame:
    """The Windows workstations by whether every fixed volume with a letter is protected."""
    state = volumes["state"]
    each = (
        volumes.assign(open=state == "unknown", bad=~state.isin(("protected", "unknown")))
        .groupby("device_id")
        .agg(open=("open", "any"), bad=("bad", "any"), words=("words", "; ".join))
    )
    passed = (~each["bad"]).astype("boolean").mask(each["open"] & ~each["bad"])
    told = pd.DataFrame({"passed": passed, "words": each["words"]})
    found = windows.merge(told, how="left", left_on="device_id", right_index=True)
    found["words"] = found["words"].fillna("no volumes reported")
    return found.assign(outcome=_outcome(found["passed"])).drop(columns="passed")


def _laptops(ask: Asked, windows: pd.DataFrame) -> pd.DataFrame:
    """Those whose role is for laptops."""
    roles = read(ask.frames, "roles", {"role_id": "Int64", "chassis_type": "str"})
    laptops = roles.loc[roles["chassis_type"].str.upper() == "LAPTOP", "role_id"]
    held = read(ask.frames, "devices", {"device_id": "Int64", "role_id": "Int64"})
    there = held.loc[held["role_id"].isin(laptops.dropna()), "device_id"]
    return windows[windows["device_id"].isin(there)]


def threats(ask: Asked, computers: pd.DataFrame) -> pd.DataFrame:
    """The computers by their active threats: those that health counts, and those that are listed."""
    health = read(
        ask.frames, "device_health", {"device_id": "Int64", "active_threats_count": "Int64"}
    )
    counted = health.dropna().groupby("device_id")["active_threats_count"].max()
    texts = dict.fromkeys(("name", "status", "level"), "str")
    listed = read(ask.frames, "antivirus_threats", {"device_id": "Int64", **texts})
    active = listed[listed["status"].str.strip().str.upper() == "ACTIVE"].dropna(
        subset=["device_id"]
    )
    named = active["name"].fillna("a threat") + (" (" + active["level"].str.lower() + ")").fillna(
        ""
    )
    each = named.groupby(active["device_id"])
    found = computers.assign(
        counted=computers["device_id"].map(counted).astype("Int64"),
        listed=computers["device_id"].map(each.size()).astype("Int64"),
        names=computers["device_id"].map(each.agg(_different)).astype("str"),
    )
    found["threats"] = found[["counted", "listed"]].max(axis=1).astype("Int64")
    return found.assign(outcome=_outcome(found["threats"].eq(0)))


def _different(names: pd.Series) -> str:
    return "; ".join(dict.fromkeys(names))


def _by_fields(
    ask: Asked, computers: pd.DataFrame, windows: pd.DataFrame, macs: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[str]]:
    """The administrators, the controls that custom fields tell of, and the words nobody knows."""
    about = {"filevault_on": macs, "tpm_ready": windows, "secure_boot_on": windows}
    found, odd = {}, []
    for control, devices in about.items():
        values = _values(ask, control)
        told = verdicts(values)
        odd += unknown_words(values[values.index.isin(devices["device_id"])])
        ids = devices["device_id"]
        found[control] = devices.assign(
            outcome=ids.map(told).astype("str").fillna("unknown"),
            words=ids.map(values.map(str)).astype("str").fillna(""),
        )
    values = _values(ask, "unauthorized_admins")
    admins = administrators(computers, values, ask.settings.allowed_admins)
    bad = admins.loc[admins["allowed"].eq(False).fillna(False).astype(bool)]
    names = bad.groupby("device_id")["principal"].agg("; ".join)
    ids = computers["device_id"]
    known = ids.isin(values.index) & bool(ask.settings.allowed_admins)
    passed = pd.Series(~ids.isin(names.index), index=computers.index, dtype="boolean").mask(~known)
    found["unauthorized_admins"] = computers.assign(
        outcome=_outcome(passed), words=ids.map(names).astype("str").fillna("")
    )
    return admins, found, odd


def _values(ask: Asked, control: str) -> pd.Series:
    """What the user's field says of each device; nothing where no field is named."""
    return field_values(ask.frames, ask.settings.custom_fields.get(FIELDS[control], ""))
