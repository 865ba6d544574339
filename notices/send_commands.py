"""Commands of the outbox: notice send, notice outbox. `notices/commands.py` takes them in with `register`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from incident import shell
from incident.errors import CheckSaysNo, UsageError
from incident.moments import local, stamp
from incident.record.timeline import Incident
from incident.workspace import Workspace
from notices.checking import differences_at_sending
from notices.handing_in import given, handed_in
from notices.left_out import left_out
from notices.letters import Letter, letter_named, letters_of
from notices.outbox import POST, Outbox, channels_of, document, outbox_of
from notices.senders.choice import Choice, sender_maker
from notices.sending import Resend, Sent, people_waiting, send_letter

Name = Annotated[str, typer.Argument(metavar="LETTER", help="Such as people-et or authority-en.")]
SomeName = Annotated[str | None, typer.Argument(metavar="[LETTER]", help="One letter; without it, all of them.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group `notice`."""
    app.command(name="send")(send)
    app.command(name="outbox")(outbox)


def send(
    ctx: typer.Context,
    letter: Name,
    incident: shell.IncidentOption = None,
    sender: Annotated[str, typer.Option(metavar="NAME", help="folder (a rehearsal) or sendgrid.")] = "folder",
    really_send: Annotated[bool, typer.Option("--really-send", help="Reach people. Without it nothing does.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where a rehearsal writes its .eml files.")] = None,
    resend_unknown: Annotated[
        bool, typer.Option("--resend-unknown", help="Send again what may have left already; needs --because.")
    ] = False,
    because: shell.Because = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Send an approved letter, once, to everyone whose letter it is. It rehearses into a folder until told otherwise.

    Run it again after anything that went wrong: it goes on where it stopped, and nobody gets the letter twice.

    Example: incident notice send people-en
    """
    choice = Choice(sender, really_send, out.absolute() if out else None)
    resend = _resend(resend_unknown, because)
    with shell.workspace_of(ctx) as workspace:
        make = sender_maker(
            choice,
            folder=lambda found, its: workspace.incident_folder(found.id) / "letters" / its.id / "outbox",
            organisation=workspace.organisation,
            environ=workspace.settings.environ,
        )
        progress = _Progress() if sys.stderr.isatty() else None
        try:
            sent = send_letter(
                workspace, incident, letter, make, seal_check=differences_at_sending, resend=resend, progress=progress
            )
        finally:
            if progress:
                progress.end()
        found = workspace.incident(incident)
        lines = _sent_lines(sent, found, workspace.zone)
        shell.answer(lines, _document(sent.letter, sent.outbox, found), as_json=as_json)
        if sent.unknown:
            raise CheckSaysNo


def outbox(
    ctx: typer.Context,
    letter: SomeName = None,
    skipped: Annotated[
        bool, typer.Option("--skipped", help="Which accounts were skipped or refused, or are unknown, and why.")
    ] = False,
    incident: shell.IncidentOption = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    What has become of each letter: how many are planned, handed over, accepted, refused, skipped, unknown.

    Example: incident notice outbox people-en
    """
    if skipped and not letter:
        raise UsageError(
            "Whose letters? --skipped is for one letter.", next_step="incident notice outbox LETTER --skipped"
        )
    with shell.workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        letters = [letter_named(found, letter)] if letter else list(letters_of(found).values())
        boxes = [(each, _outbox(workspace, found, each)) for each in letters]
        accounts = [entry for each, box in boxes if skipped for entry in left_out(workspace, found, each, box)]
        zone = workspace.zone
    documents = [_document(each, box, found) for each, box in boxes]
    lines = [line for each, box in boxes for line in _lines(each, box, found, zone, unknown=_unknown(box))] or [
        "No letter has been drafted yet."
    ]
    if skipped:
        lines += [f"  {each.key:<24}{each.state:<9}{each.why}" for each in accounts] or ["  Nobody was left out."]
        documents[0]["left_out"] = [{"key": each.key, "state": each.state, "why": each.why} for each in accounts]
    if letter:
        shell.answer(lines, documents[0], as_json=as_json)
    else:
        names = Outbox("", "").counts
        totals = {name: sum(each[name] for each in documents) for name in names}
        shell.answer(lines, {**totals, "letters": documents}, as_json=as_json)


def _resend(resend_unknown: bool, because: str | None) -> Resend | None:
    if not resend_unknown:
        return None
    if not because or not because.strip():
        raise UsageError(
            "Sending again what may have left already needs a reason.",
            state="Nothing left.",
            next_step='add --because "what you checked, and where"',
        )
    return Resend(because.strip())


def _outbox(workspace: Workspace, incident: Incident, letter: Letter) -> Outbox:
    """By the channel that reaches people where the letter has taken it, else the newest rehearsal, else as planned."""
    begun = channels_of(incident.events, letter.id, scope=letter.scope)
    if letter.is_handed_in:
        return Outbox(letter.id, "", letter.version, letter.scope)
    channel = POST if POST in begun else next(reversed(begun), "")
    box = outbox_of(incident.events, letter.id, version=letter.version, channel=channel, scope=letter.scope)
    if box.begun or letter.scope in incident.forgotten:
        return box
    if not letter.is_to_people:
        return box.expecting(1)  # also while the profile names no address to send it to
    if letter.scope is None:
        return box  # drafted before there was a list
    return box.expecting(people_waiting(workspace, incident, letter))


def _document(letter: Letter, box: Outbox, incident: Incident) -> dict[str, Any]:
    done = handed_in(incident, letter) if letter.is_handed_in else None
    return {
        **document(letter.id, letter.version, box.channel or None, box),
        "scope": letter.scope,
        "handed_in": {"at": stamp(done.at), "reference": done.reference} if done else None,
    }


def _unknown(box: Outbox) -> list[int]:
    return [segment.index for segment in box.unknown]


def _sent_lines(sent: Sent, incident: Incident, zone: ZoneInfo) -> list[str]:
    lines = _lines(sent.letter, sent.outbox, incident, zone, unknown=sent.unknown)
    if sent.elsewhere:
        lines.append(f"Another process is at {len(sent.elsewhere)} of the batches just now.")
    if sent.place:
        lines.append(f"This was a rehearsal: nobody was reached, and no duty is met by it. The letters: {sent.place}")
    if sent.outbox.is_complete and not sent.handed_over:
        lines.append("There was nothing left to do.")
    return lines


def _by_hand(letter: Letter, incident: Incident, zone: ZoneInfo) -> str:
    """Whether a letter that no sender carries was handed in, as far as anybody has recorded it."""
    name = f"{letter.id} version {letter.version} goes by hand"
    if done := handed_in(incident, letter):
        reference = f" (reference {done.reference})" if done.reference else ""
        return f"{name}: handed in on {local(done.at, zone)}{reference}"
    said = f"{name}: not handed in yet, as far as the record knows ({letter.state})"
    if before := given(incident, letter):
        said += f"; its duty was recorded as done on {local(before[-1].at, zone)}, before this text was approved"
    return said


def _how(box: Outbox) -> str:
    if not box.begun:
        return "not sent yet"
    if box.channel == POST:
        return "sent" if box.is_complete else "sending not finished"
    return f"rehearsed ({box.channel})" if box.is_complete else f"rehearsal not finished ({box.channel})"


def _lines(letter: Letter, box: Outbox, incident: Incident, zone: ZoneInfo, *, unknown: Sequence[int]) -> list[str]:
    if letter.is_handed_in:
        return [_by_hand(letter, incident, zone)]
    counts = box.counts
    how = _how(box)
    # Accounts, not people: one whose address an earlier account has is among them, and is skipped.
    whom = f" accounts on list {letter.scope}" if letter.scope else ""
    lines = [f"{letter.id} version {letter.version}, {how}: for {counts['planned']:,}{whom}"]
    lines += [f"  {name.replace('_', ' '):<12}{counts[name]:>9,}" for name in counts if name != "planned"]
    for state, reasons in box.reasons.items():
        lines += [f"  {state}: {number:,}, {why}" for why, number in reasons.items()]
    if unknown:
        batches = ", ".join(map(str, unknown))
        lines.append(f"  Unknown means: handed over, and no answer came back. Batches: {batches}.")
        lines.append(f"  Next: {_after_unknown(letter, box)}")
    return lines


def _after_unknown(letter: Letter, box: Outbox) -> str:
    if box.channel != POST:
        return f"incident notice send {letter.id}   (a rehearsal may write them again)"
    again = f'incident notice send {letter.id} … --resend-unknown --because "…"'
    return f"look into the service's own log; only if they did not leave:  {again}"


class _Progress:
    """One line on the terminal that is written over."""

    def __call__(self, box: Outbox) -> None:
        counts = box.counts
        done = counts["handed_over"] + counts["skipped"]
        sys.stderr.write(f"\r{done:,} of {counts['planned']:,}")
        sys.stderr.flush()

    def end(self) -> None:
        sys.stderr.write("\r\033[K")
