"""The command group `sample`: the invented companies that ship with the program."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from incident import shell
from incident.organisation.profile import Organisation, read_organisation
from playbooks.samples import stores
from playbooks.samples.samples import (
    PEOPLE,
    SEED,
    Made,
    Sample,
    check_free,
    check_number,
    check_targets,
    copy_files,
    file_urls,
    make_databases,
    private_folder,
    sample_named,
    samples,
)

app = shell.group("Invented companies to try and rehearse on.")


@app.command(name="list")
def list_(as_json: shell.AsJson = False) -> None:
    """
    List the sample companies.

    Example: incident sample list
    """
    found = samples()
    lines = [f"{sample.id:<14}{sample.name}, {sample.place}. {sample.what}" for sample in found]
    document = [{"id": one.id, "name": one.name, "place": one.place, "what": one.what} for one in found]
    shell.answer(lines, document, as_json=as_json)


@app.command()
def make(
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="One of `incident sample list`.")],
    people: Annotated[int, typer.Option(metavar="N", help="How many accounts, up to 10,000,000.")] = PEOPLE,
    seed: Annotated[int, typer.Option(metavar="S", help="Another seed, other people.")] = SEED,
    database: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="An empty database to fill, once for each of its stores; else files."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder to make; else named as it is.")] = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Make a company: its profile, its data maps, and its account databases with a known truth beside them.

    The folder is a workspace: use it with --workspace DIR.

    Example: incident sample make smartpact --people 1000
    """
    sample = sample_named(company)
    check_number(people)
    folder = (out or Path(sample.id)).absolute()
    check_free(sample, folder)
    urls = database or file_urls(sample, folder)
    check_targets(sample, urls)
    private_folder(folder)
    made = make_databases(sample, urls, people=people, seed=seed, truth=folder / "truth.json")
    profile = read_organisation(copy_files(sample, folder, made))
    shell.answer(_lines(sample, made, folder, profile), _document(sample, made, folder), as_json=as_json)


def _lines(sample: Sample, made: Made, folder: Path, profile: Organisation) -> list[str]:
    touched = f"{len(made.truth.affected):,} accounts were touched; which ones, is in {made.file.name}."
    lines = [
        f"Made {sample.name} in {folder}: {', '.join(f'{n:,} {table}' for table, n in made.rows.items())}.",
        touched,
    ]
    lines += [f"Not to be known: {len(keys):,} ({reason})." for reason, keys in made.truth.uncertain.items()]
    without_files = [store.url_env for store in profile.accounts if stores.sqlite_file(made.urls[store.name]) is None]
    lines.append("So that the program finds the accounts:")
    for store in profile.accounts:
        url = "…" if store.url_env in without_files else made.urls[store.name]  # a server's URL may hold a password
        lines.append(f"  export {store.url_env}={shlex.quote(url)}")
    there = shlex.quote(str(folder))
    lines.append(f'Next: incident --workspace {there} open "…"')
    question = shlex.quote(str(folder / "question.toml"))
    lines.append(f"then: incident --workspace {there} scope run --question {question}, which asks for those touched")
    return lines


def _document(sample: Sample, made: Made, folder: Path) -> dict[str, object]:
    return {
        "company": sample.id,
        "folder": str(folder),
        "people": made.people,
        "seed": made.seed,
        "rows": made.rows,
        "affected": len(made.truth.affected),
        "uncertain": {reason: len(keys) for reason, keys in made.truth.uncertain.items()},
        "truth": str(made.file),
    }
