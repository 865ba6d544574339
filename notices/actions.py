"""
What a person does with a letter, one function each: read, decide, append.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from incident.errors import IncidentError, OutsideError, RefusedError, UsageError
from incident.organisation.profile import Organisation
from incident.record.events import Happening
from incident.record.timeline import Incident
from incident.scope.lists import check_not_forgotten
from incident.workspace import Workspace
from notices import approval, markdown, seal
from notices.attachments import attachable, files_of
from notices.checking import duty_of, findings_of, text_of
from notices.contents import Missing
from notices.drafting import Draft, Occasion, draft
from notices.events import LetterDrafted
from notices.followup import former_notice, people_told
from notices.letters import Letter, letter_named, letters_of, versions_of
from notices.prints import FORMATS, Page, Press
from notices.template_library import KINDS, Library, Template


@dataclass(frozen=True)
class Drafted:
    """
    letters: what was drafted. still_open: by letter id, what it calls "not yet known".

    without: the organisation's languages that no letter exists in; their readers get the first one.
    fallback: people by language who get the first one since none is in theirs ("unknown": their language is not known).
    stock_advice: letters whose advice is this program's, since nobody stated any.
    """

    incident: Incident
    letters: tuple[Letter, ...]
    still_open: dict[str, tuple[Missing, ...]]
    without: tuple[str, ...]
    fallback: dict[str, int]
    stock_advice: tuple[str, ...]


def draft_letters(workspace: Workspace, incident_id: str | None, kind: str, language: str | None) -> Drafted:
    """
    Write the letters of `kind` from the facts as they stand, print and seal them, as the next version of each.

    language: one letter alone; else the authority's in its first language, people's in every language of the profile.
    Raises RefusedError listing every missing fact with its command; then no letter was written.
    """
    organisation = _organisation(workspace)
    library = Library(workspace.folder)
    spoken, without = _languages(library, kind, organisation)
    chosen = spoken if language is None and kind == "people" else (language or spoken[0],)
    templates = [library.template(kind, each) for each in chosen]
    return _Drafting(workspace, organisation, templates, audience=spoken).run(incident_id, without)


class _Drafting:
    """One run of `draft`: everything is written beside its place, recorded together, then put in place."""

    def __init__(
        self, workspace: Workspace, organisation: Organisation, templates: list[Template], *, audience: tuple[str, ...]
    ) -> None:
        self._workspace = workspace
        self._organisation = organisation
        self._templates = templates
        self._audience = audience
        self._press = Press()
        self._laid_out: dict[str, tuple[Path, LetterDrafted]] = {}
        self._still_open: dict[str, tuple[Missing, ...]] = {}
        self._stock_advice: list[str] = []

    def run(self, incident_id: str | None, without: tuple[str, ...]) -> Drafted:
        try:
            # The record comes first: of two who draft at once one wins the version, and only that one's files get
            # its name. A crash in between leaves a letter without files, which cannot be approved and is drafted again.
            incident, _ = self._workspace.record(incident_id, self._decide)
            folder = self._workspace.incident_folder(incident.id)
            for unfinished, drafted in self._laid_out.values():
                seal.put_in_place(unfinished, folder / drafted.folder)
        finally:
            self._discard()
        letters = tuple(letter for name, letter in letters_of(incident).items() if name in self._laid_out)
        fallback = readers_of_the_first(incident, self._audience) if letters[0].kind == "people" else {}
        return Drafted(incident, letters, self._still_open, without, fallback, tuple(self._stock_advice))

    def _decide(self, incident: Incident) -> list[Happening]:
        self._discard()
        self._stock_advice.clear()
        _must_have_readers(incident, self._templates[0].kind, self._workspace.zone)
        return [self._lay_out(template, incident) for template in self._drafts(incident)]

    def _drafts(self, incident: Incident) -> Iterable[tuple[Template, Draft]]:
        """All drafts before the first is printed, so that everything missing in any language is heard of at once."""
        drafts: list[tuple[Template, Draft]] = []
        refusals: list[IncidentError] = []
        for template in self._templates:
            try:
                drafts.append((template, draft(template, occasion_of(self._workspace, incident, template))))
            except RefusedError as refusal:
                refusals.append(refusal)
        if refusals:
            raise RefusedError(
                "\n".join(each.what for each in refusals), state=refusals[0].state, next_step=refusals[0].next_step
            )
        return drafts

    def _lay_out(self, written: tuple[Template, Draft], incident: Incident) -> LetterDrafted:
        template, made = written
        name = f"{made.kind}-{made.language}"
        version = len(versions_of(incident).get(name, ())) + 1
        attached = attachable(self._workspace, incident, made.kind)
        files = self._files(template, made, incident) | files_of(self._workspace, incident, attached)
        scope = incident.scope_in_force.scope if incident.scope_in_force and made.kind == "people" else None
        profile = seal.profile_digest(self._organisation)
        audience = self._audience if made.kind == "people" else (made.language,)
        manifest = seal.manifest_of(
            files, template=template, profile=profile, facts=made.facts, scope=scope, audience=audience
        )
        drafted = LetterDrafted(
            letter=name,
            letter_kind=made.kind,
            language=made.language,
            letter_version=version,
            digest=seal.letter_digest(manifest),
            folder=f"letters/{name}/v{version}",
            facts=made.facts,
            template_digest=template.digest,
            profile_digest=profile,
            scope=scope,
            audience=audience,
            attachments={each.id: each.version for each in attached},
        )
        unfinished = seal.lay_out(self._workspace.incident_folder(incident.id) / "letters", files, manifest)
        self._laid_out[name] = (unfinished, drafted)
        self._still_open[name] = made.still_open
        self._stock_advice += [name] * made.uses_stock_advice
        return drafted

    def _files(self, template: Template, made: Draft, incident: Incident) -> dict[str, bytes]:
        page = page_of(template, made.subject, self._organisation, incident)
        prints = self._press.prints(made.text, page)
        return {
            **{f"letter.{form}": data for form, data in prints.items()},
            seal.SUBJECT: (made.subject + "\n").encode(),
        }

    def _discard(self) -> None:
        for unfinished, _ in self._laid_out.values():
            seal.discard(unfinished)


def readers_of_the_first(incident: Incident, audience: tuple[str, ...]) -> dict[str, int]:
    """People by language, as the ledger knows them, whose language has no letter: they get the first one."""
    people = incident.ledger.value("people_by_language")
    counts = people if isinstance(people, dict) else {}
    return {language: int(number) for language, number in counts.items() if number and language.lower() not in audience}


def _must_have_readers(incident: Incident, kind: str, zone: ZoneInfo) -> None:
    scope = incident.scope_in_force
    if kind == "people" and scope is not None:
        check_not_forgotten(incident, scope.scope, zone, before="A letter to people would go to nobody. ")
    if kind == "people" and scope is not None and scope.counts.get("accounts") == 0:
        raise RefusedError(
            f"There is nobody on the list {scope.scope}, so a letter to people would go to nobody.",
            state="No letter was written.",
            next_step="incident scope run with a wider question, or incident scope choose SCOPE",
        )


def occasion_of(workspace: Workspace, incident: Incident, template: Template) -> Occasion:
    """What a letter would be written on now."""
    duty = duty_of(workspace, incident, template)
    copies = tuple(letter.language for letter in attachable(workspace, incident, template.kind))
    return Occasion(
        incident,
        _organisation(workspace),
        workspace.now(),
        duty.due_at if duty else None,
        copies,
        former_notice(incident, template.duty) if template.kind == "authority" else None,
        people_told(incident),
    )


def page_of(template: Template, subject: str, organisation: Organisation, incident: Incident) -> Page:
    words = template.wording.words
    return Page(
        language=template.language,
        title=subject,
        organisation=markdown.one_line(organisation.name or ""),  # without one no letter is drafted
        reference=incident.id,
        banner=words["exercise"] if incident.exercise else None,
        page=words["page"],
    )


def submit(workspace: Workspace, incident_id: str | None, name: str) -> Letter:
    return _move(
        workspace,
        incident_id,
        name,
        lambda incident, letter: approval.submitted(letter, seal.check_seal(workspace, incident, letter)),
    )


def approve(workspace: Workspace, incident_id: str | None, name: str, *, role: str, waiver: str | None) -> Letter:
    """Approve as the workspace's actor. Raises RefusedError for each reason there is not to."""

    def decide(incident: Incident, letter: Letter) -> Happening:
        template = Library(workspace.folder).template(letter.kind, letter.language)
        findings = findings_of(workspace, incident, letter, template)
        return approval.approved(
            letter,
            actor=workspace.actor,
            role=role,
            waiver=waiver,
            one_person=bool(workspace.organisation and workspace.organisation.one_person),
            differences=seal.check_seal(workspace, incident, letter),
            missing=findings.missing,
            forbidden=findings.forbidden,
        )

    return _move(workspace, incident_id, name, decide)


