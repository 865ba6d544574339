"""
What a person does with a sealed list: find it, check it, look somebody up, compare two, write one out.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from incident.errors import OutsideError, RefusedError, UsageError
from incident.moments import local
from incident.record.events import ScopeExported, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.difference import Difference, Reasons, differences
from incident.scope.sealed import Person, check_sealed, plain_lines, read_segments, same_address
from incident.scope.sql import COLUMNS
from incident.workspace import Workspace


@dataclass(frozen=True)
class Sought:
    """Whom to look for: by key, or by address, compared as counting does."""

    key: str | None = None
    email: str | None = None

    def is_(self, person: Person) -> bool:
        if self.key is not None:
            return person.key == self.key
        return person.email is not None and _address(person.email) == _address(self.email or "")


@dataclass(frozen=True)
class Found:
    """
    Who was found on a list.

    doubles: keys of those whose address belongs to an earlier account. elsewhere: other lists that have somebody.
    unread: lists that were forgotten, so that nobody can say.
    """

    people: tuple[Person, ...]
    doubles: frozenset[str] = frozenset()
    elsewhere: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def scope_named(incident: Incident, name: str) -> ScopeSealed:
    """The sealed scope called `name`; raises UsageError listing those there are."""
    for scope in incident.scopes:
        if scope.scope == name:
            return scope
    there = ", ".join(scope.scope for scope in incident.scopes)
    raise UsageError(
        f'{incident.id} has no scope "{name}"' + (f"; it has {there}." if there else "; none was run yet."),
        next_step="incident scope list" if there else "incident scope run --help",
    )


def list_file(workspace: Workspace, incident: Incident, scope: ScopeSealed) -> Path:
    return workspace.incident_folder(incident.id) / scope.file


def check_not_forgotten(incident: Incident, name: str, zone: ZoneInfo, *, before: str = "") -> None:
    """Raise RefusedError where the list was forgotten: when, by whom and why. before: how its sentence begins."""
    gone = incident.forgotten.get(name)
    if gone is None:
        return
    kept = "Digest, counts and question are in the record."
    state = f"It cannot be read any more. {kept}" if gone.is_destroyed else f"Nobody uses it any more. {kept}"
    again = "incident scope run asks the account database again, as it is now"
    raise RefusedError(
        f"{before}{forgotten_words(incident, name, zone)}",
        state=state,
        next_step=again if gone.is_destroyed else f"incident scope forget {name}   finishes its destruction",
    )


def forgotten_words(incident: Incident, name: str, zone: ZoneInfo) -> str:
    """When, by whom and why a list was forgotten: one sentence."""
    gone = incident.forgotten[name]
    unfinished = "" if gone.is_destroyed else " (its destruction is not finished)"
    because = gone.because.rstrip(".")
    return f"The list of {name} was forgotten on {local(gone.at, zone)} by {gone.by}{unfinished}: {because}."


def verified(workspace: Workspace, incident: Incident, name: str) -> tuple[ScopeSealed, Path]:
    """
    The scope and its list, read once to its end.

    Raises RefusedError where it was forgotten, RecordIntegrityError where it is not what was sealed.
    """
    scope = scope_named(incident, name)
    check_not_forgotten(incident, name, workspace.zone)
    file = list_file(workspace, incident, scope)
    check_sealed(file, scope.digest)
    return scope, file


def compare(workspace: Workspace, incident: Incident, before: str, after: str) -> Iterator[Difference]:
    """Person by person, with the reason; both lists are verified first."""
    (old, old_file), (new, new_file) = (verified(workspace, incident, name) for name in (before, after))
    reasons = Reasons(old, new, workspace.zone)
    return differences(read_segments(old_file), read_segments(new_file), reasons)


def look_up(workspace: Workspace, incident: Incident, name: str, sought: Sought) -> Found:
    """Who is meant, on the verified list `name`; where nobody is, which of the incident's other lists have somebody."""
    _, file = verified(workspace, incident, name)
    people = tuple(_matching(file, sought))
    if people:
        doubles = same_address(file) & {person.key for person in people}
        return Found(people, doubles=doubles)
    others = [scope.scope for scope in incident.scopes if scope.scope != name]
    readable = [other for other in others if other not in incident.forgotten]
    having = [other for other in readable if any(_matching(verified(workspace, incident, other)[1], sought))]
    return Found((), elsewhere=tuple(having), unread=tuple(other for other in others if other not in readable))


