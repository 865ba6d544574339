"""
A scope's question: whose accounts.

A question is selectors that must all hold; others may be inside it: all of these, any of these, and without these.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from incident.errors import UsageError
from incident.moments import local, stamp
from incident.record.canonical import Json
from incident.scope.datamap import DataMap, Trail
from incident.scope.keylist import KeyList

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Window:
    """A closed interval, aware, UTC, whole seconds: something within the second of an end is inside."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Perhaps:
    """
    Accounts that may belong on the list, and nothing that was kept says which of them do. They are counted, not listed.

    because: why nobody can say, in the asker's words. among: who they are among; None where not even that can be asked.
    """

    because: str
    among: Question | None = None

    @property
    def reason(self) -> str:
        """`because` without the full stop that it may end with."""
        return self.because.strip().rstrip(".")


@dataclass(frozen=True)
class Question:
    """
    Whose accounts are asked for. Everything said must hold.

    existing_at: created by then and not deleted before, aware, UTC, whole seconds. existing_since: with it, there at
    some moment from then on until `existing_at`.
    deleted_within_days: the backup tail: also those deleted at most so many days before.
    seen, from_ip: something on the trail within the window, from one of the networks; one row must meet both.
    holding: the account held data of this category; held: in a row that was there at some time in the window.
    tenants: the account is of one of these. listed: its key, or its address, is in a list.
    where: an SQL condition of the person's own, already checked.
    stores: of one of these databases. nobody: of none of those that are asked; see `at_store`.
    all, any, without: further questions: each of them, at least one of them, none of them.
    perhaps: who may belong on the list beside those it finds.
    """

    everyone: bool = False
    existing_at: datetime | None = None
    existing_since: datetime | None = None
    deleted_within_days: int | None = None
    seen: Window | None = None
    trail: str | None = None
    from_ip: tuple[Network, ...] = ()
    holding: tuple[str, ...] = ()
    held: Window | None = None
    tenants: tuple[str, ...] = ()
    listed: KeyList | None = None
    where: str | None = None
    stores: tuple[str, ...] = ()
    nobody: bool = False
    all: tuple[Question, ...] = ()
    any: tuple[Question, ...] = ()
    without: tuple[Question, ...] = ()
    perhaps: tuple[Perhaps, ...] = ()

    @property
    def uses_trail(self) -> bool:
        return self.seen is not None or bool(self.from_ip)

    @property
    def parts(self) -> Iterator[Question]:
        """This question and every one inside it."""
        yield self
        for inner in (*self.all, *self.any, *self.without, *self._doubtful):
            yield from inner.parts

    @property
    def doubted_parts(self) -> Iterator[Question]:
        """The parts in which what is not known counts as met: those inside no `without`, or inside two."""
        yield self
        for inner in (*self.all, *self.any, *self._doubtful):
            yield from inner.doubted_parts
        for inner in self.without:
            certain = list(inner.doubted_parts)
            yield from (part for part in inner.parts if not any(part is other for other in certain))

    @property
    def _doubtful(self) -> Iterator[Question]:
        return (doubt.among for doubt in self.perhaps if doubt.among)

    @property
    def keylist(self) -> KeyList | None:
        """The one list of keys or addresses that the question names anywhere."""
        return next((part.listed for part in self.parts if part.listed), None)

    @property
    def doubts_of_all(self) -> list[str]:
        """Who may be missing though no database is asked who: a sentence each, of no store more than of another."""
        return [f"{doubt.reason}." for part in self.parts for doubt in part.perhaps if doubt.among is None]

    def of_store(self, name: str) -> Question:
        """What one of several stores is asked: of a list of keys only its own, and no doubt that is about them all."""
        return replace(
            self,
            listed=self.listed.of_store(name) if self.listed and self.listed.are == "ids" else self.listed,
            all=tuple(inner.of_store(name) for inner in self.all),
            any=tuple(inner.of_store(name) for inner in self.any),
            without=tuple(inner.of_store(name) for inner in self.without),
            perhaps=tuple(replace(doubt, among=doubt.among.of_store(name)) for doubt in self.perhaps if doubt.among),
        )

    def at_store(self, name: str) -> Question:
        """What the database called `name` is asked: nothing of the parts that are about others."""
        perhaps = tuple(
            replace(doubt, among=doubt.among.at_store(name) if doubt.among else None) for doubt in self.perhaps
        )
        if self.stores and name not in self.stores:
            return Question(nobody=True, perhaps=perhaps)  # a doubt says for itself which stores it is about
        return replace(
            self,
            stores=(),
            all=tuple(inner.at_store(name) for inner in self.all),
            any=tuple(inner.at_store(name) for inner in self.any),
            without=tuple(inner.at_store(name) for inner in self.without),
            perhaps=perhaps,
        )

    @property
    def conditions(self) -> list[str]:
        """The SQL of the person's own, wherever it stands."""
        return [part.where for part in self.parts if part.where]


