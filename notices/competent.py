"""Which authority could take a notice, for somebody whose profile names none, or one of another law."""

from __future__ import annotations

from incident.authorities.competence import GDPR, Recipient, recipients
from incident.authorities.registry import load_authorities
from incident.clock.places import is_part_of
from incident.clock.regimes import load_laws
from incident.errors import RefusedError, UsageError
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from notices.kinds import EMAIL, Kind

_NAMED = 4  # more than these a person looks up


def check_addressee(kind: Kind, organisation: Organisation, incident: Incident) -> None:
    """
    Raise RefusedError for a letter that the profile's authority would get and whose law is not that authority's.

    A notice that is handed in names its own recipient, and a promise has none of its own.
    """
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
        return "incident law authority CC shows those of a country"
    if seat is not None:
        return "without a seat in the EEA, that of each country where people live: incident law authority CC"
    known = sorted(place for place in places if place != "ZZ")
    live = f" ({', '.join(known[:_NAMED])}{', …' if len(known) > _NAMED else ''})" if known else ""
    example = f"incident law authority {known[0].partition('-')[0] if known else 'CC'}"
    each = f"without a seat in the EEA, that of each country where people live{live}"
    return f"it is that of your seat; {each}: {example}"


def _named(one: Recipient) -> str:
    number = len(one.authorities)
    name = one.authorities[0].name if number == 1 else f"one of {number} in {one.country}"
    return f"{name} (incident law authority {one.country})" if number else one.name
