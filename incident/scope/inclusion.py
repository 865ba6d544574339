"""
Why an account is on a list: each part of the question beside the values that the list keeps. Pure; asks nothing anew.

A sealed list keeps an account's values and no row of a trail, no category, no tenant and no list of keys. What decided
those parts was in the database then and is only there; the answer says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incident.moments import from_stamp, local, stamp
from incident.record.canonical import Json
from incident.record.events import ScopeSealed
from incident.scope.questions import question_words
from incident.scope.sealed import Person

Part = Mapping[str, Json]

# What is asked together is one part; and why the list cannot show it.
_TOGETHER: tuple[tuple[tuple[str, ...], str], ...] = (
    (("seen", "from_ip", "trail"), "the list does not keep the row of the trail"),
    (("holding", "held"), "the list does not keep which data an account held"),
    (("tenants",), "the list does not keep the tenant"),
    (("ids",), "of that file of keys only the digest is kept"),
    (("addresses",), "of that file of addresses only the digest is kept"),
    (("where",), "the list does not keep what the condition looked at"),
)
_ELSEWHERE = "the list does not keep what decided it"


@dataclass(frozen=True)
class Finding:
    """
    One part of a question and one account.

    asked: the part in words. met: what the values on the list say; None where they cannot. because: with the values
    themselves, which are personal data. in_short: the same without any.
    """

    asked: str
    met: bool | None
    because: str
    in_short: str


@dataclass(frozen=True)
class Listed:
    """An account as a list has it. store: the database it is from; None where the record does not say."""

    person: Person
    store: str | None


def listed(scope: ScopeSealed, person: Person) -> Listed:
    """An account of the list of `scope`: only keys of several stores begin with theirs."""
    if scope.by_store:
        return Listed(person, person.key.partition("/")[0])
    names = [name for name in scope.maps if name]
    return Listed(person, names[0] if len(names) == 1 else None)


def findings(question: Part, account: Listed, zone: ZoneInfo, *, doubt: bool = True) -> list[Finding]:
    """
    Each part of the stored question, all of which had to hold, against the account's values; times in `zone`.

    doubt: whether a time that is not known counts as met; not so inside `not`.
    """
    return [_finding(part, account, zone, doubt=doubt) for part in parts_of(question)]


def parts_of(question: Part) -> Iterator[Part]:
    """The parts of a stored question that all had to hold, each a question of its own."""
    left = dict(question)
    left.pop("perhaps", None)  # counted beside the list, so it decided about nobody on it
    if left.pop("everyone", None):
        yield {"everyone": True}
    groups = [
        ("stores",),
        ("nobody",),
        ("existing_at", "existing_since", "deleted_within_days"),
        *(names for names, _ in _TOGETHER),
    ]
    for names in groups:
        if part := {name: left.pop(name) for name in names if name in left}:
            yield part
    for inner in left.pop("all", ()):
        yield from parts_of(inner)
    if choices := left.pop("any", ()):
        yield {"any": choices}
    for inner in left.pop("without", ()):
        yield {"without": [inner]}
    if left:  # asked by a newer program
        yield left


def part_words(part: Part, zone: ZoneInfo) -> str:
    return "; and ".join(question_words(dict(part), zone)) or ", ".join(sorted(part))


def _finding(part: Part, account: Listed, zone: ZoneInfo, *, doubt: bool) -> Finding:
    asked = part_words(part, zone)
    if "everyone" in part:
        return Finding(asked, True, "every account was asked for", "every account was asked for")
    if "stores" in part:
        return _of_store(asked, part["stores"], account.store)
    if "nobody" in part:
        return Finding(asked, False, "this list is of one store", "this list is of one store")
    if "existing_at" in part:
        return _existing(asked, part, account.person, zone, doubt=doubt)
    if "any" in part:
        return _any_of(asked, part["any"], account, zone, doubt=doubt)
    if "without" in part:
        return _without(asked, part["without"], account, zone, doubt=doubt)
    why = next((why for names, why in _TOGETHER if names[0] in part), _ELSEWHERE)
    return Finding(asked, None, why, why)


def _of_store(asked: str, stores: Sequence[str], store: str | None) -> Finding:
    if store is None:
        why = "the record does not say which store this list is of"
        return Finding(asked, None, why, why)
    return Finding(asked, store in stores, f"it is in {store}", f"in {store}")


def _existing(asked: str, part: Part, person: Person, zone: ZoneInfo, *, doubt: bool) -> Finding:
    at = str(part["existing_at"])
    days = int(part.get("deleted_within_days") or 0)
    since = str(part.get("existing_since") or at)
    kept_since = stamp(from_stamp(since) - timedelta(days=days))
    # Both sides are UTC, to the second, spelt alike: text compares as time does.
    created, deleted = person.created_at, person.deleted_at
    if created is None and not doubt:
        unknown = "no creation time, so nobody can say"
        return Finding(asked, False, unknown, unknown)
    if created is None:
        words = short = "no creation time, which counts as created before"
    else:
        short = "created after that" if created > at else "created by then"
        words = f"created {_local(created, zone)}, {'after that' if created > at else 'by then'}"
    if deleted is None:
        words, short = f"{words}; no deletion on the list", f"{short}; no deletion on the list"
    else:
        when = "before that" if deleted < kept_since else "not before that"
        if kept_since <= deleted < since:
            when = f"at most {days} days before"
        words, short = f"{words}; deleted {_local(deleted, zone)}, {when}", f"{short}; deleted {when}"
    failing = ["created after that"] if created is not None and created > at else []
    failing += ["deleted before that"] if deleted is not None and deleted < kept_since else []
    return Finding(asked, not failing, words, " and ".join(failing) or short)


def _any_of(asked: str, choices: Sequence[Part], account: Listed, zone: ZoneInfo, *, doubt: bool) -> Finding:
    """Met by the first choice that the values meet whole."""
    verdicts = []
    for choice in choices:
        inside = findings(choice, account, zone, doubt=doubt)
        verdicts.append(_all(inside))
        if verdicts[-1]:
            met = part_words(choice, zone)
            because, in_short = ("; ".join(getattr(each, name) for each in inside) for name in ("because", "in_short"))
            return Finding(asked, True, f"{met}: {because}", f"{met}: {in_short}")
    if not any(verdict is None for verdict in verdicts):
        return Finding(asked, False, "none of them fits the values on the list", "none of them fits")
    why = "the list does not keep which of them held"
    return Finding(asked, None, why, why)


def _without(asked: str, inner: Sequence[Part], account: Listed, zone: ZoneInfo, *, doubt: bool) -> Finding:
    inside = [finding for question in inner for finding in findings(question, account, zone, doubt=not doubt)]
    if refuting := [finding for finding in inside if finding.met is False]:
        return Finding(asked, True, refuting[0].because, refuting[0].in_short)
    if _all(inside):
        return Finding(asked, False, inside[0].because, inside[0].in_short)
    return Finding(asked, None, _ELSEWHERE, _ELSEWHERE)


def _all(found: Sequence[Finding]) -> bool | None:
    """Whether all hold; None where that cannot be said."""
    verdicts = {finding.met for finding in found}
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _local(text: str, zone: ZoneInfo) -> str:
    try:
        return local(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):  # a year that no calendar here holds
        return text
