"""The command `incident assess`. It is mounted from here, beside the press that prints its memo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident.assess.actions import assess_file, assess_incident, decide_risk, override_score
from incident.assess.memo import Memo, memo_document, memo_lines
from incident.errors import CheckSaysNo, UsageError
from incident.shell import AsJson, Because, IncidentId, answer, group, say, workspace_of
from incident.workspace import Workspace
from notices.assessment_files import check_place, write_assessment

app = group("From facts to a judgement of risk.")


@app.command()
def assess(
    ctx: typer.Context,
    incident: IncidentId = None,
    facts: Annotated[
        Path | None, typer.Option("--facts", metavar="FILE", help="Facts in TOML instead of an incident.")
    ] = None,
    decide: Annotated[
        str | None, typer.Option(metavar="unlikely|risk|high", help="Record your decision; needs --because.")
    ] = None,
    override: Annotated[
        str | None, typer.Option(metavar="dpc=N|ei=N|cb=N", help="Set one of ENISA's scores; needs --because.")
    ] = None,
    because: Because = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the memo; the suffix says how: .md or .pdf.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Judge the risk: unlikely, risk or high; whether to notify the authority and tell the people; and why.

    The facts that decide most: breach_type, incident_kind, cause, data_categories, people_affected, recipients,
    confidentiality_loss, encryption, key_safe, backup_available, availability_loss, unavailable_hours,
    people_categories, harm_severity. FILE has lines such as breach_type = ["confidentiality"]. The score supports a
    decision; --decide records who takes it. Exit 1 while nothing is known: then assume a high risk.

    Example: incident assess

    Example: incident assess --decide high --because "access tokens are with a stranger" --out assessment.pdf
    """
    changes = [given for given in (decide, override) if given is not None]
    if len(changes) > 1:
        raise UsageError("--decide and --override are two steps.", next_step="run one after the other")
    if facts is not None and (changes or incident):
        raise UsageError(
            "Facts from a file belong to no incident, so nothing can be recorded.",
            next_step="leave out the incident, --decide and --override, or leave out --facts",
        )
    if because is not None and not changes:
        raise UsageError("--because gives the reason for --decide or --override.", next_step="add one of them")
    if out is not None:
        check_place(out)  # before anything is recorded
    with workspace_of(ctx) as workspace:
        memo = _memo(workspace, incident, facts, decide, override, because)
        if out is not None:
            write_assessment(workspace, memo, out)
            say(f"Wrote {out}.")
    answer(memo_lines(memo), memo_document(memo), as_json=as_json)
    judgement = memo.judgement
    if judgement.rests_on_nothing or (judgement.nothing_known and not judgement.by_person):
        raise CheckSaysNo


def _memo(
    workspace: Workspace,
    incident: str | None,
    facts: Path | None,
    decide: str | None,
    override: str | None,
    because: str | None,
) -> Memo:
    if facts is not None:
        return assess_file(workspace, facts)
    if decide is not None:
        return decide_risk(workspace, incident, decide, because)
    if override is not None:
        return override_score(workspace, incident, override, because)
    return assess_incident(workspace, incident)
