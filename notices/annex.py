"""
The list of people that goes with a notice: computed from the sealed list when it is wanted, and kept nowhere (IO).

A State that tells the people itself wants to know who they are. A letter's folder stays when a list is forgotten, so
the list must not lie in it: the seal holds its name, its rows and its digest, and `export` computes the same bytes
again or refuses.

UTF-8 with a mark at the start, lines as RFC 4180 ends them, `;` between the cells: spreadsheets set to Russian or
Kazakh take the comma for a decimal sign and would put each line into one cell.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from incident.errors import RefusedError
from incident.record.canonical import Json
from incident.record.events import ScopeExported
from incident.record.timeline import Incident
from incident.scope.countries import UNKNOWN, UNREADABLE, country_of
from incident.scope.lists import exported_file, harmless_cell, verified
from incident.scope.sealed import Person, read_segments
from incident.workspace import Workspace
from notices.kinds import Kind
from notices.letters import Letter
from notices.markdown import one_line
from notices.template_library import Library, Template

NAME = "annex.csv"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Annex:
    """
    What is known of a list without its bytes. scope: the sealed list it is made of.

    rows: accounts in it. without_name: those of them whose name is not known. unknown: those of them whose country is
    not known. elsewhere: accounts of the sealed list that live in other countries and are not in it. unreadable: those
    that are not in it since their country is stored as something that is no country's code; any of them may belong to
    it. digest: "sha256:…" of its bytes.
    """

    scope: str
    rows: int
    without_name: int
    unknown: int
    elsewhere: int
    unreadable: int
    digest: str

    def document(self) -> dict[str, Json]:
        """As the seal and the record have it."""
        return {
            "name": NAME,
            "rows": self.rows,
            "without_name": self.without_name,
            "unknown": self.unknown,
            "unreadable": self.unreadable,
            "digest": self.digest,
        }


def annex_of(workspace: Workspace, incident: Incident, template: Template) -> Annex | None:
    """
    The list that goes with a letter, from the sealed list in force; None where none does.

    Raises RefusedError where no list was sealed or it was forgotten, RecordIntegrityError where it is another one.
    """
    if not template.kind.annex:
        return None
    scope = incident.scope_in_force
    if scope is None:
        raise RefusedError(
            f"A list of the people goes with the {template.kind.id} letter, and none was sealed yet.",
            state="No letter was written.",
            next_step="incident scope run …",
        )
    _, file = verified(workspace, incident, scope.scope)
    counts: Counter[str] = Counter()
    digest = _digest(_contents(file, template, counts))
    return Annex(
        scope=scope.scope,
        rows=counts["rows"],
        without_name=counts["without_name"],
        unknown=counts["unknown"],
        elsewhere=counts["elsewhere"],
        unreadable=counts["unreadable"],
        digest=digest,
    )


def write_annex(workspace: Workspace, incident: Incident, letter: Letter, out: Path) -> None:
    """
    The sealed letter's list as a private file that was not there; the record keeps that it was written, and where.

    Raises RefusedError, with nothing written, where the list was forgotten or what would be written is not what was
    sealed; else as `exported_file`.
    """
    name = letter.scope or ""
    template = Library(workspace.folder).template(letter.kind, letter.language)
    _, file = verified(workspace, incident, name)
    if _digest(_contents(file, template, Counter())) != letter.annex["digest"]:
        raise RefusedError(
            f"{letter.annex['name']} of {letter.id} would not be what was sealed: its headings changed since, or "
            "whom it names.",
            state="Nothing was written.",
            next_step=f"incident notice check {letter.id}, then draft the letter again",
        )
    with exported_file(workspace, incident, ScopeExported(name, str(out.absolute()), "annex")) as raw:
        raw.writelines(_contents(file, template, Counter()))


def annex_words(letter: Letter) -> str:
    """What goes with a letter as a list, and how many accounts of the sealed list may be missing in it."""
    # A letter of an earlier version does not say how many could not be read: it took them all in.
    names = ("rows", "without_name", "unreadable")
    rows, nameless, unreadable = (int(str(letter.annex.get(name, 0))) for name in names)
    named = f"{nameless:,} of them without a name" if nameless else "all of them with a name"
    words = (
        f"{letter.annex['name']} goes with it: {rows:,} accounts of list {letter.scope}, {named}; "
        f"incident notice export {letter.id} --out DIR writes it."
    )
    if unreadable:
        words += (
            f" {unreadable:,} accounts may be missing in it: their country is stored as something that is no country's "
            "code. docs/scope.md says how the map gets codes; then run the scope and draft again."
        )
    return words


def abroad_words(letter: Letter) -> str:
    """How many accounts in a letter's list may be of people who live elsewhere; "" for none, or for no list."""
    rows, unknown = (int(str(letter.annex.get(name, 0))) for name in ("rows", "unknown"))
    if not unknown:
        return ""
    return (
        f"The list for the State holds {rows:,} accounts, {unknown:,} of them without a country on record: people "
        "abroad may be among them. Where the database knows who lives where, name it in the data map, run the scope "
        "and draft again."
    )


def _contents(file: Path, template: Template, counts: Counter[str]) -> Iterator[bytes]:
    """The list's bytes, one piece for each segment of the sealed list; `counts` is filled while they come."""
    kind, part = template.kind, template.kind.part
    counts["rows"] = 0
    yield _BYTE_ORDER_MARK + _lines([template.annex_head])
    for segment in read_segments(file):
        listed: list[Person] = []
        others: list[str] = []
        for person in segment.people:
            if part is None or part.holds(person.country):
                listed.append(person)
            else:
                others.append(country_of(person.country))
        counts["unreadable"] += others.count(UNREADABLE)
        counts["elsewhere"] += sum(country not in {UNKNOWN, UNREADABLE} for country in others)
        counts["without_name"] += sum(not one_line(person.name or "") for person in listed)
        counts["unknown"] += sum(country_of(person.country) in {UNKNOWN, UNREADABLE} for person in listed)
        yield _lines(_row(kind, person, at) for at, person in enumerate(listed, start=counts["rows"] + 1))
        counts["rows"] += len(listed)


def _row(kind: Kind, person: Person, number: int) -> list[str]:
    cells = {"number": str(number), "key": person.key, "name": person.name, "email": person.email}
    return [harmless_cell(one_line(cells[column] or "")) for column in kind.annex]


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode()


def _digest(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
