"""
What a letter must contain, and what is still missing, each with the command that supplies it.

What a duty asks for stands with the law (`incident/law/`). What a letter of ours says beyond that, because the
authorities' common form asks or a reader needs it, stands in `templates/<kind>/items.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from incident.clock import rules
from incident.datafile import Section
from incident.organisation.gaps import KEYS
from incident.record.canonical import Json
from incident.record.ledger import FactVersion, Ledger
from incident.record.vocabulary import command_for as fact_command
from incident.record.vocabulary import vocabulary

AWARENESS = "awareness"  # a decision with a reason, not a fact of the ledger; letters cite it as one


@dataclass(frozen=True)
class Item:
    """
    One thing a letter must say, or, where `forbidden`, must not.

    facts: what says it, all needed. one_of: one of these suffices. profile: keys of organisation.toml that say it.
    unless: a key of organisation.toml that stands in for those. law: the name of the law that asks, where `cite` does
    not give it.
    """

    id: str
    title: str
    cite: str
    facts: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    forbidden: bool = False
    unless: str | None = None
    law: str = ""

    @property
    def asked_by(self) -> str:
        return f"{self.law}, {self.cite}" if self.law else self.cite


@dataclass(frozen=True)
class Missing:
    """
    Something a letter needs and does not have. fact: a fact's name with its language, or a key of the profile.
    command: what supplies it. asked_by: each law that asks for it, and where. instead: a key of the profile that would
    do as well.
    """

    item: str
    fact: str
    command: str
    asked_by: tuple[str, ...] = ()
    instead: str | None = None

    @property
    def lines(self) -> list[str]:
        """For people: what is missing, who asks for it, what supplies it."""
        who = [f"    asked by {'; '.join(self.asked_by)}"] if self.asked_by else []
        return [f"{self.item}: {self.fact}", *who, f"    {self.command}"]

    def document(self) -> dict[str, Json]:
        """As the contract's `notice check` lists it."""
        return {"item": self.item, "fact": self.fact, "command": self.command, "asked_by": list(self.asked_by)}


@dataclass(frozen=True)
class Findings:
    """
    missing: owed and not in the letter. still_open: said to be not yet known, which article 33(4) allows.
    forbidden: what the letter says and must not.
    """

    missing: tuple[Missing, ...] = ()
    still_open: tuple[Missing, ...] = ()
    forbidden: tuple[str, ...] = ()


def read_items(root: Section) -> tuple[Item, ...]:
    """Parse an items file. Raises UsageError naming file, line and key of whatever is wrong."""
    items = tuple(_item(entry) for entry in root.sections("item"))
    root.finish()
    return items


def _item(entry: Section) -> Item:
    item = Item(
        id=entry.text("id"),
        title=entry.text("title"),
        cite=entry.text("cite"),
        facts=entry.texts("facts"),
        one_of=entry.texts("one_of"),
        profile=entry.texts("profile"),
        unless=entry.text_or_none("unless"),
    )
    for fact in (*item.facts, *item.one_of):
        if fact != AWARENESS and fact not in vocabulary():
            entry.wrong("facts", f'names "{fact}", which is not in the vocabulary')
    for name, key in (*(("profile", key) for key in item.profile), ("unless", item.unless)):
        if key is not None and key not in KEYS:
            entry.wrong(name, f'names "{key}", which is not a key of organisation.toml')
    entry.finish()
    return item


def from_law(items: Iterable[rules.Item], *, law: str = "") -> tuple[Item, ...]:
    """The items of the law of that name as a letter's; which of them are asked for has been judged before."""
    return tuple(
        Item(
            id=item.id,
            title=item.words[:1].upper() + item.words[1:],
            cite=item.cite,
            facts=item.facts,
            one_of=item.one_of,
            forbidden=item.forbidden,
            law=law,
        )
        for item in items
    )


def missing_fact(name: str, items: Iterable[Item]) -> Missing:
    """`name` (with "@" and the language for texts) as something missing, under the first item that needs it."""
    fact = name.partition("@")[0]
    asking = [item for item in items if fact in (*item.facts, *item.one_of) and not item.forbidden]
    title = asking[0].title if asking else vocabulary()[fact].question
    return Missing(title, name, command_for(name), tuple(dict.fromkeys(item.asked_by for item in asking)))


