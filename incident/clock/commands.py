"""Commands: `incident law list | show | deadline | check | diff | authority`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from incident import shell
from incident.authorities.commands import authority
from incident.clock.circumstances import as_value
from incident.clock.conditions import IS, Value
from incident.clock.duties import deadline_of, duty_document
from incident.clock.lawdiff import changes, diff_document, diff_lines, moves, read_release
from incident.clock.places import ClockPlace, country_of_zone
from incident.clock.regimes import CIRCUMSTANCES, EVENTS, load_laws, overdue_for_review
from incident.clock.rules import Law, Version
from incident.clock.show import deadline_lines, law_line, law_lines, review_line
from incident.errors import CheckSaysNo, UsageError
from incident.moments import Moment, read_moment
from incident.record.vocabulary import Fact, read_value, vocabulary
from incident.workspace import Workspace

app = shell.group("The laws on file: what they ask, when one of their periods ends, which need checking again.")

# Whoever asks for one duty by name means a case of its kind; how many people there are is another matter.
PRESUPPOSED = (IS, "data_categories")
_IS = "organisation.is"  # what the organisation is, as the profile calls it
_EVENT_OF = {"occurred_at": "occurrence", "detected_at": "detection"}
app.command("authority")(authority)

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


@app.command("list")
def list_(as_json: shell.AsJson = False) -> None:
    """
    Every law on file.

    Example: incident law list
    """
    laws = load_laws().laws
    shell.answer([law_line(law) for law in laws], [_about(law) for law in laws], as_json=as_json)


@app.command()
def show(
    law: Annotated[str, typer.Argument(metavar="LAW", help="Its id, from `incident law list`, or that of a duty.")],
    as_json: shell.AsJson = False,
) -> None:
    """
    Everything one law file says: duties, versions, ways of counting, contents, sources. The id of a duty shows its law.

    Example: incident law show eu-gdpr
    """
    found = load_laws().law_meant(law)
    shell.answer(law_lines(found), law_document(found), as_json=as_json)


@app.command()
def deadline(
    ctx: typer.Context,
    duty: Annotated[str, typer.Argument(metavar="DUTY", help="Its id, such as eu-gdpr-art33-sa.")],
    start: Annotated[str, typer.Option("--from", metavar="WHEN", help="When its starting event happened.")],
    fact: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A fact its conditions ask; may be repeated.")
    ] = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    When one duty falls due, by itself, in every reading.

    Example: incident law deadline eu-gdpr-art33-sa --from "2026-03-27 15:30 Europe/Tallinn"
    """
    laws = load_laws()
    laws.rule(duty)  # an unknown duty is said before anything else is read
    with shell.workspace_of(ctx) as workspace:
        now = workspace.now()
        moment = read_moment(start, now=now, zone=workspace.zone)
        facts, events = _read_facts(fact or (), workspace)
        place = _place(moment, workspace)
        organisation = workspace.organisation
    found = deadline_of(
        duty,
        moment.at,
        laws,
        facts=facts,
        events=events,
        place=place,
        organisation=organisation,
        now=now,
        presupposed=PRESUPPOSED,
    )
    lines = deadline_lines(found, now=now, zone=place.zone)
    if moment.note:
        lines.insert(1, f"Note: {moment.note}.")
    shell.answer(lines, duty_document(found), as_json=as_json)


@app.command()
def check(ctx: typer.Context, as_json: shell.AsJson = False) -> None:
    """
    The duties that nobody has compared with the law's text since their review date; exit 1 where there are any.

    Example: incident law check
    """
    with shell.workspace_of(ctx) as workspace:
        today = workspace.now().astimezone(workspace.zone).date()
    laws = load_laws()
    overdue = overdue_for_review(laws, today)
    lines = [review_line(law, rule, version, today) for law, rule, version in overdue]
    document = [
        {
            "duty": rule.id,
            "law": law.id,
            "review_by": version.review_by.isoformat(),
            "checked_on": version.checked_on.isoformat(),
        }
        for law, rule, version in overdue
    ]
    in_date = f"All {sum(len(law.duties) for law in laws.laws)} duties are within their review date."
    shell.answer(lines or [in_date], {"today": today.isoformat(), "overdue": document}, as_json=as_json)
    if overdue:
        raise CheckSaysNo


@app.command()
def diff(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A folder of law files, or the word installed.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, of the release to compare with.")],
    as_json: shell.AsJson = False,
) -> None:
    """
    What changed between two releases of the law files, and which due times of open incidents would move.

    A release's files are its folder incident/law; "installed" stands for those of this program.

    Example: incident law diff installed installed
    """
    before, after = read_release(old), read_release(new)
    with shell.workspace_of(ctx) as workspace:
        changed = changes(before.laws, after.laws)
        incidents, organisation, now = workspace.incidents(), workspace.organisation, workspace.now()
        moved = moves(incidents, organisation, before, after, now=now)
        lines = diff_lines(changed, moved, zone=workspace.zone)
    shell.answer(lines, diff_document(changed, moved), as_json=as_json)


