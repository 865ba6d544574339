"""
What can happen to an incident: the journal's vocabulary.

Each kind is a frozen dataclass; its field names are the keys of the stored body. A field that is added later gets a
default, so that old rows still read; a field that changes meaning makes a new kind. Other packages declare kinds of
their own in the same way (`notices/events.py`): the journal stores any kind and reads back the ones it is asked for.

No body holds personal data of affected people: ids, counts and digests only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Protocol

from incident.moments import from_stamp, stamp
from incident.record.canonical import Json


class Happening(Protocol):
    """Anything the journal can record. `kind` and `version` name its form for good."""

    kind: ClassVar[str]
    version: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class Event:
    """
    One journal row.

    sequence: 1, 2, 3, … within the incident. recorded_at: aware, UTC. body: JSON as stored.
    previous_hash, hash: 64 hex digits; the first row's previous_hash is 64 zeros.
    """

    incident: str
    sequence: int
    recorded_at: datetime
    actor: str
    kind: str
    version: int
    body: Mapping[str, Json]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class IncidentOpened:
    kind: ClassVar[str] = "incident-opened"
    version: ClassVar[int] = 1
    title: str
    exercise: bool = False


@dataclass(frozen=True)
class FactStated:
    """
    A fact got a new version.

    fact: an id of the vocabulary, with "@" and a language for texts ("what_happened@et").
    value: in the vocabulary's stored form, None where the state is "unknowable" or "pending".
    as_of: when it was true, where that is not the moment of recording.
    source: what supplied it where that was not a person: "scope s1".
    """

    kind: ClassVar[str] = "fact-stated"
    version: ClassVar[int] = 1
    fact: str
    value: Json
    state: str
    because: str | None = None
    as_of: datetime | None = None
    source: str | None = None


@dataclass(frozen=True)
class AwarenessDecided:
    """Someone decided when the controller became aware, and why. A later one supersedes; none is overwritten."""

    kind: ClassVar[str] = "awareness-decided"
    version: ClassVar[int] = 1
    at: datetime
    because: str


@dataclass(frozen=True)
class NoteAdded:
    """attachments: `{"name", "digest", "bytes"}` of files kept beside the journal under their digest."""

    kind: ClassVar[str] = "note-added"
    version: ClassVar[int] = 1
    text: str
    at: datetime | None = None
    privileged: bool = False
    attachments: Sequence[Mapping[str, Json]] = field(default_factory=tuple)


@dataclass(frozen=True)
class StepTakenBack:
    """`sequence` no longer counts; its row stays."""

    kind: ClassVar[str] = "step-taken-back"
    version: ClassVar[int] = 1
    sequence: int
    because: str | None = None


@dataclass(frozen=True)
class IncidentClosed:
    kind: ClassVar[str] = "incident-closed"
    version: ClassVar[int] = 1
    because: str


@dataclass(frozen=True)
class DutyDone:
    """
    A duty was met outside this program, or by it: what was done, when, and the receipt's reference.

    scope: the sealed list whose people were told; it then counts only while that list is the one in force.
    recipient, country: the authority it was met towards, by name and by two letters, as far as that is known; None in
    records from when that was not asked.
    """

    kind: ClassVar[str] = "duty-done"
    version: ClassVar[int] = 1
    duty: str
    at: datetime
    reference: str | None = None
    scope: str | None = None
    recipient: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class ScopeSealed:
    """
    An affected list was sealed.

    scope: "s1", "s2", …. question: the selectors as asked. digest: of the sealed list's chain.
    counts: accounts, people, segments, unreachable, minors, aged (accounts with a birth date).
    database: identity without any password. uncertain: what the database could not answer, one sentence each.
    also_in: countries of accounts that share an address with somebody elsewhere.
    perhaps_more: why people may be missing, of `uncertain`.
    by_store: accounts of each database, where there were several; their keys on the list are then `store/key`.
    maps: by store ("" for one given by its URL) `{"map", "digest"}`: the data map's name, and its file's SHA-256.
    """

    kind: ClassVar[str] = "scope-sealed"
    version: ClassVar[int] = 1
    scope: str
    question: Mapping[str, Json]
    digest: str
    counts: Mapping[str, int | None]
    by_country: Mapping[str, int]
    by_locale: Mapping[str, int]
    by_category: Mapping[str, int]
    statement: str
    parameters: Mapping[str, Json]
    database: str
    schema_fingerprint: str
    taken_at: datetime
    file: str
    uncertain: Sequence[str] = field(default_factory=tuple)
    by_store: Mapping[str, int] = field(default_factory=dict)
    also_in: Mapping[str, int] = field(default_factory=dict)
    perhaps_more: Sequence[str] = field(default_factory=tuple)
    maps: Mapping[str, Json] = field(default_factory=dict)

    @property
    def store_of_keys(self) -> str:
        """What stands before a key of this list to name one account of all stores; the key 10 is in each of them."""
        if self.by_store:
            return ""
        return f"{next(iter(self.maps), '') or self.database}/"


@dataclass(frozen=True)
class ScopeChosen:
    """A list sealed earlier is the one in force again; the facts that follow are its counts."""

    kind: ClassVar[str] = "scope-chosen"
    version: ClassVar[int] = 1
    scope: str


@dataclass(frozen=True)
class ScopeExported:
    """
    A list was written into a file outside the record, with personal data in it.

    file: where, absolute. form: "csv", "sealed" (the lines as they were hashed), "annex" (part of it, with a letter) or
    "letter" (a print for one of its people).
    """

    kind: ClassVar[str] = "scope-exported"
    version: ClassVar[int] = 1
    scope: str
    file: str
    form: str


@dataclass(frozen=True)
class ForgettingBegun:
    """
    It was decided to destroy a list. From here on nobody uses it; whether it is destroyed, `ScopeForgotten` says.

    digest: of the list, as sealed. because: why.
    """

    kind: ClassVar[str] = "scope-forgetting-begun"
    version: ClassVar[int] = 1
    scope: str
    digest: str
    because: str


@dataclass(frozen=True)
class ScopeForgotten:
    """
    A list was destroyed; what is known of it from now on is in this journal. Recorded after the destruction.

    digest: of the list, as sealed. because: as decided.
    """

    kind: ClassVar[str] = "scope-forgotten"
    version: ClassVar[int] = 1
    scope: str
    digest: str
    because: str


@dataclass(frozen=True)
class Reminded:
    """
    People were reminded of duties that fall due.

    reminders: `{"duty", "due_at", "hours_before"}` each. state: "begun" before a message goes out to somebody,
    then "delivered" or "failed"; only what was delivered is never repeated.
    """

    kind: ClassVar[str] = "reminded"
    version: ClassVar[int] = 1
    reminders: Sequence[Mapping[str, Json]]
    state: str = "delivered"


@dataclass(frozen=True)
class CalendarExported:
    """
    A calendar file was written that says something new.

    entries: by duty, `{"name", "due_at", "status", "sequence"}` as the file has them, those it cancels included.
    """

    kind: ClassVar[str] = "calendar-exported"
    version: ClassVar[int] = 1
    entries: Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True)
class EvidencePreserved:
    """
    Evidence that would have disappeared was put where it stays.

    what: as the profile's `[[retention]]` calls it. at: when it was done; what came into being later is not in it.
    because: how, and where it lies now.
    """

    kind: ClassVar[str] = "evidence-preserved"
    version: ClassVar[int] = 1
    what: str
    at: datetime
    because: str


INCIDENT_KINDS: dict[str, type[Any]] = {
    kind.kind: kind
    for kind in (
        IncidentOpened,
        FactStated,
        AwarenessDecided,
        NoteAdded,
        StepTakenBack,
        IncidentClosed,
        DutyDone,
        ScopeSealed,
        ScopeChosen,
        ScopeExported,
        ForgettingBegun,
        ScopeForgotten,
        Reminded,
        CalendarExported,
        EvidencePreserved,
    )
}


def body_of(happening: Happening) -> dict[str, Json]:
    """The JSON body of `happening`: field by field, times as `stamp` writes them."""
    return {name: _plain(value) for name, value in asdict(happening).items()}


def happening_in(event: Event, kinds: Mapping[str, type[Any]]) -> Any | None:
    """`event` as its dataclass, or None where `kinds` does not know it: a newer program's event is kept, not lost."""
    kind = kinds.get(event.kind)
    if kind is None or event.version > kind.version:
        return None
    known = {item.name: item for item in fields(kind)}
    values = {
        name: from_stamp(value) if value is not None and str(known[name].type).startswith("datetime") else value
        for name, value in event.body.items()
        if name in known
    }
    return kind(**values)


def _plain(value: Any) -> Json:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