def missing_profile(key: str, items: Iterable[Item]) -> Missing:
    """A key of organisation.toml, such as "contact.email", as something missing."""
    asking = [item for item in items if key in item.profile]
    title = asking[0].title if asking else "The letter"
    table, _, name = key.rpartition(".")
    command = f'in organisation.toml, under [{table or "organisation"}], write {name} = "…"'
    # Only where it stands in for the key with every item that asks.
    instead = asking[0].unless if len({item.unless for item in asking}) == 1 else None
    return Missing(title, key, command, tuple(dict.fromkeys(item.asked_by for item in asking)), instead)


def command_for(name: str) -> str:
    """The exact command that records the fact called `name`."""
    if name == AWARENESS:
        return 'incident aware WHEN --because "…"'
    return fact_command(name)


def findings_on(
    items: Iterable[Item],
    facts: Mapping[str, int],
    ledger: Ledger,
    *,
    language: str,
    may_be_open: bool,
    strict: Iterable[str] = (),
    supplied: Collection[str] = (),
) -> Findings:
    """
    What a drafted letter lacks of `items`, and what it must not say.

    facts: name -> version the letter was written from; 0 where there was nothing to say.
    may_be_open: the letter may say "not yet known" (article 33(4)) of anything but the facts in `strict`.
    supplied: facts that the record answers by itself.
    """
    needed = tuple(items)
    lacking: dict[str, Missing] = {}
    forbidden: list[str] = []
    for item in needed:
        said = {fact for fact in (*item.facts, *item.one_of) if _is_said(named(fact, language), facts, ledger)}
        if item.forbidden:
            forbidden += [f"{item.title}: {fact} ({item.cite})" for fact in sorted(said)]
            continue
        wanted = [fact for fact in item.facts if fact not in said and fact not in supplied]
        if item.one_of and not said.intersection(item.one_of):
            wanted.append(item.one_of[0])
        for fact in wanted:
            name = named(fact, language)
            lacking.setdefault(name, missing_fact(name, needed))
    tolerated = {name for name in lacking if may_be_open and name in facts and name.partition("@")[0] not in strict}
    return Findings(
        missing=tuple(entry for name, entry in lacking.items() if name not in tolerated),
        still_open=tuple(entry for name, entry in lacking.items() if name in tolerated),
        forbidden=tuple(forbidden),
    )


def contradictions(facts: Mapping[str, int], ledger: Ledger) -> tuple[str, ...]:
    """Kinds of data that a letter calls affected and not affected, as things it must not say."""
    used = (_used(name, facts, ledger) for name in ("data_categories", "data_not_affected"))
    affected, spared = ({*_keys(each.value)} if each and each.is_known else set() for each in used)
    return tuple(f"{key} is said to be affected, and not to be affected" for key in sorted(affected & spared))


def _keys(value: Json) -> list[str]:
    return [str(key) for key in value] if isinstance(value, list) else []


def _is_said(name: str, facts: Mapping[str, int], ledger: Ledger) -> bool:
    """The letter used the fact, and there was something to say; "cannot be determined" is something."""
    version = facts.get(name, 0)
    if name == AWARENESS:
        return version > 0
    used = _used(name, facts, ledger)
    return used is not None and used.state != "pending"


def _used(name: str, facts: Mapping[str, int], ledger: Ledger) -> FactVersion | None:
    """The version of a fact that a letter was written from."""
    return next((entry for entry in ledger.versions.get(name, ()) if entry.version == facts.get(name)), None)


def named(fact: str, language: str) -> str:
    """The ledger's name of `fact` in a letter of `language`."""
    declared = vocabulary().get(fact)
    return f"{fact}@{language}" if declared is not None and declared.has_languages else fact


def is_late(now: datetime, due_at: datetime | None) -> bool:
    """Whether the deadline has passed; without one, nothing is late."""
    return due_at is not None and now > due_at
