"""
A real Spark SQL Thrift server for tests: the package `pyspark`, one core, on loopback, in a folder of its own.

It is no part of `make test`: `make test-distributed` installs it (some 500 MB, and it needs Java 17 or newer) and runs
the tests that ask it.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

_SECONDS_TO_START = 180
HOW = "run `make test-distributed`, which installs Spark (Java 17 must be there) and runs them"


def what_is_missing() -> str | None:
    """Why nothing can be tried here, loud enough to be seen; None where Spark and its driver are installed."""
    if find_spec("pyspark") is None or find_spec("pyhive") is None:
        return f"NOT TESTED ON SPARK: {HOW}"
    return None


class SparkServer:
    """The running server. url: without a schema. `kill` ends it at once, as a crash does."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.url = f"hive://127.0.0.1:{port}"

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def spark_server(**settings: str) -> Iterator[SparkServer]:
    """Fails where it does not start."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    with tempfile.TemporaryDirectory(prefix="incident-spark-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                _command(Path(found.origin).parent, Path(folder), port, settings),
                cwd=folder,
                env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = SparkServer(process, port)
        try:
            _wait(process, port, Path(folder) / "log")
            yield server
        finally:
            server.kill()


def fill_from_sqlite(server_url: str, file: Path, types: Mapping[str, str]) -> str:
    """
    The tables of an SQLite file in a new schema, kept as Parquet; returns the schema's URL.

    types: Spark's type of "table.column"; STRING for what is not in it.
    """
    schema = f"test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server_url)
    try:
        with closing(sqlite3.connect(file)) as source, engine.connect() as target:
            target.exec_driver_sql(f"CREATE SCHEMA {schema}")
            for (table,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = source.execute(f'SELECT * FROM "{table}"')
                names = [column[0] for column in rows.description]
                spelled = {name: types.get(f"{table}.{name}", "STRING") for name in names}
                columns = ", ".join(f"`{name}` {kind}" for name, kind in spelled.items())
                target.exec_driver_sql(f"CREATE TABLE {schema}.`{table}` ({columns}) USING parquet")
                values = ", ".join(f"CAST(:c{place} AS {kind})" for place, kind in enumerate(spelled.values()))
                while batch := rows.fetchmany(100):
                    parts, bound = [], {}
                    for number, row in enumerate(batch):
                        parts.append(f"SELECT {values.replace(':c', f':r{number}c')}")
                        bound |= {f"r{number}c{place}": value for place, value in enumerate(row)}
                    target.execute(sa.text(f"INSERT INTO {schema}.`{table}` {' UNION ALL '.join(parts)}"), bound)
    finally:
        engine.dispose()
    return f"{server_url}/{schema}"


def _command(spark: Path, folder: Path, port: int, settings: Mapping[str, str]) -> list[str]:
    (folder / "scratch").mkdir()
    java = f"-Dderby.system.home={folder}/derby -Djava.io.tmpdir={folder}/scratch -XX:TieredStopAtLevel=1"
    conf = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": f"{folder}/scratch",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
        "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
        "spark.hadoop.hive.exec.scratchdir": f"{folder}/scratch/hive",
        "spark.driver.extraJavaOptions": java,
        **settings,
    }
    return [
        str(spark / "bin" / "spark-submit"),
        *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
        *("--master", "local[1]", "--driver-memory", "1g"),
        *(word for name, value in conf.items() for word in ("--conf", f"{name}={value}")),
        "spark-internal",
        *("--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"),
        *("--hiveconf", f"hive.server2.thrift.port={port}"),
    ]


def _free_port() -> int:
    with closing(socket.socket()) as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends_at = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < ends_at and process.poll() is None:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
            return
        time.sleep(0.3)
    pytest.fail(f"Spark did not start:\n{log.read_text(errors='replace')[-2000:]}")
