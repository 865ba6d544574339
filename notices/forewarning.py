"""
What a person should know before approving a letter, and what no wording of it mends. Pure.

None of it is a finding: the letter may be right as it stands. Each is something that costs an approval, or a promise,
when it is noticed later.
"""

from __future__ import annotations

from incident.organisation.profile import Organisation
from incident.record.ledger import Ledger
from incident.record.timeline import Incident
from notices.annex import abroad_words, annex_words
from notices.lacking import before_sending
from notices.letters import Letter
from notices.outbox import POST, outbox_of

_BY_OTHER_MEANS = (
    "write to them by your own mail service or in their accounts (incident notice export writes the text), and record "
    'it: incident note "…"'
)


def forewarnings(incident: Incident, letter: Letter, organisation: Organisation | None) -> tuple[str, ...]:
    """One sentence or two each, the weightiest first."""
    found = [annex_words(letter), abroad_words(letter)] if letter.annex else []
    if letter.is_to_people:
        found += [_children(incident.ledger), writing_again(incident, letter)]
    if letter.sent_at is None and organisation is not None:
        needed = before_sending(organisation, to_people=letter.is_to_people, by_hand=letter.is_handed_in)
        found += [
            f"It cannot be sent yet, and what the profile gets later voids an approval: {each}." for each in needed
        ]
    found.append(_stopped_before_noticed(incident.ledger, letter))
    return tuple(filter(None, found))


def writing_again(incident: Incident, letter: Letter) -> str:
    """
    What a second letter to the same people meets: only newer lists are written to, and nobody gets a letter twice.

    "" for a letter that has left to the end, and for one that promises no other.
    """
    box = outbox_of(incident.events, letter.id, version=letter.version, channel=POST, scope=letter.scope)
    if box.begun is not None and box.begun.digest != letter.digest:
        had = f"version {box.begun.letter_version} of {letter.id}"
        if box.is_complete:
            return (
                f"Everyone on list {letter.scope} whose letter this is has {had}: this version cannot be sent to them. "
                f"To tell the same people more, {_BY_OTHER_MEANS}."
            )
        return f"Whoever on list {letter.scope} has {had}, or may have it, does not get this version as well."
    if letter.state == "sent" or not incident.ledger.moment("next_update_at"):
        return ""
    return (
        "The letter promises another one (next_update_at). A second letter to the same people on the same list cannot "
        f"be sent from here yet. When it is due, {_BY_OTHER_MEANS}."
    )


def _children(ledger: Ledger) -> str:
    minors = ledger.get("minors_affected")
    if minors is not None and minors.is_known and minors.value == 0:
        return ""
    number = "It is not known how many of the readers are children"
    if minors is not None and minors.is_known:
        number = f"{minors.value:,} of the readers are children"
    return f"{number}: a child needs a letter in words a child understands, or one to the parents (GDPR art. 12(1))."


def _stopped_before_noticed(ledger: Ledger, letter: Letter) -> str:
    """It can be so, where something else was mended; more often one of the two moments is wrong."""
    stopped, noticed = ledger.moment("contained_at"), ledger.moment("detected_at")
    if "contained_at" not in letter.facts or not stopped or not noticed or stopped >= noticed:
        return ""
    return (
        "It was stopped (contained_at) before it was noticed (detected_at), say the facts: look whether both are right."
    )
