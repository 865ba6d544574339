"""
Forgetting a list: its key is destroyed, then the file and the rehearsed letters are removed; the record stays.

First the journal says that it is to be forgotten, in the same step in which it is asked whether a letter still needs
the list; from then on nobody uses it. Then it is destroyed. Then the journal says that this is done. What a killed
process leaves in between, the next command that looks at the lists finishes. The file is removed last, so that one can
always tell "destroyed here" from "was never here".
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from incident.errors import IncidentError, OutsideError, RefusedError, UsageError
from incident.record.events import ForgettingBegun, Happening, ScopeForgotten, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.holds import holds_on, rehearsals_of, told_from
from incident.scope.lists import check_not_forgotten, forgotten_words, list_file, scope_named
from incident.scope.sealed import list_id_of
from incident.scope.vault import Vault, flush_folder
from incident.workspace import Workspace


@dataclass(frozen=True)
class Plan:
    """
    What would be forgotten, before anybody agreed.

    scopes: those whose list is still there. unfinished: begun before, to be finished now. letters: rehearsed letters in
    the program's own folders, which go too. copies: files and folders elsewhere that this program knows of.
    told: those from which letters really left.
    """

    incident: Incident
    scopes: tuple[ScopeSealed, ...]
    unfinished: tuple[str, ...]
    letters: int
    copies: tuple[str, ...]
    told: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """The incident afterwards. unfinished: lists that could not be destroyed here, with the reason."""

    incident: Incident
    unfinished: dict[str, str]


def plan(workspace: Workspace, incident_id: str | None, name: str | None) -> Plan:
    """
    What forgetting the list `name` would destroy; None for all of the incident's.

    Raises RefusedError for a list that is forgotten already, that a letter still needs, or that is not here.
    """
    incident = workspace.incident(incident_id)
    chosen = [scope_named(incident, name)] if name else list(incident.scopes)
    pending = [each for each in chosen if each.scope in incident.forgotten]
    unfinished = tuple(each.scope for each in pending if not incident.forgotten[each.scope].is_destroyed)
    scopes = tuple(each for each in chosen if each.scope not in incident.forgotten)
    if not scopes and not unfinished:
        if name:
            check_not_forgotten(incident, name, workspace.zone)
        _nothing_left(workspace, incident)
    _must_be_free(incident, scopes)
    for scope in scopes:
        _must_be_here(workspace, incident, scope)
    names = [scope.scope for scope in chosen]
    folders = _rehearsal_folders(workspace, incident, names)
    letters = sum(1 for folder in folders for _ in folder.rglob("*.eml"))
    told = told_from([scope.scope for scope in scopes], incident.events)
    return Plan(incident, scopes, unfinished, letters, _copies(incident, names), tuple(told))


def forget(workspace: Workspace, planned: Plan, because: str) -> Done:
    """
    Record the decision, destroy, record that it is done.

    Raises RefusedError where a letter came to need a list meanwhile, OutsideError where a key or a file could not be
    destroyed; the decision is recorded then, and the next command goes on.
    """
    names = [scope.scope for scope in planned.scopes]

    def decide(found: Incident) -> list[Happening]:
        left = [scope for scope in found.scopes if scope.scope in names and scope.scope not in found.forgotten]
        _must_be_free(found, left)
        return [ForgettingBegun(scope.scope, scope.digest, because) for scope in left]

    incident, _ = workspace.record(planned.incident.id, decide)
    for name in (*planned.unfinished, *names):
        try:
            incident = _destroy(workspace, incident, name)
        except OSError as error:
            raise OutsideError(
                f"The list of {name} is not destroyed yet: {error.strerror}.",
                state="That it is to be forgotten is recorded, and nobody uses it any more.",
                next_step=f"mend the cause, then: incident scope forget {name}",
            ) from error
    return Done(incident, _unfinished(workspace, incident, (*planned.unfinished, *names)))


def finish(workspace: Workspace, incident: Incident) -> Done:
    """
    Finish what a killed process began, and remove what is left of lists that are forgotten. Never fails: where it
    cannot, everything stays as it is, and `unfinished` says why.
    """
    why: dict[str, str] = {}
    for name, gone in incident.forgotten.items():
        try:
            if not gone.is_destroyed:
                incident = _destroy(workspace, incident, name)
            elif (file := list_file(workspace, incident, scope_named(incident, name))).exists():
                _wipe(workspace, incident, name)
                _remove(file)
        except OSError as error:
            why[name] = error.strerror or type(error).__name__
        except IncidentError as error:
            why[name] = error.what
    return Done(incident, {**_unfinished(workspace, incident, list(incident.forgotten)), **why})


def _destroy(workspace: Workspace, incident: Incident, name: str) -> Incident:
    """Key, rehearsed letters, record, file, in this order. Nothing where neither key nor file is in this workspace."""
    scope = scope_named(incident, name)
    if not _is_here(workspace, incident, scope):
        return incident
    _wipe(workspace, incident, name)

    def decide(found: Incident) -> list[Happening]:
        gone = found.forgotten[name]
        return [] if gone.is_destroyed else [ScopeForgotten(name, scope.digest, gone.because)]

    incident, _ = workspace.record(incident.id, decide)
    _remove(list_file(workspace, incident, scope))
    return incident


def _wipe(workspace: Workspace, incident: Incident, name: str) -> None:
    """Destroy the key, the content of a list in plain, and the letters of rehearsals; the list's file stays."""
    file = list_file(workspace, incident, scope_named(incident, name))
    list_id = list_id_of(file)
    if file.parent.is_dir():
        Vault(file.parent).destroy(names=[file.name], ids=[list_id] if list_id else [])
    if file.exists() and list_id is None:
        _overwrite(file)
    for folder in _rehearsal_folders(workspace, incident, [name]):
        shutil.rmtree(folder)
        with suppress(OSError):  # other versions may lie beside it
            folder.parent.rmdir()


