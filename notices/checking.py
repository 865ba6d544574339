"""What is wrong with a letter now: its contents, its wording, and whatever changed since it was drafted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from incident.clock.duties import duties_of
from incident.clock.regimes import load_laws
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from incident.workspace import Workspace
from notices import lint, seal
from notices.claims import Weighed, weigh_claims
from notices.contents import Findings, contradictions, findings_on, named
from notices.followup import people_told
from notices.forewarning import forewarnings
from notices.kinds import Kind
from notices.letters import Letter, letter_named, versions_of
from notices.owed import Owed, owed_in
from notices.recipient import NOBODY, is_same, recipient_of, written_to
from notices.template_library import Library, Template


@dataclass(frozen=True)
class Checked:
    """
    What `check` found. stale: facts, template, profile or list went on. changed: files were; both one sentence each.

    notes: to know before approving; they are no findings, since nothing in the letter mends them.
    is_of_another_profile: it is to another authority than that of the profile it was checked with.
    """

    letter: Letter
    findings: Findings
    hits: tuple[lint.Hit, ...]
    stale: tuple[str, ...]
    changed: tuple[str, ...]
    notes: tuple[str, ...] = ()
    is_of_another_profile: bool = False

    @property
    def has_findings(self) -> bool:
        return bool(self.findings.missing or self.findings.forbidden or self.hits or self.stale or self.changed)


def check_letter(workspace: Workspace, incident: Incident, name: str) -> Checked:
    """What is missing in a letter, must not be in it, could be said better, or has changed since it was drafted."""
    letter = letter_named(incident, name)
    library = Library(workspace.folder)
    template = library.template(letter.kind, letter.language)
    differences = seal.differences_of(workspace, incident, letter)
    changed = tuple(each.words for each in differences if each.kind == "file")
    hits: list[lint.Hit] = []
    text = "" if changed else text_of(workspace, incident, letter)
    claims = _claims(workspace, incident, letter, text)
    if not changed:
        invented = bool(workspace.organisation and workspace.organisation.invented)
        hits += lint.lint(text, library.manners(letter.language), invented=invented)
        hits += lint.stray_numbers(text, letter.facts, incident.ledger)
        hits += claims.hits
        hits += lint.date_hits(incident.ledger, incident.awareness.at, now=workspace.now())
    owed = owed_of(workspace, incident, template)
    elsewhere = _to_another(letter, template.kind, workspace.organisation)
    return Checked(
        letter,
        _findings(workspace, incident, letter, template, owed),
        tuple(hits),
        tuple(each.words for each in differences if each.kind != "file"),
        changed,
        (
            *elsewhere,
            *forewarnings(incident, letter, workspace.organisation),
            *_notes_of_laws(incident, letter, owed),
            *claims.notes,
        ),
        bool(elsewhere),
    )


def findings_of(workspace: Workspace, incident: Incident, letter: Letter, template: Template) -> Findings:
    """What a letter lacks of all that is asked of it now, and what it must not say."""
    return _findings(workspace, incident, letter, template, owed_of(workspace, incident, template))


def differences_at_sending(workspace: Workspace, incident: Incident, letter: Letter) -> list[str]:
    """
    Why an approved letter must not leave now, one sentence each: what differs from what was sealed, and what the record
    has come to refute of the policy's words in it, or in what is attached, though the letter itself is the same.
    """
    versions = versions_of(incident) if letter.attachments else {}
    attached = [versions[name][version - 1] for name, version in letter.attachments.items()]
    unsent = [letter, *(each for each in attached if each.state != "sent")]  # what people have read is what they read
    refuted = [
        f"The record refutes {each.id}: {words}"
        for each in unsent
        for words in _claims(workspace, incident, each).forbidden
    ]
    return [*seal.check_seal(workspace, incident, letter), *refuted]


def owed_of(workspace: Workspace, incident: Incident, template: Template) -> Owed:
    """What the laws ask of a letter by `template` now."""
    laws, organisation = load_laws(), workspace.organisation
    duties = duties_of(incident, organisation, laws, now=workspace.now())
    return owed_in(template, duties, laws, incident.ledger, organisation)


def _findings(workspace: Workspace, incident: Incident, letter: Letter, template: Template, owed: Owed) -> Findings:
    found = findings_on(
        (*owed.own, *template.items, *owed.others),
        letter.facts,
        incident.ledger,
        language=letter.language,
        may_be_open=template.kind.may_be_open,
        strict=template.kind.strict,
        supplied=_supplied(incident, letter),
    )
    found = replace(found, missing=(*found.missing, *owed.unfilled))
    untrue = (*contradictions(letter.facts, incident.ledger), *_claims(workspace, incident, letter).forbidden)
    return replace(found, forbidden=(*found.forbidden, *untrue))


def _claims(workspace: Workspace, incident: Incident, letter: Letter, text: str = "") -> Weighed:
    """What the policy claims, held against the record, for this letter. text: its Markdown, for the lines of hits."""
    if workspace.organisation is None:
        return Weighed()
    sounds = Library(workspace.folder).sounds(letter.language)
    return weigh_claims(workspace.organisation, incident, letter.facts, sounds=sounds, text=text)


def _to_another(letter: Letter, kind: Kind, organisation: Organisation | None) -> list[str]:
    """A sentence where the letter was written from another profile than this one, to that one's authority."""
    here = recipient_of(kind, organisation) if organisation else NOBODY
    there = written_to(letter)
    if is_same(here, there):
        return []
    return [f"It is to {there.words}, and the authority in this profile is {here.words}: add --organisation FILE."]


def _supplied(incident: Incident, letter: Letter) -> set[str]:
    """Facts that the record, or the letter's own stock of advice, answers where nobody has stated them."""
    found = {"people_told"} if people_told(incident) else set()
    if letter.is_to_people and named("actions_for_people", letter.language) in letter.facts:
        found.add("actions_for_people")
    return found


def _notes_of_laws(incident: Incident, letter: Letter, owed: Owed) -> tuple[str, ...]:
    """What laws ask that no fact shows, and what one of them keeps from its own readers while the letter says it."""
    said = []
    for law, item in owed.kept:
        here = findings_on([item], letter.facts, incident.ledger, language=letter.language, may_be_open=False)
        if here.forbidden:
            said.append(
                f"{law} does not let its own readers be told {item.title[:1].lower()}{item.title[1:]}, which this "
                "letter says: they need a letter of their own."
            )
    return (*owed.notes, *said)


def text_of(workspace: Workspace, incident: Incident, letter: Letter) -> str:
    data = seal.read_print(workspace.incident_folder(incident.id) / letter.folder, "letter.md")
    return data.decode("utf-8", errors="replace")
