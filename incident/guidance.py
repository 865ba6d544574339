"""What to do next, from how an incident stands. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from incident.organisation.profile import Organisation
from incident.record.timeline import Incident

_FIRST_FACTS = ("what_happened", "data_categories", "occurred_at")


@dataclass(frozen=True)
class NextStep:
    command: str
    why: str


def next_steps(
    incident: Incident, organisation: Organisation | None, *, question: Path | None = None
) -> list[NextStep]:
    """
    The few commands that help most now, most urgent first; three at the most, so that they are read.

    question: a file that says whose accounts are asked for, where somebody has put one into the workspace.
    """
    if incident.closed:
        return []
    steps: list[NextStep] = []
    if organisation is None:
        steps.append(
            NextStep("incident organisation init", "without a profile the strictest general duties are assumed")
        )
    if incident.awareness.provisional:
        steps.append(
            NextStep(
                'incident aware now --because "…"',
                "when you are reasonably certain that personal data were reached; until then the clock is provisional",
            )
        )
    if not incident.scopes:
        asked = f"--question {shlex.quote(str(question))}" if question else "--everyone"
        steps.append(NextStep(f"incident scope run {asked}", "the letters need to know whose data it was"))
    stated = {name.partition("@")[0] for name in incident.ledger.versions}
    if not stated.issuperset(_FIRST_FACTS):
        why = "the questions that the nearest deadline still needs; unknown may stay unknown"
        steps.append(NextStep("incident ask", why))
    elif not any(version.name == "risk" and version.is_known for version in incident.ledger):
        why = "what the facts say of the risk; a person decides, and the strictest holds until then"
        steps.append(NextStep("incident assess", why))
    # Letters are another package's; here only the names of what was recorded are known.
    if any(event.kind == "letter-drafted" for event in incident.events):
        steps.append(NextStep("incident notice list", "the letters, and what each still needs"))
    elif organisation is not None and organisation.name is None:
        why = "no letter can be written before somebody is found who answers for it"
        steps.append(NextStep("incident organisation check", why))
    else:
        why = "a first notice may be incomplete; a late one may not"
        steps.append(NextStep("incident notice draft authority", why))
    return steps[:3]
