"""What is done with finished lists, as lines for people and as JSON documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from incident.moments import local
from incident.record.events import ScopeSealed
from incident.record.timeline import Incident
from incident.scope.difference import Difference
from incident.scope.forgetting import Done, Plan
from incident.scope.inclusion import Finding, findings, listed
from incident.scope.lists import Found
from incident.scope.questions import question_words
from incident.scope.sealed import Person
from incident.scope.show import forgotten_document
from incident.scope.sql import COLUMNS

_MARKS = {"added": "+", "removed": "-", "changed": "~"}
_MOST_REASONS = 12  # of one change, on the screen
_SAYS = {True: "yes", False: "no by these values, yes by the database then", None: "yes, said the database then"}


def difference_document(counts: Mapping[str, int], shown: Sequence[Difference]) -> dict[str, Any]:
    """The contract's answer to `scope diff`: three counts, and in `because` one entry an account."""
    because = [{"key": one.key, "change": one.change, "columns": list(one.columns), "why": one.why} for one in shown]
    return {**{name: counts.get(name, 0) for name in _MARKS}, "because": because}


def difference_lines(
    before: ScopeSealed,
    after: ScopeSealed,
    reasons: Mapping[tuple[str, str], int],
    shown: Sequence[Difference],
    zone: ZoneInfo,
) -> list[str]:
    """reasons: how many accounts by change and reason."""
    counts = {name: sum(count for (change, _), count in reasons.items() if change == name) for name in _MARKS}
    lines = [f"{before.scope} -> {after.scope}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items())]
    for scope in (before, after):
        asked = "; and ".join(question_words(dict(scope.question), zone))
        lines.append(f"  {scope.scope}  {local(scope.taken_at, zone)}  {asked}")
    for name in ("added", "removed"):
        several = sorted(((why, count) for (change, why), count in reasons.items() if change == name), key=_most_first)
        lines += [f"  {count:,} {name}: {why}" for why, count in several[:_MOST_REASONS]]
    reasons_of = Counter(change for change, _ in reasons)
    for one in shown:  # a reason that all share is said already
        own = ", ".join(one.columns) or (one.why if reasons_of[one.change] > 1 else one.change)
        lines.append(f"  {_MARKS[one.change]} {one.key}  {own}")
    if (left := sum(counts.values()) - len(shown)) > 0:
        lines.append(f"  … and {left:,} more (--most N shows more, --json all)")
    return lines


def person_document(scope: ScopeSealed, found: Found, zone: ZoneInfo) -> dict[str, Any]:
    """Who was found, with every value and each part of the question; times in the reasons' words are of `zone`."""
    people = [
        {
            "key": person.key,
            "values": {column: getattr(person, column) for column in COLUMNS},
            "categories": list(person.categories),
            "same_address_as_earlier": person.key in found.doubles,
            "because": [
                {"asked": each.asked, "met": each.met, "because": each.because}
                for each in findings(scope.question, listed(scope, person), zone)
            ],
        }
        for person in found.people
    ]
    return {
        "scope": scope.scope,
        "people": people,
        "elsewhere": list(found.elsewhere),
        "forgotten": list(found.unread),
    }


def person_lines(scope: ScopeSealed, found: Found, zone: ZoneInfo) -> list[str]:
    lines: list[str] = []
    if not found.people:
        lines = [f"Not on {scope.scope}."]
        lines += [f"On {name}: incident scope show {name} …" for name in found.elsewhere]
        return lines + [f"Nobody can say for {name}: it was forgotten." for name in found.unread]
    for person in found.people:
        lines += [*([""] if lines else []), f"{scope.scope} has the account {person.key}"]
        lines += [f"  {name.replace('_', ' '):<14}{value}" for name, value in _values(person)]
        if person.key in found.doubles:
            lines.append("  An earlier account has the same address; this one gets no letter of its own.")
        lines += ["Why it is on the list:"]
        for each in findings(scope.question, listed(scope, person), zone):
            lines += [f"  {each.asked}", f"    {_said(each)}"]
    return lines


def forget_document(planned: Plan, done: Done) -> dict[str, Any]:
    names = [*planned.unfinished, *(scope.scope for scope in planned.scopes)]
    scopes = {scope.scope: scope for scope in done.incident.scopes}
    return {
        "forgotten": [
            {
                "scope": name,
                "digest": scopes[name].digest,
                "accounts": scopes[name].counts["accounts"],
                **(forgotten_document(done.incident.forgotten[name]) or {}),
            }
            for name in names
        ],
        "unfinished": done.unfinished,
        "rehearsed_letters_removed": planned.letters,
        "copies": list(planned.copies),
    }


def plan_lines(planned: Plan) -> list[str]:
    """What will be destroyed, and what that means, before anybody agrees."""
    names = ", ".join(planned.unfinished + tuple(scope.scope for scope in planned.scopes))
    accounts = sum(int(scope.counts["accounts"] or 0) for scope in planned.scopes)
    lines = [f"This destroys the list of {names} ({accounts:,} accounts) for good. The record and the facts stay."]
    if planned.letters:
        lines.append(f"{planned.letters:,} rehearsed letters to its people are removed with it.")
    if planned.told:
        told = ", ".join(planned.told)
        lines.append(f"Letters left to people on {told}. Without it no letter to another list of this incident can")
        lines.append("leave, since nobody can say who has had one.")
    return lines


def forget_lines(planned: Plan, done: Done) -> list[str]:
    scopes = {scope.scope: scope for scope in done.incident.scopes}
    lines = []
    for name in (*planned.unfinished, *(scope.scope for scope in planned.scopes)):
        if name in done.unfinished:
            lines.append(f"{name} is not destroyed: {done.unfinished[name]}.")
        else:
            lines.append(f"{name} is forgotten: its key is destroyed. {scopes[name].digest}")
    if planned.letters:
        lines.append(f"{planned.letters:,} rehearsed letters were removed.")
    if planned.copies:
        lines += ["Written elsewhere, and yours to delete:", *(f"  {place}" for place in planned.copies)]
    return [*lines, "Not known here: backups of the workspace, what the mail service keeps."]


def finished_lines(before: Incident, done: Done) -> list[str]:
    """What `finish` did, for stderr."""
    newly = [
        name
        for name, gone in done.incident.forgotten.items()
        if gone.is_destroyed and not before.forgotten[name].is_destroyed
    ]
    lines = [f"The destruction of {name}, which was begun before, is finished now." for name in newly]
    return lines + [f"{name} is to be forgotten, and not destroyed yet: {why}" for name, why in done.unfinished.items()]


def _values(person: Person) -> list[tuple[str, str]]:
    pairs = [(name, getattr(person, name)) for name in COLUMNS if name != "key"]
    found = [(name, value) for name, value in pairs if value is not None]
    return [*found, ("categories", ", ".join(person.categories))] if person.categories else found


def _said(finding: Finding) -> str:
    return f"{_SAYS[finding.met]}: {finding.because}"


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]
