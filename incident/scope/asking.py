"""Understanding a question as it was typed: the options of `scope run`, or a question file (docs/scope.md)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from incident.datafile import Section, read_datafile_at
from incident.errors import UsageError
from incident.moments import read_moment
from incident.record.vocabulary import data_categories
from incident.scope.keylist import read_keylist
from incident.scope.predicate import check_predicate, has_address, names_somebody
from incident.scope.questions import Network, Perhaps, Question, Window

_DAY = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<zone>( +[A-Za-z_]+(/[A-Za-z_+-]+)*)?)")


@dataclass(frozen=True)
class Selectors:
    """
    What was typed, word for word. ids, addresses: files. file: a question file, which must hold as well.

    stores: the databases that one part of a question file is about.
    """

    everyone: bool = False
    existing_at: str | None = None
    deleted_within: int | None = None
    seen: str | None = None
    trail: str | None = None
    from_ip: Sequence[str] = ()
    holding: Sequence[str] = ()
    held: str | None = None
    tenant: Sequence[str] = ()
    ids: Path | None = None
    addresses: Path | None = None
    where: str | None = None
    stores: Sequence[str] = ()
    file: Path | None = None

    @property
    def says_nothing(self) -> bool:
        return not (
            self.everyone or self.existing_at or self.seen or self.from_ip or self.holding or self.tenant
            or self.ids or self.addresses or self.where or self.stores or self.file
        )  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """
    The question, and what had to be decided to understand it ("02:30 came twice that night; …").

    unasked: one sentence for each store that the question is about and that is not asked.
    """

    question: Question
    notes: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


@dataclass
class _Clock:
    """What a WHEN is relative to, the zone of one that names none, and what had to be decided so far."""

    now: datetime
    zone: ZoneInfo
    notes: list[str] = field(default_factory=list)

    def moment(self, text: str) -> datetime:
        moment = read_moment(text, now=self.now, zone=self.zone)
        if moment.note:
            self.notes.append(f'"{text.strip()}": {moment.note}')
        return moment.at.astimezone(UTC).replace(microsecond=0)

    def _end(self, text: str) -> datetime:
        """The end of a window; of a day without a time its last second, so that the day belongs to it."""
        day = _DAY.fullmatch(text.strip())
        if day is None:
            return self.moment(text)
        self.notes.append(f'"{text.strip()}": the end of that day was taken')
        return self.moment(f"{day['day']} 23:59:59{day['zone']}")

    def window(self, text: str) -> Window:
        since, dots, until = text.partition("..")
        if not dots or not since.strip() or not until.strip():
            raise UsageError(
                f'"{text}" is not a window of time.',
                state="Nothing was read.",
                next_step='write "2026-11-20 22:00..2026-11-21 02:40"',
            )
        window = Window(self.moment(since), self._end(until))
        if window.until < window.since:
            raise UsageError(
                f'The window "{text}" ends before it begins.', state="Nothing was read.", next_step="swap the two times"
            )
        return window

    def moment_or_window(self, text: str) -> Window:
        """A moment is a window that ends as it begins."""
        if ".." in text:
            return self.window(text)
        at = self.moment(text)
        return Window(at, at)


def ask(selectors: Selectors, *, now: datetime, zone: ZoneInfo) -> Asked:
    """
    Understand the selectors as they were typed.

    now, zone: what a WHEN is relative to, and the zone of one that names none.
    Raises UsageError for no selector at all, and for one that cannot be understood.
    """
    if selectors.says_nothing:
        raise UsageError(
            "No question was asked: a scope needs to know whose accounts.",
            state="Nothing was read.",
            next_step="--everyone, --existing-at WHEN, --seen WHEN..WHEN, --from-ip CIDR, --holding CATEGORY, "
            "--tenant VALUE, --ids FILE, --addresses FILE, --where SQL or --question FILE",
        )
    clock = _Clock(now, zone)
    question = _question(selectors, clock)
    if selectors.file:
        question = replace(question, all=(_from_whole_file(selectors.file, clock),))
    if sum(part.listed is not None for part in question.parts) > 1:
        raise UsageError(
            "The question names more than one list.", state="Nothing was read.", next_step="put both into one file"
        )
    return Asked(question, tuple(clock.notes))


def _from_whole_file(file: Path, clock: _Clock) -> Question:
    entry = read_datafile_at(file)
    perhaps = tuple(_perhaps(table, file.parent, clock) for table in entry.sections("perhaps"))
    return replace(_from_file(entry, file.parent, clock), perhaps=perhaps)


def _perhaps(entry: Section, folder: Path, clock: _Clock) -> Perhaps:
    """`because`, and among whom in the keys of a question; alone where the database cannot even be asked that."""
    because = entry.text("because")
    if has_address(because):
        raise UsageError(
            f"A reason under perhaps in {entry.file} holds somebody's e-mail address, and the question is written into "
            "the record.",
            state="Nothing was read, nothing was changed.",
            next_step="say it without the address; who is in doubt is described by the keys of a question",
        )
    return Perhaps(because, _asked_in(entry, folder, clock))


def _from_file(entry: Section, folder: Path, clock: _Clock) -> Question:
    """One table of a question file and those inside it; files it names lie relative to `folder`."""
    found = _asked_in(entry, folder, clock)
    if found is None:
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in entry.path)
        raise UsageError(
            f"{entry.file}{f', {where},' if where else ''} asks nothing.",
            state="Nothing was read.",
            next_step="name whose accounts; docs/scope.md lists the keys",
        )
    return found


def _asked_in(entry: Section, folder: Path, clock: _Clock) -> Question | None:
    """As `_from_file`; None where the table asks nothing."""
    ids, addresses = (folder / name if (name := entry.text_or_none(key)) else None for key in ("ids", "addresses"))
    selectors = Selectors(
        everyone=entry.flag("everyone"),
        existing_at=entry.text_or_none("existing_at"),
        deleted_within=entry.whole_or_none("deleted_within"),
        seen=entry.text_or_none("seen"),
        trail=entry.text_or_none("trail"),
        from_ip=_one_or_more(entry, "from_ip"),
        holding=_one_or_more(entry, "holding"),
        held=entry.text_or_none("held"),
        tenant=_one_or_more(entry, "tenant"),
        ids=ids,
        addresses=addresses,
        where=entry.text_or_none("where"),
        stores=_one_or_more(entry, "store"),
    )
    inner = {key: _inner(entry, key, folder, clock) for key in ("all", "any", "not")}
    entry.finish()
    if selectors.says_nothing and not any(inner.values()):
        return None
    question = _question(selectors, clock)
    return replace(question, all=inner["all"], any=inner["any"], without=inner["not"])


def _inner(entry: Section, key: str, folder: Path, clock: _Clock) -> tuple[Question, ...]:
    tables = (entry.section(key),) if entry.is_table(key) else entry.sections(key)
    return tuple(_from_file(table, folder, clock) for table in tables)


def _one_or_more(entry: Section, key: str) -> tuple[str, ...]:
    if key not in entry:
        return ()
    return entry.texts(key) if entry.is_list(key) else (entry.text(key),)


def _question(selectors: Selectors, clock: _Clock) -> Question:
    """The selectors' own part of the question."""
    existing = clock.moment_or_window(selectors.existing_at) if selectors.existing_at else None
    if selectors.ids and selectors.addresses:
        raise UsageError("--ids and --addresses do not go together.", next_step="run one scope for each")
    listed = read_keylist(selectors.ids, "ids") if selectors.ids else None
    if selectors.addresses:
        listed = read_keylist(selectors.addresses, "addresses")
    return Question(
        everyone=selectors.everyone,
        existing_at=existing.until if existing else None,
        existing_since=existing.since if existing and existing.since < existing.until else None,
        deleted_within_days=_tail(selectors.deleted_within, existing.since if existing else None),
        seen=clock.window(selectors.seen) if selectors.seen else None,
        trail=selectors.trail,
        from_ip=tuple(_network(text, clock.notes) for text in selectors.from_ip),
        holding=tuple(_category(text) for text in selectors.holding),
        held=_held(selectors, clock),
        tenants=_tenants(selectors.tenant),
        listed=listed,
        where=selectors.where,
        stores=tuple(selectors.stores),
    )


