"""What the catalogue says of the tables a map names: does the map fit, and the fingerprint of what was found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incident.errors import UsageError
from incident.record.canonical import canonical, digest_of
from incident.scope.datamap import DataMap, TableName


@dataclass(frozen=True)
class Schema:
    """
    columns: every column of the tables the map names, with its type as the engine spells it, in small letters.
    """

    columns: Mapping[TableName, Mapping[str, str]]

    def type_of(self, table: TableName, column: str) -> str:
        return self.columns[table][column]

    def fingerprint(self, read: Mapping[TableName, Iterable[str]]) -> str:
        """A digest of the tables, columns and types in `read`."""
        used = [
            [str(table), column, self.columns[table][column]]
            for table in sorted(read, key=str)
            for column in sorted(read[table])
        ]
        return digest_of(canonical(used))


def missing_table(datamap: DataMap, table: TableName, existing: Iterable[str], database: str) -> UsageError:
    """The message for a table that is not there. existing: the names of those that are."""
    near = difflib.get_close_matches(table.name, list(existing), n=3, cutoff=0.5)
    return UsageError(
        f"There is no table {table} in {database}.",
        state="Nothing was read.",
        next_step=f"correct {datamap.file}" + (f"; did you mean {' or '.join(near)}?" if near else ""),
    )


def check_fit(datamap: DataMap, schema: Schema) -> None:
    """Raise UsageError, with the nearest name, for a column of the map that its table does not have."""
    for table, columns in datamap.columns_read().items():
        there = schema.columns[table]
        for column in columns:
            if column not in there:
                near = [name for name in _near(column, there) if not datamap.is_secret(table, name)]
                raise UsageError(
                    f"The table {table} has no column {column}.",
                    state="Nothing was read.",
                    next_step=f"correct {datamap.file}" + (f"; did you mean {' or '.join(near)}?" if near else ""),
                )


def _near(column: str, there: Iterable[str]) -> list[str]:
    small = {name.lower(): name for name in there}
    return [small[name] for name in difflib.get_close_matches(column.lower(), small, n=3, cutoff=0.5)]
