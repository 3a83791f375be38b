"""A Parquet file out of record batches that come one by one, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ninja_analytics.errors import ExportError, IncompleteError, NinjaError
from ninja_analytics.exports.files import make_folder
from ninja_analytics.exports.parquet import pandas_metadata

_ROWS = 131_072  # rows of a row group: enough to compress well, and little to hold


def write_parquet(
    path: Path, schema: Any, batches: Iterable[Any], about: Mapping[str, object], like: Any = None
) -> Path:
    """The Parquet file at *path*, of pyarrow record *batches* that have this *schema*.

    *about* is the provenance, *like* a frame without rows whose dtypes pandas shall give the columns
    again. The file appears whole or not at all; when *batches* break off, what came is in a file with
    `.partial` in its name, which says itself that it is incomplete, and the error goes on; of what
    never began there is no file. Raises ExportError when it cannot be written.
    """
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.part")
    whole = schema.with_metadata(_metadata({**about, "complete": True}, like))
    try:
        try:
            _write(beside, whole, batches)
        except NinjaError as error:
            if not any(batch.num_rows for batch in _read(beside)):
                raise
            came = path.with_stem(f"{path.stem}.partial")
            parts = schema.with_metadata(_metadata({**about, "complete": False}, like))
            _write(came, parts, _read(beside))
            if not isinstance(error, IncompleteError):
                raise
            msg = f"{error} It is written to {came}."
            raise IncompleteError(msg, partial=error.partial, again=error.resume) from error
        beside.replace(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ExportError(f"{path} cannot be written: {why}. Choose another file.") from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def _metadata(about: Mapping[str, object], like: Any) -> dict[str, str]:
    attrs = {"PANDAS_ATTRS": json.dumps({"ninja": about}, default=str)}
    return attrs | ({} if like is None else {"pandas": pandas_metadata(like)})


def _read(path: Path) -> Iterator[Any]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        yield from file.iter_batches(_ROWS)


def _write(path: Path, schema: Any, batches: Iterable[Any]) -> None:
    """Write *batches*, a row group from several; what came before an error is in the file."""
    import pyarrow as pa
    from pyarrow import parquet

    held: list[Any] = []

    def flush() -> None:
        writer.write_table(pa.Table.from_batches(held).cast(schema))
        held.clear()

    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        try:
            for batch in batches:
                held.append(batch)
                if sum(one.num_rows for one in held) >= _ROWS:
                    flush()
        finally:
            if held:
                flush()
