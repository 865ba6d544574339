"""
The statements of an SQL file, one after another, into tables.

sqlglot parses a CREATE TABLE. One that it cannot is taken apart, and its lines are parsed one by one; what still
cannot be read is passed over and counted, so that one odd line never costs the rest. Changes, renames and drops of
migrations are followed in their order.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from incident.scope.discovery.catalogue import Column, ForeignKey, Table
from incident.scope.discovery.drafts import NAME, PATH, Draft, Drafts, lines, plain, plain_path
from incident.scope.discovery.statements import Statements

_TYPED = r"(?!\s+(?:var|n|nvar)?(?:char|text|int|bool|uuid|json|blob|bytea|double|date|time))"
_CONSTRAINT = re.compile(
    rf"(?:primary\s+key|unique|key|index|constraint|foreign\s+key|check|fulltext|spatial|exclude|period|like)\b{_TYPED}",
    re.IGNORECASE,
)
_TABLE_HEAD = re.compile(
    rf"\s*create\s+(?P<kind>(?:\w+\s+)*?)table\s+(?P<careful>if\s+not\s+exists\s+)?(?P<name>{PATH})\s*", re.IGNORECASE
)
_COPIED = re.compile(rf"\(?\s*(?:as\s*\(?\s*select\s+\*\s+from|like)\s+(?P<from>{PATH})", re.IGNORECASE)
_PARTITION = re.compile(
    rf"\s*create\s+(?:\w+\s+)*?table\s+(?:if\s+not\s+exists\s+)?({PATH})\s+partition\s+of\s+({PATH})", re.IGNORECASE
)
_ATTACH = re.compile(rf"\s*alter\s+table\s+(?:only\s+)?({PATH})\s+attach\s+partition\s+({PATH})", re.IGNORECASE)
_ALTERED = re.compile(rf"\s*alter\s+table\s+(?:only\s+|if\s+exists\s+)*({PATH})\s+(.*)", re.IGNORECASE | re.DOTALL)
_DROPPED = re.compile(r"\s*drop\s+table\s+(?:if\s+exists\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_RENAMED = re.compile(r"\s*rename\s+tables?\s+(.*)", re.IGNORECASE | re.DOTALL)
_ONE_RENAMED = re.compile(rf"({PATH})\s+to\s+({PATH})", re.IGNORECASE)
_TO_TABLE = re.compile(rf"rename\s+(?:to|as)\s+({PATH})\s*$", re.IGNORECASE)
_TO_COLUMN = re.compile(rf"rename\s+(?:column\s+)?({NAME})\s+to\s+({NAME})", re.IGNORECASE)
_DROP_COLUMN = re.compile(
    rf"drop\s+(?:column\s+)?(?:if\s+exists\s+)?(?!(?:constraint|primary|foreign|index|key|check|partition)\s)({NAME})",
    re.IGNORECASE,
)
_CHANGE = re.compile(rf"change\s+(?:column\s+)?({NAME})\s+({NAME}\s.*)", re.IGNORECASE | re.DOTALL)
_MODIFY = re.compile(r"modify\s+(?:column\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_TYPE = re.compile(rf"alter\s+(?:column\s+)?({NAME})\s+(?:set\s+data\s+)?type\s+(.*)", re.IGNORECASE | re.DOTALL)
_ADD = re.compile(r"add\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(
    rf"\s*({NAME})\s+(\[?\w+\]?(?:\s+(?:varying|precision|unsigned|with(?:out)?\s+time\s+zone))*\s*(?:\([^)]*\))?)",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"\s*do\b[^$]*(\$\w*\$)(.*)\1", re.IGNORECASE | re.DOTALL)
_STEPS = re.compile(r"\b(?:begin|then|else|loop|declare)\b", re.IGNORECASE)


class Definitions:
    """Statement after statement into tables. passed_over, odd_columns: how many could not be read."""

    def __init__(self, dialect: str) -> None:
        self.passed_over = 0
        self.odd_columns = 0
        self._dialect = dialect
        self._drafts = Drafts()

    def take(self, statement: str) -> None:
        if part := _PARTITION.match(statement):
            self._drafts.draft(plain_path(part[1])).part_of = plain_path(part[2])
        elif part := _ATTACH.match(statement):
            self._drafts.draft(plain_path(part[2])).part_of = plain_path(part[1])
        elif altered := _ALTERED.match(statement):
            self._alter(plain_path(altered[1]), altered[2])
        elif dropped := _DROPPED.match(statement):
            for name in re.findall(PATH, re.sub(r"\b(?:cascade|restrict)\b", "", dropped[1], flags=re.IGNORECASE)):
                self._drafts.drop(plain_path(name))
        elif renamed := _RENAMED.match(statement):
            for old, new in _ONE_RENAMED.findall(renamed[1]):
                self._drafts.rename(plain_path(old), plain_path(new))
        elif block := _BLOCK.match(statement):
            self._block(block[2])
        elif head := _TABLE_HEAD.match(statement):
            self._create(head, statement)
        else:
            self._describe(statement)

    def tables(self) -> tuple[Table, ...]:
        return self._drafts.tables(alone=self._dialect == "mysql")

    def _create(self, head: re.Match[str], statement: str) -> None:
        if "temp" in head["kind"].lower():
            return  # gone with the session that makes it
        name, rest = plain_path(head["name"]), statement[head.end() :]
        if head["careful"] and (known := self._drafts.get(name)) is not None and known.columns:
            return
        if copied := _COPIED.match(rest):
            self._copy(name, plain_path(copied["from"]))
            return
        tree = self._parsed(statement)
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            self._take_tree(self._drafts.draft(name), tree)
        else:
            self._piecemeal(self._drafts.draft(name), rest)

    def _copy(self, name: str, of: str) -> None:
        known, draft = self._drafts.get(of), self._drafts.draft(name)
        if known is None:
            self.passed_over += 1
            return
        draft.columns = {**draft.columns, **known.columns}
        draft.key = draft.key or known.key

    def _block(self, body: str) -> None:
        """A block of PL/pgSQL runs as it is read; what it makes and renames is there afterwards."""
        for statement in Statements(io.StringIO(_STEPS.sub(";", body)), backslashes=False):
            self.take(statement)

    def _describe(self, statement: str) -> None:
        tree = self._parsed(statement)
        if isinstance(tree, exp.Create) and str(tree.args.get("kind")).upper() == "INDEX":
            self._index(tree)
        elif isinstance(tree, exp.Comment):
            self._comment(tree)
        elif not re.match(r"\s*(?:comment|create\s+unique|do\b)", statement, re.IGNORECASE):
            self.passed_over += 1

    def _parsed(self, text: str) -> exp.Expr | None:
        for dialect in dict.fromkeys((self._dialect, "postgres", "mysql", "")):
            try:
                tree = sqlglot.parse_one(text, read=dialect or None)
            except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError):
                continue  # the next dialect, then the piecemeal way
            if not isinstance(tree, exp.Command):
                return tree
        return None

    def _take_tree(self, draft: Draft, tree: exp.Create) -> None:
        for part in tree.this.expressions:
            self._part(draft, part)
        for comment in tree.find_all(exp.SchemaCommentProperty):
            draft.comment = comment.this.name
        for inherits in tree.find_all(exp.PartitionedOfProperty):
            draft.part_of = _path(inherits.this)

    def _part(self, draft: Draft, part: exp.Expr) -> None:
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

    def _column(self, draft: Draft, part: exp.ColumnDef) -> None:
        kind = part.args.get("kind")
        nullable, comment, default = True, "", ""
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
            elif isinstance(what, exp.DefaultColumnConstraint):
                default = what.this.sql() if isinstance(what.this, exp.Expr) else ""
            elif isinstance(what, exp.Reference):
                draft.foreign.append(_foreign((part.name,), what))
        spelled = kind.sql(dialect=self._dialect).lower() if isinstance(kind, exp.Expr) else ""
        draft.columns[part.name] = Column(part.name, spelled, nullable, comment, default=default)

    def _index(self, tree: exp.Create) -> None:
        index = tree.this
        table = index.args.get("table") if isinstance(index, exp.Index) else None
        params = index.args.get("params") if table is not None else None
        if table is None or params is None or not tree.args.get("unique"):
            return
        columns = tuple(
            column.name for part in params.args.get("columns") or () for column in part.find_all(exp.Column)
        )
        if columns and params.args.get("where") is None:
            self._drafts.draft(_path(table)).unique.append(columns)

    def _comment(self, tree: exp.Comment) -> None:
        text = tree.expression.name if tree.expression else ""
        if isinstance(tree.this, exp.Column):
            parts = [part.name for part in tree.this.parts]
            draft = self._drafts.get(".".join(parts[:-1]))
            if draft is not None and (column := draft.columns.get(parts[-1])):
                draft.columns[parts[-1]] = replace(column, comment=text)
        elif isinstance(tree.this, exp.Table) and (draft := self._drafts.get(_path(tree.this))):
            draft.comment = text

    def _alter(self, table: str, changes: str) -> None:
        for change in lines(f"({changes})"):
            if to := _TO_TABLE.match(change):
                self._drafts.rename(table, plain_path(to[1]))
            elif to := _TO_COLUMN.match(change):
                self._drafts.rename_column(table, plain(to[1]), plain(to[2]))
            elif dropped := _DROP_COLUMN.match(change):
                self._drafts.draft(table).drop(plain(dropped[1]))
            elif changed := _CHANGE.match(change):
                self._drafts.rename_column(table, plain(changed[1]), plain(changed[2].split(None, 1)[0]))
                self._line(self._drafts.draft(table), changed[2])
            elif changed := _MODIFY.match(change):
                self._line(self._drafts.draft(table), changed[1])
            elif typed := _TYPE.match(change):
                self._line(self._drafts.draft(table), f"{typed[1]} {re.split(r'(?i)using', typed[2])[0]}")
            elif not re.match(r"alter|owner|set|enable|disable|validate|drop|rename|order", change, re.IGNORECASE):
                self._add(self._drafts.draft(table), change)

    def _add(self, draft: Draft, change: str) -> None:
        added = _ADD.match(change)
        body = added[1] if added else change  # SQL Server: ADD a int, b int; WITH CHECK ADD CONSTRAINT …
        if body.startswith("("):
            for line in lines(body):
                self._line(draft, line)
        elif _CONSTRAINT.match(body) or not added:
            draft.take_keys(body)
        else:
            self._line(draft, body)

    def _piecemeal(self, draft: Draft, body: str) -> None:
        """A CREATE TABLE that does not parse as a whole: its lines one by one."""
        found = list(lines(body))
        if not found:
            self.passed_over += 1
        for line in found:
            self._line(draft, line)

    def _line(self, draft: Draft, line: str) -> None:
        if _CONSTRAINT.match(line):
            draft.take_keys(line)
            return
        column = _COLUMN.match(line)
        tree = self._parsed(f"CREATE TABLE t ({line})")
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            for part in tree.this.expressions:
                self._part(draft, part)
        elif column:
            name = plain(column[1])
            zero = re.search(r"\bdefault\s+([('\s]*0\b['\s)]*)", line, re.IGNORECASE)
            not_null = re.search(r"\bnot\s+null\b", line, re.IGNORECASE)
            kind = column[2].replace("[", "").replace("]", "").lower().strip()
            draft.columns[name] = Column(name, kind, not not_null, default=zero[1].strip() if zero else "")
            if re.search(r"\bprimary\s+key\b", line, re.IGNORECASE):
                draft.key = (name,)
        else:
            self.odd_columns += 1


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
