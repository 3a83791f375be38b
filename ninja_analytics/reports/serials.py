"""Serial numbers that name a machine, told from those that its maker left in."""

from __future__ import annotations

import pandas as pd

# Serial numbers that makers leave in: they name no machine.
PLACEHOLDERS = frozenset(
    (
        "", "0", "NONE", "NULL", "N/A", "NA", "UNKNOWN", "INVALID", "DEFAULT STRING", "NOT SPECIFIED",
        "NOT APPLICABLE", "NOT AVAILABLE", "TO BE FILLED BY O.E.M.", "TO BE FILLED BY OEM", "O.E.M.",
        "SYSTEM SERIAL NUMBER", "CHASSIS SERIAL NUMBER", "SERIAL NUMBER", "123456789", "0123456789",
        "EMPTY",
    )
)  # fmt: skip


def serials(devices: pd.DataFrame) -> pd.Series:
    """The serial number that names each machine: its own, else its BIOS's; missing if a placeholder."""
    found = pd.Series(None, index=devices.index, dtype="str")
    for name in ("serial_number", "bios_serial_number"):
        text = devices[name].str.strip().str.upper()
        same = text.str.fullmatch(r"(.)\1*").fillna(False).astype(bool)
        found = found.fillna(text.mask(text.isin(PLACEHOLDERS) | same))
    return found
