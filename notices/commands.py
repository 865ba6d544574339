"""Commands of the letters up to approval: `incident notice …`. Each parses, calls one use case, prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident.errors import CheckSaysNo, UsageError
from incident.record.timeline import Incident
from incident.shell import AsJson, Because, IncidentOption, answer, group, say, workspace_of
from incident.workspace import Workspace
from notices import actions, exporting, seal, show
from notices.checking import check_letter
from notices.handing_in import handed_in
from notices.letters import Letter, letter_named, letters_of, versions_of
from notices.send_commands import register

app = group("Draft, check, approve and send the letters.")

LetterName = Annotated[str, typer.Argument(metavar="LETTER", help="A letter, such as authority-en or people-et.")]
_KINDS = (
    "authority, people, uk-authority, ch-authority, kz-authority, for Russia ru-initial and ru-investigation, "
    "or one of your own."
)
Person = Annotated[
    str | None, typer.Option("--person", metavar="KEY", help="Filled in for one person on the sealed list.")
]


@app.command()
def draft(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_KINDS)],
    language: Annotated[
        str | None, typer.Option("--language", metavar="L", help="One language alone, such as et.")
    ] = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Write a letter from the facts; `people` in every language of the profile.

    Names every fact that is missing, with the command that supplies it. Drafting again makes the next version.

    Example: incident notice draft people
    """
    with workspace_of(ctx) as workspace:
        drafted = actions.draft_letters(workspace, incident, kind, language)
        answer(show.drafted_lines(drafted), show.drafted_document(drafted), as_json=as_json)


