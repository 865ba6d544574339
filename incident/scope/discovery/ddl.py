"""
A catalogue from a file of SQL: a dump, or a schema that somebody wrote, for any of the common engines.

sqlglot parses each statement. One that it cannot is taken apart, and its parts are parsed one by one; what still
cannot be read is passed over and counted, so that one odd line never costs the rest.
"""

from __future__ import annotations

import gzip
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from incident.errors import OutsideError
from incident.scope.discovery.catalogue import Catalogue, Column, ForeignKey, Table
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
_OWN_SCHEMAS = {"public", "dbo", "main"}
_CONSTRAINT = re.compile(
    r"(?:primary|unique|key|index|constraint|foreign|check|fulltext|spatial|exclude|period|like)\b", re.IGNORECASE
)
_NAME = r"(?:\[[^\]]+\]|\"(?:[^\"]|\"\")+\"|`[^`]+`|[\w$#@]+)"
_TABLE_HEAD = re.compile(
    rf"\s*create\s+(?:\w+\s+)*?table\s+(?:if\s+not\s+exists\s+)?({_NAME}(?:\s*\.\s*{_NAME})*)\s*", re.IGNORECASE
)
_PARTITION = re.compile(
    rf"\s*(?:create\s+(?:\w+\s+)*?table\s+(?:if\s+not\s+exists\s+)?({_NAME}(?:\.{_NAME})*)\s+partition\s+of\s+({_NAME}(?:\.{_NAME})*))",
    re.IGNORECASE,
)
_ATTACH = re.compile(
    rf"\s*alter\s+table\s+(?:only\s+)?({_NAME}(?:\.{_NAME})*)\s+attach\s+partition\s+({_NAME}(?:\.{_NAME})*)",
    re.IGNORECASE,
)
_ALTERED = re.compile(
    rf"\s*alter\s+table\s+(?:only\s+|if\s+exists\s+)*({_NAME}(?:\s*\.\s*{_NAME})*)\s+(.*)", re.IGNORECASE | re.DOTALL
)
_KEYS = re.compile(
    rf"(?P<kind>primary\s+key|unique(?:\s+(?:key|index))?|foreign\s+key)\s*(?:(?:non)?clustered\s*)?(?:{_NAME}\s*)?\((?P<columns>[^()]*(?:\(\d+\)[^()]*)*)\)"
    rf"(?:\s*references\s+(?P<to>{_NAME}(?:\s*\.\s*{_NAME})*)\s*(?:\((?P<to_columns>[^()]*)\))?)?",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    rf"\s*({_NAME})\s+(\[?\w+\]?(?:\s+(?:varying|precision|unsigned|with(?:out)?\s+time\s+zone))*\s*(?:\([^)]*\))?)",
    re.IGNORECASE,
)


@dataclass
class _Draft:
    """A table while its statements are read."""

    columns: dict[str, Column] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    unique: list[tuple[str, ...]] = field(default_factory=list)
    foreign: list[ForeignKey] = field(default_factory=list)
    comment: str = ""
    part_of: str | None = None


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
        reader = _Reader(dialect)
        for statement in statements:
            reader.take(statement)
        notes = []
        passed = reader.passed_over + statements.too_long
        if passed:
            notes.append(f"{passed} statement(s) of the file could not be read and were passed over.")
        if reader.odd_columns:
            notes.append(
                f"{reader.odd_columns} column definition(s) of the file could not be read and were passed over."
            )
        if statements.cut_off:
            notes.append("The file ends inside a text: it may be cut off, and tables after that are missing.")
        return Catalogue(reader.tables(), f"file:{path.name}", tuple(notes)), statements.cut_off


