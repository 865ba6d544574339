"""A sender that reaches people, and one run of it or of a rehearsal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from ready_to_send import INCIDENT, Ready

from incident.record.canonical import Json
from notices.senders import Batch, Outcome, Sender
from notices.senders.folder import FolderSender
from notices.sending import Resend, Sent, send_letter


class Post:
    """A sender that reaches people, answering what it is told to, in turn; then it accepts."""

    name = "post"
    real = True
    place = None
    choices: Mapping[str, Json] = {"tracking": "off"}

    def __init__(self, *answers: Outcome | BaseException, repeatable: bool = False) -> None:
        self.repeatable = repeatable
        self.answers = list(answers)
        self.batches: list[Batch] = []
        self.before: Callable[[], None] = lambda: None

    def hand_over(self, batch: Batch) -> Outcome:
        self.before()
        self.batches.append(batch)
        answer = self.answers.pop(0) if self.answers else Outcome("accepted", reference="id-1")
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def reached(self) -> Counter[int]:
        return Counter(person.position for batch in self.batches for person in batch.recipients)


def send(
    ready: Ready,
    name: str,
    sender: Sender | None = None,
    *,
    differences: Iterable[str] = (),
    resend: Resend | None = None,
) -> Sent:
    workspace = ready.open()
    folder = ready.folder / "incidents" / INCIDENT / "letters" / name / "outbox"
    try:
        return send_letter(
            workspace,
            None,
            name,
            lambda *_: sender or FolderSender(folder),
            seal_check=lambda *_: list(differences),
            resend=resend,
        )
    finally:
        workspace.close()
