"""
What a person takes out of the workspace: one print, a letter for one person, all of a letter as files (IO).
"""

from __future__ import annotations

from pathlib import Path

from incident.errors import OutsideError, RefusedError, UsageError
from incident.record.events import ScopeExported
from incident.record.timeline import Incident
from incident.workspace import Workspace
from notices import markdown, seal
from notices.actions import organisation_of, page_of
from notices.annex import write_annex
from notices.checking import text_of
from notices.letters import Letter
from notices.prints import FORMATS, Press
from notices.template_library import Library


def print_of(
    workspace: Workspace, incident: Incident, letter: Letter, form: str, values: dict[str, str] | None
) -> bytes:
    """
    One print, as sealed; with `values`, for one person: printed again from the Markdown, each value escaped.

    Raises RefusedError where the files are no longer those that were sealed.
    """
    if form not in FORMATS:
        raise UsageError(f'There is no print "{form}".', next_step=f"choose one of {', '.join(FORMATS)}")
    folder = workspace.incident_folder(incident.id) / letter.folder
    if changed := seal.changed_files(folder, letter.digest):
        raise RefusedError(
            f"The files of {letter.id} are not those that were sealed:\n"
            + "\n".join(f"  {each.words}" for each in changed),
            state="Nothing was printed.",
            next_step=f"restore {folder} from a backup, or draft the letter again",
        )
    if values is None:
        return seal.read_print(folder, f"letter.{form}")
    template = Library(workspace.folder).template(letter.kind, letter.language)
    subject = markdown.one_line(seal.read_print(folder, seal.SUBJECT).decode())
    page = page_of(template, markdown.fill_text(subject, values), organisation_of(workspace), incident)
    return Press().print_as(form, markdown.fill_markdown(text_of(workspace, incident, letter), values), page)


def person_values(workspace: Workspace, incident: Incident, letter: Letter, key: str) -> dict[str, str]:
    """The letter's fields for the person with `key` on its sealed list. Raises UsageError where there is none."""
    from incident.scope.lists import verified
    from incident.scope.sealed import read_segments

    template = Library(workspace.folder).template(letter.kind, letter.language)
    if letter.scope is None or not letter.is_to_people:
        raise UsageError(
            f"{letter.id} is addressed to no sealed list, so it has no prints for single people.",
            next_step="incident scope run, then draft the letter again"
            if letter.is_to_people
            else "leave out --person",
        )
    _, file = verified(workspace, incident, letter.scope)
    for segment in read_segments(file):
        for person in segment.people:
            if person.key == key:
                return {each.name: getattr(person, each.source) or each.when_missing for each in template.fields}
    raise UsageError(f"Nobody on the sealed list {letter.scope} has that key.", next_step="incident scope show")


def export(
    workspace: Workspace, incident: Incident, letter: Letter, out: Path, values: dict[str, str] | None
) -> list[Path]:
    """
    All five prints, what is attached, and the list that goes with it, as private files in `out`.

    The bytes are those under the seal whatever the letter's state, so the names tell a letter that nobody approved.
    values: of one person of the sealed list, as `person_values` has them. The record keeps where the prints that name
    somebody are, before they are written, so that forgetting the list names them. It does not keep who it is.
    Raises OutsideError where it cannot write, and as `write_annex`, which comes first: only that can be refused.
    """
    stem = f"{letter.id}-v{letter.version}{unapproved_mark(letter)}"
    files = {f"{stem}.{form}": print_of(workspace, incident, letter, form, values) for form in FORMATS}
    folder = workspace.incident_folder(incident.id) / letter.folder
    for name, version in letter.attachments.items():
        attached = f"{seal.ATTACHMENT}{name}-v{version}.pdf"
        files[f"{stem}-{attached}"] = seal.read_print(folder, attached)
    written: list[Path] = []
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        if letter.annex:
            written.append(out / f"{stem}-{letter.annex['name']}")
            write_annex(workspace, incident, letter, written[0])
        if values is not None and letter.scope is not None:
            exported = [ScopeExported(letter.scope, str((out / name).absolute()), "letter") for name in files]
            workspace.record(incident.id, lambda _: exported)
        for name, data in files.items():
            _write_private(out / name, data)
            written.append(out / name)
    except OSError as error:
        raise OutsideError(
            f"{error.filename or out} cannot be written: {error.strerror}.",
            state=f"{len(written)} of {len(files) + bool(letter.annex)} files were written.",
            next_step="choose another folder with --out",
        ) from error
    return written


def unapproved_mark(letter: Letter) -> str:
    """What the names of a letter's exported files end in: "-draft", "-withdrawn", or "" where it was approved."""
    if letter.state == "withdrawn":
        return "-withdrawn"
    return "" if letter.approval else "-draft"


def _write_private(file: Path, data: bytes) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_bytes(data)
