"""
The statements of an SQL file that describe tables, one by one, however large the data between them is.

Data (INSERT, COPY) is passed over as it is read and never held. Texts, comments, dollar quotes, `DELIMITER` blocks,
`GO` lines and the commands of psql are understood as far as is needed to find where a statement ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

_PIECE = 1 << 20  # characters read at once; a line may be longer
_LONGEST = 8 << 20  # of a statement that describes a table
_WANTED = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:(?:global|local|temp|temporary|unlogged|foreign|external|virtual|column|row)\s+)*table\b"
    r"|alter\s+table\b|drop\s+table\b|rename\s+tables?\b|comment\s+on\b|create\s+unique\s+(?:\w+\s+)?index\b"
    r"|do\s+(?:language\s+\w+\s+)?\$|copy\b",
    re.IGNORECASE,
)
_COPY = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
# Tools for migrations keep the way back in the same file, under a comment of its own.
_BACK = re.compile(r"(?:--|\#)\s*(?:\+\w+\s+|migrate:|---\s*!|@)(?P<to>up|down)s?\b", re.IGNORECASE)
_NEXT = re.compile(r"(?:create|insert|drop|alter\s+table|exec|print|use|grant|comment\s+on|copy)\b", re.IGNORECASE)
_COMMENT_OR_BLANK = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|\#[^\n]*(?:\n|$))+")
_MARK = re.compile(r"--[^\n]*|/\*|['\"`;()]|\$\w*\$")
_PLAIN_END = {quote: re.compile(f"[^{quote}]*(?:{quote}{quote}[^{quote}]*)*") for quote in "'\"`"}
_BACKSLASH_END = {
    quote: re.compile(rf"[^{quote}\\]*(?:(?:\\.|{quote}{quote})[^{quote}\\]*)*", re.DOTALL) for quote in "'\""
}


@dataclass
class Statements:
    """
    Iterates over `file`. backslashes: whether \\' inside a text is a quote, as in MySQL.

    After the last one, `cut_off` says that the file ended inside a text: backslashes were misjudged, or it is torn.
    `too_long` counts statements that were longer than any table's.
    """

    file: TextIO
    backslashes: bool
    cut_off: bool = False
    too_long: int = 0
    _kept: list[str] = field(default_factory=list)
    _size: int = 0
    _wanted: bool | None = None  # None: no statement has begun
    _inside: str = ""  # the quote, "/*" or dollar tag one is inside of
    _escapes: bool = False
    _depth: int = 0
    _delimiter: str = ";"
    _back: bool = False  # what follows undoes the migration
    _in_data: bool = False  # the rows after COPY … FROM stdin

    def __iter__(self) -> Iterator[str]:
        fresh = True  # at the beginning of a line
        while piece := self._read():
            if fresh and self._whole_line(piece):
                continue
            if (
                fresh
                and self._wanted is not None
                and not self._inside
                and self._depth == 0
                and self._ends_before(piece)
            ):
                yield from self._end()
            yield from self._scan(piece)
            fresh = piece.endswith("\n")
        self.cut_off = bool(self._inside) and self._inside != "/*"
        yield from self._end()

    def _read(self) -> str:
        piece = self.file.readline(_PIECE)
        while len(piece) >= _PIECE and piece[-1] in "\\'\"`-/$*" and (more := self.file.read(1)):
            piece += more
        return piece

    def _whole_line(self, line: str) -> bool:
        """Lines that are no SQL; True where the line is used up."""
        if self._in_data:
            self._in_data = line.rstrip("\r\n") != "\\."
            return True
        if self._inside:
            return False
        if self._wanted is None and line.startswith("\\"):
            return True
        if marked := _BACK.match(line):
            self._back = marked["to"].lower() == "down"
            return True
        words = line.split(None, 2)
        if words[:1] and words[0].upper() == "DELIMITER" and len(words) > 1:
            self._delimiter = words[1]
            return True
        return False

    def _ends_before(self, line: str) -> bool:
        if line.strip().upper() == "GO":
            return True
        return self._delimiter == ";" and _NEXT.match(line) is not None

    def _scan(self, piece: str) -> Iterator[str]:
        at = 0
        while at < len(piece):
            if self._inside:
                at = self._through(piece, at)
                continue
            if self._wanted is None:
                at = self._begin(piece, at)
                continue
            at, ended = self._step(piece, at)
            if ended:
                yield from self._end()

    def _begin(self, piece: str, at: int) -> int:
        """Skip blanks and comments up to the next statement, and decide whether it is wanted."""
        if blank := _COMMENT_OR_BLANK.match(piece, at):
            return blank.end()
        if piece.startswith("/*", at):
            self._inside = "/*"
            return at + 2
        if piece.startswith(self._delimiter, at):
            return at + len(self._delimiter)
        if piece[at:].strip().upper() == "GO":
            return len(piece)
        self._wanted = _WANTED.match(piece, at) is not None and self._delimiter == ";" and not self._back
        return at

    def _step(self, piece: str, at: int) -> tuple[int, bool]:
        """To the next mark outside of texts. Returns where it ends, and whether the statement does."""
        mark = _MARK.search(piece, at)
        if self._delimiter != ";":
            end = piece.find(self._delimiter, at)
            if end >= 0 and (mark is None or end <= mark.start()):
                return end + len(self._delimiter), True
        if mark is None:
            self._keep(piece[at:])
            return len(piece), False
        self._keep(piece[at : mark.start()])
        found = mark.group()
        if found.startswith("--"):
            return mark.end(), False
        if found == ";":
            return mark.end(), self._delimiter == ";"
        if found == "/*":
            self._inside = found
            return mark.end(), False
        self._keep(found)
        if found in "()":
            self._depth = max(0, self._depth + (1 if found == "(" else -1))
        elif found[0] == "$" and self.backslashes:
            return mark.end(), False  # MySQL has no dollar quotes
        else:
            self._inside = found
            self._escapes = found != "`" and (
                self.backslashes or piece[max(0, mark.start() - 1) : mark.start()] in {"e", "E"}
            )
        return mark.end(), False

    def _through(self, piece: str, at: int) -> int:
        """To the end of the text or comment one is inside of, or of the piece."""
        if self._inside == "/*" or self._inside[0] == "$":
            closing = "*/" if self._inside == "/*" else self._inside
            end = piece.find(closing, at)
            stop = len(piece) if end < 0 else end + len(closing)
            if self._inside != "/*":
                self._keep(piece[at:stop])
        else:
            ends = _BACKSLASH_END if self._escapes else _PLAIN_END
            found = ends[self._inside].match(piece, at)
            end = found.end() if found else at
            stop = min(end + 1, len(piece))
            self._keep(piece[at:stop])
            end = end if end < len(piece) else -1
        if end >= 0:
            self._inside = ""
        return stop

    def _keep(self, text: str) -> None:
        if self._wanted:
            self._size += len(text)
            if self._size <= _LONGEST:
                self._kept.append(text)

    def _end(self) -> Iterator[str]:
        text, wanted, size = "".join(self._kept).strip(), self._wanted, self._size
        self._kept, self._size, self._wanted, self._depth = [], 0, None, 0
        if size > _LONGEST:
            self.too_long += 1
        elif wanted and _COPY.match(text):
            self._in_data = True
        elif wanted and text and not text.lower().startswith("copy"):
            yield text
