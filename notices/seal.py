"""
The seal: what exactly an approval approves, and whether it is still so.

A letter's folder holds its five prints, its subject and `seal.json`, the manifest: the digest of every file, the
versions of the facts, the digests of template and profile, the fields that differ per person. The letter's digest is
the manifest's. An approval binds that digest; whatever changes afterwards shows here.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident.errors import IncidentError, OutsideError
from incident.organisation.profile import Organisation
from incident.record.canonical import Json, canonical, digest_of
from incident.record.timeline import Incident
from incident.workspace import Workspace
from notices.followup import people_told
from notices.letters import Letter, versions_of
from notices.prints import FORMATS
from notices.telling import present_versions
from notices.template_library import Library, Template

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MANIFEST = "seal.json"
SUBJECT = "subject.txt"
ATTACHMENT = "attachment-"  # how the files that go with a letter begin
FILES = (*(f"letter.{name}" for name in FORMATS), SUBJECT)
# Where the accounts are does not show in a letter; nor does the path of the profile, or what it says of itself.
_NOT_IN_LETTERS = ("file", "accounts", "claims", "incomplete", "missing")


@dataclass(frozen=True)
class Difference:
    """kind: "file", "fact", "template", "profile", "list", "attachment" or "told". words: one sentence for people."""

    kind: str
    words: str


def profile_digest(organisation: Organisation) -> str:
    """
    Over everything the profile says that can show in a letter or in how it is sent.

    What it does not say is left out, here and in the tables of it: a later version of the program that knows one more
    key voids no approval of a profile that does not use it.
    """
    said = _said(organisation)
    return digest_of(canonical({name: value for name, value in said.items() if name not in _NOT_IN_LETTERS}))


def manifest_of(
    files: Mapping[str, bytes],
    *,
    template: Template,
    profile: str,
    facts: Mapping[str, int],
    scope: str | None,
    audience: Iterable[str],
    annex: Mapping[str, Json] | None = None,
) -> dict[str, Json]:
    """
    The manifest of a letter, as interfaces and auditors read it. profile: its digest.

    annex: name, rows and digest of a list that goes with it, which is computed again from the sealed list and is
    nowhere kept.
    """
    return {
        **({"annex": dict(annex)} if annex else {}),
        "files": {name: digest_of(data) for name, data in files.items()},
        "facts": dict(facts),
        "template": template.digest,
        "profile": profile,
        "fields": {field.name: {"from": field.source, "when_missing": field.when_missing} for field in template.fields},
        "language": template.language,
        "kind": template.kind.id,
        "scope": scope,
        "audience": list(audience),
    }


def letter_digest(manifest: Mapping[str, Json]) -> str:
    return digest_of(canonical(dict(manifest)))


def lay_out(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Json]) -> Path:
    """
    Write a letter's files into a new private folder beside its place, flushed to disk; `put_in_place` names it.

    folder: where letters are kept. Raises OutsideError, leaving nothing behind.
    """
    unfinished = folder / f".{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.mkdir(mode=0o700)
        for name, data in {**files, MANIFEST: canonical(dict(manifest))}.items():
            _write(unfinished / name, data)
    except OSError as error:
        discard(unfinished)
        raise OutsideError(
            f"The letter could not be written to {folder}: {error.strerror}.",
            state="No letter was drafted.",
            next_step="make room or check the folder's permissions, and draft again",
        ) from error
    return unfinished


def put_in_place(unfinished: Path, folder: Path) -> None:
    """Give a laid-out letter its name, in one step."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.rename(folder)
    except OSError as error:
        raise OutsideError(
            f"The letter could not be put into {folder}: {error.strerror}.",
            state="It is recorded as drafted, and its files are missing; it cannot be approved or sent.",
            next_step="check the folder, and draft again",
        ) from error


def discard(unfinished: Path) -> None:
    shutil.rmtree(unfinished, ignore_errors=True)


def read_print(folder: Path, name: str) -> bytes:
    """One file of a letter; raises OutsideError where it cannot be read."""
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise OutsideError(
            f"{folder / name} cannot be read: {error.strerror}.",
            state="The letter cannot be shown or sent without it.",
            next_step="restore the folder from a backup, or draft the letter again",
        ) from error


def check_seal(workspace: Workspace, incident: Incident, letter: Letter) -> list[str]:
    """Every difference from what was sealed, one sentence each; empty where all of it still holds."""
    return [difference.words for difference in differences_of(workspace, incident, letter)]


def differences_of(workspace: Workspace, incident: Incident, letter: Letter) -> list[Difference]:
    """`check_seal` with the kind of each difference: files are compared byte for byte, the rest by its digests."""
    folder = workspace.incident_folder(incident.id) / letter.folder
    return [*changed_files(folder, letter.digest), *outdated(workspace, incident, letter)]


def outdated(workspace: Workspace, incident: Incident, letter: Letter) -> list[Difference]:
    """What a letter rests on and has gone on since. Its files are not read, so this is cheap for many letters."""
    return [
        *changed_facts(incident, letter),
        *_changed_template(Library(workspace.folder), letter),
        *_changed_profile(workspace.organisation, letter),
        *_another_list(incident, letter),
        *_changed_attachments(incident, letter),
        *_left_since(incident, letter),
    ]


