"""
How a notice goes that no e-mail carries: by a portal, a form, a signed letter; and whether it went. Pure but for the
law data it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.clock.regimes import load_laws
from incident.errors import UsageError
from incident.record.events import DutyDone
from incident.record.timeline import Incident
from notices.letters import Letter
from notices.recipient import Recipient, is_same, written_to


@dataclass(frozen=True)
class Way:
    """recipient: who takes it; how: by what channel; both as the law data have it, None where they do not say."""

    recipient: str | None = None
    how: str | None = None


def way_of(duty_id: str, *, now: datetime) -> Way:
    """How the notice of a duty goes; nothing is known of a promise's or a contract's. now: aware."""
    try:
        _, rule = load_laws().rule(duty_id)
    except UsageError:
        return Way()
    version = next((each for each in rule.versions if each.is_in_force_on(now.date())), rule.versions[0])
    return Way(version.recipient, version.channel)


def given(incident: Incident, letter: Letter) -> tuple[DutyDone, ...]:
    """Every record that the notice of the letter's duty was given to whom it is written to, the earliest first."""
    records = incident.duties_done.get(letter.duty, ())
    return tuple(each for each in records if is_same(Recipient(each.recipient, each.country), written_to(letter)))


def handed_in(incident: Incident, letter: Letter) -> DutyDone | None:
    """
    The record that this very text was handed in; None where there is none.

    A duty that was met before the text was approved was met by another one.
    """
    return next(
        (each for each in given(incident, letter) if any(approval.at <= each.at for approval in letter.approvals)), None
    )