def reject(workspace: Workspace, incident_id: str | None, name: str, because: str | None) -> Letter:
    return _move(workspace, incident_id, name, lambda _, letter: approval.rejected(letter, because))


def withdraw(workspace: Workspace, incident_id: str | None, name: str, because: str | None) -> Letter:
    return _move(workspace, incident_id, name, lambda _, letter: approval.withdrawn(letter, because))


def _move(
    workspace: Workspace, incident_id: str | None, name: str, decide: Callable[[Incident, Letter], Happening]
) -> Letter:
    """Let one thing happen to the newest version of a letter."""
    incident, _ = workspace.record(incident_id, lambda found: [decide(found, letter_named(found, name))])
    return letters_of(incident)[name]


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
    page = page_of(template, markdown.fill_text(subject, values), _organisation(workspace), incident)
    return Press().print_as(form, markdown.fill_markdown(text_of(workspace, incident, letter), values), page)


def person_values(workspace: Workspace, incident: Incident, letter: Letter, key: str) -> dict[str, str]:
    """The letter's fields for the person with `key` on its sealed list. Raises UsageError where there is none."""
    from incident.scope.lists import verified
    from incident.scope.sealed import read_segments

    template = Library(workspace.folder).template(letter.kind, letter.language)
    if letter.scope is None:
        raise UsageError(
            f"{letter.id} is addressed to no sealed list, so it has no prints for single people.",
            next_step="incident scope run, then draft the letter again",
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
    """All five prints, and what is attached, as private files in `out`. Raises OutsideError where it cannot write."""
    stem = f"{letter.id}-v{letter.version}"
    files = {f"{stem}.{form}": print_of(workspace, incident, letter, form, values) for form in FORMATS}
    folder = workspace.incident_folder(incident.id) / letter.folder
    for name, version in letter.attachments.items():
        attached = f"{seal.ATTACHMENT}{name}-v{version}.pdf"
        files[f"{stem}-{attached}"] = seal.read_print(folder, attached)
    written: list[Path] = []
    for name, data in files.items():
        file = out / name
        try:
            out.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            file.chmod(0o600)
            file.write_bytes(data)
        except OSError as error:
            raise OutsideError(
                f"{file} cannot be written: {error.strerror}.",
                state=f"{len(written)} of {len(files)} prints were written.",
                next_step="choose another folder with --out",
            ) from error
        written.append(file)
    return written


def difference(workspace: Workspace, incident: Incident, former: Letter, later: Letter) -> list[str]:
    """The unified difference of two versions' Markdown."""
    old, new = (text_of(workspace, incident, letter).splitlines() for letter in (former, later))
    names = [f"{letter.id} v{letter.version}" for letter in (former, later)]
    return list(difflib.unified_diff(old, new, names[0], names[1], lineterm=""))


def what_would_change(workspace: Workspace, incident: Incident, letter: Letter) -> list[str]:
    """What drafting the letter again now would change in its Markdown."""
    template = Library(workspace.folder).template(letter.kind, letter.language)
    new = draft(template, occasion_of(workspace, incident, template)).text.splitlines()
    old = text_of(workspace, incident, letter).splitlines()
    return list(difflib.unified_diff(old, new, f"{letter.id} v{letter.version}", "drafted now", lineterm=""))


def _languages(library: Library, kind: str, organisation: Organisation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The organisation's languages with a letter of `kind`, and those without."""
    if kind not in KINDS:
        raise UsageError(
            f'There is no letter of the kind "{kind}".', next_step="incident notice draft authority, or people"
        )
    there = library.languages(kind)
    spoken = tuple(language for language in organisation.languages if language in there)
    if not spoken:
        raise UsageError(
            f"There is no {kind} letter in any language of the profile ({', '.join(organisation.languages)}).",
            state="No letter was written.",
            next_step=f"add one of {', '.join(there)} to languages in organisation.toml, or write one (see docs)",
        )
    return spoken, tuple(language for language in organisation.languages if language not in there)


def _organisation(workspace: Workspace) -> Organisation:
    if workspace.organisation is None:
        raise RefusedError(
            "A letter says who writes it, and there is no organisation profile yet.",
            state="No letter was written.",
            next_step="incident organisation init, then fill in organisation.toml",
        )
    return workspace.organisation