class _Reader:
    """Statement after statement into tables."""

    def __init__(self, dialect: str) -> None:
        self.passed_over = 0
        self.odd_columns = 0
        self._dialect = dialect
        self._drafts: dict[str, _Draft] = {}

    def take(self, statement: str) -> None:
        if part := _PARTITION.match(statement) or None:
            self._draft(_plain_path(part[1])).part_of = _plain_path(part[2])
            return
        if part := _ATTACH.match(statement):
            self._draft(_plain_path(part[2])).part_of = _plain_path(part[1])
            return
        tree = self._parsed(statement)
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            self._create(tree)
        elif isinstance(tree, exp.Create) and str(tree.args.get("kind")).upper() == "INDEX":
            self._index(tree)
        elif isinstance(tree, exp.Comment):
            self._comment(tree)
        elif _ALTERED.match(statement):
            self._alter(statement, tree)
        elif head := _TABLE_HEAD.match(statement):
            self._piecemeal(_plain_path(head[1]), statement[head.end() :])
        elif not re.match(r"\s*(?:comment|create\s+unique)", statement, re.IGNORECASE):
            self.passed_over += 1

    def tables(self) -> tuple[Table, ...]:
        schemas = {name.rpartition(".")[0] for name in self._drafts}
        alone = self._dialect == "mysql" and len(schemas) == 1
        short = {name: _without_own_schema(name, alone) for name in self._drafts}
        return tuple(
            Table(
                name=short[name],
                columns=tuple(draft.columns.values()),
                key=tuple(_known(column, draft) for column in draft.key),
                unique=tuple(tuple(_known(column, draft) for column in unique) for unique in draft.unique),
                foreign=tuple(
                    ForeignKey(
                        tuple(_known(c, draft) for c in one.columns),
                        _without_own_schema(one.to_table, alone),
                        one.to_columns,
                    )
                    for one in draft.foreign
                ),
                part_of=draft.part_of,
                comment=draft.comment,
            )
            for name, draft in self._drafts.items()
            if draft.columns
        )

    def _draft(self, name: str) -> _Draft:
        for known, draft in self._drafts.items():
            if known == name:
                return draft
        return self._drafts.setdefault(name, _Draft())

    def _parsed(self, text: str) -> exp.Expr | None:
        for dialect in dict.fromkeys((self._dialect, "postgres", "mysql", "")):
            try:
                tree = sqlglot.parse_one(text, read=dialect or None)
            except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError):
                continue  # the next dialect, then the piecemeal way
            if not isinstance(tree, exp.Command):
                return tree
            if re.match(r"\s*alter", text, re.IGNORECASE):
                return None
        return None

    def _create(self, tree: exp.Create) -> None:
        schema = tree.this
        draft = self._draft(_path(schema.this))
        for part in schema.expressions:
            self._part(draft, part)
        for comment in tree.find_all(exp.SchemaCommentProperty):
            draft.comment = comment.this.name
        for inherits in tree.find_all(exp.PartitionedOfProperty):
            draft.part_of = _path(inherits.this)

    def _part(self, draft: _Draft, part: exp.Expr) -> None:
        """One line of CREATE TABLE: a column, or a constraint."""
        if isinstance(part, exp.ColumnDef):
            self._column(draft, part)
        elif isinstance(part, exp.Constraint):
            is_key = any(isinstance(inner, exp.PrimaryKeyColumnConstraint) for inner in part.expressions)
            for inner in part.expressions:
                if isinstance(inner, exp.ClusteredColumnConstraint | exp.NonClusteredColumnConstraint):  # SQL Server
                    columns = _names(inner.this)
                    draft.key = columns if is_key else draft.key
                    draft.unique += [] if is_key else [columns]
                self._part(draft, inner)
        elif isinstance(part, exp.PrimaryKey):
            draft.key = _names(part.expressions)
        elif isinstance(part, exp.UniqueColumnConstraint) and isinstance(part.this, exp.Schema):
            draft.unique.append(_names(part.this.expressions))
        elif isinstance(part, exp.ForeignKey) and isinstance(part.args.get("reference"), exp.Reference):
            draft.foreign.append(_foreign(_names(part.expressions), part.args["reference"]))
        elif isinstance(part, exp.Identifier):  # SQLite allows a column without a type
            draft.columns[part.name] = Column(part.name)

    def _column(self, draft: _Draft, part: exp.ColumnDef) -> None:
        kind = part.args.get("kind")
        nullable, comment = True, ""
        for constraint in part.args.get("constraints") or ():
            what = constraint.kind
            if isinstance(what, exp.NotNullColumnConstraint):
                nullable = bool(what.args.get("allow_null"))
            elif isinstance(what, exp.PrimaryKeyColumnConstraint):
                draft.key = (part.name,)
            elif isinstance(what, exp.UniqueColumnConstraint):
                draft.unique.append((part.name,))
            elif isinstance(what, exp.CommentColumnConstraint):
                comment = what.this.name
            elif isinstance(what, exp.Reference):
                draft.foreign.append(_foreign((part.name,), what))
        spelled = kind.sql(dialect=self._dialect).lower() if isinstance(kind, exp.Expr) else ""
        draft.columns[part.name] = Column(part.name, spelled, nullable, comment)

    def _index(self, tree: exp.Create) -> None:
        index = tree.this
        table = index.args.get("table") if isinstance(index, exp.Index) else None
        params = index.args.get("params") if table is not None else None
        if table is None or params is None or not tree.args.get("unique"):
            return
        columns = tuple(
            column.name for part in params.args.get("columns") or () for column in part.find_all(exp.Column)
        )
        if columns:
            self._draft(_path(table)).unique.append(columns)

    def _comment(self, tree: exp.Comment) -> None:
        text = tree.expression.name if tree.expression else ""
        if isinstance(tree.this, exp.Column):
            parts = [part.name for part in tree.this.parts]
            draft = self._drafts.get(".".join(parts[:-1]))
            if draft is not None and (column := draft.columns.get(parts[-1])):
                draft.columns[parts[-1]] = Column(column.name, column.type, column.nullable, text)
        elif isinstance(tree.this, exp.Table) and (draft := self._drafts.get(_path(tree.this))):
            draft.comment = text

    def _alter(self, statement: str, tree: exp.Expr | None) -> None:
        found = _ALTERED.match(statement)
        assert found is not None  # noqa: S101 - the caller looked; mypy cannot see that
        draft = self._draft(_plain_path(found[1]))
        if isinstance(tree, exp.Alter):
            for action in tree.args.get("actions") or ():
                for part in (
                    [action]
                    if isinstance(action, exp.ColumnDef)
                    else action.expressions
                    if isinstance(action, exp.AddConstraint)
                    else ()
                ):
                    self._part(draft, part)
            return
        for key in _KEYS.finditer(found[2]):
            _take_key(draft, key)

    def _piecemeal(self, name: str, body: str) -> None:
        """A CREATE TABLE that does not parse as a whole: its lines one by one."""
        draft = self._draft(name)
        lines = list(_lines(body))
        if not lines:
            self.passed_over += 1
        for line in lines:
            if _CONSTRAINT.match(line):
                for key in _KEYS.finditer(line):
                    _take_key(draft, key)
                continue
            column = _COLUMN.match(line)
            tree = self._parsed(f"CREATE TABLE t ({line})")
            if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
                for part in tree.this.expressions:
                    self._part(draft, part)
            elif column:
                plain = _plain(column[1])
                draft.columns[plain] = Column(plain, column[2].replace("[", "").replace("]", "").lower().strip())
                if re.search(r"\bprimary\s+key\b", line, re.IGNORECASE):
                    draft.key = (plain,)
            else:
                self.odd_columns += 1


