"""Scopes as lines for people and as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from incident.moments import local, stamp
from incident.record.events import ScopeSealed
from incident.record.timeline import Forgotten, Incident
from incident.scope.actions import Nobody, Sealed
from incident.scope.asking import Asked
from incident.scope.questions import question_document, question_words
from incident.scope.snapshot import Prepared
from incident.scope.sql import spelled

_WIDTH = 100  # of a value


def run_document(sealed: Sealed, file: Path) -> dict[str, Any]:
    """The contract's answer to `scope run`."""
    return {**scope_document(sealed.scope, file, in_force=True), "seconds": round(sealed.seconds, 3)}


def nobody_document(nobody: Nobody) -> dict[str, Any]:
    """The same keys for a run that found nobody, as far as there is something to say."""
    answer = nobody.answer
    return {
        "scope": None,
        "accounts": 0,
        "people": 0,
        "statement": answer.statement,
        "taken_at": stamp(answer.taken_at),
        "question": question_document(answer.question),
        "parameters": answer.parameters,
        "database": answer.database,
        "uncertain": answer.uncertain,
        "seconds": round(nobody.seconds, 3),
    }


def nobody_lines(nobody: Nobody, zone: ZoneInfo) -> list[str]:
    answer = nobody.answer
    lines = [f"Understood: {note}." for note in nobody.notes]
    lines += ["Nobody: the question finds no account. Nothing was sealed, and no fact changed.", ""]
    lines += _pair("asked", "; and ".join(question_words(question_document(answer.question), zone)))
    lines += _pair("database", answer.database)
    lines += _uncertain(answer.uncertain)
    lines += ["", "Next: check window, zone and condition, and run it again"]
    return [*lines, '      incident fact people_affected 0 --because "…"   (if it really was nobody)']


def plan_document(asked: Asked, plans: Mapping[str, Prepared]) -> dict[str, Any]:
    """What would be asked, for `scope run --explain`."""
    return {
        "question": question_document(asked.question),
        "uncertain": list(asked.unasked),
        "stores": [
            {
                "store": name or None,
                "database": plan.database.identity,
                "rows": plan.estimate.rows,
                "statement": spelled(plan.statements.people, plan.engine)[0],
                "plan": list(plan.estimate.plan),
                "uncertain": list(plan.uncertain),
            }
            for name, plan in plans.items()
        ],
    }


def plan_lines(asked: Asked, plans: Mapping[str, Prepared], zone: ZoneInfo) -> list[str]:
    lines = [f"Understood: {note}." for note in asked.notes]
    lines += ["Nothing was read. This is what would be asked:", ""]
    lines += _pair("asked", "; and ".join(question_words(question_document(asked.question), zone)))
    lines += _uncertain(asked.unasked)
    for name, plan in plans.items():
        expected = plan.estimate.rows
        rows = "not known to this database" if expected is None else f"about {_number(expected)}"
        lines += ["", *_pair("store", name), *_pair("database", plan.database.identity), *_pair("accounts", rows)]
        lines += ["", *spelled(plan.statements.people, plan.engine)[0].splitlines()]
        lines += ["", *(f"  {line}" for line in plan.estimate.plan)]
        lines += _uncertain(plan.uncertain)
    return lines


def scope_document(
    scope: ScopeSealed, file: Path, *, in_force: bool, forgotten: Forgotten | None = None
) -> dict[str, Any]:
    """forgotten: where the list was destroyed; the counts stay."""
    return {
        "scope": scope.scope,
        "in_force": in_force,
        "forgotten": forgotten_document(forgotten),
        "accounts": scope.counts["accounts"],
        "people": scope.counts["people"],
        "digest": scope.digest,
        "file": str(file),
        "by_country": dict(scope.by_country),
        "by_locale": dict(scope.by_locale),
        "by_category": dict(scope.by_category),
        "by_store": dict(scope.by_store),
        "minors": scope.counts["minors"],
        "unreachable": scope.counts["unreachable"],
        "statement": scope.statement,
        "taken_at": stamp(scope.taken_at),
        "question": dict(scope.question),
        "parameters": dict(scope.parameters),
        "database": scope.database,
        "schema_fingerprint": scope.schema_fingerprint,
        "maps": dict(scope.maps),
        "uncertain": list(scope.uncertain),
    }


