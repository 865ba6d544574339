"""
The letters' Markdown: CommonMark with pipe tables, definition lists and fenced divs, nothing else.

Every value that comes from data is escaped, so that it can never become markup. Text that is markup already is a
`Markdown`; joining one with plain text gives plain text again, which is escaped, so a slip shows and does no harm.

Fields that differ per person stand in a letter as «name».
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

# What `notices/prints.py` asks pandoc for. Smart quotes and attributes stay off: O'Neill and {x} are text.
DIALECT = "commonmark+pipe_tables+definition_lists+fenced_divs"

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"^(?:([#+\-=:>])|(\d{1,9})([.)]))")
# Overrides of the writing direction could turn the letter around a name; letters of any script stay as they are.
_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Markdown(str):
    """Text that is markup already and is printed as it stands."""

    __slots__ = ()


def one_line(value: str) -> str:
    """`value` on one line: control characters and line ends become spaces, spaces are single, direction marks go."""
    if value.isprintable() and "  " not in value and unicodedata.is_normalized("NFC", value):
        return value.strip()  # nearly every value; a list of a million people is read in this way
    shown = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in value.translate(_DIRECTION)
    )
    return re.sub(r" +", " ", unicodedata.normalize("NFC", shown)).strip()


def escape(value: str) -> Markdown:
    """`value` as Markdown that prints exactly these characters, on one line."""
    text = _ENTITY.sub(r"\\&", _SPECIAL.sub(r"\\\g<0>", one_line(value)))
    return Markdown(_LINE_START.sub(_escape_start, text))


def _escape_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def lines_of(value: str) -> list[str]:
    """The lines of `value` that hold something, each on one line, a leading list mark dropped ("18." begins a date)."""
    found = (re.sub(r"^(?:[-*•–]|\d{1,2}\))\s+", "", one_line(line)) for line in value.splitlines())
    return [line for line in found if line]


def paragraphs(value: str) -> Markdown:
    """`value` in paragraphs: an empty line parts them, a single line end stays a line end."""
    blocks = re.split(r"\n\s*\n", value.replace("\r\n", "\n").replace("\r", "\n").strip())
    kept = ([escape(line) for line in block.splitlines() if line.strip()] for block in blocks)
    return Markdown("\n\n".join("\\\n".join(lines) for lines in kept if lines))


def bullets(items: Iterable[str]) -> Markdown:
    """A list; items that are `Markdown` are kept as they are."""
    return Markdown("\n".join(f"- {_marked(item)}" for item in items))


def steps(items: Iterable[str]) -> Markdown:
    """A numbered list, from 1."""
    return Markdown("\n".join(f"{number}. {_marked(item)}" for number, item in enumerate(items, start=1)))


def table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> Markdown:
    """A table of two columns, the second one of numbers."""
    lines = [f"| {_marked(head[0])} | {_marked(head[1])} |", "|:--|--:|"]
    lines += [f"| {_marked(name)} | {_marked(value)} |" for name, value in rows]
    return Markdown("\n".join(lines))


def within(text: str, width: int = 4) -> Markdown:
    """`text` indented behind its first line, to stand inside a definition or a list item."""
    marked = _marked(text)
    return Markdown(re.sub(r"\n(?!\n)", "\n" + " " * width, marked))


def _marked(text: str) -> Markdown:
    return text if isinstance(text, Markdown) else escape(text)


def mark_of(field: str) -> str:
    """How a field stands in a letter: «name»."""
    return f"«{field}»"


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """A plain text (or subject) for one person. values: by field name, put in as they are, on one line."""
    return _fill(text, {name: one_line(value) for name, value in values.items()})


def fill_markdown(text: str, values: Mapping[str, str]) -> str:
    """A letter's Markdown for one person; values are escaped as everywhere."""
    return _fill(text, {name: escape(value) for name, value in values.items()})


def _fill(text: str, values: Mapping[str, str]) -> str:
    if not values:
        return text
    # One pass over the text, so that a value that looks like a field is not filled again.
    marks = {mark_of(name): value for name, value in values.items()}
    return re.sub("|".join(map(re.escape, marks)), lambda found: marks[found[0]], text)


def as_read(text: str) -> str:
    """Markdown with its escapes taken back, line by line as it was, for checks of what a reader sees."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
