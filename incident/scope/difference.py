"""
What changed between two sealed lists, person by person, and why. Both are in key order, and are merged as they stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo

from incident.moments import stamp
from incident.record.events import ScopeSealed
from incident.scope.inclusion import findings, listed, part_words, parts_of
from incident.scope.sealed import Person, Segment

_COMPARED = tuple(field.name for field in fields(Person) if field.name not in {"position", "key"})


@dataclass(frozen=True)
class Difference:
    """
    One account. change: "added", "removed" or "changed"; columns: which values, for "changed".

    why: as far as the two lists and the two questions say; it names no value of the account and not its key, so that
    many share it.
    """

    key: str
    change: str
    columns: tuple[str, ...] = ()
    why: str = ""


class Reasons:
    """Why an account is on one list and not on the other. zone: of the times in the questions' words."""

    def __init__(self, before: ScopeSealed, after: ScopeSealed, zone: ZoneInfo) -> None:
        self._only_before = _Side(before, after, zone)
        self._only_after = _Side(after, before, zone)

    def removed(self, person: Person) -> str:
        return self._only_before.why(person)

    def added(self, person: Person) -> str:
        return self._only_after.why(person)


def differences(before: Iterable[Segment], after: Iterable[Segment], reasons: Reasons) -> Iterator[Difference]:
    """Every account that is not the same in both, in key order."""
    old, new = _people(before), _people(after)
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left.key < right.key):
            assert left is not None  # noqa: S101 - the loop's condition; mypy cannot see it
            yield Difference(left.key, "removed", why=reasons.removed(left))
            left = next(old, None)
        elif left is None or right.key < left.key:
            yield Difference(right.key, "added", why=reasons.added(right))
            right = next(new, None)
        else:
            columns = tuple(name for name in _COMPARED if getattr(left, name) != getattr(right, name))
            if columns:
                yield Difference(left.key, "changed", columns, f"another value in {', '.join(columns)}")
            left, right = next(old, None), next(new, None)


class _Side:
    """The accounts that `has` has and `lacks` lacks: what can be said of all of them, found once."""

    def __init__(self, has: ScopeSealed, lacks: ScopeSealed, zone: ZoneInfo) -> None:
        self._has, self._lacks, self._zone = has, lacks, zone
        self._read_at = stamp(lacks.taken_at.replace(microsecond=0))  # the list's times are cut to the second too
        self._is_earlier = (lacks.taken_at, _number(lacks)) < (has.taken_at, _number(has))
        asked = list(parts_of(has.question))
        self._also_asked = [part_words(part, zone) for part in parts_of(lacks.question) if part not in asked]
        self._databases = (has.database, lacks.database) if has.database != lacks.database else None
        self._stores = set(has.by_store) & set(lacks.by_store)
        self._spelt_otherwise = _spelt_otherwise(has, lacks)
        self._another_map = has.question == lacks.question and has.statement != lacks.statement
        # Nothing but being in the table decided, so not being on the list says it was not there.
        self._asked_all = dict(lacks.question) == {"everyone": True} and "WHERE" not in lacks.statement

    def why(self, person: Person) -> str:
        name = self._lacks.scope
        account = listed(self._has, person)
        for finding in findings(self._lacks.question, account, self._zone):
            if finding.met is False:
                return f"{name} asked for {finding.asked}: {finding.in_short}"
        if person.created_at is not None and person.created_at > self._read_at:
            return f"created since {name} was read"
        if self._spelt_otherwise:
            return self._spelt_otherwise
        if self._databases and account.store not in self._stores:
            return f"another database: {name} was read from {self._databases[1]}, not from {self._databases[0]}"
        if self._also_asked:
            return f"{name} also asked: {'; and '.join(self._also_asked)}"
        there = self._not_there(person)
        doubt = "" if self._asked_all else ", or did not meet the question then"
        return there + doubt + (", or the map is another one" if self._another_map else "")

    def _not_there(self, person: Person) -> str:
        name = self._lacks.scope
        if not self._is_earlier:
            return f"not in the account table any more when {name} was read"
        known = ", although created before" if person.created_at is not None else ""
        return f"not in the account table yet when {name} was read{known}"


def _spelt_otherwise(has: ScopeSealed, lacks: ScopeSealed) -> str:
    """Lists of one store and of several write the same account with two keys, and cannot be laid side by side."""
    if bool(has.by_store) is bool(lacks.by_store):
        return ""
    several, one = (has, lacks) if has.by_store else (lacks, has)
    return (
        f"{several.scope} is of several stores and writes store/key, {one.scope} of one and writes the key alone: "
        f"{lacks.scope} may have the same account"
    )


def _number(scope: ScopeSealed) -> int:
    return int(scope.scope[1:])


def _people(segments: Iterable[Segment]) -> Iterator[Person]:
    return (person for segment in segments for person in segment.people)
