"""
A scope's question: whose accounts. Parts combine with AND; at least one is asked.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incident.errors import UsageError
from incident.moments import local, read_moment, stamp
from incident.record.canonical import Json
from incident.scope.datamap import DataMap, Trail
from incident.scope.predicate import check_predicate

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Window:
    """A closed interval, aware, UTC, whole seconds: something within the second of an end is inside."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class IdList:
    """Keys from a file. The journal keeps its digest and count; `text` holds one key a line, none twice."""

    digest: str
    count: int
    text: str


@dataclass(frozen=True)
class Question:
    """
    Whose accounts are asked for.

    existing_at: created by then and not deleted before, aware, UTC, whole seconds.
    deleted_within_days: the backup tail: also those deleted at most so many days before `existing_at`.
    seen, from_ip: something on the trail within the window, from one of the networks; one row must meet both.
    where: an SQL condition of the person's own, already checked.
    """

    everyone: bool = False
    existing_at: datetime | None = None
    deleted_within_days: int | None = None
    seen: Window | None = None
    trail: str | None = None
    from_ip: tuple[Network, ...] = ()
    ids: IdList | None = None
    where: str | None = None

    @property
    def uses_trail(self) -> bool:
        return self.seen is not None or bool(self.from_ip)


@dataclass(frozen=True)
class Asked:
    """The question, and what had to be decided to understand it ("02:30 came twice that night; …")."""

    question: Question
    notes: tuple[str, ...] = ()


def ask(
    datamap: DataMap,
    *,
    now: datetime,
    zone: ZoneInfo,
    everyone: bool = False,
    existing_at: str | None = None,
    deleted_within: int | None = None,
    seen: str | None = None,
    trail: str | None = None,
    from_ip: Sequence[str] = (),
    ids: IdList | None = None,
    where: str | None = None,
) -> Asked:
    """
    Understand the selectors as they were typed.

    now, zone: what a WHEN is relative to, and the zone of one that names none.
    Raises UsageError for no selector at all, and for one that cannot be understood or that the map cannot answer.
    """
    if not (everyone or existing_at or seen or from_ip or ids or where):
        raise UsageError(
            "No question was asked: a scope needs to know whose accounts.",
            state="Nothing was read.",
            next_step="--everyone, --existing-at WHEN, --seen WHEN..WHEN, --from-ip CIDR, --ids FILE or --where SQL",
        )
    notes: list[str] = []
    moment = _moment(existing_at, now, zone, notes) if existing_at else None
    question = Question(
        everyone=everyone,
        existing_at=moment,
        deleted_within_days=_tail(deleted_within, moment),
        seen=_window(seen, now, zone, notes) if seen else None,
        trail=trail,
        from_ip=tuple(_network(text) for text in from_ip),
        ids=ids,
        where=where,
    )
    if where is not None:
        check_predicate(where, what="--where", datamap_secrets=datamap.secret_names)
    _check_against(question, datamap)
    return Asked(question, tuple(notes))


def trail_of(question: Question, datamap: DataMap) -> Trail | None:
    """The trail the question is about; raises UsageError where that is not clear."""
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


def question_document(question: Question) -> dict[str, Json]:
    """The question for the journal and for `--json`: no key of a person, only the digest of a list of them."""
    seen = question.seen
    parts: dict[str, Json] = {
        "everyone": question.everyone or None,
        "existing_at": stamp(question.existing_at) if question.existing_at else None,
        "deleted_within_days": question.deleted_within_days,
        "seen": {"since": stamp(seen.since), "until": stamp(seen.until)} if seen else None,
        "trail": question.trail,
        "from_ip": [str(network) for network in question.from_ip] or None,
        "ids": {"digest": question.ids.digest, "count": question.ids.count} if question.ids else None,
        "where": question.where,
    }
    return {name: value for name, value in parts.items() if value is not None}


def question_words(document: dict[str, Json], zone: ZoneInfo) -> list[str]:
    """The question as stored, in words, one part each; times in `zone`."""
    words: list[str] = []
    if document.get("everyone"):
        words.append("everyone")
    if at := document.get("existing_at"):
        tail = document.get("deleted_within_days")
        also = f", or deleted at most {tail} days before (backups)" if tail else ""
        words.append(f"accounts that existed on {_local(at, zone)}{also}")
    if window := document.get("seen"):
        words.append(f"seen between {_local(window['since'], zone)} and {_local(window['until'], zone)}")
    if networks := document.get("from_ip"):
        words.append("acting from " + ", ".join(networks))
    if trail := document.get("trail"):
        words.append(f"on the trail {trail}")
    if ids := document.get("ids"):
        words.append(f"named in a list of {ids['count']} keys ({ids['digest'][:19]}…)")
    if where := document.get("where"):
        words.append(f"where {where}")
    return words


def _local(text: str, zone: ZoneInfo) -> str:
    return local(datetime.fromisoformat(text), zone)


def _moment(text: str, now: datetime, zone: ZoneInfo, notes: list[str]) -> datetime:
    moment = read_moment(text, now=now, zone=zone)
    if moment.note:
        notes.append(f'"{text.strip()}": {moment.note}')
    return moment.at.astimezone(UTC).replace(microsecond=0)


def _window(text: str, now: datetime, zone: ZoneInfo, notes: list[str]) -> Window:
    since, dots, until = text.partition("..")
    if not dots or not since.strip() or not until.strip():
        raise UsageError(
            f'"{text}" is not a window of time.',
            state="Nothing was read.",
            next_step='write --seen "2026-11-20 22:00..2026-11-21 02:40"',
        )
    window = Window(_moment(since, now, zone, notes), _moment(until, now, zone, notes))
    if window.until < window.since:
        raise UsageError(
            f'The window "{text}" ends before it begins.', state="Nothing was read.", next_step="swap the two times"
        )
    return window


def _tail(days: int | None, existing_at: datetime | None) -> int | None:
    if days is None:
        return None
    if existing_at is None:
        raise UsageError("--deleted-within goes with --existing-at.", next_step="add --existing-at WHEN")
    try:
        if days >= 0:
            existing_at - timedelta(days=days)
            return days
    except OverflowError:
        pass
    raise UsageError("--deleted-within takes a number of days, 0 or more.", next_step="--deleted-within 30")


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise UsageError(
            f'"{text}" is not an address or a range of addresses.',
            state="Nothing was read.",
            next_step="write --from-ip 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32",
        ) from None


def _check_against(question: Question, datamap: DataMap) -> None:
    """Refuse what this map cannot answer, before anything is opened."""
    trail = trail_of(question, datamap)
    if question.from_ip and trail is not None and trail.ip is None:
        raise UsageError(
            f'The trail "{trail.name}" records no addresses, so --from-ip cannot be answered.',
            state="Nothing was read.",
            next_step=f"add ip = COLUMN to that trail in {datamap.file}, or leave out --from-ip",
        )
    if question.existing_at and datamap.accounts.created_at is None:
        raise UsageError(
            f"{datamap.file} names no created_at, so --existing-at cannot be answered.",
            state="Nothing was read.",
            next_step="add accounts.created_at to the map, or use --everyone",
        )
    if question.deleted_within_days is not None and datamap.accounts.deleted_at is None:
        raise UsageError(
            f"{datamap.file} names no deleted_at, so --deleted-within cannot be answered.",
            state="Nothing was read.",
            next_step="add accounts.deleted_at to the map, or leave out --deleted-within",
        )
