"""What lies beside a report's files: from which data they were made, with what, and their hashes."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ninja_analytics.exports.cells import plain
from ninja_analytics.reports.report import Report

LIBRARIES = ("pandas", "matplotlib", "pyarrow", "xlsxwriter", "jinja2")
"""What the bytes of the files depend on, beside Python and ourselves."""


def manifest(report: Report, files: Iterable[Mapping[str, object]]) -> bytes:
    """The manifest of *files* (each as `entry` tells it), as JSON.

    `inputs` has each table that was read: rows (null when it could not be read), pulled_at, the
    filter, and whether it is complete (null when nobody said). Nothing in it depends on when or where
    it is written.
    """
    told = {**about(report), "files": sorted(files, key=lambda one: str(one["name"]))}
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def about(report: Report) -> dict[str, Any]:
    """All that a manifest says beside the files."""
    return {
        "manifest": 1,
        "report": report.name,
        "title": report.title,
        "question": report.question,
        "as_of_at": plain(report.created_at),
        "instance": report.instance or None,
        "snapshot": plain(report.parameters.get("snapshot")) or None,
        "complete": not report.partial,
        "warnings": list(report.warnings),
        "inputs": [
            {
                "table": source.table,
                "rows": source.rows,
                "pulled_at": plain(source.pulled_at) or None,
                "filter": source.where or None,
                "complete": source.complete,
                "instance": source.instance or None,
                "drift": source.drift or None,
            }
            for source in report.sources
        ],
        "parameters": {name: _value(value) for name, value in report.parameters.items()},
        "thresholds": {one.key: one.thresholds for one in report.definitions},
        "versions": {
            "ninja_analytics": report.version,
            "python": platform.python_version(),
            **{library: version(library) for library in LIBRARIES},
        },
    }


def entry(kind: str, name: str, data: bytes) -> dict[str, object]:
    """What a manifest says of one file."""
    return {"name": name, "format": kind, "bytes": len(data), "sha256": sha256(data).hexdigest()}


def kept(report: Report, path: Path) -> list[dict[str, object]]:
    """The files that an earlier manifest at *path* has of this very report, and that are unchanged.

    So saving another format later leaves one manifest of all files.
    """
    try:
        told = json.loads(path.read_bytes())
        files = told.pop("files")
        if told != json.loads(json.dumps(about(report))):
            return []
        return [one for one in files if one == _there(path.with_name(one["name"]), one["format"])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []  # none there, or not one of ours: it is written anew


def _there(path: Path, kind: str) -> dict[str, object] | None:
    return entry(kind, path.name, path.read_bytes()) if path.is_file() else None


def _value(value: object) -> object:
    """A parameter as JSON has it: numbers, booleans and lists as they are, the rest as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    return plain(value)