def law_document(law: Law) -> dict[str, Any]:
    """A law as one JSON document, in the words of its file."""
    return {
        **_about(law),
        "duties": [
            {
                "id": rule.id,
                "name": rule.name,
                "owed_by": list(rule.owed_by),
                "owed_to": rule.owed_to,
                "versions": [_version_document(version) for version in rule.versions],
            }
            for rule in law.duties
        ],
    }


def _about(law: Law) -> dict[str, Any]:
    return {
        "id": law.id,
        "name": law.name,
        "covers": sorted(law.covers),
        "reached_by": list(law.reached_by),
        "general": law.general,
        "checked_on": law.checked_on.isoformat(),
        "review_by": law.review_by.isoformat(),
        "duties": [rule.id for rule in law.duties],
    }


def _version_document(version: Version) -> dict[str, Any]:
    return {
        "in_force_from": version.in_force_from.isoformat() if version.in_force_from else None,
        "in_force_until": version.in_force_until.isoformat() if version.in_force_until else None,
        "amends": version.amends,
        "pending": version.pending,
        "none": version.none,
        "uncertain": version.uncertain,
        "starts_with": version.starts_with_words,
        "starts_after": version.starts_after,
        "period": version.period_words,
        "without_undue_delay": version.without_undue_delay,
        "at_latest": _outer_edge(version),
        "readings": [{"name": way.name, "why": way.why} for way in version.readings],
        "targets": [{"name": way.name, "why": way.why} for way in version.targets],
        "threshold": version.threshold.text if version.threshold else None,
        "assume": dict(version.assume or {}),
        "exemptions": [{"when": part.when.text, "words": part.words, "cite": part.cite} for part in version.exemptions],
        "items": [
            {"id": item.id, "words": item.words, "cite": item.cite, "forbidden": item.forbidden}
            for item in version.items
        ],
        "languages": list(version.languages),
        "channel": version.channel,
        "recipient": version.recipient,
        "note": version.note,
        "cite": version.source.cite,
        "url": version.source.url,
        "published": version.source.published.isoformat() if version.source.published else None,
        "confidence": version.confidence,
        "checked_on": version.checked_on.isoformat(),
        "review_by": version.review_by.isoformat(),
    }


def _outer_edge(version: Version) -> dict[str, str] | None:
    edge = version.at_latest
    return {"period": str(edge.period), "starts_with": edge.starts_with} if edge else None


def _read_facts(pairs: Sequence[str], workspace: Workspace) -> tuple[dict[str, Value], dict[str, datetime]]:
    """Every `NAME=VALUE` in the form that conditions ask; moments apart, since they start clocks."""
    facts: dict[str, Value] = {}
    events: dict[str, datetime] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(f'"{pair}" is not NAME=VALUE.', next_step="write for example --fact risk=high")
        if name in EVENTS or ((fact := vocabulary().get(name)) is not None and fact.type == "moment"):
            events[_EVENT_OF.get(name, name)] = read_moment(text, now=workspace.now(), zone=workspace.zone).at
        elif name == _IS:
            facts[IS] = frozenset(word.strip() for word in text.split(",") if word.strip())
        else:
            facts |= [_read_fact(name, text, workspace)]
    return facts, events


def _read_fact(name: str, text: str, workspace: Workspace) -> tuple[str, Value]:
    known = {fact.id: fact for fact in vocabulary().values() if fact.type in {"count", "yes_no", "choice", "set"}}
    known |= {
        name: Fact(name, kind.type, "", "", kind.options) for name, kind in CIRCUMSTANCES.items() if name != "late"
    }
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        raise UsageError(
            f'No condition of a law asks a fact called "{name}".',
            next_step=f"did you mean {' or '.join(near)}?" if near else "incident law show LAW lists the conditions",
        )
    return name, as_value(read_value(known[name], text, now=workspace.now(), zone=workspace.zone))


def _place(moment: Moment, workspace: Workspace) -> ClockPlace:
    """Days are those of the zone given with the time; so are the public holidays, where a zone has a country."""
    organisation = workspace.organisation
    if organisation is not None and moment.zone == str(workspace.zone):
        authority = organisation.authority.country if organisation.authority else None
        return ClockPlace(workspace.zone, authority or organisation.country or country_of_zone(moment.zone))
    return ClockPlace(_tzinfo(moment.zone), country_of_zone(moment.zone))


def _tzinfo(zone: str) -> tzinfo:
    if offset := _OFFSET.fullmatch(zone):
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(ahead if offset[1] == "+" else -ahead)
    return ZoneInfo(zone)
