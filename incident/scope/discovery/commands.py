"""`incident scope discover`: look through a database's schema and propose its data map."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from incident import shell
from incident.errors import RefusedError, UsageError
from incident.organisation.profile import store_url
from incident.scope.discovery import show
from incident.scope.discovery.catalogue import Catalogue
from incident.scope.discovery.proposal import Account, Proposal
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text
from incident.scope.mapfile import table_of
from incident.scope.maptext import found_text
from incident.scope.ready import Found, choose, detect
from incident.shell import AsJson

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_SQLITE_HEAD = b"SQLite format 3\x00"


@app.command()
def discover(
    ctx: typer.Context,
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="A database URL, an SQLite file, or a .sql file; else the profile's."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="MAP.toml", help="Write the map here; must not exist.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="TABLE", help="Write the map of this table of people, not of the likeliest."),
    ] = None,
    ready: Annotated[
        str | None,
        typer.Option("--ready", metavar="NAME", help="With --out: write this ready map, as it fits, and no proposal."),
    ] = None,
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Read the catalogue only, and no value.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    Propose a data map for a database: where its accounts, personal data, secrets and trails are, and why.

    Reads the catalogue and at most 50 rows of a few tables, of which only the shapes are looked at, such as "an e-mail
    address". Columns that look secret are never read. Nothing is sealed, nothing is recorded.

    Example: incident scope discover --out accounts-map.toml
    """
    if out is not None and out.exists():
        raise RefusedError(
            f"{out} is already there.",
            state="Nothing was written.",
            next_step="choose another name for --out, or move that file away",
        )
    if ready is not None and out is None:
        raise UsageError("--ready goes with --out.", state="Nothing was read.", next_step="add --out accounts.toml")
    url = url or _of_profile(ctx)
    catalogue = _catalogue(url, sample=not no_sample)
    proposal = propose(catalogue)
    fits = detect({table_of(one.name): tuple(one.by_name) for one in catalogue.tables})
    if out is not None:
        if ready is not None:
            text = found_text(choose(fits, [ready], database=catalogue.origin)[0])
        else:
            text = map_text(proposal, _chosen(proposal, table))
        _write(out, text)
    lines = [*_ready_lines(fits), *show.lines(proposal, _harmless(url), str(out) if out else None)]
    found = {"ready_maps": [{"name": one.name, "reasons": one.reasons, "left_out": one.left_out} for one in fits]}
    shell.answer(lines, {**show.document(proposal), **found}, as_json=as_json)


def _ready_lines(fits: Sequence[Found]) -> list[str]:
    if not fits:
        return []
    said = [f"  {one.name}: {one.ready.name}, as {'; '.join(one.reasons)}" for one in fits]
    more = "  A scope without a map uses the one that fits; --ready NAME --out FILE writes it, to edit."
    return ["Ready maps that fit (docs/ready-maps.md)", *said, more, ""]


def _chosen(proposal: Proposal, table: str | None) -> Account:
    for account in (*proposal.accounts, *(proposal.guests if table else ())):
        if table in {None, account.table}:
            return account
    raise UsageError(
        "No table of people was found." if table is None else f"{table} was not found to be a table of people.",
        state="Nothing was written.",
        next_step="look at what was found without --out, or write a map by hand: docs/data-map.md",
    )


def _of_profile(ctx: typer.Context) -> str:
    """The one database that the organisation profile names."""
    with shell.workspace_of(ctx) as workspace:
        stores = workspace.organisation.accounts if workspace.organisation else ()
        if len(stores) != 1:
            raise UsageError(
                f"Which database? The organisation profile names {len(stores)} stores of accounts.",
                state="Nothing was read.",
                next_step="give its URL, an SQLite file, or a .sql file",
            )
        return store_url(stores[0], workspace.settings.environ)


def _catalogue(url: str, *, sample: bool) -> Catalogue:
    """From a file of SQL, an SQLite file, or a server."""
    file = Path(url).expanduser()
    if "://" not in url:
        if not file.is_file():
            raise UsageError(
                f"There is no file {file}.",
                state="Nothing was read.",
                next_step="give a path, or a URL such as postgresql://USER:PASSWORD@HOST/DATABASE",
            )
        with file.open("rb") as content:
            is_sqlite = content.read(len(_SQLITE_HEAD)) == _SQLITE_HEAD
        if not is_sqlite:
            from incident.scope.discovery.ddl import read_schema_file

            return _with_tables(read_schema_file(file), file)
    from incident.scope.discovery.live import read_live

    return read_live(url, sample=sample)


def _with_tables(catalogue: Catalogue, file: Path) -> Catalogue:
    """The catalogue; UsageError where the file defines no table, and so is no database and no schema."""
    if catalogue.tables:
        return catalogue
    with file.open("rb") as content:
        is_packed = content.read(5) == b"PGDMP"
    raise UsageError(
        f"{file} is neither an SQLite database nor SQL that makes a table.",
        state="Nothing was found in it, and nothing was written.",
        next_step=f"unpack it first: pg_restore --schema-only -f schema.sql {file}"
        if is_packed
        else "give a database URL, an SQLite file, or a .sql file with CREATE TABLE in it",
    )


def _write(out: Path, text: str) -> None:
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}.", state="Nothing was written.", next_step="check the folder"
        ) from None


def _harmless(url: str) -> str:
    """What was typed, for the next command on the screen; a password is left out."""
    if "://" not in url:
        return url
    return re.sub(r"//[^/]*@", "//…@", re.sub(r"\?.*", "", url))