def _take_key(draft: _Draft, key: re.Match[str]) -> None:
    columns = tuple(
        _plain(re.sub(r"\(\d+\)|\b(?:asc|desc)\b", "", part, flags=re.IGNORECASE).strip())
        for part in key["columns"].split(",")
    )
    kind = key["kind"].lower()
    if kind.startswith("primary"):
        draft.key = columns
    elif kind.startswith("unique"):
        draft.unique.append(columns)
    elif key["to"]:
        to_columns = tuple(_plain(part.strip()) for part in (key["to_columns"] or "").split(",") if part.strip())
        draft.foreign.append(ForeignKey(columns, _plain_path(key["to"]), to_columns))


def _lines(body: str) -> Iterator[str]:
    """The definitions between the outer parentheses, cut at the commas that are in none."""
    depth, start = 0, 0
    for found in re.finditer(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|[(),]", body):
        mark = found.group()
        if mark == "(":
            depth += 1
            start = found.end() if depth == 1 else start
        elif mark == ")":
            depth -= 1
        if (mark == "," and depth == 1) or (mark == ")" and depth == 0):
            if line := body[start : found.start()].strip():
                yield line
            start = found.end()
        if mark == ")" and depth == 0:
            return


def _foreign(columns: tuple[str, ...], reference: exp.Expr) -> ForeignKey:
    to = reference.this
    if isinstance(to, exp.Schema):
        return ForeignKey(columns, _path(to.this), _names(to.expressions))
    return ForeignKey(columns, _path(to))


def _names(parts: list[exp.Expr]) -> tuple[str, ...]:
    found = []
    for part in parts:
        inner = part if isinstance(part, exp.Identifier) else part.find(exp.Column) or part.find(exp.Identifier) or part
        found.append(inner.name)
    return tuple(name for name in found if name)


def _path(table: exp.Expr) -> str:
    return ".".join(part for part in (table.text("db"), table.name) if part)


def _plain(name: str) -> str:
    text = name.strip()
    return text[1:-1] if text[:1] in '["`' else text


def _plain_path(text: str) -> str:
    return ".".join(_plain(part) for part in re.findall(_NAME, text)[-2:])


def _without_own_schema(name: str, alone: bool) -> str:
    schema, _, table = name.rpartition(".")
    return table if alone or schema.lower() in _OWN_SCHEMAS else name


def _known(column: str, draft: _Draft) -> str:
    """The column's name as its own definition spells it."""
    return next((name for name in draft.columns if name.lower() == column.lower()), column)


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
