"""What runs a formula over the recorded rows of one snapshot after the other, or of many side by side.

pandas and DuckDB run the same formula, through narwhals. With Dask each snapshot is a task that runs
it with DuckDB on a worker, so nothing but the small results moves. Narwhals' own Dask frames are not
used: they sum the distinct values of partitions, and are about to leave narwhals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from ninja_analytics.catalog import TABLES
from ninja_analytics.history import reading
from ninja_analytics.history.cluster import plain_words, with_dask
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.formulas import Frames, Lazy
from ninja_analytics.history.reading import AT, Piece

Formula = Callable[[Frames], Lazy]
Columns = Mapping[str, Sequence[str]]
"""Which columns are read of each table."""
Bundle = Mapping[str, tuple[Piece, ...]]
"""What a snapshot has of each table."""


def with_duckdb(folder: Folder, formula: Formula, columns: Columns, bundle: Bundle) -> pa.Table:
    """What *formula* gives of the rows of *bundle*, computed by DuckDB."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("set timezone = 'UTC'")
        frames = {
            name: nw.from_native(
                engine.from_arrow(reading.dataset(folder, TABLES[name], found)).select(
                    AT, *columns[name]
                )
            )
            for name, found in bundle.items()
        }
        try:
            return formula(frames).to_native().to_arrow_table()
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            tables = {TABLES[name]: found for name, found in bundle.items()}
            raise reading.damaged_one(folder, tables, error) from error


def with_pandas(folder: Folder, formula: Formula, columns: Columns, bundle: Bundle) -> pa.Table:
    """What *formula* gives of the rows of *bundle*, computed by pandas."""
    frames = {
        name: plain_words(reading.frame(folder, TABLES[name], found, columns[name]))
        for name, found in bundle.items()
    }
    return (
        formula({name: nw.from_native(one).lazy() for name, one in frames.items()})
        .collect()
        .to_arrow()
    )


def _here(
    work: Callable[[Bundle], pa.Table], bundles: Sequence[Bundle], _client: Any
) -> list[pa.Table]:
    return [work(bundle) for bundle in bundles]


def _on_workers(
    work: Callable[[Bundle], pa.Table], bundles: Sequence[Bundle], client: Any
) -> list[pa.Table]:
    dask = with_dask()
    # Bound to its argument: Dask would look for tasks within it.
    tasks = [dask.delayed(partial(work, bundle))() for bundle in bundles]
    found = client.compute(tasks, sync=True) if client is not None else dask.compute(*tasks)
    return list(found)


# engine -> what runs the formula, and where it does.
ENGINES: Mapping[str, tuple[Callable[..., pa.Table], Callable[..., list[pa.Table]]]] = (
    MappingProxyType(
        {
            "duckdb": (with_duckdb, _here),
            "pandas": (with_pandas, _here),
            "dask": (with_duckdb, _on_workers),
        }
    )
)


def results(
    engine: str,
    folder: Folder,
    formula: Formula,
    columns: Columns,
    bundles: Sequence[Bundle],
    *,
    client: Any = None,
) -> list[pa.Table]:
    """What *formula* gives of each of the *bundles*, in their order."""
    work, run = ENGINES[engine]
    return run(partial(work, folder, formula, columns), bundles, client)