def export_csv(workspace: Workspace, incident: Incident, name: str, out: Path) -> int:
    """
    The verified list as CSV for people, private (0600); returns how many accounts are on it.

    `COLUMNS` as they were sealed, with "," between the cells and an apostrophe before what a spreadsheet would run
    (`harmless_cell`). Refuses to overwrite. The record keeps where it is, before anybody is named in it.
    """
    scope, file = verified(workspace, incident, name)
    exported = ScopeExported(name, str(out.absolute()), "csv")
    with (
        exported_file(workspace, incident, exported) as raw,
        TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text,
    ):
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        for segment in read_segments(file):
            rows.writerows([harmless_cell(getattr(person, column)) for column in COLUMNS] for person in segment.people)
    return int(scope.counts["accounts"] or 0)


def export_sealed(workspace: Workspace, incident: Incident, name: str, out: Path) -> int:
    """The verified list in plain, byte for byte as it was hashed; else as `export_csv`."""
    scope, file = verified(workspace, incident, name)
    exported = ScopeExported(name, str(out.absolute()), "sealed")
    with exported_file(workspace, incident, exported) as raw:
        raw.writelines(plain_lines(file))
    return int(scope.counts["accounts"] or 0)


def _matching(file: Path, sought: Sought) -> Iterator[Person]:
    return (person for segment in read_segments(file) for person in segment.people if sought.is_(person))


def _address(text: str) -> str:
    """As the program compares addresses: without blanks around them, ASCII letters made small."""
    return text.strip().encode().lower().decode()


@contextmanager
def exported_file(workspace: Workspace, incident: Incident, exported: ScopeExported) -> Iterator[BinaryIO]:
    """
    `exported.file` as a private file that was not there, recorded before anybody's data are in it; removed on failure.

    Raises RefusedError where there is one, OutsideError where it cannot be written.
    """
    out = Path(exported.file)
    try:
        handle = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"{out} exists already.", state="Nothing was written.", next_step="choose another name"
        ) from None
    except OSError as error:
        raise OutsideError(f"{out} cannot be written: {error.strerror}.", next_step="choose another folder") from error
    is_whole = False
    try:
        with os.fdopen(handle, "wb") as raw:
            workspace.record(incident.id, lambda _: [exported])
            yield raw
        is_whole = True
    except OSError as error:
        raise OutsideError(
            f"{out} cannot be written: {error.strerror}.",
            state="What was written of it is removed.",
            next_step="make room there, or choose another folder",
        ) from error
    finally:
        if not is_whole:
            out.unlink(missing_ok=True)


# A cell begins at its own start, and behind what another spreadsheet splits or breaks lines at. Then what it may pass
# over (blanks, quotation marks, signs of no width), then what makes the rest a formula, of full width too.
_SEPARATORS = r"[,;|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]"
_PASSED_OVER = r"""[ "\xa0\u1680\u2000-\u200f\u202a-\u202f\u205f-\u2064\u3000\ufeff]*"""
_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
_SEPARATOR = re.compile(_SEPARATORS)
_FORMULA = re.compile(f"((?:^|{_SEPARATORS}){_PASSED_OVER})(?={_SIGNS})")


def harmless_cell(value: str | None) -> str:
    """
    `value` as a cell that no spreadsheet runs as a formula, whichever separator it takes the file to have.

    An apostrophe stands before each sign that would begin one: quotation marks hold a cell together only where its own
    separator is the one that is read.
    """
    text = value or ""
    if text[:1].isalnum() and not _SEPARATOR.search(text):
        return text  # nearly every value; a list of a million people is written in this way
    return _FORMULA.sub(r"\1'", text)
