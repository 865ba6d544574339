"""Commands: organisation init, check, show."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from incident import shell
from incident.errors import CheckSaysNo, OutsideError, RefusedError, UsageError
from incident.moments import read_zone
from incident.organisation.checks import NOT_NAMED_YET, Finding, check_organisation
from incident.organisation.profile import Organisation
from incident.workspace import Workspace

app = shell.group("Who you are: the profile that clocks and letters use.")


@app.command()
def init(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(metavar="TEXT", help="The company's name.")] = NOT_NAMED_YET,
    country: Annotated[str | None, typer.Option(metavar="CC", help="Where it is established, two letters.")] = None,
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Such as Europe/Tallinn.")] = "UTC",
    as_json: shell.AsJson = False,
) -> None:
    """
    Write a profile to fill in, with an explanation beside each key. Never overwrites one.

    Example: incident organisation init --name "Company OÜ" --country EE --zone Europe/Tallinn
    """
    read_zone(zone)
    if country is not None and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise UsageError(f'"{country}" is not a country code.', next_step="two letters, such as EE")
    with shell.workspace_of(ctx) as workspace:
        file = workspace.settings.organisation or workspace.folder / "organisation.toml"
        _write_new(file, _template(name, country, zone))
        lines = [f"Written: {file}", "Next: fill it in, then  incident organisation check"]
        next_steps = [{"command": "incident organisation check", "why": "lists what letters and clocks will miss"}]
        shell.answer(lines, {"file": str(file), "next": next_steps}, as_json=as_json)


@app.command()
def check(ctx: typer.Context, as_json: shell.AsJson = False) -> None:
    """
    List what a letter or a clock will miss, each with the key to fill and why. Exit 1 when anything is missing.

    Example: incident organisation check
    """
    with shell.workspace_of(ctx) as workspace:
        organisation = _profile(workspace)
        languages = _letter_languages(workspace.folder)
        findings = check_organisation(
            organisation,
            environ=workspace.settings.environ,
            letter_languages=languages,
            mapped=_mapped(organisation),
        )
    missing = [finding for finding in findings if not finding.warning]
    lines = [*_incomplete(organisation), f"{organisation.called}: {organisation.file}"]
    lines += [_line(finding) for finding in findings]
    lines.append(_verdict(len(missing), len(findings) - len(missing)))
    document = {
        "file": str(organisation.file),
        "ok": not missing,
        "incomplete": organisation.incomplete,
        "missing": list(organisation.missing),
        "findings": [asdict(finding) for finding in findings],
    }
    shell.answer(lines, document, as_json=as_json)
    if missing:
        raise CheckSaysNo


@app.command()
def show(ctx: typer.Context, as_json: shell.AsJson = False) -> None:
    """
    Show the profile as the program understood it.

    Example: incident organisation show
    """
    with shell.workspace_of(ctx) as workspace:
        organisation = _profile(workspace)
    document = {key: _plain(value) for key, value in asdict(organisation).items()}
    said = {key: value for key, value in document.items() if value and key not in {"incomplete", "missing"}}
    lines = [*_incomplete(organisation), *(f"{key:<18}{_words(value)}" for key, value in said.items())]
    shell.answer(lines, document, as_json=as_json)


def _profile(workspace: Workspace) -> Organisation:
    if workspace.organisation is None:
        raise UsageError(
            f"There is no profile in {workspace.folder}.",
            state="Until there is one, the strictest general duties are assumed.",
            next_step="incident organisation init",
        )
    return workspace.organisation


def _incomplete(organisation: Organisation) -> list[str]:
    """What the profile says of its own gaps, to be read before anything else."""
    if organisation.incomplete is None:
        return []
    lines = [f"This profile is incomplete: {organisation.incomplete}"]
    if organisation.missing:
        lines.append(f"It lacks: {', '.join(organisation.missing)}.")
    return lines


def _mapped(organisation: Organisation) -> set[str]:
    """Kinds of data that the profile's own data maps find in the accounts."""
    from incident.scope.mapfile import read_datamap  # most commands on a profile need no map

    found: set[str] = set()
    for store in organisation.accounts:
        if store.map is not None and store.map.is_file():
            with suppress(UsageError):  # what is wrong in a map is said where the map is used
                found.update(chain.from_iterable(read_datamap(store.map).holds.values()))
    return found


def _template(name: str, country: str | None, zone: str) -> str:
    text = resources.files("incident.organisation").joinpath("template.toml").read_text(encoding="utf-8")
    seat = f'country = "{country.upper()}"' if country else '# country = "EE"'
    # JSON's spelling of a text is TOML's too, so a name with quotes in it stays one.
    words = {"name": json.dumps(name, ensure_ascii=False), "zone": json.dumps(zone), "country": seat}
    for key, value in words.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _write_new(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"There is a profile already: {file}.",
            state="It was left as it is.",
            next_step="edit it, then  incident organisation check",
        ) from None
    except OSError as error:
        raise OutsideError(
            f"{file} cannot be written: {error.strerror}.",
            state="Nothing was written.",
            next_step="choose another folder with --workspace DIR",
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


def _letter_languages(workspace: Path) -> set[str]:
    """The languages with a letter to people: a folder each, of the program's own or beside the profile."""
    # Named, not imported: this package knows nothing of the letters but where their texts are kept.
    shipped = resources.files("notices") / "templates" / "people"
    found = {entry.name for entry in shipped.iterdir() if entry.is_dir()}
    own = workspace / "templates" / "people"
    return found | ({entry.name for entry in own.iterdir() if entry.is_dir()} if own.is_dir() else set())


def _line(finding: Finding) -> str:
    return f"  {'note   ' if finding.warning else 'missing'}  {finding.key} {finding.what}: {finding.why}"


def _verdict(missing: int, notes: int) -> str:
    if missing:
        return f"{missing} to fill in, {notes} worth a look."
    return (
        f"Nothing that a letter or a clock needs is missing; {notes} worth a look." if notes else "Nothing is missing."
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path | ZoneInfo | date):
        return str(value)
    return value


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_words(item)}" for key, item in value.items() if item not in (None, [], ""))
    if isinstance(value, list):
        return (
            ("\n" + " " * 18).join(_words(item) for item in value)
            if any(isinstance(item, dict) for item in value)
            else ", ".join(_words(item) for item in value)
        )
    return str(value)
