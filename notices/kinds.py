"""
What holds for all languages of one kind of letter: `templates/<kind>/about.toml`, parsed. Pure.

A kind is a folder; nothing else names it. Its duty says what it is for, `addressed_to` who reads it, its channel how it
leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident.datafile import Section
from incident.scope.countries import country_of
from notices.parts import Part

ADDRESSEES = ("people", "authority")
_FORMER_NAME = "audience"  # of `addressed_to`, in kinds that an organisation has written already
EMAIL, PORTAL = CHANNELS = ("email", "portal")
COLUMNS = ("number", "key", "name", "email")


@dataclass(frozen=True)
class Kind:
    """
    One kind of letter.

    id: its folder's name. duty: the law data's id of what it fulfils. addressed_to: of ADDRESSEES.
    channel: "email", to the sealed list or to the profile's authority; "portal", typed or handed in the State's own
    way, which this program never does. may_be_open: it may say "not yet known", not for the facts in `strict`.
    first_language: of an authority that reads none of the profile's; None for the first by name.
    encloses_letters: the approved letters to people go with it. follows: the duty whose notice it refers to.
    annex: columns of the list of people that goes with it, of COLUMNS, none twice; empty where none does.
    part: of a notice to an authority that speaks of that part of the people only; None for all of them. A letter to
    people has none: it goes to everybody on the list.
    """

    id: str
    duty: str
    addressed_to: str
    channel: str = EMAIL
    may_be_open: bool = False
    strict: frozenset[str] = frozenset()
    first_language: str | None = None
    encloses_letters: bool = False
    follows: str | None = None
    annex: tuple[str, ...] = ()
    part: Part | None = None

    @property
    def is_to_people(self) -> bool:
        return self.addressed_to == "people"


def read_kind(root: Section, *, name: str) -> Kind:
    """Parse an about.toml. Raises UsageError naming file, line and key of whatever is wrong."""
    addressed_to = "addressed_to" if "addressed_to" in root or _FORMER_NAME not in root else _FORMER_NAME
    kind = Kind(
        id=name,
        duty=root.text("duty"),
        addressed_to=root.choice(addressed_to, ADDRESSEES),
        channel=root.choice("channel", CHANNELS, EMAIL),
        may_be_open=root.flag("may_be_open"),
        strict=frozenset(root.texts("strict")),
        first_language=root.text_or_none("first_language"),
        encloses_letters=root.flag("encloses_letters"),
        follows=root.text_or_none("follows"),
        annex=root.texts("annex"),
        part=_part(root.section_or_none("part")),
    )
    if kind.is_to_people and kind.channel == PORTAL:
        root.wrong("channel", "cannot be portal for a letter to people")
    if kind.is_to_people and kind.part:
        # Who gets a letter follows from the list and the language alone; a part that nobody looks at would be a lie.
        root.wrong("part", "cannot stand in a letter to people, which goes to all of a list; run a scope of that part")
    if kind.annex and kind.channel != PORTAL:
        # A message would have to carry the list; it is kept nowhere but sealed, and no service should hold it.
        root.wrong("annex", 'goes only with channel = "portal"')
    if set(kind.annex) - set(COLUMNS):
        root.wrong("annex", f"must name columns of {', '.join(COLUMNS)}")
    if len(set(kind.annex)) < len(kind.annex):
        root.wrong("annex", "must name each column once")
    root.finish()
    return kind


def _part(entry: Section | None) -> Part | None:
    if entry is None:
        return None
    countries = entry.texts("countries")
    if not countries or any(country_of(code) != code for code in countries):
        # A code that is nobody's, such as EU, and one that is read as another, such as UK, would find no one.
        entry.wrong("countries", 'must name countries by their codes of ISO 3166, such as "KZ", and "GB" for the UK')
    part = Part(countries, entry.flag("unknown"), entry.flag("unreadable"))
    entry.finish()
    return part
