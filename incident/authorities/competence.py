"""
Which authority a notice goes to, where there may be several. Pure.

A controller established in the EEA has one: that of its main establishment leads, and the others where people are
concerned hear from it (GDPR, articles 55 and 56). One without an establishment there has no such privilege, and its
representative does not give it one: it notifies the authority of each country where people live (EDPB Guidelines
9/2022, version 2.0, paragraph 73).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incident.authorities.registry import Authority
from incident.clock.places import is_part_of
from incident.record.canonical import Json

GDPR = "eu-gdpr"
_PARA_73 = "EDPB Guidelines 9/2022 (2.0), para 73"
_SPAIN = (
    "The AEPD's own page asks a controller without a main establishment in the EU to notify it only where its "
    f"representative is in Spain; {_PARA_73}, asks for a notice wherever people live. The stricter one is shown."
)


@dataclass(frozen=True)
class Recipient:
    """
    An authority in one incident. role: "lead" (the notice goes there), "each" (one of several, each to be notified),
    or "concerned" (hears of it from the lead). because: why, with its source. authorities: more than one where the
    part of the country decides, as in Germany; none where no authority of the country is on file.
    """

    country: str
    role: str
    because: str
    authorities: tuple[Authority, ...]

    @property
    def name(self) -> str:
        if not self.authorities:
            return f"the authority of {self.country} (none on file)"
        if len(self.authorities) == 1:
            return self.authorities[0].name
        return f"the competent authority in {self.country} (incident law authority {self.country})"


def recipients(
    law: str, covers: frozenset[str], seat: str | None, people_in: Iterable[str], authorities: Sequence[Authority]
) -> tuple[Recipient, ...]:
    """
    Whom a notice under `law` goes to, who must be notified first; empty where no authority on file takes its notices.

    Args:
        law: its id. covers: the countries whose law it is.
        seat: the country of the main establishment; None where it is not known.
        people_in: the countries, or parts of them, where people concerned live.
    """
    of_law = [one for one in authorities if law in one.laws]
    if not of_law:
        return ()
    if law != GDPR:
        return tuple(_one(place, "each", "It takes the notices of this law.", of_law) for place in _places(of_law))
    concerned = sorted({place.partition("-")[0] for place in people_in if is_part_of(place, covers)})
    if seat is None:
        return ()
    if is_part_of(seat, covers):
        lead = _one(seat, "lead", "The main establishment is there (GDPR, art. 55 and 56).", of_law)
        others = "People there are concerned; the lead authority passes it on (GDPR, art. 56 and 60)."
        home = seat.partition("-")[0]
        return (lead, *(_one(place, "concerned", others, of_law) for place in concerned if place != home))
    each = f"People live there, and there is no establishment in the EEA ({_PARA_73})."
    return tuple(_one(place, "each", f"{each} {_SPAIN}" if place == "ES" else each, of_law) for place in concerned)


def recipient_document(recipient: Recipient) -> dict[str, Json]:
    return {
        "country": recipient.country,
        "role": recipient.role,
        "name": recipient.name,
        "because": recipient.because,
        "authorities": [one.id for one in recipient.authorities],
    }


def _places(authorities: Sequence[Authority]) -> list[str]:
    return sorted({one.part or one.country for one in authorities})


def _one(place: str, role: str, because: str, authorities: Sequence[Authority]) -> Recipient:
    """That of the place itself; of its country, where the place has none, those of its parts included."""
    home = place.partition("-")[0]
    private = [one for one in authorities if one.competent_for not in {"public_bodies", "federal_bodies"}]
    found = [one for one in private if place == (one.part or one.country)] or [
        one for one in private if one.country == home
    ]
    return Recipient(place, role, because, tuple(found))
