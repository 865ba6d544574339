"""Which databases a scope asks, and the map of each: the one in a file, or the ready map that fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from incident.errors import UsageError
from incident.organisation.profile import AccountStore, store_url
from incident.record.canonical import digest_of
from incident.scope.databases import TIMEOUT_SECONDS, open_accounts
from incident.scope.datamap import DataMap
from incident.scope.mapfile import read_datamap
from incident.scope.maptext import found_text
from incident.scope.people import order_of_stores
from incident.scope.ready import Found, choose, detect
from incident.workspace import Workspace


@dataclass(frozen=True)
class Store:
    """One account database. name: as the profile calls it; "" where it was given by its URL. map: a file, or ready."""

    name: str
    url: str
    map: Path | Found

    def read_map(self) -> DataMap:
        """Raises UsageError for a file that is no map."""
        return self.map.datamap if isinstance(self.map, Found) else read_datamap(self.map)

    @property
    def map_used(self) -> dict[str, str]:
        """
        What to call the map, and the digest of its file's bytes, for the record.

        Of a ready map: the digest of the file that `scope discover` would write of it.
        """
        if isinstance(self.map, Found):
            return {"map": self.map.datamap.file, "digest": digest_of(found_text(self.map).encode())}
        return {"map": self.map.name, "digest": digest_of(self.map.read_bytes())}


def stores_of(
    workspace: Workspace,
    names: Sequence[str],
    *,
    database: str | None = None,
    map_file: Path | None = None,
    ready: Sequence[str] = (),
    timeout_seconds: int = TIMEOUT_SECONDS,
) -> list[Store]:
    """
    The databases to ask: every store of the profile, or those called `names`; or the one at `database`.

    With one store, `database` or `map_file` alone stands in for what the profile says of it. Where there is no map at
    all, or `ready` names some, the catalogue is read for the ready maps that fit: each is a store of its own.
    Raises UsageError where it is not clear which.
    """
    if ready and map_file:
        raise UsageError("--ready and --map do not go together.", next_step="leave out one of them")
    if database and map_file:
        return [Store("", database, map_file)]
    chosen = _of_profile(workspace, names)
    if database and (not chosen or (ready and len(chosen) > 1)):
        return _in_order(_with_ready_maps("", database, ready, timeout_seconds))
    if not chosen or (len(chosen) > 1 and (database or map_file)):
        have = f"names {len(chosen)} stores of accounts" if workspace.organisation else "is not written yet"
        given = (("--database URL", database), ("--map FILE", map_file))
        missing = " and ".join(option for option, value in given if not value) if chosen else "--database URL"
        raise UsageError(
            f"Which database? The organisation profile {have}.", state="Nothing was read.", next_step=f"give {missing}"
        )
    stores: list[Store] = []
    for store in chosen:
        url = database or store_url(store, workspace.settings.environ)
        file = None if ready else map_file or store.map
        stores += [Store(store.name, url, file)] if file else _with_ready_maps(store.name, url, ready, timeout_seconds)
    return _in_order(stores)


def about_ready(stores: Sequence[Store]) -> Iterator[str]:
    """What to know before an answer by a ready map is believed, one line each; nothing where no map is one."""
    for found in (store.map for store in stores if isinstance(store.map, Found)):
        yield f"Map: {found.datamap.file} ({found.ready.name}), as {'; '.join(found.reasons)}."
        if found.left_out:
            yield f"  not in this database, so left out: {', '.join(found.left_out)}"
        yield from (f"  mind: {trap}" for trap in found.ready.traps)
        yield from (f"  cannot answer: {sentence}" for sentence in found.ready.cannot_answer)
        yield from (f"  other people in this database: --ready {name} ({what})" for name, what in found.beside)


def _of_profile(workspace: Workspace, names: Sequence[str]) -> list[AccountStore]:
    stores = workspace.organisation.accounts if workspace.organisation else ()
    known = {store.name: store for store in stores}
    if len(known) < len(stores) or any("/" in name for name in known):
        raise UsageError(
            "In the organisation profile, two stores of accounts have one name, or a name holds a slash.",
            state="Nothing was read.",
            next_step="give each [[accounts]] a name of its own without /: keys are written store/key",
        )
    for name in names:
        if name not in known:
            raise UsageError(
                f'The organisation profile names no store of accounts called "{name}".',
                state="Nothing was read.",
                next_step=f"choose one of {', '.join(known)}" if known else "give --database URL and --map FILE",
            )
    return [known[name] for name in order_of_stores(set(names) or known)]


def _with_ready_maps(name: str, url: str, ready: Sequence[str], timeout_seconds: int) -> list[Store]:
    with open_accounts(url, timeout_seconds=timeout_seconds) as database:
        found = choose(detect(database.tables()), ready, database=database.identity)
    if len(found) == 1:
        return [Store(name, url, found[0])]
    return [Store(f"{name}:{one.name}" if name else one.name, url, one) for one in found]


def _in_order(stores: Sequence[Store]) -> list[Store]:
    by_name = {store.name: store for store in stores}
    return [by_name[name] for name in order_of_stores(by_name)]
