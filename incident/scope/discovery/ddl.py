"""
A catalogue from a file of SQL: a dump, or a schema that somebody wrote, for any of the common engines.

Here the file is opened, and its encoding and its engine are told; `definitions` reads the statements.
"""

from __future__ import annotations

import gzip
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from incident.errors import OutsideError
from incident.scope.discovery.catalogue import Catalogue
from incident.scope.discovery.definitions import Definitions
from incident.scope.discovery.statements import Statements

_HEAD = 1 << 18
# The first that the beginning of the file fits, and the words that give it away.
_DIALECTS = (
    ("mysql", r"MySQL dump|MariaDB dump|phpMyAdmin|ENGINE\s*=|AUTO_INCREMENT|`\w+`\s+\w*int|UNSIGNED"),
    ("tsql", r"\[dbo\]|\bIDENTITY\s*\(|\bNVARCHAR\b|^GO\s*$|UNIQUEIDENTIFIER"),
    ("oracle", r"\bVARCHAR2\b|\bNUMBER\s*\("),
    (
        "postgres",
        r"PostgreSQL database|character varying|\bSERIAL\b|TIMESTAMPTZ|timestamp with|::|\bJSONB\b|BYTEA|\bUUID\b",
    ),
    ("sqlite", r"PRAGMA|AUTOINCREMENT|WITHOUT ROWID|\bSTRICT\b"),
)


def read_schema_file(path: Path) -> Catalogue:
    """The catalogue that the SQL file at `path` describes. Raises OutsideError where the file cannot be read."""
    try:
        encoding, head = _encoding(path)
        dialect = _dialect(head)
        found, torn = _read(path, encoding, dialect, backslashes=dialect == "mysql")
        if torn:  # a text that never ends: try the other reading of backslashes
            other, still_torn = _read(path, encoding, dialect, backslashes=dialect != "mysql")
            if len(other.tables) > len(found.tables) or not still_torn:
                found = other
    except (OSError, EOFError) as error:
        raise OutsideError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}.",
            state="Nothing was read.",
            next_step="check the path",
        ) from None
    return found


def _read(path: Path, encoding: str, dialect: str, *, backslashes: bool) -> tuple[Catalogue, bool]:
    with _opened(path, encoding) as file, _quiet():
        statements = Statements(file, backslashes)
        definitions = Definitions(dialect)
        for statement in statements:
            definitions.take(statement)
        notes = []
        passed = definitions.passed_over + statements.too_long
        if passed:
            notes.append(f"{passed} statement(s) of the file could not be read and were passed over.")
        if definitions.odd_columns:
            notes.append(
                f"{definitions.odd_columns} column definition(s) of the file could not be read and were passed over."
            )
        if statements.cut_off:
            notes.append("The file ends inside a text: it may be cut off, and tables after that are missing.")
        return Catalogue(definitions.tables(), f"file:{path.name}", tuple(notes)), statements.cut_off


def _dialect(head: str) -> str:
    counted = {name: len(re.findall(pattern, head, re.IGNORECASE | re.MULTILINE)) for name, pattern in _DIALECTS}
    best = max(counted, key=lambda name: counted[name])
    return best if counted[best] else "postgres"


def _encoding(path: Path) -> tuple[str, str]:
    with path.open("rb") as raw:
        start = raw.read(4)
    encoding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    with _opened(path, encoding) as file:
        return encoding, file.read(_HEAD)


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    # Data in other encodings does no harm: what is not UTF-8 stands in texts and comments, which nobody reads.
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        with gzip.open(raw) if zipped else raw as plain, io.TextIOWrapper(plain, encoding, errors="replace") as file:
            yield file


@contextmanager
def _quiet() -> Iterator[None]:
    """sqlglot logs what it does not understand, with the statement; here that is counted instead."""
    logger = logging.getLogger("sqlglot")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
