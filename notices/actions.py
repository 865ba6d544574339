"""
What a person does with a letter, one function each: read, decide, append.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from incident.actions import duties
from incident.errors import RefusedError, UsageError
from incident.organisation.profile import Organisation
from incident.record.events import Happening
from incident.record.timeline import Incident
from incident.scope.lists import check_not_forgotten
from incident.workspace import Workspace
from notices import approval, markdown, seal
from notices.annex import Annex, annex_of
from notices.attachments import attachable, files_of
from notices.checking import findings_of, owed_of, text_of
from notices.competent import check_addressee, competent_words
from notices.contents import Missing
from notices.drafting import Draft, Occasion, draft
from notices.events import LetterDrafted
from notices.followup import former_notice, people_told
from notices.kinds import PORTAL, Kind
from notices.lacking import Lack, LackingError, before_sending
from notices.letters import Letter, letter_named, letters_of, versions_of
from notices.prints import Page, Press
from notices.recipient import letter_name, recipient_of
from notices.template_library import Library, Template


@dataclass(frozen=True)
class Drafted:
    """
    letters: what was drafted. still_open: by letter id, what it calls "not yet known".

    without: the organisation's languages that no letter exists in; their readers get the first one.
    fallback: people by language who get the first one since none is in theirs ("unknown": their language is not known).
    stock_advice: letters whose advice is this program's, since nobody stated any.
    before_sending: what the profile lacks to send them; filled in later, it voids an approval.
    """

    incident: Incident
    letters: tuple[Letter, ...]
    still_open: dict[str, tuple[Missing, ...]]
    without: tuple[str, ...]
    fallback: dict[str, int]
    stock_advice: tuple[str, ...]
    before_sending: tuple[str, ...]


def draft_letters(workspace: Workspace, incident_id: str | None, kind: str, language: str | None) -> Drafted:
    """
    Write the letters of `kind` from the facts as they stand, print and seal them, as the next version of each.

    language: one letter alone; else the authority's in its first language, people's in every language of the profile.
    Raises RefusedError listing every missing fact with its command; then no letter was written.
    """
    organisation = organisation_of(workspace)
    library = Library(workspace.folder)
    about = library.kind(kind)
    spoken, without = _languages(library, about, organisation)
    chosen = spoken if language is None and about.is_to_people else (language or spoken[0],)
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
        fallback = readers_of_the_first(incident, self._audience) if letters[0].is_to_people else {}
        advice = tuple(self._stock_advice)
        return Drafted(incident, letters, self._still_open, without, fallback, advice, self._later)

    def _decide(self, incident: Incident) -> list[Happening]:
        self._discard()
        self._stock_advice.clear()
        kind = self._templates[0].kind
        _must_have_readers(incident, kind, self._workspace.zone)
        check_addressee(kind, self._organisation, incident, duties(self._workspace, incident))
        return [self._lay_out(template, made, annex, incident) for template, made, annex in self._drafts(incident)]

    def _drafts(self, incident: Incident) -> Iterable[tuple[Template, Draft, Annex | None]]:
        """All drafts before the first is printed, so that everything missing in any language is heard of at once."""
        drafts: list[tuple[Template, Draft, Annex | None]] = []
        lacks: list[Lack] = []
        for template in self._templates:
            try:
                occasion = occasion_of(self._workspace, incident, template)
                drafts.append((template, draft(template, occasion), occasion.annex))
            except LackingError as refusal:
                lacks += refusal.lacks
        if lacks:
            organisation = self._organisation
            authority = competent_words(self._templates[0].kind.duty, organisation, incident)
            raise LackingError(lacks, authority=authority, incomplete=organisation.incomplete, later=self._later)
        return drafts

    @property
    def _later(self) -> tuple[str, ...]:
        """What the profile does not have and sending needs."""
        kind = self._templates[0].kind
        return before_sending(self._organisation, to_people=kind.is_to_people, by_hand=kind.channel == PORTAL)

    def _lay_out(self, template: Template, made: Draft, annex: Annex | None, incident: Incident) -> LetterDrafted:
        kind, recipient = template.kind, recipient_of(template.kind, self._organisation)
        name = letter_name(made.kind, made.language, recipient, letters_of(incident))
        version = len(versions_of(incident).get(name, ())) + 1
        attached = attachable(self._workspace, incident, kind)
        files = self._files(template, made, incident) | files_of(self._workspace, incident, attached)
        listed = incident.scope_in_force if kind.is_to_people or annex else None
        about_annex = annex.document() if annex else {}
        profile = seal.profile_digest(self._organisation)
        audience = self._audience if kind.is_to_people else (made.language,)
        manifest = seal.manifest_of(
            files,
            template=template,
            profile=profile,
            facts=made.facts,
            scope=listed.scope if listed else None,
            audience=audience,
            annex=about_annex,
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
            scope=listed.scope if listed else None,
            audience=audience,
            attachments={each.id: each.version for each in attached},
            addressed_to=kind.addressed_to,
            duty=kind.duty,
            channel=kind.channel,
            annex=about_annex,
            recipient=recipient.name,
            country=recipient.country,
        )
        unfinished = seal.lay_out(self._workspace.incident_folder(incident.id) / "letters", files, manifest)
        self._keep(drafted, made, unfinished)
        return drafted

    def _keep(self, drafted: LetterDrafted, made: Draft, unfinished: Path) -> None:
        self._laid_out[drafted.letter] = (unfinished, drafted)
        self._still_open[drafted.letter] = made.still_open
        self._stock_advice += [drafted.letter] * made.uses_stock_advice

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


def _must_have_readers(incident: Incident, kind: Kind, zone: ZoneInfo) -> None:
    scope = incident.scope_in_force
    if kind.is_to_people and scope is not None:
        check_not_forgotten(incident, scope.scope, zone, before="A letter to people would go to nobody. ")
    if kind.is_to_people and scope is not None and scope.counts.get("accounts") == 0:
        raise RefusedError(
            f"There is nobody on the list {scope.scope}, so a letter to people would go to nobody.",
            state="No letter was written.",
            next_step="incident scope run with a wider question, or incident scope choose SCOPE",
        )


def occasion_of(workspace: Workspace, incident: Incident, template: Template) -> Occasion:
    """What a letter would be written on now. Raises UsageError for a kind with a duty that nobody has."""
    kind = template.kind
    owed = owed_of(workspace, incident, template)
    if owed.duty is None:
        raise UsageError(
            f'templates/{kind.id}/about.toml: there is no duty called "{kind.duty}".',
            state="No letter was written.",
            next_step="incident clock --json lists the ids; those of promises and contracts are in the profile's words",
        )
    copies = tuple(letter.language for letter in attachable(workspace, incident, kind))
    organisation = organisation_of(workspace)
    recipient = recipient_of(kind, organisation)
    return Occasion(
        incident,
        organisation,
        workspace.now(),
        owed.duty.due_at,
        copies,
        asked=owed.facts,
        former=None if kind.is_to_people else former_notice(incident, kind.duty, recipient),
        first=former_notice(incident, kind.follows, recipient) if kind.follows else None,
        annex=annex_of(workspace, incident, template),
        told=people_told(incident),
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


def _languages(library: Library, kind: Kind, organisation: Organisation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    The organisation's languages with a letter of `kind`, and those in which people would miss one.

    An authority reads its State's language whatever the organisation speaks: where they have none in common, the
    kind's first one.
    """
    there = library.languages(kind.id)
    spoken = tuple(language for language in organisation.languages if language in there)
    if not spoken and there and not kind.is_to_people:
        return (kind.first_language if kind.first_language in there else there[0],), ()
    if not spoken:
        raise UsageError(
            f"There is no {kind.id} letter in any language of the profile ({', '.join(organisation.languages)}).",
            state="No letter was written.",
            next_step=f"add one of {', '.join(there)} to languages in organisation.toml, or write one (see docs)",
        )
    if not kind.is_to_people:
        return spoken, ()  # an authority's letter is one, and nobody else's language lacks it
    return spoken, tuple(language for language in organisation.languages if language not in there)


def organisation_of(workspace: Workspace) -> Organisation:
    """The profile; raises RefusedError where there is none yet."""
    if workspace.organisation is None:
        raise RefusedError(
            "A letter says who writes it, and there is no organisation profile yet.",
            state="No letter was written.",
            next_step="incident organisation init, then fill in organisation.toml",
        )
    return workspace.organisation
