"""Tables of a DuckDB connection as files of their own: how other processes and engines get them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BATCH = 100_000


def write_parquet(connection: Any, table: str, path: Path) -> None:
    """Write a table or a view to a file of its own, a batch at a time."""
    import pyarrow.parquet as pq

    with connection.cursor() as own:  # the connection may be in the midst of an answer
        reader = own.sql(f'FROM "{table}"').to_arrow_reader(BATCH)
        with pq.ParquetWriter(path, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)


def read_parquet(connection: Any, table: str, path: Path) -> None:
    """Make a table of such a file; the connection itself need not be allowed to read it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    connection.register("file_to_read", pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(BATCH)))
    connection.execute(f'CREATE TABLE "{table}" AS SELECT * FROM file_to_read')
    connection.unregister("file_to_read")