def check_conditions(question: Question, secrets: frozenset[str]) -> None:
    """Raise UsageError for SQL of the person's own that could write, or look at one of `secrets` (small letters)."""
    for condition in question.conditions:
        check_predicate(condition, what="--where", datamap_secrets=secrets)
        if names_somebody(condition):
            raise UsageError(
                "--where holds somebody's e-mail address, and the question is written into the record.",
                state="Nothing was read, nothing was changed.",
                next_step="put addresses into a file, one a line, and ask --addresses FILE",
            )


def _held(selectors: Selectors, clock: _Clock) -> Window | None:
    if selectors.held is None:
        return None
    if not selectors.holding:
        raise UsageError("--held goes with --holding.", next_step="add --holding CATEGORY")
    return clock.moment_or_window(selectors.held)


def _tenants(names: Sequence[str]) -> tuple[str, ...]:
    if any(map(has_address, names)):
        raise UsageError(
            "--tenant is somebody's whole e-mail address, and the question is written into the record.",
            state="Nothing was read, nothing was changed.",
            next_step="put the keys of that tenant's accounts into a file, one a line, and ask --ids FILE",
        )
    return tuple(names)


def _tail(days: int | None, existing_since: datetime | None) -> int | None:
    if days is None:
        return None
    if existing_since is None:
        raise UsageError("--deleted-within goes with --existing-at.", next_step="add --existing-at WHEN")
    try:
        if days >= 0:
            existing_since - timedelta(days=days)
            return days
    except OverflowError:
        pass
    raise UsageError("--deleted-within takes a number of days, 0 or more.", next_step="--deleted-within 30")


def _network(text: str, notes: list[str]) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
        if "/" in text and str(network.network_address) != str(ipaddress.ip_interface(text.strip()).ip):
            notes.append(f'"{text.strip()}": the whole range {network}, {network.num_addresses:,} addresses')
        return network
    except ValueError:
        raise UsageError(
            f'"{text}" is not an address or a range of addresses.',
            state="Nothing was read.",
            next_step="write --from-ip 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32",
        ) from None


def _category(text: str) -> str:
    """A category, spelt out; one that has others below it is asked by naming those."""
    if text in data_categories():
        return text
    from difflib import get_close_matches

    near = [name for name in data_categories() if name.startswith(f"{text}.")] or get_close_matches(
        text, data_categories(), n=3, cutoff=0.4
    )
    raise UsageError(
        f'"{text}" is not a data category.',
        state="Nothing was read.",
        next_step=f"did you mean {' or '.join(near)}?" if near else "docs/data-map.md lists them",
    )
