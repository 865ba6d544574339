"""The command group `sample`: the invented companies that ship with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident import shell
from playbooks.samples.samples import PEOPLE, SEED, copy_profile, make_accounts, sample_named, samples

app = shell.group("Invented companies to try and rehearse on.")


@app.command(name="list")
def list_(as_json: shell.AsJson = False) -> None:
    """
    List the sample companies.

    Example: incident sample list
    """
    found = samples()
    lines = [f"{sample.id:<12}{sample.name}, {sample.place}. {sample.what}" for sample in found]
    document = [{"id": one.id, "name": one.name, "place": one.place, "what": one.what} for one in found]
    shell.answer(lines, document, as_json=as_json)


@app.command()
def make(
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="One of `incident sample list`.")],
    people: Annotated[int, typer.Option(metavar="N", help="How many accounts.")] = PEOPLE,
    seed: Annotated[int, typer.Option(metavar="S", help="Another seed, other people.")] = SEED,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty database to fill; else a file in the folder.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder to make; else named as it is.")] = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Make a company: its profile, its data map, and an account database with a known truth beside it.

    The folder is a workspace: use it with --workspace DIR.

    Example: incident sample make smartpact --people 1000
    """
    sample = sample_named(company)
    folder = (out or Path(sample.id)).absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_profile(sample, folder)
    url = database or f"sqlite:///{folder / 'accounts.sqlite'}"
    made = make_accounts(url, people=people, seed=seed, truth=folder / "truth.json")
    document = {
        "company": sample.id,
        "folder": str(folder),
        "people": made.people,
        "seed": made.seed,
        "rows": made.rows,
        "affected": len(made.affected),
        "truth": str(made.truth),
    }
    lines = [
        f"Made {sample.name} in {folder}: {', '.join(f'{count:,} {table}' for table, count in made.rows.items())}.",
        f"{len(made.affected):,} accounts were touched by the intruder; which ones, is in {made.truth.name}.",
        f'Next: incident --workspace {folder} open "…"',
    ]
    shell.answer(lines, document, as_json=as_json)
