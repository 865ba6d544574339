"""Every name that a condition of this package may ask, and what kind of answer it has."""

from __future__ import annotations

from collections.abc import Mapping

from incident.clock.circumstances import ASKABLE
from incident.clock.conditions import Kind
from incident.organisation.profile import ROLES
from incident.record.vocabulary import vocabulary

SCORE = "data_score"  # DPC rounded down: 1 to 4
IDENTIFICATION = "identification"  # EI in hundredths: 25, 50, 75, 100
BAND = "score_severity"  # the band of ENISA's score
BANDS = ("low", "medium", "high", "very_high")
REFUTED = "shown_readable"  # the record shows that the data could be read: clock/unintelligible.toml
# Worked out from facts, each by the table [[circumstance]] of decision.toml.
CIRCUMSTANCES = (
    "malicious",
    "unreadable",
    "confidential",
    "disclosed",
    "to_strangers",
    "altered",
    "unavailable",
    "vulnerable",
    "health",
)


def kinds_of_names(groups: Mapping[str, frozenset[str]] | None = None) -> dict[str, Kind]:
    """Facts, circumstances, scores, the role, and `groups` of kinds of data."""
    facts = {fact.id: Kind(fact.type, fact.options) for fact in vocabulary().values() if fact.type in ASKABLE}
    return {
        **facts,
        **dict.fromkeys(CIRCUMSTANCES, Kind("yes_no")),
        **dict.fromkeys(groups or {}, Kind("element")),
        SCORE: Kind("count"),
        IDENTIFICATION: Kind("count"),
        BAND: Kind("choice", BANDS),
        REFUTED: Kind("yes_no"),
        "role": Kind("choice", tuple(ROLES)),
    }
