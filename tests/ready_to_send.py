"""An incident with a sealed list and approved letters, built without the steps before: for tests of sending."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from incident.organisation.profile import read_organisation
from incident.record.canonical import canonical, digest_of
from incident.record.events import Happening, IncidentOpened, ScopeChosen, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.sealed import SEGMENT, Sealer
from incident.settings import Settings
from incident.workspace import Workspace, open_workspace
from notices.events import LetterApproved, LetterDrafted, LetterSubmitted
from notices.kinds import Kind
from notices.letters import Letter, letter_named
from notices.seal import profile_digest
from notices.template_library import Library

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
INCIDENT = "2026-001"
FIELDS = {"name": {"from": "name", "when_missing": "customer"}}
PROFILE = """\
[organisation]
name = "SmartPact OÜ"
country = "EE"
zone = "Europe/Tallinn"
languages = ["en", "et"]
{invented}
[authority]
name = "Andmekaitse Inspektsioon"
country = "EE"
email = "notices@authority.example"
[sender]
name = "SmartPact privacy team"
email = "privacy@smartpact.example"
reply_to = "answers@smartpact.example"
"""
Row = tuple[str | None, str | None, str | None]  # address, name, locale


def people(number: int, *, locales: Sequence[str | None] = ("en", "et", "et-EE", None)) -> list[Row]:
    """`number` accounts that can all be written to."""
    return [
        (f"person{place}@mail.example", f"Person {place}", locales[place % len(locales)]) for place in range(number)
    ]


@dataclass
class Ready:
    """`open` gives the workspace; the other methods add what has happened so far."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    invented: bool = True
    exercise: bool = False
    profile: str = PROFILE

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        words = 'invented = "All of it is invented."' if self.invented else ""
        (self.folder / "organisation.toml").write_text(self.profile.format(invented=words), encoding="utf-8")
        self.append(IncidentOpened("token in a public repository", self.exercise))

    def open(self) -> Workspace:
        environ = {"INCIDENT_WORKSPACE": str(self.folder), "INCIDENT_ACTOR": "mari", **self.environ}
        return open_workspace(Settings(environ, now=lambda: NOW))

    def incident(self) -> Incident:
        workspace = self.open()
        try:
            return workspace.incident(INCIDENT)
        finally:
            workspace.close()

    def seal(
        self, rows: Sequence[Row], *, scope: str = "s1", same_address: Sequence[int] = (), segment: int = SEGMENT
    ) -> None:
        """
        Seal a list of `rows`, `segment` people a line.

        same_address: positions of accounts with an earlier account's address.
        """
        folder = self.folder / "incidents" / INCIDENT / "scopes"
        with Sealer(folder) as sealer:
            full = [(f"{at:07d}", email, name, locale, *[None] * 5) for at, (email, name, locale) in enumerate(rows)]
            for start in range(0, len(full), segment):
                sealer.add(full[start : start + segment])
            sealer.same_address(f"{at:07d}" for at in same_address)
            seal = sealer.finish()
            sealer.name(folder / f"{scope}.jsonl")
            sealer.keep()
        self.append(
            ScopeSealed(
                scope=scope,
                question={"everyone": True},
                digest=seal.digest,
                counts={"accounts": seal.accounts, "segments": seal.segments},
                by_country={},
                by_locale={},
                by_category={},
                statement="SELECT",
                parameters={},
                database="sqlite",
                schema_fingerprint="",
                taken_at=NOW,
                file=f"scopes/{scope}.jsonl",
            )
        )

    def letter(
        self,
        language: str = "en",
        *,
        kind: str = "people",
        audience: Sequence[str] = ("en", "et"),
        scope: str | None = "s1",
        version: int = 1,
        approved: bool = True,
        text: str = "",
        duty: str = "",
    ) -> Letter:
        """Draft a letter and have it approved. duty: of a kind that is neither "people" nor "authority"."""
        about = Library(self.folder).kind(kind)
        name = f"{kind}-{language}"
        folder = f"letters/{name}/v{version}"
        digest = self._write(folder, language, text, about, scope)
        self.append(
            LetterDrafted(
                letter=name,
                letter_kind=kind,
                language=language,
                letter_version=version,
                digest=digest,
                folder=folder,
                facts={},
                template_digest=Library(self.folder).template(kind, language).digest,
                profile_digest=profile_digest(read_organisation(self.folder / "organisation.toml")),
                scope=scope if about.is_to_people else None,
                audience=tuple(audience) if about.is_to_people else (),
                addressed_to=about.addressed_to if duty else "",
                duty=duty,
            )
        )
        if approved:
            self.append(LetterSubmitted(name, version, digest), LetterApproved(name, version, digest, role="counsel"))
        return letter_named(self.incident(), name)

    def outbox_files(self, letter: str, version: int = 1) -> list[Path]:
        folder = self.folder / "incidents" / INCIDENT / "letters" / letter / "outbox" / f"v{version}"
        return sorted(folder.glob("*/*.eml"))

    def choose(self, scope: str) -> None:
        self.append(ScopeChosen(scope))

    def append(self, *happenings: Happening) -> None:
        workspace = self.open()
        workspace.journal.append(INCIDENT, happenings, actor="mari", now=NOW)
        workspace.close()

    def _write(self, folder: str, language: str, text: str, kind: Kind, scope: str | None) -> str:
        place = self.folder / "incidents" / INCIDENT / folder
        place.mkdir(parents=True, exist_ok=True)
        greeting = "Tere «name»" if language == "et" else "Dear «name»"
        fields = FIELDS if kind.is_to_people else {}
        body = f"{greeting if fields else 'To whom it concerns'},\n\nyour «account» was read. {text}\n"
        files = {
            "letter.md": body,
            "letter.txt": body,
            "letter.html": f"<!doctype html>\n<html><body><p>{body}</p></body></html>\n",
            "subject.txt": "Sinu andmed: õnnetus\n" if language == "et" else "Your data\n",
            "letter.docx": "docx",
            "letter.pdf": "pdf",
        }
        for name, content in files.items():
            (place / name).write_text(content, encoding="utf-8")
        manifest = {
            "files": {name: digest_of(content.encode()) for name, content in files.items()},
            "fields": fields,
            "language": language,
            "kind": kind.id,
            "scope": scope if kind.is_to_people else None,
        }
        (place / "seal.json").write_text(json.dumps(manifest), encoding="utf-8")
        return digest_of(canonical(manifest))
