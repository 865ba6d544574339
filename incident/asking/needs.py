"""Which facts each duty's notice needs, how early, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incident.asking.contents import AWARENESS, Contents, library
from incident.clock.conditions import Value, judge
from incident.clock.judging import Duty
from incident.clock.rules import Item
from incident.organisation.profile import Organisation
from incident.record.ledger import Ledger
from incident.record.timeline import Incident
from incident.record.vocabulary import vocabulary

FIRST, WHOLE = "first", "whole"
STAGES = (FIRST, WHOLE)
_READ_BY_PEOPLE = ("people", "media", "public")
_MOMENT_OF = {"awareness": AWARENESS, "occurrence": "occurred_at", "detection": "detected_at"}
# What decides whether a law applies at all, where nobody knows yet whether it does.
_PLACES = ("people_by_country",)
_DECIDES = "decides whether it is owed"


@dataclass(frozen=True)
class Need:
    """
    One reason to ask for a fact.

    fact: its id, or "awareness". languages: those its text is needed in; empty for facts without one. duty: its id.
    due_at: when its notice is due, None where the law has no number. stage: "first", for a notice that may be
    incomplete, or "whole". words: what the notice says with it. cite: where that is asked, None for our own list.
    late: whether the duty's time is over. decides: whether the duty is owed at all hangs on it.
    """

    fact: str
    languages: tuple[str, ...]
    duty: str
    name: str
    owed_to: str
    due_at: datetime | None
    stage: str
    words: str
    cite: str | None
    late: bool

    @property
    def decides(self) -> bool:
        return self.words == _DECIDES


@dataclass(frozen=True)
class Background:
    """What needs are judged on. values: facts and groups by the names that conditions use."""

    incident: Incident
    organisation: Organisation | None
    values: Mapping[str, Value]
    languages: tuple[str, ...]


def needs_of(duty: Duty, on: Background) -> list[Need]:
    """Every need of `duty`, the more urgent first; nothing where it is not owed."""
    if duty.state == "not_owed":
        return []
    if duty.state == "possible":
        return [_need(name, duty, FIRST, _DECIDES, None, on) for name in _deciding(duty)]
    contents = library().of(duty)
    found = [] if duty.state == "done" else [*_first(duty, contents, on)]
    if contents is not None:
        found += [_need(name, duty, WHOLE, "", None, on) for name in _judging(duty, on)]
        found += [_need(name, duty, WHOLE, "", None, on) for name in contents.whole]
    return [*found, *_beyond(duty, on)]


def _first(duty: Duty, contents: Contents | None, on: Background) -> Iterator[Need]:
    """What even a first notice says: our own list in its order, which is that of a calm talk, then the law's items."""
    own: Sequence[str] = ()
    if contents is not None:
        own = [name for name in contents.first if not _is_spared(name, contents, duty, on)]
    cited = _cited(duty, own, on)
    early = [*(_starts(duty) if duty.provisional else ()), *own]
    for name in dict.fromkeys((*early, *cited)):
        item = cited.get(name)
        later = item is not None and name not in early and item.words.startswith(library().beyond.later)
        words, cite = (item.words, item.cite) if item else ("", None)
        yield _need(name, duty, WHOLE if later else FIRST, words, cite, on)
    for name in duty.missing:
        if name in vocabulary() and name not in early and name not in cited:
            yield _need(name, duty, FIRST, _DECIDES, None, on)


def _cited(duty: Duty, own: Sequence[str], on: Background) -> dict[str, Item]:
    """By fact, the first item of the law that asks it; of those of which one suffices, one that is asked anyway."""
    items = [item for item in duty.items if _is_asked(item, duty, on)]
    cited: dict[str, Item] = {}
    for item in items:
        for name in item.facts:
            cited.setdefault(name, item)
    for item in items:
        if not item.one_of or _has_one(item, duty, on):
            continue
        asked = next((name for name in item.one_of if name in own or name in cited), item.one_of[0])
        cited.setdefault(asked, item)
    return cited


def _has_one(item: Item, duty: Duty, on: Background) -> bool:
    return any(is_known(on.incident.ledger, name, _languages(duty, on)) for name in item.one_of)


def _is_spared(name: str, contents: Contents, duty: Duty, on: Background) -> bool:
    """Whether another answer, which would do as well, is there already."""
    languages = _languages(duty, on)
    return any(is_known(on.incident.ledger, other, languages) for other in contents.instead[name])


def _starts(duty: Duty) -> list[str]:
    """What starts its clock, in the words that a person records it by."""
    names = (_MOMENT_OF.get(event, event) for event in duty.starts_with.split(" or "))
    return [name for name in names if name == AWARENESS or name in vocabulary()]


def _is_asked(item: Item, duty: Duty, on: Background) -> bool:
    if item.forbidden:
        return False
    return item.when is None or judge(item.when, {**on.values, "late": duty.late}).holds is not False


def _judging(duty: Duty, on: Background) -> Sequence[str]:
    """What a judgement of the risk rests on, where the duty hangs on one that nobody has made."""
    return library().judging if "risk" in duty.missing or on.incident.ledger.value("risk") is None else ()


def _deciding(duty: Duty) -> list[str]:
    """What decides it, where the law is known to apply; what the organisation is says its profile, not a fact."""
    if any(name.startswith("organisation.is") for name in duty.missing):
        return []
    if duty.reached:
        return [name for name in duty.missing if name in vocabulary()]
    return [name for name in duty.missing if name in _PLACES]


def _beyond(duty: Duty, on: Background) -> Iterator[Need]:
    for asked in library().beyond.asked:
        if duty.id not in asked.duties or (asked.later and duty.state != "done"):
            continue
        if asked.country is None or asked.country == _authority_country(on.organisation):
            for name in asked.facts:
                yield _need(name, duty, WHOLE, asked.words, asked.source, on)


def _authority_country(organisation: Organisation | None) -> str | None:
    if organisation is None:
        return None
    authority = organisation.authority.country if organisation.authority else None
    return authority or organisation.country


def _need(name: str, duty: Duty, stage: str, words: str, cite: str | None, on: Background) -> Need:
    fact = vocabulary().get(name)
    languages = _languages(duty, on) if fact is not None and fact.has_languages else ()
    due = duty.due_at
    if duty.state == "done":  # what was told in a first notice is completed by the date that it named
        due = on.incident.ledger.moment("next_update_at")
    return Need(name, languages, duty.id, duty.name, duty.owed_to, due, stage, words, cite, duty.late)


def _languages(duty: Duty, on: Background) -> tuple[str, ...]:
    """People read each in their own; an authority gets its notice in the first."""
    return on.languages if duty.owed_to in _READ_BY_PEOPLE else on.languages[:1]


def is_known(ledger: Ledger, name: str, languages: Sequence[str]) -> bool:
    """Whether somebody has answered it, "cannot be determined" included, in one of `languages` where it has any."""
    fact = vocabulary()[name]
    names = [f"{name}@{language}" for language in languages] if fact.has_languages else [name]
    versions = (ledger.get(each) for each in names)
    return any(version is not None and version.state != "pending" for version in versions)
