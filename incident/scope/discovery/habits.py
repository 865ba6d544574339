"""The vocabularies of discovery, read once from the TOML files beside this module; a wrong key in them is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.datafile import Section, read_datafile
from incident.record.vocabulary import data_categories
from incident.scope.discovery.names import Phrase, phrase

WHERE = ("anywhere", "person", "content")


@dataclass(frozen=True)
class Role:
    """
    What a column can say of a person.

    patterns: word sequences, the most telling first. before, after: words that may stand there. lesser: those of them
    that make it a second choice. never: words with which it is something else.
    """

    id: str
    category: str | None
    where: str
    kinds: frozenset[str]
    patterns: tuple[Phrase, ...]
    before: frozenset[str]
    after: frozenset[str]
    lesser: frozenset[str]
    never: frozenset[str]


@dataclass(frozen=True)
class Noun:
    """A word for people. weight: what it says alone. needs_proof: it often means something else. inner: staff."""

    weight: float
    needs_proof: bool
    inner: bool = False


@dataclass(frozen=True)
class TableHabits:
    """tables.toml."""

    plain: frozenset[str]
    prefix_share: float
    served: frozenset[str]
    nouns: Mapping[str, Noun]
    proof: Mapping[str, float]
    needed: frozenset[str]
    other_passwords: frozenset[str]
    proved_by_log_ins: frozenset[str]
    structure: Mapping[str, float]
    kinds: Mapping[str, frozenset[str]]
    actors: Mapping[Phrase, int]


@cache
def roles() -> tuple[Role, ...]:
    """Every role of roles.toml, in its order."""
    root = _file("roles.toml")
    found = tuple(_role(section) for section in root.sections("role"))
    root.finish()
    return found


@cache
def role_named(name: str) -> Role:
    return next(role for role in roles() if role.id == name)


@cache
def tables() -> TableHabits:
    root = _file("tables.toml")
    nouns: dict[str, Noun] = {}
    for section in root.sections("noun"):
        noun = Noun(_number(section, "weight"), section.flag("needs_proof"), section.flag("inner"))
        nouns.update(dict.fromkeys(_words(section, "words"), noun))
        section.finish()
    actors: dict[Phrase, int] = {}
    for section in root.sections("actor"):
        cost = section.whole("cost")
        actors.update({phrase(text): cost for text in section.texts("words")})
        section.finish()
    plain, proof = root.section("plain"), root.section("proof")
    needed = frozenset(proof.texts("needed"))
    others, by_log_ins = _words(proof, "other_passwords"), _words(proof, "proved_by_log_ins")
    share = _number(plain, "prefix_share")
    habits = TableHabits(
        plain=_words(plain, "words"),
        prefix_share=share,
        served=_words(plain, "served"),
        nouns=nouns,
        proof={key: _number(proof, key) for key, value in proof.items() if not isinstance(value, list)},
        needed=needed,
        other_passwords=others,
        proved_by_log_ins=by_log_ins,
        structure={
            key: _number(structure, key) for structure in [root.section("structure")] for key, _ in structure.items()
        },
        kinds={key: _words(kinds, key) for kinds in [root.section("kind")] for key, _ in kinds.items()},
        actors=actors,
    )
    plain.finish()
    root.finish()
    return habits


def _role(section: Section) -> Role:
    category = section.text_or_none("category")
    if category is not None and category not in data_categories():
        section.wrong("category", f'is "{category}", which is not a data category')
    role = Role(
        id=section.text("id"),
        category=category,
        where=section.choice("where", WHERE),
        kinds=frozenset(section.texts("kinds")),
        patterns=tuple(dict.fromkeys(phrase(text) for text in section.texts("patterns"))),
        before=_words(section, "before"),
        after=_words(section, "after"),
        lesser=_words(section, "lesser"),
        never=_words(section, "never"),
    )
    section.finish()
    return role


def _words(section: Section, key: str) -> frozenset[str]:
    return frozenset(word for text in section.texts(key) for word in phrase(text))


def _number(section: Section, key: str) -> float:
    value = dict(section.items()).get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        section.wrong(key, "must be a number")
    return float(value)


def _file(name: str) -> Section:
    return read_datafile(resources.files("incident.scope.discovery").joinpath(name), name=name)
