"""
Replay: from the journal's events to the incident's present state. The only way such a state comes to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from incident.record.chain import GENESIS
from incident.record.events import (
    INCIDENT_KINDS,
    AwarenessDecided,
    CalendarExported,
    DutyDone,
    Event,
    EvidencePreserved,
    FactStated,
    ForgettingBegun,
    IncidentClosed,
    IncidentOpened,
    NoteAdded,
    Reminded,
    ScopeChosen,
    ScopeExported,
    ScopeForgotten,
    ScopeSealed,
    StepTakenBack,
    happening_in,
)
from incident.record.ledger import FactVersion, Ledger

# What `undo` may take back. A sealed scope and anything about letters have their own ways out.
UNDOABLE = frozenset(
    kind.kind for kind in (FactStated, AwarenessDecided, NoteAdded, IncidentClosed, DutyDone, EvidencePreserved)
)
# What the program notes for itself, under the name of whoever ran it: none of that person's steps.
_NO_STEP = frozenset(kind.kind for kind in (StepTakenBack, Reminded, CalendarExported, ScopeExported))


@dataclass(frozen=True)
class Awareness:
    """
    When the controller is held to be aware (article 33(1)).

    provisional: nobody has decided yet; `at` is then the earliest moment known at which it could have been.
    """

    at: datetime
    because: str
    provisional: bool
    decided_by: str | None = None


@dataclass(frozen=True)
class Forgotten:
    """
    A list that was destroyed, or is to be. by, at, because: of the decision; at is aware, UTC.

    is_destroyed: the destruction is recorded; until then a key or a file may still lie somewhere, and nobody uses it.
    """

    by: str
    at: datetime
    because: str
    is_destroyed: bool = False


@dataclass(frozen=True)
class Incident:
    """
    One incident as it stands.

    sequence, head: the journal's last event and its hash, to base a next decision on.
    awareness_decisions: all of them, superseded ones too, oldest first.
    scopes: all that were sealed, oldest first. chosen_scope: the one sealed or chosen last, which is in force.
    forgotten: by name, those of them whose list was destroyed. exports: every file a list was written into.
    duties_done: by duty, every record that it was met, the earliest first: that one met it, later ones follow it up.
    preserved: by what the profile calls it, the evidence that was put away, as last recorded.
    events: everything, taken-back steps included; `taken_back` holds their sequences.
    """

    id: str
    title: str
    opened_at: datetime
    opened_by: str
    exercise: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    awareness_decisions: tuple[Awareness, ...] = ()
    notes: tuple[tuple[Event, NoteAdded], ...] = ()
    scopes: tuple[ScopeSealed, ...] = ()
    chosen_scope: str | None = None
    forgotten: dict[str, Forgotten] = field(default_factory=dict)
    exports: tuple[ScopeExported, ...] = ()
    duties_done: dict[str, tuple[DutyDone, ...]] = field(default_factory=dict)
    preserved: dict[str, EvidencePreserved] = field(default_factory=dict)
    closed: IncidentClosed | None = None
    events: tuple[Event, ...] = ()
    taken_back: frozenset[int] = frozenset()
    sequence: int = 0
    head: str = GENESIS

    @property
    def awareness(self) -> Awareness:
        """The decision in force; without one, the earliest of detection and the opening, marked provisional."""
        if self.awareness_decisions:
            return self.awareness_decisions[-1]
        detected = self.ledger.moment("detected_at")
        if detected and detected < self.opened_at:
            return Awareness(detected, "not decided yet; counted from the first sign that was noticed", True)
        return Awareness(self.opened_at, "not decided yet; counted from when this incident was opened", True)

    @property
    def scope_in_force(self) -> ScopeSealed | None:
        """The list that counts now: the one sealed last, or one chosen since; None before the first."""
        return next((scope for scope in self.scopes if scope.scope == self.chosen_scope), None)

    def last_step_of(self, actor: str) -> Event | None:
        """The newest event of `actor` that still counts and is not itself a taking-back."""
        for event in reversed(self.events):
            if event.actor == actor and event.sequence not in self.taken_back and event.kind not in _NO_STEP:
                return event
        return None


def replay(events: Sequence[Event]) -> Incident:
    """
    The incident after `events`, which start at sequence 1 and have no gap.

    Kinds this program does not know are kept in `events` and otherwise passed over.
    """
    taken_back = frozenset(event.body["sequence"] for event in events if event.kind == StepTakenBack.kind)
    opened = happening_in(events[0], INCIDENT_KINDS)
    if not isinstance(opened, IncidentOpened):
        raise ValueError("an incident's first event is its opening")
    first = events[0]
    facts: dict[str, tuple[FactVersion, ...]] = {}
    stated: Counter[str] = Counter()
    state: dict[str, Any] = {"awareness_decisions": (), "notes": (), "scopes": (), "duties_done": ()}
    state |= {"chosen_scope": None, "closed": None, "forgotten": {}, "exports": (), "preserved": {}}
    for event in events[1:]:
        happening = happening_in(event, INCIDENT_KINDS)
        if isinstance(happening, FactStated):
            stated[happening.fact] += 1  # counted even where taken back: a version number is never given out twice
        if event.sequence in taken_back:
            continue
        if isinstance(happening, FactStated):
            version = _version(happening, event, stated[happening.fact])
            facts[happening.fact] = (*facts.get(happening.fact, ()), version)
        elif happening is not None:
            _take_in(state, happening, event)
    state["duties_done"] = _in_force(state["duties_done"], state["chosen_scope"])
    return replace(
        Incident(first.incident, opened.title, first.recorded_at, first.actor, opened.exercise),
        ledger=Ledger(facts),
        events=tuple(events),
        taken_back=taken_back,
        sequence=events[-1].sequence,
        head=events[-1].hash,
        **state,
    )


def _in_force(done: Sequence[DutyDone], scope: str | None) -> dict[str, tuple[DutyDone, ...]]:
    """By duty, the earliest first. Who told the people of one list has not told those that only a newer list names."""
    found: dict[str, tuple[DutyDone, ...]] = {}
    for each in sorted(done, key=lambda each: each.at):
        if each.scope in {None, scope}:
            found[each.duty] = (*found.get(each.duty, ()), each)
    return found


def _version(stated: FactStated, event: Event, number: int) -> FactVersion:
    return FactVersion(
        name=stated.fact,
        version=number,
        value=stated.value,
        state=stated.state,
        because=stated.because,
        actor=event.actor,
        at=event.recorded_at,
        as_of=stated.as_of or event.recorded_at,
        source=stated.source,
        sequence=event.sequence,
    )


def _take_in(state: dict[str, Any], happening: Any, event: Event) -> None:
    match happening:
        case AwarenessDecided():
            decision = Awareness(happening.at, happening.because, False, event.actor)
            state["awareness_decisions"] = (*state["awareness_decisions"], decision)
        case NoteAdded():
            state["notes"] = (*state["notes"], (event, happening))
        case DutyDone():
            state["duties_done"] = (*state["duties_done"], happening)
        case EvidencePreserved():
            state["preserved"] = {**state["preserved"], happening.what: happening}
        case IncidentClosed():
            state["closed"] = happening
        case _:
            _take_in_list(state, happening, event)


def _take_in_list(state: dict[str, Any], happening: Any, event: Event) -> None:
    """What happened to the lists of people."""
    match happening:
        case ScopeSealed():
            state["scopes"] = (*state["scopes"], happening)
            state["chosen_scope"] = happening.scope
        case ScopeChosen():
            state["chosen_scope"] = happening.scope
        case ScopeExported():
            state["exports"] = (*state["exports"], happening)
        case ForgettingBegun():
            decided = Forgotten(event.actor, event.recorded_at, happening.because)
            state["forgotten"] = {happening.scope: decided, **state["forgotten"]}  # the first decision is the one
        case ScopeForgotten():
            decided = state["forgotten"].get(happening.scope)
            decided = decided or Forgotten(event.actor, event.recorded_at, happening.because)
            state["forgotten"] = {**state["forgotten"], happening.scope: replace(decided, is_destroyed=True)}
