"""What changed between two sealed lists, person by person: both are in key order, so they are merged as they stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from incident.scope.sealed import Person, Segment

_COMPARED = tuple(field.name for field in fields(Person) if field.name not in {"position", "key"})


@dataclass(frozen=True)
class Difference:
    """One account. change: "added", "removed" or "changed"; columns: which values, for "changed"."""

    key: str
    change: str
    columns: tuple[str, ...] = ()


def differences(before: Iterable[Segment], after: Iterable[Segment]) -> Iterator[Difference]:
    """Every account that is not the same in both, in key order."""
    old, new = _people(before), _people(after)
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left.key < right.key):
            assert left is not None  # noqa: S101 - the loop's condition; mypy cannot see it
            yield Difference(left.key, "removed")
            left = next(old, None)
        elif left is None or right.key < left.key:
            yield Difference(right.key, "added")
            right = next(new, None)
        else:
            columns = tuple(name for name in _COMPARED if getattr(left, name) != getattr(right, name))
            if columns:
                yield Difference(left.key, "changed", columns)
            left, right = next(old, None), next(new, None)


def _people(segments: Iterable[Segment]) -> Iterator[Person]:
    return (person for segment in segments for person in segment.people)
