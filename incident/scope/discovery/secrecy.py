"""
What looks secret: the one rule for everything that reads a company's database.

`looks_secret` judges by the name alone. `secret_columns` knows the table too, so it also finds the `key` of a table
of tokens, and leaves alone what only tells of a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from incident.datafile import read_datafile
from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.names import Phrase, holds, phrase, words

_NEVER = {"flag", "day", "time", "clock", "choice", "number", "ip"}  # no secret is kept in a column of this kind
_SHORT_SECRETS = {"otp", "pin", "pincode", "cvv", "cvc", "cvn", "code", "number"}  # these may be whole numbers
_LIKE_SECRETS = {"password hash", "signed token", "private key"}


@dataclass(frozen=True)
class _TableOfSecrets:
    of: tuple[Phrase, ...]
    columns: frozenset[Phrase]
    with_key: bool


@dataclass(frozen=True)
class _Secrets:
    """secrets.toml."""

    anywhere: frozenset[str]
    beside: frozenset[str]
    ending: frozenset[str]
    form: frozenset[str]
    before: Mapping[str, frozenset[str]]
    ends: frozenset[str]
    within: frozenset[str]
    card: frozenset[str]
    tables: tuple[_TableOfSecrets, ...]


@lru_cache(maxsize=65536)
def looks_secret(column: str) -> bool:
    """Whether a column by this name holds a secret, however its words are written."""
    return _says_secret(words(column))


def secret_columns(table: Table, table_words: Phrase, *, references: frozenset[str] = frozenset()) -> dict[str, str]:
    """
    The columns of `table` that hold secrets, each with the reason.

    table_words: of its name. references: columns that name a row of another table, by a key that is no secret.
    """
    found: dict[str, str] = {}
    sets = [one for one in _vocabulary().tables if any(holds(table_words, of) for of in one.of)]
    plain = frozenset().union(*(one.columns for one in sets)) if sets else frozenset()
    for column in table.columns:
        if column.name not in references and (why := _reason(column, table, table_words, plain)):
            found[column.name] = why
    if not found and any(one.with_key for one in sets) and len(table.key) == 1:
        key = table.column(table.key[0])
        if key is not None and key.kind in {"text", "binary", "other"} and key.name not in references:
            found[key.name] = "who has this key is let in: it is a text, and nothing else in the table is secret"
    return found


def _reason(column: Column, table: Table, table_words: Phrase, plain: frozenset[Phrase]) -> str | None:
    named = words(column.name)
    if column.shapes & _LIKE_SECRETS:
        return f"its values look like a {min(column.shapes & _LIKE_SECRETS)}"
    if column.kind in _NEVER or "tinyint" in column.type or "smallint" in column.type:
        return None
    if column.kind == "whole" and named[-1:] and named[-1] not in _SHORT_SECRETS:
        return None
    if column.kind == "whole" and (table.names_one_row(column.name) or named[-1] == "number"):
        return None
    if _says_secret(named):
        if named[-1] == "pincode" and {"city", "street", "address", "state"} & {
            w for c in table.columns for w in words(c.name)
        }:
            return None  # in an address it is a postal code
        return "its name says so"
    rest = _without_table(named, table_words)
    if named in plain or rest in plain or _without_form(rest) in plain:
        return f"its name, in a table called {table.bare_name}"
    is_session = rest in {("session", "id"), ("sid",), ("session",)} and column.kind in {"text", "binary"}
    if is_session and "ip" not in named:
        return "who has the id of a session is let in"
    return None


def _says_secret(named: Phrase) -> bool:
    vocabulary = _vocabulary()
    if not named or named[-1] in vocabulary.ends or vocabulary.within & set(named):
        return False
    if vocabulary.anywhere & set(named) or (len(named) > 1 and vocabulary.beside & set(named)):
        return True
    head = _without_form(named)
    if head and head[-1] in vocabulary.ending:
        return True
    # In Spanish or French the token comes first: token_recuperacion.
    if len(named) == 2 and named[0] == "token" and named[1] in vocabulary.before["key"] | vocabulary.before["tokens"]:
        return True
    return _is_pair(named) or _is_pair(head)


def _is_pair(named: Phrase) -> bool:
    vocabulary = _vocabulary()
    if not named or named[-1] not in vocabulary.before:
        return False
    if named[-1] == "number" and vocabulary.card & set(named):
        return False
    return bool(vocabulary.before[named[-1]] & set(named[-3:-1]))


def _without_form(named: Phrase) -> Phrase:
    form = _vocabulary().form
    end = len(named)
    while end > 1 and named[end - 1] in form:
        end -= 1
    return named[:end]


def _without_table(named: Phrase, table_words: Phrase) -> Phrase:
    start = 0
    while start < len(named) - 1 and named[start] in table_words:
        start += 1
    return named[start:]


@cache
def _vocabulary() -> _Secrets:
    root = read_datafile(resources.files("incident.scope.discovery").joinpath("secrets.toml"), name="secrets.toml")
    before, about = root.section("before"), root.section("about")
    sets = []
    for section in root.sections("table"):
        columns = frozenset(phrase(text) for text in section.texts("columns"))
        sets.append(_TableOfSecrets(tuple(map(phrase, section.texts("of"))), columns, section.flag("with_key")))
        section.finish()
    one = {key: _spelled(root.texts(key)) for key in ("anywhere", "beside", "ending", "form")}
    found = _Secrets(
        **one,
        before={key: _spelled(before.texts(key)) for key, _ in before.items()},
        ends=_spelled(about.texts("ends")),
        within=_spelled(about.texts("within")),
        card=_spelled(about.texts("card")),
        tables=tuple(sets),
    )
    about.finish()
    root.finish()
    return found


def _spelled(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in phrase(text))
