"""What the tables of one database are called, once the prefix they share and plain words are taken off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from incident.scope.discovery.catalogue import Catalogue, Column, Table
from incident.scope.discovery.habits import tables as table_habits
from incident.scope.discovery.names import Phrase, first_piece, words

_COLUMNS_WITH_PREFIX = 0.6
_TABLES_WITH_PREFIX = 8


@dataclass(frozen=True)
class Naming:
    """The names of one catalogue's tables and columns, as words."""

    catalogue: Catalogue

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """First pieces that so many tables share that they say nothing: wp, oc, mdl."""
        counted = Counter(first_piece(table.bare_name) for table in self.catalogue.tables)
        habits = table_habits()
        least = max(3, habits.prefix_share * len(self.catalogue.tables))
        nearly_all = max(_TABLES_WITH_PREFIX, 0.9 * len(self.catalogue.tables))  # ip_users, ip_invoices: no addresses
        return frozenset(
            piece
            for piece, times in counted.items()
            if times >= least
            and not set(words(piece)) & set(habits.nouns)
            and (times >= nearly_all or not set(words(piece)) & habits.kinds["trail"])
        )

    @cached_property
    def table_words(self) -> dict[str, Phrase]:
        """Table name to its words, the shared prefix left out."""
        return {table.name: self._of(table.bare_name) for table in self.catalogue.tables}

    @cached_property
    def subjects(self) -> dict[str, Phrase]:
        """Table name to what its rows are: its words without plain ones (tbl_user_master -> user)."""
        plain, nouns = table_habits().plain, table_habits().nouns
        found = {}
        for name, named in self.table_words.items():
            rest = tuple(word for word in named if word not in plain)
            rest = rest or tuple(word for word in named if word in nouns) or named
            found[name] = rest[-1:] if len(set(rest)) == 1 else rest
        return found

    @cached_property
    def _column_prefixes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for table in self.catalogue.tables:
            counted = Counter(first_piece(column.name) for column in table.columns)
            if len(table.columns) >= 4 and counted:
                piece, times = counted.most_common(1)[0]
                if times >= _COLUMNS_WITH_PREFIX * len(table.columns):
                    found[table.name] = piece
        return found

    def forms(self, table: Table, column: Column) -> tuple[Phrase, ...]:
        """The words of a column in every way to read them: whole, without its prefix, without the table's noun."""
        whole = words(column.name)
        forms = [whole]
        prefix = self._column_prefixes.get(table.name)
        if prefix and first_piece(column.name) == prefix:
            forms.append(whole[len(words(prefix)) :])
        start, own = 0, set(self.table_words[table.name])
        while start < len(whole) and whole[start] in own:
            start += 1
        forms.append(whole[start:])
        # id_country, id_lang
        forms += [(*form[1:], "id") for form in forms if form[:1] == ("id",) and len(form) > 1]
        return tuple(dict.fromkeys(form for form in forms if form))

    def speaks_of(self, table: Table, kind: str) -> str | None:
        """The first word of the table's name that makes it of that kind in tables.toml."""
        known = table_habits().kinds[kind]
        return next((word for word in self.table_words[table.name] if word in known), None)

    def _of(self, name: str) -> Phrase:
        whole = words(name)
        piece = first_piece(name)
        if piece in self.prefixes:
            rest = words(name[len(piece) :])
            return rest or whole
        return whole


def quoted(names: Iterable[str], most: int = 4) -> str:
    """Names for a sentence: the first few, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
