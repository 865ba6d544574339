"""
Names cut into words: what a column or a table is called, whichever way its database writes names.

`user_email`, `userEmail`, `USEREMAIL` and `UserEMail` are all (user, email); `correo` is (email), `prenom` is
(first, name). The words and their other spellings are data, in words.toml.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from incident.datafile import Section, read_datafile

Phrase = tuple[str, ...]

_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_A-Za-z]+|\d+")
_EMAIL = re.compile(r"(?<![A-Za-z])(?:[eE][-_ ][mM][aA][iI][lL]|eMail)|(?<=[a-z])EMail")
_SEVERAL = re.compile(r"(ID|IP|URL)s(?![a-z])")
_MOST_PARTS = 5


@dataclass(frozen=True)
class _Words:
    """words.toml, and the words of the other vocabularies: what a name may be put together from."""

    spelling: dict[str, Phrase]
    known: frozenset[str]
    short: frozenset[str]
    whole: frozenset[str]
    single: frozenset[str]
    tails: tuple[str, ...]
    together: tuple[tuple[re.Pattern[str], str], ...]


@lru_cache(maxsize=65536)
def words(name: str) -> Phrase:
    """The words of a column's or table's name, each in its one spelling, numbers left out."""
    vocabulary = _vocabulary()
    text = _plain_letters(name)
    for pattern, word in vocabulary.together:
        text = pattern.sub(f"_{word}_", text)
    text = _SEVERAL.sub(r"\1", _EMAIL.sub("_email", text))
    if not re.search(r"[a-z]", text.replace("_email", "")):
        text = text.lower()
    pieces = [piece.lower() for piece in _PIECE.findall(text) if not piece.isdigit()]
    found: list[str] = []
    for piece in pieces:
        for word in _cut(piece):
            found.extend(_spelled(word))
    # A name of numbers or signs alone is a word of its own.
    return tuple(word for at, word in enumerate(found) if at == 0 or word != found[at - 1]) or tuple(
        [name] if name else []
    )


@cache
def phrase(text: str) -> Phrase:
    """A phrase of a vocabulary, its words with blanks between, in the spelling of names."""
    found = [word for part in text.lower().split() for word in _spelled(part)]
    return tuple(word for at, word in enumerate(found) if at == 0 or word != found[at - 1])


def known_words() -> frozenset[str]:
    """Every word a name may be put together from."""
    return _vocabulary().known


def first_piece(name: str) -> str:
    """What a name begins with, up to its first stroke or large letter; for prefixes that many names share."""
    found = re.match(r"[^\W_]+?(?=_|(?<=[a-z])[A-Z]|$)", _plain_letters(name))
    return found.group().lower() if found else ""


def holds(of: Phrase, part: Phrase) -> bool:
    """Whether the words `part` stand in `of`, side by side."""
    return any(of[at : at + len(part)] == part for at in range(len(of) - len(part) + 1))


def _plain_letters(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("ß", "ss").replace("ø", "o")


def _spelled(word: str) -> Phrase:
    vocabulary = _vocabulary()
    if word in vocabulary.spelling:
        return vocabulary.spelling[word]
    one = _singular(word)
    return vocabulary.spelling.get(one, (one,))


@lru_cache(maxsize=65536)
def _cut(piece: str) -> Phrase:
    """A piece without a gap, cut where it is put together from known words, else whole. Fewest parts win."""
    vocabulary = _vocabulary()
    if piece in vocabulary.known or _singular(piece) in vocabulary.known or piece in vocabulary.whole:
        return (piece,)
    best: list[Phrase | None] = [()] + [None] * len(piece)
    for end in range(2, len(piece) + 1):
        for start in range(end - 1):
            before, part = best[start], piece[start:end]
            if before is None or len(before) >= _MOST_PARTS or not _is_part(part, at_end=end == len(piece)):
                continue
            current = best[end]
            if current is None or len(before) + 1 < len(current):
                best[end] = (*before, part)
    return best[-1] or _glued(piece) or (piece,)


def _glued(piece: str) -> Phrase | None:
    """A word that nobody listed before one that says all: streamtoken."""
    for tail in _vocabulary().tails:
        start = piece[: -len(tail)]
        if piece.endswith(tail) and len(start) >= 3:
            return (*_cut(start), *_cut(tail))
    return None


def _is_part(part: str, *, at_end: bool) -> bool:
    vocabulary = _vocabulary()
    if len(part) <= 2:
        return part in vocabulary.short
    return part in vocabulary.known or (at_end and _singular(part) in vocabulary.known)


def _singular(word: str) -> str:
    if len(word) < 4 or word in _vocabulary().single or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "hashes")):
        return word[:-2]
    return word[:-1]


@cache
def _vocabulary() -> _Words:
    root = read_datafile(_file("words.toml"), name="words.toml")
    listed, others = root.section("words"), root.section("spelling")
    spelling: dict[str, Phrase] = {}
    for meant, _ in others.items():
        for other in others.texts(meant):
            if other in spelling:
                others.wrong(meant, f'holds "{other}", which is a spelling of another word too')
            spelling[other] = tuple(meant.split())
    known = {*listed.texts("known"), *spelling, *(word for phrase_ in spelling.values() for word in phrase_)}
    for name in ("roles.toml", "tables.toml", "secrets.toml"):
        known |= _texts(tomllib.loads(_file(name).read_text(encoding="utf-8")))
    found = _Words(
        spelling=spelling,
        known=frozenset(word for word in known if len(word) > 1),
        short=frozenset(listed.texts("short")),
        whole=frozenset(listed.texts("whole")),
        single=frozenset(listed.texts("single")),
        tails=listed.texts("tails"),
        together=_together(root.section("together")),
    )
    listed.finish()
    root.finish()
    return found


def _together(section: Section) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![a-z0-9])", re.IGNORECASE), word)
        for word, _ in section.items()
        for form in section.texts(word)
    )


def _texts(value: Any) -> set[str]:
    """The single words of every list of texts in a vocabulary."""
    if isinstance(value, dict):
        skipped = {"id", "category", "where", "kinds"}
        return {word for key, inner in value.items() if key not in skipped for word in _texts(inner)} | (
            {key for key, inner in value.items() if isinstance(inner, list) and key.isalpha()} - {"columns", "patterns"}
        )
    if isinstance(value, list):
        return {word for inner in value for word in (inner.split() if isinstance(inner, str) else _texts(inner))}
    return set()


def _file(name: str) -> Traversable:
    return resources.files("incident.scope.discovery").joinpath(name)
