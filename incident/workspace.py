"""
The workspace: one folder opened for work. Settings in, journal, profile and `now` out.

    FOLDER/journal.db            every event (or INCIDENT_STORE, a shared database)
    FOLDER/organisation.toml     the profile
    FOLDER/question.toml         whose accounts a scope asks for, where somebody wrote that down
    FOLDER/heads/                the newest journal head seen here, one file an incident (heads-…/ for a shared store)
    FOLDER/incidents/2026-001/   sealed lists, letters, receipts, attachments
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from incident.errors import OutsideError, UsageError
from incident.organisation.profile import Organisation, read_organisation
from incident.record.canonical import digest_of
from incident.record.events import Event, Happening
from incident.record.journal import Journal, on_collision
from incident.record.timeline import Incident, replay
from incident.settings import Settings


@dataclass
class Workspace:
    """Open it with `open_workspace`. Everything is read when first needed, so that `open` stays fast."""

    settings: Settings
    folder: Path
    actor: str
    _journal: Journal | None = field(default=None, repr=False)

    def now(self) -> datetime:
        return self.settings.now().astimezone(UTC)

    @cached_property
    def organisation(self) -> Organisation | None:
        """The profile, or None where there is none, or none is wanted. Raises UsageError where it is broken."""
        chosen = self.settings.organisation
        if chosen == Path("none"):
            return None
        file = chosen or self.folder / "organisation.toml"
        if not chosen and not file.exists():
            return None
        try:
            return read_organisation(file)
        except UsageError as error:
            raise UsageError(
                error.what,
                state="Nothing was recorded.",
                next_step=f"{error.next_step}; or work without the profile for now: --organisation none",
            ) from error

    @property
    def zone(self) -> ZoneInfo:
        """Of times without a zone: the organisation's, UTC without a profile. Never the machine's."""
        return self.organisation.zone if self.organisation else ZoneInfo("UTC")

    @property
    def languages(self) -> tuple[str, ...]:
        return self.organisation.languages if self.organisation else ("en",)

    @property
    def question(self) -> Path | None:
        """The file of a scope's question that lies here, or None; only ever suggested, never taken by itself."""
        file = self.folder / "question.toml"
        return file if file.is_file() else None

    @property
    def journal(self) -> Journal:
        if self._journal is None:
            _make_folder(self.folder)
            shared = self.settings.environ.get("INCIDENT_STORE")
            store = shared or f"sqlite:///{self.folder / 'journal.db'}"
            # Heads belong to a store: another store has other incidents of the same number.
            heads = f"heads-{digest_of(shared.encode())[7:15]}" if shared else "heads"
            self._journal = Journal(store, heads=self.folder / heads)
        return self._journal

    def incident_folder(self, incident: str) -> Path:
        """The incident's own folder, private, made when first asked for."""
        folder = self.folder / "incidents" / incident
        _make_folder(folder)
        return folder

    def incident(self, incident: str | None = None) -> Incident:
        """
        The incident called `incident`, or the one the command line chose; with neither, the only one that is open.

        Raises UsageError where there is none, or more than one to choose from.
        """
        incident = incident or self.settings.incident
        if incident is not None:
            if events := self.journal.read(incident):
                return replay(events)
            raise UsageError(f'There is no incident "{incident}".', next_step="incident list")
        still_open = [found for found in self.incidents() if found.closed is None]
        if len(still_open) == 1:
            return still_open[0]
        if not still_open:
            raise UsageError("No incident is open.", next_step='incident open "what happened, in a few words"')
        ids = ", ".join(found.id for found in still_open)
        raise UsageError(f"More than one incident is open: {ids}.", next_step="name the one you mean: --incident ID")

    def incidents(self) -> list[Incident]:
        return [replay(self.journal.read(incident)) for incident in self.journal.incidents()]

    def record(
        self, incident: str | None, decide: Callable[[Incident], Sequence[Happening]]
    ) -> tuple[Incident, list[Event]]:
        """
        Read, decide, append; again from the start where someone else was first. Returns the incident after it.

        decide: from the incident as it stands to what happens now; raises to refuse. An empty answer changes nothing.
        """

        def attempt() -> tuple[Incident, list[Event]]:
            found = self.incident(incident)
            happenings = decide(found)
            if not happenings:
                return found, []
            events = self.journal.append(found.id, happenings, actor=self.actor, now=self.now(), after=found.sequence)
            return replay([*found.events, *events]), events

        return on_collision(attempt)

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()


def open_workspace(settings: Settings) -> Workspace:
    """The workspace that `settings` choose; the user's data directory where they choose none."""
    chosen = settings.workspace or settings.environ.get("INCIDENT_WORKSPACE")
    if chosen:
        folder = Path(chosen).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("incident", appauthor=False)
    actor = settings.environ.get("INCIDENT_ACTOR") or _login_name()
    return Workspace(settings, folder, actor)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user without a name
        return "unknown"


def _make_folder(folder: Path) -> None:
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutsideError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            state="Nothing was recorded.",
            next_step="choose another folder with --workspace DIR, or INCIDENT_WORKSPACE",
        ) from error
