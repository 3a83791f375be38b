"""What a preflight answered, and what it asked a sandbox for."""

from __future__ import annotations

SMALL = "ninja.table('roles')\nninja.table('organizations')"


def answers(found) -> dict[str, bool | None]:
    return {check.name: check.ok for check in found.checks}


def says(found, name: str) -> str:
    return next(check.says for check in found.checks if check.name == name)


def asked(sandbox) -> list[str]:
    """The API's paths that were asked for, in order."""
    return [one["path"] for one in sandbox.requests() if one["path"].startswith("/v2/")]
