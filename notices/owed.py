"""
What the laws ask of one letter: the items of its own duty, and in a letter to people those of every other duty that
is running and owed to people. Pure.

Who lives where is not tied to a language, so each letter to people answers all of them. What another law asks beyond
the letter's own duty is owed all the same; what another law keeps from its own readers is said, and stops nothing,
since no wording of one letter for everybody could mend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from incident.clock import rules
from incident.clock.duties import Duty, items_asked, items_judged
from incident.clock.rules import Laws
from incident.errors import UsageError
from incident.organisation.checks import is_filled
from incident.organisation.profile import Organisation
from incident.record.ledger import Ledger
from notices.contents import Item, Missing, from_law, missing_profile
from notices.template_library import Template

_OWED = ("running", "late")
# Tables of the profile that every letter to people has a place for, and what to fill in where both are missing.
_SHOWN = frozenset({"contact", "dpo"})
_CONTACT = "contact.name"


@dataclass(frozen=True)
class Owed:
    """
    What the laws ask of one letter.

    duty: its own; None where nobody has it. own: what that asks, what the letter must not say included.
    others: of other duties. facts: ids of what all of them ask for.
    kept: by law, as notes name it, what that law does not let its own readers be told. unfilled: keys of the profile.
    notes: what no fact can show, one sentence each.
    """

    duty: Duty | None = None
    own: tuple[Item, ...] = ()
    others: tuple[Item, ...] = ()
    facts: tuple[str, ...] = ()
    kept: tuple[tuple[str, Item], ...] = ()
    unfilled: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()


def owed_in(
    template: Template, duties: Iterable[Duty], laws: Laws, ledger: Ledger, organisation: Organisation | None
) -> Owed:
    """What is asked of a letter by `template` as things stand; `duties` are those of the incident."""
    kind = template.kind
    found = tuple(duties)
    own = next((duty for duty in found if duty.id == kind.duty), None)
    own_items = from_law(items_asked(own, ledger, laws), law=_name(own, laws)) if own else ()
    if not kind.is_to_people:
        return Owed(own, own_items, facts=_facts(own_items, ledger))
    sorted_out = _SortedOut(own_items, organisation, laws, ledger)
    for duty in found:
        if duty.id == kind.duty or (duty.owed_to == "people" and duty.state in _OWED):
            sorted_out.add(duty, is_own=duty.id == kind.duty)
    return replace(sorted_out.owed(said_anyway=_asked_by((*own_items, *template.items))), duty=own)


@dataclass
class _SortedOut:
    """The items of several duties, each put where it belongs."""

    own: tuple[Item, ...]
    organisation: Organisation | None
    laws: Laws
    ledger: Ledger
    wanted: list[tuple[Duty, Item]] = field(default_factory=list)
    kept: list[tuple[Duty, Item]] = field(default_factory=list)
    without_contact: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, duty: Duty, *, is_own: bool) -> None:
        to_look_at: list[str] = []
        for item, verdict in items_judged(duty, self.ledger, self.laws):
            if verdict.holds is False:
                continue
            if verdict.holds is None and not is_own:
                self.notes.append(
                    f"{self._cited(duty)} asks in some cases for {item.words}; "
                    f"{', '.join(sorted(verdict.missing))} would tell whether in this one."
                )
            elif item.facts or item.one_of:
                self._sort(duty, item, is_own=is_own)
            elif _is_left_to_a_look(item):
                to_look_at.append(item.words)
            elif self.organisation is not None and not _has_any(self.organisation, item.profile):
                self.without_contact += from_law([item], law=_name(duty, self.laws))
        if to_look_at:
            self.notes.append(f"{self._cited(duty)} asks for {'; '.join(to_look_at)}. Look whether it is so.")

    def owed(self, *, said_anyway: set[str]) -> Owed:
        """said_anyway: facts that the letter says whoever reads it."""
        banned = {fact for item in (*self.own, *(item for _, item in self.kept)) for fact in _banned(item)}
        others = []
        for duty, item in self.wanted:
            if banned.intersection((*item.facts, *item.one_of)) - said_anyway:
                self.notes.append(
                    f"{self._cited(duty)} asks for {_small(item.title)}, which another law does not let its own "
                    "readers be told: no letter to everybody can do both."
                )
            else:
                others.append(item)
        return Owed(
            own=self.own,
            others=tuple(others),
            facts=_facts((*self.own, *others), self.ledger),
            kept=tuple((self._cited(duty), item) for duty, item in self.kept),
            unfilled=self._unfilled(),
            notes=tuple(self.notes),
        )

    def _sort(self, duty: Duty, item: rules.Item, *, is_own: bool) -> None:
        if not is_own:
            there = self.kept if item.forbidden else self.wanted
            there += [(duty, each) for each in from_law([item], law=_name(duty, self.laws))]

    def _unfilled(self) -> tuple[Missing, ...]:
        items = [replace(item, profile=(_CONTACT,)) for item in self.without_contact]
        return (missing_profile(_CONTACT, items),) if items else ()

    def _cited(self, duty: Duty) -> str:
        return f"{_name(duty, self.laws)} ({duty.cite})"


def _is_left_to_a_look(item: rules.Item) -> bool:
    """Whether neither a fact nor a part of the profile that letters show can tell that it is in the letter."""
    return not _SHOWN.issuperset(key.removeprefix("profile.") for key in item.profile) or not item.profile


def _has_any(organisation: Organisation, keys: Iterable[str]) -> bool:
    return any(is_filled(organisation, key.removeprefix("profile.")) for key in keys)


def _banned(item: Item) -> tuple[str, ...]:
    return (*item.facts, *item.one_of) if item.forbidden else ()


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _asked_by(items: Iterable[Item]) -> set[str]:
    return {fact for item in items if not item.forbidden for fact in (*item.facts, *item.one_of)}


def _facts(items: Iterable[Item], ledger: Ledger) -> tuple[str, ...]:
    """The facts that say what `items` ask for; of several that would do, the first that anybody has stated."""
    stated = {version.name.partition("@")[0] for version in ledger if version.state != "pending"}
    found: dict[str, None] = {}
    for item in items:
        if item.forbidden:
            continue
        found |= dict.fromkeys(item.facts)
        if item.one_of:
            found[next((fact for fact in item.one_of if fact in stated), item.one_of[0])] = None
    return tuple(found)


def _name(duty: Duty | None, laws: Laws) -> str:
    """The law's name; a promise or a contract is no law on file and goes by its own."""
    if duty is None:
        return ""
    try:
        return laws.law(duty.law).name
    except UsageError:
        return duty.name
