"""The file that holds the saved profiles: TOML that a person may edit, replaced in one step."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from ninja_analytics import whole
from ninja_analytics.errors import ProfileError, UnknownNameError

FIELDS = (
    "base_url",
    "client_id",
    "platform",
    "redirect_uri",
    "scope",
    "grant",
    "auth_method",
)
_HEADER = "# Profiles of ninja_analytics: who connects to what. No secrets belong here.\n"


def read(file: Path) -> dict[str, dict[str, object]]:
    """The fields of every profile in *file*, by name."""
    try:
        with file.open("rb") as source:
            everything = tomllib.load(source)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        msg = f"The profiles in {file} cannot be read: correct the file, or remove it."
        raise ProfileError(msg) from error
    for name, fields in everything.items():
        _check_fields(file, name, fields)
    return everything


def _check_fields(file: Path, name: str, fields: object) -> None:
    where = f"profile {name!r} of {file}"
    if not isinstance(fields, dict):
        msg = f"{file} holds {name!r} outside of a profile: put it under a [profile name]."
        raise ProfileError(msg)
    for field, value in fields.items():
        if "secret" in field or "token" in field:
            msg = f"There is a {field} in {where}: remove it, secrets live in the token store."
            raise ProfileError(msg)
        if field not in FIELDS:
            raise UnknownNameError.among(f"field of {where}", field, FIELDS)
        texts = value if field == "scope" and isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            msg = f"{field} in {where} must be text."
            raise ProfileError(msg)


def write(file: Path, everything: Mapping[str, Mapping[str, object]]) -> Path:
    """*file*, replaced in one step: a reader sees the old one or the new one."""
    text = _HEADER + "".join(_table(name, everything[name]) for name in sorted(everything))
    try:
        whole.put(file, text.encode())
    except OSError as error:
        msg = f"The profiles cannot be written to {file}: check the folder, or set NINJA_HOME."
        raise ProfileError(msg) from error
    return file


def _table(name: str, fields: Mapping[str, object]) -> str:
    """One profile as TOML. JSON strings and lists of them are TOML as well."""
    lines = [
        f"{field} = {json.dumps(fields[field], ensure_ascii=False)}"
        for field in FIELDS
        if fields.get(field)
    ]
    return f"\n[{json.dumps(name, ensure_ascii=False)}]\n" + "\n".join(lines) + "\n"