def changed_files(folder: Path, digest: str) -> list[Difference]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        sealed: Mapping[str, str] = manifest["files"]
        is_whole = letter_digest(manifest) == digest and _is_a_letter(set(sealed))
    except (OSError, ValueError, KeyError, TypeError):
        return [Difference("file", f"{MANIFEST} is missing or cannot be read.")]
    if not is_whole:
        return [Difference("file", f"{MANIFEST} is not the one that was sealed.")]
    found = []
    for name, expected in sealed.items():
        try:
            if digest_of((folder / name).read_bytes()) != expected:
                found.append(Difference("file", f"{name} was changed after the letter was sealed."))
        except OSError:
            found.append(Difference("file", f"{name} is missing."))
    return found


def _is_a_letter(names: set[str]) -> bool:
    return names >= set(FILES) and all(name.startswith(ATTACHMENT) for name in names - set(FILES))


def changed_facts(incident: Incident, letter: Letter) -> list[Difference]:
    now = present_versions(incident, letter.facts)
    return [
        Difference("fact", _fact_words(name, used, now[name]))
        for name, used in letter.facts.items()
        if now[name] != used
    ]


def _fact_words(name: str, used: int, now: int) -> str:
    if name == "awareness":
        return "The awareness decision changed after the letter was drafted."
    if used == 0:
        return f"The fact {name} was not known when the letter was drafted; it is now (version {now})."
    if now == 0:
        return f"The fact {name}, version {used} in the letter, was taken back."
    return f"The fact {name} changed: version {used} in the letter, version {now} now."


def _changed_template(library: Library, letter: Letter) -> list[Difference]:
    try:
        same = library.template(letter.kind, letter.language).digest == letter.template_digest
    except IncidentError as error:
        return [Difference("template", f"The template cannot be used any more: {error.what}")]
    return [] if same else [Difference("template", "The template or its phrases changed after the letter was drafted.")]


def _changed_profile(organisation: Organisation | None, letter: Letter) -> list[Difference]:
    if organisation is not None and profile_digest(organisation) == letter.profile_digest:
        return []
    return [Difference("profile", "The organisation profile changed after the letter was drafted.")]


def _another_list(incident: Incident, letter: Letter) -> list[Difference]:
    """What rests on a list rests on the one in force: with another one, some people would not be told, or wrongly."""
    now = incident.scope_in_force
    if letter.scope in incident.forgotten and letter.state != "sent":
        lost = (
            "nobody can be written to from it"
            if letter.is_to_people
            else f"{letter.annex.get('name')} was made from it"
        )
        return [Difference("list", f"The list {letter.scope} was forgotten; {lost}.")]
    if not letter.rests_on_a_list or now is None or now.scope == letter.scope:
        return []
    names = [scope.scope for scope in incident.scopes]
    size = {scope.scope: scope.counts.get("accounts") for scope in incident.scopes}

    def sized(name: str, unit: str) -> str:
        return f"{name} ({size[name]:,}{unit})" if size.get(name) is not None else name

    ours = sized(letter.scope, "") if letter.scope else "no list"
    theirs = sized(now.scope, " accounts")
    if letter.scope in names and names.index(letter.scope) > names.index(now.scope):
        return [Difference("list", f"The list {theirs} was chosen; this letter is for {ours}.")]
    return [Difference("list", f"A newer list {theirs} was sealed; this letter is for {ours}.")]


def _changed_attachments(incident: Incident, letter: Letter) -> list[Difference]:
    versions = versions_of(incident) if letter.attachments else {}
    states = {name: versions[name][version - 1].state for name, version in letter.attachments.items()}
    return [
        Difference("attachment", f"The attached {name} version {letter.attachments[name]} is {state} now.")
        for name, state in states.items()
        if state not in {"approved", "sent"}
    ]


def _left_since(incident: Incident, letter: Letter) -> list[Difference]:
    """Where the letter says whether people were told, and no fact does, letters that left since make it untrue."""
    told = people_told(incident) if "people_told" in letter.facts and letter.state != "sent" else None
    if told is None or told.since <= letter.drafted_at:
        return []
    return [Difference("told", "Letters to the people have left since this one was drafted.")]


def _write(file: Path, data: bytes) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _plain(value: object) -> Json:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _said(value)
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _said(table: DataclassInstance) -> dict[str, Json]:
    """The fields of `table` but those that say nothing. Of each, one value alone is left out: two never look alike."""
    values = {entry: getattr(table, entry.name) for entry in dataclasses.fields(table)}
    return {entry.name: _plain(value) for entry, value in values.items() if not _says_nothing(entry, value)}


def _says_nothing(entry: dataclasses.Field[Any], value: object) -> bool:
    """
    Whether it is what stands there where the profile is silent: None, no, or nothing in a list.

    A default that says something (the role) stays in the digest: were it another one some day, the letter may be wrong.
    """
    silent = None if entry.default is dataclasses.MISSING else entry.default
    return not silent and type(value) is type(silent) and value == silent
