"""
The one error tree; `incident/cli.py` catches it once and turns it into an exit code.

    IncidentError
    ├── UsageError             2  the words typed, or a file's contents, could not be understood
    ├── RefusedError           3  a rule said no; nothing changed
    ├── OutsideError           4  the world outside failed; safe to run again
    └── RecordIntegrityError   5  the record is damaged; stop and call someone

Exit 1 is no error: a check ran and its answer is no. A command prints the findings and leaves with `CheckSaysNo`.
"""

from __future__ import annotations


class IncidentError(Exception):
    """
    Something a person can act on, said in three parts.

    Args:
        what: what happened, one sentence.
        state: what state things are in now ("Nothing was sent."), or None where the exit code says it all.
        next_step: the command or the change that helps, or None.
    """

    exit_code = 4

    def __init__(self, what: str, *, state: str | None = None, next_step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.state = state
        self.next_step = next_step

    def lines(self) -> list[str]:
        """The message as it is printed, without personal data or secrets."""
        lines = [self.what]
        if self.state:
            lines.append(self.state)
        if self.next_step:
            lines.append(f"Next: {self.next_step}")
        return lines


class UsageError(IncidentError):
    exit_code = 2


class RefusedError(IncidentError):
    exit_code = 3


class OutsideError(IncidentError):
    exit_code = 4


class RecordIntegrityError(IncidentError):
    exit_code = 5


class CheckSaysNo(Exception):  # noqa: N818 - an answer, not an error: the findings are already printed
    """A check ran to its end and found something; leave with exit 1."""

    exit_code = 1