def run_lines(sealed: Sealed, file: Path, zone: ZoneInfo) -> list[str]:
    lines = [f"Understood: {note}." for note in sealed.notes]
    lines += scope_lines(sealed.scope, file, zone, in_force=True)
    if earlier := sealed.incident.scopes[:-1]:
        before, people = earlier[-1], _number(earlier[-1].counts["people"])
        back = f"incident scope choose {before.scope} goes back"
        lines += ["", f"The list before, {before.scope}, had {people} people; {back}."]
    lines += ["", f"Next: incident scope export {sealed.scope.scope} --out people.csv   (to look at them)"]
    return [*lines, "      incident facts                                  (the counts are facts now)"]


def forgotten_document(forgotten: Forgotten | None) -> dict[str, Any] | None:
    if forgotten is None:
        return None
    return {
        "by": forgotten.by,
        "at": stamp(forgotten.at),
        "because": forgotten.because,
        "destroyed": forgotten.is_destroyed,
    }


def scope_lines(
    scope: ScopeSealed, file: Path, zone: ZoneInfo, *, in_force: bool, forgotten: Forgotten | None = None
) -> list[str]:
    """One screen: what was asked, how many, what is uncertain, where the list is."""
    counts = scope.counts
    people, accounts = _number(counts["people"]), _number(counts["accounts"])
    lines = [f"{scope.scope}: {people} people, {accounts} accounts  (read {local(scope.taken_at, zone)})", ""]
    choose = "" if forgotten else f"; incident scope choose {scope.scope} makes it so"
    lines += _pair("in force", "yes" if in_force else f"no{choose}")
    lines += _pair("asked", "; and ".join(question_words(dict(scope.question), zone)))
    lines += _pair("store", _tally(scope.by_store))
    lines += _pair("country", _tally(scope.by_country))
    lines += _pair("language", _tally(scope.by_locale))
    lines += _pair("holding", _tally(scope.by_category))
    lines += _pair("children", "not recorded" if counts["minors"] is None else _number(counts["minors"]))
    lines += _pair("no way to write to", _number(counts["unreachable"]))
    lines += _pair("database", scope.database)
    lines += _pair("map", ", ".join(used["map"] for used in scope.maps.values()))
    gone = f"forgotten on {local(forgotten.at, zone)} by {forgotten.by}" if forgotten else ""
    lines += _pair("list", gone or f"{file}  (personal data)")
    lines += _pair("digest", scope.digest)
    return lines + _uncertain(scope.uncertain)


def list_lines(incident: Incident, zone: ZoneInfo) -> list[str]:
    if not incident.scopes:
        return ["No scope was run yet.", "Next: incident scope run --help"]
    lines = []
    for scope in incident.scopes:
        people, accounts = _number(scope.counts["people"]), _number(scope.counts["accounts"])
        asked = "; ".join(question_words(dict(scope.question), zone))
        force = "in force" if scope == incident.scope_in_force else "-"
        lines.append(
            f"{scope.scope}  {force:<8}  {people} people, {accounts} accounts  {local(scope.taken_at, zone)}  {asked}"
        )
        if gone := incident.forgotten.get(scope.scope):
            lines.append(f"    forgotten on {local(gone.at, zone)} by {gone.by}: {gone.because}")
    return lines


def chosen_lines(incident: Incident, changed: Sequence[str]) -> list[str]:
    """After a choice: the list in force, and its counts that are facts again."""
    scope = incident.scope_in_force
    assert scope is not None  # noqa: S101 - one was chosen a moment ago; mypy cannot see it
    people, accounts = _number(scope.counts["people"]), _number(scope.counts["accounts"])
    lines = [f"{scope.scope} is in force: {people} people, {accounts} accounts."]
    if not changed:
        return [*lines, "No fact changed."]
    return [*lines, f"Facts again as {scope.scope} counted them: {', '.join(changed)}.", "Next: incident facts"]


def _uncertain(sentences: Sequence[str]) -> list[str]:
    return ["", "Uncertain:", *(f"  - {sentence}" for sentence in sentences)] if sentences else []


def _pair(label: str, value: str) -> list[str]:
    """A label and its value, over several lines where it is long."""
    folded = wrap(value, _WIDTH, break_long_words=False, break_on_hyphens=False) if value else []
    return [f"  {label if not number else '':<20}{line}" for number, line in enumerate(folded)]


def _tally(tally: Mapping[str, int]) -> str:
    """Each of them: a country that is left out is a law that is overlooked."""
    pairs = sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{key} {_number(count)}" for key, count in pairs if count)


def _number(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"
