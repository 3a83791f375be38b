"""Exit codes of the command line: what a scheduler can tell apart."""

from __future__ import annotations

from collections.abc import Iterable

from ninja_analytics import errors

DEFECT = 70

# What went wrong, its code, and what that means. The first match counts.
EXIT_CODES = (
    (errors.UsageError, 2, "the command, a name, a filter or a profile is wrong"),
    (errors.ConsentError, 3, "consent is needed: run `ninja-analytics connect`"),
    (errors.ApiError, 4, "NinjaOne refuses or cannot be reached: try later"),
    (errors.UnreachableError, 4, ""),
    (errors.AnswerError, 4, ""),
    (errors.IncompleteError, 5, "partial data: a pull broke on its way"),
    (
        errors.NinjaError,
        6,
        "something on this machine: a file, a kernel, the history, the token store",
    ),
)

# What several runs have in common is the first of these that one of them ended with: what takes a
# person to heal comes before what the next run may heal.
WORST_FIRST = (DEFECT, 2, 3, 6, 4, 5, 0)

WORDS = {
    0: "done",
    2: "wrong call",
    3: "consent needed",
    4: "NinjaOne",
    5: "partial",
    6: "this machine",
    DEFECT: "bug",
}

CODES = "\n".join(
    f"  {code:<3} {meaning}"
    for code, meaning in (
        (0, "done"),
        (1, "found: secrets by `scrub --check`, damage by `history verify`"),
        *((code, meaning) for _, code, meaning in EXIT_CODES if meaning),
        (DEFECT, "a bug: a cell of a notebook failed, or a defect of ours"),
    )
)


def exit_code(error: errors.NinjaError) -> int:
    """The code for *error*; for a failed notebook, that of the error in its cell."""
    kind: object = type(error)
    if isinstance(error, errors.RunError) and error.cause:
        kind = getattr(errors, error.cause, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.NinjaError)):
        return DEFECT
    return next(code for parent, code, _ in EXIT_CODES if issubclass(kind, parent))


def worst(codes: Iterable[int]) -> int:
    """The one code for several runs."""
    return min(codes, key=WORST_FIRST.index, default=0)