@app.command("list")
def list_(
    ctx: typer.Context,
    incident: IncidentOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Superseded versions too.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    The letters of an incident, with the state each is in; and which approval is out of date.

    Example: incident notice list
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        letters = [*letters_of(found).values()]
        if everything:
            letters = [letter for versions in versions_of(found).values() for letter in versions]
        stale = {each.id for each in letters if _is_out_of_date(workspace, found, each)}
        documents = [
            {
                **show.letter_document(letter),
                "addressed": show.addressed(letter, found),
                "stale": letter.state == "approved" and letter.id in stale,
            }
            for letter in letters
        ]
        answer(show.list_lines(letters, found, zone=workspace.zone, stale=stale), documents, as_json=as_json)


@app.command("show")
def show_(
    ctx: typer.Context,
    letter: LetterName,
    form: Annotated[str, typer.Option("--print", metavar="FORMAT", help="md, html, txt, docx or pdf.")] = "txt",
    person: Person = None,
    version: Annotated[int | None, typer.Option("--version", metavar="N", help="An earlier version.")] = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Read a letter as it was sealed: its text, or where its Word and PDF files are.

    Example: incident notice show people-en
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        chosen = letter_named(found, letter, version=version)
        if person and form in {"docx", "pdf"}:
            raise UsageError(
                f"A {form} file is not shown on a screen.",
                next_step=f"incident notice export {letter} --person KEY --out DIR",
            )
        values = exporting.person_values(workspace, found, chosen, person) if person else None
        data = exporting.print_of(workspace, found, chosen, form, values)
        folder = workspace.incident_folder(found.id) / chosen.folder
        subject = seal.read_print(folder, seal.SUBJECT).decode().strip()
        file = str(folder / f"letter.{form}")
        text = None if form in {"docx", "pdf"} else data.decode()
        document = {**show.letter_document(chosen), "subject": subject, "print": form, "file": file, "text": text}
        answer(show.letter_lines(chosen, subject, form, text, file), document, as_json=as_json)


@app.command()
def check(ctx: typer.Context, letter: LetterName, incident: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    What is missing in a letter, must not be in it, or changed since; wording to weigh. Exit 1 where there is any.

    Example: incident notice check authority-en
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        checked = check_letter(workspace, found, letter)
        answer(show.checked_lines(checked, found), show.checked_document(checked), as_json=as_json)
        if checked.has_findings:
            raise CheckSaysNo


@app.command()
def diff(
    ctx: typer.Context,
    letter: LetterName,
    former: Annotated[int | None, typer.Option("--from", metavar="V", help="The earlier version.")] = None,
    later: Annotated[int | None, typer.Option("--to", metavar="V", help="The later version.")] = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    What changed between two versions; for a letter that is stale, what drafting it now would change.

    Example: incident notice diff authority-en
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        newest = letter_named(found, letter)
        changed = seal.check_seal(workspace, found, newest)
        if former is None and later is None and (changed or newest.version == 1):
            lines = actions.what_would_change(workspace, found, newest)
        else:
            to = letter_named(found, letter, version=later)
            lines = actions.difference(
                workspace, found, letter_named(found, letter, version=former or to.version - 1), to
            )
        document = {"notice": letter, "changed_since": changed, "diff": "\n".join(lines)}
        answer([*changed, *lines] or ["Nothing differs."], document, as_json=as_json)


@app.command()
def export(
    ctx: typer.Context,
    letter: LetterName,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write into.")],
    person: Person = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Write all five prints of a letter into a folder, as sealed or filled in for one person; and what goes with it.

    The names of the files say where a letter is not approved: -draft, -withdrawn.

    Example: incident notice export people-en --out letters
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        chosen = letter_named(found, letter)
        values = exporting.person_values(workspace, found, chosen, person) if person else None
        files = [str(file) for file in exporting.export(workspace, found, chosen, out, values)]
        if mark := exporting.unapproved_mark(chosen):
            why = f": {chosen.because}" if chosen.because else ""
            say(
                f"{chosen.id} version {chosen.version} is NOT APPROVED ({chosen.state}{why}). Only the names of the "
                f"files say so ({mark}): do not hand them in."
            )
        elif _is_out_of_date(workspace, found, chosen):
            say(f"{chosen.id} is approved, but out of date: incident notice check {chosen.id} says why.")
        if chosen.annex:
            say(f"{files[0]} holds personal data of {chosen.annex['rows']:,} accounts. Delete it when you are done.")
        answer(files, {**show.letter_document(chosen), "files": files}, as_json=as_json)


@app.command()
def submit(ctx: typer.Context, letter: LetterName, incident: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    Ask for review of exactly this version.

    Example: incident notice submit authority-en
    """
    with workspace_of(ctx) as workspace:
        _say_moved(actions.submit(workspace, incident, letter), as_json)


@app.command()
def approve(
    ctx: typer.Context,
    letter: LetterName,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="In what role you approve, such as legal.")],
    waiver: Annotated[
        str | None, typer.Option("--waiver", metavar="TEXT", help="Why the author approves it too; kept in the record.")
    ] = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Approve exactly this text, as INCIDENT_ACTOR. Another person than the author, or with a recorded waiver.

    Example: incident notice approve authority-en --role legal --waiver "one-person company"
    """
    with workspace_of(ctx) as workspace:
        _say_moved(actions.approve(workspace, incident, letter, role=role, waiver=waiver), as_json)


@app.command()
def reject(
    ctx: typer.Context,
    letter: LetterName,
    because: Because = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Ask for changes; the next draft answers them.

    Example: incident notice reject authority-en --because "the root cause is not explained"
    """
    with workspace_of(ctx) as workspace:
        _say_moved(actions.reject(workspace, incident, letter, because), as_json)


@app.command()
def withdraw(
    ctx: typer.Context,
    letter: LetterName,
    because: Because = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Take a letter out of use; an approval it had is void.

    Example: incident notice withdraw authority-en --because "reassessed: no personal data"
    """
    with workspace_of(ctx) as workspace:
        _say_moved(actions.withdraw(workspace, incident, letter, because), as_json)


def _is_out_of_date(workspace: Workspace, incident: Incident, letter: Letter) -> bool:
    """Whether an approved letter that has not gone yet rests on something that has gone on since."""
    waits = letter.state == "approved" and not (letter.is_handed_in and handed_in(incident, letter))
    return waits and bool(seal.outdated(workspace, incident, letter))


def _say_moved(letter: Letter, as_json: bool) -> None:
    answer(show.moved_lines(letter), show.letter_document(letter), as_json=as_json)


register(app)