def trail_of(question: Question, datamap: DataMap) -> Trail | None:
    """The trail that this part is about; raises UsageError where that is not clear."""
    if not question.uses_trail:
        if question.trail:
            raise UsageError("--trail goes with --seen or --from-ip.", next_step="add --seen WHEN..WHEN")
        return None
    names = ", ".join(trail.name for trail in datamap.trails)
    if not datamap.trails:
        raise UsageError(
            f"{datamap.file} names no trail, so this database cannot say who was seen when or from where.",
            state="Nothing was read.",
            next_step="add a [[trail]] to the map (docs/data-map.md), or ask without --seen and --from-ip",
        )
    if question.trail is None and len(datamap.trails) > 1:
        raise UsageError(f"There is more than one trail: {names}.", next_step="choose one with --trail NAME")
    for trail in datamap.trails:
        if question.trail in {None, trail.name}:
            return trail
    raise UsageError(f'There is no trail called "{question.trail}"; there is: {names}.', next_step="--trail NAME")


def check_against(question: Question, datamap: DataMap) -> None:
    """Raise UsageError for what this map cannot answer, before anything is opened."""
    for part in question.parts:
        _check_trail(part, datamap)
        _check_times(part, datamap)
        _check_held(part, datamap)
        if part.tenants and datamap.accounts.tenant is None:
            raise _cannot(datamap, "tenant", "--tenant", "accounts.tenant")
        if part.listed and part.listed.are == "addresses" and not datamap.accounts.email:
            raise _cannot(datamap, "email", "--addresses", "accounts.email")


def _check_trail(part: Question, datamap: DataMap) -> None:
    trail = trail_of(part, datamap)
    if part.from_ip and trail is not None and trail.ip is None:
        raise UsageError(
            f'The trail "{trail.name}" records no addresses, so --from-ip cannot be answered.',
            state="Nothing was read.",
            next_step=f"add ip = COLUMN to that trail in {datamap.file}, or leave out --from-ip",
        )


def _check_times(part: Question, datamap: DataMap) -> None:
    if part.existing_at and datamap.accounts.created_at is None:
        raise _cannot(datamap, "created_at", "--existing-at", "accounts.created_at")
    if part.deleted_within_days is not None and datamap.accounts.deleted_at is None:
        raise _cannot(datamap, "deleted_at", "--deleted-within", "accounts.deleted_at")


def _check_held(part: Question, datamap: DataMap) -> None:
    for category in part.holding:
        values = list(datamap.values_holding(category))
        if not values:
            raise UsageError(
                f"{datamap.file} names no column that holds {category}.",
                state="Nothing was read.",
                next_step="name it under [holds]; a column of another table also needs a [[related]] entry",
            )
        related = [datamap.related_table(value.table) for value in values if value.table]
        if part.held and not any(one and (one.created_at or one.deleted_at) for one in related):
            raise UsageError(
                f"{datamap.file} does not say from when to when {category} was held, so --held cannot be answered.",
                state="Nothing was read.",
                next_step="add created_at or deleted_at to that table's [[related]] entry, or leave out --held",
            )


def _cannot(datamap: DataMap, name: str, option: str, key: str) -> UsageError:
    return UsageError(
        f"{datamap.file} names no {name}, so {option} cannot be answered.",
        state="Nothing was read.",
        next_step=f"add {key} to the map, or leave out {option}",
    )


