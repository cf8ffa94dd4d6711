"""Spark Connect: an engine of many machines (EMR, Databricks, Sail), over the same Parquet.

Snapshot and working directory are named to the engine by path, so that it has to see both where this process does. What
the analyses found is handed over as Parquet too, and every view is written there once.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scanner.engine import QueryError, Row
from scanner.engine.portable import to_spark
from scanner.errors import EngineError, OutputError, UsageError
from scanner.snapshot.files import write_parquet
from scanner.snapshot.tables import TABLES

SCHEMES = ("spark", "sc")
PORT = 15002
PATIENCE = 10.0


def check(address: str) -> None:
    """Raises UsageError when this is not `spark://HOST[:PORT]` or the client is not installed, EngineError when nobody answers."""
    host, port = _place(address)
    try:
        import pyspark.sql.connect.session  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"--engine spark:// needs pyspark-client: pip install 'aws-bulkhead[spark]' ({error})"
        ) from error
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError as error:
        raise EngineError(f"no engine answers at {shown(address)}: {error.strerror or error}") from error


def _place(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address.partition(";")[0])
        if parts.scheme in SCHEMES and parts.hostname:
            return parts.hostname, parts.port or PORT
    except ValueError:  # a port that is no number
        pass
    raise UsageError(f"--engine {shown(address)}: choose duckdb or spark://HOST:PORT")


def shown(address: str) -> str:
    """An address without its parameters: a token may be among them."""
    return address.partition(";")[0].rpartition("@")[2]


@contextmanager
def connect(address: str, snapshot: Path, connection: Any, analysed: Iterable[str]) -> Iterator[Spark]:
    """Open a session that has the tables of a snapshot, and the `analysed` ones of the DuckDB connection.

    The address may carry what Spark Connect knows (`spark://HOST:PORT/;token=...;use_ssl=true`). Raises EngineError when
    it does not answer as one or does not see the snapshot, OutputError when nothing can be written beside that.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix=f".{snapshot.name}.", dir=snapshot.resolve().parent)
    except OSError as error:
        raise OutputError(f"cannot write beside {snapshot}, where the engine looks: {error.strerror}") from error
    with folder as work, _session(address) as session:
        engine = Spark(session, Path(work))
        for table in TABLES:
            engine.read(table, snapshot.resolve() / f"{table}.parquet")
        for table in analysed:
            path = Path(work) / f"{table}.parquet"
            write_parquet(connection, table, path)
            engine.read(table, path)
        yield engine


@contextmanager
def _session(address: str) -> Iterator[Any]:
    import grpc
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.session import SparkSession

    try:
        session = SparkSession.builder.remote("sc" + address[address.index(":") :]).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except (PySparkException, grpc.RpcError) as error:
        raise EngineError(f"{shown(address)} does not answer as Spark Connect: {_line(error)}") from error
    try:
        yield session
    finally:
        session.stop()


class Spark:
    """A Spark Connect session as an engine. What it keeps is Parquet below `work`."""

    def __init__(self, session: Any, work: Path):
        self._session = session
        self._work = work

    def read(self, name: str, path: Path) -> list[str]:
        """Make a table of Parquet; returns its columns. Raises EngineError when the engine does not see it."""
        import grpc
        from pyspark.errors import PySparkException

        try:
            frame = self._session.read.parquet(str(path))
            columns = list(frame.columns)
            frame.createOrReplaceTempView(name)
        except (PySparkException, grpc.RpcError) as error:
            raise EngineError(_unseen(path, _line(error))) from error
        if not columns:  # some engines take what is not there for empty
            raise EngineError(_unseen(path, "nothing is there"))
        return columns

    def load(self, name: str, columns: Mapping[str, Sequence[str]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self._work / f"{name}.parquet"
        pq.write_table(pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()}), path)
        self.read(name, path)

    def keep(self, name: str, sql: str) -> list[str]:
        import grpc
        from pyspark.errors import PySparkException

        path = self._work / f"view_{name}"
        try:
            self._session.sql(to_spark(sql)).write.parquet(str(path))
        except (PySparkException, grpc.RpcError) as error:
            raise QueryError(_line(error)) from error
        return self.read(name, path)

    def rows(self, sql: str) -> tuple[list[str], list[Row]]:
        import grpc
        from pyspark.errors import PySparkException

        try:
            found = self._session.sql(to_spark(sql)).toArrow()
        except (PySparkException, grpc.RpcError) as error:
            raise QueryError(_line(error)) from error
        columns = [[_plain(value) for value in column.to_pylist()] for column in found.columns]
        return list(found.column_names), list(zip(*columns, strict=True))


def _unseen(path: Path, why: str) -> str:
    return f"the engine cannot read {path}: {why}; put the snapshot where both see it under the same path"


def _plain(value: Any) -> Any:
    """Times as DuckDB gives them: UTC, and without saying so."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _line(error: Exception) -> str:
    details = getattr(error, "details", None)
    text = details() if callable(details) else str(error)
    return " ".join(str(text).split())[:300]
