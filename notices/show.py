"""Letters for people as lines, and for programs as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from incident.moments import local, stamp
from incident.record.canonical import Json
from incident.record.timeline import Incident
from notices.actions import Drafted
from notices.annex import abroad_words, annex_words
from notices.approval import after_approval
from notices.checking import Checked
from notices.forewarning import writing_again
from notices.letters import Letter, letters_of
from notices.recipients import readers_of


def letter_document(letter: Letter) -> dict[str, Json]:
    """One letter as JSON; additions are free."""
    approval = letter.approval
    return {
        "letter": letter.id,
        "kind": letter.kind,
        "language": letter.language,
        "version": letter.version,
        "state": letter.state,
        "digest": letter.digest,
        "folder": letter.folder,
        "author": letter.author,
        "drafted_at": stamp(letter.drafted_at),
        "scope": letter.scope,
        "audience": list(letter.audience),
        "addressed_to": letter.addressed_to,
        "duty": letter.duty,
        "channel": letter.channel,
        "recipient": letter.recipient,
        "country": letter.country,
        "annex": letter.annex or None,
        "facts": letter.facts,
        "because": letter.because,
        "approved_by": approval.by if approval else None,
        "approved_as": approval.role if approval else None,
        "approved_at": stamp(approval.at) if approval else None,
        "waiver": approval.waiver if approval else None,
        "warning": approval.warning if approval else None,
        "sent_by": letter.sent_by,
        "sent_at": stamp(letter.sent_at) if letter.sent_at else None,
    }


def drafted_lines(drafted: Drafted) -> list[str]:
    lines = []
    for letter in drafted.letters:
        lines.append(f"{letter.id}, version {letter.version}: drafted in {letter.folder} ({letter.digest[:19]}…)")
        if letter.is_beside_another:
            lines.append(f"  It is to {letter.recipient}, as the profile has it; {_plain_name(letter)} is to another.")
        still_open = drafted.still_open.get(letter.id, ())
        if still_open:
            lines.append("  It says of these that they are not yet known:")
            lines += [f"    {each.fact:<28}{each.command}" for each in still_open]
    if drafted.without and drafted.letters[0].is_to_people:
        lines.append(
            f"There is no letter in {', '.join(drafted.without)}; those readers get {drafted.letters[0].language}."
        )
    if drafted.fallback:
        counted = ", ".join(f"{language} {number:,}" for language, number in drafted.fallback.items())
        lines.append(f"People whose language has no letter get the {drafted.letters[0].audience[0]} one: {counted}.")
    lines += [f"Before it can be sent, and before it is approved: {each}." for each in drafted.before_sending]
    lines += dict.fromkeys(filter(None, (_foreseen(drafted, letter) for letter in drafted.letters)))
    for name in drafted.stock_advice:
        lines.append(f"{name} gives stock advice, since nobody has stated any (incident fact actions_for_people@…).")
    first = drafted.letters[0].id
    lines.append(f"Next: incident notice show {first}, then incident notice check {first}")
    return lines


def _foreseen(drafted: Drafted, letter: Letter) -> str:
    return writing_again(drafted.incident, letter) if letter.is_to_people else ""


def drafted_document(drafted: Drafted) -> dict[str, Json]:
    return {
        "incident": drafted.incident.id,
        "letters": [
            {
                **letter_document(letter),
                "still_open": [each.document() for each in drafted.still_open.get(letter.id, ())],
            }
            for letter in drafted.letters
        ],
        "languages_without_a_letter": list(drafted.without),
        "fallback": drafted.fallback,
        "stock_advice": list(drafted.stock_advice),
        "before_sending": list(drafted.before_sending),
    }


def list_lines(
    letters: Iterable[Letter], incident: Incident, *, zone: ZoneInfo, stale: Collection[str] = ()
) -> list[str]:
    """stale: ids of approved letters that rest on something that has gone on since."""
    lines: list[str] = []
    letters = list(letters)
    width = max([16, *(len(letter.id) + 1 for letter in letters)])
    for letter in letters:
        lines.append(
            f"{letter.id:<{width}}v{letter.version:<4}{letter.state:<16}{addressed(letter, incident)}".rstrip()
        )
        steps = _steps(letter, zone)
        if letter.state == "approved" and letter.id in stale:
            steps.append(f"approved, but out of date: incident notice check {letter.id} says why")
        lines += [f"{'':<{width + 5}}{step}" for step in steps]
    return lines or ["No letter yet.", "Next: incident notice draft authority"]


def _plain_name(letter: Letter) -> str:
    return f"{letter.kind}-{letter.language}"


def letter_lines(letter: Letter, subject: str, form: str, text: str | None, file: str) -> list[str]:
    """A letter to read; of a print that is no text, where it lies."""
    if text is None:
        return [file]
    if form != "txt":
        return text.splitlines()
    return [f"Subject: {subject}", *([annex_words(letter)] if letter.annex else []), "", *text.splitlines()]


def addressed(letter: Letter, incident: Incident) -> str:
    """
    Which list a letter goes to or takes along, and how many people of it; of two to authorities, to which each is.

    "" where nothing of that is to be said.
    """
    if letter.annex:
        return f"with {letter.annex['name']}, {letter.annex['rows']:,} accounts of list {letter.scope}"
    if not letter.is_to_people:
        several = any(each.kind == letter.kind and each.is_beside_another for each in letters_of(incident).values())
        return f"to {letter.recipient}" if several and letter.recipient else ""
    scope = next((each for each in incident.scopes if each.scope == letter.scope), None)
    if scope is None:
        return "to no list yet"
    found = readers_of(letter, scope)
    if not found:
        return f"to list {scope.scope}"
    accounts = scope.counts.get("accounts", found[1])
    held = f" ({accounts:,} accounts)" if accounts != found[1] else ""
    return f"to {found[0]:,} of the {found[1]:,} people on list {scope.scope}{held}"


def _steps(letter: Letter, zone: ZoneInfo) -> list[str]:
    """Who did what with a letter, and when."""
    steps = [f"drafted {local(letter.drafted_at, zone)} by {letter.author}"]
    if approval := letter.approval:
        steps.append(f"approved {local(approval.at, zone)} by {approval.by} ({approval.role})")
    if letter.sent_at:
        steps.append(f"sent {local(letter.sent_at, zone)} by {letter.sent_by}")
    if letter.because and letter.state in {"changes asked", "withdrawn"}:
        steps.append(f"{letter.state}: {letter.because}")
    return steps


def moved_lines(letter: Letter) -> list[str]:
    """What happened to a letter, and what is next."""
    said = f"{letter.id}, version {letter.version}: {_state(letter)}."
    following = {
        "in review": f"another person runs incident notice approve {letter.id} --role ROLE",
        "approved": after_approval(letter),
        "changes asked": f"record what changes, then incident notice draft {letter.kind}",
        "withdrawn": "incident notice list",
    }
    lines = [said]
    if letter.approval:
        lines.append(f"The approval is for {letter.digest} and nothing else; any change voids it.")
    if letter.approval and letter.approval.waiver:
        lines.append(f"The author approved it; recorded reason: {letter.approval.waiver}")
        if letter.approval.warning:
            lines.append(f"ATTENTION: {letter.approval.warning} This stands in the record.")
    if letter.state in {"in review", "approved"} and (abroad := abroad_words(letter)):
        lines.append(abroad)
    if letter.state in following:
        lines.append(f"Next: {following[letter.state]}")
    return lines


def checked_lines(checked: Checked, incident: Incident) -> list[str]:
    letter, findings = checked.letter, checked.findings
    goes = addressed(letter, incident)
    lines = [f"{letter.id}, version {letter.version}: {_state(letter)}" + (f"; it goes {goes}" if goes else "")]
    lines += _part("Changed on disk", checked.changed)
    lines += _part("Stale: this changed since it was drafted", checked.stale)
    lines += _part("Missing", [line for each in findings.missing for line in each.lines])
    lines += _part("Must not be in it", findings.forbidden)
    lines += _part(
        "Said to be not yet known, which this kind of letter may",
        [f"{each.fact:<28}{each.command}" for each in findings.still_open],
    )
    lines += _part("Wording to weigh", [f"line {hit.line}: {hit.found} ({hit.why})" for hit in checked.hits])
    lines += _part("To know before approving", checked.notes)
    if not checked.has_findings:
        lines.append("Nothing is missing, and nothing has changed.")
    return [*lines, f"Next: {_after_check(checked)}"]


def _after_check(checked: Checked) -> str:
    letter, findings = checked.letter, checked.findings
    if checked.is_of_another_profile:
        return f"incident notice check {letter.id} --organisation FILE"
    again = f"incident notice draft {letter.kind}" + (f" --language {letter.language}" * (not letter.is_to_people))
    if findings.missing or findings.forbidden:
        return f"{again}, once that is put right"
    if checked.changed:
        return f"{again}   (or restore the files from a backup)"
    if checked.stale:
        return again
    on = {
        "draft": f"incident notice submit {letter.id}",
        "in review": f"another person runs incident notice approve {letter.id} --role ROLE",
        "approved": after_approval(letter),
        "sent": f"incident notice outbox {letter.id}",
    }.get(letter.state, again)
    can_be_worded_anew = checked.hits and letter.state in {"draft", "in review", "approved"}
    if can_be_worded_anew:
        return f"weigh the wording: change it and draft again, or leave it as it is and {on}"
    return on


def checked_document(checked: Checked) -> dict[str, Json]:
    return {
        "notice": checked.letter.id,
        "version": checked.letter.version,
        "state": checked.letter.state,
        "scope": checked.letter.scope,
        "missing": [each.document() for each in checked.findings.missing],
        "forbidden": list(checked.findings.forbidden),
        "lint": [hit.document() for hit in checked.hits],
        "notes": list(checked.notes),
        "stale": bool(checked.stale or checked.changed),
        "because": [*checked.changed, *checked.stale],
        "still_open": [each.document() for each in checked.findings.still_open],
    }


def _state(letter: Letter) -> str:
    if letter.approval and letter.state == "approved":
        return f"approved by {letter.approval.by} ({letter.approval.role})"
    if letter.sent_by:
        return f"sent by {letter.sent_by}"
    if letter.because and letter.state in {"changes asked", "withdrawn"}:
        return f"{letter.state}: {letter.because}"
    return letter.state


def _part(title: str, entries: Iterable[str]) -> list[str]:
    found = [f"  {entry}" for entry in entries]
    return [f"{title}:", *found] if found else []
