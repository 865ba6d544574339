"""
Wording that makes a letter worse: hedges, minimisers, comfort, long sentences, placeholders, numbers from nowhere.

A hit is for a person to weigh; it refuses nothing. The word lists stand in `phrases/lint/<language>.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from incident.datafile import Section
from incident.record.ledger import Ledger
from notices.markdown import as_read

_PLACEHOLDER = re.compile(r"\b(?:TODO|TBD|FIXME|XXX+)\b|\[[^\]\n]{0,40}\]|\{\{|\blorem ipsum\b", re.IGNORECASE)
# RFC 2606 and RFC 6761: names that lead nowhere.
_NOWHERE = re.compile(r"\b[\w.-]+\.(?:example|test|invalid|localhost)\b|\bexample\.(?:com|org|net)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.:/+-])(?:\d{1,3}(?:[,.\u00a0 ]\d{3})+|\d{3,})(?![\d:/])")
_YEARS = range(1900, 2101)
_QUOTED = re.compile('[„“«"][^„“”«»"]*[“”»"]')
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\*{0,2}[A-ZÄÖÕÜŠŽА-ЯЁӘҒҚҢӨҰҮҺІ«„“\"])")
# What the font that comes with Typst has shapes for; other letters come out as empty boxes in the PDF.
_DRAWN = ("LATIN", "GREEK", "CYRILLIC", "COMBINING", "MODIFIER")


@dataclass(frozen=True)
class Hit:
    """line: of letter.md, 1-based. found: the words. why: what is wrong with them."""

    line: int
    found: str
    why: str

    def document(self) -> dict[str, int | str]:
        return {"line": self.line, "found": self.found, "why": self.why}


@dataclass(frozen=True)
class WordList:
    """Expressions of one sort and why they are listed."""

    why: str
    words: re.Pattern[str]


@dataclass(frozen=True)
class Manners:
    """How letters of a language are written: no sentence longer, none of these words."""

    longest_sentence_words: int
    lists: tuple[WordList, ...]


def read_manners(root: Section) -> Manners:
    """Parse a word list file. Raises UsageError naming file, line and key of whatever is wrong."""
    lists = []
    for name in ("hedge", "minimiser", "comfort", "no_evidence"):
        entry = root.section(name)
        try:
            words = re.compile(rf"\b(?:{'|'.join(entry.texts('words'))})\b", re.IGNORECASE)
        except re.error as error:
            entry.wrong("words", f"is not a list of regular expressions: {error}")
        lists.append(WordList(entry.text("why"), words))
        entry.finish()
    manners = Manners(root.whole("longest_sentence_words"), tuple(lists))
    root.finish()
    return manners


def lint(text: str, manners: Manners, *, invented: bool) -> list[Hit]:
    """
    Hits in a letter's Markdown, by line.

    invented: the organisation is a sample, so that addresses that lead nowhere are right.
    """
    hits: list[Hit] = []
    for number, line in enumerate(as_read(text).splitlines(), start=1):
        if line.startswith(":::"):
            continue
        own = _QUOTED.sub("…", line)  # a sentence that is quoted word for word cannot be written better
        for each in manners.lists:
            hits += [Hit(number, found[0], each.why) for found in each.words.finditer(own)]
        hits += [Hit(number, found[0], "a placeholder was left in") for found in _PLACEHOLDER.finditer(line)]
        if not invented:
            hits += [Hit(number, found[0], "an address that leads nowhere") for found in _NOWHERE.finditer(line)]
        hits += [Hit(number, char, "the PDF has no shape for this letter") for char in _undrawn(line)]
        hits += _long_sentences(number, own, manners.longest_sentence_words)
    return hits


def stray_numbers(text: str, facts: Mapping[str, int], ledger: Ledger) -> list[Hit]:
    """Numbers of three digits and more in the words of a fact that no counted fact has; years and times are let be."""
    used = [found for name in facts if (found := ledger.get(name)) is not None and found.is_known]
    counted = {number for fact in used for number in _counts(fact.value)}
    lines = as_read(text).splitlines()
    hits = []
    for fact in used:
        if not isinstance(fact.value, str) or "@" not in fact.name:
            continue
        for shown in _NUMBER.findall(fact.value):
            number = int(re.sub(r"\D", "", shown))
            is_year = number in _YEARS and shown.isdigit()
            if number not in counted and not is_year:
                place = next((at for at, line in enumerate(lines, start=1) if shown in line), 1)
                hits.append(Hit(place, shown, f"{fact.name} gives a number that is in no counted fact"))
    return hits


def date_hits(ledger: Ledger, awareness: datetime, *, now: datetime) -> list[Hit]:
    """Moments that cannot be in this order: begun, noticed, aware, now; and a promised message that is overdue."""
    hits = []
    occurred, detected = ledger.moment("occurred_at"), ledger.moment("detected_at")
    if occurred and detected and occurred > detected:
        hits.append(Hit(1, "occurred_at", "the breach begins after it was noticed"))
    if detected and detected > awareness:
        hits.append(Hit(1, "detected_at", "it was noticed after the organisation was aware of it"))
    promised = ledger.moment("next_update_at")
    if promised and promised <= now:
        hits.append(Hit(1, "next_update_at", "the date of the next message has passed"))
    return hits


def _long_sentences(number: int, line: str, longest: int) -> Iterable[Hit]:
    if line.startswith("|"):
        return
    for sentence in _SENTENCE_END.split(line):
        words = len(re.findall(r"\w[\w'’.-]*", sentence))
        if words > longest:
            yield Hit(number, " ".join(sentence.split()[:6]) + " …", f"a sentence of {words} words; {longest} at most")


def _undrawn(line: str) -> list[str]:
    return sorted(
        {
            char
            for char in line
            if ord(char) > 0x2FF
            and unicodedata.category(char)[0] in "LMS"
            and not unicodedata.name(char, "").startswith(_DRAWN)
            and char not in "€№™−→≤≥"
        }
    )


def _counts(value: object) -> set[int]:
    if isinstance(value, dict):
        return {number for number in value.values() if isinstance(number, int)}
    return {value} if isinstance(value, int) and not isinstance(value, bool) else set()