def question_document(question: Question) -> dict[str, Json]:
    """The question for the journal and for `--json`: no key of a person, only the digest of a list of them."""
    listed = question.listed
    parts: dict[str, Json] = {
        "stores": list(question.stores) or None,
        "nobody": question.nobody or None,
        "everyone": question.everyone or None,
        "existing_at": stamp(question.existing_at) if question.existing_at else None,
        "existing_since": stamp(question.existing_since) if question.existing_since else None,
        "deleted_within_days": question.deleted_within_days,
        "seen": _window_document(question.seen),
        "trail": question.trail,
        "from_ip": [str(network) for network in question.from_ip] or None,
        "holding": list(question.holding) or None,
        "held": _window_document(question.held),
        "tenants": list(question.tenants) or None,
        "where": question.where,
        "all": [question_document(inner) for inner in question.all] or None,
        "any": [question_document(inner) for inner in question.any] or None,
        "without": [question_document(inner) for inner in question.without] or None,
        "perhaps": [_doubt_document(doubt) for doubt in question.perhaps] or None,
    }
    if listed:
        parts[listed.are] = {"digest": listed.digest, "count": listed.count}
    return {name: value for name, value in parts.items() if value is not None}


def _doubt_document(doubt: Perhaps) -> dict[str, Json]:
    among: dict[str, Json] = {"among": question_document(doubt.among)} if doubt.among else {}
    return {"because": doubt.because, **among}


def _window_document(window: Window | None) -> dict[str, Json] | None:
    return {"since": stamp(window.since), "until": stamp(window.until)} if window else None


def question_words(document: dict[str, Json], zone: ZoneInfo) -> list[str]:
    """The question as stored, in words, one part each; times in `zone`."""
    words = _own_words(document, zone)
    for inner in document.get("all") or ():
        words += question_words(inner, zone)
    if choices := document.get("any"):
        words.append("any of: " + ", or ".join(f"({_joined(inner, zone)})" for inner in choices))
    words += [f"without ({_joined(inner, zone)})" for inner in document.get("without") or ()]
    return words


def _joined(document: dict[str, Json], zone: ZoneInfo) -> str:
    return "; and ".join(question_words(document, zone))


def _own_words(document: dict[str, Json], zone: ZoneInfo) -> list[str]:
    words = _whose_words(document)
    if at := document.get("existing_at"):
        tail = document.get("deleted_within_days")
        also = f", or deleted at most {tail} days before (backups)" if tail else ""
        since = document.get("existing_since")
        when = f"at any time {_between({'since': since, 'until': at}, zone)}" if since else f"on {_local(at, zone)}"
        words.append(f"accounts that existed {when}{also}")
    if window := document.get("seen"):
        words.append(f"seen {_between(window, zone)}")
    for key, saying in (("from_ip", "acting from {}"), ("tenants", "of tenant {}")):
        if several := document.get(key):
            words.append(saying.format(", ".join(several)))
    if trail := document.get("trail"):
        words.append(f"on the trail {trail}")
    if categories := document.get("holding"):
        held = f", there {_between(document['held'], zone)}" if document.get("held") else ""
        words.append(f"holding {' and '.join(categories)}{held}")
    for are, what in (("ids", "keys"), ("addresses", "addresses")):
        if listed := document.get(are):
            words.append(f"named in a list of {listed['count']} {what} ({listed['digest'][:19]}…)")
    if where := document.get("where"):
        words.append(f"where {where}")
    return words


def _whose_words(document: dict[str, Json]) -> list[str]:
    words = ["everyone"] if document.get("everyone") else []
    if stores := document.get("stores"):
        words.append(f"in the store {' or '.join(stores)}")
    return [*words, "nobody, as it is about another store"] if document.get("nobody") else words


def _between(window: dict[str, Json], zone: ZoneInfo) -> str:
    since, until = (_local(window[end], zone) for end in ("since", "until"))
    return f"on {since}" if since == until else f"between {since} and {until}"


def _local(text: str, zone: ZoneInfo) -> str:
    return local(datetime.fromisoformat(text), zone)
