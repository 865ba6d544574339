"""Which authority could take a notice, for somebody whose profile names none, or one of another law."""

from __future__ import annotations

from collections.abc import Iterable

from incident.authorities.competence import GDPR, Recipient, recipients
from incident.authorities.registry import load_authorities
from incident.clock.duties import Duty
from incident.clock.places import is_part_of
from incident.clock.regimes import load_laws
from incident.errors import RefusedError, UsageError
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from notices.kinds import EMAIL, Kind

_NAMED = 4  # more than these a person looks up


def check_addressee(kind: Kind, organisation: Organisation, incident: Incident, duties: Iterable[Duty]) -> None:
    """
    Raise RefusedError for a letter that the profile's authority would get and that is owed to somebody else, or whose
    law is not that authority's.

    A notice that is handed in names its own recipient, and a promise has none of its own. duties: of the incident.
    """
    duty = next((duty for duty in duties if duty.id == kind.duty), None)
    if duty is not None and is_mailed_amiss(duty, kind.addressed_to, kind.channel):
        raise RefusedError(
            f"The {kind.id} letter is for {duty.id}, which is owed to {whom(duty)}. What leaves by e-mail goes to the "
            "supervisory authority in the profile, and to nobody else.",
            state="No letter was written.",
            next_step=f'write channel = "portal" into templates/{kind.id}/about.toml, draft it again, and hand it in '
            "where it belongs",
        )
    authority = organisation.authority
    place = authority.country or organisation.country if authority else None
    if authority is None or place is None or kind.is_to_people or kind.channel != EMAIL:
        return
    try:
        law, _ = load_laws().rule(kind.duty)
    except UsageError:
        return
    if is_part_of(place, law.covers):
        return
    found = competent_words(kind.duty, organisation, incident)
    raise RefusedError(
        f"The {kind.id} letter is a notice under the {law.name}, and the authority in the profile is none of that law: "
        f"{authority.name} ({place}).",
        state=f"No letter was written. {found[:1].upper()}{found[1:]}.",
        next_step=f"write it from a copy of the profile whose [authority] takes it: "
        f"incident notice draft {kind.id} --organisation FILE",
    )


def is_mailed_amiss(duty: Duty, addressed_to: str, channel: str) -> bool:
    """Whether an e-mail to the supervisory authority would carry what is owed to somebody else."""
    return addressed_to == "authority" and channel == EMAIL and duty.owed_to != "supervisory_authority"


def whom(duty: Duty) -> str:
    """Whom a duty is owed to, in words: "Example Insurance (insurer)"."""
    kind = duty.owed_to.replace("_", " ")
    return f"{duty.recipient} ({kind})" if duty.recipient else f"the {kind}"


def competent_words(duty: str, organisation: Organisation, incident: Incident) -> str:
    """
    Whom the notice of `duty` could go to, as far as the law, the seat and where people live tell; "" where the duty
    is of no law, such as a promise.
    """
    try:
        law, _ = load_laws().rule(duty)
    except UsageError:
        return ""
    tally = incident.ledger.value("people_by_country")
    counted = [code for code, number in tally.items() if number] if isinstance(tally, dict) else []
    places = counted or [place for place in organisation.people_live_in if len(place) == 2]
    found = recipients(law.id, law.covers, organisation.country, places, load_authorities())
    return _words([one for one in found if one.role != "concerned"], places, seat=organisation.country, law=law.id)


def _words(found: list[Recipient], places: list[str], *, seat: str | None, law: str) -> str:
    if found:
        more = f"; and those of {', '.join(one.country for one in found[_NAMED:])}" if len(found) > _NAMED else ""
        start = "each of these takes a notice of its own: " if len(found) > 1 and law == GDPR else "it could be "
        return start + "; ".join(map(_named, found[:_NAMED])) + more
    if law != GDPR:
        return "incident law authority COUNTRY (two letters, such as DE) shows those of a country"
    if seat is not None:
        return (
            "without a seat in the EEA, that of each country where people live: "
            "incident law authority COUNTRY (two letters, such as DE)"
        )
    known = sorted(place for place in places if place != "ZZ")
    live = f" ({', '.join(known[:_NAMED])}{', …' if len(known) > _NAMED else ''})" if known else ""
    example = f"incident law authority {known[0].partition('-')[0] if known else 'CC'}"
    each = f"without a seat in the EEA, that of each country where people live{live}"
    return f"it is that of your seat; {each}: {example}"


def _named(one: Recipient) -> str:
    number = len(one.authorities)
    name = one.authorities[0].name if number == 1 else f"one of {number} in {one.country}"
    return f"{name} (incident law authority {one.country})" if number else one.name
