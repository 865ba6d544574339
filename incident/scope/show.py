"""Scopes as lines for people and as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from incident.moments import local, stamp
from incident.record.events import ScopeSealed
from incident.scope.actions import Sealed
from incident.scope.difference import Difference
from incident.scope.questions import question_words

_MOST = 8  # entries of a tally on one line


def run_document(sealed: Sealed, file: Path) -> dict[str, Any]:
    """The contract's answer to `scope run`."""
    return {**scope_document(sealed.scope, file), "seconds": round(sealed.seconds, 3)}


def scope_document(scope: ScopeSealed, file: Path) -> dict[str, Any]:
    return {
        "scope": scope.scope,
        "accounts": scope.counts["accounts"],
        "people": scope.counts["people"],
        "digest": scope.digest,
        "file": str(file),
        "by_country": dict(scope.by_country),
        "by_locale": dict(scope.by_locale),
        "by_category": dict(scope.by_category),
        "minors": scope.counts["minors"],
        "unreachable": scope.counts["unreachable"],
        "statement": scope.statement,
        "taken_at": stamp(scope.taken_at),
        "question": dict(scope.question),
        "parameters": dict(scope.parameters),
        "database": scope.database,
        "schema_fingerprint": scope.schema_fingerprint,
        "uncertain": list(scope.uncertain),
    }


def run_lines(sealed: Sealed, file: Path, zone: ZoneInfo) -> list[str]:
    lines = [f"Understood: {note}." for note in sealed.notes]
    lines += scope_lines(sealed.scope, file, zone)
    lines += ["", f"Next: incident scope export {sealed.scope.scope} --out people.csv   (to look at them)"]
    return [*lines, "      incident facts                                  (the counts are facts now)"]


def scope_lines(scope: ScopeSealed, file: Path, zone: ZoneInfo) -> list[str]:
    """One screen: what was asked, how many, what is uncertain, where the list is."""
    counts = scope.counts
    people, accounts = _number(counts["people"]), _number(counts["accounts"])
    lines = [f"{scope.scope}: {people} people, {accounts} accounts  (read {local(scope.taken_at, zone)})", ""]
    lines += _pair("asked", "; and ".join(question_words(dict(scope.question), zone)))
    lines += _pair("country", _tally(scope.by_country))
    lines += _pair("language", _tally(scope.by_locale))
    lines += _pair("holding", _tally(scope.by_category))
    lines += _pair("children", "not recorded" if counts["minors"] is None else _number(counts["minors"]))
    lines += _pair("no way to write to", _number(counts["unreachable"]))
    lines += _pair("database", scope.database)
    lines += _pair("list", f"{file}  (personal data)")
    lines += _pair("digest", scope.digest)
    if scope.uncertain:
        lines += ["", "Uncertain:", *(f"  - {sentence}" for sentence in scope.uncertain)]
    return lines


def list_lines(scopes: Sequence[ScopeSealed], zone: ZoneInfo) -> list[str]:
    if not scopes:
        return ["No scope was run yet.", "Next: incident scope run --help"]
    return [
        f"{scope.scope}  {_number(scope.counts['people'])} people, {_number(scope.counts['accounts'])} accounts  "
        f"{local(scope.taken_at, zone)}  {'; '.join(question_words(dict(scope.question), zone))}"
        for scope in scopes
    ]


def difference_document(counts: Mapping[str, int], shown: Sequence[Difference]) -> dict[str, Any]:
    """The contract's answer to `scope diff`: three counts, and in `because` one entry an account."""
    because = [{"key": one.key, "change": one.change, "columns": list(one.columns)} for one in shown]
    return {**{name: counts.get(name, 0) for name in ("added", "removed", "changed")}, "because": because}


def difference_lines(
    before: ScopeSealed, after: ScopeSealed, counts: Mapping[str, int], shown: Sequence[Difference], zone: ZoneInfo
) -> list[str]:
    words = ", ".join(f"{_number(counts.get(name, 0))} {name}" for name in ("added", "removed", "changed"))
    lines = [f"{before.scope} -> {after.scope}: {words}"]
    for scope in (before, after):
        asked = "; and ".join(question_words(dict(scope.question), zone))
        lines.append(f"  {scope.scope}  {local(scope.taken_at, zone)}  {asked}")
    marks = {"added": "+", "removed": "-", "changed": "~"}
    for one in shown:
        lines.append(f"  {marks[one.change]} {one.key}  " + (", ".join(one.columns) or one.change))
    if (left := sum(counts.values()) - len(shown)) > 0:
        lines.append(f"  … and {_number(left)} more (--most N shows more, --json all)")
    return lines


def _pair(label: str, value: str) -> list[str]:
    return [f"  {label:<20}{value}"] if value else []


def _tally(tally: Mapping[str, int]) -> str:
    pairs = sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [f"{key} {_number(count)}" for key, count in pairs[:_MOST]]
    return ", ".join(shown) + (f", and {len(pairs) - _MOST} more" if len(pairs) > _MOST else "")


def _number(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"
