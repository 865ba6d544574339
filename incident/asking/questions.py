"""
The questions that are still open, in the order of the nearest deadline that needs them. Pure; `now` is in the duties.

Nothing is asked that the record, a scope or the profile answers already, or that a condition of the vocabulary makes
pointless.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from incident.asking.contents import AWARENESS
from incident.asking.needs import STAGES, Background, Need, is_known, needs_of
from incident.clock.circumstances import about, facts_of
from incident.clock.conditions import Condition, Value, judge
from incident.clock.judging import Duty
from incident.clock.rules import Laws
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from incident.record.vocabulary import Fact, vocabulary

AWARENESS_FACT = Fact(
    AWARENESS,
    "moment",
    "When did you become reasonably certain that personal data were compromised?",
    "The 72 hours run from then. Suspicion is not yet awareness; a short check to confirm it is allowed. Say why then.",
    edpb=(48,),
    past=True,
)
DECIDING = "deciding"  # asked only since it decides what else is owed
# A first notice is written first; what goes to people and others takes its facts from the same answers.
_ORDER = ("supervisory_authority", "other_authority", "controller", "people")


@dataclass(frozen=True)
class Question:
    """
    One thing to ask.

    name: as `incident fact` takes it, "what_happened@et", or "awareness". needs: why, the most urgent first.
    suggested: the options to show first, where the profile narrows them. is_pending: somebody said "not yet known".
    """

    name: str
    fact: Fact
    needs: tuple[Need, ...]
    suggested: tuple[str, ...] = ()
    is_pending: bool = False

    @property
    def stage(self) -> str:
        return self.needs[0].stage

    @property
    def due_at(self) -> datetime | None:
        return self.needs[0].due_at

    @property
    def group(self) -> tuple[str, str]:
        """What it is asked for together with others: the stage, and whom the notice goes to, or DECIDING."""
        same = (need for need in self.needs if need.stage == self.stage and not need.decides)
        return self.stage, next((need.owed_to for need in same), DECIDING)

    @property
    def language(self) -> str | None:
        return self.name.partition("@")[2] or None


def open_questions(
    incident: Incident,
    organisation: Organisation | None,
    laws: Laws,
    duties: Sequence[Duty],
    *,
    languages: tuple[str, ...],
) -> list[Question]:
    """
    Every question still open for `incident`, the first one first.

    duties: of `duties_of`, at the moment of asking. languages: of letters, the fallback first.
    """
    values: dict[str, Value] = {**facts_of(incident.ledger), **about(organisation), **laws.named}
    on = Background(incident, organisation, values, languages)
    answered = _answered_by_the_record(incident, duties)
    ranked: dict[str, list[tuple[tuple[object, ...], Need]]] = {}
    for place, duty in enumerate(duties):
        for position, need in enumerate(needs_of(duty, on)):
            if need.fact in answered or not _is_relevant(need, values):
                continue
            for name in _open_names(need, incident):
                ranked.setdefault(name, []).append((_rank(need, place, position), need))
    order = sorted(ranked, key=lambda name: min(rank for rank, _ in ranked[name]))
    return [_question(name, ranked[name], incident, organisation) for name in order]


def _rank(need: Need, place: int, position: int) -> tuple[object, ...]:
    """Smaller is earlier: what a first notice needs, then by deadline, then who it goes to, then its own order."""
    addressee = _ORDER.index(need.owed_to) if need.owed_to in _ORDER else len(_ORDER)
    due = need.due_at or datetime.max.replace(tzinfo=UTC)
    return STAGES.index(need.stage), due, addressee, place, position


def _question(
    name: str, ranked: Iterable[tuple[tuple[object, ...], Need]], incident: Incident, organisation: Organisation | None
) -> Question:
    needs = tuple(need for _, need in sorted(ranked, key=lambda pair: pair[0]))
    if name == AWARENESS:
        return Question(name, AWARENESS_FACT, needs)
    fact = vocabulary()[name.partition("@")[0]]
    holds = organisation.holds if organisation else ()
    suggested = tuple(option for option in fact.options if option in holds)
    return Question(name, fact, needs, suggested, incident.ledger.get(name) is not None)


def _open_names(need: Need, incident: Incident) -> list[str]:
    """The names, one for each language, under which the fact is not answered yet."""
    if need.fact == AWARENESS:
        return [] if incident.awareness_decisions else [AWARENESS]
    names = [f"{need.fact}@{language}" for language in need.languages] or [need.fact]
    return [name for name in names if not is_known(incident.ledger, need.fact, (name.partition("@")[2],))]


def _is_relevant(need: Need, values: dict[str, Value]) -> bool:
    """Whether the vocabulary's condition on the fact is known to hold."""
    fact = vocabulary().get(need.fact)
    if fact is None or fact.when is None or need.decides:
        return True
    condition = Condition(fact.when, frozenset())
    return judge(condition, {**values, "late": need.late}).holds is True


def _answered_by_the_record(incident: Incident, duties: Sequence[Duty]) -> frozenset[str]:
    """Facts that events of the journal say better than a person could."""
    told = any(duty.owed_to == "people" and duty.id in incident.duties_done for duty in duties)
    return frozenset({"people_told", "people_informed_at"}) if told else frozenset()
