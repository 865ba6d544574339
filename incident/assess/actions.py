"""Use cases of the judgement: assess an incident or a file of facts, decide, override."""

from __future__ import annotations

from pathlib import Path

from incident.assess.decision import LEVELS, judge_risk
from incident.assess.enisa import OVERRIDES, as_number
from incident.assess.facts_file import read_facts, values_of
from incident.assess.memo import DecidedBy, Memo
from incident.assess.method import load_method
from incident.assess.rules import load_rules
from incident.assess.situation import Known
from incident.errors import RefusedError, UsageError
from incident.record.events import FactStated, Happening
from incident.record.timeline import Incident
from incident.record.vocabulary import vocabulary
from incident.workspace import Workspace


def assess_incident(workspace: Workspace, incident: str | None) -> Memo:
    """The memo on an incident as it stands."""
    return _memo(workspace, workspace.incident(incident))


def assess_file(workspace: Workspace, file: Path) -> Memo:
    """The memo on the facts of a file, without any incident. Raises UsageError naming the line of what is wrong."""
    now = workspace.now()
    known = read_facts(file, now=now, zone=workspace.zone, languages=workspace.languages, role=_role(workspace))
    judgement = judge_risk(known, load_rules(), load_method())
    decided = DecidedBy(None, None, known.reasons.get("risk")) if judgement.by_person else None
    return Memo(f"The facts of {file.name}", judgement, decided, now, workspace.zone, of_record=False)


def decide_risk(workspace: Workspace, incident: str | None, level: str, because: str | None) -> Memo:
    """
    Record a person's decision on the risk and why; "not notified, because" is this with the level unlikely.

    The reason becomes `risk_reasons` too, in the organisation's first language. What the facts suggested at that
    moment is kept as the decision's source. Raises RefusedError for unlikely where no fact is known at all.
    """
    if level not in LEVELS:
        raise UsageError(f'"{level}" is not a level of risk.', next_step=f"use one of: {', '.join(LEVELS)}")
    why = _reason(because)

    def decide(found: Incident) -> list[Happening]:
        judgement = _memo(workspace, found).judgement
        if judgement.nothing_known and level == "unlikely":
            raise RefusedError(
                "Nothing is known yet that could make a risk unlikely.",
                state="Nothing was recorded; a high risk is assumed.",
                next_step="incident ask, or incident fact …; then decide",
            )
        score = judgement.severity.hundredths
        source = f"a person; the facts suggested {judgement.suggested}" + (
            f", ENISA {as_number(score)}" if score is not None else ""
        )
        return [
            FactStated(f"risk_reasons@{workspace.languages[0]}", why, "exact"),
            FactStated("risk", level, "exact", why, source=source),
        ]

    return _memo(workspace, workspace.record(incident, decide)[0])


def override_score(workspace: Workspace, incident: str | None, setting: str, because: str | None) -> Memo:
    """Record a score of ENISA's method that a person sets against the computed one: "dpc=3"."""
    name, equals, number = setting.partition("=")
    fact = OVERRIDES.get(name.strip().lower())
    if fact is None or not equals:
        raise UsageError(f'"{setting}" is not a score.', next_step=f"write for example dpc=3; {_scores()}")
    if number.strip() not in (options := vocabulary()[fact].options):
        raise UsageError(f"{name} cannot be {number}.", next_step=f"use one of: {', '.join(options)}")
    stated = FactStated(fact, number.strip(), "exact", _reason(because))
    return _memo(workspace, workspace.record(incident, lambda _: [stated])[0])


def _memo(workspace: Workspace, incident: Incident) -> Memo:
    stated = {version.name: version for version in incident.ledger if version.is_known and "@" not in version.name}
    reasons = {name: version.because for name, version in stated.items() if version.because}
    known_facts = {name: version.value for name, version in stated.items() if name in vocabulary()}
    approximate = frozenset(name for name, version in stated.items() if version.state == "approximate")
    known = Known(values_of(known_facts), reasons, _role(workspace), approximate)
    judgement = judge_risk(known, load_rules(), load_method())
    risk = stated.get("risk")
    decided = None
    if risk and judgement.by_person:
        later = [name for name in stated if name in load_rules().facts and stated[name].sequence > risk.sequence]
        decided = DecidedBy(risk.actor, risk.at, risk.because, tuple(sorted(later)))
    title = f"{incident.id}: {incident.title}"
    return Memo(title, judgement, decided, workspace.now(), workspace.zone, exercise=incident.exercise)


def _role(workspace: Workspace) -> str:
    return workspace.organisation.role if workspace.organisation else "controller"


def _reason(because: str | None) -> str:
    if because is None or not because.strip():
        raise UsageError("A decision needs a reason.", state="Nothing was recorded.", next_step='add --because "…"')
    return because.strip()


def _scores() -> str:
    return "; ".join(f"{name}: {', '.join(vocabulary()[fact].options)}" for name, fact in OVERRIDES.items())
