"""What values of custom fields mean: yes and no in many words, and lists of accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

_YES = frozenset(
    ("true", "yes", "y", "1", "on", "enabled", "active", "present", "ready", "protected", "encrypted",
     "filevault is on")
)  # fmt: skip
# What is under way or cannot be had is not there.
_NO = frozenset(
    ("false", "no", "n", "0", "off", "disabled", "inactive", "absent", "missing", "not present",
     "unsupported", "not supported", "none", "encrypting", "decrypting", "not encrypted",
     "unencrypted", "filevault is off")
)  # fmt: skip
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_NEEDED = 2  # the TPM version that Windows 11 asks for
_NAMES = ("name", "principal", "account", "caption", "user", "member")


def verdicts(values: pd.Series) -> pd.Series:
    """pass, fail or unknown for each of *values*, which say yes or no in many words.

    A version number passes from 2 on, as of a TPM.
    """
    words = values.map(_word).astype("str")
    judged = words.map({word: _judged(word) for word in words.unique()})
    return judged.astype("str").set_axis(values.index)


def _word(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("text", "")
    return str(value).strip().rstrip(".").lower()


def _judged(word: str) -> str:
    if word in _YES:
        return "pass"
    if word in _NO:
        return "fail"
    if _VERSION.fullmatch(word):
        return "pass" if int(word.split(".")[0]) >= _NEEDED else "fail"
    return "unknown"


def unknown_words(values: pd.Series) -> list[str]:
    """The different values that say neither yes nor no, for the data-quality panel."""
    return sorted(set(values[verdicts(values) == "unknown"].map(_word)))


def principals(value: Any) -> tuple[str, ...]:
    """The accounts that a value names: a text by lines or commas, JSON, or a text with its HTML.

    The same account in another case counts once; of JSON objects the name counts.
    """
    found: dict[str, str] = {}
    for name in _names(value):
        text = " ".join(name.split())
        if text:
            found.setdefault(text.casefold(), text)
    return tuple(found.values())


def _names(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            return _names(value["text"])
        by_case = {str(key).casefold(): one for key, one in value.items()}
        named = [by_case[key] for key in _NAMES if isinstance(by_case.get(key), str)]
        return named[:1]
    if isinstance(value, list):
        return [name for one in value for name in _names(one)]
    text = str(value).strip()
    if text[:1] in ("[", "{"):
        try:
            return _names(json.loads(text))
        except ValueError:
            pass
    # A name may have a comma in it; whoever writes lines does not part by commas.
    return text.splitlines() if "\n" in text else re.split(r"[,;]", text)


def is_allowed(principal: str, allowed: Iterable[str]) -> bool:
    r"""Whether one of the patterns *allowed*, with * and ?, fits DOMAIN\name or the name alone."""
    alone = principal.rpartition("\\")[2]
    return any(
        _pattern(one).fullmatch(name) is not None for one in allowed for name in (principal, alone)
    )


def _pattern(text: str) -> re.Pattern[str]:
    parts = ("." if c == "?" else ".*" if c == "*" else re.escape(c) for c in text.strip())
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def administrators(
    devices: pd.DataFrame, values: pd.Series, allowed: tuple[str, ...]
) -> pd.DataFrame:
    r"""A row per device and account: device_id, principal, allowed.

    An account of the device itself is .\name, so that the same one is the same on every device.
    Without a list of the *allowed* nobody knows who may be one.
    """
    listed = values.map(principals)
    told = pd.DataFrame({"device_id": listed.index, "principal": listed.to_numpy()})
    told = told.explode("principal").dropna()
    told = told.merge(devices[["device_id", "system_name"]], on="device_id")
    names = told["principal"].astype("str")
    domain, alone = (names.str.extract(part)[0] for part in (r"^(.*)\\", r"([^\\]*)$"))
    machine, domain = told["system_name"].str.casefold(), domain.str.casefold()
    # Windows cuts the old kind of name off after 15 characters.
    own = (domain == machine) | (domain == machine.str[:15])
    told["principal"] = names.mask(own.fillna(False).astype(bool), ".\\" + alone)
    # Of names that differ in case only, the first that is written stands for all.
    same = told["principal"].str.casefold()
    told["principal"] = told.groupby(same)["principal"].transform("first").astype("str")
    may = {one: is_allowed(one, allowed) for one in told["principal"].unique()}
    told["allowed"] = told["principal"].map(may).astype("boolean") if allowed else pd.NA
    told["allowed"] = told["allowed"].astype("boolean")
    return told.drop(columns="system_name").reset_index(drop=True)
