"""
What stops a draft, said once: everything missing in all letters asked for, each with what supplies it. Pure.

The order is that of a first call: who you are, whom you write to, then what happened. What is missing in several
languages is one thing with a command for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from incident.errors import RefusedError
from incident.organisation.checks import is_filled
from incident.organisation.gaps import KEYS
from incident.organisation.profile import Organisation
from notices.contents import AWARENESS, Item, Missing, missing_profile

_ADDRESSEE = "authority"
_WHO = ("name", "address", "contact", "country")
_INSTEAD = {
    "complaints_to": 'or, without a seat in the EEA, under [organisation], write complaints_to = "residence": '
    "readers complain where they live"
}
_SENDER = 'in organisation.toml, under [sender], write name = "…" and email = "…"; letters come from it'
_AUTHORITY_EMAIL = (
    'in organisation.toml, under [authority], write email = "…", where the authority takes the notice by e-mail'
)
_EXAMPLES = {"country": "   (two letters, such as EE)"}


@dataclass(frozen=True)
class Lack:
    """What one letter lacks. kind: its folder's name."""

    kind: str
    language: str
    missing: tuple[Missing, ...]


class LackingError(RefusedError):
    """
    Letters that cannot be drafted. lacks: each with what it lacks, so that a caller can put several into one.

    authority: who could take the notice, in words, where the profile names no authority. incomplete: what the profile
    says of its own gaps. later: what sending needs, as `before_sending` says it.
    """

    def __init__(
        self,
        lacks: Sequence[Lack],
        *,
        authority: str = "",
        incomplete: str | None = None,
        later: Sequence[str] = (),
    ) -> None:
        things = _things(lacks)
        count = "One thing is" if len(things) == 1 else f"{len(things)} things are"
        said = f" The profile says of itself that it is incomplete: {incomplete}" if incomplete else ""
        super().__init__(
            "\n".join([f"{count} missing for {_letters(lacks)}:", *_lines(things, authority), *_later(later)]),
            state=f"No letter was written.{said}",
            next_step="supply them and draft again; what nobody can know is recorded with --state unknowable",
        )
        self.lacks = tuple(lacks)


def unfilled(organisation: Organisation, items: Iterable[Item]) -> dict[str, Missing]:
    """The keys that a letter's items need and organisation.toml does not have, whether or not its text prints them."""
    needed = tuple(items)
    # The name always: no letter goes out under a service's name, whatever its own items ask.
    asked = (item for item in needed if item.unless is None or not is_filled(organisation, item.unless))
    keys = dict.fromkeys(["name", *(key for item in asked for key in item.profile)])
    return {key: missing_profile(key, needed) for key in keys if not is_filled(organisation, key)}


def before_sending(organisation: Organisation, *, to_people: bool, by_hand: bool) -> tuple[str, ...]:
    """What the profile needs before a letter can leave, one command each, though it can be drafted without."""
    if by_hand:
        return ()
    needed = [] if is_filled(organisation, "sender") else [_SENDER]
    if not to_people and not is_filled(organisation, "authority.email"):
        needed.append(_AUTHORITY_EMAIL)
    return tuple(needed)


def _later(needed: Sequence[str]) -> list[str]:
    if not needed:
        return []
    return ["To send it, though not to draft it; what the profile gets after an approval voids that approval:"] + [
        f"      {each}" for each in needed
    ]


@dataclass
class _Thing:
    """
    One thing to supply. key: a fact's id, or a key or a table of the profile. instead: a key that would do as well.
    """

    key: str
    item: str
    names: dict[str, None] = field(default_factory=dict)
    commands: dict[str, None] = field(default_factory=dict)
    instead: str | None = None

    @property
    def title(self) -> str:
        return f"{self.item}: {', '.join(self.names)}"

    @property
    def is_profile(self) -> bool:
        return next(iter(self.names)) in KEYS


def _things(lacks: Sequence[Lack]) -> list[_Thing]:
    things: dict[str, _Thing] = {}
    for each in (each for lack in lacks for each in lack.missing):
        key = each.fact.partition("." if each.fact in KEYS else "@")[0]
        thing = things.setdefault(key, _Thing(key, each.item))
        thing.names[each.fact] = None
        thing.commands[each.command] = None
        thing.instead = thing.instead or each.instead
    return sorted(things.values(), key=_place)


def _place(thing: _Thing) -> tuple[int, int]:
    """Who writes, whom to, then the facts; these in the order of the letter."""
    if not thing.is_profile:
        return 2, 0 if thing.key == AWARENESS else 1
    if thing.key == _ADDRESSEE:
        return 1, 0
    return 0, _WHO.index(thing.key) if thing.key in _WHO else len(_WHO)


def _lines(things: Sequence[_Thing], authority: str) -> Iterator[str]:
    heads = ("Who you are, in organisation.toml:", "Whom you write to, in organisation.toml:", "The facts:")
    last = None
    for number, thing in enumerate(things, start=1):
        part = _place(thing)[0]
        if part != last and any(each.is_profile for each in things):
            yield heads[part]
        last = part
        yield f"{number:>3}. {thing.title}"
        yield from (f"      {command}" for command in _commands(thing))
        if thing.key == _ADDRESSEE and authority:
            yield f"      {authority}"
        if thing.instead:
            yield f"      {_INSTEAD[thing.instead]}"


def _commands(thing: _Thing) -> list[str]:
    if not thing.is_profile:
        return list(thing.commands)
    written = " and ".join(f'{name.rpartition(".")[2]} = "…"' for name in thing.names)
    table = thing.key if any("." in name for name in thing.names) else "organisation"
    return [f"in organisation.toml, under [{table}], write {written}{_EXAMPLES.get(thing.key, '')}"]


def _letters(lacks: Sequence[Lack]) -> str:
    languages = list(dict.fromkeys(lack.language for lack in lacks))
    kind = lacks[0].kind
    if len(languages) == 1:
        return f"the {kind} letter in {languages[0]}"
    return f"the {kind} letters in {', '.join(languages[:-1])} and {languages[-1]}"
