"""How a column that names a row of another table is written, and which key it can mean."""

from __future__ import annotations

from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.names import Phrase
from incident.scope.discovery.naming import Naming

_KEY_WORDS = {"id", "number", "key", "code", "uid", "ref", "fk", "pk"}


def stem_of(named: Phrase) -> tuple[Phrase, bool]:
    """user_id -> user; whether there was a mark of a key."""
    rest, has_mark = named, False
    while rest and rest[-1] in _KEY_WORDS:
        rest, has_mark = rest[:-1], True
    while rest and rest[0] in {"fk", "id", "ref"}:
        rest, has_mark = rest[1:], True
    return rest, has_mark


def single_key(table: Table, naming: Naming) -> Column | None:
    """The column by which others would name a row."""
    if len(table.key) == 1:
        return table.column(table.key[0])
    alone = [unique[0] for unique in table.unique if len(unique) == 1]
    if not table.key and alone:
        return table.column(alone[0])
    marks = {("id",), ("uid",), ("number",)}
    for name in table.key or [column.name for column in table.columns]:
        column = table.column(name)
        if column is not None and marks & set(naming.forms(table, column)):
            return column
    return None


def compatible(column: Column, key: Column, *, strict: bool) -> bool:
    whole, text = {"whole", "number"}, {"text", "uuid", "binary", "other"}
    if column.kind in whole and key.kind in whole:
        return True
    if column.kind in text and key.kind in text:
        return True
    return not strict and {column.kind, key.kind} <= {*whole, "text"} and column.kind == "text"
