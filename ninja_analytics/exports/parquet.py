"""A frame as Parquet, from which pandas makes the same frame again, its provenance included."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """The Parquet file of *frame*, with its attrs where pandas keeps them."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pandas(frame, preserve_index=False)
    # What is not JSON becomes text.
    attrs = json.dumps(frame.attrs, default=str)
    told = {"pandas": _readable(table.schema.metadata), "PANDAS_ATTRS": attrs}
    sink = pa.BufferOutputStream()
    parquet.write_table(table.replace_schema_metadata(told), sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def pandas_metadata(frame: pd.DataFrame) -> str:
    """What pandas writes into a file to know the dtypes of *frame* again."""
    import pyarrow as pa

    return _readable(pa.Schema.from_pandas(frame, preserve_index=False).metadata)


def _readable(metadata: dict[bytes, bytes] | None) -> str:
    """The metadata of pandas in a form that it can read again."""
    told: dict[str, Any] = json.loads((metadata or {}).get(b"pandas", b"{}"))
    for column in told.get("columns", []):
        # pandas writes the dtype of lists in words that it cannot read again; object it can.
        if str(column["numpy_type"]).startswith("list<"):
            column["numpy_type"] = "object"
    return json.dumps(told)
