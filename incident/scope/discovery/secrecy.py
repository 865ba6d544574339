"""
What looks secret: the one rule for everything that reads a company's database.

`looks_secret` judges by the name alone. `secret_columns` knows the table too, so it also finds the `key` of a table
of tokens, and leaves alone what only tells of a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from incident.datafile import Section, read_datafile
from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.names import Phrase, holds, phrase, words

_NEVER = {"flag", "day", "time", "clock", "choice", "number", "ip"}  # no secret is kept in a column of this kind
_SHORT_SECRETS = {"otp", "pin", "pincode", "cvv", "cvc", "cvn", "code", "number"}  # these may be whole numbers
_LIKE_SECRETS = {"password hash", "signed token", "private key"}
_TOO_SMALL = re.compile(r"tinyint|smallint|char(?:acter)?(?: varying)?\([12]\)")  # for anything that nobody may guess
_SESSION_IDS = {("session", "id"), ("sid",), ("session",), ("php", "session", "id"), ("web", "session", "id")}


@dataclass(frozen=True)
class _TableOfSecrets:
    of: tuple[Phrase, ...]
    columns: frozenset[Phrase]
    with_key: bool
    ends: bool
    login: bool


@dataclass(frozen=True)
class _Beside:
    """What a column is by what stands beside it."""

    plain: frozenset[str]
    codes: frozenset[str]
    lengths: frozenset[str]
    login: frozenset[str]
    postal: frozenset[str]
    numbered: frozenset[str]


@dataclass(frozen=True)
class _Near:
    """Plain names that are secrets where the table shows what they open; secrets.toml says what each part means."""

    columns: frozenset[Phrase]
    tables: tuple[Phrase, ...]
    beside: frozenset[str]
    without: frozenset[str]
    names_row: bool
    as_hash: bool
    why: str


@dataclass(frozen=True)
class _Secrets:
    """secrets.toml."""

    anywhere: frozenset[str]
    word_ends: tuple[str, ...]
    initials: tuple[str, ...]
    initials_after: frozenset[str]
    beside: frozenset[str]
    ending: frozenset[str]
    form: frozenset[str]
    before: Mapping[str, frozenset[str]]
    ends: frozenset[str]
    within: frozenset[str]
    plain: frozenset[str]
    kinds: tuple[Phrase, ...]
    steps: tuple[Phrase, ...]
    card: frozenset[str]
    lists: frozenset[str]
    other_sessions: frozenset[str]
    of_people: frozenset[str]
    neighbours: _Beside
    tables: tuple[_TableOfSecrets, ...]
    near: tuple[_Near, ...]


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
    beside = frozenset(word for column in table.columns for word in words(column.name))
    sets = _sets(table_words, beside)
    for column in table.columns:
        if column.name not in references and (why := _reason(column, table, table_words, sets, beside)):
            found[column.name] = why
    if (key := _key_that_lets_in(table, table_words, sets, found)) and key not in references:
        found[key] = "who has this key is let in: it is a text, and nothing else in the table is secret"
    return found


def _key_that_lets_in(
    table: Table, table_words: Phrase, sets: list[_TableOfSecrets], found: Mapping[str, str]
) -> str | None:
    """The key of a table of tokens, where it is a text; of sessions also beside what is kept for who is in."""
    of_sessions = any(("session",) in one.of for one in sets)
    undeclared = "id" if of_sessions and not table.key and not table.unique else ""
    name = _names_row(table) or undeclared
    key = table.column(name) if name else None
    if key is None or key.name in found or key.kind not in {"text", "binary", "other"}:
        return None
    if of_sessions and _vocabulary().other_sessions & set(table_words):
        return None
    # A row that names a key as another's row only says what that key is for.
    about = {(*of, "id") for one in sets if one.with_key and ("session",) not in one.of for of in one.of}
    if any(words(one.name) in about for one in table.columns if one.name != key.name):
        return None
    others = [words(one) for one in found]
    if not of_sessions and any(words(one.name)[-2:] == ("public", "key") for one in table.columns):
        return None  # the row of a public key is named by an id that may be as public
    others = [named for named in others if _lets_in(named) or named in _SESSION_IDS] if of_sessions else others
    return key.name if any(one.with_key for one in sets) and not others else None


def _sets(table_words: Phrase, beside: frozenset[str]) -> list[_TableOfSecrets]:
    vocabulary = _vocabulary()
    if vocabulary.lists & set(table_words):
        return []
    called = [table_words, _without_rest(table_words)]
    logs_in = bool(vocabulary.neighbours.login & beside)
    return [
        one
        for one in vocabulary.tables
        if any((name[-len(of) :] == of if one.ends else holds(name, of)) for of in one.of for name in called)
        and (logs_in or not one.login)
    ]


def _without_rest(table_words: Phrase) -> Phrase:
    """user_auth, customer_data and member_account have the rows of user, customer and member."""
    end, plain = len(table_words), _vocabulary().of_people
    while end > 1 and table_words[end - 1] in plain:
        end -= 1
    return table_words[:end]


def _names_row(table: Table) -> str | None:
    """The one column that names a row, also where it is only declared to be unique."""
    if len(table.key) == 1:
        return table.key[0]
    alone = [unique[0] for unique in table.unique if len(unique) == 1]
    return alone[0] if not table.key and len(alone) == 1 else None


def _lets_in(named: Phrase) -> bool:
    """Whether a secret is what somebody shows to be let in, and not what is kept for those who are in."""
    return _says_secret(named) and not {"data", "payload", "state"} & set(named[-1:])


def _reason(
    column: Column, table: Table, table_words: Phrase, sets: list[_TableOfSecrets], beside: frozenset[str]
) -> str | None:
    named = words(column.name)
    if column.shapes & _LIKE_SECRETS:
        return f"its values look like a {min(column.shapes & _LIKE_SECRETS)}"
    if not _may_hold_one(column, table, named):
        return None
    if _says_secret(named):
        return None if _only_sounds_so(column, table, named, beside) else "its name says so"
    rest = _without_table(named, table_words)
    spoken = {named, rest, rest if rest[-1] == "key" else _without_form(rest)}  # data_key is a key and no data
    # A session's own number is no secret: unlike a text, or one beside its number, it was not made up to be shown.
    numbered = bool(table.key) and column.name not in table.key and table_words[-1] == "session"
    listed = column.kind != "uuid" or not spoken & _SESSION_IDS or numbered
    if listed and any(spoken & one.columns and not (one.ends and _names_rows(column, table, named)) for one in sets):
        return f"its name, in a table called {table.bare_name}"
    if rest in _SESSION_IDS and column.kind in {"text", "binary"}:
        return "who has the id of a session is let in"
    return _reason_beside(column, table, named, beside) or _reason_near(column, table, table_words, beside)


def _reason_near(column: Column, table: Table, table_words: Phrase, beside: frozenset[str]) -> str | None:
    """What a name says that speaks of a secret only in such a table, or beside such columns."""
    refers = any(column.name in key.columns for key in table.foreign)
    if column.kind not in {"text", "binary", "json", "other"} or refers or _vocabulary().lists & set(table_words):
        return None
    for one in _vocabulary().near:
        called = not one.tables or any(table_words[-len(of) :] == of for of in one.tables)
        stands = (not one.beside or one.beside & beside) and not one.without & beside
        row = not one.names_row or column.name == _names_row(table)
        long = not one.as_hash or _is_as_long_as_a_hash(column)
        if words(column.name) in one.columns and called and stands and row and long:
            return one.why
    return None


def _is_as_long_as_a_hash(column: Column) -> bool:
    length = re.search(r"char.*\((\d+)\)", column.type)
    return bool(length and length[1] in _vocabulary().neighbours.lengths)


def _may_hold_one(column: Column, table: Table, named: Phrase) -> bool:
    if column.kind in _NEVER or _TOO_SMALL.search(column.type):
        return False
    if column.kind == "whole" and named[-1:] and named[-1] not in _SHORT_SECRETS:
        return False
    return not (column.kind == "whole" and (table.names_one_row(column.name) or named[-1] == "number"))


def _only_sounds_so(column: Column, table: Table, named: Phrase, beside: frozenset[str]) -> bool:
    if named[-1] == "pincode":
        return bool(_vocabulary().neighbours.postal & beside)  # in an address it is a postal code
    if re.search(r"(?:^|_)activate$", column.name, re.IGNORECASE):
        return not _vocabulary().neighbours.login & beside  # what makes a download active, where nobody logs in
    # What names a row elsewhere is the card of a member: nobody pays with it.
    return named[-2:] == ("card", "number") and any(column.name in key.columns for key in table.foreign)


def _names_rows(column: Column, table: Table, named: Phrase) -> bool:
    """Whether a hash only says which row is meant."""
    return named[-1] in {"hash", "digest", "sha", "md"} and _is_in_key(column, table)


def _is_in_key(column: Column, table: Table) -> bool:
    return column.name in table.key or (column.name,) in table.unique


def _reason_beside(column: Column, table: Table, named: Phrase, beside: frozenset[str]) -> str | None:
    """What no name says: a number that resets, the plain form of something encrypted, a code as long as a hash."""
    near = _vocabulary().neighbours
    is_number = re.search(r"uuid|guid", column.name, re.IGNORECASE) and not _is_in_key(column, table)
    if is_number and len(named) > 1 and named[-2] in _vocabulary().before["uuid"] and column.kind in {"text", "uuid"}:
        return "a number that nobody knows but who is to be let in"
    if len(named) == 1 and named[0] in near.plain:
        twins = {("encrypted", *named), (*named, "encrypted")}
        if any(words(other.name) in twins for other in table.columns):
            return "its encrypted form stands beside it"
    is_code = len(_without_table(named, words(table.bare_name))) == 1 and named[-1] in near.codes
    varying = re.search(r"var[a-z]*\(32\)$", column.type)
    if named[-1] == "code" and varying and near.numbered & set(words(table.bare_name)):
        return None  # the number that somebody gives a customer; a hash has its fixed length, or is longer
    if is_code and "password" in beside and _is_as_long_as_a_hash(column) and not _is_in_key(column, table):
        return "beside a password, and as long as a hash"
    return None


def _says_secret(named: Phrase) -> bool:
    vocabulary = _vocabulary()
    if not named or named[-1] in vocabulary.ends or vocabulary.within & set(named):
        return False
    if named[-1] == "token" and any(named[:-1] == step for step in vocabulary.steps):
        return False
    if any(named[-len(kind) :] == kind for kind in vocabulary.kinds):
        return False
    if any(word.endswith(vocabulary.word_ends) for word in named):
        return True
    if named[-1][1:] in vocabulary.initials and vocabulary.initials_after.issuperset(named[:-1]):
        return True
    if vocabulary.anywhere & set(named) or (len(named) > 1 and vocabulary.beside & set(named)):
        return True
    head = _without_form(named)
    if head and head[-1] in vocabulary.ending:
        return True
    # In Spanish or French the token comes first: token_recuperacion.
    if len(named) == 2 and named[0] == "token" and named[1] in vocabulary.before["key"] | vocabulary.before["tokens"]:
        return True
    # The key in api_key_readonly, and not only the word before it.
    return any(_is_pair(named[:end]) for end in range(len(head), len(named) + 1))


def _is_pair(named: Phrase) -> bool:
    vocabulary = _vocabulary()
    if not named or named[-1] not in vocabulary.before:
        return False
    if named[-1] == "number" and vocabulary.card & set(named):
        return False
    if named[-2:-1] and named[-2] in vocabulary.plain:
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
    while start < len(named) - 1 and named[start] in table_words and named[start] != "data":
        start += 1
    return named[start:]


@cache
def _vocabulary() -> _Secrets:
    root = read_datafile(resources.files("incident.scope.discovery").joinpath("secrets.toml"), name="secrets.toml")
    before, about, lists = root.section("before"), root.section("about"), root.section("lists")
    one = {key: _spelled(root.texts(key)) for key in ("anywhere", "beside_others", "ending", "form")}
    found = _Secrets(
        anywhere=one["anywhere"],
        word_ends=root.texts("word_ends"),
        initials=root.texts("initials"),
        initials_after=_spelled(root.texts("initials_after")),
        beside=one["beside_others"],
        ending=one["ending"],
        form=one["form"],
        before={key: _spelled(before.texts(key)) for key, _ in before.items()},
        ends=_spelled(about.texts("ends")),
        within=_spelled(about.texts("within")),
        plain=_spelled(about.texts("plain")),
        kinds=tuple(map(phrase, about.texts("kinds"))),
        steps=tuple(map(phrase, about.texts("steps"))),
        card=_spelled(about.texts("card")),
        lists=_spelled(lists.texts("words")),
        other_sessions=_spelled(lists.texts("other_sessions")),
        of_people=_spelled(lists.texts("of_people")),
        neighbours=_beside(root.section("beside")),
        tables=tuple(map(_table, root.sections("table"))),
        near=tuple(map(_near, root.sections("near"))),
    )
    about.finish()
    lists.finish()
    root.finish()
    return found


def _beside(section: Section) -> _Beside:
    found = _Beside(
        plain=_spelled(section.texts("plain")),
        codes=_spelled(section.texts("codes")),
        lengths=frozenset(section.texts("lengths")),
        login=_spelled(section.texts("login")),
        postal=_spelled(section.texts("postal")),
        numbered=_spelled(section.texts("numbered")),
    )
    section.finish()
    return found


def _table(section: Section) -> _TableOfSecrets:
    found = _TableOfSecrets(
        tuple(map(phrase, section.texts("of"))),
        frozenset(map(phrase, section.texts("columns"))),
        with_key=section.flag("with_key"),
        ends=section.flag("ends"),
        login=section.flag("login"),
    )
    section.finish()
    return found


def _near(section: Section) -> _Near:
    found = _Near(
        columns=frozenset(map(phrase, section.texts("columns"))),
        tables=tuple(map(phrase, section.texts("tables"))),
        beside=_spelled(section.texts("beside")),
        without=_spelled(section.texts("without")),
        names_row=section.flag("names_row"),
        as_hash=section.flag("as_hash"),
        why=section.text("why"),
    )
    section.finish()
    return found


def _spelled(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in phrase(text))
