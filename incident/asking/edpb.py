"""Every input field of the EDPB's common notification template, and what fills it: facts, profile, or the record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.datafile import Section, read_datafile
from incident.record.vocabulary import vocabulary


@dataclass(frozen=True)
class Field:
    """
    One input field. facts: ids of the vocabulary. profile: keys of organisation.toml. derived: in words, what else in
    the record fills it. asks: what it wants, where no fact says so.
    """

    number: int
    facts: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    derived: str | None = None
    asks: str | None = None


@cache
def edpb_fields() -> tuple[Field, ...]:
    """
    The fields by number. Raises UsageError naming file and line where edpb.toml is wrong, and where a field is filled
    by a fact already.
    """
    facts: dict[int, tuple[str, ...]] = {}
    for fact in vocabulary().values():
        for number in fact.edpb:
            facts[number] = (*facts.get(number, ()), fact.id)
    fields = {number: Field(number, facts=names) for number, names in facts.items()}
    root = read_datafile(resources.files("incident.asking").joinpath("edpb.toml"), name="asking/edpb.toml")
    for entry in root.sections("field"):
        field = _field(entry)
        if field.number in fields:
            entry.wrong("number", f"{field.number} is filled already")
        fields[field.number] = field
    root.finish()
    return tuple(field for _, field in sorted(fields.items()))


def _field(entry: Section) -> Field:
    field = Field(
        number=entry.whole("number"),
        asks=entry.text("asks"),
        profile=entry.texts("profile"),
        derived=entry.text_or_none("derived"),
    )
    if bool(field.profile) == bool(field.derived):
        entry.wrong("profile", "or derived must be given, and not both")
    entry.finish()
    return field
