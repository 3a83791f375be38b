"""Whether a computer with an older Windows could run Windows 11: what is known, and what is not."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ninja_analytics.reports.custom_fields import as_text, field_values
from ninja_analytics.reports.population import read

GIB = 1024**3
# As Microsoft's own check does it, sizes are rounded to whole GiB and the drive of the system
# counts: https://aka.ms/HWReadinessScript. Requirements:
# https://www.microsoft.com/windows/windows-11-specifications
LEAST_MEMORY = 4
LEAST_DISK = 64
STATES = ("ready", "fails", "cannot_tell")

# Processors that are on none of Microsoft's lists beyond doubt; of any other nothing is said.
# Intel before the 8th generation without the few of the 7th that are listed, every Xeon E3, E5 and
# E7, Core 2 and older, Atoms and Celerons before 4000; AMD before Zen+.
# https://learn.microsoft.com/windows-hardware/design/minimum/windows-processor-requirements
_TOO_OLD = (
    r"\bcore ?2\b",
    r"\bcore duo\b",
    r"\bpentium (?:4|d|m|iii|dual)\b",
    r"\bi[357](?: cpu)?[ -](?:m )?\d{3}m?\b",
    r"\bi[357]-(?!7820hq|7[678]\d0x)[2-7]\d{3}\w*\b",
    r"\b(?:m[357]|i[57])-[67]y\d\d\b",
    r"\bxeon(?: cpu)? (?:e[357]|[xlw]\d{4}\b)",
    r"\b(?:celeron|pentium)\b.*\b[jn][23]\d{3}\b",
    r"\batom\b(?!.*\b(?:x[67]|[cp]\d{3,4}))",
    r"\bamd (?:pro )?(?:fx|a\d+|e\d?-|phenom|sempron|opteron|athlon ii|athlon 64)",
    r"\bryzen (?:[357]|threadripper) (?:pro )?1\d{3}",
)
_32_BIT = r"(?i)32|^x86$|^i[3-6]86$"
_YES = frozenset(("true", "yes", "on", "enabled", "present", "1"))
_OFF = frozenset(("false", "no", "off", "disabled", "0"))
_NEVER = frozenset(("unsupported", "not supported", "absent", "none", "not present"))

_READS = {
    "processors": {"device_id": "Int64", "name": "str"},
    "computer_systems": {"device_id": "Int64", "memory_bytes": "Int64"},
    "volumes": {"device_id": "Int64", "drive_letter": "str", "capacity_bytes": "Int64"},
}


def readiness(
    devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame], fields: Mapping[str, str]
) -> pd.DataFrame:
    """The state of each of *devices* that run an older Windows, in the same order.

    *devices* has device_id and architecture; *fields* name the user's custom fields tpm and
    secure_boot. The columns are readiness (a word of `STATES`), why, memory_gib, disk_gib and
    processor. A device fails by what is known against it; it is ready when all is known and the
    custom fields say TPM 2.0 and Secure Boot; else nobody can tell.
    """
    known = _known(devices, frames)
    for name in ("tpm", "secure_boot"):
        told = as_text(field_values(frames, fields.get(name, "")))
        known[name] = known["device_id"].map(told).astype("str").str.casefold()
    fails, gaps = _joined(_fails(known), known.index), _joined(_gaps(known), known.index)
    state = pd.Series("ready", index=known.index, dtype="str")
    return pd.DataFrame(
        {
            "readiness": state.mask(gaps != "", "cannot_tell").mask(fails != "", "fails"),
            "why": fails.where(fails != "", gaps),
            "memory_gib": known["memory_gib"],
            "disk_gib": known["disk_gib"],
            "processor": known["processor"],
        }
    )


def _known(devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The devices with memory and system drive in whole GiB, and the processor."""
    parts = {name: read(frames, name, columns) for name, columns in _READS.items()}
    drives = parts["volumes"]
    drives = drives[drives["drive_letter"].str.upper().str.startswith("C").fillna(False)]
    memory = parts["computer_systems"].groupby("device_id")["memory_bytes"].max()
    disk = drives.groupby("device_id")["capacity_bytes"].max()
    processor = parts["processors"].dropna().groupby("device_id")["name"].first()
    found = devices[["device_id", "architecture"]].copy()
    found["memory_gib"] = _gib(found["device_id"].map(memory))
    found["disk_gib"] = _gib(found["device_id"].map(disk))
    found["processor"] = found["device_id"].map(processor).astype("str")
    return found


def _gib(size: pd.Series) -> pd.Series:
    """Sizes in whole GiB; a size of 0 is no size."""
    known = size.astype("Float64")
    return (known.where(known > 0) / GIB).round().astype("Int64")


def _fails(known: pd.DataFrame) -> list[tuple[pd.Series, str]]:
    """What is known against Windows 11."""
    return [
        (_true(known["memory_gib"] < LEAST_MEMORY), f"less than {LEAST_MEMORY} GiB of memory"),
        (_true(known["disk_gib"] < LEAST_DISK), f"system drive below {LEAST_DISK} GB"),
        (_true(known["architecture"].str.contains(_32_BIT)), "32-bit operating system"),
        (too_old(known["processor"]), "processor is not supported"),
        (_tpm(known["tpm"])[0], "no TPM 2.0 by custom field"),
        (known["secure_boot"].isin(_NEVER), "no Secure Boot by custom field"),
    ]


def _gaps(known: pd.DataFrame) -> list[tuple[pd.Series, str]]:
    """What nobody told. Secure Boot that is off may be a choice, and says nothing."""
    return [
        (known["memory_gib"].isna(), "memory not known"),
        (known["disk_gib"].isna(), "system drive not known"),
        (known["processor"].isna(), "processor not known"),
        (~_tpm(known["tpm"])[1], "TPM not known"),
        (~known["secure_boot"].isin(_YES), "Secure Boot not known to be on"),
    ]


def too_old(processor: pd.Series) -> pd.Series:
    """Whether a processor is beyond doubt on none of Microsoft's lists for Windows 11."""
    plain = processor.fillna("").str.replace(r"(?i)\((?:r|tm|c)\)", " ", regex=True)
    plain = plain.str.replace(r"\s+", " ", regex=True).str.casefold()
    return plain.str.contains("|".join(_TOO_OLD))


def _tpm(told: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Where there is no TPM 2.0, and where there is one; a version below 2 is none."""
    version = pd.to_numeric(told.str.extract(r"^(?:tpm )?v?(\d\.\d+)$", expand=False))
    no = told.isin(_OFF | _NEVER) | _true(version < 2)
    return no, told.isin(_YES) | _true(version >= 2)


def _true(claim: pd.Series) -> pd.Series:
    return claim.fillna(False).astype(bool)


def _joined(reasons: list[tuple[pd.Series, str]], index: pd.Index) -> pd.Series:
    """The reasons that hold of each device, in a line."""
    found = pd.Series("", index=index, dtype="str")
    for fits, reason in reasons:
        said = found.where(found == "", found + "; ") + reason
        found = found.mask(fits, said)
    return found
