"""Which sender carries a letter. An exercise, and an invented company, cannot construct one that reaches people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from incident.errors import RefusedError, UsageError
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from notices.letters import Letter
from notices.senders import Sender
from notices.senders.folder import FolderSender

NAMES = ("folder", "sendgrid")


@dataclass(frozen=True)
class Choice:
    """What the person asked for. out: a folder for a rehearsal, None for the letter's own."""

    name: str = "folder"
    really_send: bool = False
    out: Path | None = None

    def check(self) -> None:
        """Raise UsageError for words that contradict each other."""
        if self.name not in NAMES:
            raise UsageError(
                f'There is no sender called "{self.name}".',
                state="Nothing left.",
                next_step=f"one of: {', '.join(NAMES)}",
            )
        if self.name == "folder" and self.really_send:
            raise UsageError(
                "A folder reaches nobody, so it cannot really send.",
                state="Nothing left.",
                next_step="leave out --really-send to rehearse, or add --sender sendgrid",
            )
        if self.name != "folder" and self.out:
            raise UsageError(
                f"--out is for the folder, and {self.name} writes none.",
                state="Nothing left.",
                next_step="leave it out",
            )


def sender_maker(
    choice: Choice,
    *,
    folder: Callable[[Incident, Letter], Path],
    organisation: Organisation | None,
    environ: Mapping[str, str],
) -> Callable[[Incident, Letter], Sender]:
    """
    What constructs the sender, for `send_letter`. folder: a letter's own outbox folder.

    It raises RefusedError for a real sender in an exercise or an invented company, or without --really-send.
    """
    choice.check()

    def make(incident: Incident, letter: Letter) -> Sender:
        if choice.name == "folder":
            place = choice.out / incident.id / letter.id if choice.out else folder(incident, letter)
            return FolderSender(place, elsewhere=choice.out is not None)
        if incident.exercise:
            raise _refused("this is an exercise, and an exercise reaches nobody")
        if organisation and organisation.invented:
            raise _refused("the company is a sample, and its people are invented")
        if not choice.really_send:
            raise RefusedError(
                f"Not sent: {choice.name} reaches people, and --really-send was not given.",
                state="Nothing left.",
                next_step="rehearse without --sender first; then add --really-send",
            )
        from notices.senders.sendgrid import SendGridSender  # 0.1 s to load, and a rehearsal does without

        return SendGridSender(environ)

    return make


def _refused(why: str) -> RefusedError:
    return RefusedError(f"Not sent: {why}.", state="Nothing left.", next_step="rehearse it instead: leave out --sender")