def _overwrite(file: Path) -> None:
    """A list of an earlier version lies there in plain: without a key to destroy, its bytes must go."""
    handle = os.open(file, os.O_WRONLY)
    try:
        left = os.fstat(handle).st_size
        while left > 0:
            left -= os.write(handle, bytes(min(left, 1 << 20)))
        os.fsync(handle)
        os.ftruncate(handle, 0)
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    if file.parent.is_dir():
        flush_folder(file.parent)


def _is_here(workspace: Workspace, incident: Incident, scope: ScopeSealed) -> bool:
    file = list_file(workspace, incident, scope)
    return file.exists() or Vault(file.parent).holds(file.name)


def _unfinished(workspace: Workspace, incident: Incident, names: Sequence[str]) -> dict[str, str]:
    place = workspace.incident_folder(incident.id) / "scopes"
    return {name: f"it is not in {place}" for name in names if not incident.forgotten[name].is_destroyed}


def _rehearsal_folders(workspace: Workspace, incident: Incident, names: Sequence[str]) -> list[Path]:
    letters = workspace.incident_folder(incident.id) / "letters"
    versions, _ = rehearsals_of(names, incident.events)
    folders = [letters / letter / "outbox" / f"v{version}" for letter, version in versions]
    return [folder for folder in folders if folder.is_dir()]


def _copies(incident: Incident, names: Sequence[str]) -> tuple[str, ...]:
    """What is outside the workspace and was written by this program. Only named: it is the person's to remove."""
    exported = [export.file for export in incident.exports if export.scope in names]
    _, rehearsed = rehearsals_of(names, incident.events)
    return tuple(dict.fromkeys([*exported, *rehearsed]))


def _must_be_free(incident: Incident, scopes: Sequence[ScopeSealed]) -> None:
    going = {scope.scope for scope in scopes}
    kept = {scope.scope for scope in incident.scopes} - going - set(incident.forgotten)
    holds = holds_on(going, incident.events, kept=kept)
    if not holds:
        return
    letter = holds[0].letter
    raise RefusedError(
        "A letter still needs the list:\n" + "\n".join(f"  {hold.letter} {hold.why}" for hold in holds),
        state="Nothing was forgotten.",
        next_step=f"incident notice outbox {letter}   and send it to its end, or:\n"
        f'      incident notice withdraw {letter} --because "…"',
    )


def _must_be_here(workspace: Workspace, incident: Incident, scope: ScopeSealed) -> None:
    if not _is_here(workspace, incident, scope):
        file = list_file(workspace, incident, scope)
        raise RefusedError(
            f"The list of {scope.scope} is not in this workspace: there is no {file}.",
            state="Nothing was forgotten: what lies elsewhere cannot be destroyed from here.",
            next_step="run this where the list lies, with the same INCIDENT_STORE",
        )


def _nothing_left(workspace: Workspace, incident: Incident) -> None:
    if not incident.scopes:
        raise UsageError(f"{incident.id} has no scope.", state="Nothing was forgotten.")
    raise RefusedError(
        "\n".join(forgotten_words(incident, scope.scope, workspace.zone) for scope in incident.scopes),
        state="Nothing was left to forget.",
    )
